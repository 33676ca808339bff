"""The tokens of a JSON text and who holds whom, checked against the grammar in pairs, all values at once."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hemostat.evidence.jsons.marks import (
    CLOSE_LIST,
    CLOSE_OBJECT,
    COLON,
    COMMA,
    OPEN_LIST,
    OPEN_OBJECT,
    QUOTE,
)

if TYPE_CHECKING:
    import numpy.typing as npt

    from hemostat.evidence.jsons.marks import Flags, Marks, Places

_DEEPEST = 64
"""Levels whose grammar is checked; what lies deeper is text within a cell in any case."""

_BARE = r"^\s*[-+\w.]+\s*$"
"""Numbers, true, false, null, and the like of NaN; leading zeros harm nobody."""


class Kind(IntEnum):
    """What a token is."""

    OPEN_OBJECT = 0
    CLOSE_OBJECT = 1
    OPEN_LIST = 2
    CLOSE_LIST = 3
    MEMBER_COMMA = 4
    ITEM_COMMA = 5
    COLON = 6
    KEY = 7
    TEXT = 8


_VALUES = [Kind.OPEN_OBJECT, Kind.OPEN_LIST, Kind.TEXT]
_ENDS = [Kind.CLOSE_OBJECT, Kind.CLOSE_LIST, Kind.MEMBER_COMMA, Kind.ITEM_COMMA]
_KIND = np.full(256, Kind.TEXT, np.int8)
for _sign, _kind in (
    (OPEN_OBJECT, Kind.OPEN_OBJECT), (CLOSE_OBJECT, Kind.CLOSE_OBJECT), (OPEN_LIST, Kind.OPEN_LIST),
    (CLOSE_LIST, Kind.CLOSE_LIST), (COMMA, Kind.ITEM_COMMA), (COLON, Kind.COLON),
):  # fmt: skip
    _KIND[_sign] = _kind


def _grammar() -> Flags:
    """Whether b may follow a, with a bare value (number, true…) between them or not: [a, bare, b]."""
    may = np.zeros((len(Kind), 2, len(Kind)), np.bool_)
    may[Kind.OPEN_OBJECT, 0, [Kind.KEY, Kind.CLOSE_OBJECT]] = True
    may[Kind.OPEN_LIST, 0, [*_VALUES, Kind.CLOSE_LIST]] = True
    may[Kind.OPEN_LIST, 1, [Kind.ITEM_COMMA, Kind.CLOSE_LIST]] = True
    may[Kind.MEMBER_COMMA, 0, [Kind.KEY, Kind.CLOSE_OBJECT]] = True  # a comma too many harms nobody
    may[Kind.ITEM_COMMA, 0, [*_VALUES, Kind.CLOSE_LIST, Kind.ITEM_COMMA]] = True
    may[Kind.ITEM_COMMA, 1, [Kind.ITEM_COMMA, Kind.CLOSE_LIST]] = True
    may[Kind.COLON, 0, _VALUES] = True
    may[Kind.COLON, 1, [Kind.MEMBER_COMMA, Kind.CLOSE_OBJECT]] = True
    may[Kind.KEY, 0, Kind.COLON] = True
    for one in (Kind.TEXT, Kind.CLOSE_OBJECT, Kind.CLOSE_LIST):
        may[one, 0, _ENDS] = True
    return may


_MAY = _grammar()


class Tokens:
    """The tokens of a text ``,value,value,…,``: its marks, each string taken as one. Arrays have one item a token.

    Every value must be balanced; whether it is right, ``wrong`` tells.
    """

    def __init__(self, text: bytes, found: Marks, cuts: Places | None = None, *, keyed: bool = False) -> None:
        """``cuts``: the places of the commas around values; without them, all commas outside brackets.

        ``keyed`` when the values are members of an object: ``,"key": value,…,``.
        """
        closes = found.sign == QUOTE
        closes[closes] = np.arange(np.count_nonzero(closes)) % 2 == 1
        self.mark = np.flatnonzero(~closes)
        """The number of the mark."""
        self.at = found.at[self.mark]
        self.level = found.level[self.mark]
        sign = found.sign[self.mark]
        outside = np.flatnonzero((self.level == 0) & (sign == COMMA))
        self.cut = outside if cuts is None else np.searchsorted(self.at, cuts)
        """The tokens that stand around the values."""
        self._stray = np.setdiff1d(outside, self.cut, assume_unique=True)
        self.value = np.repeat(np.arange(len(self.cut)), np.diff(np.append(self.cut, len(sign))))
        """The number of the value that the token is in; for a comma between two, of the one that follows."""
        self.after = 2 * (self.mark + (sign == QUOTE)) + 1
        """The slice of text between the token and the next one."""
        self.content = 2 * self.mark + 1
        """The slice within the quotes, for a string."""
        self.text = text
        self._slices = _cells(text, np.stack([found.at, found.at + 1], axis=1).ravel())
        self.parent, self.partner = self._held(sign)
        self.kind = self._kinds(sign, keyed=keyed)
        ends = np.where(sign == QUOTE, found.at[np.minimum(self.mark + 1, len(found.at) - 1)], self.at) + 1
        self.bare = self._bare(ends)
        """Whether a bare value comes before the next token."""

    def __len__(self) -> int:
        return len(self.mark)

    @property
    def count(self) -> int:
        """How many values there are, blank ones included."""
        return max(len(self.cut) - 1, 0)

    def slices(self, numbers: Places) -> pa.StringArray:
        """The text of these slices."""
        return self._slices.take(pa.array(numbers))

    def spans(self, first: Places, last: Places) -> pa.StringArray:
        """The text from one token to another, both included. The spans are in order and do not overlap."""
        cells = _cells(self.text, np.stack([self.at[first], self.at[last] + 1], axis=1).ravel())
        return cells.take(pa.array(np.arange(0, 2 * len(first), 2)))

    def blank(self) -> Flags:
        """Which values are nothing at all, as between two commas."""
        nothing: Flags = (np.diff(self.cut) == 1) & ~self.bare[self.cut[:-1]]
        return nothing

    def crossed(self) -> Flags:
        """Which values close a list as an object or an object as a list: where they end cannot be trusted."""
        opened = np.flatnonzero(self.partner >= 0)
        crossed = self.kind[self.partner[opened]] != self.kind[opened] + 1
        found = np.zeros(self.count + 1, np.bool_)
        found[self.value[opened[crossed]]] = True
        return found[:-1]

    def wrong(self) -> Flags:
        """Which values are not JSON."""
        pairs = ~_MAY[self.kind[:-1], self.bare[:-1].astype(np.int8), self.kind[1:]]
        pairs &= (self.level[:-1] <= _DEEPEST) & (self.level[1:] <= _DEEPEST)
        found = np.append(self.crossed(), [False])
        found[self.value[:-1][pairs]] = True
        found[self.value[self._stray]] = True
        bare = np.flatnonzero(self.bare)
        strange = pc.invert(pc.match_substring_regex(self.slices(self.after[bare]), _BARE))
        found[self.value[bare[strange.to_numpy(zero_copy_only=False)]]] = True
        return found[:-1] & ~self.blank()

    def _held(self, sign: npt.NDArray[np.uint8]) -> tuple[Places, Places]:
        """For each token the bracket that holds it, and for each opening bracket the closing one; else -1."""
        parent = np.full(len(sign), -1)
        partner = np.full(len(sign), -1)
        level = np.minimum(self.level, _DEEPEST + 1).astype(np.int16)
        order = np.argsort(level, kind="stable")
        bounds = np.searchsorted(level[order], np.arange(_DEEPEST + 2))
        opening = (sign == OPEN_OBJECT) | (sign == OPEN_LIST)
        closing = (sign == CLOSE_OBJECT) | (sign == CLOSE_LIST)
        for depth in range(_DEEPEST + 1):
            here = order[bounds[depth] : bounds[depth + 1]]
            opens = here[opening[here]]
            if not len(opens):
                break
            partner[opens] = here[closing[here]]
            if depth < _DEEPEST:
                inner = order[bounds[depth + 1] : bounds[depth + 2]]
                parent[inner] = opens[np.searchsorted(opens, inner) - 1]
        return parent, partner

    def _kinds(self, sign: npt.NDArray[np.uint8], *, keyed: bool) -> npt.NDArray[np.int8]:
        kind: npt.NDArray[np.int8] = _KIND[sign]
        in_object = np.where(self.parent >= 0, sign[self.parent] == OPEN_OBJECT, keyed & (self.level == 0))
        kind[in_object & (sign == COMMA)] = Kind.MEMBER_COMMA
        starts = np.concatenate([[False], (sign[:-1] == OPEN_OBJECT) | (sign[:-1] == COMMA)])
        kind[in_object & starts & (sign == QUOTE)] = Kind.KEY
        return kind

    def _bare(self, ends: Places) -> Flags:
        bare = np.zeros(len(self.mark), np.bool_)
        some = np.flatnonzero(np.append(self.at[1:], ends[-1:]) > ends)
        filled = pc.binary_length(pc.ascii_trim_whitespace(self.slices(self.after[some])))
        bare[some] = filled.to_numpy() > 0
        return bare


def _cells(text: bytes, bounds: Places) -> pa.StringArray:
    """The text between each bound and the next."""
    offsets = pa.py_buffer(bounds.astype(np.int32))
    return pa.Array.from_buffers(pa.string(), max(len(bounds) - 1, 0), [None, offsets, pa.py_buffer(text)])
