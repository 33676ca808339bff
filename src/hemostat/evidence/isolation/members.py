"""Members of containers that are read in another process: one pass, in the order of the container.

Small members are held in memory while they are the one reached; a larger one that is read again makes the container
be gone through again.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, BinaryIO

from hemostat.evidence.archives.single import Restarted
from hemostat.evidence.base import Member, Source, Unreadable
from hemostat.evidence.isolation.channel import DATA
from hemostat.evidence.isolation.process import Session, as_stream
from hemostat.evidence.naming import shown
from hemostat.evidence.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from hemostat.evidence.base import Limits

_PIECE = 256 << 10
_HELD = 32 << 20
"""Octets of a member that are held, so that reading it again costs nothing."""


def isolated_members(
    function: str, source: Source, limits: Limits, given: dict[str, Any] | None = None
) -> Generator[Member, None, None]:
    """The members that ``function`` finds in a container, in another process, in one pass.

    Args:
        function: ``hemostat.evidence.module:name``: a function of source and limits.
        source: the container.
        limits: how far to go.
        given: further arguments, as JSON: passwords.

    Raises:
        Unreadable: the whole container is to be quarantined, with this reason.
    """
    first = _Pass(function, source, limits, given or {})
    number = 0
    try:
        while True:
            try:
                about = first.next()
            except Unreadable as fault:
                if not number:
                    raise
                yield Member(f"{source.name}!(after member {number})", None, None, fault.reason)
                return
            if about is None:
                return
            name = _within(source.name, about["name"])
            if about["data"]:
                entry = _Entry(first, number)
                yield Member(
                    name, about["size"], Source(name, about["size"], entry.open, direct=False, once=True)
                )
            else:
                yield Member(name, about["size"], None, about["reason"])
            number += 1
    finally:
        first.close()


def _within(container: str, name: object) -> str:
    """The name of a member, which the parsing process cannot place elsewhere."""
    text = shown(str(name))
    return text if text.startswith(f"{container}!") else f"{container}!{text}"


class _Pass:
    """One pass through a container."""

    def __init__(self, function: str, source: Source, limits: Limits, given: dict[str, Any]) -> None:
        self._given = function, source, limits, given
        self._session = Session(function, source, limits, given)
        self._reached = -1
        self.place = 0
        """Octets read of the member reached."""

    def next(self) -> dict[str, Any] | None:
        """What there is to know of the next member; None at the end.

        Raises:
            Unreadable: the archive cannot be read on.
        """
        if self._reached >= 0 and not self._session.is_open:
            self._catch_up()
        about = self._session.ask("member").json()
        self._reached += 1
        self.place = 0
        return about if isinstance(about, dict) else None

    def _catch_up(self) -> None:
        """After the parsing process died of a member, goes to where it was."""
        target = self._reached
        self._reached = -1
        for _ in range(target + 1):
            self._session.ask("member")
        self._reached = target

    def is_at(self, number: int) -> bool:
        """Whether this member is the one reached."""
        return self._reached == number and self._session.is_open

    def again(self, number: int) -> _Pass:
        """A new pass, up to a member."""
        fresh = _Pass(*self._given)
        for _ in range(number + 1):
            fresh.next()
        return fresh

    def read(self) -> bytes:
        """Some octets more of the member reached; none at its end.

        Raises:
            Unreadable: it cannot be read on.
        """
        frame = self._session.ask("read", size=_PIECE)
        if frame.kind != DATA:
            raise Unreadable(Reason.PARSER_DIED)
        self.place += len(frame.payload)
        return frame.payload

    def close(self) -> None:
        """Ends the pass."""
        self._session.close()


class _Entry:
    """One member. What was read of it is held as long as it is small."""

    def __init__(self, first: _Pass, number: int) -> None:
        self._pass = first
        self._number = number
        self._held: list[bytes] = []
        self._size = 0
        self._whole = False

    def open(self) -> BinaryIO:
        """A stream from its start."""
        if self._whole:
            return io.BytesIO(b"".join(self._held))
        return as_stream(Restarted(self._pieces))

    def _pieces(self) -> Iterator[bytes]:
        place = 0
        for piece in list(self._held):
            yield piece
            place += len(piece)
        if self._pass.is_at(self._number) and self._pass.place == place:
            yield from self._read_on(self._pass, place)
            return
        other = self._pass.again(self._number)
        try:
            yield from self._skipped(other, place)
        finally:
            other.close()

    def _read_on(self, archive: _Pass, place: int) -> Iterator[bytes]:
        while piece := archive.read():
            if self._size == place and self._size + len(piece) <= _HELD:
                self._held.append(piece)
                self._size += len(piece)
            place += len(piece)
            yield piece
            if archive.place != place or not archive.is_at(
                self._number
            ):  # someone else reads in the meantime
                yield from self._again(place)
                return
        self._whole = self._size == place

    def _again(self, place: int) -> Iterator[bytes]:
        other = self._pass.again(self._number)
        try:
            yield from self._skipped(other, place)
        finally:
            other.close()

    @staticmethod
    def _skipped(archive: _Pass, place: int) -> Iterator[bytes]:
        """The octets from a place on."""
        skipped = 0
        while piece := archive.read():
            yield piece[max(place - skipped, 0) :]
            skipped += len(piece)
