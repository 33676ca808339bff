"""How logs are mapped: which field says what, which words mean what, which part of a path names a patient.

The rules (``rules/log_maps.toml``) know usual names; a site's own mapping file comes first.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

import polars as pl

from hemostat.errors import RuleError
from hemostat.model import Category
from hemostat.rules.files import rows
from hemostat.watch.words import fold

if TYPE_CHECKING:
    from collections.abc import Mapping

ACTIONS = ("R", "C", "U", "D", "search", "export", "none")


@dataclass(frozen=True, slots=True)
class PathRule:
    """A form of path: named groups ``patient``, ``object_type``, ``account``, ``tenant``; the action if it says one."""

    pattern: str
    action: str | None = None
    object_type: str | None = None


@dataclass(frozen=True, slots=True)
class LogMap:
    """A mapping. Words are folded (``words.fold``)."""

    fields: Mapping[str, tuple[str, ...]]
    """Canonical column -> names of fields, best first."""
    actions: Mapping[str, str]
    failures: frozenset[str]
    paths: tuple[PathRule, ...]
    patient_columns: tuple[str, ...]
    """Columns whose value names the patient in an SQL condition."""
    service_names: frozenset[str]
    """Names of programs that are nobody's account."""
    screens: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    accounts: Mapping[str, str] = field(default_factory=dict)
    """What a log writes (a token, an address) -> the account it stands for."""
    leavers: Mapping[str, datetime] = field(default_factory=dict)
    """Account in lower case -> when its holder left, UTC without offset."""


def log_map(text: str | None) -> LogMap:
    """The rules, under a site's own mapping file when its ``text`` is given.

    Raises:
        RuleError: the mapping file is wrong; the message names the place.
    """
    rules = _rules()
    return _with_own(rules, _parsed(text)) if text else rules


@cache
def _rules() -> LogMap:
    return LogMap(
        fields={
            row["id"]: tuple(row["forms"]) for row in rows("log_maps", "field", {"id": str, "forms": list})
        },
        actions={
            fold(form): row["id"]
            for row in rows("log_maps", "action", {"id": str, "forms": list})
            for form in row["forms"]
        },
        failures=frozenset(
            fold(form) for row in rows("log_maps", "failure", {"forms": list}) for form in row["forms"]
        ),
        paths=tuple(
            PathRule(row["pattern"], row.get("action"), row.get("object_type"))
            for row in rows("log_maps", "path", {"id": str, "pattern": str})
        ),
        patient_columns=tuple(
            name for row in rows("log_maps", "statement", {"columns": list}) for name in row["columns"]
        ),
        service_names=frozenset(
            fold(form) for row in rows("log_maps", "service_name", {"forms": list}) for form in row["forms"]
        ),
    )


def _parsed(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise _wrong(str(fault)) from None


def _wrong(what: str) -> RuleError:
    return RuleError(
        f"The log mapping is wrong: {what}.", f"La table de correspondance des journaux est fausse : {what}."
    )


def _with_own(rules: LogMap, own: dict[str, Any]) -> LogMap:
    known = {
        "fields",
        "actions",
        "failures",
        "screens",
        "accounts",
        "leavers",
        "path",
        "statement",
    }
    strange = sorted(set(own) - known)
    if strange:
        raise _wrong(f"[{strange[0]}] is none of {', '.join(sorted(known))}")
    fields = dict(rules.fields)
    for name, told in _table(own, "fields").items():
        if name not in fields:
            raise _wrong(f"fields.{name} is none of {', '.join(fields)}")
        fields[name] = tuple(fold(form) for form in _texts(told, f"fields.{name}"))
    actions = {fold(word): _action(act, f"actions.{word}") for word, act in _table(own, "actions").items()}
    return LogMap(
        fields=fields,
        actions={**rules.actions, **actions},
        failures=rules.failures | {fold(word) for word in _texts(own.get("failures", []), "failures")},
        paths=(*(_path(row) for row in _rows(own, "path")), *rules.paths),
        patient_columns=(
            *(name for row in _rows(own, "statement") for name in _texts(row.get("columns"), "statement")),
            *rules.patient_columns,
        ),
        service_names=rules.service_names,
        screens={
            fold(name): _categories(told, f"screens.{name}") for name, told in _table(own, "screens").items()
        },
        accounts={key: _text(told, f"accounts.{key}") for key, told in _table(own, "accounts").items()},
        leavers={key.lower(): _day(told, f"leavers.{key}") for key, told in _table(own, "leavers").items()},
    )


def _table(own: dict[str, Any], name: str) -> dict[str, Any]:
    found = own.get(name, {})
    if not isinstance(found, dict):
        raise _wrong(f"{name} must be a table")
    return found


def _rows(own: dict[str, Any], name: str) -> list[dict[str, Any]]:
    found = own.get(name, [])
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise _wrong(f"[[{name}]] must be a list of tables")
    return found


def _text(told: object, place: str) -> str:
    if not isinstance(told, str) or not told:
        raise _wrong(f"{place} must be a text")
    return told


def _texts(told: object, place: str) -> list[str]:
    found = [told] if isinstance(told, str) else told
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise _wrong(f"{place} must be a text or a list of texts")
    return found


def _action(told: object, place: str) -> str:
    if told not in ACTIONS:
        raise _wrong(f"{place} must be one of {', '.join(ACTIONS)}")
    return str(told)


def _categories(told: object, place: str) -> tuple[str, ...]:
    names = _texts(told, place)
    strange = [name for name in names if name not in set(Category)]
    if strange:
        raise _wrong(f"{place}: there is no category {strange[0]}")
    return tuple(names)


def _day(told: object, place: str) -> datetime:
    if isinstance(told, datetime):
        return told.astimezone(UTC).replace(tzinfo=None) if told.tzinfo else told
    if isinstance(told, date):
        return datetime(told.year, told.month, told.day)  # noqa: DTZ001 - UTC by contract
    raise _wrong(f"{place} must be a date")


def _path(row: dict[str, Any]) -> PathRule:
    pattern = _text(row.get("pattern"), "path.pattern")
    try:
        found = pl.Series([""]).str.extract_groups(pattern)
    except pl.exceptions.ComputeError:
        raise _wrong(f"path: {pattern} is no pattern") from None
    names = {part.name for part in found.dtype.fields} if isinstance(found.dtype, pl.Struct) else set()
    if "patient" not in names and row.get("action") not in ("search", "export", "none"):
        raise _wrong(f"path: {pattern} names no group patient, and no action search, export or none")
    action = row.get("action")
    object_type = row.get("object_type")
    return PathRule(
        pattern,
        None if action is None else _action(action, "path.action"),
        None if object_type is None else _text(object_type, "path.object_type"),
    )
