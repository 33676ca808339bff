"""A folder of letters as an office saves them, and of mail, from the files to the report."""

import json
import shutil
import subprocess
from email.message import EmailMessage
from pathlib import Path

import polars as pl
import pytest

import factories

LETTER = """<html><head><meta charset="utf-8"></head><body>
<p>Madame QUENOUILLARD Odile, née le 14/02/1990, téléphone 06 39 98 12 34, vous êtes attendue pour votre asthme.</p>
<p>Compte rendu : Mme Odile QUENOUILLARD se plaint d'une toux. Traitement : Ventoline.</p></body></html>"""


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
def test_people_named_in_documents_are_listed_where_they_stand(tmp_path, hemostat):
    folder = tmp_path / "evidence"
    (folder / "made").mkdir(parents=True)
    (folder / "made" / "letter.html").write_text(LETTER, "utf-8")
    for kind in ("docx:MS Word 2007 XML", "odt:writer8", "pdf:writer_web_pdf_Export", "rtf:Rich Text Format"):
        command = [
            "soffice",
            f"-env:UserInstallation=file://{folder}/profile",
            "--headless",
            "--infilter=HTML (StarWriter)",
        ]
        command += [
            "--convert-to",
            kind,
            "--outdir",
            str(folder / "made"),
            str(folder / "made" / "letter.html"),
        ]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "cabinet@example.org", "odile@example.net", "Votre courrier"
    mail.set_content("Bonjour Madame QUENOUILLARD, voici la liste.")
    mail.add_attachment(factories.csv_text(factories.people(9)).encode(), "text", "csv", filename="liste.csv")
    (folder / "made" / "mail.eml").write_bytes(bytes(mail))
    case = tmp_path / "case"
    assert hemostat("respond", folder / "made", "--case", case)[0] == 0
    (tmp_path / "out").mkdir()
    assert hemostat("export", case, "findings", tmp_path / "out" / "f.parquet")[0] == 0
    found = pl.read_parquet(tmp_path / "out" / "f.parquet").with_columns(
        file=pl.col("evidence").map_elements(lambda name: Path(name).name, return_dtype=pl.String)
    )
    named = found.filter((pl.col("category") == "full_name") & (pl.col("place") == "text"))["file"].to_list()
    assert {"letter.docx", "letter.odt", "letter.pdf", "letter.rtf", "letter.html"} <= set(named)
    called = found.filter((pl.col("category") == "phone") & (pl.col("place") == "text"))["file"].to_list()
    assert set(called) == {f"letter.{kind}" for kind in ("docx", "odt", "pdf", "rtf", "html")}
    summary = json.loads((case / "report" / "summary.json").read_text())
    kinds = {Path(line["name"]).name: line["kind"] for line in summary["evidence"]}
    assert (kinds["letter.pdf"], kinds["letter.rtf"], kinds["mail.eml!liste.csv"]) == ("pdf", "rtf", "csv")
    assert all(line["unexplained"] == 0 for line in summary["evidence"])
    assert summary["persons"]["best"] >= 9
