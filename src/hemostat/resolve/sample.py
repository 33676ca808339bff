"""A sample shown by thieves: whether it may be a random draw, and what it then says of the total.

Not random: a floor, and why. Random: an estimate with its interval and what it supposes. Never a total without both.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from hemostat.resolve.chance import binomial_tail, normal_tail, poisson_tail, share_between, uniform_chance
from hemostat.rules import rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    Ints = NDArray[np.int64]

_UNTESTED = {"few", "no_file"}
"""Reasons that say nothing of how the sample was drawn."""
_NORMAL = 1.959964
"""Quantile of the normal law for 95 % on both sides."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a sample allows to say. `kind`: interval or floor; a floor has no `best` and no `high`.

    `against`: ids of the tests that speak against a random draw. `fr`, `en`: the sentence that says it.
    """

    kind: str
    low: int
    best: int | None
    high: int | None
    against: tuple[str, ...]
    fr: str
    en: str


def against_chance(
    ranks: Ints,
    size: int,
    sites: Mapping[str, tuple[int, float]] | None = None,
    others: Mapping[str, Ints] | None = None,
) -> tuple[str, ...]:
    """Ids of the tests that speak against a random draw, in the order of the rules; empty when none does.

    In: `ranks`, the place (0-based) in the patient file of each person found in it, in the order shown; `size`, of the
    file; `sites`: how many of the sample each site has, and its share of the file; `others`: places in the file put in
    another order (id, name, birth). The significance is shared between the tests (Bonferroni).
    """
    if len(ranks) < _rule("matched"):
        return ("few",)
    found = {"neighbours": _neighbours(ranks, size), "spread": _spread(ranks, size), "sorted": _sorted(ranks)}
    for order, places in (others or {}).items():
        found |= {f"spread_{order}": _spread(places, size), f"sorted_{order}": _sorted(places)}
    if sites:
        found["site"] = _site(sites)
    return tuple(name for name, chance in found.items() if chance < _rule("significance") / len(found))


def estimate(
    shown: int,
    ranks: Ints,
    size: int,
    sites: Mapping[str, tuple[int, float]] | None = None,
    others: Mapping[str, Ints] | None = None,
) -> Estimate:
    """What `shown` distinct people, of whom those at `ranks` are in a patient file of `size`, say of the total.

    Where the draw may be random: the share of the file in what was taken, by Clopper and Pearson, widened by links
    missed and links wrong, turned into a total.
    """
    against = against_chance(ranks, size, sites, others)
    if against:
        return _floor(shown, against)
    least, most = share_between(len(ranks), shown)
    best = round(size * shown / len(ranks))
    most, least = min(1.0, most / _rule("recall")), least * _rule("precision")
    low, high = max(shown, round(size / most)), round(size / least)
    return _interval("interval", low, best, high, n=shown, matched=len(ranks))


def two_samples(first: int, second: int, both: int, against: Sequence[str] = ()) -> Estimate:
    """What two samples of distinct people, with `both` in common, say of the total (Chapman's estimator).

    `against`: what the tests say of either sample.
    """
    seen = first + second - both
    if against or both < _rule("matched"):
        return _floor(seen, tuple(against) or ("few",))
    best = (first + 1) * (second + 1) / (both + 1) - 1
    spread = (first + 1) * (second + 1) * (first - both) * (second - both) / ((both + 1) ** 2 * (both + 2))
    # The law of the estimator leans to the right: its logarithm, less what was seen, is nearer to normal.
    unseen = max(best - seen, 0.5)
    factor = float(np.exp(_NORMAL * np.sqrt(np.log1p(spread / unseen**2))))
    low, high = round(seen + unseen / factor), round(seen + unseen * factor)
    return _interval("two_samples", low, round(best), high, n=first, matched=second, both=both)


def excess() -> float:
    """How many times what was found a claim must say, from which the evidence is looked at as a sample."""
    return _rule("excess")


def _neighbours(ranks: Ints, size: int) -> float:
    """Chance of so many people next to each other in the file."""
    once = np.unique(ranks)
    return poisson_tail(int((np.diff(once) == 1).sum()), len(once) ** 2 / size)


def _spread(ranks: Ints, size: int) -> float:
    return uniform_chance((ranks + 0.5) / size)


def _sorted(ranks: Ints) -> float:
    """Chance of so many ascents, or so few, in a random order (Eulerian law, close to normal)."""
    steps = len(ranks) - 1
    ascents = int((np.diff(ranks) > 0).sum())
    away = (abs(ascents - steps / 2) - 0.5) / np.sqrt((len(ranks) + 1) / 12)
    return normal_tail(max(away, 0.0))


def _site(sites: Mapping[str, tuple[int, float]]) -> float:
    """Chance that some site comes as often as the most surprising one does."""
    total = sum(count for count, _ in sites.values())
    chances = [binomial_tail(count, total, share) for count, share in sites.values()]
    return min(1.0, min(chances, default=1.0) * max(len(chances), 1))


def floor(shown: int, why: str) -> Estimate:
    """What can be said where there is nothing to compare the sample with: a floor. `why`: id of a test."""
    return _floor(shown, (why,))


def _floor(shown: int, against: tuple[str, ...]) -> Estimate:
    words = _words("test")
    kind = "nothing" if set(against) <= _UNTESTED else "floor"
    said = {
        lang: _words("sentence")[kind][lang].format(
            n=_figures(shown, lang),
            low=_figures(shown, lang),
            why=" ; ".join(words[name][lang] for name in against),
        )
        for lang in ("fr", "en")
    }
    return Estimate("floor", shown, None, None, against, said["fr"], said["en"].replace(" ; ", "; "))


def _interval(sentence: str, low: int, best: int, high: int, **counts: int) -> Estimate:
    said = {
        lang: _words("sentence")[sentence][lang].format(
            **{
                name: _figures(count, lang)
                for name, count in {**counts, "low": low, "best": best, "high": high}.items()
            }
        )
        for lang in ("fr", "en")
    }
    return Estimate("interval", low, best, high, (), said["fr"], said["en"])


def _figures(count: int, lang: str) -> str:
    return f"{count:,}" if lang == "en" else f"{count:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")


@cache
def _words(table: str) -> dict[str, dict[str, str]]:
    return {row["id"]: row for row in rows("sample", table, {"id": str, "fr": str, "en": str})}


@cache
def _rule(name: str) -> float:
    found = rows("sample", "threshold", {"id": str, "value": float, "note": str})
    return next(float(row["value"]) for row in found if row["id"] == name)
