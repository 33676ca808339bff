"""Rows whose first name is missing or another's."""

from __future__ import annotations

from datetime import date

import polars as pl

from hemostat.resolve import people

HOME = {
    "birth_date": date(2019, 5, 4),
    "phone": "+33199000433",
    "postal_address": "3 rue du Puits",
    "city": "Dole",
}


def best(*rows):
    frame = pl.DataFrame([{"record_id": n, **row} for n, row in enumerate(rows)], infer_schema_length=None)
    return people(frame).clusters["best"].to_list()


def test_a_newborn_before_its_first_name_is_the_child_of_that_day():
    found = best({"birth_name": "MESNEL", "first_names": "BB", "sex": "F", **HOME},
                 {"birth_name": "JARDEL", "first_names": "Alix", "sex": "F", **HOME})  # fmt: skip
    assert found[0] == found[1]


def test_beside_twins_nobody_can_tell():
    found = best({"birth_name": "MESNEL", "first_names": "BB", **HOME},
                 {"birth_name": "MESNEL", "first_names": "Alix", **HOME},
                 {"birth_name": "MESNEL", "first_names": "Rosalie", **HOME})  # fmt: skip
    assert len(set(found)) == 3


def test_a_first_name_of_the_other_sex_says_nothing_of_a_grown_woman():
    woman = HOME | {"birth_name": "LAURIN", "birth_date": date(1953, 9, 4), "sex": "F"}
    others = [
        {
            "birth_name": f"AUTRE{chr(65 + n)}",
            "first_names": "Jeanne",
            "sex": "F",
            "birth_date": date(1990 + n, 2, 9),
        }
        for n in range(20)
    ]
    found = best(woman | {"first_names": "Laurence"}, woman | {"first_names": "Gérard"}, *others)
    assert found[0] == found[1]


def test_two_first_names_of_the_right_sex_are_two_people():
    woman = HOME | {"birth_name": "LAURIN", "birth_date": date(1953, 9, 4), "sex": "F"}
    found = best(woman | {"first_names": "Laurence"}, woman | {"first_names": "Chantal"})
    assert found[0] != found[1]
