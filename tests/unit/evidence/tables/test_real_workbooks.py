"""Workbooks saved by a real LibreOffice: every sheet, hidden ones too, dates, identifiers turned into numbers."""

import datetime as dt
import shutil
import subprocess

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories import csv_text, people
from hemostat.evidence.tables import sheets

needs_soffice = pytest.mark.skipif(
    shutil.which("soffice") is None,
    reason="LibreOffice is not installed: apt-get install libreoffice-calc-nogui",
)
SPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{urn}:1.0"'
    for name, urn in (
        ("office", "office"),
        ("table", "table"),
        ("text", "text"),
        ("style", "style"),
        ("number", "datastyle"),
    )
)


def cell(value):
    if isinstance(value, dt.date):
        return (
            f'<table:table-cell table:style-name="day" office:value-type="date" office:date-value="{value}"/>'
        )
    if isinstance(value, float | int):
        return f'<table:table-cell office:value-type="float" office:value="{value}"/>'
    if value.startswith("="):
        return f'<table:table-cell table:formula="of:{value}" office:value-type="float" office:value="0"/>'
    return f'<table:table-cell office:value-type="string"><text:p>{value}</text:p></table:table-cell>'


def sheet(name, rows, style):
    body = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in rows)
    return f'<table:table table:name="{name}" table:style-name="{style}">{body}</table:table>'


PEOPLE = [("nom", "naissance", "nir", "taille", "double")] + [
    (
        f"NOM{n}",
        dt.date(1950 + n, 1 + n % 12, 1 + n % 28),
        190027511604000 + n,
        round(1.5 + n / 100, 2),
        f"=[.D{n + 2}]*2",
    )
    for n in range(40)
]
FLAT = f"""<?xml version="1.0" encoding="UTF-8"?>
<office:document {SPACES} xmlns:of="urn:oasis:names:tc:opendocument:xmlns:of:1.2"
 office:mimetype="application/vnd.oasis.opendocument.spreadsheet" office:version="1.2">
<office:automatic-styles>
<number:date-style style:name="iso"><number:day number:style="long"/><number:text>/</number:text>
<number:month number:style="long"/><number:text>/</number:text><number:year number:style="long"/></number:date-style>
<style:style style:name="day" style:family="table-cell" style:data-style-name="iso"/>
<style:style style:name="shown" style:family="table"><style:table-properties table:display="true"/></style:style>
<style:style style:name="hidden" style:family="table"><style:table-properties table:display="false"/></style:style>
</office:automatic-styles><office:body><office:spreadsheet>
{sheet("Patients", PEOPLE, "shown")}{sheet("Cachée", PEOPLE[:6], "hidden")}
</office:spreadsheet></office:body></office:document>"""


def saved(folder, path, form):
    """The path of a file that LibreOffice saved in another form."""
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{folder}/out", "--headless", "--convert-to", form,
         "--outdir", folder, path],
        check=True, capture_output=True, timeout=300,
    )  # fmt: skip
    return folder / f"{path.stem}.{form.partition(':')[0]}"


@needs_soffice
@pytest.mark.slow
@pytest.mark.parametrize("form", ["xlsx:Calc MS Excel 2007 XML", "ods:calc8", "xls:MS Excel 97"])
def test_a_workbook_of_libreoffice(ledger, tmp_path, form):
    folder = tmp_path / "evidence"
    folder.mkdir()
    (folder / "b.fods").write_text(FLAT)
    path = saved(folder, folder / "b.fods", form)
    lines = ledger(path)
    assert {
        name.rpartition("#")[2]: (line.records, line.header, line.unexplained) for name, line in lines.items()
    } == {
        "Patients": (40, 1, 0),
        "Cachée": (5, 1, 0),
    }
    assert "hidden=yes" in lines[f"{path}#Cachée"].note
    assert "numbers=yes" in lines[f"{path}#Patients"].note
    rows = lines[f"{path}#Patients"].batches[0].to_pylist()
    assert [(row["nom"], row["naissance"], row["nir"]) for row in rows] == [
        (nom, str(born), str(number)) for nom, born, number, *_ in PEOPLE[1:]
    ]
    assert [(float(row["taille"]), float(row["double"])) for row in rows] == [
        (size, pytest.approx(2 * size)) for _, _, _, size, _ in PEOPLE[1:]
    ]
    assert rows[0]["_locator"] == "row 2"


@needs_soffice
@pytest.mark.slow
def test_the_same_people_in_every_form_are_the_same_cells(ledger, tmp_path):
    folder = tmp_path / "evidence"
    folder.mkdir()
    (folder / "b.fods").write_text(FLAT)
    cells = []
    for form in ("xlsx:Calc MS Excel 2007 XML", "ods:calc8", "xls:MS Excel 97"):
        path = saved(folder, folder / "b.fods", form)
        cells.append(ledger(path)[f"{path}#Patients"].batches[0].drop_columns(["_line"]).to_pylist())
    assert cells[0] == cells[1] == cells[2]


@needs_soffice
@pytest.mark.slow
def test_a_list_printed_to_pdf_is_read_page_by_page(ledger, tmp_path):
    folder = tmp_path / "evidence"
    folder.mkdir()
    (folder / "b.csv").write_text(csv_text(people(200)))
    path = saved(folder, folder / "b.csv", "pdf:calc_pdf_Export")
    (line,) = ledger(path).values()
    assert (line.kind, line.unexplained) == ("pdf", 0)
    assert line.records > 1
    text = "".join(row["text"] for row in line.batches[0].to_pylist())
    assert sum(row[5] in text for row in people(200)) == 200


cells = st.one_of(
    st.none(), st.just(""), st.text(max_size=5), st.booleans(), st.floats(allow_nan=False),
    st.decimals(-9, 9, places=3).map(float),
    st.integers(0, 10**15).map(float), st.dates(), st.datetimes(), st.times(),
)  # fmt: skip


@given(st.one_of(st.lists(cells), *(st.lists(one) for one in cells.element_strategies)))
def test_a_column_says_what_its_cells_say(values):
    assert sheets.column(values).to_pylist() == [sheets.text(value) for value in values]
