"""Which site each row is of, where no column says so: share of rows right, against the truth of a story.

Usage: python bench/tenants.py [story] [people] [column to withhold, or -] [seed ...]. Exit code 1 under the bar (.95 on
the clinics' story). A site found has no name: it is taken for the true one that most of its rows are of, and each true
one is taken once. Rows said to be of several sites, or unknown, are not right.
"""

from __future__ import annotations

import csv
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from hemostat import detect, evidence, resolve, simulate
from hemostat.case import Case, Opening
from hemostat.model import Silent
from hemostat.resolve import sites
from measure import machine, table

BAR = 0.95
_FOUND = """
select e.name as evidence, r.line, r.locator, t.tenant as found, t.how
from record r join evidence e using (evidence_id) left join record_tenant t using (record_id)
"""


@dataclass(frozen=True)
class Line:
    """One line of the table."""

    right: float
    cells: list[str]


def withhold(path: Path, column: str) -> None:
    """The same delimited file without one column."""
    raw = path.read_bytes()
    encoding = "utf-8-sig" if raw.startswith(b"\xef\xbb\xbf") else "cp1252"
    rows = list(csv.reader(raw.decode(encoding).splitlines(), delimiter=";"))
    at = rows[0].index(column)
    with path.open("w", encoding=encoding, newline="") as out:
        csv.writer(out, delimiter=";").writerows(row[:at] + row[at + 1 :] for row in rows)


def measured(story: str, people: int, column: str, seed: int) -> Line:
    """Rows of one story, and how many are right, wrong, several or unknown."""
    with tempfile.TemporaryDirectory() as folder:
        fiction = Path(folder) / "fiction"
        simulate.simulate(story, people, seed, fiction)
        if column != "-":
            for path in (fiction / "evidence").glob("*.csv"):
                withhold(path, column)
        with Case.create(Path(folder) / "case", Opening(Path(folder) / "key")) as case:
            evidence.take(case, fiction / "evidence", role="leak")
            evidence.run(case, Silent())
            with case.transaction():
                for stage in (detect.run, resolve.run, sites.run):
                    stage(case, Silent())
            found = pl.DataFrame(case.query(_FOUND))
        truth = pl.read_parquet(fiction / "truth" / "records.parquet")
    where = pl.coalesce("locator", "line " + pl.col("line").cast(pl.String)).alias("where")
    prefix = str(fiction / "evidence") + "/"
    found = found.with_columns(where, evidence=pl.col("evidence").str.strip_prefix(prefix))
    both = truth.with_columns(where).join(
        found.select("evidence", "where", "found", "how"), on=["evidence", "where"], how="left"
    )
    whose = (
        both.drop_nulls(["found", "tenant"])
        .group_by("found", "tenant")
        .len()
        .sort("len", "found", descending=[True, False])
        .unique("found", keep="first", maintain_order=True)
        .unique("tenant", keep="first", maintain_order=True)
        .select("found", meant="tenant")
    )
    both = both.join(whose, on="found", how="left")
    rows = both.height
    right = int((both["meant"] == both["tenant"]).fill_null(value=False).sum())
    several = int((both["how"] == "several").fill_null(value=False).sum())
    unknown = both["how"].null_count()
    by = ", ".join(
        f"{how} {count}" for how, count in both["how"].drop_nulls().value_counts().sort("how").iter_rows()
    )
    return Line(
        right / rows,
        [
            f"{story} {seed}", f"{rows}", f"{both['tenant'].n_unique()}", f"{whose.height}", f"{right / rows:.4f}",
            f"{rows - right - several - unknown}", f"{several}", f"{unknown}", by,
        ],
    )  # fmt: skip


def main(story: str, people: int, column: str, seeds: list[int]) -> int:
    """Prints one line a seed; 1 when a seed is under the bar on the clinics' story."""
    lines = [measured(story, people, column, seed) for seed in seeds]
    print(machine())
    headings = ["story", "rows", "sites", "found", "right", "wrong", "several", "unknown", "by"]
    print(table(headings, [line.cells for line in lines]))
    return int(story == "aleo" and any(line.right < BAR for line in lines))


if __name__ == "__main__":
    story, people, column = [*sys.argv[1:4], *("aleo", "20000", "-")[len(sys.argv) - 1 :]]
    sys.exit(main(story, int(people), column, [int(seed) for seed in sys.argv[4:]] or [1, 2, 3]))
