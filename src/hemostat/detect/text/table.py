"""A table from 64-bit keys to small numbers, looked up by whole columns: what was worked out once is not again."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    Keys = npt.NDArray[np.uint64]
    Ints = npt.NDArray[np.int64]

_FIRST_BITS = 14
_LIMIT = 1 << 20
_SPREAD = np.uint64(0x9E3779B97F4A7C15)


class Table:
    """Open addressing over a power of two, at most half full; emptied when it holds a million keys.

    ``value`` of a key is a pure function given at look-up, so that forgetting changes nothing but time.
    """

    def __init__(self) -> None:
        """An empty table."""
        self._clear(_FIRST_BITS)

    def _clear(self, bits: int) -> None:
        self._bits = bits
        self._count = 0
        self._keys = np.zeros(1 << bits, dtype=np.uint64)
        self._values = np.full(1 << bits, -1, dtype=np.int64)

    def get(self, keys: Keys, value: Callable[[int], int]) -> Ints:
        """The value of each key; ``value(i)`` works out that of ``keys[i]`` when it is new. Shapes (n,) -> (n,).

        >>> Table().get(np.array([7, 9, 7], dtype=np.uint64), lambda i: i + 10).tolist()
        [10, 11, 10]
        """
        found = self._find(keys)
        missing = np.flatnonzero(found < 0)
        if len(missing):
            distinct, first, back = np.unique(keys[missing], return_index=True, return_inverse=True)
            fresh = np.array([value(i) for i in missing[first].tolist()], dtype=np.int64)
            found[missing] = fresh[back]
            self._put(distinct, fresh)
        return found

    def _slots(self, keys: Keys) -> Ints:
        return ((keys * _SPREAD) >> np.uint64(64 - self._bits)).astype(np.int64)

    def _find(self, keys: Keys) -> Ints:
        slots = self._slots(keys)
        values = self._values.take(slots)
        other = np.flatnonzero((self._keys.take(slots) != keys) & (values >= 0))
        at = slots[other]
        while len(other):
            at = (at + 1) & ((1 << self._bits) - 1)
            values[other] = self._values.take(at)
            open_still = (self._keys.take(at) != keys[other]) & (values[other] >= 0)
            other, at = other[open_still], at[open_still]
        return values

    def _put(self, keys: Keys, values: Ints) -> None:
        if self._count + len(keys) > _LIMIT:
            self._clear(_FIRST_BITS)
        if (self._count + len(keys)) * 2 > 1 << self._bits:
            used = self._values >= 0
            old_keys, old_values = self._keys[used], self._values[used]
            self._clear(max(self._bits + 2, len(keys).bit_length() + 2))
            self._insert(old_keys, old_values)
        self._insert(keys, values)

    def _insert(self, keys: Keys, values: Ints) -> None:
        rest = np.arange(len(keys))
        at = self._slots(keys)
        mask = (1 << self._bits) - 1
        while len(rest):
            free = self._values.take(at) < 0
            _, first = np.unique(at, return_index=True)
            chosen = np.zeros(len(rest), dtype=np.bool_)
            chosen[first] = True
            chosen &= free
            self._keys[at[chosen]] = keys[rest[chosen]]
            self._values[at[chosen]] = values[rest[chosen]]
            rest, at = rest[~chosen], (at[~chosen] + 1) & mask
        self._count += len(keys)
