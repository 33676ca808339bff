"""Archives read by libarchive: tar (packed or not), 7z, rar, cpio, cab, iso, lha; and zip under a password.

The library works in a process of its own. Members come in one pass, in the order of the archive; small ones are held
in memory while they are the member reached, a larger one that is read again makes the archive be gone through again.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, BinaryIO

from hemostat.evidence.archives_single import Restarted, begins, kind_of
from hemostat.evidence.base import Member, Source, Unreadable
from hemostat.evidence.isolation import Session, as_stream
from hemostat.evidence.isolation_channel import DATA
from hemostat.evidence.naming import shown
from hemostat.evidence.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hemostat.evidence.base import Limits

_WALK = "hemostat.evidence.archives_walk:members"
_MAGIC = re.compile(
    rb"\A(?:7z\xbc\xaf\x27\x1c|Rar!\x1a\x07|MSCF\0\0\0\0|!<arch>\n|07070[127]|\xc7\x71|\x71\xc7|.{2}-l[hz][0-9sd]-"
    rb"|.{257}ustar|.{32769}CD001)",
    re.DOTALL,
)
_TAR_NAME = re.compile(r"\.(?:tar(?:\.\w{1,5})?|tgz|taz|tbz2?|txz|tzst)\Z", re.IGNORECASE)
_TAR_BLOCK = 512
_PIECE = 256 << 10
_HELD = 32 << 20
"""Octets of a member that are held, so that reading it again costs nothing."""


@dataclass(frozen=True, slots=True)
class ArchiveContainer:
    """Archives of many formats."""

    passwords: tuple[str, ...] = field(default=(), repr=False)
    kind: str = "archive"

    def recognises(self, head: bytes, name: str) -> int:
        """By what it begins with; under compression, by what is unpacked first."""
        if _MAGIC.match(head) or _is_old_tar(head[:_TAR_BLOCK]):
            return 96
        if kind_of(head):
            first = begins(head, _TAR_BLOCK)
            if _MAGIC.match(first) or _is_old_tar(first) or (not first and _TAR_NAME.search(name)):
                return 97
        return 0

    def members(self, source: Source, limits: Limits) -> Iterator[Member]:
        """The members in the order of the archive. Their sources last until the next one is asked for.

        Raises:
            Unreadable: damaged from the start, encrypted, or the library that reads archives is missing.
        """
        return _members(source, limits, self.passwords)


def open_encrypted_zip(source: Source, limits: Limits, passwords: Sequence[str]) -> Iterator[Member]:
    """The members of a zip of which some are encrypted, by ZipCrypto or as WinZip does (AES).

    A member that none of the passwords opens raises ``Unreadable(ENCRYPTED)`` when its source is read.

    Raises:
        Unreadable: damaged from the start, or the library that reads archives is missing.
    """
    return _members(source, limits, passwords)


def _is_old_tar(block: bytes) -> bool:
    """Whether a block is the header of a tar without a mark: its checksum tells."""
    if len(block) < _TAR_BLOCK or not block[0]:
        return False
    told = re.fullmatch(rb"[ 0]*([0-7]{1,6})[ \0]*", block[148:156])
    return told is not None and int(told[1], 8) == sum(block[:148]) + 8 * 32 + sum(block[156:])


def _members(source: Source, limits: Limits, passwords: Sequence[str]) -> Iterator[Member]:
    first = _Pass(source, limits, passwords)
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
                yield Member(name, about["size"], Source(name, about["size"], entry.open, direct=False))
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
    """One pass through an archive."""

    def __init__(self, source: Source, limits: Limits, passwords: Sequence[str]) -> None:
        self._given = source, limits, passwords
        self._session = Session(_WALK, source, limits, {"passwords": list(passwords)})
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
