"""Names in a dump: of tables, of columns, and which INSERT speaks of which table."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hemostat.evidence.text import to_utf8

if TYPE_CHECKING:
    from hemostat.evidence.sql.flavour import Flavour

NAME = re.compile(
    rb"/\*.*?\*/|--[^\n]*(?:\n|\Z)|(`(?:[^`]|``)*`|\"(?:[^\"]|\"\")*\"|\[(?:[^\]]|\]\])*\]|[\w$@#\x80-\xff]+)",
    re.DOTALL,
)
_DEFAULT = ("public", "main")
"""Schemas that go without saying."""

Key = tuple[str, str]
"""A table: the database in use when it was named without one, and its name."""


def parts(text: bytes) -> list[str]:
    """The names in a dotted name, or in a list of them, without their quotes.

    >>> parts(b'`a``b`, [x y]."z"')
    ['a`b', 'x y', 'z']
    """
    return [bare(found[1]) for found in NAME.finditer(text) if found[1]]


def bare(name: bytes) -> str:
    """A name without its quotes."""
    ends = {b"`": b"`", b'"': b'"', b"[": b"]"}
    end = ends.get(name[:1])
    if end and len(name) > 1:
        name = name[1:-1].replace(end * 2, end)
    return to_utf8(name)[0].decode("utf-8")


def database_of(found: re.Match[bytes]) -> str:
    """The database that a statement changes to (``grammar.DATABASE``)."""
    if found["dbname"] is not None:
        return bare(found["dbname"])
    return "".join(parts(found["use"] or found["connect"])[:1])


def table_key(name: bytes, database: str, flavour: Flavour) -> Key:
    """The table that a name means while ``database`` is in use.

    MySQL puts the database before the name of a table, others a schema within the database.
    """
    words = parts(name)
    if len(words) > 1 and words[-2].lower() in _DEFAULT:
        words = words[-1:]
    return ("" if flavour.mysql and len(words) > 1 else database, ".".join(words))


@dataclass(frozen=True, slots=True)
class Header:
    """What stands at the head of some tuples or lines."""

    number: int
    key: Key
    columns: tuple[str, ...] | None
    """The columns that it names; None if it names none."""
    copy: bool


@dataclass(slots=True)
class Headers:
    """Every different head met in a dump, numbered in order."""

    flavour: Flavour
    listed: list[Header] = field(default_factory=list)
    _known: dict[tuple[Key, tuple[str, ...] | None, bool], Header] = field(default_factory=dict)
    _texts: dict[tuple[bytes, str], Header] = field(default_factory=dict)

    def of(self, text: bytes, name: bytes, columns: bytes | None, database: str, *, copy: bool) -> Header:
        """The header that was written as ``text``."""
        found = self._texts.get((text, database))
        if found is None:
            found = self._numbered(table_key(name, database, self.flavour), columns, copy=copy)
            self._texts[text, database] = found
        return found

    def _numbered(self, key: Key, columns: bytes | None, *, copy: bool) -> Header:
        named = None if columns is None else tuple(parts(columns))
        known = self._known.get((key, named, copy))
        if known is None:
            known = Header(len(self.listed), key, named, copy)
            self.listed.append(known)
            self._known[key, named, copy] = known
        return known
