"""PostgreSQL over ADBC: rows come as columns, in a read-only transaction that sees one instant."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

import pyarrow as pa
import pyarrow.compute as pc

from hemostat.evidence.base import Reference, Unreadable
from hemostat.evidence.databases.driver import driver, lost, refused
from hemostat.evidence.databases.rows import LARGE, batch, numbered, octets
from hemostat.evidence.naming import shown
from hemostat.evidence.reasons import Reason
from hemostat.evidence.sql.cells import as_strings
from hemostat.evidence.sql.reasons import SqlReason
from hemostat.model import CountMethod

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    from hemostat.evidence.base import Batch, Limits, TableSource
    from hemostat.evidence.databases.address import Address

_TABLES = """
select n.nspname, c.relname from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where c.relkind = 'r' and c.relpersistence <> 't' and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
order by 1, 2
"""
"""Ordinary tables and the parts of divided ones; the whole of a divided table would show its rows twice."""
_COLUMNS = """
select a.attname, a.atttypid = 'bytea'::regtype from pg_catalog.pg_attribute a
join pg_catalog.pg_class c on c.oid = a.attrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where n.nspname = {schema} and c.relname = {table} and a.attnum > 0 and not a.attisdropped order by a.attnum
"""
_REFERENCES = """
select a.attname, n.nspname, f.relname, b.attname from pg_catalog.pg_constraint k
join pg_catalog.pg_class c on c.oid = k.conrelid join pg_catalog.pg_namespace o on o.oid = c.relnamespace
join pg_catalog.pg_class f on f.oid = k.confrelid join pg_catalog.pg_namespace n on n.oid = f.relnamespace
join pg_catalog.pg_attribute a on a.attrelid = k.conrelid and a.attnum = k.conkey[1]
join pg_catalog.pg_attribute b on b.attrelid = k.confrelid and b.attnum = k.confkey[1]
where k.contype = 'f' and array_length(k.conkey, 1) = 1 and o.nspname = {schema} and c.relname = {table}
order by k.conname
"""
_SETTINGS = (
    "begin isolation level repeatable read, read only",
    "set row_security = off",  # a policy then refuses the table, instead of hiding rows
    "set synchronize_seqscans = off",
    "set client_min_messages = error",
    "set search_path = ''",
    "set datestyle = 'ISO'",
    "set intervalstyle = 'iso_8601'",
    "set extra_float_digits = 3",
    "set bytea_output = 'hex'",
    "set timezone = 'UTC'",
)
_REFUSED = "42501"
_BATCH_BYTES = 8 << 20


class PostgresqlDatabase:
    """One snapshot of a PostgreSQL database."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._dbapi = driver("adbc_driver_postgresql.dbapi", address)
        self._error: type[Exception] = self._dbapi.Error
        whole = "postgresql://" + address.whole.partition("://")[2]
        if "connect_timeout" not in address.options:
            whole += ("&" if "?" in whole else "?") + "connect_timeout=15"
        try:
            self._connection = self._dbapi.connect(whole, autocommit=True)
        except self._error:
            raise refused(address) from None
        self._cursor: Any = None
        try:
            for setting in _SETTINGS:
                self.ask(setting)
        except Unreadable:
            self.close()
            raise refused(address) from None

    @property
    def name(self) -> str:
        """``postgresql://host/db``."""
        return self._address.name

    def close(self) -> None:
        """Ends the snapshot and the connection."""
        with suppress(self._error):
            self._free()
            self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def tables(self, limits: Limits) -> Iterator[TableSource]:
        """Every table of the snapshot: see ``DatabaseSource``.

        Raises:
            EvidenceError: the server stopped answering.
        """
        try:
            found = self.ask(_TABLES)
        except Unreadable:
            raise lost(self._address) from None
        for schema, table in found:
            yield PostgresqlTable(self, schema, table, limits)

    def _free(self) -> None:
        if self._cursor is not None:
            self._cursor.close()
            self._cursor = None

    def _execute(self, sql: str) -> Any:
        self._free()
        self._cursor = self._connection.cursor()
        self._cursor.adbc_statement.set_options(
            **{"adbc.postgresql.batch_size_hint_bytes": str(_BATCH_BYTES)}
        )
        self._cursor.execute(sql)
        return self._cursor

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """All rows of a query, or none of a command.

        Raises:
            Unreadable: the server refused.
        """
        try:
            cursor = self._execute(sql)
            return list(cursor.fetchall()) if cursor.description else []
        except self._error as fault:
            raise Unreadable(_reason(fault)) from None
        finally:
            with suppress(self._error):
                self._free()

    def stream(self, sql: str) -> Iterator[pa.RecordBatch]:
        """The rows of a query as they come.

        Raises:
            Unreadable: the server refused or stopped.
        """
        try:
            yield from self._execute(sql).fetch_record_batch()
        except (self._error, pa.ArrowException, OSError) as fault:
            raise Unreadable(_reason(fault)) from None
        finally:
            with suppress(self._error):
                self._free()

    def ask_safely(self, sql: str) -> list[tuple[Any, ...]]:
        """The same as ``ask``, such that the snapshot outlives a refusal.

        Raises:
            Unreadable: the server refused.
        """
        self.ask("savepoint hemostat")
        try:
            return self.ask(sql)
        except Unreadable:
            self.ask("rollback to savepoint hemostat")
            raise


def _reason(fault: Exception) -> str:
    return Reason.NO_PERMISSION if getattr(fault, "sqlstate", None) == _REFUSED else SqlReason.SERVER


@dataclass(slots=True)
class PostgresqlTable:
    """One table of a snapshot."""

    database: PostgresqlDatabase
    schema: str
    table: str
    limits: Limits
    kind: str = "postgresql"
    count_method: str = CountMethod.DECLARED
    _columns: list[tuple[str, bool]] = field(default_factory=list)

    @property
    def name(self) -> str:
        """``postgresql://host/db#schema.table``."""
        return f"{self.database.name}#{shown(f'{self.schema}.{self.table}')}"

    @property
    def note(self) -> str:
        """How it is read, as ``key=value``."""
        return f"columns={len(self._columns)}"

    def count_units(self) -> int | None:
        """Rows, as the server counts them in the snapshot; None if it refuses."""
        try:
            return int(self.database.ask_safely(f"select count(*) from only {self._quoted()}")[0][0])  # noqa: S608 - names are quoted
        except Unreadable:
            return None

    @property
    def references(self) -> tuple[Reference, ...]:
        """The foreign keys of one column that the server declares."""
        try:
            listed = self.database.ask_safely(
                _REFERENCES.format(schema=_text(self.schema), table=_text(self.table))
            )
        except Unreadable:
            return ()
        base = self.database.name
        return tuple(
            Reference(shown(own), f"{base}#{shown(f'{schema}.{table}')}", shown(their))
            for own, schema, table, their in listed
        )

    def _quoted(self) -> str:
        return f"{_name(self.schema)}.{_name(self.table)}"

    def batches(self, resume: dict[str, Any] | None) -> Iterator[Batch]:
        """The rows, in the order in which the server stores them.

        Raises:
            Unreadable: the server refused the table, or stopped.
        """
        self._columns = self.database.ask(_COLUMNS.format(schema=_text(self.schema), table=_text(self.table)))
        names = [name for name, _ in self._columns]
        skip = 0 if resume is None else int(resume["row"])
        self.database.ask("savepoint hemostat")
        wanted = ", ".join(_expression(name, binary=binary) for name, binary in self._columns)
        place = 0
        try:
            for rows in self.database.stream(f"select {wanted} from only {self._quoted()}"):  # noqa: S608 - names are quoted
                for start in range(0, rows.num_rows, self.limits.batch_rows):
                    some = rows.slice(start, self.limits.batch_rows)
                    place += some.num_rows
                    if place > skip:
                        where = numbered(place - some.num_rows + 1, some.num_rows)
                        yield batch(names, list(self._made(some)), some.num_rows, where, {"row": place})
        except Unreadable:
            with suppress(Unreadable):
                self.database.ask("rollback to savepoint hemostat")
            raise

    def _made(self, rows: pa.RecordBatch) -> Iterator[pa.Array]:
        cells = iter(rows.columns)
        for _, binary in self._columns:
            if binary:
                yield octets(next(cells).to_pylist(), next(cells).to_pylist())
            else:
                text = next(cells)
                text = as_strings(
                    text.view(pa.binary()), "cp1252"
                )  # a database in SQL_ASCII holds any octets
                yield _or_null(text)


def _or_null(text: pa.Array) -> pa.Array:
    return pc.if_else(pc.equal(text, ""), pa.scalar(None, pa.string()), text)


def _expression(name: str, *, binary: bool) -> str:
    column = _name(name)
    if binary:
        return f"case when octet_length({column}) <= {LARGE} then {column} end, octet_length({column})"
    return f"{column}::text"


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
