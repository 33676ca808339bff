"""Files of databases, read in a process of their own, which opens what is lent to it.

A file that lies in clear is lent as it lies, under the path of the open file. Of a sealed one, a copy may be lent that
lies in memory, up to a limit: for DuckDB, which opens paths alone. The other process may write nothing, and could not
hold that copy itself.
"""

from __future__ import annotations

import os
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hemostat.evidence.base import Unreadable
from hemostat.evidence.databases.rows import in_memory
from hemostat.evidence.isolation.process import isolated_tables
from hemostat.evidence.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hemostat.evidence.base import Limits, Reader, Source, TableSource


@dataclass(frozen=True, slots=True)
class DatabaseFiles:
    """A reader of files of a database, set to work elsewhere."""

    reader: Reader
    where: str
    """The reader's class, as the other process imports it: it takes the ``path`` of what is lent."""
    copies: bool
    """Whether a copy in memory is lent of what does not lie in clear; else the reader has the source alone."""

    @property
    def kind(self) -> str:
        """A short word for the format."""
        return self.reader.kind

    @property
    def seeks(self) -> bool:
        """It jumps about in the file."""
        return self.reader.seeks

    def recognises(self, head: bytes, name: str) -> int:
        """As the reader does."""
        return self.reader.recognises(head, name)

    def tables(self, source: Source, limits: Limits) -> Iterator[TableSource]:
        """The tables of the file.

        Raises:
            Unreadable: damaged, of another version, encrypted, or larger than the limit.
        """
        with _lent(source, limits.book_bytes if self.copies else None) as path:
            yield from isolated_tables(self.where, source, limits, {"path": path})


@contextmanager
def _lent(source: Source, most: int | None) -> Iterator[str | None]:
    """A path under which another process can open the source, within the ``with`` block.

    Args:
        source: the file.
        most: octets of a copy in memory; None if there is to be none, and then no path.

    Raises:
        Unreadable: larger than ``most`` octets, or the system has no such paths.
    """
    if not Path("/proc/self/fd").exists():
        raise Unreadable(Reason.KIND_NOT_READ)
    handle = _handle(source, most)
    try:
        yield None if handle is None else f"/proc/{os.getpid()}/fd/{handle}"
    finally:
        if handle is not None:
            os.close(handle)


def _handle(source: Source, most: int | None) -> int | None:
    with source.open() as raw:
        with suppress(OSError):
            return os.dup(raw.fileno())
        return None if most is None else in_memory(raw, most)  # not counted as memory of this process
