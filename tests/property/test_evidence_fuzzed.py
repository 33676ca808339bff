"""The files that fuzzing keeps: what reached far into a reader, or once was a fault."""

import sys
from pathlib import Path

import pytest

FUZZ = Path(__file__).parents[1] / "fuzz"
sys.path.insert(0, str(FUZZ))
from accounts import READERS, one  # noqa: E402 - the folder is no package

KEPT = sorted((FUZZ / "corpus").iterdir())


@pytest.mark.parametrize("path", KEPT, ids=lambda path: path.name)
def test_every_unit_of_a_kept_file_is_accounted_for(path):
    one(path.read_bytes())


@pytest.mark.parametrize("reader", range(len(READERS)))
def test_the_same_octets_in_every_reader(reader):
    for path in KEPT:
        one(bytes([reader]) + path.read_bytes()[1:])


def test_every_reader_has_a_file():
    assert {path.read_bytes()[0] % len(READERS) for path in KEPT} == set(range(len(READERS)))
