"""MySQL and MariaDB over their protocol in pure Python: rows are streamed from one consistent snapshot."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Self

import pyarrow as pa

from hemostat.errors import EvidenceError
from hemostat.evidence.base import Reference, Unreadable
from hemostat.evidence.databases.driver import driver, lost, refused
from hemostat.evidence.databases.rows import LARGE, batch, cell, numbered, octets
from hemostat.evidence.naming import shown
from hemostat.evidence.reasons import Reason
from hemostat.evidence.sql.reasons import SqlReason
from hemostat.model import CountMethod

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    from hemostat.evidence.base import Batch, Limits, TableSource
    from hemostat.evidence.databases.address import Address

_PORT = 3306
_SYSTEM = ("information_schema", "mysql", "performance_schema", "sys")
_TABLES = """
select table_schema, table_name, engine from information_schema.tables
where table_type in ('BASE TABLE', 'SYSTEM VERSIONED') and table_schema not in ('{system}'){which} order by 1, 2
"""
_KNOWN = "select 1 from information_schema.schemata where schema_name = %s"
_COLUMNS = """
select column_name, data_type in
    ('tinyblob', 'blob', 'mediumblob', 'longblob', 'binary', 'varbinary', 'bit', 'geometry', 'point', 'polygon')
from information_schema.columns where table_schema = %s and table_name = %s order by ordinal_position
"""
_REFERENCES = """
select min(column_name), referenced_table_schema, referenced_table_name, min(referenced_column_name)
from information_schema.key_column_usage
where table_schema = %s and table_name = %s and referenced_table_name is not null
group by constraint_name, referenced_table_schema, referenced_table_name having count(*) = 1 order by constraint_name
"""
_SETTINGS = (
    "set session transaction isolation level repeatable read",
    "set session time_zone = '+00:00'",
    "set session net_write_timeout = 3600",
    "start transaction with consistent snapshot, read only",
)
_REFUSED = (1044, 1045, 1142, 1143, 1227)
_OPTIONS = ("unix_socket", "ssl_ca", "ssl_cert", "ssl_key")
_ROWS = 2000
"""Rows fetched at once."""


class MysqlDatabase:
    """One snapshot of a database of MySQL or MariaDB, or of all databases of the server if none is named."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._driver = driver("pymysql", address)
        cursors = driver("pymysql.cursors", address)
        self._error: type[Exception] = self._driver.err.Error
        strange = sorted(set(address.options) - set(_OPTIONS))
        if strange:
            raise EvidenceError(
                f"Of the options in the address of {address.name}, {shown(strange[0])} is not known:"
                f" {', '.join(_OPTIONS)} are.",
                f"Parmi les options de l'adresse de {address.name}, {shown(strange[0])} n'est pas connue :"
                f" {', '.join(_OPTIONS)} le sont.",
            )
        try:
            self._connection = self._driver.connect(
                host=address.host or "localhost",
                port=address.port or _PORT,
                user=address.user or None,
                password=address.password,
                charset="utf8mb4",
                conv={},  # every value as the server writes it
                cursorclass=cursors.SSCursor,
                autocommit=True,
                connect_timeout=15,
                **address.options,
            )
        except (self._error, OSError, RuntimeError, ValueError):
            raise refused(address) from None
        try:
            for setting in _SETTINGS:
                self.ask(setting)
        except Unreadable:
            self.close()
            raise refused(address) from None

    @property
    def name(self) -> str:
        """``mysql://host/db``."""
        return self._address.name

    def close(self) -> None:
        """Ends the snapshot and the connection."""
        with suppress(self._error, OSError):
            self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def tables(self, limits: Limits) -> Iterator[TableSource]:
        """Every table of the snapshot that the user may see: see ``DatabaseSource``.

        Raises:
            EvidenceError: the server stopped answering, or there is no such database.
        """
        named = self._address.database
        which = " and table_schema = %s" if named else ""
        given = (named,) if named else ()
        try:
            found = self.ask(_TABLES.format(system="', '".join(_SYSTEM), which=which), given)
            known = not named or self.ask(_KNOWN, given)
        except Unreadable:
            raise lost(self._address) from None
        if not known:
            raise refused(self._address)
        for schema, table, engine in found:
            yield MysqlTable(self, schema, table, engine or "", limits, alone=bool(named))

    def ask(self, sql: str, given: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query, or none of a command.

        Raises:
            Unreadable: the server refused.
        """
        return [row for rows in self.some(sql, given) for row in rows]

    def some(self, sql: str, given: tuple[object, ...] = ()) -> Iterator[list[tuple[Any, ...]]]:
        """The rows of a query as they come, some at a time.

        Raises:
            Unreadable: the server refused or stopped.
        """
        try:
            with self._connection.cursor() as cursor:
                cursor.execute(sql, given or None)
                while rows := cursor.fetchmany(_ROWS):
                    yield list(rows)
        except (self._error, OSError) as fault:
            code = fault.args[0] if fault.args else None
            raise Unreadable(Reason.NO_PERMISSION if code in _REFUSED else SqlReason.SERVER) from None


@dataclass(slots=True)
class MysqlTable:
    """One table of a snapshot."""

    database: MysqlDatabase
    schema: str
    table: str
    engine: str
    limits: Limits
    alone: bool
    """Whether the address names the database."""
    kind: str = "mysql"
    count_method: str = CountMethod.DECLARED
    _columns: list[tuple[str, bool]] = field(default_factory=list)

    @property
    def name(self) -> str:
        """``mysql://host/db#table``."""
        schema = "" if self.alone else f"{self.schema}."
        return f"{self.database.name}#{shown(schema + self.table)}"

    @property
    def note(self) -> str:
        """How it is read, as ``key=value``. Engines other than InnoDB keep no snapshot: rows may come and go."""
        return f"columns={len(self._columns)}, engine={shown(self.engine)}"

    def count_units(self) -> int | None:
        """Rows, as the server counts them in the snapshot; None if it refuses."""
        try:
            return int(self.database.ask(f"select count(*) from {self._quoted()}")[0][0])  # noqa: S608 - names are quoted
        except Unreadable:
            return None

    @property
    def references(self) -> tuple[Reference, ...]:
        """The foreign keys of one column that the server declares."""
        try:
            listed = self.database.ask(_REFERENCES, (self.schema, self.table))
        except Unreadable:
            return ()
        return tuple(
            Reference(shown(own), replace(self, schema=schema, table=table).name, shown(their))
            for own, schema, table, their in listed
        )

    def _quoted(self) -> str:
        return f"{_name(self.schema)}.{_name(self.table)}"

    def batches(self, resume: dict[str, Any] | None) -> Iterator[Batch]:
        """The rows, in the order in which the server stores them.

        Raises:
            Unreadable: the server refused the table, or stopped.
        """
        listed = self.database.ask(_COLUMNS, (self.schema, self.table))
        self._columns = [(name, str(binary) == "1") for name, binary in listed]
        names = [name for name, _ in self._columns]
        wanted = ", ".join(_expression(name, binary=binary) for name, binary in self._columns)
        place = 0
        skip = 0 if resume is None else int(resume["row"])
        held: list[list[pa.Array]] = []
        size = 0
        for rows in self.database.some(f"select {wanted} from {self._quoted()}"):  # noqa: S608 - names are quoted
            held.append(list(self._made(rows)))
            size += len(rows)
            if size >= self.limits.batch_rows:
                place += size
                if place > skip:
                    yield self._batch(names, held, place - size, size)
                held, size = [], 0
        if size and place + size > skip:
            yield self._batch(names, held, place, size)

    def _batch(self, names: list[str], held: list[list[pa.Array]], place: int, size: int) -> Batch:
        columns = [pa.concat_arrays(parts) for parts in zip(*held, strict=True)]
        return batch(names, columns, size, numbered(place + 1, size), {"row": place + size})

    def _made(self, rows: list[tuple[Any, ...]]) -> Iterator[pa.Array]:
        cells = iter(zip(*rows, strict=True))
        for _, binary in self._columns:
            if binary:
                values, sizes = next(cells), next(cells)
                yield octets(values, (None if one is None else int(one) for one in sizes))
            else:
                yield pa.array([cell(value) for value in next(cells)], pa.string())


def _expression(name: str, *, binary: bool) -> str:
    column = _name(name)
    return f"if(length({column}) <= {LARGE}, {column}, null), length({column})" if binary else column


def _name(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"
