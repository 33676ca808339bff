"""Text whose columns are aligned by spaces: fixed width, as mainframes and listings print it.

A column begins where every line is blank just before it. Each physical line is a unit; a line whose words run across
the columns is quarantined.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
import polars as pl
import pyarrow as pa

from hemostat.evidence import headings
from hemostat.evidence.base import Batch
from hemostat.evidence.blocks import Block, Blocks
from hemostat.evidence.delimited import units
from hemostat.evidence.delimited.dialect import NONE, Dialect
from hemostat.evidence.reasons import Reason
from hemostat.evidence.text import Encoding, TextStream, to_utf8
from hemostat.model import CountMethod, Quarantined

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from hemostat.evidence.base import Limits, Source

_LINES, _WIDEST = 1000, 4000
_FEWEST, _MANY = 5, 20
"""Lines that show columns: by gaps of two blanks at least; by any gap."""
_ABOVE = 3
"""Lines that may be a title and a heading, and say nothing on where columns lie."""
_FILLED, _LEFT, _STRAY = 0.2, 0.9, 0.02
"""Shares of lines: that fill a column; that begin where a column aligned on its left begins; that break the rule."""
_BLANK_LINE = re.compile(r"^[\s\x00\x1a]*$")
_RULE = re.compile(r"^[\s|+=_-]*[=_-]{2}[\s|+=_-]*$")
_PLAIN = Dialect(NONE, None)


@dataclass(frozen=True, slots=True)
class Ruler:
    """Where columns begin, and what stands above the first row."""

    starts: tuple[int, ...]
    """In characters, from 0."""
    names: tuple[str, ...]
    heading: tuple[str, ...] | None
    skip_lines: int
    skip: int
    """Octets of text above the first row."""
    blank: int
    out_of_scope: int


def measure(text: bytes, fallback: str) -> Ruler | None:
    """The columns of a text, from its first octets (whole lines); None where nothing lines up."""
    if b"\t" in text:
        return None
    physical = text.splitlines(keepends=True)[:_LINES]
    shown = [to_utf8(line, fallback)[0].decode("utf-8", "replace").rstrip() for line in physical]
    some = shown[_ABOVE if len(shown) > _ABOVE + _FEWEST else 1 :]
    body = list(
        dict.fromkeys(line for line in some if _is_row(line))
    )  # a line said twice lines up with itself
    if len(body) < _FEWEST or max(map(len, body)) > _WIDEST:
        return None
    starts = _starts(body)
    if len(starts) < 2:  # noqa: PLR2004 - one column is no table
        return None
    rows = _rows(shown, starts)
    found = headings.find(rows, len(starts))
    if found is not None and not all(rows[found][1:]):  # blanks that line up within a column have no name
        starts = (0, *(start for start, cell in zip(starts[1:], rows[found][1:], strict=True) if cell))
        rows = _rows(shown, starts)
    above = 0 if found is None else found + 1
    cells = () if found is None else tuple(rows[found])
    blanks = sum(bool(_BLANK_LINE.match(line)) for line in shown[:above])
    return Ruler(
        starts=starts,
        names=headings.named(cells, len(starts)),
        heading=cells or None,
        skip_lines=above,
        skip=sum(map(len, physical[:above])),
        blank=blanks,
        out_of_scope=above - blanks - bool(cells),
    )


def _rows(shown: Sequence[str], starts: Sequence[int]) -> list[list[str]]:
    return [_cut(line, starts) if _is_row(line) and not _across(line, starts) else [] for line in shown]


def _is_row(line: str) -> bool:
    return not (_BLANK_LINE.match(line) or _RULE.match(line))


def _starts(body: Sequence[str]) -> tuple[int, ...]:
    width = max(map(len, body))
    blank = np.array([line.ljust(width) for line in body]).view("U1").reshape(len(body), width) == " "
    stray = max(1, _STRAY * len(body)) if len(body) >= _MANY else 0  # a footer, a torn line
    gap = (~blank).sum(axis=0) <= stray
    edges = np.flatnonzero(np.diff(gap, prepend=False, append=False)).reshape(-1, 2)
    least = 1 if len(body) >= _MANY else 2
    starts = [0]
    for first, after in edges.tolist():
        if first == 0 or after == width or after - first < least:
            continue
        start = after if _aligned_left(blank, after) else first
        if _filled(blank[:, starts[-1] : first]) < _FILLED:
            continue
        starts.append(start)
    while len(starts) > 1 and _filled(blank[:, starts[-1] :]) < _FILLED:
        starts.pop()
    return tuple(starts)


def _filled(blank: npt.NDArray[np.bool_]) -> float:
    return float((~blank).any(axis=1).mean()) if blank.size else 0.0


def _aligned_left(blank: npt.NDArray[np.bool_], start: int) -> bool:
    """Whether most rows that fill the column begin on its first character: others may grow to the left."""
    return bool((~blank[:, start]).mean() >= _LEFT * min(1.0, _filled(blank[:, start : start + 8])))


def _cut(line: str, starts: Sequence[int]) -> list[str]:
    ends = [*starts[1:], len(line)]
    return [line[start:end].strip() for start, end in zip(starts, ends, strict=True)]


def _across(line: str, starts: Sequence[int]) -> bool:
    return any(not line[start - 1 : start + 1].count(" ") and len(line) > start for start in starts[1:])


@dataclass(slots=True)
class FixedWidth:
    """One text in columns of fixed width, as a table."""

    source: Source
    limits: Limits
    encoding: Encoding
    ruler: Ruler
    block: int
    """Octets of text to a block."""
    kind: str = "fixed-width"
    count_method: str = CountMethod.INDEPENDENT

    @property
    def name(self) -> str:
        """The evidence name."""
        return self.source.name

    @property
    def note(self) -> str:
        """How it is read, as ``key=value`` (worded in ``reasons``)."""
        heading = self.ruler.skip_lines if self.ruler.heading else "no"
        return f"encoding={self.encoding.name}, columns={len(self.ruler.starts)}, heading={heading}"

    def count_units(self) -> int | None:
        """Physical lines, by ``units.count``, which shares no code with ``batches``."""
        with self.source.open() as raw:
            return units.count(TextStream(raw, self.encoding), _PLAIN, self.limits)

    def batches(self, resume: dict[str, Any] | None) -> Iterator[Batch]:
        """The rows, a block of text to a batch."""
        with self.source.open() as raw:
            if resume is None:
                blocks = self._blocks(raw, self.encoding.mark)
                blocks.take(self.ruler.skip)
                blocks.use(self.ruler.skip)
                yield from self._batches(blocks, 1 + self.ruler.skip_lines, first=self.ruler.skip_lines > 0)
            else:
                yield from self._batches(self._blocks(raw, resume["offset"]), resume["line"], first=False)

    def _blocks(self, raw: BinaryIO, offset: int) -> Blocks:
        return Blocks(TextStream(raw, self.encoding, offset), offset)

    def _batches(self, blocks: Blocks, line: int, *, first: bool) -> Iterator[Batch]:
        size = self.block
        while True:
            raw, final = blocks.take(size)
            if not raw and final:
                break
            if not raw and blocks.held < self.limits.block_most:
                size += self.block
                continue
            if raw:
                block = Block(
                    raw, to_utf8(raw, self.encoding.fallback)[0], blocks.offset, line, blocks.stream
                )
                made = self._batch(block, first=first)
                blocks.use(len(raw))
                line += len(block.lines())
            else:
                made = self._long_line(blocks, line, first=first)
                line += 1
            yield _going_on(made, blocks.offset, line)
            size, first = self.block, False
        if first:
            yield _going_on(
                self._account([], np.empty(0, np.int64), (), 0, 0, first=True), blocks.offset, line
            )

    def _long_line(self, blocks: Blocks, line: int, *, first: bool) -> Batch:
        start = blocks.offset
        size = blocks.skip_line()
        place = f"line {line} (bytes {start}-{start + size})"
        aside = Quarantined(place, Reason.LINE_TOO_LONG, line=line, bytes=size)
        return self._account([], np.empty(0, np.int64), (aside,), 0, 0, first=first)

    def _batch(self, block: Block, *, first: bool) -> Batch:
        starts = self.ruler.starts
        text = pl.Series(
            [line.decode("utf-8", "replace").replace("\0", " ") for line in block.lines()]
        ).str.strip_chars_end()
        blank = text.str.contains(_BLANK_LINE.pattern)
        rule = text.str.contains(_RULE.pattern) & ~blank
        across = pl.repeat(False, len(text), eager=True)
        for start in starts[1:]:
            both = text.str.slice(start - 1, 2)
            across |= (both.str.len_chars() == 2) & ~both.str.contains(" ", literal=True)  # noqa: PLR2004 - before and at
        ends = [*starts[1:], None]
        cells = [
            text.str.slice(start, None if end is None else end - start).str.strip_chars()
            for start, end in zip(starts, ends, strict=True)
        ]
        heading = self._repeated(cells)
        rows = ~(blank | rule | across | heading)
        aside = tuple(
            self._misaligned(block, line) for line in (across & ~(blank | rule)).arg_true().to_list()
        )
        kept = [cell.filter(rows).replace("", None).to_arrow().cast(pa.string()) for cell in cells]
        at = rows.arg_true().to_numpy().astype(np.int64) + block.line
        header = int((heading & ~across & ~blank & ~rule).sum())
        made = self._account(kept, at, aside, int(blank.sum()), header, first=first)
        return _also_out(made, int(rule.sum()))

    def _repeated(self, cells: Sequence[pl.Series]) -> pl.Series:
        heading = self.ruler.heading
        same = pl.repeat(heading is not None, len(cells[0]), eager=True)
        for cell, name in zip(cells, heading or (), strict=False):
            same &= cell == name
        return same

    def _misaligned(self, block: Block, line: int) -> Quarantined:
        start, end = block.span(line, 1)
        place = block.line + line
        return Quarantined(
            f"line {place} (bytes {start}-{end})", Reason.MISALIGNED, line=place, bytes=end - start
        )

    def _account(
        self,
        cells: Sequence[pa.Array],
        at: npt.NDArray[np.int64],
        aside: tuple[Quarantined, ...],
        blank: int,
        header: int,
        *,
        first: bool,
    ) -> Batch:
        ruler = self.ruler
        columns = list(cells) or [pa.array([], pa.string()) for _ in ruler.names]
        if first:
            blank, header = blank + ruler.blank, header + (ruler.heading is not None)
        out = ruler.out_of_scope if first else 0
        return Batch(
            rows=pa.table(columns, names=list(ruler.names)),
            line=pa.array(at),
            locator=None,
            units=len(at) + len(aside) + blank + header + out,
            blank=blank,
            header=header,
            out_of_scope=out,
            quarantined=aside,
            resume={},
        )


def _also_out(batch: Batch, rules: int) -> Batch:
    """A batch with lines that only underline: they are nobody's."""
    return replace(batch, units=batch.units + rules, out_of_scope=batch.out_of_scope + rules)


def _going_on(batch: Batch, offset: int, line: int) -> Batch:
    return replace(batch, resume={"offset": offset, "line": line})
