"""What values of each category look like, read from ``rules/formats.toml``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from hemostat.detect.kinds import BY_NAME
from hemostat.errors import RuleError
from hemostat.model import Category
from hemostat.rules import rows


@dataclass(frozen=True, slots=True)
class Format:
    """Kinds that confirm a heading, a mere hint, that a clear heading makes plausible, or that suffice alone.

    ``refuses``: kinds that a part of the values has only where the heading meant something else.
    """

    category: Category
    confirms: tuple[str, ...]
    hinted: tuple[str, ...]
    accepts: tuple[str, ...]
    alone: dict[str, float]
    refuses: tuple[str, ...]
    examples: tuple[str, ...]
    counter_examples: tuple[str, ...]


@cache
def formats() -> dict[Category, Format]:
    """One format per category.

    Raises:
        RuleError: a category is missing, or a row names a kind that does not exist.
    """
    required: dict[str, type] = {
        "category": str,
        "confirms": list,
        "accepts": list,
        "examples": list,
        "counter_examples": list,
    }
    found: dict[Category, Format] = {}
    for row in rows("formats", "format", required):
        unknown = {
            *row["confirms"],
            *row.get("hinted", ()),
            *row["accepts"],
            *row.get("alone", {}),
            *row.get("refuses", ()),
        } - BY_NAME.keys()
        if unknown:
            names = ", ".join(sorted(unknown))
            raise RuleError(
                f"Rule file formats.toml, {row['category']}: no kind is called {names}.",
                f"Fichier de règles formats.toml, {row['category']} : aucune forme ne s'appelle {names}.",
            )
        category = Category(row["category"])
        found[category] = Format(
            category,
            tuple(row["confirms"]),
            tuple(row.get("hinted", row["confirms"])),
            tuple(row["accepts"]),
            dict(row.get("alone", {})),
            tuple(row.get("refuses", ())),
            tuple(row["examples"]),
            tuple(row["counter_examples"]),
        )
    if set(found) != set(Category):
        missing = ", ".join(sorted(set(Category) - set(found)))
        raise RuleError(
            f"Rule file formats.toml: no format for {missing}.",
            f"Fichier de règles formats.toml : pas de format pour {missing}.",
        )
    return found
