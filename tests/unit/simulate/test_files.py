import csv
import io
import json

import numpy as np
import polars as pl
import pytest

from hemostat.simulate import files

CELLS = pl.DataFrame({"a": ["x", 'say "hi"', "p;q", "two\nlines", ""], "b": ["1", "2", "3", "4", "5"]})


@pytest.mark.parametrize("delimiter", [";", ",", "|", "\t"])
def test_quoted_lines_read_back(delimiter):
    lines = files.delimited(CELLS, delimiter)
    read = list(csv.reader(io.StringIO("\n".join(lines) + "\n", newline=""), delimiter=delimiter))
    assert read == [list(row) for row in CELLS.iter_rows()]


def test_careless_rows_keep_their_quotes_single():
    lines = files.delimited(CELLS, ";", np.array([True] * 5))
    assert lines[1] == '"say "hi"";2'


def test_line_numbers_count_physical_lines():
    lines = files.delimited(CELLS, ";")
    assert files.line_numbers(lines, 1).tolist() == [2, 3, 4, 5, 7]


def test_objects_hold_null_where_absent_and_numbers_where_whole():
    present = {"a": np.array([True, False, True, True, False]), "b": np.ones(5, dtype=bool)}
    read = [json.loads(line) for line in files.objects(CELLS, present, {"b"})]
    assert read[0] == {"a": "x", "b": 1}
    assert read[1] == {"a": None, "b": 2}
    assert read[3] == {"a": "two\nlines", "b": 4}


def test_broken_lines_are_extra_and_point_to_their_row():
    lines = pl.Series([f"a{i};b;c;d;e;f" for i in range(50)])
    every, sources = files.with_broken(np.random.default_rng(1), lines, ";", 4)
    assert len(every) == 54
    assert (every.filter(pl.Series(sources >= 0)) == lines).all()
    for line, source in zip(every, sources.tolist(), strict=True):
        if source < 0:
            assert line == f"a{-1 - source};b;c"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_files_are_written_in_their_encoding(tmp_path, encoding, newline):
    path = tmp_path / "out" / "x.csv"
    files.write_lines(path, "é", pl.Series(["à", "œ"]), encoding, newline)
    assert path.read_bytes().decode(encoding) == newline.join(["é", "à", "œ", ""])
    assert path.read_bytes().startswith(b"\xef\xbb\xbf") == (encoding == "utf-8-sig")


def test_what_cp1252_cannot_hold_becomes_a_question_mark(tmp_path):
    path = tmp_path / "out" / "x.csv"
    files.write_lines(path, None, pl.Series(["Łukasz Şahin"]), "cp1252", "\n")
    assert path.read_bytes() == b"?ukasz ?ahin\n"
