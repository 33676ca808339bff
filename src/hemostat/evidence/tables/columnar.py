"""Parquet and Arrow files: their own footers say how many rows there are; every column becomes text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from hemostat.evidence.base import Batch, Unreadable
from hemostat.evidence.guard import guarded, guarded_each
from hemostat.evidence.headings import named
from hemostat.evidence.reasons import Reason
from hemostat.evidence.tables.astext import as_text
from hemostat.model import CountMethod

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hemostat.evidence.base import Limits, Source, TableSource


class ParquetReader:
    """Parquet."""

    kind = "parquet"
    seeks = True

    def recognises(self, head: bytes, name: str) -> int:  # noqa: ARG002 - its first octets are enough
        """By its first octets."""
        return 98 if head.startswith((b"PAR1", b"PARE")) else 0

    def tables(self, source: Source, limits: Limits) -> Iterator[TableSource]:
        """The file, as one table.

        Raises:
            Unreadable: damaged or encrypted.
        """
        with source.open() as raw:
            if raw.read(4) == b"PARE":
                raise Unreadable(Reason.ENCRYPTED)
            rows = guarded(lambda: pq.ParquetFile(raw).metadata.num_rows)
        yield Columnar(source, "parquet", rows, limits.batch_rows)


class ArrowReader:
    """Arrow IPC: files and streams."""

    kind = "arrow"
    seeks = True

    def recognises(self, head: bytes, name: str) -> int:
        """By the mark of a file; by mark and name, a stream."""
        if head.startswith(b"ARROW1\0\0"):
            return 98
        stream = head.startswith(b"\xff\xff\xff\xff") and name.lower().endswith((".arrow", ".arrows", ".ipc"))
        return 80 if stream else 0

    def tables(self, source: Source, limits: Limits) -> Iterator[TableSource]:
        """The file, as one table.

        Raises:
            Unreadable: damaged.
        """
        rows = guarded(lambda: sum(batch.num_rows for batch in _arrow(source)))
        yield Columnar(source, "arrow", rows, limits.batch_rows)


@dataclass(slots=True)
class Columnar:
    """One columnar file as a table."""

    source: Source
    kind: str
    rows: int
    batch_rows: int
    count_method: str = CountMethod.DECLARED
    note: str = ""

    @property
    def name(self) -> str:
        """The evidence name."""
        return self.source.name

    def count_units(self) -> int | None:
        """Rows, as the file declares them."""
        return self.rows

    def batches(self, resume: dict[str, Any] | None) -> Iterator[Batch]:
        """The rows, in order."""
        skip = 0 if resume is None else int(resume["row"])
        place = 0
        batches = _parquet(self.source, self.batch_rows) if self.kind == "parquet" else _arrow(self.source)
        for batch in guarded_each(batches):
            for start in range(0, batch.num_rows, self.batch_rows):
                piece = batch.slice(start, self.batch_rows)
                if place >= skip:
                    yield guarded(_batch, piece, place)
                place += piece.num_rows


def _parquet(source: Source, size: int) -> Iterator[pa.RecordBatch]:
    with source.open() as raw:
        file = pq.ParquetFile(raw)
        for group in range(file.num_row_groups):
            yield from file.iter_batches(size, row_groups=[group], use_threads=False)


def _arrow(source: Source) -> Iterator[pa.RecordBatch]:
    with source.open() as raw:
        mark = raw.read(8)
        raw.seek(0)
        if mark.startswith(b"ARROW1"):
            file = pa.ipc.open_file(raw)
            batches = (file.get_batch(number) for number in range(file.num_record_batches))
        else:
            batches = iter(pa.ipc.open_stream(raw))
        for batch in batches:
            batch.validate(full=True)  # offsets in a hostile file may point anywhere
            yield batch


def _batch(batch: pa.RecordBatch, place: int) -> Batch:
    leaves = list(_flat(batch))
    names = named((name for name, _ in leaves), len(leaves))
    rows = pa.table([column for _, column in leaves], names=list(names))
    count = batch.num_rows
    full = np.zeros(count, np.bool_)
    for column in rows.columns:
        full |= column.is_valid().to_numpy()
    numbers = np.flatnonzero(full) + place + 1
    return Batch(
        rows=rows if full.all() else rows.filter(pa.array(full)),
        line=None,
        locator=pa.array([f"row {number}" for number in numbers.tolist()], pa.string()),
        units=count,
        blank=count - len(numbers),
        header=0,
        out_of_scope=0,
        quarantined=(),
        resume={"row": place + count},
    )


def _flat(batch: pa.RecordBatch) -> Iterator[tuple[str, pa.Array]]:
    """Columns as text; fields of structs under dotted names."""
    for number, column in enumerate(batch.columns):
        yield from _leaves(batch.schema.names[number], column, number)


def _leaves(name: str, column: pa.Array, number: int) -> Iterator[tuple[str, pa.Array]]:
    if pa.types.is_struct(column.type) and column.type.num_fields:
        for inner, field in zip(column.flatten(), column.type, strict=True):
            yield from _leaves(f"{name}.{field.name}", inner, number)
    else:
        yield name, as_text(column)
