"""Workbooks: every sheet, hidden ones too and said. XLSX, XLSM, XLSB, XLS and ODS by calamine."""

from __future__ import annotations

import datetime as dt
import html
import posixpath
import re
import zipfile
from contextlib import closing
from dataclasses import dataclass, field
from itertools import chain, islice
from operator import itemgetter
from statistics import median
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import python_calamine as calamine

from hemostat.evidence import headings
from hemostat.evidence.base import Batch, Unreadable
from hemostat.evidence.guard import guarded
from hemostat.evidence.naming import Names
from hemostat.evidence.reasons import Reason
from hemostat.model import CountMethod

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hemostat.evidence.base import Limits, Source, TableSource

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_FIRST = re.compile(
    rb"PK\x03\x04.{26}(?:\[Content_Types\]|_rels/|docProps/|customXml/|xl/|mimetype|META-INF/)", re.DOTALL
)
"""What a workbook begins with; an archive that happens to hold workbooks begins otherwise."""
_SAMPLE = 300
_EXACT = 10**18
"""Whole numbers below it are written with all their digits."""
_IDENTIFIER = 10**11
"""Whole numbers from here on were identifiers before the spreadsheet took them for quantities."""
_CELLS = 2_000_000
"""Cells to a batch, at most."""
_LEAST, _MOST = 1e-4, 1e9
"""Numbers that are written without an exponent."""
_DIGITS = 15
"""Significant digits that a spreadsheet shows."""


class WorkbookReader:
    """Spreadsheets, one table to a sheet."""

    kind = "xlsx"
    seeks = True

    def recognises(self, head: bytes, name: str) -> int:
        """By the names of the members, or the streams, that only a workbook has."""
        if head.startswith(b"PK\x03\x04"):
            marks = b"xl/workbook", b"application/vnd.oasis.opendocument.spreadsheet"
            if _FIRST.match(head) and any(mark in head for mark in marks):
                return 95
            return 92 if name.lower().endswith((".xlsx", ".xlsm", ".xlsb", ".ods")) else 0
        if head.startswith(_OLE):
            streams = ("Workbook", "Book", "EncryptedPackage")
            found = any(stream.encode("utf-16-le") in head for stream in streams)
            return 90 if found or name.lower().endswith((".xls", ".xlsx", ".xlsm", ".xlsb")) else 0
        return 0

    def tables(self, source: Source, limits: Limits) -> Iterator[TableSource]:
        """The sheets, in the order of the book; charts and dialogues left out.

        Raises:
            Unreadable: damaged, encrypted, or too large.
        """
        inside = _look_inside(source, limits)
        with source.open() as raw:
            try:
                book = guarded(calamine.CalamineWorkbook.from_filelike, raw)
            except Unreadable as fault:
                raise Unreadable(Reason.ENCRYPTED if _holds(source, _LOCKED) else fault.reason) from None
        with closing(book):
            names = Names()
            for number, about in enumerate(book.sheets_metadata):
                if about.typ == calamine.SheetTypeEnum.WorkSheet:
                    hidden = about.visible != calamine.SheetVisibleEnum.Visible
                    shown = ["hidden=yes"] * hidden + ["macro=yes"] * inside.macros
                    name = f"{source.name}#{names.fresh(about.name)}"
                    last = inside.ends.get(about.name)
                    yield Sheet(name, inside.kind, book, number, ", ".join(shown), last, limits.batch_rows)


_LOCKED = "EncryptedPackage".encode("utf-16-le")
_MACROS = "_VBA_PROJECT".encode("utf-16-le")
"""Names of streams in the directory of a compound file."""


def _holds(source: Source, name: bytes) -> bool:
    """Whether a compound file, of Office 97 or around an encrypted book, has a stream of this name."""
    with source.open() as raw:
        held = raw.read(_CHUNK)
        if not held.startswith(_OLE):
            return False
        while held:
            if name in held:
                return True
            more = raw.read(_CHUNK)
            held = held[-len(name) :] + more if more else b""
    return False


@dataclass(frozen=True, slots=True)
class _Inside:
    """What is known of a book before its reader opens it."""

    kind: str
    macros: bool
    ends: dict[str, int] = field(default_factory=dict)
    """The number of the last row that holds something, by name of sheet; for XLSX only."""


def _look_inside(source: Source, limits: Limits) -> _Inside:
    """What is in a book.

    Raises:
        Unreadable: it would fill more memory than allowed, or is damaged.
    """
    with source.open() as raw:
        if raw.read(4) != b"PK\x03\x04":
            if source.size and source.size > limits.book_bytes:
                raise Unreadable(Reason.TOO_LARGE)
            return _Inside("xls", _holds(source, _MACROS))
        raw.seek(0)
        with closing(guarded(zipfile.ZipFile, raw)) as book:
            unpacked = sum(entry.file_size for entry in book.infolist())
            packed = sum(entry.compress_size for entry in book.infolist())
            if unpacked > limits.book_bytes:
                raise Unreadable(Reason.TOO_LARGE)
            if unpacked > limits.ratio_free and unpacked > limits.ratio * max(packed, 1):
                raise Unreadable(Reason.RATIO)
            names = set(book.namelist())
            macros = any(name.endswith("vbaProject.bin") or name.startswith("Basic/") for name in names)
            if "xl/workbook.xml" in names:
                return _Inside("xlsx", macros, _last_rows(book, limits))
            return _Inside("ods" if "content.xml" in names else "xlsb", macros)


_SHEET = re.compile(rb"<(?:\w+:)?sheet\b[^>]*>")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\b[^>]*>")
_ROW = re.compile(rb"<(?:\w+:)?row\b([^>]*)>|<(?:\w+:)?(?:v|t)(?:\s[^>]*)?>[^<]")
_NUMBER = re.compile(rb"\br=[\"'](\d+)[\"']")
_CHUNK = 8 << 20
_TAIL = 64 << 10
"""Octets at the end of a chunk in which the last value usually lies."""


def _attribute(tag: bytes, name: bytes) -> str:
    found = re.search(rb"[\s:]" + name + rb"\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", tag)
    return html.unescape((found[1] or found[2] or b"").decode("utf-8", "replace")) if found else ""


def _last_rows(book: zipfile.ZipFile, limits: Limits) -> dict[str, int]:
    """The last row with a value in each sheet, counted in the XML and not by the reader of sheets."""
    try:
        workbook = book.read("xl/workbook.xml")
        relations = book.read("xl/_rels/workbook.xml.rels")
    except (KeyError, OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError):
        return {}
    paths = {
        _attribute(tag, b"Id"): posixpath.normpath(posixpath.join("/xl", _attribute(tag, b"Target"))).lstrip(
            "/"
        )
        for tag in _RELATION.findall(relations)
    }
    found = {}
    for tag in _SHEET.findall(workbook):
        path = paths.get(_attribute(tag, b"id"), "")
        try:
            with book.open(path) as raw:
                found[_attribute(tag, b"name")] = _last_row(raw, limits.book_bytes)
        except (KeyError, OSError, EOFError, zipfile.BadZipFile, NotImplementedError, RuntimeError):
            continue
    return found


def _last_row(raw: Any, most: int) -> int:
    """The number of the last row that holds a value, in the XML of a sheet."""
    row = last = 0
    held = b""
    for _ in range(0, most, _CHUNK):
        more = raw.read(_CHUNK)
        data = held + more
        cut = (
            max(data.rfind(b"<"), 0) if more else len(data)
        )  # what follows the last < may go on in the next chunk
        near = max(data.rfind(b"<row ", 0, max(cut - _TAIL, 0)), 0)
        row, found = _last_value(data, near, cut, row)
        if near and not found:  # not in the last rows of the chunk: all of it has to be looked at
            row, found = _last_value(data, 0, cut, row)
        last = found or last
        held = data[cut:]
        if not more:
            break
    return last


def _last_value(data: bytes, start: int, end: int, row: int) -> tuple[int, int]:
    """The number of the last row that begins between two places, and of the last that holds a value (0: none).

    A row without a number has the one after ``row``, the row before it; a look at a part of them must not count so.
    """
    last = 0
    for found in _ROW.finditer(data, start, end):
        if found[1] is None:
            last = row
            continue
        number = _NUMBER.search(found[1])
        if not number and start:
            return row, 0
        row = int(number[1]) if number else row + 1
    return row, last


@dataclass(slots=True)
class Sheet:
    """One sheet of an open workbook as a table; a unit is a row, from the first to the last that holds something."""

    name: str
    kind: str
    book: Any
    number: int
    shown: str
    last_row: int | None
    batch_rows: int
    count_method: str = CountMethod.INDEPENDENT
    seen: list[str] = field(default_factory=list)

    @property
    def note(self) -> str:
        """How it is read, as ``key=value`` (worded in ``reasons``)."""
        return ", ".join(part for part in (self.shown, *self.seen) if part)

    def count_units(self) -> int | None:
        """The number of the last row that holds something, for XLSX."""
        return self.last_row

    def batches(self, resume: dict[str, Any] | None) -> Iterator[Batch]:
        """The rows, in order."""
        sheet = guarded(self.book.get_sheet_by_index, self.number)
        rows = iter(sheet.iter_rows())
        first = guarded(list, islice(rows, _SAMPLE))
        if not first:
            return
        shown = [[text(cell) for cell in row] for row in first]
        width = len(shown[0])
        filled = [sum(cell is not None for cell in row) for row in shown if any(row)]
        usual = int(median(filled)) if filled else width
        found = headings.find([[cell or "" for cell in row] for row in shown], usual)
        heading = shown[found] if found is not None else None
        names = headings.named([cell or "" for cell in heading or ()], width)
        self.seen = [f"columns={width}", f"heading={found + 1 if found is not None else 'no'}"]
        if any(isinstance(cell, float) and _IDENTIFIER <= cell < _EXACT for row in first for cell in row):
            self.seen.append("numbers=yes")
        size = max(min(self.batch_rows, _CELLS // max(width, 1)), 1)
        queue = chain(first, rows)
        place = sum(1 for _ in islice(queue, 0 if resume is None else int(resume["row"])))
        while chunk := guarded(list, islice(queue, size)):
            yield _batch(chunk, place, found or 0, self.last_row, heading, names)
            place += len(chunk)


def _batch(
    rows: Sequence[Sequence[Any]],
    place: int,
    above: int,
    last: int | None,
    heading: Sequence[str | None] | None,
    names: Sequence[str],
) -> Batch:
    """A batch of rows, the first of which has ``place`` rows before it; ``above`` rows of the sheet are preamble.

    Empty rows below the ``last`` one that holds something are no units.
    """
    mixed = max(_SAMPLE - place, 0)  # where headings stand above numbers
    table = pa.concat_tables(
        pa.table([column(list(map(itemgetter(at), part))) for at in range(len(names))], names=list(names))
        for part in (rows[:mixed], rows[mixed:])
        if part
    )
    number = np.arange(place, place + len(rows))
    full = np.zeros(len(rows), np.bool_)
    for cells in table.columns:
        full |= cells.is_valid().to_numpy()
    is_heading = full & (heading is not None)
    for cells, name in zip(table.columns, heading or (), strict=False):
        same = cells.is_null() if name is None else pc.fill_null(pc.equal(cells, name), False)
        is_heading &= same.to_numpy()
    out = full & ~is_heading & (number < above)
    kept = full & ~is_heading & ~out
    empty = ~full if last is None else ~full & (number < last)
    blank = int(empty.sum())
    header, out_of_scope = int(is_heading.sum()), int(out.sum())
    return Batch(
        rows=table if kept.all() else table.filter(pa.array(kept)),
        line=None,
        locator=pa.array([f"row {at + 1}" for at in number[kept].tolist()], pa.string()),
        units=int(kept.sum()) + blank + header + out_of_scope,
        blank=blank,
        header=header,
        out_of_scope=out_of_scope,
        quarantined=(),
        resume={"row": place + len(rows)},
    )


def column(cells: Sequence[Any]) -> pa.Array:
    """A column of cells as text, each as ``text`` would say it."""
    filled = [None if cell == "" else cell for cell in cells]
    kinds = set(map(type, filled)) - {type(None)}
    if str in kinds and len(kinds) > 1:
        words = pa.array([cell if isinstance(cell, str) else None for cell in filled], pa.string())
        return pc.coalesce(words, column([None if isinstance(cell, str) else cell for cell in filled]))
    if kinds <= {str}:
        return pa.array(filled, pa.string())
    if kinds == {float}:
        values = pa.array(filled, pa.float64())
        known = values.is_valid().to_numpy(zero_copy_only=False)
        numbers = values.fill_null(0).to_numpy()
        if ((np.abs(numbers) < _EXACT) & (numbers == np.rint(numbers))).all():
            return pa.array(numbers.astype(np.int64), mask=~known).cast(pa.string())
        if ((np.abs(numbers) >= _LEAST) & (np.abs(numbers) < _MOST) | ~known).all():
            shown = pc.replace_substring_regex(values.cast(pa.string()), r"\.0$", "")
            if (pc.max(pc.utf8_length(shown)).as_py() or 0) <= _DIGITS:
                return shown
        return pa.array([None if cell is None else _number(cell) for cell in filled], pa.string())
    if kinds == {dt.date}:
        return pa.array(filled, pa.date32()).cast(pa.string())
    return pa.array([text(cell) for cell in filled], pa.string())


def text(cell: Any) -> str | None:
    """A cell as text without damage: whole numbers without ``.0``, dates as ISO 8601; nothing for an empty one.

    >>> text(183057505612345.0), text(1.5), text(True)
    ('183057505612345', '1.5', 'true')
    """
    if isinstance(cell, str):
        return cell or None
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return _number(cell)
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat() if cell.time() == dt.time() else cell.isoformat()
    if isinstance(cell, dt.date | dt.time):
        return cell.isoformat()
    return None if cell is None else str(cell)


def _number(value: float) -> str:
    shown = repr(value)
    if len(shown) <= _DIGITS and not shown.endswith(".0"):
        return shown
    if value.is_integer() and abs(value) < _EXACT:
        return str(int(value))
    return shown if sum(char.isdigit() for char in shown) <= _DIGITS + 1 else f"{value:.{_DIGITS}g}"
