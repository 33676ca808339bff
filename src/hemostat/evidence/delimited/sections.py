"""Where one delimited text holds several tables, one below the other: each with its heading and its own columns.

A table begins where at least three rows in a row have another width than those before, or after a blank line, and the
first of them names the columns of the others. In doubt, there is one table: its reader accounts for every row anyway.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, cast

import numpy as np

from hemostat.evidence import headings
from hemostat.evidence.blocks import lone_returns
from hemostat.evidence.delimited import lines
from hemostat.evidence.delimited.dialect import NONE, Layout, sniff
from hemostat.evidence.text import TextStream, to_utf8

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import numpy.typing as npt

    from hemostat.evidence.base import Limits
    from hemostat.evidence.delimited.dialect import Dialect
    from hemostat.evidence.text import Encoding

_CHUNK = 1 << 20
_HEAD = 256 << 10
_LF, _CR = 10, 13
_ROWS = 3
"""Rows, heading among them, that a table has at least where no blank line announces it."""
_DATA = re.compile(rb"\d{5}|@|\d[/-]\d")
"""What no name of a column holds, so that ordinary rows are passed over quickly."""
_TRIES = 500
"""Places looked at closely in one text."""
_KNOWN = 0.5
"""The share of a heading's cells that must hold a known word where the table's width is the same as before."""


@dataclass(frozen=True, slots=True)
class Section:
    """One table of a text."""

    start: int
    """Where it starts in the file."""
    line: int
    """Its first physical line, from 1."""
    end: int | None
    """Where it ends in the file; None at the end of the text."""
    layout: Layout


class _Scan:
    """Goes through a text once, and tells where other tables begin."""

    def __init__(self, opened: Callable[[], TextStream], limits: Limits, encoding: Encoding) -> None:
        self._stream = opened()
        self._limits = limits
        self._encoding = encoding
        self._tries = _TRIES
        self._known: list[Layout] = []
        self._held = b""
        self._ended = False

    def sections(self, start: int, layout: Layout) -> Iterator[Section]:
        """The tables, in order; the first one begins at ``start`` with ``layout``."""
        offset, line, first = start, 1, (start, 1)
        fresh = True
        while data := self._lines():
            found = self._next(data, layout, fresh=fresh) if _one_octet(layout) else None
            place, used = (found[0], found[0]) if found else (0, len(data) if self._ended else _but_few(data))
            if found:
                here = offset + self._stream.raw_size(data[:place])
                at = line + _ends(data[:place])
                if place:
                    yield Section(first[0], first[1], here, layout)
                self._known.append(layout)
                first, layout = (here, at), found[1]
            done = data[:used]
            offset += self._stream.raw_size(done)
            line += _ends(done)
            self._held = data[used:] + self._held
            fresh = found is not None
        yield Section(first[0], first[1], None, layout)

    def _lines(self) -> bytes:
        """Whole lines of text; the last ones of all may lack their end."""
        while not self._ended and len(self._held) < _CHUNK:
            more = self._stream.read(_CHUNK)
            self._ended = not more
            self._held += more
        stop = (
            len(self._held)
            if self._ended
            else max(self._held.rfind(b"\n"), self._held.rfind(b"\r", 0, -1)) + 1
        )
        stop = stop or len(self._held)  # a line longer than a chunk
        data, self._held = self._held[:stop], self._held[stop:]
        return data

    def _next(self, data: bytes, layout: Layout, *, fresh: bool) -> tuple[int, Layout] | None:
        """Where in ``data`` another table begins, and its layout. ``fresh`` when ``data`` starts with a table."""
        dialect = layout.dialect
        plain = _with_line_feeds(data)
        width = _widths(plain, dialect.delimiter)
        if not _irregular(width, dialect):
            return None
        shape = _Shape(plain, width)
        skip = layout.skip_lines if fresh else 0
        for first, start in shape.candidates(dialect.fields, skip):
            if not self._tries:
                return None
            if _DATA.search(plain, *shape.span(first, first + 1)) and not self._known:
                continue
            back = self._comes_back(shape, first, layout)
            found = None if back else self._begins(plain, shape, start, first, layout)
            if back or found:
                return shape.span(first if back else start, first)[0], back or cast("Layout", found)
        return None

    def _comes_back(self, shape: _Shape, first: int, layout: Layout) -> Layout | None:
        """The layout of a table above, without a heading, if its rows go on from line ``first``."""
        width = int(shape.width[first])
        for known in reversed(self._known):
            same = known.dialect.delimiter == layout.dialect.delimiter and known.dialect.fields == width
            if same and width != layout.dialect.fields and width > 1:
                return replace(known, skip=0, skip_lines=0, out_of_scope=0, blank=0)
        return None

    def _begins(self, plain: bytes, shape: _Shape, start: int, first: int, layout: Layout) -> Layout | None:
        """The layout of the table whose heading is line ``first``, announced from ``start`` on, if there is one."""
        stop = min(shape.run_end(first), first + 2000)
        from_, to = shape.span(first, stop)
        some = plain[from_ : min(to, from_ + _HEAD)]
        rows = some.splitlines(keepends=True)
        dialect = layout.dialect
        if not _wordy(rows[0], b",;\t|" + dialect.delimiter):
            return None
        self._tries -= 1
        before = max(first - 2 * self._limits.quote_lines, 0)
        context = plain[shape.span(before, stop)[0] : to].splitlines(keepends=True)
        cut = lines.extents(context, dialect, self._limits, final=True)
        if first - before not in cut.first.tolist():
            return None  # within a quoted field
        above = plain[slice(*shape.span(start, first))]
        found = sniff(above + some, self._limits, self._encoding.fallback, whole=True)
        if found.heading is None or found.dialect.fields <= 1 or found.skip_lines != first - start + 1:
            return None
        same = (found.dialect.delimiter, found.dialect.fields) == (dialect.delimiter, dialect.fields)
        if same and (found.heading == layout.heading or not _sure(found.heading)):
            return None
        return found


def _widths(plain: bytes, delimiter: bytes) -> npt.NDArray[np.int64]:
    """The fields of each line of a chunk, quotes left out of account; the last line may lack its end."""
    marks = plain.translate(None, bytes(set(range(256)) - {_LF, delimiter[0]}))
    ends = np.flatnonzero(np.frombuffer(marks, np.uint8) == _LF)
    if not plain.endswith(b"\n"):
        ends = np.append(ends, len(marks))
    return np.diff(ends, prepend=-1)


def _irregular(width: npt.NDArray[np.int64], dialect: Dialect) -> bool:
    """Whether some lines of a chunk may begin another table: no delimiter, or the same wrong number in a row."""
    odd = np.flatnonzero(width != dialect.fields)
    if not len(odd):
        return False
    first = odd[: 1 - _ROWS] if len(odd) >= _ROWS else odd[:0]
    last = odd[_ROWS - 1 :]
    together = last[last - first == _ROWS - 1] if len(first) else last[:0]
    return bool((width[odd] == 1).any() or (width[together] == width[together - 1]).any())


class _Shape:
    """The widths of the lines of a chunk, quotes left out of account."""

    def __init__(self, plain: bytes, width: npt.NDArray[np.int64]) -> None:
        octets = np.frombuffer(plain, np.uint8)
        ends = np.flatnonzero(octets == _LF)
        if not plain.endswith(b"\n"):
            ends = np.append(ends, len(plain))
        self.ends = ends
        self.width = width
        length = np.diff(ends, prepend=-1) - 1
        one = np.flatnonzero(length == 1)
        self.blank = length == 0
        self.blank[one] = octets[ends[one] - 1] == _CR
        self.width[self.blank] = 0

    def span(self, first: int, stop: int) -> tuple[int, int]:
        """Where lines lie in the chunk."""
        return int(self.ends[first - 1]) + 1 if first else 0, int(self.ends[stop - 1]) + 1

    def candidates(self, fields: int, skip: int) -> Iterator[tuple[int, int]]:
        """Lines that may be a heading, each with the line where what announces it begins (blank lines, a title)."""
        width = self.width
        after_blank = np.zeros(len(width), np.bool_)
        after_blank[1:] = self.blank[:-1]
        other = width != fields
        run = np.ones(len(width), np.bool_)
        run[1:] = width[1:] != width[:-1]
        long = np.zeros(len(width), np.bool_)
        if len(width) >= _ROWS:
            long[: 1 - _ROWS] = (width[: 1 - _ROWS] == width[1 : 2 - _ROWS]) & (
                width[: 1 - _ROWS] == width[_ROWS - 1 :]
            )
        titled = np.zeros(len(width), np.bool_)
        titled[2:] = self.blank[:-2] & (width[1:-1] == 1)
        pair = np.zeros(len(width), np.bool_)
        pair[:-1] = width[:-1] == width[1:]
        # before the second table may stand blank lines, or a title of one field
        likely = ~self.blank & ((other & run & long) | ((after_blank | titled) & pair))
        likely[:skip] = False
        for first in np.flatnonzero(likely).tolist():
            start = first
            if start > skip and titled[first]:
                start -= 1
            yield first, start

    def run_end(self, first: int) -> int:
        """The line after the last of those that have the width of ``first``."""
        after = np.flatnonzero(self.width[first : first + 4000] != self.width[first])
        return first + int(after[0]) if len(after) else min(first + 4000, len(self.width))


def find(
    opened: Callable[[], TextStream], start: int, layout: Layout, limits: Limits, encoding: Encoding
) -> list[Section]:
    """The tables of a text whose first one has this layout; one of them in most texts."""
    return list(_Scan(opened, limits, encoding).sections(start, layout))


def opening(text: bytes, layout: Layout, limits: Limits, fallback: str) -> Layout:
    """The layout of a text's first table, where it is short and the one below it outweighs it in ``layout``."""
    if not _one_octet(layout):
        return layout
    plain = _with_line_feeds(text)
    shape = _Shape(plain, _widths(plain, layout.dialect.delimiter))
    filled = np.flatnonzero(~shape.blank)
    if not len(filled):
        return layout
    first = int(filled[0])
    stop = shape.run_end(first)
    width = int(shape.width[first])
    if width in (1, layout.dialect.fields) or stop - first < _ROWS or stop == len(shape.width):
        return layout
    short = sniff(plain[: shape.span(first, stop)[1]], limits, fallback, whole=True)
    alone = short.heading is not None and short.dialect.fields == width and short.out_of_scope == 0
    return short if alone else layout


def _sure(heading: Sequence[bytes]) -> bool:
    cells = [cell.decode("utf-8", "replace").strip() for cell in heading if cell.strip()]
    return len(cells) > 1 and sum(map(headings.known, cells)) >= _KNOWN * len(cells)


def _wordy(row: bytes, delimiters: bytes) -> bool:
    """Whether every cell could name a column, however the row is cut."""
    if len(row) > _HEAD // 4:
        return False
    text = to_utf8(lines.without_end(row))[0].decode("utf-8", "replace")
    cells = [cell.strip(" \"'") for cell in re.split(f"[{re.escape(delimiters.decode())}]", text)]
    given = [cell for cell in cells if cell]
    return len(given) > 1 and all(map(headings.nameable, given)) and any(map(headings.known, given))


def _with_line_feeds(text: bytes) -> bytes:
    """The same number of octets, with LF for a CR that ends a line alone."""
    if lone_returns(text):
        return re.sub(rb"\r(?!\n)", b"\n", text)
    return text


def _ends(text: bytes) -> int:
    return int(np.count_nonzero(np.frombuffer(text, np.uint8) == _LF)) + lone_returns(text)


def _one_octet(layout: Layout) -> bool:
    return layout.dialect.delimiter != NONE and not layout.dialect.written


def _but_few(data: bytes) -> int:
    """All but the last few lines, which tell with those to come whether a table begins there."""
    stop = len(data)
    for _ in range(_ROWS + 2):
        stop = max(data.rfind(b"\n", 0, max(stop - 1, 0)), data.rfind(b"\r", 0, max(stop - 2, 0))) + 1
    return stop or len(data)
