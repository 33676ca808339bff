"""Notices and letters of five stories, read by a reviewer when they change: ``make golden`` writes them again."""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from hemostat.assess import Circumstances, Cohort, Said, Severity, severity, severity_rules
from hemostat.assess.combination import whole_mask
from hemostat.notify.figures import Figures
from hemostat.notify.form import form
from hemostat.notify.letters import SUBJECT, TEXTS, Kind, Wording, around, set_text, template
from hemostat.notify.lint import Letter, lint
from hemostat.notify.notice import Basis, fill, missing
from hemostat.notify.readability import ease
from hemostat.notify.register import ASKED, answers, of_figures
from hemostat.notify.register_words import in_words
from hemostat.rules import mask_of

HERE = Path(__file__).parent
STORIES = sorted(path.parent.name for path in HERE.glob("*/case.json"))
ANSWERS = {
    "siren": "552100554",
    "contact": "Mme Anne Exemple, déléguée à la protection des données, dpo@example.org, 02 99 00 00 00",
    "dpo": "Oui : Mme Anne Exemple, dpo@example.org",
}
MARKS = {"⟦code⟧": "2TZE-K76C-RH0D", "⟦name⟧": "Odette Belloret", "⟦one⟧": "moulin", "⟦two⟧": "lavande"}


def story(name: str) -> dict:
    return json.loads((HERE / name / "case.json").read_text("utf-8"))


def figures(data: dict) -> Figures:
    """The figures of a story, from its cohorts: categories and number of people."""
    around_ = Circumstances(**data["around"])
    found = [(severity(*mask_of(names), around_), names, people) for names, people in data["cohorts"]]
    total = sum(people for *_, people in found)
    levels = dict.fromkeys(severity_rules().levels, 0)
    counts: dict[str, int] = {}
    for one, names, people in found:
        levels[one.level] += people
        for category in names:
            counts[category] = counts.get(category, 0) + people
    return Figures(
        best=total,
        low=total - total // 200,
        high=total + total // 200,
        ceiling=total + total // 100,
        kept=total + total // 5,
        duplicates=total // 10,
        people_by_category=counts,
        levels=levels,
        cohorts=tuple(cohort(one, people) for one, _, people in found),
        minors=total // 50,
        deceased=total // 100,
        consequences=frozenset(reason for one, *_ in found for reason in one.reasons),
        around=around_,
        claims=tuple(tuple(claim) for claim in data["claims"]),
    )


def cohort(one: Severity, people: int) -> Cohort:
    return Cohort(one.cohort, False, people, one.score, one.score, one.level, one.level, None, None)


def checked(found: str, path: Path) -> None:
    if os.environ.get("HEMOSTAT_GOLDEN") == "write":
        path.write_text(found, "utf-8")
    assert found == path.read_text("utf-8")


@pytest.mark.parametrize("name", STORIES)
def test_the_notice_is_the_one_reviewed(name):
    data = story(name)
    said = {**ANSWERS, "descriptif": data["what"], "mesures_apres": data["measures"]}
    if "retard" in data:
        said["retard"] = data["retard"]
    filled = fill(
        Basis(
            figures=figures(data),
            answers={field: Said(value, "", "dpo", data["now"]) for field, value in said.items()},
            times={"aware_at": datetime.fromisoformat(data["aware"])},
            zone=ZoneInfo("Europe/Paris"),
            controller=data["controller"],
            now=datetime.fromisoformat(data["now"]),
        )
    )
    assert missing(filled) == ()
    lines = []
    for section in form():
        lines.append(f"\n## {section.fr}")
        for field in filled:
            if field.section == section.id:
                lines.append(f"{field.label} : {' | '.join(field.values) or '—'}")
                lines += [f"    {line}" for line in field.note.splitlines()]
    checked("\n".join(lines).strip() + "\n", HERE / name / "notice.txt")


@pytest.mark.parametrize("name", STORIES)
def test_three_letters_are_those_reviewed_and_pass_their_check(name):
    data = story(name)
    facts = {
        **{key: data[key] for key in ("what", "learnt", "measures")},
        "contact": "Anne Exemple, déléguée à la protection des données.\nTéléphone : 02 99 00 00 00.",
        "phone": "02 99 00 00 00",
        "next_date": "15 mars 2026",
        "date": data["what"]
        .partition(",")[0]
        .removeprefix("Le ")
        .removeprefix("Entre le ")
        .partition(" et ")[0],
        "signature": data["controller"],
        "sms_name": "Votre organisme",
        "remarks_reviewed": "yes",
    }
    words = Wording(facts, {one: template(one) for one in TEXTS}, around(facts, {}))
    written = []
    for names, channel, minor in data["people"]:
        text = set_text(words, Kind(whole_mask(names), channel, minor=minor))
        for mark, value in MARKS.items():
            text = text.replace(mark, value)
        subject = SUBJECT if channel == "email" else ""
        letter = Letter(
            text, subject, channel, whole_mask(names), tuple(MARKS.values()), minor=minor, to_guardian=minor
        )
        assert [breach for breach in lint(letter, words.around) if breach.refuse] == []
        assert ease(text).flesch >= 70
        written.append(f"===== {channel}{', mineur' if minor else ''} =====\n{text}")
    checked("\n".join(written), HERE / name / "letters.txt")


@pytest.mark.parametrize("name", STORIES)
def test_the_register_entry_is_the_one_reviewed(name):
    data = story(name)
    by = ("dpo", data["now"])
    told = {
        "measures": Said(data["measures"], "", *by),
        "decision_33": Said("notifier", "des données de santé ont été prises par des inconnus", *by),
        "decision_34": Said("écrire à chaque personne", "le risque est élevé", *by),
    }
    entry = {
        "id": "affaire",
        "controller": data["controller"],
        "times": {"aware_at": {"at": data["aware"], "why": "l'extrait publié est le nôtre"}},
        **of_figures(figures(data)),
        "notices": [],
        "letters": {
            "by_channel": {"email": 12, "post": 3},
            "wordings": 15,
            "outcomes": [["email", "accepted", 12]],
        },
        "journal_head": "0" * 64,
        **answers({field: told.get(field) for field in ASKED}),
    }
    checked(in_words(entry), HERE / name / "register.txt")
    english = in_words(entry, "en")
    assert len(english.splitlines()) == len(in_words(entry).splitlines())
    for word in ("Responsable", "Gravité", "Données", "non renseigné"):
        assert word not in english
