"""Hostile evidence of any format through the stage: a reason, a ledger that adds up, nothing outside the case."""

import io
import os
import shutil
import struct
import subprocess
import tarfile
import zipfile
import zlib
from pathlib import Path

import psutil
import pytest

from factories import PLANTED, csv_text, people
from hemostat.evidence import Limits
from hemostat.evidence.isolation import process
from hemostat.evidence.isolation.process import Bounds, bounded

CSV = csv_text(people(20))
CORPUS = Path(__file__).parents[2] / "corpus"
TIGHT = Limits(ratio_free=1 << 20, ratio=100, members=50, depth=3, total_bytes=8 << 20)


@pytest.fixture
def put(tmp_path):
    (tmp_path / "evidence").mkdir()

    def putting(data, name):
        path = tmp_path / "evidence" / name
        path.write_bytes(data)
        return path

    return putting


@pytest.fixture
def hostile(ledger, tmp_path, monkeypatch):
    """Reads evidence under tight limits; checks that every line adds up and nothing was written elsewhere."""

    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")

    def reading(*paths, limits=TIGHT):
        before = {path for path in tmp_path.rglob("*") if "case" not in path.parts}
        lines = ledger(*paths, limits=limits)
        assert {path for path in tmp_path.rglob("*") if "case" not in path.parts} == before
        assert not list((tmp_path / "here").iterdir())
        assert all(line.unexplained == 0 for line in lines.values())
        assert all(name.isprintable() for name in lines)
        return lines

    return reading


def reasons(lines):
    return {
        name.partition("!")[2]: [one[4] for one in line.aside] for name, line in lines.items() if line.aside
    }


def tarred(members, mode="w"):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as tar:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return out.getvalue()


@pytest.mark.parametrize("make", [tarred, lambda members: tarred(members, "w:gz")])
def test_names_that_lead_elsewhere_are_only_names(hostile, put, make):
    names = (
        "../../../dehors.csv",
        "/etc/cron.d/x",
        "C:\\Windows\\x.csv",
        "a\nb\x1b]0;x\x07.csv",
        "." * 200 + "/x.csv",
    )
    lines = hostile(put(make({name: CSV.encode() for name in names}), "a.tar"))
    assert len(lines) == len(names)
    assert {line.records for line in lines.values()} == {20}


def test_links_and_devices_in_a_folder_and_an_archive(hostile, put, tmp_path):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, kind in (("lien", tarfile.SYMTYPE), ("dur", tarfile.LNKTYPE), ("disque", tarfile.BLKTYPE)):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            tar.addfile(info)
    put(out.getvalue(), "a.tar")
    (tmp_path / "evidence" / "b.csv").symlink_to("/etc/passwd")
    os.mkfifo(tmp_path / "evidence" / "tube")
    lines = hostile(tmp_path / "evidence")
    assert sorted(one[4] for line in lines.values() for one in line.aside) == [
        "link", "link", "link", "not_a_file", "not_a_file",
    ]  # fmt: skip


def test_a_bomb_of_archives_in_archives(hostile, put, zipped):
    data = b"0" * (6 << 20)
    for level in range(5):
        data = zipped(
            {f"{level}.{copy}.zip" if level else f"{copy}.txt": data for copy in range(4 if level < 2 else 1)}
        )
    lines = hostile(put(data, "bombe.zip"))
    assert set().union(*reasons(lines).values()) <= {"ratio", "too_large", "too_deep"}
    assert sum(line.records for line in lines.values()) == 0


def test_a_bomb_in_layers_of_formats(hostile, put, tmp_path):
    if shutil.which("7z") is None:
        pytest.skip("7z is not installed: apt-get install p7zip-full")
    (tmp_path / "evidence" / "z.bin").write_bytes(bytes(40 << 20))
    subprocess.run(
        ["7z", "a", "b.7z", "z.bin"], cwd=tmp_path / "evidence", check=True, stdout=subprocess.DEVNULL
    )
    (tmp_path / "evidence" / "z.bin").unlink()
    inner = (tmp_path / "evidence" / "b.7z").read_bytes()
    (tmp_path / "evidence" / "b.7z").unlink()
    lines = hostile(put(tarred({"b.7z": inner, "c.csv": CSV.encode()}, "w:gz"), "a.tgz"))
    assert reasons(lines)["b.7z!z.bin"] == ["ratio"]
    assert [line.records for name, line in lines.items() if name.endswith("c.csv")] == [20]


def test_too_many_members_and_a_budget(hostile, put, zipped):
    lines = hostile(put(tarred({f"{n}.txt": b"x" for n in range(60)}), "a.tar"))
    assert reasons(lines)["(after member 50)"] == ["too_many_members"]
    noise = os.urandom(3 << 20)
    lines = hostile(put(tarred({f"{n}.bin": noise for n in range(5)}), "b.tar"))
    assert "too_large" in reasons(lines)["2.bin"]
    lines = hostile(put(zipped({f"{n}.txt": b"x" for n in range(60)}), "c.zip"))
    assert [[one[4] for one in line.aside] for name, line in lines.items() if name.endswith("c.zip")] == [
        ["too_many_members"]
    ]


LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha ha ha ha">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + ']><w:document xmlns:w="urn:w"><w:p><w:t>&j;</w:t></w:p></w:document>'
)
OUTSIDE = (
    '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    '<w:document xmlns:w="urn:w"><w:p><w:t>&a;</w:t></w:p></w:document>'
)


@pytest.mark.parametrize("xml", [LAUGHS, OUTSIDE], ids=["laughs", "outside"])
@pytest.mark.parametrize("part", ["word/document.xml", "content.xml", "ppt/slides/slide1.xml"])
def test_entities_are_refused(hostile, put, zipped, xml, part):
    first = {"[Content_Types].xml": "<Types/>"} if part != "content.xml" else {"mimetype": MIME}
    (line,) = hostile(put(zipped({**first, part: xml}), "a.docx" if part[0] == "w" else "a.odt")).values()
    assert [one[4] for one in line.aside] == ["damaged"]


MIME = "application/vnd.oasis.opendocument.text"


@pytest.mark.parametrize("xml", [LAUGHS, OUTSIDE], ids=["laughs", "outside"])
def test_entities_in_a_workbook_do_nothing(hostile, put, book, xml):
    made = io.BytesIO(book(("S", None, '<row r="1"><c t="str"><v>x</v></c></row>')))
    out = io.BytesIO()
    with zipfile.ZipFile(made) as before, zipfile.ZipFile(out, "w") as after:
        for name in before.namelist():
            after.writestr(name, xml if name == "xl/worksheets/sheet1.xml" else before.read(name))
    lines = hostile(put(out.getvalue(), "a.xlsx"))
    for line in lines.values():
        assert not any("root:" in str(batch.to_pylist()) for batch in line.batches)


def test_html_fetches_nothing_and_mail_neither(hostile, put):
    page = '<html><script src="http://127.0.0.1:9/x"></script><img src=file:///etc/passwd><p>vu</p></html>'
    message = (
        f"From: a@example.org\r\nTo: b@example.org\r\nSubject: x\r\nContent-Type: text/html\r\n\r\n{page}"
    )
    lines = hostile(put(page.encode(), "a.html"), put(message.encode(), "b.eml"))
    assert [line.batches[0].to_pylist()[0]["text"] for line in lines.values()] == ["vu", "vu"]


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height):
    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    body = zlib.compress(bytes(1 << 20))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def huge_pdf():
    """A PDF of one page of 200 inches with a picture of a billion pixels in it."""
    pixels = zlib.compress(zlib.compress(bytes(1 << 24)))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 14400 14400]/Contents 4 0 R/Resources<</XObject<</I 5 0 R>>>>>>",
        b"<</Length 26>>\nstream\n14400 0 0 14400 0 0 cm /I Do\nendstream",
        b"<</Type/XObject/Subtype/Image/Width 60000/Height 60000/BitsPerComponent 8/ColorSpace/DeviceRGB"
        b"/Filter[/FlateDecode/FlateDecode]/Length %d>>\nstream\n%b\nendstream" % (len(pixels), pixels),
    ]
    out, places = bytearray(b"%PDF-1.7\n"), []
    for number, thing in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%b\nendobj\n" % (number, thing)
    table = len(out)
    out += b"xref\n0 6\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    return bytes(out + b"trailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % table)


def test_a_picture_and_a_pdf_made_to_exhaust_memory(hostile, put):
    lines = hostile(put(png(60_000, 60_000), "a.png"), put(huge_pdf(), "b.pdf"), put(CSV.encode(), "c.csv"))
    assert [one[4] for name, line in lines.items() for one in line.aside if name.endswith("a.png")] == [
        "too_many_pixels"
    ]
    assert [line.records for name, line in lines.items() if name.endswith("c.csv")] == [20]
    assert all(line.aside or line.blank for name, line in lines.items() if name.endswith("b.pdf"))
    assert psutil.Process().memory_info().rss < 1_500_000_000


def test_a_workbook_that_dies_is_quarantined_and_the_rest_goes_on(hostile, put, book):
    rows = "".join(f'<row r="{n}"><c t="str"><v>{n}</v></c></row>' for n in range(1, 300))
    far = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    paths = put(book(("loin", None, far), ("S", None, rows)), "a.xlsx"), put(CSV.encode(), "b.csv")
    with bounded(Bounds(memory=1_200_000_000)):
        lines = hostile(*paths)
    told = {
        name.rpartition("/")[2]: (line.records, [one[4] for one in line.aside])
        for name, line in lines.items()
    }
    assert told["b.csv"] == (20, [])
    assert told["a.xlsx#S"][0] == 299
    assert told["a.xlsx#loin"][1][0] in ("too_much_memory", "parser_died")


def test_a_wrong_check_sum_in_a_7z(hostile, put, tmp_path):
    if shutil.which("7z") is None:
        pytest.skip("7z is not installed: apt-get install p7zip-full")
    folder = tmp_path / "evidence"
    for name in ("a.csv", "b.csv"):
        (folder / name).write_text(CSV * 200)
    subprocess.run(
        ["7z", "a", "-mx0", "-ms=off", "t.7z", "a.csv", "b.csv"],
        cwd=folder,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    data = bytearray((folder / "t.7z").read_bytes())
    data[32 + 1000] ^= 1  # within the first member, which is stored after the header of 32 octets
    for name in ("a.csv", "b.csv", "t.7z"):
        (folder / name).unlink()
    lines = hostile(put(bytes(data), "t.7z"))
    assert "damaged" in str(reasons(lines))
    assert [line.records for name, line in lines.items() if name.endswith("b.csv")] == [4000]


def test_documents_cut_anywhere_add_up(hostile, put):
    paths = []
    for name in (
        "box.mbox",
        "mail.eml",
        *(f"letter.{ending}" for ending in ("docx", "html", "odt", "pdf", "rtf")),
    ):
        data = (CORPUS / name).read_bytes()
        paths += [put(data[: len(data) * share // 100], f"{share}-{name}") for share in (5, 30, 70, 99)]
    lines = hostile(*paths)
    assert all(any(line.startswith(str(path)) for line in lines) for path in paths)


def test_workers_know_no_case_and_no_planted_value(hostile, put, monkeypatch):
    seen = []
    plain = process._environment

    def environment():
        seen.append(plain())
        return plain()

    monkeypatch.setattr(process, "_environment", environment)
    with bounded(Bounds()):
        hostile(put(tarred({f"{PLANTED[0]}.csv": CSV.encode()}), "a.tar"))
        titles = [" ".join(child.cmdline()) for child in psutil.Process().children()]
    assert seen
    assert not any(value in str(seen) + str(titles) for value in (*PLANTED, "case"))
