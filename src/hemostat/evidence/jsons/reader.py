"""JSON documents: each list of objects is a table, what stands around them is one more row. Nothing is left out."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from hemostat.evidence.jsons.columns import Columns, columns
from hemostat.evidence.jsons.marks import CLOSE_LIST, OPEN_LIST, OPEN_OBJECT, QUOTE, marks
from hemostat.evidence.jsons.outline import SAMPLE, Outline, bears_person, outline
from hemostat.evidence.jsons.rows import Rows, filled, located
from hemostat.evidence.jsons.table import Document, JsonTable, as_batch
from hemostat.evidence.jsons.values import BLANKS, Place, Shape, prepared
from hemostat.evidence.naming import Names
from hemostat.evidence.reasons import Reason
from hemostat.evidence.text import TextStream, sniff
from hemostat.model import CountMethod, Quarantined

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hemostat.evidence.base import Batch, Limits, Source, TableSource

_HEAD = 64 << 10
_LEAST = 4 << 10
_LIST = re.compile(
    rb'\[\s*(?:\]|[\[{]|"(?:[^"\\]|\\.)*+"?\s*+(?:[,\]]|\Z)|-?[0-9][0-9.eE+\-]*\s*[,\]]|(?:true|false|null)\s*[,\]])'
)
_OBJECT = re.compile(rb'\{\s*(?:\}|"(?:[^"\\]|\\.)*+"\s*+(?:[:]|\Z))')


class JsonReader:
    """JSON documents."""

    kind = "json"
    seeks = False

    def recognises(self, head: bytes, name: str) -> int:
        """By how the text begins; lines of JSON have a reader that is surer."""
        text = begin(head)
        if not (_LIST.match(text) or _OBJECT.match(text)):
            return 0
        return 88 if name.lower().endswith((".json", ".geojson", ".har", ".webmanifest")) else 78

    def tables(self, source: Source, limits: Limits) -> Iterator[TableSource]:
        """The lists of the document, each as a table; then what is left of it."""
        document, start, is_list = opened(source, limits)
        if is_list:
            yield from _with_items(
                document, Place((), Shape.LIST, start), source.name, _sample(document, start)
            )
            return
        with source.open() as raw:
            found = outline(TextStream(raw, document.encoding, start), start, limits)
        whole = Place((), Shape.SEQUENCE, start)
        if found.followed or _is_record(found, source, limits):
            yield from _with_items(document, whole, source.name, _sample(document, start))
        elif not found.tables and not found.torn:
            yield JsonTable(document, whole, source.name)
        else:
            names = Names()
            for one in found.tables:
                path = ".".join(one.place.path)
                name = f"{source.name}#{names.fresh(path)}" if path else source.name
                yield from _with_items(document, one.place, name, one.sample)
            if any(one.place.path for one in found.tables) or found.torn:
                rest = Rest(source, found)
                if not rest.is_empty():
                    yield rest


def begin(head: bytes) -> bytes:
    """The beginning of a text in UTF-8, without marks and blanks before it."""
    encoding = sniff(head)
    text = head[encoding.mark :]
    if encoding.wide:
        text = text.decode(encoding.name, "replace").encode()
    return text.lstrip(BLANKS)


def opened(source: Source, limits: Limits) -> tuple[Document, int, bool]:
    """The document, where its root starts, and whether this is a list; then, where its first item starts."""
    with source.open() as raw:
        head = raw.read(SAMPLE)
        encoding = sniff(head)
        stream = TextStream(raw, encoding)
        start, held = encoding.mark, stream.read(_HEAD)
        while held and not held.lstrip(BLANKS):
            start += stream.raw_size(held)
            held = stream.read(_HEAD)
        start += stream.raw_size(held[: len(held) - len(held.lstrip(BLANKS))])
    found = marks(held)
    values = max(int(np.count_nonzero(found.level <= 1)) // 2, 1)
    most = limits.block_least
    block = min(max(limits.batch_rows * (len(held) // values + 1), min(_LEAST, most)), most)
    is_list = held.lstrip(BLANKS).startswith(b"[")
    return Document(source, limits, encoding, block), start + is_list * stream.raw_size(b"["), is_list


def _sample(document: Document, start: int) -> bytes:
    return document.text(start).read(SAMPLE)


def _is_record(found: Outline, source: Source, limits: Limits) -> bool:
    """Whether the root is one person's record rather than a wrapping around lists: its lists then stay within it."""
    return (
        found.rest is not None
        and not found.torn
        and source.size is not None
        and source.size <= limits.block_least
        and bears_person(found.rest)
        and not any(bears_person(one.sample) for one in found.tables)
    )


def _with_items(document: Document, place: Place, name: str, sample: bytes) -> Iterator[JsonTable]:
    """A table, and one more for each list within its values that is about persons while the values are not."""
    keys = _lists_of_persons(sample)
    yield JsonTable(document, place, name, apart=frozenset(keys))
    for key in keys:
        link = "." if "#" in name else "#"
        yield JsonTable(document, place, f"{name}{link}{key}", item=key)


def _lists_of_persons(text: bytes) -> list[str]:
    """Keys of such lists, in the order in which they are met."""
    found = marks(text)
    own = bytearray()
    lists: dict[bytes, bytearray] = {}
    reached = 0
    opens = np.flatnonzero((found.sign == OPEN_LIST) & (found.level == 1))
    closes = np.flatnonzero((found.sign == CLOSE_LIST) & (found.level == 1))
    for mark in opens.tolist():
        after = closes[np.searchsorted(closes, mark) :]
        end = int(found.at[after[0]]) if len(after) else len(text)
        of_objects = mark + 1 < len(found.at) and found.sign[mark + 1] == OPEN_OBJECT
        if of_objects and mark > 2 and found.sign[mark - 2] == QUOTE:  # noqa: PLR2004 - "key" : [
            key = text[found.at[mark - 3] + 1 : found.at[mark - 2]]
            lists.setdefault(key, bytearray()).extend(text[found.at[mark] : end])
            own += text[reached : found.at[mark]]
            reached = end
    own += text[reached:]
    if not lists or bears_person(bytes(own)):
        return []
    return [key.decode("utf-8", "replace") for key, inner in lists.items() if bears_person(bytes(inner))]


@dataclass(slots=True)
class Rest:
    """What is left of a document beside its tables: one row, and the place where the document is torn, if it is."""

    source: Source
    found: Outline
    kind: str = "json"
    count_method: str = CountMethod.READER
    note: str = "shape=rest"

    @property
    def name(self) -> str:
        """The evidence name."""
        return self.source.name

    def is_empty(self) -> bool:
        """Whether there is nothing to tell."""
        return not self.found.torn and self.found.rest is not None and not self._rows().num_rows

    def _rows(self) -> pa.Table:
        if self.found.rest is None:
            return columns_of(b"")
        return columns_of(self.found.rest)

    def count_units(self) -> int | None:
        """None: nobody else has counted."""
        return None

    def batches(self, resume: dict[str, Any] | None) -> Iterator[Batch]:
        """One row at most."""
        if resume is not None:
            return
        table = self._rows()
        rows = Rows(table, located(np.ones(table.num_rows, np.int64)), units=table.num_rows)
        aside = []
        if self.found.torn:
            aside.append(Quarantined(f"after byte {self.found.end}", Reason.DAMAGED))
        if self.found.rest is None:
            aside.append(Quarantined("around the lists", Reason.TOO_LARGE))
        yield as_batch([rows], aside, {})


def columns_of(value: bytes) -> pa.Table:
    """One JSON value as a table of one row; of none if nothing is in it."""
    tokens, wrong, _ = prepared([value or b"{}"], "cp1252")
    table = columns(tokens, ~(tokens.wrong() | wrong), Columns())
    return table.filter(pa.array(filled(table)))
