"""The text of a dump as it comes off the disk: a window that moves on, and where in the file each octet of it lies."""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from hemostat.evidence.text import TextStream

if TYPE_CHECKING:
    from hemostat.evidence.text import Encoding

_READ = 2 << 20
"""Octets read at once."""


class Feed:
    """A window over a text. ``data`` is what is at hand; places in it are valid until the next ``fill``."""

    def __init__(self, raw: BinaryIO, encoding: Encoding, offset: int | None = None, line: int = 1) -> None:
        self._plain = not encoding.wide
        self._stream = TextStream(raw, encoding, offset)
        self._mark = (0, encoding.mark if offset is None else offset, line)
        """A place in ``data``, where in the file it lies, and its line: what is told of others starts from here."""
        self.data = b""
        self.ended = False
        """Whether nothing comes after ``data``."""

    def fill(self, place: int, size: int) -> None:
        """Drops what lies before ``place``, which becomes 0, and reads on until ``size`` octets are at hand."""
        self._mark = (0, self.offset(place), self.line(place))
        parts = [self.data[place:]]
        held = len(parts[0])
        while held < size and not self.ended:
            more = self._stream.read(max(_READ, size - held))
            self.ended = not more
            parts.append(more)
            held += len(more)
        self.data = b"".join(parts)

    def raw_size(self, data: bytes) -> int:
        """Octets of the file that these octets of text stand for."""
        return self._stream.raw_size(data)

    def offset(self, place: int) -> int:
        """Where in the file a place lies; not before the last one asked for."""
        self._go(place)
        return self._mark[1]

    def line(self, place: int) -> int:
        """The physical line, from 1, in which a place lies; not before the last one asked for."""
        self._go(place)
        return self._mark[2]

    def _go(self, place: int) -> None:
        mark, offset, line = self._mark
        if place > mark:
            passed = place - mark if self._plain else self.raw_size(self.data[mark:place])
            self._mark = (place, offset + passed, line + self.data.count(b"\n", mark, place))
