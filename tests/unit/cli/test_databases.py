"""Databases named on the command line: read whole and read-only; their passwords are used and stay nowhere."""

import json
import subprocess
import sys
from urllib.parse import quote

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

import servers
from hemostat.cli import databases
from hemostat.cli.commands import root
from hemostat.errors import EvidenceError, HemostatError, UsageError

REASONS = ("dépression, suivi", "contrôle du diabète", "grippe", "bilan VIH")
PEOPLE, ORPHANS = 60, 5


def patients():
    first = ("Odette", "Inès", "Zoé", "Yann")
    for number in range(1, PEOPLE + 1):
        name = f"LETEST{'ABCDEFGHIJ'[number % 10]}{'KLMNOPQRST'[number // 10]}"
        email, born = f"p{number}@example.org", f"19{30 + number}-01-{1 + number % 28:02d}"
        yield f"({number}, '{name}', '{first[number % 4]}', '{email}', '{born}')"


def tables(engine=""):
    rows = ", ".join(
        f"({900 + n}, {n + 1 if n < PEOPLE else 5000 + n}, '{REASONS[n % 4]}')"
        for n in range(PEOPLE + ORPHANS)
    )
    return (
        f"create table patients (id int primary key, nom varchar(40), prenom varchar(40), email varchar(80),"
        f" date_naissance date){engine}; insert into patients values {', '.join(patients())};"
        f" create table consultations (id int primary key, patient_id int, motif_consultation varchar(200)){engine};"
        f" insert into consultations values {rows}; create table vide (x int){engine};"
    )


@pytest.fixture(scope="module")
def postgresql():
    pytest.importorskip("adbc_driver_postgresql", reason="the extra 'databases' is not installed")
    with servers.postgresql() as server:
        server.psql("create database clinique template template0 encoding 'UTF8'")
        server.psql(tables(), "clinique")
        yield f"postgresql://reader:{quote(servers.PASSWORD, safe='')}@127.0.0.1:{server.port}/clinique"


@pytest.fixture(scope="module")
def mariadb():
    pytest.importorskip("pymysql", reason="the extra 'databases' is not installed")
    with servers.mariadb() as server:
        server.sql("create database clinique")
        server.sql(tables(" engine=InnoDB"), "clinique")
        yield f"mysql://reader:{quote(servers.PASSWORD, safe='')}@127.0.0.1:{server.port}/clinique"


@pytest.fixture
def hemostat(tmp_path):
    def running(*arguments, stdin=None):
        key = tmp_path / "keys" / "key"
        key.parent.mkdir(exist_ok=True)
        return CliRunner().invoke(
            root, ["--lang", "en", "--key-file", str(key), *map(str, arguments)], input=stdin
        )

    return running


def without_password(address):
    return address.replace(":" + quote(servers.PASSWORD, safe="") + "@", "@")


@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
def test_from_an_address_to_people(kind, request, hemostat, tmp_path):
    address = request.getfixturevalue(kind)
    case = tmp_path / "c"
    done = hemostat("respond", address, "--case", case)
    assert done.exit_code == 0, done.output
    summary = json.loads((case / "report" / "summary.json").read_text())
    name = address.partition("://")[0] + "://" + address.partition("@")[2]
    schema = "public." if kind == "postgresql" else ""
    lines = {line["name"]: line for line in summary["evidence"]}
    assert list(lines) == [f"{name}#{schema}{table}" for table in ("consultations", "patients", "vide")]
    assert {line["count_method"] for line in lines.values()} == {"declared"}
    assert lines[f"{name}#{schema}patients"]["records"] == PEOPLE
    assert [line["unexplained"] for line in lines.values()] == [0, 0, 0]
    assert all(len(line["sha256"]) == 64 for line in lines.values())
    assert summary["persons"]["best"] == PEOPLE
    assert summary["records"]["without_identity"] == ORPHANS
    assert summary["categories"]["consultation_reason"]["persons"] == PEOPLE
    assert hemostat("export", case, "records", tmp_path / "out.parquet").exit_code == 0
    records = pq.read_table(tmp_path / "out.parquet").to_pylist()
    (tmp_path / "out.parquet").unlink()
    orphans = [row["locator"] for row in records if row["person_id"] is None]
    assert orphans == [f"row {PEOPLE + n}" for n in range(1, ORPHANS + 1)]
    again = hemostat("respond", address, "--case", case)
    assert "counted once" in again.output
    assert len(json.loads((case / "report" / "summary.json").read_text())["evidence"]) == 3
    secrets = (servers.PASSWORD, quote(servers.PASSWORD, safe=""))
    held = (
        done.output
        + again.output
        + "".join(path.read_bytes().decode("latin-1") for path in case.rglob("*") if path.is_file())
    )
    assert not [secret for secret in secrets if secret in held]


@pytest.mark.parametrize("kind", ["postgresql", "mariadb"])
def test_the_password_from_elsewhere(kind, request, hemostat, tmp_path, monkeypatch):
    address = without_password(request.getfixturevalue(kind))
    refused = hemostat("respond", address, "--case", tmp_path / "a")
    assert isinstance(refused.exception, EvidenceError)
    (tmp_path / "keys").mkdir(exist_ok=True)
    (tmp_path / "keys" / "password").write_text(servers.PASSWORD + "\n")
    given = ("--database-password-file", tmp_path / "keys" / "password")
    assert hemostat("respond", address, "--case", tmp_path / "b", *given).exit_code == 0
    monkeypatch.setenv("PGPASSWORD" if kind == "postgresql" else "MYSQL_PWD", servers.PASSWORD)
    assert hemostat("add", tmp_path / "b", address, "--role", "patients").exit_code == 0


def test_a_password_file_that_cannot_be_read(tmp_path):
    with pytest.raises(UsageError):
        databases.password_for("mysql://127.0.0.1/x", tmp_path / "none")


@pytest.mark.parametrize("address", ["oracle://u:geheim@h/d", "postgresql://u:ge@heim@h/a/b"])
def test_an_address_that_cannot_be_read_is_not_quoted(address, hemostat, tmp_path):
    done = hemostat("respond", address, "--case", tmp_path / "a")
    assert isinstance(done.exception, HemostatError)
    assert "heim" not in done.output + str(done.exception)
    assert not (tmp_path / "a").exists()


def test_a_missing_driver_is_named_with_its_remedy(hemostat, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pymysql", None)
    done = hemostat("respond", "mysql://127.0.0.1/x", "--case", tmp_path / "a")
    assert "[databases]'" in str(done.exception)


@pytest.mark.skipif(sys.platform != "linux", reason="the arguments of a process are hidden on Linux alone")
def test_the_password_leaves_the_list_of_processes():
    program = (
        "import sys; from hemostat.cli.databases import PLACE; given = PLACE.convert(sys.argv[1], None, None);"
        "print(open('/proc/self/cmdline').read(), sys.argv, len(given) == 20 and 'xxx' not in given)"
    )
    shown = subprocess.run(
        [sys.executable, "-c", program, "mysql://u:Zq9Zq9@h/d", "after"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "Zq9" not in shown
    assert "mysql://u:xxxxxx@h/d" in shown
    assert "after" in shown
    assert "True" in shown


def test_a_case_is_called_after_the_database():
    assert databases.stem("postgresql://u:p@h/clinique?sslmode=require") == "clinique"
    assert databases.stem("mysql://u:p@h") == "h"
