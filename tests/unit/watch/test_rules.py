"""Every example and counter-example of the rules on logs is run."""

from __future__ import annotations

import polars as pl
import pytest

from hemostat.errors import RuleError
from hemostat.model import Category
from hemostat.rules import load
from hemostat.rules.categories import mask_of
from hemostat.watch import screens
from hemostat.watch.accounts import facts
from hemostat.watch.maps import log_map
from hemostat.watch.words import fold

MAPS = load("log_maps")
FORMS = [(table, row) for table in ("field", "action", "failure", "service_name") for row in MAPS[table]]


@pytest.mark.parametrize(("table", "row"), FORMS, ids=lambda v: v if isinstance(v, str) else v.get("id", ""))
def test_forms_hold_their_examples_alone(table, row):
    forms = {fold(form) for form in row["forms"]}

    def holds(example):
        return fold(example) in forms or fold(example.rsplit(".", 1)[-1]) in forms

    assert all(holds(example) for example in row["examples"]), table
    assert not any(holds(example) for example in row["counter_examples"]), table


@pytest.mark.parametrize("table", ["field", "action"])
def test_a_form_means_one_thing(table):
    forms = [fold(form) for row in MAPS[table] for form in row["forms"]]
    assert sorted(forms) == sorted(set(forms))


@pytest.mark.parametrize("row", MAPS["path"], ids=lambda row: row["id"])
def test_paths_fit_their_examples_and_come_first_for_them(row):
    rules = log_map(None).paths

    def first(path):
        return next((rule for rule in rules if pl.Series([path]).str.contains(rule.pattern)[0]), None)

    assert all(first(example).pattern == row["pattern"] for example in row["examples"])
    assert not any(pl.Series([path]).str.contains(row["pattern"])[0] for path in row["counter_examples"])


SCREENS = load("screens")["screen"]


@pytest.mark.parametrize("row", SCREENS, ids=lambda row: row["id"])
def test_screens_know_their_examples_and_their_categories(row):
    assert {*row["categories"], *row["when_held"]} <= set(Category)
    for example in row["examples"]:
        shown = screens.of_list() if row["id"] == screens.LIST else screens.of_record(example, {})
        low, high = mask_of(row["categories"])
        assert (shown.always[0] & low, shown.always[1] & high) == (low, high)
    assert not any(screens.known(example) for example in row["counter_examples"])


def test_a_form_of_screen_means_one_screen():
    forms = [fold(form) for row in SCREENS for form in row["forms"]]
    assert sorted(forms) == sorted(set(forms))


def test_a_list_shows_less_than_an_opened_record():
    listed, opened = screens.of_list(), screens.of_record("dossier", {})
    assert listed.always[0] & ~opened.always[0] == 0
    assert opened.always[0] & ~listed.always[0]


def test_a_screen_nobody_knows_shows_what_stands_above_every_screen():
    assert not screens.known("onglet 42")
    assert screens.of_record("onglet 42", {}) == screens.of_record(None, {})
    own = screens.of_record("Onglet 42", {"onglet 42": ("test_result",)})
    assert own.always[0] & mask_of(["test_result"])[0]


def test_screens_about_nobody_show_nothing():
    assert screens.of_record("PractitionerRole", {}) == screens.NOTHING


@pytest.mark.parametrize("fact", facts().values(), ids=lambda fact: fact.id)
def test_facts_are_worded_in_both_languages(fact):
    assert "7" in fact.fr.format(value=7, other=2)
    assert "7" in fact.en.format(value=7, other=2)
    assert fact.fr != fact.en


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[fields", "mapping is wrong"),
        ("[colours]\na = 1", "colours"),
        ("[fields]\nwho = 'x'", "fields.who"),
        ("[fields]\nt = 3", "fields.t"),
        ("[actions]\nvoir = 'see'", "actions.voir"),
        ("[screens]\nx = ['colour']", "screens.x"),
        ("[leavers]\nx = 'soon'", "leavers.x"),
        ("[accounts]\nx = 1", "accounts.x"),
        ("[[path]]\npattern = '('", "path"),
        ("[[path]]\npattern = '/x'", "patient"),
        ("path = 1", "path"),
    ],
)
def test_a_wrong_mapping_says_where(text, said):
    with pytest.raises(RuleError) as fault:
        log_map(text)
    assert said in str(fault.value)


def test_a_site_s_mapping_comes_first():
    found = log_map(
        "failures = ['nope']\n[fields]\naccount = ['qui', 'Opérateur']\n[actions]\nvu = 'R'\n[accounts]\ntok = 'dr.x'\n"
        "[leavers]\n'Dr.X' = 2025-09-30\n[[path]]\npattern = '/d/(?P<patient>\\d+)'\n[[statement]]\ncolumns = 'pat'\n"
    )
    assert found.fields["account"] == ("qui", "operateur")
    assert found.actions["vu"] == found.actions["read"] == "R"
    assert "nope" in found.failures
    assert found.accounts == {"tok": "dr.x"}
    assert found.leavers["dr.x"].day == 30
    assert found.paths[0].pattern == r"/d/(?P<patient>\d+)"
    assert found.patient_columns[0] == "pat"
