"""Samples: what pass A leaves of a column, and how its values are made ready to be judged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from hemostat.detect import placeholders

if TYPE_CHECKING:
    from collections.abc import Sequence

_LONG = 400
FLOAT = r"^[0-9]+[.,]0$"


def shortened(values: pl.Series) -> pl.Series:
    """Values cut after some hundred characters: a photograph in a cell need not be read to its end to be judged."""
    return values.str.head(_LONG) if (values.str.len_bytes() > _LONG).any() else values


def unfloated(values: pl.Series) -> pl.Series:
    """Whole numbers without the decimal that a spreadsheet gave them.

    >>> unfloated(pl.Series(["639980123.0", "12,5"])).to_list()
    ['639980123', '12,5']
    """
    return values.str.replace(r"^([0-9]+)[.,]0$", "$1")


@dataclass(frozen=True, slots=True)
class ColumnSample:
    """One column as pass A leaves it: heading, distinct values (placeholders gone, trimmed), exact counts.

    ``floats``: a spreadsheet wrote every whole number with a decimal (``12.0``), gone from ``values`` too.
    """

    heading: str
    values: pl.Series
    rows: int
    filled: int
    distinct: float
    floats: bool = False

    @classmethod
    def of(cls, heading: str, values: Sequence[str | None]) -> ColumnSample:
        """A sample of values at hand, for ``scan`` and tests.

        >>> ColumnSample.of("tel", ["0199000412", None, "NULL"]).filled
        1
        """
        column = pl.Series(values, dtype=pl.String)
        kept = shortened(placeholders.without(column))
        floats = bool(len(kept)) and bool(kept.str.contains(FLOAT).all())
        distinct = (unfloated(kept) if floats else kept).unique(maintain_order=True)
        return cls(heading, distinct, len(column), len(kept), float(len(distinct)), floats=floats)
