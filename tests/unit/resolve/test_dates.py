"""Birth dates that fill a gap, that stand for a month, or that the data themselves show to be wrong."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl

from hemostat.resolve import people
from hemostat.resolve.levels import Birth, date_levels
from hemostat.resolve.traits import complete, read_traits


def test_the_first_of_a_month_stands_for_the_month():
    left, right = np.array([19830201, 19830201, 19830201]), np.array([19830224, 19830324, 19830201])
    found = date_levels(left.astype(np.int32), right.astype(np.int32)).tolist()
    assert found == [Birth.MONTH, Birth.DIFFERENT, Birth.EQUAL]


def test_a_date_out_of_all_proportion_is_a_filler():
    usual = [date(1980, 1, 2) + timedelta(days=3 * n) for n in range(120)]
    frame = pl.DataFrame({"birth_date": [*usual, *[date(1980, 7, 1)] * 40]}).with_row_index("record_id")
    traits, _ = read_traits(complete(frame))
    assert traits.filler.tolist() == [False] * 120 + [True] * 40


def _nir(born: date, number: int) -> str:
    body = f"2{born:%y%m}75{number:03}{number:03}"
    return f"{body}{97 - int(body) % 97:02}"


def _leak(size: int, *, one_person: bool) -> pl.DataFrame:
    """Pairs of rows of one name and telephone under two dates, with one NIR, or each with its own."""
    rows = []
    for n in range(size):
        born, other = date(1960 + n % 30, 1 + n % 12, 5), date(1962 + n % 30, 1 + (n + 5) % 12, 23)
        who = {
            "birth_name": f"NOM{chr(65 + n // 26)}{chr(65 + n % 26)}EL",
            "first_names": f"Prune{chr(65 + n % 26)}",
        }
        who |= {"sex": "F", "phone": f"+331990{n:05}", "nir_key": True}
        rows.append(who | {"birth_date": born, "nir": _nir(born, n + 1)})
        rows.append(who | {"birth_date": other, "nir": _nir(born if one_person else other, n + 1)})
    return pl.DataFrame(rows).with_row_index("record_id")


def test_two_dates_are_one_person_where_the_nir_says_so_of_such_pairs():
    frame = _leak(60, one_person=True)
    silent = frame.with_columns(pl.when(pl.col("record_id") >= 100).then(None).otherwise("nir").alias("nir"))
    assert people(silent).best == 60


def test_two_dates_stay_two_people_where_the_nir_differ():
    assert people(_leak(60, one_person=False)).best == 120


def test_two_dates_stay_two_people_where_no_nir_can_tell():
    assert people(_leak(60, one_person=True).drop("nir", "nir_key")).best == 120
