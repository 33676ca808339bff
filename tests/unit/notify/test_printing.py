"""Letters on paper: set once, kept encrypted, set anew only when their words change."""

from __future__ import annotations

import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

import factories

sys.path.insert(0, str(Path(__file__).parent))
from letters_made import FACTS

from hemostat.case import Case, Opening
from hemostat.errors import UsageError
from hemostat.model import Silent
from hemostat.notify import paper, printing
from hemostat.notify.letters import kept

pytestmark = pytest.mark.skipif(not paper.available(), reason="typst is not installed")
SETS = [part for name, value in FACTS.items() for part in ("--set", f"{name}={value}")]
NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture
def case(hemostat, tmp_path):
    leak = tmp_path / "evidence" / "adresses.csv"
    leak.parent.mkdir()
    people = [
        (*row[:5], f"{n + 3} rue des Inventés", f"35{n:03d}", "RENNES")
        for n, row in enumerate(factories.people(12))
    ]
    headings = (*factories.HEADINGS[:5], "adresse", "code_postal", "ville")
    leak.write_text(factories.csv_text(people, headings), "utf-8")
    assert hemostat("respond", leak, "--case", tmp_path / "affaire")[0] == 0
    assert "12 letters set as PDF" in hemostat("notify", tmp_path / "affaire", "letters", *SETS, "--paper")[1]
    return tmp_path / "affaire"


def opened(case):
    return Case.open(case, Opening(case.parent / "keys" / "case.key"))


def test_files_are_encrypted_and_read_back_as_the_letters(case):
    files = sorted(path for path in (case / "paper").rglob("*") if path.is_file())
    assert len(files) == 12
    assert not any(b"%PDF" in path.read_bytes() for path in files)
    with opened(case) as held:
        press = printing.press_of(held, FACTS, None)
        for row in pl.concat(list(kept(held))).iter_rows(named=True):
            assert printing.pdf_of(held, row, press).startswith(b"%PDF")


def test_only_what_changed_is_set_anew(hemostat, case):
    before = {path: path.stat().st_mtime_ns for path in (case / "paper").rglob("0*-*")}
    assert "0 letters set as PDF" in hemostat("notify", case, "letters", "--paper")[1]
    assert {path: path.stat().st_mtime_ns for path in (case / "paper").rglob("0*-*")} == before
    empty = min(before)
    empty.write_bytes(b"")  # what a power cut leaves
    assert "1 letters set as PDF" in hemostat("notify", case, "letters", "--paper")[1]
    told = hemostat(
        "notify", case, "letters", "--paper", "--set", "learnt=Nous l'avons appris le 9 mars 2026."
    )[1]
    assert "12 letters set as PDF" in told
    after = set((case / "paper").rglob("0*-*"))
    assert len(after) == 12
    assert not after & set(before)


def test_several_processes_set_what_one_does(case, monkeypatch):
    monkeypatch.setattr(printing, "FEW", 0)
    monkeypatch.setattr(printing, "CHUNK", 5)
    with opened(case) as held:
        press = printing.press_of(held, FACTS, None)
        alone = {
            row["person_id"]: printing.pdf_of(held, row, press)
            for row in next(kept(held)).iter_rows(named=True)
        }
        shutil.rmtree(case / "paper")
        assert printing.print_all(held, FACTS, Silent(), processes=2).made == 12
        rows = next(kept(held)).iter_rows(named=True)
        assert {row["person_id"]: printing.pdf_of(held, row, press) for row in rows} == alone


def test_a_sign_without_a_drawing_stops_no_other_letter(case):
    with opened(case) as held:
        press = printing.press_of(held, FACTS, None)
        chunk = [(100, "Bonjour 李,\n", ["A"]), (101, "Bonjour,\n", ["A"])]
        assert printing._set(press, chunk) == {"made": 1, "already": 0, "unset": 1}


def test_texts_mean_nothing_to_the_typesetter():
    pdfium = pytest.importorskip("pypdfium2")
    hostile = 'a"b\\n #eval("1+1") $x$ \\u{41} *c* @d <e> `f`'
    document = pdfium.PdfDocument(printing.letter_pdf(hostile + "\n", [hostile], FACTS, NOW))
    said = " ".join(page.get_textpage().get_text_range() for page in document).replace("\u201d", '"')
    said = " ".join(said.split())
    document.close()
    for part in ("\\n #eval(", "1+1", "$x$", "\\u{41} *c* @d <e> `f`"):
        assert said.count(part) == 2


def test_a_controllers_page_may_hold_a_picture_and_its_faults_quote_nobody(tmp_path):
    own = tmp_path / "letter.typ"
    (tmp_path / "logo.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')
    own.write_text('#set document(title: "x")\n#image("logo.svg", alt: "logo")\n= #data.title\n', "utf-8")
    assert paper.compiled("letter", {"title": "t"}, NOW, own).startswith(b"%PDF")
    paper._theirs.cache_clear()
    own.write_text("#panic(`Odette`)", "utf-8")
    with pytest.raises(UsageError) as raised:
        paper.compiled("letter", {"title": "t"}, NOW, own)
    assert "Odette" not in str(raised.value)
    paper._theirs.cache_clear()
