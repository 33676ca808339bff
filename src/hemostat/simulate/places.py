"""Where people live and were born: communes, villages, streets, countries, and the five-character place code."""

# ruff: noqa: PLR2004 - a fiction is made of chosen figures

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
import polars as pl

from hemostat.simulate.draw import Bools, Floats, Ints, Rng, groups, put, weighted
from hemostat.simulate.names import ORIGIN_NAMES

_VILLAGES_PER_DEPARTEMENT = 40
_HOME: dict[str, tuple[str, ...]] = {
    "breton": ("29", "56", "22", "35", "44"),
    "alsacien": ("67", "68", "57"),
    "occitan": ("31", "81", "12", "34", "46", "82", "11", "09", "65", "32"),
    "basque": ("64", "40", "33"),
    "corse": ("2A", "2B", "13"),
    "flamand": ("59", "62"),
    "catalan": ("66", "11"),
    "antillais": ("971", "972", "973", "93", "94", "95"),
    "reunionnais": ("974",),
    "polonais": ("62", "59", "42", "71"),
    "armenien": ("13", "69", "26", "92"),
    "italien": ("06", "57", "54", "13", "38"),
    "espagnol": ("34", "66", "11", "31", "30"),
    "portugais": ("94", "91", "77", "63", "78"),
    "comorien": ("13", "974", "976"),
}
_TOWNS = ("93", "94", "92", "69", "13", "59", "31", "67", "95", "75", "38")
"""Where people who came from abroad live more often. Chosen."""
_HOME_SHARE = 0.6
_ABROAD: dict[str, tuple[float, float, float]] = {
    "fr": (0.05, 0.03, 0.02),
    "breton": (0.01, 0.01, 0.01),
    "alsacien": (0.02, 0.01, 0.01),
    "occitan": (0.02, 0.01, 0.01),
    "basque": (0.03, 0.01, 0.01),
    "corse": (0.03, 0.01, 0.01),
    "flamand": (0.08, 0.03, 0.01),
    "catalan": (0.08, 0.02, 0.01),
    "antillais": (0.05, 0.06, 0.04),
    "reunionnais": (0.01, 0.01, 0.01),
    "italien": (0.5, 0.1, 0.06),
    "espagnol": (0.55, 0.1, 0.06),
    "polonais": (0.3, 0.1, 0.06),
    "portugais": (0.85, 0.45, 0.12),
    "juif": (0.55, 0.1, 0.05),
}
_ABROAD_ELSE = (0.85, 0.55, 0.15)
"""Share of people of an origin born abroad: born before 1960, before 1990, since. Chosen."""

_SEINE_SPLIT = 1968
_CORSICA_SPLIT = 1976


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """All places, sorted by département, with their weight there."""

    name: pl.Series
    postal_code: pl.Series
    code: pl.Series
    weight: Floats
    starts: Ints
    departements: pl.DataFrame


@cache
def gazetteer() -> Gazetteer:
    """Communes of the data file, and composed villages so that each département has its small places."""
    departements = _table("departements.tsv").with_columns(
        pl.col("population").cast(pl.Float64), pl.col("phone_zone").cast(pl.Int64)
    )
    communes = _table("communes.tsv").with_columns(pl.col("population").cast(pl.Float64))
    department = pl.when(pl.col("code").str.starts_with("97")).then(pl.col("code").str.slice(0, 3))
    communes = communes.with_columns(
        department.otherwise(pl.col("code").str.slice(0, 2)).alias("departement")
    )
    villages = pl.concat(
        [_villages(*row) for row in departements.select("code", "population").iter_rows() if row[0] != "75"]
    )
    towns = communes.group_by("departement").agg(pl.col("population").sum().alias("towns"))
    villages = (
        villages.join(towns, on="departement", maintain_order="left")
        .with_columns((pl.col("total") - pl.col("towns")).clip(pl.col("total") * 0.02).alias("rest"))
        .with_columns((pl.col("share") * pl.col("rest")).alias("population"))
    )
    order = pl.DataFrame({"departement": departements["code"], "rank": range(departements.height)})
    columns = ["departement", "code", "name", "postal_code", "population"]
    places = pl.concat([communes.select(columns), villages.select(columns)])
    places = places.join(order, on="departement", maintain_order="left").sort("rank", maintain_order=True)
    starts = np.searchsorted(places["rank"].to_numpy(), np.arange(departements.height + 1)).astype(np.int64)
    return Gazetteer(
        places["name"],
        places["postal_code"],
        places["code"],
        places["population"].to_numpy(),
        starts,
        departements,
    )


def _villages(departement: str, population: float) -> pl.DataFrame:
    rng = np.random.default_rng([7, *departement.encode()])
    size = _VILLAGES_PER_DEPARTEMENT
    heads, tails = _parts("head").to_list(), _parts("tail").to_list()
    pairs = rng.permutation(len(heads) * len(tails))[:size]
    names = [f"{heads[p // len(tails)]}-{tails[p % len(tails)]}" for p in pairs]
    overseas = len(departement) == 3
    numbers = rng.permutation(np.arange(40, 90) if overseas else np.arange(490, 900))[:size]
    code_width = 2 if overseas else 3
    postal = "20" if departement[:1] == "2" and not departement.isdigit() else departement
    posts = rng.integers(1, 10 if overseas else 90, size) * 10
    share = 1.0 / (np.arange(size) + 8)
    return pl.DataFrame(
        {
            "departement": [departement] * size,
            "code": [f"{departement}{number:0{code_width}d}" for number in numbers],
            "name": names,
            "postal_code": [f"{postal}{post:0{5 - len(postal)}d}" for post in posts],
            "share": share / share.sum(),
            "total": [population] * size,
        }
    )


def draw_departements(rng: Rng, origins: Ints, regions: tuple[str, ...] = ()) -> Ints:
    """One département index per household, near home for names of a region, in large towns for many others.

    Where ``regions`` are given, all but a few live there.
    """
    codes = gazetteer().departements["code"].to_list()
    populations = gazetteer().departements["population"].to_numpy()
    drawn = weighted(rng, populations, len(origins))
    if regions:
        near = np.array([codes.index(code) for code in regions])
        inside = near[weighted(rng, populations[near], len(origins))]
        return np.where(rng.random(len(origins)) < 0.94, inside, drawn)
    at_home = rng.random(len(origins)) < _HOME_SHARE
    for origin, places in groups(origins):
        if ORIGIN_NAMES[origin] == "fr":
            continue
        home = np.array([codes.index(code) for code in _HOME.get(ORIGIN_NAMES[origin], _TOWNS)])
        staying = places[at_home[places]]
        drawn[staying] = home[weighted(rng, populations[home], len(staying))]
    return drawn


def draw_places(rng: Rng, departements: Ints, concentration: float = 1.0) -> Ints:
    """One place (row of the gazetteer) per département index; ``concentration`` above 1 favours towns."""
    known = gazetteer()
    drawn = np.zeros(len(departements), dtype=np.int64)
    for departement, where in groups(departements):
        start, end = known.starts[departement], known.starts[departement + 1]
        drawn[where] = start + weighted(rng, known.weight[start:end] ** concentration, len(where))
    return drawn


def draw_streets(rng: Rng, size: int) -> tuple[pl.Series, pl.Series]:
    """Street lines (``12 bis rue des Lilas``) and complements (null for most)."""
    streets = _table("streets.tsv")["name"]
    kinds = (
        "rue",
        "avenue",
        "boulevard",
        "place",
        "impasse",
        "allée",
        "chemin",
        "route",
        "square",
        "cours",
        "quai",
    )
    kind = pl.Series(kinds).gather(weighted(rng, (56, 13, 6, 5, 5, 5, 5, 3, 1, 0.6, 0.4), size))
    name = streets.gather(weighted(rng, 1 / (np.arange(len(streets)) + 15), size))
    number = pl.Series(1 + np.floor(rng.exponential(28, size)).astype(np.int64))
    suffix = pl.Series(("", " bis", " ter", "B", " A")).gather(weighted(rng, (93, 4, 0.7, 1.3, 1), size))
    hamlets = _parts("hamlet")
    hamlet = "Lieu-dit " + hamlets.gather(rng.integers(0, len(hamlets), size))
    frame = pl.DataFrame({"number": number, "suffix": suffix, "kind": kind, "name": name, "hamlet": hamlet})
    line = pl.format("{}{} {} {}", "number", "suffix", "kind", "name")
    rural = pl.Series(rng.random(size) < 0.03)
    frame = frame.with_columns(pl.when(rural).then(pl.col("hamlet")).otherwise(line).alias("line"))
    return frame["line"], _complements(rng, size)


def _complements(rng: Rng, size: int) -> pl.Series:
    shown = np.flatnonzero(rng.random(size) < 0.14)
    frame = pl.DataFrame(
        {
            "letter": pl.Series(list("ABCDEFGH")).gather(rng.integers(0, 8, len(shown))),
            "digit": rng.integers(1, 60, len(shown)),
            "form": rng.integers(0, 8, len(shown)),
        }
    )
    form = pl.col("form")
    line = (
        pl.when(form == 0)
        .then(pl.format("bât {}", "letter"))
        .when(form == 1)
        .then(pl.format("Bâtiment {} apt {}", "letter", "digit"))
        .when(form == 2)
        .then(pl.format("Résidence du Parc esc {}", "letter"))
        .when(form == 3)
        .then(pl.lit("Résidence Bellevue"))
        .otherwise(pl.format("apt {}", "digit"))
    )
    empty = pl.Series("complement", [None], dtype=pl.String).new_from_index(0, size)
    return put(empty, shown, frame.select(line.alias("line"))["line"])


def draw_birth_places(rng: Rng, origins: Ints, years: Ints, homes: Ints) -> tuple[pl.Series, pl.Series]:
    """Five-character birth place codes as a NIR holds them, and place names.

    Before 1968 the suburbs of Paris were in 75 and 78; before 1976 Corsica was 20; before independence
    Algeria was 91 to 94, Tunisia 96 and Morocco 95.
    """
    known = gazetteer()
    populations = known.departements["population"].to_numpy()
    elsewhere = weighted(rng, populations, len(origins))
    departement = np.where(rng.random(len(origins)) < 0.58, homes, elsewhere)
    place = draw_places(rng, departement, 1.15)
    code = known.code.gather(place).alias("code")
    name = known.name.gather(place).alias("name")
    number = pl.Series("number", rng.integers(1, 80, len(origins)))
    frame = pl.DataFrame([code, name, number, pl.Series("year", years)])
    head = pl.col("code").str.slice(0, 2)
    tail = pl.col("number").cast(pl.String).str.zfill(3)
    suburb = (pl.col("year") < _SEINE_SPLIT) & head.is_in(["91", "92", "93", "94", "95"])
    seine = head.is_in(["92", "93", "94"])
    frame = frame.with_columns(
        pl.when(suburb & seine)
        .then(pl.lit("75") + tail)
        .when(suburb)
        .then(pl.lit("78") + tail)
        .when((pl.col("year") < _CORSICA_SPLIT) & head.is_in(["2A", "2B"]))
        .then(pl.lit("20") + pl.col("code").str.slice(2))
        .otherwise(pl.col("code"))
        .alias("code")
    )
    abroad = _born_abroad(rng, origins, years)
    foreign = _foreign_places(rng, origins[abroad], years[abroad])
    where = np.flatnonzero(abroad)
    return (
        put(frame["code"], where, foreign["code"]).alias("birth_code"),
        put(frame["name"], where, foreign["name"]).alias("birth_place"),
    )


def _born_abroad(rng: Rng, origins: Ints, years: Ints) -> Bools:
    rates = np.array([_ABROAD.get(name, _ABROAD_ELSE) for name in ORIGIN_NAMES])
    era = np.digitize(years, (1960, 1990))
    return np.asarray(rng.random(len(origins)) < rates[origins, era], dtype=np.bool_)


def _foreign_places(rng: Rng, origins: Ints, years: Ints) -> pl.DataFrame:
    countries = _table("countries.tsv").with_columns(pl.col("weight").cast(pl.Float64))
    drawn = np.zeros(len(origins), dtype=np.int64)
    rows = np.arange(countries.height)
    weights = countries["weight"].to_numpy()
    for origin, places in groups(origins):
        name = ORIGIN_NAMES[origin]
        known = rows[(countries["origin"] == name).to_numpy()]
        pool = known if len(known) else rows[(countries["origin"] == "fr").to_numpy()]
        drawn[places] = pool[weighted(rng, weights[pool], len(places))]
    frame = countries.select("code", "name")[drawn].with_columns(
        pl.Series("year", years),
        pl.Series("number", rng.integers(1, 400, len(origins))),
        pl.Series("head", rng.integers(91, 95, len(origins))),
        pl.Series("old_style", rng.random(len(origins)) < 0.55),
    )
    tail = pl.col("number").cast(pl.String).str.zfill(3)
    old = pl.col("old_style")
    return frame.with_columns(
        pl.when(old & (pl.col("code") == "99352") & (pl.col("year") < 1962))
        .then(pl.col("head").cast(pl.String) + tail)
        .when(old & (pl.col("code") == "99351") & (pl.col("year") < 1956))
        .then(pl.lit("96") + tail)
        .when(old & (pl.col("code") == "99350") & (pl.col("year") < 1956))
        .then(pl.lit("95") + tail)
        .otherwise(pl.col("code"))
        .alias("code")
    )


@cache
def _parts(part: str) -> pl.Series:
    """Heads and tails of village names, or names of hamlets."""
    return _table("villages.tsv").filter(pl.col("part") == part)["name"]


@cache
def _table(name: str) -> pl.DataFrame:
    source = files("hemostat.simulate").joinpath("data", name)
    return pl.read_csv(source.read_bytes(), separator="\t", infer_schema=False, quote_char=None)
