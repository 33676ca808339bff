"""What the readers of this package share: a source of octets, a table in it, a batch of its rows.

A reader is one file and one line in ``registry.READERS``; a container one line in ``registry.CONTAINERS``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol, runtime_checkable

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    import pyarrow as pa

    from hemostat.model import Quarantined


@dataclass(frozen=True, slots=True)
class Limits:
    """How far hostile input is followed. Every figure may be raised for evidence that is known to be honest."""

    batch_rows: int = 100_000
    """Rows aimed at in a batch."""
    block_least: int = 4 << 20
    """Octets of text read at once, at least."""
    block_most: int = 32 << 20
    """Octets of text read at once, at most; a longer line is quarantined."""
    quote_lines: int = 64
    """Lines that one quoted field may span."""
    quote_bytes: int = 1 << 20
    """Octets that one row may hold when it spans several lines."""
    members: int = 200_000
    """Members of one container."""
    member_bytes: int = 1 << 38
    """Octets of one member, unpacked."""
    total_bytes: int = 1 << 40
    """Octets of one piece of evidence, unpacked."""
    ratio: int = 400
    """How many times its packed size a member may fill, beyond the first ``ratio_free`` octets."""
    ratio_free: int = 64 << 20
    depth: int = 8
    """Containers within containers."""
    book_bytes: int = 1 << 30
    """Octets of one workbook, unpacked: its reader holds it in memory."""


@dataclass(frozen=True, slots=True)
class Source:
    """A named run of octets that can be read again from its start."""

    name: str
    """The evidence name: ``a.csv``, ``outer.zip!inner/file.csv``."""
    size: int | None
    open: Callable[[], BinaryIO]
    """A fresh stream, seekable, at its start."""
    direct: bool = True
    """Whether seeking is cheap; a packed member has to be unpacked again from its start."""
    once: bool = False
    """Whether reading it again means to go through its container again: it is kept aside while it is first read."""
    cut: str | None = None
    """Why it ends before its end: what comes after the last octet could not be unpacked."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Some rows of a table, in reading order, and the account of every unit met on the way.

    ``rows.num_rows + sum(q.units) + blank + header + out_of_scope == units``, by the reader's own account.
    """

    rows: pa.Table
    """All columns ``string``, nullable; an empty cell is null; columns are named by the headings as found."""
    line: pa.Int64Array | None
    """1-based physical line where each record starts, for line-based text."""
    locator: pa.StringArray | None
    """Where each record lies, when it has no line."""
    units: int
    blank: int
    header: int
    out_of_scope: int
    quarantined: tuple[Quarantined, ...]
    resume: dict[str, Any]
    """JSON; ``batches(resume)`` goes on right after this batch."""


class TableSource(Protocol):
    """One table of a source: the file itself, a sheet, a table of a dump."""

    @property
    def name(self) -> str:
        """The evidence name."""

    @property
    def kind(self) -> str:
        """A short word for the format, such as csv or xlsx."""

    @property
    def count_method(self) -> str:
        """independent, declared or reader: see ``model.CountMethod``."""

    @property
    def note(self) -> str:
        """How the table was read: encoding, delimiter, hidden sheet… Never a value of a row."""

    def count_units(self) -> int | None:
        """The number of units by a way that does not go through ``batches``; None when there is none."""

    def batches(self, resume: dict[str, Any] | None) -> Iterator[Batch]:
        """The rows, in batches that are the same at every reading."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A column whose values are those of a column of another table, as the evidence itself declares it."""

    place: str
    """The column that refers, as a batch names it."""
    target: str
    """The evidence name of the other table."""
    target_place: str
    """Its column."""


@runtime_checkable
class Referring(Protocol):
    """A table that knows which of its columns refer to others."""

    @property
    def references(self) -> tuple[Reference, ...]:
        """Its foreign keys of one column."""


class Reader(Protocol):
    """Knows one family of formats."""

    @property
    def kind(self) -> str:
        """A short word for the format."""

    @property
    def seeks(self) -> bool:
        """Whether it jumps about in the file: a packed member is unpacked for it first."""

    def recognises(self, head: bytes, name: str) -> int:
        """How sure it is that this is its format: 0 no … 100 sure. By content first, then by name.

        ``head`` is the beginning of the source; for zip-based formats, its end as well.
        """

    def tables(self, source: Source, limits: Limits) -> Iterator[TableSource]:
        """The tables of the source, each of which lasts until the next one is asked for.

        Raises:
            Unreadable: the whole source is to be quarantined, with this reason.
        """


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a container: a source to read, or the reason why it cannot be."""

    name: str
    size: int | None
    source: Source | None
    reason: str | None = None


@runtime_checkable
class Holder(Protocol):
    """What also holds files beside its own text: a message with attachments, a document with files put into it."""

    def members(self, source: Source, limits: Limits) -> Generator[Member, None, None]:
        """As for a container."""


class Container(Protocol):
    """Knows one family of archives."""

    @property
    def kind(self) -> str:
        """A short word for the format."""

    def recognises(self, head: bytes, name: str) -> int:
        """As for a reader."""

    def members(self, source: Source, limits: Limits) -> Generator[Member, None, None]:
        """The members, in the order of the archive, folders left out.

        Raises:
            Unreadable: the whole container is to be quarantined, with this reason.
        """


class Unreadable(Exception):  # noqa: N818 - a finding about the evidence, caught by the ledger, never shown
    """A source that cannot be read, with the id of the reason (``reasons.Reason``)."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
