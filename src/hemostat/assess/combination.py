"""Combinations of categories, as rules write them: lists, each of which must be met by one category."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hemostat.errors import RuleError
from hemostat.model import Category
from hemostat.rules import mask_of, rows
from hemostat.rules.categories import WORD

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def whole_mask(names: Iterable[str]) -> int:
    """The mask of these categories as one number: the low word, then the high word above it."""
    low, high = mask_of(names)
    return low | high << WORD


def joined(low: int, high: int) -> int:
    """Both words of a mask as one number."""
    return int(low) | int(high) << WORD


@dataclass(frozen=True, slots=True)
class Combination:
    """A rule met by a set of categories: one of each group is there. No group: always met."""

    id: str
    groups: tuple[int, ...]
    row: dict[str, Any]

    def met(self, mask: int) -> bool:
        """Whether these categories meet the rule."""
        return all(mask & group for group in self.groups)


def combinations(file: str, table: str, required: dict[str, type]) -> tuple[Combination, ...]:
    """The rules of ``[[table]]`` in order, their lists of categories read.

    Raises:
        RuleError: a row lacks a key, or names an unknown category.
    """
    found = rows(file, table, {"id": str, "any_of": list, "fr": str, "en": str, **required})
    return tuple(Combination(row["id"], _groups(file, table, row["id"], row["any_of"]), row) for row in found)


def _groups(file: str, table: str, name: str, lists: Sequence[Sequence[str]]) -> tuple[int, ...]:
    known = set(Category)
    unknown = sorted({category for group in lists for category in group if category not in known})
    if unknown:
        raise RuleError(
            f"Rule file {file}.toml, {table} {name}: there is no category {unknown[0]}.",
            f"Fichier de règles {file}.toml, {table} {name} : il n'y a pas de catégorie {unknown[0]}.",
        )
    return tuple(whole_mask(group) for group in lists)
