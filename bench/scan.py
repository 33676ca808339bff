"""Scan of a large CSV, the whole process from a cold start; and the detection alone of typed columns, on one core."""

from __future__ import annotations

import os
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

import polars as pl
import pyarrow as pa

from hemostat.detect import examine
from measure import machine, run, table
from respond import one_file

WALL, TYPED = 20.0, 120.0
TARGET = 1 << 30


def grown(path: Path, size: int) -> Path:
    """The rows of a file again and again under one heading, until it has this size."""
    out = path.with_name(f"large-{size >> 20}.csv")
    heading, _, rows = path.read_bytes().partition(b"\n")
    with out.open("wb") as target:
        target.write(heading + b"\n")
        while (left := size - target.tell()) > 0:
            target.write(rows if len(rows) <= left else rows[: rows.rfind(b"\n", 0, left) + 1])
            if len(rows) > left:
                break
    return out


def typed(path: Path) -> float:
    """MB a CPU second of the detection of every column but the free text, both passes, on one core."""
    frame = pl.read_csv(path, separator=";", infer_schema=False).drop("remarque", strict=False).rechunk()
    rows = frame.to_arrow(compat_level=pl.CompatLevel.oldest())
    text = pa.schema([(name, pa.string()) for name in rows.column_names])
    batches = [pa.Table.from_batches([b]).cast(text) for b in rows.to_batches(max_chunksize=100_000)]
    cells = sum(int(frame[name].str.len_bytes().sum()) for name in frame.columns)
    size = (cells + frame.width * frame.height) / 2**20  # with a separator each, as in the file
    examine(batches[:1], table="warm.csv", today=date(2026, 11, 22))
    began = time.process_time()
    examine(batches, table="typed.csv", today=date(2026, 11, 22))
    return size / (time.process_time() - began)


def main(rows: int = 1_000_000) -> None:
    """Prints the table."""
    with tempfile.TemporaryDirectory() as scratch:
        path = one_file(Path(scratch), rows)
        speed = typed(path)
        lines = []
        for size in (TARGET // 4, TARGET):
            large = grown(path, size)
            report = str(Path(scratch) / "scan.json")
            program = str(Path(sys.executable).with_name("hemostat"))
            cost = run(program, "--quiet", "scan", str(large), "--out", report)
            bar = f" (bar {WALL:.0f})" if size == TARGET else ""
            lines.append([f"{size >> 20}", f"{cost.wall:.1f}{bar}", f"{cost.cpu:.1f}", f"{cost.peak_mb:.0f}"])
            large.unlink()
    print(f"scan of a CSV, whole process, cold start ({machine()}, load {os.getloadavg()[0]:.1f})")
    print(table(["MB", "wall s", "CPU s", "peak MB"], lines))
    print(f"typed columns: {speed:.0f} MB a CPU second (bar {TYPED:.0f})")


if __name__ == "__main__":
    main(*(int(a) for a in sys.argv[1:]))
