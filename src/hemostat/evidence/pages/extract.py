"""What is gathered from a document: lines of text, and the tables that are lists of something."""

from __future__ import annotations

from dataclasses import dataclass, field

from hemostat.evidence import headings

Row = list[str]

_MOST_CELLS = 1000
"""Cells of one row; what repeats itself beyond is a spreadsheet's way to fill the screen."""
_LIST = 10
"""So many rows of the same width are a list even without a heading."""
_LEAST_BELOW = 2
_NESTED = 50
"""Tables within tables; what lies deeper is text of the innermost one."""


@dataclass(slots=True)
class Listing:
    """A table with a heading, or long enough to be a list."""

    names: tuple[str, ...]
    rows: list[Row]
    """Its rows without the heading."""
    header: int
    """How many rows the heading and what stands above it take."""


@dataclass(slots=True)
class _Table:
    rows: list[Row] = field(default_factory=list)
    row: Row | None = None
    cell: list[str] | None = None


@dataclass(slots=True)
class Gathered:
    """Takes a document's text and tables in their order, as a parser meets them."""

    lines: list[str] = field(default_factory=list)
    listings: list[Listing] = field(default_factory=list)
    _line: list[str] = field(default_factory=list)
    _tables: list[_Table] = field(default_factory=list)
    _too_deep: int = 0

    @property
    def in_cell(self) -> bool:
        """Whether text goes to a cell."""
        return bool(self._tables) and self._tables[-1].cell is not None

    def text(self, text: str) -> None:
        """Some text of the paragraph or the cell under way."""
        table = self._tables[-1] if self._tables else None
        if table is not None and table.cell is not None:
            table.cell.append(text)
        else:
            self._line.append(text)

    def end_line(self) -> None:
        """The paragraph ends; within a cell, a line of it does."""
        table = self._tables[-1] if self._tables else None
        if table is not None and table.cell is not None:
            if table.cell and table.cell[-1] != "\n":
                table.cell.append("\n")
            return
        line = "".join(self._line).strip()
        self._line.clear()
        if line:
            self.lines.append(line)

    def open_table(self) -> None:
        """A table starts."""
        if len(self._tables) >= _NESTED:
            self._too_deep += 1
            return
        if not self._tables or self._tables[-1].cell is None:
            self.end_line()
        self._tables.append(_Table())

    def open_row(self) -> None:
        """A row starts; the one before ends."""
        self.close_row()
        if self._tables:
            self._tables[-1].row = []

    def open_cell(self) -> None:
        """A cell starts; the one before ends."""
        self.close_cell()
        if self._tables:
            table = self._tables[-1]
            table.row = table.row if table.row is not None else []
            table.cell = []

    def close_cell(self, times: int = 1) -> None:
        """The cell ends; it stands for as many as ``times``."""
        if not self._tables or self._tables[-1].cell is None:
            return
        table = self._tables[-1]
        assert table.row is not None
        assert table.cell is not None
        text = "".join(table.cell).strip()
        room = max(_MOST_CELLS - len(table.row), 0)
        table.row += [text] * min(times, room)
        table.cell = None

    def close_row(self) -> None:
        """The row ends."""
        self.close_cell()
        if self._tables and self._tables[-1].row is not None:
            table = self._tables[-1]
            table.rows.append(table.row or [])
            table.row = None

    def close_table(self) -> None:
        """The table ends: a list of something, or text laid out."""
        if self._too_deep:
            self._too_deep -= 1
            return
        if not self._tables:
            return
        self.close_row()
        rows = [row for row in self._tables.pop().rows if any(row)]
        found = listing(rows)
        if found is not None:
            self.listings.append(found)
            rows = rows[: found.header - 1] if found.header else []
        self.end_line()
        for row in rows:
            self.text("\t".join(" ".join(cell.split()) for cell in row).strip())
            self.end_line()

    def done(self) -> Gathered:
        """Closes whatever the document left open."""
        while self._tables:
            self._too_deep = 0
            self.close_table()
        self.end_line()
        return self


def listing(rows: list[Row]) -> Listing | None:
    """The rows as a list of something; None for rows that only lay out text."""
    width = max((len(row) for row in rows), default=0)
    if width < 2:  # noqa: PLR2004 - one column is text
        return None
    usual = max(map(len, rows[:_LIST]))
    found = headings.find([row + [""] * (usual - len(row)) for row in rows[:40]], usual)
    if found is not None and len(rows) - found - 1 >= _LEAST_BELOW:
        heading = rows[found]
        return Listing(headings.named(heading, width), rows[found + 1 :], found + 1)
    alike = sum(len(row) == width for row in rows)
    if len(rows) >= _LIST and alike >= 0.9 * len(rows):
        return Listing(headings.named([], width), rows, 0)
    return None
