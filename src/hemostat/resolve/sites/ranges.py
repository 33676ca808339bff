"""Internal identifiers of several sites in one table: ranges parted by holes, or prefixes. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hemostat.resolve.sites.rules import thresholds

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    I64 = NDArray[np.int64]

_USUAL = 95
"""Percentile of the steps between identifiers that stands for a usual one: rows were deleted, some holes are wide."""
_DIGITS = 18
"""Longer numbers do not fit and number nobody."""


@dataclass(frozen=True, slots=True)
class Ranges:
    """Ranges of identifiers, from `lows` (included) to the next one; `lows` are round numbers that nobody bears."""

    lows: I64

    def of(self, numbers: I64) -> I64:
        """The range of each number; -1 for what is no number (-1)."""
        at = np.searchsorted(self.lows, numbers, side="right") - 1
        return np.where(numbers < 0, -1, np.maximum(at, 0))


def numbers(ids: pl.Series) -> I64:
    """Identifiers made of digits alone, as numbers; -1 for the others.

    >>> import polars as pl
    >>> numbers(pl.Series(["1000017", "A12", None])).tolist()
    [1000017, -1, -1]
    """
    plain = ids.str.extract(rf"^\s*(\d{{1,{_DIGITS}}})(?:\.0)?\s*$", 1)
    return plain.str.to_integer(strict=False).fill_null(-1).to_numpy()


def ranges(held: I64) -> Ranges | None:
    """The ranges into which numbers fall, parted wherever a hole is far wider than the usual step; None for one range.

    In: numbers, -1 left out of account.
    """
    known = np.unique(held[held >= 0])
    if len(known) < 2 * thresholds()["least"]:
        return None
    steps = np.diff(known)
    wide = steps > thresholds()["gap"] * max(float(np.percentile(steps, _USUAL)), 1.0)
    if not wide.any():
        return None
    cuts = _real(known, np.flatnonzero(wide))
    if not len(cuts):
        return None
    lows = [0, *(_roundest(int(known[at]), int(known[at + 1])) for at in cuts)]
    if known[0] > lows[1] - known[0]:
        lows[0] = _roundest(int(2 * known[0] - lows[1]), int(known[0]))
    return Ranges(np.array(lows, dtype=np.int64))


def _real(known: I64, cuts: I64) -> I64:
    """The holes that part ranges: after the few numbers beyond a hole, or before them, no range of their own begins.

    A stretch of few numbers belongs to the range before it, unless it is far from it.
    """
    if len(cuts) > thresholds()["most"]:
        return cuts[:0]
    kept = []
    start = 0
    for at, following in zip(cuts.tolist(), [*cuts[1:].tolist(), len(known) - 1], strict=True):
        first, last, beyond = known[start], known[at], known[at + 1]
        few = following - at < thresholds()["least"] <= at + 1 - start
        if few and beyond - last <= thresholds()["near"] * (last - first):
            continue
        kept.append(at)
        start = at + 1
    return np.array(kept, dtype=np.int64)


def prefixes(ids: pl.Series) -> pl.Series:
    """What stands before the number proper: letters, or anything before a sign; null where nothing does.

    >>> import polars as pl
    >>> prefixes(pl.Series(["mel000123", "ORG-7", "77/0012", "1000017"])).to_list()
    ['MEL', 'ORG', '77', None]
    """
    return (
        ids.str.extract(r"^\s*(\p{L}{1,12}|\p{L}*\d{1,9}(?:[-_/.])|\p{L}+(?:[-_/. ]))[-_/. ]?\d", 1)
        .str.strip_chars("-_/. ")
        .str.to_uppercase()
    )


def _roundest(before: int, after: int) -> int:
    """The number between both that ends in most zeros: a bound that is nobody's number.

    >>> _roundest(1_004_463, 2_000_001)
    2000000
    """
    power: int = 10 ** len(str(after))
    while power > 1:
        bound = (after - 1) // power * power
        if bound > before:
            return bound
        power //= 10
    return after - 1
