"""The parts of a message as stretches of its octets. Nothing is copied, nothing recurs, whatever is broken is text."""

from __future__ import annotations

import binascii
import codecs
import mimetypes
import quopri
import re
from dataclasses import dataclass
from email.errors import HeaderParseError
from email.header import decode_header
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import compat32
from typing import TYPE_CHECKING

from hemostat.evidence.text import to_utf8

if TYPE_CHECKING:
    from collections.abc import Iterator

_HEADERS = 256 << 10
"""Octets of headers that are looked at."""
_DEPTH = 100
_PARTS = 10_000
_BODY = re.compile(rb"\r?\n[ \t]*\r?\n")
_ODD = (HeaderParseError, ValueError, LookupError, TypeError, AttributeError, UnicodeError)
"""What the standard library raises on odd headers."""
_parser = BytesHeaderParser(policy=compat32)


@dataclass(frozen=True, slots=True)
class Part:
    """A part that holds no others."""

    headers: Message
    start: int
    end: int
    alternative: int | None
    """The group of parts that say the same in different ways, if it is in one."""
    too_deep: bool = False

    @property
    def kind(self) -> str:
        """The type it claims: ``text/plain``."""
        return content_type(self.headers)

    @property
    def filename(self) -> str | None:
        """The name that it gives itself."""
        try:
            name = self.headers.get_filename()
        except _ODD:
            return None
        return words(name) if name else None

    @property
    def is_text(self) -> bool:
        """Whether it is the message's own text rather than a file put into it."""
        if self.too_deep or self.kind not in ("text/plain", "text/html") or self.filename:
            return False
        return not str(self.headers.get("content-disposition", "")).strip().lower().startswith("attachment")

    def octets(self, message: bytes) -> bytes:
        """Its content, decoded from the form in which it travelled."""
        return transferred(
            message[self.start : self.end], str(self.headers.get("content-transfer-encoding", ""))
        )

    def text(self, message: bytes) -> str:
        """Its content as text."""
        try:
            charset = self.headers.get_content_charset()
        except _ODD:
            charset = None
        return decoded(self.octets(message), charset)

    def name(self, number: int) -> str:
        """A name for a file: its own, or one made of its number and type."""
        if self.filename:
            return self.filename
        if self.kind == "message/rfc822":
            return f"part-{number}.eml"
        return f"part-{number}{mimetypes.guess_extension(self.kind) or '.bin'}"


def headers_of(message: bytes, start: int = 0, end: int | None = None) -> tuple[Message, int]:
    """The headers of a message or part, and where its body starts."""
    stop = len(message) if end is None else end
    if message[start : start + 2] == b"\r\n" or message[start : start + 1] == b"\n":
        return Message(), start + (2 if message[start : start + 1] == b"\r" else 1)
    found = _BODY.search(message, start, stop)
    body = found.end() if found else stop
    head = message[start : min(found.start() if found else stop, start + _HEADERS)]
    try:
        return _parser.parsebytes(head), body
    except _ODD:
        return Message(), body


def content_type(headers: Message) -> str:
    """The type of a part; plain text when it tells none that makes sense."""
    try:
        return headers.get_content_type()
    except _ODD:
        return "text/plain"


def parts(message: bytes) -> Iterator[Part]:
    """The parts, in order."""
    headers, body = headers_of(message)
    waiting: list[tuple[Message, int, int, int, int | None]] = [(headers, body, len(message), 0, None)]
    given = groups = 0
    while waiting and given < _PARTS:
        headers, start, end, depth, group = waiting.pop()
        inner = _within(message, headers, start, end) if depth < _DEPTH else None
        if not inner:
            given += 1
            deep = depth >= _DEPTH and content_type(headers).startswith("multipart/")
            yield Part(headers, start, end, group, deep)
            continue
        if content_type(headers) == "multipart/alternative" and group is None:
            groups += 1
            group = groups
        for first, last in reversed(inner):
            own, content = headers_of(message, first, last)
            waiting.append((own, min(content, last), last, depth + 1, group))
    for headers, start, end, _, group in waiting[:1]:
        yield Part(headers, start, end, group, too_deep=True)


def _within(message: bytes, headers: Message, start: int, end: int) -> list[tuple[int, int]]:
    """Where the parts of a part lie; nothing if it has none."""
    if not content_type(headers).startswith("multipart/"):
        return []
    try:
        boundary = headers.get_boundary()
    except _ODD:
        return []
    if not boundary:
        return []
    mark = re.compile(
        rb"(?:\A|(?<=\n))--%b(--)?[ \t]*(?:\r?\n|\Z)" % re.escape(boundary.encode("utf-8", "surrogateescape"))
    )
    found: list[tuple[int, int]] = []
    opened: int | None = None
    for hit in mark.finditer(message, start, end):
        if opened is not None:
            found.append((opened, _before(message, hit.start(), opened)))
        opened = None if hit[1] else hit.end()
        if hit[1] or len(found) >= _PARTS:
            break
    if opened is not None and opened < end:
        found.append((opened, end))
    return found


def _before(message: bytes, place: int, least: int) -> int:
    """The end of a part: the line end before a boundary belongs to the boundary."""
    if place > least and message[place - 1 : place] == b"\n":
        place -= 1
        if place > least and message[place - 1 : place] == b"\r":
            place -= 1
    return place


def transferred(data: bytes, encoding: str) -> bytes:
    """Octets decoded from base64 or quoted-printable; broken base64 up to where it breaks."""
    how = encoding.strip().lower()
    if how == "base64":
        plain = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
        plain = plain[: len(plain) - (len(plain) % 4 == 1)]
        return binascii.a2b_base64(plain + b"=" * (-len(plain) % 4))
    if how == "quoted-printable":
        return quopri.decodestring(data)
    return data


def decoded(data: bytes, charset: str | None) -> str:
    """Octets as text: by the charset they claim if they keep to it, else as any text is read."""
    if charset:
        try:
            return data.decode(codecs.lookup(charset).name)
        except (LookupError, ValueError):
            pass
    return to_utf8(data)[0].decode("utf-8", "replace")


def words(value: object) -> str:
    """A header as text, its encoded words decoded, on one line."""
    plain = str(value)
    try:
        pieces = decode_header(plain)
    except _ODD:
        pieces = [(plain, None)]
    text = "".join(
        decoded(piece, charset) if isinstance(piece, bytes) else _raw(piece) for piece, charset in pieces
    )
    return " ".join(text.split())


def _raw(text: str) -> str:
    """Text whose foreign octets were carried along."""
    try:
        return decoded(text.encode("ascii", "surrogateescape"), None)
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode()
