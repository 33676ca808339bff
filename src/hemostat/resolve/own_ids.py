"""Which of several identifier columns tells people apart: not the number of the row, but that of the person."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from hemostat.resolve.settings import Settings


def repeated_ids(identity: pl.DataFrame, keys: pl.DataFrame, rules: Settings) -> pl.Series:
    """The internal id of each row, taken from another column of its table where the usual one never comes twice.

    In: `identity` with record_id, internal_id, tenant, id_space; `keys` with record_id, place, value, for tables with
    several identifier columns. An id that numbers rows links nothing; one that some rows share, few at a time, may be
    the person's. Whether it is to be believed is judged later, on the rows it brings together.
    """
    usual = (
        identity.drop_nulls("internal_id")
        .group_by("id_space")
        .agg(rows=pl.len(), distinct=pl.struct("tenant", "internal_id").n_unique())
    )
    idle = usual.filter(pl.col("distinct") == pl.col("rows")).select("id_space", "rows")
    told = keys.join(identity.select("record_id", "tenant", "id_space"), on="record_id").join(
        idle, on="id_space"
    )
    places = (
        told.group_by("id_space", "place")
        .agg(held=pl.len(), distinct=pl.struct("tenant", "value").n_unique(), rows=pl.col("rows").first())
        .filter(
            (pl.col("held") - pl.col("distinct") >= rules["own_id_repeated"] * pl.col("held"))
            & (pl.col("held") <= rules["household"] * pl.col("distinct"))
            & (pl.col("held") >= rules["own_id_held"] * pl.col("rows"))
        )
        .sort("distinct", "place", descending=[True, False])
        .unique("id_space", keep="first", maintain_order=True)
    )
    better = told.join(places.select("id_space", "place"), on=["id_space", "place"]).select(
        "record_id", "value"
    )
    chosen = identity.select("record_id", "internal_id", "id_space").join(
        better, on="record_id", how="left", maintain_order="left"
    )
    replaced = chosen.join(
        places.select("id_space", "place"), on="id_space", how="left", maintain_order="left"
    )
    return replaced.select(
        pl.when(pl.col("place").is_not_null()).then("value").otherwise("internal_id").alias("internal_id")
    ).to_series()
