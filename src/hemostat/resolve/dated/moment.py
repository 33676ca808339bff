"""When a dump was taken, from changes of which it shows the old or the new value: a change point in time. Pure.

Changes before the dump show their new value, changes after it the old one. Two dumps merged show a third stretch
between their instants, where both occur. The window is where the likelihood stays near its best.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hemostat.resolve.dated.rules import thresholds

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    I64 = NDArray[np.int64]

_COARSE = 250
"""Instants tried in pairs before both are sharpened."""
_ROUNDS = 4
_HALF = 0.5
_MANY = 5
"""Changes of one day, all new or all old, that put the dump after or before most of that day."""


@dataclass(frozen=True, slots=True)
class Window:
    """From when to when a dump may have been taken: microseconds of UTC since 1970; None where nothing bounds it."""

    start: int | None
    end: int | None


@dataclass(frozen=True, slots=True)
class Dated:
    """What the changes tell. `kind`: window, two, after, before, few, contradictory; `changes`: how many told it."""

    kind: str
    changes: int
    windows: tuple[Window, ...] = ()


def dated(changes: pl.DataFrame, created: pl.DataFrame) -> Dated:
    """When the dump was taken.

    In: `changes` with since, by (microseconds: the change was made after the one and by the other, equal when the
    instant is known) and new (the leak shows the new value); `created` with since, by, present: the records that the
    history saw appear, and whether the leak has them.
    """
    told = changes.sort("by", "since")
    size = told.height
    if size < thresholds()["changes"]:
        return Dated("few", size)
    ends = np.flatnonzero(np.append(np.diff(told["by"].to_numpy()) > 0, True))
    steps = _Steps(
        told["since"].to_numpy()[ends],
        told["by"].to_numpy()[ends],
        np.append(0, ends + 1),
        np.append(0, np.cumsum(told["new"].to_numpy())[ends]),
    )
    alone, cut, shares = _one(steps)
    pair, low, high, levels = _two(steps, cut)
    # a stretch of one step is the day, or the time between two snapshots, in which the one dump was taken
    within = high - low == 1 and steps.by[low] > steps.since[low]
    faults = thresholds()["faults"]
    sound = levels[0] <= faults and levels[2] >= 1 - faults
    if pair - alone >= thresholds()["tolerance"] and sound and within:
        return _closed(Dated("window", size, (Window(int(steps.since[low]), int(steps.by[low])),)), created)
    if pair - alone >= thresholds()["two"] and sound and high > low and _both(steps, low, high):
        first = _between(
            steps, *_span(steps, lambda at: _level3(steps, at, np.full_like(at, high)), low, high)
        )
        second = _between(
            steps, *_span(steps, lambda at: _level3(steps, np.full_like(at, low), at), high, None)
        )
        return Dated("two", size, (first, second))
    if shares[0] > faults or shares[1] < 1 - faults:
        return Dated("contradictory", size)
    window = _between(steps, *_span(steps, lambda at: _level2(steps, at), cut, None))
    kind = "before" if window.start is None else "after" if window.end is None else "window"
    return _closed(Dated(kind, size, (window,)), created)


@dataclass(frozen=True, slots=True)
class _Steps:
    """Changes of one time together, in order: `since`, `by` of each step; `seen`, `new`: sums before each step."""

    since: I64
    by: I64
    seen: I64
    new: I64

    def level(self, start: I64 | int, end: I64 | int) -> tuple[Floats, Floats]:
        """Of the steps from `start` to `end`: log-likelihood at its best, and the share that shows the old value."""
        # stretches that end before they start are left out by whoever asks
        count = np.maximum(np.asarray(self.seen[end]) - self.seen[start], 0).astype(np.float64)
        old = np.clip(count - (np.asarray(self.new[end]) - self.new[start]), 0, count)
        share = (old + 0.5) / (count + 1)
        return old * np.log(share) + (count - old) * np.log1p(-share), share


def _level2(steps: _Steps, cut: I64) -> Floats:
    return _level3(steps, cut, cut)


def _level3(steps: _Steps, low: I64, high: I64) -> Floats:
    """Log-likelihood of three stretches, the middle one from `low` to `high`: new values first, old ones last."""
    end = len(steps.by)
    (first, before), (middle, _), (last, after) = (
        steps.level(0, low),
        steps.level(low, high),
        steps.level(high, end),
    )
    right = (low <= high) & ((before < _HALF) | (low == 0)) & ((after > _HALF) | (high == end))
    return np.where(right, first + middle + last, -np.inf)


def _one(steps: _Steps) -> tuple[float, int, tuple[float, float]]:
    """The best single instant: its likelihood, how many steps precede it, the share of old values before and after."""
    cuts = np.arange(len(steps.by) + 1)
    found = _level2(steps, cuts)
    cut = int(found.argmax())
    end = len(steps.by)
    before = float(steps.level(0, cut)[1]) if cut else 0.0
    after = float(steps.level(cut, end)[1]) if cut < end else 1.0
    return float(found[cut]), cut, (before, after)


def _two(steps: _Steps, cut: int) -> tuple[float, int, int, tuple[float, float, float]]:
    """The best two instants: likelihood, steps before each, and the share of old values before, between and after."""
    every = np.arange(len(steps.by) + 1)
    coarse = np.unique(np.append(np.linspace(0, len(steps.by), _COARSE).astype(np.int64), cut))
    one, other = (grid.ravel() for grid in np.meshgrid(coarse, coarse))
    found = _level3(steps, one, other)
    best = int(found.argmax())
    low, high = int(one[best]), int(other[best])
    for _ in range(_ROUNDS):
        low = int(_level3(steps, every, np.full_like(every, high)).argmax())
        high = int(_level3(steps, np.full_like(every, low), every).argmax())
    score = float(_level3(steps, np.array([low]), np.array([high]))[0])
    end = len(steps.by)
    levels = (
        float(steps.level(0, low)[1]) if low else 0.0,
        float(steps.level(low, high)[1]) if high > low else 0.5,
        float(steps.level(high, end)[1]) if high < end else 1.0,
    )
    return score, low, high, levels


def _both(steps: _Steps, low: int, high: int) -> bool:
    """Whether both old and new values occur between two instants, enough of each: stale values are few."""
    new = int(steps.new[high] - steps.new[low])
    old = int(steps.seen[high] - steps.seen[low]) - new
    return min(new, old) >= max(thresholds()["changes"], thresholds()["part"] * (new + old))


def _span(steps: _Steps, likelihood: object, best: int, last: int | None) -> tuple[int, int]:
    """The least and the greatest number of steps before the dump that are nearly as likely as the best."""
    assert callable(likelihood)
    cuts = np.arange(len(steps.by) + 1 if last is None else last + 1)
    found = likelihood(cuts)
    near = cuts[found >= found[best] - thresholds()["tolerance"]]
    return int(near.min()), int(near.max())


def _between(steps: _Steps, least: int, most: int) -> Window:
    """The time between the last step that precedes the dump for sure and the first that follows it.

    Where only the day of changes is known, several of them, all new, put the dump after the middle of that day; all
    old, before it.
    """
    start = end = None
    if least > 0:
        start = int(steps.since[least - 1])
        if steps.seen[least] - steps.seen[least - 1] >= _MANY:
            start = (start + int(steps.by[least - 1])) // 2
    if most < len(steps.by):
        end = int(steps.by[most])
        if steps.seen[most + 1] - steps.seen[most] >= _MANY:
            end = (end + int(steps.since[most])) // 2
    return Window(start, end)


def _closed(found: Dated, created: pl.DataFrame) -> Dated:
    """The same, its end bounded by records that were created later and that the leak lacks."""
    window = found.windows[0]
    born = created.sort("by", "since")
    present = born["present"].to_numpy()
    if not present.any():
        return found
    last = int(np.flatnonzero(present)[-1])
    held = float(present[max(0, last - 400) : last + 1].mean())
    start = int(born["since"][last])
    missing = len(present) - 1 - last
    needed = int(np.ceil(np.log(thresholds()["absent"]) / np.log(max(1 - held, 1e-3))))
    end = window.end
    if missing >= needed > 0:
        bound = int(born["by"][last + needed])
        end = bound if end is None else min(end, bound)
    start = start if window.start is None else max(start, window.start)
    if end is not None and start >= end:
        return found  # creation and changes contradict each other: what changed is surer
    return Dated("after" if end is None else "window", found.changes, (Window(start, end),))
