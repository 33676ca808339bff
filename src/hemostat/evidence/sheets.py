"""Workbooks: every sheet, hidden ones too and said. XLSX, XLSM, XLSB, XLS and ODS by calamine."""

from __future__ import annotations

import datetime as dt
import html
import posixpath
import re
import zipfile
from contextlib import closing
from dataclasses import dataclass, field
from itertools import islice
from statistics import median
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import python_calamine as calamine

from hemostat.evidence import headings
from hemostat.evidence.base import Batch, Unreadable
from hemostat.evidence.guard import guarded, guarded_each
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
_EXACT = 10**21
"""Whole numbers below it are written with all their digits."""
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
        kind, ends = _look_inside(source, limits)
        with source.open() as raw:
            try:
                book = guarded(calamine.CalamineWorkbook.from_filelike, raw)
            except Unreadable:
                raise Unreadable(Reason.ENCRYPTED if _is_encrypted(source) else Reason.DAMAGED) from None
        with closing(book):
            names = Names()
            for number, about in enumerate(book.sheets_metadata):
                if about.typ == calamine.SheetTypeEnum.WorkSheet:
                    shown = "" if about.visible == calamine.SheetVisibleEnum.Visible else "hidden=yes"
                    name = f"{source.name}#{names.fresh(about.name)}"
                    yield Sheet(name, kind, book, number, shown, ends.get(about.name), limits.batch_rows)


def _is_encrypted(source: Source) -> bool:
    with source.open() as raw:
        head = raw.read(8 << 20)
    return head.startswith(_OLE) and "EncryptedPackage".encode("utf-16-le") in head


def _look_inside(source: Source, limits: Limits) -> tuple[str, dict[str, int]]:
    """The kind of the book and, for XLSX, the number of the last row that holds something, by name of sheet.

    Raises:
        Unreadable: it would fill more memory than allowed, or is damaged.
    """
    with source.open() as raw:
        if raw.read(4) != b"PK\x03\x04":
            if source.size and source.size > limits.book_bytes:
                raise Unreadable(Reason.TOO_LARGE)
            return "xls", {}
        raw.seek(0)
        with closing(guarded(zipfile.ZipFile, raw)) as book:
            unpacked = sum(entry.file_size for entry in book.infolist())
            packed = sum(entry.compress_size for entry in book.infolist())
            if unpacked > limits.book_bytes:
                raise Unreadable(Reason.TOO_LARGE)
            if unpacked > limits.ratio_free and unpacked > limits.ratio * max(packed, 1):
                raise Unreadable(Reason.RATIO)
            names = set(book.namelist())
            if "xl/workbook.xml" in names:
                return "xlsx", _last_rows(book, limits)
            return ("ods" if "content.xml" in names else "xlsb"), {}


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
        rows = guarded_each(iter(sheet.iter_rows()))
        first = [[text(cell) for cell in row] for row in islice(rows, _SAMPLE)]
        if not first:
            return
        width = len(first[0])
        filled = [sum(cell is not None for cell in row) for row in first if any(row)]
        usual = int(median(filled)) if filled else width
        found = headings.find([[cell or "" for cell in row] for row in first], usual)
        heading = first[found] if found is not None else None
        names = headings.named([cell or "" for cell in heading or ()], width)
        self.seen = [f"columns={width}", f"heading={found + 1 if found is not None else 'no'}"]
        above = found or 0
        done = 0 if resume is None else int(resume["row"])
        place = 0
        queue: Iterator[list[str | None]] = _chained(first, rows)
        for _ in islice(queue, done):
            place += 1
        while chunk := list(islice(queue, self.batch_rows)):
            yield _batch(chunk, place, above, self.last_row, heading, names)
            place += len(chunk)


def _chained(first: Sequence[list[str | None]], rest: Iterator[Sequence[Any]]) -> Iterator[list[str | None]]:
    yield from first
    for row in rest:
        yield [text(cell) for cell in row]


def _batch(
    rows: Sequence[list[str | None]],
    place: int,
    above: int,
    last: int | None,
    heading: list[str | None] | None,
    names: Sequence[str],
) -> Batch:
    """A batch of rows, the first of which has ``place`` rows before it; ``above`` rows of the sheet are preamble.

    Empty rows below the ``last`` one that holds something are no units.
    """
    kept: list[list[str | None]] = []
    numbers: list[str] = []
    blank = header = out_of_scope = 0
    for number, row in enumerate(rows, place):
        if not any(row):
            blank += last is None or number < last
        elif row == heading:
            header += 1
        elif number < above:
            out_of_scope += 1
        else:
            kept.append(row)
            numbers.append(f"row {number + 1}")
    columns = zip(*kept, strict=True) if kept else ([] for _ in names)
    return Batch(
        rows=pa.table([pa.array(column, pa.string()) for column in columns], names=list(names)),
        line=None,
        locator=pa.array(numbers, pa.string()),
        units=len(kept) + blank + header + out_of_scope,
        blank=blank,
        header=header,
        out_of_scope=out_of_scope,
        quarantined=(),
        resume={"row": place + len(rows)},
    )


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
    if value.is_integer() and abs(value) < _EXACT:
        return str(int(value))
    shown = repr(value)
    return shown if sum(char.isdigit() for char in shown) <= _DIGITS + 1 else f"{value:.{_DIGITS}g}"
