"""The breach form of the CNIL: its sections, fields and exact words. Rules: ``rules/cnil_form.toml``."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache

from hemostat.errors import UsageError
from hemostat.rules import rows

_FILE = "cnil_form"
UNKNOWN = "unknown"
"""The answer that says: not known yet. Empty is no answer."""
SEPARATOR = "\n"
"""Between the answers to a question that takes several."""


@dataclass(frozen=True, slots=True)
class Field:
    """One question of the form. ``values``: its choices, when it offers any, in its own words and in English."""

    id: str
    section: str
    fr: str
    en: str
    type: str
    required: bool
    article: str | None
    provenance: str
    values: tuple[str, ...]
    values_en: tuple[str, ...]
    note: str | None
    verified: bool


@dataclass(frozen=True, slots=True)
class Section:
    """One screen of the form."""

    id: str
    fr: str
    en: str
    fields: tuple[Field, ...]


@cache
def form() -> tuple[Section, ...]:
    """The form, in its own order."""
    required = {
        "id": str,
        "section": str,
        "fr": str,
        "en": str,
        "type": str,
        "required": bool,
        "provenance": str,
    }
    fields = [
        Field(
            **{name: row[name] for name in required},
            article=row.get("article"),
            values=tuple(row["values"]),
            values_en=tuple(row.get("values_en", ())),
            note=row.get("note"),
            verified=row["verified"],
        )
        for row in rows(_FILE, "field", {**required, "values": list})
    ]
    return tuple(
        Section(row["id"], row["fr"], row["en"], tuple(one for one in fields if one.section == row["id"]))
        for row in rows(_FILE, "section", {"id": str, "fr": str, "en": str})
    )


@cache
def fields() -> dict[str, Field]:
    """Every question of the form by its id."""
    return {field.id: field for section in form() for field in section.fields}


@cache
def address() -> str:
    """Where the form is filled, by hand: no way to file by program is known."""
    return str(rows(_FILE, "address", {"value": str})[0]["value"])


def published_band(people: int, lang: str = "fr") -> str:
    """The band in which the CNIL publishes this number of people.

    >>> published_band(285000), published_band(4, "en")
    ('Plus de 5000 personnes', 'Between 0 and 5 people')
    """
    found = [
        row[lang] for row in rows(_FILE, "band", {"fr": str, "en": str, "min": int}) if people >= row["min"]
    ]
    return str(found[-1])


def understood(name: str, answer: str) -> str:
    """An answer as it is kept: a choice in the form's own words, found without regard to case and accents.

    Raises:
        UsageError: there is no such question, the answer is empty, or it is none of the choices.
    """
    field = fields().get(name)
    if field is None:
        names = ", ".join(fields())
        raise UsageError(
            f"The form has no field {name}: its fields are {names}.",
            f"Le formulaire n'a pas de champ {name} : ses champs sont {names}.",
        )
    said = answer.strip()
    if not said:
        raise UsageError(
            f"Field {name}: an empty answer is none. Say {UNKNOWN} for what is not known yet.",
            f"Champ {name} : une réponse vide n'en est pas une. Dites {UNKNOWN} pour ce qui n'est pas encore connu.",
        )
    if not field.values or said == UNKNOWN:
        return said
    close = [value for value in field.values if _folded(value).startswith(_folded(said))]
    exact = [value for value in close if _folded(value) == _folded(said)]
    if len(exact or close) != 1:
        choices = " · ".join(field.values)
        raise UsageError(
            f"Field {name} takes one of: {choices}.",
            f"Le champ {name} prend l'une de ces valeurs : {choices}.",
        )
    return (exact or close)[0]


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold().replace("’", "'"))
    return "".join(sign for sign in plain if not unicodedata.combining(sign))
