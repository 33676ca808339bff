"""IBAN and RIB: bank account numbers with their check digits."""

from __future__ import annotations

import numpy as np
import polars as pl

from hemostat.detect import digits

PATTERN = r"^[A-Za-z]{2}[0-9]{2}(?:[ \-]?[A-Za-z0-9]){10,30}$"
"""Country, check digits, account; spaces by four or anywhere."""

BIC = r"^[A-Z]{4}(?:FR|BE|DE|LU|CH|ES|IT|GB|NL|PT|MC|IE|AT)[A-Z0-9]{2}(?:[A-Z0-9]{3})?$"
"""Bank identifier code of the countries met in French files."""

RIB = r"^[0-9]{5} ?[0-9]{5} ?[0-9A-Za-z]{11} ?[0-9]{2}$"
"""French account before IBAN: bank, branch, account, key."""

CHANCE = 1 / 97
LENGTHS = {
    "AD": 24, "AT": 20, "BE": 16, "BG": 22, "CH": 21, "CY": 28, "CZ": 24, "DE": 22, "DK": 18, "EE": 20, "ES": 24,
    "FI": 18, "FR": 27, "GB": 22, "GR": 27, "HR": 21, "HU": 28, "IE": 22, "IT": 27, "LI": 21, "LT": 20, "LU": 20,
    "LV": 21, "MA": 28, "MC": 27, "MT": 31, "NL": 18, "NO": 15, "PL": 28, "PT": 25, "RO": 24, "SE": 24, "SI": 19,
    "SK": 24, "SM": 27, "TN": 24, "TR": 26,
}  # fmt: skip
# Source: SWIFT, IBAN Registry.
_MODULUS = 97
_LETTER_A = 55  # ord("A") - 10: a letter counts as 10 to 35


def compact(values: pl.Series) -> pl.Series:
    """Upper case without separators.

    >>> compact(pl.Series(["fr14 2004 1010"])).to_list()
    ['FR1420041010']
    """
    return values.str.replace_all(r"[ \-]", "").str.to_uppercase()


def valid_array(values: pl.Series) -> pl.Series:
    """Right length for the country and remainder 1 modulo 97 (ISO 13616); an account made of zeros is no account.

    >>> valid_array(pl.Series(["FR14 2004 1010 0505 0001 3M02 606", "FR76 0000 0000 0000 0000 0000 000"])).to_list()
    [True, False]
    """
    out = np.zeros(len(values), dtype=np.bool_)
    shaped = np.flatnonzero(digits.flags(values, PATTERN))
    text = compact(values.gather(shaped))
    wanted = text.str.slice(0, 2).replace_strict(LENGTHS, default=0, return_dtype=pl.UInt32)
    fits = ((text.str.len_bytes() == wanted) & ~text.str.contains(r"^.{4}0+$")).to_numpy()
    shaped, text = shaped[fits], text.filter(pl.Series(fits))
    for width in text.str.len_bytes().unique().to_list():
        where, rows = digits.of_width(text, width)
        out[shaped[where]] = _remainder(np.concatenate([rows[:, 4:], rows[:, :4]], axis=1)) == 1
    return pl.Series(values.name, out)


def _remainder(rows: digits.Bytes) -> digits.Ints:
    """Remainder modulo 97 of each row, letters counting as two digits."""
    total = np.zeros(len(rows), dtype=np.int64)
    for column in range(rows.shape[1]):
        char = rows[:, column].astype(np.int64)
        letter = char >= ord("A")
        total = (
            total * np.where(letter, 100, 10) + np.where(letter, char - _LETTER_A, char - digits.ZERO)
        ) % _MODULUS
    return total
