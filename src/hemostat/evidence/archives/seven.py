"""Goes through a 7z archive under a password, with py7zr. Meant for the parsing process only.

libarchive names the members of such an archive and cannot decrypt them. Nothing is written: members are unpacked piece
by piece, in the order of the archive.
"""

from __future__ import annotations

import io
import lzma
import zlib
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import py7zr
from py7zr.exceptions import ArchiveError, UnsupportedCompressionMethodError

from hemostat.evidence.base import Member, Source, Unreadable
from hemostat.evidence.naming import Names
from hemostat.evidence.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _typeshed import WriteableBuffer

    from hemostat.evidence.base import Limits

_PIECE = 256 << 10
_SURE = 1 << 20
"""Octets after which a password is right: what a wrong one decrypts to does not unpack that far."""
_FAULTS = (
    ArchiveError,
    AssertionError,
    AttributeError,
    EOFError,
    IndexError,
    KeyError,
    lzma.LZMAError,
    OSError,
    OverflowError,
    SystemError,
    TypeError,
    UnicodeError,
    ValueError,
    zlib.error,
)
"""What py7zr raises of an archive that is damaged, or decrypted by a wrong password."""


def members(source: Source, limits: Limits, password: str) -> Iterator[Member]:
    """The members in the order of the archive, folders left out. A source lasts until the next member is asked for.

    Raises:
        Unreadable: ``locked`` if the password is wrong; damaged; packed in a way that is not read.
    """
    with source.open() as raw:
        _check(source, raw, limits, password)
        archive = _opened(raw, password)
        names = Names()
        budget = _Budget(limits, source.size or 0)
        run = _Run(archive, budget)
        count = 0
        for entry in archive.files:
            if entry.is_directory:
                continue
            count += 1
            if count > limits.members or budget.spent:
                reason = budget.spent or Reason.TOO_MANY_MEMBERS
                yield Member(f"{source.name}!(after member {count - 1})", None, None, reason)
                return
            yield _member(source.name, entry, names, run)


def _member(container: str, entry: Any, names: Names, run: _Run) -> Member:
    name = f"{container}!{names.fresh(str(entry.filename))}"
    size = 0 if entry.emptystream else int(entry.uncompressed)
    if entry.is_symlink or entry.is_junction:
        return Member(name, size, None, Reason.LINK)
    if entry.is_socket:
        return Member(name, size, None, Reason.NOT_A_FILE)
    if size > run.budget.limits.member_bytes:
        return Member(name, size, None, Reason.TOO_LARGE)

    def opened() -> BinaryIO:
        return cast("BinaryIO", io.BufferedReader(_Unpacked(run, entry), _PIECE))

    return Member(name, size, Source(name, size, opened, direct=False))


def _opened(raw: BinaryIO, password: str) -> Any:
    """An archive whose list of members could be read.

    Raises:
        Unreadable: damaged, or the password is wrong.
    """
    raw.seek(0)
    try:
        archive = py7zr.SevenZipFile(cast("Any", _Kept(raw)), "r", password=password)
    except UnsupportedCompressionMethodError:
        raise Unreadable(Reason.PACKING_NOT_READ) from None
    except _FAULTS:
        raise Unreadable(Reason.LOCKED) from None
    if not hasattr(archive, "header"):
        raise Unreadable(Reason.DAMAGED)
    return archive


def _check(source: Source, raw: BinaryIO, limits: Limits, password: str) -> None:
    """Reads the first member under the password, as far as it takes to be sure of it.

    Raises:
        Unreadable: the password is wrong, or the archive is packed in a way that is not read.
    """
    archive = _opened(raw, password)
    first = next((one for one in archive.files if not one.emptystream and one.folder is not None), None)
    if first is None:
        return
    run = _Run(archive, _Budget(limits, source.size or 0))
    try:
        run.begin(first)
        while run.place < _SURE and run.read():
            pass
    except Unreadable as fault:
        raise Unreadable(Reason.LOCKED if fault.reason == Reason.DAMAGED else fault.reason) from None


class _Kept(io.RawIOBase):
    """A stream that the library may close without closing ours."""

    def __init__(self, raw: BinaryIO) -> None:
        self._raw = raw

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._raw.tell()

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        return self._raw.seek(offset, whence)

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        data = self._raw.read(len(view))
        view[: len(data)] = data
        return len(data)


class _Budget:
    """What the members of one archive may fill together."""

    def __init__(self, limits: Limits, packed: int) -> None:
        self.limits = limits
        self.spent: Reason | None = None
        """Why nothing more is unpacked."""
        self._packed = packed
        self._total = 0

    def take(self, size: int) -> None:
        """Counts ``size`` octets more.

        Raises:
            Unreadable: more than may be.
        """
        self._total += size
        if self._total > self.limits.total_bytes:
            self.spent = Reason.TOO_LARGE
        elif self._total > self.limits.ratio_free and self._total > self.limits.ratio * max(self._packed, 1):
            self.spent = Reason.RATIO
        if self.spent:
            raise Unreadable(self.spent)


class _Run:
    """One pass through the packed streams. Members of one stream can only be reached through those before them."""

    def __init__(self, archive: Any, budget: _Budget) -> None:
        self.budget = budget
        self._archive = archive
        self._order = [one for one in archive.files if not one.emptystream and one.folder is not None]
        self._next = 0
        self._folder: Any = None
        self._unpacker: Any = None
        self._left = 0
        self._crc = 0
        self._entry: Any = None
        self.place = 0
        """Octets read of the member reached."""

    def begin(self, entry: Any) -> None:
        """Goes to a member; those before it in its stream are unpacked and dropped.

        Raises:
            Unreadable: what comes before it is damaged, or it was passed.
        """
        while True:
            while self.read():
                pass
            if self._next >= len(self._order):
                raise Unreadable(Reason.DAMAGED)
            reached = self._order[self._next]
            self._next += 1
            self._take(reached)
            if reached.id == entry.id:
                return

    def _take(self, entry: Any) -> None:
        self._entry, self._left, self._crc, self.place = entry, int(entry.uncompressed), 0, 0
        if entry.folder is self._folder:
            return
        self._folder = entry.folder
        streams = self._archive.header.main_streams
        number = next(n for n, one in enumerate(streams.unpackinfo.folders) if one is entry.folder)
        before = sum(_streams(one) for one in streams.unpackinfo.folders[:number])
        self._archive.fp.seek(self._archive.afterheader + streams.packinfo.packpositions[before])
        try:
            self._unpacker = entry.folder.get_decompressor(entry.compressed, reset=True)
        except UnsupportedCompressionMethodError:
            raise Unreadable(Reason.PACKING_NOT_READ) from None
        except _FAULTS:
            raise Unreadable(Reason.DAMAGED) from None

    def read(self) -> bytes:
        """Some octets more of the member reached; none at its end.

        Raises:
            Unreadable: damaged, or beyond the limits.
        """
        if not self._left:
            return b""
        stream = self._archive.fp
        place = stream.tell()
        try:
            data = bytes(self._unpacker.decompress(stream, min(self._left, _PIECE)))
            while not data and stream.tell() > place:
                place = stream.tell()
                data = bytes(self._unpacker.decompress(stream, min(self._left, _PIECE)))
        except _FAULTS:
            self._left = 0
            raise Unreadable(Reason.DAMAGED) from None
        self._left -= len(data)
        self.place += len(data)
        self._crc = zlib.crc32(data, self._crc)
        self.budget.take(len(data))
        known = self._entry.crc32
        if not data or (not self._left and known is not None and known != self._crc):
            self._left = 0
            raise Unreadable(Reason.DAMAGED)
        return data


def _streams(folder: Any) -> int:
    """Packed streams of a folder."""
    return len(folder.packed_indices) or 1


class _Unpacked(io.RawIOBase):
    """The octets of one member.

    Raises:
        Unreadable: damaged, or beyond the limits.
    """

    def __init__(self, run: _Run, entry: Any) -> None:
        self._run = run
        self._held = b""
        self._empty = bool(entry.emptystream)
        if not self._empty:
            run.begin(entry)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        if not self._held and not self._empty:
            self._held = self._run.read()
        data = self._held[: len(view)]
        view[: len(data)] = data
        self._held = self._held[len(data) :]
        return len(data)
