"""Small edits of texts, whole columns at a time, that the habits of those who enter identities are made of."""

from __future__ import annotations

from collections import defaultdict
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from hemostat.simulate.contacts import fold
from hemostat.simulate.draw import Ints, Rng, groups, put

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Edit = Callable[[pl.Series], pl.Series]

_LONGEST_FIXED = 3
"""Names of fewer letters are not damaged letter by letter."""


def column(frame: pl.DataFrame, made: pl.Expr) -> pl.Series:
    """One expression over a frame, as a column."""
    return frame.select(made.alias("made"))["made"]


def choice(rng: Rng, options: Sequence[str], size: int) -> pl.Series:
    """One of the options each, all equally often."""
    return pl.Series("choice", options, dtype=pl.String).gather(rng.integers(0, len(options), size))


def per(rng: Rng, units: pl.Series, options: Sequence[int]) -> pl.Series:
    """One of the options each, the same for all rows of a unit (a desk, a batch)."""
    top = int(units.max() or 0)  # type: ignore[arg-type]
    drawn = np.asarray(options)[rng.integers(0, len(options), top + 1)]
    return pl.Series("option", drawn[units.to_numpy()])


def chosen(mask: pl.Series, then: pl.Series, otherwise: pl.Series) -> pl.Series:
    """Cell by cell, ``then`` where the mask holds."""
    return pl.select(pl.when(mask).then(then).otherwise(otherwise).alias(otherwise.name)).to_series()


def coin(rng: Rng, size: int, share: float = 0.5) -> pl.Series:
    """True for that share of the cells."""
    return pl.Series("coin", rng.random(size) < share)


def at_letter(rng: Rng, texts: pl.Series, make: Callable[[pl.Expr, pl.Expr, pl.Expr], pl.Expr]) -> pl.Series:
    """Texts edited at one letter, never the first: ``make(head, letter, tail)``. Short texts stay."""
    frame = pl.DataFrame({"text": texts, "u": rng.random(len(texts))})
    size = pl.col("text").str.len_chars().cast(pl.Int64)
    place = (1 + (pl.col("u") * (size - 1)).floor()).cast(pl.Int64).clip(0)
    text = pl.col("text")
    made = make(text.str.slice(0, place), text.str.slice(place, 1), text.str.slice(place + 1))
    return column(frame, pl.when(size > _LONGEST_FIXED).then(made).otherwise(text)).alias(texts.name)


def alike(texts: pl.Series, made: pl.Series) -> pl.Series:
    """The made texts in the letter case of the texts: capitals where all was capitals or the first one was."""
    frame = pl.DataFrame({"old": texts, "new": made})
    old, new = pl.col("old"), pl.col("new")
    capital = old.str.slice(0, 1) != old.str.slice(0, 1).str.to_lowercase()
    return column(
        frame,
        pl.when((old == old.str.to_uppercase()) & (old.str.len_chars() > 1))
        .then(new.str.to_uppercase())
        .when(capital)
        .then(new.str.slice(0, 1).str.to_uppercase() + new.str.slice(1))
        .otherwise(new),
    ).alias(texts.name)


def one_rule(rng: Rng, texts: pl.Series, rules: Sequence[tuple[str, str]]) -> pl.Series:
    """Each text changed by one rule (pattern, replacement, once), drawn among them; a few draws until one fits."""
    made = texts
    waiting: Ints = np.arange(len(texts), dtype=np.int64)
    for _ in range(6):
        for code, drawn in groups(rng.integers(0, len(rules), len(waiting)).astype(np.int64)):
            places = waiting[drawn]
            made = put(made, places, texts.gather(places).str.replace(*rules[code]))
        waiting = np.flatnonzero(made.eq_missing(texts).to_numpy()).astype(np.int64)
        if not len(waiting):
            break
    return made


def bare(texts: pl.Series) -> pl.Series:
    """Texts without accents and ligatures."""
    plain = texts.str.normalize("NFD").str.replace_all(r"\p{M}", "")
    return plain.str.replace_many(
        ["œ", "Œ", "æ", "ł", "Ł", "ı", "ø", "ß"], ["oe", "OE", "ae", "l", "L", "i", "o", "ss"]
    )


@cache
def others(kind: str) -> tuple[dict[str, str], frozenset[str]]:
    """Of a kind of ``data/habits.tsv``: for each folded name the names it becomes, ``|`` between; and the folded names.

    Names of the kinds ``gallic`` and ``short`` only go from the first of their line to the others.
    """
    source = files("hemostat.simulate").joinpath("data", "habits.tsv")
    table = pl.read_csv(source.read_bytes(), separator="\t", infer_schema=False, quote_char=None)
    lines = [names.split("|") for (names,) in table.filter(kind=kind).select("names").iter_rows()]
    one_way = kind in {"gallic", "short"}
    found: dict[str, list[str]] = defaultdict(list)
    for names in lines:
        for name, key in zip(names, fold(pl.Series(names)).to_list(), strict=True):
            if not one_way or name == names[0]:
                found[key] += [other for other in names if other != name]
    return {key: "|".join(names) for key, names in found.items()}, frozenset(found)


def other_name(rng: Rng, texts: pl.Series, kind: str) -> pl.Series:
    """Names replaced by another of their line of ``data/habits.tsv``; those that are not there stay."""
    known, _ = others(kind)
    keys = fold(texts.fill_null(""))
    frame = pl.DataFrame({"options": keys, "u": rng.random(len(texts))}).with_columns(
        pl.col("options").replace_strict(known, default=None, return_dtype=pl.String).str.split("|")
    )
    options = pl.col("options")
    place = (pl.col("u") * options.list.len()).floor().cast(pl.Int64)
    drawn = column(frame, options.list.get(place, null_on_oob=True))
    return chosen(drawn.is_null() | (drawn == ""), texts, alike(texts, drawn))


def typed(rng: Rng, hit: pl.DataFrame, edit: Edit) -> pl.DataFrame:
    """Surnames after an edit: the one that is in both fields in both, otherwise one of the two, drawn."""
    birth, used = hit["birth_name"], hit["used_name"]
    same = birth.eq_missing(used)
    behind = ~same & coin(rng, hit.height) & used.is_not_null()
    made = edit(chosen(behind, used, birth))
    return pl.DataFrame(
        {"birth_name": chosen(behind, birth, made), "used_name": chosen(behind | same, made, used)}
    )


def surnames(hit: pl.DataFrame, edit: Edit) -> pl.DataFrame:
    """Both surnames after the same edit."""
    return pl.DataFrame({name: edit(hit[name]).alias(name) for name in ("birth_name", "used_name")})


def called(hit: pl.DataFrame, edit: Edit) -> pl.DataFrame:
    """Given names after an edit of the first of them."""
    text = pl.col("first_names")
    first = edit(column(hit, text.str.extract(r"^(\S+)")))
    frame = hit.with_columns(first.alias("_first"))
    made = pl.coalesce(pl.col("_first") + text.str.extract(r"^\S+( .*)$").fill_null(""), text)
    return frame.select(made.alias("first_names"))
