"""SQL dumps: each table that a dump fills is a table of evidence, read from the stretches where its rows lie.

Written by mysqldump, mariadb-dump, pg_dump, sqlite3, phpMyAdmin and their like; archives of pg_dump are recognised and
quarantined with the command that turns them into such a dump.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hemostat.evidence.base import Batch, Reference, Unreadable
from hemostat.evidence.naming import Names
from hemostat.evidence.sql import units as sql_units
from hemostat.evidence.sql.feed import Feed
from hemostat.evidence.sql.flavour import sniff_flavour
from hemostat.evidence.sql.index import REST, Layout, TableIndex, index, shown_names
from hemostat.evidence.sql.items import Aside, Created, Lines, Mode, Place, Tied, Tuples
from hemostat.evidence.sql.reasons import SqlReason
from hemostat.evidence.sql.rows import Count, Rows, aside_rows, bulk_rows, few_rows, line_bounds, line_rows
from hemostat.evidence.sql.walk import Walker
from hemostat.evidence.text import TextStream, looks_like_text, sniff
from hemostat.model import CountMethod

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator

    from hemostat.evidence.base import Limits, Source, TableSource
    from hemostat.evidence.sql.index import Index
    from hemostat.evidence.sql.items import Item
    from hemostat.evidence.sql.names import Key

_HEAD = 256 << 10
_TEXT = 8 << 20
"""Octets of dump that go into one batch, about."""
_FEW = 2000
"""Tuples met one by one that are read together."""
_CHUNKS = 64
"""Pieces that a batch may consist of."""
_LEAST = 500
"""Rows in a batch, at least, unless the table ends."""


class SqlDumpReader:
    """Reads dumps of any of the usual databases."""

    kind = "sql"
    seeks = True

    def recognises(self, head: bytes, name: str) -> int:
        """Sure of what a dump program signed; of other text, by its first statement, then by its name."""
        if not looks_like_text(head):
            return 0
        text = _as_text(head)
        if _SIGNED.search(text[:4096]):
            return 96
        named = name.lower().endswith((".sql", ".dump", ".ddl", ".mysql", ".psql", ".pgsql"))
        if _STATEMENT.match(text) or (named and _WITHIN.search(text)):
            return 90
        return 70 if name.lower().endswith(".sql") else 0

    def tables(self, source: Source, limits: Limits) -> Iterator[TableSource]:
        """The tables that the dump creates or fills; what belongs to none of them bears the name of the dump."""
        with source.open() as raw:
            encoding = sniff(raw.read(_HEAD))
            flavour = sniff_flavour(TextStream(raw, encoding).read(_HEAD))
        dump = _Dump(source, limits, index(source, encoding, flavour, limits))
        yield from dump.tables()


class PgArchiveReader:
    """Recognises the archives of pg_dump."""

    kind = "pgdump"
    seeks = False

    def recognises(self, head: bytes, name: str) -> int:  # noqa: ARG002 - its first octets are enough
        """By its first octets."""
        return 98 if head.startswith(b"PGDMP") else 0

    def tables(self, source: Source, limits: Limits) -> Iterator[TableSource]:  # noqa: ARG002 - nothing is opened
        """Nothing to be had.

        Raises:
            Unreadable: always; the reason says how to convert it.
        """
        raise Unreadable(SqlReason.PG_ARCHIVE)


_BLANK = rb"(?:\s++|\xef\xbb\xbf|--[^\n]*+\n|\#[^\n]*+\n|/\*(?:[^*]++|\*(?!/))*+\*/|;|GO\b)*+"
_SIGNED = re.compile(
    rb"(?im)^-- (MySQL dump|MariaDB dump|PostgreSQL database (cluster )?dump|phpMyAdmin SQL Dump|Adminer)"
    rb"|^-- HeidiSQL|\A/\*M?!\d{5,6}|\APRAGMA foreign_keys=OFF;\s+BEGIN TRANSACTION;"
)
_STATEMENT = re.compile(
    _BLANK
    + rb"(?i:CREATE\s+(?:TABLE|DATABASE|SCHEMA|SEQUENCE)\b|DROP\s+(?:TABLE|DATABASE)\b|(?:INSERT|REPLACE)\s+"
    rb"(?:IGNORE\s+)?INTO\s+\S[^;]{0,4000}?\s*(?:VALUES|SELECT)\b|INSERT\s+\[|COPY\s+\S[^;\n]*\sFROM\s+stdin\b"
    rb"|LOCK\s+TABLES\s|USE\s+[`\[]|SET\s+(?:NAMES|SQL_MODE|FOREIGN_KEY_CHECKS|client_encoding|statement_timeout"
    rb"|IDENTITY_INSERT|DEFINE|search_path)\b|(?:BEGIN(?:\s+TRANSACTION)?|START\s+TRANSACTION)\s*;)"
)
_WITHIN = re.compile(
    rb"(?im)^\s*(?:INSERT\s+(?:IGNORE\s+)?INTO\s|INSERT\s+\[|CREATE\s+TABLE\s|COPY\s+\S[^;\n]*\sFROM\s+stdin)"
)


def _as_text(head: bytes) -> bytes:
    encoding = sniff(head)
    text = head[encoding.mark :]
    return text.decode(encoding.name, "ignore").encode() if encoding.wide else text


@dataclass(slots=True)
class _Dump:
    """One dump, and what its tables share."""

    source: Source
    limits: Limits
    index: Index
    names: dict[int, str] = field(default_factory=dict)
    """The evidence name of each table."""
    _counted: Counter[Key] | None = None

    def tables(self) -> Iterator[DumpTable]:
        """Its tables in order of appearance, the one without a name last."""
        found = list({id(table): table for table in self.index.tables.values()}.values())
        proper = [table for table in found if table.key != REST]
        rest = [table for table in found if table.key == REST]
        many = len({table.key[0] for table in proper if table.key[0]}) > 1
        fresh = Names()
        for table in proper:
            words = [table.key[0]] * (many and bool(table.key[0])) + [table.key[1]]
            self.names[id(table)] = fresh.fresh(f"{self.source.name}#{'.'.join(words)}")
        for table in proper:
            yield DumpTable(self, table, self.names[id(table)])
        if rest or not proper:
            yield DumpTable(self, rest[0] if rest else TableIndex(REST), self.source.name)

    def count(self, table: TableIndex) -> int:
        """Units of a table, by ``units``."""
        if self._counted is None:
            with self.source.open() as raw:
                self._counted = sql_units.count(raw, self.index.encoding, self.index.flavour, self.limits)
        return sum(units for key, units in self._counted.items() if self.index.tables.get(key) is table)


@dataclass(slots=True)
class DumpTable:
    """One table of a dump."""

    dump: _Dump
    table: TableIndex
    name: str
    kind: str = "sql"
    count_method: str = CountMethod.INDEPENDENT
    shortened: int = 0
    """Binary values of which only the size is kept."""

    @property
    def note(self) -> str:
        """How it is read, as ``key=value``."""
        flavour, table = self.dump.index.flavour, self.table
        said = {
            "flavour": flavour.name,
            "encoding": self.dump.index.encoding.name,
            "columns": len(self._names()),
            "names": "created" if table.created else "given" if self._given() else "none",
            **({"escape": "backslash"} if flavour.escapes else {}),
            **({"binary": sum(table.binary)} if any(table.binary) else {}),
            **({"shortened": self.shortened} if self.shortened else {}),
        }
        return ", ".join(f"{key}={value}" for key, value in said.items())

    @property
    def references(self) -> tuple[Reference, ...]:
        """The foreign keys that the dump declares for this table."""
        names = self.dump.names
        return tuple(
            Reference(column, names[id(other)], place)
            for column, other, place in self.dump.index.tied(self.table)
            if id(other) in names
        )

    def _given(self) -> bool:
        return any(header.columns for header in self.table.headers.values())

    def count_units(self) -> int | None:
        """Rows by ``units``, which shares no code with ``batches``."""
        return self.dump.count(self.table)

    def _names(self) -> tuple[str, ...]:
        return shown_names(self.dump.index.names(self.table))

    def batches(self, resume: dict[str, Any] | None) -> Iterator[Batch]:
        """The rows, in the order of the dump; so many to a batch that it holds about 8 MB of dump."""
        average = max(self.table.octets // max(self.table.units, 1), 1)
        size = max(min(_TEXT // average, self.dump.limits.batch_rows), _LEAST)
        pile = _Pile(self, self._names(), size)
        first, place = 0, None
        if resume is not None:
            first = resume["stretch"]
            place = Place(**{**resume["place"], "mode": Mode(resume["place"]["mode"])})
            pile.count = Count(*resume["count"])
            self.shortened = resume["shortened"]
        for number, stretch in enumerate(self.table.stretches[first:], first):
            pile.stretch = number
            for item in self._items(place or stretch.start, stretch.end):
                yield from pile.add(item)
            place = None
        yield from pile.end()

    def _items(self, start: Place, stop: int) -> Iterator[Item]:
        """What belongs to this table in a stretch of the dump."""
        of = self.dump.index
        with self.dump.source.open() as raw:
            feed = Feed(raw, of.encoding, start.offset, start.line)
            for item in Walker(feed, of.flavour, self.dump.limits, of.headers, start).items(stop):
                if not isinstance(item, Created | Tied):
                    header = item.header if isinstance(item, Tuples | Lines | Aside) else None
                    if of.table(header.key if header else REST) is self.table:
                        yield item


@dataclass(slots=True)
class _Pile:
    """Rows on their way into a batch. Batches hold the same units however the walk groups them."""

    table: DumpTable
    names: tuple[str, ...]
    size: int
    count: Count = field(default_factory=Count)
    stretch: int = 0
    _rows: list[Rows] = field(default_factory=list)
    _few: list[tuple[Tuples, int, int]] = field(default_factory=list)
    _units: int = 0
    _last: Place | None = None
    _layouts: dict[int, Layout] = field(default_factory=dict)

    def add(self, item: Item) -> Iterator[Batch]:
        """Takes an item in; gives the batches that it fills."""
        if isinstance(item, Aside):
            self._settle()
            self._put(aside_rows(item, self.names), item.units, item.after)
            if self._units >= self.size:
                yield self._batch()
        elif isinstance(item, Tuples | Lines):
            total = len(item.starts) if isinstance(item, Tuples) else item.count
            first = 0
            while first < total:
                last = min(total, first + self.size - self._units)
                self._take(item, first, last)
                first = last
                if self._units >= self.size:
                    yield self._batch()

    def end(self) -> Iterator[Batch]:
        """The last batch, if anything is left."""
        if self._units:
            yield self._batch()

    def _take(self, item: Tuples | Lines, first: int, last: int) -> None:
        layout = self._layout(item)
        if isinstance(item, Lines):
            self._settle()
            self._put(line_rows(item, first, last, layout, self.names), last - first, _after(item, last))
        elif item.found is not None:
            self._settle()
            rows = bulk_rows(item, first, last, layout, self.names, self.count)
            self._put(rows, last - first, _after(item, last))
        else:
            other = self._few[-1][0] if self._few else item
            if other.header != item.header or other.loose != item.loose or len(self._few) >= _FEW:
                self._settle()
            self._few.append((item, first, last))
            self._units += last - first
            self._last = _after(item, last)

    def _layout(self, item: Tuples | Lines) -> Layout:
        number = item.header.number
        if number not in self._layouts:
            self._layouts[number] = self.table.dump.index.layout(item.header)
        return self._layouts[number]

    def _settle(self) -> None:
        """Reads the tuples that were kept to be read together."""
        if self._few:
            layout = self._layout(self._few[-1][0])
            self._rows.append(few_rows(self._few, layout, self.names, self.count))
            self._few = []

    def _put(self, rows: Rows, units: int, after: Place) -> None:
        self._rows.append(rows)
        self._units += units
        self._last = after

    def _batch(self) -> Batch:
        self._settle()
        rows = pa.concat_tables([one.table for one in self._rows])
        if len(self._rows) > _CHUNKS:
            rows = rows.combine_chunks()
        numbers = np.concatenate([one.number for one in self._rows])
        lines = pa.array(np.concatenate([one.line for one in self._rows]), pa.int64())
        self.table.shortened += _shortened(rows, self.names, self.table.table)
        assert self._last
        batch = Batch(
            rows=rows,
            line=lines,
            locator=_locators(lines, numbers) if numbers.any() else None,
            units=sum(one.units for one in self._rows),
            blank=sum(one.blank for one in self._rows),
            header=0,
            out_of_scope=0,
            quarantined=tuple(aside for one in self._rows for aside in one.quarantined),
            resume={
                "stretch": self.stretch,
                "place": {name: getattr(self._last, name) for name in Place.__slots__},
                "count": [self.count.line, self.count.tuples],
                "shortened": self.table.shortened,
            },
        )
        self._rows, self._units = [], 0
        return batch


def _after(item: Tuples | Lines, last: int) -> Place:
    """From where walking goes on after the first ``last`` units of an item."""
    if isinstance(item, Lines):
        if last == item.count:
            return item.after
        at, mode = int(line_bounds(item)[last]), Mode.LINES
    elif last == len(item.starts):
        return item.after
    elif item.loose:
        at, mode = int(item.starts[last]), Mode.LOOSE
    else:
        at, mode = int(item.ends[last - 1]), Mode.AFTER
    line = item.line + item.data.count(b"\n", 0, at)
    return Place(mode, item.at(at), line, item.header.number, item.after.database, item.after.delimiter)


def _locators(lines: pa.Array, numbers: np.ndarray[Any, Any]) -> pa.Array:
    words = pc.binary_join_element_wise(
        "line ", lines.cast(pa.string()), ", tuple ", pa.array(numbers).cast(pa.string()), ""
    )
    return pc.if_else(pa.array(numbers > 0), words, pa.scalar(None, pa.string()))


def _shortened(rows: pa.Table, names: tuple[str, ...], table: TableIndex) -> int:
    octets = [name for name, binary in zip(names, table.binary, strict=False) if binary]
    return sum(
        pc.sum(pc.match_substring_regex(rows.column(name), r"^<\d+ bytes>$")).as_py() or 0 for name in octets
    )
