"""Names: taken apart, told from one another."""

import polars as pl
import pytest

from hemostat.detect import names


@pytest.mark.parametrize(
    ("written", "last_first", "first_last"),
    [
        ("GARNIER Sophie", ("GARNIER", "Sophie"), ("GARNIER", "Sophie")),
        ("Sophie GARNIER", ("GARNIER", "Sophie"), ("GARNIER", "Sophie")),
        ("LE GOFF Marie Odile", ("LE GOFF", "Marie Odile"), ("LE GOFF", "Marie Odile")),
        ("Dubois, Jean-Luc", ("Dubois", "Jean-Luc"), ("Dubois", "Jean-Luc")),
        ("D'ANGELO Paul", ("D'ANGELO", "Paul"), ("D'ANGELO", "Paul")),
        ("de LA TOUR Anne", ("de LA TOUR", "Anne"), ("de LA TOUR", "Anne")),
        ("DUBOIS JEAN", ("DUBOIS", "JEAN"), ("JEAN", "DUBOIS")),
        ("Jean de La Tour", ("Jean de La", "Tour"), ("de La Tour", "Jean")),
        ("Cher", ("Cher", None), ("Cher", None)),
    ],
)
def test_taken_apart(written, last_first, first_last):
    for leads, wanted in ((False, last_first), (True, first_last)):
        row = names.split_full(pl.Series([written]), first_leads=leads).row(0)
        assert row[1:3] == wanted


@pytest.mark.parametrize(
    ("written", "birth", "used", "first", "sex"),
    [
        ("Mme GARNIER née PETIT Sophie", "PETIT", "GARNIER", "Sophie", "F"),
        ("PETIT épouse GARNIER Sophie", "PETIT", "GARNIER", "Sophie", None),
        ("M. Paul LE GOFF", None, "LE GOFF", "Paul", "M"),
        ("Enfant DIALLO Moussa", None, "DIALLO", "Moussa", None),
    ],
)
def test_two_surnames_and_titles(written, birth, used, first, sex):
    assert names.split_full(pl.Series([written]), first_leads=False).row(0) == (birth, used, first, sex)


def test_null_stays_null():
    assert names.split_full(pl.Series([None, "GARNIER Sophie"]), first_leads=False).row(0) == (None,) * 4


def test_order_is_that_of_the_column():
    assert names.first_name_leads(pl.Series(["Sophie Garnier", "Paul Lefevre", "Aïcha Benali"]))
    assert not names.first_name_leads(pl.Series(["Garnier Sophie", "Lefevre Paul", "Benali Aïcha"]))


def test_sexes():
    column = pl.Series(["M.", "Mme", "H", "2", "1.0", "Sœur", "bébé", "rouge", None])
    assert names.sex(column).to_list() == ["M", "F", "M", "F", "M", "F", None, None, None]
    assert names.sex_valid(column).to_list() == [True] * 7 + [False, False]
