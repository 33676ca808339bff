"""The columns that a CREATE TABLE declares: their names, and which of them hold octets rather than text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hemostat.evidence.sql.grammar import grammar
from hemostat.evidence.sql.names import NAME, bare

if TYPE_CHECKING:
    from hemostat.evidence.sql.flavour import Flavour

_NOT_A_COLUMN = re.compile(
    rb"(?:PRIMARY\s+KEY|CONSTRAINT|FOREIGN\s+KEY|CHECK\s*\(|EXCLUDE\b|LIKE\s|FULLTEXT\s|SPATIAL\s|PERIOD\s+FOR\b"
    rb"|UNIQUE\b\s*(?:KEY|INDEX|\(|CLUSTERED|NONCLUSTERED|[`\"\w]+\s*\()|INHERITS\b|PARTITION\s+BY"
    rb"|(?:KEY|INDEX)\s*(?:[`\"\[\w][^()]*)?\(\s*[^\d\s)])",
    re.IGNORECASE,
)
_BINARY = re.compile(
    rb"(?:tiny|medium|long)?blob\b|(?:var)?binary\b|bytea\b|image\b|raw\b|long\s+raw\b|bit\b(?!\s+varying)",
    re.IGNORECASE,
)


_HEAD = re.compile(rb"[^(]*+(?=\()")
_BLANK = re.compile(rb"(?:\s++|--[^\n]*+(?:\n|\Z)|/\*(?:[^*]++|\*(?!/))*+\*/)*+")


def created(statement: bytes, flavour: Flavour) -> tuple[tuple[str, ...], tuple[bool, ...]]:
    """The columns of a CREATE TABLE and whether each holds octets; none where the statement declares none.

    >>> from hemostat.evidence.sql.flavour import Flavour
    >>> created(b"CREATE TABLE t (`id` int, scan longblob, KEY `k` (`id`));", Flavour("mysql", escapes=True))
    (('id', 'scan'), (False, True))
    """
    names: list[str] = []
    binary: list[bool] = []
    for raw in items(statement, flavour):
        item = raw[_end(_BLANK, raw) :]
        found = NAME.match(item)
        if not found or not found[1] or (found[1][:1] not in b'`"[' and _NOT_A_COLUMN.match(item)):
            continue
        names.append(bare(found[1]))
        binary.append(_BINARY.match(item[found.end() :].lstrip(b' \t\r\n["')) is not None)
    return tuple(names), tuple(binary)


def items(statement: bytes, flavour: Flavour) -> list[bytes]:
    """What stands between the commas of the first parentheses."""
    cell = grammar(flavour).cell
    place = _end(_HEAD, statement)
    items = []
    while statement[place : place + 1] in (b"(", b","):
        end = _end(cell, statement, place + 1)
        items.append(statement[place + 1 : end])
        place = end
    return items


def _end(pattern: re.Pattern[bytes], text: bytes, place: int = 0) -> int:
    found = pattern.match(text, place)
    return found.end() if found else place
