"""Avro files. Each block says how many records it holds; records within records become columns with dotted names."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO

import pyarrow as pa

from hemostat.evidence.base import Batch, Unreadable
from hemostat.evidence.guard import guarded
from hemostat.evidence.headings import named
from hemostat.evidence.isolation.process import isolated_tables
from hemostat.evidence.reasons import Reason
from hemostat.evidence.tables.sheets import text
from hemostat.model import CountMethod

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hemostat.evidence.base import Limits, Source, TableSource

_MAGIC = b"Obj\x01"
_CELLS = 1_000_000
_NESTED = 20
_LONGEST = 1 << 30


class AvroReader:
    """Avro object container files."""

    kind = "avro"
    seeks = False

    def recognises(self, head: bytes, name: str) -> int:  # noqa: ARG002 - its first octets are enough
        """By its first octets."""
        return 98 if head.startswith(_MAGIC) else 0

    def tables(self, source: Source, limits: Limits) -> Iterator[TableSource]:
        """The file, as one table.

        Raises:
            Unreadable: damaged, or what reads it is not installed.
        """
        return isolated_tables("hemostat.evidence.tables.avro:tables", source, limits)


def tables(source: Source, limits: Limits) -> Iterator[TableSource]:
    """The file, as one table. Meant for the parsing process only.

    Raises:
        Unreadable: damaged, or of another packing than fastavro knows.
    """
    import fastavro  # noqa: PLC0415 - an extra: the process that parses says what to install when it is missing

    with source.open() as raw:
        schema = guarded(lambda: fastavro.reader(raw).writer_schema)
    is_record = isinstance(schema, dict) and schema.get("type") == "record"
    paths: list[tuple[str, ...]] = list(_paths(schema, ())) if is_record else [()]
    size = max(min(limits.batch_rows, _CELLS // max(len(paths), 1)), 1)
    yield Records(source, paths, size, fastavro.reader)


def _paths(schema: Any, above: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The way to each field that holds no others; a record named elsewhere is one field."""
    for field in schema["fields"]:
        path = (*above, field["name"])
        inner = field["type"]
        kinds = [one for one in inner if one != "null"] if isinstance(inner, list) else [inner]
        only = kinds[0] if len(kinds) == 1 else None
        if isinstance(only, dict) and only.get("type") == "record" and len(path) < _NESTED:
            yield from _paths(only, path)
        else:
            yield path


@dataclass(slots=True)
class Records:
    """The records of one file."""

    source: Source
    paths: list[tuple[str, ...]]
    size: int
    reader: Any
    kind: str = "avro"
    count_method: str = CountMethod.DECLARED
    note: str = ""

    @property
    def name(self) -> str:
        """The evidence name."""
        return self.source.name

    def count_units(self) -> int | None:
        """Records, as the blocks declare them.

        Raises:
            Unreadable: the file ends within its header.
        """
        with self.source.open() as raw:
            raw.read(len(_MAGIC))
            _skip_map(raw)
            raw.read(16)
            count = 0
            while (records := _long(raw)) is not None:
                size = _long(raw)
                if size is None or not 0 <= size < _LONGEST or records < 0:
                    return count + max(records, 0)
                count += records
                while size and (part := raw.read(min(size, 1 << 20))):
                    size -= len(part)
                raw.read(16)
        return count

    def batches(self, resume: dict[str, Any] | None) -> Iterator[Batch]:
        """The records, in order.

        Raises:
            Unreadable: damaged from some place on.
        """
        place = 0 if resume is None else int(resume["row"])
        names = named([".".join(path) or "value" for path in self.paths], len(self.paths))
        with self.source.open() as raw:
            records = guarded(self.reader, raw)
            guarded(lambda: sum(1 for _ in islice(records, place)))
            ended = False
            while not ended:
                rows: list[Any] = []
                fault: Unreadable | None = None
                while len(rows) < self.size and not ended and not fault:
                    try:
                        rows.append(guarded(next, records))
                    except StopIteration:
                        ended = True
                    except Unreadable as damage:
                        fault = damage
                if rows:
                    yield _batch(rows, place, self.paths, names)
                    place += len(rows)
                if fault:
                    raise fault


def _batch(rows: list[Any], place: int, paths: list[tuple[str, ...]], names: tuple[str, ...]) -> Batch:
    columns = [pa.array([_text(_at(row, path)) for row in rows], pa.string()) for path in paths]
    return Batch(
        rows=pa.table(columns, names=list(names)),
        line=None,
        locator=pa.array(
            [f"row {number}" for number in range(place + 1, place + len(rows) + 1)], pa.string()
        ),
        units=len(rows),
        blank=0,
        header=0,
        out_of_scope=0,
        quarantined=(),
        resume={"row": place + len(rows)},
    )


def _at(row: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        row = row.get(name) if isinstance(row, dict) else None
    return row


def _text(value: Any) -> str | None:
    """A field as text: lists and maps as JSON, octets as text or in hexadecimal figures."""
    if isinstance(value, bytes):
        try:
            return value.decode() or None
        except UnicodeDecodeError:
            return value.hex()
    if isinstance(value, dict | list | tuple):
        return json.dumps(value, default=str, ensure_ascii=False)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return text(value)


def _long(raw: BinaryIO) -> int | None:
    """A number of variable length; None at the end of the file."""
    found = shift = 0
    while shift < 70:  # noqa: PLR2004 - ten octets of seven bits
        octet = raw.read(1)
        if not octet:
            return None
        found |= (octet[0] & 0x7F) << shift
        if octet[0] < 0x80:  # noqa: PLR2004 - the last octet
            return (found >> 1) ^ -(found & 1)
        shift += 7
    raise Unreadable(Reason.DAMAGED)


def _skip_map(raw: BinaryIO) -> None:
    """Passes over what the header tells of the file."""
    while count := _long(raw):
        if count < 0:
            _long(raw)
        for _ in range(2 * abs(count)):
            size = _long(raw)
            if size is None or not 0 <= size < _LONGEST or len(raw.read(size)) < size:
                raise Unreadable(Reason.DAMAGED)
