"""The categories of data and their place in the masks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from hemostat.errors import RuleError
from hemostat.model import Category
from hemostat.rules.files import rows

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

WORD = 64
"""Bits in one word of a mask."""


@dataclass(frozen=True, slots=True)
class CategoryRule:
    """One category of data: its names, its law and how columns of it are headed."""

    id: Category
    fr: str
    en: str
    group: str
    article9: bool
    intimate: bool
    cnil_typology: str
    cnil_sensitive: str | None
    enisa_class: str
    enisa_dpc: int
    advice: str
    black_market_note: str | None
    headings: tuple[str, ...]
    examples: tuple[str, ...]
    counter_examples: tuple[str, ...]
    source: str
    date: date
    verified: bool

    @property
    def sensitive(self) -> bool:
        """Whether a count of it under five is not shown: GDPR art. 9, care, or a remark."""
        return self.article9 or self.group in ("care", "remarks")


@cache
def categories() -> tuple[CategoryRule, ...]:
    """Every category, in the order of its bit.

    Raises:
        RuleError: the file and ``model.Category`` disagree, or a row lacks a key.
    """
    required = {
        "id": str,
        "fr": str,
        "en": str,
        "group": str,
        "article9": bool,
        "intimate": bool,
        "cnil_typology": str,
        "enisa_class": str,
        "enisa_dpc": int,
        "advice": str,
        "headings": list,
        "examples": list,
        "counter_examples": list,
    }
    found = rows("categories", "category", required)
    ids = [row["id"] for row in found]
    if ids != [str(c) for c in Category]:
        missing = sorted(set(Category) ^ set(ids))
        names = ", ".join(missing)
        raise RuleError(
            f"Rule file categories.toml: ids or their order changed: {names}.",
            f"Fichier de règles categories.toml : identifiants ou ordre changés : {names}.",
        )
    optional = {"cnil_sensitive": None, "black_market_note": None}
    return tuple(
        CategoryRule(
            **{**optional, **row, "id": Category(row["id"])}
            | {key: tuple(row[key]) for key in ("headings", "examples", "counter_examples")}
        )
        for row in found
    )


@cache
def _bits() -> dict[str, int]:
    return {rule.id: index for index, rule in enumerate(categories())}


def bit(category: str) -> int:
    """The position of a category in the masks: 0–63 in ``mask_lo``, 64 and above in ``mask_hi``."""
    return _bits()[category]


def mask_of(names: Iterable[str]) -> tuple[int, int]:
    """Both words of the mask that holds these categories.

    >>> mask_of(["birth_name", "device_id"])
    (1, 128)
    """
    low = high = 0
    for name in names:
        place = bit(name)
        if place < WORD:
            low |= 1 << place
        else:
            high |= 1 << (place - WORD)
    return low, high
