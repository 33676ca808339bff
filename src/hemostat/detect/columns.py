"""Pass A: a sample of the distinct values of every column, the same for any row order, chunk size or file order.

The sample of a column is the ``SIZE`` distinct values with the smallest hashes over all its batches; the hash that
bounds it estimates how many distinct values there are.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from hemostat.detect import placeholders
from hemostat.detect.opened import Opened, opened
from hemostat.detect.samples import FLOAT, ColumnSample, shortened, unfloated

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import numpy.typing as npt
    import pyarrow as pa

SIZE = 512
"""Distinct values kept of a column."""
_SPACE = 2.0**64
_TOP = int(np.iinfo(np.uint64).max)


@dataclass(slots=True)
class Bottom:
    """The values of one column with the smallest hashes seen so far, and how many cells it filled."""

    heading: str
    rows: int = 0
    filled: int = 0
    hashes: npt.NDArray[np.uint64] = field(default_factory=lambda: np.empty(0, dtype=np.uint64))
    values: pl.Series = field(default_factory=lambda: pl.Series([], dtype=pl.String))
    ceiling: int = _TOP
    """A hash above which nothing enters, by what was seen elsewhere of the column."""

    def add(self, cells: pl.Series, hashed: pl.Series) -> None:
        """Takes one more batch of the column and the hashes of its cells."""
        self.rows += len(cells)
        self.filled += len(cells) - cells.null_count()
        if cells.null_count() == len(cells):
            return
        found = hashed.to_numpy()
        below = found <= self.limit
        if cells.null_count():
            below &= cells.is_not_null().to_numpy()
        where = np.flatnonzero(below)
        if not len(where):
            return
        where = where[_first_of_smallest(found[where])]
        self._enter(found[where], cells.gather(where))

    def merge(self, other: Bottom) -> None:
        """Takes what was seen of the column in later batches."""
        self.rows += other.rows
        self.filled += other.filled
        if len(other.hashes):
            self._enter(other.hashes, other.values)

    def _enter(self, hashes: npt.NDArray[np.uint64], values: pl.Series) -> None:
        kept, index = np.unique(np.concatenate([self.hashes, hashes]), return_index=True)
        self.hashes, self.values = kept[:SIZE], pl.concat([self.values, values]).gather(index[:SIZE])

    @property
    def limit(self) -> np.uint64:
        """No hash above this one can enter the sample any more."""
        return np.uint64(self.hashes[-1] if len(self.hashes) == SIZE else self.ceiling)

    @property
    def distinct(self) -> float:
        """How many distinct values: exact below ``SIZE``, else estimated (relative error about 5 %)."""
        if len(self.hashes) < SIZE:
            return float(len(self.hashes))
        return (SIZE - 1) / (float(self.hashes[-1]) / _SPACE)

    def sample(self) -> ColumnSample:
        """What ``judge`` knows of the column: placeholders gone, values trimmed."""
        values = shortened(placeholders.without(self.values))
        floats = bool(len(values)) and bool(values.str.contains(FLOAT).all())
        values = (unfloated(values) if floats else values).unique(maintain_order=True)
        return ColumnSample(self.heading, values, self.rows, self.filled, self.distinct, floats=floats)


def _first_of_smallest(hashes: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
    """Positions of the ``SIZE`` smallest distinct hashes, one each. A low cut first: it spares sorting the rest."""
    if len(hashes) > 8 * SIZE:
        cut = np.uint64(_SPACE * 4 * SIZE / len(hashes))
        low = np.flatnonzero(hashes <= cut)
        kept, index = np.unique(hashes[low], return_index=True)
        if len(kept) >= SIZE:
            return low[index[:SIZE]]
        # Few distinct values: hash them apart before sorting.
        frame = pl.DataFrame({"h": hashes}).with_row_index("i").group_by("h").agg(pl.col("i").first())
        return frame.sort("h")["i"].head(SIZE).cast(pl.Int64).to_numpy()
    _, index = np.unique(hashes, return_index=True)
    return index[:SIZE]


def sample(batches: Iterable[pa.Table]) -> tuple[ColumnSample, ...]:
    """The samples of all columns over batches of one table; ``_line`` and ``_locator`` are ours.

    >>> import pyarrow as pa
    >>> [s.heading for s in sample([pa.table({"_line": [1], "nom": ["MARTIN"]})])]
    ['nom']
    """
    sampler = Sampler()
    for batch in batches:
        sampler.add(batch)
    return sampler.samples()


class Sampler:
    """The samples of all columns of one table, batch by batch.

    ``limits``: what need not be kept, by what another sampler saw (``Sampler.limits``) that this one is merged into.
    """

    def __init__(self, limits: Mapping[str, int] | None = None) -> None:
        self._states: dict[str, Bottom] = {}
        self._limits = limits or {}

    def add(self, batch: pa.Table | Opened) -> None:
        """Takes one more batch."""
        known = opened(batch)
        for name, cells in known.cells.items():
            if name not in self._states:
                self._states[name] = Bottom(name, ceiling=self._limits.get(name, _TOP))
            self._states[name].add(cells, known.hashes[name])

    def merge(self, other: Sampler) -> None:
        """Takes what another one saw of later batches."""
        for name, state in other._states.items():
            self._states.setdefault(name, Bottom(name)).merge(state)

    def limits(self) -> dict[str, int]:
        """By heading, the hash above which no value of later batches enters the sample."""
        return {name: int(state.limit) for name, state in self._states.items()}

    def samples(self) -> tuple[ColumnSample, ...]:
        """The samples of what was seen so far."""
        return tuple(state.sample() for state in self._states.values())
