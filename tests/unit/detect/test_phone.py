"""Telephone numbers as people, databases and spreadsheets write them."""

import polars as pl
import pytest

from hemostat.detect import phone


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("0199000412", "+33199000412"),
        ("01 99 00 04 12", "+33199000412"),
        ("01.99.00.04.12", "+33199000412"),
        ("01-99-00-04-12", "+33199000412"),
        ("+33 1 99 00 04 12", "+33199000412"),
        ("+33 (0)1 99 00 04 12", "+33199000412"),
        ("0033199000412", "+33199000412"),
        ("33199000412", "+33199000412"),
        ("+330199000412", "+33199000412"),
        ("+262 262 91 00 41", "+262262910041"),
        ("+49 30 901820", "+4930901820"),
        ("00 44 20 7946 0018", "+442079460018"),
        ("199000412", "199000412"),
        ("77 85", None),
        ("sans", None),
        (None, None),
    ],
)
def test_one_spelling(written, normal):
    assert phone.normal(pl.Series([written], dtype=pl.String)).to_list() == [normal]


def test_a_column_that_lost_its_zeros():
    column = pl.Series(["639980123", "6 39 98 01 44", "0199000412", "639980157.0"])
    assert phone.normal(column, lost_zero=True).to_list() == [
        "+33639980123",
        "+33639980144",
        "+33199000412",
        "+33639980157",
    ]


def test_foreign_numbers_are_not_made_french():
    codes = pl.Series(["61", "39", "+44", None, "33"])
    numbers = pl.Series(["(07) 4946 7280", "06 1234 5678", "077 2046 4127", "0199000412", "01 99 00 04 12"])
    assert phone.normal(numbers, country=codes).to_list() == [
        "+61749467280",
        "+390612345678",  # Italy keeps its zero
        "+447720464127",
        "0199000412",
        "+33199000412",
    ]


@pytest.mark.parametrize(
    ("written", "valid"),
    [
        ("06 39 98 01 23", True),
        ("+33639980123", True),
        ("0033 6 39 98 01 23", True),
        ("+262262910041", True),
        ("+4930901820", True),
        ("0012345678", False),
        ("0039980123", False),
        ("20250112", False),
        ("639980123", False),
        ("063998012", False),
        ("06399801234", False),
    ],
)
def test_valid(written, valid):
    assert phone.valid_array(pl.Series([written])).to_list() == [valid]


def test_several_numbers_in_a_cell():
    found = phone.each(pl.Series(["0639980123", "fixe 0199000412 / 06.39.98.01.44 ou 0261910044", "rien"]))
    assert [c.to_list() for c in found] == [
        ["+33639980123", "+33199000412", None],
        [None, "+33639980144", None],
        [None, "+33261910044", None],
    ]
