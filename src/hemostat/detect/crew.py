"""Batches counted by processes of their own, so that reading and counting take all cores.

A process is spoken to over a socket that has no name: a batch goes there as an Arrow stream, what was counted comes
back pickled. Nothing is written to disk. A process ends when the socket closes, so none outlives its program.
"""

from __future__ import annotations

import os
import pickle
import queue
import signal
import socket
import subprocess
import sys
from dataclasses import dataclass
from functools import lru_cache
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import pyarrow as pa

import hemostat
from hemostat.detect import columns
from hemostat.detect.findings import Tally
from hemostat.detect.opened import OURS, Opened, opened
from hemostat.detect.values import name_batch
from hemostat.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from hemostat.detect.plan import TablePlan

_BEGIN = "from hemostat.detect.crew import serve; serve()"


@dataclass(frozen=True, slots=True)
class Part:
    """What one batch adds: its counts, and its sample unless that was taken before."""

    tally: Tally
    sampler: columns.Sampler | None


def count_part(
    batch: pa.Table | Opened, steps: TablePlan, today: date, limits: Mapping[str, int] | None
) -> Part:
    """Counts a batch here.

    Args:
        batch: its columns, all text.
        steps: what to do with each.
        today: no birth lies after it.
        limits: by heading, the hash above which nothing enters the sample; None: no sample is taken.
    """
    known = opened(batch)
    sampler = None
    if limits is not None:
        sampler = columns.Sampler(limits)
        sampler.add(known)
    tally = Tally()
    tally.add(name_batch(known, steps, 0, None, today))
    return Part(tally, sampler)


class Crew:
    """Some processes that count batches, each one at a time."""

    def __init__(self, processes: int) -> None:
        self._members = [_Member() for _ in range(processes)]
        self._free: queue.SimpleQueue[_Member] = queue.SimpleQueue()
        for member in self._members:
            self._free.put(member)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for member in self._members:
            member.end()

    def count(self, batch: pa.Table, steps: TablePlan, today: date, limits: Mapping[str, int] | None) -> Part:
        """The same as ``count_part``, by the next process that is free. Called by a thread for each process.

        Raises:
            StorageError: the process ended before it answered.
        """
        member = self._free.get()
        try:
            rows = batch.batch if isinstance(batch, Opened) else batch
            return member.count(rows, pickle.dumps((steps, today)), limits)
        except (EOFError, OSError):
            raise StorageError(
                "A process that counted for the scan ended too soon, most often for want of memory. Close other"
                " programs and run the same command again.",
                "Un processus qui comptait pour l'analyse s'est arrêté trop tôt, le plus souvent faute de mémoire."
                " Fermez d'autres programmes et relancez la même commande.",
            ) from None
        finally:
            self._free.put(member)


class _Member:
    """One process, from this side."""

    def __init__(self) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own program, no argument from the evidence
                [sys.executable, "-P", "-c", _BEGIN],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=_environment(),
                start_new_session=True,
            )
        self._line = Connection(ours.detach())

    def count(self, batch: pa.Table, plan: bytes, limits: Mapping[str, int] | None) -> Part:
        self._line.send_bytes(plan)
        self._line.send(limits)
        self._line.send_bytes(memoryview(_packed(batch)))
        answer = self._line.recv()
        assert isinstance(answer, Part)
        return answer

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        self._line.close()


def _packed(batch: pa.Table) -> pa.Buffer:
    """The evidence's columns of a batch as an Arrow stream."""
    rows = batch.drop_columns([name for name in OURS if name in batch.column_names])
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema) as stream:
        stream.write_table(rows)
    return sink.getvalue()


def _environment() -> dict[str, str]:
    """The program's own, and one thread for each library: there are as many processes as cores."""
    return {
        **os.environ,
        "PYTHONPATH": str(Path(hemostat.__file__).parents[1]),
        "POLARS_MAX_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }


def serve() -> None:
    """The other side: counts one batch after the other until the program is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    line = Connection(os.dup(0))
    try:
        while True:
            plan, limits = line.recv_bytes(), line.recv()
            batch = pa.ipc.open_stream(pa.py_buffer(line.recv_bytes())).read_all()
            line.send(count_part(batch, *_read(plan), limits))
    except (EOFError, OSError):
        return


@lru_cache(maxsize=1)
def _read(plan: bytes) -> tuple[Any, Any]:
    """The plan, which is the same for most batches, and today."""
    made: tuple[Any, Any] = pickle.loads(plan)  # noqa: S301 - from the program that started this process
    return made
