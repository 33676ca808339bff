"""Big files of text read piece by piece, so that memory stays small and the pieces never change what is found.

Plain text is cut at blank lines, which nothing that is looked for crosses. A paragraph of more than a million
characters is cut at the first line that ends after them, counted from its own start: whatever the size of the reads.
"""

from __future__ import annotations

import codecs
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import polars as pl

from hemostat.detect.text.find import find, shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import BinaryIO

READ = 1 << 22
"""Bytes asked of a file at a time."""

_PARAGRAPH = 1 << 20
_BATCH = 1 << 21
_BLANK_LINE = re.compile(r"\n\r?\n")
_HANDLER = "hemostat_single_bytes"


class Piece(NamedTuple):
    """A part of a document: the document's id, where the part starts in it, and the part itself."""

    doc: Any
    shift: int
    text: str


@dataclass(slots=True)
class Count:
    """How many lines there were, how many were blank, and how many hold no text that can be looked at."""

    lines: int = 0
    blank: int = 0
    unread: int = 0
    first_unread: list[int] = field(default_factory=list)
    """Numbers of the first ones, from 1, to tell where to look."""


_TOLD = 5


def _single(fault: UnicodeError) -> tuple[str, int]:
    """A byte that is not UTF-8 is read as Windows-1252: one byte, one character."""
    if not isinstance(fault, UnicodeDecodeError):
        raise fault
    byte = fault.object[fault.start : fault.start + 1]
    return byte.decode("cp1252", "ignore") or byte.decode("latin-1"), fault.start + 1


codecs.register_error(_HANDLER, _single)


def characters(stream: BinaryIO, size: int = READ) -> Iterator[str]:
    """The text of a stream, read ``size`` bytes at a time: UTF-8, and Windows-1252 where it is not."""
    decoder = codecs.getincrementaldecoder("utf-8")(_HANDLER)
    while block := stream.read(size):
        yield decoder.decode(block)
    if last := decoder.decode(b"", final=True):
        yield last


def paragraphs(blocks: Iterable[str]) -> Iterator[Piece]:
    r"""A plain text in parts that end after a blank line; all of document 0.

    >>> [(p.shift, p.text) for p in paragraphs(["a\n", "\nb\r\n\r", "\nc"])]
    [(0, 'a\n\n'), (3, 'b\r\n\r\n'), (8, 'c')]
    """
    shift, held = 0, ""
    for block in blocks:
        held += block
        at = 0
        while cut := _cut(held, at):
            yield Piece(0, shift, held[at:cut])
            shift, at = shift + cut - at, cut
        held = held[at:]
    if held:
        yield Piece(0, shift, held)


def _cut(held: str, at: int) -> int:
    """After the next blank line, or the first line that ends a million characters on; 0 when not known yet."""
    line = held.find("\n", at + _PARAGRAPH) + 1
    blank = _BLANK_LINE.search(held, at, line or len(held))
    return blank.end() if blank else line


def json_lines(blocks: Iterable[str], name: str | None, count: Count) -> Iterator[Piece]:
    """The text of each JSON line, under ``name`` or else ``text``; lines that have none are counted in ``count``."""
    held = ""
    for block in blocks:
        *whole, held = (held + block).split("\n")
        for line in whole:
            yield from _json_line(line, name, count)
    yield from _json_line(held, name, count, last=True)


def _json_line(line: str, name: str | None, count: Count, *, last: bool = False) -> Iterator[Piece]:
    number = count.lines
    if last and not line.strip():
        return
    count.lines += 1
    if not line.strip().removeprefix("\ufeff"):
        count.blank += 1
        return
    try:
        row = json.loads(line.removeprefix("\ufeff"))
    except (ValueError, RecursionError):
        row = None
    text = row.get(name or "text") if isinstance(row, dict) else None
    if not isinstance(row, dict) or not isinstance(text, str):
        count.unread += 1
        if len(count.first_unread) < _TOLD:
            count.first_unread.append(number + 1)
        return
    doc = row.get("id", row.get("doc", number))
    yield Piece(doc if isinstance(doc, str | int | float) else number, 0, text)


def spans(pieces: Iterable[Piece]) -> Iterator[dict[str, Any]]:
    """One object per span, as the command ``detect`` writes them, in the order of the pieces."""
    batch: list[Piece] = []
    size = 0
    for piece in pieces:
        batch.append(piece)
        size += len(piece.text) + 1
        if size >= _BATCH:
            yield from _spans(batch)
            batch, size = [], 0
    yield from _spans(batch)


def _spans(batch: list[Piece]) -> Iterator[dict[str, Any]]:
    found = shown(find(pl.Series([piece.text for piece in batch], dtype=pl.String)))
    columns = [found[name].to_pylist() for name in ("doc", "start", "end", "category", "confidence")]
    for number, start, end, category, confidence in zip(*columns, strict=True):
        piece = batch[number]
        yield {
            "doc": piece.doc,
            "start": start + piece.shift,
            "end": end + piece.shift,
            "category": category,
            "text": piece.text[start:end],
            "confidence": round(confidence, 3),
        }
