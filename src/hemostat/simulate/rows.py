"""Which rows a leak has: whose, of which kind, and what the row knows of the person."""

# ruff: noqa: PLR2004 - a fiction is made of chosen figures

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from hemostat.simulate.draw import Bools, Ints, Rng, Streams, exactly, groups, shares, some, weighted

if TYPE_CHECKING:
    from hemostat.simulate.story import Story, Tenants

_RANGE = 1_000_000
"""How many numbers a tenant has for its own people."""
WRONG_KEY, WRONG_SEX, FORGED = "wrong_key", "wrong_sex", "well_forged"


@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows of each kind, and how many strangers the story needs beside its genuine people."""

    genuine: int
    second_account: int = 0
    update: int = 0
    renewal: int = 0
    exact_duplicate: int = 0
    recycled: int = 0
    fabricated: int = 0
    earlier_rest: int = 0
    patients_others: int = 0

    @property
    def rows(self) -> int:
        """Rows of the main file or files."""
        again = self.second_account + self.update + self.renewal + self.exact_duplicate
        return self.genuine + again + self.recycled + self.fabricated

    @property
    def strangers(self) -> int:
        """People who are not the story's own: recycled, invented, or only in the other files."""
        return self.recycled + self.fabricated + self.earlier_rest + self.patients_others


def count(story: Story, people: int) -> Counts:
    """The story's ratios for so many people."""
    surplus = round(people * story.rows_per_person) - people
    split = shares(surplus, tuple(share for _, share in story.surplus)) if story.surplus else ()
    kinds = dict(zip((kind for kind, _ in story.surplus), split, strict=True))
    return Counts(
        genuine=people,
        earlier_rest=round(people * story.earlier_rest),
        patients_others=round(people * story.patients_others),
        **kinds,
    )


def plan(streams: Streams, story: Story, counts: Counts, people: pl.DataFrame) -> pl.DataFrame:
    """The rows in random order, exact duplicates apart.

    Columns: person, kind, genuine, fresh (the row knows later contacts), maiden (the row shows the birth name),
    tenant (index), flaw (how a fabricated row is wrong), remarked (the row holds a sensitive remark).
    """
    rng = streams.of("rows")
    genuine = np.arange(counts.genuine, dtype=np.int64)
    again = _people_met_twice(rng, people, counts)
    seconds, rest = again[: counts.second_account], again[counts.second_account :]
    strangers = counts.genuine + np.arange(counts.strangers, dtype=np.int64)
    recycled = strangers[: counts.recycled]
    fabricated = strangers[counts.recycled : counts.recycled + counts.fabricated]
    blocks = (
        ("original", genuine),
        ("second_account", seconds),
        ("update", rest[: counts.update]),
        ("renewal", rest[counts.update :]),
        ("recycled", recycled),
        ("fabricated", fabricated),
    )
    person = np.concatenate([who for _, who in blocks])
    kind = pl.Series("kind", [name for name, _ in blocks]).gather(
        np.repeat(np.arange(len(blocks)), [len(who) for _, who in blocks])
    )
    fresh = np.concatenate([np.zeros(len(genuine), dtype=np.bool_), np.ones(len(again), dtype=np.bool_)])
    fresh = np.r_[fresh, np.zeros(len(recycled) + len(fabricated), dtype=np.bool_)]
    frame = pl.DataFrame({"person": person, "kind": kind, "fresh": fresh}).with_columns(
        (pl.col("person") < counts.genuine).alias("genuine"),
        pl.Series("maiden", _maiden(rng, people, person, len(genuine), again)),
        _flaws(rng, story, len(person) - len(fabricated), len(fabricated)),
        pl.Series("tenant", _tenants(rng, story, counts, people, person, len(genuine), len(again))),
        pl.Series(
            "remarked",
            exactly(rng, round(story.remarks * counts.genuine), np.arange(len(person)) < len(genuine)),
        ),
    )
    return frame[rng.permutation(frame.height)]


def _people_met_twice(rng: Rng, people: pl.DataFrame, counts: Counts) -> Ints:
    """Whom a second row shows: mostly once, women who changed names more often, a few people twice."""
    wanted = counts.second_account + counts.update + counts.renewal
    if not wanted:
        return np.zeros(0, dtype=np.int64)
    own = people[: counts.genuine]
    renamed = (own["birth_name"] != own["used_name"]).to_numpy()
    weights = np.where(renamed, 2.5, 1.0) * np.where(own["minor"].to_numpy(), 0.2, 1.0)
    once = np.argsort(rng.exponential(1.0, counts.genuine) / weights, kind="stable")[:wanted].astype(np.int64)
    if len(once) < wanted:
        once = np.r_[once, weighted(rng, weights, wanted - len(once))]
    thrice = some(rng, 0.03, np.ones(wanted, dtype=np.bool_))
    once[thrice] = once[rng.integers(0, wanted, len(thrice))]
    return rng.permutation(once)


def _maiden(rng: Rng, people: pl.DataFrame, person: Ints, originals: int, again: Ints) -> Bools:
    """Before the second account a woman may have been known by her birth name; elsewhere that is rare."""
    renamed = (people["birth_name"] != people["used_name"]).to_numpy()
    maiden = rng.random(len(person)) < 0.02
    first_account = np.zeros(len(people), dtype=np.bool_)
    first_account[again[rng.random(len(again)) < 0.55]] = True
    maiden[:originals] |= first_account[person[:originals]]
    maiden[originals : originals + len(again)] = False
    return np.asarray(maiden & renamed[person], dtype=np.bool_)


def _flaws(rng: Rng, story: Story, plain: int, fabricated: int) -> pl.Series:
    split = shares(fabricated, story.forger)
    flaws = pl.Series("flaw", [WRONG_KEY, WRONG_SEX, FORGED]).gather(
        rng.permutation(np.repeat(np.arange(3), split))
    )
    none = pl.Series("flaw", [None], dtype=pl.String).new_from_index(0, plain)
    return pl.concat([none, flaws]).rename("flaw")


def _tenants(
    rng: Rng, story: Story, counts: Counts, people: pl.DataFrame, person: Ints, originals: int, again: int
) -> Ints:
    """A tenant per row, near the home of the person; a second row is another tenant's."""
    if story.tenants is None:
        return np.zeros(len(person), dtype=np.int64)
    total = story.tenants.count(counts.genuine)
    near = _near_by_place if story.tenants.homes else _near_by_size
    near = _by_household if story.tenants.by_household else near
    tenant = near(rng, story.tenants, total, people, person)
    held = min(total, originals)
    tenant[:held] = np.arange(held)  # nobody's practice is empty
    first = np.zeros(len(people), dtype=np.int64)
    first[person[:originals]] = tenant[:originals]
    met = slice(originals, originals + again)
    other = (first[person[met]] + 1 + rng.integers(0, max(total - 1, 1), again)) % total
    stays = (tenant[met] != first[person[met]]) & (rng.random(again) < 0.7)
    tenant[met] = np.where(stays, tenant[met], other)
    if counts.renewal:
        renewed = slice(originals + again - counts.renewal, originals + again)
        tenant[renewed] = first[person[renewed]]
    return np.asarray(tenant, dtype=np.int64)


def _near_by_size(rng: Rng, _: Tenants, total: int, people: pl.DataFrame, person: Ints) -> Ints:
    """Each département is served by the tenants whose turn it is, each tenant by its size."""
    sizes = np.exp(rng.normal(0, 0.45, total))
    homes = people["home"].to_numpy()
    reach = max(2, total // 12)
    turn = (homes[person] * total // (int(homes.max(initial=0)) + 1))[:, None] + np.arange(reach)[None, :]
    odds = np.cumsum(sizes[turn % total], axis=1)
    pick = (rng.random(len(person))[:, None] * odds[:, -1:] > odds).sum(axis=1)
    return np.asarray(turn[np.arange(len(person)), pick] % total, dtype=np.int64)


def _near_by_place(rng: Rng, tenants: Tenants, total: int, people: pl.DataFrame, person: Ints) -> Ints:
    """People of a town go to the same tenant of their département; a few, and those from afar, to any."""
    place, home = people["place"].to_numpy()[person], people["departement"].gather(person)
    tenant = rng.integers(0, total, len(person))
    faithful = rng.random(len(person)) > 0.02
    for departements in dict.fromkeys(tenants.homes):
        here = np.array([rank for rank, of in enumerate(tenants.homes) if of == departements])
        where = np.flatnonzero(home.is_in(departements.split()).to_numpy() & faithful)
        tenant[where] = here[place[where] % len(here)]
    return np.asarray(tenant, dtype=np.int64)


def _by_household(rng: Rng, _: Tenants, total: int, people: pl.DataFrame, person: Ints) -> Ints:
    """Families are together at one tenant."""
    household = people["household"].to_numpy()
    drawn = weighted(rng, np.exp(rng.normal(0, 0.7, total)), int(household.max(initial=0)) + 1)
    return np.asarray(drawn[household[person]], dtype=np.int64)


def account_numbers(rng: Rng, story: Story, tenant: Ints) -> Ints:
    """Distinct account numbers with holes, as a table from which rows were deleted has; by tenant where they say so."""
    size = len(tenant)
    gaps = weighted(rng, (0.86, 0.08, 0.03, 0.02, 0.01), size) + 1
    if story.tenants is None or not story.tenants.own_ids:
        return np.asarray(rng.permutation(1000 + np.cumsum(gaps)), dtype=np.int64)
    numbers = np.zeros(size, dtype=np.int64)
    for number, rows_of in groups(tenant):
        numbers[rng.permutation(rows_of)] = _RANGE * (number + 1) + np.cumsum(gaps[rows_of])
    return numbers


def events(rng: Rng, accounts: Ints, size: int) -> Ints:
    """Exactly ``size`` events spread over accounts: most have one or two, some many. Gives the account of each."""
    activity = rng.gamma(0.9, 1.0, len(accounts)) + 0.05
    return np.asarray(accounts[weighted(rng, activity, size)], dtype=np.int64)
