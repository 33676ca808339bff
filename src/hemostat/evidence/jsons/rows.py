"""Values of a piece told apart: rows, blanks and what is no JSON; and the items of lists within values as rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from hemostat.evidence.jsons.columns import columns
from hemostat.evidence.jsons.marks import marks
from hemostat.evidence.jsons.tokens import Kind, Tokens
from hemostat.evidence.jsons.values import joined
from hemostat.evidence.reasons import Reason
from hemostat.model import Quarantined

if TYPE_CHECKING:
    from hemostat.evidence.jsons.columns import Columns
    from hemostat.evidence.jsons.marks import Flags, Places
    from hemostat.evidence.jsons.values import Piece

ELEMENT = "(element)"
"""The column that tells in which element of the document an item of a list stands."""


@dataclass(slots=True)
class Rows:
    """Rows made of the values of a piece, and the account of the others."""

    table: pa.Table
    locator: pa.StringArray
    line: Places | None = None
    units: int = 0
    blank: int = 0
    header: int = 0
    quarantined: list[Quarantined] = field(default_factory=list)


@dataclass(slots=True)
class Judged:
    """Which values of a piece are rows, and the account of the others."""

    kept: Flags
    quarantined: list[Quarantined]


def judge(piece: Piece) -> Judged:
    """Tells rows from blanks and from what is no JSON."""
    wrong = piece.tokens.wrong() | piece.wrong
    blank = piece.tokens.blank() & ~wrong
    aside = [_aside(piece, value) for value in np.flatnonzero(wrong).tolist()]
    return Judged(~wrong & ~blank, aside)


def _aside(piece: Piece, value: int) -> Quarantined:
    start, end = piece.span(value)
    if piece.lines is not None:
        line = int(piece.lines[value])
        return Quarantined(
            f"line {line} (bytes {start}-{end})", Reason.NOT_JSON, line=line, bytes=end - start
        )
    place = f"element {piece.number + value} (bytes {start}-{end})"
    return Quarantined(place, Reason.ELEMENT_NOT_JSON, bytes=end - start)


def filled(table: pa.Table) -> Flags:
    """Which rows have anything in them."""
    found = np.zeros(table.num_rows, np.bool_)
    for column in sorted(table.columns, key=lambda column: column.null_count):
        if found.all():
            break
        found |= column.is_valid().to_numpy()
    return found


def located(numbers: Places) -> pa.StringArray:
    """``element 5`` for each number."""
    return pc.binary_join_element_wise(pa.scalar("element"), pa.array(numbers).cast(pa.string()), " ")


@dataclass(frozen=True, slots=True)
class Items:
    """The items of the lists under one key of many values."""

    tokens: Tokens
    owner: Places
    """For each item, the place of the value it is in."""
    number: Places
    """Its number within the list, from 1."""
    kept: Flags

    def located(self, first: int) -> pa.StringArray:
        """``element 5.3`` for the third item in element 5, when the first value has the number ``first``."""
        owner = located(self.owner + first)
        return pc.binary_join_element_wise(owner, pa.array(self.number).cast(pa.string()), ".")


def items(tokens: Tokens, kept: Flags, key: str) -> Items:
    """The items of the lists under ``key`` in the values that are kept."""
    known = np.append(kept, [False])
    keys = np.flatnonzero((tokens.kind == Kind.KEY) & (tokens.level == 1) & known[tokens.value])
    lists = keys + 2
    named = pc.equal(tokens.slices(tokens.content[keys]), key).to_numpy(zero_copy_only=False)
    opened = lists[named & (tokens.kind[lists] == Kind.OPEN_LIST) & ~tokens.bare[keys + 1]]
    texts = [text.encode()[1:-1] for text in tokens.spans(opened, tokens.partner[opened]).to_pylist()]
    text, bounds = joined(texts)
    found = Tokens(text, marks(text))
    place = np.searchsorted(bounds, found.at[found.cut[:-1]], "right") - 1
    first = np.flatnonzero(np.diff(place, prepend=-1))
    number = np.arange(len(place)) - np.repeat(first, np.diff(np.append(first, len(place)))) + 1
    return Items(found, tokens.value[opened][place], number, ~found.blank() & ~found.wrong())


def rows_of_items(found: Items, known: Columns, first: int) -> Rows:
    """Items as rows; a column tells the element in which each stands."""
    table = columns(found.tokens, found.kept, known)
    owner = pa.array(found.owner[found.kept] + first).cast(pa.string())
    locator = found.located(first).filter(pa.array(found.kept))
    return Rows(table.append_column(ELEMENT, owner), locator, units=table.num_rows)
