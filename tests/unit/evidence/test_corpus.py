"""Hostile texts kept in the repository: each is read without a fault, and every unit of it is accounted for.

``expected.json`` says, for each file and table: kind, units, records, quarantined, blank, header, out of scope.
"""

import json
from pathlib import Path

import pytest

from hemostat.evidence.reasons import Reason

CORPUS = Path(__file__).parents[2] / "corpus" / "text"
EXPECTED = json.loads((CORPUS / "expected.json").read_text("utf-8"))


def account(line):
    return [
        line.kind,
        line.units_in,
        line.records,
        line.quarantined,
        line.blank,
        line.header,
        line.out_of_scope,
    ]


def test_every_text_is_expected():
    assert sorted(path.name for path in CORPUS.iterdir() if path.name != "expected.json") == sorted(EXPECTED)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_hostile_text(name, ledger):
    lines = ledger(CORPUS / name)
    assert {line.unexplained for line in lines.values()} == {0}
    found = {table.rpartition("/")[2]: account(line) for table, line in lines.items()}
    assert found == EXPECTED[name]
    for line in lines.values():
        assert all(place and (number is None or number > 0) for place, number, *_ in line.aside)
        assert Reason.READING_STOPPED not in {reason for *_, reason in line.aside}
