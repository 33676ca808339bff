"""Dates as written: ISO, d/m/y, m/d/y, compact, two-digit years, words, spreadsheet serials, epochs, ages, years.

A column is judged first (``order``, ``numeric``), then each value is read by the column's own rule, so that a column
mixing ISO and d/m/y is read whole. Unknown days or months (00) leave the year.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from datetime import date


SEPARATED = r"^([0-9]{1,4}) ?[/.\- ] ?([0-9]{1,2}) ?[/.\- ] ?([0-9]{1,4})(?:$|[ T,]+[0-9]{1,2}[:hH.]|T?Z$)"
"""Three numbers with a sign between them, a time may follow."""

COMPACT = r"^(?:1[89]|20)[0-9]{2}(?:0[0-9]|1[0-2])(?:[0-2][0-9]|3[01])$"
"""YYYYMMDD, 00 for an unknown day or month."""

COMPACT_DAY_FIRST = r"^(?:[0-2][0-9]|3[01])(?:0[0-9]|1[0-2])(?:1[89]|20)[0-9]{2}$"

COMPACT_SIX = r"^(?:0[1-9]|[12][0-9]|3[01])(?:0[1-9]|1[0-2])[0-9]{2}$"
"""DDMMYY."""

WORDS = (
    r"(?i)^(?:[a-zé]+\.? )?([0-9]{1,2})(?:er)?[ \-](jan|f[ée]v|feb|mar|avr|apr|mai|may|juin|jun|juil|jul|ao[uû]|aug"
    r"|sep|oct|nov|d[ée]c)[a-zéû]*\.?[ \-,]+([0-9]{2,4})"
)
"""12 mars 1984, 12-MAR-84."""

WORDS_MONTH_FIRST = (
    r"(?i)^(?:[a-z]+,? )?(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? "
    r"([0-9]{1,2})(?:st|nd|rd|th)?,? ([0-9]{4})"
)

SERIAL = r"^[0-9]{4,5}(?:[.,][0-9]+)?$"
"""Days since 1899-12-30, as spreadsheets count."""

EPOCH = r"^-?[0-9]{8,10}(?:[0-9]{3})?$"
"""Seconds or milliseconds since 1970."""

AGE = r"(?i)^(?:[0-9]{1,2}|1[01][0-9]|120) ?(?:ans?|a|y|yo|years?|mois|m|jours?|j)?$"
YEAR = r"^(?:1[89]|20)[0-9]{2}$"
TIMED = r"[T ][0-9]{1,2}[:hH][0-9]{2}"
EMPTY = r"^0{1,4}[/.\- ]?0{1,2}[/.\- ]?0{1,4}$"

MONTHS = {"jan": 1, "fev": 2, "feb": 2, "mar": 3, "avr": 4, "apr": 4, "mai": 5, "may": 5, "jun": 6, "juin": 6,
           "juil": 7, "jul": 7, "aou": 8, "aug": 8, "sep": 9, "oct": 10, "nov": 11, "dec": 12}  # fmt: skip
SPREADSHEET_EPOCH = -25569  # 1899-12-30 in days from 1970-01-01
MILLISECONDS = 100_000_000_000
DAY = 86_400
_NEARLY_ALL = 0.9
_ENOUGH, _CHILDHOOD, _YOUNG = 30, 10, 75
_YEAR_ONE = 1880


class Order(StrEnum):
    """Which number comes first in a column of dates written with numbers only."""

    DAY = "dmy"
    MONTH = "mdy"


class Numeric(StrEnum):
    """What plain numbers of a date column count."""

    NOTHING = "nothing"
    SERIAL = "serial"
    EPOCH = "epoch"
    AGE = "age"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Style:
    """How one column writes its dates."""

    order: Order = Order.DAY
    numeric: Numeric = Numeric.NOTHING
    elders: bool = False
    """All two-digit years are of the last century: the column shows nobody young."""


def first_and_second(values: pl.Series) -> tuple[int, int]:
    """How many values show a first number over 12 (day first), how many a second one (month first).

    >>> first_and_second(pl.Series(["21/06/1952", "01/02/1950", "2/15/1998", "1998-02-15"]))
    (1, 1)
    """
    parts = values.str.extract_groups(r"^([0-9]{1,2}) ?[/.\-] ?([0-9]{1,2}) ?[/.\-] ?[0-9]{2,4}")
    fields = parts.struct.unnest()
    first = fields["1"].cast(pl.Int32, strict=False)
    second = fields["2"].cast(pl.Int32, strict=False)
    return int((first > 12).sum() or 0), int((second > 12).sum() or 0)  # noqa: PLR2004


def order(first: int, second: int) -> Order:
    """Month first only where more values demand it than deny it: French files write the day first."""
    return Order.MONTH if second > first else Order.DAY


def elders(values: pl.Series, today: date) -> bool:
    """Whether a column of two-digit years is one of old people: plenty of values, none of the last century's children.

    Then 23 is 1923 and not 2023.

    >>> from datetime import date
    >>> elders(pl.Series([f"01/02/{yy:02d}" for yy in range(21, 61)]), date(2025, 11, 28))
    True
    >>> elders(pl.Series([f"01/02/{yy:02d}" for yy in range(100)]), date(2025, 11, 28))
    False
    """
    year = (
        values.str.extract(r"^[0-9]{1,2} ?[/.\-] ?[0-9]{1,2} ?[/.\-] ?([0-9]{2})$")
        .cast(pl.Int32, strict=False)
        .drop_nulls()
    )
    recent = year.is_between(0, today.year % 100 - _CHILDHOOD) | year.is_between(_YOUNG, 99)
    return len(year) >= _ENOUGH and not recent.any()


def numeric(values: pl.Series) -> Numeric:
    """What the plain numbers of a date column count, by their size. Ages and years are told by ``judge``.

    >>> numeric(pl.Series(["30512", "18250"])), numeric(pl.Series(["1984", "1951"])), numeric(pl.Series(["43", "7"]))
    (<Numeric.SERIAL: 'serial'>, <Numeric.YEAR: 'year'>, <Numeric.AGE: 'age'>)
    """
    numbers = values.filter(values.str.contains(r"^-?[0-9]{1,13}(?:[.,][0-9]+)?$"))
    if not len(numbers):
        return Numeric.NOTHING
    compact = numbers.str.contains(f"{COMPACT}|{COMPACT_DAY_FIRST}").sum() > len(numbers) / 2
    for kind, pattern in (
        (Numeric.YEAR, YEAR),
        (Numeric.AGE, AGE),
        (Numeric.SERIAL, SERIAL),
        (Numeric.EPOCH, EPOCH),
    ):
        if numbers.str.contains(pattern).sum() >= _NEARLY_ALL * len(numbers) and not (
            compact and kind is Numeric.EPOCH
        ):
            return kind
    return Numeric.NOTHING


def birth_valid(day: pl.Series, year: pl.Series, today: date) -> pl.Series:
    """Dates or years that can be a living or recent person's birth: not later than ``today``, not before 1880.

    >>> from datetime import date
    >>> day, year = pl.Series([date(1984, 3, 12), None, date(2071, 3, 12)]), pl.Series([1984, 0, 2071])
    >>> birth_valid(day, year, date(2025, 11, 28)).to_list()
    [True, False, False]
    """
    real = day.is_null() | (day <= today)
    return (year.is_between(_YEAR_ONE, today.year) & real).fill_null(value=False)
