"""The site of rows that nothing anchors, from their professional and their municipality; several, or none. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from hemostat.resolve.sites.rules import thresholds
from hemostat.resolve.sites.separate import agreement

if TYPE_CHECKING:
    from numpy.typing import NDArray

    I32 = NDArray[np.int32]

_CLUES = ("professional", "place")
_AT_ONCE = 4_000
SEVERAL = -2
"""Two sites are as likely as not."""


def fill(site: I32, rows: pl.DataFrame) -> tuple[I32, pl.Series]:
    """The site of each row, with those that clues give (-1 unknown, -2 several); and by which clue: null where none.

    In: the sites that are known (-1 where not); the columns `professional` and `place` of hashes, 0 where missing.
    Only clues that keep to one site where sites are known are asked. Naive Bayes, with half a row added everywhere.
    """
    by = pl.Series("by", [None], dtype=pl.String).new_from_index(0, len(site))
    asked = [clue for clue in _CLUES if agreement(site, rows[clue].to_numpy()) >= thresholds()["borne_out"]]
    lacking = site < 0
    if not asked or not lacking.any():
        return site, by
    known = rows.select(asked).with_columns(site=pl.Series(site)).filter(pl.Series(~lacking))
    open_rows = rows.select(asked).with_row_index("row").filter(pl.Series(lacking))
    combos = open_rows.select(asked).unique(maintain_order=True).with_row_index("combo")
    best = _best(known, combos, asked, int(site.max()) + 1)
    told = open_rows.join(
        combos.with_columns(site=pl.Series(best)), on=asked, how="left", maintain_order="left"
    )
    out = site.copy()
    out[told["row"].to_numpy()] = told["site"].to_numpy()
    first = pl.coalesce([pl.when(pl.col(clue) != 0).then(pl.lit(clue)) for clue in asked])
    named = told.select("row", by=pl.when(pl.col("site") >= 0).then(first))
    spread = by.to_frame().with_row_index("row").update(named, on="row")
    return out, spread["by"]


def _best(known: pl.DataFrame, combos: pl.DataFrame, asked: list[str], sites: int) -> I32:
    """The site of each combination of clues."""
    prior = np.bincount(known["site"].to_numpy(), minlength=sites) + 0.5
    found = np.full(combos.height, -1, dtype=np.int32)
    tables = {clue: known.filter(pl.col(clue) != 0).group_by(clue, "site").len() for clue in asked}
    for start in range(0, combos.height, _AT_ONCE):
        part = combos.slice(start, _AT_ONCE)
        score = np.tile(np.log(prior / prior.sum()), (part.height, 1))
        speaks = np.zeros(part.height, dtype=np.bool_)
        for clue, table in tables.items():
            hits = part.select("combo", clue).join(table, on=clue)
            if not hits.height:
                continue
            counts = np.full((part.height, sites), 0.5)
            at = hits["combo"].to_numpy() - start
            counts[at, hits["site"].to_numpy()] += hits["len"].to_numpy()
            held = table.group_by("site").agg(pl.col("len").sum())
            totals = np.full(sites, 1.0)
            totals[held["site"].to_numpy()] += held["len"].to_numpy()
            seen = np.isin(np.arange(part.height), at)
            score[seen] += np.log(counts[seen] / totals)
            speaks |= seen
        found[start : start + part.height] = np.where(speaks, _chosen(score), -1)
    return found


def _chosen(score: NDArray[np.float64]) -> I32:
    chance = np.exp(score - score.max(axis=1, keepdims=True))
    chance /= chance.sum(axis=1, keepdims=True)
    top = np.argmax(chance, axis=1)
    first = chance[np.arange(len(chance)), top]
    two = np.sort(chance, axis=1)[:, -2:].sum(axis=1)
    sure = thresholds()["sure"]
    return np.where(first >= sure, top, np.where(two >= sure, SEVERAL, -1)).astype(np.int32)
