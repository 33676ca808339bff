"""Access logs of web servers in the combined format (nginx, Apache), with or without a virtual host before.

Which part of a path names a patient is decided by a mapping, in ``hemostat.watch``.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pyarrow.compute as pc

from hemostat.evidence.logs.lines import Entries, LogTable, first_lines, texts
from hemostat.evidence.logs.reasons import LogReason

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hemostat.evidence.base import Limits, Source, TableSource

KIND = "http-log"
COLUMNS = ("time", "ip", "user", "method", "path", "status", "size", "agent", "host", "rest")
_QUOTED = rb'"([^"\\]*+(?:\\.[^"\\]*+)*+)"'
_LINE = re.compile(
    rb"(?:(?P<host>[\w.:-]++) (?=[\w-]*[.:]))?(?P<ip>[\w.:-]++) \S++ (?P<user>\"[^\"]*+\"|\S.{0,200}?) "
    rb"\[(?P<time>\d{1,2}/\w{3}/\d{4}:\d\d:\d\d:\d\d(?: [+-]\d{4})?)\] "
    rb'"(?:(?P<method>[A-Z]{3,20}) (?P<path>[^"\\]*+(?:\\.[^"\\]*+)*+)|[^"\\]*+(?:\\.[^"\\]*+)*+)" '
    rb"(?P<status>\d{3}|-) (?P<size>\d++|-)"
    rb"(?: " + _QUOTED.replace(b"(", b"(?:", 1) + rb" " + _QUOTED.replace(b"(", b"(?P<agent>", 1) + rb")?"
    rb"(?: (?P<rest>.*))?\s*+",
    re.DOTALL,
)
_GROUPS = [_LINE.groupindex[name] for name in COLUMNS]


class HttpLogReader:
    """nginx and Apache, common and combined."""

    kind = KIND
    seeks = False

    def recognises(self, head: bytes, name: str) -> int:  # noqa: ARG002 - content decides
        """By its first lines: most follow the format."""
        lines = first_lines(head)
        good = sum(bool(_LINE.fullmatch(line)) for line in lines)
        return 95 if good and good * 2 > len(lines) else 0

    def tables(self, source: Source, limits: Limits) -> Iterator[TableSource]:
        """The log, as one table."""
        yield LogTable(source, limits, read, COLUMNS, KIND)


def read(lines: Sequence[bytes], *, final: bool) -> Entries:  # noqa: ARG001 - no entry spans lines
    """The requests that some lines tell of."""
    match = _LINE.fullmatch
    found = [match(line) for line in lines]
    at = [number for number, one in enumerate(found) if one]
    groups = [one.group(*_GROUPS) for one in found if one]
    aside = [
        (number, 1, str(LogReason.NOT_A_LOG_LINE))
        for number, one in enumerate(found)
        if one is None and lines[number].strip()
    ]
    by_column = zip(*groups, strict=True) if groups else ((),) * len(COLUMNS)
    columns = {
        name: texts([None if value == b"-" else value for value in values])
        for name, values in zip(COLUMNS, by_column, strict=True)
    }
    columns["path"] = pc.replace_substring_regex(columns["path"], r" HTTP/[\d.]+$", "")
    return Entries(columns, at, aside)
