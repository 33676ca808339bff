"""Files that leave the case: each appears whole or not at all, readable by its owner alone."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from hemostat.errors import StorageError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def write_all(folder: Path, files: Mapping[str, str | bytes]) -> list[Path]:
    """Writes these files in a folder, made if need be; gives their paths in the same order.

    Raises:
        StorageError: the disk is full or the folder cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return [_write(folder / name, content) for name, content in files.items()]
    except OSError as fault:
        raise StorageError(
            f"The files cannot be written in {folder} ({fault.strerror}): choose another place.",
            f"Les fichiers ne peuvent pas être écrits dans {folder} ({fault.strerror}) : choisissez un autre endroit.",
        ) from None


def _write(path: Path, content: str | bytes) -> Path:
    part = path.with_name(path.name + ".part")
    try:
        part.touch(mode=0o600)
        with part.open("wb") as out:
            out.write(content.encode() if isinstance(content, str) else content)
            out.flush()
            os.fsync(out.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return path
