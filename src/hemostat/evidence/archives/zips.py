"""Zip archives: members are streamed, never written anywhere under their own names."""

from __future__ import annotations

import io
import stat
import zipfile
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, cast

from hemostat.evidence.archives.zips_locked import WALK, unlocked
from hemostat.evidence.base import Member, Source, Unreadable
from hemostat.evidence.guard import guarded
from hemostat.evidence.isolation.members import isolated_members
from hemostat.evidence.naming import Names
from hemostat.evidence.reasons import Reason
from hemostat.evidence.spool import PIECE

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from _typeshed import WriteableBuffer

    from hemostat.evidence.base import Limits

_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
_UNDER_AES = 99
_ENCRYPTED = 0x1
_LOCAL_HEADER = 30


@dataclass(frozen=True, slots=True)
class ZipContainer:
    """Zip, and what is zip by another name; office files have readers of their own that are surer."""

    passwords: tuple[str, ...] = field(default=(), repr=False)
    kind: str = "zip"

    def recognises(self, head: bytes, name: str) -> int:
        """By its first octets; an archive that a program was put in front of, by its last ones and its name."""
        if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
            return 90
        return 50 if name.lower().endswith(".zip") and b"PK\x05\x06" in head else 0

    def members(self, source: Source, limits: Limits) -> Generator[Member, None, None]:
        """The members in the order of the archive's directory. Their sources last until the next one is asked for.

        An archive that lost its directory, because it was cut, is gone through from its start.

        Raises:
            Unreadable: damaged, or beyond the limits.
        """
        try:
            with closing(source.open()) as raw:
                guarded(zipfile.ZipFile, raw).close()
        except Unreadable:
            yield from _up_to_the_cut(source, limits, self.passwords)
            return
        with closing(source.open()) as raw, closing(guarded(zipfile.ZipFile, raw)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            if len(entries) > limits.members:
                raise Unreadable(Reason.TOO_MANY_MEMBERS)
            overlapping = _overlapping(archive.infolist())
            budget = _Budget(limits.total_bytes)
            names = Names()
            passwords = list(self.passwords)
            for entry in entries:
                name = f"{source.name}!{names.fresh(entry.filename)}"
                reason = Reason.OVERLAP if entry.header_offset in overlapping else _refused(entry, limits)
                if reason == Reason.LOCKED and passwords:
                    with unlocked(name, source, entry, limits, passwords) as member:
                        yield member
                elif reason:
                    yield Member(name, entry.file_size, None, reason)
                else:
                    yield Member(name, entry.file_size, _source(name, archive, entry, limits, budget))


def _up_to_the_cut(source: Source, limits: Limits, passwords: Sequence[str]) -> Generator[Member, None, None]:
    """The members before the place where an archive is cut; the last one stands for those after it.

    Raises:
        Unreadable: there are none.
    """
    count = 0
    with closing(isolated_members(WALK, source, limits, {"passwords": list(passwords)})) as members:
        for member in members:
            count += 1
            last = member.name
            yield member
    if not count:
        raise Unreadable(Reason.DAMAGED)
    if "!(after member " not in last:
        yield Member(f"{source.name}!(after member {count})", None, None, Reason.READING_STOPPED)


def _overlapping(entries: list[zipfile.ZipInfo]) -> set[int]:
    """Where members start that share octets with others, as in bombs that unpack the same data many times."""
    found: set[int] = set()
    reach = -1
    start = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.header_offset < reach:
            found |= {start, entry.header_offset}
        end = entry.header_offset + _LOCAL_HEADER + len(entry.orig_filename) + entry.compress_size
        if end > reach:
            reach, start = end, entry.header_offset
    return found


def _refused(entry: zipfile.ZipInfo, limits: Limits) -> Reason | None:
    if stat.S_ISLNK(entry.external_attr >> 16):
        return Reason.LINK
    if entry.compress_type not in _PACKINGS and not (
        entry.compress_type == _UNDER_AES and entry.flag_bits & _ENCRYPTED
    ):
        return Reason.PACKING_NOT_READ
    if entry.file_size > limits.member_bytes:
        return Reason.TOO_LARGE
    if entry.file_size > limits.ratio_free and entry.file_size > limits.ratio * max(entry.compress_size, 1):
        return Reason.RATIO
    return Reason.LOCKED if entry.flag_bits & _ENCRYPTED else None


class _Budget:
    """Octets that the members of one archive may fill together."""

    def __init__(self, most: int) -> None:
        self._left = most
        self._far: dict[int, int] = {}

    def reached(self, entry: zipfile.ZipInfo, place: int) -> bool:
        """Whether the budget still holds once ``entry`` is unpacked up to ``place``. What is read again is free."""
        far = self._far.get(entry.header_offset, 0)
        if place > far:
            self._left -= place - far
            self._far[entry.header_offset] = place
        return self._left >= 0


def _source(
    name: str, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limits: Limits, budget: _Budget
) -> Source:
    def opened() -> BinaryIO:
        return cast("BinaryIO", io.BufferedReader(_Unpacked(archive, entry, limits, budget), PIECE))

    return Source(name, entry.file_size, opened, direct=False)


class _Unpacked(io.RawIOBase):
    """The octets of a member, within the limits.

    Raises:
        Unreadable: damaged, or more than it may be.
    """

    def __init__(
        self, archive: zipfile.ZipFile, entry: zipfile.ZipInfo, limits: Limits, budget: _Budget
    ) -> None:
        self._entry = entry
        self._limits = limits
        self._budget = budget
        self._raw = guarded(archive.open, entry)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._raw.tell()

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        return guarded(self._raw.seek, offset, whence)

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        data = guarded(self._raw.read, min(len(view), PIECE))
        view[: len(data)] = data
        self._watch()
        return len(data)

    def _watch(self) -> None:
        """Holds what was really unpacked against the limits, whatever the directory claims."""
        place = self._raw.tell()
        if place > self._limits.member_bytes or not self._budget.reached(self._entry, place):
            raise Unreadable(Reason.TOO_LARGE)
        if place > self._limits.ratio_free and place > self._limits.ratio * max(self._entry.compress_size, 1):
            raise Unreadable(Reason.RATIO)

    def close(self) -> None:
        self._raw.close()
        super().close()
