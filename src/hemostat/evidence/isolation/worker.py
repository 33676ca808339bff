"""The process that parses: started by ``process`` as a script, held in by limits, fed through a pipe.

It sees no case, no key and no path; it can write no file. It imports readers without the package around them, so that
it starts fast and holds little.
"""

from __future__ import annotations

import ctypes
import importlib
import io
import os
import resource
import signal
import sys
import types
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from _typeshed import WriteableBuffer

    from hemostat.evidence.base import Batch, Limits, Member, Source, TableSource
    from hemostat.evidence.isolation.channel import Channel

_PACKAGE = "hemostat.evidence"
_PIECE = 16 << 10
_NEEDS = {
    "pypdfium2": "needs_documents",
    "defusedxml": "needs_documents",
    "fastavro": "needs_avro",
    "libarchive": "needs_libarchive",
    "py7zr": "needs_unlocking",
    "msoffcrypto": "needs_unlocking",
}
"""Libraries that may be missing, and the reason that says what to install."""
_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 1, 4, 38


def main() -> None:
    """Takes one request after the other, until the other side goes away."""
    memory, seconds = int(sys.argv[1]), int(sys.argv[2])
    incoming, outgoing = os.dup(0), os.dup(1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    _alone()
    _bare_package()
    channel_module = importlib.import_module(f"{_PACKAGE}.isolation.channel")
    importlib.import_module(f"{_PACKAGE}.base")
    importlib.import_module("pyarrow")
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    worker = Worker(channel_module.Channel(incoming, outgoing))
    try:
        while True:
            _renew(seconds)
            worker.serve()
    except channel_module.Broken:
        return


def _alone() -> None:
    """No core that would hold evidence in clear, no file written, no life after the program that started this."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    system = ctypes.CDLL(None, use_errno=True)
    if hasattr(system, "prctl"):
        system.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
        system.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        system.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def _bare_package() -> None:
    """Stands an empty package in the place of the real one, whose import would bring in everything."""
    package = types.ModuleType(_PACKAGE)
    package.__path__ = [str(Path(__file__).parents[1])]
    sys.modules[_PACKAGE] = package


def _renew(seconds: int) -> None:
    """Gives the next request its time on the processor."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    most = int(used.ru_utime + used.ru_stime) + seconds
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    resource.setrlimit(
        resource.RLIMIT_CPU, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard)
    )


class Worker:
    """Answers requests about one source at a time."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._terms = importlib.import_module(f"{_PACKAGE}.isolation.channel")
        self._base = importlib.import_module(f"{_PACKAGE}.base")
        self._source: Source | None = None
        self._limits: Limits | None = None
        self._work: Callable[[], Iterator[Any]] | None = None
        self._tables: Iterator[TableSource] | None = None
        self._reached = -1
        self._batches: Iterator[Batch] | None = None
        self._table: TableSource | None = None
        self._members: Iterator[Member] | None = None
        self._member: Member | None = None
        self._stream: BinaryIO | None = None
        self._fault: Exception | None = None

    def serve(self) -> None:
        """One request."""
        request = self._channel.receive().json()
        answer = getattr(self, f"on_{request.pop('ask')}")
        terms = self._terms
        try:
            kind, payload = answer(**request)
        except self._base.Unreadable as fault:
            self._channel.say(terms.UNREADABLE, str(fault.reason))
        except terms.Broken:
            raise
        except MemoryError:
            self._forget()
            self._channel.say(terms.UNREADABLE, "too_much_memory")
        except ModuleNotFoundError as fault:
            self._channel.say(terms.UNREADABLE, _NEEDS.get(fault.name or "", "kind_not_read"))
        except Exception:  # noqa: BLE001 - the edge of this process: hostile input may raise anything
            self._channel.say(terms.FAULT, "")
        else:
            self._channel.send(kind, payload)

    def on_open(
        self, function: str, name: str, size: int | None, limits: dict[str, Any], given: dict[str, Any]
    ) -> tuple[bytes, bytes]:
        """Takes up a source."""
        self._forget()
        module, _, attribute = function.partition(":")
        target = getattr(importlib.import_module(module), attribute)
        source = self._base.Source(name, size, self._open)
        self._limits = self._base.Limits(**limits)
        if isinstance(target, type):
            reader = target(**given)
            self._work = lambda: reader.tables(source, self._limits)
        else:
            self._work = lambda: target(source, self._limits, **given)
        return self._terms.JSON, b"null"

    def on_table(self, table: int) -> tuple[bytes, bytes]:
        """What there is to know of a table; ``null`` after the last."""
        one = self._reach(table)
        if one is None:
            return self._json(None)
        refers = one.references if isinstance(one, self._base.Referring) else ()
        return self._json(
            {
                "name": one.name,
                "kind": one.kind,
                "count_method": str(one.count_method),
                "note": one.note,
                "references": [[ref.place, ref.target, ref.target_place] for ref in refers],
            }
        )

    def _reach(self, number: int) -> TableSource | None:
        """A table. Each lasts until the next is asked for: going back starts anew."""
        if self._tables is None or number < self._reached:
            assert self._work is not None
            self._close(self._tables)
            self._tables, self._table, self._reached = iter(self._work()), None, -1
        while self._reached < number:
            self._close(self._batches)
            self._batches = None
            self._table = next(self._tables, None)
            self._reached += 1
        return self._table

    def on_count(self, table: int) -> tuple[bytes, bytes]:
        """The units of a table."""
        one = self._reach(table)
        assert one is not None
        return self._json(one.count_units())

    def on_batches(self, table: int, resume: dict[str, Any] | None) -> tuple[bytes, bytes]:
        """Starts to read a table."""
        one = self._reach(table)
        assert one is not None
        self._batches = iter(one.batches(resume))
        return self._json(None)

    def on_next(self) -> tuple[bytes, bytes]:
        """The next batch; ``null`` after the last."""
        assert self._batches is not None
        assert self._table is not None
        batch = next(self._batches, None)
        if batch is None:
            self._batches = None
            return self._json({"note": self._table.note})
        return self._terms.BATCH, self._terms.packed(batch, self._table.note)

    def on_member(self) -> tuple[bytes, bytes]:
        """The next member; ``null`` after the last."""
        if self._members is None:
            assert self._work is not None
            self._members = iter(self._work())
        self._drop_stream()
        self._member = next(self._members, None)
        if self._member is None:
            return self._json(None)
        one = self._member
        return self._json(
            {"name": one.name, "size": one.size, "reason": one.reason, "data": one.source is not None}
        )

    def on_read(self, size: int) -> tuple[bytes, bytes]:
        """The next octets of the member; what comes before a fault is given first."""
        if self._stream is None:
            assert self._member is not None
            assert self._member.source is not None
            self._stream = self._member.source.open()
        parts: list[bytes] = []
        held = 0
        while held < size and self._fault is None:
            try:
                part = self._stream.read(_PIECE)
            except self._base.Unreadable as fault:
                self._fault = fault
                break
            if not part:
                break
            parts.append(part)
            held += len(part)
        if not parts and self._fault is not None:
            raise self._fault
        return self._terms.DATA, b"".join(parts)

    def on_forget(self) -> tuple[bytes, bytes]:
        """Lets go of the source."""
        self._forget()
        return self._json(None)

    def _forget(self) -> None:
        self._drop_stream()
        for one in (self._batches, self._tables, self._members):
            self._close(one)
        self._reached = -1
        self._work = self._tables = self._batches = self._table = self._members = self._member = None

    @staticmethod
    def _close(steps: Iterator[Any] | None) -> None:
        if isinstance(steps, types.GeneratorType):
            steps.close()

    def _drop_stream(self) -> None:
        if self._stream is not None:
            self._stream.close()
        self._stream = self._fault = None

    def _json(self, thing: object) -> tuple[bytes, bytes]:
        return self._terms.JSON, self._terms.as_json(thing)

    def _open(self) -> BinaryIO:
        return cast("BinaryIO", io.BufferedReader(_Remote(self._channel, self._terms), 256 << 10))


class _Remote(io.RawIOBase):
    """The evidence, read through the pipe."""

    def __init__(self, channel: Channel, terms: Any) -> None:
        self._channel = channel
        self._terms = terms
        channel.send(terms.OPEN)
        self._handle, self._size = self._answer().json()
        self._place = 0

    def _answer(self) -> Any:
        frame = self._channel.receive()
        if frame.kind == self._terms.UNREADABLE:
            raise importlib.import_module(f"{_PACKAGE}.base").Unreadable(frame.json())
        return frame

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        if whence == io.SEEK_END and self._size is None:
            self._channel.say(self._terms.READ, [self._handle, -1, 0])
            self._size = self._answer().json()
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._size or 0}[whence]
        self._place = max(base + offset, 0)
        return self._place

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        view = memoryview(buffer).cast("B")
        self._channel.say(self._terms.READ, [self._handle, self._place, len(view)])
        data = self._answer().payload
        view[: len(data)] = data
        self._place += len(data)
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._channel.say(self._terms.CLOSE, self._handle)
        super().close()


if __name__ == "__main__":
    main()
