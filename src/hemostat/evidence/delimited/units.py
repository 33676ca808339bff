"""An independent count of the rows of a delimited text. It shares no code with the reader it keeps honest.

What a row is, here and in ``lines``: a physical line, unless it holds an odd number of quotes and opens a quoted
field that ends properly (quotes only around whole fields, doubled inside) within the limits. A line whose quoting
does not work out so is a row of its own. Lines end with LF, CR LF or CR.
"""

from __future__ import annotations

import itertools
import re
from bisect import bisect_left
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from hemostat.evidence.base import Limits
    from hemostat.evidence.delimited.dialect import Dialect
    from hemostat.evidence.text import TextStream

_CHUNK = 1 << 20
_LF, _CR = 10, 13
_FEW = 5
"""Tables narrower than this need more signs before a field is held to have swallowed rows."""
_FEW_INNER = 3


def count(stream: TextStream, dialect: Dialect, limits: Limits) -> int:
    """The number of rows in a stream of text, header and blank lines included."""
    rows = 0
    held = b""
    cut_line = False  # the line under way is longer than any row may be: only its end matters
    short = _Short(dialect.written, dialect.delimiter) if dialect.written else None
    while True:
        more = stream.read(_CHUNK)
        final = not more
        data = held + (short.of(more) if short else more)
        if cut_line:
            end = _first_end(data)
            if end < 0:
                if final:
                    return rows + 1
                held = data[-1:] if data.endswith(b"\r") else b""
                continue
            rows, cut_line, data = rows + 1, False, data[end:]
        found, used = count_block(data, dialect, limits, final=final)
        rows += found
        if final:
            return rows
        held = data[used:]
        if len(held) > limits.block_most and _first_end(held) < 0:
            cut_line, held = True, held[-1:]


class _Short:
    """Text that comes piece by piece, with one octet for each long delimiter."""

    def __init__(self, written: bytes, octet: bytes) -> None:
        self._written, self._octet, self._held = written, octet, b""

    def of(self, more: bytes) -> bytes:
        """The next piece; what may be the beginning of a delimiter is held back unless it is the last."""
        data = (self._held + more).replace(self._written, self._octet)
        begun = (size for size in range(len(self._written) - 1, 0, -1) if data.endswith(self._written[:size]))
        keep = next(begun, 0) if more else 0
        self._held = data[len(data) - keep :]
        return data[: len(data) - keep]


def _first_end(data: bytes) -> int:
    """Just after the first line end; -1 without one (a CR at the very end may be half of one)."""
    found = re.search(rb"\r\n|\n|\r(?=[^\n])", data)
    return found.end() if found else -1


def count_block(data: bytes, dialect: Dialect, limits: Limits, *, final: bool) -> tuple[int, int]:
    """Rows in ``data``, which starts at a row, and how many octets of it they cover.

    Unless ``final``, what follows the last decided row is left for the next call.
    """
    plain = data
    if b"\r" in data and data.count(b"\r") != data.count(b"\r\n"):
        plain = re.sub(rb"\r(?!\n|\Z)" if not final else rb"\r(?!\n)", b"\n", data)
    if not final:
        plain = plain[: plain.rfind(b"\n") + 1]
    elif plain and not plain.endswith(b"\n"):
        plain += b"\n"
    if dialect.escape:
        plain = re.sub(rb"\\[^\r\n]", b"__", plain)
    if not dialect.quote or dialect.quote not in plain:
        return int(np.count_nonzero(np.frombuffer(plain, np.uint8) == _LF)), min(len(plain), len(data))
    lines, odd = _odd_lines(plain, dialect.quote)
    swallowed, used = _swallowed(plain, odd, dialect, limits, final=final)
    if used < len(plain):
        lines -= plain.count(b"\n", used)
    return lines - swallowed, min(used, len(data))


def _swallowed(
    data: bytes, odd: list[int], dialect: Dialect, limits: Limits, *, final: bool
) -> tuple[int, int]:
    """Line ends that lie within quoted fields, and where the first undecided row starts."""
    if not odd:
        return 0, len(data)
    ends = np.flatnonzero(np.frombuffer(data, np.uint8) == _LF).tolist()
    pattern = _row(dialect)
    inside = 0
    free = 0
    for line in odd:
        if line < free:
            continue
        start = ends[line - 1] + 1 if line else 0
        last = min(line + limits.quote_lines - 1, len(ends) - 1)
        stop = min(ends[last], start + limits.quote_bytes)
        found = pattern.match(data, start, stop)
        whole = last == line + limits.quote_lines - 1 or len(data) - start > limits.quote_bytes
        if not (found and _is_end(data, found.end())):
            if whole or final:
                continue
            return inside, start
        close = bisect_left(ends, found.end())
        if _looks_swallowed(data, ends[line:close], dialect):
            continue
        inside += close - line
        free = close + 1
    return inside, len(data)


def _odd_lines(data: bytes, quote: bytes) -> tuple[int, list[int]]:
    """How many lines there are, and those that hold an odd number of quotes."""
    marks = np.frombuffer(data.translate(None, bytes(set(range(256)) - {_LF, quote[0]})), np.uint8)
    quotes = np.diff(np.flatnonzero(marks == _LF), prepend=-1) - 1
    return len(quotes), np.flatnonzero(quotes & 1).tolist()


def _is_end(data: bytes, place: int) -> bool:
    return data[place] in (_LF, _CR)


def _row(dialect: Dialect) -> re.Pattern[bytes]:
    """A row with proper quoting, its line end left out. Possessive: it fails in one pass."""
    delimiter, quote = re.escape(dialect.delimiter), re.escape(dialect.quote or b"")
    field = rb"(?:%b(?:[^%b]++|%b%b)*+%b|[^%b\r\n%b]*+)" % (
        quote,
        quote,
        quote,
        quote,
        quote,
        delimiter,
        quote,
    )
    return re.compile(rb"%b(?:%b%b)*+(?=[\r\n]|\Z)" % (field, delimiter, field))


def _looks_swallowed(data: bytes, ends: list[int], dialect: Dialect) -> bool:
    """Whether the lines strictly within a quoted field look like rows that an open quote ran over.

    ``ends`` are the line ends inside the row, in order.
    """
    inner = len(ends) - 1
    if dialect.fields < 2 or inner < (1 if dialect.fields >= _FEW else _FEW_INNER):  # noqa: PLR2004 - one column
        return False
    like = sum(
        data.count(dialect.delimiter, before + 1, end) == dialect.fields - 1
        and data.find(dialect.quote or b"", before + 1, end) < 0
        for before, end in itertools.pairwise(ends)
    )
    return like * 2 > inner if dialect.fields >= _FEW else like == inner
