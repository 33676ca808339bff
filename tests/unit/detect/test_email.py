"""E-mail addresses."""

import polars as pl
import pytest

from hemostat.detect import email


@pytest.mark.parametrize(
    ("written", "valid"),
    [
        ("sophie.garnier@example.org", True),
        ("s+tag@mail.example.co.uk", True),
        ("o'neil_1@example.net", True),
        ("élodie@exemple-santé.example", True),
        ("a@b", False),
        ("a@@example.org", False),
        ("a b@example.org", False),
        ("a@example.org, b@example.org", False),
        ("@example.org", False),
        ("a@.example", False),
        ("a@example.1", False),
        ("https://example.org/@a", False),
    ],
)
def test_valid(written, valid):
    assert email.valid_array(pl.Series([written])).to_list() == [valid]


def test_one_spelling():
    column = pl.Series(
        [" A.B@Example.ORG ", "Dr A <a@example.net>", "mailto:a@example.net", "<a@example.net>", "non"]
    )
    assert email.normal(column).to_list() == [
        "a.b@example.org",
        "a@example.net",
        "a@example.net",
        "a@example.net",
        None,
    ]


def test_two_addresses_in_a_cell():
    found = email.each(pl.Series(["a@example.org / B@example.net", "c@example.com"]))
    assert [c.to_list() for c in found] == [["a@example.org", "c@example.com"], ["b@example.net", None]]
