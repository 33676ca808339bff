"""Prints of rows: two hashes over headings and cells, from which nothing of the row can be read back.

``print_lo`` is keyed by the case's secret, ``print_hi`` is the same in every case: it gives records an order that
depends on their content alone. Cells are summed, so the order of columns does not matter; empty cells count as absent.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import polars as pl

    Words = npt.NDArray[np.uint64]


@lru_cache(maxsize=4096)
def seed(heading: str, secret: bytes = b"") -> int:
    """The seed under which the cells of a column are hashed."""
    return int.from_bytes(blake2b(heading.encode(), digest_size=8, key=secret).digest(), "little")


def hashes(cells: pl.Series, heading: str, secret: bytes = b"") -> tuple[pl.Series, Words]:
    """Hashes of cells, as a column and with empty cells at 0.

    Polars hashes are stable within one version: the stage's fingerprint covers it.
    """
    column = cells.hash(seed(heading, secret))
    words = column.to_numpy()
    return column, words * cells.is_not_null().to_numpy() if cells.null_count() else words
