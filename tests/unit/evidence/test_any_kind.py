"""Evidence of any kind through the whole program: every file read, named as promised, and adding up."""

import io
import json
import shutil
import subprocess
import tarfile
import zipfile
from pathlib import Path

import psutil
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from factories import HEADINGS, csv_text, people

CORPUS = Path(__file__).parents[2] / "corpus"
ENDINGS = ("docx", "html", "odt", "pdf", "rtf")
ROWS = people(30)
needs_7z = pytest.mark.skipif(
    shutil.which("7z") is None, reason="7z is not installed: apt-get install p7zip-full"
)


def summary(case):
    """The ledger by the names of evidence below the folder, and the containers."""
    told = json.loads((case / "report" / "summary.json").read_text())
    assert all(line["unexplained"] == 0 for line in told["evidence"])
    lines = {line["name"].partition("/evidence/")[2]: line for line in told["evidence"]}
    held = {
        line["name"].partition("/evidence/")[2]: (line["members"], line["read"], line["quarantined"])
        for line in told["containers"]
    }
    return lines, held


def run7z(folder, *words):
    subprocess.run(["7z", "a", *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "evidence").mkdir()
    return tmp_path / "evidence"


def nested(folder):
    """A zip in a 7z in a tar under gzip."""
    with zipfile.ZipFile(folder / "in.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inner/file.csv", csv_text(ROWS))
    run7z(folder, "in.7z", "in.zip")
    with tarfile.open(folder / "outer.tar.gz", "w:gz") as tar:
        tar.add(folder / "in.7z", "dossier/in.7z")
    (folder / "in.7z").unlink()
    (folder / "in.zip").unlink()


@needs_7z
def test_a_folder_of_everything(hemostat, folder, tmp_path, book):
    nested(folder)
    for name in ("box.mbox", "mail.eml", *(f"letter.{ending}" for ending in ENDINGS)):
        shutil.copy(CORPUS / name, folder)
    (folder / "lettre.txt").write_text(
        "Monsieur,\n\nJe vous remercie de m'avoir adressé votre patiente, que vous suivez depuis deux ans.\n"
        "Elle reste joignable au 06 39 98 01 42 pour fixer la date de la prochaine consultation.\n"
    )
    (folder / "note.md").write_text("# À faire\n\n- rappeler odette@example.org\n")
    table = pa.table({name: [row[n] for row in ROWS] for n, name in enumerate(HEADINGS)})
    pq.write_table(table, folder / "p.parquet")
    with pa.ipc.new_file(folder / "p.arrow", table.schema) as out:
        out.write_table(table)
    rows = "".join(
        f'<row r="{n}">' + "".join(f'<c t="inlineStr"><is><t>{cell}</t></is></c>' for cell in row) + "</row>"
        for n, row in enumerate([HEADINGS, *ROWS], 1)
    )
    (folder / "book.xlsx").write_bytes(book(("Sheet1", None, rows)))
    code, out, _ = hemostat("--quiet", "respond", folder, "--case", tmp_path / "case")
    assert code == 0
    lines, held = summary(tmp_path / "case")
    assert {name: (line["kind"], line["units_in"], line["records"]) for name, line in lines.items()} == {
        "book.xlsx#Sheet1": ("xlsx", 31, 30),
        "box.mbox": ("mbox", 3, 3),
        "box.mbox!3/bout.bin!(after member 2)": ("unknown", 1, 0),
        "box.mbox!3/bout.bin!_rels/.rels": ("xml", 1, 0),
        "box.mbox!3/bout.bin!docProps/core.xml": ("unknown", 1, 0),
        "box.mbox!3/part-5.eml": ("mail", 1, 1),
        "box.mbox!3/patiénts.csv": ("csv", 3, 2),
        "letter.docx": ("docx", 1, 1),
        "letter.docx#table 1": ("docx", 4, 3),
        "letter.html": ("html", 1, 1),
        "letter.html#table 1": ("html", 4, 3),
        "letter.odt": ("odt", 1, 1),
        "letter.odt#table 1": ("odt", 4, 3),
        "letter.pdf": ("pdf", 1, 1),
        "letter.rtf": ("rtf", 1, 1),
        "letter.rtf#table 1": ("rtf", 4, 3),
        "lettre.txt": ("text", 1, 1),
        "mail.eml": ("mail", 1, 1),
        "mail.eml!bout.bin!(after member 2)": ("unknown", 1, 0),
        "mail.eml!bout.bin!_rels/.rels": ("xml", 1, 0),
        "mail.eml!bout.bin!docProps/core.xml": ("unknown", 1, 0),
        "mail.eml!part-5.eml": ("mail", 1, 1),
        "mail.eml!patiénts.csv": ("csv", 3, 2),
        "note.md": ("text", 1, 1),
        "outer.tar.gz!dossier/in.7z!in.zip!inner/file.csv": ("csv", 31, 30),
        "p.arrow": ("arrow", 30, 30),
        "p.parquet": ("parquet", 30, 30),
    }
    assert held == {
        "box.mbox": (3, 2, 1),
        "box.mbox!3/bout.bin": (3, 0, 3),
        "mail.eml": (3, 2, 1),
        "mail.eml!bout.bin": (3, 0, 3),
        "outer.tar.gz": (1, 1, 0),
        "outer.tar.gz!dossier/in.7z": (1, 1, 0),
        "outer.tar.gz!dossier/in.7z!in.zip": (1, 1, 0),
    }
    assert str(tmp_path / "case") in out
    out_file = tmp_path / "out" / "findings.json"
    out_file.parent.mkdir()
    assert hemostat("export", tmp_path / "case", "findings", out_file)[0] == 0
    found = {(Path(f["evidence"]).name, f["place"], f["category"]) for f in json.loads(out_file.read_text())}
    assert {
        ("lettre.txt", "text", "phone"),
        ("note.md", "text", "email"),
        ("letter.docx#table 1", "Date de naissance", "birth_date"),
        ("letter.pdf", "text", "medical_comment"),
    } <= found


@needs_7z
def test_passwords_from_the_command_line(hemostat, folder, tmp_path):
    (folder / "a.csv").write_text(csv_text(ROWS))
    run7z(folder, "-pKx9!colchique", "-mem=AES256", "secret.zip", "a.csv")
    (folder / "a.csv").unlink()
    words = tmp_path / "keys" / "words.txt"
    words.parent.mkdir(exist_ok=True)
    case = tmp_path / "case"
    code, _, err = hemostat("respond", folder, "--case", case, "--password-file", words)
    assert (code, case.exists()) == (2, False)
    assert "password" in err
    words.write_text("mauvais\n")
    assert hemostat("respond", folder, "--case", case, "--password-file", words)[0] == 3
    assert "--password-file" in (case / "report" / "report.html").read_text()
    words.write_text("mauvais\r\nKx9!colchique\r\n")
    assert hemostat("add", case, "--password-file", words)[0] == 0
    assert hemostat("analyse", case)[0] == 0
    assert hemostat("report", case)[0] == 0
    lines, held = summary(case)
    assert (lines["secret.zip!a.csv"]["records"], held) == (30, {"secret.zip": (1, 1, 0)})
    titles = [" ".join(child.cmdline()) for child in psutil.Process().children(recursive=True)]
    assert titles
    assert not any("colchique" in title for title in titles)


def test_macros_are_cells_and_nothing_more(hemostat, folder, tmp_path, book):
    data = book(("Feuil1", None, "".join(f"<row r='{n}'><c><v>{n}</v></c></row>" for n in range(1, 5))))
    held = io.BytesIO(data)
    with zipfile.ZipFile(held, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    (folder / "a.xlsm").write_bytes(held.getvalue())
    assert hemostat("--quiet", "respond", folder, "--case", tmp_path / "case")[0] == 0
    lines, _ = summary(tmp_path / "case")
    assert lines["a.xlsm#Feuil1"]["records"] == 4
    assert "macros" in (tmp_path / "case" / "report" / "report.html").read_text()
