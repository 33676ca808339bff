"""The signs by which the standing of a row is judged, their weights and their words."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from hemostat.rules import rows

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Reason:
    """Something that can be said of a row. `forged`, `genuine`: how common it is in made-up and in true rows."""

    id: str
    fr: str
    en: str
    doubt: bool
    forged: float | None = None
    genuine: float | None = None


@cache
def reasons() -> Mapping[str, Reason]:
    """The rows of ``[[reason]]`` in ``rules/standing.toml``, by id, in their order.

    Raises:
        RuleError: a row lacks a key.
    """
    found = rows("standing", "reason", {"id": str, "fr": str, "en": str, "doubt": bool})
    return MappingProxyType(
        {
            row["id"]: Reason(
                row["id"], row["fr"], row["en"], row["doubt"], row.get("forged"), row.get("genuine")
            )
            for row in found
        }
    )


def worded(ids: str, lang: str) -> str:
    """The reasons of a row as one sentence, from their ids separated by spaces; empty for none.

    >>> worded("nir_key_wrong not_in_patient_file", "en").split(";")[1]
    ' the person is not in the patient file.'
    """
    parts = [getattr(reasons()[one], lang) for one in ids.split() if one in reasons()]
    said = (" ; " if lang == "fr" else "; ").join(parts)
    return f"{said[0].upper()}{said[1:]}." if said else ""


@cache
def thresholds() -> Mapping[str, float]:
    """The numbers of ``[[threshold]]`` in ``rules/standing.toml``, by id.

    Raises:
        RuleError: a row lacks a key.
    """
    found = rows("standing", "threshold", {"id": str, "value": float, "note": str})
    return MappingProxyType({row["id"]: row["value"] for row in found})
