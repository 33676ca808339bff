"""Is the true number of people inside `low`–`high`? Many small leaks with their truth, each of another seed.

Usage: python bench/interval.py [story] [people] [leaks] [first seed]. Reference: a 95 % interval holds the truth in 95
of 100 leaks, and is useful while it is no wider than 3 % of the count.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from hemostat import detect, resolve
from hemostat.case import Case, Opening
from hemostat.model import Silent
from measure import machine
from people import located, made, score, take


@dataclass(frozen=True)
class Leak:
    """One leak: its size, the truth, what was said of it."""

    rows: int
    true: int
    low: int
    best: int
    high: int
    precision: float
    recall: float

    @property
    def inside(self) -> bool:
        """The truth lies in the interval."""
        return self.low <= self.true <= self.high

    @property
    def width(self) -> float:
        """Width of the interval, as a share of the count."""
        return (self.high - self.low) / self.best


def leak(story: str, people: int, seed: int) -> Leak:
    """One leak made, read and counted; nothing of it is left."""
    with tempfile.TemporaryDirectory(prefix="hemostat-interval-") as scratch:
        folder = Path(scratch)
        fiction = made(story, people, seed, folder)
        with Case.create(folder / "case", Opening(key_file=folder / "keys" / "case.key")) as case:
            take(case, fiction)
            with case.transaction():
                detect.run(case, Silent())
            with case.transaction():
                resolve.run(case, Silent())
            rows = located(case, fiction)
            said = resolve.people_count(case)
        assert said is not None
        told = score(rows)
        true = rows["true_person"].n_unique()
        return Leak(rows.height, true, said.low, said.best, said.high, told.precision, told.recall)


def main(arguments: list[str]) -> None:
    """Prints one line a leak, then the shares."""
    story = arguments[0] if arguments else "medecindirect"
    people, leaks, first = (
        int(each) for each in (arguments[1:4] + ["5700", "100", "1000"][len(arguments[1:4]) :])
    )
    print(machine())
    began, found = time.monotonic(), []
    for seed in range(first, first + leaks):
        one = leak(story, people, seed)
        found.append(one)
        print(
            f"{story} {seed}: {one.rows} rows, {one.true} people, {one.best} ({one.low}-{one.high}), "
            f"{'inside' if one.inside else 'OUTSIDE'}, width {one.width:.2%}, P {one.precision:.4f} R {one.recall:.4f}",
            flush=True,
        )
    inside = sum(each.inside for each in found)
    widths = [each.width for each in found]
    print(
        f"{inside} of {len(found)} inside; width: median {statistics.median(widths):.2%}, most {max(widths):.2%}; "
        f"{time.monotonic() - began:.0f} s"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
