"""docs/reference/exports.md promises columns and fields: the program gives exactly these."""

from __future__ import annotations

import json
import re
from pathlib import Path

import polars as pl
import pytest

import factories
from hemostat.case import Case, Opening
from hemostat.report.exports import EXPORTS

TEXT = (Path(__file__).resolve().parents[2] / "docs/reference/exports.md").read_text("utf-8")
SECTIONS = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", TEXT, re.MULTILINE | re.DOTALL))
TYPES = {
    pl.Int64: "int64",
    pl.Int32: "int32",
    pl.Float64: "double",
    pl.String: "text",
    pl.Date: "date",
    pl.Boolean: "bool",
    pl.List(pl.String): "list of text",
}


def shape(value: object) -> object:
    """The keys of an object, at every depth; of a list its first element."""
    if isinstance(value, dict):
        return {key: shape(inside) for key, inside in value.items()}
    return [shape(value[0])] if isinstance(value, list) and value else None


def named_alike(found: dict[str, object], promised: dict[str, object]) -> dict[str, object]:
    """``found`` with the keys that are names of things (categories, tenants) replaced by the one of the example."""
    alike = dict(found)
    for field in ("categories", "tenants", "scams", "held_back", "standing_reasons"):
        (example,) = promised[field]
        alike[field] = {example: next(iter(found[field].values()), promised[field][example])}
    (standing,) = alike["standing_reasons"]
    (reason,) = promised["standing_reasons"][standing]
    alike["standing_reasons"] = {standing: {reason: 0}}
    return alike


@pytest.fixture
def case(tmp_path):
    with Case.create(tmp_path / "case", Opening(tmp_path / "keys" / "case.key")) as case:
        case.set_setting("controller", "Clinique des Lices")
        yield case


def test_every_export_has_its_section():
    assert set(SECTIONS) == {*EXPORTS, "ledger"}


@pytest.mark.parametrize("what", EXPORTS)
def test_columns_are_those_of_the_document(what, case):
    promised = re.findall(r"^\| `(\w+)` \| ([^|]+) \|", SECTIONS[what], re.MULTILINE)
    given = EXPORTS[what](case, False).schema
    assert promised == [(name, TYPES[kind]) for name, kind in given.items()]


def test_the_ledger_has_the_fields_of_the_document(hemostat, tmp_path):
    leak, file = factories.leak(tmp_path / "evidence"), factories.leak(tmp_path / "evidence", name="own.csv")
    claim = ("--claim", 41, "--claim-unit", "persons", "--claimed-by", "the sellers")
    tenant = ("--tenant-column", "sexe")
    code, _, _ = hemostat("respond", leak, "--case", tmp_path / "case", "--patients", file, *claim, *tenant)
    assert code == 0
    found = json.loads((tmp_path / "case" / "report" / "summary.json").read_text("utf-8"))
    promised = json.loads(re.search(r"```json\n(.*?)```", SECTIONS["ledger"], re.DOTALL)[1])
    assert shape(named_alike(found, promised)) == shape({**promised, "containers": found["containers"]})
