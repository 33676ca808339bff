"""Surnames and first names of many origins, at realistic frequencies, with a long tail.

First names follow the year of birth and the sex. The tail of surnames is composed of heads and tails by origin
(Breton Ker-, Alsatian -mann, Armenian -ian…): a few thousand written names become tens of thousands.
"""

# ruff: noqa: PLR2004 - a fiction is made of chosen figures

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import polars as pl

from hemostat.simulate.draw import Floats, Ints, Rng, groups, weighted

ORIGINS: tuple[tuple[str, float], ...] = (
    ("fr", 0.588),
    ("breton", 0.045),
    ("alsacien", 0.03),
    ("occitan", 0.05),
    ("basque", 0.008),
    ("corse", 0.006),
    ("flamand", 0.018),
    ("catalan", 0.008),
    ("antillais", 0.014),
    ("reunionnais", 0.01),
    ("maghreb", 0.076),
    ("portugais", 0.03),
    ("espagnol", 0.022),
    ("italien", 0.028),
    ("afrique_ouest", 0.02),
    ("afrique_centrale", 0.008),
    ("turc", 0.008),
    ("polonais", 0.012),
    ("vietnamien", 0.005),
    ("chinois", 0.004),
    ("armenien", 0.004),
    ("tamoul", 0.003),
    ("juif", 0.006),
    ("anglo", 0.005),
    ("balkan", 0.005),
    ("comorien", 0.004),
)
"""Origins of surnames and their share among people. Chosen."""

ORIGIN_NAMES: tuple[str, ...] = tuple(name for name, _ in ORIGINS)

# Share of people of an origin who bear a first name of that origin, born before 1975 and since; the others
# bear a French one. Chosen.
_KEEPS_FIRST_NAME: dict[str, tuple[float, float]] = {
    "fr": (1.0, 1.0),
    "breton": (0.25, 0.3),
    "alsacien": (0.3, 0.0),
    "occitan": (0.0, 0.0),
    "basque": (0.3, 0.45),
    "corse": (0.45, 0.35),
    "flamand": (0.0, 0.0),
    "catalan": (0.25, 0.25),
    "antillais": (0.35, 0.2),
    "reunionnais": (0.0, 0.0),
    "maghreb": (0.93, 0.85),
    "portugais": (0.85, 0.3),
    "espagnol": (0.6, 0.2),
    "italien": (0.4, 0.15),
    "afrique_ouest": (0.85, 0.8),
    "afrique_centrale": (0.4, 0.5),
    "turc": (0.97, 0.92),
    "polonais": (0.45, 0.15),
    "vietnamien": (0.7, 0.35),
    "chinois": (0.85, 0.4),
    "armenien": (0.55, 0.3),
    "tamoul": (0.95, 0.9),
    "juif": (0.45, 0.6),
    "anglo": (0.85, 0.6),
    "balkan": (0.85, 0.6),
    "comorien": (0.85, 0.8),
}

_YEARS_PER_BUCKET = 5
_FIRST_YEAR = 1895
_BUCKETS = 27
_EDGE_YEARS = 10
"""A name comes and goes over about ten years around its decades."""


@dataclass(frozen=True, slots=True)
class Pool:
    """Names with their weights; draws give indices into ``names``."""

    names: pl.Series
    weights: Floats


@cache
def surname_pools() -> tuple[Pool, ...]:
    """One pool per origin, in the order of ``ORIGINS``."""
    written = _table("surnames.tsv")
    parts = _table("surname_parts.tsv")
    return tuple(_surname_pool(origin, written, parts) for origin in ORIGIN_NAMES)


def _surname_pool(origin: str, written: pl.DataFrame, parts: pl.DataFrame) -> Pool:
    listed = written.filter(pl.col("origin") == origin)["name"]
    names, weights = [listed], [_zipf(len(listed), 12, 0.9)]
    composed_share = 0.0
    for _, share, heads, tails in parts.filter(pl.col("origin") == origin).iter_rows():
        made = _composed(heads.split("|"), tails.split("|"))
        # A fixed shuffle, the same for every seed: which composed names are common is part of the fiction.
        order = np.random.default_rng(len(made)).permutation(len(made))
        composed_share += float(share)
        names.append(made.gather(order))
        weights.append(_zipf(len(made), 60, 0.8) * float(share))
    if composed_share:
        weights[0] = weights[0] * max(1.0 - composed_share, 0.15)
    pool = pl.DataFrame({"name": pl.concat(names), "weight": np.concatenate(weights)})
    pool = pool.group_by("name", maintain_order=True).agg(pl.col("weight").sum())
    return Pool(pool["name"], pool["weight"].to_numpy())


def _zipf(size: int, shift: int, power: float) -> Floats:
    weights = 1.0 / (np.arange(size) + shift) ** power
    return np.asarray(weights / weights.sum(), dtype=np.float64)


def _composed(heads: list[str], tails: list[str]) -> pl.Series:
    joined = pl.DataFrame({"head": heads}).join(pl.DataFrame({"tail": tails}), how="cross")
    spaced = pl.col("head").str.contains(r"[ \-']$") | (pl.col("head") == "")
    titled = pl.col("tail").str.slice(0, 1).str.to_uppercase() + pl.col("tail").str.slice(1)
    name = pl.col("head") + pl.when(spaced).then(titled).otherwise(pl.col("tail"))
    # Three times the same letter is nobody's name.
    made = joined.select(name.alias("name"))["name"].unique(maintain_order=True)
    clumsy = made.str.contains("aaa|bbb|ccc|ddd|eee|iii|lll|mmm|nnn|ooo|rrr|sss|ttt|uuu|zzz")
    return made.filter(~clumsy)


def draw_surnames(rng: Rng, origins: Ints) -> pl.Series:
    """One surname per origin code (an index into ``ORIGINS``)."""
    pools = surname_pools()
    starts = np.cumsum([0, *(len(pool.names) for pool in pools)])
    drawn = np.zeros(len(origins), dtype=np.int64)
    for origin, places in groups(origins):
        drawn[places] = starts[origin] + weighted(rng, pools[origin].weights, len(places))
    return pl.concat([pool.names for pool in pools]).gather(drawn).alias("surname")


@cache
def _first_name_table() -> tuple[pl.Series, dict[tuple[int, int], tuple[Ints, Floats, Floats, Floats]]]:
    table = _table("first_names.tsv").with_columns(
        pl.col("weight").cast(pl.Float64), pl.col("since").cast(pl.Float64), pl.col("until").cast(pl.Float64)
    )
    by_key: dict[tuple[int, int], tuple[Ints, Floats, Floats, Floats]] = {}
    rows = np.arange(table.height, dtype=np.int64)
    for code, origin in enumerate(ORIGIN_NAMES):
        for sex, letter in ((1, "M"), (2, "F")):
            mask = (
                table.select((pl.col("origin") == origin) & (pl.col("sex") == letter)).to_series().to_numpy()
            )
            if mask.any():
                part = table.filter(mask)
                by_key[code, sex] = (
                    rows[mask],
                    part["weight"].to_numpy(),
                    part["since"].to_numpy(),
                    part["until"].to_numpy(),
                )
    return table["name"], by_key


def draw_first_names(rng: Rng, origins: Ints, sexes: Ints, years: Ints) -> pl.Series:
    """One first name each, following origin, sex (1 or 2) and year of birth."""
    names, by_key = _first_name_table()
    keeps = np.array([_KEEPS_FIRST_NAME[name] for name in ORIGIN_NAMES])
    recent = (years >= 1975).astype(np.int64)
    own = rng.random(len(origins)) < keeps[origins, recent]
    pools = np.where(own, origins, 0)
    buckets = np.clip((years - _FIRST_YEAR) // _YEARS_PER_BUCKET, 0, _BUCKETS - 1)
    drawn = np.zeros(len(origins), dtype=np.int64)
    for code, places in groups((pools * 3 + sexes) * _BUCKETS + buckets):
        key, bucket = divmod(code, _BUCKETS)
        pool, sex = divmod(key, 3)
        rows, weights, since, until = by_key.get((pool, sex), by_key[0, sex])
        year = _FIRST_YEAR + _YEARS_PER_BUCKET * bucket + _YEARS_PER_BUCKET / 2
        fashion = np.clip((year - since + _EDGE_YEARS) / _EDGE_YEARS, 0, 1)
        fashion = fashion * np.clip((until - year + _EDGE_YEARS) / _EDGE_YEARS, 0, 1)
        intensity = weights / (until - since + _EDGE_YEARS) * (fashion + 0.004)
        drawn[places] = rows[weighted(rng, intensity, len(places))]
    return names.gather(drawn).alias("first_name")


def _table(name: str) -> pl.DataFrame:
    source = files("hemostat.simulate").joinpath("data", name)
    return pl.read_csv(source.read_bytes(), separator="\t", infer_schema=False, quote_char=None)
