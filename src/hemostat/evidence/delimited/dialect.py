"""How a delimited text is laid out: delimiter, quotes, heading, what stands above it. Judged by its first rows."""

from __future__ import annotations

import codecs
import itertools
import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hemostat.evidence import headings
from hemostat.evidence.delimited import lines
from hemostat.evidence.text import to_utf8

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hemostat.evidence.base import Limits

_DELIMITERS = {
    b",": 1.0, b";": 1.0, b"\t": 1.0, b"|": 1.0, b"\x01": 1.0, b"\x1f": 1.0, b"\x1e": 1.0,
    b"^": 0.8, b"~": 0.8, b"#": 0.5, b":": 0.5,
}  # fmt: skip
"""Candidates, with the weight of what they show: a colon is rarely meant."""
NONE = b"\x1d"
"""Stands for no delimiter, in a table of one column."""
_LONG = (
    b"|~|",
    b"~|~",
    b"^|^",
    b"|;|",
    b"<|>",
    b"#|#",
    b"|||",
    b"||",
    b";;",
    b"::",
    b"~~",
    b"^^",
    b"##",
    b"$$",
    b"@@",
)
"""Delimiters of several octets, as programs write them that fear for their text."""
_STAND_INS = (b"\x1f", b"\x1e", b"\x1c", b"\x01", b"\x02")
"""Octets that stand for them while rows are cut: one that the text itself does not hold."""
_ROWS_FOR_LONG = 3
_AGREED, _AGREED_ALL, _WIDER = 0.4, 0.9, 0.2
"""The share of rows that must have the usual width, for a common and for a rare delimiter; and how many may be wider.

Prose has commas and colons too, but its lines agree on no number.
"""
_SAMPLE = 400
_HABIT, _TIMES = 0.05, 3
"""The share, and the number, of rows that make their width a habit of the export."""
_SPARE = 0.02
"""The share of full rows whose last fields are empty that lets these fields be left out."""
_DECLARED = re.compile(rb'"?sep=([\x01-\x7f])"?\s*')


@dataclass(frozen=True, slots=True)
class Dialect:
    """How rows and fields are told apart."""

    delimiter: bytes
    """One octet; ``NONE`` in a table of one column."""
    quote: bytes | None = b'"'
    escape: bytes | None = None
    fields: int = 1
    """Usual number of fields in a row."""
    written: bytes | None = None
    """The delimiter as it stands in the file, when it is longer than one octet: ``delimiter`` then stands for it."""

    def plain(self, text: bytes) -> bytes:
        """The text with one octet to a delimiter."""
        return text.replace(self.written, self.delimiter) if self.written else text


@dataclass(frozen=True, slots=True)
class Layout:
    """A dialect, the names of the columns, and where the rows begin."""

    dialect: Dialect
    names: tuple[str, ...]
    heading: tuple[bytes, ...] | None
    """The heading's cells as they stand in the file (in UTF-8), to know it when it is repeated."""
    least: int
    """Fewest fields of a row that is whole: exports may leave out empty fields at the end."""
    skip: int
    """Octets of text before the first row: preamble, blank lines, heading."""
    skip_lines: int
    out_of_scope: int
    blank: int


def sniff(head: bytes, limits: Limits, fallback: str, *, whole: bool) -> Layout:
    """The layout of a text from its first octets (after any mark); ``whole`` when there are no others."""
    physical = head.splitlines(keepends=True)
    if not whole and len(physical) > 1:
        physical = physical[:-1]
    declared = _DECLARED.fullmatch(lines.without_end(physical[0])) if physical else None
    dialect = _dialect(physical[1 if declared else 0 :][: 2 * _SAMPLE], limits, declared and declared[1])
    shown = [dialect.plain(line) for line in physical] if dialect.written else physical
    places = lines.extents(shown, dialect, limits, final=True).spans()
    rows = _rows(shown, places, dialect, fallback)
    above = 1 if declared else 0
    found = headings.find([_text(row) for row in rows[above : above + _SAMPLE]], dialect.fields)
    if found is None:
        least = _least(rows[above:], dialect.fields)
        return _layout(physical, places, dialect, (), dialect.fields, least, above, None)
    heading = rows[above + found]
    below = rows[above + found + 1 :]
    cells = [b"", *heading] if _lacks_first(heading, below, dialect.fields) else heading
    width = max(_last(cells), _width(below, dialect.fields))
    dialect = replace(dialect, fields=max(dialect.fields, len(cells)))
    return _layout(physical, places, dialect, cells, width, _least(below, width), above + found, heading)


def _layout(
    physical: Sequence[bytes],
    places: Sequence[tuple[int, int]],
    dialect: Dialect,
    cells: Sequence[bytes],
    width: int,
    least: int,
    above: int,
    heading: Sequence[bytes] | None,
) -> Layout:
    stop = above + (heading is not None)
    end = places[stop][0] if stop < len(places) else (len(physical) if stop else 0)
    blank = sum(not physical[places[row][0]].strip() for row in range(above))
    return Layout(
        dialect=dialect,
        names=headings.named(_text(cells), max(width, 1)),
        heading=tuple(heading) if heading is not None else None,
        least=least,
        skip=sum(map(len, physical[:end])),
        skip_lines=end,
        out_of_scope=above - blank,
        blank=blank,
    )


def _least(rows: Sequence[Sequence[bytes]], width: int) -> int:
    """The fewest fields that a row may have: where the export leaves out empty ones, or has a habit of short rows.

    Any other row that lacks more than its last field was cut.
    """
    widths = Counter(len(row) for row in rows if any(row))
    full = [_last(row) for row in rows if len(row) >= width]
    spared = [width - 1]
    for fields in range(1, width - 1):
        if widths[fields] >= max(_TIMES, _HABIT * widths.total()):
            spared.append(fields)
        if full and sum(last <= fields for last in full) >= _SPARE * len(full):
            spared.append(fields)
    return max(min(spared), 1)


def _rows(
    physical: Sequence[bytes], places: Sequence[tuple[int, int]], dialect: Dialect, fallback: str
) -> list[list[bytes]]:
    rows = (lines.without_end(b"".join(physical[start:end])) for start, end in places[: _SAMPLE + 40])
    plain = (row.replace(b"\0", b"").removeprefix(codecs.BOM_UTF8) for row in rows)
    return [lines.split(to_utf8(row, fallback)[0], dialect) for row in plain]


def _text(cells: Sequence[bytes]) -> list[str]:
    return [cell.decode("utf-8", "replace") for cell in cells]


def _last(cells: Sequence[bytes]) -> int:
    """The number of fields up to the last one that is not empty."""
    return max((place for place, cell in enumerate(cells, 1) if cell.strip()), default=0)


def _lacks_first(heading: Sequence[bytes], below: Sequence[Sequence[bytes]], fields: int) -> bool:
    """Whether the rows begin with a row number that the heading does not name, as R writes them."""
    full = [row[0] for row in below if len(row) == fields and row[-1].strip()]
    return (
        len(heading) == fields - 1
        and len(full) > 1
        and [cell.strip() for cell in full] == [b"%d" % number for number in range(1, len(full) + 1)]
    )


def _width(rows: Sequence[Sequence[bytes]], fields: int) -> int:
    """How many columns the rows fill: the usual number of fields, less a last one that is always empty."""
    usual = [row for row in rows if len(row) == fields]
    if usual and fields > 1 and not any(row[-1].strip() for row in usual):
        return fields - 1
    return fields


def _dialect(physical: Sequence[bytes], limits: Limits, declared: bytes | None) -> Dialect:
    text = b"".join(physical)
    quote = _quote(text)
    escape = b"\\" if _escapes(text, quote) else None
    best, best_score = Dialect(NONE, quote, escape), 0.0
    candidates = {declared: 1.0} if declared else _DELIMITERS
    for delimiter, weight in candidates.items():
        if delimiter == quote or text.count(delimiter) < (1 if declared else _AGREED * len(physical) / 2):
            continue
        dialect = Dialect(delimiter, quote, escape)
        widths = [width for width in _widths(physical, dialect, limits) if width]
        counts = Counter(widths)
        wide = Counter({width: times for width, times in counts.items() if width > 1})
        if not wide:
            continue
        fields, times = max(wide.items(), key=lambda item: (item[1], item[0]))
        share = times / counts.total()
        score = weight * share * (1 - 1 / fields) ** 0.5
        wider = sum(times for width, times in wide.items() if width > fields) / counts.total()
        agreed = share >= (_AGREED if weight == 1 else _AGREED_ALL) and wider <= _WIDER
        agreed = agreed or (weight == 1 and _in_runs(widths) >= _AGREED_ALL)
        if (agreed or declared) and score > best_score:
            best, best_score = replace(dialect, fields=fields), score
    return best if declared else _long(physical, limits, best) or best


def _in_runs(widths: Sequence[int]) -> float:
    """The share of rows with as many fields as their neighbours, three at least: one table may stand below another."""
    runs = [(width, len(list(rows))) for width, rows in itertools.groupby(widths)]
    return sum(times for width, times in runs if width > 1 and times >= _TIMES) / max(len(widths), 1)


def _long(physical: Sequence[bytes], limits: Limits, short: Dialect) -> Dialect | None:
    """The dialect of a text whose delimiter has several octets; None where one octet explains it as well.

    Where each semicolon comes in twos, none of them stands alone: it is the pair that delimits.
    """
    text = b"".join(physical)
    stand_in = next((octet for octet in _STAND_INS if octet not in text), None)
    if stand_in is None:
        return None
    # apostrophes that stand alone look like quotes: what the rows agree on decides
    for written, quote in itertools.product(_LONG, dict.fromkeys((short.quote, b'"'))):
        if text.count(written) < _ROWS_FOR_LONG or (
            short.delimiter != NONE and short.delimiter not in written
        ):
            continue
        dialect = replace(short, delimiter=stand_in, quote=quote, written=written)
        cut = [dialect.plain(line) for line in physical]
        alone = sum(any(octet in line for octet in _alone(written)) for line in cut)
        counts = Counter(width for width in _widths(cut, dialect, limits) if width)
        fields, times = max(counts.items(), key=lambda item: (item[1], item[0]), default=(1, 0))
        agreed = times >= max(_ROWS_FOR_LONG, _AGREED_ALL * counts.total())
        more = fields > short.fields or short.delimiter == NONE or short.delimiter in written
        if fields > 1 and more and agreed and alone <= _SPARE * len(cut):
            return replace(dialect, fields=fields)
    return None


def _alone(written: bytes) -> set[bytes]:
    """What must not be left of a delimiter of several octets once it is replaced."""
    return {written[place : place + 1] for place in range(len(written))} & set(_DELIMITERS)


def _widths(physical: Sequence[bytes], dialect: Dialect, limits: Limits) -> list[int]:
    places = lines.extents(physical, dialect, limits, final=True).spans()
    rows = [lines.without_end(b"".join(physical[a:b])) for a, b in places[:_SAMPLE]]
    return [len(lines.split(row, dialect)) if row.strip() else 0 for row in rows]


def _quote(text: bytes) -> bytes:
    def around(mark: bytes) -> int:
        return len(
            re.findall(
                rb"(?:^|[,;\t|])%b[^%b\r\n]*%b(?=[,;\t|\r\n])" % (mark, mark, mark), text, re.MULTILINE
            )
        )

    single = around(b"'")
    return b"'" if single > 2 and single > 3 * around(b'"') else b'"'  # noqa: PLR2004 - clearly more often


def _escapes(text: bytes, quote: bytes) -> bool:
    """Whether quotes within fields are written with a backslash rather than doubled."""
    slashed = len(re.findall(rb"(?<!\\)(?:\\\\)*\\" + quote + rb"(?![,;\t|\r\n])", text))
    doubled = len(re.findall(rb"[^%b,;\t|\r\n]%b%b[^%b,;\t|\r\n]" % (quote, quote, quote, quote), text))
    return slashed > doubled
