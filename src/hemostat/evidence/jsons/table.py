"""One table of a JSON document: its values read as rows, in batches."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from hemostat.evidence import headings
from hemostat.evidence.base import Batch
from hemostat.evidence.jsons.columns import Columns, columns
from hemostat.evidence.jsons.count import (
    count_lines,
    count_listed,
    count_lists,
    count_sequence,
)
from hemostat.evidence.jsons.rows import Rows, filled, items, judge, located, rows_of_items
from hemostat.evidence.jsons.values import Piece, Shape
from hemostat.evidence.jsons.walk import Walk
from hemostat.evidence.text import TextStream
from hemostat.model import CountMethod, Quarantined

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hemostat.evidence.base import Limits, Source
    from hemostat.evidence.jsons.values import Place, Stretch
    from hemostat.evidence.text import Encoding

_HEADING_ROWS = 40
_STRETCHES = 1000
"""Damaged stretches that are handed on together."""


@dataclass(slots=True)
class Document:
    """A JSON text that tables are read from."""

    source: Source
    limits: Limits
    encoding: Encoding
    block: int
    """Octets of text looked at together."""

    def text(self, offset: int) -> TextStream:
        """The text from an offset in the file on."""
        return TextStream(self.source.open(), self.encoding, offset)


@dataclass(slots=True)
class JsonTable:
    """The values of one place as a table."""

    document: Document
    place: Place
    name: str
    item: str | None = None
    """The rows are the items of the list under this key in each value, if given."""
    apart: frozenset[str] = frozenset()
    """Keys of lists that have tables of their own."""
    kind: str = "json"
    count_method: str = CountMethod.INDEPENDENT
    _columns: Columns = field(default_factory=Columns)
    _foreign: int = 0

    @property
    def note(self) -> str:
        """How it is read, as ``key=value`` (worded in ``reasons``)."""
        said: dict[str, object] = {
            "encoding": self.document.encoding.name,
            "shape": self.place.shape,
            "columns": len(self._columns.names),
        }
        if self._foreign:
            said[self.document.encoding.fallback] = self._foreign
        return ", ".join(f"{key}={value}" for key, value in said.items())

    def count_units(self) -> int | None:
        """The values, counted octet by octet; None for a text that is torn, and for lists within values."""
        return None if self.item else count(self.document, self.place)

    def batches(self, resume: dict[str, Any] | None) -> Iterator[Batch]:
        """The rows."""
        held = resume or {"columns": [], "foreign": 0, "walk": {"offset": self.place.start}}
        self._columns, self._foreign = Columns.from_json(held["columns"]), held["foreign"]
        first = resume is None

        def read(piece: Piece) -> Rows:
            nonlocal first
            self._foreign += piece.foreign
            rows = self._rows(piece, first=first)
            first = False
            return rows

        walk = walked(self.document, self.place, held["walk"])
        yield from gathered(
            walk, read, self.document.limits,
            lambda: {"columns": self._columns.to_json(), "foreign": self._foreign, "walk": walk.state()},
            answers=self.item is None,
        )  # fmt: skip

    def _rows(self, piece: Piece, *, first: bool) -> Rows:
        tokens = piece.tokens
        judged = judge(piece)
        if self.item is not None:
            return rows_of_items(items(tokens, judged.kept, self.item), self._columns, piece.number)
        table = columns(tokens, judged.kept, self._columns, apart=self.apart)
        number = np.flatnonzero(judged.kept)
        full = filled(table)
        if not full.all():
            table, number = table.filter(pa.array(full)), number[full]
        blank = len(piece) - len(number) - len(judged.quarantined)
        line = None if piece.lines is None else piece.lines[number]
        rows = Rows(
            table, located(number + piece.number), line, len(piece), blank, quarantined=judged.quarantined
        )
        return self._headed(rows) if first and table.num_rows else rows

    def _headed(self, rows: Rows) -> Rows:
        """Rows that were lists may begin with a heading."""
        names = rows.table.column_names
        if not all(re.fullmatch(r"col_\d+", name) for name in names):
            return rows
        sample = [
            [cell or "" for cell in row.values()] for row in rows.table.slice(0, _HEADING_ROWS).to_pylist()
        ]
        if headings.find(sample, len(names)) != 0:
            return rows
        fresh = headings.named(sample[0], len(names))
        self._columns = Columns(dict(zip(self._columns.names, fresh, strict=True)))
        rows.table = rows.table.rename_columns(fresh).slice(1)
        rows.locator, rows.header = rows.locator.slice(1), 1
        return rows


def count(document: Document, place: Place) -> int | None:
    """The values of a place, by a way that does not go through the reader."""
    if place.shape == Shape.LINES:
        return count_lines(document.text(place.start))
    most = document.limits.block_most
    if place.shape == Shape.SEQUENCE:
        return count_sequence(document.text(place.start), most)
    if place.shape == Shape.LIST and not place.path:
        return count_lists(document.text(place.start), most)
    return count_listed(document.text(place.start), b"]" if place.shape == Shape.LIST else b"}", most)


def walked(document: Document, place: Place, state: dict[str, Any]) -> Walk:
    """A walk through the values of a place, from a state on."""
    return Walk(document.text, place, document.limits, document.block, document.encoding.fallback, **state)


def _torn(stretch: Stretch) -> Quarantined:
    place = f"element {stretch.number} (bytes {stretch.start}-{stretch.end})"
    return Quarantined(place, stretch.reason, bytes=stretch.end - stretch.start)


def gathered(
    walk: Walk,
    read: Callable[[Piece], Rows],
    limits: Limits,
    state: Callable[[], dict[str, Any]],
    *,
    answers: bool = True,
) -> Iterator[Batch]:
    """Batches of the rows that ``read`` makes of each piece of a walk.

    ``answers``: whether this table accounts for torn stretches; one that shares its values with another need not.
    """
    held: list[Rows] = []
    torn: list[Quarantined] = []
    rows = size = 0
    for step in walk.steps():
        if isinstance(step, Piece):
            held.append(read(step))
            rows += held[-1].table.num_rows
            size += len(step.tokens.text)
        elif answers:
            torn.append(_torn(step))
        if rows >= limits.batch_rows or size >= limits.block_most or len(torn) >= _STRETCHES:
            yield as_batch(held, torn, state())
            held, torn, rows, size = [], [], 0, 0
    if held or torn:
        yield as_batch(held, torn, state())


def as_batch(held: list[Rows], torn: list[Quarantined], resume: dict[str, Any]) -> Batch:
    """Rows of several pieces, and torn stretches, as one batch."""
    table = pa.concat_tables([one.table for one in held], promote_options="default") if held else pa.table({})
    by_line = bool(held) and held[0].line is not None
    aside = [*torn, *(one for rows in held for one in rows.quarantined)]
    return Batch(
        rows=table,
        line=pa.array(np.concatenate([one.line for one in held if one.line is not None]))
        if by_line
        else None,
        locator=None
        if by_line
        else pa.concat_arrays([pa.array([], pa.string()), *(one.locator for one in held)]),
        units=sum(one.units for one in held) + len(torn),
        blank=sum(one.blank for one in held),
        header=sum(one.header for one in held),
        out_of_scope=0,
        quarantined=tuple(aside),
        resume=resume,
    )
