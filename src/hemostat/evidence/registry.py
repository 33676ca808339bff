"""The readers and containers, in the order in which equals are preferred. A new format is one line here."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from hemostat.evidence.archives.office import LockedOfficeContainer
from hemostat.evidence.archives.reader import ArchiveContainer
from hemostat.evidence.archives.single import CompressedContainer
from hemostat.evidence.archives.zips import ZipContainer
from hemostat.evidence.databases.duckdb_file import DuckdbReader
from hemostat.evidence.databases.files import DatabaseFiles
from hemostat.evidence.databases.snapshot import SnapshotReader
from hemostat.evidence.databases.sqlite_file import SqliteReader
from hemostat.evidence.delimited.reader import DelimitedReader
from hemostat.evidence.fhir.reader import FhirReader
from hemostat.evidence.isolation.process import Isolated
from hemostat.evidence.jsons.lines import JsonLinesReader
from hemostat.evidence.jsons.reader import JsonReader
from hemostat.evidence.kinds import NOT_YET, Litter
from hemostat.evidence.logs.fhir import AuditEventReader
from hemostat.evidence.logs.pgaudit import PgAuditReader
from hemostat.evidence.logs.web import HttpLogReader
from hemostat.evidence.mail.reader import MailReader
from hemostat.evidence.pages.documents import HtmlReader, OfficeReader, OldOfficeReader, RtfReader, TextReader
from hemostat.evidence.pages.images import ImageReader
from hemostat.evidence.pages.pdf import PdfReader
from hemostat.evidence.sql.reader import PgArchiveReader, SqlDumpReader
from hemostat.evidence.tables.avro import AvroReader
from hemostat.evidence.tables.columnar import ArrowReader, ParquetReader
from hemostat.evidence.tables.sheets import WorkbookReader
from hemostat.model import Role

if TYPE_CHECKING:
    from hemostat.evidence.base import Container, Reader, Source

READERS: tuple[Reader, ...] = (
    DelimitedReader(),
    JsonLinesReader(),
    FhirReader(),
    JsonReader(),
    SqlDumpReader(),
    PgArchiveReader(),
    Isolated(SnapshotReader(), "hemostat.evidence.databases.snapshot:SnapshotReader"),
    DatabaseFiles(SqliteReader(), "hemostat.evidence.databases.sqlite_file:SqliteReader", copies=False),
    DatabaseFiles(DuckdbReader(), "hemostat.evidence.databases.duckdb_file:DuckdbReader", copies=True),
    Isolated(WorkbookReader(), "hemostat.evidence.tables.sheets:WorkbookReader"),
    Isolated(ParquetReader(), "hemostat.evidence.tables.columnar:ParquetReader"),
    Isolated(ArrowReader(), "hemostat.evidence.tables.columnar:ArrowReader"),
    AvroReader(),
    TextReader(),
    HtmlReader(),
    RtfReader(),
    OfficeReader(),
    OldOfficeReader(),
    PdfReader(),
    ImageReader(),
    MailReader(),
    Litter(),
    *NOT_YET,
)
LOG_READERS: tuple[Reader, ...] = (AuditEventReader(), HttpLogReader(), PgAuditReader())
"""Readers of access logs: they keep what tells who saw what, and are asked for evidence given as a log alone."""
CONTAINERS: tuple[Container, ...] = (
    ZipContainer(),
    ArchiveContainer(),
    CompressedContainer(),
    LockedOfficeContainer(),
)

_HEAD = 64 << 10
_ZIP = b"PK"
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SECTORS = (9, 12)
"""Sectors of a compound file hold 2 to the power of so many octets."""


def peek(source: Source) -> bytes:
    """What kinds are judged by: the first octets, and where else the file lists what is in it.

    A zip does so in its last octets, a compound file (Office 97, an encrypted document) where its head says.
    """
    with source.open() as raw:
        head = raw.read(_HEAD)
        if not source.direct or not source.size or source.size <= len(head):
            return head
        if head.startswith(_ZIP):
            raw.seek(max(source.size - _HEAD, len(head)))
            head += raw.read(_HEAD)
        elif head.startswith(_OLE):
            shift, first = struct.unpack("<H", head[30:32])[0], struct.unpack("<I", head[48:52])[0]
            if shift in _SECTORS:
                raw.seek(min((first + 1) << shift, source.size))
                head += raw.read(1 << shift)
    return head


def recognise(head: bytes, name: str, role: str = Role.LEAK) -> tuple[Reader | None, Container | None]:
    """Who reads this, or who unpacks it: one of them at most; nobody for an unknown kind."""
    reader, sure = None, 0
    for one in (*LOG_READERS, *READERS) if role == Role.LOG else READERS:
        score = one.recognises(head, name)
        if score > sure:
            reader, sure = one, score
    for other in CONTAINERS:
        score = other.recognises(head, name)
        if score > sure:
            return None, other
    return reader, None


def jumps(head: bytes, name: str, role: str = Role.LEAK) -> bool:
    """Whether what reads this jumps about in it, so that a packed member has to be unpacked for it first."""
    reader, container = recognise(head, name, role)
    return container is not None or (reader is not None and reader.seeks)
