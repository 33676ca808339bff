"""How many distinct people there may be: links missed and wrong merges, reckoned from the data themselves."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hemostat.resolve.cluster import components
from hemostat.resolve.groups import unique

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hemostat.resolve.groups import I32
    from hemostat.resolve.settings import Settings


_SELDOM = 0.025  # expected number below which the chance of one is left out of a 95 % interval


@dataclass(frozen=True, slots=True)
class Interval:
    """A 95 % interval for the number of distinct people, and the id of its method in ``rules/resolve.toml``."""

    low: int
    high: int
    method: str
    missed: float
    wrong: float


@dataclass(frozen=True, slots=True)
class Seen:
    """What the interval is reckoned from.

    `referee`: number of each row's own NIR, coherent with it and its key right (-1 where it has none); `a`, `b`: links
    that hold without any NIR; `label`: the cluster of each row in the best count; `linked`, `doubted`: the chance
    that a pair is one person, for the links kept, and for those shown but not kept. Equal rows are taken once;
    `hidden`: people whom they are expected to hide beyond one each.
    """

    referee: I32
    a: I32
    b: I32
    label: I32
    linked: NDArray[np.floating]
    doubted: NDArray[np.floating]
    hidden: float = 0.0


def reckon(seen: Seen, best: int, certain_only: int, all_possible: int, rules: Settings) -> Interval:
    """The interval around `best`.

    Where enough people have rows with their own NIR, people are told apart once more without any NIR, and the NIR
    then counts what was missed and what was merged wrongly; rates are applied to the joins that had no NIR to rest
    on. Else the chance of each link, as weighed, is summed.
    """
    joins = len(seen.label) - _distinct(seen.label)
    blind = components(len(seen.label), seen.a, seen.b)
    held = np.flatnonzero(seen.referee >= 0)
    owner, cluster = seen.referee[held], blind[held]
    people, clusters = _distinct(owner), _distinct(cluster)
    both = len(unique(owner.astype(np.int64) << 32 | cluster))
    needed = len(held) - people
    if needed >= rules["interval_least"]:
        # each person beyond one cluster is a join missed; each cluster beyond one person a wrong one
        missed_rate = (both - people + 0.5) / (needed + 1)
        wrong_rate = (both - clusters + 0.5) / (needed + 1)
        resting = joins - _joins(seen.label[held], owner)
        # those that even the NIR did not join, and of the joins that have none as many as the referee misses
        seen_apart = len(unique(owner.astype(np.int64) << 32 | seen.label[held])) - people
        missed = seen_apart + resting * missed_rate / (1 - min(missed_rate, 0.9))
        wrong = resting * wrong_rate
        spread = resting * math.sqrt((missed_rate + wrong_rate) / (needed + 1))
        method = "nir_referee"
    else:
        missed = float(np.sum(seen.doubted)) + joins * rules["interval_unseen"]
        wrong = float(np.sum(1 - seen.linked))
        spread = math.sqrt(missed + wrong)
        method = "weights"
    doubt = rules["interval_doubt"]
    sampling = 1.96 * math.hypot(spread, math.sqrt(missed + wrong))
    middle = best - missed + wrong
    # the referee is not above error: some joins are always open
    reach = math.hypot(sampling, doubt * (missed + wrong)) + rules["interval_floor"] * joins
    # links that could be followed or not leave the count open by as much
    open_links = rules["interval_open"]
    low = min(middle - reach, best - open_links * (best - all_possible))
    high = max(middle + reach, best + open_links * (certain_only - best))
    # homonyms among equal rows can only add people
    if seen.hidden > _SELDOM:
        high += seen.hidden + 1.96 * math.sqrt(seen.hidden)
    return Interval(max(math.floor(low), min(best, 1)), math.ceil(high), method, missed, wrong)


def _joins(label: I32, owner: I32) -> int:
    """Joins of profiles that one own NIR makes by itself."""
    return len(owner) - len(unique(owner.astype(np.int64) << 32 | label))


def _distinct(numbers: I32) -> int:
    """How many distinct numbers, none negative."""
    return int(np.count_nonzero(np.bincount(numbers))) if len(numbers) else 0
