"""What was quarantined for want of something is read once it is there."""

import io
import shutil
from pathlib import Path

import pypdfium2
import pytest

from factories import csv_text, people
from hemostat.errors import UsageError
from hemostat.evidence import Limits, again, passwords
from hemostat.evidence.isolation import process
from hemostat.evidence.isolation.process import Bounds, bounded

CSV = csv_text(people(20))


@pytest.fixture
def put(tmp_path):
    (tmp_path / "evidence").mkdir()

    def putting(data, name="a.zip"):
        path = tmp_path / "evidence" / name
        path.write_bytes(data)
        return path

    return putting


def scan():
    """A PDF of one page that is a picture of another."""

    letter = pypdfium2.PdfDocument(Path(__file__).parents[2] / "corpus" / "letter.pdf")
    book = pypdfium2.PdfDocument.new()
    page = book.new_page(595, 842)
    picture = pypdfium2.PdfImage.new(book)
    picture.set_bitmap(letter[0].render(scale=2))
    picture.set_matrix(pypdfium2.PdfMatrix().scale(595, 842))
    page.insert_obj(picture)
    page.gen_content()
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def standing(lines):
    return {name.rpartition("!")[2]: (line.state, line.records) for name, line in lines.items()}


def test_a_higher_limit_lets_in_what_was_beyond(ledger, case, put, zipped):
    again.limit(case, ["ratio=5", "ratio_free=1000"])
    path = put(zipped({"a.csv": CSV * 50, "b.csv": "nom;age\nA;1\nB;2\n"}))
    assert standing(ledger(path)) == {"a.csv": ("quarantined", 0), "b.csv": ("read", 2)}
    again.limit(case, ["ratio=5000"])
    assert again.limits_of(case) == Limits(ratio=5000, ratio_free=1000)
    lines = ledger()
    assert standing(lines) == {"a.csv": ("read", 1000), "b.csv": ("read", 2)}
    assert all(line.unexplained == 0 for line in lines.values())
    assert case.rows("select members, read, quarantined from container") == [(2, 2, 0)]


@pytest.mark.parametrize("given", ["ratio", "ratio=", "ratio=0", "ratio=-1", "batch_rows=1", "depth=1e9"])
def test_a_limit_that_is_none(given):
    with pytest.raises(UsageError, match="depth=8"):
        again.parsed([given])


def test_pages_that_waited_for_tesseract_are_read_once_it_is_there(ledger, case, put, monkeypatch):
    if shutil.which("tesseract") is None:
        pytest.skip("Tesseract is not installed: apt-get install tesseract-ocr")
    plain = process._environment
    monkeypatch.setitem(again._NEEDS, again.Reason.NEEDS_OCR, lambda: False)
    monkeypatch.setattr(process, "_environment", lambda: {**plain(), "PATH": "/nowhere"})
    path = put(scan(), "scan.pdf")
    with bounded(Bounds()):
        (line,) = ledger(path).values()
        assert [one[4] for one in line.aside] == ["needs_ocr"]
        number = case.rows("select evidence_id from evidence")
        assert ledger()[str(path)].aside
    monkeypatch.undo()
    (line,) = ledger().values()
    assert (line.records, line.units_in, line.aside, line.unexplained) == (1, 1, [], 0)
    assert case.rows("select evidence_id from evidence") == number


def test_passwords_from_a_file(tmp_path):
    path = tmp_path / "keys"
    path.write_bytes("\ufeff à moi \r\nun\n\nun\ndeux".encode())
    assert passwords.from_file(path) == (" à moi ", "un", "deux")
    path.write_bytes("été".encode("cp1252"))
    assert passwords.from_file(path) == ("été",)
    for wrong in (b"", b"\n\n", b"x" * (2 << 20), b"a\n" + b"".join(b"%d\n" % n for n in range(2000))):
        path.write_bytes(wrong)
        with pytest.raises(UsageError):
            passwords.from_file(path)
    with pytest.raises(UsageError):
        passwords.from_file(tmp_path / "missing")
