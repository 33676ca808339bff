"""The command detect: what it writes, and how it says that a file is wrong."""

import json

import pytest

from hemostat.cli import edge

LINE = {"id": 7, "note": "tel 0199000412"}


@pytest.fixture
def lines(tmp_path):
    path = tmp_path / "notes.jsonl"
    path.write_text(json.dumps(LINE) + "\nnot json\n", encoding="utf-8")
    return path


def test_spans_go_where_they_are_sent(lines, tmp_path, capfd):
    out = tmp_path / "spans.jsonl"
    assert edge.run(["--lang", "en", "detect", str(lines), "--text-field", "note", "--out", str(out)]) == 0
    (span,) = map(json.loads, out.read_text("utf-8").splitlines())
    assert span == {
        "doc": 7, "start": 4, "end": 14, "category": "phone", "text": "0199000412", "confidence": span["confidence"],
    }  # fmt: skip
    said = capfd.readouterr()
    assert said.out == ""
    assert "1 lines of 2" in said.err


def test_nothing_read_is_said_with_code_3(lines, capfd):
    assert edge.run(["--lang", "en", "detect", str(lines)]) == 3
    assert "No line could be read (2 of 2)" in capfd.readouterr().err


def test_a_missing_file_is_said_with_code_3(tmp_path, capfd):
    assert edge.run(["detect", str(tmp_path / "none.txt")]) == 3
    assert "ne s'ouvre pas" in capfd.readouterr().err


def test_a_field_needs_json_lines(tmp_path, capfd):
    path = tmp_path / "a.txt"
    path.write_text("x", encoding="utf-8")
    assert edge.run(["detect", str(path), "--text-field", "note"]) == 2
    assert "--format jsonl" in capfd.readouterr().err


def test_the_file_that_is_read_is_not_written_over(lines, capfd):
    assert edge.run(["detect", str(lines), "--out", str(lines)]) == 2
    assert lines.read_text("utf-8").startswith("{")
    assert capfd.readouterr().err
