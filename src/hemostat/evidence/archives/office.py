"""Office documents under a password (DOCX, XLSX, PPTX…): the document within is the one member of what locks it."""

from __future__ import annotations

import io
import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hemostat.evidence.base import Member, Source, Unreadable
from hemostat.evidence.isolation.members import isolated_members
from hemostat.evidence.naming import shown
from hemostat.evidence.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence
    from typing import Any

    from hemostat.evidence.base import Limits

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_STREAM = "EncryptedPackage".encode("utf-16-le")
"""The stream that holds the document, in the directory of the compound file around it."""


@dataclass(frozen=True, slots=True)
class LockedOfficeContainer:
    """A compound file around an encrypted document."""

    passwords: tuple[str, ...] = field(default=(), repr=False)
    kind: str = "office"

    def recognises(self, head: bytes, name: str) -> int:  # noqa: ARG002 - content alone decides
        """By the stream that only such a file has."""
        return 98 if head.startswith(_OLE) and _STREAM in head else 0

    def members(self, source: Source, limits: Limits) -> Generator[Member, None, None]:
        """The document.

        Raises:
            Unreadable: none of the passwords opens it, it is damaged, or what opens it is not installed.
        """
        if not self.passwords:
            raise Unreadable(Reason.LOCKED)
        given = {"passwords": list(self.passwords)}
        return isolated_members("hemostat.evidence.archives.office:members", source, limits, given)


def members(source: Source, limits: Limits, passwords: Sequence[str]) -> Iterator[Member]:
    """The document, decrypted in memory. Meant for the parsing process only.

    Raises:
        Unreadable: none of the passwords opens it, it is damaged, or larger than a workbook may be.
    """
    if source.size is not None and source.size > limits.book_bytes:
        raise Unreadable(Reason.TOO_LARGE)
    with source.open() as raw:
        data = _decrypted(raw, passwords)
    base = source.name.replace("!", "/").rpartition("/")[2]
    name = f"{source.name}!{shown(base)}"
    yield Member(name, len(data), Source(name, len(data), lambda: io.BytesIO(data), direct=False))


def _decrypted(raw: Any, passwords: Sequence[str]) -> bytes:
    import msoffcrypto  # noqa: PLC0415 - an extra, needed in the parsing process alone
    from msoffcrypto import exceptions  # noqa: PLC0415 - same

    try:
        document = msoffcrypto.OfficeFile(raw)
    except (exceptions.FileFormatError, exceptions.ParseError, OSError, ValueError):
        raise Unreadable(Reason.DAMAGED) from None
    for password in passwords:
        out = io.BytesIO()
        try:
            document.load_key(password=password, verify_password=True)
            document.decrypt(out)
        except exceptions.InvalidKeyError:
            continue
        except exceptions.DecryptionError:
            raise Unreadable(Reason.PACKING_NOT_READ) from None
        except (OSError, ValueError, KeyError, IndexError, zipfile.BadZipFile):
            raise Unreadable(Reason.DAMAGED) from None
        return out.getvalue()
    raise Unreadable(Reason.LOCKED)
