"""Spans of a page as columns, and who wins where two of them overlap."""

from __future__ import annotations

from enum import IntFlag
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from hemostat.model import Category

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

    Ints = npt.NDArray[np.int64]
    Floats = npt.NDArray[np.float64]

CATEGORIES = tuple(Category)
NUMBER_OF = {category: number for number, category in enumerate(CATEGORIES)}


class Flag(IntFlag):
    """What the words around a span say of it."""

    NEGATED = 1
    HYPOTHESIS = 2
    PAST = 4
    RELATIVE = 8
    PROFESSIONAL = 16
    HIV = 32
    """A treatment that tells of HIV."""


class Span(NamedTuple):
    """One span, while there are few of them."""

    start: int
    end: int
    category: Category
    confidence: float


class Spans(NamedTuple):
    """Many spans: offsets in the page, the number of the category in ``CATEGORIES``, confidence, and flag bits."""

    start: Ints
    end: Ints
    category: Ints
    confidence: Floats
    flags: Ints

    def __len__(self) -> int:
        """The number of spans."""
        return len(self.start)

    def only(self, which: npt.NDArray[np.bool_] | Ints) -> Spans:
        """The chosen spans."""
        return Spans(
            self.start[which],
            self.end[which],
            self.category[which],
            self.confidence[which],
            self.flags[which],
        )


def no_spans() -> Spans:
    """None at all."""
    return spans_of(())


def spans_of(found: Iterable[Span]) -> Spans:
    """Columns of single spans."""
    rows = list(found)
    return made(
        np.array([s.start for s in rows], dtype=np.int64),
        np.array([s.end for s in rows], dtype=np.int64),
        np.array([NUMBER_OF[s.category] for s in rows], dtype=np.int64),
        np.array([s.confidence for s in rows], dtype=np.float64),
    )


def made(start: Ints, end: Ints, category: Ints, confidence: Floats, flags: Ints | None = None) -> Spans:
    """Spans from their columns; without flags, all are zero."""
    return Spans(
        start, end, category, confidence, np.zeros(len(start), dtype=np.int64) if flags is None else flags
    )


def joined(parts: Iterable[Spans]) -> Spans:
    """All the spans of several sets, one set after the other."""
    return Spans(*(np.concatenate(columns) for columns in zip(*parts, strict=True)))


def revealed(spans: Spans) -> Spans:
    """Spans with those that they reveal beside them, of the same extent: an antiretroviral tells of HIV."""
    telling = np.flatnonzero(spans.flags & Flag.HIV)
    if not len(telling):
        return spans
    twins = spans.only(telling)
    category = np.full_like(twins.category, NUMBER_OF[Category.REMARK_HIV])
    both = joined([spans, made(twins.start, twins.end, category, twins.confidence, twins.flags)])
    return both.only(np.argsort(both.start, kind="stable"))


def settled(parts: list[Spans]) -> Spans:
    """Spans that do not overlap, in order: an earlier set wins over a later one; within a set the first, the longest.

    >>> a = spans_of([Span(0, 5, Category.NIR, 1)])
    >>> b = spans_of([Span(3, 9, Category.PHONE, 1), Span(9, 12, Category.CITY, 1)])
    >>> settled([b, a]).start.tolist(), settled([a, b]).start.tolist()
    ([3, 9], [0, 9])
    """
    every = joined(parts)
    rank = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    order = np.lexsort((-every.end, every.start))
    start, end = every.start[order], every.end[order]
    if not len(order):
        return every
    reach = np.maximum.accumulate(end)
    apart = np.concatenate([[True], start[1:] >= reach[:-1]])
    group = np.cumsum(apart) - 1
    single = np.bincount(group)[group] == 1
    keep = single.copy()
    contested = np.flatnonzero(~single)
    for cluster in np.split(contested, np.flatnonzero(np.diff(group[contested])) + 1):
        taken: list[tuple[int, int]] = []
        for i in sorted(cluster.tolist(), key=lambda i: (rank[order[i]], start[i], -end[i])):
            if all(end[i] <= s or e <= start[i] for s, e in taken):
                taken.append((int(start[i]), int(end[i])))
                keep[i] = True
    return every.only(order[keep])
