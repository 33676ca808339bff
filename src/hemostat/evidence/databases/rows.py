"""What the readers of databases share: columns that a database gave become the rows of a batch."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
import pyarrow as pa

from hemostat.evidence.base import Batch, Unreadable
from hemostat.evidence.headings import named
from hemostat.evidence.reasons import Reason
from hemostat.evidence.sql.literal import shown
from hemostat.evidence.sql.reasons import SqlReason

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

LARGE = 1 << 20
"""Octets from which on a binary value is not fetched: its size alone is kept."""
_CHUNK = 4 << 20
_EXACT = 2.0**53


def cell(value: object) -> str | None:
    """A value of Python as text; None if there is none. Whole numbers in floating point are written as such.

    >>> [cell(x) for x in (None, "", "a", 12, 183057505612345.0, 0.5, bytes([0, 255]))]
    [None, None, 'a', '12', '183057505612345', '0.5', '0x00FF']
    """
    if isinstance(value, str):
        return value or None
    if value is None:
        return None
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < _EXACT else repr(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return shown(bytes(value)) or None
    return str(value)


def in_memory(raw: BinaryIO, most: int) -> int:
    """A handle of a copy in memory that has a path, for libraries that open paths alone.

    Raises:
        Unreadable: larger than ``most`` octets, or the system has no such files.
    """
    if not hasattr(os, "memfd_create"):
        raise Unreadable(Reason.KIND_NOT_READ)
    handle = os.memfd_create("database", os.MFD_CLOEXEC)
    size = 0
    while chunk := raw.read(_CHUNK):
        size += len(chunk)
        if size > most:
            os.close(handle)
            raise Unreadable(SqlReason.DATABASE_LARGE)
        os.write(handle, chunk)
    return handle


def octets(values: Iterable[bytes | None], sizes: Iterable[int | None]) -> pa.Array:
    """Binary values as text (``sql.literal.shown``); of one that was not fetched, its size."""
    return pa.array(
        [
            (None if size is None else f"<{size} bytes>") if value is None else cell(value)
            for value, size in zip(values, sizes, strict=True)
        ],
        pa.string(),
    )


def batch(
    names: Sequence[str], columns: Sequence[pa.Array], units: int, locators: pa.Array, resume: dict[str, Any]
) -> Batch:
    """A batch from ``units`` rows of text; rows without any value are blank."""
    full = np.zeros(units, np.bool_)
    for column in columns:
        full |= column.is_valid().to_numpy(zero_copy_only=False)
    rows = pa.table(list(columns), names=list(named(names, len(names))))
    kept = pa.array(full)
    return Batch(
        rows=rows if full.all() else rows.filter(kept),
        line=None,
        locator=locators if full.all() else locators.filter(kept),
        units=units,
        blank=units - int(np.count_nonzero(full)),
        header=0,
        out_of_scope=0,
        quarantined=(),
        resume=resume,
    )


def numbered(first: int, count: int, word: str = "row") -> pa.Array:
    """Locators of rows that have no better name than their number, from ``first`` on."""
    return pa.array([f"{word} {number}" for number in range(first, first + count)], pa.string())
