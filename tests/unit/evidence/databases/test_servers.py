"""Live servers: one snapshot, every table, declared counts; and nothing of user or password anywhere."""

import hashlib
import io
import sys
from urllib.parse import quote

import pytest

import servers
from factories import HEADINGS, people
from hemostat.errors import EvidenceError
from hemostat.evidence import extras
from hemostat.evidence.base import Limits, Reference, Source, Unreadable
from hemostat.evidence.databases.address import parse_address
from hemostat.evidence.databases.live import is_address, open_database
from hemostat.evidence.databases.snapshot import SnapshotReader, snapshot
from hemostat.evidence.reasons import Reason
from hemostat.model import CountMethod

PASSWORD = quote(servers.PASSWORD, safe="")
TEXTS = ("l'eau « é » 😀", "\\ \\N \n\t\"'`", "", None, "x" * 70_000)
OCTETS = (b"texte", b"\x00\xff", b"", None, b"\xff" * 2_000_000)
SHOWN = ["texte", "0x00FF", None, None, "<2000000 bytes>"]


def hexed(value, template):
    octets = value.encode() if isinstance(value, str) else value
    return "null" if octets is None else template.format(octets.hex())


def read(table):
    batches = list(table.batches(None))
    units = sum(batch.units for batch in batches)
    assert table.count_units() == units
    assert table.count_method == CountMethod.DECLARED
    return [row for batch in batches for row in batch.rows.to_pylist()]


def tables(database, limits=None):
    return {table.name.partition("#")[2]: table for table in database.tables(limits or Limits())}


@pytest.fixture(scope="module")
def postgresql():
    pytest.importorskip("adbc_driver_postgresql", reason="the extra 'databases' is not installed")
    with servers.postgresql() as server:
        server.psql("create database clinique template template0 encoding 'UTF8'")
        listed = ", ".join(f"{name} text" for name in HEADINGS)
        rows = ", ".join("(" + ", ".join(f"'{cell}'" for cell in row) + ")" for row in people(7))
        text = "convert_from('\\x{}', 'UTF8')"
        values = ", ".join(
            f"({number}, {hexed(nasty, text)}, {hexed(octets, chr(39) + chr(92) + 'x{}' + chr(39))})"
            for number, (nasty, octets) in enumerate(zip(TEXTS, OCTETS, strict=True))
        )
        server.psql(
            f"create schema archive; create table patients ({listed}); insert into patients values {rows};"
            f'create table archive."Odd "" table" (id int, "a,b" text, scan bytea); insert into archive."Odd '
            f'"" table" values {values};'
            "create table kinds (n numeric, f float8, d date, t timestamptz, i interval, a text[], j jsonb, b "
            "boolean, u uuid);"
            "insert into kinds values (1.50, 0.1, '1990-02-14', '2020-01-02 03:04:05+02', '1 day 2 hours', '{a,"
            "NULL}', '{\"é\": 1}', true,"
            " '00000000-0000-0000-0000-000000000001'), (null, null, null, null, null, null, null, null, null);"
            "create table parent (x int); create table child () inherits (parent); insert into parent values "
            "(1); insert into child values (2);"
            "create table parted (x int) partition by range (x); create table part_one partition of parted for "
            "values from (0) to (9);"
            "insert into parted values (3); create view seen as select 1; create materialized view kept as "
            "select 1; create table empty_one (x int);"
            "create table guarded (x int); insert into guarded values (1); alter table guarded enable row "
            "level security;"
            "create table hidden (x int); insert into hidden values (1);"
            "create role weak login password 'x'; grant usage on schema public to weak; grant select on "
            "empty_one to weak",
            "clinique",
        )
        yield server


@pytest.fixture
def at_postgresql(postgresql):
    return f"postgresql://reader:{PASSWORD}@127.0.0.1:{postgresql.port}/clinique"


def test_every_table_of_a_postgresql_database(postgresql, at_postgresql):
    with open_database(at_postgresql) as database:
        assert database.name == f"postgresql://127.0.0.1:{postgresql.port}/clinique"
        found = tables(database)
        assert list(found) == [
            'archive.Odd " table', "public.child", "public.empty_one", "public.guarded", "public.hidden",
            "public.kinds", "public.parent", "public.part_one", "public.patients",
        ]  # fmt: skip
        assert [tuple(row.values()) for row in read(found["public.patients"])] == people(7)
        odd = read(found['archive.Odd " table'])
        assert [row["a,b"] for row in odd] == [text or None for text in TEXTS]
        assert [row["scan"] for row in odd] == SHOWN
        assert [tuple(row.values()) for row in read(found["public.kinds"])] == [
            ("1.50", "0.1", "1990-02-14", "2020-01-02 01:04:05+00", "P1DT2H", "{a,NULL}", '{"é": 1}', "true",
             "00000000-0000-0000-0000-000000000001"),
        ]  # fmt: skip
        assert [
            row["x"] for name in ("parent", "child", "part_one") for row in read(found[f"public.{name}"])
        ] == ["1", "2", "3"]
        assert read(found["public.empty_one"]) == []


def test_rows_hidden_by_a_policy_are_not_passed_over_and_a_refusal_ends_nothing(postgresql, at_postgresql):
    with open_database(at_postgresql) as database:
        found = tables(database)
        assert found["public.guarded"].count_units() is None
        with pytest.raises(Unreadable) as caught:
            list(found["public.guarded"].batches(None))
        assert caught.value.reason == Reason.NO_PERMISSION
        assert len(read(found["public.patients"])) == 7
    with open_database(f"postgresql://weak:x@127.0.0.1:{postgresql.port}/clinique") as database:
        with pytest.raises(Unreadable) as caught:
            list(tables(database)["public.hidden"].batches(None))
        assert caught.value.reason == Reason.NO_PERMISSION
        assert read(tables(database)["public.empty_one"]) == []


def test_a_postgresql_snapshot_stays_as_it_was(postgresql, at_postgresql):
    with open_database(at_postgresql) as database:
        found = tables(database)
        before = found["public.hidden"].count_units()
        postgresql.psql("insert into hidden values (2)", "clinique")
        assert len(read(found["public.hidden"])) == before
    with open_database(at_postgresql) as database, pytest.raises(Unreadable):
        database.ask("create table made (x int)")


@pytest.fixture(scope="module")
def mariadb():
    pytest.importorskip("pymysql", reason="the extra 'databases' is not installed")
    with servers.mariadb() as server:
        listed = ", ".join(f"{name} text" for name in HEADINGS)
        rows = ", ".join("(" + ", ".join(f"'{cell}'" for cell in row) + ")" for row in people(7))
        values = ", ".join(
            f"({number}, {hexed(nasty, 'convert(0x{} using utf8mb4)') if nasty else hexed(nasty, chr(39) * 2)},"
            f" {hexed(octets, 'x' + chr(39) + '{}' + chr(39))})"
            for number, (nasty, octets) in enumerate(zip(TEXTS, OCTETS, strict=True))
        )
        server.sql(
            f"create database clinique; create database `other db`; use clinique; create table patients "
            f"({listed}); insert into patients values {rows};"
            f"create table `odd `` table` (id int, `a,b` longtext, scan longblob); insert into `odd `` table` "
            f"values {values};"
            "create table kinds (n decimal(9,2), f double, d date, t datetime, i time, j json, b boolean, bits "
            "bit(4), e enum('a', 'é'), old text character set latin1);"
            "insert into kinds values (1.50, 0.1, '1990-02-14', '2020-01-02 03:04:05', '25:00:00', '{\"é\": "
            "1}', true, b'101', 'é', 'œuf €'),"
            " (null, null, null, null, null, null, null, null, null, null);"
            "create table engines (x int) engine=Aria; create table empty_one (x int); create view seen as "
            "select 1; create table hidden (x int);"
            "insert into hidden values (1); create table `other db`.patients (x int); insert into `other "
            "db`.patients values (9);"
        )
        yield server


@pytest.fixture
def at_mariadb(mariadb):
    return f"mariadb://reader:{PASSWORD}@127.0.0.1:{mariadb.port}/clinique"


def test_every_table_of_a_mariadb_database(mariadb, at_mariadb):
    with open_database(at_mariadb) as database:
        assert database.name == f"mariadb://127.0.0.1:{mariadb.port}/clinique"
        found = tables(database)
        assert list(found) == ["empty_one", "engines", "hidden", "kinds", "odd ` table", "patients"]
        assert [tuple(row.values()) for row in read(found["patients"])] == people(7)
        odd = read(found["odd ` table"])
        assert [row["a,b"] for row in odd] == [text or None for text in TEXTS]
        assert [row["scan"] for row in odd] == SHOWN
        assert [tuple(row.values()) for row in read(found["kinds"])] == [
            ("1.50", "0.1", "1990-02-14", "2020-01-02 03:04:05", "25:00:00", '{"é": 1}', "1", "5", "é", "œuf €"),
        ]  # fmt: skip
        assert read(found["empty_one"]) == []
        assert found["engines"].note.endswith("engine=Aria")
    with open_database(at_mariadb.removesuffix("clinique").replace("mariadb:", "mysql:")) as database:
        assert {"clinique.patients", "other db.patients"} <= set(tables(database))


def test_a_mariadb_snapshot_stays_as_it_was(mariadb, at_mariadb):
    with open_database(at_mariadb) as database:
        found = tables(database)
        before = found["hidden"].count_units()
        mariadb.sql("insert into clinique.hidden values (2)")
        assert len(read(found["hidden"])) == before
    with open_database(at_mariadb) as database, pytest.raises(Unreadable):
        database.ask("insert into hidden values (3)")


@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
def test_reading_goes_on_within_a_snapshot(kind, request):
    at = request.getfixturevalue(f"at_{kind}")
    with open_database(at) as database:
        table = next(
            one for name, one in tables(database, Limits(batch_rows=2)).items() if name.endswith("patients")
        )
        whole = list(table.batches(None))
        assert [batch.units for batch in whole] == [2, 2, 2, 1] or kind == "mariadb"
        for number, batch in enumerate(whole):
            assert [one.rows for one in table.batches(batch.resume)] == [
                one.rows for one in whole[number + 1 :]
            ]


@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
def test_a_table_is_written_down_and_read_again(kind, request):
    at = request.getfixturevalue(f"at_{kind}")
    with open_database(at) as database:
        for table in tables(database, Limits(batch_rows=3)).values():
            out = io.BytesIO()
            if table.count_units() is None:
                with pytest.raises(Unreadable):
                    snapshot(table, out)
                continue
            told = snapshot(table, out)
            data = out.getvalue()
            assert (told.name, told.bytes, told.sha256) == (
                table.name,
                len(data),
                hashlib.sha256(data).hexdigest(),
            )
            assert not [secret for secret in (PASSWORD, servers.PASSWORD) if secret.encode() in data]
            assert SnapshotReader().recognises(data[:4096], table.name) == 99
            (again,) = SnapshotReader().tables(
                Source(table.name, len(data), lambda data=data: io.BytesIO(data)), Limits()
            )
            assert (again.name, again.kind, again.note, again.count_units()) == (
                table.name, table.kind, table.note, told.units,
            )  # fmt: skip
            direct, kept = list(table.batches(None)), list(again.batches(None))
            assert [(b.rows, b.locator, b.units, b.blank) for b in kept] == [
                (b.rows, b.locator, b.units, b.blank) for b in direct
            ]
            assert told.rows == sum(batch.rows.num_rows for batch in kept)
            for number, batch in enumerate(kept):
                assert len(list(again.batches(batch.resume))) == len(kept) - number - 1


@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
@pytest.mark.parametrize("change", ["user", "password", "port", "database"])
def test_a_refusal_tells_nothing_of_the_way_in(kind, change, request):
    at = request.getfixturevalue(f"at_{kind}")
    before, after = {
        "user": ("reader:", "someone-else:"),
        "password": (PASSWORD, "wrong-secret"),
        "port": (at.rpartition(":")[2], "1/clinique"),
        "database": ("/clinique", "/no-such-base"),
    }[change]
    secret = (servers.PASSWORD, PASSWORD, "reader", "someone-else", "wrong-secret")
    with pytest.raises(EvidenceError) as caught, open_database(at.replace(before, after)) as database:
        list(database.tables(Limits()))
    fault = caught.value
    assert fault.__cause__ is None
    assert fault.__suppress_context__ or fault.__context__ is None
    said = " ".join([fault.en, fault.fr, str(fault), repr(fault), " ".join(sys.argv)])
    assert not [word for word in secret if word in said]


@pytest.mark.parametrize("kind", ["postgresql", "mysql"])
def test_a_missing_driver_is_named_with_the_command_that_installs_it(kind, monkeypatch):
    for module in ("adbc_driver_postgresql.dbapi", "pymysql"):
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(EvidenceError) as caught:
        open_database(f"{kind}://me:secret@db.example.org/clinique")
    assert extras.command("databases") in caught.value.en
    assert extras.command("databases") in caught.value.fr
    assert "secret" not in caught.value.en + caught.value.fr


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("postgresql://me:secret@db.example.org/clinic", "postgresql://db.example.org/clinic"),
        (
            "postgres://db.example.org:5433/clinic?sslmode=require&password=secret",
            "postgresql://db.example.org:5433/clinic",
        ),
        ("MYSQL://me@[::1]:3307/clinic", "mysql://[::1]:3307/clinic"),
        ("mariadb://me:se%40c%2Fret@db/", "mariadb://db/"),
        ("postgresql:///clinic?host=/run/postgresql", "postgresql:///clinic"),
    ],
)
def test_the_name_of_a_database_is_its_address_without_the_way_in(address, name):
    found = parse_address(address)
    assert found.name == name
    assert "secret" not in repr(found)
    assert "me" not in repr(found).replace("name", "").replace("scheme", "")
    assert is_address(address)


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://me:se/cret@db/clinic", "postgresql://me:se#cret@db/clinic", "postgresql://me:se?cret@db/clinic",
        "postgresql://me:secret@db:54x/clinic", "oracle://me:secret@db/clinic", "postgresql://[me:secret@db/clinic",
        "postgresql://me:secret@db/clinic/more",
    ],
)  # fmt: skip
def test_an_address_that_is_not_clear_is_refused_without_quoting_it(address):
    with pytest.raises(EvidenceError) as caught:
        parse_address(address)
    assert "cret" not in caught.value.en + caught.value.fr
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_an_option_that_is_not_known_is_named(at_mariadb):
    with pytest.raises(EvidenceError) as caught:
        open_database(at_mariadb + "?local_infile=1")
    assert "local_infile" in caught.value.en
    assert PASSWORD not in caught.value.en


def test_a_file_is_no_address():
    assert not is_address("patients.csv")
    assert not is_address("https://example.org/x")


TIED = (
    "create table persons (id int primary key, nom varchar(40));"
    "create table visits (n int primary key, who int, foreign key (who) references persons (id));"
    "create table pairs (a int, b int, primary key (a, b));"
    "create table of_pairs (a int, b int, foreign key (a, b) references pairs (a, b));"
    "insert into persons values (7, 'A'), (8, 'B'); insert into visits values (1, 8), (2, 7);"
)


@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
def test_what_a_server_declares_goes_with_the_table(kind, request):
    server, at = request.getfixturevalue(kind), request.getfixturevalue(f"at_{kind}")
    if kind == "postgresql":
        server.psql("create database liens template template0")
        server.psql(TIED, "liens")
    else:
        server.sql("create database liens")
        server.sql(TIED, "liens")
    with open_database(at.replace("/clinique", "/liens")) as database:
        found = tables(database)
        visits = next(one for name, one in found.items() if name.endswith("visits"))
        persons = next(one.name for name, one in found.items() if name.endswith("persons"))
        assert visits.references == (Reference("who", persons, "id"),)
        assert not [name for name, one in found.items() if one.references and not name.endswith("visits")]
        out = io.BytesIO()
        snapshot(visits, out)
    data = out.getvalue()
    (again,) = SnapshotReader().tables(Source("v", len(data), lambda: io.BytesIO(data)), Limits())
    assert again.references == (Reference("who", persons, "id"),)
