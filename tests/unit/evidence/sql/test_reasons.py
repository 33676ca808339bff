"""The small parts of the reader of dumps: flavours, values, names, columns."""

import pytest

from hemostat.evidence.sql.copied import unescaped
from hemostat.evidence.sql.create import created
from hemostat.evidence.sql.flavour import Flavour, sniff_flavour
from hemostat.evidence.sql.literal import c_unescaped, lenient, literal, shown, split
from hemostat.evidence.sql.names import parts, table_key

MYSQL = Flavour("mysql", escapes=True)
POSTGRESQL = Flavour("postgresql", escapes=False)
SQLITE = Flavour("sqlite", escapes=False)


@pytest.mark.parametrize(
    ("head", "name", "escapes"),
    [
        (b"-- MySQL dump 10.13", "mysql", True),
        (b"/*M!999999\\- enable the sandbox mode */\n-- MariaDB dump", "mysql", True),
        (b"INSERT INTO `t` VALUES (1);", "mysql", True),
        (b"SET sql_mode='NO_BACKSLASH_ESCAPES';\nCREATE TABLE t (a int) ENGINE=InnoDB;", "mysql", False),
        (b"SET standard_conforming_strings = on;\nINSERT INTO t VALUES ('\\');", "postgresql", False),
        (b"SET standard_conforming_strings = off;\n", "postgresql", True),
        (b"PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;", "sqlite", False),
        (b"USE [clinique]\nGO\n", "sqlserver", False),
        (b"REM INSERTING into PATIENTS\nSET DEFINE OFF;", "oracle", False),
        (b"INSERT INTO t VALUES ('l''eau');", "sql", False),
        (b"INSERT INTO t VALUES ('l\\'eau', 'd\\'or');", "sql", True),
    ],
)
def test_the_flavour_shows_in_the_first_words(head, name, escapes):
    found = sniff_flavour(head)
    assert (found.name, found.escapes) == (name, escapes)


@pytest.mark.parametrize(
    ("written", "flavour", "meant"),
    [
        (rb"'l\'eau\n\\ \0\Z\%\_\q'", MYSQL, b"l'eau\n\\ \x00\x1a\\%\\_q"),
        (b"'l''eau'", MYSQL, b"l'eau"),
        (rb"'l''eau\n'", POSTGRESQL, rb"l'eau\n"),
        (rb"E'l\'eau\n\x41\101\u00e9'", POSTGRESQL, "l'eau\nAAé".encode()),
        (b"U&'d\\0061t\\+000061'", POSTGRESQL, b"data"),
        (b"N'Zo\xc3\xab'", Flavour("sqlserver", escapes=False), "Zoë".encode()),
        (b'"l\'eau"', MYSQL, b"l'eau"),
        (b"_utf8mb4'abc'", MYSQL, b"abc"),
        (b"b'0101'", MYSQL, b"0101"),
        (b"-3.5e-7", MYSQL, b"-3.5e-7"),
        (b"TRUE", POSTGRESQL, b"TRUE"),
        (b"'2020-01-01'::date", POSTGRESQL, b"2020-01-01"),
        (b"CAST(N'2020-01-01T03:00' AS DateTime)", Flavour("sqlserver", escapes=False), b"2020-01-01T03:00"),
        (b"CAST(12.50 AS Decimal(10, 2))", Flavour("sqlserver", escapes=False), b"12.50"),
        (b"{ts '2020-01-01 00:00:00'}", Flavour("sql", escapes=False), b"2020-01-01 00:00:00"),
        (b"DATE '2020-01-01'", Flavour("oracle", escapes=False), b"2020-01-01"),
        (b"to_date('01/02/90','DD/MM/RR')", Flavour("oracle", escapes=False), b"to_date('01/02/90','DD/MM/RR')"),
        (b"'a' || 'b'", POSTGRESQL, b"'a' || 'b'"),
        (rb"replace(replace('a\r\nb','\r',char(13)),'\n',char(10))", SQLITE, b"a\r\nb"),
        (rb"unistr('a\u000ab\\')", SQLITE, b"a\nb\\"),
        (b"NOW()", MYSQL, b"NOW()"),
    ],
)  # fmt: skip
def test_a_value_says_what_its_writer_meant(written, flavour, meant):
    assert literal(written, flavour).octets == meant


@pytest.mark.parametrize("written", [b"NULL", b" null ", b"DEFAULT", b""])
def test_nothing_is_nothing(written):
    assert literal(written, MYSQL) is None


@pytest.mark.parametrize("written", [b"0x616263", b"X'616263'", b"_binary 'abc'", b"_binary x'616263'"])
def test_octets_are_known_as_such(written):
    found = literal(written, MYSQL)
    assert (found.octets, found.binary) == (b"abc", True)


def test_octets_are_shown_as_text_in_hexadecimal_or_as_their_number():
    assert shown("Zoë\n".encode()) == "Zoë\n"
    assert shown(b"\x00\xff") == "0x00FF"
    assert shown(b"\xff" * 33) == "<33 bytes>"
    assert shown(b"a\x01") == "0x6101"


def test_the_escapes_of_copy_and_of_e_strings():
    assert unescaped(rb"\b\f\n\r\t\v\\\x41\101\q\377") == b"\b\f\n\r\t\v\\AAq\xff"
    assert c_unescaped(rb"\b\f\n\r\t\v\\\'''\x4") == b"\b\f\n\r\tv\\''\x04"


def test_values_are_told_apart_at_commas_that_mean_it():
    written = b"(1, 'a,b', f(2, '),('), ARRAY['x','y'], {ts '2020'} /* , */, -- ,\n NULL)"
    assert [cell.strip() for cell in split(written, POSTGRESQL)[:5]] == [
        b"1", b"'a,b'", b"f(2, '),(')", b"ARRAY['x','y']", b"{ts '2020'} /* , */",
    ]  # fmt: skip
    assert len(split(written, POSTGRESQL)) == 6


def test_stray_quotes_are_read_where_one_way_gives_the_right_number_of_values():
    text = lambda values: [value and value.octets for value in values]  # noqa: E731
    assert text(lenient(b"(1,'Jeanne d'Arc','L'Hay',NULL)", 4, POSTGRESQL)) == [
        b"1",
        b"Jeanne d'Arc",
        b"L'Hay",
        None,
    ]
    assert text(lenient(rb"(1,'d\'A', 'b'c')", 3, MYSQL)) == [b"1", b"d'A", b"b'c"]
    assert lenient(b"(1,'a','b')", 4, POSTGRESQL) is None
    assert lenient(b"(1,'a,'b')", 4, POSTGRESQL) is None
    assert lenient(b"1,'a')", 2, POSTGRESQL) is None


def test_names_lose_their_quotes_and_default_schemas():
    assert parts(b'[No ]]m], "a""b", `c``d`, plain /* , x */ , \xc3\xa9t\xc3\xa9') == [
        "No ]m",
        'a"b',
        "c`d",
        "plain",
        "été",
    ]
    assert table_key(b'public."T x"', "", POSTGRESQL) == ("", "T x")
    assert table_key(b"archive.t", "db", POSTGRESQL) == ("db", "archive.t")
    assert table_key(b"`t`", "db", MYSQL) == ("db", "t")
    assert table_key(b"`other`.`t`", "db", MYSQL) == ("", "other.t")


def test_columns_are_told_from_keys_and_constraints():
    statement = b"""CREATE TABLE IF NOT EXISTS t (
      `id` int(11) NOT NULL AUTO_INCREMENT, -- the key, (always)
      key varchar(10), period text, "unique" int CHECK ("unique" IN (1, 2)),
      e enum('a,b','c)') DEFAULT 'a,b', scan longblob, [hash] varbinary(32), b bit varying(3), doc bytea DEFAULT '\\x',
      PRIMARY KEY (`id`), UNIQUE KEY `u` (`key`), KEY `k` (`key`(10)), INDEX i USING BTREE (key),
      CONSTRAINT `c` FOREIGN KEY (`id`) REFERENCES x (`y`), FULLTEXT KEY f (e), PERIOD FOR SYSTEM_TIME (a, b)
    ) ENGINE=InnoDB;"""
    names, binary = created(statement, MYSQL)
    assert names == ("id", "key", "period", "unique", "e", "scan", "hash", "b", "doc")
    assert [name for name, octets in zip(names, binary, strict=True) if octets] == ["scan", "hash", "doc"]
