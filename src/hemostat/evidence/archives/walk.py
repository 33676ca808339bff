"""Goes through an archive with libarchive, once, member by member. Meant for the parsing process only.

Formats and filters are named one by one: some of those left out would open other files, or start other programs.
"""

from __future__ import annotations

import io
from contextlib import contextmanager
from ctypes import POINTER, c_int, c_longlong, c_ssize_t, c_void_p, cast, create_string_buffer
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, BinaryIO
from typing import cast as as_type

from hemostat.evidence.base import Member, Source, Unreadable
from hemostat.evidence.naming import Names
from hemostat.evidence.reasons import Reason

try:
    from libarchive import ffi
    from libarchive.entry import ArchiveEntry
    from libarchive.exception import ArchiveError
except (
    ImportError,
    AttributeError,
    OSError,
    TypeError,
):  # what a missing system library raises depends on the system
    ffi = None

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from _typeshed import WriteableBuffer

    from hemostat.evidence.base import Limits

_FORMATS = ("7zip", "ar", "cab", "cpio", "iso9660", "lha", "rar", "rar5", "tar", "zip")
_FILTERS = ("gzip", "bzip2", "compress", "lzip", "lzma", "xz", "zstd", "lz4")
_BLOCK = 256 << 10
_PIECE = 16 << 10
_FOLDER, _FILE, _LINK = 0o040000, 0o100000, 0o120000
_KIND = 0o170000
_SEVEN, _FAMILY = 0xE0000, 0xFF0000


def members(source: Source, limits: Limits, passwords: Sequence[str] = ()) -> Iterator[Member]:
    """The members in the order of the archive, folders left out. A source lasts until the next member is asked for.

    Raises:
        Unreadable: damaged from the start, encrypted, or the library is missing.
    """
    if ffi is None:
        raise Unreadable(Reason.NEEDS_LIBARCHIVE)
    with source.open() as raw, _opened(raw, passwords) as archive:
        budget = _Budget(archive, limits)
        names = Names()
        count = 0
        while True:
            entry = ArchiveEntry(archive)
            try:
                if ffi.read_next_header2(archive, entry._entry_p) == ffi.ARCHIVE_EOF:  # noqa: SLF001 - as the library does
                    return
            except ArchiveError as fault:
                reason = _reason(fault)
                if not count:
                    raise Unreadable(reason) from None
                yield _rest(source, count, Reason.READING_STOPPED if reason == Reason.DAMAGED else reason)
                return
            if entry.filetype & _KIND == _FOLDER:
                continue
            count += 1
            if count > limits.members:
                yield _rest(source, count - 1, Reason.TOO_MANY_MEMBERS)
                return
            yield _member(source.name, entry, names, archive, budget)
            if budget.spent:
                yield _rest(source, count, budget.spent)
                return


def _rest(source: Source, count: int, reason: Reason) -> Member:
    """Stands for all that comes after so many members."""
    return Member(f"{source.name}!(after member {count})", None, None, reason)


def _member(container: str, entry: Any, names: Names, archive: Any, budget: _Budget) -> Member:
    plain = entry.pathname
    if isinstance(plain, bytes):
        plain = plain.decode("utf-8", "surrogateescape")
    name = f"{container}!{names.fresh(plain or '')}"
    kind = entry.filetype & _KIND
    size = entry.size if ffi.entry_size_is_set(entry._entry_p) else None  # noqa: SLF001 - as the library does
    if kind == _LINK or entry.islnk:
        return Member(name, size, None, Reason.LINK)
    if kind not in (_FILE, 0):
        return Member(name, size, None, Reason.NOT_A_FILE)
    if size is not None and size > budget.limits.member_bytes:
        return Member(name, size, None, Reason.TOO_LARGE)
    if ffi.entry_is_data_encrypted(entry._entry_p) > 0 and _is_seven(archive):  # noqa: SLF001 - as the library does
        return Member(name, size, None, Reason.LOCKED)

    def opened() -> BinaryIO:
        locked = ffi.entry_is_data_encrypted(entry._entry_p) > 0  # noqa: SLF001 - as the library does
        return as_type("BinaryIO", io.BufferedReader(_Unpacked(archive, budget, locked=locked), _PIECE))

    return Member(name, size, Source(name, size, opened, direct=False))


def _is_seven(archive: Any) -> bool:
    """Whether this is 7z, of which the library reads the names of what is encrypted and no more."""
    return int(ffi.format(archive)) & _FAMILY == _SEVEN


@dataclass(slots=True)
class _Budget:
    """What the members of one archive may fill together."""

    archive: Any
    limits: Limits
    spent: Reason | None = None
    """Why nothing more is unpacked."""
    _total: int = 0

    def take(self, size: int, place: int) -> None:
        """Counts ``size`` octets more, up to ``place`` in the member.

        Raises:
            Unreadable: more than may be.
        """
        self._total += size
        if place > self.limits.member_bytes or self._total > self.limits.total_bytes:
            self.spent = Reason.TOO_LARGE
        packed = ffi.filter_bytes(self.archive, -1)
        if self._total > self.limits.ratio_free and self._total > self.limits.ratio * max(packed, 1):
            self.spent = Reason.RATIO
        if self.spent:
            raise Unreadable(self.spent)


class _Unpacked(io.RawIOBase):
    """The octets of the member reached.

    Raises:
        Unreadable: damaged, encrypted, or more than it may be.
    """

    def __init__(self, archive: Any, budget: _Budget, *, locked: bool) -> None:
        self._archive = archive
        self._budget = budget
        self._locked = locked
        self._place = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        held = create_string_buffer(min(len(view), _PIECE))
        try:
            size = ffi.read_data(self._archive, held, len(held))
        except ArchiveError as fault:
            wrong = self._locked and not self._place
            raise Unreadable(Reason.ENCRYPTED if wrong else _reason(fault)) from None
        view[:size] = held.raw[:size]
        self._place += size
        self._budget.take(size, self._place)
        return int(size)


def _reason(fault: Any) -> Reason:
    words = str(getattr(fault, "msg", "")).lower()
    if "encrypt" in words or "passphrase" in words or "crypto" in words:
        return Reason.ENCRYPTED
    if "unsupported" in words or "not supported" in words or "doesn't support" in words:
        return Reason.PACKING_NOT_READ
    return Reason.DAMAGED


@dataclass(slots=True)
class _Feed:
    """Gives an archive its octets. Nothing may be raised through the library: faults are kept for later."""

    raw: BinaryIO
    fault: Unreadable | None = None
    _buffer: Any = field(default_factory=lambda: create_string_buffer(_BLOCK))

    def read(self, _archive: Any, _context: Any, place: Any) -> int:
        """Some octets, in our buffer."""
        try:
            data = self.raw.read(_BLOCK)
        except Unreadable as fault:
            self.fault = fault
            return -1
        self._buffer[: len(data)] = data
        cast(place, POINTER(c_void_p))[0] = cast(self._buffer, c_void_p)
        return len(data)

    def seek(self, _archive: Any, _context: Any, offset: int, whence: int) -> int:
        """Goes elsewhere."""
        try:
            return self.raw.seek(offset, whence)
        except Unreadable as fault:
            self.fault = fault
            return -1


@contextmanager
def _opened(raw: BinaryIO, passwords: Sequence[str]) -> Iterator[Any]:
    """An archive, open.

    Raises:
        Unreadable: it is none, or damaged from the start.
    """
    feed = _Feed(raw)
    read, seek = ffi.READ_CALLBACK(feed.read), ffi.SEEK_CALLBACK(feed.seek)
    archive = ffi.read_new()
    try:
        for name in _FORMATS:
            ffi.get_read_format_function(name)(archive)
        for name in _FILTERS:
            ffi.get_read_filter_function(name)(archive)
        for password in passwords:
            ffi.read_add_passphrase(archive, password.encode())
        ffi.read_set_seek_callback(archive, seek)
        try:
            ffi.read_open(archive, None, ffi.NO_OPEN_CB, read, ffi.NO_CLOSE_CB)
        except ArchiveError as fault:
            raise Unreadable(feed.fault.reason if feed.fault else _reason(fault)) from None
        yield archive
    finally:
        ffi.read_free(archive)


if ffi is not None:
    ffi.ffi("entry_size_is_set", [c_void_p], c_int)
    ffi.ffi("format", [c_void_p], c_int)
    ffi.ffi("entry_is_data_encrypted", [c_void_p], c_int)
    ffi.ffi("entry_size", [c_void_p], c_longlong)
    ffi.ffi("read_data", [c_void_p, c_void_p, c_ssize_t], c_ssize_t, ffi.check_int)
