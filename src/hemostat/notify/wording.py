"""How letters name a person's data, say what they enable and what to do. Pure. Rules: ``letters``, ``advice``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from hemostat.assess import CALLED_FIRST, intimate_mask, named_scams, scams_of
from hemostat.assess.combination import whole_mask
from hemostat.errors import RuleError
from hemostat.model import Category
from hemostat.rules import bit, categories, rows

_FILE = "letters"
LANGUAGES = ("fr", "en")
MOST_ACTIONS = 3
_VISITS = ("treating_doctor", "facility", "appointment", "professional_id", "blood_group")


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do: what, when, why."""

    text: str
    when: str
    why: str


@dataclass(frozen=True, slots=True)
class Names:
    """The words of the letters, read once."""

    phrases: dict[str, str]
    forms: dict[str, tuple[str, ...]]
    coarse: dict[str, str]
    groups: dict[str, tuple[str, tuple[str, ...]]]
    headings: dict[str, str]
    absent: tuple[tuple[int, str], ...]


@cache
def names(lang: str = "fr") -> Names:
    """The words of the letters in one language.

    Raises:
        RuleError: a category has no words.
    """
    phrase, forms, marks, heading = (
        name if lang == "fr" else f"{name}_{lang}" for name in ("phrase", "forms", "marks", "heading")
    )
    found = rows(_FILE, "name", {"id": str, phrase: str, forms: list})
    lacking = set(Category) - {row["id"] for row in found}
    if lacking:
        name = min(lacking)
        raise RuleError(
            f"Rule file {_FILE}.toml: category {name} has no words.",
            f"Fichier de règles {_FILE}.toml : la catégorie {name} n'a pas de mots.",
        )
    return Names(
        phrases={row["id"]: row[phrase] for row in found},
        forms={row["id"]: tuple(row[forms]) for row in found},
        coarse={row["id"]: row[phrase] for row in rows(_FILE, "coarse", {"id": str, phrase: str})},
        groups={
            row["id"]: (row[phrase], tuple(row[marks]))
            for row in rows(_FILE, "group", {"id": str, phrase: str, marks: list})
        },
        headings={row["id"]: row[heading] for row in rows(_FILE, "part", {"id": str, heading: str})},
        absent=tuple(
            (_those(row["categories"]), row[phrase])
            for row in rows(_FILE, "absent", {"id": str, "categories": list, phrase: str})
        ),
    )


@cache
def all_headings() -> frozenset[str]:
    """The headings of letters, in every language."""
    return frozenset(heading for lang in LANGUAGES for heading in names(lang).headings.values())


@cache
def group_mask(group: str) -> int:
    """The categories of a group, as one mask."""
    return whole_mask(str(rule.id) for rule in categories() if rule.group == group)


def _those(listed: list[str]) -> int:
    return sum(group_mask(one[1:]) if one.startswith("@") else whole_mask([one]) for one in listed)


def groups_in(mask: int) -> tuple[str, ...]:
    """The groups of categories present, in the order of the rules."""
    return tuple(group for group in names().groups if mask & group_mask(group))


def named(mask: int, channel: str, lang: str = "fr") -> tuple[str, ...]:
    """What a letter says is out, in order: exact by post, coarse for care elsewhere, intimate data never named."""
    words = names(lang)
    found: list[str] = []
    for rule in categories():
        if not mask >> bit(rule.id) & 1:
            continue
        if rule.group == "remarks":
            found.append(words.coarse["remarks"] if channel == "post" else words.coarse["care"])
        elif rule.intimate or (channel != "post" and rule.sensitive):
            found.append(words.coarse["care"])
        else:
            found.append(words.phrases[rule.id])
    return tuple(dict.fromkeys(found))


def not_out(mask: int, lang: str = "fr") -> tuple[str, ...]:
    """What is not in the copied files, among what people fear most."""
    return tuple(phrase for those, phrase in names(lang).absent if not mask & those)


_SCAM = {"fr": "Arnaque possible : {}.", "en": "Possible scam: {}."}


def enables(mask: int, channel: str, age: int | None = None, lang: str = "fr") -> tuple[str, ...]:
    """What the data make possible: a sentence for each group, then the scams, health never told apart by e-mail."""
    words = names(lang)
    told = [words.groups[group][0] for group in groups_in(mask)]
    shown = mask if channel == "post" else mask & ~intimate_mask()
    hidden = {"blackmail"} if channel != "post" else set()
    scams = named_scams([scam for scam in scams_of(shown, age) if scam not in hidden], lang, to_person=True)
    return (*told, *(_SCAM[lang].format(scam) for scam in scams[:MOST_ACTIONS]))


def actions(mask: int, channel: str, lang: str = "fr") -> tuple[Action, ...]:
    """At most three things to do, the most dangerous kind of data first, from what is out for this person."""
    kinds = [kind for kind in _kinds_by_danger() if kind in _kinds(mask, channel)]
    found: list[Action] = []
    listed = [_actions_of(kind, lang) for kind in kinds]
    for rank in range(MOST_ACTIONS):
        for each in listed:
            if rank < len(each) and each[rank].text not in {one.text for one in found}:
                found.append(each[rank])
    return tuple(found[:MOST_ACTIONS])


def _kinds(mask: int, channel: str) -> set[str]:
    """The kinds of advice for these categories; coarse for care by e-mail, so that advice tells nothing either."""
    held = [rule for rule in categories() if mask >> bit(rule.id) & 1]
    kinds = set()
    for rule in held:
        if rule.id in CALLED_FIRST:
            kinds.add("art9_libre")
        elif channel != "post" and rule.group in ("care", "remarks"):
            kinds.add("medecin" if rule.id in _VISITS else "pathologie")
        elif rule.intimate and rule.group == "care":
            kinds.add("pathologie")
        else:
            kinds.add(rule.advice)
    return kinds


@cache
def _kinds_by_danger() -> tuple[str, ...]:
    found = rows("advice", "advice", {"id": str, "danger": int, "risk": str, "audience": str})
    return tuple(
        row["id"]
        for row in sorted(found, key=lambda row: int(row["danger"]))
        if row["audience"] == "personne"
    )


@cache
def _actions_of(kind: str, lang: str) -> tuple[Action, ...]:
    """The actions of one kind that were checked against their source; the others wait."""
    text, when, why = (name if lang == "fr" else f"{name}_{lang}" for name in ("text", "when", "why"))
    reason = next(row[why] for row in rows("advice", "advice", {"id": str, why: str}) if row["id"] == kind)
    found = rows("advice", "action", {"advice": str, "rank": int, text: str})
    return tuple(
        Action(row[text], row[when], reason)
        for row in found
        if row["advice"] == kind and row["verified"] and when in row
    )
