"""What the rules say of sites: thresholds, and the words for how a site is known."""

from __future__ import annotations

from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

from hemostat.rules import rows

if TYPE_CHECKING:
    from collections.abc import Mapping


@cache
def thresholds() -> Mapping[str, float]:
    """The numbers of ``[[threshold]]`` in ``rules/sites.toml``, by id.

    Raises:
        RuleError: a row lacks a key.
    """
    found = rows("sites", "threshold", {"id": str, "value": float, "note": str})
    return MappingProxyType({row["id"]: row["value"] for row in found})


@cache
def words() -> Mapping[str, Mapping[str, str]]:
    """How the site of a row is known, in French and English, by id.

    Raises:
        RuleError: a row lacks a key.
    """
    found = rows("sites", "how", {"id": str, "fr": str, "en": str})
    return MappingProxyType({row["id"]: {"fr": row["fr"], "en": row["en"]} for row in found})
