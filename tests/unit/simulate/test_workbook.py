import polars as pl
from python_calamine import CalamineWorkbook

from hemostat.simulate.workbook import Workbook, _letter

CELLS = pl.DataFrame(
    {
        "N°": ["2.70E+14", "1990299A04117", ""],
        "Nom": ["D'Arc & Cie", "<b>", " x "],
        "Né": ["11805", "12/03/47", "-1"],
    }
)


def _written(path, name="Nord"):
    book = Workbook(path)
    book.sheet(name, CELLS, {"N°", "Né"})
    book.sheet("Sud", CELLS.head(1), set())
    book.close()
    return path


def test_a_spreadsheet_reads_what_was_written(tmp_path):
    book = CalamineWorkbook.from_path(_written(tmp_path / "out" / "b.xlsx", "Nord & Est"))
    assert book.sheet_names == ["Nord & Est", "Sud"]
    assert book.get_sheet_by_name("Nord & Est").to_python() == [
        ["N°", "Nom", "Né"],
        [270000000000000.0, "D'Arc & Cie", 11805.0],
        ["1990299A04117", "<b>", "12/03/47"],
        ["", " x ", -1.0],
    ]
    assert book.get_sheet_by_name("Sud").to_python()[1] == ["2.70E+14", "D'Arc & Cie", "11805"]


def test_the_same_cells_give_the_same_bytes(tmp_path):
    first, again = _written(tmp_path / "out" / "a.xlsx"), _written(tmp_path / "out" / "b.xlsx")
    assert first.read_bytes() == again.read_bytes()


def test_letters_of_columns():
    assert [_letter(place) for place in (0, 25, 26, 27, 51, 52, 701, 702)] == [
        "A", "Z", "AA", "AB", "AZ", "BA", "ZZ", "AAA",
    ]  # fmt: skip
