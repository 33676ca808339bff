"""Bulk tables: wide and full of text, they cost four times less as encrypted Arrow files than as rows."""

from __future__ import annotations

import re
import secrets
from contextlib import contextmanager
from typing import TYPE_CHECKING

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from hemostat.model import RECORD_BITS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from duckdb import DuckDBPyConnection

    from hemostat.case.files import Files

_ALL = re.compile(r"(?:\bselect\s+|[.,]\s*)\*", re.IGNORECASE)
_WORD = re.compile(r"\w+")
BULK = ("identity",)
"""Tables kept as encrypted Arrow files; ``schema.sql`` declares their columns."""


class Bulk:
    """The bulk tables of a case: which file holds which rows is a table (``part``), the rows lie in the files."""

    def __init__(self, database: DuckDBPyConnection, files: Files) -> None:
        self._db = database
        self._files = files

    def rows(self, table: str, evidence: Sequence[int], columns: Sequence[str] | None = None) -> pa.Table:
        """The rows that come from these pieces of evidence, in reading order, of ``columns`` or of all."""
        parts = self._db.execute(
            'select name from part where "table" = ? and list_contains(?, evidence_id) order by evidence_id, seq',
            (table, list(evidence)),
        ).fetchall()
        shape = self._shape(table)
        if columns is not None:
            shape = pa.schema([field for field in shape if field.name in columns])
        return pa.concat_tables([shape.empty_table(), *(self._files.staged(n, columns) for (n,) in parts)])

    def append(self, table: str, held: pa.Table) -> None:
        """A file for the rows of each piece of evidence; its name is never used again: undoing loses nothing."""
        shape = self._shape(table)
        columns = [
            held[field.name].cast(field.type)
            if field.name in held.column_names
            else pa.nulls(held.num_rows, field.type)
            for field in shape
        ]
        for evidence, rows in _by_evidence(pa.table(columns, schema=shape)):
            name = f"{table}-e{evidence:06d}-{secrets.token_hex(6)}"
            self._files.stage(name, rows)
            self._db.execute(
                'insert into part select ?, ?, coalesce(max(seq), 0) + 1, ?, ? from part where "table" = ?',
                (table, evidence, name, rows.num_rows, table),
            )

    def forget(self, table: str, evidence: Sequence[int]) -> None:
        """Removes the rows that come from these pieces of evidence; the files go at the next opening."""
        self._db.execute(
            'delete from part where "table" = ? and list_contains(?, evidence_id)', (table, list(evidence))
        )

    def sweep(self) -> None:
        """Removes the files that an undone or replaced step left behind."""
        named = {name for (name,) in self._db.execute("select name from part").fetchall()}
        self._files.drop_staged("*-e*-*", named)

    @contextmanager
    def lent(self, sql: str) -> Iterator[None]:
        """Lets a query see the bulk tables that it names, with the columns that it names."""
        lent = [table for table in BULK if re.search(rf"\b{table}\b", sql)]
        for table in lent:
            everything = self._db.execute("select distinct evidence_id from part").fetchall()
            rows = self.rows(table, [number for (number,) in everything], self._named(table, sql))
            # as plain texts: filters that DuckDB hands down to Arrow do not know views
            self._db.register(table, rows.cast(_without_views(rows.schema)))
        try:
            yield
        finally:
            for table in lent:
                self._db.unregister(table)

    def _named(self, table: str, sql: str) -> list[str] | None:
        """The columns of a table whose name stands in a query; None for all, when it asks for all of something."""
        if _ALL.search(sql) or sql.startswith("pragma"):
            return None
        words = {"record_id", *_WORD.findall(sql)}
        return [field.name for field in self._shape(table) if field.name in words]

    def _shape(self, table: str) -> pa.Schema:
        """The columns of a bulk table; texts as views, which polars and Arrow share without a copy."""
        declared = self._db.execute(f"select * from held.{table} limit 0").to_arrow_table().schema  # noqa: S608 - own names
        return pa.schema(
            [
                field.with_type(pa.string_view()) if pa.types.is_string(field.type) else field
                for field in declared
            ]
        )


def _without_views(schema: pa.Schema) -> pa.Schema:
    return pa.schema([f.with_type(pa.large_string()) if f.type == pa.string_view() else f for f in schema])


def _by_evidence(whole: pa.Table) -> Iterator[tuple[int, pa.Table]]:
    """The rows of each piece of evidence, in their own order; a table of one piece, the usual one, is not copied."""
    ends = pc.min_max(whole["record_id"])
    first, last = (ends[end].as_py() for end in ("min", "max"))
    if first is not None and first >> RECORD_BITS == last >> RECORD_BITS:
        yield first >> RECORD_BITS, whole
        return
    for (evidence,), group in pl.DataFrame(whole).group_by(
        pl.col("record_id") // (1 << RECORD_BITS), maintain_order=True
    ):
        assert isinstance(evidence, int)
        yield evidence, group.to_arrow(compat_level=pl.CompatLevel.newest()).cast(whole.schema)
