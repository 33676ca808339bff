"""Risky parsers in a process of their own, with limits: what kills it costs one source, not the run.

A few workers are kept and fed one source after the other; a worker that dies, or takes too long, is replaced. The
evidence reaches a worker through a pipe, read by read; what it finds comes back as Arrow streams and JSON.
"""

from __future__ import annotations

import atexit
import io
import os
import signal
import subprocess
import sys
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import hemostat
from hemostat.evidence.base import Reference, Unreadable
from hemostat.evidence.isolation.channel import (
    BATCH,
    CLOSE,
    DATA,
    FAULT,
    JSON,
    OPEN,
    READ,
    UNREADABLE,
    Broken,
    Channel,
    Frame,
    Late,
    unpacked,
)
from hemostat.evidence.reasons import Reason
from hemostat.evidence.sql.reasons import SqlReason

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hemostat.evidence.base import Batch, Limits, Reader, Source, TableSource


_SCRIPT = Path(__file__).with_name("worker.py")


@dataclass(frozen=True, slots=True)
class Bounds:
    """What one parsing process may use."""

    memory: int = 1_500_000_000
    """Octets of address space."""
    processor: int = 240
    """Seconds on the processor for one answer: a batch, a count, some octets of a member."""
    wall: int = 600
    """Seconds to wait for one answer."""
    idle: int = 2
    """Workers kept for the next source."""
    sources: int = 2000
    """Sources after which a worker is replaced, whatever it may have kept of them."""


class _Worker:
    """One process that parses."""

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self.sources = 0
        told, hears = os.pipe()
        answers, says = os.pipe()
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own script, no argument from the evidence
                [sys.executable, "-P", "-B", str(_SCRIPT), str(bounds.memory), str(bounds.processor)],
                stdin=told,
                stdout=says,
                stderr=subprocess.DEVNULL,
                env=_environment(),
                start_new_session=True,
            )
        finally:
            os.close(told)
            os.close(says)
        self._pipes = (answers, hears)
        self._channel = Channel(answers, hears)

    def ask(self, request: dict[str, Any], evidence: _Evidence) -> Frame:
        """The answer to a request; meanwhile the worker is given what it reads.

        Raises:
            Unreadable: the worker says so, died, or took too long; after the latter two it is gone.
        """
        try:
            self._channel.say(JSON, request)
            while True:
                frame = self._channel.receive(self._bounds.wall)
                if frame.kind in (OPEN, READ, CLOSE):
                    evidence.serve(frame, self._channel)
                else:
                    return frame
        except Late:
            self.kill()
            raise Unreadable(Reason.PARSER_SLOW) from None
        except (Broken, ValueError, KeyError, TypeError):
            raise Unreadable(self._why_gone()) from None
        except BaseException:
            self.kill()
            raise

    def _why_gone(self) -> Reason:
        """Why it died; it is dead afterwards."""
        self.kill()
        return Reason.PARSER_SLOW if self._process.returncode == -signal.SIGXCPU else Reason.PARSER_DIED

    def alive(self) -> bool:
        """Whether it can take another source."""
        return self._process.poll() is None and self.sources < self._bounds.sources

    def kill(self) -> None:
        """Ends it, if it has not ended by itself."""
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(0.05)
        self._process.kill()
        self._process.wait()
        for pipe in self._pipes:
            os.close(pipe)
        self._pipes = ()  # type: ignore[assignment]  # closed once


def _environment() -> dict[str, str]:
    """What a worker knows of the world: where its libraries are, one thread each, nothing of the user."""
    return {
        "PATH": os.defpath,
        "LC_ALL": "C.UTF-8",
        "PYTHONPATH": str(Path(hemostat.__file__).parents[1]),
        "PYTHONHASHSEED": "0",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "OMP_THREAD_LIMIT": "1",
        "ARROW_DEFAULT_MEMORY_POOL": "system",
        "MALLOC_ARENA_MAX": "2",
    }


class _Pool:
    """Workers that wait for a source."""

    def __init__(self, bounds: Bounds) -> None:
        self.bounds = bounds
        self._idle: list[_Worker] = []
        self._lock = Lock()

    def take(self) -> _Worker:
        with self._lock:
            while self._idle:
                worker = self._idle.pop()
                if worker.alive():
                    return worker
                worker.kill()
        return _Worker(self.bounds)

    def give_back(self, worker: _Worker) -> None:
        with self._lock:
            if worker.alive() and len(self._idle) < self.bounds.idle:
                self._idle.append(worker)
                return
        worker.kill()

    def close(self) -> None:
        with self._lock:
            while self._idle:
                self._idle.pop().kill()


_pool = _Pool(Bounds())


def _close_pool() -> None:
    _pool.close()


atexit.register(_close_pool)


@contextmanager
def bounded(bounds: Bounds) -> Iterator[None]:
    """Within this block, parsing processes have other bounds."""
    global _pool  # noqa: PLW0603 - there is one pool, so that workers can be kept
    before = _pool
    _pool = _Pool(bounds)
    try:
        yield
    finally:
        _pool.close()
        _pool = before


@dataclass(slots=True)
class _Evidence:
    """What a worker reads of one source."""

    source: Source
    fault: str | None = None
    """Why the source itself could not be read further."""
    _streams: dict[int, BinaryIO] = field(default_factory=dict)

    def serve(self, frame: Frame, channel: Channel) -> None:
        """Answers a worker that opens, reads or closes the evidence."""
        try:
            if frame.kind == OPEN:
                handle = max(self._streams, default=0) + 1
                self._streams[handle] = self.source.open()
                channel.say(JSON, [handle, self.source.size])
            elif frame.kind == CLOSE:
                self._streams.pop(frame.json()).close()
            else:
                handle, place, size = frame.json()
                stream = self._streams[handle]
                if place < 0:
                    channel.say(JSON, stream.seek(0, io.SEEK_END))
                    return
                if stream.tell() != place:
                    stream.seek(place)
                channel.send(DATA, stream.read(min(size, 4 << 20)))
        except Unreadable as fault:
            self.fault = fault.reason
            channel.say(UNREADABLE, str(fault.reason))

    def close(self) -> None:
        """Closes what is open."""
        while self._streams:
            self._streams.popitem()[1].close()


class Session:
    """One source before a worker. The worker is taken when first needed, and again if it died."""

    def __init__(
        self, function: str, source: Source, limits: Limits, given: dict[str, Any] | None = None
    ) -> None:
        self._function = function
        self._evidence = _Evidence(source)
        self._opening = {
            "ask": "open", "function": function, "name": source.name, "size": source.size, "limits": asdict(limits),
            "given": given or {},
        }  # fmt: skip
        self._worker: _Worker | None = None
        self.generation = 0
        """Grows with each worker taken: what was under way with an earlier one is lost."""

    @property
    def is_open(self) -> bool:
        """Whether a worker holds the source."""
        return self._worker is not None

    def ask(self, request: str, **given: Any) -> Frame:
        """The answer to a request.

        Raises:
            Unreadable: the source cannot be read, or the worker died of it.
        """
        if self._worker is None:
            self._worker = _pool.take()
            self._worker.sources += 1
            self.generation += 1
            self._ask(self._opening)
        return self._ask({"ask": request, **given})

    def _ask(self, request: dict[str, Any]) -> Frame:
        assert self._worker is not None
        try:
            frame = self._worker.ask(request, self._evidence)
        except BaseException:
            self._worker = None
            self._evidence.close()
            raise
        if frame.kind == UNREADABLE:
            raise Unreadable(self._evidence.fault or _known(frame.json()))
        if frame.kind == FAULT:
            raise Unreadable(self._evidence.fault or Reason.DAMAGED)
        return frame

    def close(self) -> None:
        """Gives the worker back."""
        if self._worker is None:
            return
        worker = self._worker
        try:
            self._ask({"ask": "forget"})
        except Unreadable:
            return
        finally:
            self._worker = None
            self._evidence.close()
        _pool.give_back(worker)


def _known(reason: object) -> Reason | SqlReason:
    """A reason named by a worker, which may say anything."""
    return next((one for one in (*Reason, *SqlReason) if one == reason), Reason.DAMAGED)


@dataclass(slots=True)
class IsolatedTable:
    """A table that a worker reads."""

    name: str
    kind: str
    count_method: str
    note: str
    _session: Session
    _number: int
    references: tuple[Reference, ...] = ()
    """As the table in the worker says."""

    def renew(self) -> None:
        """Lets go of the worker, whatever became of it: the next request takes another."""
        self._session.close()

    def count_units(self) -> int | None:
        """As the table in the worker says."""
        with _held(self._session):
            count = self._session.ask("count", table=self._number).json()
        return None if count is None else int(count)

    def batches(self, resume: dict[str, Any] | None) -> Iterator[Batch]:
        """The batches.

        Raises:
            Unreadable: the worker died, took too long, or could not read on.
        """
        with _held(self._session) as session:
            session.ask("batches", table=self._number, resume=resume)
            generation = session.generation
            while True:
                if session.generation != generation or not session.is_open:
                    raise Unreadable(Reason.PARSER_DIED)
                frame = session.ask("next")
                if frame.kind != BATCH:
                    self.note = str(frame.json()["note"])
                    return
                try:
                    batch, self.note = unpacked(frame.payload)
                except Broken:
                    raise Unreadable(Reason.PARSER_DIED) from None
                yield batch


@contextmanager
def _held(session: Session) -> Iterator[Session]:
    """Closes a session that was not open before."""
    was_open = session.is_open
    try:
        yield session
    finally:
        if not was_open:
            session.close()


def isolated_tables(
    function: str, source: Source, limits: Limits, given: dict[str, Any] | None = None
) -> Iterator[IsolatedTable]:
    """The tables that ``function`` finds in a source, in another process.

    Args:
        function: ``hemostat.evidence.module:name``: a function of source and limits, or a class of readers.
        source: the evidence.
        limits: how far to go.
        given: further arguments, as JSON: passwords.

    Raises:
        Unreadable: the whole source is to be quarantined, with this reason.
    """
    session = Session(function, source, limits, given)
    try:
        number = 0
        while about := session.ask("table", table=number).json():
            yield IsolatedTable(
                str(about["name"]),
                str(about["kind"]),
                str(about["count_method"]),
                str(about["note"]),
                session,
                number,
                tuple(Reference(*map(str, one)) for one in about["references"]),
            )
            number += 1
    finally:
        session.close()


@dataclass(frozen=True, slots=True)
class Isolated:
    """A reader that does its reading in another process; it tells its format here."""

    inner: Reader
    function: str
    """Where the class of the reader is: ``hemostat.evidence.module:name``."""

    @property
    def kind(self) -> str:
        """As the reader's."""
        return self.inner.kind

    @property
    def seeks(self) -> bool:
        """As the reader's."""
        return self.inner.seeks

    def recognises(self, head: bytes, name: str) -> int:
        """As the reader does: this looks at some octets and no more."""
        return self.inner.recognises(head, name)

    def tables(self, source: Source, limits: Limits) -> Iterator[TableSource]:
        """The tables, read elsewhere.

        Raises:
            Unreadable: the whole source is to be quarantined, with this reason.
        """
        return isolated_tables(self.function, source, limits)


def as_stream(raw: io.RawIOBase) -> BinaryIO:
    """A raw stream with a buffer."""
    return cast("BinaryIO", io.BufferedReader(raw, 64 << 10))
