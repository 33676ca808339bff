"""Who is in two cases, and what each shows of them."""

from datetime import date

import polars as pl

from hemostat.resolve.combine import combined, shared

TEXTS = ("birth_name", "used_name", "full_name", "first_names", "nir", "email", "phone", "postal_address",
         "postal_code")  # fmt: skip
ODETTE = {"used_name": "Bellorget", "first_names": "Odette", "birth_date": date(1961, 4, 12)}
KEY = b"k" * 32


def frame(*rows):
    types = {"person_id": pl.Int64, "birth_date": pl.Date} | dict.fromkeys(TEXTS, pl.String)
    return pl.DataFrame([dict.fromkeys(types) | row for row in rows], schema=types)


def both(first, second):
    return shared(frame(*first), frame(*second), KEY).rows()


def test_the_same_person_written_otherwise():
    one = ODETTE | {"person_id": 7}
    other = {
        "person_id": 3,
        "used_name": "BELLORGET",
        "first_names": "Odette, Marie",
        "birth_date": date(1961, 4, 12),
    }
    assert both([one], [other]) == [(7, 3)]
    assert both([one], [other | {"birth_date": date(1961, 12, 4)}]) == []


def test_a_phone_and_a_first_name_are_enough_unless_the_birth_differs():
    one = {"person_id": 1, "phone": "+33639980103", "first_names": "Odette"}
    shop = one | {"person_id": 2, "used_name": "Garcin"}
    assert both([one | {"birth_date": date(1961, 4, 12)}], [shop]) == [(1, 2)]
    assert both([one | {"birth_date": date(1961, 4, 12)}], [shop | {"birth_date": date(1990, 5, 1)}]) == []
    assert both([one | {"birth_date": date(1961, 4, 12)}], [shop | {"birth_date": date(1961, 12, 4)}]) == [
        (1, 2)
    ]


def test_a_phone_of_another_first_name_is_a_household():
    one = {"person_id": 1, "phone": "+33639980103", "first_names": "Odette"}
    assert both([one], [one | {"first_names": "Hugo"}]) == []


def test_what_two_people_of_one_case_bear_points_at_neither():
    one = ODETTE | {"person_id": 1}
    assert both([one, one | {"person_id": 2}], [one]) == []


def test_each_person_once_and_counted_by_what_each_case_shows():
    mail = {"email": "o.b@example.org"}
    pairs = shared(frame(ODETTE | mail | {"person_id": 1}), frame(ODETTE | mail | {"person_id": 5}), KEY)
    masks = {"mask_lo": pl.UInt64, "mask_hi": pl.UInt64, "person_id": pl.Int64}
    first = pl.DataFrame({"person_id": [1], "mask_lo": [3], "mask_hi": [1]}, schema_overrides=masks)
    second = pl.DataFrame({"person_id": [5], "mask_lo": [4], "mask_hi": [0]}, schema_overrides=masks)
    assert combined(pairs, first, second) == {(3 | 1 << 64, 4): 1}
