"""Cells that hold several data at once: a name with its birth date, contacts side by side, JSON."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME_BIRTH = (
    r"(?i)^(\p{L}[\p{L} '’.\-]*?)[ ,;(\-]*(?:n[ée](?:\(?e\)?)?(?: le)?|ddn|dn|d\.?n\.?)?[ :]*"
    r"([0-9]{1,2}[/.\-][0-9]{1,2}[/.\-](?:[0-9]{4}|[0-9]{2})|[0-9]{4}-[0-9]{2}-[0-9]{2})[ )]*$"
)
"""« GARNIER Sophie (12/03/1984) », « Paul Petit né le 01/02/1990 »."""

JSON = "json:"
"""What the part of a candidate begins with that comes out of a JSON object; the path follows."""
_DEEPEST = 3


def name_and_birth(values: pl.Series) -> pl.DataFrame:
    """``full_name`` and ``birth_date`` of cells that hold both; the name alone where no date stands.

    >>> name_and_birth(pl.Series(["GARNIER Sophie (12/03/1984)", "Paul Petit né le 1/2/90", "Paul"])).rows()
    [('GARNIER Sophie', '12/03/1984'), ('Paul Petit', '1/2/90'), ('Paul', None)]
    """
    found = values.str.extract_groups(NAME_BIRTH).struct.unnest()
    return pl.DataFrame({"full_name": found["1"].fill_null(values), "birth_date": found["2"]})


def paths(values: pl.Series) -> tuple[str, ...]:
    """The paths of the texts and numbers in a sample of JSON objects, in order of their names.

    >>> paths(pl.Series(['{"n": "x", "in": {"tel": 1}}', "{broken"]))
    ('in.tel', 'n')
    """
    found: set[str] = set()
    for value in values:
        try:
            found.update(_leaves(json.loads(value), ()))
        except (json.JSONDecodeError, RecursionError):
            continue
    return tuple(sorted(found))


def _leaves(node: object, path: tuple[str, ...]) -> Iterator[str]:
    if isinstance(node, dict) and len(path) < _DEEPEST:
        for key, inner in node.items():
            if key.replace("_", "").isalnum():
                yield from _leaves(inner, (*path, key))
    elif path and isinstance(node, str | int | float):
        yield ".".join(path)


def at(values: pl.Series, path: str) -> pl.Series:
    """What stands at one path of a column of JSON objects; null where a cell is none.

    >>> at(pl.Series(['{"n": "x", "in": {"tel": "0199"}}', "{broken", None]), "in.tel").to_list()
    ['0199', None, None]
    """
    whole = values.str.contains(r"^\s*\{.*\}\s*$").fill_null(value=False)
    objects = values.zip_with(whole, values.clear(len(values)))
    try:
        found = objects.str.json_path_match(f"$.{path}")
    except pl.exceptions.ComputeError:
        return values.clear(len(values))
    return found.zip_with((found != "null").fill_null(value=True), values.clear(len(values)))
