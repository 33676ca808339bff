"""Which column refers to which, as a dump declares it: foreign keys in CREATE TABLE and ALTER TABLE.

Keys of several columns are left out: people are told by one number.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hemostat.evidence.sql.create import items
from hemostat.evidence.sql.names import NAME, bare

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hemostat.evidence.sql.flavour import Flavour

_N = rb"(?:`(?:[^`]|``)*+`|\"(?:[^\"]|\"\")*+\"|\[[^\]]*+\]|[\w$@#\x80-\xff]++)"
_TO = rb"REFERENCES\s+(?P<table>%b(?:\s*\.\s*%b)*+)\s*+(?:\(\s*(?P<other>%b)\s*\))?+(?!\s*\()" % (_N, _N, _N)
_FOREIGN = re.compile(
    rb"\bFOREIGN\s+KEY\s*(?:%b\s*)?\(\s*(?P<own>%b)\s*\)\s*%b" % (_N, _N, _TO), re.IGNORECASE
)
_WITHIN = re.compile(rb"\b%b" % _TO, re.IGNORECASE)
_PRIMARY = re.compile(
    rb"\A\s*(?:CONSTRAINT\s+%b\s+)?PRIMARY\s+KEY\s*\(\s*(%b)[^,]*\)" % (_N, _N), re.IGNORECASE
)
_IS_PRIMARY = re.compile(rb"\bPRIMARY\s+KEY\b", re.IGNORECASE)
_TABLE = re.compile(rb"\A(?:CONSTRAINT|FOREIGN|PRIMARY|UNIQUE|CHECK|KEY|INDEX)\b", re.IGNORECASE)
ALTERED = re.compile(
    rb"ALTER\s+TABLE\s+(?:IF\s+EXISTS\s+)?(?:ONLY\s+)?(?P<name>%b(?:\s*\.\s*%b)*+)\s+ADD\b" % (_N, _N),
    re.IGNORECASE,
)
"""A statement that may add a foreign key to a table."""


@dataclass(frozen=True, slots=True)
class Foreign:
    """A column whose values are found in a column of another table."""

    column: str
    table: bytes
    """As the statement names it."""
    other: str | None
    """The column of that table; None for its primary key."""


def foreign(statement: bytes, flavour: Flavour) -> tuple[Foreign, ...]:
    """The foreign keys that a CREATE TABLE declares.

    >>> from hemostat.evidence.sql.flavour import Flavour
    >>> told = b"CREATE TABLE t (id int, p int REFERENCES patients, FOREIGN KEY (`d`) REFERENCES `docs` (`n`));"
    >>> [(one.column, one.table, one.other) for one in foreign(told, Flavour("sqlite", escapes=False))]
    [('p', b'patients', None), ('d', b'`docs`', 'n')]
    """
    return tuple(_of(items(statement, flavour)))


def _of(parts: list[bytes]) -> Iterator[Foreign]:
    for part in map(bytes.strip, parts):
        found = _FOREIGN.search(part)
        if found:
            yield _foreign(bare(found["own"]), found)
            continue
        name = NAME.match(part)
        within = _WITHIN.search(part)
        if name and name[1] and within and not _TABLE.match(part):
            yield _foreign(bare(name[1]), within)


def altered(statement: bytes) -> tuple[Foreign, ...]:
    """The foreign keys that an ALTER TABLE adds."""
    return tuple(_foreign(bare(found["own"]), found) for found in _FOREIGN.finditer(statement))


def _foreign(column: str, found: re.Match[bytes]) -> Foreign:
    return Foreign(column, found["table"], bare(found["other"]) if found["other"] else None)


def primary(statement: bytes, flavour: Flavour) -> str | None:
    """The one column of the primary key that a CREATE TABLE declares.

    >>> from hemostat.evidence.sql.flavour import Flavour
    >>> primary(b"CREATE TABLE t (nom text, id integer primary key);", Flavour("sqlite", escapes=False))
    'id'
    """
    for part in map(bytes.strip, items(statement, flavour)):
        found = _PRIMARY.match(part)
        if found:
            return bare(found[1])
        name = NAME.match(part)
        if name and name[1] and _IS_PRIMARY.search(part) and not _TABLE.match(part):
            return bare(name[1])
    return None
