"""Who is who in a story, against its truth: precision, recall, mixed people, the interval, and what the stage cost.

Usage: python bench/people.py [story] [people] [seed ...]. Evidence is read and judged first; only the stage `resolve`
is timed, reading and writing the case's encrypted tables included. Beside the stories, ``linkage-house``,
``linkage-outside`` and ``linkage-both`` name the exports of linkage_data.py, ten rows for seven people. The peer is in
splink_peer.py.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from hemostat import detect, evidence, resolve
from hemostat.case import Case, Opening
from hemostat.model import Silent
from hemostat.simulate import simulate
from linkage_data import habits_leak, write
from measure import machine, table

LINKAGE = "linkage-"
_LOCATED = """
select e.name as evidence, r.line, nullif(r.locator, '') as locator, p.record_id, p.person_id, p.status
from record_person p join record r using (record_id) join evidence e using (evidence_id)
"""


@dataclass(frozen=True)
class Score:
    """Pairwise precision and recall over the rows that have a true person, and mixed people."""

    precision: float
    recall: float
    mixed: int
    found: int

    @property
    def f1(self) -> float:
        """Harmonic mean of both."""
        return 2 * self.precision * self.recall / (self.precision + self.recall)


def _pairs(counts: pl.Series) -> float:
    return float((counts.cast(pl.Float64) * (counts - 1) / 2).sum())


def score(rows: pl.DataFrame) -> Score:
    """In: rows with person_id and true_person. Rows without a true person are left out; null persons stand alone."""
    rows = rows.drop_nulls("true_person").with_columns(
        person=pl.coalesce("person_id", -1 - pl.int_range(pl.len(), dtype=pl.Int64))
    )
    both = _pairs(rows.group_by("person", "true_person").len()["len"])
    found = rows.group_by("person").agg(pl.len().alias("n"), pl.col("true_person").n_unique().alias("k"))
    true = rows.group_by("true_person").len()
    return Score(
        both / max(_pairs(found["n"]), 1.0),
        both / max(_pairs(true["len"]), 1.0),
        found.filter(pl.col("k") > 1).height,
        found.height,
    )


def located(case: Case, fiction: Path) -> pl.DataFrame:
    """Records of the case beside the truth of the story."""
    found = pl.from_arrow(case.query(_LOCATED))
    assert isinstance(found, pl.DataFrame)
    truth = pl.read_parquet(fiction / "truth" / "records.parquet")
    prefix = str(fiction / "evidence") + "/"
    found = found.with_columns(evidence=pl.col("evidence").str.strip_prefix(prefix), where=_where())
    truth = truth.with_columns(where=_where())
    return truth.join(found.drop("line", "locator"), on=["evidence", "where"], how="inner")


def _where() -> pl.Expr:
    return pl.coalesce(pl.col("locator"), pl.col("line").cast(pl.String))


def made(story: str, people: int, seed: int, folder: Path) -> Path:
    """The folder of a story, or of an export for linkage, written unless it is there."""
    fiction = folder / f"{story}-{people}-{seed}"
    if not (fiction / "truth" / "story.json").exists():
        if story.startswith(LINKAGE):
            patterns = story.removeprefix(LINKAGE)
            rows, whose = habits_leak(people, people * 10 // 7, seed, patterns=patterns)
            write(fiction, rows, whose, {"story": story, "seed": seed, "people": people})
        else:
            simulate(story, people, seed, fiction)
    return fiction


def one(story: str, people: int, seed: int, folder: Path) -> list[str]:
    """One line of the table."""
    fiction = made(story, people, seed, folder)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        opening = Opening(key_file=Path(scratch) / "keys" / "case.key")
        with Case.create(Path(scratch) / "case", opening) as case:
            take(case, fiction)
            detect.run(case, Silent())
            before, began = resource.getrusage(resource.RUSAGE_SELF), time.monotonic()
            with case.transaction():
                resolve.run(case, Silent())
            after, wall = resource.getrusage(resource.RUSAGE_SELF), time.monotonic() - began
            cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            rows = located(case, fiction)
            said = resolve.people_count(case)
    assert said is not None
    identities = rows["true_person"].n_unique()
    got = score(rows)
    inside = "yes" if said.low <= identities <= said.high else "NO"
    return [
        f"{story} {seed}", f"{rows.height}", f"{identities}", f"{said.best}",
        f"{said.best / identities - 1:+.2%}", f"{said.low}–{said.high}", inside,
        f"{(said.high - said.low) / said.best:.2%}", f"{got.precision:.4f}", f"{got.recall:.4f}", f"{got.f1:.4f}",
        f"{got.mixed}", f"{got.mixed / said.best * 1000:.2f}", f"{cpu:.2f}", f"{wall:.2f}",
        f"{after.ru_maxrss / 1024:.0f}",
    ]  # fmt: skip


def take(case: Case, fiction: Path) -> None:
    """Takes a story into a case, its patient file too, and reads it."""
    for folder, role in (("evidence", "leak"), ("patients", "patients")):
        if (fiction / folder).is_dir():
            evidence.take(case, fiction / folder, role=role)
    evidence.run(case, Silent())


def main(arguments: list[str]) -> None:
    """Prints the table."""
    story = arguments[0] if arguments else "medecindirect"
    people = int(arguments[1]) if len(arguments) > 1 else 28_500
    seeds = [int(seed) for seed in arguments[2:]] or [1, 2, 3]
    folder = Path(tempfile.gettempdir()) / "hemostat-bench"
    folder.mkdir(exist_ok=True)
    headings = ["story", "rows", "true", "best", "off", "interval", "inside", "width", "P", "R", "F1", "mixed",
                "per 1000", "CPU s", "wall s", "peak MB"]  # fmt: skip
    print(machine())
    print(table(headings, [one(story, people, seed, folder) for seed in seeds]))


if __name__ == "__main__":
    main(sys.argv[1:])
