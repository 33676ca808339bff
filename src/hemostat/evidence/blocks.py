"""A text in blocks of whole lines, with the place of each octet in the file kept in account."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from hemostat.evidence.text import TextStream


_LF, _CR = 10, 13


@dataclass(slots=True)
class Block:
    """Whole lines of a text: as found, and in UTF-8 with the same line ends."""

    raw: bytes
    text: bytes
    offset: int
    """Where the block starts in the file."""
    line: int
    """The number of its first line, from 1."""
    stream: TextStream
    _lines: list[bytes] = field(default_factory=list)
    _ends: npt.NDArray[np.int64] | None = None
    _raw_ends: npt.NDArray[np.int64] | None = None
    _quotes: npt.NDArray[np.int64] | None = None

    def lines(self) -> list[bytes]:
        """The physical lines, in UTF-8, with their ends."""
        if not self._lines:
            self._lines = self.text.splitlines(keepends=True)
        return self._lines

    def ends(self) -> npt.NDArray[np.int64]:
        """Where lines end in ``text``, after a 0 for the first one's start."""
        if self._ends is None:
            self._ends = _line_ends(self.text)
        return self._ends

    def raw_ends(self) -> npt.NDArray[np.int64]:
        """The same in ``raw``."""
        if self._raw_ends is None:
            same = self.text is self.raw
            self._raw_ends = self.ends() if same else _line_ends(self.raw)
        return self._raw_ends

    def count_lines(self) -> int:
        """How many physical lines there are; the last may lack its end."""
        return len(self.ends()) - 1

    def quotes(self, quote: bytes) -> npt.NDArray[np.int64]:
        """Where in ``text`` the quotes are: those of the text's one dialect."""
        if self._quotes is None:
            self._quotes = np.flatnonzero(np.frombuffer(self.text, np.uint8) == quote[0])
        return self._quotes

    def odd_lines(self, quote: bytes) -> npt.NDArray[np.int64]:
        """The lines, from 0, that hold an odd number of quotes."""
        ends, quotes = self.ends(), self.quotes(quote)
        after = np.searchsorted(ends, quotes[::2], "right")
        if len(quotes) % 2 == 0 and bool((quotes[1::2] < ends[after]).all()):
            return np.empty(0, np.int64)  # each pair on one line
        lines = np.searchsorted(ends, quotes, "right") - 1
        first = np.flatnonzero(np.diff(lines, prepend=-1))
        odd: npt.NDArray[np.int64] = lines[first[np.diff(first, append=len(lines)) % 2 == 1]]
        return odd

    def size_of(self, lines: int) -> int:
        """Octets that the first lines take in ``raw``."""
        return int(self.raw_ends()[lines])

    def span(self, first: int, count: int) -> tuple[int, int]:
        """Where ``count`` lines lie in the file: first octet, and the one after the last."""
        start, end = (int(self.raw_ends()[line]) for line in (first, first + count))
        if not self.stream.wide:
            return self.offset + start, self.offset + end
        before = self.offset + self.stream.raw_size(self.raw[:start])
        return before, before + self.stream.raw_size(self.raw[start:end])


class Blocks:
    """Takes a stream block by block. What a block's user does not use comes again in the next one."""

    def __init__(self, stream: TextStream, offset: int) -> None:
        self.stream = stream
        self.offset = offset
        """Where in the file the next block starts."""
        self._held = b""
        self._ended = False

    @property
    def held(self) -> int:
        """Octets at hand."""
        return len(self._held)

    def take(self, size: int) -> tuple[bytes, bool]:
        """Whole lines, ``size`` octets of them at most, and whether they are the last ones.

        Nothing when the line that starts here is longer than that, or at the end.
        """
        while not self._ended and len(self._held) < size:
            more = self.stream.read(size - len(self._held))
            self._ended = not more
            self._held = self._held + more if self._held else more
        if self._ended:
            return self._held, True
        return self._held[: _last_end(self._held)], False

    def use(self, size: int) -> None:
        """Goes on after the first ``size`` octets at hand."""
        self.offset += self.stream.raw_size(self._held[:size])
        self._held = self._held[size:]

    def skip_line(self) -> int:
        """Goes on after the line that starts here, however long, and tells its octets in the file."""
        start = self.offset
        while not self._ended:
            found = re.search(rb"\r\n|\n|\r(?=[^\n])", self._held)
            if found:
                self.use(found.end())
                return self.offset - start
            self.use(max(len(self._held) - 1, 0))  # the last octet may be half of a line end
            self.take(len(self._held) + (4 << 20))
        found = re.search(rb"\r\n|\n|\r", self._held)
        self.use(found.end() if found else len(self._held))
        return self.offset - start


def _line_ends(text: bytes) -> npt.NDArray[np.int64]:
    """Where lines end, after a 0 for the first one's start; the last line may lack its end."""
    if lone_returns(text):
        return np.cumsum([0, *map(len, text.splitlines(keepends=True))])
    found = np.flatnonzero(np.frombuffer(text, np.uint8) == _LF)
    bare = bool(text) and not text.endswith(b"\n")
    ends = np.empty(len(found) + 1 + bare, np.int64)
    ends[0] = 0
    ends[1 : len(found) + 1] = found + 1
    if bare:
        ends[-1] = len(text)
    return ends


def lone_returns(text: bytes) -> int:
    r"""How many CR end a line without the LF of the usual pair.

    >>> lone_returns(b"a\r\nb\r\n"), lone_returns(b"a\rb\r\nc\r")
    (0, 2)
    """
    if b"\r" not in text:
        return 0
    octets = np.frombuffer(text, np.uint8)
    returns = octets == _CR
    return int(np.count_nonzero(returns)) - int(np.count_nonzero(returns[:-1] & (octets[1:] == _LF)))


def _last_end(data: bytes) -> int:
    """Just after the last line end; a CR at the very end may be half of one."""
    return max(data.rfind(b"\n"), data.rfind(b"\r", 0, max(len(data) - 1, 0))) + 1
