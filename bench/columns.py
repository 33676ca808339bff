"""Columns judged against the labelled tables: which category each column was given, and which it has.

A column is exact when its main category is among those it has and none of the others that were named is wrong, or
when nothing was named and it has none. The sealed tables are scored once for each version (``--sealed``): one line
of totals goes to ``scores.jsonl``, and nothing else of them is shown.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from hemostat import __version__
from hemostat.detect import ColumnSample, judge_table
from hemostat.rules import hash_of_rules
from measure import table

BAR = 0.96
LABELS = Path(__file__).parents[1] / "tests" / "labels"
SCORES = Path(__file__).with_name("scores.jsonl")
TODAY = date(2026, 11, 22)


@dataclass(frozen=True)
class Score:
    """How many columns were judged, exactly, with every category they have, and about whom."""

    columns: int
    exact: int
    whole: int
    about: int


def judged(labelled: dict[str, Any]) -> list[tuple[list[str], str]]:
    """The categories found in each column of one table, main one first, and whose data they are."""
    width = len(labelled["columns"])
    names = labelled["headings"] or [f"col_{n + 1}" for n in range(width)]
    samples = [
        ColumnSample.of(name, [row[n] if n < len(row) and row[n] else None for row in labelled["rows"]])
        for n, name in enumerate(names)
    ]
    found = judge_table(samples, table=f"{labelled['id']}.csv", today=TODAY)
    return [([str(c.category) for c in one], str(one[0].about) if one else "") for one in found]


def score(tables: list[dict[str, Any]], *, told: bool) -> Score:
    """The score over all columns; ``told`` prints each one that is not exact."""
    columns = exact = whole = about = 0
    for labelled in tables:
        for n, (truth, (found, whose)) in enumerate(zip(labelled["columns"], judged(labelled), strict=True)):
            has = truth["categories"]
            right = set(found) <= set(has) and (found != [] or has == [])
            columns += 1
            exact += right
            whole += right and {c for c in has if not c.startswith("remark_")} <= set(found)
            about += right and (not found or whose == truth["about"])
            if told and not (right and (not found or whose == truth["about"])):
                name = labelled["headings"][n] if labelled["headings"] else f"[{n + 1}]"
                print(f"{labelled['id']} {name}: {found} {whose} for {has} {truth['about']}")
    return Score(columns, exact, whole, about)


def main(arguments: list[str]) -> None:
    """Prints the score of the open tables, and every score kept of the sealed ones."""
    open_tables = json.loads((LABELS / "open" / "tables.json").read_text("utf-8"))
    found = score(open_tables, told="--told" in arguments)
    rows = [_row("open", __version__, found)]
    if "--sealed" in arguments:
        sealed = score(json.loads((LABELS / "sealed" / "tables.json").read_text("utf-8")), told=False)
        kept = {
            "bench": "columns", "at": datetime.now(UTC).date().isoformat(), "version": __version__,
            "rules": hash_of_rules()[:12], "columns": sealed.columns, "exact": sealed.exact, "whole": sealed.whole,
            "about": sealed.about,
        }  # fmt: skip
        with SCORES.open("a", encoding="utf-8") as out:
            out.write(json.dumps(kept) + "\n")
    for line in SCORES.read_text("utf-8").splitlines() if SCORES.exists() else ():
        kept = json.loads(line)
        if kept.get("bench") == "columns":
            numbers = Score(kept["columns"], kept["exact"], kept["whole"], kept["about"])
            rows.append(_row(f"sealed, {kept['at']}", f"{kept['version']} {kept['rules']}", numbers))
    print(f"columns of labelled tables (bar: exact {BAR})")
    print(table(["tables", "version", "columns", "exact", "all categories", "and about whom"], rows))


def _row(name: str, version: str, found: Score) -> list[str]:
    shares = [f"{n / found.columns:.3f}" for n in (found.exact, found.whole, found.about)]
    return [name, version, str(found.columns), *shares]


if __name__ == "__main__":
    main(sys.argv[1:])
