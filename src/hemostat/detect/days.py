"""Days: every date of a column read by the column's own style, and what it tells of the order of its numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from hemostat.detect import dates, digits
from hemostat.detect.dates import Numeric, Order, Style

if TYPE_CHECKING:
    from datetime import date

    import numpy.typing as npt

    Ints = npt.NDArray[np.int64]

NONE = int(np.iinfo(np.int64).min)
"""No date: what stands for null in arrays."""

_TEN = ((0, 4, 5, 7, 8, 10, True), (6, 10, 3, 5, 0, 2, False))
_SIX = ((4, 6, 2, 4, 0, 2, False),)
_EIGHT = ((0, 4, 4, 6, 6, 8, True), (4, 8, 2, 4, 0, 2, False), (6, 8, 3, 5, 0, 2, False))
"""Where year, month and day begin and end in values of ten and eight characters; whether the order is ISO's."""
_SIGNS = b"/-. "
DEFAULTS = np.array(
    [
        int(np.datetime64(day, "D").astype(np.int64))
        for day in ("0001-01-01", "1111-11-11", "1600-01-01", "1753-01-01", "1800-01-01", "1899-12-30", "1899-12-31",
                    "1900-01-01", "1901-01-01", "2099-12-31", "2999-12-31", "9999-12-31")
    ]
)  # fmt: skip
"""Days that stand for none: where calendars of spreadsheets and databases start and end. 1970-01-01 is a day too."""
_MONTHS, _LONGEST_MONTH = 12, 31
_CENTURY = 100
_PARTIAL = r"^(?:[0-9]{1,2}[/\-]([0-9]{4})|([0-9]{4})[/\-][0-9]{1,2})$"
_ANY_SERIAL = r"^[0-9]{1,5}(?:[.,][0-9]+)?$"
_CHILD = r"(?i)(?:mois|m|jours?|j)$"


@dataclass(slots=True)
class Reading:
    """Dates as they are being read. ``first``, ``second``: values whose first, second number is over 12."""

    style: Style
    today: date
    days: Ints
    years: Ints
    first: int = 0
    second: int = 0
    left: npt.NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, dtype=np.bool_))
    impossible: npt.NDArray[np.bool_] = field(default_factory=lambda: np.empty(0, dtype=np.bool_))
    """Values that name a day which no calendar has: 31/02, and no unknown one (00)."""

    @property
    def date(self) -> pl.Series:
        """The days, null where no real day is written."""
        return _nullable(self.days).cast(pl.Int32, strict=False).cast(pl.Date)

    @property
    def default(self) -> npt.NDArray[np.bool_]:
        """Days that programs write where none is known."""
        return np.asarray(np.isin(self.days, DEFAULTS))

    @property
    def year(self) -> pl.Series:
        """The years, also where only the year is known."""
        return _nullable(self.years)

    def put(self, where: Ints, year: Ints, month: Ints, day: Ints) -> None:
        """Writes what three numbers say at the positions ``where``."""
        found = day_number(year, month, day)
        self.days[where] = found
        self.impossible[where] = (found == NONE) & (month != 0) & (day != 0)
        self.years[where] = year
        self.left[where] = False

    def century(self, year: Ints, month: Ints, day: Ints) -> Ints:
        """Four-digit years of two-digit ones, so that no date lies after today."""
        if self.style.elders:
            return np.asarray(year + (self.today.year // _CENTURY - 1) * _CENTURY)
        now = self.today
        late = (year * 10_000 + month * 100 + day) > (
            now.year % _CENTURY
        ) * 10_000 + now.month * 100 + now.day
        return np.asarray(year + np.where(late, now.year // _CENTURY - 1, now.year // _CENTURY) * _CENTURY)

    def ordered(self, first: Ints, second: Ints) -> tuple[Ints, Ints]:
        """Month and day of two numbers: by the column's order, unless the month would be over 12."""
        self.first += int((first > _MONTHS).sum())
        self.second += int((second > _MONTHS).sum())
        month, day = (second, first) if self.style.order is Order.DAY else (first, second)
        swap = (month > _MONTHS) & (day <= _MONTHS)
        return np.where(swap, day, month), np.where(swap, month, day)


def read(values: pl.Series, style: Style, today: date) -> Reading:
    """Every value read: ``date`` (null if no real day is written) and ``year`` (also where only that is known).

    Two-digit years are read so that the date is not later than ``today``. Ages give the year ``today`` minus age.

    >>> from datetime import date
    >>> t = date(2025, 11, 28)
    >>> r = read(pl.Series(["12/03/1984", "1984-03-12 10:00", "19840300", "31/02/1984", "12 mars 84"]), Style(), t)
    >>> [str(d) for d in r.date.to_list()], r.year.to_list()
    (['1984-03-12', '1984-03-12', 'None', 'None', '1984-03-12'], [1984, 1984, 1984, 1984, 1984])
    >>> read(pl.Series(["3/29/1982"]), Style(Order.MONTH), t).date.to_list()
    [datetime.date(1982, 3, 29)]
    >>> read(pl.Series(["30753", "43 ans"]), Style(numeric=Numeric.SERIAL), t).date.to_list()
    [datetime.date(1984, 3, 12), None]
    """
    count = len(values)
    days, years = np.full(count, NONE, dtype=np.int64), np.full(count, NONE, dtype=np.int64)
    left = values.is_not_null().to_numpy().copy()
    reading = Reading(style, today, days, years, left=left, impossible=np.zeros(count, dtype=np.bool_))
    packed = digits.Packed(values)
    for width, shapes in ((10, _TEN), (8, _EIGHT), (6, _SIX)):
        where, rows = packed.of_width(width)
        if len(where):
            _fixed(reading, where, rows, shapes)
    rest = np.flatnonzero(reading.left)
    if len(rest):
        _free(reading, rest, values.gather(rest).str.strip_chars())
    return reading


def day_number(year: Ints, month: Ints, day: Ints) -> Ints:
    """Days from 1970-01-01, NONE where the calendar has no such day.

    >>> day_number(np.array([1970, 1984, 1983]), np.array([1, 2, 2]), np.array([2, 29, 29])).tolist() == [1, 5172, NONE]
    True
    """
    known = (month >= 1) & (month <= _MONTHS) & (day >= 1) & (year >= 1) & (year <= 9999)  # noqa: PLR2004
    months = np.where(known, year * _MONTHS + month - 1, 0)
    starts = _month_starts()
    start = starts[months]
    return np.asarray(np.where(known & (day <= starts[months + 1] - start), start + day - 1, NONE))


@cache
def _month_starts() -> Ints:
    """The first day of every month from year 0 to year 9999 and one more."""
    months = np.arange(10_000 * _MONTHS + 1, dtype=np.int64) - 1970 * _MONTHS
    return months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)


def _nullable(numbers: Ints) -> pl.Series:
    known = numbers != NONE
    series = pl.Series(numbers)
    if known.all():
        return series
    return series.zip_with(pl.Series(known), digits.nothing(len(numbers), pl.Int64))


def _fixed(
    reading: Reading,
    where: Ints,
    rows: digits.Bytes,
    shapes: tuple[tuple[int, int, int, int, int, int, bool], ...],
) -> None:
    """Reads the two widths in which nearly all dates come, byte by byte."""
    for year_at, year_to, month_at, month_to, day_at, day_to, iso in shapes:
        used = np.zeros(rows.shape[1], dtype=np.bool_)
        for start, stop in ((year_at, year_to), (month_at, month_to), (day_at, day_to)):
            used[start:stop] = True
        good = reading.left[where] & digits.all_digits(rows[:, used])
        signs = rows[:, ~used]
        if signs.shape[1]:
            good &= digits.made_of(signs, _SIGNS)
        kept = np.flatnonzero(good)
        if not len(kept):
            continue
        chosen = rows if len(kept) == len(rows) else digits.chosen(rows, kept)
        year = digits.number(chosen[:, year_at:year_to])
        a, b = digits.number(chosen[:, day_at:day_to]), digits.number(chosen[:, month_at:month_to])
        if not signs.shape[1]:  # compact: whichever reading gives a date that can be
            fits = (b <= _MONTHS) & (a <= _LONGEST_MONTH)
            if year_to - year_at == 4:  # noqa: PLR2004
                fits &= (year >= 1800) & (year < 2100)  # noqa: PLR2004
            else:
                fits &= (a > 0) & (b > 0)
            kept, year, a, b = kept[fits], year[fits], a[fits], b[fits]
            month, day = b, a
        else:
            month, day = (b, a) if iso else reading.ordered(a, b)
        if year_to - year_at == 2:  # noqa: PLR2004
            year = reading.century(year, month, day)
        reading.put(where[kept], year, month, day)


def _free(reading: Reading, where: Ints, text: pl.Series) -> None:
    """Reads values of any width: separated numbers, months in words, plain numbers."""
    fields = text.str.extract_groups(dates.SEPARATED).struct.unnest().cast(pl.Int64, strict=False)
    found = np.flatnonzero(fields["1"].is_not_null().to_numpy())
    if len(found):
        a, b, c = (fields[str(n)].gather(found).fill_null(NONE).to_numpy() for n in (1, 2, 3))
        iso = a > _LONGEST_MONTH
        month, day = np.empty_like(a), np.empty_like(a)
        month[~iso], day[~iso] = reading.ordered(a[~iso], b[~iso])
        month[iso], day[iso] = b[iso], c[iso]
        year = np.where(iso, a, c)
        short = ~iso & (year < _CENTURY) & (year >= 0)
        year = np.where(short, reading.century(np.where(short, year, 0), month, day), year)
        reading.put(where[found], year, month, day)
    _words(reading, where, text)
    _years(reading, where, text)
    _numbers(reading, where, text)


def _words(reading: Reading, where: Ints, text: pl.Series) -> None:
    for pattern, day_field, month_field in ((dates.WORDS, "1", "2"), (dates.WORDS_MONTH_FIRST, "2", "1")):
        fields = text.str.extract_groups(pattern).struct.unnest()
        fields.columns = ["1", "2", "3"]
        found = fields["3"].is_not_null()
        if not found.any():
            continue
        kept = fields.filter(found)
        name = kept[month_field].str.to_lowercase().str.replace_all("[éè]", "e").str.replace_all("û", "u")
        month = name.replace_strict(dates.MONTHS, default=0, return_dtype=pl.Int64).to_numpy()
        day = kept[day_field].cast(pl.Int64).to_numpy()
        year = kept["3"].cast(pl.Int64).to_numpy()
        year = np.where(year < _CENTURY, reading.century(year % _CENTURY, month, day), year)
        reading.put(where[found.to_numpy()], year, month, day)


def _years(reading: Reading, where: Ints, text: pl.Series) -> None:
    """Month and year alone: the year."""
    fields = text.str.extract_groups(_PARTIAL).struct.unnest()
    year = fields["1"].fill_null(fields["2"]).cast(pl.Int64, strict=False)
    found = year.is_not_null().to_numpy()
    reading.years[where[found]] = year.drop_nulls().to_numpy()


def _numbers(reading: Reading, where: Ints, text: pl.Series) -> None:
    """Plain numbers, by what the column counts."""
    kind = reading.style.numeric
    value = text.str.replace(",", ".").str.extract(r"^(-?[0-9]+(?:\.[0-9]+)?)").cast(pl.Float64, strict=False)
    known = value.is_not_null().to_numpy() & reading.left[where]
    if kind is Numeric.NOTHING or not known.any():
        return
    number = np.floor(value.fill_null(0).to_numpy()).astype(np.int64)
    if kind is Numeric.SERIAL:
        known &= (number > 0) & digits.flags(text, _ANY_SERIAL)
        _put_days(reading, where[known], number[known] + dates.SPREADSHEET_EPOCH)
    elif kind is Numeric.EPOCH:
        known &= digits.flags(text, dates.EPOCH)
        seconds = np.where(np.abs(number) >= dates.MILLISECONDS // 10, number // 1000, number)
        _put_days(reading, where[known], seconds[known] // dates.DAY)
    elif kind is Numeric.YEAR:
        known &= digits.flags(text, dates.YEAR)
        reading.years[where[known]] = number[known]
    else:
        known &= digits.flags(text, dates.AGE)
        age = np.where(digits.flags(text, _CHILD), 0, number)
        reading.years[where[known]] = reading.today.year - age[known]


def _put_days(reading: Reading, where: Ints, number: Ints) -> None:
    reading.days[where] = number
    reading.years[where] = number.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
