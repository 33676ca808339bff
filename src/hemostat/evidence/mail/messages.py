"""Mail as a table of messages, and the files put into them as members. Meant for the parsing process."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from hemostat.evidence.base import Batch, Member, Source
from hemostat.evidence.mail.boxes import Found, count, messages
from hemostat.evidence.mail.parts import Part, headers_of, parts, words
from hemostat.evidence.naming import Names, shown
from hemostat.evidence.pages.hypertext import text_of
from hemostat.evidence.pages.tables import cleaned
from hemostat.evidence.reasons import Reason
from hemostat.model import CountMethod, Quarantined

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import Message

    from hemostat.evidence.base import Limits, TableSource

_COLUMNS = {
    "date": ("date",),
    "from": ("from", "sender"),
    "to": ("to",),
    "cc": ("cc",),
    "bcc": ("bcc",),
    "reply_to": ("reply-to",),
    "subject": ("subject",),
    "message_id": ("message-id",),
}
"""Columns, and the headers that fill them."""
_NAMES = (*_COLUMNS, "text", "attachments")
_ROWS = 2000
_SIZE = 16 << 20
"""Characters to a batch, about."""
_LONGEST = 8 << 20
"""Characters of one text."""
_SHARE = 0.2
"""A plain text shorter than this share of the HTML beside it is a stand-in."""


def tables(source: Source, limits: Limits) -> Iterator[TableSource]:
    """The messages, as one table."""
    with source.open() as raw:
        is_box = raw.read(5) == b"From "
    yield Messages(source, "mbox" if is_box else "mail", min(_ROWS, limits.batch_rows))


@dataclass(slots=True)
class Messages:
    """The messages of a mailbox, or the one of a file."""

    source: Source
    kind: str
    batch_rows: int
    count_method: str = CountMethod.INDEPENDENT
    note: str = ""

    @property
    def name(self) -> str:
        """The evidence name."""
        return self.source.name

    def count_units(self) -> int | None:
        """Messages, counted by the lines that separate them."""
        with self.source.open() as raw:
            return count(raw)

    def batches(self, resume: dict[str, Any] | None) -> Iterator[Batch]:
        """The messages, in order."""
        state = resume or {"offset": 0, "number": 1}
        held = _Held()
        with self.source.open() as raw:
            for found in messages(raw, int(state["offset"]), int(state["number"])):
                held.take(found)
                if held.size >= _SIZE or held.count >= self.batch_rows:
                    yield held.batch()
                    held = _Held()
        if held.count:
            yield held.batch()


@dataclass(slots=True)
class _Held:
    """Messages of a batch under way."""

    rows: list[dict[str, str]] = field(default_factory=list)
    place: list[str] = field(default_factory=list)
    aside: list[Quarantined] = field(default_factory=list)
    size: int = 0
    count: int = 0
    last: Found | None = None

    def take(self, found: Found) -> None:
        """One message more."""
        self.count += 1
        self.last = found
        place = f"message {found.number}"
        if found.reason is None:
            row = read(found.data)
            if row:
                self.rows.append(row)
                self.place.append(place)
                self.size += sum(map(len, row.values()))
                return
        where = f"{place} (bytes {found.start}-{found.end})"
        self.aside.append(
            Quarantined(where, found.reason or Reason.BROKEN_MESSAGE, bytes=found.end - found.start)
        )

    def batch(self) -> Batch:
        """The batch."""
        assert self.last is not None
        return Batch(
            rows=pa.table(
                {name: pa.array([row.get(name) for row in self.rows], pa.string()) for name in _NAMES}
            ),
            line=None,
            locator=pa.array(self.place, pa.string()),
            units=self.count,
            blank=0,
            header=0,
            out_of_scope=0,
            quarantined=tuple(self.aside),
            resume={"offset": self.last.end, "number": self.last.number + 1},
        )


def read(message: bytes) -> dict[str, str]:
    """The cells of a message, empty ones left out."""
    headers, _ = headers_of(message)
    found = list(parts(message))
    cells = {name: _header(headers, given) for name, given in _COLUMNS.items()}
    cells["date"] = _date(cells["date"])
    cells["text"] = cleaned(_text(message, found))
    cells["attachments"] = "; ".join(
        words(part.name(number)) for number, part in enumerate(found, 1) if not part.is_text
    )
    plain = {name: cleaned(cell) for name, cell in cells.items()}
    return {name: cell for name, cell in plain.items() if cell}


def _header(headers: Message, names: tuple[str, ...]) -> str:
    for name in names:
        values = [words(value) for value in headers.get_all(name, [])]
        if any(values):
            return ", ".join(value for value in values if value)
    return ""


def _date(text: str) -> str:
    """An ISO date and time; what is none stays as it is."""
    try:
        return parsedate_to_datetime(text).isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return text


def _text(message: bytes, found: list[Part]) -> str:
    """The text of a message; where it says the same in two ways, the plain one unless that is a stand-in."""
    texts: list[str] = []
    groups: dict[int, dict[str, list[str]]] = {}
    for part in found:
        if not part.is_text:
            continue
        text = part.text(message)[:_LONGEST]
        if part.kind == "text/html":
            text = text_of(text)
        if part.alternative is None:
            texts.append(text)
            continue
        if part.alternative not in groups:
            texts.append("")
            groups[part.alternative] = {"": [str(len(texts) - 1)]}
        groups[part.alternative].setdefault(part.kind, []).append(text)
    for group in groups.values():
        plain = "\n".join(group.get("text/plain", [])).strip()
        rich = "\n".join(group.get("text/html", [])).strip()
        texts[int(group[""][0])] = plain if len(plain) >= _SHARE * len(rich) else rich
    return "\n".join(text.strip() for text in texts if text.strip())


def members(source: Source, limits: Limits) -> Iterator[Member]:
    """The files put into the messages, in order; a message within a message is one of them."""
    names = Names()
    given = 0
    with source.open() as raw:
        is_box = raw.read(5) == b"From "
        for found in messages(raw):
            if found.reason is not None:
                continue
            for number, part in enumerate(parts(found.data), 1):
                if part.is_text:
                    continue
                if given >= limits.members:
                    yield Member(f"{source.name}!(after member {given})", None, None, Reason.TOO_MANY_MEMBERS)
                    return
                given += 1
                own = shown(part.name(number)) or f"part-{number}"
                yield _member(
                    names.fresh(f"{source.name}!{found.number}/{own}" if is_box else f"{source.name}!{own}"),
                    part,
                    found.data,
                )


def _member(name: str, part: Part, message: bytes) -> Member:
    if part.too_deep:
        return Member(name, part.end - part.start, None, Reason.TOO_DEEP)
    return Member(name, None, Source(name, None, lambda: io.BytesIO(part.octets(message)), direct=False))
