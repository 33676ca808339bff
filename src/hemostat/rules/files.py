"""Reads the rule files and checks what every row must carry."""

import hashlib
import tomllib
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

from hemostat.errors import RuleError

_HERE = resources.files("hemostat.rules")


@cache
def load(name: str) -> dict[str, Any]:
    """The content of ``rules/<name>.toml``.

    Raises:
        RuleError: the file is missing or is not TOML.
    """
    path = _HERE / f"{name}.toml"
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise RuleError(
            f"Rule file {name}.toml is missing: reinstall the program.",
            f"Le fichier de règles {name}.toml manque : réinstallez le programme.",
        ) from None
    except tomllib.TOMLDecodeError as fault:
        raise RuleError(
            f"Rule file {name}.toml cannot be read: {fault}.",
            f"Le fichier de règles {name}.toml est illisible : {fault}.",
        ) from None


def rows(name: str, table: str, required: dict[str, type]) -> list[dict[str, Any]]:
    """The rows of ``[[table]]`` in ``rules/<name>.toml``, each with ``required``, a source, a date and a mark.

    Raises:
        RuleError: a row lacks a key or holds another type; the message names file, row and key.
    """
    found = load(name).get(table, [])
    wanted = {**required, "source": str, "date": date, "verified": bool}
    for number, row in enumerate(found, 1):
        for key, kind in wanted.items():
            if not isinstance(row.get(key), kind):
                label = row.get("id", f"row {number}")
                raise RuleError(
                    f"Rule file {name}.toml, {table} {label}: {key} must be {kind.__name__}.",
                    f"Fichier de règles {name}.toml, {table} {label} : {key} doit être de type {kind.__name__}.",
                )
    return list(found)


@cache
def hash_of_rules() -> str:
    """SHA-256 over every rule file, names included: two runs with the same hash judged by the same rules."""
    digest = hashlib.sha256()
    for path in sorted(
        (p for p in _HERE.iterdir() if p.name.endswith((".toml", ".tsv"))), key=lambda p: p.name
    ):
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()
