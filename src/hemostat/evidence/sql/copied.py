r"""Lines of COPY data as columns: cut at tabs all at once, then what holds a backslash is unescaped.

Source: PostgreSQL documentation, COPY, "Text Format".
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hemostat.evidence.sql.cells import Columns, by_column, decoded, octets_text, sliced
from hemostat.evidence.text import to_utf8

if TYPE_CHECKING:
    from hemostat.evidence.sql.cells import Reading

LINE, RETURN, SLASH = b"\n\r\\"
_ENDS = bytes(octet in b"\t\n" for octet in range(256))
_NULL = b"\\N"
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|x[0-9A-Fa-f]{1,2}|.)", re.DOTALL)
_MEANT = {b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v"}
_HOLDER = "\0"
"""Stands for a backslash while others are unescaped: no text of PostgreSQL can hold it."""


def copied(data: bytes, reading: Reading) -> Columns:
    """The values of whole lines."""
    text, _ = to_utf8(data, reading.fallback)
    octets = np.frombuffer(text, np.uint8)
    ends = np.flatnonzero(np.frombuffer(text.translate(_ENDS), np.bool_))
    last = np.flatnonzero(octets[ends] == LINE)
    fits = np.diff(last, prepend=-1) == reading.width
    starts = np.concatenate([[0], ends[:-1] + 1])
    if b"\r" in text:
        ends[last] -= (octets[ends[last] - 1] == RETURN) & (ends[last] > starts[last])
    if not fits.all():
        kept = np.repeat(fits, np.diff(last, prepend=-1))
        starts, ends = starts[kept], ends[kept]
    two = np.flatnonzero(ends - starts == len(_NULL))
    null = two[(octets[starts[two]] == _NULL[0]) & (octets[starts[two] + 1] == _NULL[1])]
    ends[null] = starts[null]
    cells = sliced(octets, starts, ends)
    as_text = pa.Array.from_buffers(pa.string(), len(cells), cells.buffers(), cells.null_count, cells.offset)
    columns = by_column(as_text, reading.width, 2)
    if b"\\" in text:
        simple = b"\0" not in text
        columns = [
            _unescaped(column, reading, simple=simple) if _has_slash(column) else column for column in columns
        ]
    for number in np.flatnonzero(reading.binary).tolist():
        columns[number] = _octets(columns[number], cells, number, reading)
    return Columns(columns, fits)


def _has_slash(column: pa.Array) -> bool:
    held = column.buffers()[2]
    return held is not None and bool((np.frombuffer(held, np.uint8) == SLASH).any())


def _unescaped(column: pa.Array, reading: Reading, *, simple: bool) -> pa.Array:
    """The column with its escapes read; ``simple`` when no cell holds a NUL."""
    held = pc.fill_null(pc.match_substring(column, "\\"), fill_value=False)
    cells = column.filter(held)
    fresh = pc.replace_substring(cells, "\\\\", _HOLDER)
    if simple and not pc.any(pc.match_substring_regex(fresh, r"\\(?:[^nrt]|$)")).as_py():
        for written, meant in (("\\n", "\n"), ("\\t", "\t"), ("\\r", "\r"), (_HOLDER, "\\")):
            fresh = pc.replace_substring(fresh, written, meant)
    else:
        octets = [unescaped(cell.encode("utf-8")) for cell in cells.to_pylist()]
        fresh = pa.array(decoded(octets, reading.fallback), pa.string())
    return pc.replace_with_mask(column, held, fresh)


def _octets(column: pa.Array, cells: pa.Array, number: int, reading: Reading) -> pa.Array:
    """A column of octets: from what stands in the dump, for escapes may stand for octets that are no text."""
    raw = by_column(cells, reading.width, 2)[number]
    shown = [
        None if cell is None else octets_text(unescaped(cell), reading.flavour) for cell in raw.to_pylist()
    ]
    return pa.array([None if cell is None else cell.decode("utf-8") for cell in shown], column.type)


def unescaped(cell: bytes) -> bytes:
    r"""What a cell says.

    >>> unescaped(rb"a\tb\\\x41\101\q")
    b'a\tb\\AAq'
    """

    def meant(found: re.Match[bytes]) -> bytes:
        code = found[1]
        if code[:1] == b"x" and len(code) > 1:
            return bytes([int(code[1:], 16)])
        return bytes([int(code, 8) & 0xFF]) if code.isdigit() and code < b"8" else _MEANT.get(code, code)

    return _ESCAPE.sub(meant, cell) if b"\\" in cell else cell
