"""The notice to the authority (GDPR art. 33): the form filled from case and answers, and what still lacks. Pure.

A field holds what the case knows, or what a person answered, or "not known yet"; a mandatory one that holds nothing
makes the notice refused. The next version is a computed difference.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from hemostat.assess import Said, severity_rules
from hemostat.notify.form import SEPARATOR, UNKNOWN, Field, form, published_band
from hemostat.rules import categories, rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from hemostat.notify.figures import Figures

NOT_KNOWN = "Non connu à ce jour"
INITIAL, NEXT = "Notification initiale", "Notification complémentaire"
LIMIT_HOURS = 72
_SMALL = 5
_COLON = {"fr": " : ", "en": ": "}
_SEMICOLON = {"fr": " ; ", "en": "; "}
_SAYS = {
    "fr": {
        "care": "Le fichier est celui d'un soignant : y figurer fait supposer des soins (considérant 35 du RGPD).",
        "records": "Enregistrements distincts. Doublons exacts retirés : {}. Unités illisibles mises de côté : {}.",
        "claim": "{} {} selon {}",
        "claims": "Annonces non vérifiées : {}.",
        "persons": "personnes",
        "rows": "lignes",
        "bytes": "octets",
        "ceiling_of_file": "Au plus {} : c'est le nombre de personnes de notre fichier. "
        "Rien ne dit à ce jour combien ont été touchées.",
        "no_ceiling": "plafond inconnu, car une pièce au moins n'a pas pu être lue",
        "most": "au plus {}",
        "between": "Entre {} et {} (intervalle à 95 %)",
        "minors": "Mineurs : {}. Personnes décédées : {}.",
        "by_person": "Par personne : {}.",
        "changed": "Niveaux changés : {}.",
        "few": "moins de {}",
    },
    "en": {
        "care": "The file is that of a carer: to be in it lets one suppose care (GDPR, recital 35).",
        "records": "Distinct records. Exact duplicates taken out: {}. Units that could not be read, set aside: {}.",
        "claim": "{} {} according to {}",
        "claims": "Claims not checked: {}.",
        "persons": "people",
        "rows": "rows",
        "bytes": "bytes",
        "ceiling_of_file": "At most {}: that is the number of people in our file. "
        "Nothing says yet how many are concerned.",
        "no_ceiling": "ceiling not known, because at least one piece of evidence could not be read",
        "most": "at most {}",
        "between": "Between {} and {} (interval at 95%)",
        "minors": "Minors: {}. Dead: {}.",
        "by_person": "By person: {}.",
        "changed": "Levels changed: {}.",
        "few": "fewer than {}",
    },
}


@dataclass(frozen=True, slots=True)
class Basis:
    """What a notice is filled from: the figures, what people answered, the instants, where they are shown."""

    figures: Figures
    answers: Mapping[str, Said]
    times: Mapping[str, datetime]
    zone: ZoneInfo
    controller: str | None
    now: datetime
    number: str | None = None
    """The number the authority gave the initial notice; with ``sent``, the number of notices sent."""
    sent: int = 0
    lang: str = "fr"
    """The language of the notes; answers stay in the words of the form."""


@dataclass(frozen=True, slots=True)
class Filled:
    """One field of the notice. ``status``: case, said, unknown or empty; ``ledger``: lines the figures come from."""

    id: str
    section: str
    label: str
    required: bool
    article: str | None
    values: tuple[str, ...]
    status: str
    note: str
    ledger: tuple[str, ...]
    provenance: str


@dataclass(frozen=True, slots=True)
class Found:
    """What the case says for a field."""

    values: tuple[str, ...]
    note: str = ""
    ledger: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """One field that changed between two versions, and why."""

    id: str
    label: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    why: str


def fill(basis: Basis) -> tuple[Filled, ...]:
    """Every field of the form, in its order, filled as far as it can be."""
    found = _from_case(basis)
    return tuple(_filled(field, found.get(field.id), basis) for section in form() for field in section.fields)


def missing(filled: Sequence[Filled]) -> tuple[Filled, ...]:
    """The mandatory fields that hold nothing; "not known yet" is an answer."""
    return tuple(field for field in filled if field.required and field.status == "empty")


def differences(
    before: Sequence[Mapping[str, Any]], after: Sequence[Filled], answers: Mapping[str, Said], why: str
) -> tuple[Difference, ...]:
    """The fields that changed since an earlier version; a human answer brings its own reason, a figure ``why``."""
    held = {field["id"]: tuple(field["values"]) for field in before}
    changed = []
    for field in after:
        old = held.get(field.id, ())
        if field.id in ("type", "numero_initiale") or old == field.values:
            continue
        said = answers.get(field.id)
        reason = said.why if said and field.status in ("said", "unknown") and said.why else why
        changed.append(Difference(field.id, field.label, old, field.values, reason))
    return tuple(changed)


def _filled(field: Field, found: Found | None, basis: Basis) -> Filled:
    said = basis.answers.get(field.id)
    required = field.required and not (field.id == "retard" and not _late(basis))
    values: tuple[str, ...]
    ledger: tuple[str, ...] = ()
    if said is not None and said.value == UNKNOWN:
        values, status, note = (NOT_KNOWN,), "unknown", ""
    elif said is not None:
        values, status, note = tuple(said.value.split(SEPARATOR)), "said", found.note if found else ""
    elif found is not None and found.values:
        values, note, ledger = found.values, found.note, found.ledger
        status = "unknown" if values == (NOT_KNOWN,) else "case"
    else:
        values, status, note = (), "empty", found.note if found else ""
    return Filled(
        field.id,
        field.section,
        field.fr,
        required,
        field.article,
        values,
        status,
        note,
        ledger,
        field.provenance,
    )


def _late(basis: Basis) -> bool:
    """Whether the initial notice comes, or came, more than 72 hours after awareness."""
    aware = basis.times.get("aware_at")
    told = basis.times.get("initial_notice_at", basis.now)
    return aware is not None and (told - aware).total_seconds() > LIMIT_HOURS * 3600


def _from_case(basis: Basis) -> dict[str, Found]:
    figures, times = basis.figures, basis.times
    initial = basis.sent == 0
    return {
        "type": Found((INITIAL if initial else NEXT,)),
        "numero_initiale": Found((basis.number,) if basis.number and not initial else ()),
        "organisme": Found((basis.controller,) if basis.controller else ()),
        "prise_connaissance": _moment(basis, "aware_at"),
        "prestataire": _moment(basis, "controller_told_at"),
        "circonstances": _moment(basis, "signal_at", "premier signal : "),
        "nature": _nature(figures),
        "donnees": _typologies(figures, basis.lang),
        "sensibles": _sensitive(figures, basis.lang),
        "enregistrements": _records(figures, basis.lang),
        "personnes": _kinds_of_people(figures, basis.lang),
        "nb_personnes": _people(figures, basis.lang),
        "consequences": _proposed(figures, "consequences"),
        "prejudices": _proposed(figures, "prejudices"),
        "gravite": _gravity(figures, basis.lang),
        "communication": _told(basis),
        "plainte": Found(("Oui",), _shown(basis, times["complaint_at"]))
        if "complaint_at" in times
        else Found(()),
    }


def _moment(basis: Basis, name: str, before: str = "") -> Found:
    at = basis.times.get(name)
    return Found((before + _shown(basis, at),)) if at else Found(())


def _shown(basis: Basis, at: datetime) -> str:
    """An instant in the controller's zone, with its offset: the clocks may change between two of them."""
    local = at.astimezone(basis.zone)
    offset = local.strftime("%z")
    return f"{local:%d/%m/%Y %H:%M} (UTC{offset[:3]}:{offset[3:]})"


def _nature(figures: Figures) -> Found:
    around = figures.around
    values = []
    if figures.best is not None or around.recipients != "none":
        values.append("Perte de la confidentialité")
    if around.integrity != "none":
        values.append("Perte de l'intégrité")
    if around.availability != "none":
        values.append("Perte de la disponibilité")
    return Found(tuple(values))


def _typologies(figures: Figures, lang: str) -> Found:
    if not figures.people_by_category:
        return Found(("Les données concernées ne sont pas connues pour le moment",))
    held = {rule.cnil_typology for rule in categories() if rule.id in figures.people_by_category}
    lines = [
        f"{getattr(rule, lang)}{_COLON[lang]}"
        f"{_count(figures.people_by_category[rule.id], hidden=rule.sensitive, lang=lang)}"
        for rule in categories()
        if rule.id in figures.people_by_category
    ]
    ledger = tuple(f"categories.{name}.persons" for name in figures.people_by_category)
    return Found(tuple(value for value in _choices("donnees") if value in held), "\n".join(lines), ledger)


def _sensitive(figures: Figures, lang: str) -> Found:
    held = {
        rule.cnil_sensitive
        for rule in categories()
        if rule.cnil_sensitive and rule.id in figures.people_by_category
    }
    note = ""
    if figures.around.care_body and figures.people_by_category:
        held.add("Données de santé")
        note = _SAYS[lang]["care"]
    return Found(tuple(value for value in _choices("sensibles") if value in held), note)


def _records(figures: Figures, lang: str) -> Found:
    if figures.kept is None:
        return Found((NOT_KNOWN,))
    note = _SAYS[lang]["records"].format(_thousands(figures.duplicates or 0), _thousands(figures.set_aside))
    return Found(
        (_thousands(figures.kept),), note, ("records.kept", "records.exact_duplicates", "records.quarantined")
    )


def _people(figures: Figures, lang: str) -> Found:
    says = _SAYS[lang]
    claims = [
        says["claim"].format(_thousands(value), says[unit], by) for value, unit, by, _ in figures.claims
    ]
    said = " " + says["claims"].format("; ".join(claims).replace("; ", _SEMICOLON[lang])) if claims else ""
    if figures.best is None:
        note = ""
        if figures.patient_file:
            note = says["ceiling_of_file"].format(_thousands(figures.patient_file))
        return Found((NOT_KNOWN,), (note + said).strip())
    most = says["no_ceiling"] if figures.ceiling is None else says["most"].format(_thousands(figures.ceiling))
    between = says["between"].format(_thousands(figures.low or 0), _thousands(figures.high or 0))
    note = f"{between}, {most}. {published_band(figures.best, lang)}.{said}"
    ledger = ("persons.best", "persons.low", "persons.high", "persons.ceiling")
    return Found((_thousands(figures.best),), note, ledger)


def _kinds_of_people(figures: Figures, lang: str) -> Found:
    if figures.best is None:
        return Found(("Pas déterminé pour le moment",))
    values = ["Patients"] if figures.around.care_body else []
    if figures.minors:
        values.append("Mineurs")
    note = _SAYS[lang]["minors"].format(
        _count(figures.minors, lang=lang), _count(figures.deceased, lang=lang)
    )
    return Found(tuple(values), note)


def _proposed(figures: Figures, field: str) -> Found:
    if figures.best is None:
        return Found((NOT_KNOWN,))
    met = {"always", *figures.consequences}
    if figures.around.recipients in ("unknown", "known"):
        met.add(f"{figures.around.recipients}_recipients")
    found = rows("notice", "proposal", {"id": str, "when": str, "field": str, "values": list})
    held = {value for row in found if row["field"] == field and row["when"] in met for value in row["values"]}
    return Found(tuple(value for value in _choices(field) if value in held))


def _gravity(figures: Figures, lang: str) -> Found:
    if figures.worst is None or figures.levels is None:
        return Found((NOT_KNOWN,))
    levels = rows("severity", "level", {"id": str, "fr": str, "en": str})
    words, formal = ({row["id"]: row[tongue] for row in levels} for tongue in (lang, "fr"))
    colon, semicolon, says = _COLON[lang], _SEMICOLON[lang], _SAYS[lang]
    spread = semicolon.join(
        f"{words[level]}{colon}{_count(n, lang=lang)}" for level, n in figures.levels.items() if n
    )
    changed = semicolon.join(f"{one.id}{colon}{one.why}" for one in figures.cohorts if one.why)
    note = says["by_person"].format(spread) + (" " + says["changed"].format(changed) if changed else "")
    return Found((formal[figures.worst],), note, tuple(f"severity.{level}" for level in figures.levels))


def _told(basis: Basis) -> Found:
    told = basis.times.get("persons_told_at")
    if told is not None:
        return Found(("Oui, les personnes ont été informées",), _shown(basis, told))
    ranks = severity_rules().levels
    worst = basis.figures.worst
    if worst is not None and ranks[worst] >= ranks["important"]:
        return Found(("Non, mais elles le seront",))
    return Found(("Non déterminé pour le moment",))


def _choices(field: str) -> tuple[str, ...]:
    return next(one.values for section in form() for one in section.fields if one.id == field)


def _count(people: int, *, hidden: bool = True, lang: str = "fr") -> str:
    """A number of people; a small one of what is sensitive is not told."""
    return _SAYS[lang]["few"].format(_SMALL) if hidden and 0 < people < _SMALL else _thousands(people)


def _thousands(number: int) -> str:
    return f"{number:,}".replace(",", "\u202f")
