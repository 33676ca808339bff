"""DuckDB, encrypted at rest and shut off from the network.

The cipher is GCM for tables and write-ahead log; spill files are encrypted too and stay in the case. DuckDB refuses
to write encrypted files without the OpenSSL of its httpfs extension, which is loaded from the installed package,
signature checked; nothing is ever downloaded.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from hemostat.errors import CaseError, StorageError

if TYPE_CHECKING:
    from collections.abc import Iterator

MEMORY = "1500MB"


def _httpfs() -> Path:
    package = resources.files("duckdb_extension_httpfs")
    found = sorted(Path(str(package)).rglob("*.duckdb_extension"))
    if not found:
        raise CaseError(
            "The encryption library is missing: install hemostat again.",
            "La bibliothèque de chiffrement manque : réinstallez hemostat.",
        )
    return found[0]


def connect(path: Path, key: str, spill: Path) -> duckdb.DuckDBPyConnection:
    """A connection whose default database is the encrypted file ``path``, made if it is not there.

    ``key`` is text (base64); ``spill`` the folder for temporary files.

    Raises:
        CaseError: wrong key, damaged file, or the file is held by another process.
    """
    with plainly():
        connection = duckdb.connect(
            ":memory:",
            config={
                "threads": str(len(os.sched_getaffinity(0))),
                "memory_limit": MEMORY,
                "temp_directory": str(spill),
                "allow_unsigned_extensions": "false",
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
            },
        )
        connection.execute("set temp_file_encryption = true")
        connection.execute(f"load '{_quote(str(_httpfs()))}'")
    try:
        connection.execute(
            f"attach '{_quote(str(path))}' as held (encryption_key '{_quote(key)}', encryption_cipher 'GCM')"
        )
    except duckdb.Error as fault:
        connection.close()
        full = _disk_full(fault)
        if full:
            raise full from None
        raise CaseError(
            "The case cannot be opened with this key: say where the right key lies with --key-file, "
            "or restore the folder.",
            "L'affaire ne s'ouvre pas avec cette clé : dites où est la bonne clé avec --key-file, "
            "ou reprenez le dossier d'une copie.",
        ) from None
    with plainly():
        connection.execute("use held")
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
    return connection


def _quote(text: str) -> str:
    return text.replace("'", "''")


def disk_full() -> StorageError:
    """What to raise when nothing more can be written."""
    return StorageError(
        "The disk is full or cannot be written: make room, then run the same command again.",
        "Le disque est plein ou protégé : faites de la place, puis relancez la même commande.",
    )


def _disk_full(fault: Exception) -> StorageError | None:
    words = str(fault).lower()
    if "no space" in words or ("disk" in words and "full" in words) or "could not write" in words:
        return StorageError(
            "The disk is full or cannot be written: make room, then run the same command again.",
            "Le disque est plein ou protégé : faites de la place, puis relancez la même commande.",
        )
    return None


@contextmanager
def plainly() -> Iterator[None]:
    """Turns the database's own errors into ours: its words might quote a value.

    Raises:
        KeyboardInterrupt: the user stopped the query.
        StorageError: the disk is full.
        CaseError: any other refusal.
    """
    try:
        yield
    except duckdb.Error as fault:
        if isinstance(fault, duckdb.InterruptException):
            raise KeyboardInterrupt from None
        name = type(fault).__name__
        raise _disk_full(fault) or CaseError(
            f"The case's database refused a step ({name}): run the same command again, or restore the folder.",
            f"La base de l'affaire a refusé une étape ({name}) : relancez, ou reprenez le dossier d'une copie.",
        ) from None
    except RuntimeError as fault:
        if "interrupted" in str(fault).lower():  # what its Python client raises on Ctrl-C
            raise KeyboardInterrupt from None
        raise
