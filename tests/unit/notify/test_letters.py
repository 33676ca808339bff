"""From a leak to the letters: who is written to, by which way, with which words; and the code that proves them ours."""

from __future__ import annotations

import email
import email.policy
import re
import sys
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

import factories

sys.path.insert(0, str(Path(__file__).parent))
from letters_made import FACTS

from hemostat.assess.reach import route
from hemostat.case import Case, Opening
from hemostat.notify import layout, leaving, paper, printing
from hemostat.notify.codes import SYMBOLS, code, person_of, read_code, witness, witness_words
from hemostat.notify.letters import kept
from hemostat.rules import mask_of

KEY = b"k" * 32
SETS = [part for name, value in FACTS.items() for part in ("--set", f"{name}={value}")]


def person(number=1, names=("used_name",), **facts):
    low, high = mask_of(names)
    base = {
        "person_id": number,
        "mask_lo": low,
        "mask_hi": high,
        "email": None,
        "mobile": None,
        "street": None,
    }
    return {
        **base,
        "postal_code": None,
        "city": None,
        "minor": False,
        "deceased": False,
        "protected": False,
        **facts,
    }


MAIL = {"email": "a@example.org"}
PHONE = {"mobile": "+33639980001"}
POST = {"street": "1 rue Inventée", "postal_code": "35000", "city": "Rennes"}
ROUTES = [
    ({}, (), "none", "no_contact", None),
    (MAIL, (), "email", None, None),
    ({**MAIL, **PHONE, **POST}, (), "email", None, "sms"),
    ({**PHONE, **POST}, (), "sms", None, "post"),
    ({**MAIL, **POST}, ("pregnancy",), "post", None, "email"),
    (MAIL, ("pregnancy",), "email", None, None),
    ({**MAIL, **POST, "deceased": True}, (), "none", "deceased", None),
    ({**MAIL, **POST}, ("remark_violence",), "none", "call_first", None),
    ({**MAIL, **POST}, ("remark_religion",), "none", "remarks_not_reviewed", None),
    ({**MAIL, **POST, "minor": True}, (), "post", None, "email"),
    ({**MAIL, **POST, "minor": True}, ("test_result",), "none", "minor_confidential", None),
    ({**MAIL, **POST}, ("password", "email"), "post", None, None),
    ({**MAIL, **POST}, ("password_hash", "email"), "email", None, "post"),
    ({"email": "pas une adresse"}, (), "none", "no_contact", None),
]


def routed(rows, **said):
    schema = {"mask_lo": pl.UInt64, "mask_hi": pl.UInt64} | dict.fromkeys(
        ("email", "mobile", "street", "postal_code", "city"), pl.String
    )
    said = {"remarks_reviewed": False, "mailbox_unsafe": False, **said}
    return route(pl.DataFrame(rows, schema_overrides=schema), **said)


@pytest.mark.parametrize(("facts", "names", "channel", "reason", "fallback"), ROUTES)
def test_each_person_has_the_right_way_or_a_human(facts, names, channel, reason, fallback):
    found = routed([person(names=("used_name", *names), **facts)]).row(0, named=True)
    assert (found["channel"], found["reason"], found["fallback"]) == (channel, reason, fallback)


def test_reviewed_remarks_go_by_post_and_by_nothing_else():
    names = ("used_name", "remark_religion")
    with_post, without = routed(
        [person(1, names, **MAIL, **POST), person(2, names, **PHONE)], remarks_reviewed=True
    ).iter_rows(named=True)
    assert (with_post["channel"], with_post["fallback"]) == ("post", None)
    assert (without["channel"], without["reason"]) == ("none", "no_address")


def test_a_mailbox_that_two_people_share_is_not_used():
    found = routed([person(1, **MAIL, **POST), person(2, **MAIL), person(3, email="b@example.org")])
    assert found["channel"].to_list() == ["post", "email", "email"]
    assert found["brief"].to_list() == [False, True, False]


def test_those_who_share_their_only_contact_get_one_message_that_names_nobody():
    found = routed([person(4, **MAIL), person(2, **MAIL), person(3, **PHONE), person(1, **PHONE)])
    assert found["together"].to_list() == [2, 2, 1, 1]
    assert found["channel"].to_list() == ["email", "email", "sms", "sms"]


def test_a_mailbox_that_the_own_file_gives_to_a_family_is_not_used():
    family = [
        person(1, **MAIL, **POST, family_email=True),
        person(2, email="c@example.org", family_email=False),
    ]
    assert routed(family)["channel"].to_list() == ["post", "email"]


def test_a_protected_adult_is_written_to_on_paper_first():
    assert routed([person(1, **MAIL, **POST, protected=True)])["ways"].to_list() == [["post", "email"]]


def test_no_mailbox_is_used_when_mailboxes_are_unsafe():
    assert routed([person(1, **MAIL, **PHONE)], mailbox_unsafe=True)["channel"].to_list() == ["sms"]


def test_codes_are_told_apart_and_slips_are_caught():
    codes = {code(KEY, number) for number in range(5000)}
    assert len(codes) == 5000
    one = code(KEY, 7)
    assert re.fullmatch(rf"[{SYMBOLS}]{{4}}(-[{SYMBOLS}]{{4}}){{2}}", one)
    assert read_code(f" {one.lower().replace('-', ' ')}") == one
    plain = one.replace("-", "")
    for place, sign in enumerate(plain):
        for other in SYMBOLS:
            if other != sign:
                assert read_code(plain[:place] + other + plain[place + 1 :]) is None
    assert read_code("hello") is None
    assert person_of(KEY, one, range(20)) == 7
    assert person_of(KEY, one, range(7)) is None
    assert code(b"j" * 32, 7) != one


def test_witness_words_are_two_plain_different_words():
    words = witness_words()
    assert len(set(words)) == len(words) >= 256
    for number in range(2000):
        one, two = witness(KEY, number)
        assert one != two
        assert {one, two} <= set(words)


def test_an_address_block_is_six_lines_of_thirty_eight_signs():
    lines = layout.address_lines(
        "Odette Belloret", "Résidence des Grands Peupliers Blancs, bâtiment C, escalier 4", "35000", "Rennes"
    )
    assert lines[-1] == "35000 RENNES"
    assert all(len(line) <= 38 for line in lines)
    assert len(layout.address_lines("N", " ".join(["mot"] * 200), "1", "v")) == 6


def test_of_too_long_an_address_the_street_stays():
    lines = layout.address_lines(
        "Monsieur Jean-Baptiste de l'Exemple-Inventé de la Fiction",
        "Résidence des Grands Peupliers Blancs, bâtiment C, escalier 4\n"
        "128 bis avenue du Général de Division Inventé",
        "35000",
        "Rennes",
    )
    assert lines == [
        "Monsieur Jean-Baptiste de",
        "Résidence des Grands Peupliers Blancs,",
        "bâtiment C, escalier 4",
        "128 bis avenue du Général de Division",
        "Inventé",
        "35000 RENNES",
    ]


def test_steps_are_numbered_items_and_a_number_alone_is_a_sentence():
    text = "Ce que vous pouvez faire\n1. Raccrochez.\nQuand : toujours.\n2. Appelez le 02 99 00 00 00.\n\n3. Non."
    assert layout.blocks(text) == [
        {"kind": "heading", "text": "Ce que vous pouvez faire"},
        {
            "kind": "steps",
            "items": [
                "Raccrochez.\nQuand\u00a0: toujours.",
                "Appelez le 02\u00a099\u00a000\u00a000\u00a000.",
            ],
        },
        {"kind": "text", "text": "3. Non."},
    ]


@pytest.fixture
def case(hemostat, tmp_path):
    leak = tmp_path / "evidence" / "fichier.csv"
    leak.parent.mkdir()
    without_password = [row[:-1] for row in factories.people(40)]
    leak.write_text(factories.csv_text(without_password, factories.HEADINGS[:-1]), "utf-8")
    folder = tmp_path / "affaire"
    assert hemostat("respond", leak, "--case", folder)[0] == 0
    return folder


def test_letters_need_facts_then_pass_then_are_verified(hemostat, case, tmp_path):
    code_, _, err = hemostat("notify", case, "letters")
    assert code_ == 6
    assert all(name in err for name in FACTS)
    exit_code, out, _ = hemostat("notify", case, "letters", *SETS, "--out", tmp_path / "out", "--limit", 3)
    assert exit_code == 0
    assert "40 letters made and checked" in out
    assert len(list((tmp_path / "out").iterdir())) == 3
    with Case.open(case, Opening(tmp_path / "keys" / "case.key")) as held:
        texts = pl.concat(list(kept(held)))
        assert texts.height == 40
        key = held.secret("letters")
        number = texts["person_id"][3]
        own, words = code(key, number), witness(key, number)
        assert held.rows("select what from export") == [("letters",)]
    assert (
        hemostat("notify", case, "verify", own.lower())[1]
        == f"This letter is ours. The two words are: {words[0]}, {words[1]}.\n"
    )
    wrong = own[:-1] + ("0" if own[-1] != "0" else "1")
    assert hemostat("notify", case, "verify", wrong)[0] == 6


@pytest.mark.skipif(not paper.available(), reason="typst is not installed")
def test_people_without_a_mailbox_get_paper(hemostat, tmp_path):
    leak = tmp_path / "evidence" / "adresses.csv"
    leak.parent.mkdir()
    streets = ["rue des Inventés", "avenue du Moulin", "impasse des Lilas"]
    people = [
        (*row[:5], f"{n + 3} {streets[n % 3]}", f"35{n:03d}", "RENNES")
        for n, row in enumerate(factories.people(12))
    ]
    headings = (*factories.HEADINGS[:5], "adresse", "code_postal", "ville")
    leak.write_text(factories.csv_text(people, headings), "utf-8")
    assert hemostat("respond", leak, "--case", tmp_path / "affaire")[0] == 0
    code_, out, _ = hemostat("notify", tmp_path / "affaire", "letters", *SETS, "--out", tmp_path / "out")
    assert (code_, "12 by post" in out) == (0, True)
    assert {path.suffix for path in (tmp_path / "out").iterdir()} == {".pdf"}


def test_a_lawyers_template_is_used_and_checked(hemostat, case, tmp_path):
    own = tmp_path / "out" / "modeles"
    assert hemostat("notify", case, "letters", "--write-templates", own)[0] == 0
    text = (own / "letter.txt").read_text("utf-8")
    for channel_file in ("letter.txt", "sms.txt"):
        assert (own / channel_file).is_file()
    (own / "letter.txt").write_text(text.replace("{{ signature }}", "Bien à vous\n{{ signature }}"), "utf-8")
    assert hemostat("notify", case, "letters", *SETS, "--templates", own)[0] == 0
    (own / "letter.txt").write_text(text.replace("{{ measures }}", "Soyez vigilant."), "utf-8")
    exit_code, _, err = hemostat("notify", case, "letters", "--templates", own)
    assert exit_code == 6
    assert "L04" in err
    assert "L08" in err
    assert (
        hemostat("notify", case, "letters", "--templates", own, "--override", "L04=x", "--override", "L08=y")[
            0
        ]
        == 0
    )
    assert hemostat("notify", case, "letters", "--override", "L09=x")[0] == 2
    (own / "letter.txt").write_text("{{ unknown_fact }}", "utf-8")
    assert hemostat("notify", case, "letters", "--templates", own)[0] == 2


def test_a_message_has_the_same_words_in_both_forms():
    text = (
        "Bonjour,\n\nVos droits\nPas <b>votre</b> faute.\n\nCe qui a été copié\n- votre nom\n- votre prénom\n"
    )
    raw = leaving.message(text, "Information", "a@example.org", "dpo@example.org", "<1@example.org>")
    assert b"\r\n" in raw
    assert not [line for line in raw.split(b"\r\n") if len(line) > 998 or b"\n" in line]
    read = email.message_from_bytes(raw, policy=email.policy.SMTP)
    plain, rich = read.iter_parts()
    assert plain.get_content().replace("\r\n", "\n") == text
    shown = re.sub(r"<[^>]+>", "\n", rich.get_content().partition("</h1>")[2])
    words = shown.replace("&lt;", "<").replace("&gt;", ">").replace("&#x27;", "'").split()
    assert words == text.replace("- ", "").split()
    with pytest.raises(ValueError, match="line"):
        leaving.message(text, "Information\nBcc: x@example.org", "a@example.org", "d@example.org", "<1@e>")


@pytest.mark.skipif(not paper.available(), reason="typst is not installed")
def test_a_letter_on_paper_is_tagged_and_says_its_text():
    pdfium = pytest.importorskip("pypdfium2")
    text = "Bonjour Odette,\n\nVos droits\nCe n'est pas de votre faute.\n\nCe qui a été copié\n- votre nom\n"
    raw = printing.letter_pdf(
        text, ["Odette #Belloret", "35000 RENNES"], FACTS, datetime(2025, 12, 8, tzinfo=UTC)
    )
    assert b"/StructTreeRoot" in raw
    assert b"pdfuaid" in raw
    document = pdfium.PdfDocument(raw)
    said = " ".join(page.get_textpage().get_text_range() for page in document).replace("\r\n", " ")
    document.close()
    for words in (
        "Odette #Belloret",
        "Ce n'est pas de votre faute".replace("'", "’"),
        "votre nom",
        "8 décembre 2025",
    ):
        assert words in said.replace("'", "’") or words in said
