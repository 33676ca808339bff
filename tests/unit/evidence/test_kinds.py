"""Which reader a file goes to: by content first; and the name of what nobody reads yet."""

import gzip

import pytest

from hemostat.evidence import WORDING, Reason, registry, worded
from hemostat.evidence.kinds import NOT_YET
from hemostat.evidence.reasons import NOTES

CASES = [
    ("csv", "a.bin", b"nom;prenom\nA;B\n"),
    ("csv", "noname", b"some words, no table\n"),
    ("jsonl", "a.txt", b'{"a": 1}\n{"a": 2}\n'),
    ("jsonl", "a.jsonl", b'{"a": 1}\n'),
    ("jsonl", "a.ndjson", b'broken\n{"a": 1}\n{"a": 2}\n'),
    ("parquet", "a.csv", b"PAR1...."),
    ("pdf", "a.csv", b"%PDF-1.7\n"),
    ("image", "a.csv", b"\x89PNG\r\n\x1a\n\0\0"),
    ("compressed", "a.csv", gzip.compress(b"x")),
    ("sqlite", "a.db", b"SQLite format 3\0"),
    ("html", "a.xls", b"<html><table></table></html>"),
    ("xml", "a.xml", b'<?xml version="1.0"?><a/>'),
    ("mail", "a.eml", b"From: a@example.org\r\nTo: b@example.org\r\nSubject: x\r\n\r\nhello\r\n"),
    ("mail", "a", b"From a@example.org Thu Jan  1 00:00:00 2026\nSubject: x\n"),
    ("rtf", "a.doc", b"{\\rtf1 x}"),
    ("program", "a.csv", b"\x7fELF\x02\x01\x01"),
]


def kind_of(head, name):
    reader, container = registry.recognise(head, name)
    found = reader or container
    return found.kind if found else None


@pytest.mark.parametrize(("kind", "name", "head"), CASES, ids=[f"{kind}-{name}" for kind, name, _ in CASES])
def test_kinds(kind, name, head):
    assert kind_of(head, name) == kind


def test_noise_is_nobodys():
    assert kind_of(bytes(range(256)) * 4, "a.csv") is None


@pytest.mark.parametrize("inside", ["word/document.xml", "ppt/presentation.xml"])
def test_office_files_are_no_archives(zipped, inside):
    head = zipped({"[Content_Types].xml": "<x/>", inside: "<x/>"})
    assert kind_of(head, "a.zip") == "office"


def test_what_is_not_read_says_so(ledger, tmp_path):
    (tmp_path / "evidence").mkdir()
    for name, content in (
        ("a.orc", b"ORC\0\0\0"),
        ("b.age", b"age-encryption.org/v1\n"),
        ("c", bytes(range(256))),
    ):
        (tmp_path / "evidence" / name).write_bytes(content)
    lines = ledger(tmp_path / "evidence")
    assert [(line.kind, line.units_in, line.quarantined, line.aside[0][4]) for line in lines.values()] == [
        ("orc", 1, 1, "kind_not_read"), ("age", 1, 1, "encrypted"), ("unknown", 1, 1, "unknown_kind"),
    ]  # fmt: skip


def test_every_reason_is_worded_in_both_languages():
    assert set(WORDING) >= set(Reason)
    for words in (*WORDING.values(), *NOTES.values()):
        assert words["fr"]
        assert words["en"]


def test_notes_are_worded():
    note = "encoding=utf-8, delimiter=semicolon, columns=4, heading=1, cp1252=3"
    assert worded(note, "fr").startswith("encodage : utf-8 ; séparateur : point-virgule ; colonnes : 4")
    assert worded(note, "en").endswith("heading on line: 1; lines in Windows-1252: 3")
    assert worded("", "fr") == ""


def test_kinds_have_distinct_looks():
    assert all(not kind.is_it(b"nom;prenom;age\nA;B;12\n") for kind in NOT_YET)
