"""Chances under usual laws, without a statistics library: tails, an exact interval, a test of uniformity."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

_HALVINGS = 60
_TERMS = 100


def normal_tail(away: float) -> float:
    """Chance that a normal variable is further than `away` standard deviations from its mean, on either side.

    >>> round(normal_tail(1.959964), 4)
    0.05
    """
    return math.erfc(away / math.sqrt(2))


def poisson_tail(count: int, mean: float) -> float:
    """Chance of at least `count` events where `mean` are expected.

    >>> round(poisson_tail(3, 1.0), 4)
    0.0803
    """
    if count <= 0:
        return 1.0
    if mean <= 0:
        return 0.0
    below = math.fsum(math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) for k in range(count))
    return max(0.0, 1.0 - below)


def binomial_tail(count: int, trials: int, share: float) -> float:
    """Chance of at least `count` successes in so many trials.

    >>> round(binomial_tail(8, 10, 0.5), 4)
    0.0547
    """
    if count <= 0:
        return 1.0
    if count > trials or share <= 0:
        return 0.0
    if share >= 1:
        return 1.0
    k = np.arange(count, trials + 1)
    logs = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, trials + 1)))])
    terms = (
        logs[trials] - logs[k] - logs[trials - k] + k * math.log(share) + (trials - k) * math.log1p(-share)
    )
    return min(1.0, float(np.exp(terms).sum()))


def share_between(count: int, trials: int, level: float = 0.95) -> tuple[float, float]:
    """The exact interval of a share (Clopper and Pearson 1934).

    >>> [round(bound, 3) for bound in share_between(8, 10)]
    [0.444, 0.975]
    """
    tail = (1 - level) / 2
    low = _where(lambda share: binomial_tail(count, trials, share) < tail) if count else 0.0
    high = _where(lambda share: 1 - binomial_tail(count + 1, trials, share) > tail) if count < trials else 1.0
    return low, high


def uniform_chance(places: NDArray[np.float64]) -> float:
    """Chance that as many uniform places in 0–1 stray as far from an even spread (Kolmogorov, Stephens 1970).

    >>> uniform_chance(np.linspace(0.01, 0.2, 50)) < 0.001
    True
    """
    count = len(places)
    ordered, steps = np.sort(places), np.arange(count + 1) / count
    gap = float(max((steps[1:] - ordered).max(), (ordered - steps[:-1]).max()))
    root = math.sqrt(count)
    scaled = (root + 0.12 + 0.11 / root) * gap
    if scaled < 0.3:  # noqa: PLR2004 - the series converges slowly there, and the chance is 1
        return 1.0
    series = math.fsum((-1) ** (k - 1) * math.exp(-2 * (k * scaled) ** 2) for k in range(1, _TERMS))
    return min(1.0, max(0.0, 2 * series))


def _where(below: Callable[[float], bool]) -> float:
    """The share up to which `below` holds, by halving."""
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if below(middle) else (low, middle)
    return (low + high) / 2
