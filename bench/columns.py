"""Columns judged against the labelled tables: which category each column was given, and which it has.

A column is exact when its main category is among those it has and none of the others that were named is wrong, or
when nothing was named and it has none; what a set lists under ``also`` is neither missing nor wrong.

``python bench/columns.py`` scores the open tables, which may be read while rules are written. ``--part`` scores another
set: ``practice`` (written by somebody who had read neither rules nor lexicons; read afterwards), ``holdout`` and
``sealed`` (the same, and nobody who writes rules ever reads them: totals alone). The totals of these are kept with the
version and the hash of the rules in ``scores.jsonl``, and every kept one is printed. ``--told`` names each column of an
open or a practice table that is not exact.
"""

from __future__ import annotations

import argparse
import json
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
READ = ("open", "practice")
"""Sets that may be looked at column by column."""


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
            has, also = truth["categories"], set(truth.get("also", ()))
            right = set(found) <= {*has, *also} and (found != [] or has == [])
            columns += 1
            exact += right
            whole += right and {c for c in has if not c.startswith("remark_")} - also <= set(found)
            about += right and (not found or whose == truth["about"])
            if told and not (right and (not found or whose == truth["about"])):
                name = labelled["headings"][n] if labelled["headings"] else f"[{n + 1}]"
                print(f"{labelled['id']} {name}: {found} {whose} for {has} {truth['about']}")
    return Score(columns, exact, whole, about)


def main(part: str, *, told: bool) -> None:
    """Prints the score of one set, and every score kept of the sets that nobody reads before they are scored."""
    if told and part not in READ:
        raise SystemExit(f"Single columns of the {part} tables are not shown.")
    found = score(json.loads((LABELS / part / "tables.json").read_text("utf-8")), told=told)
    rows = [_row(part, __version__, found)]
    if part != "open":
        rows = []
        kept = {
            "bench": "columns", "part": part, "at": datetime.now(UTC).isoformat(timespec="minutes"),
            "version": __version__, "rules": hash_of_rules()[:12], "columns": found.columns, "exact": found.exact,
            "whole": found.whole, "about": found.about,
        }  # fmt: skip
        with SCORES.open("a", encoding="utf-8") as out:
            out.write(json.dumps(kept) + "\n")
    for line in SCORES.read_text("utf-8").splitlines() if SCORES.exists() else ():
        kept = json.loads(line)
        if kept.get("bench") == "columns":
            numbers = Score(kept["columns"], kept["exact"], kept["whole"], kept["about"])
            named = f"{kept.get('part', 'sealed')}, {kept['at']}"
            rows.append(_row(named, f"{kept['version']} {kept['rules']}", numbers))
    print(f"columns of labelled tables (bar: exact {BAR})")
    print(table(["tables", "version", "columns", "exact", "all categories", "and about whom"], rows))


def _row(name: str, version: str, found: Score) -> list[str]:
    shares = [f"{n / found.columns:.3f}" for n in (found.exact, found.whole, found.about)]
    return [name, version, str(found.columns), *shares]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--part", choices=(*READ, "holdout", "sealed"), default="open")
    parser.add_argument("--told", action="store_true")
    asked = parser.parse_args()
    main(asked.part, told=asked.told)
