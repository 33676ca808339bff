"""Categories: the file and the code agree, and every row carries what it must."""

import pytest

from hemostat.errors import RuleError
from hemostat.model import Category
from hemostat.rules import bit, categories, load, mask_of


def test_file_and_code_hold_the_same_ids_in_the_same_order():
    assert [rule.id for rule in categories()] == list(Category)


@pytest.mark.parametrize("rule", categories(), ids=lambda r: r.id)
def test_both_languages_and_law(rule):
    assert rule.fr != ""
    assert rule.en != ""
    assert rule.cnil_typology
    assert 1 <= rule.enisa_dpc <= 4
    assert rule.headings


def test_a_mask_holds_what_was_put_in():
    for category in Category:
        low, high = mask_of([category])
        place = bit(category)
        assert (low | high << 64) == 1 << place


def test_a_row_without_source_is_named(monkeypatch):
    broken = {"category": [{**load("categories")["category"][0], "source": 3}]}
    monkeypatch.setattr("hemostat.rules.files.load", lambda _name: broken)
    categories.cache_clear()
    try:
        with pytest.raises(RuleError, match="birth_name: source must be str"):
            categories()
    finally:
        monkeypatch.undo()
        categories.cache_clear()
