"""Rows out of the items of a walk: columns of the table, the line and number of each tuple, and what does not fit."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from hemostat.evidence.sql.cells import Columns, columns, decoded, value_text
from hemostat.evidence.sql.copied import copied
from hemostat.evidence.sql.grammar import grammar
from hemostat.evidence.sql.literal import lenient, literal, split
from hemostat.evidence.sql.reasons import SqlReason
from hemostat.evidence.sql.tuples import analyse
from hemostat.model import Quarantined

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hemostat.evidence.sql.cells import Mask, Reading
    from hemostat.evidence.sql.index import Layout
    from hemostat.evidence.sql.items import Aside, Lines, Tuples
    from hemostat.evidence.sql.literal import Value
    from hemostat.evidence.sql.tuples import Places


@dataclass(slots=True)
class Rows:
    """Some units of a table, each in its account."""

    table: pa.Table
    line: Places
    """The physical line on which each row starts."""
    number: Places
    """Which tuple on its line it is, from 1; 0 in COPY data, where a line is a row."""
    blank: int
    """Rows without any value."""
    quarantined: list[Quarantined] = field(default_factory=list)
    units: int = 0


@dataclass(slots=True)
class Count:
    """Tuples met so far on the line under way."""

    line: int = 0
    tuples: int = 0

    def numbers(self, lines: Places) -> Places:
        """The number of each tuple on its line, for the lines on which the next ones start."""
        if not len(lines):
            return lines
        fresh = np.ones(len(lines), np.bool_)
        np.not_equal(lines[1:], lines[:-1], out=fresh[1:])
        order = np.arange(len(lines), dtype=np.int64)
        numbers = order - np.maximum.accumulate(np.where(fresh, order, 0)) + 1
        if lines[0] == self.line:
            numbers[lines == self.line] += self.tuples
        self.line, self.tuples = int(lines[-1]), int(numbers[-1])
        return numbers


def bulk_rows(
    item: Tuples, first: int, last: int, layout: Layout, names: Sequence[str], count: Count
) -> Rows:
    """Rows from the tuples ``first`` to ``last`` (left out) of an item found in bulk."""
    assert item.found
    starts, ends = item.starts[first:last], item.ends[first:last]
    line_ends = np.flatnonzero(item.found.octets == ord("\n"))
    lines = item.line + np.searchsorted(line_ends, starts)
    made = columns(replace(item.found, starts=starts, ends=ends), item.data, layout.reading)
    spans = _Spans(lines, count.numbers(lines), [(item, *span) for span in _wrong(made.fits, starts, ends)])
    return _rows(made, layout, names, spans, [SqlReason.WIDTH] * len(spans.wrong))


def few_rows(
    pieces: Sequence[tuple[Tuples, int, int]], layout: Layout, names: Sequence[str], count: Count
) -> Rows:
    """Rows from some tuples of each of several items under one header, read one by one."""
    texts: list[bytes] = []
    lines: list[int] = []
    places: list[tuple[Tuples, int, int]] = []
    for item, first, last in pieces:
        line, at = item.line, 0
        for start, end in zip(item.starts[first:last].tolist(), item.ends[first:last].tolist(), strict=True):
            line += item.data.count(b"\n", at, start)
            at = start
            texts.append(item.data[start:end])
            lines.append(line)
            places.append((item, start, end))
    item, _, last = pieces[-1]
    made, reasons = _columns_of(texts, layout.reading, loose=item.loose)
    if item.cut and last == len(item.starts):
        reasons[-1] = SqlReason.CUT
    wrong = np.flatnonzero(~made.fits).tolist()
    numbered = np.array(lines, np.int64)
    spans = _Spans(numbered, count.numbers(numbered), [places[place] for place in wrong])
    return _rows(made, layout, names, spans, [reasons[place] for place in wrong])


@dataclass(slots=True)
class _Spans:
    """Where some units lie."""

    lines: Places
    numbers: Places
    wrong: list[tuple[Tuples | Lines, int, int]]
    """Item, start and end of each of those that do not fit."""


def _wrong(fits: Mask, starts: Places, ends: Places) -> Iterator[tuple[int, int]]:
    return zip(starts[~fits].tolist(), ends[~fits].tolist(), strict=True)


def _columns_of(texts: list[bytes], reading: Reading, *, loose: bool) -> tuple[Columns, list[str]]:
    """Columns from tuples one by one; and the reason for each that does not fit."""
    if not loose:
        joined = b",".join(texts)
        found = analyse(joined, reading.flavour, b"", len(texts))
        if len(found.starts) == len(texts):
            return columns(found, joined, reading), [SqlReason.WIDTH] * len(texts)
    rows: list[list[bytes | None]] = []
    fits = np.zeros(len(texts), np.bool_)
    reasons: list[str] = []
    for place, text in enumerate(texts):
        values, reason = _values(text, reading)
        reasons.append(reason)
        if values is not None:
            fits[place] = True
            rows.append([value_text(value, reading, column) for column, value in enumerate(values)])
    cells = zip(*rows, strict=True) if rows else ([] for _ in range(reading.width))
    made = [pa.array(decoded(list(column), reading.fallback), pa.string()) for column in cells]
    return Columns(made, fits), reasons


def _values(text: bytes, reading: Reading) -> tuple[list[Value | None] | None, str]:
    text = text.strip()
    if grammar(reading.flavour).tuple.fullmatch(text):
        cells = split(text, reading.flavour)
        if len(cells) == reading.width:
            return [literal(cell, reading.flavour) for cell in cells], SqlReason.WIDTH
        return None, SqlReason.WIDTH
    return lenient(text, reading.width, reading.flavour), SqlReason.TUPLE


def line_rows(item: Lines, first: int, last: int, layout: Layout, names: Sequence[str]) -> Rows:
    """Rows from the lines ``first`` to ``last`` (left out) of COPY data."""
    whole = last - first == item.count
    bounds = None if whole else line_bounds(item)
    made = copied(item.data if bounds is None else item.data[bounds[first] : bounds[last]], layout.reading)
    lines = np.arange(item.line + first, item.line + last, dtype=np.int64)
    wrong: list[tuple[int, int]] = []
    if not made.fits.all():
        bounds = line_bounds(item)
        wrong = list(_wrong(made.fits, bounds[first:last], bounds[first + 1 : last + 1]))
    spans = _Spans(lines, np.zeros_like(lines), [(item, *span) for span in wrong])
    return _rows(made, layout, names, spans, [SqlReason.WIDTH] * len(wrong))


def line_bounds(item: Lines) -> Places:
    """Where each line of an item starts, and the end of the last."""
    return np.concatenate([[0], np.flatnonzero(np.frombuffer(item.data, np.uint8) == ord("\n")) + 1])


def aside_rows(item: Aside, names: Sequence[str]) -> Rows:
    """No row at all, and the units that an item sets aside."""
    place = f"line {item.line} (bytes {item.offset}-{item.offset + item.size})"
    one = Quarantined(place, item.reason, units=item.units, line=item.line, bytes=item.size)
    table = pa.table([pa.array([], pa.string()) for _ in names], names=list(names))
    none = np.empty(0, np.int64)
    return Rows(table, none, none, 0, [one], item.units)


def _rows(made: Columns, layout: Layout, names: Sequence[str], spans: _Spans, reasons: Sequence[str]) -> Rows:
    aside = []
    for place, (item, start, end), reason in zip(
        np.flatnonzero(~made.fits).tolist(), spans.wrong, reasons, strict=True
    ):
        line, number = int(spans.lines[place]), int(spans.numbers[place])
        first, last = item.at(start), item.at(end)
        which = f", tuple {number}" if number else ""
        words = f"line {line}{which} (bytes {first}-{last})"
        aside.append(Quarantined(words, reason, line=line, bytes=last - first))
    lines, numbers = spans.lines[made.fits], spans.numbers[made.fits]
    full = np.zeros(len(lines), np.bool_)
    for column in made.columns:
        if not column.null_count:
            full[:] = True
            break
        full |= column.is_valid().to_numpy(zero_copy_only=False)
    given = dict(zip(layout.columns, made.columns, strict=True))
    none = pa.nulls(len(lines), pa.string())
    table = pa.table([given.get(number, none) for number in range(len(names))], names=list(names))
    blank = int(len(lines) - np.count_nonzero(full))
    if blank:
        table, lines, numbers = table.filter(pa.array(full)), lines[full], numbers[full]
    return Rows(table, lines, numbers, blank, aside, len(lines) + blank + len(aside))
