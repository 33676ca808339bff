"""Dates as written: ISO, d/m/y, m/d/y, compact, two-digit years, words, spreadsheet serials, epochs, ages, years.

A column is judged first (``order``, ``numeric``), then each value is read by the column's own rule, so that a column
mixing ISO and d/m/y is read whole. Unknown days or months (00) leave the year.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from hemostat.detect import digits

if TYPE_CHECKING:
    from datetime import date

    import numpy.typing as npt

    Ints = npt.NDArray[np.int64]
    Days = npt.NDArray[np.int64]

SEPARATED = r"^([0-9]{1,4}) ?[/.\- ] ?([0-9]{1,2}) ?[/.\- ] ?([0-9]{1,4})(?:$|[ T,]+[0-9]{1,2}[:hH.]|T?Z$)"
"""Three numbers with a sign between them, a time may follow."""

COMPACT = r"^(?:1[89]|20)[0-9]{2}(?:0[0-9]|1[0-2])(?:[0-2][0-9]|3[01])$"
"""YYYYMMDD, 00 for an unknown day or month."""

COMPACT_DAY_FIRST = r"^(?:[0-2][0-9]|3[01])(?:0[0-9]|1[0-2])(?:1[89]|20)[0-9]{2}$"

WORDS = r"(?i)^(?:[a-zé]+\.? )?([0-9]{1,2})(?:er)?[ \-](jan|f[ée]v|feb|mar|avr|apr|mai|may|juin|jun|juil|jul|ao[uû]|aug|sep|oct|nov|d[ée]c)[a-zéû]*\.?[ \-,]+([0-9]{2,4})"
"""12 mars 1984, 12-MAR-84."""

WORDS_MONTH_FIRST = r"(?i)^(?:[a-z]+,? )?(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? ([0-9]{1,2})(?:st|nd|rd|th)?,? ([0-9]{4})"

SERIAL = r"^[0-9]{4,5}(?:[.,][0-9]+)?$"
"""Days since 1899-12-30, as spreadsheets count."""

EPOCH = r"^-?[0-9]{8,10}(?:[0-9]{3})?$"
"""Seconds or milliseconds since 1970."""

AGE = r"(?i)^(?:[0-9]{1,2}|1[01][0-9]|120) ?(?:ans?|a|y|yo|years?|mois|m|jours?|j)?$"
YEAR = r"^(?:1[89]|20)[0-9]{2}$"
TIMED = r"[T ][0-9]{1,2}[:hH][0-9]{2}"
EMPTY = r"^0{1,4}[/.\- ]?0{1,2}[/.\- ]?0{1,4}$"

_MONTHS = {"jan": 1, "fev": 2, "feb": 2, "mar": 3, "avr": 4, "apr": 4, "mai": 5, "may": 5, "jui": 6, "jun": 6,
           "juil": 7, "jul": 7, "aou": 8, "aug": 8, "sep": 9, "oct": 10, "nov": 11, "dec": 12}  # fmt: skip
_SPREADSHEET_EPOCH = -25569  # 1899-12-30 in days from 1970-01-01
_MILLISECONDS = 100_000_000_000
_DAY = 86_400
NONE = np.iinfo(np.int64).min
"""No date: what stands for null in arrays of days."""


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


def numeric(values: pl.Series) -> Numeric:
    """What the plain numbers of a date column count, by their size. Ages and years are told by ``judge``.

    >>> numeric(pl.Series(["30512", "18250"])), numeric(pl.Series(["1984", "1951"])), numeric(pl.Series(["43", "7"]))
    (<Numeric.SERIAL: 'serial'>, <Numeric.YEAR: 'year'>, <Numeric.AGE: 'age'>)
    """
    numbers = values.filter(values.str.contains(r"^-?[0-9]{1,13}(?:[.,][0-9]+)?$"))
    if not len(numbers):
        return Numeric.NOTHING
    count = len(numbers)
    for kind, pattern in (
        (Numeric.YEAR, YEAR),
        (Numeric.AGE, AGE),
        (Numeric.SERIAL, SERIAL),
        (Numeric.EPOCH, EPOCH),
    ):
        compact = (
            kind is Numeric.EPOCH and numbers.str.contains(f"{COMPACT}|{COMPACT_DAY_FIRST}").mean() > 0.5
        )
        if not compact and numbers.str.contains(pattern).sum() >= 0.9 * count:
            return kind
    return Numeric.NOTHING


def parse(values: pl.Series, style: Style, today: date) -> pl.DataFrame:
    """``date`` (null if no real day is written) and ``year`` (also where only the year is known).

    Two-digit years are read so that the date is not later than ``today``. Ages give the year ``today`` minus age.

    >>> from datetime import date
    >>> t = date(2025, 11, 28)
    >>> parse(pl.Series(["12/03/1984", "1984-03-12 10:00", "19840300", "31/02/1984", "12 mars 84"]), Style(), t).rows()
    [(datetime.date(1984, 3, 12), 1984), (datetime.date(1984, 3, 12), 1984), (None, 1984), (None, 1984), \
(datetime.date(1984, 3, 12), 1984)]
    >>> parse(pl.Series(["3/29/1982"]), Style(Order.MONTH), t)["date"].to_list()
    [datetime.date(1982, 3, 29)]
    >>> parse(pl.Series(["30753", "43 ans"]), Style(numeric=Numeric.SERIAL), t)["date"].to_list()
    [datetime.date(1984, 3, 12), None]
    """
    days = np.full(len(values), NONE, dtype=np.int64)
    years = np.full(len(values), NONE, dtype=np.int64)
    left = np.ones(len(values), dtype=np.bool_)
    for width in (10, 8):
        where, rows = digits.of_width(values, width)
        if len(where):
            _fixed(where, rows, style, today, days, years, left)
    rest = np.flatnonzero(left & values.is_not_null().to_numpy())
    if len(rest):
        _free(rest, values.gather(rest), style, today, days, years)
    return pl.DataFrame({"date": _dates(days), "year": _nullable(years)})


def _dates(days: Days) -> pl.Series:
    return _nullable(days).cast(pl.Int32, strict=False).cast(pl.Date)


def _nullable(numbers: Ints) -> pl.Series:
    series = pl.Series(numbers)
    if (numbers == NONE).any():
        return series.zip_with(pl.Series(numbers != NONE), pl.Series([None] * len(numbers), dtype=pl.Int64))
    return series


def _fixed(
    where: Ints,
    rows: digits.Bytes,
    style: Style,
    today: date,
    days: Days,
    years: Ints,
    left: npt.NDArray[np.bool_],
) -> None:
    """Reads the two widths in which nearly all dates come, byte by byte; marks what it has read in ``left``."""
    if rows.shape[1] == 10:  # noqa: PLR2004
        shapes = ((0, 4, 5, 7, 8, 10, True), (6, 10, 3, 5, 0, 2, False))
    else:
        shapes = ((0, 4, 4, 6, 6, 8, True), (4, 8, 2, 4, 0, 2, False), (6, 8, 3, 5, 0, 2, False))
    undecided = np.ones(len(rows), dtype=np.bool_)
    for year_at, year_to, month_at, month_to, day_at, day_to, iso in shapes:
        used = np.zeros(rows.shape[1], dtype=np.bool_)
        for start, stop in ((year_at, year_to), (month_at, month_to), (day_at, day_to)):
            used[start:stop] = True
        good = undecided & digits.all_digits(rows[:, used])
        signs = rows[:, ~used]
        if signs.shape[1]:
            good &= np.isin(signs, np.frombuffer(b"/-. ", dtype=np.uint8)).all(axis=1)
        if not good.any():
            continue
        chosen = rows if good.all() else rows[good]
        year = digits.number(chosen[:, year_at:year_to])
        a, b = digits.number(chosen[:, day_at:day_to]), digits.number(chosen[:, month_at:month_to])
        if not signs.shape[1]:  # compact: whichever reading gives a plausible year
            plausible = (year >= 1800) & (year < 2100)  # noqa: PLR2004
            kept = np.flatnonzero(good)[plausible]
            good = np.zeros_like(good)
            good[kept] = True
            year, a, b = year[plausible], a[plausible], b[plausible]
        month, day = (b, a) if iso else _ordered(a, b, style.order)
        if year_to - year_at == 2:  # noqa: PLR2004
            year = _century(year, month, day, today)
        days[where[good]] = _days(year, month, day)
        years[where[good]] = year
        left[where[good]] = False
        undecided &= ~good


def _ordered(first: Ints, second: Ints, way: Order) -> tuple[Ints, Ints]:
    """Month and day of two numbers: by the column's order, unless the month would be over 12."""
    month, day = (second, first) if way is Order.DAY else (first, second)
    swap = (month > 12) & (day <= 12)  # noqa: PLR2004
    return np.where(swap, day, month), np.where(swap, month, day)


def _century(year: Ints, month: Ints, day: Ints, today: date) -> Ints:
    late = (year * 10_000 + month * 100 + day) > (today.year % 100) * 10_000 + today.month * 100 + today.day
    return year + np.where(late, today.year // 100 - 1, today.year // 100) * 100


def _days(year: Ints, month: Ints, day: Ints) -> Days:
    """Days from 1970-01-01, NONE where the calendar has no such day."""
    known = (month >= 1) & (month <= 12) & (day >= 1) & (year >= 1) & (year <= 9999)  # noqa: PLR2004
    months = np.where(known, (year - 1970) * 12 + month - 1, 0)
    start = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    end = (months + 1).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    return np.where(known & (day <= end - start), start + day - 1, NONE)


def _free(where: Ints, values: pl.Series, style: Style, today: date, days: Days, years: Ints) -> None:
    """Reads values of any width: separated numbers, months in words, plain numbers."""
    text = values.str.strip_chars()
    fields = text.str.extract_groups(SEPARATED).struct.unnest().cast(pl.Int64, strict=False)
    a, b, c = (fields[str(n)].fill_null(NONE).to_numpy() for n in (1, 2, 3))
    found = a != NONE
    iso = found & (a > 31)  # noqa: PLR2004
    month, day = _ordered(a, b, style.order)
    year = np.where(iso, a, c)
    month, day = np.where(iso, b, month), np.where(iso, c, day)
    short = found & ~iso & (year < 100) & (year >= 0)  # noqa: PLR2004
    year = np.where(short, _century(np.where(short, year, 0), month, day, today), year)
    days[where[found]] = _days(year[found], month[found], day[found])
    years[where[found]] = year[found]
    rest = np.flatnonzero(~found)
    if len(rest):
        words, number = text.gather(rest), where[rest]
        _words(number, words, today, days, years)
        _numbers(number, words, style.numeric, today, days, years)


def _words(where: Ints, text: pl.Series, today: date, days: Days, years: Ints) -> None:
    for pattern, day_field, month_field in ((WORDS, "1", "2"), (WORDS_MONTH_FIRST, "2", "1")):
        fields = text.str.extract_groups(pattern).struct.unnest()
        fields.columns = ["1", "2", "3"]
        found = fields["3"].is_not_null().to_numpy()
        if not found.any():
            continue
        kept = fields.filter(pl.Series(found))
        name = kept[month_field].str.to_lowercase().str.replace_all("[éè]", "e").str.replace_all("û", "u")
        name = name.replace({"juin": "jun", "juil": "jul"})
        month = name.replace_strict(_MONTHS, default=0, return_dtype=pl.Int64).to_numpy()
        day = kept[day_field].cast(pl.Int64).to_numpy()
        year = kept["3"].cast(pl.Int64).to_numpy()
        year = np.where(year < 100, _century(year % 100, month, day, today), year)  # noqa: PLR2004
        days[where[found]] = _days(year, month, day)
        years[where[found]] = year


def _numbers(where: Ints, text: pl.Series, kind: Numeric, today: date, days: Days, years: Ints) -> None:
    value = text.str.replace(",", ".").str.extract(r"^(-?[0-9]+(?:\.[0-9]+)?)").cast(pl.Float64, strict=False)
    known = value.is_not_null().to_numpy()
    if kind is Numeric.NOTHING or not known.any():
        return
    number = np.floor(value.fill_null(0).to_numpy()).astype(np.int64)
    if kind is Numeric.SERIAL:
        known &= (number > 0) & digits.flags(text, SERIAL)
        _put_days(where[known], number[known] + _SPREADSHEET_EPOCH, days, years)
    elif kind is Numeric.EPOCH:
        known &= digits.flags(text, EPOCH)
        seconds = np.where(np.abs(number) >= _MILLISECONDS // 10, number // 1000, number)
        _put_days(where[known], seconds[known] // _DAY, days, years)
    elif kind is Numeric.YEAR:
        known &= digits.flags(text, YEAR)
        years[where[known]] = number[known]
    elif kind is Numeric.AGE:
        known &= digits.flags(text, AGE)
        small = digits.flags(text, r"(?i)(?:mois|m|jours?|j)$")
        years[where[known]] = today.year - np.where(small, 0, number)[known]


def _put_days(where: Ints, number: Days, days: Days, years: Ints) -> None:
    days[where] = number
    years[where] = number.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970


def birth_valid(parsed: pl.DataFrame, today: date) -> pl.Series:
    """Dates or years that can be a living or recent person's birth: not later than ``today``, not before 1880.

    >>> from datetime import date
    >>> t = date(2025, 11, 28)
    >>> birth_valid(parse(pl.Series(["12/03/1984", "00/00/0000", "12/03/2071"]), Style(), t), t).to_list()
    [True, False, False]
    """
    year = parsed["year"]
    real = parsed["date"].is_null() | (parsed["date"] <= today)
    return (year.is_between(1880, today.year) & real).fill_null(value=False)
