"""Octets at random, led by what they reach in our own readers.

    pip install -e '.[fuzz]'
    python tests/fuzz/evidence.py -max_total_time=300 SCRATCH_FOLDER tests/fuzz/corpus

The first octet of a file chooses the reader, the rest is what it reads. What once was a fault is kept in the corpus,
which the other tests go through as well.
"""

from __future__ import annotations

import sys
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).parent))
with atheris.instrument_imports(include=["hemostat.evidence"]):
    from accounts import one

if __name__ == "__main__":
    atheris.Setup(sys.argv, one)
    atheris.Fuzz()
