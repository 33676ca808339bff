"""Shapes: values whose letters and digits are hidden, the only trace of them that a report may show."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Sequence

_LONGEST = 40


def shape(value: str) -> str:
    """Every digit a 9, every capital an A, every other letter an a; runs over 40 signs are cut.

    >>> shape("2 84 05 2A 321 025 52"), shape("Élodie LE GOFF")
    ('9 99 99 9A 999 999 99', 'Aaaaaa AA AAAA')
    """
    masked = "".join("9" if c.isdigit() else "A" if c.isupper() else "a" if c.isalpha() else c for c in value)
    return masked if len(masked) <= _LONGEST else masked[: _LONGEST - 1] + "…"


def commonest(values: pl.Series | Sequence[str]) -> str | None:
    """The shape that most values of a sample have; the first in order among equals; None without values.

    >>> commonest(["0199000412", "0639980123", "a@b"])
    '9999999999'
    """
    shapes = pl.Series([shape(v) for v in values], dtype=pl.String).str.replace_all(r"\s+", " ")
    if not len(shapes):
        return None
    counted = shapes.value_counts(name="n").sort(["n", shapes.name], descending=[True, False])
    return str(counted[shapes.name][0])
