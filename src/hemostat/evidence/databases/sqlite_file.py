"""SQLite files: every table of the file, rows in the order of their rowid. Nothing in clear touches the disk.

A file that lies in clear where it was taken is opened there, as if it could never change; a sealed copy is read into
memory, up to a limit: SQLite follows a path to where it leads, and what lies in memory is nowhere. A journal beside the
file is not looked at: what was not yet written back to the file is not in it.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from hemostat.evidence.base import Reference, Unreadable
from hemostat.evidence.databases.rows import batch, cell, numbered
from hemostat.evidence.naming import shown
from hemostat.evidence.reasons import Reason
from hemostat.evidence.sql.reasons import SqlReason
from hemostat.evidence.text import to_utf8
from hemostat.model import CountMethod

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hemostat.evidence.base import Batch, Limits, Source, TableSource

_MAGIC = b"SQLite format 3\0"
_JOURNALS = (b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83", b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7")
_WAL = b"\x02\x02"
_PLAIN = b"\x01\x01"
_IN_MEMORY = 384 << 20
"""Octets of a file that is read into memory: SQLite keeps a copy of its own."""
_VERSIONS = slice(18, 20)
"""Where the header says whether a write-ahead log is in use."""


@dataclass(frozen=True, slots=True)
class SqliteReader:
    """Reads SQLite files; names their journals."""

    path: str | None = None
    """Where the file can be opened, if it lies in clear."""
    kind: str = "sqlite"
    seeks: bool = True

    def recognises(self, head: bytes, name: str) -> int:  # noqa: ARG002 - its first octets are enough
        """By its first octets."""
        return 98 if head.startswith((_MAGIC, *_JOURNALS)) else 0

    def tables(self, source: Source, limits: Limits) -> Iterator[TableSource]:
        """The tables of the file, views left out; indexes of full text by the tables in which they keep it.

        Raises:
            Unreadable: damaged, larger than the limit, or the journal of another file.
        """
        with source.open() as raw:
            head = raw.read(_VERSIONS.stop)
        if not head.startswith(_MAGIC):
            raise Unreadable(SqlReason.SQLITE_JOURNAL)
        base = _Base(source, limits, self.path, wal=head[_VERSIONS] == _WAL)
        try:
            names = base.ask(
                "select name from sqlite_master where type = 'table' and name not like 'sqlite\\_%' escape '\\'"
                " and sql not like 'create virtual%' order by rowid"
            )
            for (name,) in names:
                yield SqliteTable(base, str(name))
        finally:
            base.close()


@dataclass(slots=True)
class _Base:
    """One file, opened when it is asked something, and open until it is closed."""

    source: Source
    limits: Limits
    path: str | None
    wal: bool
    _connection: sqlite3.Connection | None = None

    def ask(self, sql: str, given: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query.

        Raises:
            Unreadable: the file is damaged.
        """
        return list(self.each(sql, given, 1000))

    def each(self, sql: str, given: tuple[object, ...], size: int) -> Iterator[tuple[Any, ...]]:
        """The rows of a query, one by one, fetched ``size`` at a time.

        Raises:
            Unreadable: the file is damaged.
        """
        for rows in self.some(sql, given, size):
            yield from rows

    def some(self, sql: str, given: tuple[object, ...], size: int) -> Iterator[list[tuple[Any, ...]]]:
        """The rows of a query, ``size`` at a time.

        Raises:
            Unreadable: the file is damaged.
        """
        try:
            cursor = self._open().execute(sql, given)
            while rows := cursor.fetchmany(size):
                yield rows
        except (sqlite3.Error, OverflowError):
            raise Unreadable(Reason.DAMAGED) from None

    def _open(self) -> sqlite3.Connection:
        if self._connection is None:
            if self.path:
                base = sqlite3.connect(f"file:{self.path}?mode=ro&immutable=1", uri=True)
            else:
                base = self._in_memory()
            self._connection = base
            base.text_factory = _text
            for setting in ("trusted_schema = off", "cell_size_check = on", "query_only = on"):
                base.execute(f"pragma {setting}")
        return self._connection

    def _in_memory(self) -> sqlite3.Connection:
        most = min(self.limits.book_bytes, _IN_MEMORY)
        with self.source.open() as raw:
            data = bytearray(raw.read(most + 1))
        if len(data) > most:
            raise Unreadable(SqlReason.DATABASE_LARGE)
        if self.wal:  # a database in memory cannot have a log
            data[_VERSIONS] = _PLAIN
        base = sqlite3.connect(":memory:")
        base.deserialize(data)
        return base

    def close(self) -> None:
        """Lets go of the file; the next question opens it again."""
        if self._connection:
            self._connection.close()
        self._connection = None


def _text(octets: bytes) -> str:
    try:
        return octets.decode("utf-8")
    except UnicodeDecodeError:
        return to_utf8(octets)[0].decode("utf-8")


@dataclass(slots=True)
class SqliteTable:
    """One table of a SQLite file."""

    base: _Base
    table: str
    kind: str = "sqlite"
    count_method: str = CountMethod.DECLARED
    _columns: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The evidence name."""
        return f"{self.base.source.name}#{shown(self.table)}"

    @property
    def note(self) -> str:
        """How it is read, as ``key=value``."""
        return f"columns={len(self._names())}" + (", log=not read" if self.base.wal else "")

    def count_units(self) -> int | None:
        """Rows, as the database counts them; None if it cannot."""
        try:
            return int(self.base.ask(f"select count(*) from {_quoted(self.table)}")[0][0])  # noqa: S608 - names are quoted
        except Unreadable:
            return None

    def _names(self) -> list[str]:
        if not self._columns:
            listed = self.base.ask(f"pragma table_xinfo({_quoted(self.table)})")
            self._columns = [str(row[1]) for row in listed if row[-1] != 1]
        return self._columns

    @property
    def references(self) -> tuple[Reference, ...]:
        """The foreign keys of one column that the file declares."""
        try:
            listed = self.base.ask(f"pragma foreign_key_list({_quoted(self.table)})")
            counts = Counter(row[0] for row in listed)
            found = []
            for number, _, target, own, their, *_ in listed:
                other = their or self._primary(str(target))
                if counts[number] == 1 and other:
                    found.append(
                        Reference(
                            shown(str(own)),
                            f"{self.base.source.name}#{shown(str(target))}",
                            shown(str(other)),
                        )
                    )
        except Unreadable:
            return ()
        return tuple(found)

    def _primary(self, table: str) -> str | None:
        """The one column of the primary key of a table."""
        keys = [row[1] for row in self.base.ask(f"pragma table_xinfo({_quoted(table)})") if row[5]]
        return str(keys[0]) if len(keys) == 1 else None

    def _rowid(self) -> str | None:
        """A name for the rowid that no column bears; None where there is none."""
        taken = {name.casefold() for name in self._names()}
        free = next((name for name in ("rowid", "_rowid_", "oid") if name not in taken), None)
        if free:
            try:
                self.base.ask(f"select {free} from {_quoted(self.table)} limit 0")  # noqa: S608 - names are quoted
            except Unreadable:  # WITHOUT ROWID
                return None
        return free

    def batches(self, resume: dict[str, Any] | None) -> Iterator[Batch]:
        """The rows, in the order of their rowid; else in that of their primary key."""
        names, key = self._names(), self._rowid()
        columns = ", ".join(map(_quoted, names))
        place = 0 if resume is None else int(resume["row"])
        if key:
            last = None if resume is None else resume["rowid"]
            where = "" if last is None else f" where {key} > ?"
            sql = f"select {key}, {columns} from {_quoted(self.table)}{where} order by {key}"  # noqa: S608 - names are quoted
            given: tuple[object, ...] = () if last is None else (last,)
        else:
            sql = f"select null, {columns} from {_quoted(self.table)} limit -1 offset ?"  # noqa: S608 - names are quoted
            given = (place,)
        for rows in self.base.some(sql, given, self.base.limits.batch_rows):
            keys, *cells = zip(*rows, strict=True)
            made = [pa.array([cell(value) for value in column], pa.string()) for column in cells]
            count = len(rows)
            where_at = (
                pa.array([f"rowid {one}" for one in keys], pa.string()) if key else numbered(place + 1, count)
            )
            place += count
            yield batch(names, made, count, where_at, {"row": place, "rowid": keys[-1]})


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
