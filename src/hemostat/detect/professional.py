"""Numbers of health professionals and facilities: RPPS, ADELI, FINESS, SIREN, SIRET."""

from __future__ import annotations

import numpy as np
import polars as pl

from hemostat.detect import digits

RPPS = r"^8?1[0-9]{10}$"
"""11 digits, usually 10…; with prefix 8 it is the national identifier IdNat_PS. Source: ansforge, PDSM guide."""

NINE = r"^(?:[0-9]{2}|2[ABab])[ ]?[0-9]{3}[ ]?[0-9]{3}[ ]?[0-9]$"
"""Nine characters that begin with a département: ADELI, FINESS; SIREN has the same shape."""

SIRET = r"^[0-9]{3} ?[0-9]{3} ?[0-9]{3} ?[0-9]{5}$"

CHANCE = 0.1
_RPPS, _NINE, _SIREN, _SIRET = 11, 9, 9, 14
_DEPARTMENTS = 98


def rpps_valid(values: pl.Series) -> pl.Series:
    """11 digits beginning with 10 and a right Luhn sum, the prefix 8 of IdNat_PS apart.

    >>> rpps_valid(pl.Series(["10101010105", "810101010105", "10101010106", "61010101017"])).to_list()
    [True, True, False, False]
    """
    text = values.str.strip_prefix("8").str.strip_chars()
    text = text.zip_with(values.str.len_bytes() == _RPPS + 1, values.str.strip_chars())
    right = digits.luhn_valid(text, (_RPPS,)) & digits.flags(text, r"^10[0-9]{9}$")
    return pl.Series(values.name, right)


def finess_valid(values: pl.Series) -> pl.Series:
    """Nine digits, a département first, a right Luhn sum (38 of 38 published numbers have one; Corsica not tried).

    >>> finess_valid(pl.Series(["560000127", "560000128", "000000000"])).to_list()
    [True, False, False]
    """
    text = values.str.replace_all(" ", "")
    first = text.str.slice(0, 2).cast(pl.Int16, strict=False).fill_null(0).to_numpy()
    right = digits.luhn_valid(text, (_NINE,)) & (first >= 1) & (first <= _DEPARTMENTS)
    return pl.Series(values.name, right)


def adeli_valid(values: pl.Series) -> pl.Series:
    """Nine characters, a département first. The register closed in 2024: old data only, and the shape proves little.

    >>> adeli_valid(pl.Series(["561012345", "2A1012345", "991012345"])).to_list()
    [True, True, False]
    """
    text = values.str.replace_all(" ", "").str.to_uppercase()
    first = text.str.slice(0, 2)
    known = (
        first.is_in(["2A", "2B"]) | first.cast(pl.Int16, strict=False).is_between(1, _DEPARTMENTS)
    ).fill_null(value=False)
    return pl.Series(values.name, digits.flags(text, r"^(?:[0-9]{2}|2[AB])[0-9]{7}$") & known.to_numpy())


def siret_valid(values: pl.Series) -> pl.Series:
    """SIREN or SIRET with a right Luhn sum; those of La Poste sum their digits to a multiple of five instead.

    >>> siret_valid(pl.Series(["732829320", "732 829 320 00074", "732829321"])).to_list()
    [True, True, False]
    """
    text = values.str.replace_all(" ", "")
    right = digits.luhn_valid(text, (_SIREN, _SIRET))
    where, rows = digits.of_width(text, _SIRET)
    post = digits.flags(text, r"^356000000[0-9]{5}$")[where]
    if post.any():
        right[where[post]] |= (rows[post].astype(np.int64) - digits.ZERO).sum(axis=1) % 5 == 0
    return pl.Series(values.name, right)
