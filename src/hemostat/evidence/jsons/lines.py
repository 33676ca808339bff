"""JSON lines: one object to a line, nested objects under dotted names, lists as JSON text, numbers to the letter.

Lines made by a program follow few patterns. Those that follow one are taken apart by one regular expression, column
by column; any other line goes through a JSON parser, and what is no JSON is quarantined with its line.
"""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
import pyarrow as pa

from hemostat.evidence.base import Batch
from hemostat.evidence.blocks import Block, Blocks
from hemostat.evidence.jsons.fields import Fields, fields, json_text, parse
from hemostat.evidence.jsons.patterns import patterns
from hemostat.evidence.reasons import Reason
from hemostat.evidence.text import Encoding, TextStream, sniff, to_utf8
from hemostat.model import CountMethod, Quarantined

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from hemostat.evidence.base import Limits, Source, TableSource

_HEAD = 256 << 10
_SEEN = 5
_BLANK = " \t\r\n\v\f\ufeff"
_COLUMNS = 1000
"""Columns that keys may make; what finds no place any more is JSON text in ``OTHERS``."""
OTHERS = "(other fields)"


class JsonLinesReader:
    """JSON lines."""

    kind = "jsonl"
    seeks = False

    def recognises(self, head: bytes, name: str) -> int:
        """By its first lines: objects, one to a line."""
        encoding = sniff(head)
        if encoding.wide:
            head = head.decode(encoding.name, "replace").encode()
        lines = [line for line in head[encoding.mark :].splitlines() if line.strip()]
        whole = len(head) < _HEAD // 4
        first = lines[: _SEEN if whole or len(lines) > _SEEN else max(len(lines) - 1, 0)]
        if not first and lines and lines[0].lstrip().startswith(b"{"):
            first = lines[:1] if name.lower().endswith((".jsonl", ".ndjson")) else []
            return 80 if first else 0
        good = sum(isinstance(parse(line.decode("utf-8", "replace")), tuple) for line in first)
        called_so = name.lower().endswith((".jsonl", ".ndjson", ".jsonlines"))
        if good and all(line.lstrip().startswith(b"{") for line in first) and (len(first) > 1 or called_so):
            return 90
        return 80 if good and called_so else 0

    def tables(self, source: Source, limits: Limits) -> Iterator[TableSource]:
        """The file, as one table."""
        with source.open() as raw:
            head = raw.read(_HEAD)
        encoding = sniff(head)
        rows = max(head.count(b"\n"), 1)
        block = min(max(limits.batch_rows * len(head) // rows, limits.block_least), limits.block_most)
        yield JsonLines(source, limits, encoding, block)


def _filled(line: bytes) -> bool:
    """Whether there is more on a line than white space and byte-order marks."""
    return bool(line.replace(codecs.BOM_UTF8, b"").strip(b" \t\r\n\v\f"))


@dataclass(slots=True)
class _Found:
    """What a block holds."""

    rows: pa.Table
    line: npt.NDArray[np.int64]
    aside: list[Quarantined]
    blank: int = 0
    """Objects without any value."""


def _without_blank(found: _Found) -> _Found:
    filled = np.zeros(found.rows.num_rows, np.bool_)
    for column in found.rows.columns:
        filled |= column.is_valid().to_numpy()
        if filled.all():
            return found
    found.blank += int((~filled).sum())
    found.rows, found.line = found.rows.filter(pa.array(filled)), found.line[filled]
    return found


@dataclass(slots=True)
class JsonLines:
    """One text of JSON lines as a table. A unit is a line that is not blank."""

    source: Source
    limits: Limits
    encoding: Encoding
    block: int
    kind: str = "jsonl"
    count_method: str = CountMethod.INDEPENDENT
    seen: dict[str, int] = field(default_factory=dict)
    columns: list[str] = field(default_factory=list)
    """Columns met so far: a batch has all of them, and those that it brings."""

    @property
    def name(self) -> str:
        """The evidence name."""
        return self.source.name

    @property
    def note(self) -> str:
        """How it is read, as ``key=value`` (worded in ``reasons``)."""
        said = {"encoding": self.encoding.name, "columns": len(self.columns)}
        said |= {key: count for key, count in sorted(self.seen.items()) if count}
        return ", ".join(f"{key}={value}" for key, value in said.items())

    def count_units(self) -> int | None:
        """Lines that are not blank, counted in the octets."""
        filled = 0
        with self.source.open() as raw:
            stream = TextStream(raw, self.encoding)
            under_way = False
            while data := stream.read(8 << 20):
                lines = re.split(rb"[\r\n]+", data)
                filled += sum(map(_filled, lines[1:-1]))
                under_way = under_way or _filled(lines[0])
                if len(lines) > 1:
                    filled += under_way
                    under_way = _filled(lines[-1])
            return filled + under_way

    def batches(self, resume: dict[str, Any] | None) -> Iterator[Batch]:
        """The lines, a block of text to a batch."""
        start = resume or {"offset": self.encoding.mark, "line": 1, "seen": {}, "columns": []}
        self.seen, self.columns = dict(start["seen"]), list(start["columns"])
        size = self.block
        with self.source.open() as raw:
            blocks = Blocks(TextStream(raw, self.encoding, start["offset"]), start["offset"])
            line = int(start["line"])
            while True:
                data, final = blocks.take(size)
                if not data and final:
                    return
                if not data and blocks.held < self.limits.block_most:
                    size += self.block
                    continue
                if data:
                    text, foreign = to_utf8(data, self.encoding.fallback)
                    self.seen[self.encoding.fallback] = self.seen.get(self.encoding.fallback, 0) + foreign
                    block = Block(data, text, blocks.offset, line, blocks.stream)
                    count = block.count_lines()
                    found = self._read(block)
                    blocks.use(len(data))
                    line += count
                else:
                    found = self._long_line(blocks, line)
                    line += 1
                size = self.block
                yield Batch(
                    rows=found.rows, line=pa.array(found.line, pa.int64()), locator=None,
                    units=found.rows.num_rows + len(found.aside) + found.blank,
                    blank=found.blank, header=0, out_of_scope=0, quarantined=tuple(found.aside),
                    resume={
                        "offset": blocks.offset, "line": line, "seen": dict(self.seen), "columns": list(self.columns),
                    },
                )  # fmt: skip

    def _long_line(self, blocks: Blocks, line: int) -> _Found:
        start = blocks.offset
        size = blocks.skip_line()
        aside = Quarantined(
            f"line {line} (bytes {start}-{start + size})", Reason.LINE_TOO_LONG, line=line, bytes=size
        )
        return _Found(self._table([]), np.empty(0, np.int64), [aside])

    def _read(self, block: Block) -> _Found:
        """The records of a block, and what is no record."""
        lines = block.lines()
        left = pl.DataFrame(
            {"line": pl.from_arrow(pa.array(lines, pa.string())), "at": np.arange(len(lines), dtype=np.int64)}
        ).with_columns(pl.col("line").str.strip_chars(_BLANK))
        left = left.filter(pl.col("line") != "")
        parts: list[tuple[pl.DataFrame, npt.NDArray[np.int64]]] = []
        for pattern in patterns(left["line"]):
            new = [name for name in pattern.columns if name not in self.columns]
            if len(self.columns) + len(new) <= _COLUMNS:
                self.columns += new
                taken, left = pattern.take(left)
                parts.append(taken)
        found = _Found(self._table([]), np.empty(0, np.int64), [])
        if left.height:
            parts.append(self._one_by_one(left, block, found))
        if parts:
            at = np.concatenate([at for _, at in parts])
            order = np.argsort(at, kind="stable")
            found.rows = self._table([frame for frame, _ in parts]).take(pa.array(order))
            found.line = at[order] + block.line
        return _without_blank(found)

    def _table(self, frames: Sequence[pl.DataFrame]) -> pa.Table:
        """The frames one below the other, with all columns met so far."""
        schema = pa.schema([(name, pa.string()) for name in self.columns])
        tables = []
        for frame in frames:
            missing = [
                pl.lit(None, pl.String).alias(name) for name in self.columns if name not in frame.columns
            ]
            table = frame.with_columns(missing).select(self.columns).to_arrow()
            tables.append(table.cast(schema))
        return pa.concat_tables(tables) if tables else schema.empty_table()

    def _one_by_one(
        self, left: pl.DataFrame, block: Block, found: _Found
    ) -> tuple[pl.DataFrame, npt.NDArray[np.int64]]:
        """Records of lines that follow no pattern; what is no record goes aside in ``found``."""
        records: list[dict[str, str | None]] = []
        at: list[int] = []
        for line, place in zip(left["line"].to_list(), left["at"].to_list(), strict=True):
            thing = parse(line)
            if isinstance(thing, tuple):
                record = self._placed(fields(thing))
                if any(record.values()):
                    records.append(record)
                    at.append(place)
                else:
                    found.blank += 1
                continue
            start, end = block.span(place, 1)
            number = block.line + place
            reason = Reason.NOT_JSON if thing is None and line != "null" else Reason.NOT_AN_OBJECT
            found.aside.append(
                Quarantined(f"line {number} (bytes {start}-{end})", reason, line=number, bytes=end - start)
            )
        frame = pl.DataFrame(records, schema=dict.fromkeys(self.columns, pl.String))
        return frame, np.array(at, np.int64)

    def _placed(self, record: Fields) -> dict[str, str | None]:
        """A record by column; makes columns for new keys as long as there may be more."""
        placed: dict[str, str | None] = {}
        others: Fields = []
        for name, value in record:
            if name not in self.columns:
                if len(self.columns) >= _COLUMNS:
                    others.append((name, value))
                    continue
                self.columns.append(name)
            placed[name] = value
        if others:
            if OTHERS not in self.columns:
                self.columns.append(OTHERS)
            placed[OTHERS] = json_text(tuple(others))
        return placed
