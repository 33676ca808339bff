"""Laws of dumps: what was written comes back to the letter, and nothing is lost wherever the dump is cut."""

from __future__ import annotations

import contextlib
import io
from unittest import mock

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from hemostat.evidence.base import Limits, Source
from hemostat.evidence.sql import ends as sql_ends
from hemostat.evidence.sql import feed, reader, walk
from hemostat.evidence.sql import units as sql_units

NASTY = [
    "'", '"', "\\", "\n", "\r", "\t", "),(", ");", ");\n", "--", "-- ", "/*", "*/", "#", "`", "$$", "$a$", "\\N", "\\.",
    "\n\\.\n", "INSERT INTO t VALUES (", "\nINSERT INTO `t` VALUES (1);\n", "GO\n", "E'", "N'", "_binary '", "0x41",
    "NULL", "%", "_", "é", "€", "😀", "\x1a", "\x01", "\x7f", ",", "(", ")", "[", "]", "{", "}", ";", " ", "a", "1",
    "\u2028",
]  # fmt: skip
STATEMENTS = [
    "INSERT INTO t VALUES ",
    "(1,'a')",
    ",",
    ";\n",
    "COPY t FROM stdin;\n",
    "1\ta\n",
    "CREATE TABLE t (a int, b text);\n",
    "UPDATE t SET a = 'x';\n",
    "CREATE TRIGGER x BEGIN ",
    "END;\n",
    "DELIMITER ;;\n",
    "DELIMITER ;\n",
]
HEADS = ["-- MySQL dump 10\n", "-- PostgreSQL database dump\n", "[dbo].\nGO\n", ""]


def texts(extra=()):
    pieces = st.sampled_from([*NASTY, *extra])
    return st.one_of(st.lists(pieces, max_size=6).map("".join), st.text(max_size=8))


def cells(extra=()):
    return st.one_of(st.none(), texts(extra).map(lambda text: text.encode("utf-8", "ignore").decode()))


def tables(extra=()):
    widths = st.integers(1, 4)
    return widths.flatmap(
        lambda width: st.lists(st.lists(cells(extra), min_size=width, max_size=width), max_size=12)
    )


def mysql(text):
    for octet, written in (
        ("\\", "\\\\"),
        ("\0", "\\0"),
        ("\n", "\\n"),
        ("\r", "\\r"),
        ("'", "\\'"),
        ('"', '\\"'),
        ("\x1a", "\\Z"),
    ):
        text = text.replace(octet, written)
    return f"'{text}'"


def standard(text):
    return "'" + text.replace("'", "''") + "'"


def copy(text):
    for octet, written in (
        ("\\", "\\\\"),
        ("\b", "\\b"),
        ("\f", "\\f"),
        ("\n", "\\n"),
        ("\r", "\\r"),
        ("\t", "\\t"),
        ("\v", "\\v"),
    ):
        text = text.replace(octet, written)
    return text


def sqlite(text):
    """As the shell of SQLite writes it: a control character is put in by a function."""
    written = standard(text)
    for char, letter in (("\n", "n"), ("\r", "r")):
        if char in text:
            mark = f"\\{letter}"
            while mark in written:
                mark = f"\\u{len(mark)}_{letter}"
            written = f"replace({written.replace(char, mark)},'{mark}',char({ord(char)}))"
    return written


def tuple_of(row, quote):
    return "(" + ",".join("NULL" if cell is None else quote(cell) for cell in row) + ")"


def names(rows):
    return [f"c{number}" for number in range(len(rows[0]) if rows else 1)]


def write_mysql(table, rows, *, extended, named):
    listed = " (" + ", ".join(f"`{name}`" for name in names(rows)) + ")" if named else ""
    head = f"INSERT INTO `{table}`{listed} VALUES "
    made = [tuple_of(row, mysql) for row in rows]
    if extended:
        return head + ",\n".join(made) + ";\n" if made else ""
    return "".join(f"{head}{one};\n" for one in made)


def write_standard(table, rows, quote=standard):
    return "".join(f'INSERT INTO "{table}" VALUES{tuple_of(row, quote)};\n' for row in rows)


def write_copy(table, rows):
    lines = ["\t".join("\\N" if cell is None else copy(cell) for cell in row) for row in rows]
    return (
        f"COPY public.{table} ({', '.join(names(rows))}) FROM stdin;\n"
        + "".join(f"{line}\n" for line in lines)
        + "\\.\n\n"
    )


WRITERS = {
    "mysql extended": (
        "-- MySQL dump 10.13\n",
        lambda t, rows: write_mysql(t, rows, extended=True, named=False),
    ),
    "mysql one by one": (
        "-- MySQL dump 10.13\n",
        lambda t, rows: write_mysql(t, rows, extended=False, named=True),
    ),
    "postgresql inserts": (
        "-- PostgreSQL database dump\nSET standard_conforming_strings = on;\n",
        write_standard,
    ),
    "postgresql copy": ("-- PostgreSQL database dump\nSET standard_conforming_strings = on;\n", write_copy),
    "sqlite": (
        "PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;\n",
        lambda t, rows: write_standard(t, rows, sqlite),
    ),
    "python sqlite": ("BEGIN TRANSACTION;\n", write_standard),
}


@contextlib.contextmanager
def windows(*, tiny):
    """With windows so small that everything lies on their borders."""
    if not tiny:
        yield
        return
    with contextlib.ExitStack() as stack:
        for module, values in (
            (
                walk,
                {
                    "_BULK": 16,
                    "_BULK_MOST": 64,
                    "_WARM": 1,
                    "_FEW": 1,
                    "_CALM": 3,
                    "_LINES": 24,
                    "LOOK": 80,
                    "_AHEAD": 70,
                },
            ),
            (feed, {"_READ": 7}),
            (sql_ends, {"LOOK": 80, "_AHEAD": 70, "_READ": 90}),
            (sql_units, {"_CHUNK": 9, "_AHEAD": 70, "_PLAIN": 40, "_SINGLE": 2}),
            (sql_units.sql, {"LOOK": 80}),
        ):
            stack.enter_context(mock.patch.multiple(module, **values))
        yield


def read(data, limits=None, batch_rows=None):
    """Every table of a dump: its rows as lists, and the units counted by the reader and without it."""
    limits = limits or Limits(**({"batch_rows": batch_rows} if batch_rows else {}))
    source = Source("d.sql", len(data), lambda: io.BytesIO(data))
    found = {}
    for table in reader.SqlDumpReader().tables(source, limits):
        rows, aside, units, blank = [], [], 0, 0
        for batch in table.batches(None):
            assert (
                batch.rows.num_rows + sum(one.units for one in batch.quarantined) + batch.blank == batch.units
            )
            assert len(batch.line) == batch.rows.num_rows
            rows += [list(row.values()) for row in batch.rows.to_pylist()]
            aside += batch.quarantined
            units += batch.units
            blank += batch.blank
        assert table.count_units() == units, table.name
        found[table.name.partition("#")[2]] = (rows, aside, units, blank)
    return found


def expected(rows):
    as_read = [[cell or None for cell in row] for row in rows]
    return [row for row in as_read if any(cell is not None for cell in row)]


@pytest.mark.parametrize("tiny", [False, True])
@pytest.mark.parametrize("writer", WRITERS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(one=tables(), two=tables())
@example(one=[["\\"], ["'"], ["\\'"], ["a\\n"]], two=[["),("], [");\n"]])
def test_what_was_written_comes_back(writer, tiny, one, two):
    head, write = WRITERS[writer]
    if writer.startswith(("postgresql", "sqlite", "python")):
        one, two = (
            [[cell and cell.replace("\0", "") for cell in row] for row in rows] for rows in (one, two)
        )
    dump = head + write("one", one[:5]) + write("two", two) + write("one", one[5:])
    with windows(tiny=tiny):
        found = read(dump.encode())
    for name, rows in (("one", one), ("two", two)):
        got, aside, units, blank = found.get(name, ([], [], 0, 0))
        assert got == expected(rows)
        assert not aside
        assert (units, blank) == (len(rows), len(rows) - len(got))
    assert set(found) <= {"one", "two", ""}


@pytest.mark.parametrize("tiny", [False, True])
@pytest.mark.parametrize("writer", WRITERS)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=tables(), data=st.data())
def test_a_cut_dump_adds_up(writer, tiny, rows, data):
    """Every whole row before the cut comes back, and at most one unit more is told of."""
    head, write = WRITERS[writer]
    rows = [[cell and cell.replace("\0", "") for cell in row] for row in rows]
    dump = (head + write("one", rows)).encode()
    tail = len("\\.\n\n") if "copy" in writer else len(";\n")
    ends = [len((head + write("one", rows[:count])).encode()) - tail for count in range(1, len(rows) + 1)]
    cut = data.draw(st.integers(0, len(dump)) | st.sampled_from([end - 1 for end in ends] or [0]))
    with windows(tiny=tiny):
        found = read(dump[:cut])
    whole = sum(end <= cut for end in ends)
    got, aside, units, _ = found.get("one", ([], [], 0, 0))
    assert got == expected(rows[:whole])
    assert units == whole + len(aside)
    if (
        whole < len(rows) and cut == ends[whole] - 1 and rows[whole] != [""]
    ):  # one octet more would have made a row of it
        assert aside


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from([*NASTY, *STATEMENTS]), max_size=30), st.sampled_from(HEADS), st.booleans())
def test_any_text_adds_up(pieces, head, tiny):
    with windows(tiny=tiny):
        read((head + "".join(pieces)).encode())


@settings(max_examples=30, deadline=None)
@given(
    tables(),
    st.integers(1, 4),
    st.sampled_from(sorted(WRITERS)),
    st.booleans(),
)
def test_reading_goes_on_after_any_batch(rows, size, writer, tiny):
    head, write = WRITERS[writer]
    rows = [[cell and cell.replace("\0", "") for cell in row] for row in rows]
    dump = (head + write("one", rows) + write("two", rows[:1]) + write("one", rows)).encode()
    source = Source("d.sql", len(dump), lambda: io.BytesIO(dump))
    with (
        windows(tiny=tiny),
        mock.patch.object(reader, "_LEAST", size),
        mock.patch.object(reader, "_TEXT", 1),
    ):
        for table in reader.SqlDumpReader().tables(source, Limits()):
            whole = list(table.batches(None))
            assert all(batch.units == size for batch in whole[:-1])
            assert sum(batch.units for batch in whole) == table.count_units()
            for number, batch in enumerate(whole):
                rest = list(table.batches(batch.resume))
                assert [one.rows for one in rest] == [one.rows for one in whole[number + 1 :]]
                assert [one.line for one in rest] == [one.line for one in whole[number + 1 :]]
                assert [one.locator for one in rest] == [one.locator for one in whole[number + 1 :]]


@settings(max_examples=60, deadline=None)
@given(tables(), st.sampled_from(sorted(WRITERS)), st.booleans(), st.data())
def test_a_damaged_dump_adds_up(rows, writer, tiny, data):
    """Octets lost, changed or put in anywhere: every unit is still a record, blank or in the quarantine."""
    head, write = WRITERS[writer]
    rows = [[cell and cell.replace("\0", "") for cell in row] for row in rows] * data.draw(st.integers(1, 30))
    dump = bytearray((head + write("one", rows) + write("two", rows[:2]) + write("one", rows)).encode())
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(dump)))
        dump[at : at + data.draw(st.integers(0, 4))] = data.draw(st.sampled_from(NASTY)).encode()
    with windows(tiny=tiny):
        read(bytes(dump))
