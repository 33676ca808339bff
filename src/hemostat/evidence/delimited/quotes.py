"""What the quotes of a block of delimited text say of it as a whole, without looking at each row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from hemostat.evidence.blocks import Block
    from hemostat.evidence.delimited.dialect import Dialect

_LF, _CR = 10, 13


def by_the_book(block: Block, dialect: Dialect) -> bool:
    """Whether each quote of a block opens a field, closes one or is doubled. In doubt, no.

    Doubled ones left out, they open and close in turn: after a delimiter or line end, and before one.
    """
    if dialect.escape:
        return False
    at = block.quotes(dialect.quote) if dialect.quote else ()
    if not len(at):
        return True
    octets, delimiter = np.frombuffer(block.text, np.uint8), dialect.delimiter[0]
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


def unsure_rows(
    block: Block, dialect: Dialect, at: npt.NDArray[np.int64], count: npt.NDArray[np.int64]
) -> npt.NDArray[np.bool_]:
    """Which rows (first line, number of lines) hold quotes that may not be by the book. In doubt, yes.

    Within a row of one line, doubled quotes left out, they open and close in turn; a field that is nothing but
    doubled quotes stands between delimiters or line ends.
    """
    if not len(at) or not dialect.quote:
        return np.zeros(len(at), np.bool_)
    if dialect.escape:
        return np.ones(len(at), np.bool_)
    places, octets, starts = block.quotes(dialect.quote), np.frombuffer(block.text, np.uint8), block.ends()
    unsure = count > 1
    first = np.flatnonzero(np.diff(places, prepend=-2) != 1)
    size = np.diff(first, append=len(places))
    start, end = places[first], places[first + size - 1]
    line = np.searchsorted(starts, start, "right") - 1
    alone = size % 2 == 1
    before = np.cumsum(alone) - alone  # quotes that open or close, up to each
    new = np.flatnonzero(np.diff(line, prepend=-1))
    inside = (before - np.repeat(before[new], np.diff(new, append=len(line)))) % 2 == 1
    ahead, behind = octets[start - 1], octets[np.minimum(end + 1, len(octets) - 1)]
    opens = (ahead == dialect.delimiter[0]) | (start == starts[line])
    closes = (behind == dialect.delimiter[0]) | (behind == _LF) | (behind == _CR) | (end == len(octets) - 1)
    wrong = np.where(inside, alone & ~closes, ~opens | (~alone & ~closes))
    bad = np.zeros(len(starts), np.bool_)
    bad[line[wrong]] = True
    bad[block.odd_lines(dialect.quote)] = True
    return unsure | bad[at]
