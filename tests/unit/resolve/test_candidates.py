"""Which pairs are compared: dense values never make a pair of each with each."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from hemostat.resolve.candidates import find_candidates, share_values
from hemostat.resolve.settings import settings
from hemostat.resolve.traits import complete, read_traits

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def candidates(rows, *, with_families=True):
    frame = complete(pl.DataFrame([{"record_id": n, **row} for n, row in enumerate(rows)]))
    traits, names = read_traits(frame)
    shared = share_values(traits, settings())
    return find_candidates(traits, names.words, shared, settings(), with_families=with_families)


def strangers(number, **common):
    """People of names of their own, who share what is given."""
    return [
        {
            "birth_name": f"{LETTERS[n % 26]}OR{LETTERS[n // 26 % 26]}AN{LETTERS[n // 676 % 26]}T",
            "first_names": f"Pr{LETTERS[n * 7 % 26].lower()}n{LETTERS[n // 26 * 5 % 26].lower()}m",
            "birth_date": date(1930 + n * 13 % 80, 1 + n * 5 % 12, 2 + n * 11 % 26),
            **common,
        }
        for n in range(number)
    ]


@pytest.mark.parametrize("with_families", [True, False])
@pytest.mark.parametrize(
    "common",
    [
        {"birth_date": date(1900, 1, 1)},
        {"birth_date": date(1970, 1, 1)},
        {"birth_date": date(1985, 6, 15)},
        {"birth_date": date(1985, 1, 1)},
        {"phone": "+33123456789"},
        {"email": "accueil@example.org"},
        {"postal_address": "1 rue de l'Hôpital", "postal_code": "59123", "city": "Lille"},
        {"nir": "180027511404244"},
        {"internal_id": "0"},
        {"birth_place": "99999"},
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_default_a_switchboard_or_a_desk_does_not_compare_each_with_each(common, with_families):
    number = 2000
    found = candidates(strangers(number, **common), with_families=with_families)
    assert len(found.a) < 25 * number


def test_the_same_name_and_date_many_times_are_set_aside_and_told():
    rows = strangers(1, birth_name="MARTIN", first_names="Marie", birth_date=date(1970, 3, 12)) * 1000
    found = candidates([{**row, "city": f"Ville {n}"} for n, row in enumerate(rows)])
    assert len(found.a) < 1000
    assert found.set_aside["birth_date"] == 1000


def test_a_person_among_those_who_share_a_switchboard_is_still_met():
    rows = strangers(2000, phone="+33123456789")
    found = candidates([*rows, rows[7] | {"city": "Lille", "birth_date": None}])
    assert (7, 2000) in set(zip(found.a.tolist(), found.b.tolist(), strict=True))
