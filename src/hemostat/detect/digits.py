"""Columns of short strings seen as matrices of bytes: checksums without a Python loop.

A fixed-width column is already a matrix in memory; arithmetic on its columns costs about a nanosecond a character.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pyarrow as pa

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    Bytes = npt.NDArray[np.uint8]
    Bools = npt.NDArray[np.bool_]
    Ints = npt.NDArray[np.signedinteger]

ZERO = 48
"""ASCII of the digit 0."""
BLANK = 32
_SHORT = 9
"""Digits that 32 bits hold."""
_REPEATED = 4
"""How often a value must come on average for its column to be named by distinct values."""
NO_BREAK, NO_BREAK_END = 0xC2, 0xA0
MARGINS = "".join(map(chr, range(33))) + "\u00a0"
"""What is trimmed from cells: control signs, blanks, no-break spaces. ``has_margins`` sees every one of them."""
_HOUSE_DIGIT = np.array([2 * d - 9 if d > 4 else 2 * d for d in range(10)], dtype=np.int64)  # noqa: PLR2004


def matrix(values: pl.Series, width: int) -> Bytes:
    """The bytes of strings that are all ``width`` bytes long and not null, one row each.

    >>> matrix(pl.Series(["12", "34"]), 2).tolist()
    [[49, 50], [51, 52]]
    """
    array = values.to_arrow(compat_level=pl.CompatLevel.oldest())
    if not len(array):
        return np.empty((0, width), dtype=np.uint8)
    offsets = np.frombuffer(array.buffers()[1], dtype=np.int64)
    start = int(offsets[array.offset])
    data = np.frombuffer(array.buffers()[2], dtype=np.uint8)
    return data[start : start + width * len(array)].reshape(len(array), width)


def strings(rows: Bytes, filled: Bools | None = None) -> pl.Series:
    """The inverse of ``matrix``: one string per row of ASCII bytes.

    Args:
        rows: bytes (n, width).
        filled: which values there are, if some are null; as many of them as there are rows.

    >>> strings(np.frombuffer(b"1234", dtype=np.uint8).reshape(2, 2)).to_list()
    ['12', '34']
    >>> strings(np.frombuffer(b"1234", dtype=np.uint8).reshape(2, 2), np.array([True, False, True])).to_list()
    ['12', None, '34']
    """
    count, width = rows.shape
    data = pa.py_buffer(np.ascontiguousarray(rows))
    if filled is None or count == len(filled):
        offsets = np.arange(0, (count + 1) * width, width or 1, dtype=np.int64)[: count + 1]
        return pl.Series(
            pa.LargeStringArray.from_buffers(count, pa.py_buffer(offsets), data), dtype=pl.String
        )
    offsets = np.concatenate([[0], np.cumsum(filled, dtype=np.int64) * width])
    known = pa.py_buffer(np.packbits(filled, bitorder="little"))
    array = pa.LargeStringArray.from_buffers(len(filled), pa.py_buffer(offsets), data, known)
    return pl.Series(array, dtype=pl.String)


class Packed:
    """Strings as they lie in memory, made once for all the widths that are asked of them. Null has no width."""

    def __init__(self, values: pl.Series) -> None:
        array = values.to_arrow(compat_level=pl.CompatLevel.oldest())
        offsets, data = array.buffers()[1:]
        count = len(array)
        at = np.zeros(1, dtype=np.int64) if offsets is None else np.frombuffer(offsets, dtype=np.int64)
        self._at = at[array.offset : array.offset + count + 1]
        self._data = np.frombuffer(data or b"", dtype=np.uint8)
        self._width = np.diff(self._at)
        if values.null_count():
            self._width[values.is_null().to_numpy()] = -1

    def of_width(self, width: int) -> tuple[Ints, Bytes]:
        """Rows of ``width`` bytes: their positions, and their bytes (n, width), each place contiguous in memory.

        >>> where, rows = Packed(pl.Series(["12", None, "3", "45"])).of_width(2)
        >>> where.tolist(), rows.tolist()
        ([0, 3], [[49, 50], [52, 53]])
        """
        where = np.flatnonzero(self._width == width)
        if not len(where) or not width:
            return where, np.empty((len(where), width), dtype=np.uint8)
        if len(where) == len(self._width):
            start = int(self._at[0])
            rows = self._data[start : start + width * len(where)].reshape(len(where), width)
        else:  # every place of the text as the start of a value, of which the true ones are taken
            every = np.ndarray(
                (len(self._data) - width + 1,), dtype=f"V{width}", buffer=self._data.data, strides=(1,)
            )
            rows = every[self._at[where]].view(np.uint8).reshape(len(where), width)
        return where, np.ascontiguousarray(rows.T).T  # numpy is five times faster along the longer axis


def of_width(values: pl.Series, width: int) -> tuple[npt.NDArray[np.int64], Bytes]:
    """Rows whose value has ``width`` bytes: their positions and their bytes. Nulls are never among them."""
    return Packed(values).of_width(width)


def chosen(rows: Bytes, where: Ints | Bools) -> Bytes:
    """Some of the rows, laid out as ``Packed.of_width`` gives them."""
    return rows.T[:, where].T


def all_digits(rows: Bytes) -> Bools:
    """Rows made of ASCII digits alone."""
    columns = np.array(rows.T, order="C")
    columns -= np.uint8(ZERO)  # in place: a new array costs more than the subtraction
    return np.asarray(columns.max(axis=0, initial=0) < 10)  # noqa: PLR2004 - bytes below "0" wrap round to above 200


def made_of(rows: Bytes, signs: bytes) -> Bools:
    """Rows of which every byte is one of these signs.

    >>> made_of(matrix(pl.Series([" -", "--", "-1"]), 2), b" -").tolist()
    [True, True, False]
    """
    known = np.zeros(256, dtype=np.bool_)
    known[np.frombuffer(signs, dtype=np.uint8)] = True
    good = np.ones(len(rows), dtype=np.bool_)
    for column in rows.T:
        good &= known.take(column)
    return good


def number(rows: Bytes) -> Ints:
    """The number that each row of digits spells; at most 18 digits. Two digits at a time: their bytes stay bytes.

    >>> number(matrix(pl.Series(["007", "123"]), 3)).tolist()
    [7, 123]
    """
    width = rows.shape[1]
    total: Ints = np.zeros(len(rows), dtype=np.int32 if width <= _SHORT else np.int64)
    if width % 2:
        total += rows[:, 0] - np.uint8(ZERO)
    for place in range(width % 2, width, 2):
        total *= 100
        total += (rows[:, place] - np.uint8(ZERO)) * np.uint8(10) + (rows[:, place + 1] - np.uint8(ZERO))
    return total


def luhn(rows: Bytes) -> Bools:
    """Rows of digits whose Luhn sum is a multiple of ten. Source: ISO/IEC 7812-1.

    >>> luhn(matrix(pl.Series(["4970100000000154", "4970100000000155"]), 16)).tolist()
    [True, False]
    """
    digits = rows.astype(np.int64) - ZERO
    plain = digits[:, ::-1][:, 0::2].sum(axis=1)
    doubled = _HOUSE_DIGIT[np.clip(digits[:, ::-1][:, 1::2], 0, 9)].sum(axis=1)
    return np.asarray((plain + doubled) % 10 == 0)


def luhn_valid(values: pl.Series, widths: Sequence[int]) -> Bools:
    """Values that are digits alone, of one of these widths, with a right Luhn sum. Null and others: false."""
    right = np.zeros(len(values), dtype=np.bool_)
    packed = Packed(values)
    for width in widths:
        where, rows = packed.of_width(width)
        if len(where):
            right[where] = all_digits(rows) & luhn(rows)
    return right


def flags(values: pl.Series, pattern: str) -> Bools:
    """Whether each value matches an anchored pattern; null is false."""
    return values.str.contains(pattern).fill_null(value=False).to_numpy()


def nothing(count: int, kind: type[pl.DataType] = pl.String) -> pl.Series:
    """A column of nulls: a list of as many ``None`` costs ten times as much."""
    return pl.Series([], dtype=kind).clear(count)


def put(base: pl.Series, where: npt.NDArray[np.int64], values: pl.Series) -> pl.Series:
    """``base`` with ``values`` at the positions ``where``."""
    return base.clone().scatter(where, values) if len(where) else base


def by_distinct(values: pl.Series, named: Callable[[pl.Series], pl.DataFrame]) -> pl.DataFrame:
    """What ``named`` says of each value, asked once for each distinct one where they repeat.

    >>> by_distinct(pl.Series("v", ["a", None, "a"]), lambda v: v.str.to_uppercase().to_frame())["v"].to_list()
    ['A', None, 'A']
    """
    coded = values.to_arrow(compat_level=pl.CompatLevel.oldest()).dictionary_encode()
    if len(coded.dictionary) * _REPEATED > len(values):
        return named(values)
    told = named(pl.Series(values.name, coded.dictionary, dtype=pl.String))
    return told.select(pl.all().gather(pl.Series(coded.indices, dtype=pl.UInt32)))


def has_margins(cells: pa.ChunkedArray) -> bool:
    """Whether some value begins or ends with a blank or a sign that may be one: only then is trimming worth its time.

    Reads the column where it lies: copying it would cost more than the answer.

    >>> has_margins(pa.chunked_array([["a b", None]])), has_margins(pa.chunked_array([["a ", "b"]]))
    (False, True)
    """
    return any(_chunk_has_margins(chunk) for chunk in cells.chunks)


def _chunk_has_margins(array: pa.Array) -> bool:
    if not pa.types.is_string(array.type):
        array = array.cast(pa.string())
    if not len(array) or array.buffers()[2] is None:
        return False
    offsets = np.frombuffer(array.buffers()[1], dtype=np.int32)[array.offset : array.offset + len(array) + 1]
    data = np.frombuffer(array.buffers()[2], dtype=np.uint8)
    if not len(data):
        return False
    # Of an empty cell its neighbours' signs are read instead: they are looked at anyway, at less cost than leaving out.
    first = data.take(offsets[:-1], mode="clip")
    if first.min() <= BLANK or (first == NO_BREAK).any():
        return True
    last = data.take(offsets[1:] - 1, mode="clip")
    return bool(last.min() <= BLANK or (last == NO_BREAK_END).any())
