"""Sealed files: AES-256-GCM in chunks, so that a file of any size is written once and read from any place.

Layout: 8 octets of mark, 16 of salt, then chunks of 1 MiB (the last one shorter), each followed by its
16-octet tag. Each file has its own key, derived from the case's with the salt; the nonce is the number of
the chunk, and the additional data say whether it is the last: nothing can be cut, swapped or appended unseen.
Source: NIST SP 800-38D; the chunking follows the STREAM construction (Hoang, Reyhanitabar, Rogaway, Vizár 2015).
"""

from __future__ import annotations

import io
import os
import secrets
from typing import TYPE_CHECKING, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from hemostat.case.keys import derive
from hemostat.errors import CaseError

if TYPE_CHECKING:
    from pathlib import Path

    from _typeshed import ReadableBuffer, WriteableBuffer

CHUNK = 1 << 20
_TAG = 16
_MARK = b"HMSEAL01"
_HEAD = len(_MARK) + 16


def _aead(key: bytes, salt: bytes) -> AESGCM:
    return AESGCM(derive(key, b"sealed file", salt))


def _altered() -> CaseError:
    return CaseError(
        "A sealed file of the case was altered: restore the case folder from a copy.",
        "Un fichier scellé de l'affaire a été modifié : reprenez le dossier d'une copie.",
    )


def _nonce(number: int) -> bytes:
    return number.to_bytes(12, "big")


class SealedWriter(io.RawIOBase):
    """Takes octets and writes them sealed; ``close`` makes them durable. Nothing appears at ``path`` before.

    ``durable``: False for what can be made again, since waiting for the disk at each of many small files takes longest.
    """

    def __init__(self, path: Path, key: bytes, *, durable: bool = True) -> None:
        self._path = path
        self._durable = durable
        self._part = path.with_name(path.name + ".part")
        salt = secrets.token_bytes(16)
        self._aead = _aead(key, salt)
        self._out = self._part.open("wb")
        self._out.write(_MARK + salt)
        self._buffer = bytearray()
        self._number = 0

    def writable(self) -> bool:
        return True

    def write(self, data: ReadableBuffer, /) -> int:
        view = memoryview(data).cast("B")
        self._buffer += view
        whole = (len(self._buffer) - 1) // CHUNK
        for index in range(whole):
            self._put(bytes(self._buffer[index * CHUNK : (index + 1) * CHUNK]), last=False)
        if whole > 0:
            del self._buffer[: whole * CHUNK]
        return len(view)

    def _put(self, chunk: bytes, *, last: bool) -> None:
        self._out.write(self._aead.encrypt(_nonce(self._number), chunk, b"last" if last else b"more"))
        self._number += 1

    def close(self) -> None:
        if self.closed:
            return
        self._put(bytes(self._buffer), last=True)
        self._out.flush()
        if self._durable:
            os.fsync(self._out.fileno())
        self._out.close()
        self._part.replace(self._path)
        super().close()

    def discard(self) -> None:
        """Gives up: nothing is kept."""
        self._out.close()
        self._part.unlink(missing_ok=True)
        super().close()


class SealedReader(io.RawIOBase):
    """The octets of a sealed file, from any place.

    Raises:
        CaseError: the file is not sealed with this key, or was altered.
    """

    def __init__(self, path: Path, key: bytes) -> None:
        try:
            self._in: BinaryIO = path.open("rb")
        except OSError:
            raise CaseError(
                "A sealed file of the case is missing: restore the case folder from a copy.",
                "Un fichier scellé de l'affaire manque : reprenez le dossier d'une copie.",
            ) from None
        head = self._in.read(_HEAD)
        if head[: len(_MARK)] != _MARK:
            raise _altered()
        self._aead = _aead(key, head[len(_MARK) :])
        body = path.stat().st_size - _HEAD
        self._chunks = -(-body // (CHUNK + _TAG))
        self.size = body - self._chunks * _TAG
        self._place = 0
        self._held = -1
        self._plain = b""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self.size}[whence]
        if base + offset < 0:
            raise OSError("negative seek position")
        self._place = base + offset
        return self._place

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        number, skip = divmod(self._place, CHUNK)
        if self._place >= self.size:
            if self.size == 0 and self._held < 0:
                self._load(0)  # an empty file is authenticated too
            return 0
        self._load(number)
        piece = self._plain[skip : skip + len(view)]
        view[: len(piece)] = piece
        self._place += len(piece)
        return len(piece)

    def _load(self, number: int) -> None:
        if number == self._held:
            return
        self._in.seek(_HEAD + number * (CHUNK + _TAG))
        sealed = self._in.read(CHUNK + _TAG)
        more = b"last" if number == self._chunks - 1 else b"more"
        try:
            self._plain = self._aead.decrypt(_nonce(number), sealed, more)
        except InvalidTag:
            raise CaseError(
                "A sealed file of the case was altered: restore the case folder from a copy.",
                "Un fichier scellé de l'affaire a été modifié : reprenez le dossier d'une copie.",
            ) from None
        self._held = number

    def close(self) -> None:
        self._in.close()
        super().close()
