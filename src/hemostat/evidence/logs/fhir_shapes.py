"""Many AuditEvents at once: a server writes events of few shapes, and a shape is one regular expression.

The careful reader (``fhir_event``) reads one event of a shape with a mark in place of each value; where the marks
come out says which group of the expression fills which column. Codes and flags, on which its reading depends, stand
in the expression to the letter, so that both ways of reading give the same.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from hemostat.evidence.logs.fhir_event import COLUMNS, SEVERAL, is_event, read_event

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

Row = tuple[str | None, ...]
Groups = tuple[bytes, ...]


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
    """An event as texts by column; None for what is no event."""
    if not is_event(thing):
        return None
    assert isinstance(thing, dict)
    found = read_event(thing)
    return tuple(_sound(found[name]) if name in found else None for name in COLUMNS)


def _sound(text: str) -> str:
    """Without halves of surrogate pairs, which are no characters."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


@dataclass(frozen=True, slots=True)
class Shape:
    """One shape of event."""

    match: Callable[[bytes], re.Match[bytes] | None]
    sources: tuple[tuple[int | str, ...], ...]
    """For each column, the groups of the expression and the fixed texts that fill it; several are patients."""

    def columns(self, found: Sequence[Groups]) -> dict[str, pa.Array]:
        """The columns of some matches."""
        by_group = [pa.array(values, pa.binary()).cast(pa.string()) for values in zip(*found, strict=True)]

        def whole(part: int | str) -> pa.Array:
            return (
                by_group[part]
                if isinstance(part, int)
                else pa.repeat(pa.scalar(part, pa.string()), len(found))
            )

        columns = {}
        for name, parts in zip(COLUMNS, self.sources, strict=True):
            if len(parts) > 1:
                lists = zip(*(whole(part).to_pylist() for part in parts), strict=True)
                columns[name] = pa.array([SEVERAL.join(dict.fromkeys(each)) for each in lists], pa.string())
            else:
                columns[name] = whole(parts[0]) if parts else pa.nulls(len(found), pa.string())
        return columns


@dataclass(frozen=True, slots=True)
class Read:
    """What some lines hold."""

    events: dict[str, pa.Array]
    """By column, in the order of the lines."""
    at: list[int]
    """The line of each event."""
    others: dict[int, bool]
    """The other lines, and whether they are JSON at all."""


@dataclass(slots=True)
class Shapes:
    """Reads lines of JSON, and learns shapes on the way. What is learnt makes it faster and changes no result."""

    known: list[Shape] = field(default_factory=list)
    tries: int = 0

    def read(self, lines: Sequence[bytes], wanted: Sequence[int]) -> Read:
        """The events of the ``wanted`` lines."""
        places: list[int] = []
        parts: list[dict[str, pa.Array]] = []
        others: dict[int, bool] = {}
        rows: list[Row] = []
        alone: list[int] = []

        def take(shape: Shape, left: Sequence[int]) -> Sequence[int]:
            """Takes the lines of a shape; gives those that are of another."""
            found = [shape.match(lines[at]) for at in left]
            groups = [one.groups() for one in found if one]
            if not groups:
                return left
            parts.append(shape.columns(groups))
            if len(groups) == len(left):
                places.extend(left)
                return ()
            places.extend(at for at, one in zip(left, found, strict=True) if one)
            return [at for at, one in zip(left, found, strict=True) if not one]

        left: Sequence[int] = wanted
        for shape in self.known:
            left = take(shape, left)
        done = 0
        while done < len(left):
            at = left[done]
            done += 1
            thing = parse(lines[at])
            row = as_row(thing)
            if row is None:
                others[at] = thing is not None
                continue
            rows.append(row)
            alone.append(at)
            shape_or_none = self._learn(lines[at], thing, row)
            if shape_or_none:
                left, done = take(shape_or_none, left[done:]), 0
        by_column = zip(*rows, strict=True) if rows else ((),) * len(COLUMNS)
        careful = {
            name: pa.array(values, pa.string()) for name, values in zip(COLUMNS, by_column, strict=True)
        }
        table = pa.concat_tables([pa.table(part) for part in (*parts, careful)])
        places += alone
        if len(parts) + bool(rows) > 1:
            order = np.argsort(np.array(places))
            table = table.take(pa.array(order))
            places.sort()
        return Read({name: table[name].combine_chunks() for name in COLUMNS}, places, others)

    def _learn(self, line: bytes, thing: Any, row: Row) -> Shape | None:
        if self.tries >= _TRIES or len(self.known) >= _SHAPES:
            return None
        self.tries += 1
        shape = learn(line, thing, row)
        if shape:
            self.known.append(shape)
        return shape


def learn(line: bytes, thing: Any, row: Row) -> Shape | None:
    """The shape of an event, when its text and its reading can be put as one expression."""
    marked, values = _marked(thing)
    said = read_event(marked)
    places = {value: number for number, value in enumerate(values)}
    sources: list[tuple[int | str, ...]] = []
    for name in COLUMNS:
        parts = said[name].split(SEVERAL) if name in said else []
        if any("\x00" in part and part not in places for part in parts):
            return None
        sources.append(tuple(places.get(part, part) for part in parts))
    used = sorted({part for parts in sources for part in parts if isinstance(part, int)})
    group = {number: place for place, number in enumerate(used)}
    filled = tuple(
        tuple(group[part] if isinstance(part, int) else part for part in parts) for parts in sources
    )
    for separators, ascii_only in product(((",", ":"), (", ", ": ")), (False, True)):
        pattern = _BEFORE + _Writer(separators, ascii_only, frozenset(used)).expression(marked) + rb"\s*+"
        shape = Shape(re.compile(pattern).fullmatch, filled)
        found = shape.match(line)
        if found and tuple(column[0].as_py() for column in shape.columns([found.groups()]).values()) == row:
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
