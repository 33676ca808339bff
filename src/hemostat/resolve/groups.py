"""Rows that share a value, and the pairs they make: the blocks of record linkage, in columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hemostat.resolve.hashing import U64

    I32 = NDArray[np.int32]
    I64 = NDArray[np.int64]

MISSING = -1
"""Code of a row without the value. The only row to have a value has a code of its own, below MISSING."""


@dataclass(frozen=True, slots=True)
class Groups:
    """Rows grouped by equal keys, singletons left out.

    `codes`: one array per key column: the group number of each row; MISSING; or, for the only row to have a value,
    a number of its own below MISSING, so that equal codes always mean an equal value. `members`: rows, group after
    group; `starts`, `sizes`: where each group lies in `members`.
    """

    codes: tuple[I32, ...]
    members: I32
    starts: I64
    sizes: I64

    def sharing(self, rows: I32, column: int = 0) -> I64:
        """How many rows share the value of each of `rows` (1 when alone or missing)."""
        sizes: I64 = np.append(self.sizes, 1)
        return sizes[np.maximum(self.codes[column][rows], -1)]


def group(*columns: U64) -> Groups:
    """Rows grouped by equal non-zero keys of any column (a row counts once per column that holds the key)."""
    rows = [np.flatnonzero(column) for column in columns]
    keys = np.concatenate([column[row] for column, row in zip(columns, rows, strict=True)])
    row = np.concatenate(rows).astype(np.int32)
    where = _order(keys)
    ordered = keys[where]
    new = np.empty(len(ordered), dtype=bool)
    new[:1] = True
    np.not_equal(ordered[1:], ordered[:-1], out=new[1:])
    starts = np.flatnonzero(new)
    sizes = np.diff(np.append(starts, len(ordered)))
    several = sizes > 1
    number = np.where(several, np.cumsum(several) - 1, MISSING).astype(np.int32)
    of_entry = np.empty(len(ordered), dtype=np.int32)
    of_entry[where] = np.repeat(number, sizes)
    codes = []
    at = 0
    for column, held in zip(columns, rows, strict=True):
        code = np.full(len(column), MISSING, dtype=np.int32)
        entry = of_entry[at : at + len(held)]
        code[held] = np.where(entry == MISSING, MISSING - 1 - held, entry)
        at += len(held)
        codes.append(code)
    kept = np.repeat(several, sizes)
    kept_sizes = sizes[several]
    return Groups(tuple(codes), row[where[kept]], np.cumsum(kept_sizes) - kept_sizes, kept_sizes)


def _order(keys: U64) -> I64:
    """An order of the keys in which equal ones are neighbours.

    The place of each key replaces its low bits, so that one sort of plain numbers does; where two different keys
    share their high bits, which chance brings about once in many millions, the slower sort is taken.
    """
    bits = np.uint64(max(len(keys) - 1, 1).bit_length())
    places = np.arange(len(keys), dtype=np.uint64)
    packed = np.sort((keys >> bits << bits) | places)
    where = (packed & ((np.uint64(1) << bits) - np.uint64(1))).astype(np.int64)
    packed >>= bits
    ordered = keys[where]
    if np.any((packed[1:] == packed[:-1]) & (ordered[1:] != ordered[:-1])):
        return np.argsort(keys)
    return where


def pairs(groups: Groups, most: int) -> I64:
    """All pairs of rows of one group, packed (smaller row << 32 | larger row), for groups of at most `most` rows.

    A pair may come several times; a row twice in a group makes no pair with itself.
    """
    found = [np.empty(0, dtype=np.int64)]
    for size in np.unique(groups.sizes[groups.sizes <= most]):
        starts = groups.starts[groups.sizes == size]
        block = groups.members[starts[:, None] + np.arange(size)]
        left, right = np.triu_indices(size, 1)
        found.append(pack(block[:, left].ravel(), block[:, right].ravel()))
    packed = np.concatenate(found)
    apart: I64 = packed[(packed >> 32) != (packed & 0xFFFFFFFF)]
    return apart


def oversize(groups: Groups, most: int) -> I32:
    """Rows of the groups of more than `most` rows (a row may come several times)."""
    large = groups.sizes > most
    return groups.members[np.repeat(large, groups.sizes)]


def pack(a: NDArray[np.integer], b: NDArray[np.integer]) -> I64:
    """Pairs as one number, the smaller row first."""
    low: I64 = np.minimum(a, b).astype(np.int64)
    high: I64 = np.maximum(a, b).astype(np.int64)
    packed: I64 = (low << 32) | high
    return packed


def unpack(packed: I64) -> tuple[I32, I32]:
    """The two rows of each pair."""
    return (packed >> 32).astype(np.int32), (packed & 0xFFFFFFFF).astype(np.int32)


def unique(packed: I64) -> I64:
    """Each number once, in order."""
    ordered = np.sort(packed)
    return ordered[np.append(True, ordered[1:] != ordered[:-1])] if len(ordered) else ordered


def among(packed: I64, known: I64) -> NDArray[np.bool_]:
    """Whether each number is one of `known`, which is in order."""
    if not len(known):
        return np.zeros(len(packed), dtype=bool)
    place = np.minimum(np.searchsorted(known, packed), len(known) - 1)
    found: NDArray[np.bool_] = known[place] == packed
    return found


def dense(labels: NDArray[np.integer], most: int) -> I32:
    """Labels below `most` renumbered from 0 without holes, in the same order."""
    used = np.zeros(most, dtype=bool)
    used[labels] = True
    found: I32 = (np.cumsum(used) - 1).astype(np.int32)[labels]
    return found
