"""Severity of a set of categories: ENISA 2013 (SE = DPC x EI + CB), and the CNIL's level from consequences. Pure.

Both are given: the ENISA band saturates, the CNIL's level says what may happen to the person. Rules:
``rules/severity.toml``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

from hemostat.assess.combination import Combination, combinations, joined, whole_mask
from hemostat.assess.scams import scams_of
from hemostat.model import Category
from hemostat.rules import categories, rows

if TYPE_CHECKING:
    from collections.abc import Iterable

_FILE = "severity"
MOST = 4
"""The highest context score."""
UNINTELLIGIBLE = 0.25
"""Identification when the data cannot be read: encrypted, key safe."""

CONFIDENTIALITY = {"none": 0.0, "known": 0.25, "unknown": 0.5}
INTEGRITY = {"none": 0.0, "recoverable": 0.25, "lost": 0.5}
AVAILABILITY = {"none": 0.0, "temporary": 0.25, "lost": 0.5}
MALICE = 0.5


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What severity depends on beside the data: the controller, the act, what is known of the data.

    ``recipients``: none (exposed, no access seen), known (few), unknown. ``lowered``: categories known public before,
    or known false. The default is a file of a care body taken by unknown people.
    """

    care_body: bool = True
    speciality: bool = False
    malicious: bool = True
    recipients: str = "unknown"
    integrity: str = "none"
    availability: str = "none"
    unintelligible: bool = False
    lowered: frozenset[str] = frozenset()

    @property
    def score(self) -> float:
        """CB: the sum of what happened to the data."""
        return (
            CONFIDENTIALITY[self.recipients]
            + INTEGRITY[self.integrity]
            + AVAILABILITY[self.availability]
            + (MALICE if self.malicious else 0.0)
        )


@dataclass(frozen=True, slots=True)
class Severity:
    """How bad one set of categories is, with every input. ``level`` is proposed: a person may put another."""

    context: int
    context_class: str
    identification: float
    circumstances: float
    score: float
    band: str
    level: str
    cohort: str
    reasons: tuple[str, ...] = field(default=())
    scams: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class SeverityRules:
    """The rules of severity, read once."""

    by_score: tuple[tuple[str, int, int], ...]
    """class, score, mask of the categories that have this score alone; highest score first."""
    least: dict[str, int]
    identification: tuple[Combination, ...]
    contexts: tuple[Combination, ...]
    consequences: tuple[Combination, ...]
    cohorts: tuple[Combination, ...]
    bands: tuple[dict[str, Any], ...]
    levels: dict[str, int]


@cache
def severity_rules() -> SeverityRules:
    """The rules of severity.

    Raises:
        RuleError: a row lacks a key or names an unknown category.
    """
    scored: dict[tuple[str, int], int] = {}
    for rule in categories():
        key = (rule.enisa_class, rule.enisa_dpc)
        scored[key] = scored.get(key, 0) | whole_mask([rule.id])
    scale = rows(_FILE, "dpc", {"class": str, "base": int, "adjust": int, "score": int, "when": str})
    text = {"id": str, "fr": str, "en": str}
    return SeverityRules(
        by_score=tuple(
            sorted(((kind, score, mask) for (kind, score), mask in scored.items()), key=lambda one: -one[1])
        ),
        least={
            kind: min(r["score"] for r in scale if r["class"] == kind) for kind in {r["class"] for r in scale}
        },
        identification=combinations(_FILE, "identification", {"value": float}),
        contexts=combinations(_FILE, "context", {"class": str, "score": int}),
        consequences=combinations(_FILE, "consequence", {"level": str, "identified": float}),
        cohorts=combinations(_FILE, "cohort", {}),
        bands=tuple(rows(_FILE, "band", {"id": str, "enisa": str})),
        levels={row["id"]: row["rank"] for row in rows(_FILE, "level", {**text, "rank": int})},
    )


def band(score: float) -> str:
    """The band of an ENISA score: negligible, limited, important or maximal (Low, Medium, High, Very High).

    >>> band(1.75), band(2.0), band(3.0), band(4.0)
    ('negligible', 'limited', 'important', 'maximal')
    """
    found = [one["id"] for one in severity_rules().bands if score >= one.get("min", 0)]
    return str(found[-1])


def equation(context: int, identification: float, circumstances: float) -> float:
    """SE = DPC x EI + CB, from 0.25 to 6.

    >>> equation(4, 1.0, 2.0)
    6.0
    """
    return context * identification + circumstances


def severity(
    mask_lo: int, mask_hi: int, around: Circumstances, *, minor: bool = False, age: int | None = None
) -> Severity:
    """How bad it is that these categories of one person leaked in these circumstances."""
    rules, mask = severity_rules(), joined(mask_lo, mask_hi)
    kept = mask & ~whole_mask(around.lowered)
    context, kind, reasons = _context(rules, mask, kept, around, minor=minor)
    identified, way = _identification(rules, mask, around)
    score = equation(context, identified, around.score)
    consequences = [
        rule for rule in rules.consequences if rule.met(kept) and identified >= rule.row["identified"]
    ]
    level = "negligible"
    if not around.unintelligible:
        level = max(
            (str(rule.row["level"]) for rule in consequences), key=rules.levels.__getitem__, default=level
        )
    return Severity(
        context=context,
        context_class=kind,
        identification=identified,
        circumstances=around.score,
        score=score,
        band=band(score),
        level=level,
        cohort=next(rule.id for rule in rules.cohorts if rule.met(mask)),
        reasons=(*reasons, way, *(rule.id for rule in consequences)),
        scams=scams_of(kept, age) if not around.unintelligible else (),
    )


def _context(
    rules: SeverityRules, mask: int, kept: int, around: Circumstances, *, minor: bool
) -> tuple[int, str, list[str]]:
    """DPC: each class is scored, the highest kept; then the person's own weakness; with the class and the reasons."""
    found: list[tuple[int, str, str]] = []
    for kind, score, those in rules.by_score:
        if kept & those:
            found.append((score, kind, ""))
        elif mask & those:
            found.append((rules.least[kind], kind, "lowered"))
    for rule in rules.contexts:
        needs = rule.row.get("needs")
        if rule.met(kept) and (needs is None or getattr(around, needs)):
            found.append((rule.row["score"], rule.row["class"], rule.id))
    score, kind, _ = max(found, key=lambda one: one[0], default=(1, "simple", ""))
    reasons = [why for each, _, why in found if why and each == score]
    if minor and score < MOST:
        return score + 1, kind, [*reasons, "minor"]
    return score, kind, [*reasons, "minor"] if minor else reasons


def _identification(rules: SeverityRules, mask: int, around: Circumstances) -> tuple[float, str]:
    """EI: the highest value over what identifies the person, and by which rule."""
    if around.unintelligible:
        return UNINTELLIGIBLE, "unintelligible"
    best = max(
        (rule for rule in rules.identification if rule.met(mask)), key=lambda rule: float(rule.row["value"])
    )
    return float(best.row["value"]), best.id


def circumstances_from(said: Iterable[tuple[str, str]]) -> Circumstances:
    """The circumstances that these answers describe, the default for the rest; unknown answers are left out."""
    facts: dict[str, Any] = {}
    lowered = set()
    for name, value in said:
        if name in ("care_body", "speciality", "malicious", "unintelligible"):
            facts[name] = value == "yes"
        elif name in ("recipients", "integrity", "availability"):
            facts[name] = value
        elif name.startswith("lowered:") and value == "yes":
            lowered.add(name.removeprefix("lowered:"))
        elif name.startswith("lowered:"):
            lowered.discard(name.removeprefix("lowered:"))
    return Circumstances(**facts, lowered=frozenset(lowered))


def answers_allowed() -> dict[str, tuple[str, ...]]:
    """What may be said about the circumstances and the levels, and with which words."""
    yes_no = dict.fromkeys(("care_body", "speciality", "malicious", "unintelligible"), ("yes", "no"))
    lowered = {f"lowered:{category}": ("yes", "no") for category in Category}
    rules = severity_rules()
    cohorts = [f"{rule.id}{suffix}" for rule in rules.cohorts for suffix in ("", "_minor")]
    levels = {f"level:{cohort}": (*rules.levels, "proposed") for cohort in cohorts}
    scales = {
        "recipients": tuple(CONFIDENTIALITY),
        "integrity": tuple(INTEGRITY),
        "availability": tuple(AVAILABILITY),
    }
    return {**yes_no, **scales, **lowered, **levels}
