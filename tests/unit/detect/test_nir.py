"""NIR: what is accepted, doubted and refused, and what spreadsheets do to it."""

import polars as pl
import pytest

from hemostat.detect import nir

VALID = (
    "1 79 04 63 119 042 45",
    "2 88 06 2A 041 017 35",
    "1 96 10 2B 033 208 27",
    "1 92 11 97 411 035 34",  # La Réunion
    "2 53 02 99 138 017 11",  # born abroad
    "2 91 20 46 187 003 61",  # month unknown
    "2 47 55 33 063 101 57",
)


def keyed(body):
    return f"{body}{nir.key(pl.Series([body]))[0]:02d}"


@pytest.mark.parametrize("written", VALID)
def test_valid(written):
    assert nir.valid_array(pl.Series([written, written.replace(" ", ""), written.lower()])).all()


@pytest.mark.parametrize(
    "wrong",
    [
        "1 79 04 63 119 042 46",  # key
        "2 88 06 2A 041 017 08",  # key computed with A as a plain 0
        "000000000000097",  # a right key over nothing
        keyed("1791563119042"),  # month 15 is no month
        keyed("1790400119042"),  # no département
        keyed("1790463000042"),  # no commune
        keyed("1790463119000"),  # no order
        keyed("9790463119042"),  # no sex 9
        "",
        "1 79 04 63 119 042",
    ],
)
def test_not_valid(wrong):
    assert not nir.valid_array(pl.Series([wrong]))[0]


def test_thirteen_digits_are_shaped_but_have_no_key():
    row = nir.parse(pl.Series(["1 79 04 63 119 042"])).row(0)
    assert row == ("1790463119042", True, None)


@pytest.mark.parametrize("number", ["7123451234567", "8123451234567", "5212345123456"])
def test_nnp_and_mig_of_thirteen_digits_are_not_read_as_a_nir(number):
    assert not nir.parse(pl.Series([number]))["shaped"][0]


def test_a_waiting_number_with_its_key_is_one():
    assert nir.valid_array(pl.Series([keyed("7790463119042"), keyed("3790463119042")])).all()


def test_a_key_that_lost_its_zero():
    assert nir.canonical(pl.Series(["17904631190425"])).to_list() == ["179046311904205"]


@pytest.mark.parametrize(
    ("cell", "kept"),
    [
        ("183057505612345.0", "183057505612345"),
        ("183057505612345,00", "183057505612345"),
        ("1.83057505612345E+14", "183057505612345"),
        ("1,83057505612345E+14", "183057505612345"),
        ("1.83058E+14", None),
        ("1,83E+14", None),
    ],
)
def test_what_a_spreadsheet_leaves(cell, kept):
    assert nir.canonical(pl.Series([cell])).to_list() == [kept]
    assert nir.lost(pl.Series([cell])).to_list() == [kept is None]


def test_a_key_in_its_own_column():
    joined = nir.with_key(
        pl.Series(["1790463119042", "2 88 06 2A 041 017", "1790463119042", "1790463119042"]),
        pl.Series(["45", "35.0", None, "zz"]),
    )
    assert joined.to_list() == ["179046311904245", "288062A04101735", "1790463119042", "1790463119042"]


def test_mixed_widths_and_rubbish_in_one_column():
    parsed = nir.parse(pl.Series(["288062a04101735", None, "sans", "1790463119042", "179046311904245"]))
    assert parsed["number"].to_list() == ["288062A04101735", None, None, "1790463119042", "179046311904245"]
    assert parsed["shaped"].to_list() == [True, False, False, True, True]
    assert parsed["key"].to_list() == [True, None, None, None, True]


def test_chance_is_what_is_said():
    digits = (pl.Series(range(200_000)).hash(1) % 10**15).cast(pl.String).str.zfill(15)
    assert 0.8 * nir.CHANCE < nir.valid_array(digits).mean() < 1.2 * nir.CHANCE
