import re
import string
import tomllib
from importlib import resources

import pytest

from hemostat.errors import RuleError, UsageError
from hemostat.report.view import CategoryLabel
from hemostat.report.wording import LANGUAGES, wording

HOME = resources.files("hemostat.report")
TABLES = {lang: tomllib.loads((HOME / "texts" / f"{lang}.toml").read_text("utf-8")) for lang in LANGUAGES}
SOURCES = "\n".join(
    path.read_text("utf-8")
    for folder in (HOME, HOME / "templates")
    for path in folder.iterdir()
    if path.name.endswith((".py", ".j2"))
)
FAMILIES = [
    "alarm_",
    "moment_",
    "decision_",
    "tile_",
    "unit_",
    "event_",
    "step_",
    "of_",
    "short_of_",
    "people_",
    "meaning_",
    "method_",
    "role_",
    "group_",
    "about_",
    "decided_",
    "patients_",
    "standing_",
    "severity_",
    "reach_",
    "kept_",
    "note_",
    "unknown_",
    "word_",
    "claim_gap_",
    "categories_figure_",
    "todo_",
    "clock_",
    "held_",
]
"""Beginnings of the sentences that are named by an id: a kind of step, a role, a reason."""


def forms(sentence):
    return [sentence] if isinstance(sentence, str) else list(sentence.values())


def places(sentence):
    return {name for form in forms(sentence) for _, name, _, _ in string.Formatter().parse(form) if name}


def test_both_languages_say_the_same_things():
    assert list(TABLES["fr"]) == list(TABLES["en"])
    for key, sentence in TABLES["fr"].items():
        assert places(sentence) == places(TABLES["en"][key]), key
        assert isinstance(sentence, str) == isinstance(TABLES["en"][key], str), key


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_sentence_is_empty_and_plurals_have_both_forms(lang):
    for key, sentence in TABLES[lang].items():
        assert all(form.strip() for form in forms(sentence)), key
        assert isinstance(sentence, str) or set(sentence) == {"one", "other"}, key


def test_every_sentence_is_used():
    def used(key: str) -> bool:
        by_name = re.search(rf"[\"']{key}[\"']", SOURCES)
        return bool(by_name or key.endswith("_title") or key.startswith(tuple(FAMILIES)))

    assert [key for key in TABLES["fr"] if not used(key)] == []


def test_every_family_is_used():
    assert [one for one in FAMILIES if f'"{one}' not in SOURCES and f"{one}{{" not in SOURCES] == []


def test_a_missing_sentence_is_an_error():
    with pytest.raises(RuleError, match="no_such_sentence"):
        wording("fr").say("no_such_sentence")


def test_a_missing_value_is_an_error():
    with pytest.raises(RuleError, match="tile_people_note"):
        wording("fr").say("tile_people_note", low="1")


def test_a_language_that_is_not_spoken():
    with pytest.raises(UsageError):
        wording("de")


@pytest.mark.parametrize(("lang", "singular"), [("fr", [0, 1]), ("en", [1])])
def test_singular_and_plural(lang, singular):
    say = wording(lang)
    one = say.table["unit_persons"]["one"]
    assert [count for count in range(4) if say.say("unit_persons", count) == one] == singular


@pytest.mark.parametrize(
    ("locator", "fr"),
    [
        ("line 12", "ligne 12"),
        ("line 12 (bytes 30-70)", "ligne 12 (octets 30 à 70)"),
        ("row 3", "rangée 3"),
        ("element 5", "élément 5"),
        ("after unit 9", "après l’unité 9"),
        ("whole file", "fichier entier"),
        ("page 2\u202e", "page 2\\u202e"),
        ("line twelve", "line twelve"),
    ],
)
def test_places_in_words(locator, fr):
    assert wording("fr").locator(locator) == fr


def test_how_a_piece_was_read_in_words():
    note = "encoding=utf-8, delimiter=semicolon, heading=no, padded=1200, hidden=yes, strange=yes"
    assert wording("fr").note(note) == (
        "encodage utf-8, séparateur point-virgule, sans titres de colonnes, "
        "1\u202f200 lignes plus courtes que les titres, complétées, feuille masquée, strange=yes"
    )


def test_names_of_categories_and_terms():
    label = CategoryLabel("x", "Remarque : VIH", "Remark: HIV", "remarks", article9=True, sensitive=True)
    assert wording("fr").category(label) == "Remarque\u00a0: VIH"
    assert wording("en").category(label) == "Remark: HIV"
    terms = {"cut": {"fr": "coupé"}}
    assert wording("fr").term("cut", terms) == "coupé"
    assert wording("fr").term("already a sentence", terms) == "already a sentence"
    with pytest.raises(RuleError, match="cut"):
        wording("en").term("cut", terms)
