"""Who lives with whom: families, couples, twins, people alone; sexes and dates of birth that fit together."""

# ruff: noqa: PLR2004 - a fiction is made of chosen figures

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from hemostat.simulate.draw import Days, Floats, Ints, Rng, exactly, weighted

if TYPE_CHECKING:
    from datetime import date

_YEAR = 365.2425
_ADULT = 18.0


@dataclass(frozen=True, slots=True)
class Crowd:
    """What the people of a story are like. Shares are of people unless said."""

    women: float = 0.53
    minors: float = 0.02
    protected: float = 0.01
    deceased: float = 0.004
    couples: float = 0.34
    """Share of adults whose partner is there too."""
    grown: float = 0.11
    """Share of couples with a grown child who is there too."""
    shared_mail: float = 0.06
    """Share of couples with one address for both; half of them have one mobile for both too."""
    ages: tuple[tuple[int, int, float], ...] = (
        (18, 30, 0.27),
        (30, 45, 0.33),
        (45, 60, 0.22),
        (60, 75, 0.13),
        (75, 97, 0.05),
    )
    """Age bands of adults with their share."""
    minor_ages: tuple[float, float] = (0.1, 17.9)
    twins: float = 0.0012
    """Pairs of adult twins, per person."""
    regions: tuple[str, ...] = ()
    """Départements where all but a few live; everywhere if empty."""
    homonyms: float = 0.00005
    """Planted pairs of homonyms born the same day, per person; three pairs at least."""


@dataclass(frozen=True, slots=True)
class Bonds:
    """One entry per person, in the order the households were made.

    ``parent`` and ``twin_of`` and ``partner`` are places of other people, or -1. ``family`` names the people who got
    their surname together; ``household`` those who live together.
    """

    household: Ints
    family: Ints
    role: Ints
    sex: Ints
    birth: Days
    partner: Ints
    parent: Ints
    other_parent: Ints
    twin_of: Ints


ALONE, FIRST, SECOND, CHILD, GROWN, TWIN = range(6)
"""Roles: living alone, first and second partner or parent, minor child, grown child, adult twin."""


def build(rng: Rng, crowd: Crowd, people: int, today: date) -> Bonds:
    """Exactly ``people`` people with their bonds."""
    now = np.datetime64(today)
    minors = round(crowd.minors * people) if people >= 20 else 0
    sizes = _sibling_groups(rng, minors)
    families = len(sizes)
    two = rng.random(families) < 0.5
    adults = people - minors - families - int(two.sum())
    twins = min(max(round(crowd.twins * people), 1 if people >= 60 else 0), adults // 4)
    couples = int((adults - 2 * twins) * crowd.couples / 2)
    heads = _age_days(rng, crowd, couples)
    grown_up = np.flatnonzero(exactly(rng, int(couples * crowd.grown), heads > 42 * _YEAR))
    alone = adults - 2 * couples - 2 * twins - len(grown_up)
    counts = (families, int(two.sum()), minors, couples, couples, len(grown_up), twins, twins, alone)
    starts = np.r_[0, np.cumsum(counts)].astype(np.int64)
    blocks = [np.arange(a, b, dtype=np.int64) for a, b in pairwise(starts.tolist())]
    first_parent, second_parent, child, head, mate, grown, elder, younger, single = blocks

    role = np.repeat([FIRST, SECOND, CHILD, FIRST, SECOND, GROWN, TWIN, TWIN, ALONE], counts).astype(np.int64)
    none = np.full(people, -1, dtype=np.int64)
    household, partner, parent, other, twin_of = (
        none.copy(),
        none.copy(),
        none.copy(),
        none.copy(),
        none.copy(),
    )
    birth = np.full(people, now, dtype="datetime64[D]")
    sex = np.zeros(people, dtype=np.int64)

    # Families with minor children.
    family_of_child = np.repeat(np.arange(families), sizes)
    household[first_parent] = np.arange(families)
    household[second_parent] = np.flatnonzero(two)
    household[child] = family_of_child
    partner[second_parent] = first_parent[two]
    partner[first_parent[two]] = second_parent
    ages, twin = _child_ages(rng, crowd, sizes)
    birth[child] = now - (ages * _YEAR).astype("timedelta64[D]")
    birth[child[twin]] = birth[child[twin - 1]]
    twin_of[child[twin]] = child[twin - 1]
    second_of = none[:families].copy()
    second_of[two] = second_parent
    holder = np.where(two & (rng.random(families) < 0.7), second_of, first_parent)
    parent[child] = holder[family_of_child]
    other[child] = np.where(holder == first_parent, second_of, first_parent)[family_of_child]
    oldest = np.zeros(families)
    np.maximum.at(oldest, family_of_child, ages)
    mother = oldest + np.clip(rng.normal(29.5, 4.8, families), 17.5, 44)
    father = np.maximum(mother + rng.normal(2.4, 3.6, families), oldest + 17.5)
    sex[first_parent] = np.where(two | (rng.random(families) < 0.2), 1, 2)
    sex[second_parent] = 2
    birth[first_parent] = now - (np.where(sex[first_parent] == 1, father, mother) * _YEAR).astype(
        "timedelta64[D]"
    )
    birth[second_parent] = now - (mother[two] * _YEAR).astype("timedelta64[D]")
    sex[child] = 1 + (rng.random(minors) < 0.49)

    # Couples, some with a grown child.
    household[head] = household[mate] = families + np.arange(couples)
    partner[head], partner[mate] = mate, head
    birth[head] = now - heads.astype("timedelta64[D]")
    ages_mate = np.clip(heads / _YEAR - rng.normal(2.2, 3.8, couples), crowd.ages[0][0] + 0.2, 98.0)
    birth[mate] = now - (ages_mate * _YEAR).astype("timedelta64[D]")
    alike = rng.random(couples) < 0.03
    sex[head] = np.where(alike & (rng.random(couples) < 0.5), 2, 1)
    sex[mate] = np.where(alike, sex[head], 2)
    parent[grown], other[grown] = head[grown_up], mate[grown_up]
    ages_grown = _ADULT + rng.random(len(grown)) * np.maximum(
        np.minimum(heads, ages_mate * _YEAR)[grown_up] / _YEAR - 38, 0.5
    )
    birth[grown] = now - (np.minimum(ages_grown, 40) * _YEAR).astype("timedelta64[D]")
    sex[grown] = 1 + (rng.random(len(grown)) < 0.5)
    at_home = rng.random(len(grown)) < 0.7
    homes = families + couples
    household[grown] = np.where(at_home, household[head[grown_up]], homes + np.arange(len(grown)))

    # Grown-up twins, then people alone, whose sexes make up the share of women.
    homes += len(grown)
    birth[elder] = now - _age_days(rng, crowd, twins).astype("timedelta64[D]")
    birth[younger] = birth[elder]
    twin_of[younger] = elder
    sex[elder] = 1 + (rng.random(twins) < 0.5)
    sex[younger] = np.where(rng.random(twins) < 0.66, sex[elder], 3 - sex[elder])
    household[elder] = homes + np.arange(twins)
    household[younger] = np.where(rng.random(twins) < 0.3, household[elder], homes + twins + np.arange(twins))
    homes += 2 * twins
    household[single] = homes + np.arange(alone)
    birth[single] = now - _age_days(rng, crowd, alone).astype("timedelta64[D]")
    missing = round(crowd.women * people) - int((sex == 2).sum())
    sex[single] = 1 + exactly(rng, max(missing, 0), np.ones(alone, dtype=np.bool_))

    family = household.copy()
    family[grown] = household[head[grown_up]]
    family[younger] = household[elder]
    return Bonds(household, family, role, sex, birth, partner, parent, other, twin_of)


def _sibling_groups(rng: Rng, minors: int) -> Ints:
    sizes = weighted(rng, (0.5, 0.38, 0.12), minors) + 1
    reach = np.cumsum(sizes)
    kept = sizes[: int(np.searchsorted(reach, minors)) + 1] if minors else sizes
    if minors:
        kept[-1] -= int(kept.sum()) - minors
    return kept.astype(np.int64)


def _child_ages(rng: Rng, crowd: Crowd, sizes: Ints) -> tuple[Floats, Ints]:
    """Ages in years, siblings at least a year apart; and which children are the younger twin of the one before."""
    low, high = crowd.minor_ages
    total = int(sizes.sum())
    group = np.repeat(np.arange(len(sizes)), sizes)
    rank = np.arange(total) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    size = sizes[group]
    youngest = (low + rng.random(len(sizes)) * (high - low) * (1 - 0.3 * (sizes - 1)))[group]
    jitter = (rng.random(total) - 0.5) * 0.6
    ages = np.where(rank == 0, youngest, youngest + (high - youngest) * (rank + jitter) / size)
    brothers = np.flatnonzero(rank == 1)
    twin = brothers[rng.random(len(brothers)) < 0.045]
    if len(brothers) and not len(twin):
        twin = brothers[:1]
    ages[twin] = ages[twin - 1]
    return ages, twin.astype(np.int64)


def _age_days(rng: Rng, crowd: Crowd, size: int) -> Floats:
    lows = np.array([band[0] for band in crowd.ages], dtype=np.float64)
    highs = np.array([band[1] for band in crowd.ages], dtype=np.float64)
    band = weighted(rng, [share for _, _, share in crowd.ages], size)
    return np.asarray((lows[band] + rng.random(size) * (highs - lows)[band]) * _YEAR + 1, dtype=np.float64)


def shuffle(rng: Rng, bonds: Bonds) -> Bonds:
    """The same people in random order, bonds renumbered."""
    size = len(bonds.sex)
    order = rng.permutation(size).astype(np.int64)
    new = np.empty(size + 1, dtype=np.int64)
    new[order] = np.arange(size)
    new[-1] = -1  # so that "nobody" stays nobody

    def moved(links: Ints) -> Ints:
        return new[links[order]]

    return Bonds(
        bonds.household[order],
        bonds.family[order],
        bonds.role[order],
        bonds.sex[order],
        bonds.birth[order],
        moved(bonds.partner),
        moved(bonds.parent),
        moved(bonds.other_parent),
        moved(bonds.twin_of),
    )
