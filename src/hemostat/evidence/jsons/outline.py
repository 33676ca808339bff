"""Where the tables of a JSON document lie: its lists of objects, and objects that are lists under another form.

Follows the objects of the document from the root on, and passes over lists without looking into them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from hemostat.evidence.jsons.marks import CLOSE_LIST, CLOSE_OBJECT, marks
from hemostat.evidence.jsons.values import BLANKS, Place, Shape
from hemostat.evidence.jsons.walk import pass_over

if TYPE_CHECKING:
    from hemostat.evidence.base import Limits
    from hemostat.evidence.text import TextStream

_CHUNK = 1 << 20
_SMALL = 64 << 10
"""A list of plain values up to this size stays within its row."""
_DEPTH = 6
_TABLES = 1000
_MEMBERS = 20
"""So many members, all objects and all alike, make an object a list under another form."""
SAMPLE = 256 << 10
"""Octets of a table that are looked at to know what it is about."""

_MEMBER = re.compile(rb'[\s,]*+"((?:[^"\\]|\\.)*+)"\s*+:\s*+(?=[^\s])')
_END = re.compile(rb"[\s,]*+\}")
_TEXT = re.compile(rb'"(?:[^"\\]|\\.)*+"')
_BARE = re.compile(rb"[^,}\]\s]++(?=\s*+[,}])")
_KEYS = re.compile(rb'"((?:[^"\\]|\\.){1,60})"\s*:')
_PERSON = re.compile(rb"prenom|firstname|givenname|naissance|birth|dob|ddn|secu|ssn|nss|\Anir\Z|\Ains\Z")
"""Keys, letters alone and small, that say that an object is about a person."""


@dataclass(frozen=True, slots=True)
class Found:
    """A table found, and how its text begins."""

    place: Place
    sample: bytes


@dataclass(slots=True)
class Outline:
    """The tables of a document whose root is an object, and what is left of it without them."""

    tables: list[Found] = field(default_factory=list)
    rest: bytes | None = None
    """The document with ``null`` for each table; None when it is too large to be one row."""
    torn: bool = False
    """Whether the document ends before its root does."""
    end: int = 0
    """Where in the file the outline ends: after the root, or where nothing could be made of it."""
    followed: bool = False
    """Whether something comes after the root."""


def bears_person(text: bytes) -> bool:
    """Whether the keys in a sample say that it is about persons."""
    return any(_PERSON.search(re.sub(rb"[^a-z]", b"", key.lower())) for key in set(_KEYS.findall(text)))


def outline(stream: TextStream, offset: int, limits: Limits) -> Outline:
    """The outline of the object at the beginning of a stream, which is at ``offset`` in the file."""
    return _Scan(stream, offset, limits).run()


@dataclass(slots=True)
class _Frame:
    """An object on the way."""

    path: tuple[str, ...]
    start: int
    """Where its members start in the file."""
    kept: int
    """How long ``rest`` was before it."""
    tables: int
    """How many tables were found before it."""
    keys: set[str] = field(default_factory=set)
    members: int = 0
    objects: int = 0
    common: set[str] | None = None
    """Keys that all its members have that are objects."""
    widest: int = 0

    def is_list(self) -> bool:
        """Whether its members are alike, as the items of a list are, and its keys are no words."""
        if self.objects < max(self.members, 2) or not self.common or len(self.common) * 2 < self.widest:
            return False
        ids = sum(any(char.isdigit() for char in key) or len(key) >= _MEMBERS for key in self.keys)
        return self.members >= _MEMBERS or ids * 2 > len(self.keys)


class _Scan:
    def __init__(self, stream: TextStream, offset: int, limits: Limits) -> None:
        self._stream = stream
        self._offset = offset
        """Where in the file ``held`` starts."""
        self._limits = limits
        self._held = b""
        self._place = 0
        self._ended = False
        self._found = Outline()
        self._rest = bytearray()
        self._frames: list[_Frame] = []
        self._safe = (0, 0)
        """How much of ``rest`` is whole members, and how many objects are open there."""

    def run(self) -> Outline:
        found = self._found
        self._fill(_CHUNK)
        self._place = self._held.find(b"{")
        self._push(())
        while self._frames and not found.torn:
            found.torn = not self._member()
        if found.torn:
            self._rest = self._rest[: self._safe[0]] + b"}" * self._safe[1]
        else:
            found.followed = self._something_follows()
        found.rest = bytes(self._rest) if len(self._rest) <= self._limits.block_most else None
        found.end = self._here()
        return found

    def _member(self) -> bool:
        """Reads the next member of the innermost object, or its end; false when there is neither."""
        frame = self._frames[-1]
        if frame.members == _MEMBERS and frame.is_list():
            return self._pop_list()
        member = self._match(_MEMBER)
        if member is None:
            if not self._match(_END):
                return False
            self._pop()
            return True
        frame.members += 1
        key = member[1].decode("utf-8", "replace")
        if len(frame.keys) < _MEMBERS:
            frame.keys.add(key)
        self._keep(b"," if frame.members > 1 else b"", b'"', member[1], b'":')
        return self._value((*frame.path, key))

    def _value(self, path: tuple[str, ...]) -> bool:
        sign = self._held[self._place : self._place + 1]
        if sign == b"{" and len(path) <= _DEPTH:
            self._push(path)
            return True
        if sign in (b"[", b"{"):
            return self._bracket(path, sign)
        value = self._match(_TEXT if sign == b'"' else _BARE)
        if value is None:
            return False
        self._keep(value[0])
        self._whole_member()
        return True

    def _bracket(self, path: tuple[str, ...], sign: bytes) -> bool:
        """A list, or an object too deep to be followed: kept if small and plain, else a table."""
        start = self._here() + 1
        is_list = sign == b"["
        closing = CLOSE_LIST if is_list else CLOSE_OBJECT
        size = self._small_size(closing)
        inner = self._held[self._place + 1 : self._place + 1 + SAMPLE]
        plain = not is_list or not inner.lstrip(BLANKS).startswith(b"{")
        if size is not None and (plain or len(self._found.tables) >= _TABLES):
            self._keep(self._held[self._place : self._place + size])
            self._place += size
            self._whole_member()
            return True
        self._fill(SAMPLE)
        sample = self._held[self._place + 1 : self._place + 1 + SAMPLE]
        shape = Shape.LIST if is_list else Shape.MAP
        self._keep(b"null")
        self._whole_member()
        whole = self._pass_over(closing)
        self._found.tables.append(Found(Place(path, shape, start, self._offset if whole else None), sample))
        return whole

    def _small_size(self, closing: int) -> int | None:
        """Octets of a bracket that ends soon."""
        self._fill(_SMALL)
        for size in (1 << 10, _SMALL):
            found = marks(self._held[self._place + 1 : self._place + size])
            ends = np.flatnonzero(found.level < 0)
            if len(ends):
                return int(found.at[ends[0]]) + 2 if found.sign[ends[0]] == closing else None
        return None

    def _pass_over(self, closing: int) -> bool:
        """Goes on after the bracket that is open here, or just inside it."""
        inside = self._held[self._place : self._place + 1] in (b"[", b"{")
        start = self._here() + inside
        passed = pass_over(self._stream, self._held[self._place + inside :], closing, commas=False)
        if passed is None:
            self._ended, self._held, self._place = True, b"", 0
            return False
        self._offset, self._held, self._place = start + passed[0], passed[1], 1
        return True

    def _push(self, path: tuple[str, ...]) -> None:
        self._place += 1
        self._frames.append(_Frame(path, self._here(), len(self._rest), len(self._found.tables)))
        self._keep(b"{")

    def _pop(self) -> None:
        frame = self._frames.pop()
        if frame.is_list():
            self._is_table(frame, self._here() - self._stream.raw_size(b"}"))
        else:
            self._keep(b"}")
        self._after(frame)

    def _pop_list(self) -> bool:
        frame = self._frames.pop()
        whole = self._pass_over(CLOSE_OBJECT)
        self._is_table(frame, self._offset if whole else None)
        self._after(frame)
        return whole

    def _is_table(self, frame: _Frame, end: int | None) -> None:
        del self._found.tables[frame.tables :]
        sample = bytes(self._rest[frame.kept + 1 : frame.kept + SAMPLE])
        self._found.tables.append(Found(Place(frame.path, Shape.MAP, frame.start, end), sample))
        del self._rest[frame.kept :]
        self._keep(b"null")

    def _after(self, frame: _Frame) -> None:
        """What the object around learns from an object that has ended."""
        if self._frames:
            outer = self._frames[-1]
            outer.objects += 1
            outer.common = frame.keys if outer.common is None else outer.common & frame.keys
            outer.widest = max(outer.widest, len(frame.keys))
            self._whole_member()

    def _whole_member(self) -> None:
        self._safe = (len(self._rest), len(self._frames))

    def _keep(self, *parts: bytes) -> None:
        if len(self._rest) <= self._limits.block_most:
            for part in parts:
                self._rest += part

    def _here(self) -> int:
        return self._offset + self._stream.raw_size(self._held[: self._place])

    def _match(self, pattern: re.Pattern[bytes]) -> re.Match[bytes] | None:
        """The pattern at the place reached, which is then behind it."""
        size = _SMALL
        while True:
            self._fill(size)
            found = pattern.match(self._held, self._place)
            if found and (found.end() < len(self._held) or self._ended):
                self._place = found.end()
                return found
            if self._ended or size > self._limits.block_most:
                return None
            if pattern is _MEMBER and _END.match(self._held, self._place):
                return None
            size *= 4

    def _fill(self, size: int) -> None:
        """Holds so many octets from the place reached on."""
        if self._place > _CHUNK:
            self._offset = self._here()
            self._held, self._place = self._held[self._place :], 0
        while not self._ended and len(self._held) - self._place < size:
            more = self._stream.read(_CHUNK)
            self._ended = not more
            self._held += more

    def _something_follows(self) -> bool:
        while True:
            if self._held[self._place :].strip(BLANKS + b","):
                return True
            if self._ended:
                return False
            self._place = len(self._held)
            self._fill(1)
