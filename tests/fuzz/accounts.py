"""What must hold of any octets in any of our own readers: every unit is accounted for, and nothing else is raised."""

from __future__ import annotations

import io

from hemostat.evidence.base import Limits, Source, Unreadable
from hemostat.evidence.delimited.reader import DelimitedReader
from hemostat.evidence.fhir.reader import FhirReader
from hemostat.evidence.jsons.lines import JsonLinesReader
from hemostat.evidence.jsons.reader import JsonReader
from hemostat.evidence.logs.fhir import AuditEventReader
from hemostat.evidence.logs.pgaudit import PgAuditReader
from hemostat.evidence.logs.web import HttpLogReader
from hemostat.evidence.mail.messages import tables as mail_tables
from hemostat.evidence.pages.hypertext import tables as html_tables
from hemostat.evidence.pages.rtf import tables as rtf_tables
from hemostat.evidence.sql.reader import SqlDumpReader

READERS = (
    DelimitedReader().tables,
    JsonLinesReader().tables,
    JsonReader().tables,
    FhirReader().tables,
    SqlDumpReader().tables,
    AuditEventReader().tables,
    HttpLogReader().tables,
    PgAuditReader().tables,
    mail_tables,
    html_tables,
    rtf_tables,
)
LIMITS = Limits(batch_rows=7, block_least=64, block_most=4096, quote_lines=8, quote_bytes=512)


def one(data: bytes) -> None:
    """Reads one file, and holds every batch and the count against each other."""
    if len(data) < 2:
        return
    read, data = READERS[data[0] % len(READERS)], data[1:]
    source = Source("f", len(data), lambda: io.BytesIO(data))
    try:
        for table in read(source, LIMITS):
            counted = table.count_units()
            met = 0
            for batch in table.batches(None):
                aside = sum(unit.units for unit in batch.quarantined)
                parts = batch.rows.num_rows + aside + batch.blank + batch.header + batch.out_of_scope
                assert parts == batch.units, (table.kind, parts, batch.units)
                met += batch.units
            assert counted in (None, met), (table.kind, counted, met)
    except Unreadable:
        return
