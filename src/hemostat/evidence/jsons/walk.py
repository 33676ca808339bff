"""Goes through the values of a table in a JSON document, and takes up again where the text is torn.

A value is what stands between two separators. Where a bracket or a quote is missing, no separator can be trusted:
the stretch up to the next place that begins as the values of this table do is handed out as damaged.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from hemostat.evidence.blocks import Blocks
from hemostat.evidence.jsons.marks import CLOSE_LIST, CLOSE_OBJECT, COMMA, marks
from hemostat.evidence.jsons.values import BLANKS, Piece, Shape, Stretch, decoded, prepared
from hemostat.evidence.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hemostat.evidence.base import Limits
    from hemostat.evidence.jsons.marks import Marks, Places
    from hemostat.evidence.jsons.values import Place
    from hemostat.evidence.text import TextStream

_KEY = rb'"(?:[^"\\]|\\.){1,200}"'
_BEGINS = {
    Shape.LIST: re.compile(rb"\s*\{\s*(%b)\s*:" % _KEY),
    Shape.SEQUENCE: re.compile(rb"\s*\{\s*(%b)\s*:" % _KEY),
    Shape.MAP: re.compile(rb"\s*%b\s*:\s*\{\s*(%b)\s*:" % (_KEY, _KEY)),
}
_BETWEEN = BLANKS + b","
_CHUNK = 4 << 20
_OVERLAP = 2048
"""Octets kept when looking on for the beginning of a value, which may lie across two chunks."""


@dataclass(slots=True)
class Walk:
    """The values of one place. From an offset on they are the same, whatever was read before."""

    open: Callable[[int], TextStream]
    """The text from an offset in the file on."""
    place: Place
    limits: Limits
    block: int
    """Octets of text looked at together."""
    fallback: str
    offset: int
    number: int = 1
    line: int = 1
    begins: str | None = None
    """The first key of the first object met, in its quotes: others are expected to begin alike."""
    torn: bool = False
    """Whether a bracket or a quote was missing so far: patience is shorter then."""
    ended: bool = False
    _stream: TextStream = field(init=False)
    _held: bytes = b""
    _ended: bool = False

    def __post_init__(self) -> None:
        self._stream = self.open(self.offset)

    def state(self) -> dict[str, Any]:
        """What it takes to go on from here, as JSON."""
        return {
            "offset": self.offset, "number": self.number, "line": self.line, "begins": self.begins, "torn": self.torn,
            "ended": self.ended,
        }  # fmt: skip

    def steps(self) -> Iterator[Piece | Stretch]:
        """Pieces and torn stretches, to the end of the place."""
        if self.place.shape == Shape.LINES:
            return self._lines()
        return self._sequence() if self.place.shape == Shape.SEQUENCE else self._bracketed()

    def _bracketed(self) -> Iterator[Piece | Stretch]:
        closing = CLOSE_LIST if self.place.shape == Shape.LIST else CLOSE_OBJECT
        size = min(self.block, self._patience)
        while not self.ended:
            self._fill(size)
            text = b"," + self._held[:size]
            final = self._ended and len(self._held) <= size
            found = marks(text)
            below = np.flatnonzero(found.level < 0)
            stop = int(found.at[below[0]]) if len(below) else len(text)
            cuts = found.at[(found.level == 0) & (found.sign == COMMA) & (found.at < stop)]
            closed = bool(len(below)) and int(found.sign[below[0]]) == closing and self._may_end(stop)
            whole = final and not len(below) and not found.in_text and found.final_level == 0
            if not (closed or whole or cuts[-1] or len(below) or final) and size < self._patience:
                size = min(size + self.block, self._patience)
                continue
            size = min(self.block, self._patience)
            if closed or whole or cuts[-1]:
                cuts = np.append(cuts, stop) if closed or whole else cuts
                piece, used = self._between(text, found, cuts, last=closed or whole)
                self._use(min(used, len(self._held)))
                if used == cuts[-1]:
                    self.ended = whole or (closed and not self._goes_on())
                if piece is not None:
                    yield piece
                if piece is not None or used:
                    continue
            elif stretch := self._too_large(closing):
                yield stretch
                continue
            torn = self._tear()
            self.ended = torn is None
            if torn is not None:
                yield torn

    def _may_end(self, stop: int) -> bool:
        """Whether the place may end at a bracket: not before the end that it is known to have."""
        return (
            self.place.end is None or self.offset + self._raw_size(self._held[: stop - 1]) >= self.place.end
        )

    def _between(self, text: bytes, found: Marks, cuts: Places, *, last: bool) -> tuple[Piece | None, int]:
        """The values between these commas, and how far they go: up to one whose end cannot be trusted.

        Nothing is a value after the last comma when nothing but blanks is there and it is the ``last`` of the place.
        """
        used = int(cuts[-1])
        if last and not text[cuts[-2] + 1 : cuts[-1]].strip(BLANKS):
            cuts = cuts[:-1]
        while len(cuts) > 1:
            raw = text[: cuts[-1]] + b","
            keyed = self.place.shape == Shape.MAP
            tokens, foreign = decoded(raw, found.until(int(cuts[-1])), cuts, self.fallback, keyed=keyed)
            crossed = np.flatnonzero(tokens.crossed())
            if not len(crossed):
                wrong = np.zeros(tokens.count, np.bool_)
                place = (
                    self.number,
                    raw[1:],
                    cuts[:-1],
                    cuts[1:] - 1,
                    self.offset,
                )  # ``raw`` begins with a comma
                return self._piece(Piece(tokens, wrong, *place, self._raw_size, foreign)), used
            cuts = cuts[: crossed[0] + 1]
            used = int(cuts[-1])
        return None, used

    def _sequence(self) -> Iterator[Piece | Stretch]:
        size = self.block
        while True:
            self._fill(size)
            text = self._held[:size]
            final = self._ended and len(self._held) <= size
            found = marks(text)
            closing = (found.sign == CLOSE_LIST) | (found.sign == CLOSE_OBJECT)
            closed = np.flatnonzero(closing & (found.level <= 0))
            below = np.flatnonzero(found.level[closed] < 0)
            closed = closed[: below[0] + 1] if len(below) else closed
            if len(closed):
                yield self._one_by_one(text, found.at[closed] + 1)
            elif not final and size < self._patience:
                size = min(size + self.block, self._patience)
                continue
            else:
                stretch = self._tear()
                if stretch is None:
                    return
                yield stretch
            size = min(self.block, self._patience)

    def _one_by_one(self, text: bytes, ends: Places) -> Piece:
        starts = np.concatenate([[0], ends[:-1]])
        parts = [text[a:b] for a, b in zip(starts.tolist(), ends.tolist(), strict=True)]
        values = [part.lstrip(_BETWEEN) for part in parts]
        starts = ends - np.array([len(value) for value in values])
        offset = self.offset
        self._use(int(ends[-1]))
        tokens, wrong, foreign = prepared(values, self.fallback)
        place = self.number, text[: ends[-1]], starts, ends, offset
        return self._piece(Piece(tokens, wrong, *place, self._raw_size, foreign))

    def _lines(self) -> Iterator[Piece | Stretch]:
        blocks = Blocks(self._stream, self.offset)
        size = self.block
        while True:
            data, final = blocks.take(size)
            if not data and final:
                return
            if not data and blocks.held < self.limits.block_most:
                size += self.block
                continue
            if data:
                offset, line = blocks.offset, self.line
                blocks.use(len(data))
                self.offset = blocks.offset
                lines = data.splitlines(keepends=True)
                self.line += len(lines)
                yield from self._filled(data, lines, offset, line)
            else:
                start = blocks.offset
                blocks.skip_line()
                self.offset = blocks.offset
                self.line += 1
                yield self._stretch(start, Reason.LINE_TOO_LONG)
            size = self.block

    def _filled(self, data: bytes, lines: list[bytes], offset: int, line: int) -> Iterator[Piece]:
        values = [one.strip(BLANKS) for one in lines]
        filled = np.array([bool(value) for value in values])
        ends = np.cumsum([len(one) for one in lines])
        starts = ends - [len(one) for one in lines]
        if filled.any():
            tokens, wrong, foreign = prepared([value for value in values if value], self.fallback)
            place = self.number, data, starts[filled], ends[filled], offset
            at = np.flatnonzero(filled) + line
            yield self._piece(Piece(tokens, wrong, *place, self._raw_size, foreign, at))

    def _piece(self, piece: Piece) -> Piece:
        self.number += len(piece)
        if self.begins is None and self.place.shape in _BEGINS:
            found = _BEGINS[self.place.shape].match(piece.tokens.text, 1)
            self.begins = found[1].decode("utf-8", "replace") if found else None
        return piece

    def _stretch(self, start: int, reason: Reason) -> Stretch:
        self.number += 1
        return Stretch(self.number - 1, start, self.offset, reason)

    def _goes_on(self) -> bool:
        """After the end of a list that is the document: whether anything follows. Another list is entered."""
        if self.place.path or self.place.shape != Shape.LIST:
            return False
        while True:
            rest = self._held.lstrip(_BETWEEN)
            if rest or self._ended:
                break
            self._use(len(self._held))
            self._fill(_CHUNK)
        if rest.startswith(b"["):
            self._use(len(self._held) - len(rest) + 1)
        return bool(rest)

    def _tear(self) -> Stretch | None:
        """Passes over what is held, up to where the next value seems to begin; nothing if only blanks are left."""
        self._use(len(self._held) - len(self._held.lstrip(_BETWEEN)))
        start = self.offset
        begins = self._next_begins()
        blank, first = True, 1
        while True:
            found = begins.search(self._held, first) if begins else None
            if found:
                self._use(found.start(1))
                break
            blank = blank and not self._held.strip(BLANKS)
            if self._ended:
                self._use(len(self._held))
                break
            cut = max(len(self._held) - _OVERLAP, 0)
            while cut and self._held[cut] & 0xC0 == 0x80:  # noqa: PLR2004 - within a character of UTF-8
                cut -= 1
            self._use(cut)
            self._fill(_CHUNK)
            first = 0
        if blank and not found:
            return None
        self.torn = True
        return self._stretch(start, Reason.DAMAGED)

    def _next_begins(self) -> re.Pattern[bytes] | None:
        if self.begins is None:
            return None
        before = {
            Shape.LIST: rb",\s*()",
            Shape.MAP: rb",\s*()%b\s*:\s*" % _KEY,
            Shape.SEQUENCE: rb"[\r\n]\s*()",
        }
        return re.compile(rb"%b\{\s*%b\s*:" % (before[self.place.shape], re.escape(self.begins.encode())))

    def _too_large(self, closing: int) -> Stretch | None:
        """Passes over one value that is larger than what is held at once, if it ends properly further on."""
        if self.torn or self._ended:
            return None
        ahead = self.open(self.offset)
        passed = pass_over(ahead, b"", closing, commas=True)
        if passed is None:
            return None
        start = self.offset
        self.offset += passed[0]
        self._stream, self._held = ahead, passed[1]
        stretch = self._stretch(start, Reason.TOO_LARGE)
        if self._held.startswith(b","):
            self._use(1)
        return stretch

    @property
    def _patience(self) -> int:
        return self.limits.quote_bytes if self.torn else self.limits.block_most

    def _fill(self, size: int) -> None:
        parts = [self._held]
        held = len(self._held)
        while not self._ended and held < size:
            more = self._stream.read(max(size - held, 1 << 16))
            self._ended = not more
            held += len(more)
            parts.append(more)
        self._held = b"".join(parts)

    def _use(self, size: int) -> None:
        self.offset += self._raw_size(self._held[:size])
        self._held = self._held[size:]

    def _raw_size(self, data: bytes) -> int:
        return self._stream.raw_size(data)


def pass_over(stream: TextStream, held: bytes, closing: int, *, commas: bool) -> tuple[int, bytes] | None:
    """How many octets of the file come before the bracket that closes the one open now, and the text from there on.

    With ``commas``, a comma outside brackets ends it as well. None if nothing does, or another bracket.
    """
    level, in_text, before = 0, False, 0
    data = held
    while True:
        slashes = len(data) - len(data.rstrip(b"\\"))
        kept = data[: len(data) - slashes % 2]
        found = marks(b'"' * in_text + kept)
        levels = found.level + level
        ends = np.flatnonzero((levels < 0) | (commas & (levels == 0) & (found.sign == COMMA)))
        if len(ends):
            first = ends[0]
            if levels[first] < 0 and found.sign[first] != closing:
                return None
            place = int(found.at[first]) - in_text
            return before + stream.raw_size(data[:place]), data[place:]
        level, in_text = level + found.final_level, found.in_text
        before += stream.raw_size(kept)
        more = stream.read(_CHUNK)
        if not more:
            return None
        data = data[len(kept) :] + more
