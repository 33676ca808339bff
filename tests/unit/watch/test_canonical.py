"""Entries of logs as accesses: who saw whom, doing what, and what was shown."""

from __future__ import annotations

import base64

import polars as pl
import pytest

from hemostat.rules.categories import mask_of
from hemostat.watch.canonical import accesses
from hemostat.watch.maps import log_map

RULES = log_map(None)


def staged(**columns):
    rows = len(next(iter(columns.values())))
    frame = {"_line": pl.Series(range(1, rows + 1)), "_locator": pl.Series([None] * rows, dtype=pl.String)}
    return pl.DataFrame(
        frame | {name: pl.Series(values, dtype=pl.String) for name, values in columns.items()}
    )


def one(kind="jsonl", mapping=RULES, **values):
    found = accesses(staged(**{name: [value] for name, value in values.items()}), kind, mapping)
    (row,) = found.rows(named=True)
    return row


def test_fields_are_known_by_their_usual_names():
    row = one(**{"@timestamp": "T", "user.login": "dr.x", "IPP": "12", "Écran": "biologie", "action": "Consultation",
                 "client.ip": "192.0.2.1", "sessionId": "s", "motif_acces": "soins"})  # fmt: skip
    said = {
        name: row[name]
        for name in ("written", "account", "patient", "object_type", "action", "ip", "session", "purpose")
    }
    assert said == {
        "written": "T", "account": "dr.x", "patient": "12", "object_type": "biologie", "action": "R", "ip": "192.0.2.1",
        "session": "s", "purpose": "soins",
    }  # fmt: skip
    assert row["shown"] == "record"
    assert row["always_lo"] & mask_of(["test_result"])[0]


def test_a_site_names_its_own_fields():
    mapping = log_map("[fields]\naccount = 'zz'\nt = 'q'\n[actions]\nvu = 'R'\n[accounts]\ntok = 'dr.x'")
    row = one(mapping=mapping, zz="tok", q="T", patient="1", action="vu")
    assert (row["account"], row["written"], row["action"]) == ("dr.x", "T", "R")


def test_a_table_that_names_neither_account_nor_time_is_no_log():
    assert accesses(staged(nom=["A"], prenom=["B"]), "csv", RULES) is None


LOG = {"t": "T", "account": "a", "patient": "1"}


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        (LOG | {"action": "open", "screen": "dossier"}, "record"),
        (LOG | {"action": "update", "screen": "dossier"}, "record"),
        (LOG | {"action": "open", "screen": "search_list"}, "list"),
        (LOG | {"action": "search", "screen": "dossier"}, "list"),
        (LOG | {"action": "export", "screen": "dossier"}, "record"),
        (LOG | {"action": "open", "status": "403"}, "failed"),
        (LOG | {"action": "open", "status": "304"}, "record"),
        (LOG | {"action": "open", "status": "302"}, "failed"),
        (LOG | {"action": "open", "resultat": "Échec"}, "failed"),
        (LOG | {"action": "open", "success": "false"}, "failed"),
        (LOG | {"action": "search", "count": "0"}, "nothing"),
        (LOG | {"action": "login"}, "nothing"),
        (LOG | {"action": "open", "resource": "Practitioner"}, "nothing"),
        (LOG | {"action": "never heard of"}, "record"),
        (LOG | {"patient": None, "action": "open"}, "nothing"),
        (LOG | {"patient": None, "action": "search", "count": "20"}, "count"),
        (LOG | {"patient": None, "action": "search"}, "unknown"),
        (LOG | {"patient": None, "action": "export"}, "count"),
        (LOG | {"patient": "-", "action": "open"}, "nothing"),
        (LOG | {"action": "patient.record.read"}, "record"),
    ],
)
def test_what_an_access_shows(values, shown):
    assert one(**values)["shown"] == shown


def test_a_list_of_patients_is_one_row_each_and_one_entry():
    batch = staged(
        t=["T", "T"], account=["a", "a"], patient=['["1", "2", "1"]', "3"], action=["search", "open"]
    )
    found = accesses(batch, "jsonl", RULES)
    assert found.select("row", "nth", "patient").rows() == [(0, 0, "1"), (0, 1, "2"), (1, 0, "3")]


FHIR = {
    "recorded": "T",
    "account": "Practitioner/9",
    "patient": "Patient/12/_history/3",
    "action": "R",
    "outcome": "0",
}


def b64(text):
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, ("R", "Patient", "record")),
        ({"subtype": "vread", "object": "Observation/77"}, ("R", "Observation", "record")),
        ({"type": "110112", "action": "E", "query": b64("Patient?name=x")}, ("search", "Patient", "list")),
        ({"action": "E", "query": b64("Observation?patient=12")}, ("search", "Observation", "record")),
        ({"action": "E", "query": b64("family=x&given=y")}, ("search", "Patient", "list")),
        ({"action": "E", "query": "no base 64 ?", "patient": None}, ("search", "Patient", "unknown")),
        ({"action": "E", "query": b64("Patient?name=x"), "n_records": "0"}, ("search", "Patient", "nothing")),
        ({"type": "110106", "object": "Patient/12"}, ("export", "Patient", "record")),
        ({"type": "110114", "patient": None}, ("none", "Patient", "nothing")),
        ({"outcome": "8"}, ("R", "Patient", "failed")),
        ({"outcome": "success"}, ("R", "Patient", "record")),
        ({"outcome": "fatal"}, ("R", "Patient", "failed")),
    ],
)
def test_audit_events(values, said):
    row = one("fhir-auditevent", **(FHIR | values))
    assert (row["action"], row["object_type"], row["shown"]) == said
    assert row["account"] == "9"
    assert row["patient"] in ("12", None)


HTTP = {
    "time": "T", "ip": "192.0.2.1", "user": "dr.x", "method": "GET", "status": "200", "size": "9", "agent": "M",
    "host": None, "rest": '"0a1b2c3d4e5f60718293"',
}  # fmt: skip


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/patients/12", ("12", None, "R", "record")),
        ("/api/dossiers/12/biologie?page=2", ("12", "biologie", "R", "record")),
        ("/fhir/Patient/12", ("12", "Patient", "R", "record")),
        ("/fhir/Patient/12/$everything", ("12", None, "export", "record")),
        ("/fhir/Observation?patient=Patient%2F12", ("12", "Observation", "R", "record")),
        ("/biologie?ipp=12", ("12", "biologie", "R", "record")),
        ("/patients?nom=x", (None, "patients", "search", "unknown")),
        ("/static/app.js", (None, None, "none", "nothing")),
    ],
)
def test_requests(path, said):
    row = one("http-log", path=path, **HTTP)
    assert (row["patient"], row["object_type"], row["action"], row["shown"]) == said
    assert row["request_id"] == "0a1b2c3d4e5f60718293"


def test_a_site_s_paths_come_first():
    mapping = log_map(
        "[[path]]\npattern = '/v/(?P<patient>[0-9]+)-(?P<account>[a-z]+)'\nobject_type = 'biologie'"
    )
    row = one("http-log", mapping, path="/v/12-eve", **HTTP)
    assert (row["patient"], row["account"], row["object_type"]) == ("12", "eve", "biologie")


PG = {
    "log_time": "T", "user_name": "app", "database_name": "his", "connection_from": "198.51.100.7:51000",
    "session_id": "690f.1", "application_name": "dr.x", "severity": "LOG", "statement_id": "7", "class": "READ",
    "command": "SELECT", "object_name": "public.biologie", "statement": "select 1", "parameter": "<none>", "rows": "1",
}  # fmt: skip


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (
            {"statement": "select * from b where patient_id = $2", "parameter": "x,12"},
            ("dr.x", "12", "R", "record"),
        ),
        ({"statement": "SELECT nom FROM p WHERE p.ipp='12'"}, ("dr.x", "12", "R", "record")),
        ({"statement": "SELECT nom FROM p WHERE ipp = 12"}, ("dr.x", "12", "R", "record")),
        ({"application_name": "PostgreSQL JDBC Driver"}, ("app", None, "search", "count")),
        ({"command": "COPY", "rows": "900"}, ("dr.x", None, "export", "count")),
        ({"rows": "0"}, ("dr.x", None, "search", "nothing")),
        ({"class": "DDL"}, ("dr.x", None, "none", "nothing")),
        (
            {"statement": "update b set x=1 where patient_id = 12", "class": "WRITE"},
            ("dr.x", "12", "U", "record"),
        ),
        (
            {"statement": "select 1 where patient_id = $9", "parameter": "x"},
            ("dr.x", None, "search", "count"),
        ),
    ],
)
def test_statements(values, said):
    row = one("pgaudit", **(PG | values))
    assert (row["account"], row["patient"], row["action"], row["shown"]) == said
    assert (row["ip"], row["request_id"]) == ("198.51.100.7", "690f.1/7")
