"""Addresses, postal codes and towns, alone or together in a cell."""

import polars as pl
import pytest

from hemostat.detect import address


@pytest.mark.parametrize(
    ("cell", "code", "city"),
    [
        ("56000 VANNES", "56000", "VANNES"),
        ("1000 BOURG-EN-BRESSE", "01000", "BOURG-EN-BRESSE"),
        ("2A004 AJACCIO", "2A004", "AJACCIO"),
        ("F-56000 Vannes", "56000", "Vannes"),
        ("97400 - SAINT-DENIS", "97400", "SAINT-DENIS"),
        ("Vannes (56000)", "56000", "Vannes"),
        ("VANNES 56000", "56000", "VANNES"),
        ("56000", "56000", None),
        ("VANNES", None, "VANNES"),
        ("99999 X", None, "99999 X"),
        (None, None, None),
    ],
)
def test_code_and_city(cell, code, city):
    column = pl.Series([cell], dtype=pl.String)
    assert address.code_and_city(column).row(0) == (code, city)
    # The quick way through a plain column and the careful one agree.
    mixed = address.code_and_city(pl.Series([cell, "VANNES"], dtype=pl.String))
    assert mixed.row(0) == (code, city)


@pytest.mark.parametrize(
    ("cell", "parts"),
    [
        ("12 rue des Lilas 56000 VANNES", ("12 rue des Lilas", "56000", "VANNES")),
        ("12 rue des Lilas, 2a004 Ajaccio (France)", ("12 rue des Lilas", "2A004", "Ajaccio")),
        ("Rés. du Port - bât. B\n35400 SAINT-MALO", ("Rés. du Port - bât. B", "35400", "SAINT-MALO")),
        ("12 rue du 8 mai 1945", ("12 rue du 8 mai 1945", None, None)),
        (None, (None, None, None)),
    ],
)
def test_whole_address(cell, parts):
    assert address.whole(pl.Series([cell], dtype=pl.String)).row(0) == parts


def test_postal_codes_in_one_spelling():
    column = pl.Series(["56000", "1000", "2a004", "56 000", "56000.0", "SW1A 1AA", None])
    assert address.postal_normal(column).to_list() == [
        "56000",
        "01000",
        "2A004",
        "56000",
        "56000",
        "SW1A 1AA",
        None,
    ]


@pytest.mark.parametrize(
    "street", ["12 rue des Lilas", "Lieu-dit Kerhuon", "Appt 4, bât. B", "BP 12", "3 Hoog St"]
)
def test_streets(street):
    assert address.street_valid(pl.Series([street])).to_list() == [True]


@pytest.mark.parametrize(
    "other", ["GARNIER", "Dr LEMAIRE", "Saint-Brieuc", "toux depuis trois jours", "0199000412"]
)
def test_not_streets(other):
    assert address.street_valid(pl.Series([other])).to_list() == [False]


def test_towns():
    column = pl.Series(
        ["VANNES", "St-Brieuc", "PARIS 12", "LYON CEDEX 03", "Moulins-sur-Orne", "GARNIER", "12/03/1984"]
    )
    assert address.city_valid(column).to_list() == [True] * 5 + [False, False]
