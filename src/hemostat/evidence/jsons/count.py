"""How many values a place of a JSON document holds, by its brackets and commas. Shares no code with the reader.

A count is given only for a text without a fault in its brackets and quotes: elsewhere, what a value is depends on
where reading takes up again.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy.typing as npt

    from hemostat.evidence.text import TextStream

    Ints = npt.NDArray[np.int64]

_CHUNK = 1 << 20
_COMMA, _QUOTE = b',"'
_CLOSES = 2
"""From a bracket to the one that closes it, in ASCII."""
_DEEPEST = 1000
"""Levels on which pairs of brackets are compared."""
_DEPTH = np.zeros(256, np.int8)
_DEPTH[list(b"[{")] = 1
_DEPTH[list(b"]}")] = -1
_SIGN = _DEPTH != 0
_SIGN[_COMMA] = True
_BLANKS = b" \t\r\n\x1e\x00\xef\xbb\xbf"


@dataclass(slots=True)
class _Chunk:
    """A run of the text: its brackets and commas outside strings."""

    data: bytes
    at: Ints
    sign: npt.NDArray[np.uint8]
    level: Ints
    """Brackets open after the sign."""
    before: int
    """Octets of text before it."""


def _chunks(stream: TextStream, depth: int) -> Iterator[_Chunk | None]:
    """The text from a place where ``depth`` brackets are open. The last item is None if it ends within a string."""
    inside, held, before = 0, b"", 0
    while more := stream.read(_CHUNK):
        data = held + more
        slashes = len(data) - len(data.rstrip(b"\\"))
        held = data[len(data) - slashes :]
        data = data[: len(data) - slashes].replace(b"\\\\", b"ss").replace(b'\\"', b"ss")
        octets = np.frombuffer(data, np.uint8)
        quotes = np.flatnonzero(octets == _QUOTE)
        at = np.flatnonzero(_SIGN[octets])
        at = at[(np.searchsorted(quotes, at) + inside) % 2 == 0]
        sign = octets[at]
        level = np.cumsum(_DEPTH[sign], dtype=np.int64) + depth
        yield _Chunk(data, at, sign, level, before)
        inside = (inside + len(quotes)) % 2
        depth = int(level[-1]) if len(level) else depth
        before += len(data)
    if inside or held:
        yield None


@dataclass(slots=True)
class _Pairs:
    """Holds brackets against those that opened them, level by level, from chunk to chunk."""

    _open: dict[int, int] = field(default_factory=dict)

    def crossed(self, chunk: _Chunk) -> bool:
        """Whether a list is closed as an object, or an object as a list."""
        kept = (chunk.sign != _COMMA) & (chunk.level < _DEEPEST)
        signs = chunk.sign[kept].astype(np.int64)
        depths = chunk.level[kept] + (_DEPTH[chunk.sign[kept]] < 0)
        order = np.argsort(depths, kind="stable")
        depths, signs = depths[order], signs[order]
        bounds = np.append(np.flatnonzero(np.diff(depths, prepend=-1)), len(depths)).tolist()
        for start, end in itertools.pairwise(bounds):
            level, run = int(depths[start]), signs[start:end]
            if _DEPTH[run[0]] < 0:
                run = np.concatenate([[self._open.pop(level, int(run[0]) - _CLOSES)], run])
            if len(run) % 2:
                self._open[level] = int(run[-1])
            if (run[1::2] - run[0 : len(run) - 1 : 2] != _CLOSES).any():
                return True
        return False


@dataclass(slots=True)
class _Tail:
    """What was read since the last separator: how long it is, and whether it holds anything."""

    since: int = 0
    """Where the last separator was."""
    filled: bool = False

    def longest(self, chunk: _Chunk, separators: Ints) -> int:
        """Octets of the longest stretch between separators up to the end of the chunk."""
        places = chunk.at[separators] + chunk.before
        return int(np.diff(np.concatenate([[self.since], places, [chunk.before + len(chunk.data)]])).max())

    def move(self, chunk: _Chunk, separators: Ints, blanks: bytes = _BLANKS) -> None:
        """Goes on to the end of the chunk."""
        start = 0
        if len(separators):
            start = int(chunk.at[separators[-1]]) + 1
            self.since, self.filled = chunk.before + start - 1, False
        self.filled = self.filled or bool(chunk.data[start:].strip(blanks))


def count_listed(stream: TextStream, closing: bytes, longest: int) -> int | None:
    """The values of a list or of an object, from just after its bracket on. Blank ones count if a comma follows.

    ``closing`` is the bracket that ends it; beyond ``longest`` octets of a value nothing is counted.
    """
    values, tail, pairs, depth = 0, _Tail(), _Pairs(), 1
    for chunk in _chunks(stream, 1):
        if chunk is None:
            return None
        ends = np.flatnonzero(chunk.level < 1)
        if len(ends):
            last = int(ends[0])
            if chunk.sign[last] != closing[0]:
                return None
            place = int(chunk.at[last])
            rest = chunk.at[:last], chunk.sign[:last], chunk.level[:last]
            chunk = _Chunk(chunk.data[:place], *rest, chunk.before)  # noqa: PLW2901 - up to its end
        commas = np.flatnonzero((chunk.sign == _COMMA) & (chunk.level == 1))
        if tail.longest(chunk, commas) > longest or pairs.crossed(chunk):
            return None
        values += len(commas)
        tail.move(chunk, commas)
        depth = int(chunk.level[-1]) if len(chunk.level) else depth
        if len(ends):
            break
    return values + tail.filled if depth == 1 else None


def count_lists(stream: TextStream, longest: int) -> int | None:
    """The values of all lists in a text that is nothing but lists; it starts just after the first bracket."""
    values, tail, pairs, depth = 0, _Tail(), _Pairs(), 1
    for chunk in _chunks(stream, 1):
        if chunk is None or pairs.crossed(chunk) or (chunk.level < 0).any():
            return None
        commas = (chunk.sign == _COMMA) & (chunk.level == 1)
        ends = (chunk.level == 0) & (chunk.sign != _COMMA)
        opens = (chunk.level == 1) & (_DEPTH[chunk.sign] > 0)
        if (chunk.sign[ends] != ord("]")).any() or (chunk.sign[opens] != ord("[")).any():
            return None
        separators = np.flatnonzero(commas | ends | opens)
        if tail.longest(chunk, separators) > longest:
            return None
        values += int(np.count_nonzero(commas))
        for number in np.flatnonzero(~commas[separators]).tolist():
            mark = separators[number]
            start = int(chunk.at[separators[number - 1]]) + 1 if number else 0
            filled = bool(chunk.data[start : chunk.at[mark]].strip(_BLANKS)) or (not number and tail.filled)
            if ends[mark]:
                values += filled
            elif chunk.data[start : chunk.at[mark]].strip(_BLANKS + b",") or (not number and tail.filled):
                return None
        tail.move(chunk, separators, _BLANKS if len(chunk.level) == 0 or chunk.level[-1] else _BLANKS + b",")
        depth = int(chunk.level[-1]) if len(chunk.level) else depth
    if depth == 0:
        return None if tail.filled else values
    return values + tail.filled if depth == 1 else None


def count_sequence(stream: TextStream, longest: int) -> int | None:
    """The values of a text that has one after the other, each a list or an object."""
    values, tail, pairs, depth = 0, _Tail(), _Pairs(), 0
    for chunk in _chunks(stream, 0):
        if chunk is None or pairs.crossed(chunk) or (chunk.level < 0).any():
            return None
        ends = np.flatnonzero((chunk.level == 0) & (chunk.sign != _COMMA))
        if tail.longest(chunk, ends) > longest:
            return None
        values += len(ends)
        tail.move(chunk, ends, _BLANKS + b",")
        depth = int(chunk.level[-1]) if len(chunk.level) else depth
    return values if not depth and not tail.filled else None


def count_lines(stream: TextStream) -> int:
    """The lines that are not blank."""
    lines = 0
    under_way = False
    while data := stream.read(_CHUNK):
        parts = re.split(rb"[\r\n]+", data)
        filled = [bool(part.strip(_BLANKS)) for part in parts]
        filled[0] |= under_way
        lines += sum(filled[:-1])
        under_way = filled[-1]
    return lines + under_way
