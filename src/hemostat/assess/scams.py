"""Scams that the combination of a person's leaked data makes possible, and what such data sell for."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from hemostat.assess.combination import Combination, combinations

if TYPE_CHECKING:
    from collections.abc import Sequence


@cache
def scam_rules() -> tuple[Combination, ...]:
    """Every scam, in the order of the rules."""
    return combinations("scams", "scam", {"examples": list, "counter_examples": list})


@cache
def price_rules() -> tuple[Combination, ...]:
    """Sourced, dated ranges of what data sell for; only to explain priority."""
    return combinations("scams", "price", {"low": int, "high": int, "currency": str})


def scams_of(mask: int, age: int | None = None) -> tuple[str, ...]:
    """Ids of the scams that these categories make possible.

    A scam aimed at an age is kept when the age is not known: silence would be the worse error.

    >>> from hemostat.assess.combination import whole_mask
    >>> scams_of(whole_mask(["phone", "nir"]))
    ('false_health_agent',)
    """
    return tuple(
        rule.id
        for rule in scam_rules()
        if rule.met(mask) and (age is None or age >= rule.row.get("age_from", 0))
    )


def named_scams(ids: Sequence[str], lang: str, *, to_person: bool = False) -> tuple[str, ...]:
    """What these scams are called, in their order; ``to_person``: as one says it to the person."""
    key = f"to_person_{lang}"
    words = {
        rule.id: str(rule.row.get(key, rule.row[lang]) if to_person else rule.row[lang])
        for rule in scam_rules()
    }
    return tuple(words[name] for name in ids)
