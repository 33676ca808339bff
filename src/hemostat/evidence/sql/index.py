"""What a dump holds and where: its tables, their columns, and the stretches of the file in which their rows lie.

One pass over the dump, in memory that does not grow with it: stretches that lie close together are kept as one.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from hemostat.evidence.headings import named
from hemostat.evidence.sql.cells import Reading
from hemostat.evidence.sql.feed import Feed
from hemostat.evidence.sql.items import Aside, Created, Lines, Mode, Place, Tied, Tuples
from hemostat.evidence.sql.literal import split
from hemostat.evidence.sql.names import Headers
from hemostat.evidence.sql.walk import Walker

if TYPE_CHECKING:
    from hemostat.evidence.base import Limits, Source
    from hemostat.evidence.sql.flavour import Flavour
    from hemostat.evidence.sql.items import Item
    from hemostat.evidence.sql.names import Header, Key
    from hemostat.evidence.text import Encoding

_NEAR = 1 << 20
"""Octets between two stretches of a table that are kept as one, to begin with."""
_STRETCHES = 100_000
"""Stretches kept in all; when there are more, those that lie further apart are joined as well."""
REST: Key = ("", "")
"""What belongs to no table."""


@dataclass(slots=True)
class Stretch:
    """A part of the file that holds rows of a table, and maybe others."""

    start: Place
    end: int


@dataclass(slots=True)
class TableIndex:
    """What is known of one table."""

    key: Key
    created: tuple[str, ...] = ()
    binary: tuple[bool, ...] = ()
    primary: str | None = None
    headers: dict[int, Header] = field(default_factory=dict)
    """Number -> header."""
    widths: dict[int, int] = field(default_factory=dict)
    """Number of a header that names no columns -> values in its first row."""
    stretches: list[Stretch] = field(default_factory=list)
    units: int = 0
    octets: int = 0


@dataclass(frozen=True, slots=True)
class Layout:
    """How the rows under one header become rows of the table."""

    reading: Reading
    columns: tuple[int, ...]
    """The column of the table to which each value belongs."""


@dataclass(slots=True)
class Index:
    """What a dump holds."""

    flavour: Flavour
    encoding: Encoding
    headers: Headers
    tables: dict[Key, TableIndex] = field(default_factory=dict)
    ties: dict[tuple[Key, str, Key, str | None], None] = field(default_factory=dict)
    """Columns declared to refer to others: table, column, the other table, its column (None: its primary key)."""
    trouble: int = 0
    """Units that are not plainly tuples or lines."""
    _near: int = _NEAR
    _kept: int = 0

    def table(self, key: Key) -> TableIndex:
        """The table of this key, or one that differs by capitals alone where there is just one; else a new one."""
        found = self.tables.get(key)
        if found is None:
            alike = {id(one): one for name, one in self.tables.items() if _folded(name) == _folded(key)}
            found = next(iter(alike.values())) if len(alike) == 1 else TableIndex(key)
            self.tables[key] = found
        return found

    def add(self, item: Item) -> None:
        """Takes note of an item of the walk."""
        if isinstance(item, Created):
            table = self.tables.setdefault(item.key, TableIndex(item.key))
            table.created, table.binary, table.primary = item.names, item.binary, item.primary
            return
        if isinstance(item, Tied):
            self.ties.update(dict.fromkeys((item.key, *tie) for tie in item.ties))
            return
        header = item.header if isinstance(item, Tuples | Lines | Aside) else None
        table = self.table(header.key if header else REST)
        if header:
            table.headers.setdefault(header.number, header)
        if isinstance(item, Tuples):
            table.units += len(item.starts)
            table.octets += len(item.data)
            if item.loose:
                self.trouble += len(item.starts)
            if header and header.columns is None and header.number not in table.widths:
                first = item.data[int(item.starts[0]) : int(item.ends[0])]
                table.widths[header.number] = len(split(first, self.flavour))
        elif isinstance(item, Lines):
            table.units += item.count
            table.octets += len(item.data)
            if header and header.columns is None and header.number not in table.widths:
                table.widths[header.number] = item.data.split(b"\n", 1)[0].count(b"\t") + 1
        elif isinstance(item, Aside):
            table.units += item.units
            self.trouble += item.units
        self._stretch(table, item)

    def _stretch(self, table: TableIndex, item: Item) -> None:
        last = table.stretches[-1] if table.stretches else None
        if last and item.statement.offset - last.end <= self._near:
            last.end = max(last.end, item.after.offset)
            return
        table.stretches.append(Stretch(item.statement, item.after.offset))
        self._kept += 1
        if self._kept > _STRETCHES:
            self._near *= 4
            self._kept = 0
            for one in self.tables.values():
                one.stretches = _joined(one.stretches, self._near)
                self._kept += len(one.stretches)

    def tied(self, table: TableIndex) -> list[tuple[str, TableIndex, str]]:
        """The columns of a table that refer to others: column, the other table, its column."""
        found = []
        for key, column, other, there in self.ties:
            target = self._known(other)
            if target is not None and self._known(key) is table:
                own, their = (
                    _find(column, self.names(table)),
                    _find(there or target.primary or "", self.names(target)),
                )
                if own is not None and their is not None:
                    mine, theirs = shown_names(self.names(table)), shown_names(self.names(target))
                    found.append((mine[own], target, theirs[their]))
        return found

    def _known(self, key: Key) -> TableIndex | None:
        """The table of a key, if the dump has one."""
        alike = (one for name, one in self.tables.items() if _folded(name) == _folded(key))
        return self.tables.get(key) or next(alike, None)

    def names(self, table: TableIndex) -> list[str]:
        """The columns of a table: those that it was created with, then others that are spoken of."""
        names = list(table.created)
        for header in table.headers.values():
            for name in self._of(header, table):
                if _find(name, names) is None:
                    names.append(name)
        if table.created and table.headers and all(one.columns is None for one in table.headers.values()):
            used = [self._of(header, table) for header in table.headers.values()]
            if not any(name in table.created for each in used for name in each):
                names = names[len(table.created) :]
        return names

    def _of(self, header: Header, table: TableIndex) -> tuple[str, ...]:
        if header.columns is not None:
            return header.columns
        width = table.widths.get(header.number, len(table.created))
        if width == len(table.created):
            return table.created
        return tuple(f"col_{number}" for number in range(1, width + 1))

    def layout(self, header: Header) -> Layout:
        """How the rows under a header are to be read."""
        table = self.table(header.key)
        names = self.names(table)
        of = self._of(header, table)
        columns = tuple(_find(name, names) or 0 for name in of)
        octets = {name for name, binary in zip(table.created, table.binary, strict=True) if binary}
        binary = tuple(names[column] in octets for column in columns)
        return Layout(Reading(self.flavour, len(of), binary, self.encoding.fallback), columns)


def _folded(key: Key) -> Key:
    return key[0].casefold(), key[1].casefold()


def _find(name: str, names: list[str]) -> int | None:
    if name in names:
        return names.index(name)
    return next((place for place, other in enumerate(names) if other.casefold() == name.casefold()), None)


def _joined(stretches: list[Stretch], near: int) -> list[Stretch]:
    joined = stretches[:1]
    for one in stretches[1:]:
        if one.start.offset - joined[-1].end <= near:
            joined[-1].end = max(joined[-1].end, one.end)
        else:
            joined.append(one)
    return joined


def shown_names(names: list[str]) -> tuple[str, ...]:
    """Names of columns as a batch has them: distinct, on one line."""
    return named(names, len(names))


def index(source: Source, encoding: Encoding, flavour: Flavour, limits: Limits) -> Index:
    """The index of a dump. Where it is not certain what a backslash means, it means what leaves far less trouble."""
    found = _pass(source, encoding, flavour, limits)
    if found.trouble and not flavour.sure:
        other = _pass(source, encoding, replace(flavour, escapes=not flavour.escapes), limits)
        if 2 * other.trouble < found.trouble:
            return other
    return found


def _pass(source: Source, encoding: Encoding, flavour: Flavour, limits: Limits) -> Index:
    found = Index(flavour, encoding, Headers(flavour))
    with source.open() as raw:
        start = Place(Mode.STATEMENT, encoding.mark, 1)
        for item in Walker(Feed(raw, encoding), flavour, limits, found.headers, start).items():
            found.add(item)
    return found
