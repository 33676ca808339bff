"""Parsers that behave badly on command, for the parsing process: what the evidence says is what they do."""

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from hemostat.evidence.base import Batch, Unreadable
from hemostat.evidence.reasons import Reason


@dataclass
class Obedient:
    source: object
    name: str
    kind: str = "obedient"
    count_method: str = "declared"
    note: str = "encoding=utf-8"

    def count_units(self):
        return 3

    def batches(self, resume):
        start = 0 if resume is None else resume["row"]
        for number in range(start, 3):
            do(self.source.open().read(40).decode(), number)
            rows = pa.table({"a": [str(number)]})
            yield Batch(rows, None, pa.array([f"row {number}"]), 1, 0, 0, 0, (), {"row": number + 1})


def do(order, number=1):
    """What the evidence says."""
    if number != 1:
        return
    if order == "die":
        os.kill(os.getpid(), signal.SIGSEGV)
    elif order == "loop":
        while True:
            pass
    elif order == "sleep":
        time.sleep(60)
    elif order == "eat":
        bytearray(4_000_000_000)
    elif order == "recurse":
        do_not_return()
    elif order == "raise":
        raise ValueError("QUENOUILLARD")
    elif order == "refuse":
        raise Unreadable(Reason.ENCRYPTED)
    elif order == "write":
        Path("trace.txt").write_text("QUENOUILLARD")
    elif order == "print":
        print("QUENOUILLARD", flush=True)
        os.write(1, b"QUENOUILLARD")
        os.write(2, b"QUENOUILLARD")


def do_not_return():
    return do_not_return()


def tables(source, limits, password=None):  # noqa: ARG001 - as every function of its kind
    """Two tables, whatever comes."""
    with source.open() as raw:
        order = raw.read(40).decode()
    if order.startswith("at once: "):
        do(order.removeprefix("at once: "))
    yield Obedient(source, f"{source.name}#1")
    yield Obedient(source, f"{source.name}#2", note=str(password))
