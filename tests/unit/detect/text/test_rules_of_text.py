"""Each rule of the lexicons finds its examples and leaves its counter-examples."""

import tomllib
from importlib import resources

import polars as pl
import pytest

from hemostat.detect.text import find, shown
from hemostat.detect.text.lexicon import CARE, NOTHING, REMARKS

LABELS = "text_labels"


def _cases(key):
    out = []
    for name in (*REMARKS, *CARE, LABELS):
        content = tomllib.loads((resources.files("hemostat.rules") / f"{name}.toml").read_text("utf-8"))
        for row in content["label" if name == LABELS else "term"]:
            out += [(row["category"], text) for text in row[key] if row["category"] != NOTHING]
    return out


def _categories(text):
    return set(shown(find(pl.Series([text])))["category"].to_pylist())


@pytest.mark.parametrize(("category", "text"), _cases("examples"))
def test_an_example_is_found(category, text):
    assert category in _categories(text)


@pytest.mark.parametrize(("category", "text"), _cases("counter_examples"))
def test_a_counter_example_is_not(category, text):
    assert category not in _categories(text)
