"""Runs a command as a whole process and says what it cost: CPU over all its children, wall time, peak memory."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from dataclasses import dataclass


@dataclass(frozen=True)
class Cost:
    """What a process cost: CPU seconds (user and system, children included), wall seconds, peak MB of the largest."""

    cpu: float
    wall: float
    peak_mb: float


def run(*command: str, **environment: str) -> Cost:
    """The cost of a command that must succeed. Its output is thrown away unless it fails."""
    helper = (
        "import resource, subprocess, sys, time\n"
        "began = time.monotonic()\n"
        "done = subprocess.run(sys.argv[1:], capture_output=True)\n"
        "wall = time.monotonic() - began\n"
        "use = resource.getrusage(resource.RUSAGE_CHILDREN)\n"
        "print(use.ru_utime + use.ru_stime, wall, use.ru_maxrss / 1024)\n"
        "sys.stderr.buffer.write(done.stderr[-4000:]); sys.exit(done.returncode)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", helper, *command],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )
    if done.returncode != 0:
        sys.exit(f"{command[0]} ended with code {done.returncode}: {done.stderr[-2000:]}")
    return Cost(*(float(x) for x in done.stdout.split()))


def machine() -> str:
    """One line about where the figures were taken."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    cores = len(os.sched_getaffinity(0))
    return f"{platform.machine()}, {cores} cores, {memory:.0f} GiB, Python {platform.python_version()}"


def table(headings: list[str], rows: list[list[str]]) -> str:
    """Rows as an aligned table."""
    widths = [max(len(row[i]) for row in [headings, *rows]) for i in range(len(headings))]
    lines = [
        "  ".join(
            cell.rjust(w) if i else cell.ljust(w) for i, (cell, w) in enumerate(zip(row, widths, strict=True))
        )
        for row in [headings, ["-" * w for w in widths], *rows]
    ]
    return "\n".join(lines)
