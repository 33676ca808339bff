"""Workbooks: all sheets, all digits, all rows."""

import datetime as dt
import io

import pytest

from hemostat.evidence import Unreadable, registry
from hemostat.evidence.tables import sheets


def row(number, *cells):
    return f'<row r="{number}">' + "".join(cells) + "</row>"


def word(place, value):
    return f'<c r="{place}" t="inlineStr"><is><t>{value}</t></is></c>'


def number(place, value, style=0):
    return f'<c r="{place}" s="{style}"><v>{value}</v></c>'


PEOPLE = row(1, word("A1", "nom"), word("B1", "nir"), word("C1", "naissance")) + "".join(
    row(n, word(f"A{n}", f"N{n}"), number(f"B{n}", "1.90027511604216E+14"), number(f"C{n}", 32874, 1))
    for n in range(2, 30)
)


def test_values_without_damage(read, book):
    [found] = read(book(("Feuil1", None, PEOPLE)), name="b.xlsx")
    assert (found.name, found.kind, found.names) == ("b.xlsx#Feuil1", "xlsx", ["nom", "nir", "naissance"])
    assert found.rows[0] == ["N2", "190027511604216", "1990-01-01"]
    assert (found.at[0], found.at[-1]) == ("row 2", "row 29")
    assert (found.counted, found.units, found.header, len(found.rows)) == (29, 29, 1, 28)


def test_every_sheet_hidden_ones_too_and_said(read, book):
    tables = read(
        book(
            ("A & B", None, PEOPLE),
            ("cachée", "hidden", PEOPLE),
            ("v", "veryHidden", PEOPLE),
            ("vide", None, ""),
        )
    )
    assert [table.name for table in tables] == ["t.csv#A & B", "t.csv#cachée", "t.csv#v", "t.csv#vide"]
    assert ["hidden=yes" in table.note for table in tables] == [False, True, True, False]
    assert [table.counted for table in tables] == [29, 29, 29, 0]


def test_a_table_that_starts_lower_down(read, book):
    text = row(2, word("B2", "Liste du jour")) + row(
        4, word("B4", "nom"), word("C4", "tel"), word("D4", "age")
    )
    text += "".join(
        row(n, word(f"B{n}", f"N{n}"), word(f"C{n}", f"06399801{n:02d}"), number(f"D{n}", n))
        for n in range(5, 40)
    )
    text += row(45, word("B45", "Z"), word("C45", "0639980199"), number("D45", 1.5)) + row(
        60, '<c r="B60" s="1"/>'
    )
    [found] = read(book(("S", None, text)))
    assert found.names == ["nom", "tel", "age"]
    assert (found.out_of_scope, found.header, found.blank, len(found.rows)) == (1, 1, 7, 36)
    assert (found.rows[-1], found.at[-1]) == (["Z", "0639980199", "1.5"], "row 45")
    assert found.counted == found.units == 45


def test_a_reader_that_loses_the_last_row_is_found_out(ledger, tmp_path, book, monkeypatch):
    (tmp_path / "evidence").mkdir()
    path = tmp_path / "evidence" / "b.xlsx"
    path.write_bytes(book(("S", None, PEOPLE)))
    monkeypatch.setattr(registry, "READERS", (sheets.WorkbookReader(),))
    real = sheets.guarded
    monkeypatch.setattr(
        sheets,
        "guarded",
        lambda work, *given: real(work, *given)[:28] if work is list else real(work, *given),
    )
    line = ledger(path)[f"{path}#S"]
    assert (line.method, line.units_in, line.unexplained) == ("independent", 29, 1)


@pytest.mark.parametrize("numbered", [True, False])
@pytest.mark.parametrize("size", [40, 1000, 1 << 20])
def test_the_last_row_with_a_value_is_found_in_any_pieces(monkeypatch, numbered, size):
    monkeypatch.setattr(sheets, "_CHUNK", size)
    monkeypatch.setattr(sheets, "_TAIL", 100)
    value = "<c><v>1</v></c>"
    rows = [value if n in (3, 70) else "<c/>" if n % 2 else '<c t="str"><v></v></c>' for n in range(1, 100)]
    text = "".join(
        f"<row{f' r={chr(34)}{n}{chr(34)}' if numbered else ''}>{row}</row>" for n, row in enumerate(rows, 1)
    )
    assert sheets._last_row(io.BytesIO(f"<sheetData>{text}</sheetData>".encode()), 1 << 30) == 70


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        (None, None), ("", None), (" a ", " a "), (True, "true"), (12.0, "12"), (1.83e14, "183000000000000"),
        (0.1 + 0.2, "0.3"), (12.5, "12.5"), (1e300, "1e+300"), (-0.0, "0"), (7, "7"),
        (dt.datetime.fromisoformat("1990-01-01"), "1990-01-01"),
        (dt.datetime.fromisoformat("1990-01-01T08:30:00"), "1990-01-01T08:30:00"),
        (dt.date(1990, 1, 1), "1990-01-01"), (dt.time(8, 30), "08:30:00"),
    ],
)  # fmt: skip
def test_cells(cell, shown):
    assert sheets.text(cell) == shown


@pytest.mark.parametrize("cut", [300, 900, 1500])
def test_a_damaged_book_is_set_aside(ledger, tmp_path, book, cut):
    (tmp_path / "evidence").mkdir()
    path = tmp_path / "evidence" / "b.xlsx"
    path.write_bytes(book(("S", None, PEOPLE))[:cut])
    [line] = ledger(path).values()
    assert (line.units_in, line.quarantined, line.aside[0][4]) == (1, 1, "damaged")


def test_a_book_too_large_for_memory(read, book):
    with pytest.raises(Unreadable, match="too_large"):
        read(book(("S", None, PEOPLE)), book_bytes=1000)


def test_an_encrypted_book(ledger, tmp_path):
    (tmp_path / "evidence").mkdir()
    path = tmp_path / "evidence" / "b.xlsx"
    stream = "EncryptedPackage".encode("utf-16-le")
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1016) + stream + bytes(2000))
    assert ledger(path)[str(path)].aside[0][4] == "locked"
