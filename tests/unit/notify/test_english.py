"""Documents in English, when --lang en is typed: letters, public texts, complaint, the reading copy of the notice."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

import factories

sys.path.insert(0, str(Path(__file__).parent))
from letters_made import ENGLISH, FACTS

from hemostat.notify.form import fields, form

FRENCH = re.compile(r"\b(?:vous|nous|votre|données|personnes|lettre|avant le|ce qui)\b", re.IGNORECASE)
SETS = [
    part
    for fact, value in {**FACTS, **{name.removesuffix(".en"): text for name, text in ENGLISH.items()}}.items()
    for part in ("--set", f"{fact}={value}")
]


@pytest.fixture
def case(hemostat, tmp_path):
    folder, leak = tmp_path / "affaire", tmp_path / "evidence" / "fichier.csv"
    leak.parent.mkdir()
    people = [row[:-1] for row in factories.people(8)]
    leak.write_text(factories.csv_text(people, factories.HEADINGS[:-1]), "utf-8")
    told = ("--controller", "The Rocks", "--aware", "2025-11-28T15:20+01:00")
    assert hemostat("respond", leak, "--case", folder, *told)[0] == 0
    return folder


def test_a_locale_alone_never_changes_the_language_of_letters(hemostat, case):
    code, _, err = hemostat("notify", case, "letters")
    assert (code, "what (what happened, with its day), learnt (" in err) == (6, True)
    code, _, err = hemostat("--lang", "en", "notify", case, "letters")
    assert (code, "what.en (what happened, with its day), learnt.en (" in err) == (6, True)


def test_letters_and_public_texts_are_whole_in_english(hemostat, tmp_path, case):
    english = ("--lang", "en", "notify", case)
    code, out, _ = hemostat(*english, "letters", *SETS, "--out", tmp_path / "out")
    assert (code, "8 letters made and checked" in out) == (0, True)
    letter = next((tmp_path / "out").iterdir()).read_text("utf-8")
    assert "What happened" in letter
    assert '<html lang=3D"en">' in letter
    for command in ("public", "complaint"):
        assert hemostat(*english, command)[0] == 0
    texts = {
        path.name: path.read_text("utf-8")
        for folder in ("public", "complaint")
        for path in (case / "notify" / folder).iterdir()
    }
    assert set(texts) == {
        "communique.en.txt",
        "avis_public.en.txt",
        "accueil_telephonique.en.txt",
        "plainte.en.txt",
        "fiche_personne.en.txt",
    }
    for name, text in texts.items():
        assert not FRENCH.search(text.replace("La direction", "")), name
    assert "8 people are concerned" in texts["communique.en.txt"]


def test_the_reading_copy_gives_each_answer_in_both_languages(hemostat, case):
    answers = ("--set", "siren=552100554", "--set", "contact=unknown", "--set", "dpo=unknown")
    more = ("--set", "descriptif=A file was copied.", "--set", "mesures_apres=The account was closed.")
    late = ("--set", "retard=The facts were being checked.")
    code, out, err = hemostat("--lang", "en", "notify", case, "notice", *answers, *more, *late)
    assert (code, err) == (0, "")
    assert "notification.en.txt" in out
    text = (case / "notify" / "notice" / "notification.en.txt").read_text("utf-8")
    assert "Loss of confidentiality [Perte de la confidentialité]" in text
    assert "Not known yet [unknown]" in text or "Not known yet [Non connu à ce jour]" in text
    assert "Between 8 and 8 (interval at 95%), at most 8." in text
    assert "Reasons for the delay beyond 72 hours" in text
    assert (case / "notify" / "notice" / "notification.json").is_file()
    assert hemostat("notify", case, "notice")[0] == 0


def test_every_question_and_choice_of_the_form_has_its_english():
    assert all(section.en for section in form())
    for field in fields().values():
        assert field.en
        assert len(field.values) == len(field.values_en)
