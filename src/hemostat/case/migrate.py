"""Older formats of a case, brought up to date on a copy: the old file stays until the new one is whole."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

from hemostat.case.database import connect, plainly

if TYPE_CHECKING:
    from pathlib import Path

FORMAT = 1
"""The format that this version writes."""

MIGRATIONS: dict[int, str] = {}
"""SQL that brings a case from the format in the key to the next one. Format 1 is the first."""


def migrate(path: Path, head: dict[str, Any], key: str) -> dict[str, Any]:
    """The head of the case once its database is at ``FORMAT``; the older file is kept beside, with its format's number.

    Raises:
        CaseError: the database refused a step; nothing was changed.
    """
    old = path / "case.duckdb"
    copy = path / "case.duckdb.new"
    shutil.copyfile(old, copy)
    spill = path / "tmp"
    spill.mkdir(exist_ok=True)
    database = connect(copy, key, spill)
    try:
        with plainly():
            for version in range(int(head["format"]), FORMAT):
                database.execute(MIGRATIONS[version])
            database.execute("checkpoint")
    except BaseException:
        copy.unlink()
        raise
    finally:
        database.close()
    old.replace(path / f"case.format-{head['format']}.duckdb")
    copy.replace(old)
    return {**head, "format": FORMAT}
