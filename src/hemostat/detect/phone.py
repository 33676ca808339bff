"""Telephone numbers: French ones in every spelling, foreign ones with their country code, lost leading zeros."""

from __future__ import annotations

import numpy as np
import polars as pl

from hemostat.detect import digits

PATTERN = (
    r"^(?:(?:\+|00)33[ .\-]?(?:\(0\)[ .\-]?)?|0)[1-9](?:[ .\-/]?[0-9]{2}){4}$"
    r"|^(?:\+|00)(?:262|590|594|596|508|687|689|681)[ .\-]?[0-9](?:[ .\-]?[0-9]){5,8}$"
)
"""A French number, overseas included."""

LOOSE = r"^[+(]?[0-9][0-9 ().\-/]{5,18}[0-9]$"
"""Digits and the signs that people put between them: a number of some country."""

INTERNATIONAL = r"^(?:\+ ?[1-9][0-9 ().\-/]{6,18}|00 ?[1-9][0-9 ().\-/]{8,18})[0-9]$"

LOST_ZERO = r"^[1-9](?:[ .\-]?[0-9]{2}){4}$"
"""Nine digits: a French number whose leading zero a spreadsheet ate. Judged on a column, never on a value."""

INSIDE = r"(?:\+33|(?-u:\b)0033|(?-u:\b)0)[ .\-]?(?:\(0\))?[ .\-]?[1-9](?:[ .\-]?[0-9]{2}){4}(?-u:\b)"
"""A French number among other signs."""

_FIELDS = 3
_NATIONAL = 10
_SIGNS = b" .-/"
_USUAL: tuple[tuple[str, bool], ...] = (
    ("0#########", False),
    ("0# ## ## ## ##", False),
    ("+33#########", False),
    ("+33 # ## ## ## ##", False),
    ("0033#########", False),
    ("#########", True),
)
"""The spellings in which nearly all French numbers come, and whether they are read only where zeros were lost."""
_SHORTEST = 6
_LONGEST = 15


def normal(values: pl.Series, *, lost_zero: bool = False, country: pl.Series | None = None) -> pl.Series:
    """E.164 where it can be known (``+33…``), else the digits; null where there are not 6 to 15 of them.

    Args:
        values: numbers as written.
        lost_zero: the column holds nine-digit numbers that began with a zero.
        country: calling codes of the same rows, if the table has them; numbers are then no longer taken for French.

    >>> normal(pl.Series(["06 39 98 01 23", "0033 (0)1 99 00 04 12", "+49 30 901820", "77 85"])).to_list()
    ['+33639980123', '+33199000412', '+4930901820', None]
    >>> normal(pl.Series(["639980123"]), lost_zero=True).to_list()
    ['+33639980123']
    >>> normal(pl.Series(["(07) 4946 7280", "84 23 30"]), country=pl.Series(["61", "299"])).to_list()
    ['+61749467280', '+299842330']
    """
    if country is not None:
        return _abroad(values, country)
    left = values.is_not_null().to_numpy().copy()
    found = np.zeros(len(values), dtype=np.bool_)
    national = np.empty((len(values), _NATIONAL - 1), dtype=np.uint8)
    packed = digits.Packed(values)
    for form, lost in _USUAL:
        if lost and not lost_zero:
            continue
        where, rows = packed.of_width(len(form))
        if not len(where):
            continue
        good = _national(rows, form)
        rows = rows[:, _places(form, "#")]
        if not good.all():
            where, rows = where[good], digits.chosen(rows, good)
        national[where] = rows
        found[where] = True
    left &= ~found
    out = _french(national, found)
    rest = np.flatnonzero(left)
    return digits.put(out, rest, _cleaned(values.gather(rest), lost_zero=lost_zero))


def each(values: pl.Series, *, lost_zero: bool = False, country: pl.Series | None = None) -> list[pl.Series]:
    """The number of each cell, then the second and third ones of cells that hold several, as columns.

    >>> [c.to_list() for c in each(pl.Series(["06 39 98 01 23 / 0199000412", "0261910044 (sa fille)"]))]
    [['+33639980123', '+33261910044'], ['+33199000412', None]]
    """
    first = normal(values, lost_zero=lost_zero, country=country)
    odd = (first.is_null() & values.is_not_null()).arg_true().to_numpy()
    if not len(odd):
        return [first]
    found = values.gather(odd).str.extract_all(INSIDE)
    out = [digits.put(first, odd, normal(found.list.get(0, null_on_oob=True)))]
    for n in range(1, _FIELDS):
        more = found.list.get(n, null_on_oob=True)
        if more.null_count() < len(more):
            out.append(digits.put(digits.nothing(len(values)), odd, normal(more)))
    return out


def _places(form: str, sign: str) -> list[int]:
    return [i for i, c in enumerate(form) if c == sign]


def _national(rows: digits.Bytes, form: str) -> digits.Bools:
    """Rows of bytes written in this form: ``#`` a digit, the first of them no zero, a blank any sign."""
    good = digits.all_digits(rows[:, _places(form, "#")]) & (rows[:, form.index("#")] != digits.ZERO)
    for sign in "+03":
        good &= (rows[:, _places(form, sign)] == ord(sign)).all(axis=1)
    return np.asarray(good & digits.made_of(rows[:, _places(form, " ")], _SIGNS))


def _french(rows: digits.Bytes, found: digits.Bools) -> pl.Series:
    """``612345678`` as bytes (n, 9) -> ``+33612345678`` where one was found, else null."""
    out = np.empty((int(found.sum()), _NATIONAL + 2), dtype=np.uint8)
    out[:, :3] = np.frombuffer(b"+33", dtype=np.uint8)
    out[:, 3:] = rows if len(out) == len(rows) else rows[found]
    return digits.strings(out, found)


def _cleaned(values: pl.Series, *, lost_zero: bool) -> pl.Series:
    text = values.str.replace(r"[.,]0$", "").str.replace_all(r"\(0\)|[^0-9+]", "")
    text = text.str.replace(r"^00", "+")
    nine = r"^([1-9][0-9]{8})$"
    text = text.str.replace(r"^0([1-9][0-9]{8})$", "+33$1").str.replace(r"^\+330([1-9][0-9]{8})$", "+33$1")
    text = text.str.replace(r"^33([1-9][0-9]{8})$", "+33$1")
    if lost_zero:
        text = text.str.replace(nine, "+33$1")
    return _long_enough(text)


def _long_enough(text: pl.Series) -> pl.Series:
    count = text.str.len_bytes() - text.str.starts_with("+").cast(pl.UInt32)
    fits = ((count >= _SHORTEST) & (count <= _LONGEST)).fill_null(value=False)
    return text.zip_with(fits, digits.nothing(len(text)))


def _abroad(values: pl.Series, country: pl.Series) -> pl.Series:
    """Numbers with the calling code of their own row; the national trunk zero goes, except in Italy and San Marino."""
    code = country.str.replace_all(r"[^0-9]", "").str.replace(r"^00", "")
    text = values.str.replace_all(r"\(0\)|[^0-9+]", "").str.replace(r"^00", "+")
    keeps_zero = code.is_in(["39", "378"]).fill_null(value=False)
    national = text.zip_with(keeps_zero, text.str.replace(r"^0", ""))
    known = code.str.contains(r"^[1-9][0-9]{0,3}$").fill_null(value=False) & ~text.str.starts_with("+")
    return _long_enough(("+" + code + national).zip_with(known.fill_null(value=False), text))


def valid_array(values: pl.Series) -> pl.Series:
    """French numbers, overseas included, and foreign ones that say their country.

    >>> valid_array(pl.Series(["0199000412", "+33639980123", "0012345678", "20250112", None])).to_list()
    [True, True, False, False, False]
    """
    where, rows = digits.of_width(values, _NATIONAL)
    plain = digits.all_digits(rows) & (rows[:, 0] == digits.ZERO) & (rows[:, 1] != digits.ZERO)
    out = np.zeros(len(values), dtype=np.bool_)
    out[where[plain]] = True
    rest = np.setdiff1d(np.flatnonzero(values.is_not_null().to_numpy()), where[plain], assume_unique=True)
    if len(rest):
        odd = values.gather(rest)
        out[rest] = digits.flags(odd, PATTERN) | digits.flags(odd, INTERNATIONAL)
    return pl.Series(values.name, out)
