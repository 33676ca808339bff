"""Live PostgreSQL, MySQL and MariaDB: one read-only snapshot, every table in it, streamed.

Nothing of user or password reaches a name, a log or a message: what a driver says is never passed on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, Self

from hemostat.evidence.database_address import SCHEMES, parse_address
from hemostat.evidence.database_mysql import MysqlDatabase
from hemostat.evidence.database_postgresql import PostgresqlDatabase

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    from hemostat.evidence.base import Limits, TableSource


class DatabaseSource(Protocol):
    """An open database: a snapshot that stays the same until it is closed."""

    @property
    def name(self) -> str:
        """``postgresql://host/db``."""

    def tables(self, limits: Limits) -> Iterator[TableSource]:
        """Every table of the snapshot, system tables and views left out, in the order of names.

        They can be read while the database is open, one after the other. ``batches(resume)`` goes on rightly within
        the same snapshot alone: a reading that was stopped is begun again on a new one.
        """

    def close(self) -> None:
        """Ends the snapshot and the connection, as leaving the ``with`` block does."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def is_address(given: str) -> bool:
    """Whether this names a live database rather than a file.

    >>> is_address("postgresql://db.example.org/clinic"), is_address("patients.csv")
    (True, False)
    """
    scheme, mark, _ = given.partition("://")
    return bool(mark) and scheme.lower() in SCHEMES


def open_database(address: str) -> DatabaseSource:
    """The database at an address: ``postgresql://…``, ``mysql://…`` or ``mariadb://…``.

    Raises:
        EvidenceError: the address makes no sense, the server cannot be reached or refuses, or the driver is missing.
    """
    found = parse_address(address)
    return PostgresqlDatabase(found) if found.scheme == "postgresql" else MysqlDatabase(found)
