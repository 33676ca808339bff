"""The standing of rows: what shows, what vouches, what an earlier leak held."""

import numpy as np
import polars as pl

from hemostat.resolve.standing import Vouched, judge, signs
from hemostat.resolve.standing.earlier import Found

RIGHT, WRONG = {"nir": "179046311904245", "nir_key": True}, {"nir": "179046311904299", "nir_key": False}
NOBODY = {"nir": None, "nir_key": None}


def shown(*counts):
    rows = [row for row, number in counts for _ in range(number)]
    types = {"nir": pl.String, "nir_key": pl.Boolean, "birth_date": pl.Date, "birth_year": pl.Int32}
    names = ("nir", "nir_key", "sex", "first_names", "birth_date", "birth_year", "birth_place")
    held = [dict.fromkeys(names) | row for row in rows]
    return signs(pl.DataFrame(held, schema={name: types.get(name, pl.String) for name in names}))


def flags(size, *rows):
    held = np.zeros(size, dtype=np.bool_)
    held[list(rows)] = True
    return held


def test_wrong_keys_beyond_what_typing_explains_are_fabricated():
    found = judge(shown((RIGHT, 900), (WRONG, 100)), Vouched(None, None), None).rows()
    assert found["standing"].value_counts().sort("count")["standing"].to_list() == ["fabricated", "plausible"]


def test_as_many_wrong_keys_as_typing_explains_are_doubtful():
    found = judge(shown((RIGHT, 993), (WRONG, 7)), Vouched(None, None), None).rows()
    assert found["standing"].to_list()[-7:] == ["doubtful"] * 7
    assert found["reasons"].to_list()[-1] == "nir_key_wrong"


def test_who_is_in_the_patient_file_is_never_fabricated():
    rows = shown((RIGHT, 900), (WRONG, 100))
    found = judge(rows, Vouched(flags(1000, *range(901)), None), None).rows()
    assert found["standing"].to_list()[900:902] == ["matched", "fabricated"]
    assert found["reasons"][900] == "in_patient_file nir_key_wrong"


def test_absence_from_the_patient_file_alone_says_nothing():
    found = judge(shown((NOBODY, 10)), Vouched(flags(10, *range(9)), None), None).rows()
    assert found["standing"][9] == "plausible"


def test_recycled_where_nothing_speaks_for_the_row():
    both = Found(flags(4, 0, 1), flags(4, 0, 1, 2))
    rows = shown((NOBODY, 4))
    assert judge(rows, Vouched(None, None), both).rows()["standing"].to_list() == [
        "recycled", "recycled", "plausible", "plausible",
    ]  # fmt: skip
    vouched = Vouched(flags(4, 0), flags(4, 1))
    assert judge(rows, vouched, both).rows()["standing"].to_list() == [
        "matched", "plausible", "recycled", "plausible",
    ]  # fmt: skip
