"""Bank accounts and payment cards."""

import polars as pl
import pytest

from hemostat.detect import card, iban


@pytest.mark.parametrize(
    ("written", "valid"),
    [
        ("FR1420041010050500013M02606", True),
        ("fr14 2004 1010 0505 0001 3m02 606", True),
        ("BE71 0961 2345 6769", True),
        ("DE75 5121 0800 1245 1261 99", True),
        ("FR1420041010050500013M02607", False),
        ("FR142004101005050001302606", False),
        ("BE71 0961 2345 6769 00", False),
        ("FR76 0000 0000 0000 0000 0000 000", False),
        ("XX1420041010050500013M02606", False),
    ],
)
def test_iban(written, valid):
    assert iban.valid_array(pl.Series([written])).to_list() == [valid]


def test_accounts_of_several_countries_in_one_column():
    column = pl.Series(["FR1420041010050500013M02606", None, "BE71096123456769", "néant"])
    assert iban.valid_array(column).to_list() == [True, False, True, False]


@pytest.mark.parametrize(
    ("written", "valid"),
    [
        ("4970 1000 0000 0154", True),
        ("4970100000000154", True),
        ("378282246310005", True),
        ("4970100000000155", False),
        ("0000000000000000", False),
        ("9970100000000158", False),
        ("5.54563E+15", False),
    ],
)
def test_card(written, valid):
    assert card.valid_array(pl.Series([written])).to_list() == [valid]
