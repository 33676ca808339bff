"""Two cases combined: whose they must be, and what is told of their people."""

import pytest

from hemostat.assess.combination import whole_mask
from hemostat.case import Case, Opening
from hemostat.cli.combine import allowed, categories_revealed, same_controller, scams_revealed
from hemostat.errors import Refused, UsageError


@pytest.fixture
def cases(tmp_path):
    opened = [Case.create(tmp_path / name, Opening(key_file=tmp_path / f"{name}.key")) for name in ("a", "b")]
    for case in opened:
        with case.transaction():
            case.mark_step("resolve", "x")
    yield opened
    for case in opened:
        case.leave()


def test_one_controller_needs_no_mandate(cases):
    for case, name in zip(cases, ("Clinique  du Lac", "clinique du lac"), strict=True):
        case.set_setting("controller", name)
    allowed(cases, None)


@pytest.mark.parametrize("names", [("Clinique du Lac", "Boutique"), (None, None), ("Boutique", None)])
def test_two_controllers_or_an_unnamed_one_need_a_mandate(cases, names):
    for case, name in zip(cases, names, strict=True):
        if name:
            case.set_setting("controller", name)
    for empty in (None, " "):
        with pytest.raises(Refused):
            allowed(cases, empty)
    allowed(cases, "judicial inquiry")


def test_a_case_without_people_is_not_combined(cases, tmp_path):
    with (
        Case.create(tmp_path / "c", Opening(key_file=tmp_path / "c.key")) as fresh,
        pytest.raises(UsageError),
    ):
        allowed([*cases, fresh], "judicial inquiry")


def test_categories_by_case_with_small_sensitive_counts_hidden():
    one, other = whole_mask(["phone", "pathology"]), whole_mask(["phone", "city"])
    found = categories_revealed({(one, other): 3, (other, other): 7}, across=False)
    assert found["phone"] == {"only_first": 0, "only_second": 0, "both": 10}
    assert found["city"] == {"only_first": 0, "only_second": 3, "both": 7}
    assert found["pathology"]["only_first"] == "<5"
    assert categories_revealed({(one, other): 3}, across=True)["phone"]["both"] == "<5"


def test_scams_that_neither_case_makes_possible_alone():
    phone, nir = whole_mask(["phone"]), whole_mask(["nir"])
    assert scams_revealed({(phone, nir): 9}, across=False) == {"false_health_agent": 9}
    assert scams_revealed({(phone | nir, nir): 9}, across=False) == {}


def test_cases_that_nobody_named_are_not_of_one_controller(cases):
    assert not same_controller(*cases)
    cases[0].set_setting("controller", "Clinique du Lac")
    assert not same_controller(*cases)
    cases[1].set_setting("controller", "clinique du  lac")
    assert same_controller(*cases)
