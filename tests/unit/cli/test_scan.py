"""``scan``: what would leak, worst first, what to do; codes that a pipeline can stand on; nothing left behind."""

import json
import re
import zipfile

import pytest

from hemostat.cli import edge
from hemostat.report import scan as report

PEOPLE = (
    "nom;prenom;nss;mdp;remarque\n"
    "GARNIER;Sophie;179046311904245;azerty;patiente séropositive depuis 2009, rappeler\n"
    "PETIT;Paul;288062A04101735;azerty;renouvellement fait, revoir dans trois mois\n"
    "ROYER;Aïcha;196102B03320827;zR7-lune;sort de prison, porte un bracelet électronique\n"
)
PRICES = "reference;libelle;prix\nA1;compresses;12,5\nB2;gants;3,2\n"


@pytest.fixture
def evidence(tmp_path):
    folder = tmp_path / "evidence"
    folder.mkdir()
    (folder / "a-prices.csv").write_text(PRICES, "utf-8")
    (folder / "people.csv").write_text(PEOPLE, "utf-8")
    return folder


def scanned(capfd, *arguments):
    code = edge.run(["--lang", "en", "--quiet", "scan", *map(str, arguments)])
    said = capfd.readouterr()
    return code, said.out, said.err


def test_the_worst_table_comes_first_with_what_to_do(evidence, capfd):
    code, out, _ = scanned(capfd, evidence, "--format", "json")
    found = json.loads(out)
    assert code == 0
    assert [table["name"].rsplit("/", 1)[-1] for table in found["tables"]] == ["people.csv", "a-prices.csv"]
    assert [table["level"] for table in found["tables"]] == [4, 0]
    assert found["tables"][1]["findings"] == []
    by = {f["category"]: f for f in found["tables"][0]["findings"]}
    assert (by["nir"]["valid"], by["nir"]["note"]) == (3, "corsica=2")
    assert by["password"]["note"] == "distinct=2; guessable=2; reused=2"
    assert (by["remark_hiv"]["place"], by["remark_hiv"]["about"]) == ("remarque", "text")
    assert [one["id"] for one in found["advice"]] == ["remarks", "clear_password", "nir", "free_text"]


def test_no_value_leaves(evidence, capfd, tmp_path):
    for kind in ("text", "json", "html"):
        _, out, _ = scanned(capfd, evidence, "--format", kind, "--sheet", tmp_path / "sheet.html")
        told = out + (tmp_path / "sheet.html").read_text("utf-8")
        assert [v for v in ("azerty", "GARNIER", "179046311904245", "rappeler", "lune") if v in told] == []


@pytest.mark.parametrize(
    ("asked", "code"), [("remarks", 1), ("nir", 1), ("remark_hiv", 1), ("iban", 0), ("remark_union", 0)]
)
def test_fail_on(evidence, capfd, asked, code):
    assert scanned(capfd, evidence, "--fail-on", "iban", "--fail-on", asked)[0] == code


def test_an_unknown_category_is_wrong_usage(evidence, capfd):
    code, out, err = scanned(capfd, evidence, "--fail-on", "everything")
    assert (code, out) == (2, "")
    assert "everything" in err


def test_what_cannot_be_read_is_said_and_the_rest_is_told(evidence, capfd):
    (evidence / "b.bin").write_bytes(bytes(range(256)) * 20)
    code, out, err = scanned(capfd, evidence, "--format", "json")
    assert code == 3
    assert len(json.loads(out)["tables"]) == 2
    assert "b.bin" in err


def test_a_missing_file_is_evidence_that_cannot_be_read(evidence, capfd):
    assert scanned(capfd, evidence / "gone.csv")[0] == 3


def test_a_packed_file_leaves_nothing_behind(evidence, capfd, tmp_path):
    with zipfile.ZipFile(evidence / "all.zip", "w") as packed:
        packed.writestr("in/people.csv", PEOPLE)
    before = {path for path in tmp_path.rglob("*") if path.is_file()}
    _, out, _ = scanned(capfd, evidence / "all.zip", "--format", "json")
    assert json.loads(out)["tables"][0]["name"].endswith("all.zip!in/people.csv")
    assert {path for path in tmp_path.rglob("*") if path.is_file()} == before


def test_a_packed_file_and_a_plain_one_say_the_same(evidence, capfd):
    with zipfile.ZipFile(evidence / "all.zip", "w") as packed:
        packed.writestr("people.csv", PEOPLE)
    plain = json.loads(scanned(capfd, evidence / "people.csv", "--format", "json")[1])["tables"][0]
    unpacked = json.loads(scanned(capfd, evidence / "all.zip", "--format", "json")[1])["tables"][0]
    assert {**plain, "name": ""} == {**unpacked, "name": ""}


def test_a_large_file_counted_by_processes_says_the_same(evidence, capfd, monkeypatch):
    here = scanned(capfd, evidence / "people.csv", "--format", "text")
    monkeypatch.setattr("hemostat.cli.scan._LARGE", 1)
    assert scanned(capfd, evidence / "people.csv", "--format", "text") == here


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_the_page_and_the_sheet_ask_for_nothing_outside(evidence, tmp_path, lang):
    out, sheet = tmp_path / "scan.html", tmp_path / "sheet.html"
    assert (
        edge.run(["--lang", lang, "--quiet", "scan", str(evidence), "--out", str(out), "--sheet", str(sheet)])
        == 0
    )
    for page in (out.read_text("utf-8"), sheet.read_text("utf-8")):
        assert f'<html lang="{lang}">' in page
        assert "default-src 'none'" in page
        assert re.findall(r"(?:src|href)=|url\(", page) == []
    theme = report.label("remark_hiv", lang).partition(":")[2].strip()
    assert theme in sheet.read_text("utf-8")


def test_the_page_says_its_figures_in_words_that_agree(evidence, capfd):
    (evidence / "people.csv").write_text(PEOPLE.replace("288062A04101735", "288066304101735"), "utf-8")
    assert edge.run(["--lang", "fr", "--quiet", "scan", str(evidence), "--format", "html"]) == 0
    page = capfd.readouterr().out
    assert re.findall(r'<th role="columnheader"[^>]*>([^<]*)', page)[:6] == [
        "Colonne",
        "Niveau",
        "Ce qui s’y trouve",
        "Valeurs",
        "Vérifiées",
        "Confiance",
    ]
    assert "1 numéro de Corse" in page
    assert "3 lignes" in page
    assert "1 numéros" not in page


def test_a_file_whose_first_row_is_a_person_names_no_one(evidence, capfd):
    (evidence / "people.csv").write_text("\n".join(PEOPLE.splitlines()[1:]) + "\n", "utf-8")
    for kind in ("text", "json", "html"):
        out = scanned(capfd, evidence, "--format", kind)[1]
        assert "179046311904245" not in out


def test_a_name_cannot_turn_the_text_around(evidence, capfd):
    (evidence / "people.csv").rename(evidence / "people\u202evsc.csv")
    for kind in ("text", "json", "html"):
        assert "\u202e" not in scanned(capfd, evidence, "--format", kind)[1]


def test_every_advice_names_known_categories():
    for row in report._advice():
        named = [*row["categories"], *row.get("groups", ())]
        assert named
        assert [name for name in named if not report.known(name)] == []
