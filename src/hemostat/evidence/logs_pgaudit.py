"""PostgreSQL logs in CSV (``log_destination = csvlog``) with the lines of pgaudit. A unit is an entry of the log.

Entries that are not pgaudit's are out of scope. Sources: PostgreSQL manual, "Using CSV-Format Log Output"; pgaudit's
README, "Format".
"""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING

import pyarrow as pa

from hemostat.evidence.logs_lines import Entries, LogTable, first_lines
from hemostat.evidence.logs_reasons import LogReason

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
    """The entries of some lines; a statement may take several lines."""
    at: list[int] = []
    rows: list[_Entry] = []
    aside: list[tuple[int, int, str]] = []
    others = 0
    used = len(lines)
    spans = list(_spans(lines))
    for number, (first, count, closed) in enumerate(spans):
        if not closed and not final and number == len(spans) - 1 and count < _MOST_LINES:
            used = first
            break
        if count == 1 and not lines[first].strip():
            continue
        entry = _entry(b"".join(lines[first : first + count])) if closed else None
        if entry is None:
            aside.append((first, count, str(LogReason.ENTRY_CUT)))
        elif entry:
            at.append(first)
            rows.append(entry)
        else:
            others += 1
    by_column = zip(*rows, strict=True) if rows else ((),) * len(COLUMNS)
    columns = {
        name: pa.array([value or None for value in values], pa.string())
        for name, values in zip(COLUMNS, by_column, strict=True)
    }
    return Entries(columns, at, aside, others, used)


def _spans(lines: Sequence[bytes]) -> Iterator[tuple[int, int, bool]]:
    """First line, number of lines, and whether its quotes close, for each entry.

    A line within quotes never starts an entry, however much it looks like one: a statement may hold anything. Only
    when quotes do not close is the next line that looks like a start taken for one.
    """
    first = 0
    while first < len(lines):
        count, quotes = 0, 0
        while first + count < len(lines) and count < _MOST_LINES:
            quotes += lines[first + count].count(b'"')
            count += 1
            if quotes % 2 == 0:
                break
        closed = quotes % 2 == 0
        if not closed and (count >= _MOST_LINES or first + count == len(lines)):
            again = next((n for n in range(1, count) if _START.match(lines[first + n])), None)
            if again and (count >= _MOST_LINES or _starts_cleanly(lines, first + again)):
                count = again
        yield first, count, closed
        first += count


def _starts_cleanly(lines: Sequence[bytes], first: int) -> bool:
    """Whether the lines from here on read as entries whose quotes close."""
    return sum(line.count(b'"') for line in lines[first:]) % 2 == 0


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
    return parts + [""] * (_PARTS + 1 - len(parts))
