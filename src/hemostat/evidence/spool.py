"""A packed member unpacked once, for readers that jump about: small ones in memory, others in an encrypted file."""

from __future__ import annotations

import hashlib
import io
import secrets
from typing import TYPE_CHECKING, BinaryIO, cast

from hemostat.case.sealed import SealedReader, SealedWriter
from hemostat.evidence.base import Source, Unreadable
from hemostat.evidence.reasons import Reason

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
        cut=reason,
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

    def fill(self, source: Source) -> tuple[Source, str | None]:
        """The same source, cheap to seek in, and the SHA-256 of its octets.

        Of a source that is damaged, what comes before the damage; the whole has no SHA-256 then.

        Raises:
            Unreadable: nothing of it can be unpacked, or it goes beyond the limits.
        """
        digest = hashlib.sha256()
        held = bytearray()
        out: SealedWriter | None = None
        size = 0
        damage: str | None = None
        try:
            with source.open() as raw:
                while piece := raw.read(PIECE):
                    digest.update(piece)
                    held += piece
                    size += len(piece)
                    if len(held) >= (_CHUNK if out else _IN_MEMORY):
                        out = out or SealedWriter(self._path, self._key)
                        out.write(bytes(held))
                        held.clear()
        except Unreadable as fault:
            if fault.reason != Reason.DAMAGED or not size:
                self._discard(out)
                raise
            damage = fault.reason
        except BaseException:
            self._discard(out)
            raise
        if out:
            out.write(bytes(held))
            out.close()
        else:
            self._small = bytes(held)
        whole = Source(source.name, size, self._open, cut=damage or source.cut)
        return whole, None if damage else digest.hexdigest()

    @staticmethod
    def _discard(out: SealedWriter | None) -> None:
        if out:
            out.discard()

    def _open(self) -> BinaryIO:
        if self._small is not None:
            return io.BytesIO(self._small)
        return cast("BinaryIO", io.BufferedReader(SealedReader(self._path, self._key), _CHUNK))

    def close(self) -> None:
        """Lets go of everything."""
        self._small = None
        self._path.unlink(missing_ok=True)
