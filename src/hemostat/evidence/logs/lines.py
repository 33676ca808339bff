"""Logs of lines as tables: what the log readers share. A unit is an entry of the log, most often a line."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import pyarrow as pa

from hemostat.evidence.base import Batch
from hemostat.evidence.blocks import Block, Blocks
from hemostat.evidence.reasons import Reason
from hemostat.evidence.text import Encoding, TextStream, sniff, to_utf8
from hemostat.model import CountMethod, Quarantined

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hemostat.evidence.base import Limits, Source

_BLOCK = 8 << 20
"""Octets read at once, at most: larger blocks are copied more slowly than they are read."""
HEAD = 256 << 10
"""Octets by which the average length of a line is judged."""


@dataclass(frozen=True, slots=True)
class Entries:
    """What the lines of a block hold."""

    columns: dict[str, pa.Array]
    """The entries read; texts."""
    at: Sequence[int]
    """The line of the block on which each starts, in order."""
    aside: Sequence[tuple[int, int, str]] = ()
    """First line, number of lines and reason of each entry that could not be read."""
    out_of_scope: int = 0
    """Entries of the log that are no accesses."""
    used: int | None = None
    """Lines that were read, when an entry goes on beyond the block; None for all."""


class ReadLines(Protocol):
    """Takes the lines of a block apart. ``final`` tells that nothing comes after them."""

    def __call__(self, lines: Sequence[bytes], *, final: bool) -> Entries:
        """The entries that the lines hold, in UTF-8 and with their ends."""


def first_lines(head: bytes, most: int = 5) -> list[bytes]:
    """The first lines that hold something; the last of them may be cut off and is left out when there are others."""
    encoding = sniff(head)
    if encoding.wide:
        head = head.decode(encoding.name, "replace").encode()
        encoding = Encoding("utf-8", 3 if head.startswith(b"\xef\xbb\xbf") else 0)
    text = head[encoding.mark :]
    lines = [line for line in text.splitlines() if line.strip()]
    whole = len(lines) <= 1 or text.endswith((b"\n", b"\r"))
    return (lines if whole else lines[:-1])[:most]


@dataclass(slots=True)
class LogTable:
    """One log as a table; ``read`` says what an entry is."""

    source: Source
    limits: Limits
    read: ReadLines
    columns: Sequence[str]
    kind: str
    lines_are_units: bool = True
    """Whether every line that is not blank is an entry, so that entries can be counted without reading them."""
    count_method: str = CountMethod.INDEPENDENT
    encoding: Encoding = field(init=False)
    block: int = field(init=False)

    def __post_init__(self) -> None:
        with self.source.open() as raw:
            head = raw.read(HEAD)
        self.encoding = sniff(head)
        rows = max(head.count(b"\n"), 1)
        aimed = self.limits.batch_rows * len(head) // rows
        self.block = min(max(aimed, self.limits.block_least), self.limits.block_most, _BLOCK)

    @property
    def name(self) -> str:
        """The evidence name."""
        return self.source.name

    @property
    def note(self) -> str:
        """How it is read, as ``key=value``."""
        return f"encoding={self.encoding.name}"

    def count_units(self) -> int | None:
        """Lines that are not blank, counted in the octets."""
        if not self.lines_are_units:
            return None
        filled = 0
        with self.source.open() as raw:
            stream = TextStream(raw, self.encoding)
            under_way = False
            while data := stream.read(8 << 20):
                lines = re.split(rb"[\r\n]+", data)
                filled += sum(bool(line.strip()) for line in lines[1:-1])
                under_way = under_way or bool(lines[0].strip())
                if len(lines) > 1:
                    filled += under_way
                    under_way = bool(lines[-1].strip())
            return filled + under_way

    def batches(self, resume: dict[str, Any] | None) -> Iterator[Batch]:
        """The entries, a block of text to a batch."""
        start = resume or {"offset": self.encoding.mark, "line": 1}
        size = self.block
        with self.source.open() as raw:
            blocks = Blocks(TextStream(raw, self.encoding, start["offset"]), start["offset"])
            line = int(start["line"])
            while True:
                data, final = blocks.take(size)
                if not data and final:
                    return
                block = None
                if data:
                    text, _ = to_utf8(data, self.encoding.fallback)
                    block = Block(data, text, blocks.offset, line, blocks.stream)
                    entries = self.read(block.lines(), final=final or blocks.held >= self.limits.block_most)
                    if entries.used == 0 and not final:
                        block = None  # one entry fills the block
                if block is None and blocks.held < self.limits.block_most:
                    size += self.block
                    continue
                size = self.block
                if block is None:
                    yield self._long_line(blocks, line)
                    line += 1
                    continue
                used = len(block.lines()) if entries.used is None else entries.used
                blocks.use(block.size_of(used))
                line += used
                yield self._batch(block, entries, blocks.offset, line)

    def _batch(self, block: Block, entries: Entries, offset: int, line: int) -> Batch:
        aside = tuple(
            Quarantined(
                f"line {block.line + first} (bytes {start}-{end})",
                reason,
                line=block.line + first,
                bytes=end - start,
            )
            for first, count, reason in entries.aside
            for start, end in [block.span(first, count)]
        )
        rows = pa.table({name: entries.columns[name] for name in self.columns})
        return Batch(
            rows=rows,
            line=pa.array([block.line + at for at in entries.at], pa.int64()),
            locator=None,
            units=rows.num_rows + len(aside) + entries.out_of_scope,
            blank=0,
            header=0,
            out_of_scope=entries.out_of_scope,
            quarantined=aside,
            resume={"offset": offset, "line": line},
        )

    def _long_line(self, blocks: Blocks, line: int) -> Batch:
        start = blocks.offset
        size = blocks.skip_line()
        aside = Quarantined(
            f"line {line} (bytes {start}-{start + size})", Reason.LINE_TOO_LONG, line=line, bytes=size
        )
        empty = pa.schema([(name, pa.string()) for name in self.columns]).empty_table()
        return Batch(
            rows=empty,
            line=pa.array([], pa.int64()),
            locator=None,
            units=1,
            blank=0,
            header=0,
            out_of_scope=0,
            quarantined=(aside,),
            resume={"offset": blocks.offset, "line": line + 1},
        )


def texts(values: Sequence[bytes | None]) -> pa.StringArray:
    """Octets as texts; what is empty is null."""
    return pa.array([value or None for value in values], pa.binary()).cast(pa.string())
