"""Which rows a leak has: whose, of which kind, and what the row knows of the person."""

# ruff: noqa: PLR2004 - a fiction is made of chosen figures

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from hemostat.simulate.draw import Bools, Ints, Rng, Streams, exactly, shares, some, weighted

if TYPE_CHECKING:
    from hemostat.simulate.story import Story

WRONG_KEY, WRONG_SEX, FORGED = "wrong_key", "wrong_sex", "well_forged"


@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows of each kind, and how many strangers the story needs beside its genuine people."""

    genuine: int
    second_account: int = 0
    update: int = 0
    exact_duplicate: int = 0
    recycled: int = 0
    fabricated: int = 0
    earlier_rest: int = 0
    patients_others: int = 0

    @property
    def rows(self) -> int:
        """Rows of the main file or files."""
        return sum(
            (
                self.genuine,
                self.second_account,
                self.update,
                self.exact_duplicate,
                self.recycled,
                self.fabricated,
            )
        )

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
    seconds, updates = again[: counts.second_account], again[counts.second_account :]
    strangers = counts.genuine + np.arange(counts.strangers, dtype=np.int64)
    recycled = strangers[: counts.recycled]
    fabricated = strangers[counts.recycled : counts.recycled + counts.fabricated]
    blocks = (
        ("original", genuine),
        ("second_account", seconds),
        ("update", updates),
        ("recycled", recycled),
        ("fabricated", fabricated),
    )
    person = np.concatenate([who for _, who in blocks])
    kind = pl.Series("kind", [name for name, _ in blocks]).gather(
        np.repeat(np.arange(5), [len(who) for _, who in blocks])
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
    wanted = counts.second_account + counts.update
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
    """A tenant per row: people of a département share a few; a second row is another tenant's."""
    if story.tenants is None:
        return np.zeros(len(person), dtype=np.int64)
    total = story.tenants.count(counts.genuine)
    sizes = np.exp(rng.normal(0, 0.45, total))
    home = people["home"].to_numpy()[person]
    # Each département is served by the tenants whose turn it is, each tenant by its size.
    reach = max(2, total // 12)
    turn = (home * total // (int(people["home"].to_numpy().max(initial=0)) + 1))[:, None] + np.arange(reach)[
        None, :
    ]
    odds = np.cumsum(sizes[turn % total], axis=1)
    pick = (rng.random(len(person))[:, None] * odds[:, -1:] > odds).sum(axis=1)
    tenant = turn[np.arange(len(person)), pick] % total
    held = min(total, originals)
    tenant[:held] = np.arange(held)  # nobody's practice is empty
    first = np.zeros(len(people), dtype=np.int64)
    first[person[:originals]] = tenant[:originals]
    met = slice(originals, originals + again)
    other = (first[person[met]] + 1 + rng.integers(0, max(total - 1, 1), again)) % total
    near = (tenant[met] != first[person[met]]) & (rng.random(again) < 0.7)
    tenant[met] = np.where(near, tenant[met], other)
    return np.asarray(tenant, dtype=np.int64)


def events(rng: Rng, accounts: Ints, size: int) -> Ints:
    """Exactly ``size`` events spread over accounts: most have one or two, some many. Gives the account of each."""
    activity = rng.gamma(0.9, 1.0, len(accounts)) + 0.05
    return np.asarray(accounts[weighted(rng, activity, size)], dtype=np.int64)
