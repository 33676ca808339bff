import doctest
import importlib

import pytest

from hemostat.report.words import elided, inert, instant, number, percent, pieces, shape, size, typeset


@pytest.mark.parametrize("module", ["words", "small"])
def test_examples_of_the_documentation_hold(module):
    assert doctest.testmod(importlib.import_module(f"hemostat.report.{module}")).failed == 0


def test_french_sets_its_spaces_and_english_has_none():
    sentence = "Qui ? Nous : « 3 % », art. 9 ; l'annonce !"
    assert typeset(sentence, "fr") == (
        "Qui\u202f? Nous\u00a0: «\u00a03\u00a0%\u00a0», art.\u00a09\u202f; l’annonce\u202f!"
    )
    assert typeset(sentence, "en") == sentence.replace("'", "’").replace("art. 9", "art.\u00a09")


@pytest.mark.parametrize(
    ("count", "fr", "en"),
    [
        (0, "0", "0"),
        (1234, "1\u202f234", "1,234"),
        (15_000_000, "15\u202f000\u202f000", "15,000,000"),
        (-37, "−37", "−37"),
        (3.456, "3,5", "3.5"),
        ("<5", "<5", "<5"),
        ("withheld", "masqué", "hidden"),
        (None, "–", "–"),
    ],
)
def test_numbers_in_both_languages(count, fr, en):
    assert (number(count, "fr"), number(count, "en")) == (fr, en)


@pytest.mark.parametrize(
    ("share", "fr"),
    [
        (0.0, "0\u00a0%"),
        (0.00004, "<\u00a00,01\u00a0%"),
        (0.0004, "0,04\u00a0%"),
        (0.123, "12,3\u00a0%"),
        (0.9996, "99,96\u00a0%"),
        (0.999996, ">\u00a099,99\u00a0%"),
        (1.0, "100\u00a0%"),
        (1.015, "101,5\u00a0%"),
        (131.9, "13\u202f190,0\u00a0%"),
    ],
)
def test_a_share_is_never_a_false_zero_or_a_false_whole(share, fr):
    assert percent(share, "fr") == fr


def test_sizes_and_instants():
    assert size(1_500_000, "fr") == "1,5\u00a0Mo"
    assert size(None, "fr") == "–"
    assert (
        instant("2025-12-01T09:05:00+01:00", "fr")
        == "1er\u00a0décembre\u00a02025, 9\u00a0h\u00a005\u00a0(UTC+1)"
    )
    assert instant("2025-12-01T09:05:00+00:00", "en") == "1\u00a0December\u00a02025, 09:05\u00a0(UTC)"
    assert instant("2021-02-14", "en") == "14\u00a0February\u00a02021"
    assert instant("2025-06-01T10:00:00-03:30", "en").endswith("(UTC−3:30)")
    assert instant("yesterday\u202e", "en") == "yesterday\\u202e"


@pytest.mark.parametrize("hostile", ["a\nb", "\u202egpj.exe", "\ud800", "x\x00y", "\u2028", "\u200b"])
def test_what_acts_instead_of_being_read_is_made_visible(hostile):
    shown = inert(hostile)
    assert shown.isprintable()
    assert "\\" in shown
    assert shown.encode("utf-8")


def test_accents_and_unbreakable_spaces_stay():
    assert inert("Zoé\u00a0: l’été") == "Zoé\u00a0: l’été"


def test_a_long_name_keeps_both_ends():
    name = "a" * 100 + "b" * 100
    short = elided(name, 21)
    assert (len(short), short[0], short[-1]) == (21, "a", "b")
    assert elided("short", 21) == "short"


@pytest.mark.parametrize("name", ["evidence/num_secu.csv", "a", "", "___", "a//b!c#d-e.f\\g"])
def test_pieces_put_together_give_the_name(name):
    assert "".join(pieces(name)) == name


def test_a_shape_says_nothing_of_the_value():
    value = "Zoé DUPONT née le 03/04/1991 à Brest, 06 39 98 01 42, 東京 ٣"
    masked = shape(value)
    assert {ch for ch in masked if ch.isalnum()} <= set("Aa9")
    assert shape(masked) == masked
