"""How the program and the process that parses speak: frames of a letter, a length and octets, over two pipes.

Only JSON, raw octets and Arrow streams cross: nothing that would run code when read.
"""

from __future__ import annotations

import json
import os
import select
import struct
import time
from typing import Any, NamedTuple

import pyarrow as pa

from hemostat.evidence.base import Batch
from hemostat.model import Quarantined

_HEAD = struct.Struct("<cQ")
_LONGEST = 1 << 30
_STEP = 1 << 20
_AT = "_at"

JSON, DATA, BATCH, UNREADABLE, FAULT = b"j", b"d", b"b", b"u", b"f"
"""A result, octets, a batch of rows, a reason for the quarantine, something unforeseen."""
OPEN, READ, CLOSE = b"o", b"r", b"c"
"""What the parsing process asks of the evidence."""


class Frame(NamedTuple):
    """One message."""

    kind: bytes
    payload: bytes

    def json(self) -> Any:
        """What a message in JSON says."""
        return json.loads(self.payload)


class Broken(Exception):  # noqa: N818 - the other side is gone; caught where it is known what that means
    """The other side is gone, or says nothing that makes sense."""


class Late(Broken):
    """The other side did not answer in time."""


def as_json(thing: object) -> bytes:
    """A thing as JSON."""
    return json.dumps(thing).encode()


def packed(batch: Batch, note: str) -> bytes:
    """A batch, and the note of its table so far, as one message."""
    at = batch.locator if batch.line is None else batch.line
    aside = [[one.locator, str(one.reason), one.units, one.line, one.bytes] for one in batch.quarantined]
    about = as_json(
        [
            batch.units,
            batch.blank,
            batch.header,
            batch.out_of_scope,
            aside,
            batch.resume,
            note,
            batch.line is None,
        ]
    )
    rows = batch.rows if at is None else batch.rows.add_column(0, _AT, at)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema) as stream:
        stream.write_table(rows)
    return b"".join([len(about).to_bytes(4, "big"), about, memoryview(sink.getvalue())])


def unpacked(payload: bytes) -> tuple[Batch, str]:
    """What ``packed`` gave, looked at closely: the process that sent it has read hostile evidence.

    Raises:
        Broken: it is no batch.
    """
    end = 4 + int.from_bytes(payload[:4], "big")
    try:
        units, blank, header, out_of_scope, aside, resume, note, located = json.loads(payload[4:end])
        rows = pa.ipc.open_stream(pa.py_buffer(payload)[end:]).read_all()
        rows.validate(full=True)
        quarantined = tuple(
            Quarantined(str(place), str(reason), int(count), line, size)
            for place, reason, count, line, size in aside
        )
        at = rows.column(_AT).combine_chunks() if _AT in rows.column_names else None
        rows = rows.drop_columns([_AT]) if at is not None else rows
    except (pa.ArrowException, ValueError, TypeError, KeyError, OSError):
        raise Broken from None
    if not all(column.type == pa.string() for column in rows.columns) or not isinstance(resume, dict):
        raise Broken
    line, locator = (None, at) if located else (at, None)
    return Batch(rows, line, locator, units, blank, header, out_of_scope, quarantined, resume), note


class Channel:
    """Two pipes."""

    def __init__(self, incoming: int, outgoing: int) -> None:
        self._in = incoming
        self._out = outgoing

    def send(self, kind: bytes, payload: bytes | memoryview = b"") -> None:
        """Sends a message.

        Raises:
            Broken: nobody reads it.
        """
        try:
            for part in (_HEAD.pack(kind, len(payload)), payload):
                view = memoryview(part)
                while view:
                    view = view[os.write(self._out, view[:_STEP]) :]
        except OSError:
            raise Broken from None

    def say(self, kind: bytes, thing: object) -> None:
        """Sends a message in JSON."""
        self.send(kind, as_json(thing))

    def receive(self, seconds: float | None = None) -> Frame:
        """The next message.

        Raises:
            Late: it does not come in time.
            Broken: it never will.
        """
        until = None if seconds is None else time.monotonic() + seconds
        kind, size = _HEAD.unpack(self._exactly(_HEAD.size, until))
        if size > _LONGEST:
            raise Broken
        return Frame(kind, self._exactly(size, until))

    def _exactly(self, size: int, until: float | None) -> bytes:
        parts = []
        while size:
            if (
                until is not None
                and not select.select([self._in], [], [], max(until - time.monotonic(), 0))[0]
            ):
                raise Late
            try:
                part = os.read(self._in, min(size, _STEP))
            except OSError:
                raise Broken from None
            if not part:
                raise Broken
            parts.append(part)
            size -= len(part)
        return b"".join(parts)
