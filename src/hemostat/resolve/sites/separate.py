"""Which way of parting rows tells sites apart: one that other facts bear out, never numbers alone. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from hemostat.resolve.sites.ranges import Ranges, numbers, prefixes, ranges
from hemostat.resolve.sites.rules import thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    I32 = NDArray[np.int32]

CLUES = ("patient_file", "professional", "place")
"""Facts of a row that may bear a site out, the surest first: columns of hashes, 0 where they are missing."""


@dataclass(frozen=True, slots=True)
class Parted:
    """Rows parted into sites. `site`: number of each row's site, -1 unknown; `keys`: what names each site for good.

    `how`: range, prefix, file, professional or patient_file. `lows`: the ranges, when it is by these.
    """

    how: str
    site: I32
    keys: tuple[str, ...]
    lows: Ranges | None = None


def candidates(rows: pl.DataFrame) -> list[Parted]:
    """Ways of parting most of the rows into two sites or more, the most telling first; facts must still bear them out.

    In: own_id, evidence, file_site (the site that the patient file gives the row's person): texts.
    """
    return [
        parted
        for parted in _ways(rows)
        if len(parted.keys) > 1 and (parted.site >= 0).mean() >= thresholds()["covered"]
    ]


def borne_out(parted: Parted, clues: pl.DataFrame) -> bool:
    """Whether rows with one clue in common keep to one site, far beyond chance. The patient file needs no other word.

    In: the columns of CLUES, hashes, 0 where missing.
    """
    return parted.how == "patient_file" or any(
        agreement(parted.site, clues[clue].to_numpy()) >= thresholds()["borne_out"] for clue in CLUES
    )


def agreement(site: I32, clue: NDArray[np.uint64]) -> float:
    """How far rows with one clue in common are of one site, chance taken off: 1 always, 0 no more than by chance."""
    held = pl.DataFrame({"site": site, "clue": clue}).filter((pl.col("site") >= 0) & (pl.col("clue") != 0))
    both = _pairs(held.group_by("clue", "site").len()["len"])
    together = _pairs(held.group_by("clue").len()["len"])
    if together < thresholds()["pairs"] or held["clue"].n_unique() < 2:  # noqa: PLR2004 - one value tells nothing apart
        return 0.0
    shares = held["site"].value_counts()["count"].to_numpy() / held.height
    chance = float((shares**2).sum())
    return (both / together - chance) / (1 - chance) if chance < 1 else 0.0


def _pairs(counts: pl.Series) -> float:
    sizes = counts.to_numpy().astype(np.float64)
    return float((sizes * (sizes - 1)).sum())


def _ways(rows: pl.DataFrame) -> Iterator[Parted]:
    """Ways of parting the rows, the most telling first. A site has at least a few rows."""
    heads = prefixes(rows["own_id"])
    yield _labelled("prefix", heads)
    plain = numbers(rows["own_id"])
    found = ranges(plain)
    if found is not None:
        yield _by_range(found, plain)
    if rows["evidence"].n_unique() > 1:
        yield _labelled("file", rows["evidence"])
    yield _labelled("patient_file", rows["file_site"])


def _by_range(found: Ranges, plain: NDArray[np.int64]) -> Parted:
    at = found.of(plain)
    counts = np.bincount(at[at >= 0], minlength=len(found.lows))
    kept = counts >= thresholds()["least"]
    number = np.where(kept, np.cumsum(kept) - 1, -1)
    site = np.where(at >= 0, number[at], -1).astype(np.int32)
    keys = tuple(str(low) for low in found.lows[kept])
    return Parted("range", site, keys if len(keys) <= thresholds()["most"] else (), found)


def _labelled(how: str, labels: pl.Series) -> Parted:
    counts = pl.DataFrame({"label": labels}).drop_nulls().group_by("label").len()
    counts = counts.filter(pl.col("len") >= thresholds()["least"]).sort("label")
    if not 1 < counts.height <= thresholds()["most"]:
        return Parted(how, np.full(len(labels), -1, dtype=np.int32), ())
    numbered = counts.select("label", site=pl.int_range(pl.len(), dtype=pl.Int32))
    site = (
        labels.rename("label")
        .to_frame()
        .join(numbered, on="label", how="left", maintain_order="left")["site"]
    )
    return Parted(how, site.fill_null(-1).to_numpy(), tuple(counts["label"]))
