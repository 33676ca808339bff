"""Messages one by one from a mailbox (mbox) or a file with one message, without holding more than one of them.

A message begins after a line that starts with From, holds a time and a year, and is followed by a header. Whether a
blank line comes before it does not matter: programs differ, and a text that looks so much like it is rare.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from hemostat.evidence.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Iterator

_CHUNK = 1 << 20
LARGEST = 160 << 20
"""Octets of one message."""
_LINE = 900
_OVERLAP = 3000
"""Octets in which a separator and the beginning of the header after it find room twice."""
SEPARATOR = re.compile(
    rb"(?:\A|(?<=\n))From (?=(?:[^\r\n]{0,900}[ \t\v\f])?\d{1,2}:\d\d(?::\d\d)?\s)"
    rb"(?=(?:[^\r\n]{0,900}[ \t\v\f])?(?:19|20)\d\d\s)[^\r\n]{1,900}\r?\n(?=[!-9;-~]{1,100}:)"
)
_HEADER = re.compile(rb"[!-9;-~]{1,100}:")


@dataclass(frozen=True, slots=True)
class Found:
    """A message, or why there is none."""

    number: int
    start: int
    """Where in the file it starts, the separator left out."""
    end: int
    data: bytes = b""
    reason: Reason | None = None


def messages(raw: BinaryIO, start: int = 0, number: int = 1) -> Iterator[Found]:
    """The messages, from a place on where a separator is; a file without separators is one message."""
    raw.seek(start)
    held, offset, ended = b"", start, False
    looked = 1
    while True:
        while not ended and len(held) - looked < _CHUNK:
            more = raw.read(_CHUNK)
            ended = not more
            held += more
        own = SEPARATOR.match(held)
        body = own.end() if own else 0
        found = SEPARATOR.search(held, max(looked, body, 1))
        if found or ended:
            end = found.start() if found else len(held)
            if held[body:end].strip():
                yield _message(number, offset + body, offset + end, held[body:end])
                number += 1
            if not found:
                return
            held, offset, looked = held[end:], offset + end, 1
        elif len(held) > LARGEST:
            size, held = _pass_over(raw, held)
            yield Found(number, offset + body, offset + size, reason=Reason.TOO_LARGE)
            number += 1
            offset, looked = offset + size, 1
        else:
            looked = max(len(held) - _OVERLAP, 1)


def _message(number: int, start: int, end: int, data: bytes) -> Found:
    if not _HEADER.match(data.lstrip(b"\r\n")):
        return Found(number, start, end, reason=Reason.BROKEN_MESSAGE)
    return Found(number, start, end, data)


def _pass_over(raw: BinaryIO, held: bytes) -> tuple[int, bytes]:
    """Passes over a message too large to be held: how long it is, and what is held after it."""
    passed, looked = 0, len(held) - _OVERLAP
    while True:
        found = SEPARATOR.search(held, max(looked, 1))
        if found:
            return passed + found.start(), held[found.start() :]
        more = raw.read(_CHUNK)
        if not more:
            return passed + len(held), b""
        keep = held[-_OVERLAP:]
        passed += len(held) - len(keep)
        held, looked = keep + more, 1


def count(raw: BinaryIO) -> int:
    """The messages, counted line by line. Shares no code with ``messages``."""
    separators = 0
    before = candidate = False
    for line in _lines(raw):
        if candidate and _is_header(line):
            separators += 1
        elif candidate and not separators:
            before = True
        candidate = _is_separator(line)
        before = before or (not separators and not candidate and bool(line.strip()))
    return separators + (before or (candidate and not separators))


def _lines(raw: BinaryIO) -> Iterator[bytes]:
    """Lines; what comes after the first octets of a long one is a sign that it goes on."""
    fresh = True
    while line := raw.readline(1 << 16):
        yield line if fresh else b"\0" if line.strip() else b""
        fresh = line.endswith(b"\n")


def _is_separator(line: bytes) -> bool:
    if not line.startswith(b"From ") or not line.endswith(b"\n"):
        return False
    rest = line[5:].removesuffix(b"\n").removesuffix(b"\r")
    if not 0 < len(rest) <= _LINE or b"\r" in rest:
        return False
    fields = rest.split()
    return any(map(_is_time, fields)) and any(map(_is_year, fields))


def _is_time(field: bytes) -> bool:
    parts = field.split(b":")
    return (
        len(parts) in (2, 3)
        and len(parts[0]) in (1, 2)
        and all(part.isdigit() for part in parts)
        and all(len(part) == 2 for part in parts[1:])  # noqa: PLR2004 - minutes and seconds
    )


def _is_year(field: bytes) -> bool:
    return len(field) == 4 and field.isdigit() and field[:2] in (b"19", b"20")  # noqa: PLR2004 - four figures


def _is_header(line: bytes) -> bool:
    name, colon, _ = line.partition(b":")
    return bool(colon) and 0 < len(name) <= 100 and all(32 < octet < 127 for octet in name)  # noqa: PLR2004 - ASCII
