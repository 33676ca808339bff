"""FHIR resources as columns that tell what they hold: lists are told apart by use, system or type, not by number."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    Path = tuple[str, ...]

SPREAD = 3
"""Items of a list of objects that get columns; a longer list is kept whole as JSON text beside them."""
_LABELS = 30
"""Different labels in one list that get columns of their own."""
_NO_LABEL = ""

_SYSTEMS = {
    "1.2.250.1.213.1.4.2": "INS-C",
    "1.2.250.1.213.1.4.8": "INS-NIR",
    "1.2.250.1.213.1.4.9": "INS-NIA",
    "1.2.250.1.213.1.4.10": "INS-NIR-TEST",
    "1.2.250.1.213.1.4.11": "INS-NIR-DEMO",
    "1.2.250.1.71.4.2.1": "RPPS",
    "1.2.250.1.71.4.2.2": "FINESS",
}
"""Identifier systems by OID. Source: Agence du numérique en santé, INS and FHIR Core FR implementation guides."""
_PLAIN_USES = ("official", _NO_LABEL)
"""Uses of a name that need no label: it is the name."""
_JOINED = {"given": " ", "prefix": " ", "suffix": " ", "line": ", "}
"""Lists of plain text that read better as one text, and what stands between their items."""
_PATIENT = r"^(?:.*/)?Patient/([^/?#]+).*$"
_UUID = r"^urn:uuid:(.+)$"


def reshaped(cells: Mapping[Path, pa.StringArray]) -> pa.Table:
    """The columns of resources of one type, by path with numbers for the items of lists, under telling names."""
    out = _Out()
    rest: dict[Path, pa.StringArray] = {}
    lists: dict[str, dict[str, dict[Path, pa.StringArray]]] = {}
    for path, column in cells.items():
        if path[0] in _BY_LABEL and len(path) > 2 and path[1].isdigit():  # noqa: PLR2004 - base, number, field
            lists.setdefault(path[0], {}).setdefault(path[1], {})[path[2:]] = column
        else:
            rest[path] = column
    _ids(out, rest)
    for base, listed in lists.items():
        for fields in listed.values():
            _BY_LABEL[base](out, fields)
    for path, column in rest.items():
        out.add(_name(path), _plain(path, column))
    return pa.table(out.columns)


class _Out:
    """Columns by name; what comes under a name already taken fills its gaps, or goes under a number."""

    def __init__(self) -> None:
        self.columns: dict[str, pa.StringArray] = {}

    def add(self, name: str, column: pa.StringArray) -> None:
        if isinstance(column, pa.ChunkedArray):
            column = column.combine_chunks()
        if column.null_count == len(column):
            return
        base, again = name, 1
        while name in self.columns:
            there = self.columns[name]
            clash = pc.fill_null(pc.not_equal(there, column), fill_value=False)
            self.columns[name] = pc.coalesce(there, column)
            if not pc.any(clash).as_py():
                return
            column = pc.if_else(clash, column, _nothing(column))
            again += 1
            name = f"{base} ({again})"
        self.columns[name] = column


def _nothing(column: pa.StringArray) -> pa.StringArray:
    return pa.nulls(len(column), pa.string())


def _ids(out: _Out, rest: dict[Path, pa.StringArray]) -> None:
    """The id of the resource, from its address if it has none; and the id of the patient whom it concerns."""
    rest.pop(("resourceType",), None)
    url = rest.get(("fullUrl",))
    own = rest.pop(("id",), None)
    if own is not None:
        out.add("id", own)
    if url is not None:
        out.add("id", pc.coalesce(own, _id_in(url)) if own is not None else _id_in(url))
    for base in ("subject", "patient", "beneficiary", "individual", "for"):
        for path in ((base, "reference"), (base, "1", "reference")):
            if path in rest:
                found = _id_in(rest[path])
                if found.null_count < len(found):
                    out.add("patient.id", found)


def _id_in(references: pa.StringArray) -> pa.StringArray:
    """The id in ``Patient/12``, ``https://host/Patient/12/_history/1`` or ``urn:uuid:12``."""
    found = _nothing(references)
    for pattern in (_PATIENT, _UUID):
        hit = pc.match_substring_regex(references, pattern)
        found = pc.coalesce(
            found, pc.if_else(hit, pc.replace_substring_regex(references, pattern, r"\1"), found)
        )
    return found


def _identifier(out: _Out, fields: dict[Path, pa.StringArray]) -> None:
    some = next(iter(fields.values()))
    kind = fields.pop(("type", "coding", "1", "code"), _nothing(some))
    system = fields.pop(("system",), _nothing(some))
    label = pc.coalesce(_mapped(system, lambda text: _SYSTEMS.get(text.removeprefix("urn:oid:"))), kind)
    label = pc.coalesce(label, _mapped(system, _last_piece))
    for path in ((), *(path for path in fields if path != ("value",))):
        column = fields[path] if path else fields.get(("value",), _nothing(some))
        _by_label(out, "identifier", label, path, column)


def _telecom(out: _Out, fields: dict[Path, pa.StringArray]) -> None:
    some = next(iter(fields.values()))
    label = fields.pop(("system",), _nothing(some))
    for path, column in fields.items():
        _by_label(out, "telecom", label, () if path == ("value",) else path, column)


def _human_name(out: _Out, fields: dict[Path, pa.StringArray]) -> None:
    some = next(iter(fields.values()))
    label = _mapped(fields.pop(("use",), _nothing(some)), lambda use: None if use in _PLAIN_USES else use)
    for path, column in fields.items():
        _by_label(out, "name", label, path, _plain(path, column))


def _extension(out: _Out, fields: dict[Path, pa.StringArray]) -> None:
    some = next(iter(fields.values()))
    label = _mapped(
        fields.pop(("url",), _nothing(some)), lambda url: _last_piece(url).removeprefix("patient-")
    )
    for path, column in fields.items():
        inner = path[1:] if path[0].startswith("value") else path
        _by_label(out, "", label, inner, _plain(inner, column) if inner else column)


_BY_LABEL: Mapping[str, Callable[[_Out, dict[Path, pa.StringArray]], None]] = {
    "identifier": _identifier,
    "telecom": _telecom,
    "name": _human_name,
    "extension": _extension,
}


def _by_label(out: _Out, base: str, label: pa.StringArray, path: Path, column: pa.StringArray) -> None:
    """One field of a list, a column for each label."""
    label = pc.fill_null(label, _NO_LABEL)
    labels = pc.value_counts(label.filter(column.is_valid()))
    names = sorted(labels.to_pylist(), key=lambda one: (-one["counts"], one["values"]))[:_LABELS]
    for one in (entry["values"] for entry in names):
        here = pc.if_else(pc.equal(label, one), column, _nothing(column))
        out.add(".".join(part for part in (base, one, *_parts(path)) if part), here)
        column = pc.if_else(pc.equal(label, one), _nothing(column), column)
    out.add(".".join(part for part in (base, *_parts(path)) if part) or "extension", column)


def _mapped(column: pa.StringArray, change: Callable[[str], str | None]) -> pa.StringArray:
    """The column with each distinct text changed."""
    encoded = column.dictionary_encode()
    words = pa.array([change(word) for word in encoded.dictionary.to_pylist()], pa.string())
    return words.take(encoded.indices)


def _last_piece(address: str) -> str:
    return re.split(r"[/#:|]", address.rstrip("/#"))[-1]


def _parts(path: Iterable[str]) -> list[str]:
    """A path without the numbers of first items, and without the word ``coding``, which says nothing."""
    parts: list[str] = []
    for part in path:
        if part.isdigit() and parts:
            parts[-1] += "" if part == "1" else f" ({part})"
        else:
            parts.append(part)
    return [part for place, part in enumerate(parts) if part != "coding" or not place]


def _name(path: Path) -> str:
    return ".".join(_parts(path))


def _plain(path: Path, column: pa.StringArray) -> pa.StringArray:
    """Lists of plain text as one text."""
    between = _JOINED.get(path[-1])
    if between is None:
        return column
    listed = pc.match_substring_regex(column, r'^\[\s*"(?:[^"\\]|\\.)*"(?:\s*,\s*"(?:[^"\\]|\\.)*")*\s*\]$')
    text = pc.replace_substring_regex(column, r'"\s*,\s*"', between)
    text = pc.replace_substring_regex(text, r'^\[\s*"|"\s*\]$', "")
    return pc.if_else(listed, text, column)
