"""Cells become lines, lines become files; each row's physical line is known to the truth."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from hemostat.simulate.cells import SHOWN
from hemostat.simulate.draw import Bools, Ints, Rng, put
from hemostat.simulate.sheet import filled

if TYPE_CHECKING:
    from pathlib import Path

    from hemostat.simulate.sheet import Sheet
    from hemostat.simulate.story import Table

_BOM = b"\xef\xbb\xbf"


def show(sheet: Sheet, table: Table, copied: dict[str, tuple[Ints, pl.Series]]) -> pl.DataFrame:
    """All cells of a table as text; which hold a true value goes to ``sheet.present``.

    Args:
        sheet: the rows.
        table: the columns.
        copied: cells taken as they are from another file: by what is shown, the rows and their cells.
    """
    cells: list[pl.Series] = []
    copied_rows = next(iter(copied.values()))[0] if copied else np.zeros(0, dtype=np.int64)
    for column in table.columns:
        values: pl.Series = SHOWN[column.shows](sheet, column).alias(column.heading)
        if column.shows in copied:
            values = put(values, *copied[column.shows])
        elif column.category not in {"internal_id", "password_hash", None}:
            values = put(
                values, copied_rows, pl.Series([None], dtype=pl.String).new_from_index(0, len(copied_rows))
            )
        possible = values.is_not_null().to_numpy()
        if column.once:
            possible &= (sheet.rows["person"].is_first_distinct() & values.is_first_distinct()).to_numpy()
        keep = filled(sheet, column, possible, copied_rows)
        rng = sheet.rng(f"blanks {column.heading}")
        blanks = pl.Series(column.blanks).gather(rng.integers(0, len(column.blanks), sheet.size))
        cells.append(
            pl.select(
                pl.when(pl.Series(keep)).then(values).otherwise(blanks).alias(column.heading)
            ).to_series()
        )
        sheet.present[column.heading] = keep
    return pl.DataFrame(cells)


def delimited(cells: pl.DataFrame, delimiter: str, unescaped: Bools | None = None) -> pl.Series:
    """One text per row, cells quoted where they must be; under ``unescaped`` inner quotes stay single."""
    special = f'[{delimiter}"\n\r]'
    parts = []
    for name in cells.columns:
        cell = pl.col(name)
        doubled = cell.str.replace_all('"', '""', literal=True)
        if unescaped is not None:
            doubled = pl.when(pl.Series(unescaped)).then(cell).otherwise(doubled)
        quoted = pl.lit('"') + doubled + pl.lit('"')
        needs = cells[name].str.contains(special).any()
        parts.append(pl.when(cell.str.contains(special)).then(quoted).otherwise(cell) if needs else cell)
    return cells.select(pl.concat_str(parts, separator=delimiter).alias("line"))["line"]


def objects(cells: pl.DataFrame, present: dict[str, Bools], whole: set[str]) -> pl.Series:
    """One JSON object per row; absent values are null, the columns of ``whole`` are numbers."""
    masked = cells.select(
        pl.when(pl.Series(present[key]))
        .then(pl.col(key).cast(pl.Int64) if key in whole else pl.col(key))
        .alias(key)
        for key in cells.columns
    )
    return masked.select(pl.struct(pl.all()).struct.json_encode().alias("line"))["line"]


def line_numbers(lines: pl.Series, header: int) -> Ints:
    """The 1-based physical line on which each record starts."""
    breaks = lines.str.count_matches("\n", literal=True).to_numpy().astype(np.int64)
    before = np.cumsum(breaks) - breaks
    return np.asarray(header + 1 + np.arange(len(lines)) + before, dtype=np.int64)


def with_broken(rng: Rng, lines: pl.Series, delimiter: str, number: int) -> tuple[pl.Series, Ints]:
    """The lines with ``number`` cut ones in between, and for each line the row it shows (-1 - row where it is cut)."""
    size = len(lines)
    sources = np.arange(size, dtype=np.int64)
    if not number or not size:
        return lines, sources
    plain = np.flatnonzero(~lines.str.contains('"', literal=True).to_numpy())
    cut = rng.choice(plain, min(number, len(plain)), replace=False)
    parts = pl.col("line").str.split(delimiter)
    half = parts.list.head(parts.list.len() // 2).list.join(delimiter)
    kept = lines.gather(cut).to_frame("line").select(half.alias("line"))["line"]
    # After which row the broken line stands.
    after = np.sort(rng.integers(0, size, len(cut)))
    order = np.argsort(np.r_[sources.astype(np.float64), after + 0.5], kind="stable")
    every = pl.concat([lines, kept]).gather(order)
    return every, np.r_[sources, -1 - cut][order]


def write_lines(path: Path, header: str | None, lines: pl.Series, encoding: str, newline: str) -> None:
    """Writes a text file. What the encoding cannot hold becomes a question mark, as real exports do."""
    path.parent.mkdir(parents=True, exist_ok=True)
    codec = "utf-8" if encoding == "utf-8-sig" else encoding
    with path.open("wb") as out:
        if encoding == "utf-8-sig":
            out.write(_BOM)
        if header is not None:
            out.write((header + newline).encode(codec, "replace"))
        if codec == "utf-8":
            lines.to_frame().write_csv(
                out, include_header=False, quote_style="never", line_terminator=newline
            )
            return
        for start in range(0, len(lines), 100_000):
            block = lines.slice(start, 100_000).str.join(newline).item()
            out.write((block + newline).encode(codec, "replace"))
