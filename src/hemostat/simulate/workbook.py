"""Workbooks (xlsx) in as few parts as a spreadsheet accepts: texts inline, numbers as numbers, no styles."""

from __future__ import annotations

import zipfile
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from pathlib import Path

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_MOMENT = (2024, 9, 2, 8, 30, 0)
"""All parts bear one time, so that the same cells give the same bytes."""


@dataclass(slots=True)
class Workbook:
    """One workbook, gathered sheet by sheet and written by ``close``."""

    path: Path
    sheets: list[tuple[str, pl.Series]] = field(default_factory=list)

    def sheet(self, name: str, cells: pl.DataFrame, numeric: set[str]) -> None:
        """Adds a sheet: headings, then rows. Cells of ``numeric`` columns that read as a number become one."""
        letters = [_letter(place) for place in range(cells.width)]
        heading = "".join(
            f'<c r="{letter}1" t="inlineStr"><is><t>{_escaped(text)}</t></is></c>'
            for letter, text in zip(letters, cells.columns, strict=True)
        )
        number = pl.int_range(2, pl.len() + 2).cast(pl.String)
        made = [
            _cell(pl.col(heading_of), letter, number, numeric=heading_of in numeric)
            for heading_of, letter in zip(cells.columns, letters, strict=True)
        ]
        rows = cells.select(
            pl.concat_str([pl.lit('<row r="') + number + pl.lit('">'), *made, pl.lit("</row>")]).alias("row")
        )["row"]
        self.sheets.append((name, pl.concat([pl.Series("row", [f'<row r="1">{heading}</row>']), rows])))

    def close(self) -> None:
        """Writes the file."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        count = range(1, len(self.sheets) + 1)
        parts = "".join(
            f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_KIND}.worksheet+xml"/>'
            for n in count
        )
        sheets = "".join(
            f'<sheet name="{_escaped(name)}" sheetId="{n}" r:id="rId{n}"/>'
            for n, (name, _) in zip(count, self.sheets, strict=True)
        )
        links = "".join(
            f'<Relationship Id="rId{n}" Type="{_LINKS}/worksheet" Target="worksheets/sheet{n}.xml"/>'
            for n in count
        )
        with zipfile.ZipFile(self.path, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as archive:
            _add(
                archive,
                "[Content_Types].xml",
                f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
                f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" '
                f'ContentType="application/xml"/><Override PartName="/xl/workbook.xml" '
                f'ContentType="{_KIND}.sheet.main+xml"/>{parts}</Types>',
            )
            _add(
                archive,
                "_rels/.rels",
                f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="rId1" '
                f'Type="{_LINKS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
            )
            _add(
                archive,
                "xl/workbook.xml",
                f'<workbook xmlns="{_MAIN}" xmlns:r="{_LINKS}"><sheets>{sheets}</sheets></workbook>',
            )
            _add(
                archive,
                "xl/_rels/workbook.xml.rels",
                f'<Relationships xmlns="{_PACKAGE}/relationships">{links}</Relationships>',
            )
            for n, (_, rows) in zip(count, self.sheets, strict=True):
                body = rows.str.join("").item()
                _add(
                    archive,
                    f"xl/worksheets/sheet{n}.xml",
                    f'<worksheet xmlns="{_MAIN}"><sheetData>{body}</sheetData></worksheet>',
                )


def _add(archive: zipfile.ZipFile, name: str, text: str) -> None:
    about = zipfile.ZipInfo(name, _MOMENT)
    about.compress_type = zipfile.ZIP_DEFLATED
    about.external_attr = 0o600 << 16
    archive.writestr(about, (_HEAD + text).encode())


def _cell(cell: pl.Expr, letter: str, number: pl.Expr, *, numeric: bool) -> pl.Expr:
    safe = cell.str.replace_all("&", "&amp;", literal=True).str.replace_all("<", "&lt;", literal=True)
    place = pl.lit(f'<c r="{letter}') + number
    text = place + pl.lit('" t="inlineStr"><is><t xml:space="preserve">') + safe + pl.lit("</t></is></c>")
    if numeric:
        value = place + pl.lit('"><v>') + cell + pl.lit("</v></c>")
        text = pl.when(cell.str.contains(r"^-?\d+(\.\d+)?(E\+\d+)?$")).then(value).otherwise(text)
    return pl.when(cell == "").then(pl.lit("")).otherwise(text)


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


def _letter(place: int) -> str:
    return ("" if place < 26 else _letter(place // 26 - 1)) + chr(ord("A") + place % 26)  # noqa: PLR2004 - letters
