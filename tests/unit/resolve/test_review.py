"""What a human is asked to look at."""

from __future__ import annotations

import polars as pl
import pytest

from hemostat.case import Case, Opening
from hemostat.resolve.review import review
from hemostat.resolve.settings import settings


@pytest.fixture
def case(tmp_path):
    with Case.create(tmp_path / "case", Opening(key_file=tmp_path / "keys" / "k")) as opened:
        opened.append("evidence", pl.DataFrame({"evidence_id": [1], "name": ["users.csv"], "role": ["leak"]}))
        opened.append(
            "record", pl.DataFrame({"record_id": [1, 2, 3], "evidence_id": [1, 1, 1], "line": [2, 3, 4]})
        )
        opened.append("record_person", pl.DataFrame({"record_id": [1, 2, 3], "person_id": [7, 7, 8]}))
        yield opened


def link(case, one, other, reason, kind="possible"):
    row = {"record_a": one, "record_b": other, "grade": 4, "reason": reason, "kind": kind}
    case.append("link_pair", pl.DataFrame([row]))


@pytest.mark.parametrize(
    ("pair", "reason", "status"),
    [
        ((1, 3), "slip", "DPOT"),
        ((1, 2), "slip", "DPOT"),
        ((1, 3), "names_only", "HOMD"),
        ((1, 3), "two_first_names", "DPOT"),
        ((1, 2), "two_first_names", "COLP"),
    ],
)
def test_statuses(case, pair, reason, status):
    link(case, *pair, reason)
    assert review(case)["status"].to_list() == [status]


def test_each_pair_says_who_where_and_why(case):
    link(case, 1, 3, "slip")
    link(case, 1, 2, "nir_coherent", kind="certain")
    (row,) = review(case).to_dicts()
    assert (row["person_a"], row["person_b"]) == (7, 8)
    assert (row["evidence_a"], row["locator_a"], row["locator_b"]) == ("users.csv", "line 2", "line 4")
    assert row["why_fr"] == settings().reasons["slip"].fr
    assert row["why_en"] == settings().reasons["slip"].en


def test_nothing_to_review(case):
    assert review(case).height == 0
