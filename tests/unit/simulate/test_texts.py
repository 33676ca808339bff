import re

import numpy as np
import polars as pl
import pytest

from hemostat.model import Category
from hemostat.simulate import texts

KNOWN = {str(category) for category in Category}


@pytest.mark.parametrize("name", ["care_texts", "remarks"])
def test_grammars_are_whole(name):
    grammar = texts.grammar(name)
    used = set()
    for sort in grammar.sorts:
        assert sort.forms
        assert set(sort.categories) <= KNOWN, sort.kind
        assert sort.about in {"self", "relative", "none"}
        assert (sort.about == "none") == (not sort.categories), sort.forms[0]
        used |= {slot for form in sort.forms for slot in re.findall(r"\{(\w+)\}", form)}
    inside = {
        slot for values in grammar.slots.values() for v in values for slot in re.findall(r"\{(\w+)\}", v)
    }
    assert used | inside == set(grammar.slots)


def test_no_slot_is_left_open_and_variety_is_wide():
    grammar = texts.grammar("remarks")
    written, sort = texts.write(np.random.default_rng(1), grammar, "remark", 20_000)
    assert not written.str.contains(r"[{}]").any()
    assert written.null_count() == 0
    assert written.n_unique() > 10_000
    assert len(np.unique(sort)) == len(grammar.of("remark"))


def test_each_text_is_of_its_sort():
    grammar = texts.grammar("remarks")
    sorts = grammar.of("lab_plain")
    written, sort = texts.write(np.random.default_rng(1), grammar, "lab_plain", 2000)
    for text, of in zip(written.to_list(), sort.tolist(), strict=True):
        assert text in sorts[of].forms


def test_typing_keeps_the_row_and_varies_the_hand():
    written = pl.Series(["Grossesse 12 SA, nausées"] * 3000)
    typed = texts.typed(np.random.default_rng(2), written)
    seen = set(typed.unique().to_list())
    assert {"GROSSESSE 12 SA, NAUSEES", "grossesse 12 sa, nausees", "grossesse 12 sa, nausées"} <= seen
    assert (typed.str.len_chars() >= 23).all()


def test_some_texts_stand_on_two_lines():
    broken = texts.on_lines(np.random.default_rng(2), pl.Series(["a, b", "a b"] * 500), 0.5)
    assert set(broken.to_list()) == {"a, b", "a,\nb", "a b"}
