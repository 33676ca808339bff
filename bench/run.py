"""Every published figure, each beside its peer or its bar, on this machine. Takes about a quarter of an hour."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

BENCHES: tuple[tuple[str, ...], ...] = (
    ("respond.py",),
    ("demo.py",),
    ("people.py", "medecindirect", "285000", "1", "2", "3"),
    ("people.py", "cegedim", "789474", "1", "2", "3"),
    ("people.py", "dedalus", "49184", "1", "2", "3"),
    ("tenants.py",),
    ("dumpdate.py",),
    ("standing.py",),
    ("people.py", "linkage-outside", "140000", "1", "2", "3"),
    ("splink_peer.py", "linkage-outside", "140000", "1"),
    ("abroad.py",),
    ("delimited.py",),
    ("sql.py",),
    ("logs.py",),
    ("columns.py",),
    ("presidio.py",),
    ("scan.py",),
    ("sheets.py",),
    ("text.py",),
    ("letters.py",),
    ("kills.py", "4000", "10"),
)
"""Script and arguments, in order."""


def main() -> int:
    """Runs each bench; the worst exit code."""
    here = Path(__file__).parent
    worst = 0
    for script, *arguments in BENCHES:
        print(f"\n== {script} {' '.join(arguments)}", flush=True)
        worst = max(
            worst, subprocess.run([sys.executable, here / script, *arguments], check=False).returncode
        )
    return worst


if __name__ == "__main__":
    sys.exit(main())
