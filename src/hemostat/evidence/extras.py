"""How a library that is optional gets installed: a command that works where this program runs."""

from __future__ import annotations

import sys
from pathlib import Path

import hemostat

_FOLDER = Path(hemostat.__file__).parents[2]
"""Where the checkout would be, if this runs from one."""


def command(extra: str, folder: Path = _FOLDER, prefix: str = sys.prefix) -> str:
    """The command that installs an extra: from the index, or from the checkout that this program runs from.

    >>> command("avro", Path("/usr/lib/python3"))
    "pip install 'hemostat[avro]'"
    """
    if not (folder / "pyproject.toml").is_file():
        return f"pip install 'hemostat[{extra}]'"
    python = Path(prefix) / "bin" / "python"
    shown = python.relative_to(folder) if python.is_relative_to(folder) else Path("python")
    return f"{shown} -m pip install -e '.[{extra}]'"
