"""A packed member unpacked once, for readers that jump about: small ones in memory, others in an encrypted file."""

from __future__ import annotations

import io
import secrets
from typing import TYPE_CHECKING, BinaryIO, cast

from hemostat.case.sealed import SealedReader, SealedWriter
from hemostat.evidence.base import Source

if TYPE_CHECKING:
    from pathlib import Path

    from _typeshed import WriteableBuffer

_CHUNK = 1 << 20
_IN_MEMORY = 32 << 20
PIECE = 16 << 10
"""Octets unpacked at once: no more than that is lost before the place where a member is damaged."""


def shortened(source: Source, size: int, reason: str) -> Source:
    """The first ``size`` octets of a source whose rest cannot be read, for ``reason``."""
    return Source(
        source.name,
        size,
        lambda: cast("BinaryIO", io.BufferedReader(_First(source.open(), size), PIECE)),
        source.direct,
        reason,
    )


class _First(io.RawIOBase):
    """The first octets of a stream."""

    def __init__(self, raw: BinaryIO, size: int) -> None:
        self._raw = raw
        self._size = size

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._raw.tell()

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._raw.tell(), io.SEEK_END: self._size}[whence]
        return self._raw.seek(base + offset)

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        data = self._raw.read(max(min(len(view), self._size - self._raw.tell()), 0))
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._raw.close()
        super().close()


class Spool:
    """Holds the unpacked octets of one source until ``close``. Nothing in clear touches the disk."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / f"spool-{secrets.token_hex(8)}"
        self._key = secrets.token_bytes(32)
        self._small: bytes | None = None

    def fill(self, source: Source) -> Source:
        """The same source, cheap to seek in.

        Raises:
            Unreadable: the member cannot be unpacked to its end.
        """
        with source.open() as raw:
            start = raw.read(_IN_MEMORY)
            more = raw.read(_CHUNK)
            if not more:
                self._small = start
                return Source(source.name, len(start), self._open)
            out = SealedWriter(self._path, self._key)
            size = len(start)
            try:
                out.write(start)
                del start
                while more:
                    out.write(more)
                    size += len(more)
                    more = raw.read(_CHUNK)
            except BaseException:
                out.discard()
                raise
            out.close()
        return Source(source.name, size, self._open)

    def _open(self) -> BinaryIO:
        if self._small is not None:
            return io.BytesIO(self._small)
        return cast("BinaryIO", io.BufferedReader(SealedReader(self._path, self._key), _CHUNK))

    def close(self) -> None:
        """Lets go of everything."""
        self._small = None
        self._path.unlink(missing_ok=True)
