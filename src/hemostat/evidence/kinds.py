"""Kinds that are recognised by their content and not read yet, and the litter that systems leave in folders.

They are named in the ledger all the same: a file is never passed over because nobody reads it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from hemostat.evidence.base import Batch, Unreadable
from hemostat.evidence.reasons import Reason
from hemostat.model import CountMethod

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hemostat.evidence.base import Limits, Source, TableSource

_CERTAIN = 95
_TEXTUAL = 75
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

_MAGIC: tuple[tuple[str, bytes], ...] = (
    ("image", rb"\A....ftyp(heic|mif1|avif)"),
    ("dicom", rb"\A.{128}DICM"),
    ("audio or video", rb"\A(....ftyp|ID3|OggS|RIFF....(WAVE|AVI )|\x1aE\xdf\xa3|fLaC)"),
    ("sqlite", rb"\ASQLite format 3\0"),
    ("duckdb", rb"\A.{8}DUCK"),
    ("access", rb"\A\0\x01\0\0Standard (Jet|ACE) DB"),
    ("orc", rb"\AORC"),
    ("pgdump", rb"\APGDMP"),
    ("outlook", rb"\A!BDN"),
    ("pcap", rb"\A(\xd4\xc3\xb2\xa1|\xa1\xb2\xc3\xd4|\x0a\x0d\x0d\x0a)"),
    ("program", rb"\A(\x7fELF|MZ.{56}|\xca\xfe\xba\xbe|\xcf\xfa\xed\xfe)"),
    ("age", rb"\A(age-encryption\.org/|-----BEGIN AGE ENCRYPTED)"),
    ("openpgp", rb"\A-----BEGIN PGP MESSAGE"),
)  # fmt: skip
_ENCRYPTED = ("age", "openpgp")
_OFFICE: tuple[tuple[str, bytes], ...] = (
    ("epub", rb"(?s)\APK\x03\x04.{26}mimetypeapplication/epub\+zip"),
    ("java", rb"(?s)\APK\x03\x04.{26}META-INF/MANIFEST\.MF"),
)
_TEXT: tuple[tuple[str, bytes], ...] = (
    ("sql", rb"(?im)^(-- (MySQL|MariaDB|PostgreSQL) (database )?dump|\s*CREATE\s+TABLE\b|\s*PRAGMA\s+foreign_keys)"),
    ("sql", rb"(?im)^(\s*INSERT\s+(IGNORE\s+)?INTO\b|COPY\s+\S+\s*(\([^)]*\)\s*)?FROM\s+stdin)"),
    ("xml", rb"(?s)\A\s*<(\?xml\b|[A-Za-z][\w:.-]*(\s+[\w:.-]+=\"[^\"]*\")*\s*/?>\s*<)"),
    ("json", rb"(?s)\A\s*(\[\s*[\[{\"\]]|\{\s*(\"|\}))"),
    ("vcard", rb"(?i)\ABEGIN:VC(ARD|ALENDAR)"),
    ("hl7", rb"\A\x0b?MSH\|\^~\\&"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class NotYet:
    """A kind that is recognised and not read yet."""

    kind: str
    score: int
    is_it: Callable[[bytes], object]
    reason: Reason = Reason.KIND_NOT_READ
    seeks: bool = False

    def recognises(self, head: bytes, name: str) -> int:  # noqa: ARG002 - content alone decides
        """By content."""
        return self.score if self.is_it(head) else 0

    def tables(self, source: Source, limits: Limits) -> Iterator[TableSource]:  # noqa: ARG002 - nothing is opened
        """Nothing to be had.

        Raises:
            Unreadable: always.
        """
        raise Unreadable(self.reason)


def _pattern(pattern: bytes) -> Callable[[bytes], object]:
    return re.compile(pattern, re.DOTALL if not pattern.startswith(b"(?") else 0).search


def _office(pattern: bytes) -> Callable[[bytes], object]:
    found = re.compile(pattern).search
    return lambda head: head.startswith(b"PK\x03\x04") and found(head)


NOT_YET: tuple[NotYet, ...] = (
    *(
        NotYet(
            kind, _CERTAIN, _pattern(magic), Reason.ENCRYPTED if kind in _ENCRYPTED else Reason.KIND_NOT_READ
        )
        for kind, magic in _MAGIC
    ),
    *(NotYet(kind, _CERTAIN, _office(inside)) for kind, inside in _OFFICE),
    *(NotYet(kind, _TEXTUAL, _pattern(words)) for kind, words in _TEXT),
)


@dataclass(frozen=True, slots=True)
class _LitterTable:
    name: str
    kind: str = "system"
    count_method: str = CountMethod.INDEPENDENT
    note: str = ""

    def count_units(self) -> int:
        """The file is one unit."""
        return 1

    def batches(self, resume: dict[str, Any] | None) -> Iterator[Batch]:
        """One unit out of scope."""
        if resume is None:
            yield Batch(pa.table({}), None, None, 1, 0, 0, 1, (), {})


class Litter:
    """Files that systems leave behind and that hold nothing of anybody: counted, out of scope."""

    kind = "system"
    seeks = False

    def recognises(self, head: bytes, name: str) -> int:
        """By name and content together: a name alone would be a place to hide."""
        last = re.split(r"[/!\\]", name)[-1]
        if last.startswith("._") and head.startswith(b"\0\x05\x16\x07"):
            return 100
        if last == ".DS_Store" and head.startswith(b"\0\0\0\x01Bud1"):
            return 100
        if last.lower() == "thumbs.db" and head.startswith(_OLE):
            return 100
        return 100 if last.lower() == "desktop.ini" and b".ShellClassInfo" in head.replace(b"\0", b"") else 0

    def tables(self, source: Source, limits: Limits) -> Iterator[TableSource]:  # noqa: ARG002 - nothing is unpacked
        """The file itself."""
        yield _LitterTable(source.name)
