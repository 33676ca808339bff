"""PDF files as PDF/UA-1 wants them: judged by a validator, then looked into; the address where the window is.

The validator is ``page`` (page-validation, MIT; its rules are checked against veraPDF's corpus). What it cannot know,
such as whether the order of reading is that of a letter, is looked for here.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from letters_made import ENGLISH, FACTS, letter
from test_accessible import notice

from hemostat.notify import dossier, paper
from hemostat.notify.layout import LINE, LINES, address_lines
from hemostat.notify.printing import letter_pdf

pytestmark = pytest.mark.skipif(not paper.available(), reason="typst is not installed")
NOW = datetime(2026, 11, 22, tzinfo=UTC)
MM = 72 / 25.4
# A window of 100 x 35 mm, 20 mm from the right edge and 20 mm from the foot of an envelope of 220 x 110 mm (DL), as La
# Poste describes it (from memory; a mailing house gives 110-195 x 55-88 mm for the address, edics.fr). The sheet folded
# in three is 210 x 99 mm: it may lie 10 mm further left and 11 mm higher.
ALWAYS_SEEN = (100, 55, 190, 79.5)
EVER_SEEN = (90, 44, 200, 90)
WIDEST = address_lines(
    "W" * 38, "W" * 38 + "\n" + "W" * 38 + "\n" + "W" * 38 + "\n" + "W" * 38, "97480", "W" * 32
)
PLAIN = address_lines("Odette Belloret", "Résidence Inventée\n3 rue des Inventés", "35000", "Rennes")


def made(lang="fr", address=PLAIN):
    return letter_pdf(letter(channel="post", lang=lang).text, address, {**FACTS, **ENGLISH}, NOW)


@pytest.fixture(scope="module")
def files():
    return {
        "letter-fr": made(),
        "letter-en": made("en"),
        "notice": dossier._pdf(notice(), "Notification complémentaire — Clinique", NOW),
    }


NAMES = pytest.mark.parametrize("name", ["letter-fr", "letter-en", "notice"])


@NAMES
def test_a_validator_of_pdf_ua_finds_nothing(files, name):
    validator = pytest.importorskip("page")
    report = validator.validate_pdf_bytes(files[name], profile="ua1")
    assert report.rules.total > 100
    assert [(one.rule_id, one.message) for one in report.failures] == []


def test_the_validator_does_find_faults(files):
    validator, pikepdf = pytest.importorskip("page"), pytest.importorskip("pikepdf")
    with pikepdf.open(BytesIO(files["letter-fr"])) as document:
        del document.Root.Lang
        del document.Root.StructTreeRoot
        spoilt = BytesIO()
        document.save(spoilt)
    assert not validator.validate_pdf_bytes(spoilt.getvalue(), profile="ua1").is_compliant


@NAMES
def test_it_is_tagged_named_and_in_a_language(files, name):
    pikepdf = pytest.importorskip("pikepdf")
    with pikepdf.open(BytesIO(files[name])) as document:
        root = document.Root
        assert root.MarkInfo.Marked is True
        assert str(root.Lang) == ("en" if name == "letter-en" else "fr")
        assert root.ViewerPreferences.DisplayDocTitle is True
        with document.open_metadata() as metadata:
            assert metadata["pdfuaid:part"] == "1"
            assert metadata["dc:title"]
        assert all(page.Tabs == "/S" for page in document.pages)


@NAMES
def test_headings_lists_and_tables_nest_as_they_must(files, name):
    pikepdf = pytest.importorskip("pikepdf")
    with pikepdf.open(BytesIO(files[name])) as document:
        found = list(elements(document.Root.StructTreeRoot, ""))
    kinds = [kind for kind, _ in found]
    levels = [int(kind[1]) for kind in kinds if kind[0] == "H" and kind[1:].isdigit()]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert set(levels) == {1, 2}
    inside = {
        "LI": {"L"},
        "Lbl": {"LI"},
        "LBody": {"LI"},
        "TR": {"Table", "THead", "TBody"},
        "TD": {"TR"},
        "TH": {"TR"},
    }
    assert [pair for pair in found if pair[0] in inside and pair[1] not in inside[pair[0]]] == []
    if name == "notice":
        assert kinds.count("Table") > 20
        assert kinds.count("TH") == 2 * kinds.count("Table")
    else:
        assert kinds.count("L") == 4
        assert kinds.count("LI") == kinds.count("LBody") == kinds.count("Lbl")


def elements(parent, within):
    """Every element of the tree of structure, in reading order, with the one that holds it."""
    pikepdf = pytest.importorskip("pikepdf")
    held = parent.get("/K", [])
    for child in held if isinstance(held, pikepdf.Array) else [held]:
        if isinstance(child, pikepdf.Dictionary) and "/S" in child.keys():  # noqa: SIM118 - no mapping
            kind = str(child.S)[1:]
            yield kind, within
            yield from elements(child, kind)


@NAMES
def test_nothing_drawn_is_left_untagged(files, name):
    pikepdf = pytest.importorskip("pikepdf")
    drawing = {"Tj", "TJ", "'", '"', "Do", "S", "s", "f", "F", "f*", "B", "B*", "b", "b*", "sh"}
    with pikepdf.open(BytesIO(files[name])) as document:
        for page in document.pages:
            depth, drawn = 0, 0
            for instruction in pikepdf.parse_content_stream(page):
                operator = str(instruction.operator)
                depth += (operator in ("BDC", "BMC")) - (operator == "EMC")
                if operator in drawing:
                    drawn += 1
                    assert depth, operator
            assert drawn


@NAMES
def test_fonts_are_inside_and_their_signs_can_be_copied(files, name):
    pikepdf = pytest.importorskip("pikepdf")
    with pikepdf.open(BytesIO(files[name])) as document:
        fonts = [font for page in document.pages for font in page.Resources.Font.values()]
        assert fonts
        for font in fonts:
            assert "/ToUnicode" in font
            (below,) = font.DescendantFonts
            assert {"/FontFile2", "/FontFile3"} & set(below.FontDescriptor.keys())


def test_a_letter_is_read_in_its_order(files, tmp_path):
    if shutil.which("pdfinfo") is None:
        pytest.skip("needs poppler-utils")
    path = tmp_path / "letter.pdf"
    path.write_bytes(files["letter-fr"])
    told = subprocess.run(["pdfinfo", "-struct-text", path], capture_output=True, check=True).stdout.decode(
        "utf-8", "replace"
    )
    wanted = [
        "La direction", *PLAIN, "Le 22 novembre 2026", "Information sur vos données personnelles", "Bonjour",
        "votre numéro de sécurité sociale", "Raccrochez", "Vos droits",
    ]  # fmt: skip
    places = [told.index(words) for words in wanted]
    assert places == sorted(places)


@pytest.mark.parametrize("address", [PLAIN, WIDEST])
def test_the_address_is_in_the_window_and_nothing_else_may_show(address):
    pdfium = pytest.importorskip("pypdfium2")
    assert len(address) <= LINES
    assert all(len(line) <= LINE for line in address)
    assert address[-1] == address[-1].upper()
    document = pdfium.PdfDocument(made(address=address))
    page = document[0]
    height = page.get_height()
    text = page.get_textpage()
    said, boxes = "", []
    for number in range(text.count_rects()):
        left, bottom, right, top = text.get_rect(number)
        box = (left / MM, (height - top) / MM, right / MM, (height - bottom) / MM)
        words = text.get_text_bounded(left, bottom, right, top).strip()
        if (
            box[0] < EVER_SEEN[2]
            and box[2] > EVER_SEEN[0]
            and box[1] < EVER_SEEN[3]
            and box[3] > EVER_SEEN[1]
        ):
            boxes.append(box)
            said += words
    document.close()
    assert said.split() == "".join(address).split() or "".join(said.split()) == "".join(
        "".join(address).split()
    )
    assert min(box[0] for box in boxes) >= ALWAYS_SEEN[0]
    assert min(box[1] for box in boxes) >= ALWAYS_SEEN[1]
    assert max(box[2] for box in boxes) <= ALWAYS_SEEN[2]
    assert max(box[3] for box in boxes) <= ALWAYS_SEEN[3]


def test_a_file_with_a_name_that_no_font_draws_is_still_in_the_notice():
    pdfium = pytest.importorskip("pypdfium2")
    odd = {**notice(), "evidence": [("患者.csv", "f" * 64, "leak")]}
    document = pdfium.PdfDocument(dossier._pdf(odd, "Notification", NOW))
    words = "".join(page.get_textpage().get_text_range() for page in document)
    document.close()
    assert "U+60A3U+8005.csv (fuite)" in words
