"""Rows of one block of delimited text: cut, then settled into records, blank rows, headings and quarantine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as arrow_csv

from hemostat.evidence.delimited import lines, quotes
from hemostat.evidence.reasons import Reason
from hemostat.model import Quarantined

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from hemostat.evidence.base import Limits
    from hemostat.evidence.blocks import Block
    from hemostat.evidence.delimited.dialect import Dialect, Layout

_NULL = "\\N"
"""What MySQL and PostgreSQL write for no value."""
_MARK = "\ufeff"
_TAIL = 4096
"""Octets that are looked at before a whole block is copied."""


@dataclass(slots=True)
class Cut:
    """The rows of a block, as cut."""

    table: pa.Table
    """Rows read fast: as many columns as the dialect has fields."""
    at: npt.NDArray[np.int64]
    """The line of the block, from 0, on which each of them starts."""
    count: npt.NDArray[np.int64]
    """The lines that each of them takes."""
    loose: list[tuple[int, int]]
    """Rows left for the lenient reader: first line, number of lines."""
    blank: int
    """Lines with nothing on them."""
    lines: int
    """Physical lines covered."""


@dataclass(slots=True)
class Settled:
    """The rows of a block, each in its account."""

    rows: pa.Table
    line: npt.NDArray[np.int64]
    """The physical line of the file on which each record starts, from 1."""
    quarantined: tuple[Quarantined, ...] = ()
    blank: int = 0
    header: int = 0
    padded: int = 0
    """Records among ``rows`` that lacked fields."""
    lines: int = 0
    """Physical lines covered."""


def nothing(layout: Layout, *quarantined: Quarantined, lines: int = 0) -> Settled:
    """No record at all."""
    rows = pa.table({name: pa.array([], pa.string()) for name in layout.names})
    return Settled(rows, np.empty(0, np.int64), quarantined, lines=lines)


def together(parts: Sequence[Settled]) -> Settled:
    """The rows of several pieces that follow one another."""
    if len(parts) == 1:
        return parts[0]
    return Settled(
        pa.concat_tables([part.rows for part in parts]),
        np.concatenate([part.line for part in parts]),
        tuple(one for part in parts for one in part.quarantined),
        sum(part.blank for part in parts),
        sum(part.header for part in parts),
        sum(part.padded for part in parts),
        sum(part.lines for part in parts),
    )


def cut_rows(block: Block, layout: Layout, limits: Limits, *, final: bool) -> Cut:
    """The rows of a block. Unless ``final``, a last row that may go on beyond the block is not covered."""
    dialect = layout.dialect
    cut = _line_by_line(block, dialect) or _by_quotes(block, dialect, limits, final=final)
    return _without_odd_quotes(cut, block, dialect)


def _line_by_line(block: Block, dialect: Dialect) -> Cut | None:
    """The rows, if each line is one. No row can hide in such a block: each line end has ended a row."""
    text = block.text
    if dialect.quote and len(block.odd_lines(dialect.quote)) > 1:
        return None  # fields over several lines, most likely
    if dialect.quote and _last_line(text).count(dialect.quote) % 2:
        return None  # open at the end, it swallows nothing that could be missed
    read = _fast(text, dialect)
    if read is None:
        return None
    table, odd = read
    count = block.count_lines()
    if table.num_rows + len(odd) == count:
        filled = np.arange(count)
    else:
        filled = np.flatnonzero([bool(line.strip(b"\r\n")) for line in block.lines()])
    if table.num_rows + len(odd) != len(filled) or _ends_open(table):
        return None
    loose = [(int(filled[row - 1]), 1) for row in odd]
    at = np.delete(filled, [row - 1 for row in odd]) if odd else filled
    return Cut(table, at, np.ones(len(at), np.int64), loose, count - len(filled), count)


def _without_odd_quotes(cut: Cut, block: Block, dialect: Dialect) -> Cut:
    """Sets loose the rows whose quotes are not by the book: the fast reader drops some of their characters."""
    quote = dialect.quote
    if not quote or quote not in block.text or quotes.by_the_book(block, dialect):
        return cut
    unsure = np.flatnonzero(quotes.unsure_rows(block, dialect, cut.at, cut.count))
    mask = np.zeros(len(cut.at), np.bool_)
    for column in cut.table.take(pa.array(unsure)).columns if len(unsure) else ():
        found = pc.match_substring(column, quote.decode())
        mask[unsure] |= pc.fill_null(found, fill_value=False).to_numpy()
    proper, ends = lines.proper(dialect), block.ends()
    for row in np.flatnonzero(mask).tolist():
        first = cut.at[row]
        mask[row] = not proper(block.text[ends[first] : ends[first + cut.count[row]]])
    if mask.any():
        cut.loose = sorted(
            cut.loose + list(zip(cut.at[mask].tolist(), cut.count[mask].tolist(), strict=True))
        )
        cut.table, cut.at, cut.count = cut.table.filter(pa.array(~mask)), cut.at[~mask], cut.count[~mask]
    return cut


def _last_line(text: bytes) -> bytes:
    """The last line that holds something, without its end."""
    text = (
        text[-_TAIL:].rstrip(b"\r\n") if text[-_TAIL:].strip(b"\r\n").count(b"\n") else text.rstrip(b"\r\n")
    )
    return text[max(text.rfind(b"\n"), text.rfind(b"\r")) + 1 :]


def _ends_open(table: pa.Table) -> bool:
    """Whether the last row runs over line ends."""
    last = table.slice(max(table.num_rows - 1, 0)).to_pylist()
    return any(cell and ("\n" in cell or "\r" in cell) for row in last for cell in row.values())


def _by_quotes(block: Block, dialect: Dialect, limits: Limits, *, final: bool) -> Cut:
    """The rows, some of them over several lines or with quotes that do not work out."""
    odd_lines = block.odd_lines(dialect.quote).tolist() if dialect.quote and not dialect.escape else None
    found = lines.extents(block.lines(), dialect, limits, final=final, odd=odd_lines)
    ends = block.ends()
    start, stop = ends[found.first], ends[found.first + found.count]
    blank = np.zeros(len(start), np.bool_)
    for row in np.flatnonzero(stop - start <= len(b"\r\n")).tolist():
        blank[row] = not block.text[start[row] : stop[row]].strip(b"\r\n")
    sure = ~found.doubtful & ~blank
    read = _read_rows(block.text, start, stop, sure, dialect)
    if (
        read is None
    ):  # some even number of quotes makes no sense either: only what is quoted by the book is sure
        proper = lines.proper(dialect)
        for row in np.flatnonzero(sure).tolist():
            sure[row] = proper(block.text[start[row] : stop[row]])
        read = _read_rows(block.text, start, stop, sure, dialect)
    if read is None:
        sure[:] = False
        read = _no_rows(dialect.fields), []
    table, odd = read
    rows = np.flatnonzero(sure)
    sure[rows[[row - 1 for row in odd]]] = False
    left = ~sure & ~blank
    loose = list(zip(found.first[left].tolist(), found.count[left].tolist(), strict=True))
    return Cut(table, found.first[sure], found.count[sure], loose, int(blank.sum()), found.covered)


def _read_rows(
    text: bytes,
    start: npt.NDArray[np.int64],
    stop: npt.NDArray[np.int64],
    sure: npt.NDArray[np.bool_],
    dialect: Dialect,
) -> tuple[pa.Table, list[int]] | None:
    """The sure rows through the fast reader; None if it does not find each of them."""
    bounds = np.flatnonzero(np.diff(sure, prepend=False, append=False)).reshape(-1, 2)
    runs = zip(start[bounds[:, 0]].tolist(), stop[bounds[:, 1] - 1].tolist(), strict=True)
    read = _fast(b"".join(text[first:last] for first, last in runs), dialect)
    return read if read and read[0].num_rows + len(read[1]) == sure.sum() else None


def _fast(text: bytes, dialect: Dialect) -> tuple[pa.Table, list[int]] | None:
    """The rows of the usual width, and the numbers (from 1, blank lines left out) of the others.

    None when the fast reader gives up. ``text`` is UTF-8 (``text.to_utf8``), which is not checked again.
    """
    if not text:
        return _no_rows(dialect.fields), []
    odd: list[int] = []

    def skip(row: arrow_csv.InvalidRow) -> str:
        odd.append(row.number)
        return "skip"

    names = [str(number) for number in range(dialect.fields)]
    try:
        table = arrow_csv.read_csv(
            pa.py_buffer(text),
            read_options=arrow_csv.ReadOptions(
                use_threads=False, column_names=names, block_size=len(text) + 1, encoding="utf8"
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=dialect.delimiter.decode(),
                quote_char=dialect.quote.decode() if dialect.quote else False,
                double_quote=True,
                escape_char=dialect.escape.decode() if dialect.escape else False,
                newlines_in_values=True,
                invalid_row_handler=skip,
            ),
            convert_options=arrow_csv.ConvertOptions(
                check_utf8=False,
                column_types=dict.fromkeys(names, pa.string()),
                strings_can_be_null=True,
                quoted_strings_can_be_null=True,
                null_values=["", _NULL],
            ),
        )
    except pa.ArrowInvalid:
        return None
    return table, odd


def _no_rows(fields: int) -> pa.Table:
    return pa.table({str(number): pa.array([], pa.string()) for number in range(fields)})


def settle(cut: Cut, block: Block, layout: Layout) -> Settled:
    """Every row of a cut in its account."""
    table, at = _as_written(_cleaned(cut.table, block), layout.dialect), cut.at
    heading = _repeated(table, layout)
    blank = _all_null(table)
    surplus = _surplus(table, len(layout.names)) & ~blank
    keep = ~(heading | blank | surplus)
    aside = [(int(line), Reason.TOO_MANY_FIELDS) for line in at[surplus]]
    if not keep.all():
        table, at = table.filter(pa.array(keep)), at[keep]
    table = table.select(range(len(layout.names))) if table.num_columns > len(layout.names) else table
    table = _widened(table, len(layout.names)).rename_columns(layout.names)
    settled = Settled(table, at, (), cut.blank + int(blank.sum()), int(heading.sum()))
    spans = dict(cut.loose)
    if cut.loose:
        aside += _lenient(cut.loose, block, layout, settled)
    settled.quarantined = tuple(
        _quarantined(block, line, spans.get(line, 1), reason) for line, reason in sorted(aside)
    )
    settled.line = settled.line + block.line
    settled.lines = cut.lines
    return settled


def _quarantined(block: Block, line: int, count: int, reason: Reason) -> Quarantined:
    start, end = block.span(line, count)
    place = block.line + line
    return Quarantined(f"line {place} (bytes {start}-{end})", reason, line=place, bytes=end - start)


def _widened(table: pa.Table, width: int) -> pa.Table:
    for number in range(table.num_columns, width):
        table = table.append_column(str(number), pa.nulls(table.num_rows, pa.string()))
    return table


def _cleaned(table: pa.Table, block: Block) -> pa.Table:
    """Without NUL octets, and without byte-order marks that joined files left at the start of a row."""
    if b"\0" in block.text:
        table = pa.table(
            [_emptied(pc.replace_substring(column, "\0", "")) for column in table.columns], table.column_names
        )
    if table.num_columns == 1:  # where a blank line looks like a row
        table = table.set_column(0, "0", _emptied(pc.utf8_trim_whitespace(table.column(0))))
    if b"\xef" in block.text and _MARK.encode() in block.text:
        first = pc.replace_substring_regex(table.column(0), f'^{_MARK}"?([^"]*)"?$', r"\1")
        table = table.set_column(0, table.column_names[0], _emptied(first))
    return table


def _as_written(table: pa.Table, dialect: Dialect) -> pa.Table:
    """With the delimiter as it stood in the file, where it stood within quotes."""
    if not dialect.written:
        return table
    was, now = dialect.delimiter.decode(), dialect.written.decode()
    return pa.table([pc.replace_substring(column, was, now) for column in table.columns], table.column_names)


def _emptied(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.if_else(pc.equal(column, ""), pa.scalar(None, pa.string()), column)


def _all_null(table: pa.Table) -> npt.NDArray[np.bool_]:
    mask = np.ones(table.num_rows, np.bool_)
    for column in sorted(table.columns, key=lambda column: column.null_count):
        if not column.null_count or not mask.any():
            return np.zeros(table.num_rows, np.bool_)
        mask &= column.is_null().to_numpy()
    return mask


def _surplus(table: pa.Table, width: int) -> npt.NDArray[np.bool_]:
    mask = np.zeros(table.num_rows, np.bool_)
    for column in table.columns[width:]:
        if column.null_count < table.num_rows:
            mask |= column.is_valid().to_numpy()
    return mask


def _repeated(table: pa.Table, layout: Layout) -> npt.NDArray[np.bool_]:
    """Which rows repeat the heading, as where exports were joined end to end."""
    mask = np.ones(table.num_rows, np.bool_)
    if layout.heading is None:
        return ~mask
    for column, cell in zip(table.columns, layout.heading, strict=False):
        wanted = _cell(cell)
        same = (
            column.is_null() if wanted is None else pc.fill_null(pc.equal(column, wanted), fill_value=False)
        )
        mask &= same.to_numpy()
        if not mask.any():
            break
    return mask


def _cell(cell: bytes) -> str | None:
    text = cell.decode("utf-8", "replace").replace("\0", "")
    return None if text in ("", _NULL) else text


def _lenient(
    loose: Sequence[tuple[int, int]], block: Block, layout: Layout, settled: Settled
) -> list[tuple[int, Reason]]:
    """Reads the loose rows into ``settled``; gives those that stay aside, with the reason."""
    physical = block.lines()
    heading = [_cell(cell) for cell in layout.heading] if layout.heading is not None else None
    width, written = len(layout.names), layout.dialect.written
    kept: list[list[str | None]] = []
    lines_kept: list[int] = []
    aside: list[tuple[int, Reason]] = []
    for line, count in loose:
        row = lines.without_end(b"".join(physical[line : line + count]))
        split = lines.split(row.removeprefix(_MARK.encode()), layout.dialect)
        cells = [
            _cell(cell.replace(layout.dialect.delimiter, written) if written else cell) for cell in split
        ]
        given = len(cells)
        while cells and cells[-1] is None and len(cells) > 1:
            cells.pop()
        if cells == [None] or not row.strip(b" \t\0\x0b\x0c\x1a"):
            settled.blank += 1
        elif cells == heading:
            settled.header += 1
        elif len(cells) > width:
            aside.append((line, Reason.TOO_MANY_FIELDS))
        elif given < layout.least:
            aside.append((line, Reason.FRAGMENT if given == 1 else Reason.TOO_FEW_FIELDS))
        else:
            settled.padded += len(cells) < width
            kept.append(cells + [None] * (width - len(cells)))
            lines_kept.append(line)
    if kept:
        _merge(settled, kept, lines_kept)
    return aside


def _merge(settled: Settled, kept: Sequence[Sequence[str | None]], at: Sequence[int]) -> None:
    """Puts rows read leniently in their places among the others."""
    columns = [pa.array(column, pa.string()) for column in zip(*kept, strict=True)]
    both = pa.concat_tables([settled.rows, pa.table(columns, settled.rows.column_names)])
    line = np.concatenate([settled.line, np.array(at, np.int64)])
    order = np.argsort(line, kind="stable")
    settled.rows, settled.line = both.take(pa.array(order)), line[order]
