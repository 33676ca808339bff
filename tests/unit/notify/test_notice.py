"""The authority's notice: its exact words, what it refuses, what changes from one version to the next."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from hemostat.assess import Said, set_time
from hemostat.case import Case, Opening
from hemostat.errors import Refused, UsageError
from hemostat.notify import dossier, paper
from hemostat.notify.figures import Figures
from hemostat.notify.form import fields, form, published_band, understood
from hemostat.notify.notice import NOT_KNOWN, Basis, fill, missing
from hemostat.rules import rows

NOW = datetime(2025, 11, 30, 12, tzinfo=UTC)
KNOWN = Figures(
    best=28512,
    low=28490,
    high=28533,
    ceiling=28600,
    kept=61000,
    duplicates=12,
    patient_file=30000,
    people_by_category={"used_name": 28512, "nir": 8540, "pathology": 3},
    levels={"negligible": 0, "limited": 19000, "important": 9512, "maximal": 0},
    minors=570,
    consequences=frozenset(["blackmail", "identity_theft"]),
    claims=((320000, "persons", "DumpSec", "2025-12-05T10:00+01:00"),),
)
HUMAN = {
    "siren": "552100554",
    "organisme": "Clinique fictive des Rochers, 1 rue Inventée, 35000 Rennes",
    "contact": "Mme Anne Exemple, DPO, dpo@example.org, 02 99 00 00 00",
    "dpo": "Oui : Mme Anne Exemple, dpo@example.org",
    "descriptif": "Un compte usurpé a extrait le fichier des patients.",
    "mesures_apres": "Compte fermé le 28/11/2025 à 23:00. Mots de passe changés.",
}


def basis(figures=KNOWN, answers=HUMAN, now=NOW, **times):
    said = {name: Said(value, "", "a", "t") for name, value in answers.items()}
    known = {"aware_at": datetime(2025, 11, 28, 14, 20, tzinfo=UTC)} | times
    return Basis(figures, said, known, ZoneInfo("Europe/Paris"), "Clinique", now)


def by_id(found):
    return {field.id: field for field in found}


def test_every_proposal_is_in_the_words_of_the_form():
    for row in rows("notice", "proposal", {"id": str, "when": str, "field": str, "values": list}):
        assert set(row["values"]) <= set(fields()[row["field"]].values), row["id"]


def test_a_full_notice_uses_the_forms_words_and_links_figures_to_the_ledger():
    found = by_id(fill(basis()))
    assert not missing(found.values())
    assert found["nb_personnes"].values == ("28\u202f512",)
    assert "Plus de 5000 personnes" in found["nb_personnes"].note
    assert "320\u202f000 personnes selon DumpSec" in found["nb_personnes"].note
    assert found["nb_personnes"].ledger[0] == "persons.best"
    assert found["gravite"].values == ("Important",)
    assert found["donnees"].values == (
        "Etat civil (ex : nom, sexe, date de naissance, âge...)",
        "NIR (numéro de sécurité sociale)",
        "Autre",
    )
    assert found["sensibles"].values == ("Données de santé",)
    assert found["communication"].values == ("Non, mais elles le seront",)
    assert "Mineurs" in found["personnes"].values
    assert found["prise_connaissance"].values == ("28/11/2025 15:20 (UTC+01:00)",)
    for section in form():
        for field in section.fields:
            if field.values:
                assert set(found[field.id].values) <= {*field.values, NOT_KNOWN}


def test_a_small_count_of_a_sensitive_category_is_not_told():
    note = by_id(fill(basis()))["donnees"].note
    assert "Pathologie, diagnostic : moins de 5" in note
    assert "28\u202f512" in note


def test_before_any_evidence_nothing_is_called_copied():
    found = by_id(fill(basis(Figures(patient_file=30000))))
    assert not missing(found.values())
    assert found["nb_personnes"].status == "unknown"
    assert "Au plus 30\u202f000" in found["nb_personnes"].note
    assert "copi" not in " ".join(field.note + " ".join(field.values) for field in found.values())
    assert found["donnees"].values == ("Les données concernées ne sont pas connues pour le moment",)


@pytest.mark.parametrize("name", sorted(HUMAN))
def test_each_mandatory_answer_that_lacks_is_named(name):
    without = {key: value for key, value in HUMAN.items() if key != name}
    expected = [] if name == "organisme" else [name]  # the name of the controller stands in
    assert [field.id for field in missing(fill(basis(answers=without)))] == expected
    told = {**without, name: "unknown"}
    assert not missing(fill(basis(answers=told)))


def test_a_late_notice_needs_its_reasons():
    late = datetime(2025, 12, 1, 14, 21, tzinfo=UTC)
    assert [field.id for field in missing(fill(basis(now=late)))] == ["retard"]
    in_time = {"initial_notice_at": datetime(2025, 12, 1, 14, 20, tzinfo=UTC)}
    assert not missing(fill(basis(now=late, **in_time)))


def test_choices_are_found_without_case_and_accents_and_anything_else_is_refused():
    assert understood("gravite", "negligeable") == "Négligeable"
    assert understood("causes", "acte externe m") == "Acte externe malveillant"
    for name, value in (("causes", "Acte"), ("gravite", "grave"), ("descriptif", " "), ("humeur", "bonne")):
        with pytest.raises(UsageError):
            understood(name, value)


def test_bands_of_the_open_data():
    assert [published_band(n) for n in (0, 5, 6, 300, 301, 5000, 5001)] == [
        "Entre 0 et 5 personnes",
        "Entre 0 et 5 personnes",
        "Entre 6 et 50 personnes",
        "Entre 51 et 300 personnes",
        "Entre 301 et 5000 personnes",
        "Entre 301 et 5000 personnes",
        "Plus de 5000 personnes",
    ]


@pytest.fixture
def case(tmp_path):
    with Case.create(tmp_path / "case", Opening(tmp_path / "keys" / "k")) as case:
        case.now = lambda: NOW
        set_time(case, "aware_at", "2025-11-28T15:20+01:00", "a sample was compared with the file")
        yield case


def test_a_case_without_evidence_is_refused_then_filed_then_followed_by_a_difference(case, tmp_path):
    with pytest.raises(Refused) as refusal:
        dossier.write(case, tmp_path / "out")
    assert "descriptif" in refusal.value.en
    assert not (tmp_path / "out").exists()
    dossier.answer(case, list(HUMAN.items()), "")
    written = dossier.write(case, tmp_path / "out")
    made = json.loads(written[0].read_text("utf-8"))
    assert (made["kind"], made["version"]) == ("Notification initiale", 1)
    assert len(made["journal_head"]) == 64
    assert [section["id"] for section in made["sections"]] == [section.id for section in form()]
    assert dossier.mark_sent(case, "2025-11-30T11:00+01:00", "2025-123456") == 1
    dossier.answer(case, [("mesures_apres", "Second facteur imposé le 30/11/2025.")], "une mesure de plus")
    dossier.answer(case, [("causes", "Acte externe malveillant")], "journaux relus")
    following = dossier.content(case)
    assert (following["kind"], following["version"]) == ("Notification complémentaire", 2)
    assert {(one["id"], one["why"]) for one in following["differences"]} == {
        ("mesures_apres", "une mesure de plus"),
        ("causes", "journaux relus"),
    }
    number = next(f for s in following["sections"] for f in s["fields"] if f["id"] == "numero_initiale")
    assert number["values"] == ("2025-123456",)


def test_one_answer_where_one_is_asked(case):
    with pytest.raises(UsageError):
        dossier.answer(case, [("gravite", "Limité"), ("gravite", "Maximal")], "")
    dossier.answer(case, [("causes", "Inconnu"), ("causes", "Autre")], "")


@pytest.mark.skipif(not paper.available(), reason="typst is not installed")
def test_the_pdf_is_tagged_and_says_the_same(case, tmp_path):
    pdfium = pytest.importorskip("pypdfium2")
    dossier.answer(case, [*HUMAN.items(), ("circonstances", "#panic() *gras* $x$ <script>")], "")
    path = next(p for p in dossier.write(case, tmp_path / "out") if p.suffix == ".pdf")
    raw = path.read_bytes()
    assert b"/StructTreeRoot" in raw
    assert b"pdfuaid" in raw
    document = pdfium.PdfDocument(raw)
    said = " ".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    assert "#panic() *gras* $x$ <script>" in said.replace("\r\n", " ")
