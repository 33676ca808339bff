"""Rules by which people are told apart."""

from __future__ import annotations

import dataclasses

import pytest

from hemostat.errors import RuleError
from hemostat.resolve import levels, settings
from hemostat.resolve import settings as public
from hemostat.resolve.reasons import ORDER
from hemostat.resolve.settings import Agreement, _agreement
from hemostat.rules import rows

FIELDS = {
    "surname": levels.Surname,
    "given": levels.Given,
    "birth": levels.Birth,
    "nir": levels.Nir,
    "contact": levels.Contact,
    "sex": levels.Agreed,
    "birth_place": levels.Agreed,
}


@pytest.mark.parametrize(("field", "names"), FIELDS.items())
def test_every_level_is_weighed(field, names):
    weighed = {level for name, level in settings().agreements if name == field}
    assert weighed == {each.name.lower() for each in names if each}


def test_every_reason_is_worded_in_both_languages():
    reasons = settings().reasons
    assert set(reasons) == set(ORDER)
    assert all(reason.fr and reason.en and reason.fr != reason.en for reason in reasons.values())
    assert {reason.grade for reason in reasons.values()} == {1, 2, 3, 4, 5}


def test_methods_of_the_interval_are_worded_in_both_languages():
    methods = {row["id"]: row for row in rows("resolve", "method", {"id": str, "fr": str, "en": str})}
    assert set(methods) >= {"nir_referee", "weights"}
    assert all(row["fr"] != row["en"] for row in methods.values())


def test_a_stronger_level_weighs_more():
    weights = settings().agreements
    for field in ("given", "surname"):
        close, different = weights[field, "close"], weights[field, "different"]
        assert close.against_relatives > different.against_relatives
    assert (
        weights["nir", "same_coherent"].against_relatives
        > weights["nir", "same_incoherent"].against_relatives
    )


def test_thresholds_stand_in_order():
    held = settings()
    assert held["certain"] > held["best"] > held["possible"]


def test_thresholds_can_be_changed_for_one_call():
    assert public().with_thresholds(best=4.5)["best"] == 4.5
    assert settings()["best"] != 4.5


def test_bits_of_a_level():
    level = Agreement("sex", "equal", 0.8, 0.2, 0.4, by_frequency=False, discount=0.0, most=99.0, veto=False)
    assert (level.against_strangers, level.against_relatives) == (2.0, 1.0)
    by_share = dataclasses.replace(level, by_frequency=True, same=0.5, discount=2.0)
    assert by_share.against_strangers == -3.0


def test_a_share_beyond_one_is_refused():
    row = {"field": "sex", "level": "equal", "same": 1.5, "stranger": 0.5, "relative": 0.5}
    with pytest.raises(RuleError, match="sex equal"):
        _agreement(row)
