"""FHIR: bundles, resources one to a line, lists of resources. Each type of resource is a table."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hemostat.evidence.fhir.columns import SPREAD, reshaped
from hemostat.evidence.jsons.columns import Columns, columns
from hemostat.evidence.jsons.marks import marks
from hemostat.evidence.jsons.outline import outline
from hemostat.evidence.jsons.reader import begin, opened
from hemostat.evidence.jsons.rows import Rows, items, judge, located
from hemostat.evidence.jsons.table import count, gathered, walked
from hemostat.evidence.jsons.tokens import Kind, Tokens
from hemostat.evidence.jsons.values import Piece, Place, Shape
from hemostat.model import CountMethod

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hemostat.evidence.base import Batch, Limits, Source, TableSource
    from hemostat.evidence.jsons.marks import Flags
    from hemostat.evidence.jsons.table import Document

_TYPE = re.compile(rb'"resourceType"\s*:\s*"([A-Za-z]{2,60})"')
_LINE = re.compile(rb'\{[^\r\n]*"resourceType"[^\r\n]*\}\s*[\r\n]+\s*\{')
_BUNDLE = "Bundle"
_OTHER = "(other)"
"""Entries without a resource."""


class FhirReader:
    """FHIR in JSON."""

    kind = "fhir"
    seeks = False

    def recognises(self, head: bytes, name: str) -> int:  # noqa: ARG002 - content alone decides
        """By the type that a resource tells of itself."""
        text = begin(head)
        return 96 if text[:1] in (b"{", b"[") and _root_type(text) else 0

    def tables(self, source: Source, limits: Limits) -> Iterator[TableSource]:
        """A table for each type of resource, in the order in which they appear."""
        document, start, is_list = opened(source, limits)
        place, wrapped = _place(document, start, is_list=is_list)
        census = _Census(document, place, wrapped=wrapped)
        answers = True
        for kind in census.types or [_OTHER]:
            yield FhirTable(census, kind, answers)
            answers = False


def _root_type(text: bytes) -> str | None:
    """The type of the first resource."""
    found = marks(text)
    level = 1 if text.startswith(b"{") else 2
    for hit in _TYPE.finditer(text):
        mark = np.searchsorted(found.at, hit.start())
        if mark < len(found.at) and found.at[mark] == hit.start() and found.level[mark] == level:
            return hit[1].decode()
    return None


def _place(document: Document, start: int, *, is_list: bool) -> tuple[Place, bool]:
    """Where the resources are, and whether each is wrapped in an entry of a bundle."""
    if is_list:
        return Place((), Shape.LIST, start), False
    head = document.text(start).read(1 << 20)
    if _LINE.match(head):
        return Place((), Shape.LINES, start), False
    if _root_type(head) == _BUNDLE or b'"entry"' in head:
        found = outline(document.text(start), start, document.limits)
        entries = [one.place for one in found.tables if one.place.path == ("entry",)]
        if entries and not found.followed:
            return entries[0], True
    return Place((), Shape.SEQUENCE, start), False


def _types(tokens: Tokens, *, wrapped: bool) -> pa.StringArray:
    """The type of the resource in each value; null where there is none."""
    level = 2 if wrapped else 1
    keys = np.flatnonzero((tokens.kind == Kind.KEY) & (tokens.level == level))
    keys = keys[pc.equal(tokens.slices(tokens.content[keys]), "resourceType").to_numpy(zero_copy_only=False)]
    keys = keys[tokens.kind[keys + 2] == Kind.TEXT]
    if wrapped:
        holder = tokens.parent[keys] - 2
        inside = pc.equal(tokens.slices(tokens.content[holder]), "resource").to_numpy(zero_copy_only=False)
        keys = keys[inside & (tokens.kind[holder] == Kind.KEY)]
    place = np.full(tokens.count, -1)
    place[tokens.value[keys]] = np.arange(len(keys))
    return tokens.slices(tokens.content[keys + 2]).take(pa.array(place, mask=place < 0))


@dataclass(frozen=True, slots=True)
class _Resources:
    """Resources in a piece: their tokens, which are in order, their types and where they are."""

    tokens: Tokens
    kept: Flags
    types: pa.StringArray
    locator: pa.StringArray
    wrapped: bool


def _resources(piece: Piece, kept: Flags, *, wrapped: bool) -> Iterator[_Resources]:
    """The resources in the values of a piece; those in bundles among the values come after the others."""
    tokens = piece.tokens
    types = _types(tokens, wrapped=wrapped)
    numbers = np.arange(len(piece)) + piece.number
    bundles = _equal(types, _BUNDLE) & kept & (not wrapped)
    yield _Resources(tokens, kept & ~bundles, types, located(numbers), wrapped)
    if bundles.any():
        inner = items(tokens, bundles, "entry")
        inner_types = _types(inner.tokens, wrapped=True)
        yield _Resources(inner.tokens, inner.kept, inner_types, inner.located(piece.number), wrapped=True)


def _equal(types: pa.StringArray, kind: str) -> Flags:
    found: Flags = pc.fill_null(pc.equal(types, kind), fill_value=False).to_numpy(zero_copy_only=False)
    return found


@dataclass(slots=True)
class _Census:
    """Which types of resources there are, and how many of each; all the tables of a document share it."""

    document: Document
    place: Place
    wrapped: bool
    types: list[str] = field(init=False)
    """In the order in which they appear."""
    _met: Counter[str] = field(default_factory=Counter)
    _values: int = 0
    _nested: bool = False
    _total: int | None = None
    _counted: bool = False

    def __post_init__(self) -> None:
        for step in walked(self.document, self.place, {"offset": self.place.start}).steps():
            if not isinstance(step, Piece):
                self._values += 1
                continue
            self._values += len(step)
            kept = judge(step).kept
            for number, found in enumerate(_resources(step, kept, wrapped=self.wrapped)):
                self._nested |= number > 0
                for one in pc.value_counts(found.types.filter(pa.array(found.kept))).to_pylist():
                    self._met[one["values"] or _OTHER] += one["counts"]
        self.types = list(self._met)

    def units(self, kind: str, *, answers: bool) -> int | None:
        """The resources of one type, if an independent count agrees with the number of all values.

        ``answers``: values that are no resource are added.
        """
        if self._nested:
            return None
        if not self._counted:
            self._total, self._counted = count(self.document, self.place), True
        if self._total != self._values:
            return None
        others = self._values - sum(self._met.values()) if answers else 0
        return self._met[kind] + others


@dataclass(slots=True)
class FhirTable:
    """The resources of one type."""

    census: _Census
    resource: str
    answers: bool
    """Whether this table accounts for values that are no resource."""
    kind: str = "fhir"
    count_method: str = CountMethod.INDEPENDENT
    _columns: Columns = field(default_factory=Columns)

    @property
    def name(self) -> str:
        """The evidence name."""
        return f"{self.census.document.source.name}#{self.resource}"

    @property
    def note(self) -> str:
        """How it is read, as ``key=value`` (worded in ``reasons``)."""
        return f"encoding={self.census.document.encoding.name}, shape={self.census.place.shape}"

    def count_units(self) -> int | None:
        """The resources of this type; None when the document is torn, or has bundles within bundles."""
        return self.census.units(self.resource, answers=self.answers)

    def batches(self, resume: dict[str, Any] | None) -> Iterator[Batch]:
        """The resources."""
        census = self.census
        held = resume or {"columns": [], "walk": {"offset": census.place.start}}
        self._columns = Columns.from_json(held["columns"])
        walk = walked(census.document, census.place, held["walk"])
        yield from gathered(
            walk, self._rows, census.document.limits,
            lambda: {"columns": self._columns.to_json(), "walk": walk.state()}, answers=self.answers,
        )  # fmt: skip

    def _rows(self, piece: Piece) -> Rows:
        judged = judge(piece)
        tables, locators = [], []
        line = None
        for found in _resources(piece, judged.kept, wrapped=self.census.wrapped):
            mine = found.kept & (self._is_mine(found.types))
            if mine.any():
                tables.append(self._reshaped(found, mine))
                locators.append(found.locator.filter(pa.array(mine)))
                line = None if piece.lines is None else piece.lines[mine]
        table = pa.concat_tables(tables, promote_options="default") if tables else pa.table({})
        rows = Rows(table, pa.concat_arrays([pa.array([], pa.string()), *locators]), line, table.num_rows)
        if self.answers:
            rows.quarantined = judged.quarantined
            rows.blank = int(np.count_nonzero(~judged.kept)) - len(judged.quarantined)
            rows.units += rows.blank + len(judged.quarantined)
        return rows

    def _is_mine(self, types: pa.StringArray) -> Flags:
        return (
            ~types.is_valid().to_numpy(zero_copy_only=False)
            if self.resource == _OTHER
            else _equal(types, self.resource)
        )

    def _reshaped(self, found: _Resources, mine: Flags) -> pa.Table:
        table = columns(found.tokens, mine, self._columns, spread=SPREAD)
        paths = {name: path for path, name in self._columns.names.items()}
        cells = {}
        for name, column in zip(table.column_names, table.columns, strict=True):
            path = paths.get(name, (name,))
            path = path[1:] if found.wrapped and path[0] == "resource" and len(path) > 1 else path
            cells[path] = column.combine_chunks()
        return reshaped(cells)
