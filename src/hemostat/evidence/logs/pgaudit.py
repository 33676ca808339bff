"""PostgreSQL logs in CSV (``log_destination = csvlog``) with the lines of pgaudit. A unit is an entry of the log.

Entries that are not pgaudit's are out of scope. Sources: PostgreSQL manual, "Using CSV-Format Log Output"; pgaudit's
README, "Format".
"""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING

import pyarrow as pa

from hemostat.evidence.logs.lines import Entries, LogTable, first_lines
from hemostat.evidence.logs.reasons import LogReason

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hemostat.evidence.base import Limits, Source, TableSource

KIND = "pgaudit"
COLUMNS = (
    "log_time", "user_name", "database_name", "connection_from", "session_id", "application_name", "severity",
    "audit_type", "statement_id", "substatement_id", "class", "command", "object_type", "object_name", "statement",
    "parameter", "rows",
)  # fmt: skip
_START = re.compile(rb"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} [A-Za-z0-9+:-]+,")
_MOST_LINES = 5000
"""Lines that one statement may take."""
_FIELDS = (23, 26)
"""Fields of an entry: PostgreSQL 9.0 to 12 write 23, 13 writes 24, 14 and later 26."""
_TIME, _USER, _DATABASE, _FROM, _SESSION, _SEVERITY, _MESSAGE, _APPLICATION = 0, 1, 2, 4, 5, 11, 13, 22
_NOTHING = ("<none>", "<not logged>", "<previously logged>")
"""What pgaudit writes where there is nothing to write."""
_AUDIT = "AUDIT: "
_PARTS = 9
_Entry = tuple[str | None, ...]


class PgAuditReader:
    """pgaudit in the CSV log of PostgreSQL."""

    kind = KIND
    seeks = False

    def recognises(self, head: bytes, name: str) -> int:  # noqa: ARG002 - content decides
        """By its first line and the word that pgaudit writes."""
        lines = first_lines(head, 1)
        return 96 if lines and _START.match(lines[0]) and b"AUDIT: " in head else 0

    def tables(self, source: Source, limits: Limits) -> Iterator[TableSource]:
        """The log, as one table."""
        yield LogTable(source, limits, read, COLUMNS, KIND, lines_are_units=False)


def read(lines: Sequence[bytes], *, final: bool) -> Entries:
    """The entries of some lines; a statement may take several lines.

    A line within quotes never starts an entry, however much it looks like one: a statement may hold anything. Only
    when an entry cannot be read is the next line that looks like a start taken for one.
    """
    at: list[int] = []
    rows: list[_Entry] = []
    aside: list[tuple[int, int, str]] = []
    others = first = 0
    while first < len(lines):
        count, closed = _span(lines, first)
        if not closed and not final and count < _MOST_LINES:
            break
        blank = count == 1 and not lines[first].strip()
        entry = _entry(b"".join(lines[first : first + count])) if closed and not blank else None
        if entry is None and not blank:
            count = next((n for n in range(1, count) if _START.match(lines[first + n])), count)
            aside.append((first, count, str(LogReason.ENTRY_CUT)))
        elif entry:
            at.append(first)
            rows.append(entry)
        else:
            others += not blank
        first += count
    by_column = zip(*rows, strict=True) if rows else ((),) * len(COLUMNS)
    columns = {
        name: pa.array([value or None for value in values], pa.string())
        for name, values in zip(COLUMNS, by_column, strict=True)
    }
    return Entries(columns, at, aside, others, first)


def _span(lines: Sequence[bytes], first: int) -> tuple[int, bool]:
    """How many lines the entry takes that starts on one, and whether its quotes close."""
    quotes = 0
    for count, line in enumerate(lines[first : first + _MOST_LINES], 1):
        quotes += line.count(b'"')
        if quotes % 2 == 0:
            return count, True
    return min(len(lines) - first, _MOST_LINES), False


def _entry(text: bytes) -> _Entry | None:
    """A pgaudit entry; empty for another entry of the log; None for what is no entry."""
    shown = text.decode("utf-8", "replace").replace("\0", "")
    try:
        (fields,) = csv.reader([shown], strict=True)
    except (ValueError, csv.Error):
        return None
    if not _FIELDS[0] <= len(fields) <= _FIELDS[1] or not _START.match(text):
        return None
    if not fields[_MESSAGE].startswith(_AUDIT):
        return ()
    parts = _audit(fields[_MESSAGE][len(_AUDIT) :])
    if parts is None:
        return None
    whence = [fields[n] for n in (_TIME, _USER, _DATABASE, _FROM, _SESSION, _APPLICATION, _SEVERITY)]
    return (*whence, *parts)


def _audit(message: str) -> list[str] | None:
    """The parts of what pgaudit says: type, ids, class, command, object, statement, parameters, rows."""
    try:
        (parts,) = csv.reader([message], strict=True)
    except (ValueError, csv.Error):
        return None
    if not _PARTS - 1 <= len(parts) <= _PARTS + 1:
        return None
    told = ["" if part in _NOTHING else part for part in parts]
    return told + [""] * (_PARTS + 1 - len(told))
