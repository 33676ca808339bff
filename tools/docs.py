#!/usr/bin/env python3
"""Writes again what the documents quote from the program; ``--check`` only says which documents lag."""

from __future__ import annotations

import sys
from pathlib import Path

from cogapp import Cog

HERE = Path(__file__).resolve().parent.parent
DOCUMENTS = (
    "README.md",
    "ARCHITECTURE.md",
    "GLOSSARY.md",
    "docs/reference/commands.md",
)
"""The documents that hold a generated block."""


def main(arguments: list[str]) -> int:
    """0 when every document is in step; 1 when one lags; 2 on wrong usage."""
    if arguments not in ([], ["--check"]):
        sys.stderr.write("Usage: python tools/docs.py [--check]\n")
        return 2
    check = bool(arguments)
    how = ["--check", "--diff"] if check else ["-r"]
    code = Cog().main(
        ["cog", *how, "-e", "-n", "utf-8", "--verbosity=1", "-I", str(HERE / "tools")]
        + [str(HERE / name) for name in DOCUMENTS]
    )
    if code and check:
        sys.stderr.write(
            "Some documents lag behind the program: run python tools/docs.py, and read the difference.\n"
        )
    return int(bool(code))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
