"""One JSON object as named fields: dotted names for objects within, JSON text for lists, numbers to the letter."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

DEPTH = 6
"""Objects within objects that get columns of their own; deeper ones are JSON text."""

Fields = list[tuple[str, str | None]]


class Number(str):
    """A number as written."""

    __slots__ = ()


_decode = json.JSONDecoder(
    parse_float=Number, parse_int=Number, parse_constant=lambda _: None, object_pairs_hook=tuple, strict=False
).decode
# Objects become tuples of pairs: a key given twice loses nothing.
_LEADING_ZERO = re.compile(r"([:\[,]\s*)(-?0\d[\d.eE+\-]*)(?=\s*[,}\]])")


def parse(line: str) -> object:
    """What a line of JSON holds: tuples of pairs for objects, lists, text; None for what is no JSON.

    Numbers with leading zeros, a comma after the object: no JSON by the book, and read all the same.
    """
    for form in (line, line.rstrip().rstrip(","), _LEADING_ZERO.sub(r'\1"\2"', line.rstrip().rstrip(","))):
        try:
            return _decode(form)
        except (ValueError, RecursionError):
            continue
    return None


def fields(thing: tuple[tuple[str, object], ...]) -> Fields:
    """The fields of an object, in order, under distinct names.

    >>> fields(parse('{"nom": "A", "adr": {"cp": 01234, "tel": [1, "2"]}}'))
    [('nom', 'A'), ('adr.cp', '01234'), ('adr.tel', '[1, "2"]')]
    """
    found: Fields = []
    used: set[str] = set()
    for name, value in _leaves("", thing, 1):
        fresh, again = name, 1
        while fresh in used:
            again += 1
            fresh = f"{name} ({again})"
        used.add(fresh)
        found.append((fresh, value))
    return found


def _leaves(
    prefix: str, thing: tuple[tuple[str, object], ...], depth: int
) -> Iterator[tuple[str, str | None]]:
    for key, value in thing:
        name = column(prefix + key)
        if isinstance(value, tuple) and value and depth < DEPTH:
            yield from _leaves(f"{name}.", value, depth + 1)
        else:
            yield name, cell(value)


def column(path: str) -> str:
    """The name of the column for a path of keys; none is taken from the staged form's own."""
    plain = " ".join(_whole(path).replace("\0", "").split())
    return f"{plain} (2)" if plain in ("_line", "_locator") else plain or "col"


def cell(value: object) -> str | None:
    """A value as text; None for null and for what is empty."""
    if value is None or value in ("", [], ()):
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _whole(value) or None
    return json_text(value)


def _whole(text: str) -> str:
    """Without halves of surrogate pairs, which are no characters, and without NUL."""
    if text.isascii():
        return text.replace("\0", "") if "\0" in text else text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").replace("\0", "")


def json_text(value: object) -> str:
    """JSON again, in one spelling."""
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, str):
        return json.dumps(_whole(value), ensure_ascii=False)
    if isinstance(value, list):
        return "[" + ", ".join(map(json_text, value)) + "]"
    if isinstance(value, tuple):
        return "{" + ", ".join(f"{json_text(str(key))}: {json_text(inner)}" for key, inner in value) + "}"
    return json.dumps(value)
