"""DuckDB files: every table of the file. Nothing in clear touches the disk, and nothing in the file can reach out.

It is opened read-only, with one thread, little memory and no way out; ``files`` lends it to a process of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa

from hemostat.evidence.base import Reference, Unreadable
from hemostat.evidence.databases.rows import LARGE, batch, numbered, octets
from hemostat.evidence.naming import shown
from hemostat.evidence.reasons import Reason
from hemostat.evidence.sql.reasons import SqlReason
from hemostat.evidence.tables.astext import as_text
from hemostat.model import CountMethod

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hemostat.evidence.base import Batch, Limits, Source, TableSource

_MAGIC = slice(8, 12)
_SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": False,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "allow_unsigned_extensions": False,
    "threads": 1,
    "memory_limit": "600MB",
    "temp_directory": "",
    "lock_configuration": True,
}
_AS_THEY_ARE = ("DATE", "TIMESTAMP", "FLOAT", "DOUBLE", "STRUCT", "MAP")
"""Types that ``astext`` knows how to write; others are written by the database."""


@dataclass(frozen=True, slots=True)
class DuckdbReader:
    """Reads DuckDB files."""

    path: str = ""
    """Where the file can be opened."""
    kind: str = "duckdb"
    seeks: bool = True

    def recognises(self, head: bytes, name: str) -> int:  # noqa: ARG002 - its first octets are enough
        """By its first octets."""
        return 98 if head[_MAGIC] == b"DUCK" else 0

    def tables(self, source: Source, limits: Limits) -> Iterator[TableSource]:
        """The tables of the file, views left out.

        Raises:
            Unreadable: of another version, encrypted, damaged or larger than the limit.
        """
        base = _Base(source, limits, self.path)
        try:
            for schema, table in base.ask(
                "select schema_name, table_name from duckdb_tables() where not internal and not temporary"
                " and database_name = current_database() order by table_oid"
            ):
                yield DuckdbTable(base, schema, table)
        finally:
            base.close()


@dataclass(slots=True)
class _Base:
    """One file, opened when it is asked something, and open until it is closed."""

    source: Source
    limits: Limits
    path: str
    _connection: duckdb.DuckDBPyConnection | None = None

    def open(self) -> duckdb.DuckDBPyConnection:
        """The connection.

        Raises:
            Unreadable: the file cannot be opened.
        """
        if self._connection is None:
            try:
                self._connection = duckdb.connect(self.path, read_only=True, config=_SETTINGS)
            except duckdb.Error as fault:
                locked = "encrypt" in str(fault).lower()
                raise Unreadable(Reason.ENCRYPTED if locked else SqlReason.DATABASE_VERSION) from None
        return self._connection

    def ask(self, sql: str, given: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query.

        Raises:
            Unreadable: the file is damaged.
        """
        connection = self.open()
        try:
            return connection.execute(sql, given).fetchall()
        except duckdb.Error:
            raise Unreadable(Reason.DAMAGED) from None

    def each(self, sql: str, given: tuple[object, ...], size: int) -> Iterator[pa.RecordBatch]:
        """The rows of a query, ``size`` at a time: by a cursor of their own, since another question would end them.

        Raises:
            Unreadable: the file is damaged.
        """
        cursor = self.open().cursor()
        try:
            yield from cursor.execute(sql, given).to_arrow_reader(size)
        except (duckdb.Error, pa.ArrowException):
            raise Unreadable(Reason.DAMAGED) from None
        finally:
            cursor.close()

    def close(self) -> None:
        """Lets go of the file; the next question opens it again."""
        if self._connection:
            self._connection.close()
        self._connection = None


@dataclass(slots=True)
class DuckdbTable:
    """One table of a DuckDB file."""

    base: _Base
    schema: str
    table: str
    kind: str = "duckdb"
    count_method: str = CountMethod.DECLARED

    @property
    def name(self) -> str:
        """The evidence name."""
        schema = "" if self.schema == "main" else f"{self.schema}."
        return f"{self.base.source.name}#{shown(schema + self.table)}"

    @property
    def note(self) -> str:
        """How it is read, as ``key=value``."""
        return f"columns={len(self._columns())}"

    def count_units(self) -> int | None:
        """Rows, as the database counts them; None if it cannot."""
        try:
            return int(self.base.ask(f"select count(*) from {self._quoted()}")[0][0])  # noqa: S608 - names are quoted
        except Unreadable:
            return None

    @property
    def references(self) -> tuple[Reference, ...]:
        """The foreign keys of one column that the file declares; they stay within a schema."""
        try:
            listed = self.base.ask(
                "select constraint_column_names[1], referenced_table, referenced_column_names[1]"
                " from duckdb_constraints() where constraint_type = 'FOREIGN KEY' and schema_name = ?"
                " and table_name = ? and database_name = current_database() and len(constraint_column_names) = 1"
                " order by constraint_index",
                (self.schema, self.table),
            )
        except Unreadable:
            return ()
        return tuple(
            Reference(shown(own), replace(self, table=target).name, shown(their))
            for own, target, their in listed
        )

    def _quoted(self) -> str:
        return ".".join(_quoted(name) for name in (self.schema, self.table))

    def _columns(self) -> list[tuple[str, str]]:
        return self.base.ask(
            "select column_name, data_type from duckdb_columns() where schema_name = ? and table_name = ?"
            " and database_name = current_database() order by column_index",
            (self.schema, self.table),
        )

    def batches(self, resume: dict[str, Any] | None) -> Iterator[Batch]:
        """The rows, in the order in which they are stored."""
        columns = self._columns()
        names = [name for name, _ in columns]
        place = 0 if resume is None else int(resume["row"])
        wanted = ", ".join(_expression(name, kind) for name, kind in columns)
        sql = f"select {wanted} from {self._quoted()} offset ?"  # noqa: S608 - names are quoted
        for rows in self.base.each(sql, (place,), self.base.limits.batch_rows):
            cells = iter(rows.columns)
            made = []
            for _, kind in columns:
                if kind == "BLOB":
                    made.append(octets(next(cells).to_pylist(), next(cells).to_pylist()))
                else:
                    made.append(as_text(next(cells)))
            where = numbered(place + 1, rows.num_rows)
            place += rows.num_rows
            yield batch(names, made, rows.num_rows, where, {"row": place})


def _expression(name: str, kind: str) -> str:
    column = _quoted(name)
    if kind == "BLOB":
        return f"case when octet_length({column}) <= {LARGE} then {column} end, octet_length({column})"
    return column if kind.startswith(_AS_THEY_ARE) or kind.endswith("]") else f"cast({column} as varchar)"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
