"""A batch ready to be looked at: its columns of text and the hash of each cell, made once for both passes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import polars as pl

from hemostat.detect import prints

if TYPE_CHECKING:
    import pyarrow as pa

OURS = ("_line", "_locator")
"""Columns of a staged batch that are not the evidence's."""


class Opened(NamedTuple):
    """A staged batch, its columns of text by heading, and their hashes under each heading's own seed."""

    batch: pa.Table
    cells: dict[str, pl.Series]
    hashes: dict[str, pl.Series]


def opened(batch: pa.Table | Opened) -> Opened:
    """A batch with its columns and hashes; one that has them already is given back.

    >>> import pyarrow as pa
    >>> list(opened(pa.table({"_line": [1], "nom": ["MARTIN"]})).cells)
    ['nom']
    """
    if isinstance(batch, Opened):
        return batch
    cells = {name: pl.Series(batch[name], dtype=pl.String) for name in batch.column_names if name not in OURS}
    hashes = {name: column.hash(prints.seed(name)) for name, column in cells.items()}
    return Opened(batch, cells, hashes)
