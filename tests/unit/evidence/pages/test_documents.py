import io
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from hemostat.evidence.base import Limits, Unreadable
from hemostat.evidence.isolation import process
from hemostat.evidence.isolation.process import Bounds, bounded
from hemostat.evidence.pages.documents import HtmlReader, OfficeReader, OldOfficeReader, RtfReader, TextReader
from hemostat.evidence.pages.hypertext import text_of
from hemostat.evidence.reasons import Reason
from reading import read, source

CORPUS = Path(__file__).parents[3] / "corpus"
READERS = {
    "html": HtmlReader(),
    "rtf": RtfReader(),
    "docx": OfficeReader(),
    "odt": OfficeReader(),
    "txt": TextReader(),
}
TEXT = (
    "Compte rendu\nMadame Odette BELLORGET, née le 02/01/1980, consulte pour une toux. « Zoé »\n"
    "Fin du document, à revoir dans six mois."
)
ROWS = [
    {"Nom": "BELLORGET", "Prénom": "Odette", "Date de naissance": "02/01/1980"},
    {"Nom": "CANDILLAC", "Prénom": "Marcel", "Date de naissance": "03/02/1955"},
    {"Nom": "DURANDEAU", "Prénom": "Inès"},
]


def tables(data, name, **limits):
    reader = READERS[name.rpartition(".")[2]]
    data = data.encode() if isinstance(data, str) else data
    assert reader.recognises(data[: 64 << 10], name) > 60
    return read(reader, data, name, **limits)


def refused(data, name, **limits):
    with pytest.raises(Unreadable) as found:
        tables(data, name, **limits)
    return found.value.reason


@pytest.mark.parametrize("name", ["letter.html", "letter.odt", "letter.docx", "letter.rtf"])
def test_documents_of_a_real_program(name):
    found = tables((CORPUS / name).read_bytes(), name)
    assert found[name].rows == [{"text": TEXT if name != "letter.html" else f"Compte rendu\n{TEXT}"}]
    assert (found[name].at, found[name].counted) == (["document"], 1)
    assert found[f"{name}#table 1"].rows == ROWS
    assert found[f"{name}#table 1"].at == ["row 2", "row 3", "row 4"]
    assert found[f"{name}#table 1"].header == 1


@pytest.mark.slow
def test_documents_made_now_by_libreoffice(tmp_path):
    if shutil.which("soffice") is None:
        pytest.skip("LibreOffice is not installed: apt-get install libreoffice-writer-nogui")
    filters = {
        "odt": "odt",
        "docx": "docx:MS Word 2007 XML",
        "rtf": "rtf:Rich Text Format",
        "html": "html:HTML",
    }
    (tmp_path / "evidence").mkdir()
    (tmp_path / "evidence" / "a.html").write_bytes((CORPUS / "letter.html").read_bytes())
    for ending, form in filters.items():
        start = (
            ["--infilter=HTML (StarWriter)", "--convert-to", form, "a.html"]
            if ending == "odt"
            else ["--convert-to", form, "a.odt"]
        )
        subprocess.run(
            ["soffice", f"-env:UserInstallation=file://{tmp_path}/out", "--headless", *start],
            cwd=tmp_path / "evidence", check=True, capture_output=True,
        )  # fmt: skip
        found = tables((tmp_path / "evidence" / f"a.{ending}").read_bytes(), f"a.{ending}")
        assert found[f"a.{ending}"].rows[0]["text"].endswith("Fin du document, à revoir dans six mois.")
        assert found[f"a.{ending}#table 1"].rows == ROWS


def test_html_drops_scripts_and_keeps_what_forms_hold():
    page = (
        "<!doctype html><style>p{}</style><script>alert('x<p>y')</script><p>Bonjour&nbsp;<b>Odette</b>,</p>"
        "<form><input name=nom value='BELLORGET'><input type=checkbox value=oui><textarea>toux</textarea></form>"
        "<table><tr><td>logo</td><td>Cabinet</td></tr></table>"
    )
    assert tables(page, "p.html")["p.html"].rows == [
        {"text": "Bonjour Odette,\nnom: BELLORGET\ntoux\nlogo\tCabinet"}
    ]


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("<p>a<table><tr><td>b", "a\nb"),
        ("<div>a</p></div></table></td>b", "a\nb"),
        ("<table><tr><td>a<table><tr><td>b</td><td>c</td></tr></table>d</td></tr></table>", "a b c\nd"),
        ("a<!-- <p>b -->c", "ac"),
        ("&lt;p&gt; &#233; &unknown;", "<p> é &unknown;"),
        ("<script>jamais fermé", ""),
        ("<table>" * 200 + "a", "a"),
    ],
)
def test_html_that_is_not_closed(page, text):
    assert " ".join(text_of(page).split()) == " ".join(text.split())


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "utf-16", "iso-8859-15"])
def test_html_encodings(encoding):
    page = f'<html><meta charset="{encoding if encoding != "utf-16" else "utf-16"}"><p>Zoé à 5 €</p></html>'
    data = page.encode(encoding)
    assert tables(data, "p.html")["p.html"].rows == [{"text": "Zoé à 5 €"}]


def test_html_lists_without_heading_and_short_layouts():
    lines = "".join(f"<tr><td>p{n}@example.org</td><td>0639980{n:03}</td></tr>" for n in range(20))
    found = tables(f"<html><table>{lines}</table></html>", "p.html")
    assert list(found) == ["p.html#table 1"]
    assert found["p.html#table 1"].rows[3] == {"col_1": "p3@example.org", "col_2": "0639980003"}
    assert found["p.html#table 1"].at[0] == "row 1"


def test_a_long_document_is_cut_between_its_lines():
    page = "<html>" + "".join(f"<p>Ligne {n} {'mot ' * 50}</p>" for n in range(3000)) + "</html>"
    found = tables(page, "p.html")["p.html"]
    assert len(found.rows) == found.units > 1
    assert found.at[:2] == ["part 1", "part 2"]
    assert "\n".join(row["text"] for row in found.rows).count("Ligne ") == 3000


WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def docx(body, parts=(), head=""):
    """A DOCX with this content."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        book.writestr("[Content_Types].xml", "<Types/>")
        book.writestr(
            "word/document.xml",
            f'<?xml version="1.0"?>{head}<w:document xmlns:w="{WORD}"><w:body>{body}</w:body></w:document>',
        )
        for name, content in dict(parts).items():
            book.writestr(name, content)
    return out.getvalue()


def paragraph(text):
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def test_docx_keeps_headers_notes_comments_and_what_was_deleted():
    part = f'<w:x xmlns:w="{WORD}">%s</w:x>'
    data = docx(
        paragraph("corps")
        + "<w:p><w:del><w:r><w:delText>retiré</w:delText></w:r></w:del><w:r><w:tab/><w:t>suite</w:t></w:r></w:p>",
        {
            "word/header1.xml": part % paragraph("en-tête"),
            "word/footnotes.xml": part % paragraph("note"),
            "word/comments.xml": part % paragraph("commentaire"),
            "word/vbaProject.bin": b"macro",
        },
    )
    assert tables(data, "a.docx")["a.docx"].rows == [
        {"text": "corps\nretiré\tsuite\nen-tête\ncommentaire\nnote"}
    ]


LAUGHS = '<!DOCTYPE w [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
OUTSIDE = '<!DOCTYPE w [<!ENTITY a SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("head", [LAUGHS, OUTSIDE, "<!DOCTYPE w SYSTEM 'http://example.org/x.dtd'>"])
def test_entities_are_refused(head):
    assert refused(docx(paragraph("&a;" if "ENTITY" in head else "x"), head=head), "a.docx") == Reason.DAMAGED


def test_a_bomb_in_a_document_is_refused():
    assert refused(docx(paragraph("x" * 9_000_000)), "a.docx", ratio_free=1 << 20, ratio=50) == Reason.RATIO


def test_a_screen_filled_by_repetition_stays_small():
    names = 'xmlns:o="urn:oasis:names:tc:opendocument:xmlns:office:1.0" xmlns:t="urn:t" xmlns:x="urn:x"'
    cells = '<t:table-cell t:number-columns-repeated="999999999"><x:p>a</x:p></t:table-cell>'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as book:
        book.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        book.writestr(
            "content.xml",
            f'<o:c {names}><x:p>b<x:s x:c="999999999"/>c</x:p>'
            f"<t:table><t:table-row>{cells}</t:table-row></t:table></o:c>",
        )
    (found,) = tables(out.getvalue(), "a.odt").values()
    assert found.rows[0]["text"].startswith("b")
    assert len(found.rows[0]["text"]) < 4000


@pytest.mark.parametrize("cut", [40, 300, 2000])
def test_a_cut_document_is_damaged(cut):
    data = (CORPUS / "letter.docx").read_bytes()[:-cut]
    assert refused(data, "a.docx") == Reason.DAMAGED


def test_an_encrypted_document_is_said_to_be():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as book:
        book.writestr("mimetype", "application/vnd.oasis.opendocument.text")
        book.writestr("META-INF/manifest.xml", "<manifest:encryption-data/>")
        book.writestr("content.xml", b"\x01\x02")
    assert refused(out.getvalue(), "a.odt") == Reason.ENCRYPTED


def test_a_presentation_has_a_row_to_a_slide():
    slide = '<p:sld xmlns:p="urn:p" xmlns:a="urn:a"><a:p><a:r><a:t>{}</a:t></a:r></a:p></p:sld>'
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as book:
        book.writestr("[Content_Types].xml", "<Types/>")
        book.writestr("ppt/presentation.xml", "<p/>")
        for number in (10, 1, 2):
            book.writestr(f"ppt/slides/slide{number}.xml", slide.format(f"page {number}"))
        book.writestr("ppt/notesSlides/notesSlide2.xml", slide.format("à taire"))
    found = read(OfficeReader(), out.getvalue(), "a.pptx")["a.pptx"]
    assert [row["text"] for row in found.rows] == ["page 1", "page 2\nà taire", "page 10"]
    assert found.at == ["slide 1", "slide 2", "slide 10"]


def test_files_put_into_a_document_are_members():
    data = docx(
        paragraph("x"),
        {
            "word/embeddings/classeur.xlsx": b"PK",
            "word/media/logo.png": b"x" * 100,
            "word/media/scan.jpg": b"x" * 200_000,
        },
    )
    names = [member.name for member in OfficeReader().members(source(data, "a.docx"), Limits())]
    assert names == ["a.docx!word/embeddings/classeur.xlsx", "a.docx!word/media/scan.jpg"]


def test_an_archive_that_holds_documents_is_no_document():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("lettres/a.docx", docx(paragraph("x")))
    assert OfficeReader().recognises(out.getvalue(), "lettres.zip") == 0


RTF = rb"""{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}{\*\generator X;}{\info{\title Secret}}
\pard Zo\'e9 \u8211? \'ab\~oui\~\'bb {\b gras}\par \u-10179?\u-8704?\par
\trowd\pard\intbl Nom\cell Pr\'e9nom\cell\row \pard\intbl BELLORGET\cell Odette\cell\row
\pard\intbl CANDILLAC\cell Marcel\cell\row \pard fin\par {\pict 0102ff}}"""


def test_rtf_words_signs_and_tables():
    found = tables(RTF, "a.rtf")
    assert found["a.rtf"].rows == [{"text": "Zoé – «\u00a0oui\u00a0» gras\n😀\nfin"}]
    assert found["a.rtf#table 1"].rows == [
        {"Nom": "BELLORGET", "Prénom": "Odette"},
        {"Nom": "CANDILLAC", "Prénom": "Marcel"},
    ]


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (rb"{\rtf1 a\bin5 {{{{{b}", "ab"),
        (rb"{\rtf1 a}}}}} b", "a b"),
        (rb"{\rtf1 {{{{ a", "a"),
        (rb"{\rtf1\uc2 \u233 xxb}", "éb"),
        (rb"{\rtf1 a\bin99999999999 b}", "ab"),
        (b"{\\rtf1 a\0b\\'", "ab"),
    ],
)
def test_rtf_that_is_broken(data, text):
    (found,) = tables(data, "a.rtf").values()
    assert " ".join(found.rows[0]["text"].split()) == text


def test_rtf_nested_too_deeply_is_refused():
    assert refused(b"{\\rtf1 " + b"{" * 50_000, "a.rtf") == Reason.TOO_DEEP


PROSE = """Monsieur,

J'ai bien reçu votre patiente en consultation ce jour pour des douleurs du genou droit.
L'examen retrouve une limitation de la flexion, sans épanchement, et une marche sans aide.

Je propose de la revoir dans trois mois, après quelques séances de rééducation.
Bien confraternellement.
"""


def test_prose_is_one_unit_and_lists_are_left_to_others():
    assert tables(PROSE, "lettre.txt")["lettre.txt"].rows == [{"text": PROSE.strip()}]
    for other in (
        "nom;prenom\nBELLORGET;Odette\n",
        "BELLORGET Odette née le 02/01/1980 à Paris\nCANDILLAC Marcel né le 03/02/1955 à Lyon\n",
        "odette@example.org:Mdp-1\nmarcel@example.org:Mdp-2\n",
        "2026-01-02 10:00:00 INFO user 12 logged in from 10.0.0.1\n" * 5,
    ):
        assert TextReader().recognises(other.encode(), "liste.txt") == 0


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
def test_long_prose_comes_in_parts(encoding):
    text = PROSE * 2000
    found = tables(text.encode(encoding), "lettre.txt")["lettre.txt"]
    assert found.counted is None
    assert sum(row["text"].count("Monsieur") for row in found.rows) == 2000
    batches = list(found.table.batches(found.batches[0].resume))
    assert [one.rows.to_pylist() for one in batches] == [one.rows.to_pylist() for one in found.batches[1:]]


@pytest.mark.parametrize(
    ("marks", "name", "reason"),
    [
        ("__substg1.0_0037001F", "a.bin", Reason.OUTLOOK_MESSAGE),
        ("", "a.msg", Reason.OUTLOOK_MESSAGE),
        ("WordDocument", "a.doc", Reason.OLD_OFFICE),
    ],
)
def test_old_formats_are_recognised_with_advice(marks, name, reason):
    data = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600) + marks.encode("utf-16-le")
    assert OldOfficeReader().recognises(data, name) > 90
    with pytest.raises(Unreadable) as found:
        list(OldOfficeReader().tables(source(data, name), Limits()))
    assert found.value.reason == reason


def test_a_missing_extra_is_a_reason(monkeypatch, tmp_path):
    (tmp_path / "evidence" / "defusedxml").mkdir(parents=True)
    (tmp_path / "evidence" / "defusedxml" / "__init__.py").write_text(
        "raise ModuleNotFoundError(name='defusedxml')"
    )
    plain = process._environment

    def poorer():
        known = plain()
        return known | {"PYTHONPATH": f"{tmp_path / 'evidence'}:{known['PYTHONPATH']}"}

    monkeypatch.setattr(process, "_environment", poorer)
    with bounded(Bounds()):
        assert refused((CORPUS / "letter.docx").read_bytes(), "a.docx") == Reason.NEEDS_DOCUMENTS
