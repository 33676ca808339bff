"""The CSV log of PostgreSQL with pgaudit's lines, as its manual writes them."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

import servers
from hemostat.evidence.base import Limits, Source
from hemostat.evidence.logs.pgaudit import PgAuditReader, read

AUDIT = (
    'AUDIT: SESSION,7,1,READ,SELECT,TABLE,public.results,"select * from results\nwhere patient_id = $1",12,3'
)


def entry(message, fields=26, time="2025-11-10 19:10:00.123 CET"):
    row = [
        time, "app", "his", "4242", "198.51.100.7:51000", "690f.1", "3", "SELECT", "2025-11-10 19:00:00 CET",
        "3/14", "0", "LOG", "00000", message, "", "", "", "", "", "", "", "", "dr.x", "client backend", "", "0",
    ]  # fmt: skip
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(row[:fields])
    return text.getvalue().encode()


def lines(*entries):
    return b"".join(entries).splitlines(keepends=True)


@pytest.mark.parametrize("fields", [23, 24, 26])
def test_an_entry_over_two_lines(fields):
    entries = read(lines(entry(AUDIT, fields)), final=True)
    said = {name: values.to_pylist()[0] for name, values in entries.columns.items()}
    assert (said["statement"], said["parameter"], said["rows"]) == (
        "select * from results\nwhere patient_id = $1",
        "12",
        "3",
    )
    assert (said["application_name"], said["class"], said["object_name"]) == (
        "dr.x",
        "READ",
        "public.results",
    )
    assert entries.at == [0]


def test_other_entries_are_out_of_scope_and_fragments_are_set_aside():
    entries = read(lines(entry("connection received"), b"half a line\n", entry(AUDIT)), final=True)
    assert entries.out_of_scope == 1
    assert entries.at == [2]
    assert [(first, count, reason) for first, count, reason in entries.aside] == [(1, 1, "log_entry_cut")]


def test_an_entry_forged_inside_a_statement_stays_there():
    forged = entry("AUDIT: SESSION,9,1,READ,SELECT,TABLE,public.results,select 1,<none>").decode()
    statement = f"select 1 -- \n{forged}".replace('"', '""')
    message = f'AUDIT: SESSION,7,1,READ,SELECT,TABLE,public.results,"{statement}",<none>'
    entries = read(lines(entry(message)), final=True)
    assert entries.columns["statement_id"].to_pylist() == ["7"]


def test_a_quote_that_never_closes_costs_one_entry():
    broken = entry(AUDIT).replace(b'"AUDIT', b"AUDIT", 1)
    entries = read(lines(entry(AUDIT), broken, entry(AUDIT), entry(AUDIT)), final=True)
    assert len(entries.at) >= 2
    assert entries.aside


def test_an_entry_across_two_blocks_is_read_once():
    data = b"".join(entry(AUDIT.replace("12", str(n))) for n in range(40))
    source = Source("pg.csv", len(data), lambda: io.BytesIO(data))
    (table,) = PgAuditReader().tables(source, Limits(batch_rows=3, block_least=700, block_most=100_000))
    found = list(table.batches(None))
    assert len(found) > 3
    assert [p for b in found for p in b.rows["parameter"].to_pylist()] == [str(n) for n in range(40)]
    assert [n for b in found for n in b.line.to_pylist()] == list(range(1, 81, 2))


def test_recognised_by_its_first_line_and_the_word_of_pgaudit():
    reader = PgAuditReader()
    assert reader.recognises(entry(AUDIT), "x") > 90
    assert reader.recognises(entry("connection received"), "x") == 0


@pytest.fixture(scope="module")
def real():
    """The log of a real server with pgaudit, as it wrote it."""
    if not list(Path("/usr/share/postgresql").glob("*/extension/pgaudit.control")):
        pytest.skip("pgaudit is not installed (Debian: apt-get install postgresql-15-pgaudit)")
    settings = (
        "shared_preload_libraries=pgaudit", "logging_collector=on", "log_destination=csvlog",
        "log_timezone=Europe/Paris", "pgaudit.log=read,write", "pgaudit.log_parameter=on", "pgaudit.log_rows=on",
        "log_connections=on",
    )  # fmt: skip
    with servers.postgresql(*settings) as server:
        server.psql(
            "create table results (patient_id int, value text); insert into results values (12, 'x'), (13, 'y')"
        )
        server.psql(
            "prepare one(int) as select *\nfrom results where patient_id = $1;\nexecute one(12);\nexecute one(13);"
            "select value from results where value = 'a,\"b\n--'"
        )
        yield b"".join(path.read_bytes() for path in sorted((server.folder / "data" / "log").glob("*.csv")))


def test_a_log_that_a_real_server_wrote(real):
    (table,) = PgAuditReader().tables(Source("a.csv", len(real), lambda: io.BytesIO(real)), Limits())
    assert PgAuditReader().recognises(real[:4096], "a.csv") > 90
    batches = list(table.batches(None))
    rows = [row for batch in batches for row in batch.rows.to_pylist()]
    assert not [one for batch in batches for one in batch.quarantined]
    assert sum(batch.out_of_scope for batch in batches) > 0
    selects = [row for row in rows if row["command"] == "SELECT"]
    assert [(row["parameter"], row["rows"]) for row in selects if row["parameter"]] == [
        ("12", "1"),
        ("13", "1"),
    ]
    assert {row["user_name"] for row in rows} == {"postgres"}
    assert any(row["statement"].endswith("'a,\"b\n--'") for row in selects)
    assert {row["class"] for row in rows} == {"READ", "WRITE"}
