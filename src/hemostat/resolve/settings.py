"""The rules by which people are told apart: weights, thresholds, words, name forms. All of it is data."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from hemostat.errors import RuleError
from hemostat.rules import rows

_FILE = "resolve"


@dataclass(frozen=True, slots=True)
class Agreement:
    """How often two rows agree at one level of one field, and what that weighs, in bits."""

    field: str
    level: str
    same: float
    stranger: float
    relative: float
    by_frequency: bool
    discount: float
    most: float
    veto: bool

    @property
    def against_strangers(self) -> float:
        """Bits for one person against two strangers; with `by_frequency`, what stays to be added to -log2(share)."""
        if self.by_frequency:
            return math.log2(self.same) - self.discount
        return math.log2(self.same / self.stranger)

    @property
    def against_relatives(self) -> float:
        """Bits for one person against two relatives."""
        return math.log2(self.same / self.relative)


@dataclass(frozen=True, slots=True)
class Closer:
    """A text looked at closely: from which similarity it is alike, and what alike and unlike weigh, in bits."""

    least: float
    alike: float
    unlike: float


@dataclass(frozen=True, slots=True)
class Reason:
    """Why two rows are linked: an id, a grade from 1 (strongest) to 5, and its wording.

    `followed`: false where such a link is only shown, and never followed in the best count; `names_alone`: nothing but
    names says so, and homonyms are as likely.
    """

    id: str
    grade: int
    followed: bool
    names_alone: bool
    fr: str
    en: str


@dataclass(frozen=True, slots=True)
class Settings:
    """All that the kernel needs beside the rows. `thresholds` by id, `agreements` by (field, level)."""

    thresholds: dict[str, float]
    agreements: dict[tuple[str, str], Agreement]
    reasons: dict[str, Reason]
    closer: dict[str, Closer]
    overrides: dict[str, float] = field(default_factory=dict)

    def __getitem__(self, threshold: str) -> float:
        """One threshold."""
        return self.overrides.get(threshold, self.thresholds[threshold])

    def with_thresholds(self, **changed: float) -> Settings:
        """The same settings with some thresholds changed."""
        return replace(self, overrides={**self.overrides, **changed})


def _agreement(row: dict[str, Any]) -> Agreement:
    by_frequency = bool(row.get("by_frequency", False))
    shares = [row["same"], row["relative"]] + ([] if by_frequency else [row["stranger"]])
    if not all(0 < share <= 1 for share in shares):
        where = f"{_FILE}.toml, agreement {row['field']} {row['level']}"
        raise RuleError(
            f"Rule file {where}: shares lie between 0 and 1.",
            f"Fichier de règles {where} : les parts sont entre 0 et 1.",
        )
    return Agreement(
        field=row["field"],
        level=row["level"],
        same=row["same"],
        stranger=row["stranger"],
        relative=row["relative"],
        by_frequency=by_frequency,
        discount=float(row.get("discount", 0.0)),
        most=float(row.get("most", math.inf)),
        veto=bool(row.get("veto", False)),
    )


@cache
def settings() -> Settings:
    """The settings of ``rules/resolve.toml``.

    Raises:
        RuleError: a row lacks a key, or a share is no share.
    """
    agreements = rows(
        _FILE, "agreement", {"field": str, "level": str, "same": float, "stranger": float, "relative": float}
    )
    thresholds = rows(_FILE, "threshold", {"id": str, "value": float, "note": str})
    closer = rows(_FILE, "closer", {"column": str, "least": float, "alike": float, "unlike": float})
    reasons = rows(_FILE, "reason", {"id": str, "grade": int, "fr": str, "en": str})
    return Settings(
        thresholds={row["id"]: row["value"] for row in thresholds},
        agreements={(row["field"], row["level"]): _agreement(row) for row in agreements},
        reasons={
            row["id"]: Reason(
                row["id"],
                row["grade"],
                bool(row.get("followed", True)),
                bool(row.get("names_alone", False)),
                row["fr"].strip(),
                row["en"].strip(),
            )
            for row in reasons
        },
        closer={row["column"]: Closer(row["least"], row["alike"], row["unlike"]) for row in closer},
    )


@dataclass(frozen=True, slots=True)
class NameForms:
    """Written forms that are no name, may be left out, or announce a second surname; all folded."""

    no_given: frozenset[str]
    no_given_head: frozenset[str]
    no_surname: frozenset[str]
    civility: frozenset[str]
    second_surname: frozenset[str]
    particle: frozenset[str]
    rewrite: dict[str, str]
    sound: dict[str, str]
    """Letters to the letter that sounds alike."""


@cache
def name_forms() -> NameForms:
    """The forms of ``rules/name_forms.toml``."""
    found = {
        row["id"]: frozenset(row["forms"]) for row in rows("name_forms", "form", {"id": str, "forms": list})
    }
    rewrite = {row["id"]: row["to"] for row in rows("name_forms", "rewrite", {"id": str, "to": str})}
    try:
        return NameForms(
            no_given=found["no_given"],
            no_given_head=found["no_given_head"],
            no_surname=found["no_surname"],
            civility=found["civility"],
            second_surname=found["second_surname"],
            particle=found["particle"],
            rewrite=rewrite,
            sound={row["id"]: row["to"] for row in rows("name_forms", "sound", {"id": str, "to": str})},
        )
    except KeyError as missing:
        raise RuleError(
            f"Rule file name_forms.toml lacks the form {missing}.",
            f"Il manque au fichier de règles name_forms.toml la forme {missing}.",
        ) from None


@cache
def nicknames() -> dict[str, tuple[int, ...]]:
    """Folded first name -> numbers of the rows of ``rules/nicknames.toml`` it stands in."""
    found: dict[str, list[int]] = {}
    for number, row in enumerate(rows("nicknames", "name", {"id": str, "forms": list})):
        for form in row["forms"]:
            found.setdefault(form, []).append(number)
    return {form: tuple(numbers) for form, numbers in found.items()}


@cache
def first_names() -> dict[str, str]:
    """Folded first name of ``rules/names.toml`` -> the sex it usually tells (M, F, or nothing)."""
    found: dict[str, str] = {}
    for row in rows("names", "first_names", {"id": str, "forms": str, "sex": str}):
        for form in row["forms"].upper().split():
            name = form.replace("-", " ")
            found[name] = row["sex"] if found.get(name, row["sex"]) == row["sex"] else ""
    return found
