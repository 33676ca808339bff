"""Delimited text: CSV and its cousins, in any common dialect and encoding, without losing a row.

Each block of text goes through a fast reader first. Its rows are taken only if every physical line of the block is
accounted for, one row each; otherwise the block is cut into rows line first (``lines``), what is properly quoted goes
through the fast reader again, and the rest is read leniently or quarantined.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, BinaryIO

import pyarrow as pa

from hemostat.evidence.base import Batch
from hemostat.evidence.blocks import Block, Blocks
from hemostat.evidence.delimited import sections, units
from hemostat.evidence.delimited.dialect import NONE, Layout
from hemostat.evidence.delimited.dialect import sniff as sniff_layout
from hemostat.evidence.delimited.fixed import FixedWidth, measure
from hemostat.evidence.delimited.rows import Settled, cut_rows, nothing, settle, together
from hemostat.evidence.reasons import Reason
from hemostat.evidence.text import Encoding, TextStream, looks_like_text, sniff, to_utf8
from hemostat.model import CountMethod, Quarantined

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hemostat.evidence.base import Limits, Source, TableSource

_HEAD = 256 << 10
_PIECE = 4 << 20
_FEW_FIELDS = 2
"""A delimiter that makes no more fields may be chance: columns aligned by spaces are looked for."""
_NAMES = {b",": "comma", b";": "semicolon", b"\t": "tab", b"|": "pipe", NONE: "none"}


@dataclass(slots=True)
class Delimited:
    """One delimited text as a table."""

    source: Source
    limits: Limits
    encoding: Encoding
    layout: Layout
    block: int
    """Octets of text to a block."""
    start: int
    """Where the table starts in the file."""
    above: int = 0
    """Physical lines of the file above it."""
    end: int | None = None
    """Where another table begins below it in the file."""
    number: int = 1
    """Which table of the file it is."""
    kind: str = "csv"
    count_method: str = CountMethod.INDEPENDENT
    seen: dict[str, int] = field(default_factory=dict)
    """What was met on the way: lines in another encoding, rows padded."""

    @property
    def name(self) -> str:
        """The evidence name: that of the file, and from the second table on its number (``a.csv#2``)."""
        return self.source.name if self.number == 1 else f"{self.source.name}#{self.number}"

    @property
    def note(self) -> str:
        """How it is read, as ``key=value`` (worded in ``reasons``)."""
        dialect = self.layout.dialect
        said = {
            "encoding": self.encoding.name,
            "delimiter": dialect.written.decode()
            if dialect.written
            else _NAMES.get(dialect.delimiter, f"0x{dialect.delimiter.hex()}"),
            "columns": len(self.layout.names),
            "heading": self.above + self.layout.skip_lines
            if self.layout.heading and self.layout.skip_lines
            else "no",
            **({"table": self.number} if self.number > 1 or self.end is not None else {}),
            **({"escape": "backslash"} if dialect.escape else {}),
            **({"quote": "single"} if dialect.quote == b"'" else {}),
            **{key: count for key, count in sorted(self.seen.items()) if count},
        }
        return ", ".join(f"{key}={value}" for key, value in said.items())

    def count_units(self) -> int | None:
        """Rows by ``units.count``, which shares no code with ``batches``."""
        with self.source.open() as raw:
            return units.count(self._stream(raw), self.layout.dialect, self.limits)

    def batches(self, resume: dict[str, Any] | None) -> Iterator[Batch]:
        """The rows, a block of text to a batch."""
        with self.source.open() as raw:
            if resume is None:
                blocks = Blocks(self._stream(raw), self.start)
                line, first = 1 + self.above + self.layout.skip_lines, True
                blocks.take(self.layout.skip)
                blocks.use(self.layout.skip)
            else:
                blocks = Blocks(self._stream(raw, resume["offset"]), resume["offset"])
                line, first = resume["line"], False
                self.seen = dict(resume["seen"])
            yield from self._batches(blocks, line, first=first)

    def _stream(self, raw: BinaryIO, offset: int | None = None) -> TextStream:
        return TextStream(raw, self.encoding, self.start if offset is None else offset, self.end)

    def _batches(self, blocks: Blocks, line: int, *, first: bool) -> Iterator[Batch]:
        held: list[Settled] = []
        size, begun = 0, blocks.offset
        for settled in self._pieces(blocks, line):
            held.append(settled)
            size += settled.rows.num_rows
            line += settled.lines
            if size >= self.limits.batch_rows or blocks.offset - begun > self.block - min(self.block, _PIECE):
                yield self._batch(together(held), blocks.offset, line, first=first)
                held, size, begun, first = [], 0, blocks.offset, False
        if held or (first and self.layout.skip_lines):
            yield self._batch(together(held or [nothing(self.layout)]), blocks.offset, line, first=first)

    def _pieces(self, blocks: Blocks, line: int) -> Iterator[Settled]:
        """The rows piece by piece: small pieces stay in the processor's cache, and need no new memory."""
        size = piece = min(self.block, _PIECE)
        while True:
            raw, final = blocks.take(size)
            if not raw and final:
                return
            if not raw and blocks.held < self.limits.block_most:
                size += piece
                continue
            if raw:
                text, foreign = to_utf8(raw, self.encoding.fallback)
                block = Block(raw, self.layout.dialect.plain(text), blocks.offset, line, blocks.stream)
                cut = cut_rows(block, self.layout, self.limits, final=final)
                if not cut.lines:  # a single row, which may go on
                    size += piece
                    continue
                if cut.lines < block.count_lines():
                    rest = raw[block.size_of(cut.lines) :]
                    foreign -= to_utf8(rest, self.encoding.fallback)[1]
                    raw = raw[: len(raw) - len(rest)]
                settled = settle(cut, block, self.layout)
                self._saw(self.encoding.fallback, foreign)
                self._saw("padded", settled.padded)
                blocks.use(len(raw))
            else:
                settled = self._long_line(blocks, line)
            line += settled.lines
            yield settled
            size = piece

    def _long_line(self, blocks: Blocks, line: int) -> Settled:
        start = blocks.offset
        size = blocks.skip_line()
        place = f"line {line} (bytes {start}-{start + size})"
        return nothing(self.layout, Quarantined(place, Reason.LINE_TOO_LONG, line=line, bytes=size), lines=1)

    def _saw(self, what: str, times: int) -> None:
        self.seen[what] = self.seen.get(what, 0) + times

    def _batch(self, settled: Settled, offset: int, line: int, *, first: bool) -> Batch:
        blank, header, out_of_scope = settled.blank, settled.header, 0
        if first:
            blank += self.layout.blank
            header += self.layout.heading is not None and self.layout.skip_lines > 0
            out_of_scope = self.layout.out_of_scope
        aside = sum(one.units for one in settled.quarantined)
        return Batch(
            rows=settled.rows,
            line=pa.array(settled.line),
            locator=None,
            units=settled.rows.num_rows + aside + blank + header + out_of_scope,
            blank=blank,
            header=header,
            out_of_scope=out_of_scope,
            quarantined=settled.quarantined,
            resume={"offset": offset, "line": line, "seen": dict(self.seen)},
        )


class DelimitedReader:
    """Reads any text as rows; more specific readers of text come before it."""

    kind = "csv"
    seeks = False

    def recognises(self, head: bytes, name: str) -> int:
        """Sure of text under a usual name; of other text, last resort."""
        if not looks_like_text(head):
            return 0
        return 60 if name.lower().endswith((".csv", ".tsv", ".tab", ".txt", ".psv", ".dat", ".asc")) else 20

    def tables(self, source: Source, limits: Limits) -> Iterator[TableSource]:
        """The tables of the text: one, unless others with their own headings stand below it."""
        with source.open() as raw:
            head = raw.read(_HEAD)
            encoding = sniff(head)
            text, whole = _beginning(TextStream(raw, encoding))
        layout = sniff_layout(text, limits, encoding.fallback, whole=whole)
        rows = max(text.count(b"\n"), text.count(b"\r"), 1)
        block = min(max(limits.batch_rows * len(text) // rows, limits.block_least), limits.block_most)
        if layout.dialect.fields <= _FEW_FIELDS:
            ruler = measure(text if whole else text[: text.rfind(b"\n") + 1], encoding.fallback)
            if ruler and len(ruler.starts) > layout.dialect.fields:
                yield FixedWidth(source, limits, encoding, ruler, block)
                return
        layout = sections.opening(text, layout, limits, encoding.fallback)
        with source.open() as raw:
            found = sections.find(lambda: TextStream(raw, encoding), encoding.mark, layout, limits, encoding)
        for number, one in enumerate(found, 1):
            yield Delimited(
                source, limits, encoding, one.layout, block, one.start, one.line - 1, one.end, number
            )


def _beginning(stream: TextStream) -> tuple[bytes, bool]:
    """The first octets of a text, and whether they are all."""
    text = b""
    while len(text) < _HEAD:
        more = stream.read(_HEAD - len(text))
        if not more:
            return text, True
        text += more
    return text, not stream.read(1)
