"""French free text from small grammars, each with what it shows and of whom."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from hemostat.simulate.draw import groups, patchwork, put, some, weighted

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

    def of_sort(sort: int, places: Ints) -> pl.Series:
        forms = sorts[sort].forms
        drawn_forms = rng.integers(0, len(forms), len(places))
        return patchwork(drawn_forms, lambda form, chosen: _fill(rng, rules, forms[form], len(chosen)))

    return patchwork(drawn, of_sort)


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
            drawn = put(drawn, places, _fill(rng, rules, values[value], len(places)))
    return drawn


CALM = (0.46, 0.16, 0.12, 0.1, 0.08, 0.08)
HURRIED = (0.3, 0.16, 0.14, 0.26, 0.06, 0.08)
"""Ways of typing: sentence, small letters, no accents, capitals, a letter missing, as it comes."""


def typed(rng: Rng, texts: pl.Series, habits: tuple[float, ...] = CALM) -> pl.Series:
    """The same texts as people type them."""
    size = len(texts)
    at = pl.Series(rng.integers(1, 60, size))
    text = pl.col("t")
    plain = text.str.normalize("NFD").str.replace_all(r"\p{M}", "").str.replace_all("œ", "oe", literal=True)
    ways: tuple[pl.Expr, ...] = (
        text.str.slice(0, 1).str.to_uppercase() + text.str.slice(1),
        text.str.to_lowercase(),
        plain.str.to_lowercase(),
        plain.str.to_uppercase(),
        text.str.slice(0, pl.col("at")) + text.str.slice(pl.col("at") + 1),
        text,
    )
    frame = pl.DataFrame({"t": texts, "at": at})
    return patchwork(
        weighted(rng, habits, size), lambda way, places: frame[places].select(ways[way].alias("t"))["t"]
    )


def on_lines(rng: Rng, texts: pl.Series, rate: float) -> pl.Series:
    """Some texts on two lines instead of one, broken after their first comma, point or semicolon."""
    where = some(rng, rate, texts.str.contains("[,.;] ").fill_null(value=False).to_numpy())
    return put(texts, where, texts.gather(where).str.replace("([,.;]) ", "$1\n"))
