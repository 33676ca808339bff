"""64-bit hashes of values and of their combinations: the keys rows are grouped by. 0 stands for a missing value."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray

    U64 = NDArray[np.uint64]

_SEED = 20_230_117  # any fixed number: keys never leave the program
_MIX = np.uint64(0x9E3779B97F4A7C15)
_SPREAD = np.uint64(0xBF58476D1CE4E5B9)
_SHIFT = np.uint64(31)


def of_text(values: pl.Series) -> U64:
    """Hash of each text; 0 where it is missing."""
    if values.null_count() == len(values):
        return np.zeros(len(values), dtype=np.uint64)
    hashed = values.hash(_SEED).to_numpy().copy()
    if values.null_count():
        hashed[values.is_null().to_numpy()] = 0
    return hashed


def spread(values: U64) -> U64:
    """A bijection that makes neighbours look unrelated (the finaliser of splitmix64)."""
    mixed = values >> np.uint64(30)
    mixed ^= values
    mixed *= _SPREAD
    # in place: fresh memory costs more than the arithmetic
    shifted = mixed >> np.uint64(27)
    mixed ^= shifted
    mixed *= np.uint64(0x94D049BB133111EB)
    np.right_shift(mixed, _SHIFT, out=shifted)
    mixed ^= shifted
    return mixed


def of_numbers(values: NDArray[np.integer]) -> U64:
    """Hash of each integer; 0 where it is negative (missing)."""
    keys = values.astype(np.uint64)
    keys += _MIX
    hashed = spread(keys)
    hashed[values < 0] = 0
    return hashed


def join(*parts: U64) -> U64:
    """One key of several: 0 as soon as one part is missing; the order of the parts matters."""
    key = parts[0].copy()
    missing = parts[0] == 0
    for part in parts[1:]:
        key *= _MIX
        key += part
        key = spread(key)
        missing |= part == 0
    key[missing] = 0
    return key


def digest(*parts: U64) -> U64:
    """One hash of several, missing parts included: equal rows have equal digests."""
    key = np.full(len(parts[0]), _MIX)
    for part in parts:
        key *= _MIX
        key += part
        key = spread(key)
    return key
