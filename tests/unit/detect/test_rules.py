"""Every example and counter-example of the rules is run: what a lawyer or a doctor amends is checked at once."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from hemostat.detect import judge, kinds, lexicon, names, placeholders
from hemostat.detect.formats import formats
from hemostat.detect.headings import normalise, propose, vocabulary
from hemostat.errors import RuleError
from hemostat.model import Category
from hemostat.rules import categories, load

TODAY = date(2025, 11, 28)


def clear_heading(rule):
    """A heading of the category that is no mere hint and names no other category."""
    for heading in rule.headings:
        found = propose(heading)
        if found and not found[0].hint and {p.category for p in found} == {rule.id} and found[0].part is None:
            return heading
    raise AssertionError(f"{rule.id} has no clear heading")


@pytest.mark.parametrize("rule", categories(), ids=lambda r: r.id)
def test_a_clear_heading_over_its_examples_names_the_category(rule):
    found = judge(clear_heading(rule), rule.examples, today=TODAY)
    assert rule.id in {c.category for c in found}


@pytest.mark.parametrize("rule", categories(), ids=lambda r: r.id)
def test_every_heading_of_a_category_proposes_it(rule):
    missing = [h for h in rule.headings if rule.id not in {p.category for p in propose(h)}]
    # A key or a number said to be somebody else's is proposed as what it is: see ``headings.propose``.
    assert [h for h in missing if not {p.category for p in propose(h)} & RELATED.get(rule.id, set())] == []


RELATED = {
    Category.NIR: {Category.INTERNAL_ID},
    Category.USED_NAME: {Category.TREATING_DOCTOR, Category.RELATIVE},
    Category.FULL_NAME: {Category.RELATIVE},
    Category.INTERNAL_ID: {Category.PROFESSIONAL_ID, Category.FACILITY},
}


COUNTER = [(r.id, value) for r in categories() for value in r.counter_examples]


@pytest.mark.parametrize(("category", "value"), COUNTER, ids=lambda v: str(v)[:30])
def test_a_counter_example_alone_is_not_the_category(category, value):
    assert category not in {c.category for c in judge("col_1", [value], today=TODAY)}


@pytest.mark.parametrize("form", formats().values(), ids=lambda f: f.category)
def test_formats_accept_their_examples_and_refuse_their_counter_examples(form):
    def accepted(value):
        hits = kinds.measure(pl.Series([value]))
        return any(hits[kind][0] for kind in (*form.confirms, *form.accepts))

    assert [v for v in form.examples if not accepted(v)] == []
    assert [v for v in form.counter_examples if accepted(v)] == []


def test_a_format_that_names_an_unknown_kind_is_refused(monkeypatch):
    broken = [{**row, "confirms": ["no such kind"]} for row in load("formats")["format"][:1]]
    monkeypatch.setattr("hemostat.detect.formats.rows", lambda *_: broken)
    formats.cache_clear()
    try:
        with pytest.raises(RuleError, match="no kind is called no such kind"):
            formats()
    finally:
        monkeypatch.undo()
        formats.cache_clear()


def test_a_missing_format_is_refused(monkeypatch):
    monkeypatch.setattr("hemostat.detect.formats.rows", lambda *_: load("formats")["format"][1:])
    formats.cache_clear()
    try:
        with pytest.raises(RuleError, match="no format for birth_name"):
            formats()
    finally:
        monkeypatch.undo()
        formats.cache_clear()


@pytest.mark.parametrize("row", load("headings")["heading"], ids=lambda r: f"{r['category']}-{r['forms'][0]}")
def test_headings(row):
    category = Category(row["category"])
    assert [h for h in row["examples"] if category not in {p.category for p in propose(h)}] == []
    # What is only found inside a longer heading is weak: values must then confirm it.
    clear = [
        h for h in row["counter_examples"] for p in propose(h) if p.category is category and p.strength > 0.7
    ]
    assert clear == []


@pytest.mark.parametrize("row", load("headings")["role"], ids=lambda r: r["about"])
def test_role_words(row):
    def abouts(heading):
        return {str(p.about) for p in propose(heading)}

    assert [h for h in row["examples"] if row["about"] not in abouts(h)] == []
    assert [h for h in row["counter_examples"] if row["about"] in abouts(h)] == []


@pytest.mark.parametrize("table", ["noise", "hint", "nothing", "bare", "time"])
def test_other_words_of_headings(table):
    for row in load("headings")[table]:
        known = getattr(vocabulary(), {"hint": "hints"}.get(table, table))
        for heading in row["examples"]:
            text = normalise(heading)
            assert text in known or set(text.split()) & known
        for heading in row["counter_examples"]:
            assert normalise(heading) not in known


@pytest.mark.parametrize("row", load("placeholders")["placeholder"], ids=lambda r: r["id"])
def test_placeholders(row):
    fields = row.get("fields", [None])
    for field in fields:
        assert placeholders.without(pl.Series(row["examples"]), field).to_list() == []
        kept = placeholders.without(pl.Series(row["counter_examples"]), field).to_list()
        assert kept == row["counter_examples"]


@pytest.mark.parametrize(
    "row", load("lexicon_values")["words"], ids=lambda r: f"{r['kind']}-{r.get('means', '')}"
)
def test_words_of_values(row):
    assert lexicon.matches(row["kind"], pl.Series(row["examples"])).all()
    assert not lexicon.matches(row["kind"], pl.Series(row["counter_examples"])).any()
    if "means" in row:
        assert set(names.sex(pl.Series(row["examples"])).to_list()) == {row["means"] or None}


@pytest.mark.parametrize("row", load("names")["first_names"], ids=lambda r: r["id"])
def test_first_names(row):
    assert names.first_valid(pl.Series(row["examples"])).all()
    assert not names.first_valid(pl.Series(row["counter_examples"])).any()


@pytest.mark.parametrize("row", load("names")["surnames"], ids=lambda r: r["id"])
def test_surnames(row):
    assert names.surname_valid(pl.Series(row["examples"])).all()
    assert not names.surname_valid(pl.Series(row["counter_examples"])).any()


def test_the_lexicons_are_large():
    assert len(names.lexicon().first) >= 1500
    assert len(names.lexicon().surnames) >= 1500
