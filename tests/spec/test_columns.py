"""The table ``columns.txt``: headings and values, and the categories found. A data protection officer can read it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from hemostat.detect import judge
from hemostat.model import About

TODAY = date(2025, 11, 28)
TABLE = (Path(__file__).parent / "columns.txt").read_text("utf-8")


def rows():
    for number, line in enumerate(TABLE.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        left, found = line.split("||")
        heading, values = left.split("|", 1)
        yield pytest.param(
            heading.strip(),
            [v.strip() for v in values.split(" ; ")],
            found.split(),
            id=f"{number}-{heading.strip()}",
        )


@pytest.mark.parametrize(("heading", "values", "found"), list(rows()))
def test_column(heading, values, found):
    about = About(next((w[1:] for w in found if w.startswith("@")), "person"))
    wanted = {w for w in found if not w.startswith("@") and w != "nothing"}

    judged = judge(heading if heading != "-" else "", values, today=TODAY)

    assert {str(c.category) for c in judged} == wanted
    assert {c.about for c in judged} <= {about}


def test_the_table_is_large():
    assert sum(1 for _ in rows()) >= 60
