"""Rows of a delimited text, line first: the careful way, for what a fast reader does not take.

The same definition of a row as in ``units``, told by other means, so that each can catch the other out.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    from hemostat.evidence.base import Limits
    from hemostat.evidence.delimited.dialect import Dialect

_FEW = 5
_FEW_INNER = 3
_SURPLUS = 20
"""Delimiters too many that are looked for within quotes."""


@dataclass(frozen=True, slots=True)
class Extents:
    """Where the rows of some lines lie."""

    first: npt.NDArray[np.int64]
    """The line on which each row starts."""
    count: npt.NDArray[np.int64]
    """The lines it takes."""
    doubtful: npt.NDArray[np.bool_]
    """Whether it holds an odd number of quotes, which does not work out."""
    covered: int
    """The first line that is undecided."""

    def spans(self) -> list[tuple[int, int]]:
        """The first line of each row, and the one after its last."""
        return list(zip(self.first.tolist(), (self.first + self.count).tolist(), strict=True))


def extents(
    lines: Sequence[bytes],
    dialect: Dialect,
    limits: Limits,
    *,
    final: bool,
    odd: Sequence[int] | None = None,
) -> Extents:
    """The rows of some lines, which keep their ends.

    Unless ``final``, a quoted field still open at the last line leaves its row undecided. ``odd`` are the lines with
    an odd number of quotes, where they are known already (no escape).
    """
    count = np.ones(len(lines), np.int64)
    doubtful = np.zeros(len(lines), np.bool_)
    covered = len(lines)
    masked = _masked(lines, dialect)
    free = 0
    for line in _odd(masked, dialect) if odd is None else odd:
        if line < free:
            continue
        close = _closing_line(masked, line, dialect, limits, final=final)
        if close is None:
            covered = line
            break
        if close > line and not _swallows(masked[line + 1 : close], dialect):
            count[line] = close + 1 - line
            count[line + 1 : close + 1] = 0
            free = close + 1
        else:
            doubtful[line] = True
    first = np.flatnonzero(count[:covered])
    return Extents(first, count[first], doubtful[first], covered)


def _odd(lines: Sequence[bytes], dialect: Dialect) -> list[int]:
    """The lines that hold an odd number of quotes: a row of one line never does, if it is quoted by the book."""
    quote = dialect.quote
    return [number for number, line in enumerate(lines) if line.count(quote) & 1] if quote else []


def _masked(lines: Sequence[bytes], dialect: Dialect) -> Sequence[bytes]:
    if not dialect.escape:
        return lines
    return [
        line.replace(b"\\\\", b"__")
        .replace(b"\\" + (dialect.quote or b""), b"__")
        .replace(b"\\" + dialect.delimiter, b"__")
        if b"\\" in line
        else line
        for line in lines
    ]


def _closing_line(
    lines: Sequence[bytes], line: int, dialect: Dialect, limits: Limits, *, final: bool
) -> int | None:
    """The line on which the row opened on ``line`` ends properly; ``line`` itself if it never does.

    None when the lines at hand do not tell.
    """
    quote = dialect.quote or b""
    inside = False
    size = 0
    for number in range(line, min(line + limits.quote_lines, len(lines))):
        text = without_end(lines[number])
        if size + len(text) > limits.quote_bytes:
            return line
        if inside and quote not in text:
            size += len(lines[number])
            continue
        state = _scan(text, dialect, inside=inside)
        if state is None:
            return line
        if not state:
            return number
        inside = True
        size += len(lines[number])
    if final or size > limits.quote_bytes or line + limits.quote_lines <= len(lines):
        return line
    return None


def without_end(line: bytes) -> bytes:
    """A physical line without its LF, CR LF or CR."""
    if line.endswith(b"\r\n"):
        return line[:-2]
    return line[:-1] if line.endswith((b"\n", b"\r")) else line


def _scan(text: bytes, dialect: Dialect, *, inside: bool) -> bool | None:
    """Whether a quoted field is open after this line; None when its quoting is not proper."""
    quote, delimiter = dialect.quote or b"", dialect.delimiter
    parts = text.split(quote)
    last = len(parts) - 1
    number = 0
    while number < last:
        before, after = parts[number], parts[number + 1]
        if not inside:
            if not (before.endswith(delimiter) or (number == 0 and not before)):
                return None
            inside = True
        elif not after and number + 1 < last:
            number += 1  # a doubled quote: two marks, one character
        elif after.startswith(delimiter) or (not after and number + 1 == last):
            inside = False
        else:
            return None
        number += 1
    return inside


def _swallows(inner: Sequence[bytes], dialect: Dialect) -> bool:
    """Whether lines within a quoted field look like rows that an open quote ran over."""
    if dialect.fields < 2 or len(inner) < (1 if dialect.fields >= _FEW else _FEW_INNER):  # noqa: PLR2004 - one column
        return False
    quote = dialect.quote or b""
    like = [quote not in line and line.count(dialect.delimiter) == dialect.fields - 1 for line in inner]
    return sum(like) * 2 > len(like) if dialect.fields >= _FEW else all(like)


def proper(dialect: Dialect) -> Callable[[bytes], object]:
    """Tells whether a row is quoted by the book, so that every reader understands it alike."""
    delimiter, quote = re.escape(dialect.delimiter), re.escape(dialect.quote or b"\x00")
    if dialect.escape:
        field = rb"(?:%b(?:[^%b\\]|\\.)*+%b|(?:[^%b\r\n%b\\]|\\[^\r\n])*+)"
        field %= (quote, quote, quote, delimiter, quote)
    else:
        field = rb"(?:%b(?:[^%b]++|%b%b)*+%b|[^%b\r\n%b]*+)"
        field %= (quote, quote, quote, quote, quote, delimiter, quote)
    return re.compile(rb"%b(?:%b%b)*+(?:\r\n|\n|\r|)" % (field, delimiter, field), re.DOTALL).fullmatch


def split(row: bytes, dialect: Dialect) -> list[bytes]:
    """The fields of one row, leniently: a quote ends a field only before a delimiter or the end of the row.

    Where the quotes make no sense, they are taken as ordinary characters if that gives the usual number of fields.
    """
    quote = dialect.quote
    if not quote or quote not in row:
        fields = _plain(row, dialect)
    else:
        fields = _quoted(row, dialect)
        if len(fields) != dialect.fields > 1:
            fields = _mended(row, dialect) or fields
    return [_unescaped(field) for field in fields] if dialect.escape else fields


def _mended(row: bytes, dialect: Dialect) -> list[bytes] | None:
    """The usual number of fields, if just one way of closing the quotes gives it, or none of them is meant."""
    quote = dialect.quote or b""
    pieces = _plain(row, dialect)
    surplus = len(pieces) - dialect.fields
    if not 0 <= surplus <= _SURPLUS:
        return None
    ways = _ways(pieces, surplus, quote)
    if len(ways) == 1:
        ends = [*ways[0][1:], len(pieces)]
        fields = [dialect.delimiter.join(pieces[a:b]) for a, b in zip(ways[0], ends, strict=True)]
    elif not surplus:
        fields = pieces
    else:
        return None
    return [field.removeprefix(quote).removesuffix(quote).replace(quote + quote, quote) for field in fields]


def _ways(pieces: Sequence[bytes], surplus: int, quote: bytes) -> list[list[int]]:
    """Where fields start, for each way (two at most) in which quotes take in as many delimiters as there are too many.

    A field opens with a quote at its start and closes with one at its end.
    """
    waiting: dict[int, dict[int, list[list[int]]]] = {0: {0: [[]]}}
    # next piece -> delimiters taken in so far -> starts of fields so far
    for place, piece in enumerate(pieces):
        for taken, starts in waiting.pop(place, {}).items():
            ends = [place]
            if piece.startswith(quote):
                if not (len(piece) > 1 and piece.endswith(quote)):
                    ends = []
                most = min(place + surplus - taken, len(pieces) - 1)
                ends += [last for last in range(place + 1, most + 1) if pieces[last].endswith(quote)]
            for last in ends:
                after = waiting.setdefault(last + 1, {}).setdefault(taken + last - place, [])
                after += [[*start, place] for start in starts]
                del after[2:]
    return waiting.get(len(pieces), {}).get(surplus, [])


def _plain(row: bytes, dialect: Dialect) -> list[bytes]:
    if dialect.escape and b"\\" in row:
        delimiter = re.escape(dialect.delimiter)
        return re.findall(rb"(?:\A|%b)((?:\\.|[^%b])*)" % (delimiter, delimiter), row, re.DOTALL)
    return row.split(dialect.delimiter)


def _quoted(row: bytes, dialect: Dialect) -> list[bytes]:
    quote, delimiter = dialect.quote or b"", dialect.delimiter
    fields = []
    place = 0
    while True:
        opened = row.startswith(quote, place)
        close = _close(row, place + 1, dialect) if opened else -1
        if close >= 0:
            fields.append(row[place + 1 : close].replace(quote + quote, quote))
            place = close + 1
        else:
            start = place + 1 if opened else place
            end = row.find(delimiter, start)
            place = len(row) if end < 0 else end
            fields.append(row[start:place])
        if place >= len(row):
            return fields
        place += 1


def _close(row: bytes, place: int, dialect: Dialect) -> int:
    """Where the quote lies that ends the field; -1 if none does."""
    quote = dialect.quote or b""
    while True:
        place = row.find(quote, place)
        if place < 0:
            return -1
        if dialect.escape and _is_escaped(row, place):
            place += 1
            continue
        after = row[place + 1 : place + 2]
        if after == quote:
            place += 2
        elif not after or after == dialect.delimiter:
            return place
        else:
            place += 1


def _is_escaped(row: bytes, place: int) -> bool:
    slashes = 0
    while place > slashes and row[place - slashes - 1] == ord("\\"):
        slashes += 1
    return slashes % 2 == 1


def _unescaped(field: bytes) -> bytes:
    return (
        field if field == b"\\N" or b"\\" not in field else re.sub(rb"\\(.)", rb"\1", field, flags=re.DOTALL)
    )
