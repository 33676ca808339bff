"""Members of zip archives under a password, by ZipCrypto or as WinZip does (AES): each by itself to libarchive.

The archive's own directory stays with the standard library, so that names are the same with and without a password.
"""

from __future__ import annotations

import io
import struct
import zipfile
from contextlib import closing, contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, BinaryIO

from hemostat.evidence.base import Member, Source, Unreadable
from hemostat.evidence.isolation.members import isolated_members
from hemostat.evidence.isolation.process import as_stream
from hemostat.evidence.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _typeshed import WriteableBuffer

    from hemostat.evidence.base import Limits

WALK = "hemostat.evidence.archives.walk:members"
"""What goes through an archive, in the parsing process."""
_NAME = b"member"
_ZIP64, _AES = 0x0001, 0x9901
_MOST = 0xFFFFFFFF
_PIECE = 256 << 10
_SURE = 64 << 10
"""Octets after which a password is right although the member is damaged further on: noise does not unpack that far."""
_NOT_IT = (Reason.ENCRYPTED, Reason.DAMAGED)


@contextmanager
def unlocked(
    name: str, source: Source, entry: zipfile.ZipInfo, limits: Limits, passwords: list[str]
) -> Iterator[Member]:
    """A member opened by one of the passwords, the one that does moved to their front; else the member with its reason.

    Its source lasts as long as the ``with`` block.
    """
    alone = Source(name, None, lambda: as_stream(_alone(source, entry)))
    reason = Reason.LOCKED
    for password in tuple(passwords):
        with closing(isolated_members(WALK, alone, limits, {"passwords": [password]})) as members:
            try:
                member = next(members, None)
                opens = member is not None and member.source is not None and _opens(member.source, entry)
            except Unreadable as fault:
                reason = Reason(fault.reason) if fault.reason not in _NOT_IT else reason
                continue
            if opens and member is not None and member.source is not None:
                passwords.remove(password)
                passwords.insert(0, password)
                yield Member(name, entry.file_size, replace(member.source, name=name, size=entry.file_size))
                return
    yield Member(name, entry.file_size, None, reason)


def _opens(source: Source, entry: zipfile.ZipInfo) -> bool:
    """Whether a member can be read to its end. One octet or two tell a wrong password, and may be right by chance."""
    place = 0
    try:
        with source.open() as raw:
            while piece := raw.read(_PIECE):
                place += len(piece)
    except Unreadable as fault:
        if fault.reason not in _NOT_IT:
            return fault.reason in (Reason.TOO_LARGE, Reason.RATIO)
        return place > _SURE and entry.compress_type != zipfile.ZIP_STORED
    return True


def _alone(source: Source, entry: zipfile.ZipInfo) -> io.RawIOBase:
    """An archive with this member and no other, its octets read from where they lie."""
    raw = source.open()
    raw.seek(entry.header_offset)
    head = raw.read(30)
    start = entry.header_offset + 30 + sum(struct.unpack("<HH", head[26:30]))
    large = max(entry.file_size, entry.compress_size) >= _MOST
    sizes = (_MOST, _MOST) if large else (entry.compress_size, entry.file_size)
    extra = struct.pack("<HHQQ", _ZIP64, 16, entry.file_size, entry.compress_size) if large else b""
    extra += _field(entry.extra, _AES)
    packing = 99 if _field(entry.extra, _AES) else entry.compress_type
    year, month, day, hour, minute, second = entry.date_time
    moment = hour << 11 | minute << 5 | second // 2, (year - 1980) << 9 | month << 5 | day
    shared = struct.pack(
        "<HHHHHLLLHH", 51, entry.flag_bits, packing, *moment, entry.CRC, *sizes, len(_NAME), len(extra)
    )
    local = b"PK\3\4" + shared + _NAME + extra
    listed = b"PK\1\2" + struct.pack("<H", 51) + shared + bytes(14) + _NAME + extra
    place = len(local) + entry.compress_size
    end = (
        struct.pack("<4sQHHLLQQQQ", b"PK\6\6", 44, 51, 51, 0, 0, 1, 1, len(listed), place)
        + struct.pack("<4sLQL", b"PK\6\7", 0, place + len(listed), 1)
        + struct.pack("<4sHHHHLLH", b"PK\5\6", 0, 0, 1, 1, len(listed), min(place, _MOST), 0)
    )
    return _Joined(local, raw, start, entry.compress_size, listed + end)


def _field(extra: bytes, wanted: int) -> bytes:
    """One of the extra fields of a member, whole; nothing if it is not there."""
    place = 0
    while place + 4 <= len(extra):
        kind, size = struct.unpack("<HH", extra[place : place + 4])
        if kind == wanted:
            return extra[place : place + 4 + size]
        place += 4 + size
    return b""


class _Joined(io.RawIOBase):
    """Some octets, a stretch of a stream, and some octets more."""

    def __init__(self, before: bytes, raw: BinaryIO, start: int, size: int, after: bytes) -> None:
        self._before, self._raw, self._start, self._middle, self._after = before, raw, start, size, after
        self._size = len(before) + size + len(after)
        self._place = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._size}[whence]
        self._place = max(base + offset, 0)
        return self._place

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        data = self._next(len(view))
        view[: len(data)] = data
        self._place += len(data)
        return len(data)

    def _next(self, size: int) -> bytes:
        place = self._place
        if place < len(self._before):
            return self._before[place : place + size]
        place -= len(self._before)
        if place < self._middle:
            self._raw.seek(self._start + place)
            return self._raw.read(min(size, self._middle - place))
        place -= self._middle
        return self._after[place : place + size]

    def close(self) -> None:
        self._raw.close()
        super().close()
