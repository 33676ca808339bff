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


def words(hashes: pl.Series, cells: pl.Series) -> Words:
    """Hashes as numbers, those of empty cells 0.

    Polars hashes are stable within one version: the stage's fingerprint covers it.
    """
    found = hashes.to_numpy()
    return found * cells.is_not_null().to_numpy() if cells.null_count() else found
