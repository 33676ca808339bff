"""What a row says against itself, by its NIR."""

from datetime import date

import polars as pl
import pytest

from hemostat.resolve.standing import signs

BORN = date(1979, 4, 12)


def told(*rows):
    types = {"birth_date": pl.Date, "birth_year": pl.Int32, "nir_key": pl.Boolean}
    names = ("nir", "nir_key", "sex", "first_names", "birth_date", "birth_year", "birth_place")
    held = [dict.fromkeys(names) | row for row in rows]
    return signs(pl.DataFrame(held, schema={name: types.get(name, pl.String) for name in names}))


@pytest.mark.parametrize(
    ("row", "shown"),
    [
        ({"sex": "M", "birth_date": BORN, "nir_key": True}, set()),
        ({"sex": "M", "birth_date": BORN, "nir_key": False}, {"nir_key_wrong"}),
        ({"sex": "F", "birth_date": BORN}, {"nir_sex"}),
        ({"first_names": "Bernadette", "birth_date": BORN}, {"nir_sex"}),
        ({"first_names": "Camille", "birth_date": BORN}, set()),
        ({"birth_date": date(1971, 4, 12)}, {"nir_birth"}),
        ({"birth_date": date(1979, 9, 12)}, {"nir_birth"}),
        ({"birth_date": date(1979, 12, 4)}, set()),
        ({"birth_date": date(1979, 1, 1)}, set()),
        ({"birth_date": date(2009, 6, 1), "sex": "F"}, {"nir_relative"}),
        ({"birth_date": BORN, "birth_place": "33063"}, {"nir_place"}),
        ({"birth_date": BORN, "birth_place": "Lyon"}, set()),
        ({"nir": "1791463119042", "birth_date": BORN}, {"nir_month"}),
        ({"nir": "1792563119042", "birth_date": BORN}, set()),
    ],
)
def test_a_row_against_itself(row, shown):
    found = told({"nir": "1790463119042"} | row)
    assert {name for name in found.columns if found[name][0]} == shown


def test_another_rows_number_is_a_relatives():
    wife = {"nir": "1790463119042", "birth_date": date(1981, 2, 3), "sex": "F"}
    husband = {"nir": "1790463119042", "birth_date": BORN, "sex": "M"}
    found = told(wife, husband)
    assert found["nir_relative"].to_list() == [True, False]
    assert found["nir_sex"].to_list() == [None, False]


def test_what_is_no_number_cannot_be_tested():
    found = told({"nir": "2.7E+14", "sex": "M"}, {"sex": "F"})
    assert all(found[name].is_null().all() for name in found.columns)


def test_an_unlisted_name_tells_the_sex_that_its_other_bearers_have_and_never_by_its_own_word():
    bearers = [{"first_names": "Zelmirane", "sex": "F"}] * 5
    stranger = {"first_names": "Zelmirane", "nir": "1790463119042", "nir_key": True, "birth_date": BORN}
    assert told(*bearers, stranger)["nir_sex"].to_list()[-1] is True
    assert told(*bearers[:1], stranger)["nir_sex"].to_list()[-1] is None
