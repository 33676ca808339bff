"""Single files under compression: gzip, bzip2, xz, zstandard, LZ4. Streamed, never written anywhere."""

from __future__ import annotations

import bz2
import io
import lzma
import re
import zlib
from collections.abc import Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, Protocol, cast

import pyarrow as pa

from hemostat.evidence.base import Member, Source, Unreadable
from hemostat.evidence.guard import guarded, guarded_each
from hemostat.evidence.naming import shown
from hemostat.evidence.reasons import Reason
from hemostat.evidence.spool import PIECE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from _typeshed import WriteableBuffer

    from hemostat.evidence.base import Limits

_MAGIC = {
    "gzip": b"\x1f\x8b\x08",
    "bzip2": b"BZh",
    "xz": b"\xfd7zXZ\0",
    "zstd": b"\x28\xb5\x2f\xfd",
    "lz4": b"\x04\x22\x4d\x18",
}
_ENDINGS = re.compile(r"\.(gz|gzip|bz2|bz|xz|zst|zstd|lz4)\Z", re.IGNORECASE)
_TAR_ENDINGS = re.compile(r"\.(tgz|taz|tbz2?|txz|tzst)\Z", re.IGNORECASE)
_MEMORY = 256 << 20
"""Octets of memory that an xz stream may ask for; the strongest usual setting takes 65 MiB."""


class _Decoder(Protocol):
    """What the decompressors of the standard library share."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int = ...) -> bytes: ...


class _Gzip:
    """zlib's decompressor with the manners of the others."""

    def __init__(self) -> None:
        self._inner = zlib.decompressobj(31)
        self.needs_input = True

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        found = self._inner.decompress(self._inner.unconsumed_tail + data, max(max_length, 0))
        self.needs_input = not self._inner.unconsumed_tail and len(found) < max_length
        return found


def kind_of(head: bytes) -> str | None:
    """The compression that some octets begin with."""
    return next((kind for kind, magic in _MAGIC.items() if head.startswith(magic)), None)


def begins(head: bytes, size: int) -> bytes:
    """The first octets of what is compressed, as far as the beginning of the packed octets tells."""
    found = b""
    try:
        for piece in chunks(io.BytesIO(head), kind_of(head) or ""):
            found += piece
            if len(found) >= size:
                break
    except (zlib.error, lzma.LZMAError, EOFError, OSError, ValueError, pa.ArrowException):
        return found
    return found


def chunks(raw: BinaryIO, kind: str) -> Iterator[bytes]:
    """The unpacked octets, a piece at a time. What the decompressors raise passes through."""
    if kind in ("zstd", "lz4"):
        return _by_arrow(raw, kind)
    makers: dict[str, Callable[[], _Decoder]] = {
        "gzip": _Gzip,
        "bzip2": bz2.BZ2Decompressor,
        "xz": lambda: lzma.LZMADecompressor(memlimit=_MEMORY),
    }
    return _by_decoder(raw, makers[kind], _MAGIC[kind]) if kind in makers else iter(())


def _by_decoder(raw: BinaryIO, make: Callable[[], _Decoder], magic: bytes) -> Iterator[bytes]:
    """Streams one after the other, as when compressed files were joined; NUL may fill up the end."""
    held = raw.read(PIECE)
    while held.strip(b"\0"):
        if not held.startswith(magic):
            raise EOFError
        decoder = make()
        while not decoder.eof:
            if decoder.needs_input and not held:
                held = raw.read(PIECE)
                if not held:
                    raise EOFError
            found = decoder.decompress(held if decoder.needs_input else b"", PIECE)
            if decoder.needs_input or found or decoder.eof:
                held = b""
            if found:
                yield found
        held = decoder.unused_data or raw.read(PIECE)
        while held and not held.strip(b"\0"):
            held = raw.read(PIECE)
        if 0 < len(held) < len(magic):
            held += raw.read(PIECE)


def _by_arrow(raw: BinaryIO, kind: str) -> Iterator[bytes]:
    stream = pa.CompressedInputStream(pa.PythonFile(raw, "r"), kind)
    while found := stream.read(PIECE):
        yield found


@dataclass(frozen=True, slots=True)
class CompressedContainer:
    """One file under compression."""

    kind: str = "compressed"

    def recognises(self, head: bytes, name: str) -> int:  # noqa: ARG002 - content alone decides
        """By its first octets."""
        return 96 if kind_of(head) else 0

    def members(self, source: Source, limits: Limits) -> Generator[Member, None, None]:
        """The file within.

        Raises:
            Unreadable: its source raises it when damaged, or beyond the limits.
        """
        with source.open() as raw:
            kind = kind_of(raw.read(16)) or ""
        last = re.split(r"[/!\\]", source.name)[-1]
        name = _TAR_ENDINGS.sub(".tar", _ENDINGS.sub("", last)) or last
        yield Member(
            f"{source.name}!{shown(name)}",
            None,
            Source(f"{source.name}!{shown(name)}", None, lambda: _opened(source, kind, limits), direct=False),
        )


def _opened(source: Source, kind: str, limits: Limits) -> BinaryIO:
    return cast("BinaryIO", io.BufferedReader(Restarted(lambda: _watched(source, kind, limits)), PIECE))


def _watched(source: Source, kind: str, limits: Limits) -> Iterator[bytes]:
    """The unpacked octets, held against the limits.

    Raises:
        Unreadable: damaged, or more than it may be.
    """
    place = 0
    with source.open() as raw:
        for piece in guarded_each(iter(guarded(chunks, raw, kind))):
            place += len(piece)
            if place > min(limits.member_bytes, limits.total_bytes):
                raise Unreadable(Reason.TOO_LARGE)
            if place > limits.ratio_free and place > limits.ratio * max(raw.tell(), 1):
                raise Unreadable(Reason.RATIO)
            yield piece


class Restarted(io.RawIOBase):
    """Octets that come in pieces, as a stream; going back starts them anew."""

    def __init__(self, start: Callable[[], Iterator[bytes]]) -> None:
        self._start = start
        self._pieces = start()
        self._held = b""
        self._place = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        if whence == io.SEEK_END:
            while self._next(1 << 20):
                pass
        target = max(offset + (0 if whence == io.SEEK_SET else self._place), 0)
        if target < self._place:
            self._pieces, self._held, self._place = self._start(), b"", 0
        while self._place < target and self._next(target - self._place):
            pass
        return self._place

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        data = self._next(len(view))
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if isinstance(self._pieces, Generator):
            self._pieces.close()
        super().close()

    def _next(self, size: int) -> bytes:
        """The next octets, ``size`` of them at most; none at the end."""
        while not self._held:
            piece = next(self._pieces, None)
            if piece is None:
                return b""
            self._held = piece
        data, self._held = self._held[:size], self._held[size:]
        self._place += len(data)
        return data
