"""Which of several identifier columns numbers people."""

from __future__ import annotations

import polars as pl

from hemostat.resolve.own_ids import repeated_ids
from hemostat.resolve.settings import settings

ROWS = 200


def identity(ids, tenant=None):
    return pl.DataFrame(
        {"record_id": range(ROWS), "internal_id": [str(n) for n in ids], "tenant": tenant, "id_space": "s"},
        schema_overrides={"record_id": pl.Int64, "tenant": pl.String},
    )


def keys(**columns):
    rows = [(n, place, str(value)) for place, values in columns.items() for n, value in enumerate(values)]
    return pl.DataFrame(
        rows, schema={"record_id": pl.Int64, "place": pl.String, "value": pl.String}, orient="row"
    )


NUMBERS = range(ROWS)
PERSONS = [n // 2 for n in range(ROWS)]


def test_an_id_that_comes_again_takes_the_place_of_one_that_numbers_rows():
    found = repeated_ids(identity(NUMBERS), keys(row=NUMBERS, ssn=PERSONS), settings())
    assert found.to_list() == [str(n) for n in PERSONS]


def test_an_id_that_comes_again_is_kept():
    found = repeated_ids(
        identity(PERSONS), keys(row=PERSONS, other=[n // 4 for n in range(ROWS)]), settings()
    )
    assert found.to_list() == [str(n) for n in PERSONS]


def test_a_number_of_a_site_or_of_a_type_is_no_id_of_people():
    found = repeated_ids(identity(NUMBERS), keys(row=NUMBERS, site=[n % 3 for n in range(ROWS)]), settings())
    assert found.to_list() == [str(n) for n in NUMBERS]


def test_a_column_that_few_rows_hold_is_left_aside():
    found = repeated_ids(identity(NUMBERS), keys(row=NUMBERS, card=PERSONS[:20]), settings())
    assert found.to_list() == [str(n) for n in NUMBERS]
