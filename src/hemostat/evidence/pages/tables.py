"""Documents as tables: their text, a row to a document, page or part; and each list in them as a table of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from hemostat.evidence.base import Batch
from hemostat.model import CountMethod

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from hemostat.evidence.base import TableSource
    from hemostat.evidence.pages.extract import Gathered, Listing

TEXT = "text"
_PART = 256 << 10
"""Characters of text to a row, at most: a longer document is cut between its lines."""


@dataclass(slots=True)
class Text:
    """The text of a document."""

    name: str
    kind: str
    parts: Sequence[tuple[str, str]]
    """Place and text of each part."""
    note: str = ""
    count_method: str = CountMethod.INDEPENDENT

    def count_units(self) -> int | None:
        """A document is one unit; of one that is cut into parts, only the reader knows how many."""
        return 1 if len(self.parts) == 1 else None

    def batches(self, resume: dict[str, Any] | None) -> Iterator[Batch]:
        """All parts at once."""
        if resume is None:
            yield texts(self.parts, {})


def texts(parts: Sequence[tuple[str, str]], resume: dict[str, Any]) -> Batch:
    """Places and texts as a batch; those without text are blank."""
    full = [(place, cleaned(text)) for place, text in parts]
    full = [(place, text) for place, text in full if text]
    return Batch(
        rows=pa.table({TEXT: pa.array([text for _, text in full], pa.string())}),
        line=None,
        locator=pa.array([place for place, _ in full], pa.string()),
        units=len(parts),
        blank=len(parts) - len(full),
        header=0,
        out_of_scope=0,
        quarantined=(),
        resume=resume,
    )


def cleaned(text: str) -> str:
    """Text without NUL, halves of characters and outer blanks."""
    plain = text.replace("\0", "").strip()
    try:
        plain.encode()
    except UnicodeEncodeError:
        return plain.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return plain


@dataclass(slots=True)
class Listed:
    """A list in a document."""

    name: str
    kind: str
    listing: Listing
    batch_rows: int
    count_method: str = CountMethod.READER

    @property
    def note(self) -> str:
        """How it is read, as ``key=value`` (worded in ``reasons``)."""
        return f"columns={len(self.listing.names)}, heading={self.listing.header or 'no'}"

    def count_units(self) -> int | None:
        """None: only the reader knows."""
        return None

    def batches(self, resume: dict[str, Any] | None) -> Iterator[Batch]:
        """The rows."""
        start = 0 if resume is None else int(resume["row"])
        rows = self.listing.rows
        while start < len(rows) or resume is None:
            yield self._batch(rows[start : start + self.batch_rows], start)
            start += self.batch_rows
            resume = {}

    def _batch(self, rows: Sequence[Sequence[str]], start: int) -> Batch:
        width = len(self.listing.names)
        cells = [[cleaned(cell) or None for cell in row] + [None] * (width - len(row)) for row in rows]
        full = np.array([any(row) for row in cells], np.bool_)
        columns = [pa.array([row[place] for row in cells], pa.string()) for place in range(width)]
        table = pa.table(columns, list(self.listing.names)).filter(pa.array(full, pa.bool_()))
        numbers = np.flatnonzero(full) + start + self.listing.header + 1
        header = 1 if self.listing.header and not start else 0
        above = max(self.listing.header - 1, 0) if not start else 0
        return Batch(
            rows=table,
            line=None,
            locator=pa.array([f"row {number}" for number in numbers.tolist()], pa.string()),
            units=len(rows) + header + above,
            blank=len(rows) - table.num_rows,
            header=header,
            out_of_scope=above,
            quarantined=(),
            resume={"row": start + len(rows)},
        )


def document(
    name: str, kind: str, gathered: Gathered, batch_rows: int, note: str = ""
) -> Iterator[TableSource]:
    """A document: its text first, then its lists."""
    parts = cut(gathered.lines)
    if len(parts) > 1 or parts[0][1] or not gathered.listings:
        yield Text(name, kind, parts, note)
    for number, listing in enumerate(gathered.listings, 1):
        yield Listed(f"{name}#table {number}", kind, listing, batch_rows)


def cut(lines: Sequence[str]) -> list[tuple[str, str]]:
    """The lines as one text, or in parts when they are many."""
    parts: list[str] = []
    held: list[str] = []
    size = 0
    for line in _short(lines):
        if held and size + len(line) > _PART:
            parts.append("\n".join(held))
            held, size = [], 0
        held.append(line)
        size += len(line) + 1
    parts.append("\n".join(held))
    if len(parts) == 1:
        return [("document", parts[0])]
    return [(f"part {number}", part) for number, part in enumerate(parts, 1)]


def _short(lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        for start in range(0, max(len(line), 1), _PART):
            yield line[start : start + _PART]
