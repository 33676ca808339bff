"""Rows and people of an earlier leak, found in this one."""

from datetime import date

import polars as pl

from hemostat.resolve.fingerprints import fingerprints
from hemostat.resolve.standing.earlier import in_evidence, in_fingerprints

KEY = b"k" * 32
TEXTS = ("birth_name", "used_name", "full_name", "first_names", "nir", "email", "email2", "phone", "phone2", "phone3",
         "postal_address", "postal_code", "city")  # fmt: skip
ODETTE = {
    "used_name": "Bellorget", "first_names": "Odette", "birth_date": date(1961, 4, 12), "email": "o.b@example.org",
    "phone": "+33639980103", "postal_address": "3 r. du Puits", "postal_code": "21200", "city": "Beaune",
}  # fmt: skip


def frame(*rows):
    types = dict.fromkeys(TEXTS, pl.String) | {"birth_date": pl.Date}
    return pl.DataFrame([dict.fromkeys(types) | row for row in rows], schema=types)


def test_the_row_as_it_was_and_the_person_written_otherwise():
    changed = ODETTE | {"used_name": "BELLORGET", "email": None, "phone": "+33639980104", "city": None}
    stranger = {"used_name": "Granvoux", "first_names": "Lise", "phone": "+33639980103"}
    leak, earlier = frame(ODETTE, changed, stranger), frame(ODETTE)
    for found in (in_evidence(leak, earlier), in_fingerprints(leak, fingerprints(earlier, KEY), KEY)):
        assert found.row.tolist() == [True, False, False]
        assert found.person.tolist() == [True, True, False]


def test_names_in_one_column_or_the_other_way_round():
    leak = frame(ODETTE | {"used_name": "Odette", "first_names": "Bellorget", "email": None, "phone": None})
    assert in_evidence(leak, frame(ODETTE)).person.tolist() == [True]
    whole = frame({"full_name": "BELLORGET Odette", "birth_date": ODETTE["birth_date"]})
    assert in_evidence(whole, frame(ODETTE)).person.tolist() == [True]


def test_a_family_that_shares_a_phone_is_not_one_person():
    son = {"used_name": "Bellorget", "first_names": "Hugo", "phone": ODETTE["phone"], "city": "Beaune"}
    assert in_evidence(frame(son), frame(ODETTE)).person.tolist() == [False]


def test_fingerprints_of_another_key_find_nobody():
    found = in_fingerprints(frame(ODETTE), fingerprints(frame(ODETTE), b"q" * 32), KEY)
    assert not found.row.any()
    assert not found.person.any()
