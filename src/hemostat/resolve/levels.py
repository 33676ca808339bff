"""Levels of agreement of two rows, field by field, and pairs of rows with their levels and weight."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hemostat.resolve.groups import I32

    F32 = NDArray[np.float32]
    I8 = NDArray[np.int8]
    Flags = NDArray[np.bool_]


_PARTS = ((1, 100), (100, 100), (10_000, 10_000))  # day, month and year in yyyymmdd: unit, size
_CENTURY = 1_000_000
_TURNED = 2  # digits that differ when two neighbours are exchanged


class Surname(IntEnum):
    """Levels of two surnames, the stronger the greater. A woman's may differ by marriage."""

    MISSING = 0
    DIFFERENT = 1
    DIFFERENT_WOMAN = 2
    CLOSE_COMMON = 3
    IN_EMAIL = 4
    """The e-mail address of one row holds the surname of the other."""
    CONTAINED = 5
    CLOSE = 6
    EXACT = 7


class Given(IntEnum):
    """Levels of two first names, the stronger the greater."""

    MISSING = 0
    DIFFERENT = 1
    CLOSE_COMMON = 2
    """Two names of their own, written nearly alike: LOUIS and LOUISE."""
    ALIKE = 3
    """Forms used one for another."""
    SLIPS = 4
    """Several slips apart."""
    VARIANT = 5
    """A further given name, an initial, a cut form."""
    CLOSE = 6
    """One slip apart."""
    HEAD = 7
    EXACT = 8


class Birth(IntEnum):
    """Levels of two birth dates."""

    MISSING = 0
    DIFFERENT = 1
    PART = 2
    """Two of day, month and year are the same."""
    MONTH_DIFFERENT = 3
    """A date is missing, and the year and month of a NIR, which stand in for it, differ."""
    MONTH = 4
    """The same month; the day is not known, or is the first in one row, which stands for it."""
    YEAR = 5
    NEAR = 6
    SWAPPED = 7
    EQUAL = 8


class Nir(IntEnum):
    """Levels of two NIR."""

    MISSING = 0
    CONFLICT = 1
    """Two numbers, each coherent with its row."""
    UNLIKE = 2
    """Two numbers, neither of which contradicts its row."""
    DIFFERENT = 3
    NEAR = 4
    SAME_INCOHERENT = 5
    SAME_UNKNOWN = 6
    SAME_HALF = 7
    SAME_COHERENT = 8


class Agreed(IntEnum):
    """Levels of a field that is equal or not: sex, birth place."""

    MISSING = 0
    DIFFERENT = 1
    EQUAL = 2


class Contact(IntEnum):
    """Levels of the household: the strongest shared contact or place counts, once."""

    MISSING = 0
    DIFFERENT = 1
    AREA = 2
    """The first two characters of the postcodes: in France the département."""
    CITY = 3
    POSTCODE = 4
    ADDRESS_CLOSE = 5
    ADDRESS = 6
    PHONE = 7
    EMAIL = 8


@dataclass(frozen=True, slots=True)
class Weighed:
    """Pairs, their levels and their weight.

    `strangers`, `relatives`: bits in favour of one person against each rival; `veto`: never the same person.
    """

    a: I32
    b: I32
    surname: I8
    given: I8
    swapped: NDArray[np.bool_]
    birth: I8
    sex: I8
    nir: I8
    contact: I8
    birth_place: I8
    id: NDArray[np.bool_]
    strangers: F32
    relatives: F32
    nir_strangers: F32
    nir_relatives: F32
    spare: F32
    """Bits of the contacts shared beyond the strongest, which count where no families are in the data."""
    veto: NDArray[np.bool_]
    veto_without_nir: NDArray[np.bool_]

    @property
    def score(self) -> F32:
        """Bits against the closer rival."""
        return np.minimum(self.strangers, self.relatives)

    @property
    def bare(self) -> F32:
        """Bits against the closer rival, had the NIR not been there."""
        bits: F32 = np.minimum(self.strangers - self.nir_strangers, self.relatives - self.nir_relatives)
        return bits


def date_levels(left: I32, right: I32) -> I8:
    """Levels of two full dates (yyyymmdd): equal, day and month exchanged, one slip, one month, same in part, or not.

    A slip is one wrong digit, two neighbouring digits exchanged, a day, month or year off by one, or
    the wrong century.
    """
    level = np.full(len(left), Birth.DIFFERENT, dtype=np.int8)
    level[left == right] = Birth.EQUAL
    rest = np.flatnonzero(left != right)
    one, two = left[rest], right[rest]
    day, other = one % 10_000, two % 10_000
    exchanged = (one // 10_000 == two // 10_000) & (day == other % 100 * 100 + other // 100)
    wrong = np.zeros(len(rest), dtype=np.int8)
    turned = np.zeros(len(rest), dtype=bool)
    places = [((one // 10**k) % 10, (two // 10**k) % 10) for k in range(8)]
    for x, y in places:
        wrong += x != y
    for (x, y), (z, t) in pairwise(places):
        turned |= (x == t) & (y == z) & (x != y)
    steps = [np.abs(one // unit % size - two // unit % size) for unit, size in _PARTS]
    parts = np.sum([step != 0 for step in steps], axis=0)
    off_by_one = (np.maximum.reduce(steps) == 1) & (parts == 1)
    century = (day == other) & (np.abs(one - two) == _CENTURY)
    unknown_day = (one // 100 == two // 100) & ((one % 100 == 1) | (two % 100 == 1))
    near = (wrong == 1) | (turned & (wrong <= _TURNED)) | off_by_one | century
    level[rest[parts == 1]] = Birth.PART
    level[rest[unknown_day]] = Birth.MONTH
    level[rest[near]] = Birth.NEAR
    level[rest[exchanged]] = Birth.SWAPPED
    return level
