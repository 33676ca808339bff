"""The values of many tuples as columns of text, cut out of a block of dump all at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hemostat.evidence.sql.literal import KEPT, MEANT, literal, shown
from hemostat.evidence.sql.tuples import BLANK, CLOSE, QUOTE
from hemostat.evidence.text import to_utf8

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from hemostat.evidence.sql.flavour import Flavour
    from hemostat.evidence.sql.literal import Value
    from hemostat.evidence.sql.tuples import Found, Octets, Places

    Mask = npt.NDArray[np.bool_]

_WIDE_SPACE = 64
"""Blanks around a value that are stripped in bulk."""


_REMEMBERED = 4096
"""Words such as TRUE that come again and again, and are read once."""


def _meanings() -> Octets:
    table = np.arange(256, dtype=np.uint8)
    for octet, meant in MEANT.items():
        table[octet] = meant
    return table


_MEANT = _meanings()
_KEEPS_SLASH = np.isin(np.arange(256), list(KEPT))
_BEGINS_NUMBER = np.isin(np.arange(256), list(b"0123456789+-."))
_NATIONAL = np.isin(np.arange(256), list(b"Nn"))


@dataclass(frozen=True, slots=True)
class Reading:
    """How the values of a statement are to be understood."""

    flavour: Flavour
    width: int
    """Values in a tuple."""
    binary: tuple[bool, ...]
    """Which of them are octets by the type of their column."""
    fallback: str
    """What octets are that are not UTF-8 (``text.Encoding``)."""


@dataclass(slots=True)
class Columns:
    """Tuples, or lines of COPY data, as columns."""

    columns: list[pa.Array]
    """A column of text to each value; an empty text is null."""
    fits: Mask
    """Which have the right number of values; the others are not in the columns."""


@dataclass(slots=True)
class _Cells:
    """All values of some tuples, one row after the other."""

    starts: Places
    ends: Places
    strings: Mask
    """Which are plain strings, their quotes left out of start and end."""
    null: Mask
    odd: Places
    """Which have to be read one by one."""


def columns(found: Found, data: bytes, reading: Reading) -> Columns:
    """The values of the tuples that ``tuples.analyse`` found in ``data``."""
    starts, ends, fits = _bounds(found, reading.width)
    cells = _classified(found, starts, ends)
    if any(reading.binary):
        by_row = np.tile(np.array(reading.binary), len(starts) // max(reading.width, 1))
        cells.odd = np.union1d(cells.odd, np.flatnonzero(by_row & ~cells.null))
    text, step = _texts(found, cells), 2
    if len(cells.odd):
        text, step = _with_odd(text.take(pa.array(np.arange(0, len(text), 2))), data, cells, reading), 1
    return Columns(by_column(as_strings(text, reading.fallback), reading.width, step), fits)


def sliced(octets: Octets, starts: Places, ends: Places) -> pa.Array:
    """A binary array of which every other element, from the first on, is one of these stretches; null if empty.

    They are in order and do not overlap. What lies between two of them is an element as well, so that nothing has to
    be moved: ``by_column`` passes over it.
    """
    offsets = np.empty(2 * len(starts) + 1, np.int32)
    offsets[0:-1:2], offsets[1::2], offsets[-1] = starts, ends, ends[-1] if len(ends) else 0
    filled = np.zeros(2 * len(starts), np.bool_)
    filled[::2] = ends > starts
    buffers = [np.packbits(filled, bitorder="little"), offsets, octets]
    return pa.Array.from_buffers(pa.binary(), 2 * len(starts), [pa.py_buffer(one) for one in buffers])


def by_column(cells: pa.Array, width: int, step: int) -> list[pa.Array]:
    """Cells that stand row after row, ``step`` elements from each to the next, as columns."""
    first = range(0, width * step, step)
    return [cells.take(pa.array(np.arange(number, len(cells), width * step))) for number in first]


def _bounds(found: Found, width: int) -> tuple[Places, Places, Mask]:
    """Where each value starts and ends, blanks included; and which tuples have ``width`` of them."""
    span = np.searchsorted(found.marks, [found.starts[0], found.ends[-1]]) if len(found.ends) else (0, 0)
    within = slice(*span)
    marks, codes, depth = found.marks[within], found.codes[within], found.depth[within]
    close = codes == CLOSE
    bound = ((depth == 1) & ~close) | ((depth == 0) & close)
    marks, close = marks[bound], close[bound]
    closing = np.flatnonzero(close)
    widths = np.diff(closing, prepend=-1) - 1
    fits = widths == width
    opens = np.flatnonzero(~close)
    if not fits.all():
        opens = opens[np.repeat(fits, widths)]
    return marks[opens] + 1, marks[opens + 1], fits


def _classified(found: Found, starts: Places, ends: Places) -> _Cells:
    octets = found.octets
    starts, ends = _stripped(octets, starts, ends)
    size = ends - starts
    first = octets[starts]
    national = _NATIONAL[first] & (octets[np.minimum(starts + 1, len(octets) - 1)] == QUOTE) & (size > 2)  # noqa: PLR2004 - N and two quotes
    if national.any():
        starts = starts + national
        first = np.where(national, QUOTE, first)
        size = size - national
    strings = (first == QUOTE) & (octets[ends - 1] == QUOTE) & (size >= 2)  # noqa: PLR2004 - two quotes
    strings &= _single(found, starts, ends, strings)
    raw = np.flatnonzero(~strings)
    null = np.zeros(len(starts), np.bool_)
    null[raw] = _is_null(octets, starts[raw], size[raw])
    plain = _BEGINS_NUMBER[first[raw]] & (
        (octets[np.minimum(starts[raw] + 1, ends[raw] - 1)] | 0x20) != ord("x")
    )
    odd = raw[~(plain | null[raw])]
    return _Cells(starts + strings, ends - strings, strings, null, odd)


def _stripped(octets: Octets, starts: Places, ends: Places) -> tuple[Places, Places]:
    for _ in range(_WIDE_SPACE):
        blank = BLANK[octets[starts]] & (starts < ends)
        if not blank.any():
            break
        starts = starts + blank
    for _ in range(_WIDE_SPACE):
        blank = BLANK[octets[ends - 1]] & (starts < ends)
        if not blank.any():
            break
        ends = ends - blank
    return starts, ends


def _single(found: Found, starts: Places, ends: Places, strings: Mask) -> Mask:
    """Which of the values that begin and end with a quote are one string, doubled quotes within it aside."""
    closing, opening = found.quotes[1::2], found.quotes[0::2]
    apart = np.ones(len(closing), np.bool_)
    following = opening[1 : len(closing) + 1]
    apart[: len(following)] = following != closing[: len(following)] + 1
    closing = closing[apart]
    span = np.searchsorted(closing, [starts[0], ends[-1]]) if len(starts) else [0, 0]
    if span[1] - span[0] == np.count_nonzero(strings):
        return strings
    at = np.minimum(np.searchsorted(closing, starts), max(len(closing) - 1, 0))
    if not len(closing):
        return ~strings
    single: Mask = closing[at] == ends - 1
    return single


def _is_null(octets: Octets, starts: Places, size: Places) -> Mask:
    null: Mask = size == 0
    four = np.flatnonzero(size == len(b"NULL"))
    same = np.ones(len(four), np.bool_)
    for step, letter in enumerate(b"null"):
        same &= (octets[starts[four] + step] | 0x20) == letter
    null[four] = same
    return null


def _texts(found: Found, cells: _Cells) -> pa.Array:
    """The values as they stand, strings without quotes and escapes, row after row: see ``sliced``."""
    octets, starts, ends = found.octets, cells.starts, np.where(cells.null, cells.starts, cells.ends)
    dropped, inside = _dropped(found, cells)
    if len(found.escapes):
        octets = _translated(found, octets)
    if len(dropped):
        keep = np.ones(len(octets), np.bool_)
        keep[dropped] = False
        octets = octets[keep]
        fewer = np.bincount(inside, minlength=len(starts))
        before = np.cumsum(fewer) - fewer
        starts, ends = starts - before, ends - before - fewer
    return sliced(octets, starts, ends)


def _dropped(found: Found, cells: _Cells) -> tuple[Places, Places]:
    """Octets within plain strings that say nothing by themselves, and the cell of each.

    They are one of two quotes, and backslashes that escape.
    """
    opening, closing = found.quotes[0::2], found.quotes[1::2]
    both = max(min(len(opening) - 1, len(closing)), 0)
    doubled = opening[1 : both + 1][opening[1 : both + 1] == closing[:both] + 1]
    following = found.octets[np.minimum(found.escapes + 1, len(found.octets) - 1)]
    places = np.sort(np.concatenate([doubled, found.escapes[~_KEEPS_SLASH[following]]]))
    if not len(places) or not len(cells.starts):
        return places[:0], places[:0]
    at = np.searchsorted(cells.starts, places, "right") - 1
    inside = (at >= 0) & (places < cells.ends[np.maximum(at, 0)]) & cells.strings[np.maximum(at, 0)]
    return places[inside], at[inside]


def _translated(found: Found, octets: Octets) -> Octets:
    octets = octets.copy()
    after = found.escapes + 1
    after = after[after < len(octets)]
    octets[after] = _MEANT[octets[after]]
    return octets


def _with_odd(text: pa.Array, data: bytes, cells: _Cells, reading: Reading) -> pa.Array:
    """With the values that have to be read one by one in their places."""
    known: dict[tuple[bytes, bool], bytes | None] = {}
    fresh: list[bytes | None] = []
    places = cells.odd.tolist()
    plain = cells.strings[cells.odd].tolist()
    starts, ends = cells.starts[cells.odd].tolist(), cells.ends[cells.odd].tolist()
    for place, start, end, string in zip(places, starts, ends, plain, strict=True):
        if string:
            fresh.append(octets_text(text[place].as_py() or b"", reading.flavour))
            continue
        column = place % reading.width
        key = data[start:end], reading.binary[column]
        if key not in known:
            if len(known) >= _REMEMBERED:
                known.clear()
            known[key] = value_text(literal(key[0], reading.flavour), reading, column)
        fresh.append(known[key])
    mask = np.zeros(len(text), np.bool_)
    mask[cells.odd] = True
    return pc.replace_with_mask(text, pa.array(mask), pa.array(fresh, pa.binary()))


def value_text(value: Value | None, reading: Reading, column: int) -> bytes | None:
    """A value as the octets of a cell; None for NULL and for nothing."""
    if value is None:
        return None
    if value.binary or reading.binary[column]:
        return octets_text(value.octets, reading.flavour)
    return value.octets or None


def octets_text(octets: bytes, flavour: Flavour) -> bytes | None:
    """A binary value as text (``literal.shown``); PostgreSQL writes them in hexadecimal after a backslash."""
    if flavour.name == "postgresql" and octets.startswith(b"\\x"):
        try:
            octets = bytes.fromhex(octets[2:].decode())
        except (UnicodeDecodeError, ValueError):
            return octets
    return shown(octets).encode("utf-8") or None


def as_strings(text: pa.Array, fallback: str) -> pa.Array:
    """The same as ``string``: what is not UTF-8 is read in another encoding, value by value."""
    as_text = pa.Array.from_buffers(pa.string(), len(text), text.buffers(), text.null_count, text.offset)
    try:
        as_text.validate(full=True)
    except pa.ArrowInvalid:
        return pa.array(decoded(text.to_pylist(), fallback), pa.string())
    return as_text


def decoded(cells: Sequence[bytes | None], fallback: str) -> list[str | None]:
    """Cells as text, each by itself; an empty one is None."""
    return [_decoded(cell, fallback) if cell else None for cell in cells]


def _decoded(cell: bytes, fallback: str) -> str:
    try:
        return cell.decode("utf-8")
    except UnicodeDecodeError:
        return to_utf8(cell, fallback)[0].decode("utf-8")
