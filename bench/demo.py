"""The demonstration as a stranger runs it, whole process and cold start, at its default size and at 285 000 people."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from measure import machine, run, table

BARS = {28_500: 30.0, 285_000: 180.0}
"""Seconds of wall time on two cores, by number of people."""


def main(sizes: tuple[int, ...] = tuple(BARS)) -> None:
    """Prints the table."""
    program = str(Path(sys.executable).with_name("hemostat"))
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for people in sizes:
            cost = run(program, "--quiet", "demo", "--people", str(people), "--out", f"{folder}/{people}")
            bar = f"{BARS[people]:.0f}" if people in BARS else "-"
            rows.append([f"{people:,}", f"{cost.wall:.1f}", bar, f"{cost.cpu:.1f}", f"{cost.peak_mb:.0f}"])
    print(f"demo ({machine()})")
    print(table(["people", "wall s", "bar", "CPU s", "peak MB"], rows))


if __name__ == "__main__":
    main(tuple(int(a) for a in sys.argv[1:]) or tuple(BARS))
