"""SQL dumps: what becomes a table, what becomes a row, what goes to the quarantine, and that it all adds up."""

import io

import pytest

from hemostat.evidence.base import Limits, Source, Unreadable
from hemostat.evidence.sql import reader, walk
from hemostat.evidence.sql.reader import PgArchiveReader, SqlDumpReader
from hemostat.evidence.sql.reasons import WORDING, SqlReason

MYSQL = "-- MySQL dump 10.13\n"
POSTGRESQL = "-- PostgreSQL database dump\nSET standard_conforming_strings = on;\n"


class Read:
    """One table, read whole."""

    def __init__(self, table):
        batches = list(table.batches(None))
        self.name, self.note = table.name, table.note
        for batch in batches:
            assert batch.rows.num_rows + sum(q.units for q in batch.quarantined) + batch.blank == batch.units
        self.rows = [row for batch in batches for row in batch.rows.to_pylist()]
        self.names = batches[0].rows.column_names if batches else []
        self.lines = [line for batch in batches for line in batch.line.to_pylist()]
        self.locators = [
            place
            for batch in batches
            for place in (batch.locator.to_pylist() if batch.locator is not None else [])
        ]
        self.aside = [one for batch in batches for one in batch.quarantined]
        self.units = sum(batch.units for batch in batches)
        self.counted = table.count_units()

    @property
    def values(self):
        return [tuple(row.values()) for row in self.rows]


def read(dump, limits=None, encoding="utf-8"):
    """Every table of a dump by what follows # in its name; each must add up."""
    data = dump if isinstance(dump, bytes) else dump.encode(encoding)
    source = Source("d.sql", len(data), lambda: io.BytesIO(data))
    found = {}
    for table in SqlDumpReader().tables(source, limits or Limits()):
        one = Read(table)
        assert one.units == one.counted, one.name
        found[one.name.partition("#")[2]] = one
    return found


def test_tables_lie_apart_and_each_has_its_rows():
    found = read(
        MYSQL
        + "CREATE TABLE `a` (`id` int, `nom` text);\nCREATE TABLE `empty` (`x` int);\n"
        + "INSERT INTO `a` VALUES (1,'un'),(2,'deux');\nINSERT INTO `b` (`x`) VALUES (9);\nINSERT INTO `a` "
        "VALUES (3,NULL);\n"
    )
    assert list(found) == ["a", "empty", "b"]
    assert found["a"].rows == [{"id": "1", "nom": "un"}, {"id": "2", "nom": "deux"}, {"id": "3", "nom": None}]
    assert found["b"].rows == [{"x": "9"}]
    assert (found["empty"].rows, found["empty"].units) == ([], 0)


def test_a_row_is_found_again_by_its_line_and_its_number_on_it():
    found = read(MYSQL + "INSERT INTO `a` VALUES (1),(2),\n(3),('x\ny'),(4);INSERT INTO `a` VALUES (5);\n")
    assert found["a"].lines == [2, 2, 3, 3, 4, 4]
    assert found["a"].locators == [f"line {line}, tuple {number}" for line in (2, 3, 4) for number in (1, 2)]


def test_copy_rows_have_their_line():
    found = read(POSTGRESQL + "COPY public.a (id, nom) FROM stdin;\n1\tun\n2\t\\N\n\\.\nSELECT 1;\n")
    assert (found["a"].values, found["a"].lines, found["a"].locators) == (
        [("1", "un"), ("2", None)],
        [4, 5],
        [],
    )


def test_columns_come_from_the_statement_else_from_the_table_else_are_numbered():
    found = read(
        MYSQL
        + "CREATE TABLE a (id int, nom text, ville text);\nINSERT INTO a (ville, id) VALUES ('Lyon', 1);\n"
        + "INSERT INTO a VALUES (2,'x','Nice');\nINSERT INTO b VALUES (1,2);\nCREATE TABLE c (x int, y int);"
        "\nINSERT INTO c VALUES (1,2,3);\n"
    )
    assert found["a"].rows == [
        {"id": "1", "nom": None, "ville": "Lyon"},
        {"id": "2", "nom": "x", "ville": "Nice"},
    ]
    assert found["b"].names == ["col_1", "col_2"]
    assert found["c"].rows == [{"col_1": "1", "col_2": "2", "col_3": "3"}]


def test_schemas_and_databases_tell_tables_apart():
    found = read(
        POSTGRESQL + "COPY public.a (x) FROM stdin;\n1\n\\.\nCOPY archive.a (x) FROM stdin;\n2\n\\.\n"
    )
    assert {name: one.values for name, one in found.items()} == {"a": [("1",)], "archive.a": [("2",)]}
    one = MYSQL + "USE `x`;\nINSERT INTO `a` VALUES (1);\n"
    assert list(read(one)) == ["a"]
    assert list(read(one + "USE `y`;\nINSERT INTO `a` VALUES (2);\n")) == ["x.a", "y.a"]
    every = "".join(
        f"{way}\nCOPY archive.a (x) FROM stdin;\n1\n\\.\n"
        for way in (
            "\\connect clinique",
            '\\connect "other one"',
            "\\connect -reuse-previous=on \"dbname='a b'\"",
        )
    )
    assert list(read(POSTGRESQL + every)) == ["clinique.archive.a", "other one.archive.a", "a b.archive.a"]


def test_tables_that_differ_by_capitals_alone_are_one():
    found = read(
        "CREATE TABLE Patients (Id int);\nINSERT INTO patients VALUES (1);\nINSERT INTO PATIENTS (ID) VALUES (2);\n"
    )
    assert {name: one.rows for name, one in found.items()} == {"Patients": [{"Id": "1"}, {"Id": "2"}]}


def test_what_is_no_row_is_no_unit():
    found = read(
        MYSQL
        + "/*!40101 SET NAMES utf8 */;\n# it's a comment ; INSERT INTO x VALUES (1);\n-- another; it's\n/* "
        "it's\nINSERT INTO x VALUES (1); */\n"
        + "DROP TABLE IF EXISTS `a`;\nLOCK TABLES `a` WRITE;\nINSERT INTO a VALUES (1) -- it's (\n, /* ),( */ (2);\n"
        + "DELIMITER ;;\nCREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW BEGIN\nINSERT INTO x VALUES (1);"
        "\nEND ;;\nDELIMITER ;\n" + "INSERT INTO a VALUES (3);\n"
    )
    assert {name: one.values for name, one in found.items()} == {"a": [("1",), ("2",), ("3",)]}


def test_routines_hold_no_rows():
    found = read(
        POSTGRESQL
        + "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $_$ begin\nINSERT INTO x VALUES ('it''s'); "
        "return new; end $_$;\n"
        + "CREATE FUNCTION g() RETURNS int BEGIN ATOMIC\n INSERT INTO x VALUES (1);\n SELECT CASE WHEN true "
        "THEN 1 END;\nEND;\n"
        + "CREATE RULE r AS ON INSERT TO a DO\n INSERT INTO x VALUES (new.a);\nINSERT INTO a VALUES (1);\n"
    )
    assert {name: one.values for name, one in found.items()} == {"a": [("1",)]}
    found = read(
        "PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\nCREATE TABLE a(x);\n"
        "CREATE TRIGGER t AFTER INSERT ON a BEGIN INSERT INTO x VALUES (1);\nINSERT INTO x VALUES (2);\nEND;"
        "\nINSERT INTO a VALUES(3);\nCOMMIT;\n"
    )
    assert {name: one.values for name, one in found.items()} == {"a": [("3",)]}


def test_clauses_after_the_values_are_passed_over():
    found = read(
        "INSERT INTO a VALUES (1),(2) ON CONFLICT (x) DO UPDATE SET y = 'it''s; (3)';\nREPLACE INTO a VALUES (4);\n"
        "INSERT IGNORE INTO a VALUES (5) RETURNING (x);\nINSERT OR REPLACE INTO a VALUES (6);\n"
    )
    assert found["a"].values == [("1",), ("2",), ("4",), ("5",), ("6",)]


def test_scripts_of_sql_server():
    found = read(
        "USE [clinique]\r\nGO\r\nSET IDENTITY_INSERT [dbo].[Patients] ON \r\n"
        "INSERT [dbo].[Patients] ([Id], [Nom], [Ne le]) VALUES (1, N'O''Brien\r\nGO\r\n', CAST(N'1980-02-01' "
        "AS Date))\r\n"
        "INSERT [dbo].[Patients] ([Id], [Nom], [Ne le]) VALUES (2, N'Zoë', NULL)\r\nGO\r\n"
        "INSERT [dbo].[Patients] ([Id], [Nom], [Ne le]) VALUES (3, NULL, NULL)\r\n"
        "SET IDENTITY_INSERT [dbo].[Patients] OFF\r\nGO\r\nCREATE PROCEDURE p AS\r\nINSERT INTO x VALUES (1);"
        "\r\nINSERT INTO x VALUES (2)\r\nGO\r\n",
        encoding="utf-16",
    )
    assert list(found) == ["dbo.Patients"]
    assert found["dbo.Patients"].values == [
        ("1", "O'Brien\r\nGO\r\n", "1980-02-01"),
        ("2", "Zoë", None),
        ("3", None, None),
    ]
    assert found["dbo.Patients"].lines == [4, 7, 9]
    assert "encoding=utf-16-le" in found["dbo.Patients"].note


def test_scripts_of_oracle():
    found = read(
        "REM INSERTING into S.PATIENTS\nSET DEFINE OFF;\n"
        "Insert into S.PATIENTS (ID,NOM,NE_LE) values ('1','L''Hay',to_date('01/02/80','DD/MM/RR'));\n"
        "Insert into S.PATIENTS (ID,NOM,NE_LE) values ('2',null,null);\n/\n"
    )
    assert found["S.PATIENTS"].values == [("1", "L'Hay", "to_date('01/02/80','DD/MM/RR')"), ("2", None, None)]


def test_octets_become_text_hexadecimal_or_their_number():
    found = read(
        MYSQL.encode()
        + b"CREATE TABLE a (id int, doc blob, h varbinary(16));\n"
        + b"INSERT INTO a VALUES (1,'Zo\xc3\xab',0x00FF),(2,_binary '\\0\xff',X'4142'),(3,'"
        + b"\xff" * 40
        + b"',NULL);\n"
    )
    assert found["a"].values == [("1", "Zoë", "0x00FF"), ("2", "0x00FF", "AB"), ("3", "<40 bytes>", None)]
    assert "shortened=1" in found["a"].note
    found = read(
        POSTGRESQL
        + "CREATE TABLE a (x bytea);\nCOPY public.a (x) FROM stdin;\n\\\\x4142\n\\\\x00ff\n\\N\n\\\\x"
        + "ff" * 40
        + "\n\\.\n"
    )
    assert found["a"].values == [("AB",), ("0x00FF",), ("<40 bytes>",)]


def test_what_is_not_utf_8_is_read_in_the_encoding_of_windows():
    rows = "(1,'Hélène','€ 12'),(2,'Zoë','œuf')"
    for encoding in ("utf-8", "cp1252", "utf-16"):
        found = read("INSERT INTO a VALUES " + rows + ";\n", encoding=encoding)
        assert found["a"].values == [("1", "Hélène", "€ 12"), ("2", "Zoë", "œuf")]
    mixed = "INSERT INTO a VALUES (1,'Hélène','".encode() + "Zoë".encode("cp1252") + b"');\n"
    assert read(mixed)["a"].values == [("1", "Hélène", "Zoë")]
    assert read(POSTGRESQL.encode() + "COPY a (x) FROM stdin;\nHélène\n\\.\n".encode("cp1252"))[
        "a"
    ].values == [("Hélène",)]


def test_a_row_of_the_wrong_width_goes_to_the_quarantine_with_its_place():
    found = read(MYSQL + "INSERT INTO a VALUES (1,2),(3),(4,5),(6,7,8);\n")["a"]
    assert found.values == [("1", "2"), ("4", "5")]
    assert [(one.locator, one.reason, one.line, one.bytes) for one in found.aside] == [
        ("line 2, tuple 2 (bytes 47-50)", SqlReason.WIDTH, 2, 3),
        ("line 2, tuple 4 (bytes 57-64)", SqlReason.WIDTH, 2, 7),
    ]  # fmt: skip
    found = read(POSTGRESQL + "COPY a (x, y) FROM stdin;\n1\t2\n3\n4\t5\t6\n\\.\n")["a"]
    assert (found.values, [one.line for one in found.aside]) == ([("1", "2")], [5, 6])


def test_stray_quotes_spoil_no_more_than_their_own_row():
    found = read(
        "INSERT INTO a VALUES (1,'un'),(2,'Jeanne d'Arc'),(3,'trois'),(4,'qua'tre','x'),(5,'cinq');\nINSERT "
        "INTO a VALUES (6,'six');\n"
    )["a"]
    assert found.values == [("1", "un"), ("2", "Jeanne d'Arc"), ("3", "trois"), ("5", "cinq"), ("6", "six")]
    assert [one.reason for one in found.aside] == [SqlReason.TUPLE]


def test_a_cut_row_is_told_of():
    for dump in (
        MYSQL + "INSERT INTO a VALUES (1,'un'),(2,'de",
        POSTGRESQL + "COPY public.a (x, y) FROM stdin;\n1\tun\n2\tde",
    ):
        found = read(dump)["a"]
        assert (found.values, [one.reason for one in found.aside]) == ([("1", "un")], [SqlReason.CUT])


def test_data_that_are_no_list_of_values_are_told_of():
    found = read(
        "INSERT INTO a SELECT 'x','y' UNION ALL SELECT 'it''s; z','t';\nUPDATE a SET x = 'z' WHERE y = 1;"
        "\nINSERT INTO a VALUES (1);\n"
        "DELIMITER $$\nINSERT INTO a VALUES (2)$$\nDELIMITER ;\nSELECT pg_catalog.lowrite(0, '\\x61');\n"
    )
    assert found["a"].values == [("1",)]
    assert [(one.reason, one.line) for one in found[""].aside] == [
        (SqlReason.STATEMENT, line) for line in (1, 2, 5, 7)
    ]


def test_the_parts_of_a_split_dump_lose_nothing():
    found = read("'un','deux'),(3,'x'),\n(4,'y');\nINSERT INTO a VALUES (5,'z');\n")
    assert found["a"].values == [("5", "z")]
    assert [(one.reason, one.units) for one in found[""].aside] == [(SqlReason.FRAGMENT, 3)]
    found = read("1\tun\n2\tdeux\n3\ttrois\n\\.\n\nCOPY a (x) FROM stdin;\n4\n\\.\n")
    assert [one.units for one in found[""].aside] == [3]
    assert found["a"].values == [("4",)]


def test_a_quote_left_open_hides_no_row():
    found = read(
        "CREATE TABLE a (x int DEFAULT 'oops);\nINSERT INTO a VALUES (1);\n/* never closed\nINSERT INTO a "
        "VALUES (2);\n"
    )
    assert found["a"].values == [("1",), ("2",)]
    found = read(
        "SET x = 'oops;\nINSERT INTO a VALUES (1,'b');\nINSERT INTO a VALUES (2,'c');\nINSERT INTO a VALUES (3,'d');\n"
    )
    assert found["a"].values == [("1", "b"), ("2", "c"), ("3", "d")]


def test_backslashes_mean_what_leaves_the_dump_whole():
    """Nothing in a dump made by hand says what they mean."""
    plain = "INSERT INTO `t` VALUES ('C:\\'),('x'),('D:\\'),('y\\');\n"
    assert read(plain)["t"].values == [("C:\\",), ("x",), ("D:\\",), ("y\\",)]
    escaped = "INSERT INTO t VALUES (1,'l\\'eau'),(2,'d\\'or');\n"
    assert read(escaped)["t"].values == [("1", "l'eau"), ("2", "d'or")]


def test_a_row_beyond_the_limit_is_one_unit_and_the_rest_is_read():
    limits = Limits(block_most=1 << 17)
    long = "x" * (1 << 18)
    found = read(f"INSERT INTO a VALUES (1,'{long}'),(2,'y');\nINSERT INTO a VALUES (3,'z');\n", limits)["a"]
    assert (found.values, [one.reason for one in found.aside]) == (
        [("2", "y"), ("3", "z")],
        ["line_too_long"],
    )
    found = read(POSTGRESQL + f"COPY a (x, y) FROM stdin;\n1\t{long}\n2\ty\n\\.\n", limits)["a"]
    assert (found.values, [one.reason for one in found.aside]) == ([("2", "y")], ["line_too_long"])


@pytest.mark.parametrize("step", ["few_rows", "bulk_rows", "line_rows"])
def test_a_row_lost_by_the_reader_is_missed_by_the_count(monkeypatch, step):
    """The count does not go through the reader: what the one loses, the other tells of."""
    real = getattr(reader, step)

    def losing(*given):
        rows = real(*given)
        rows.table, rows.line, rows.number = rows.table.slice(1), rows.line[1:], rows.number[1:]
        rows.units -= 1
        return rows

    monkeypatch.setattr(reader, step, losing)
    dump = POSTGRESQL + "COPY a (x) FROM stdin;\n1\n2\n\\.\n"
    if step != "line_rows":
        rows = 3 if step == "few_rows" else 300
        dump = MYSQL + "INSERT INTO a VALUES " + ",".join(f"({n})" for n in range(rows)) + ";\n"
        monkeypatch.setattr(walk, "_FEW", 1000 if step == "few_rows" else 2)
    source = Source("d.sql", len(dump), lambda: io.BytesIO(dump.encode()))
    (table,) = SqlDumpReader().tables(source, Limits())
    assert table.count_units() - sum(batch.units for batch in table.batches(None)) == 1


def test_interleaved_tables_are_read_from_as_few_stretches_as_memory_allows(monkeypatch):
    monkeypatch.setattr("hemostat.evidence.sql.index._NEAR", 40)
    monkeypatch.setattr("hemostat.evidence.sql.index._STRETCHES", 8)
    dump = MYSQL + "".join(
        f"INSERT INTO `{'ab'[n % 2]}` VALUES ({n},'some text that takes room');\n" for n in range(100)
    )
    data = dump.encode()
    source = Source("d.sql", len(data), lambda: io.BytesIO(data))
    first, second = SqlDumpReader().tables(source, Limits())
    assert len(first.table.stretches) + len(second.table.stretches) <= 9
    assert [row["col_1"] for batch in first.batches(None) for row in batch.rows.to_pylist()] == [
        str(n) for n in range(0, 100, 2)
    ]


@pytest.mark.parametrize(
    ("head", "name", "score"),
    [
        ("-- MySQL dump 10.13", "x", 96),
        ("--\n-- PostgreSQL database dump\n--", "x", 96),
        ("/*M!999999\\- enable the sandbox mode */ \n", "x", 96),
        ("PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;", "x", 96),
        ("-- made by hand\n\nINSERT INTO t (a) VALUES (1);", "x.txt", 90),
        ("CREATE TABLE t (a int);", "x", 90),
        ("'b'),(2,'c');\nINSERT INTO t VALUES (1);", "x.sql", 90),
        ("'b'),(2,'c');", "part.sql", 70),
        ("note;motif\n1;INSERT INTO t VALUES (1)\n", "x.csv", 0),
        ("nom,prenom\nINSERT,x\n", "x.csv", 0),
        ("select this option;1\n", "x.txt", 0),
        ("PGDMP\x01\x0e", "x.dump", 0),
    ],
)
def test_a_dump_is_known_by_its_words(head, name, score):
    assert SqlDumpReader().recognises(head.encode(), name) == score
    assert SqlDumpReader().recognises(head.encode("utf-16"), name) == score


def test_archives_of_pg_dump_are_recognised_and_the_reason_says_how_to_convert_them():
    assert PgArchiveReader().recognises(b"PGDMP\x01\x0e\x00", "x") == 98
    with pytest.raises(Unreadable) as caught:
        list(PgArchiveReader().tables(Source("x", 5, lambda: io.BytesIO(b"PGDMP")), Limits()))
    assert caught.value.reason == SqlReason.PG_ARCHIVE


def test_a_dump_without_any_table_is_in_the_ledger_all_the_same():
    found = read("-- nothing\nSET NAMES utf8;\n")
    assert [(name, one.units) for name, one in found.items()] == [("", 0)]


def test_every_reason_has_its_words():
    assert set(WORDING) == set(SqlReason)
    assert all(words.keys() == {"fr", "en"} for words in WORDING.values())


def test_batches_hold_as_many_rows_as_asked(monkeypatch):
    monkeypatch.setattr(reader, "_LEAST", 3)
    dump = MYSQL + "INSERT INTO `a` VALUES " + ",".join(f"({n})" for n in range(10)) + ";\n"
    data = dump.encode()
    source = Source("d.sql", len(data), lambda: io.BytesIO(data))
    (table,) = SqlDumpReader().tables(source, Limits(batch_rows=3))
    assert [batch.units for batch in table.batches(None)] == [3, 3, 3, 1]
