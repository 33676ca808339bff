"""What the quotes of a block of delimited text say of it as a whole, without looking at each row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from hemostat.evidence.dialect import Dialect

_LF, _CR = 10, 13


def open_lines(text: bytes, quote: bytes) -> int:
    """How many lines hold an odd number of quotes."""
    if quote not in text:
        return 0
    marks = np.frombuffer(text.translate(None, bytes(set(range(256)) - {_LF, quote[0]})), np.uint8)
    return int((np.diff(np.flatnonzero(marks == _LF), prepend=-1) % 2 == 0).sum())


def by_the_book(text: bytes, dialect: Dialect) -> bool:
    """Whether each quote of a block opens a field, closes one or is doubled. In doubt, no.

    Doubled ones left out, they open and close in turn: after a delimiter or line end, and before one.
    """
    if dialect.escape:
        return False
    quote, delimiter = (dialect.quote or b"")[0], dialect.delimiter[0]
    if not (dialect.quote and text):
        return True
    octets = np.frombuffer(text, np.uint8)
    at = np.flatnonzero(octets == quote)
    if not len(at):
        return True
    first = np.flatnonzero(np.diff(at, prepend=-2) != 1)  # of quotes in a row, two are one doubled quote
    size = np.diff(first, append=len(at))
    alone = first[size % 2 == 1], size[size % 2 == 1]
    if len(alone[0]) % 2:
        return False
    start, end = at[alone[0]], at[alone[0] + alone[1] - 1]
    before, after = octets[start[::2] - 1], octets[np.minimum(end[1::2] + 1, len(octets) - 1)]
    opened = (before == delimiter) | (before == _LF) | (before == _CR) | (start[::2] == 0)
    closed = (after == delimiter) | (after == _LF) | (after == _CR) | (end[1::2] == len(octets) - 1)
    return bool(opened.all() and closed.all())
