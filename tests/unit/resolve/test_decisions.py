"""Names of records, and what was decided on them."""

from __future__ import annotations

import polars as pl
import pytest

from hemostat.case import Case, Opening, decide
from hemostat.model import RECORD_BITS
from hemostat.resolve.decisions import NOT_SAME, SAME, decided, name_of, subject

FILE, BOOK = "ab" * 32, "cd" * 32


@pytest.fixture
def case(tmp_path):
    with Case.create(tmp_path / "case", Opening(key_file=tmp_path / "keys" / "k")) as opened:
        names = {1: ("users.csv", FILE), 2: ("book.xlsx#Lille", BOOK), 3: ("book.xlsx#Lens", BOOK)}
        opened.append(
            "evidence",
            pl.DataFrame(
                [
                    {"evidence_id": n, "name": name, "sha256": digest, "role": "leak"}
                    for n, (name, digest) in names.items()
                ]
            ),
        )
        rows = [
            {
                "record_id": (n << RECORD_BITS) + k,
                "evidence_id": n,
                "line": k + 2 if n == 1 else None,
                "locator": None if n == 1 else f"row {k + 2}",
            }
            for n in names
            for k in range(3)
        ]
        opened.append("record", pl.DataFrame(rows))
        yield opened


def at(evidence, place):
    return (evidence << RECORD_BITS) + place


def judge(case, kind, *names):
    return decide(case, kind, subject(*names), "yes", "seen on the phone")


def test_a_record_is_named_by_its_file_and_place(case):
    assert name_of(case, "users.csv", "line 3") == (FILE, "line 3")
    assert name_of(case, "users.csv", "line 9") is None
    assert name_of(case, "elsewhere.csv", "line 3") is None


def test_tables_of_one_file_are_told_apart(case):
    assert name_of(case, "book.xlsx#Lens", "row 2") == (BOOK, "#Lens row 2")


def test_names_lead_back_to_their_records(case):
    one, other = name_of(case, "users.csv", "line 2"), name_of(case, "book.xlsx#Lens", "row 4")
    judge(case, SAME, one, other)
    assert decided(case) == ([(at(1, 0), at(3, 2))], [])


def test_a_name_that_two_records_have_decides_nothing(case):
    judge(case, SAME, (FILE, "line 2"), (BOOK, "row 4"))
    assert decided(case) == ([], [])


def test_the_last_word_holds_whatever_the_order_of_the_names(case):
    one, other = (FILE, "line 2"), (FILE, "line 4")
    judge(case, SAME, one, other)
    judge(case, NOT_SAME, other, one)
    assert decided(case) == ([], [(at(1, 0), at(1, 2))])


def test_other_decisions_and_broken_subjects_are_left_alone(case):
    decide(case, "column", "users.csv\x1fnom", "used_name", "by its heading")
    decide(case, SAME, "users.csv", "yes", "no such form")
    judge(case, SAME, (FILE, "line 2"), (FILE, "line 2"))
    assert decided(case) == ([], [])
