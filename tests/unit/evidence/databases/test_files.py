"""SQLite and DuckDB files: every table, from a sealed copy as from a file in clear, and nothing on the disk."""

import io
import sqlite3
import sys
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from factories import HEADINGS, people
from hemostat.evidence.base import Limits, Source, Unreadable
from hemostat.evidence.databases.duckdb_file import DuckdbReader
from hemostat.evidence.databases.files import DatabaseFiles
from hemostat.evidence.databases.sqlite_file import SqliteReader
from hemostat.evidence.isolation.process import IsolatedTable
from hemostat.evidence.sql.reasons import SqlReason
from hemostat.model import CountMethod

SQLITE = DatabaseFiles(SqliteReader(), "hemostat.evidence.databases.sqlite_file:SqliteReader", copies=False)
DUCKDB = DatabaseFiles(DuckdbReader(), "hemostat.evidence.databases.duckdb_file:DuckdbReader", copies=True)
linux = pytest.mark.skipif(
    sys.platform != "linux", reason="a file in memory under a path is a thing of Linux"
)


def sealed(path):
    """As a source whose octets are in memory alone."""
    data = path.read_bytes()
    return Source(path.name, len(data), lambda: io.BytesIO(data))


def clear(path):
    return Source(path.name, path.stat().st_size, lambda: path.open("rb"))


def read(reader, source, limits=None):
    found = {}
    for table in reader.tables(source, limits or Limits()):
        batches = list(table.batches(None))
        units = sum(batch.units for batch in batches)
        assert table.count_units() == units
        assert table.count_method == CountMethod.DECLARED
        rows = [tuple(row.values()) for batch in batches for row in batch.rows.to_pylist()]
        where = [place for batch in batches for place in batch.locator.to_pylist()]
        assert len(rows) + sum(batch.blank for batch in batches) == units
        names = batches[0].rows.column_names if batches else []
        found[table.name.partition("#")[2]] = (names, rows, where)
    return found


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "evidence"
    place.mkdir()
    return place


@pytest.fixture
def sqlite_path(folder):
    path = folder / "clinique.db"
    base = sqlite3.connect(path)
    base.executescript(
        "create table patients (" + ", ".join(HEADINGS) + ");"
        'create table "odd, ta\'ble" (rowid text, "a""b" real, scan blob);'
        "create table visits (patient int, day text, primary key (patient, day)) without rowid;"
        "create table empty_one (x); create view seen as select * from patients; create index i on patients (nom);"
        "create virtual table notes using fts5(body); insert into notes values ('suivi annuel');"
        "insert into visits values (2, '2020-01-02'), (1, '2020-01-01');"
    )
    base.executemany(f"insert into patients values ({', '.join('?' * len(HEADINGS))})", people(5))
    base.execute("delete from patients where rowid = 2")
    base.executemany(
        'insert into "odd, ta\'ble" values (?, ?, ?)',
        [
            ("a\0b", 183057505612345.0, b"\x00\xff"),
            ("", 0.5, b"texte"),
            (None, None, None),
            ("é", 1e300, bytes(40)),
        ],
    )
    base.execute(
        "insert into patients (nom) values (cast(x'48e96ce86e65' as text))"
    )  # Hélène in Windows-1252
    base.commit()
    base.close()
    return path


@pytest.mark.parametrize("kept", [sealed, pytest.param(clear, marks=linux)])
def test_every_table_of_a_sqlite_file(sqlite_path, kept):
    found = read(SQLITE, kept(sqlite_path))
    names, rows, where = found["patients"]
    assert names == list(HEADINGS)
    assert rows[:4] == [people(5)[0], *people(5)[2:]]
    assert rows[4][0] == "Hélène"
    assert where == ["rowid 1", "rowid 3", "rowid 4", "rowid 5", "rowid 6"]
    names, rows, where = found["odd, ta'ble"]
    assert names == ["rowid", 'a"b', "scan"]
    assert rows == [
        ("a\0b", "183057505612345", "0x00FF"), (None, "0.5", "texte"), ("é", "1e+300", "<40 bytes>"),
    ]  # fmt: skip
    assert where == ["rowid 1", "rowid 2", "rowid 4"]
    assert found["visits"][1:] == ([("1", "2020-01-01"), ("2", "2020-01-02")], ["row 1", "row 2"])
    assert found["notes_content"][1] == [("1", "suivi annuel")]
    assert found["empty_one"] == ([], [], [])
    assert not {"seen", "notes"} & set(found)


def test_reading_a_sqlite_table_goes_on_after_any_batch(sqlite_path):
    for table in SQLITE.tables(sealed(sqlite_path), Limits(batch_rows=2)):
        whole = list(table.batches(None))
        for number, batch in enumerate(whole):
            rest = list(table.batches(batch.resume))
            assert [(one.rows, one.locator) for one in rest] == [
                (one.rows, one.locator) for one in whole[number + 1 :]
            ]


@linux
@pytest.mark.parametrize("kept", [sealed, clear])
def test_a_table_may_be_counted_before_and_after_it_is_read(sqlite_path, kept):
    for table in SQLITE.tables(kept(sqlite_path), Limits()):
        before = table.count_units()
        assert sum(batch.units for batch in table.batches(None)) == before == table.count_units()


@linux
def test_a_question_on_the_way_does_not_end_the_rows(duckdb_path):
    reader = DuckdbReader(str(duckdb_path))
    (table,) = (
        one for one in reader.tables(sealed(duckdb_path), Limits(batch_rows=2)) if one.table == "patients"
    )
    met = 0
    for batch in table.batches(None):
        assert table.note
        assert table.count_units() == 5
        met += batch.rows.num_rows
    assert met == 5


@linux
def test_what_reads_a_database_is_another_process(sqlite_path, duckdb_path):
    for reader, path in ((SQLITE, sqlite_path), (DUCKDB, duckdb_path)):
        open_before = len(list(Path("/proc/self/fd").iterdir()))
        for table in reader.tables(sealed(path), Limits()):
            assert isinstance(table, IsolatedTable)
        assert (
            len(list(Path("/proc/self/fd").iterdir())) <= open_before + 4
        )  # the pipes of a worker that is kept


def test_a_sqlite_file_in_wal_mode_is_read_as_it_lies(folder):
    path = folder / "wal.db"
    base = sqlite3.connect(path)
    base.execute("pragma journal_mode = wal")
    base.execute("create table t (x)")
    base.execute("insert into t values (1)")
    base.commit()
    base.execute("pragma wal_checkpoint(truncate)")
    base.execute("insert into t values (2)")
    base.commit()
    found = read(SQLITE, sealed(path))
    journal = (folder / "wal.db-wal").read_bytes()
    base.close()
    assert found["t"][1] == [("1",)]
    assert SQLITE.recognises(journal, "wal.db-wal") == 98
    with pytest.raises(Unreadable) as caught:
        list(SQLITE.tables(Source("j", len(journal), lambda: io.BytesIO(journal)), Limits()))
    assert caught.value.reason == SqlReason.SQLITE_JOURNAL


def test_a_sqlite_file_beyond_the_limit_is_not_loaded(sqlite_path):
    with pytest.raises(Unreadable) as caught:
        list(SQLITE.tables(sealed(sqlite_path), Limits(book_bytes=1000)))
    assert caught.value.reason == SqlReason.DATABASE_LARGE


@pytest.mark.parametrize(
    "harm", [lambda data: data[:3000], lambda data: data[:100] + b"\xff" * (len(data) - 100)]
)
def test_a_damaged_sqlite_file_is_told_of(sqlite_path, harm):
    data = harm(sqlite_path.read_bytes())
    source = Source("x", len(data), lambda: io.BytesIO(data))
    with pytest.raises(Unreadable):
        read(SQLITE, source)


@pytest.fixture
def duckdb_path(folder):
    path = folder / "clinique.duckdb"
    with duckdb.connect(str(path)) as base:
        base.execute("create table patients (" + ", ".join(f"{name} varchar" for name in HEADINGS) + ")")
        base.executemany(
            f"insert into patients values ({', '.join('?' * len(HEADINGS))})",
            [list(row) for row in people(5)],
        )
        base.execute("create schema archive; create view seen as select 1; create table empty_one (x int)")
        base.execute(
            'create table archive."odd ""table" as select * from (values'
            " (170141183460469231731687303715884105727::hugeint, 1.5::double, 123456789.0::double, date '1990-02-14',"
            "  timestamp '2020-01-02 03:04:05', '\\x00\\xff'::blob, [1, 2], {'a': 'é'}, 'b'::enum('a', 'b'), "
            "1.50::decimal(9, 2), true),"
            " (null, null, null, null, null, null, null, null, null, null, null),"
            " (1, 0.25, 2, null, null, 'texte'::blob, [], {'a': null}, 'a', 0, false)"
            ") t(huge, f, whole, day, instant, scan, list, struct, choice, money, flag)"
        )
    return path


@linux
@pytest.mark.parametrize("kept", [sealed, clear])
def test_every_table_of_a_duckdb_file(duckdb_path, kept):
    found = read(DUCKDB, kept(duckdb_path))
    names, rows, where = found["patients"]
    assert (names, rows, where) == (list(HEADINGS), people(5), [f"row {n}" for n in range(1, 6)])
    names, rows, where = found['archive.odd "table']
    assert rows[0] == (
        "170141183460469231731687303715884105727", "1.5", "123456789", "1990-02-14", "2020-01-02T03:04:05", "0x00FF",
        "[1, 2]", '{"a": "é"}', "b", "1.50", "true",
    )  # fmt: skip
    assert (len(rows), where) == (2, ["row 1", "row 3"])
    assert found["empty_one"][1] == []
    assert "seen" not in found


@linux
def test_reading_a_duckdb_table_goes_on_after_any_batch(duckdb_path):
    for table in DUCKDB.tables(sealed(duckdb_path), Limits(batch_rows=2)):
        whole = list(table.batches(None))
        for number, batch in enumerate(whole):
            assert [one.rows for one in table.batches(batch.resume)] == [
                one.rows for one in whole[number + 1 :]
            ]


@linux
def test_a_duckdb_file_that_cannot_be_opened_is_told_of(duckdb_path):
    data = duckdb_path.read_bytes()
    for octets, reason in (
        (data[:5000], SqlReason.DATABASE_VERSION),
        (data[:12] + b"\xff" + data[13:], SqlReason.DATABASE_VERSION),
    ):
        with pytest.raises(Unreadable) as caught:
            list(DUCKDB.tables(Source("x", len(octets), lambda octets=octets: io.BytesIO(octets)), Limits()))
        assert caught.value.reason == reason
    with pytest.raises(Unreadable) as caught:
        list(DUCKDB.tables(sealed(duckdb_path), replace(Limits(), book_bytes=1000)))
    assert caught.value.reason == SqlReason.DATABASE_LARGE


@linux
def test_a_duckdb_file_reaches_nothing_outside(duckdb_path):
    """Not even when a query asks for it."""
    (table, *_) = DuckdbReader(str(duckdb_path)).tables(sealed(duckdb_path), Limits())
    with pytest.raises(Unreadable):
        table.base.ask("select * from read_text('/etc/hostname')")
    with pytest.raises(Unreadable):
        table.base.ask("set enable_external_access = true")
    table.base.close()


def test_database_files_are_known_by_their_first_octets(sqlite_path, duckdb_path):
    assert SQLITE.recognises(sqlite_path.read_bytes()[:4096], "x") == 98
    assert DUCKDB.recognises(duckdb_path.read_bytes()[:4096], "x") == 98
    assert not SQLITE.recognises(b"nom;prenom", "x.db")
    assert not DUCKDB.recognises(b"nom;prenom", "x.duckdb")
