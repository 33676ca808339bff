"""Dates: one rule per column, every value read by it."""

from datetime import date

import polars as pl
import pytest

from hemostat.detect import dates, days
from hemostat.detect.dates import Numeric, Order, Style

TODAY = date(2025, 11, 28)


def read(values, **style):
    return days.read(pl.Series(values, dtype=pl.String), Style(**style), TODAY)


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("12/03/1984", date(1984, 3, 12)),
        ("1984-03-12", date(1984, 3, 12)),
        ("1984/3/12", date(1984, 3, 12)),
        ("12.03.1984", date(1984, 3, 12)),
        ("12-3-1984", date(1984, 3, 12)),
        ("12 03 1984", date(1984, 3, 12)),
        ("12/03/84", date(1984, 3, 12)),
        ("12/03/25", date(2025, 3, 12)),
        ("12/03/26", date(1926, 3, 12)),  # not later than today
        ("19840312", date(1984, 3, 12)),
        ("12031984", date(1984, 3, 12)),
        ("20011984", date(1984, 1, 20)),  # no month 19: the day comes first
        ("1984-03-12T00:00:00Z", date(1984, 3, 12)),
        ("12/03/1984 14:20", date(1984, 3, 12)),
        ("12 mars 1984", date(1984, 3, 12)),
        ("1er août 1984", date(1984, 8, 1)),
        ("lundi 12 février 1984", date(1984, 2, 12)),
        ("12-JUIL-84", date(1984, 7, 12)),
        ("3 juin 1984", date(1984, 6, 3)),
        ("March 12, 1984", date(1984, 3, 12)),
        ("29/02/1984", date(1984, 2, 29)),
        ("29/02/1983", None),
        ("31/04/1984", None),
        ("00/00/1950", None),
        ("vers 1950", None),
        ("", None),
    ],
)
def test_written(written, day):
    assert read([written]).date.to_list() == [day]


@pytest.mark.parametrize(
    ("written", "year"),
    [
        ("00/00/1950", 1950),
        ("19500000", 1950),
        ("19500600", 1950),
        ("05/1950", 1950),
        ("1950-05", 1950),
        ("31/02/1950", 1950),
    ],
)
def test_an_unknown_day_leaves_the_year(written, year):
    assert read([written]).year.to_list() == [year]


def test_day_and_month_are_told_by_the_column():
    column = pl.Series(["3/29/1982", "6/11/1957", "1982-03-29"])
    first, second = dates.first_and_second(column)
    assert dates.order(first, second) is Order.MONTH
    assert read(column, order=Order.MONTH).date.to_list() == [
        date(1982, 3, 29),
        date(1957, 6, 11),
        date(1982, 3, 29),
    ]


def test_french_order_where_nothing_tells():
    assert dates.order(*dates.first_and_second(pl.Series(["03/04/1982", "05/06/1957"]))) is Order.DAY


def test_a_value_that_denies_the_order_of_its_column_is_read_the_only_way_it_can():
    assert read(["25/12/1980", "12/25/1980"]).date.to_list() == [date(1980, 12, 25)] * 2


def test_a_reading_counts_what_tells_the_order():
    found = read(["25/12/1980", "12/25/1980", "1980-12-25", "1/30/80", "01/02/1980"])
    assert (found.first, found.second) == (1, 2)


def test_numbers_count_what_the_column_counts():
    day = date(1984, 3, 12)
    assert read(["30753", "30753.5"], numeric=Numeric.SERIAL).date.to_list() == [day, day]
    assert read(["447897600", "447897600000", "-86400000"], numeric=Numeric.EPOCH).date.to_list() == [
        day,
        day,
        date(1967, 4, 7),
    ]
    assert read(["43", "43 ans", "7 mois", "121"], numeric=Numeric.AGE).year.to_list() == [
        1982,
        1982,
        2025,
        None,
    ]
    assert read(["1984", "84"], numeric=Numeric.YEAR).year.to_list() == [1984, None]
    assert read(["30753"]).date.to_list() == [None]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        (["30753", "18957", "12/03/1984"], Numeric.SERIAL),
        (["447897600", "-86400000"], Numeric.EPOCH),
        (["19840312", "19511125"], Numeric.NOTHING),
        (["12/03/1984"], Numeric.NOTHING),
        (["1984", "1951"], Numeric.YEAR),
        (["43", "7", "102"], Numeric.AGE),
    ],
)
def test_what_plain_numbers_count(values, kind):
    assert dates.numeric(pl.Series(values)) is kind


def test_births_are_of_the_living_or_nearly():
    found = read(["12/03/1984", "01/01/1850", "29/11/2025", "28/11/2025", "00/00/1950"])
    assert dates.birth_valid(found.date, found.year, TODAY).to_list() == [True, False, False, True, True]


def test_two_digit_years_of_a_column_of_old_people():
    column = pl.Series([f"12/03/{yy:02d}" for yy in range(21, 61)])
    assert dates.elders(column, TODAY)
    assert read(column, elders=True).date.to_list()[0] == date(1921, 3, 12)
    assert not dates.elders(column.head(20), TODAY)
    assert not dates.elders(pl.concat([column, pl.Series(["12/03/12"])]), TODAY)
