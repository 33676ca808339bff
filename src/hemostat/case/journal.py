"""The journal of a case: entries chained by hash, so that a change, a removal or a new order shows."""

from __future__ import annotations

import getpass
import hashlib
import json
from typing import TYPE_CHECKING, Any

from hemostat.errors import CaseError

if TYPE_CHECKING:
    from collections.abc import Sequence

_START = "0" * 64


def actor() -> str:
    """Who is at the keyboard, by the name of the account."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"


def entry(last: tuple[int, str] | None, at: str, action: str, detail: dict[str, Any]) -> tuple[object, ...]:
    """The row that follows ``last`` (its number and hash; None for the first): number to hash, in table order."""
    number, previous = (last[0] + 1, last[1]) if last else (1, _START)
    row = (number, at, actor(), action, json.dumps(detail, ensure_ascii=False, sort_keys=True), previous)
    return (*row, _chain(row))


def head(rows: Sequence[Sequence[Any]]) -> str:
    """The hash of the last row, once the whole chain has been checked.

    Raises:
        CaseError: an entry was changed, removed or reordered.
    """
    previous = _START
    for number, row in enumerate(rows, 1):
        if row[0] != number or row[5] != previous or row[6] != _chain(row[:6]):
            raise CaseError(
                f"The journal was altered at entry {number}: restore the case folder from a copy.",
                f"Le journal a été modifié à l'entrée {number} : reprenez le dossier d'une copie.",
            )
        previous = row[6]
    return previous


def _chain(row: Sequence[object]) -> str:
    return hashlib.sha256(json.dumps(list(row), ensure_ascii=False).encode()).hexdigest()
