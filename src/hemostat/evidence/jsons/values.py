"""Values of a JSON document, a piece of the text at a time: items of a list, members of an object, lines."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from hemostat.evidence.jsons.marks import Marks, balanced, marks
from hemostat.evidence.jsons.tokens import Tokens
from hemostat.evidence.text import to_utf8

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from hemostat.evidence.jsons.marks import Flags, Places
    from hemostat.evidence.reasons import Reason

BLANKS = b" \t\r\n\x1e\x00\xef\xbb\xbf"
"""What may stand around values: blanks, the separator of JSON sequences, NUL, marks left where files were joined."""


class Shape(StrEnum):
    """How the values of a table stand in the text."""

    LIST = "list"
    """Items of a list."""
    MAP = "map"
    """Members of an object, each under its key."""
    SEQUENCE = "sequence"
    """One after the other, with nothing around them."""
    LINES = "lines"
    """One to a line."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a table lies in a document."""

    path: tuple[str, ...]
    """The keys that lead to it."""
    shape: Shape
    start: int
    """Where its first value starts in the file: just after the bracket."""
    end: int | None = None
    """Where the bracket is that ends it, if this is known."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A run of the file that gives no value; it has the number of the one it stands in for."""

    number: int
    start: int
    end: int
    reason: Reason


@dataclass(frozen=True, slots=True)
class Piece:
    """Some values in a row."""

    tokens: Tokens
    wrong: Flags
    """Values that do not close what they open; in ``tokens`` they are blank."""
    number: int
    """The number of the first value, from 1."""
    raw: bytes
    """The same run of the file, as it is."""
    starts: Places
    """Where in ``raw`` each value starts; ``ends`` likewise."""
    ends: Places
    offset: int
    """Where in the file ``raw`` starts."""
    size: Callable[[bytes], int]
    """How many octets of the file a run of ``raw`` stands for."""
    foreign: int
    """Lines that were not UTF-8."""
    lines: Places | None = None
    """The physical line of each value, where values are lines."""

    def __len__(self) -> int:
        return self.tokens.count

    def span(self, value: int) -> tuple[int, int]:
        """Where a value lies in the file, without the blanks around it."""
        start, end = int(self.starts[value]), int(self.ends[value])
        held = self.raw[start:end]
        start += len(held) - len(held.lstrip(BLANKS))
        end -= len(held) - len(held.rstrip(BLANKS))
        first = self.offset + self.size(self.raw[:start])
        return first, first + self.size(self.raw[start : max(end, start)])


def joined(values: Sequence[bytes]) -> tuple[bytes, Places]:
    """The values with commas around them, and where the commas are."""
    text = b"".join([b",", *(part for value in values for part in (value, b","))])
    return text, np.cumsum([0, *(len(value) + 1 for value in values)])


def prepared(values: Sequence[bytes], fallback: str) -> tuple[Tokens, Flags, int]:
    """The tokens of values, which of these were left out as unbalanced, and how many lines were foreign."""
    raw, cuts = joined(values)
    found = marks(raw, cuts)
    right = balanced(found, cuts) if values else np.empty(0, np.bool_)
    if not right.all():
        raw, cuts = joined(
            [value if good else b"" for value, good in zip(values, right.tolist(), strict=True)]
        )
        found = marks(raw, cuts)
    tokens, foreign = decoded(raw, found, cuts, fallback)
    return tokens, ~right, foreign


def decoded(
    raw: bytes, found: Marks, cuts: Places, fallback: str, *, keyed: bool = False
) -> tuple[Tokens, int]:
    """The tokens of balanced values, in UTF-8, and how many lines were foreign. See ``Tokens`` for ``keyed``."""
    text, foreign = to_utf8(raw, fallback)
    if text is not raw:
        moved = marks(text)  # marks are ASCII: there are as many, in the same order
        cuts = moved.at[np.searchsorted(found.at, cuts)]
        found = moved
    return Tokens(text, found, cuts, keyed=keyed), foreign
