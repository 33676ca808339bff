"""NIR: the French social-security number, with its key, Corsica, spreadsheet damage and the key in its own column.

15 characters: sex 1, year 2, month 2, département 2, commune 3, order 3, key 2. Sources: Insee, Courrier des
statistiques N8 (2022); service-public F33078; CNAM's open validators.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from hemostat.detect import digits

if TYPE_CHECKING:
    import numpy.typing as npt

    from hemostat.detect.digits import Bools, Bytes, Ints

PATTERN = (
    r"^[1-478] ?[0-9]{2} ?(?:0[1-9]|1[0-2]|[2-3][0-9]|4[0-2]|[5-9][0-9]) ?"
    r"(?:0[1-9]|[1-9][0-9]|2[ABab]) ?[0-9]{3} ?[0-9]{3} ?(?:[0-9]{2})?$"
)
"""Shape with the usual spaces, key optional."""

LOST = r"^[1-4][.,][0-9]{1,13}[Ee]\+?1[24]$"
"""A spreadsheet turned the number into 1.83058E+14: digits are gone unless 15 of them are left."""

CHANCE = 0.005
"""Share of random 15-digit strings whose structure and key are right (measured; 0.0017 with sexes 1 and 2 alone)."""

BODY, FULL = 13, 15
CORSICA = 6
_PLAIN = r"^[0-9]{6}[0-9AB][0-9]{6}(?:[0-9]{2})?$"
_FLOAT = r"^[1-478][0-9]{12}(?:[0-9]{2})?[.,]0+$"
_SPELLINGS: tuple[tuple[list[int], list[int]], ...] = (
    (list(range(FULL)), []),
    (list(range(BODY)), []),
    ([0, 2, 3, 5, 6, 8, 9, 11, 12, 13, 15, 16, 17, 19, 20], [1, 4, 7, 10, 14, 18]),
    ([0, 2, 3, 5, 6, 8, 9, 11, 12, 13, 15, 16, 17], [1, 4, 7, 10, 14]),
)
"""Where the characters and the signs stand in 183057505612345 and 1 83 05 75 056 123 45, key or not."""
_SIGNS = b" .-"
_MODULUS = 97
_FIRST_OF_NNP = 7


class _Read(NamedTuple):
    """Numbers of one width: positions, bytes in canonical form (n, 13 or 15)."""

    where: Ints
    rows: Bytes


def _read(values: pl.Series) -> list[_Read]:
    """Every number in canonical form, the usual spellings byte by byte, the others with care."""
    packed = digits.Packed(values)
    left = values.is_not_null().to_numpy().copy()
    found = []
    for places, signs in _SPELLINGS:
        where, rows = packed.of_width(len(places) + len(signs))
        if not len(where):
            continue
        body = rows[:, places] if signs else rows
        usual = _is_plain(body) & digits.made_of(rows[:, signs], _SIGNS)
        if not usual.all():
            where, body = where[usual], digits.chosen(body, usual)
        found.append(_Read(where, body))
        left[where] = False
    rest = np.flatnonzero(left)
    if len(rest):
        packed = digits.Packed(_careful(values.gather(rest)))
        for width in (FULL, BODY):
            where, rows = packed.of_width(width)
            found.append(_Read(rest[where], rows))
    return [one for one in found if len(one.where)]


def canonical(values: pl.Series) -> pl.Series:
    """The number as kept: upper case, no separators, 15 or 13 characters; null where nothing like it is left.

    A key that lost its leading zero (14 characters) gets it back. ``1.83057505612345E+14`` still holds every digit
    and is repaired; ``1.83058E+14`` is not.

    >>> canonical(pl.Series(["1 79 04 63 119 042 45", "288062a04101735", "179046311904245.0", "1.79E+14"])).to_list()
    ['179046311904245', '288062A04101735', '179046311904245', None]
    """
    return _spelled(_read(values), len(values))


def _spelled(read: list[_Read], count: int) -> pl.Series:
    """The numbers as a column, null where none was read."""
    if not read:
        return digits.nothing(count)
    place = np.full(count, sum(len(one.where) for one in read), dtype=np.uint32)
    start = 0
    for one in read:
        place[one.where] = np.arange(start, start + len(one.where), dtype=np.uint32)
        start += len(one.where)
    written = [digits.strings(one.rows) for one in read]
    return pl.concat([*written, digits.nothing(1)]).gather(pl.Series(place))


def _is_plain(rows: Bytes) -> Bools:
    """Bytes (n, 13 or 15) that are digits, but for the letter of Corsica."""
    if digits.all_digits(rows).all():
        return np.ones(len(rows), dtype=np.bool_)
    letter = rows[:, CORSICA]
    others = [place for place in range(rows.shape[1]) if place != CORSICA]
    fits = (letter - np.uint8(digits.ZERO) < 10) | (letter == ord("A")) | (letter == ord("B"))  # noqa: PLR2004
    return np.asarray(fits & digits.all_digits(rows[:, others]))


def _careful(odd: pl.Series) -> pl.Series:
    """The same, for values written in any other way than the usual ones."""
    cleaned = odd.str.replace_all(r"[.,]0+$|[^0-9A-Za-z,]", "").str.to_uppercase()
    scientific = (
        odd.str.strip_chars().str.contains(r"^[1-478][.,][0-9]{10,14}[Ee]\+?1[24]$").fill_null(value=False)
    )
    if scientific.any():
        kept = odd.str.strip_chars().str.replace(",", ".").cast(pl.Float64, strict=False)
        cleaned = _choose(scientific, kept.cast(pl.Int64, strict=False).cast(pl.String), cleaned)
    width = cleaned.str.len_bytes()
    short = (width == FULL - 1).fill_null(value=False)
    cleaned = _choose(short, cleaned.str.slice(0, BODY) + "0" + cleaned.str.slice(BODY), cleaned)
    return _choose(cleaned.str.contains(_PLAIN).fill_null(value=False), cleaned, None)


def _choose(condition: pl.Series, yes: pl.Series, no: pl.Series | None) -> pl.Series:
    other = no if no is not None else digits.nothing(len(yes))
    return yes.zip_with(condition, other)


_WEIGHTS = [pow(10, BODY - 1 - place, _MODULUS) for place in range(BODY)]


def key_of(rows: Bytes) -> Ints:
    """The key (1-97) of canonical bytes (n, >=13): 2A counts as 19, 2B as 18. Remainders of sixteen bits are enough.

    >>> key_of(digits.matrix(pl.Series(["1790463119042", "288062A041017"]), 13)).tolist()
    [45, 35]
    """
    total = np.zeros(len(rows), dtype=np.int16)
    for place, weight in enumerate(_WEIGHTS):
        if place != CORSICA:
            total += (rows[:, place] - np.uint8(digits.ZERO)).astype(np.int16) * np.int16(weight)
    letter = rows[:, CORSICA]
    last = (letter - np.uint8(digits.ZERO)).astype(np.int16)
    if (letter >= ord("A")).any():  # 20 less one for A, less two for B
        last = np.where(letter == ord("A"), -1, np.where(letter == ord("B"), -2, last)).astype(np.int16)
    total += last * np.int16(_WEIGHTS[CORSICA])
    return np.asarray(_MODULUS - total % _MODULUS)


def key(body: pl.Series) -> pl.Series:
    """Control keys (1-97) of 13-character bodies; null where a body is not shaped like one.

    2A and 2B count as 19 and 18. Source: Insee, Courrier des statistiques N8 (2022).

    >>> key(pl.Series(["1790463119042", "288062A041017", "x"])).to_list()
    [45, 35, None]
    """
    out = np.zeros(len(body), dtype=np.int64)
    shaped = np.zeros(len(body), dtype=np.bool_)
    where, rows = digits.of_width(body, BODY)
    good = digits.flags(body, _PLAIN)[where]
    where, rows = where[good], rows[good]
    out[where] = key_of(rows)
    shaped[where] = True
    return _choose_int(shaped, out)


def _choose_int(known: npt.NDArray[np.bool_], values: npt.NDArray[np.int64]) -> pl.Series:
    return pl.Series(values).zip_with(pl.Series(known), digits.nothing(len(values), pl.Int64))


def _structure(rows: npt.NDArray[np.uint8]) -> npt.NDArray[np.bool_]:
    """Whether bytes in canonical form (n, 13 or 15) can be a NIR apart from the key. An unknown commune passes."""
    sex = rows[:, 0] - digits.ZERO
    month = digits.number(rows[:, 3:5])
    corsica = rows[:, CORSICA] >= ord("A")
    department = digits.number(rows[:, 5:7])
    month_ok = ((month >= 1) & (month <= 42) & ~((month > 12) & (month < 20))) | (month >= 50)  # noqa: PLR2004
    place_ok = np.where(corsica, rows[:, 5] == ord("2"), department > 0)
    filled = (digits.number(rows[:, 7:10]) > 0) & (digits.number(rows[:, 10:13]) > 0)
    # 7 and 8 are being registered (with a key) or NNP, whose 13 digits hold no month: not read as a NIR without key.
    whole = rows.shape[1] == FULL
    sex_ok = (sex >= 1) & ((sex <= 4) | (((sex == _FIRST_OF_NNP) | (sex == _FIRST_OF_NNP + 1)) & whole))  # noqa: PLR2004
    return np.asarray(month_ok & place_ok & filled & sex_ok)


def parse(values: pl.Series) -> pl.DataFrame:
    """What each value is as a NIR: ``number`` (canonical or null), ``shaped``, ``key`` (right, wrong; null = none).

    >>> parse(pl.Series(["1 79 04 63 119 042 45", "179046311904246", "1790463119042", "000000000000097"])).rows()
    [('179046311904245', True, True), ('179046311904246', True, False), ('1790463119042', True, None), \
('000000000000097', False, True)]
    """
    read = _read(values)
    shaped = np.zeros(len(values), dtype=np.bool_)
    right = np.zeros(len(values), dtype=np.bool_)
    keyed = np.zeros(len(values), dtype=np.bool_)
    for where, rows in read:
        shaped[where] = _structure(rows)
        if rows.shape[1] == FULL:
            keyed[where] = True
            right[where] = key_of(rows) == digits.number(rows[:, BODY:])
    none = digits.nothing(len(values), pl.Boolean)
    return pl.DataFrame(
        {
            "number": _spelled(read, len(values)),
            "shaped": pl.Series(shaped),
            "key": pl.Series(right).zip_with(pl.Series(keyed), none),
        }
    )


def valid_array(values: pl.Series) -> pl.Series:
    """Structure and key right.

    >>> valid_array(pl.Series(["2 55 08 14 168 025 38", "255081416802500", "7123451234567", None])).to_list()
    [True, False, False, False]
    """
    parts = parse(values)
    return (parts["shaped"] & parts["key"].fill_null(value=False)).alias(values.name)


def with_key(body: pl.Series, control: pl.Series) -> pl.Series:
    """13-character numbers joined with a key kept in its own column, its lost leading zero put back.

    >>> with_key(pl.Series(["1790463119042", "1790463119042", None]), pl.Series(["45", "5", "12"])).to_list()
    ['179046311904245', '179046311904205', None]
    """
    two = control.str.strip_chars().str.replace(r"[.,]0+$", "")
    two = two.zip_with(two.str.contains(r"^[0-9]{1,2}$").fill_null(value=False), pl.Series([""] * len(two)))
    two = _choose(two.str.len_bytes() == 1, "0" + two, two)
    text = canonical(body)
    return _choose((text.str.len_bytes() == BODY).fill_null(value=False), text + two, text)


def lost(values: pl.Series) -> pl.Series:
    """Values whose digits a spreadsheet destroyed: a NIR was there, and cannot be recovered.

    >>> lost(pl.Series(["1.83058E+14", "1.83057505612345E+14", "183057505612345.0"])).to_list()
    [True, False, False]
    """
    return values.str.strip_chars().str.contains(LOST).fill_null(value=False) & canonical(values).is_null()
