"""The marks that give a JSON text its structure, found in whole arrays at once.

Strings end where an unescaped quote says so, brackets give each mark a level. Nothing here looks at a value.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Places = npt.NDArray[np.int64]
    Flags = npt.NDArray[np.bool_]

QUOTE, COMMA, COLON, _BACKSLASH = b'",:\\'
OPEN_OBJECT, CLOSE_OBJECT, OPEN_LIST, CLOSE_LIST = b"{}[]"
_MARK = np.zeros(256, np.bool_)
_MARK[list(b'{}[],:"')] = True
_STEP = np.zeros(256, np.int64)
_STEP[[OPEN_OBJECT, OPEN_LIST]] = 1
_STEP[[CLOSE_OBJECT, CLOSE_LIST]] = -1


@dataclass(frozen=True, slots=True)
class Marks:
    """Brackets, commas and colons outside strings, and both ends of each string, in order."""

    at: Places
    """Where each mark is."""
    sign: npt.NDArray[np.uint8]
    """The octet there."""
    level: Places
    """How many brackets are open around it. A bracket has the level of the value that it opens or closes."""
    in_text: bool
    """Whether the text ends within a string."""

    @property
    def final_level(self) -> int:
        """How many brackets are open at the end."""
        if not len(self.at):
            return 0
        return int(self.level[-1]) + int(_STEP[self.sign[-1]] > 0)

    def until(self, place: int) -> Marks:
        """The marks before a place, and a comma there."""
        count = int(np.searchsorted(self.at, place))
        return Marks(
            np.append(self.at[:count], place),
            np.append(self.sign[:count], np.uint8(COMMA)),
            np.append(self.level[:count], 0),
            in_text=False,
        )


def marks(text: bytes, cuts: Places | None = None) -> Marks:
    """The marks of a text that starts outside strings.

    ``cuts`` are the places of commas known to stand between values: each value is then read for itself, so that a
    quote missing in one does not turn the others inside out.
    """
    octets = np.frombuffer(text, np.uint8)
    at = np.flatnonzero(_MARK[octets])
    sign = octets[at]
    if b"\\" in text:
        kept = ~((sign == QUOTE) & _escaped(octets, at))
        at, sign = at[kept], sign[kept]
    quotes = np.cumsum(sign == QUOTE)
    if cuts is not None and len(at):
        quotes = quotes - _before(quotes, np.searchsorted(at, cuts), len(at))
    inside = (quotes & 1) == 1
    kept = ~inside | (sign == QUOTE)
    if cuts is not None:
        kept |= np.isin(at, cuts, assume_unique=True)
    at, sign = at[kept], sign[kept]
    step = _STEP[sign]
    level = np.cumsum(step) - (step > 0)
    if cuts is not None and len(at):
        level = level - _before(level, np.searchsorted(at, cuts), len(at))
    return Marks(at, sign, level, bool(len(inside) and inside[-1]))


def _before(running: Places, cuts: Places, count: int) -> Places:
    """For each mark, the running figure at the last cut up to it; 0 before the first."""
    values = np.concatenate([[0], running[cuts]])
    return np.repeat(values, np.diff(np.concatenate([[0], cuts, [count]])))


def _escaped(octets: npt.NDArray[np.uint8], at: Places) -> Flags:
    """Which places come after an odd number of backslashes."""
    slashes = np.flatnonzero(octets == _BACKSLASH)
    first = np.diff(slashes, prepend=-2) > 1
    number = np.arange(len(slashes))
    length = number - np.maximum.accumulate(np.where(first, number, 0)) + 1
    odd = np.zeros(len(octets) + 1, np.bool_)
    odd[slashes + 1] = length % 2 == 1
    return odd[at]


def balanced(found: Marks, cuts: Places) -> Flags:
    """Which of the values between ``cuts`` close all that they open."""
    first = np.searchsorted(found.at, cuts)
    lowest = np.minimum.reduceat(found.level, first)[:-1]
    quotes = np.diff(np.cumsum(found.sign == QUOTE)[first])
    last = first[1:] - 1
    open_still = found.level[last] + (_STEP[found.sign[last]] > 0)
    whole: Flags = (lowest >= 0) & (quotes % 2 == 0) & (open_still == 0)
    return whole
