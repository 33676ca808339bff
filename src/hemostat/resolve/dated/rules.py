"""What the rules say of dump dates: headings of histories, thresholds, sentences."""

from __future__ import annotations

from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from hemostat.rules import rows

if TYPE_CHECKING:
    from collections.abc import Mapping


@cache
def headings() -> Mapping[str, tuple[str, ...]]:
    """Normalised headings by what they say (from, to, at, field, old, new, snapshot), the clearest first.

    Raises:
        RuleError: a row lacks a key.
    """
    return MappingProxyType(
        {row["id"]: tuple(row["forms"]) for row in rows("history", "heading", {"id": str, "forms": list})}
    )


@cache
def thresholds() -> Mapping[str, float]:
    """The numbers of ``[[threshold]]`` in ``rules/history.toml``, by id.

    Raises:
        RuleError: a row lacks a key.
    """
    found = rows("history", "threshold", {"id": str, "value": float, "note": str})
    return MappingProxyType({row["id"]: row["value"] for row in found})


@cache
def sentences() -> Mapping[str, Mapping[str, str]]:
    """The sentences that say when a dump was taken, or why that cannot be told, by id, in French and English.

    Raises:
        RuleError: a row lacks a key.
    """
    found = rows("history", "sentence", {"id": str, "fr": str, "en": str})
    return MappingProxyType({row["id"]: {"fr": row["fr"], "en": row["en"]} for row in found})
