"""French free text from small grammars, each with what it shows and of whom."""

# ruff: noqa: PLR2004 - a fiction is made of chosen figures

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from hemostat.simulate.draw import groups, weighted

if TYPE_CHECKING:
    from hemostat.simulate.draw import Ints, Rng

_SLOT = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class Sort:
    """One sort of text: its forms, what they show (category ids), of whom (self, relative or none)."""

    kind: str
    forms: tuple[str, ...]
    categories: tuple[str, ...]
    about: str
    weight: float


@dataclass(frozen=True, slots=True)
class Grammar:
    """Sorts of text and the slots their forms draw from."""

    sorts: tuple[Sort, ...]
    slots: dict[str, tuple[str, ...]]

    def of(self, kind: str) -> tuple[Sort, ...]:
        """The sorts of one kind, in file order."""
        return tuple(sort for sort in self.sorts if sort.kind == kind)


@cache
def grammar(name: str) -> Grammar:
    """The grammar of one data file."""
    source = files("hemostat.simulate").joinpath("data", f"{name}.toml")
    loaded = tomllib.loads(source.read_text(encoding="utf-8"))
    sorts = tuple(
        Sort(
            text["kind"],
            tuple(text["forms"]),
            tuple(text.get("categories", ())),
            text.get("about", "self" if text.get("categories") else "none"),
            float(text.get("weight", 1.0)),
        )
        for text in loaded["text"]
    )
    return Grammar(sorts, {slot: tuple(values) for slot, values in loaded["slots"].items()})


def write(rng: Rng, rules: Grammar, kind: str, size: int) -> tuple[pl.Series, Ints]:
    """``size`` texts of a kind, and the index (in ``rules.of(kind)``) of the sort of each."""
    sorts = rules.of(kind)
    drawn = weighted(rng, [sort.weight for sort in sorts], size)
    return write_sorts(rng, rules, sorts, drawn), drawn


def write_sorts(rng: Rng, rules: Grammar, sorts: tuple[Sort, ...], drawn: Ints) -> pl.Series:
    """One text for each drawn sort."""
    made, order = [pl.Series("text", [], dtype=pl.String)], [np.zeros(0, dtype=np.int64)]
    for sort, places in groups(drawn):
        forms = sorts[sort].forms
        for form, chosen in groups(rng.integers(0, len(forms), len(places))):
            made.append(_fill(rng, rules, forms[form], len(chosen)))
            order.append(places[chosen])
    return pl.concat(made).gather(np.argsort(np.concatenate(order)))


def _fill(rng: Rng, rules: Grammar, form: str, size: int) -> pl.Series:
    """A form written ``size`` times, each slot drawn anew."""
    parts: list[pl.Expr] = []
    columns: list[pl.Series] = [pl.Series("0", np.zeros(size, dtype=np.int8))]
    for position, piece in enumerate(_SLOT.split(form)):
        if position % 2 == 0:
            parts.append(pl.lit(piece))
        else:
            columns.append(_slot(rng, rules, piece, size).alias(str(len(columns))))
            parts.append(pl.col(str(len(columns) - 1)))
    text = pl.concat_str(parts).str.strip_chars().alias("text")
    return pl.DataFrame(columns).with_columns(text)["text"]


def _slot(rng: Rng, rules: Grammar, name: str, size: int) -> pl.Series:
    values = rules.slots[name]
    chosen = rng.integers(0, len(values), size)
    drawn = pl.Series("text", values).gather(chosen)
    for value, places in groups(chosen):
        if "{" in values[value]:
            drawn = drawn.scatter(places, _fill(rng, rules, values[value], len(places)))
    return drawn


CALM = (0.46, 0.16, 0.12, 0.1, 0.08, 0.08)
HURRIED = (0.3, 0.16, 0.14, 0.26, 0.06, 0.08)
"""Ways of typing: sentence, small letters, no accents, capitals, a letter missing, as it comes."""


def typed(rng: Rng, texts: pl.Series, habits: tuple[float, ...] = CALM) -> pl.Series:
    """The same texts as people type them."""
    size = len(texts)
    style = weighted(rng, habits, size)
    frame = pl.DataFrame({"t": texts, "style": style, "at": rng.integers(1, 60, size)})
    text, kind = pl.col("t"), pl.col("style")
    plain = text.str.normalize("NFD").str.replace_all(r"\p{M}", "").str.replace_all("œ", "oe", literal=True)
    slip = text.str.slice(0, pl.col("at")) + text.str.slice(pl.col("at") + 1)
    titled = text.str.slice(0, 1).str.to_uppercase() + text.str.slice(1)
    return frame.select(
        pl.when(kind == 0)
        .then(titled)
        .when(kind == 1)
        .then(text.str.to_lowercase())
        .when(kind == 2)
        .then(plain.str.to_lowercase())
        .when(kind == 3)
        .then(plain.str.to_uppercase())
        .when(kind == 4)
        .then(slip)
        .otherwise(text)
        .alias("text")
    )["text"]
