"""Numbers of people that stay the same from one analysis to the next."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from hemostat.resolve.groups import order


@dataclass(frozen=True, slots=True)
class Numbered:
    """People with their ids.

    `ids`: cluster, person_id; `events`: kind (merge or split), old_id, new_id: what became of people known before.
    """

    ids: pl.DataFrame
    events: pl.DataFrame


def number(clusters: pl.DataFrame, before: pl.DataFrame | None, highest: int) -> Numbered:
    """Ids of the clusters.

    In: `clusters` with cluster, record_id, content (uint64, smallest wins); `before`, of an earlier analysis, with
    record_id, person_id; `highest`: the greatest id ever given. The first analysis numbers people by the smallest
    content of their records, so that neither row nor file order matters. Later ones leave to each cluster the id of
    the earlier person with which it shares most records; new ids go on after the highest.
    """
    ranked = _by_content(clusters)
    if before is None or not before.height:
        ids = ranked.select("cluster").with_row_index("person_id", offset=highest + 1)
        return Numbered(ids.select("cluster", pl.col("person_id").cast(pl.Int64)), _no_events())
    shared = (
        clusters.join(before, on="record_id")
        .group_by("cluster", "person_id")
        .agg(pl.len().alias("n"))
        .join(ranked, on="cluster")
        .sort("n", "person_id", "content", descending=[True, False, False])
    )
    # each cluster bids for its best earlier person; each earlier person goes to its best bidder
    kept = shared.unique("cluster", keep="first", maintain_order=True).unique(
        "person_id", keep="first", maintain_order=True
    )
    fresh = (
        ranked.join(kept, on="cluster", how="anti").select("cluster").with_row_index("k", offset=highest + 1)
    )
    ids = pl.concat(
        [
            kept.select("cluster", "person_id"),
            fresh.select("cluster", pl.col("k").cast(pl.Int64).alias("person_id")),
        ]
    )
    now = (
        shared.select("cluster", old_id="person_id")
        .join(ids, on="cluster")
        .filter(pl.col("old_id") != pl.col("person_id"))
    )
    alive = now.join(ids, left_on="old_id", right_on="person_id", how="semi")
    gone = now.join(ids, left_on="old_id", right_on="person_id", how="anti")
    events = pl.concat(
        [
            alive.select(pl.lit("split").alias("kind"), "old_id", new_id="person_id"),
            gone.select(pl.lit("merge").alias("kind"), "old_id", new_id="person_id"),
        ]
    )
    return Numbered(ids, events.unique().sort("kind", "old_id", "new_id"))


def _by_content(clusters: pl.DataFrame) -> pl.DataFrame:
    """Each cluster with the smallest content of its records, in the order of these."""
    cluster = clusters["cluster"].to_numpy()
    size = int(cluster.max()) + 1 if len(cluster) else 0
    least = np.full(size, np.iinfo(np.uint64).max, dtype=np.uint64)
    np.minimum.at(least, cluster, clusters["content"].to_numpy())
    held = np.flatnonzero(np.bincount(cluster, minlength=size)) if size else np.empty(0, np.int64)
    chosen = held[order(least[held])]
    return pl.DataFrame({"cluster": chosen.astype(cluster.dtype), "content": least[chosen]})


def _no_events() -> pl.DataFrame:
    return pl.DataFrame(schema={"kind": pl.String, "old_id": pl.Int64, "new_id": pl.Int64})
