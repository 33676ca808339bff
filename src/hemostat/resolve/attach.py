"""Records that name nobody reach their person through identifiers: consultations through the patient's number.

Which column refers to which is what the dump or database declares (its foreign keys); where it declares nothing, it is
seen from the values. A column refers to another when nearly all its values are found there, and each of these stands
for one person.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from hemostat.model import RECORD_BITS

if TYPE_CHECKING:
    from hemostat.resolve.settings import Settings

_PASSES = 3  # messages -> consultations -> users
_SAMPLE = 5_000  # values of a column, smallest hashes first, by which a reference is recognised


def attach(
    keys: pl.DataFrame, held: pl.DataFrame, rules: Settings, ties: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Person of the records that have none.

    In: `keys` with record_id, family, scope, place, value (uint64); `held` with record_id, person (records that
    already have their person). `family`: tables of one shape; `scope`: what came together (a dump, a folder).
    `ties`: what is declared, as `declared.ties` gives it; a table that it reaches is tied by nothing else.
    Out: record_id, person, for the records reached, each once.
    """
    reached = held.select("record_id", "person")
    found = reached.clear()
    if ties is not None and ties.height:
        for _ in range(_PASSES):
            fresh = _declared(ties, reached)
            if not fresh.height:
                break
            found = pl.concat([found, fresh])
            reached = pl.concat([reached, fresh])
        settled = found.select(pl.col("record_id") // (1 << RECORD_BITS)).unique()
        keys = keys.filter(
            pl.col("record_id").is_in(reached["record_id"].implode())
            | ~(pl.col("record_id") // (1 << RECORD_BITS)).is_in(settled["record_id"].implode())
        )
    for _ in range(_PASSES):
        fresh = _one_pass(keys, reached, rules)
        if not fresh.height:
            break
        found = pl.concat([found, fresh])
        reached = pl.concat([reached, fresh])
    return found


def _declared(ties: pl.DataFrame, reached: pl.DataFrame) -> pl.DataFrame:
    """Records one declared reference away from those reached, where it leads to one person."""
    known = ties.join(reached, on="record_id")
    single = (
        known.group_by("tie", "refers", "value")
        .agg(person=pl.col("person").first(), people=pl.col("person").n_unique())
        .filter(pl.col("people") == 1)
        .select("tie", "value", "person", refers=~pl.col("refers"))
    )
    return (
        ties.join(reached, on="record_id", how="anti")
        .join(single, on=["tie", "refers", "value"])
        .sort("record_id", ~pl.col("refers"), "tie")
        .unique("record_id", keep="first", maintain_order=True)
        .select("record_id", "person")
    )


def _one_pass(keys: pl.DataFrame, reached: pl.DataFrame, rules: Settings) -> pl.DataFrame:
    known = keys.join(reached, on="record_id")
    lost = keys.join(reached, on="record_id", how="anti")
    if not known.height or not lost.height:
        return reached.clear()
    column, other = ["family", "place"], ["family_to", "place_to"]
    target = (
        known.group_by(*column, "scope", "value")
        .agg(person=pl.col("person").first(), people=pl.col("person").n_unique())
        .rename({"family": "family_to", "place": "place_to"})
    )
    sample = lost.select(*column, "scope", "value").unique().sort("value").group_by(*column).head(_SAMPLE)
    sizes = sample.group_by(column).agg(pl.len().alias("values"))
    unique = target.group_by(other).agg(single=(pl.col("people") == 1).mean())
    hits = (
        sample.join(target.select(*other, "scope", "value"), on=["scope", "value"])
        .group_by(*column, *other)
        .agg(hits=pl.struct("scope", "value").n_unique())
        .join(sizes, on=column)
        .join(unique, on=other)
        .with_columns(contained=pl.col("hits") / pl.col("values"))
        .filter(
            (pl.col("contained") >= rules["reference_contained"])
            & (pl.col("single") >= rules["reference_single"])
        )
        .sort("contained", "single", *column, *other, descending=[True, True, False, False, False, False])
        # one reference per table: its best column
        .unique("family", keep="first", maintain_order=True)
    )
    if not hits.height:
        return reached.clear()
    return (
        lost.join(hits.select(*column, *other), on=column)
        .join(target.filter(pl.col("people") == 1), on=[*other, "scope", "value"])
        .select("record_id", "person")
        .unique("record_id", keep="first", maintain_order=True)
    )
