"""Names of evidence as they may be shown: files are often named after the person they speak of."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from hemostat.detect.folded import fold
from hemostat.detect.names import lexicon
from hemostat.report.words import shape

if TYPE_CHECKING:
    from collections.abc import Mapping

_PARTS = re.compile(r"([/!#\\])")
_TOKEN = re.compile(r"[^\W\d_]+")
_SUFFIX = re.compile(r"(?:\.(?:tar|csv|tsv|json|jsonl|ndjson|sql|txt))?\.[A-Za-z][A-Za-z0-9]{0,7}$")
_IDENTIFIER = re.compile(
    r"[\w.+-]+@[\w-]+\.[\w.]+"  # an e-mail address
    r"|(?<!\d)(?:\+33|0033|0)[ ._-]?[1-9](?:[ ._-]?\d\d){4}(?!\d)"  # a French phone number
    r"|(?<!\d)[1-478](?:[ ._-]?\d){4}[ ._-]?(?:\d\d|2[abAB])(?:[ ._-]?\d){6}(?:[ ._-]?\d\d)?(?!\d)"  # a NIR
    r"|(?<!\d)(?:19\d\d|200\d)[ ._-]?(?:0[1-9]|1[0-2])[ ._-]?(?:0[1-9]|[12]\d|3[01])(?!\d)"  # a birth date, likely
    r"|(?<!\d)(?:0[1-9]|[12]\d|3[01])[ ._-]?(?:0[1-9]|1[0-2])[ ._-]?(?:19\d\d|200\d)(?!\d)"
)


def shown_name(name: str) -> str:
    """The name of a piece of evidence; each part of it that may name a person is replaced by its shape.

    A part may name a person when it holds an identifier (NIR, phone, e-mail, a date before 2010), or a first name
    beside another capitalised word. It errs on the side of masking: the SHA-256 beside it tells which file is meant.

    >>> shown_name("envoi.zip!dossiers/CARPENTIER_Solène.pdf"), shown_name("export_20251128/users.csv")
    ('envoi.zip!dossiers/AAAAAAAAAA_Aaaaaa.pdf', 'export_20251128/users.csv')
    """
    return "".join(_part(part) for part in _PARTS.split(name))


def shown_names(row: Mapping[str, Any], *keys: str) -> dict[str, Any]:
    """The row with the names of evidence under these keys as they may be shown."""
    return {key: shown_name(v) if key in keys and isinstance(v, str) else v for key, v in row.items()}


def _part(part: str) -> str:
    ending = _SUFFIX.search(part)
    stem = part[: ending.start()] if ending else part
    return shape(stem) + part[len(stem) :] if _names_somebody(stem) else part


def _names_somebody(stem: str) -> bool:
    if _IDENTIFIER.search(stem):
        return True
    tokens = _TOKEN.findall(stem)
    named = [token for token in tokens if fold(token) in lexicon().first]
    capitals = [token for token in tokens if token[:1].isupper() and len(token) > 1]
    return bool(named) and len(capitals) > 1
