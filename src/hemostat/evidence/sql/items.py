"""What walking through a dump yields: tuples, lines, what cannot be read, tables created; each with its place."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from hemostat.evidence.sql.names import Header, Key
    from hemostat.evidence.sql.tuples import Found, Places


class Mode(StrEnum):
    """What comes next."""

    STATEMENT = "statement"
    TUPLE = "tuple"
    AFTER = "after"
    """What follows a tuple."""
    LOOSE = "loose"
    LINES = "lines"


@dataclass(frozen=True, slots=True)
class Place:
    """A place of a dump from which walking can go on."""

    mode: Mode
    offset: int
    """In the file."""
    line: int
    header: int | None = None
    """The number of the header in force."""
    database: str = ""
    delimiter: str = ";"


@dataclass(slots=True, kw_only=True)
class Item:
    """A stretch of a dump. ``data`` holds its text from ``offset`` in the file and ``line`` on."""

    statement: Place
    """From where the statement can be walked again."""
    after: Place
    """What comes next."""
    data: bytes
    offset: int
    line: int
    raw_size: Callable[[bytes], int] = len
    """Octets of the file that octets of ``data`` stand for."""

    def at(self, place: int) -> int:
        """Where in the file a place of ``data`` lies."""
        return self.offset + self.raw_size(self.data[:place])


@dataclass(slots=True, kw_only=True)
class Tuples(Item):
    """Strict tuples, or stretches of loose text where tuples were expected."""

    header: Header
    starts: Places
    ends: Places
    found: Found | None = None
    """What the search in bulk saw, if it was one."""
    loose: bool = False
    cut: bool = False
    """Whether the end of the dump cuts the last of them."""


@dataclass(slots=True, kw_only=True)
class Lines(Item):
    """Whole lines of COPY data."""

    header: Header
    count: int


@dataclass(slots=True, kw_only=True)
class Aside(Item):
    """Units that cannot be read; ``data`` is empty."""

    header: Header | None
    units: int
    size: int
    """Octets in the file."""
    reason: str


@dataclass(slots=True, kw_only=True)
class Created(Item):
    """A table that the dump creates; ``data`` is empty."""

    key: Key
    names: tuple[str, ...]
    binary: tuple[bool, ...]
    primary: str | None = None
    """The one column of its primary key."""


@dataclass(slots=True, kw_only=True)
class Tied(Item):
    """Columns of a table that are declared to refer to others; ``data`` is empty."""

    key: Key
    ties: tuple[tuple[str, Key, str | None], ...]
    """Column, the other table, its column (None: its primary key)."""
