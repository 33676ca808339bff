"""Many AuditEvents at once: a server writes events of few shapes, and a shape is one regular expression.

The careful reader (``logs_fhir_event``) reads one event of a shape with a mark in place of each value; where the marks
come out says which group of the expression fills which column. Codes and flags, on which its reading depends, stand
in the expression to the letter, so that both ways of reading give the same.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from itertools import product
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from hemostat.evidence.logs_fhir_event import COLUMNS, SEVERAL, is_event, read_event

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_SHAPES = 24
"""Shapes that are kept; events of others are read one by one."""
_TRIES = 200
"""Events from which a shape may be learnt: a log of a thousand shapes does not cost a thousand expressions."""
_LITERAL = frozenset(("code", "system", "resourceType", "type", "text", "requestor"))
_CHARACTER = rb'[^"\\\x00-\x1f]'
_ANY_TEXT = _CHARACTER + rb"*+(?:\\.[^\"\\\x00-\x1f]*+)*+"
_PLAIN_TEXT = _CHARACTER + rb"++"
_LAST_PART = rb'[^"\\/\x00-\x1f]++'
_NUMBER = rb"-?[0-9][0-9.eE+-]*+"
_BEFORE = rb'[^{"\[]{0,1000}+'
"""What a relay writes before the event: the head of a syslog line."""
_MARK = re.compile("\x00(\\d+)\x00")

Row = tuple[bytes | None, ...]
NOTHING: Row = (None,) * len(COLUMNS)


class _Number(str):
    """A number as written."""

    __slots__ = ()


_decode = json.JSONDecoder(parse_float=_Number, parse_int=_Number).decode


def parse(line: bytes) -> object:
    """What a line holds, a head of syslog left out; None for what is no JSON."""
    start = re.match(_BEFORE, line)
    try:
        return _decode(line[start.end() if start else 0 :].decode("utf-8", "replace").strip())
    except (ValueError, RecursionError):
        return None


def as_row(thing: object) -> Row | None:
    """An event as octets by column; None for what is no event."""
    if not is_event(thing):
        return None
    assert isinstance(thing, dict)
    found = read_event(thing)
    return tuple(found[name].encode("utf-8", "replace") if name in found else None for name in COLUMNS)


@dataclass(frozen=True, slots=True)
class Shape:
    """One shape of event: an expression, and the row that a match of it makes."""

    match: Callable[[bytes], re.Match[bytes] | None]
    row: Callable[[re.Match[bytes]], Row]

    def take(self, lines: Sequence[bytes], left: list[int], rows: dict[int, Row | None]) -> list[int]:
        """Puts the lines of this shape into ``rows``; gives those that are of another."""
        match, row = self.match, self.row
        others = []
        for at in left:
            found = match(lines[at])
            if found:
                rows[at] = row(found)
            else:
                others.append(at)
        return others


@dataclass(slots=True)
class Shapes:
    """Reads lines of JSON, and learns shapes on the way. What is learnt makes it faster and changes no result."""

    known: list[Shape] = field(default_factory=list)
    tries: int = 0

    def read(self, lines: Sequence[bytes], wanted: Sequence[int]) -> tuple[dict[int, Row | None], set[int]]:
        """By line: the event as a row, or None for what is no event; and the lines that are no JSON at all."""
        rows: dict[int, Row | None] = {}
        broken: set[int] = set()
        left = list(wanted)
        for shape in self.known:
            left = shape.take(lines, left, rows)
        place = 0
        while place < len(left):
            at = left[place]
            place += 1
            thing = parse(lines[at])
            row = rows[at] = as_row(thing)
            if thing is None:
                broken.add(at)
            if row and self.tries < _TRIES and len(self.known) < _SHAPES:
                self.tries += 1
                shape_or_none = learn(lines[at], thing, row)
                if shape_or_none:
                    self.known.append(shape_or_none)
                    left = shape_or_none.take(lines, left[place:], rows)
                    place = 0
        return rows, broken


def learn(line: bytes, thing: Any, row: Row) -> Shape | None:
    """The shape of an event, when its text and its reading can be put as one expression."""
    marked, values = _marked(thing)
    said = read_event(marked)
    places = {value: number for number, value in enumerate(values)}
    sources: list[tuple[int | bytes, ...]] = []
    for name in COLUMNS:
        parts = said[name].split(SEVERAL) if name in said else []
        if any("\x00" in part and part not in places for part in parts):
            return None
        sources.append(tuple(places[part] if part in places else part.encode() for part in parts))
    used = sorted({part for parts in sources for part in parts if isinstance(part, int)})
    make = _row_maker(sources, {number: group for group, number in enumerate(used)})
    for separators, ascii_only in product(((",", ":"), (", ", ": ")), (False, True)):
        pattern = _BEFORE + _Writer(separators, ascii_only, frozenset(used)).expression(marked) + rb"\s*+"
        shape = Shape(re.compile(pattern).fullmatch, make)
        found = shape.match(line)
        if found and shape.row(found) == row:
            return shape
    return None


def _marked(thing: object) -> tuple[Any, list[str]]:
    """The event with a mark for each value on which its reading does not depend, and the marked values."""
    values: list[str] = []

    def walk(one: object, key: str) -> object:
        if isinstance(one, dict):
            return {name: walk(inner, name) for name, inner in one.items()}
        if isinstance(one, list):
            return [walk(inner, key) for inner in one]
        number = isinstance(one, _Number)
        if not isinstance(one, str) or not one or (key in _LITERAL and not number):
            return one
        before = one[: one.rfind("/") + 1] if key == "reference" else ""
        mark = f"{before}\x00{len(values)}\x00"
        values.append(mark)
        return _Number(mark) if number else mark

    return walk(thing, ""), values


def _row_maker(
    sources: list[tuple[int | bytes, ...]], groups: dict[int, int]
) -> Callable[[re.Match[bytes]], Row]:
    """What turns a match into a row: groups and fixed values in the order of the columns."""
    fixed: list[bytes | None] = [None]
    order = []
    several: dict[int, tuple[int, ...]] = {}
    for column, parts in enumerate(sources):
        chosen = []
        for part in parts:
            if isinstance(part, int):
                chosen.append(groups[part])
            else:
                chosen.append(len(groups) + len(fixed))
                fixed.append(part)
        order.append(chosen[0] if chosen else len(groups))
        if len(chosen) > 1:
            several[column] = tuple(chosen)
    pick, constant = itemgetter(*order), tuple(fixed)
    if not several:
        return lambda found: pick(found.groups() + constant)

    def make(found: re.Match[bytes]) -> Row:
        values = found.groups() + constant
        row = list(pick(values))
        for column, parts in several.items():
            row[column] = SEVERAL.encode().join(dict.fromkeys(values[part] for part in parts))
        return tuple(row)

    return make


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes an event with marks as an expression, in one way of writing JSON."""

    separators: tuple[str, str]
    ascii_only: bool
    used: frozenset[int]

    def expression(self, thing: object) -> bytes:
        """The expression for a piece of the event."""
        comma, colon = (sign.encode() for sign in self.separators)
        if isinstance(thing, dict):
            members = (self._text(name) + colon + self.expression(inner) for name, inner in thing.items())
            return rb"\{" + comma.join(members) + rb"\}"
        if isinstance(thing, list):
            return rb"\[" + comma.join(map(self.expression, thing)) + rb"\]"
        mark = _MARK.search(thing) if isinstance(thing, str) else None
        if mark is None:
            return self._text(thing)
        assert isinstance(thing, str)
        before = self._text(thing[: mark.start()])[1:-1]
        wanted = int(mark[1]) in self.used
        if isinstance(thing, _Number):
            return rb"(" + _NUMBER + rb")" if wanted else _NUMBER
        if wanted:
            return rb'"(' + before + (_LAST_PART if before else _PLAIN_TEXT) + rb')"'
        return rb'"' + before + (_LAST_PART if before else _ANY_TEXT) + rb'"'

    def _text(self, thing: object) -> bytes:
        return re.escape(json.dumps(thing, ensure_ascii=self.ascii_only).encode("utf-8", "replace"))
