"""Audit events of FHIR servers: one to a line, or the entries of a Bundle. A unit is an event.

What the texts mean (which action, which screen) is not decided here: see ``hemostat.watch``.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, BinaryIO

import pyarrow as pa

from hemostat.evidence.base import Batch
from hemostat.evidence.jsons.count import count_listed
from hemostat.evidence.logs.fhir_event import COLUMNS
from hemostat.evidence.logs.fhir_shapes import Shapes
from hemostat.evidence.logs.lines import Entries, LogTable, first_lines
from hemostat.evidence.logs.reasons import LogReason
from hemostat.evidence.reasons import Reason
from hemostat.evidence.text import TextStream, sniff
from hemostat.model import CountMethod, Quarantined

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hemostat.evidence.base import Limits, Source, TableSource

KIND = "fhir-auditevent"
_EVENT = re.compile(rb'"resourceType"\s*:\s*"AuditEvent"')
_BUNDLE = re.compile(rb'\A\s*\{(?=.*?"resourceType"\s*:\s*"Bundle")', re.DOTALL)
_LIST = re.compile(rb"\A\s*\[\s*\{")
_ENTRIES = re.compile(rb'"entry"\s*:\s*\[')
_NEXT = re.compile(r'\}\s*,\s*(?=\{\s*"(?:fullUrl|resource|resourceType|link)"\s*:)')
_CHUNK = 4 << 20
_OVERLAP = 200
"""Octets looked at again with what follows: the name of a list may lie across."""
_TAIL = 1 << 20
"""A fault further than this from the end of what is held is no fault of what is not read yet."""


class AuditEventReader:
    """FHIR AuditEvent, R4 to R5."""

    kind = KIND
    seeks = False

    def recognises(self, head: bytes, name: str) -> int:  # noqa: ARG002 - content decides
        """By its events."""
        plain = head.decode(sniff(head).name, "replace").encode().removeprefix(b"\xef\xbb\xbf")
        if not _EVENT.search(plain):
            return 0
        lines = first_lines(head)
        whole = sum(bool(_EVENT.search(line)) and _whole(line) for line in lines)
        if (whole and not _whole_bundle(lines[0])) or _BUNDLE.match(plain) or _LIST.match(plain):
            return 97
        return 60 if lines and all(_EVENT.search(line) for line in lines) else 0

    def tables(self, source: Source, limits: Limits) -> Iterator[TableSource]:
        """The log, as one table."""
        with source.open() as raw:
            head = raw.read(64 << 10)
        lines = first_lines(head, 1)
        plain = head.decode(sniff(head).name, "replace").encode().removeprefix(b"\xef\xbb\xbf")
        lined = bool(lines) and _whole(lines[0]) and not _whole_bundle(lines[0])
        if not lined and (_BUNDLE.match(plain) or _LIST.match(plain)):
            yield AuditBundle(source, limits)
        else:
            yield LogTable(source, limits, _Reading().read, COLUMNS, KIND)


def _whole(line: bytes) -> bool:
    """Whether a line closes what it opens; a look, no proof."""
    return b"{" in line and line.rstrip().endswith(b"}")


def _whole_bundle(line: bytes) -> bool:
    return bool(_BUNDLE.match(line) and _ENTRIES.search(line))


@dataclass(slots=True)
class _Reading:
    """The reading of one log, line by line."""

    shapes: Shapes = field(default_factory=Shapes)

    def read(self, lines: Sequence[bytes], *, final: bool) -> Entries:  # noqa: ARG002 - no event spans lines
        """The events of some lines."""
        filled = [at for at, line in enumerate(lines) if line and not line.isspace()]
        found = self.shapes.read(lines, filled)
        aside = [
            (place, 1, LogReason.NOT_AN_EVENT if is_json else Reason.NOT_JSON)
            for place, is_json in sorted(found.others.items())
        ]
        return Entries(found.events, found.at, aside)


@dataclass(slots=True)
class AuditBundle:
    """The entries of a Bundle, or the items of a JSON list of events."""

    source: Source
    limits: Limits
    kind: str = KIND
    count_method: str = CountMethod.INDEPENDENT
    note: str = ""

    @property
    def name(self) -> str:
        """The evidence name."""
        return self.source.name

    def count_units(self) -> int | None:
        """The entries, counted by brackets and commas; None for a text that is torn."""
        with self.source.open() as raw:
            encoding = sniff(raw.read(64 << 10))
            if encoding.wide:
                return None
            total = 0
            starts = _starts(raw, encoding.mark)
            if not starts or starts[0] > encoding.mark + _CHUNK:  # the reader takes up elsewhere
                return None
            for start in starts:
                found = count_listed(TextStream(raw, encoding, start), b"]", self.limits.block_most)
                if found is None:
                    return None
                total += found
        return total

    def batches(self, resume: dict[str, Any] | None) -> Iterator[Batch]:
        """The events, ``limits.batch_rows`` entries to a batch. Entries that are no events are out of scope."""
        shapes = Shapes()
        with self.source.open() as raw:
            entries = _Items(TextStream(raw, sniff(raw.read(64 << 10))), self.limits.block_most)
            number = 0
            skip = int(resume["entries"]) if resume else 0
            pieces: list[bytes | None] = []
            for piece in entries.each():
                number += 1
                if number <= skip:
                    continue
                pieces.append(piece)
                if len(pieces) >= self.limits.batch_rows:
                    yield _bundle_batch(shapes, pieces, number)
                    pieces = []
            if pieces:
                yield _bundle_batch(shapes, pieces, number)


def _starts(raw: BinaryIO, mark: int) -> list[int]:
    """Where the lists of entries begin, just after their bracket: several when one Bundle follows the other."""
    raw.seek(mark)
    head = raw.read(_CHUNK)
    if _is_list(head.decode("latin-1")):
        return [mark + head.find(b"[") + 1]
    found: list[int] = []
    place, held = mark, head
    while held:
        ends = (place + one.end() for one in _ENTRIES.finditer(held))
        found += [end for end in ends if not found or end > found[-1]]
        more = raw.read(_CHUNK)
        kept = held[-_OVERLAP:] if more else b""
        place += len(held) - len(kept)
        held = kept + more if more else b""
    return found


def _bundle_batch(shapes: Shapes, pieces: list[bytes | None], last: int) -> Batch:
    first = last - len(pieces) + 1
    lines = [piece or b"" for piece in pieces]
    found = shapes.read(lines, [at for at, line in enumerate(lines) if line])
    aside = tuple(
        Quarantined(f"entry {first + place}", Reason.NOT_JSON)
        for place, piece in enumerate(pieces)
        if piece is None
    )
    return Batch(
        rows=pa.table(found.events),
        line=None,
        locator=pa.array([f"entry {first + place}" for place in found.at], pa.string()),
        units=len(pieces),
        blank=0,
        header=0,
        out_of_scope=len(found.others),
        quarantined=aside,
        resume={"entries": last},
    )


@dataclass(slots=True)
class _Items:
    """Cuts a Bundle into the texts of its resources, holding little of it at once."""

    stream: TextStream
    most: int
    held: str = ""
    """Octets as characters (Latin-1): the structure of JSON is ASCII, and places stay those of octets."""
    place: int = 0
    ended: bool = False

    def each(self) -> Iterator[bytes | None]:
        """The resource of each entry; None for an entry that is no JSON."""
        self._more()
        start = _ENTRIES.search(self.held.encode("latin-1")) if not _is_list(self.held) else None
        self.place = start.end() if start else self.held.find("[") + 1
        decoder = json.JSONDecoder()
        while self._at_item() or (start and self._reach()):
            try:
                thing, end = decoder.raw_decode(self.held, self.place)
            except (ValueError, RecursionError) as fault:
                near = getattr(fault, "pos", 0) > len(self.held) - _TAIL
                if near and not self.ended and len(self.held) - self.place < self.most:
                    self._more()
                    continue
                following = _NEXT.search(self.held, self.place)
                self.place = following.end() if following else len(self.held)
                yield None
                continue
            text = self.held[self.place : end].encode("latin-1")
            self.place = end
            yield _resource(text, thing)

    def _at_item(self) -> bool:
        """Goes to the next item; false when there is none."""
        while True:
            while self.place < len(self.held) and self.held[self.place] in " \t\r\n,":
                self.place += 1
            if self.place < len(self.held):
                return self.held[self.place] != "]"
            if self.ended:
                return False
            self._more()

    def _reach(self) -> bool:
        """Goes to the first item of the next Bundle that has any, where one follows the other; false at the end."""
        while not self._at_item():
            if not self._into_next():
                return False
        return True

    def _into_next(self) -> bool:
        while True:
            found = _ENTRIES.search(self.held.encode("latin-1"), self.place)
            if found:
                self.place = found.end()
                return True
            if self.ended:
                return False
            self.place = max(self.place, len(self.held) - _OVERLAP)
            self._more()

    def _more(self) -> None:
        data = self.stream.read(_CHUNK)
        self.ended = not data
        self.held = self.held[self.place :] + data.decode("latin-1")
        self.place = 0


def _is_list(text: str) -> bool:
    return text.lstrip("\ufeff\xef\xbb\xbf \t\r\n").startswith("[")


def _resource(text: bytes, thing: object) -> bytes:
    """The text of the resource within an entry, or the item itself when it is a resource."""
    if isinstance(thing, dict) and "resource" in thing and "resourceType" not in thing:
        resource = thing["resource"]
        start = re.search(rb'"resource"\s*:\s*', text)
        if start and isinstance(resource, dict):
            shown = text[start.end() :].decode("latin-1")
            return shown[: json.JSONDecoder().raw_decode(shown)[1]].encode("latin-1")
    return text
