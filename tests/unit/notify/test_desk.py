"""The phone desk: a code gives two words and nothing else; wrong ones cost the same and are counted."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path

import pytest

import factories

sys.path.insert(0, str(Path(__file__).parent))

from hemostat.case import Case, Opening
from hemostat.errors import Refused
from hemostat.notify import codes
from hemostat.notify.desk import WRONG_AN_HOUR, witness_of


@pytest.fixture
def case(hemostat, tmp_path):
    leak = factories.leak(tmp_path / "evidence", 12)
    folder = tmp_path / "affaire"
    assert hemostat("respond", leak, "--case", folder)[0] == 0
    with Case.open(folder, Opening(tmp_path / "keys" / "case.key")) as held:
        yield held


def test_a_right_code_gives_the_two_words_of_its_letter(case):
    key = case.secret("letters")
    assert witness_of(case, codes.code(key, 7).lower()) == codes.witness(key, 7)
    assert witness_of(case, codes.code(key, 12)) == codes.witness(key, 12)


def test_what_is_wrong_or_no_code_at_all_gets_one_answer_and_no_code_is_kept(case):
    key = case.secret("letters")
    said = set()
    for typed in (codes.code(key, 999), "0000-0000-0000", "bonjour", "", "é" * 40):
        with pytest.raises(Refused) as refused:
            witness_of(case, typed)
        said.add((refused.value.en, refused.value.fr))
    assert len(said) == 1
    details = [detail for (detail,) in case.rows("select detail from journal where action like 'verify.%'")]
    assert len(details) == 5
    assert set(details) == {"{}"}


def test_every_code_is_looked_at_whatever_was_typed(monkeypatch):
    looked = []
    real = codes.code
    monkeypatch.setattr(codes, "code", lambda key, person: looked.append(person) or real(key, person))
    for typed in (real(b"k" * 32, 1), real(b"k" * 32, 50), "nonsense"):
        looked.clear()
        codes.person_of(b"k" * 32, typed, range(1, 51))
        assert looked == list(range(1, 51))


def test_after_many_wrong_codes_the_desk_waits_for_an_hour(case):
    key, now = case.secret("letters"), case.now()
    for _ in range(WRONG_AN_HOUR):
        with pytest.raises(Refused, match="No letter"):
            witness_of(case, "nonsense")
    with pytest.raises(Refused, match="waits"):
        witness_of(case, codes.code(key, 7))
    case.now = lambda: now + timedelta(hours=1, minutes=1)
    assert witness_of(case, codes.code(key, 7)) == codes.witness(key, 7)
