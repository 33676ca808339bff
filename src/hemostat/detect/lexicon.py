"""Words by which whole values are recognised, read from ``rules/lexicon_values.toml``."""

from __future__ import annotations

from functools import cache
from typing import Any

import polars as pl

from hemostat.detect.folded import fold, fold_column
from hemostat.rules import rows

_MATCHES = ("whole", "start", "word")


@cache
def forms(kind: str, match: str) -> pl.Series:
    """The folded words of one kind that count when they are the whole value, begin it, or stand in it."""
    found = {
        fold(form)
        for row in _rows()
        if row["kind"] == kind and row["match"] == match
        for form in row["forms"]
    }
    return pl.Series(sorted(found), dtype=pl.String)


@cache
def meanings(kind: str) -> dict[str, str]:
    """Folded words of one kind and what they mean, where they mean anything."""
    return {
        fold(form): row["means"]
        for row in _rows()
        if row["kind"] == kind and row.get("means")
        for form in row["forms"]
    }


def _rows() -> list[dict[str, Any]]:
    return rows("lexicon_values", "words", {"kind": str, "match": str, "forms": list})


def matches(kind: str, values: pl.Series, folded: pl.Series | None = None) -> pl.Series:
    """Values that hold a word of this kind where it counts; for samples, not for bulk.

    >>> matches("facility", pl.Series(["EHPAD Les Tilleuls", "Charles"])).to_list()
    [True, False]
    """
    text = fold_column(values) if folded is None else folded
    found = text.is_in(forms(kind, "whole").implode())
    start = forms(kind, "start").to_list()
    if start:
        found |= text.str.contains(f"^(?:{'|'.join(start)})(?: |$)")
    inside = forms(kind, "word")
    if len(inside):
        found |= text.str.split(" ").list.eval(pl.element().is_in(inside.implode())).list.any()
    return found.fill_null(value=False)
