"""Equal rows of one person, or of homonyms."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from hemostat.resolve import people

MARIE = {"birth_name": "MARTIN", "first_names": "Marie", "birth_date": date(1970, 3, 12)}


def resolve(rows, **options):
    frame = pl.DataFrame([{"record_id": n, **row} for n, row in enumerate(rows)], infer_schema_length=None)
    return people(frame, **options)


def test_a_few_rows_of_one_name_and_date_are_one_person():
    found = resolve([MARIE] * 5)
    assert (found.certain_only, found.low, found.best, found.high) == (1, 1, 1, 1)


def test_a_crowd_of_one_name_and_date_may_be_as_many_people_as_rows():
    found = resolve([MARIE] * 500)
    assert (found.low, found.best, found.certain_only, found.high) == (1, 1, 500, 500)


def test_a_crowd_with_one_contact_is_one_person():
    found = resolve([MARIE | {"email": "marie.martin@example.org"}] * 500)
    assert (found.certain_only, found.best, found.high) == (1, 1, 1)


def crowd(people, surnames, rows):
    """People with names of their own and dates, each with as many rows."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    return [
        {
            "birth_name": f"{letters[n % surnames]}OR{letters[n * 7 % surnames]}AND",
            "first_names": f"Pr{letters[n // 26 % 26].lower()}n{letters[n * 5 % 26].lower()}m",
            "birth_date": date(1940 + n % 70, 1 + n // 70 % 12, 2 + n * 11 % 26),
        }
        for n in range(people)
        for _ in range(rows)
    ]


def test_many_rows_are_usual_where_other_people_have_as_many():
    usual = crowd(1200, 26, 60)
    without, together = resolve(usual).certain_only, resolve([*usual, *[MARIE] * 500]).certain_only
    assert without < 1200 * 2
    assert together - without > 400


def test_repeats_of_a_name_alone_may_each_be_somebody():
    name = {key: MARIE[key] for key in ("birth_name", "first_names")}
    found = resolve([name, MARIE], repeats=np.array([9, 0]))
    assert found.best == 2
    assert found.high >= 11


def test_repeats_of_a_rare_name_and_date_are_one_person():
    found = resolve([MARIE], repeats=np.array([3]))
    assert (found.best, found.high) == (1, 1)


def test_the_commoner_the_names_the_more_homonyms_are_hidden():
    rare, common = (resolve(crowd(3000, surnames, 2)) for surnames in (26, 3))
    assert common.high > rare.high > 3000
