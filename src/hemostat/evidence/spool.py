"""A packed member unpacked once, for readers that jump about: small ones in memory, others in an encrypted file."""

from __future__ import annotations

import io
import secrets
from typing import TYPE_CHECKING, BinaryIO, cast

from hemostat.case.sealed import SealedReader, SealedWriter
from hemostat.evidence.base import Source

if TYPE_CHECKING:
    from pathlib import Path

_CHUNK = 1 << 20
_IN_MEMORY = 32 << 20


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
