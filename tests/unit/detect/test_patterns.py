"""Traps of the engine: word boundaries are ASCII, nothing looks around, every pattern compiles."""

import importlib
import pkgutil
import re
from pathlib import Path

import polars as pl
import pytest

from hemostat import detect
from hemostat.detect import DETECTORS, kinds, text

SOURCES = sorted(Path(detect.__path__[0]).glob("*.py"))


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: p.stem)
def test_word_boundaries_are_ascii(path):
    # A Unicode boundary makes the engine 350 times slower.
    bare = [line for line in path.read_text("utf-8").splitlines() if re.search(r"(?<!\(\?-u:)\\b", line)]
    assert bare == []


@pytest.mark.parametrize("path", [p for p in SOURCES if p.stem != "headings"], ids=lambda p: p.stem)
def test_nothing_looks_around(path):
    # The engine has no lookaround; headings are split by Python's own.
    assert re.findall(r"\(\?<?[=!]", path.read_text("utf-8")) == []


@pytest.mark.parametrize("detector", DETECTORS, ids=lambda d: d.category)
def test_a_detector_says_what_it_takes(detector):
    found = detector.is_valid(pl.Series(["", None, "x"]))
    assert found.to_list() == [False, False, False]
    assert pl.Series(["x"]).str.contains(detector.pattern).to_list() == [False]
    assert 0 <= detector.chance < 1


def test_kinds_are_named_once():
    names = [k.name for k in kinds.KINDS]
    assert len(names) == len(set(names))
    assert all((k.pattern, k.test, k.long, k.lexical, k.words).count(None) >= 3 for k in kinds.KINDS)


def test_specific_comes_before_generic():
    # The engine takes the first alternative that matches: a NIR must win over the phone inside it.
    seen = text.scan(pl.Series(["2 55 08 14 168 025 38 et 0199000412, FR1420041010050500013M02606"]))
    assert [(str(s.category), s.matches) for s in seen] == [("phone", 1), ("nir", 1), ("iban", 1)]


def test_no_module_is_without_documentation():
    for info in pkgutil.iter_modules(detect.__path__):
        assert importlib.import_module(f"hemostat.detect.{info.name}").__doc__


def test_a_long_number_in_what_a_machine_wrote_is_no_card():
    by_hand, by_machine = "CB 4970100000000154 refusée", '{"x": "4970100000000154"}'
    assert [str(s.category) for s in text.scan(pl.Series([by_hand]))] == ["payment_card"]
    assert text.scan(pl.Series([by_machine])) == []
