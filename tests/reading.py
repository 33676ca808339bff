"""Reads octets in memory with one reader, checks every batch's account, and gives what came of it."""

from __future__ import annotations

import io
from types import SimpleNamespace

import pyarrow as pa

from hemostat.evidence.base import Limits, Source


def source(data, name="f"):
    """Octets as a source."""
    return Source(name, len(data), lambda: io.BytesIO(data))


def adds_up(batch):
    """Checks a batch by its own account."""
    aside = sum(one.units for one in batch.quarantined)
    assert batch.rows.num_rows + aside + batch.blank + batch.header + batch.out_of_scope == batch.units
    assert all(column.type == pa.string() for column in batch.rows.columns)
    places = batch.locator if batch.line is None else batch.line
    assert len(places) == batch.rows.num_rows
    assert not any(pa.compute.any(pa.compute.equal(column, "")).as_py() for column in batch.rows.columns)


def table_of(table, resume=None):
    """All batches of a table, together."""
    counted = table.count_units()
    batches = list(table.batches(resume))
    for batch in batches:
        adds_up(batch)
    units = sum(batch.units for batch in batches)
    assert counted in (None, units)
    return SimpleNamespace(
        table=table, name=table.name, kind=table.kind, note=table.note, counted=counted, batches=batches, units=units,
        rows=[
            {name: cell for name, cell in row.items() if cell is not None}
            for batch in batches
            for row in batch.rows.to_pylist()
        ],
        at=[p for b in batches for p in (b.locator if b.line is None else b.line).to_pylist()],
        aside=[one for batch in batches for one in batch.quarantined],
        blank=sum(batch.blank for batch in batches), header=sum(batch.header for batch in batches),
    )  # fmt: skip


def read(reader, data, name="f", **limits):
    """The tables of some octets, by name."""
    return {table.name: table_of(table) for table in reader.tables(source(data, name), Limits(**limits))}


def only(reader, data, name="f", **limits):
    """The only table of some octets."""
    (table,) = read(reader, data, name, **limits).values()
    return table
