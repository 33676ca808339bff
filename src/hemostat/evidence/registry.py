"""The readers and containers, in the order in which equals are preferred. A new format is one line here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hemostat.evidence.delimited import DelimitedReader

if TYPE_CHECKING:
    from hemostat.evidence.base import Container, Reader, Source

READERS: tuple[Reader, ...] = (DelimitedReader(),)
CONTAINERS: tuple[Container, ...] = ()

_HEAD = 64 << 10
_ZIP = b"PK"


def peek(source: Source) -> bytes:
    """What kinds are judged by: the first octets; for zip-based formats the last ones too, where they list members."""
    with source.open() as raw:
        head = raw.read(_HEAD)
        if head.startswith(_ZIP) and source.direct and source.size and source.size > len(head):
            raw.seek(max(source.size - _HEAD, len(head)))
            head += raw.read(_HEAD)
    return head


def recognise(head: bytes, name: str) -> tuple[Reader | None, Container | None]:
    """Who reads this, or who unpacks it: one of them at most; nobody for an unknown kind."""
    reader, sure = None, 0
    for one in READERS:
        score = one.recognises(head, name)
        if score > sure:
            reader, sure = one, score
    for other in CONTAINERS:
        score = other.recognises(head, name)
        if score > sure:
            return None, other
    return reader, None
