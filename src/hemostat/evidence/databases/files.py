"""Files of databases, read in a process of their own; a large one that lies in clear is read where it lies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hemostat.evidence.databases.sqlite_file import IN_MEMORY
from hemostat.evidence.isolation.process import Isolated

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hemostat.evidence.base import Limits, Reader, Source, TableSource


@dataclass(frozen=True, slots=True)
class DatabaseFiles:
    """A reader of files of a database, careful with those it does not need to copy."""

    reader: Reader
    where: str
    """The reader's name, as the other process imports it."""

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
            Unreadable: damaged, or larger than the limit.
        """
        large = source.size is not None and source.size > IN_MEMORY and _in_clear(source)
        return (self.reader if large else Isolated(self.reader, self.where)).tables(source, limits)


def _in_clear(source: Source) -> bool:
    """Whether the source is a file that a library can open by itself."""
    with source.open() as raw:
        try:
            raw.fileno()
        except OSError:
            return False
    return True
