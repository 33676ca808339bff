import io
import shutil
import struct
import zlib
from contextlib import suppress
from pathlib import Path

import pypdfium2
import pytest

from hemostat.evidence.base import Limits, Unreadable
from hemostat.evidence.isolation import process
from hemostat.evidence.isolation.process import Bounds, bounded
from hemostat.evidence.pages.images import ImageReader
from hemostat.evidence.pages.images_size import pages
from hemostat.evidence.pages.pdf import PdfReader
from hemostat.evidence.reasons import Reason
from reading import only, read, source

LETTER = (Path(__file__).parents[3] / "corpus" / "letter.pdf").read_bytes()
needs_tesseract = pytest.mark.skipif(
    shutil.which("tesseract") is None, reason="Tesseract is not installed: apt-get install tesseract-ocr"
)


@pytest.fixture
def _no_tesseract(monkeypatch):
    """A system where Tesseract is not installed."""
    plain = process._environment
    monkeypatch.setattr(process, "_environment", lambda: {**plain(), "PATH": "/nowhere"})
    with bounded(Bounds()):
        yield


def refused(reader, data, **limits):
    with pytest.raises(Unreadable) as found:
        read(reader, data, "a", **limits)
    return found.value.reason


def written(*contents, extra=""):
    """A PDF by hand: the content stream of each page."""
    objects = ["<</Type/Catalog/Pages 2 0 R" + extra + ">>"]
    numbers = [4 + 2 * n for n in range(len(contents))]
    objects.append(f"<</Type/Pages/Count {len(contents)}/Kids[{' '.join(f'{n} 0 R' for n in numbers)}]>>")
    objects.append("<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>")
    for number, content in zip(numbers, contents, strict=True):
        page = f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 400 300]/Contents {number + 1} 0 R"
        page += "/Resources<</Font<</F 3 0 R>>>>"
        page += content[1] if isinstance(content, tuple) else ""
        text = content[0] if isinstance(content, tuple) else content
        objects += [page + ">>", f"<</Length {len(text.encode('cp1252'))}>>\nstream\n{text}\nendstream"]
    return joined(objects)


def joined(objects):
    """Objects as a PDF with its table."""
    out, places = bytearray(b"%PDF-1.7\n"), []
    for number, thing in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{thing}\nendobj\n".encode("cp1252")
    table = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    out += f"trailer<</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n{table}\n%%EOF".encode()
    return bytes(out)


def said(text):
    return f"BT /F 12 Tf 20 200 Td ({text}) Tj ET"


def pictured(data=LETTER, rest=0):
    """A PDF whose first page is a picture of another's, and blank pages after it."""
    book = pypdfium2.PdfDocument.new()
    page = book.new_page(595, 842)
    picture = pypdfium2.PdfImage.new(book)
    picture.set_bitmap(pypdfium2.PdfDocument(data)[0].render(scale=2))
    picture.set_matrix(pypdfium2.PdfMatrix().scale(595, 842))
    page.insert_obj(picture)
    page.gen_content()
    for _ in range(rest):
        book.new_page(595, 842)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_page_of_a_real_program():
    found = only(PdfReader(), LETTER, "letter.pdf")
    (row,) = found.rows
    assert "née le 02/01/1980, consulte pour une toux. « Zoé »\nNom Prénom Date de naissance" in row["text"]
    assert (found.at, found.counted, found.kind, found.table.count_method) == (
        ["page 1"],
        1,
        "pdf",
        "declared",
    )


def test_pages_are_units_and_blank_ones_are_blank():
    found = only(PdfReader(), written(said("un"), "", said("trois")), "a.pdf")
    assert [row["text"] for row in found.rows] == ["un", "trois"]
    assert (found.at, found.blank, found.counted) == (["page 1", "page 3"], 1, 3)


def test_reading_goes_on_after_a_stop():
    found = only(PdfReader(), written(*(said(f"page {n} " + "x" * 200) for n in range(450))), "a.pdf")
    assert len(found.batches) == 3
    rest = list(found.table.batches(found.batches[0].resume))
    assert [row for batch in rest for row in batch.rows.to_pylist()] == found.rows[200:]


def test_forms_and_notes_are_read():
    field = (
        "/Annots[<</Type/Annot/Subtype/Widget/FT/Tx/T(nom)/V(BELLORGET)/Rect[10 10 100 30]>>"
        "<</Type/Annot/Subtype/Text/Contents(revoir Odette)/Rect[10 50 30 70]>>]"
    )
    (row,) = only(PdfReader(), written((said("Formulaire"), field)), "a.pdf").rows
    assert {"Formulaire", "BELLORGET", "revoir Odette"} <= set(row["text"].split("\n"))


@needs_tesseract
def test_a_scanned_page_goes_through_character_recognition():
    found = only(PdfReader(), pictured(rest=1), "scan.pdf")
    assert "BELLORGET" in found.rows[0]["text"]
    assert (found.blank, found.units, found.note) == (1, 2, "ocr=1")


@needs_tesseract
def test_a_picture_without_text_is_to_be_looked_at():
    found = only(PdfReader(), pictured(written("0.5 g 50 50 200 200 re f")), "photo.pdf")
    assert [(one.locator, one.reason) for one in found.aside] == [("page 1", Reason.NO_TEXT_FOUND)]


@pytest.mark.usefixtures("_no_tesseract")
def test_a_scanned_page_without_tesseract_says_what_to_install():
    found = only(PdfReader(), pictured(), "scan.pdf")
    assert [(one.locator, one.reason, one.units) for one in found.aside] == [("page 1", Reason.NEEDS_OCR, 1)]


def test_attachments_are_members():
    book = pypdfium2.PdfDocument(written(said("x")))
    book.new_attachment("patients.csv").set_data(b"nom;prenom\nBELLORGET;Odette\n")
    book.new_attachment("../../x").set_data(b"y")
    out = io.BytesIO()
    book.save(out)
    found = {}
    for member in PdfReader().members(source(out.getvalue(), "a.pdf"), Limits()):
        found[member.name] = member.source.open().read()
    assert found == {"a.pdf!patients.csv": b"nom;prenom\nBELLORGET;Odette\n", "a.pdf!../../x": b"y"}


def test_an_encrypted_document_is_said_to_be():
    plain = written(said("x"))
    lock = f"<</Filter/Standard/V 1/R 2/P -4/O<{'41' * 32}>/U<{'42' * 32}>>>"
    data = plain.replace(b"/Root 1 0 R", f"/Root 1 0 R/ID[<00><00>]/Encrypt {lock}".encode())
    assert refused(PdfReader(("colchique",)), data) == Reason.LOCKED


LOOP = [
    "<</Type/Catalog/Pages 2 0 R>>",
    "<</Type/Pages/Count 9/Kids[2 0 R 3 0 R]>>",
    "<</Type/Pages/Parent 2 0 R/Count 9/Kids[2 0 R]>>",
]
MANY = ["<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Count 2000000000/Kids[]>>"]


@pytest.mark.parametrize(
    "data",
    [
        joined(LOOP),
        joined(MANY),
        LETTER.replace(b"startxref", b"startxxxx"),
        LETTER[: len(LETTER) // 2],
        b"%PDF-1.7\n" + b"1 0 obj<<" * 5000,
        b"%PDF-1.7\n" + b"[" * 200_000,
        b"%PDF-1.4\nxref\n0 1\n0000000000 65535 f \ntrailer<</Root 1 0 R/Prev 9>>\nstartxref\n9\n%%EOF",
    ],
)
def test_hostile_documents_end_in_a_reason_or_in_pages(data):
    refusal = None
    try:
        found = only(PdfReader(), data, "a.pdf")
    except Unreadable as fault:
        refusal = fault.reason
    else:
        assert found.units == len(found.rows) + found.blank + len(found.aside)
    assert refusal in (None, Reason.DAMAGED, Reason.TOO_LARGE, Reason.PARSER_DIED)


def test_a_mark_further_on_needs_the_name():
    assert PdfReader().recognises(b"\0" * 20 + LETTER[:100], "a.pdf") > 95
    assert PdfReader().recognises(b"voir le fichier %PDF-1.4", "a.txt") == 0


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, rows=b""):
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def page_as_png():
    picture = pypdfium2.PdfDocument(LETTER)[0].render(scale=2, grayscale=True)
    rows = picture.to_numpy().reshape(picture.height, -1)[:, : picture.width]
    return png(picture.width, picture.height, b"".join(b"\0" + row.tobytes() for row in rows))


def tiff(*sizes):
    """A TIFF whose pages have these sizes and no content."""
    out = bytearray(b"II*\0" + struct.pack("<I", 8))
    for place, (width, height) in enumerate(sizes):
        entries = struct.pack("<HHII", 256, 4, 1, width) + struct.pack("<HHII", 257, 3, 1, height)
        following = len(out) + 2 + len(entries) + 4 if place + 1 < len(sizes) else 0
        out += struct.pack("<H", 2) + entries + struct.pack("<I", following)
    return bytes(out)


JPEG = b"\xff\xd8\xff\xe0\x00\x04ab\xff\xff\xc2\x00\x0b\x08\x01\x2c\x02\x58\x01\x01\x11\x00"


@pytest.mark.parametrize(
    ("data", "sizes"),
    [
        (png(600, 300), [(600, 300)]),
        (JPEG, [(600, 300)]),
        (tiff((600, 300), (10, 20)), [(600, 300), (10, 20)]),
        (b"GIF89a" + struct.pack("<HH", 600, 300), [(600, 300)]),
        (b"BM" + bytes(16) + struct.pack("<ii", 600, -300), [(600, 300)]),
        (
            b"RIFF\0\0\0\0WEBPVP8X" + bytes(8) + (599).to_bytes(3, "little") + (299).to_bytes(3, "little"),
            [(600, 300)],
        ),
        (b"\x89PNG\r\n\x1a\n", []),
        (b"\xff\xd8\xff\xe0\xff", []),
        (b"II*\0\x08\0\0\0", []),
    ],
)
def test_sizes_are_read_from_headers(data, sizes):
    assert pages(data) == sizes


def test_a_tiff_that_runs_in_circles_ends():
    data = bytearray(tiff((6, 3), (1, 2)))
    data[-4:] = struct.pack("<I", 8)
    assert pages(bytes(data)) == [(6, 3), (1, 2)]


@needs_tesseract
def test_a_picture_of_a_page():
    found = only(ImageReader(), page_as_png(), "page.png")
    assert "Madame Odette BELLORGET, née le 02/01/1980" in found.rows[0]["text"]
    assert (found.at, found.counted, found.table.count_method) == (["page 1"], 1, "declared")


@needs_tesseract
def test_a_picture_of_nothing():
    found = only(ImageReader(), png(300, 200, (b"\0" + b"\xc8" * 300) * 200), "photo.png")
    assert [one.reason for one in found.aside] == [Reason.NO_TEXT_FOUND]


def test_too_many_pixels():
    assert refused(ImageReader(), png(100_000, 100_000, b"\0" * 1000)) == Reason.TOO_MANY_PIXELS


@pytest.mark.usefixtures("_no_tesseract")
def test_a_picture_without_tesseract_says_what_to_install():
    assert refused(ImageReader(), png(60, 30)) == Reason.NEEDS_OCR


@needs_tesseract
def test_a_cut_picture_is_damaged_or_without_text():
    data = page_as_png()[:2000]
    with suppress(Unreadable):
        assert not only(ImageReader(), data, "a.png").rows


def endless(count=900_000):
    """What takes a page long to draw, in few octets."""
    packed = zlib.compress(said("x").encode() * count, 9)
    return f"/Length {len(packed)}/Filter/FlateDecode", packed


def with_endless(place, pages):
    """A PDF of so many pages, one of which takes longer than allowed."""
    data = written(*(said(f"page {n + 1}") if n != place else "ENDLESS" for n in range(pages)))
    filters, packed = endless()
    return data.replace(
        b"<</Length 7>>\nstream\nENDLESS\nendstream",
        b"<<" + filters.encode() + b">>\nstream\n" + packed + b"\nendstream",
    )


@pytest.mark.slow
@pytest.mark.parametrize("place", [0, 2, 5])
def test_reading_goes_on_after_a_page_that_stops_the_parser(place):
    with bounded(Bounds(processor=2)):
        table = only(PdfReader(), with_endless(place, 6), "a.pdf")
    assert [row["text"] for row in table.rows] == [f"page {n + 1}" for n in range(6) if n != place]
    assert [(one.locator, one.reason) for one in table.aside] == [(f"page {place + 1}", Reason.PARSER_SLOW)]
    assert table.units == table.counted == 6
