"""How fast workbooks are read, count of rows included; calamine alone, giving rows of Python values, as reference.

Run: python bench/sheets.py [ROWS]. Bar: 1.5 times calamine's own time. The reader is timed in this process, and through
the parsing process as the program runs it; the best of five each.
"""

from __future__ import annotations

import io
import random
import sys
import time
import zipfile
from typing import TYPE_CHECKING

import python_calamine as calamine

from hemostat.evidence.base import Limits, Source
from hemostat.evidence.isolation.process import Isolated
from hemostat.evidence.tables.sheets import WorkbookReader

if TYPE_CHECKING:
    from collections.abc import Callable

    from hemostat.evidence.base import Reader

ROWS = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
BAR = 1.5
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_HEADINGS = ("dossier", "nom", "prenom", "ville", "medecin", "naissance", "nir", "taille", "email")


def workbook(rows: int) -> bytes:
    """A workbook of fictitious people: shared and inline texts, dates, whole and broken numbers."""
    chance = random.Random(7)
    shared = [f"VALEUR{number}" for number in range(5000)]

    def cells(number: int) -> str:
        return "".join(
            [
                f'<c r="A{number}"><v>{number}</v></c>',
                *(f'<c r="{at}{number}" t="s"><v>{chance.randrange(5000)}</v></c>' for at in "BCDE"),
                f'<c r="F{number}" s="1"><v>{20000 + chance.randrange(20000)}</v></c>',
                f'<c r="G{number}"><v>{190027511600000 + chance.randrange(10**8)}</v></c>',
                f'<c r="H{number}"><v>{chance.uniform(0.5, 2):.2f}</v></c>',
                f'<c r="I{number}" t="inlineStr"><is><t>p{number}@example.org</t></is></c>',
            ]
        )

    heading = "".join(f'<c t="inlineStr"><is><t>{name}</t></is></c>' for name in _HEADINGS)
    body = "".join(f'<row r="{number}">{cells(number)}</row>' for number in range(2, rows + 2))
    kinds = (
        ("1", "worksheet", "worksheets/sheet1"),
        ("2", "styles", "styles"),
        ("3", "sharedStrings", "sharedStrings"),
    )
    related = "".join(
        f"<Relationship Id='rId{one}' Type='{_OFFICE}/{kind}' Target='{place}.xml'/>"
        for one, kind, place in kinds
    )
    parts = {
        "[Content_Types].xml": f"<Types xmlns='{_PACKAGE}/content-types'>"
        "<Default Extension='xml' ContentType='application/xml'/></Types>",
        "_rels/.rels": f"<Relationships xmlns='{_PACKAGE}/relationships'><Relationship Id='rId1'"
        f" Type='{_OFFICE}/officeDocument' Target='xl/workbook.xml'/></Relationships>",
        "xl/workbook.xml": f"<workbook xmlns='{_MAIN}' xmlns:r='{_OFFICE}'><sheets>"
        "<sheet name='S' sheetId='1' r:id='rId1'/></sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f"<Relationships xmlns='{_PACKAGE}/relationships'>{related}</Relationships>",
        "xl/styles.xml": f"<styleSheet xmlns='{_MAIN}'><cellXfs><xf numFmtId='0'/><xf numFmtId='14'/></cellXfs>"
        "</styleSheet>",
        "xl/sharedStrings.xml": f"<sst xmlns='{_MAIN}'>{''.join(f'<si><t>{one}</t></si>' for one in shared)}</sst>",
        "xl/worksheets/sheet1.xml": f"<worksheet xmlns='{_MAIN}'><sheetData><row r='1'>{heading}</row>{body}"
        "</sheetData></worksheet>",
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as book:
        for name, text in parts.items():
            book.writestr(name, f'<?xml version="1.0" encoding="UTF-8"?>{text}')
    return out.getvalue()


def best(work: Callable[[], int], clock: Callable[[], float], times: int = 5) -> float:
    """Seconds of the fastest of some runs."""
    found = []
    for _ in range(times):
        began = clock()
        rows = work()
        found.append(clock() - began)
        assert rows == ROWS
    return min(found)


def alone(data: bytes) -> int:
    """The rows, by calamine as it is."""
    book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    return len(book.get_sheet_by_index(0).to_python()) - 1


def through(reader: Reader, data: bytes) -> int:
    """The rows, by a reader of ours, counted independently as well."""
    source = Source("a.xlsx", len(data), lambda: io.BytesIO(data))
    rows = 0
    for table in reader.tables(source, Limits()):
        assert table.count_units() == ROWS + 1
        rows += sum(batch.rows.num_rows for batch in table.batches(None))
    return rows


def main() -> None:
    """Prints the table."""
    data = workbook(ROWS)
    apart = Isolated(WorkbookReader(), "hemostat.evidence.tables.sheets:WorkbookReader")
    through(apart, data)  # starts the parsing process
    print(f"{ROWS} rows of {len(_HEADINGS)} cells, {len(data) / 1e6:.1f} MB")
    here = best(lambda: alone(data), time.process_time)
    ours = best(lambda: through(WorkbookReader(), data), time.process_time)
    print(
        f"on the processor   calamine {here:.3f} s   hemostat {ours:.3f} s   ratio {ours / here:.2f}   bar {BAR}"
    )
    here = best(lambda: alone(data), time.perf_counter)
    ours = best(lambda: through(apart, data), time.perf_counter)
    print(
        f"by the clock       calamine {here:.3f} s   hemostat {ours:.3f} s   ratio {ours / here:.2f}   bar {BAR}"
    )


if __name__ == "__main__":
    main()
