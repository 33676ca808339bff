"""An entry of the register of breaches as a person reads it: lines of label and answer. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hemostat.assess import severity_rules
from hemostat.assess.clocks import times_known
from hemostat.rules import categories, rows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_LABELS = {
    "fr": {
        "title": "INSCRIPTION AU REGISTRE DES VIOLATIONS (RGPD, art. 33(5))",
        "id": "Référence",
        "controller": "Responsable",
        "times": "Instants",
        "nature": "Nature",
        "persons": "Personnes",
        "records": "Enregistrements",
        "categories": "Données, par nombre de personnes",
        "special_categories": "Catégories particulières (art. 9)",
        "nir": "Numéro de sécurité sociale",
        "minors": "Mineurs",
        "levels": "Gravité, par nombre de personnes",
        "cohorts": "Gravité, par groupe de données",
        "tenants": "Organismes concernés",
        "claims": "Annonces de tiers, non vérifiées",
        "notices": "Notifications à l'autorité",
        "letters": "Lettres aux personnes",
        "evidence": "Pièces sous garde",
        "start": "Début",
        "end": "Fin",
        "origin": "Origine",
        "cause": "Cause",
        "systems": "Systèmes",
        "earlier_measures": "Mesures en place avant",
        "decision_33": "Décision sur la notification à l'autorité",
        "decision_34": "Décision sur les lettres aux personnes",
        "other_bodies": "Autres organismes prévenus",
        "measures": "Mesures prises",
        "owner": "Qui en répond",
        "lessons": "Leçons",
        "closing": "Clôture",
        "journal_head": "Empreinte du journal",
        "unknown": "non renseigné",
        "yes": "oui",
        "no": "non",
        "none": "aucune",
        "people": "{best} (entre {low} et {high}, au plus {ceiling})",
        "kept": "{kept} distincts ; {exact_duplicates} doublons exacts retirés ; {set_aside} unités mises de côté",
        "why": "motif : {}",
        "changed": "niveau fixé par {} : {}",
        "score": "score ENISA {}",
        "minor": "mineurs",
        "wordings": "{} textes différents",
        "email": "courriel",
        "sms": "SMS",
        "post": "courrier",
        "queued": "à envoyer",
        "claimed": "en cours",
        "accepted": "pris en charge",
        "refused": "refusés",
        "returned": "revenus",
        "rows": "lignes",
        "bytes": "octets",
        "by": "selon {}, {}",
        "sent_unknown": "sort inconnu",
    },
    "en": {
        "title": "ENTRY OF THE REGISTER OF BREACHES (GDPR, art. 33(5))",
        "id": "Reference",
        "controller": "Controller",
        "times": "Moments",
        "nature": "Nature",
        "persons": "People",
        "records": "Records",
        "categories": "Data, by number of people",
        "special_categories": "Special categories (art. 9)",
        "nir": "Social security number",
        "minors": "Minors",
        "levels": "Severity, by number of people",
        "cohorts": "Severity, by group of data",
        "tenants": "Organisations concerned",
        "claims": "Claims of others, not checked",
        "notices": "Notices to the authority",
        "letters": "Letters to people",
        "evidence": "Evidence in custody",
        "start": "Start",
        "end": "End",
        "origin": "Origin",
        "cause": "Cause",
        "systems": "Systems",
        "earlier_measures": "Measures in place before",
        "decision_33": "Decision on the notice to the authority",
        "decision_34": "Decision on letters to people",
        "other_bodies": "Other bodies told",
        "measures": "Measures taken",
        "owner": "Who answers for it",
        "lessons": "Lessons",
        "closing": "Closing",
        "journal_head": "Head of the journal",
        "unknown": "not filled in",
        "yes": "yes",
        "no": "no",
        "none": "none",
        "people": "{best} (between {low} and {high}, at most {ceiling})",
        "kept": "{kept} distinct; {exact_duplicates} exact duplicates taken out; {set_aside} units set aside",
        "why": "reason: {}",
        "changed": "level set by {}: {}",
        "score": "ENISA score {}",
        "minor": "minors",
        "wordings": "{} different texts",
        "email": "e-mail",
        "sms": "SMS",
        "post": "post",
        "queued": "to be sent",
        "claimed": "under way",
        "accepted": "taken in charge",
        "refused": "refused",
        "returned": "came back",
        "rows": "rows",
        "bytes": "bytes",
        "by": "according to {}, {}",
        "sent_unknown": "outcome unknown",
    },
}
_NATURE = {
    "fr": {"confidentiality": "confidentialité", "integrity": "intégrité", "availability": "disponibilité"},
    "en": {"confidentiality": "confidentiality", "integrity": "integrity", "availability": "availability"},
}
_TIMES = {
    "fr": {
        "signal_at": "premier signal",
        "investigation_started_at": "début de la vérification",
        "aware_at": "prise de connaissance",
        "initial_notice_at": "notification initiale",
        "next_notice_at": "notification complémentaire",
        "processor_aware_at": "prise de connaissance par le sous-traitant",
        "controller_told_at": "responsable prévenu",
        "high_risk_decided_at": "risque élevé décidé",
        "persons_told_at": "personnes prévenues",
        "victim_knows_at": "attaque connue de la victime",
        "complaint_at": "plainte déposée",
    },
    "en": {
        "signal_at": "first signal",
        "investigation_started_at": "check begun",
        "aware_at": "awareness",
        "initial_notice_at": "initial notice",
        "next_notice_at": "next notice",
        "processor_aware_at": "processor aware",
        "controller_told_at": "controller told",
        "high_risk_decided_at": "high risk decided",
        "persons_told_at": "people told",
        "victim_knows_at": "attack known to the victim",
        "complaint_at": "complaint filed",
    },
}
_COLON = {"fr": " : ", "en": ": "}
_ASKED_FIRST = ("start", "end", "origin", "cause", "systems", "earlier_measures")
_ASKED_LAST = ("measures", "owner", "decision_33", "decision_34", "other_bodies", "lessons", "closing")


def in_words(entry: Mapping[str, Any], lang: str = "fr") -> str:
    """The entry as text: every field, those not filled in said to be so. No person's data."""
    return "\n".join([_LABELS[lang]["title"], "", *_lines(entry, lang)]) + "\n"


def _lines(entry: Mapping[str, Any], lang: str) -> Iterator[str]:
    label, colon = _LABELS[lang], _COLON[lang]

    def line(name: str, answer: object) -> str:
        return f"{label[name]}{colon}{label['unknown'] if answer in (None, '', []) else answer}"

    yield line("id", entry["id"])
    yield line("controller", entry["controller"])
    yield f"{label['times']}{colon}".rstrip()
    yield from (f"- {text}" for text in _moments(entry, lang))
    yield line("nature", ", ".join(_NATURE[lang][one] for one in entry["nature"]))
    for name in _ASKED_FIRST:
        yield line(name, _said(entry[name], label))
    persons = entry["persons"]
    yield line(
        "persons", None if persons["best"] is None else label["people"].format(**_filled(persons, label))
    )
    records = entry["records"]
    yield line(
        "records", None if records["kept"] is None else label["kept"].format(**_filled(records, label))
    )
    words = {str(rule.id): getattr(rule, lang) for rule in categories()}
    yield f"{label['categories']}{colon}".rstrip()
    yield from (f"- {words[name]}{colon}{_number(count)}" for name, count in entry["categories"].items())
    for name in ("special_categories", "nir"):
        yield line(name, None if entry[name] is None else label["yes" if entry[name] else "no"])
    yield line("minors", None if entry["minors"] is None else _number(entry["minors"]))
    yield f"{label['levels']}{colon}".rstrip()
    levels = {row["id"]: row[lang] for row in rows("severity", "level", {"id": str, "fr": str, "en": str})}
    yield from (
        f"- {levels[level]}{colon}{_number(count)}"
        for level, count in (entry["severity"]["levels"] or {}).items()
        if count
    )
    yield f"{label['cohorts']}{colon}".rstrip()
    yield from (f"- {text}" for text in _cohorts(entry, levels, lang))
    yield line("tenants", entry["tenants"] or None)
    units = {**label, "persons": label["persons"].lower()}
    claims = [
        f"{_number(value)} {units[unit]} {label['by'].format(by, at)}"
        for value, unit, by, at in entry["claims"]
    ]
    yield line("claims", " ; ".join(claims) or label["none"])
    for name in _ASKED_LAST:
        yield line(name, _said(entry[name], label))
    notices = [f"{one['kind']} {one['sent_at']} ({one['number'] or '—'})" for one in entry["notices"]]
    yield line("notices", " ; ".join(notices) or label["none"])
    yield line("letters", _letters(entry["letters"], label))
    yield f"{label['evidence']}{colon}".rstrip()
    yield from (f"- {name} ({role}) {sha}" for name, sha, role in entry["evidence"])
    yield line("journal_head", entry["journal_head"])


def _moments(entry: Mapping[str, Any], lang: str) -> Iterator[str]:
    words, why = _TIMES[lang], _LABELS[lang]["why"]
    for name in times_known():
        one = entry["times"].get(name)
        if one:
            reason = f" ({why.format(one['why'])})" if one["why"] else ""
            yield f"{words.get(name, name)}{_COLON[lang]}{one['at']}{reason}"


def _cohorts(entry: Mapping[str, Any], levels: Mapping[str, str], lang: str) -> Iterator[str]:
    label = _LABELS[lang]
    words = {rule.id: str(rule.row[lang]) for rule in severity_rules().cohorts}
    for one in entry["severity"]["cohorts"]:
        low, high = one["score"]
        scores = label["score"].format(low if low == high else f"{low}-{high}")
        minors = f", {label['minor']}" if one["minors"] else ""
        changed = f" ; {label['changed'].format(one['by'], one['why'])}" if one["by"] else ""
        level = levels[one["level"]]
        yield f"{words[one['cohort']]}{minors} ({_number(one['persons'])}){_COLON[lang]}{level}, {scores}{changed}"


def _letters(held: Mapping[str, Any], label: Mapping[str, str]) -> str:
    ways = ", ".join(
        f"{label[way]} {_number(count)}" for way, count in held["by_channel"].items() if way != "none"
    )
    states = {**label, "unknown": label["sent_unknown"]}
    sent = "".join(
        f" ; {label[way]}, {states[state]} {_number(count)}" for way, state, count in held["outcomes"]
    )
    return f"{ways} ({label['wordings'].format(_number(held['wordings']))}){sent}" if ways else ""


def _said(answer: Mapping[str, str] | None, label: Mapping[str, str]) -> str | None:
    if answer is None:
        return None
    why = f" ({label['why'].format(answer['why'])})" if answer["why"] else ""
    return " ; ".join(answer["value"].splitlines()) + why


def _filled(counts: Mapping[str, Any], label: Mapping[str, str]) -> dict[str, str]:
    return {name: label["unknown"] if count is None else _number(count) for name, count in counts.items()}


def _number(count: int | str) -> str:
    """A count in figures; a hidden one as it is."""
    return f"{count:,}".replace(",", "\N{NARROW NO-BREAK SPACE}") if isinstance(count, int) else count
