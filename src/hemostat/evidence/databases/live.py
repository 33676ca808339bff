"""Live PostgreSQL, MySQL and MariaDB: one read-only snapshot, every table in it, streamed.

Nothing of user or password reaches a name, a log or a message: what a driver says is never passed on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, Self

from hemostat.evidence.databases.address import is_address, parse_address, with_password
from hemostat.evidence.databases.mysql import MysqlDatabase
from hemostat.evidence.databases.postgresql import PostgresqlDatabase

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


def open_database(address: str, password: str | None = None) -> DatabaseSource:
    """The database at an address: ``postgresql://…``, ``mysql://…`` or ``mariadb://…``.

    Without a password in the address or here, the drivers look where they always do (``~/.pgpass``, PGPASSWORD).

    Raises:
        EvidenceError: the address makes no sense, the server cannot be reached or refuses, or the driver is missing.
    """
    found = with_password(parse_address(address), password)
    return PostgresqlDatabase(found) if found.scheme == "postgresql" else MysqlDatabase(found)


__all__ = ["DatabaseSource", "is_address", "open_database"]
