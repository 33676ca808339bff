"""Fingerprints: the same to who holds the key, nothing to others."""

import polars as pl

from hemostat.model import Traits
from hemostat.resolve.fingerprints import TRAITS, fingerprints

COLUMNS = list(Traits.__dataclass_fields__)


def frame(*rows):
    empty = dict.fromkeys(COLUMNS)
    types = dict.fromkeys(COLUMNS, pl.String) | {"birth_date": pl.Date, "record_id": pl.Int64}
    return pl.DataFrame([empty | row for row in rows], schema=types)


ODETTE = {
    "used_name": "Bellorget",
    "first_names": "Odette",
    "email": "o.b@example.org",
    "nir": "290027511604216",
}


def test_the_same_person_written_otherwise_has_the_same_fingerprints_of_person():
    one = fingerprints(frame(ODETTE), b"k" * 32).filter(kind="person")
    other = fingerprints(frame(ODETTE | {"used_name": "BELLORGET", "postal_code": "75016"}), b"k" * 32)
    assert set(one["fingerprint"]) == set(other.filter(kind="person")["fingerprint"])
    assert set(one["covers"]) == {"nir", "e-mail and first name"}


def test_a_row_differs_as_soon_as_one_of_its_values_does():
    one = fingerprints(frame(ODETTE), b"k" * 32).filter(kind="row")
    other = fingerprints(frame(ODETTE | {"postal_code": "75016"}), b"k" * 32).filter(kind="row")
    assert set(one["fingerprint"]).isdisjoint(other["fingerprint"])


def test_another_key_gives_other_fingerprints():
    one, other = (fingerprints(frame(ODETTE), key) for key in (b"k" * 32, b"q" * 32))
    assert set(one["fingerprint"]).isdisjoint(other["fingerprint"])


def test_nothing_can_be_read_in_them_and_nobody_has_none():
    found = fingerprints(frame(ODETTE, {}), b"k" * 32)
    assert found["fingerprint"].str.contains("^[0-9a-f]{32}$").all()
    assert len(found.filter(kind="row")) == 1
    assert set(found["covers"]) <= {covers for _, covers, _ in TRAITS}
