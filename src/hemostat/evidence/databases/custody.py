"""Takes live databases into custody: each table as a sealed snapshot, all of one instant.

The password is used to come in and is kept nowhere: not in the case, the journal, a name or a message.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hemostat.evidence import custody
from hemostat.evidence.base import Limits, Unreadable
from hemostat.evidence.databases.live import open_database
from hemostat.evidence.databases.snapshot import snapshot
from hemostat.model import Silent

if TYPE_CHECKING:
    from hemostat.case import Case
    from hemostat.evidence.base import TableSource
    from hemostat.evidence.custody import Circumstances, Taken
    from hemostat.model import Progress


def take_database(
    case: Case,
    address: str,
    told: Circumstances,
    password: str | None = None,
    progress: Progress | None = None,
) -> tuple[Taken, ...]:
    """Takes every table of the database at an address, in one snapshot that ends when this returns.

    A table that the server refuses is listed with the reason. One whose content did not change since it was taken in
    the same role counts once.

    Raises:
        EvidenceError: the server cannot be reached or refuses, or the driver is missing.
        StorageError: the disk is full.
    """
    watch = progress or Silent()
    taken = []
    with open_database(address, password) as database:
        tables = list(database.tables(Limits()))
        for number, table in enumerate(tables):
            watch.step("custody", number, len(tables))
            taken.append(_take(case, table, told))
            watch.step("custody", number + 1, len(tables))
    return tuple(taken)


def _take(case: Case, table: TableSource, told: Circumstances) -> Taken:
    number = custody.next_id(case)
    sealed = custody.sealed_name(number)
    out = case.seal(sealed)
    try:
        kept = snapshot(table, out)
        out.close()
    except Unreadable as fault:
        out.discard()
        return custody.listed(case, table.name, fault.reason, told)
    except BaseException as fault:
        out.discard()
        if isinstance(fault, OSError):
            raise custody.storage(fault) from None
        raise
    known = case.rows(
        "select custody_id from custody where sha256 = ? and role = ? and name = ?",
        (kept.sha256, told.role, table.name),
    )
    if known:
        (case.path / "sealed" / sealed).unlink(missing_ok=True)
        case.journal("custody.again", name=table.name, sha256=kept.sha256, first=table.name, role=told.role)
        return custody.Taken(known[0][0], table.name, kept.sha256, kept.bytes, new=False)
    return custody.enter(case, custody.Taken(number, table.name, kept.sha256, kept.bytes), told)
