"""Identifiers as people type them, names that are places, texts about nobody, words typed with a slip."""

import polars as pl
import pytest

from hemostat.detect.text import find, shown


def _told(text):
    table = shown(find(pl.Series([text]))).to_pylist()
    return [(row["category"], text[row["start"] : row["end"]]) for row in table]


@pytest.mark.parametrize(
    "number",
    [
        "06 39 98 01 23", "06.39.98.01.23", "06-39-98-01-23", "06/39/98/01/23", "0639 98 01 23", "+33 6 39 98 01 23",
        "+33(0)6 39 98 01 23", "00 33 6 39 98 01 23", "(+33) 6 39 98 01 23", "(0)6 39 98 01 23",
        "06\u00a039\u00a098\u00a001\u00a023",
        "06 39 98\n01 23", "O6 39 98 O1 23", "6 39 98 01 23", "639980123",
    ],
)  # fmt: skip
def test_a_telephone_is_found_however_it_is_typed(number):
    assert ("phone", number) in _told(f"tel {number}, rappeler")


@pytest.mark.parametrize(
    "number",
    [
        "1 79 04 63 119 042 45", "179046311904245", "1.79.04.63.119.042.45", "1790463119042 clé 45",
        "1 79 O4 63 119 042 45",
        "1 79 04 63\n119 042 45", "17 90 46 31 19 04 24 5", "1790463119042", "1 79 04 63 119 042 46",
    ],
)  # fmt: skip
def test_a_social_security_number_is_found_however_it_is_typed(number):
    assert ("nir", number) in _told(f"NIR {number}")


@pytest.mark.parametrize(
    "address",
    ["p.martin@example.org", "p.martin [at] example [point] org", "p.martin(at)example.org", "p.martin @ example.org"],
)  # fmt: skip
def test_an_address_is_found_however_it_is_typed(address):
    assert ("email", address) in _told(f"écrire à {address} merci")


@pytest.mark.parametrize(
    "day",
    [
        "12/03/1958",
        "12.03.1958",
        "1958-03-12",
        "12 mars 58",
        "12 mars 1958",
        "12 03 1958",
        "5 sept. 1993",
        "1er mars 1958",
    ],
)
def test_a_day_of_birth_is_found_however_it_is_typed(day):
    assert ("birth_date", day) in _told(f"Mme GARNIER née le {day} à Vannes")


@pytest.mark.parametrize(
    "text",
    [
        "réf 0612345678",
        "lot 2 55 08 14 168 025 39",
        "contrôle le 04/06/2024",
        "n° série 10101010105",
        "facture 0612345678",
    ],
)
def test_a_number_of_a_thing_names_nobody(text):
    assert not {c for c, _ in _told(text)} & {"phone", "nir", "birth_date", "professional_id"}


def test_a_number_of_a_file_is_no_telephone():
    assert _told("IPP 0612345678") == [("internal_id", "0612345678")]


@pytest.mark.parametrize(
    "text",
    ["terminus Lucie-Aubrac", "la maternité Flora-Tristan", "12 rue du Docteur Roux", "arrêts Jean-Jaurès"],
)
def test_a_place_named_after_somebody_is_nobody(text):
    assert "full_name" not in {c for c, _ in _told(text)}


@pytest.mark.parametrize(
    "text", ["Cordialement,\nA. Puig", "Amitiés,\nPh. Desmarest", "Merci.\nNathalie Prudhomme"]
)
def test_who_signs_is_found(text):
    assert ("full_name", text.split("\n")[1]) in _told(text)


def test_what_is_said_of_the_world_is_nobodys():
    market = (
        "La gamme s'est pendue aux promotions et les ventes sautent par la fenêtre ; vendre à ce prix serait"
        " suicidaire, et le marché est drogué au crédit depuis la fin de la crise."
    )
    assert not [c for c, _ in _told(market) if c.startswith("remark_")]
    assert "remark_suicide" in {c for c, _ in _told("Mme GARNIER est suicidaire. " + market)}


def test_an_antiretroviral_is_a_treatment_and_tells_of_hiv():
    assert _told("sous Biktarvy") == [("treatment", "Biktarvy"), ("remark_hiv", "Biktarvy")]


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("patient schyzophrène", "remark_psychiatric"),
        ("homme alcolique", "remark_addiction"),
        ("patiente séropositve", "remark_hiv"),
    ],
)
def test_a_slip_of_the_keys_hides_no_remark(text, category):
    assert category in {c for c, _ in _told(text)}


@pytest.mark.parametrize("text", ["addition réglée", "intégrité de la gaine", "altération de l'état général"])
def test_a_word_of_its_own_is_no_slip(text):
    assert not [c for c, _ in _told(text) if c.startswith("remark_")]


def test_an_office_held_is_the_remark_itself():
    assert "remark_union" in {c for c, _ in _told("ancien secrétaire de section à la CGT")}


def test_what_means_nothing_reaches_beyond_the_remark_inside():
    assert not [
        c for c, _ in _told("affaire transmise au syndicat mixte des eaux") if c.startswith("remark_")
    ]
