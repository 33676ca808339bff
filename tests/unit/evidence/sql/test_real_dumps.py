"""Dumps by the real programs of real databases: every cell that was put in comes out of the dump to the letter."""

import contextlib
import io
import shutil
import sqlite3
import subprocess

import pytest

import servers
from hemostat.evidence import registry
from hemostat.evidence.base import Limits, Source
from hemostat.evidence.sql.reader import PgArchiveReader, SqlDumpReader

TEXTS = (
    "l'eau, «l'été» & l’œuf € 😀 ﷽",
    "\\ \\\\ \\' \\n \\N \\. %_ \\",
    "'",
    "''),(''",
    '"quoted" `ticks` [brackets] {braces} $$dollars$$ $a$',
    "line one\nline two\r\nline three\ttab\vvertical\fform\bback",
    "\n\\.\n",
    ");\nINSERT INTO patients VALUES (1);\n-- it's /* not */ # a comment",
    "\x01\x1a\x7f",
    " spaces around ",
    "NULL",
    "0x41",
    "E'x' N'y' _binary 'z'",
    "x" * 5000,
    ";",
    "",
    None,
)
ROWS = [(str(number), text, TEXTS[number * 7 % len(TEXTS)]) for number, text in enumerate(TEXTS, 1)]
OCTETS = (b"plain text", b"\x00\xff'\\\n\"", bytes(range(256)), b"", None)
SHOWN = ("plain text", "0x00FF275C0A22", "<256 bytes>", None, None)


def hexed(value):
    octets = value.encode() if isinstance(value, str) else value
    return "null" if octets is None else f"x'{octets.hex()}'"


def read(dump):
    """Every table that has rows, by what follows # in its name; nothing may be set aside or miscounted."""
    source = Source("d.sql", len(dump), lambda: io.BytesIO(dump))
    assert SqlDumpReader().recognises(dump[: 64 << 10], "d.sql") >= 90
    found = {}
    for table in SqlDumpReader().tables(source, Limits()):
        batches = list(table.batches(None))
        assert not [one for batch in batches for one in batch.quarantined]
        assert sum(batch.units for batch in batches) == table.count_units()
        if batches:
            found[table.name.partition("#")[2]] = [row for batch in batches for row in batch.rows.to_pylist()]
    return found


def as_read(rows, names):
    return [dict(zip(names, (cell or None for cell in row), strict=True)) for row in rows]


@pytest.fixture(scope="module")
def mariadb():
    with servers.mariadb() as server:
        fill = ";".join(
            f"insert into patients (nom, note) values (convert({hexed(nom)} using utf8mb4), "
            f"convert({hexed(note)} using utf8mb4))"
            for _, nom, note in ROWS
        )
        octets = ";".join(f"insert into scans (scan) values ({hexed(one)})" for one in OCTETS)
        server.sql(
            "create database clinique; use clinique;"
            "create table patients (id int primary key auto_increment, nom longtext, note longtext);"
            "create table `odd ``name'` (`key` int, `a,b` text, made int generated always as (`key` + 1));"
            "create table scans (id int primary key auto_increment, scan longblob);"
            "create table empty_one (x int); create view seen as select * from patients;"
            "insert into `odd ``name'` (`key`, `a,b`) values (1, 'x'), (2, null);"
            + fill
            + ";"
            + octets
            + ";\n"
            "delimiter $$\ncreate trigger t before insert on empty_one for each row begin insert into scans "
            "values (9, 'it''s'); end$$\n"
        )
        server.sql(
            "create database anciens; use anciens; set names utf8mb4;"
            "create table patients (nom text) default charset latin1; insert into patients values ('Hélène € "
            "œuf'), ('l''été')"
        )
        yield server


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--skip-extended-insert",),
        ("--complete-insert",),
        ("--hex-blob", "--complete-insert", "--skip-extended-insert"),
        ("--compact",),
        ("--insert-ignore",),
        ("--replace", "--no-create-info", "--skip-comments"),
        ("--skip-opt", "--order-by-primary"),
        ("--compatible=ansi", "--default-character-set=utf8mb4"),
        ("--net-buffer-length=4096", "--routines", "--events", "--single-transaction"),
    ],
)
def test_mariadb_dump(mariadb, options):
    found = read(mariadb.dump(*options, "clinique"))
    bare = "--no-create-info" in options and "--complete-insert" not in options
    names = ["col_1", "col_2", "col_3"] if bare else ["id", "nom", "note"]
    assert found["patients"] == as_read(ROWS, names)
    odd = found["odd `name'"]
    assert [list(row.values())[:2] for row in odd] == [["1", "x"], ["2", None]]
    if not bare:
        assert list(odd[0])[:2] == ["key", "a,b"]
        assert [row["scan"] for row in found["scans"]] == list(SHOWN)
    assert set(found) == {"patients", "odd `name'", "scans"}


def test_mariadb_dump_of_several_databases(mariadb):
    found = read(mariadb.dump("--databases", "clinique", "anciens"))
    assert found["clinique.patients"] == as_read(ROWS, ["id", "nom", "note"])
    assert found["anciens.patients"] == [{"nom": "Hélène € œuf"}, {"nom": "l'été"}]


def test_mariadb_dump_without_quotes_around_names(mariadb):
    found = read(mariadb.dump("--compact", "--skip-quote-names", "anciens"))
    assert found == {"patients": [{"nom": "Hélène € œuf"}, {"nom": "l'été"}]}


def test_mariadb_dump_in_latin1(mariadb):
    dump = mariadb.dump("--default-character-set=latin1", "anciens")
    assert "Hélène €".encode("cp1252") in dump
    assert read(dump)["patients"] == [{"nom": "Hélène € œuf"}, {"nom": "l'été"}]


def test_mariadb_dump_of_a_server_without_backslash_escapes(mariadb):
    with contextlib.ExitStack() as later:
        later.callback(mariadb.sql, "set global sql_mode = default")
        mariadb.sql("set global sql_mode = 'NO_BACKSLASH_ESCAPES'")
        assert read(mariadb.dump("clinique"))["patients"] == as_read(ROWS, ["id", "nom", "note"])


@pytest.fixture(scope="module")
def postgresql():
    def written(text):
        return "null" if text is None else f"convert_from('\\x{text.encode().hex()}', 'UTF8')"

    def octets(one):
        return "null" if one is None else f"'\\x{one.hex()}'"

    with servers.postgresql() as server:
        server.psql("create database clinique template template0 encoding 'UTF8'")
        server.psql(
            "create schema archive; create table patients (id serial primary key, nom text, note text);"
            'create table archive."Odd, name" ("key" int, "a""b" text, made int generated always as ("key" + '
            "1) stored);"
            "create table scans (id serial, scan bytea); create table empty_one (x int); create view seen as "
            "select 1 as x;"
            "create function f() returns trigger language plpgsql as $$ begin insert into scans values (1); "
            "return new; end $$;"
            "create trigger t before insert on empty_one for each row execute function f();"
            "create rule r as on insert to empty_one do also insert into scans values (new.x);"
            "create function g() returns int begin atomic; select 1; select case when true then 2 end; end;"
            "comment on table patients is 'it''s;\nINSERT INTO patients VALUES (1);';"
            """insert into archive."Odd, name" values (1, 'x'), (2, null);"""
            + ";".join(
                f"insert into patients (nom, note) values ({written(nom)}, {written(note)})"
                for _, nom, note in ROWS
            )
            + ";"
            + ";".join(f"insert into scans (scan) values ({octets(one)})" for one in OCTETS),
            "clinique",
        )
        server.psql("create database anciens template template0 encoding 'LATIN1' locale 'C'")
        server.psql(
            "set client_encoding = 'UTF8'; create table patients (nom text); insert into patients values "
            "('Hélène'), ('l''été')",
            "anciens",
        )
        yield server


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--inserts",),
        ("--column-inserts",),
        ("--rows-per-insert=3",),
        ("--column-inserts", "--rows-per-insert=1000", "--on-conflict-do-nothing"),
        ("--clean", "--if-exists", "--create"),
        ("--data-only", "--disable-dollar-quoting"),
        ("--quote-all-identifiers", "--inserts"),
    ],
)
def test_pg_dump(postgresql, options):
    found = read(postgresql.dump("clinique", *options))
    assert found["patients"] == as_read(ROWS, ["id", "nom", "note"])
    assert [(row["key"], row['a"b']) for row in found["archive.Odd, name"]] == [("1", "x"), ("2", None)]
    if "--data-only" not in options:
        assert [row["scan"] for row in found["scans"]] == list(SHOWN)
    assert set(found) == {"patients", "archive.Odd, name", "scans"}


def test_pg_dump_in_latin1(postgresql):
    dump = postgresql.dump("anciens")
    assert "Hélène".encode("latin-1") in dump
    assert read(dump)["patients"] == [{"nom": "Hélène"}, {"nom": "l'été"}]


def test_pg_dump_archives_are_recognised(postgresql):
    archive = postgresql.dump("clinique", "--format=custom")
    reader, _ = max(
        ((one, one.recognises(archive[:4096], "x")) for one in (*registry.READERS, PgArchiveReader())),
        key=lambda pair: pair[1],
    )
    assert reader.kind == "pgdump"


@pytest.fixture
def sqlite_file(tmp_path):
    path = tmp_path / "evidence" / "clinique.db"
    path.parent.mkdir()
    base = sqlite3.connect(path)
    base.executescript(
        'create table patients (id integer primary key, nom text, note text); create table "odd, name" ("key" '
        'int, "a""b" text);'
        "create table scans (id integer primary key, scan blob); create view seen as select 1; create table log (x);"
        "create trigger t after insert on log begin insert into scans values (1, 'it''s'); select case when 1 "
        "then 2 end; end;"
        "insert into \"odd, name\" values (1, 'x'), (2.5, null);"
    )
    base.executemany("insert into patients values (?, ?, ?)", ROWS)
    base.executemany("insert into scans (scan) values (?)", [(one,) for one in OCTETS])
    base.commit()
    yield path, base
    base.close()


def check_sqlite(found):
    assert found["patients"] == as_read(ROWS, ["id", "nom", "note"])
    assert found["odd, name"] == [{"key": "1", 'a"b': "x"}, {"key": "2.5", 'a"b': None}]
    assert [row["scan"] for row in found["scans"]] == list(SHOWN)
    assert set(found) <= {"patients", "odd, name", "scans"}


def test_sqlite_dump_by_python(sqlite_file):
    _, base = sqlite_file
    check_sqlite(read("\n".join(base.iterdump()).encode()))


def test_sqlite_dump_by_its_shell(sqlite_file):
    shell = shutil.which("sqlite3")
    if not shell:
        pytest.skip("the shell of SQLite is not installed (Debian: apt-get install sqlite3)")
    done = subprocess.run([shell, str(sqlite_file[0]), ".dump"], capture_output=True, check=True)
    check_sqlite(read(done.stdout))
