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


@dataclass(frozen=True, slots=True)
class Values:
    """One column of values. `codes`: rows with equal values have equal codes, MISSING without; `counts`: by code."""

    codes: I32
    counts: I64

    def sharing(self, rows: I32) -> I64:
        """How many rows share the value of each of `rows` (1 when missing)."""
        shared: I64 = np.append(self.counts, 1)[self.codes[rows]]
        return shared


def values(keys: U64) -> Values:
    """The non-zero keys of a column as codes: lighter than groups where values are few and come often.

    The code of a value is one of its rows: keys meet in a large table, those that meet another go round again.
    """
    codes = np.full(len(keys), MISSING, dtype=np.int32)
    rest = np.flatnonzero(keys).astype(np.int32)
    bits = max(len(keys), 1).bit_length()
    turn = 0
    while len(rest):
        held = keys[rest]
        slot = _slots(held << np.uint64(turn) | held >> np.uint64(64 - turn) if turn else held, bits)
        table = np.empty(1 << bits, dtype=np.int32)
        table[slot] = rest
        chosen = table[slot]
        met = keys[chosen] == held
        codes[rest[met]] = chosen[met]
        rest = rest[~met]
        turn = (turn + 7) % 64
    return Values(codes, np.bincount(codes[codes != MISSING], minlength=len(keys)))


def group(*columns: U64) -> Groups:
    """Rows grouped by equal non-zero keys of any column (a row counts once per column that holds the key)."""
    size = len(columns[0])
    keys = np.concatenate(columns) if len(columns) > 1 else columns[0]
    entries = np.flatnonzero(_crowded(keys) & (keys != 0))
    keys = keys[entries]
    where = order(keys)
    keys, entries = np.take(keys, where), np.take(entries, where)
    new = np.append(True, keys[1:] != keys[:-1])[: len(keys)]
    starts = np.flatnonzero(new)
    sizes = np.diff(np.append(starts, len(keys)))
    several = sizes > 1
    kept = np.repeat(several, sizes)
    members, sizes = entries[kept], sizes[several]
    number = np.repeat(np.arange(len(sizes), dtype=np.int32), sizes)
    alone = np.arange(MISSING - 1, MISSING - 1 - size, -1, dtype=np.int32)
    codes = []
    for place, column in enumerate(columns):
        code = np.where(column != 0, alone, np.int32(MISSING))
        here = slice(None) if len(columns) == 1 else members // size == place
        code[members[here] - place * size] = number[here]
        codes.append(code)
    return Groups(tuple(codes), (members % max(size, 1)).astype(np.int32), np.cumsum(sizes) - sizes, sizes)


def firsts(keys: U64) -> I64:
    """For each row, the first row that has its key (0 is a key like any other)."""
    row = np.arange(len(keys), dtype=np.int64)
    entries = np.flatnonzero(_crowded(keys))
    entries = entries[order(keys[entries])]
    held = keys[entries]
    starts = np.flatnonzero(np.append(True, held[1:] != held[:-1])[: len(held)])
    row[entries] = np.repeat(entries[starts], np.diff(np.append(starts, len(held))))
    return row


def _crowded(keys: U64) -> NDArray[np.bool_]:
    """Keys that may come twice: those that fall to a place of a large table where another key falls too.

    Keys are hashes, and most come once: they need not be sorted.
    """
    bits = max(len(keys), 1).bit_length() + 1
    slot = _slots(keys, bits)
    entry = np.arange(len(keys), dtype=np.int32)
    last = np.empty(1 << bits, dtype=np.int32)
    last[slot] = entry
    crowd = np.zeros(1 << bits, dtype=bool)
    crowd[slot[last[slot] != entry]] = True
    found: NDArray[np.bool_] = crowd[slot]
    return found


def _slots(keys: U64, bits: int) -> I64:
    """The first bits of each key. As machine integers, by which numpy looks things up faster than by narrow ones."""
    found: I64 = (keys >> np.uint64(64 - bits)).view(np.int64)
    return found


def order(keys: U64) -> I64:
    """The order of the keys, in which equal ones stand in their order of arrival.

    The place of each key replaces its low bits, so that one sort of plain numbers does; the few different keys that
    share their high bits are put in order afterwards.
    """
    bits = np.uint64(max(len(keys) - 1, 1).bit_length())
    packed = keys >> bits
    packed <<= bits
    packed |= np.arange(len(keys), dtype=np.uint64)
    packed.sort()
    where = (packed & ((np.uint64(1) << bits) - np.uint64(1))).astype(np.int64)
    packed >>= bits
    mixed = (packed[1:] == packed[:-1]) & (keys[where[1:]] != keys[where[:-1]])
    for high in np.unique(packed[1:][mixed]):
        run = slice(np.searchsorted(packed, high), np.searchsorted(packed, high, side="right"))
        where[run] = where[run][np.argsort(keys[where[run]], kind="stable")]
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
