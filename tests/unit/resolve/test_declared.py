"""Records that name nobody reach their person through what the evidence declares."""

from __future__ import annotations

import polars as pl

from hemostat.model import RECORD_BITS
from hemostat.resolve.attach import attach
from hemostat.resolve.settings import settings

USERS, VISITS, NOTES = (n << RECORD_BITS for n in (1, 2, 3))
KEYS = pl.DataFrame(
    schema={
        "record_id": pl.Int64,
        "family": pl.String,
        "place": pl.String,
        "value": pl.UInt64,
        "scope": pl.String,
    }
)


def tied(*rows):
    schema = {"record_id": pl.Int64, "tie": pl.Int32, "refers": pl.Boolean, "value": pl.UInt64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def reached(ties, people, keys=KEYS):
    held = pl.DataFrame(people, schema={"record_id": pl.Int64, "person": pl.Int32}, orient="row")
    return dict(attach(keys, held, settings(), ties).sort("record_id").rows())


PEOPLE = [(USERS + n, n) for n in range(5)]
SIDE = [(USERS + n, 0, False, 100 + n) for n in range(5)]


def test_a_record_reaches_the_person_that_it_refers_to():
    ties = tied(*SIDE, (VISITS, 0, True, 103), (VISITS + 1, 0, True, 999))
    assert reached(ties, PEOPLE) == {VISITS: 3}


def test_through_one_table_to_the_next():
    ties = tied(*SIDE, (VISITS, 0, True, 102), (VISITS, 1, False, 7), (NOTES, 1, True, 7))
    assert reached(ties, PEOPLE) == {VISITS: 2, NOTES: 2}


def test_what_one_person_alone_refers_to_is_of_that_person():
    ties = tied(
        (USERS, 0, True, 50), (USERS + 1, 0, True, 51), (USERS + 2, 0, True, 51),
        (VISITS, 0, False, 50), (VISITS + 1, 0, False, 51),
    )  # fmt: skip
    assert reached(ties, PEOPLE) == {VISITS: 0}


def test_the_reference_with_more_values_comes_first():
    ties = tied(
        *SIDE, *((r, 1, False, v) for r, _, _, v in SIDE), (VISITS, 1, True, 104), (VISITS, 0, True, 101)
    )
    assert reached(ties, PEOPLE) == {VISITS: 1}


def test_a_table_that_is_tied_by_declaration_is_tied_by_nothing_else():
    users = [(USERS + n, "users", "id", 100 + n, "dump") for n in range(5)]
    seen = [(VISITS + n, "visits", "practitioner", 100 + n % 2, "dump") for n in range(5)]
    keys = pl.DataFrame(users + seen, schema=KEYS.schema, orient="row")
    declared = tied(*SIDE, (VISITS + 4, 0, True, 104))
    assert reached(declared, PEOPLE, keys) == {VISITS + 4: 4}
    assert reached(tied(), PEOPLE, keys) == {VISITS + n: n % 2 for n in range(5)}
