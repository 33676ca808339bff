"""The right addressee, from a leak and the controller's own file: minors, protected adults, the dead, shared mailboxes,
those who help a relative, and the language of each."""

from __future__ import annotations

import sys
from pathlib import Path

import polars as pl
import pytest

import factories

sys.path.insert(0, str(Path(__file__).parent))
from letters_made import ENGLISH, FACTS

from hemostat.case import Case, Opening
from hemostat.notify.letters import kept

SETS = [part for fact, value in {**FACTS, **ENGLISH}.items() for part in ("--set", f"{fact}={value}")]
LEAK = ("nom", "prenom", "date_naissance", "email", "telephone", "adresse", "code_postal", "ville", "motif")
OWN = (*LEAK[:-1], "representant_legal", "date_deces", "email_aidant", "langue")
PLACE = ("3 rue de l'Exemple", "35000", "RENNES")


def someone(
    last, first, born, email="", phone="", place=PLACE, motif="", guardian="", dead="", helper="", lang="fr"
):
    leaked = (last, first, born, email, phone, *place, motif)
    return leaked, (*leaked[:-1], guardian, dead, helper, lang)


PEOPLE = {
    "plain": someone("BELLORGET", "Odette", "1961-03-04", "odette@example.net"),
    "minor": someone("CANDILLAC", "Marcel", "2019-05-06", "parent@example.net", guardian="CANDILLAC Inès"),
    "minor_care": someone("DURANDEAU", "Leïla", "2010-01-02", "leila@example.net", motif="contraception"),
    "protected": someone(
        "ESPINOUZE", "Youssef", "1950-07-08", "tutelle@example.net", guardian="FOURCADEL Jeanne"
    ),
    "dead": someone("FOURCADEL", "Moussa", "1940-09-10", "moussa@example.net", dead="2025-02-03"),
    "wife": someone("GRANVALLET", "Inès", "1970-02-03", "maison@example.net", place=("", "", "")),
    "husband": someone("GRANVALLET", "Thibault", "1969-04-05", "maison@example.net", place=("", "", "")),
    "cousin": someone("GRANVALLET", "Gwenaëlle", "1990-06-07", "maison@example.net"),
    "helped": someone("HOUDREVILLE", "Marcelle", "1935-08-09", helper="fille@example.net"),
    "english": someone("JOUANNEAU", "Mary", "1988-10-11", "mary@example.net", lang="en"),
}
OTHERS = [
    someone(last, first, f"{1941 + number}-0{number % 9 + 1}-{number + 1:02d}", f"o{number}@example.net")
    for number, (last, first) in enumerate(
        zip(
            ("ABRIVAL", "BASTERRE", "COURTADE", "DELMOULY", "ESCANDE", "FAUGERE", "GINESTET", "HERAIL") * 3,
            ("Odette", "Marcel", "Youssef") * 8,
            strict=True,
        )
    )
]


@pytest.fixture
def case(hemostat, tmp_path):
    folder = tmp_path / "evidence"
    folder.mkdir()
    leaked = [row for row, _ in (*PEOPLE.values(), *OTHERS)]
    own = [row for _, row in (*PEOPLE.values(), *OTHERS)]
    (folder / "fuite.csv").write_text(factories.csv_text(leaked, LEAK), "utf-8")
    (folder / "patients.csv").write_text(factories.csv_text(own, OWN), "utf-8")
    case = tmp_path / "affaire"
    told = ("respond", folder / "fuite.csv", "--patients", folder / "patients.csv", "--case", case)
    assert hemostat(*told)[0] == 0
    return case


@pytest.fixture
def told(hemostat, tmp_path, case):
    """What became of each of the people above: the row of table `letter`, and the letter's text and address."""
    assert hemostat("notify", case, "letters", *SETS)[0] == 0
    with Case.open(case, Opening(tmp_path / "keys" / "case.key")) as held:
        people = pl.DataFrame(
            held.query(
                "select l.person_id, l.channel, l.reason, l.together, l.lang, i.used_name, i.first_names "
                "from letter l join person p using (person_id) join identity i on i.record_id = p.patient_record"
            )
        )
        texts = pl.concat(list(kept(held))).select("person_id", "text", "email", "name")
    rows = people.join(texts, on="person_id", how="left").to_dicts()
    found = {}
    for key, (leaked, _) in PEOPLE.items():
        (found[key],) = [
            one
            for one in rows
            if one["first_names"] == leaked[1] and (one["used_name"] or "") in (leaked[0], "")
        ]
    return found


def test_each_is_told_in_the_right_way(told):
    ways = {key: (one["channel"], one["reason"]) for key, one in told.items()}
    assert ways == {
        "plain": ("email", None),
        "minor": ("post", None),
        "minor_care": ("none", "minor_confidential"),
        "protected": ("post", None),
        "dead": ("none", "deceased"),
        "wife": ("email", None),
        "husband": ("email", None),
        "cousin": ("post", None),
        "helped": ("post", None),
        "english": ("email", None),
    }


def test_whoever_acts_for_somebody_is_addressed(told):
    minor, protected = told["minor"], told["protected"]
    assert minor["text"].startswith("Madame, Monsieur,\n")
    assert "Elle s'adresse à son représentant légal." in minor["text"]
    assert minor["name"] == "Représentant légal de Marcel Candillac"
    assert "Elle s'adresse à qui protège ses droits." in protected["text"]
    assert protected["name"].startswith("Représentant légal de Youssef")


def test_one_message_for_a_shared_mailbox_names_neither_person_nor_data(told):
    wife, husband = told["wife"], told["husband"]
    first = min(wife["person_id"], husband["person_id"])
    assert wife["together"] == husband["together"] == first
    (text,) = [one["text"] for one in (wife, husband) if one["text"]]
    for word in ("Granvallet", "Inès", "Thibault", "naissance", "consultation"):
        assert word not in text
    assert "Ce message est pour une personne qui lit cette boîte." in text
    assert told["cousin"]["text"].startswith("Bonjour Gwenaëlle Granvallet")


def test_the_dead_and_confidential_care_get_no_letter(told):
    assert told["dead"]["text"] is None
    assert told["minor_care"]["text"] is None


def test_a_helpers_mailbox_is_not_the_persons_own(told):
    assert told["helped"]["email"] is None
    assert "Montrez-le à cette personne" in told["plain"]["text"]


def test_who_reads_english_gets_english(told):
    english = told["english"]
    assert english["lang"] == "en"
    assert english["text"].startswith("Dear Mary Jouanneau,\n")
    assert "On 26 November 2025" in english["text"]
    assert told["plain"]["lang"] == "fr"


def test_the_report_and_the_export_say_how_each_is_reached(hemostat, tmp_path, case):
    out = tmp_path / "out"
    out.mkdir()
    assert hemostat("export", case, "persons", out / "p.parquet")[0] == 0
    reach = pl.read_parquet(out / "p.parquet")["reach"].value_counts().sort("reach").rows()
    assert reach == [("email", 28), ("none", 1), ("post", 5)]
    assert hemostat("export", case, "ledger", out / "l.json")[0] == 0
    assert '"reach": {\n  "email": 28,\n  "sms": 0,\n  "post": 5,\n  "none": 1' in (out / "l.json").read_text(
        "utf-8"
    )
