"""Levels of agreement."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from hemostat.resolve.compare_names import given_levels, surname_levels
from hemostat.resolve.levels import Birth, Given, Surname, date_levels
from hemostat.resolve.names import read_names
from hemostat.resolve.settings import nicknames, settings
from hemostat.rules import rows


def levels(judge, column, one, other, count=1):
    frame = pl.DataFrame(
        {"record_id": [0, 1]}
        | {name: [None, None] for name in ("birth_name", "used_name", "first_names", "full_name")}
        | {column: [one, other]},
        schema_overrides=dict.fromkeys(("birth_name", "used_name", "first_names", "full_name"), pl.String),
    )
    names = read_names(frame)
    numbers = names.surname if column == "birth_name" else names.given
    counts = np.full(len(names.words), count, dtype=np.int64)
    both = [
        judge(names.words, numbers[[a]], numbers[[b]], counts, settings())[0] for a, b in ((0, 1), (1, 0))
    ]
    assert both[0] == both[1]
    return both[0]


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("MARTINET", "MARTINTE", Surname.CLOSE),
        ("MARTINET", "MARTINE", Surname.CLOSE),
        ("BRUN", "BRUM", Surname.CLOSE),
        ("ROY", "RAY", Surname.DIFFERENT),
        ("DE LA ROCHETTE", "ROCHETTE", Surname.CLOSE),
        ("BRUNELLE-GARCIN", "GARCIN", Surname.CONTAINED),
        ("BRUNELLE-GARCIN", "GARCIN-VASSEUR", Surname.CONTAINED),
        ("DE LA TOUR", "DE LA ROCHE", Surname.DIFFERENT),
        ("BRUNELLE", "GARCIN", Surname.DIFFERENT),
    ],
)
def test_surnames(one, other, level):
    assert levels(surname_levels, "birth_name", one, other) == level


def test_two_common_surnames_are_no_slip_of_one_another():
    assert levels(surname_levels, "birth_name", "MARTINET", "MARTINEZ", count=50) == Surname.CLOSE_COMMON


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        ("Odile", "Odlie", Given.CLOSE),
        ("Odile Marie", "Odile", Given.HEAD),
        ("Jean-Paul", "Jean", Given.HEAD),
        ("Jean-Paul", "Jean-Pierre", Given.CLOSE_COMMON),
        ("Jean-Paul", "Jean P", Given.HEAD),
        ("Jean-Paul", "Jean-Marc", Given.CLOSE_COMMON),
        ("Odile Marie", "Marie", Given.VARIANT),
        ("O", "Odile", Given.VARIANT),
        ("Frederiq", "Frédérique", Given.VARIANT),
        ("Alex", "Alexandre", Given.VARIANT),
        ("Guillaume", "William", Given.ALIKE),
        ("Maëlyne", "Maëlys", Given.SLIPS),
        ("Louis", "Louise", Given.CLOSE_COMMON),
        ("Marie", "Marine", Given.CLOSE_COMMON),
        ("Daniel", "Danièle", Given.CLOSE_COMMON),
        ("Luc", "Lucie", Given.CLOSE_COMMON),
        ("Élodie", "Elody", Given.ALIKE),
        ("Éric", "Erick", Given.CLOSE),
        ("Odile", "Paul", Given.DIFFERENT),
        ("Léa", "Léo", Given.DIFFERENT),
    ],
)
def test_first_names(one, other, level):
    assert levels(given_levels, "first_names", one, other) == level


def test_two_common_first_names_are_no_slip_of_one_another():
    assert levels(given_levels, "first_names", "Marine", "Marina", count=50) == Given.CLOSE_COMMON


def test_a_common_name_is_no_cut_form_of_another():
    assert levels(given_levels, "first_names", "Julie", "Julien", count=50) == Given.CLOSE_COMMON


@pytest.mark.parametrize(
    "row", rows("nicknames", "name", {"id": str, "forms": list}), ids=lambda row: row["id"]
)
def test_nicknames_hold(row):
    one, other = row["examples"][0].upper().split(" / ")
    assert set(nicknames()[one]) & set(nicknames()[other])


@pytest.mark.parametrize(
    ("one", "other", "level"),
    [
        (19610412, 19610412, Birth.EQUAL),
        (19610412, 19611204, Birth.SWAPPED),
        (19610412, 19610413, Birth.NEAR),
        (19610409, 19610410, Birth.NEAR),
        (19610412, 19610421, Birth.NEAR),
        (19610412, 19620412, Birth.NEAR),
        (19610412, 19160412, Birth.NEAR),
        (19691231, 19701231, Birth.NEAR),
        (19610412, 20610412, Birth.NEAR),
        (19610412, 19610423, Birth.PART),
        (19610412, 19610523, Birth.DIFFERENT),
        (19610425, 19870913, Birth.DIFFERENT),
    ],
)
def test_dates(one, other, level):
    both = date_levels(np.array([one, other], np.int32), np.array([other, one], np.int32))
    assert both.tolist() == [level, level]
