"""Fabricated and recycled rows of a story, told from genuine ones, against its truth. Exit code 1 under a bar.

Usage: python bench/standing.py [people] [seed ...]. The story is MédecinDirect's: a quarter of the surplus is recycled
from an earlier leak, and some is made up by a forger who knows the rule of the NIR's key. With a patient file, without.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import polars as pl

from hemostat import detect, evidence, resolve
from hemostat.case import Case, Opening
from hemostat.model import Silent
from hemostat.resolve import standing
from hemostat.simulate import simulate
from measure import machine, table

FOUND, FALSE, RECYCLED = 0.9, 0.01, 0.98
_STANDING = """
select e.name as evidence, r.line, s.standing from standing s join record r using (record_id)
join evidence e using (evidence_id)
"""
_ROLES = {"evidence": "leak", "earlier-leak": "earlier-leak", "patients": "patients"}


def one(people: int, seed: int, *, with_file: bool) -> tuple[list[str], bool]:
    """One line of the table, and whether it is over the bars."""
    with tempfile.TemporaryDirectory() as folder:
        fiction = Path(folder) / "fiction"
        simulate("medecindirect", people, seed, fiction)
        with Case.create(Path(folder) / "case", Opening(Path(folder) / "key")) as case:
            for part, role in _ROLES.items():
                if (fiction / part).is_dir() and (with_file or role != "patients"):
                    evidence.take(case, fiction / part, role=role)
            evidence.run(case, Silent())
            with case.transaction():
                for stage in (detect.run, resolve.run, standing.run):
                    stage(case, Silent())
            told = pl.DataFrame(case.query(_STANDING))
        truth = pl.read_parquet(fiction / "truth" / "records.parquet").filter(evidence="users.csv")
    name = pl.col("evidence").str.extract(r"([^/]+)$", 1)
    both = truth.join(told.with_columns(name), on=["evidence", "line"], how="left")
    shares = {
        (kind, said): float((rows["standing"] == said).fill_null(value=False).mean() or 0)  # type: ignore[arg-type]
        for kind, rows in (
            ("fabricated", both.filter(kind="fabricated")),
            ("recycled", both.filter(kind="recycled")),
            ("genuine", both.filter("genuine")),
        )
        for said in ("fabricated", "recycled")
    }
    clever, perfect = (
        float((rows["standing"] == "fabricated").fill_null(value=False).mean() or 0)  # type: ignore[arg-type]
        for rows in (both.filter(flaw="wrong_sex"), both.filter(flaw="well_forged"))
    )
    over = (
        shares["fabricated", "fabricated"] >= FOUND
        and shares["genuine", "fabricated"] <= FALSE
        and shares["recycled", "recycled"] >= RECYCLED
    )
    return [
        f"{seed}, {'with' if with_file else 'without'} file", f"{both.height}",
        f"{both.filter(kind='fabricated').height}", f"{shares['fabricated', 'fabricated']:.3f}",
        f"{clever:.3f}", f"{perfect:.3f}",
        f"{shares['genuine', 'fabricated']:.4%}", f"{both.filter(kind='recycled').height}",
        f"{shares['recycled', 'recycled']:.3f}", f"{shares['genuine', 'recycled']:.4%}",
    ], over  # fmt: skip


def main(people: int, seeds: list[int]) -> int:
    """Prints the table; 1 when a line with a patient file is under a bar."""
    lines = [(one(people, seed, with_file=held), held) for seed in seeds for held in (True, False)]
    print(machine())
    headings = [
        "seed",
        "rows",
        "made up",
        "found",
        "key right",
        "flawless",
        "false",
        "recycled",
        "found",
        "false",
    ]
    print(table(headings, [cells for (cells, _), _ in lines]))
    return int(any(not over for (_, over), held in lines if held))


if __name__ == "__main__":
    sys.exit(main(int([*sys.argv[1:2], "28500"][0]), [int(seed) for seed in sys.argv[2:]] or [1, 2, 3]))
