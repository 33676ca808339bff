"""What the report of a case is made of: counts, names of evidence and shapes. Never a person's value.

A view is built from plain data (``from_dict``), so a report can be made, tested and looked at without a case.
"""

from __future__ import annotations

from dataclasses import MISSING, dataclass, field, fields
from typing import TYPE_CHECKING, Any, Self, TypeVar

from hemostat.errors import UsageError
from hemostat.rules import categories

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LEAK = "leak"
"""The role of the evidence that leaked."""
LOG = "log"
"""The role of access logs: what they say was seen counts as leaked. Other roles are in no total."""

Row = TypeVar("Row", bound="_Facts")


class _Facts:
    """A frozen dataclass that can be made from plain data."""

    __slots__ = ()

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The facts held by ``data``; keys it does not know are left out.

        Raises:
            UsageError: a fact without default is missing; the message names it.
        """
        wanted = fields(cls)  # type: ignore[arg-type]  # every subclass is a dataclass
        for one in wanted:
            if one.name not in data and one.default is MISSING and one.default_factory is MISSING:
                raise UsageError(
                    f"The report cannot be made: {cls.__name__} lacks {one.name}.",
                    f"Le rapport ne peut pas être fait : {one.name} manque à {cls.__name__}.",
                )
        return cls(**{one.name: data[one.name] for one in wanted if one.name in data})


def _rows(kind: type[Row], data: Sequence[Mapping[str, Any]] | None) -> tuple[Row, ...]:
    return tuple(kind.from_dict(one) for one in data or ())


@dataclass(frozen=True, slots=True)
class CategoryLabel(_Facts):
    """A category of data: its names, its group, and whether GDPR art. 9 covers it."""

    id: str
    fr: str
    en: str
    group: str
    article9: bool
    sensitive: bool
    """A count of it under five is not shown."""


def rule_labels() -> dict[str, CategoryLabel]:
    """The labels of every category, from the rules."""
    return {
        str(rule.id): CategoryLabel(str(rule.id), rule.fr, rule.en, rule.group, rule.article9, rule.sensitive)
        for rule in categories()
    }


@dataclass(frozen=True, slots=True)
class ClaimEvent(_Facts):
    """What became of a claim. ``kind``: sample-shown, put-on-sale, published, withdrawn, corrected."""

    kind: str
    at: str
    by: str | None = None
    """Who wrote it down."""
    note: str | None = None


@dataclass(frozen=True, slots=True)
class ClaimView(_Facts):
    """What somebody says the leak holds. ``unit``: persons, rows or bytes."""

    value: int
    unit: str
    by: str
    at: str
    history: tuple[ClaimEvent, ...] = ()


@dataclass(frozen=True, slots=True)
class ClockView(_Facts):
    """One clock: what is due to whom, its state, and its moments (ISO 8601)."""

    id: str
    fr: str
    en: str
    law_fr: str
    law_en: str
    to_fr: str
    to_en: str
    status: str
    """waiting, open, running, soon, late, done, done_late; not_law when it is not in force."""
    started_at: str | None = None
    due_at: str | None = None
    done_at: str | None = None


@dataclass(frozen=True, slots=True)
class CohortView(_Facts):
    """People with the same gravest kind of data: how many, their level, their scores (ENISA), and who set the level."""

    id: str
    fr: str
    en: str
    minor: bool
    persons: int | str | None
    level: str
    low: float
    high: float
    changed: bool = False
    """Whether a person put this level in place of the one proposed."""


@dataclass(frozen=True, slots=True)
class ScamView(_Facts):
    """A scam that the data make possible, and for how many people."""

    id: str
    fr: str
    en: str
    persons: int | str | None


@dataclass(frozen=True, slots=True)
class TodoView(_Facts):
    """One thing to do now. ``n`` people, or ``due`` at an instant for a clock of this name."""

    id: str
    n: int | str | None = None
    due: str | None = None
    fr: str = ""
    en: str = ""


@dataclass(frozen=True, slots=True)
class FindingView(_Facts):
    """One category in one place of one evidence; ``shape`` is a shape-masked example."""

    evidence: str
    place: str
    category: str
    values: int
    about: str = "person"
    valid: int | None = None
    confidence: float | None = None
    decided_by: str = ""
    shape: str | None = None
    note: str | None = None
    """What else is known of its values, as ids and numbers (``detect.facts.said`` words it)."""


@dataclass(frozen=True, slots=True)
class QuarantineGroup(_Facts):
    """What was set aside in one evidence for one reason: units, places, and the first few locators."""

    evidence: str
    reason: str
    units: int
    places: int
    examples: tuple[str, ...] = ()
    role: str = LEAK


@dataclass(frozen=True, slots=True)
class Custody(_Facts):
    """Where an evidence comes from, and its fingerprint. ``kept``: sealed, or left in place."""

    name: str
    sha256: str | None
    bytes: int | None
    added_at: str | None = None
    added_by: str | None = None
    source: str | None = None
    why: str | None = None
    legal_basis: str | None = None
    kept: str | None = None


@dataclass(frozen=True, slots=True)
class EvidenceNote(_Facts):
    """How one evidence was read: its encoding, its delimiter, its hidden sheets."""

    evidence: str
    """The piece in custody."""
    note: str
    part: str | None = None
    """The sheet, table or member that the note is about, when it is not the whole piece."""


@dataclass(frozen=True, slots=True)
class DecisionView(_Facts):
    """A human decision. ``kind``: column, same, not-same, severity…; ``subject`` names what it is about."""

    kind: str
    subject: str
    value: str
    why: str
    by: str
    at: str


@dataclass(frozen=True, slots=True)
class Unrecognised(_Facts):
    """The columns of one evidence in which nothing was recognised: a person decides what they hold."""

    evidence: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PatientMatch(_Facts):
    """The people of the leak against the controller's own patient file, in persons."""

    file_people: int
    matched: int
    not_in_file: int
    not_in_leak: int


@dataclass(frozen=True, slots=True)
class ReportView:
    """Everything a report says, in any language."""

    case_id: str
    version: str
    rules_hash: str
    generated_at: str
    summary: Mapping[str, Any]
    """The ledger, as ``summary.json`` holds it; what a stage that has not run would fill is None."""
    labels: Mapping[str, CategoryLabel]
    title: str | None = None
    controller: str | None = None
    journal_head: str | None = None
    lang: str = "fr"
    zone: str | None = None
    """Where the controller lives: instants are shown at its time. Each in its own when None."""
    claims: tuple[ClaimView, ...] = ()
    findings: tuple[FindingView, ...] = ()
    quarantine: tuple[QuarantineGroup, ...] = ()
    custody: tuple[Custody, ...] = ()
    notes: tuple[EvidenceNote, ...] = ()
    unrecognised: tuple[Unrecognised, ...] = ()
    waiting: int = 0
    """Pieces in custody that no analysis has read yet."""
    moments: Mapping[str, str] = field(default_factory=dict)
    """What was said of when: signal_at, aware_at, and notice_due (72 hours after, GDPR art. 33(1)); ISO 8601."""
    decisions: tuple[DecisionView, ...] = ()
    pending: int = 0
    """Decisions recorded since the analysis that this report shows."""
    patients: PatientMatch | None = None
    todo: tuple[TodoView, ...] = ()
    """What to do now, the most urgent first."""
    clocks: tuple[ClockView, ...] = ()
    cohorts: tuple[CohortView, ...] = ()
    scams: tuple[ScamView, ...] = ()
    held_back: Mapping[str, int | str | None] = field(default_factory=dict)
    """People to whom no letter leaves by itself, by reason."""
    terms: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Wording of ids that rules give (reasons of quarantine, methods): id -> language -> text."""

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """The view held by plain data (of JSON, say).

        Raises:
            UsageError: something the report needs is missing; the message names it.
        """
        plain = ("case_id", "version", "rules_hash", "generated_at", "summary")
        optional = ("title", "controller", "journal_head", "lang", "zone", "terms")
        for name in (*plain, "labels"):
            if name not in data:
                raise UsageError(
                    f"The report cannot be made: the view lacks {name}.",
                    f"Le rapport ne peut pas être fait : {name} manque à la vue.",
                )
        patients = data.get("patients")
        return cls(
            **{name: data[name] for name in plain},
            **{name: data[name] for name in optional if name in data},
            labels={one["id"]: CategoryLabel.from_dict(one) for one in data["labels"]},
            claims=tuple(
                ClaimView.from_dict({**one, "history": _rows(ClaimEvent, one.get("history"))})
                for one in data.get("claims") or ()
            ),
            findings=_rows(FindingView, data.get("findings")),
            quarantine=tuple(
                QuarantineGroup.from_dict({**one, "examples": tuple(one.get("examples", ()))})
                for one in data.get("quarantine") or ()
            ),
            custody=_rows(Custody, data.get("custody")),
            notes=_rows(EvidenceNote, data.get("notes")),
            unrecognised=tuple(
                Unrecognised(one["evidence"], tuple(one["columns"])) for one in data.get("unrecognised") or ()
            ),
            waiting=data.get("waiting", 0),
            moments=data.get("moments") or {},
            decisions=_rows(DecisionView, data.get("decisions")),
            pending=data.get("pending", 0),
            todo=_rows(TodoView, data.get("todo")),
            clocks=_rows(ClockView, data.get("clocks")),
            cohorts=_rows(CohortView, data.get("cohorts")),
            scams=_rows(ScamView, data.get("scams")),
            held_back=data.get("held_back") or {},
            patients=PatientMatch.from_dict(patients) if patients else None,
        )
