"""Tables of cells become files of their format, and the truth learns where each row stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from hemostat.simulate import files, mysql
from hemostat.simulate.draw import groups
from hemostat.simulate.mysql import Dump
from hemostat.simulate.workbook import Workbook

if TYPE_CHECKING:
    from pathlib import Path

    from hemostat.simulate.draw import Bools, Ints, Rng
    from hemostat.simulate.sheet import Sheet
    from hemostat.simulate.story import Story, Table
    from hemostat.simulate.truth import TruthBook

_NUMERIC = {"account", "serial_date", "spreadsheet_nir", "income"}
"""What a spreadsheet keeps as a number."""
_ENDING = {"csv": ".csv", "mysqldump": ".sql#patients"}
"""Of the files of tenants that come in several formats."""


class Outputs:
    """The leaked files of one simulation."""

    def __init__(self, folder: Path, story: Story, book: TruthBook) -> None:
        self._folder, self._story, self._book = folder, story, book
        self._dumps: dict[str, Dump] = {}
        self._books: dict[str, Workbook] = {}

    def write(self, table: Table, sheet: Sheet, cells: pl.DataFrame, copies: int) -> None:
        """Writes a table to its file, or one file per tenant, with so many rows copied exactly."""
        rng = sheet.rng("file")
        split = "{}" in table.name
        tenant = sheet.rows["tenant"].to_numpy() if split else np.zeros(sheet.size, dtype=np.int64)
        copied = np.sort(rng.integers(0, max(sheet.size, 1), copies))
        copies_of = dict(groups(tenant[copied]))
        for number, rows_of in groups(tenant):
            again = copied[copies_of.get(number, np.zeros(0, dtype=np.int64))]
            turn = int(rng.integers(0, 1_000_000)) if split else 0
            form = table.formats[number % len(table.formats)]
            name = table.name.format(sheet.tenants[number]) if split else table.name
            name += _ENDING[form] if len(table.formats) > 1 else ""
            rows_in_order = rows_of[_with_copies(rng, rows_of, again)]
            if form == "mysqldump":
                self._dump(table, sheet, cells, name, turn, rows_in_order)
            elif form == "xlsx":
                self._workbook(table, sheet, cells, name, rows_in_order)
            else:
                self._lines(rng, table, sheet, cells, (name, form), turn, rows_in_order)

    def close(self) -> None:
        """Ends the files that hold several tables."""
        for dump in self._dumps.values():
            dump.close()
        for book in self._books.values():
            book.close()

    def _lines(
        self,
        rng: Rng,
        table: Table,
        sheet: Sheet,
        cells: pl.DataFrame,
        what: tuple[str, str],
        turn: int,
        rows_of: Ints,
    ) -> None:
        """A file of lines: delimited text or JSON lines; some lines cut in the middle."""
        name, form = what
        delimiter = table.delimiters[turn % len(table.delimiters)]
        encoding = table.encodings[turn // 7 % len(table.encodings)]
        if form == "jsonl":
            whole = {column.heading for column in table.columns if column.shows == "account"}
            present = {heading: mask[rows_of] for heading, mask in sheet.present.items()}
            header, lines = None, files.objects(cells[rows_of], present, whole)
        else:
            careless = _careless(sheet, table, rows_of)
            header = delimiter.join(column.heading for column in table.columns)
            lines = files.delimited(cells[rows_of], delimiter, careless)
        cut = max(round(table.broken * len(rows_of)), 0 if "{}" in table.name or not table.broken else 1)
        lines, sources = files.with_broken(rng, lines, delimiter, cut)
        starts = files.line_numbers(lines, 0 if header is None else 1)
        files.write_lines(self._folder / name, header, lines, encoding, table.newline)
        broken = sources < 0
        self._book.file(
            name,
            sheet,
            rows_of[np.where(broken, -1 - sources, sources)],
            broken,
            ~lines.is_first_distinct().to_numpy(),
            starts,
        )

    def _dump(
        self, table: Table, sheet: Sheet, cells: pl.DataFrame, name: str, turn: int, rows_of: Ints
    ) -> None:
        """A table of a dump; the file stays open for further tables."""
        path, _, in_dump = name.partition("#")
        encoding = "cp1252" if table.encodings[turn // 7 % len(table.encodings)] == "cp1252" else "utf-8"
        if path not in self._dumps:
            self._dumps[path] = Dump(self._folder / path, self._story.name, encoding, self._story.today)
        present = {heading: mask[rows_of] for heading, mask in sheet.present.items()}
        made = mysql.tuples(cells[rows_of], present, table.columns)
        keyed = table.columns[0].shows == "account" and table.of == "rows"
        key = int(sheet.rows["account"].max() or 0) if keyed else None  # type: ignore[arg-type]
        lines, numbers = self._dumps[path].table(in_dump, table.columns, made, key)
        words = pl.select(pl.format("line {}, tuple {}", pl.Series(lines), pl.Series(numbers)).alias("w"))[
            "w"
        ]
        whole = np.zeros(len(rows_of), dtype=np.bool_)
        self._book.file(name, sheet, rows_of, whole, ~made.is_first_distinct().to_numpy(), lines, words)

    def _workbook(self, table: Table, sheet: Sheet, cells: pl.DataFrame, name: str, rows_of: Ints) -> None:
        """A sheet of a workbook; the file is written when all sheets are known."""
        path, _, title = name.partition("#")
        book = self._books.setdefault(path, Workbook(self._folder / path))
        shown = cells[rows_of]
        numeric = {column.heading for column in table.columns if column.shows in _NUMERIC}
        if (sheet.rows["flaw"].gather(rows_of) == "damaged_nir").fill_null(value=False).any():
            book.sheet(title, shown, numeric)
        else:  # whole numbers of social security are kept as text where nobody damaged them
            book.sheet(
                title, shown, numeric - {c.heading for c in table.columns if c.shows == "spreadsheet_nir"}
            )
        words = pl.select(pl.format("row {}", pl.Series(np.arange(len(rows_of)) + 2)).alias("w"))["w"]
        whole = np.zeros(len(rows_of), dtype=np.bool_)
        self._book.file(name, sheet, rows_of, whole, _repeated(shown), None, words)


def _repeated(cells: pl.DataFrame) -> Bools:
    """Rows that are exactly the same as one above."""
    return np.asarray(
        ~cells.select(pl.struct(pl.all()).is_first_distinct()).to_series().to_numpy(), dtype=np.bool_
    )


def _careless(sheet: Sheet, table: Table, rows_of: Ints) -> Bools | None:
    """Rows whose inner quotes are not doubled."""
    if not table.unescaped:
        return None
    return np.asarray((sheet.rng("quotes").random(sheet.size) < table.unescaped)[rows_of], dtype=np.bool_)


def _with_copies(rng: Rng, rows_of: Ints, again: Ints) -> Ints:
    """Positions in ``rows_of`` in file order: each once, and the copied rows once more somewhere below."""
    size = len(rows_of)
    source = np.searchsorted(rows_of, again)
    place = source + 0.5 + rng.random(len(again)) * (size - source)
    order = np.argsort(np.concatenate([np.arange(size, dtype=np.float64), place]), kind="stable")
    return np.asarray(np.concatenate([np.arange(size), source])[order], dtype=np.int64)
