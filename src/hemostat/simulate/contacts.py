"""Telephone numbers and e-mail addresses that lead to nobody, distinct unless shared on purpose."""

# ruff: noqa: PLR2004 - a fiction is made of chosen figures

from __future__ import annotations

from functools import cache
from importlib.resources import files

import numpy as np
import polars as pl

from hemostat.simulate.draw import Ints, Rng, groups, patchwork, put, weighted

FICTION_LIMIT = 30_000
"""Above this many people the numbers reserved for fiction run out and false sharing would appear."""

_FICTION_BLOCKS = {1: 199_000_000, 2: 261_910_000, 3: 353_010_000, 4: 465_710_000, 5: 536_490_000}
_FICTION_MOBILES = 639_980_000
_BLOCK = 10_000
# Mobile and landline number spaces of the overseas départements: first nine-digit number and size.
_OVERSEAS_LANDLINE = {
    "971": 590_000_000,
    "972": 596_000_000,
    "973": 594_000_000,
    "974": 262_000_000,
    "976": 269_000_000,
}
_OVERSEAS_MOBILE = {
    "971": 690_000_000,
    "972": 696_000_000,
    "973": 694_000_000,
    "974": 692_000_000,
    "976": 639_000_000,
}
_DOMAINS = (
    ("example.org", 20.0),
    ("example.com", 22.0),
    ("example.net", 18.0),
    ("mail.example.com", 14.0),
    ("courriel.example.org", 7.0),
    ("boite.example.net", 6.0),
    ("poste.example.net", 5.0),
    ("web.example.org", 4.0),
    ("free.example.com", 4.0),
    ("etu.example.org", 1.5),
    ("pro.example.com", 1.5),
)


class Numbers:
    """Hands out telephone numbers, each once. A number is an integer of nine digits; 0 where none is left."""

    def __init__(self, rng: Rng, people: int) -> None:
        self._rng = rng
        self.fiction = people <= FICTION_LIMIT
        if self.fiction:
            self._mobiles = _FICTION_MOBILES + rng.permutation(_BLOCK).astype(np.int64)
            self._zones = {
                zone: start + rng.permutation(_BLOCK).astype(np.int64)
                for zone, start in _FICTION_BLOCKS.items()
            }
        self._taken = np.zeros(0, dtype=np.int64)

    def mobiles(self, departements: pl.Series) -> Ints:
        """One mobile number per row; the département only matters overseas."""
        size = len(departements)
        if self.fiction:
            given, self._mobiles = self._mobiles[:size], self._mobiles[size:]
            return np.concatenate([given, np.zeros(size - len(given), dtype=np.int64)])
        starts = np.where(self._rng.random(size) < 0.62, 600_000_000, 700_000_000)
        starts = np.where(starts == 700_000_000, 730_000_000, starts)
        return self._fresh(*_overseas(departements, _OVERSEAS_MOBILE, starts, np.full(size, 59_000_000)))

    def landlines(self, departements: pl.Series, zones: Ints) -> Ints:
        """One landline per row, of the zone (1 to 5) of its département as long as the zone has numbers."""
        size = len(zones)
        if not self.fiction:
            return self._fresh(
                *_overseas(
                    departements,
                    _OVERSEAS_LANDLINE,
                    zones * 100_000_000 + 20_000_000,
                    np.full(size, 70_000_000),
                )
            )
        drawn = np.zeros(size, dtype=np.int64)
        late: list[Ints] = []
        for zone, places in groups(zones):
            pool = self._zones[zone]
            given = pool[: len(places)]
            self._zones[zone] = pool[len(places) :]
            drawn[places[: len(given)]] = given
            late.append(places[len(given) :])
        rest = np.concatenate([*late, np.zeros(0, dtype=np.int64)])
        spare = np.concatenate(list(self._zones.values()))[: len(rest)]
        drawn[rest[: len(spare)]] = spare
        used = set(spare.tolist())
        self._zones = {
            zone: np.array([n for n in pool if n not in used], dtype=np.int64)
            for zone, pool in self._zones.items()
        }
        return drawn

    def _fresh(self, starts: Ints, widths: Ints) -> Ints:
        """Numbers between each start and its width that were not given before."""
        drawn = starts + np.floor(self._rng.random(len(starts)) * widths).astype(np.int64)
        while True:
            order = np.argsort(drawn, kind="stable")
            ranked = drawn[order]
            twice = np.concatenate([[False], ranked[1:] == ranked[:-1]])[: len(ranked)]
            near = np.searchsorted(self._taken, ranked)
            known = np.append(self._taken, -1)[near] == ranked
            again = order[twice | known]
            if not len(again):
                break
            drawn[again] = starts[again] + np.floor(self._rng.random(len(again)) * widths[again]).astype(
                np.int64
            )
        self._taken = np.sort(np.concatenate([self._taken, drawn]), kind="stable")
        return drawn


def _overseas(
    departements: pl.Series, spaces: dict[str, int], starts: Ints, widths: Ints
) -> tuple[Ints, Ints]:
    here = departements.is_in(list(spaces)).to_numpy()
    local = departements.replace_strict(spaces, default=0, return_dtype=pl.Int64).to_numpy()
    return np.where(here, local, starts), np.where(here, 1_000_000, widths)


@cache
def _nicknames() -> tuple[str, ...]:
    source = files("hemostat.simulate").joinpath("data", "mail_words.txt")
    return tuple(source.read_text(encoding="utf-8").split())


def fold(texts: pl.Series) -> pl.Series:
    """Lower case, no accents, no spaces, hyphens or apostrophes: what goes into a local part."""
    distinct = texts.unique(maintain_order=True)
    folded = distinct.str.to_lowercase().str.normalize("NFD").str.replace_all(r"\p{M}", "")
    folded = folded.str.replace_all("ł", "l", literal=True).str.replace_all("ı", "i", literal=True)
    folded = folded.str.replace_all(r"[^a-z0-9]", "")
    return folded.gather(texts.cast(pl.Enum(distinct)).to_physical())


def emails(rng: Rng, first_names: pl.Series, surnames: pl.Series, years: Ints) -> pl.Series:
    """One address per person, all different, at domains reserved for examples."""
    size = len(first_names)
    domains = pl.Series([name for name, _ in _DOMAINS])
    frame = pl.DataFrame(
        {
            "first": fold(first_names),
            "last": fold(surnames),
            "word": pl.Series(_nicknames()).gather(rng.integers(0, len(_nicknames()), size)),
            "yy": pl.Series(years % 100).cast(pl.String).str.zfill(2),
            "year": pl.Series(years).cast(pl.String),
            "number": pl.Series(rng.integers(1, 999, size)).cast(pl.String),
            "domain": domains.gather(weighted(rng, [weight for _, weight in _DOMAINS], size)),
        }
    )
    first, last, initial = pl.col("first"), pl.col("last"), pl.col("first").str.slice(0, 1)
    forms: tuple[pl.Expr, ...] = (
        first + "." + last,
        first + last,
        initial + "." + last,
        initial + last,
        last + "." + first,
        first + "." + last + pl.col("yy"),
        first + pl.col("yy"),
        first + "-" + last,
        first + "_" + last,
        last + pl.col("number"),
        pl.col("word") + pl.col("yy"),
        pl.col("word") + "." + first + pl.col("number"),
        first + "." + last.str.slice(0, 1) + pl.col("number"),
        pl.col("word") + pl.col("year"),
    )
    form = weighted(rng, (30, 12, 9, 8, 6, 5, 5, 5, 4, 4, 4, 3, 3, 2), size)
    made = patchwork(form, lambda code, places: frame[places].select(forms[code].alias("local"))["local"])
    return _unique(frame.select(made.alias("local"), "domain"))


def _unique(frame: pl.DataFrame) -> pl.Series:
    """Adds a rank to the local parts met before, until all addresses differ."""
    email = (frame["local"] + "@" + frame["domain"]).rename("email")
    step = 1
    while len(again := np.flatnonzero(~email.is_first_distinct().to_numpy())):
        part = frame[again]
        rank = part.select((pl.int_range(pl.len()).over("local", "domain") + step).alias("rank"))["rank"]
        renamed = part["local"] + rank.cast(pl.String) + "@" + part["domain"]
        email = put(email, again, renamed)
        step += 1
    return email
