"""Identity rows as numbers."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from hemostat.resolve.traits import COLUMNS, complete, read_traits


def traits(*written):
    frame = pl.DataFrame([{"record_id": n, **row} for n, row in enumerate(written)], infer_schema_length=None)
    return read_traits(complete(frame))[0]


def test_complete_adds_what_is_missing_and_drops_the_rest():
    frame = complete(pl.DataFrame({"record_id": [1], "email": [""], "colour": ["blue"]}))
    assert frame.columns == list(COLUMNS)
    assert frame["email"].to_list() == [None]


@pytest.mark.parametrize(
    ("written", "birth", "year"),
    [
        (date(1961, 4, 12), 19610412, -1),
        (date(1961, 1, 1), -1, 1961),
        (date(1961, 12, 31), -1, 1961),
        (date(1900, 1, 1), -1, -1),
        (date(1900, 5, 3), -1, -1),
        (date(1970, 1, 1), -1, -1),
        (date(1970, 1, 2), 19700102, -1),
        (None, -1, -1),
    ],
)
def test_default_dates_say_no_day(written, birth, year):
    found = traits({"birth_name": "A", "birth_date": written})
    assert (found.birth[0], found.year[0]) == (birth, year)


def test_birth_year_counts_where_there_is_no_date():
    found = traits({"birth_name": "A", "birth_year": 1961})
    assert (found.birth[0], found.year[0]) == (-1, 1961)


WOMAN_1980 = {"birth_name": "A", "sex": "F", "birth_date": date(1980, 2, 3)}


@pytest.mark.parametrize(
    ("row", "coherent"),
    [
        (WOMAN_1980 | {"nir": "280027511404225"}, 1),
        (WOMAN_1980 | {"nir": "2800275114042"}, 1),
        (WOMAN_1980 | {"nir": "180027511404252"}, 0),
        (WOMAN_1980 | {"nir": "281027511404225"}, 0),
        (WOMAN_1980 | {"nir": "280037511404225"}, 0),
        (WOMAN_1980 | {"nir": "280207511404281"}, 1),
        (WOMAN_1980 | {"nir": "280557511404213"}, 1),
        (WOMAN_1980 | {"nir": "280022A11404201"}, 1),
        ({"nir": "280027511404225"}, -1),
        ({"nir": "280027511404225", "sex": "M"}, 0),
        ({"nir": "280027511404225", "birth_year": 1980}, 1),
        ({"nir": "280027511404225", "birth_date": date(1980, 1, 1)}, 1),
        ({"birth_name": "A"}, -1),
        ({"nir": "418-22-7745"}, -1),
    ],
)
def test_coherence_of_the_nir_with_its_row(row, coherent):
    assert traits(row).coherent[0] == coherent


def test_nir_with_and_without_key_is_one():
    found = traits(WOMAN_1980 | {"nir": "280027511404225"}, WOMAN_1980 | {"nir": "2800275114042"})
    assert found.nir[0] == found.nir[1] != 0


def test_month_of_a_nir_that_nothing_contradicts():
    rows = [
        {"nir": "280027511404225", "nir_key": True},
        {"nir": "280027511404225", "nir_key": False},
        {"nir": "280207511404281", "nir_key": True},
        {"nir": "280027511404225", "nir_key": True, "sex": "M"},
    ]
    assert traits(*rows).nir_month.tolist() == [8002, -1, -1, -1]


def test_tag_of_an_email_is_left_out():
    found = traits({"email": "odile+shop@example.org"}, {"email": "odile@example.org"})
    assert found.email[0] == found.email[1] != 0


def test_same_street_in_another_town_is_another_address():
    found = traits(
        {"postal_address": "7 rue Haute", "postal_code": "59123"},
        {"postal_address": "7 RUE HAUTE", "postal_code": "59123"},
        {"postal_address": "7 rue Haute", "postal_code": "13001"},
    )
    assert found.address[0] == found.address[1] != found.address[2]


def test_internal_id_means_something_in_its_own_base_alone():
    found = traits(
        {"internal_id": "12", "tenant": "A", "id_space": "s"},
        {"internal_id": "12", "tenant": "A", "id_space": "s"},
        {"internal_id": "12", "tenant": "B", "id_space": "s"},
        {"internal_id": "12", "tenant": "A", "id_space": "t"},
    )
    assert found.id[0] == found.id[1]
    assert len(set(found.id.tolist())) == 3


def test_digest_tells_rows_apart_by_their_traits_not_by_their_source():
    rows = [WOMAN_1980, WOMAN_1980, WOMAN_1980 | {"city": "Lille"}]
    frame = pl.DataFrame(rows, infer_schema_length=None).with_columns(record_id=pl.Series([1, 5 << 36, 2]))
    digest = read_traits(complete(frame))[0].digest()
    assert digest[0] == digest[1] != digest[2]
