"""What the reading of evidence promises, as a user meets it: references declared by a dump reach people."""

import json
import sqlite3

import duckdb
import polars as pl
import pytest

import factories

COUNT = 60


def people():
    """Patients under numbers that also are those of rooms and visits: values alone cannot tell what refers to what."""
    return [(n + 1, *row[:7]) for n, row in enumerate(factories.people(COUNT))]


def visits():
    """(visit, whose, room, reason): each number is below 60, and so is found in every other column of numbers."""
    return [(n + 1, COUNT - n // 2, n % 7 + 1, "grossesse" if n % 2 else "asthme") for n in range(2 * COUNT)]


HEADINGS = ("id", *factories.HEADINGS[:7])


def quoted(cells):
    return (
        "("
        + ",".join(str(c) if isinstance(c, int) else "'" + str(c).replace("'", "''") + "'" for c in cells)
        + ")"
    )


def statements():
    columns = ", ".join(f"{name} text" for name in HEADINGS[1:])
    return [
        f"CREATE TABLE patients (id integer primary key, {columns});",
        "CREATE TABLE salles (id integer primary key, places integer);",
        """CREATE TABLE visites (
          id integer primary key, titulaire integer REFERENCES patients (id), salle integer, motif text);""",
        *(f"INSERT INTO patients VALUES {quoted(row)};" for row in people()),
        *(f"INSERT INTO salles VALUES ({n}, {n * 3});" for n in range(1, 8)),
        *(f"INSERT INTO visites VALUES {quoted(row)};" for row in visits()),
    ]


def dump(path):
    lines = ("PRAGMA foreign_keys=OFF;", "BEGIN TRANSACTION;", *statements(), "COMMIT;", "")
    path.write_text("\n".join(lines))


def sqlite(path):
    with sqlite3.connect(path) as base:
        base.executescript("\n".join(statements()))
    base.close()


def duck(path):
    with duckdb.connect(str(path)) as base:
        for one in statements():
            base.execute(one)


@pytest.mark.parametrize(
    ("name", "make"),
    [("d.sql", dump), ("d.db", sqlite), ("d.duckdb", duck)],
    ids=["dump", "sqlite", "duckdb"],
)
def test_a_visit_reaches_the_person_that_its_declared_reference_names(tmp_path, hemostat, name, make):
    (tmp_path / "evidence").mkdir()
    make(tmp_path / "evidence" / name)
    case = tmp_path / "case"
    assert hemostat("respond", tmp_path / "evidence" / name, "--case", case)[0] == 0
    (tmp_path / "out").mkdir()
    for what in ("records", "persons"):
        assert hemostat("export", case, what, tmp_path / "out" / f"{what}.parquet")[0] == 0
    records = pl.read_parquet(tmp_path / "out" / "records.parquet").with_columns(
        table=pl.col("evidence").str.split("#").list.last(),
        row=pl.int_range(pl.len()).over("evidence", order_by="record_id"),
    )
    owner = dict(
        records.filter(pl.col("table") == "patients").select(pl.col("row") + 1, "person_id").iter_rows()
    )
    assert len(set(owner.values())) == COUNT
    told = records.filter(pl.col("table") == "visites").sort("row")["person_id"].to_list()
    assert told == [owner[whose] for _, whose, _, _ in visits()]
    summary = json.loads((case / "report" / "summary.json").read_text())
    assert all(line["unexplained"] == 0 for line in summary["evidence"])
    assert summary["persons"]["best"] == COUNT
