"""Seeded draws: independent streams by topic, weighted and exact choices. Nothing here knows of people."""

from __future__ import annotations

import zlib
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Days = npt.NDArray[np.datetime64]
Rng = np.random.Generator


class Streams:
    """One independent generator per topic, all from one seed, so that a change in one topic leaves the others alone."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    def of(self, topic: str) -> Rng:
        """The generator of ``topic``; asking twice starts it again."""
        return np.random.default_rng([self._seed, zlib.crc32(topic.encode())])


def weighted(rng: Rng, weights: npt.ArrayLike, size: int) -> Ints:
    """``size`` indices drawn with replacement, in proportion to ``weights``."""
    edges = np.cumsum(np.asarray(weights, dtype=np.float64))
    drawn = np.searchsorted(edges, rng.random(size) * edges[-1], side="right")
    return np.asarray(np.minimum(drawn, len(edges) - 1), dtype=np.int64)


def exactly(rng: Rng, count: int, eligible: Bools) -> Bools:
    """A mask with exactly ``count`` of the eligible places (all of them where there are fewer)."""
    places = np.flatnonzero(eligible)
    mask = np.zeros(len(eligible), dtype=np.bool_)
    mask[rng.permutation(places)[:count]] = True
    return mask


def quota(scores: Floats, count: int, eligible: Bools) -> Bools:
    """The ``count`` eligible places of lowest score: columns that share scores are missing together."""
    places = np.flatnonzero(eligible)
    mask = np.zeros(len(eligible), dtype=np.bool_)
    if count >= len(places):
        mask[places] = True
    elif count > 0:
        mask[places[np.argpartition(scores[places], count - 1)[:count]]] = True
    return mask


def some(rng: Rng, rate: float, eligible: Bools) -> Ints:
    """Indices of eligible places, each kept with probability ``rate``."""
    places = np.flatnonzero(eligible)
    return places[rng.random(len(places)) < rate].astype(np.int64)


def groups(codes: Ints) -> Iterator[tuple[int, Ints]]:
    """Each distinct code with the places that hold it, by increasing code."""
    order = np.argsort(codes, kind="stable")
    ranked = codes[order]
    edges = np.concatenate([[0], np.flatnonzero(ranked[1:] != ranked[:-1]) + 1, [len(ranked)]])
    for start, end in pairwise(edges.tolist() if len(ranked) else []):
        yield int(ranked[start]), order[start:end].astype(np.int64)


def put(column: pl.Series, where: Ints | pl.Series, cells: pl.Series | Ints) -> pl.Series:
    """A copy of the column with other cells at the places of ``where``; ``Series.scatter`` alone works in place."""
    return column.clone().scatter(where, cells)


def patchwork(codes: Ints, make: Callable[[int, Ints], pl.Series]) -> pl.Series:
    """A text column made code by code: ``make(code, places)`` gives the cells at those places."""
    made, order = [pl.Series("text", [], dtype=pl.String)], [np.zeros(0, dtype=np.int64)]
    for code, places in groups(codes):
        made.append(make(code, places).alias("text"))
        order.append(places)
    return pl.concat(made).gather(np.argsort(np.concatenate(order)))


def shares(total: int, parts: tuple[float, ...]) -> tuple[int, ...]:
    """``total`` split in proportion to ``parts``, by largest remainders, so that it adds up."""
    exact = np.asarray(parts) / sum(parts) * total
    counts = np.floor(exact).astype(int)
    for place in np.argsort(counts - exact, kind="stable")[: total - int(counts.sum())]:
        counts[place] += 1
    return tuple(int(c) for c in counts)
