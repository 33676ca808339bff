"""A table of a live database as a file: what custody keeps, and what is read later, as often as needed.

A live database cannot be taken as it lies: it changes. So each table is written down once, from one snapshot, as an
Arrow file whose octets custody fingerprints and seals like those of any other evidence.
"""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

import pyarrow as pa

from hemostat.evidence.base import Batch, Reference, Referring
from hemostat.evidence.guard import guarded, guarded_each
from hemostat.model import CountMethod

if TYPE_CHECKING:
    from collections.abc import Iterator

    from _typeshed import ReadableBuffer, SupportsWrite

    from hemostat.evidence.base import Limits, Source, TableSource

_KEY = b"hemostat.snapshot"
_LOCATOR = "_locator"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What was written down of a table."""

    name: str
    """The evidence name: ``postgresql://host/db#schema.table``."""
    sha256: str
    """Of the file, octet by octet as written."""
    bytes: int
    rows: int
    """Rows with values, as written."""
    units: int | None
    """Rows that the server declares in the same snapshot."""


class _Hashing(io.RawIOBase):
    """Passes octets on, and fingerprints them on the way."""

    def __init__(self, out: SupportsWrite[bytes]) -> None:
        self._out = out
        self.digest = hashlib.sha256()
        self.size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: ReadableBuffer, /) -> int:
        octets = bytes(data)
        self._out.write(octets)
        self.digest.update(octets)
        self.size += len(octets)
        return len(octets)


def snapshot(table: TableSource, out: SupportsWrite[bytes]) -> Snapshot:
    """Writes a table down, batch by batch, into a stream that need not be seekable; gives what custody records.

    Raises:
        Unreadable: the server refused the table or stopped; what was written is to be thrown away.
    """
    units = table.count_units()
    refers = table.references if isinstance(table, Referring) else ()  # asked before rows are under way
    through = _Hashing(out)
    rows = 0
    writer = None
    blank = 0
    sink = pa.PythonFile(through, "w")
    for one in table.batches(None):
        locators = one.locator if one.locator is not None else pa.nulls(one.rows.num_rows, pa.string())
        rows += one.rows.num_rows
        blank += one.blank
        kept = pa.table([locators, *one.rows.columns], names=[_LOCATOR, *one.rows.column_names])
        if writer is None:
            writer = _writer(sink, kept.schema, table, units, refers)
        account = json.dumps({"units": one.units, "blank": one.blank})
        for part in kept.combine_chunks().to_batches() or [pa.RecordBatch.from_pylist([], kept.schema)]:
            writer.write_batch(part, custom_metadata={_KEY: account.encode()})
    if writer is None:
        writer = _writer(sink, pa.schema([(_LOCATOR, pa.string())]), table, units, refers)
    writer.close()
    return Snapshot(table.name, through.digest.hexdigest(), through.size, rows, units)


def _writer(
    sink: Any, schema: pa.Schema, table: TableSource, units: int | None, refers: tuple[Reference, ...]
) -> Any:
    told = {
        "kind": table.kind,
        "units": units,
        "note": table.note,
        "references": [[one.place, one.target, one.target_place] for one in refers],
    }
    options = pa.ipc.IpcWriteOptions(compression="lz4")
    return pa.ipc.new_file(sink, schema.with_metadata({_KEY: json.dumps(told).encode()}), options=options)


class SnapshotReader:
    """Reads what ``snapshot`` wrote."""

    kind = "snapshot"
    seeks = True

    def recognises(self, head: bytes, name: str) -> int:  # noqa: ARG002 - its first octets are enough
        """By its first octets: an Arrow file that says what it is."""
        return 99 if head.startswith(b"ARROW1\0\0") and _KEY in head[: 64 << 10] else 0

    def tables(self, source: Source, limits: Limits) -> Iterator[TableSource]:  # noqa: ARG002 - written in fit batches
        """The table, under the name of the source.

        Raises:
            Unreadable: damaged.
        """
        with source.open() as raw:
            told = guarded(lambda: json.loads(pa.ipc.open_file(raw).schema.metadata[_KEY]))
        refers = tuple(Reference(*map(str, one)) for one in told.get("references", ()))
        yield SnapshotTable(source, str(told["kind"]), told["units"], str(told["note"]), refers)


@dataclass(frozen=True, slots=True)
class SnapshotTable:
    """A table of a live database, as it was written down."""

    source: Source
    kind: str
    units: int | None
    note: str
    references: tuple[Reference, ...] = ()
    """The foreign keys of one column that the server declared."""
    count_method: str = CountMethod.DECLARED

    @property
    def name(self) -> str:
        """The evidence name."""
        return self.source.name

    def count_units(self) -> int | None:
        """Rows that the server declared in the same snapshot; None if it refused to tell."""
        return self.units

    def batches(self, resume: dict[str, Any] | None) -> Iterator[Batch]:
        """The rows, in the batches in which they were written down."""
        with self.source.open() as raw:
            yield from guarded_each(_batches(raw, 0 if resume is None else int(resume["batch"])))


def _batches(raw: BinaryIO, first: int) -> Iterator[Batch]:
    file = pa.ipc.open_file(raw)
    for number in range(first, file.num_record_batches):
        rows, told = file.get_batch_with_custom_metadata(number)
        rows.validate(full=True)
        account = json.loads(told[_KEY])
        yield Batch(
            rows=pa.Table.from_batches([rows]).drop_columns([_LOCATOR]),
            line=None,
            locator=rows.column(_LOCATOR),
            units=int(account["units"]),
            blank=int(account["blank"]),
            header=0,
            out_of_scope=0,
            quarantined=(),
            resume={"batch": number + 1},
        )
