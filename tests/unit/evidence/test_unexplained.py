"""A row that a reader loses shows: for each kind that is counted without its reader, by one unit, in the ledger."""

import json
from dataclasses import replace
from importlib import import_module

import pyarrow as pa
import pytest

from factories import csv_text, people

MYSQL = (
    "-- MySQL dump 10.13\nCREATE TABLE `a` (`x` int, `nom` varchar(9));\n"
    "INSERT INTO `a` VALUES (1,'un'),(2,'deux'),(3,'trois');\n"
)
COPY = (
    "-- PostgreSQL database dump\nCREATE TABLE public.a (x integer, nom text);\n"
    "COPY public.a (x, nom) FROM stdin;\n1\tun\n2\tdeux\n3\ttrois\n\\.\n"
)
SQLITE = (
    "PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\nCREATE TABLE a (x int, nom text);\nINSERT INTO a VALUES(1,'un');\n"
    "INSERT INTO a VALUES(2,'deux');\nINSERT INTO a VALUES(3,'trois');\nCOMMIT;\n"
)
FIXED = "id    nom         ville\n" + "".join(f"{n:<6}{'DURAND':<12}{'Lyon'}{n}\n" for n in range(30))
ROWS = [{"id": n, "nom": f"N{n}", "ville": "Lyon"} for n in range(9)]
PATIENT = {"resourceType": "Patient", "name": [{"family": "N"}], "birthDate": "1980-01-01"}
BUNDLE = {
    "resourceType": "Bundle",
    "type": "collection",
    "entry": [{"resource": PATIENT | {"id": str(n)}} for n in range(9)],
}
HTTP = "".join(
    f'198.51.100.7 - dr.x [10/Nov/2025:19:1{n}:00 +0100] "GET /patients/{n} HTTP/1.1" 200 512 "-" "x"\n'
    for n in range(9)
)
EVENT = {
    "resourceType": "AuditEvent",
    "type": {"code": "rest"},
    "action": "R",
    "recorded": "2025-08-17T20:31:35+02:00",
    "agent": [{"who": {"identifier": {"value": "dr.x"}}, "requestor": True}],
    "source": {"observer": {"display": "store"}},
    "entity": [{"what": {"reference": "Patient/1"}}],
}
EVENTS = "".join(json.dumps(EVENT | {"id": str(n)}) + "\n" for n in range(9))
KINDS = {
    "csv": ("delimited.reader:Delimited", csv_text(people(30)), "leak"),
    "fixed width": ("delimited.fixed:FixedWidth", FIXED, "leak"),
    "json lines": ("jsons.lines:JsonLines", "".join(json.dumps(row) + "\n" for row in ROWS), "leak"),
    "json": ("jsons.table:JsonTable", json.dumps(ROWS), "leak"),
    "fhir": ("fhir.reader:FhirTable", json.dumps(BUNDLE), "leak"),
    "mysqldump": ("sql.reader:DumpTable", MYSQL, "leak"),
    "pg_dump": ("sql.reader:DumpTable", COPY, "leak"),
    "sqlite dump": ("sql.reader:DumpTable", SQLITE, "leak"),
    "http log": ("logs.lines:LogTable", HTTP, "log"),
    "audit events": ("logs.lines:LogTable", EVENTS, "log"),
}


def without(rows, place):
    return pa.concat_tables([rows.slice(0, place), rows.slice(place + 1)])


def one_less(batch):
    """A batch as a reader with a fault would give it: a row is gone, and the reader does not know."""
    middle = batch.rows.num_rows // 2
    keep = [place for place in range(batch.rows.num_rows) if place != middle]
    at = {name: None if column is None else column.take(pa.array(keep)) for name, column in (
        ("line", batch.line), ("locator", batch.locator),
    )}  # fmt: skip
    return replace(batch, rows=without(batch.rows, middle), units=batch.units - 1, **at)


@pytest.mark.parametrize(("where", "text", "role"), KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("lost", [0, 1])
def test_a_row_lost_in_a_reader_is_unexplained(where, text, role, lost, ledger, tmp_path, monkeypatch):
    module, _, name = where.partition(":")
    reader = getattr(import_module(f"hemostat.evidence.{module}"), name)
    real = reader.batches

    def faulty(self, resume):
        left = lost
        for batch in real(self, resume):
            less = left and batch.rows.num_rows > 0
            yield one_less(batch) if less else batch
            left -= bool(less)

    monkeypatch.setattr(reader, "batches", faulty)
    path = tmp_path / "evidence" / "piece"
    path.parent.mkdir()
    path.write_text(text, "utf-8")
    lines = ledger(path, role=role)
    assert {line.method for line in lines.values()} == {"independent"}
    assert sum(line.records for line in lines.values()) > 0
    assert sum(line.unexplained for line in lines.values()) == lost
