"""Severity: the method's own numbers, the cohorts replayed, and the CNIL's level from consequences."""

from __future__ import annotations

import pytest

from hemostat.assess import Circumstances, scams_of, severity
from hemostat.assess.combination import whole_mask
from hemostat.assess.scams import price_rules, scam_rules
from hemostat.assess.severity import answers_allowed, band, circumstances_from, equation
from hemostat.model import Category
from hemostat.rules import categories, load, mask_of

RULES = load("severity")
IDENTITY = ("used_name", "first_name", "birth_date", "phone")
PLAIN = Circumstances(care_body=False)

REPLAY = {
    "identity and contact": (IDENTITY, PLAIN),
    "same, 'hospital patient' taken as an assumption": (IDENTITY, Circumstances()),
    "file of a general practitioner, administrative data only": ((*IDENTITY, "postal_address", "nir"), PLAIN),
    "file of a specialist whose practice tells the disease": (IDENTITY, Circumstances(speciality=True)),
    "person with an art. 9 remark": ((*IDENTITY, "remark_religion"), Circumstances()),
    "identity, NIR, insurer, cover": (("used_name", "birth_date", "nir", "health_insurance"), PLAIN),
    "address, NIR, approximate income": (("used_name", "postal_address", "nir", "income"), PLAIN),
    "reason for teleconsultation": ((*IDENTITY, "consultation_reason"), Circumstances()),
    "comment telling a disease": ((*IDENTITY, "medical_comment", "pathology"), Circumstances()),
    "NIR, visit, prescriber, no comment": (
        ("used_name", "nir", "appointment", "treating_doctor"),
        Circumstances(),
    ),
    "whole record, service down four days": (
        (*IDENTITY, "pathology", "treatment"),
        Circumstances(availability="temporary"),
    ),
    "prescriptions, treating doctor": ((*IDENTITY, "prescription", "treating_doctor"), Circumstances()),
    "results letter sent to one wrong known patient": (
        (*IDENTITY, "test_result"),
        Circumstances(malicious=False, recipients="known"),
    ),
    "encrypted backup stolen, key safe (EI 0.25, flag unintelligible)": (
        (*IDENTITY, "pathology"),
        Circumstances(recipients="none", unintelligible=True),
    ),
}


def _judge(names, around=PLAIN, **more):
    return severity(*mask_of(names), around, **more)


@pytest.mark.parametrize("check", RULES["check"], ids=lambda one: one["case"])
def test_the_method_itself(check):
    whole = sum(check[name] for name in ("confidentiality", "integrity", "availability"))
    score = equation(check["dpc"], check["ei"], whole + 0.5 * check["malicious"])
    assert score == check["se"]
    assert band(score) == check["severity"]


@pytest.mark.parametrize("cohort", RULES["replay"], ids=lambda one: f"{one['story']}: {one['cohort']}")
def test_the_cohorts_of_past_leaks(cohort):
    names, around = REPLAY[cohort["cohort"]]
    found = _judge(names, around)
    assert (found.context, found.identification, found.circumstances) == (
        cohort["dpc"],
        cohort["ei"],
        cohort["cb"],
    )
    assert (found.score, found.band) == (cohort["se"], cohort["severity"])


def test_every_combination_of_inputs_stays_in_range():
    scores = {
        _judge([name], around, minor=minor).score
        for name in Category
        for around in (
            PLAIN,
            Circumstances(unintelligible=True),
            Circumstances(integrity="lost", availability="lost"),
        )
        for minor in (False, True)
    }
    assert min(scores) >= 0.25
    assert max(scores) <= 6.0


def test_one_more_category_never_lowers_the_score_nor_the_level():
    ranks = {row["id"]: row["rank"] for row in RULES["level"]}
    for base in ((), IDENTITY, ("nir", "email")):
        alone = _judge(base)
        for name in Category:
            more = _judge((*base, name))
            assert more.score >= alone.score
            assert ranks[more.level] >= ranks[alone.level]


@pytest.mark.parametrize(
    ("names", "level"),
    [
        (["internal_id", "ip_address"], "negligible"),
        (["used_name", "phone", "email"], "limited"),
        (["used_name", "nir", "birth_date"], "important"),
        (["used_name", "nir", "income"], "important"),  # serious, not irreversible: the band says maximal
        (["used_name", "birth_date", "pathology"], "important"),
        (["used_name", "birth_date", "remark_violence"], "maximal"),
        (["used_name", "birth_date", "genetic"], "maximal"),
        (["pathology"], "negligible"),  # nothing points to the person
        (["email", "password"], "important"),
    ],
)
def test_the_cnil_level_comes_from_consequences(names, level):
    assert _judge(names).level == level


def test_house_floor_for_remarks_and_grave_health_data():
    ranks = {row["id"]: row["rank"] for row in RULES["level"]}
    grave = [rule.id for rule in categories() if rule.group == "remarks"] + [
        "pathology",
        "test_result",
        "genetic",
    ]
    for name in grave:
        assert (
            ranks[_judge(("used_name", "birth_date", name), Circumstances()).level] >= ranks["important"]
        ), name


def test_a_minor_counts_one_more_up_to_four():
    adult, child = _judge(IDENTITY, Circumstances()), _judge(IDENTITY, Circumstances(), minor=True)
    assert child.context == adult.context + 1
    assert "minor" in child.reasons
    assert _judge((*IDENTITY, "pathology"), minor=True).context == 4


def test_unreadable_data_lower_identification_and_the_level():
    found = _judge((*IDENTITY, "pathology"), Circumstances(unintelligible=True))
    assert (found.identification, found.level, found.scams) == (0.25, "negligible", ())


def test_data_public_before_weigh_as_the_least_of_their_class():
    known = Circumstances(care_body=False, lowered=frozenset(["pathology"]))
    found = _judge((*IDENTITY, "pathology"), known)
    assert (found.context, found.level) == (1, "limited")
    assert found.reasons[0] == "lowered"


def test_answers_build_the_circumstances_and_the_last_one_counts():
    said = [("malicious", "no"), ("recipients", "known"), ("lowered:phone", "yes"), ("malicious", "yes")]
    assert circumstances_from(said) == Circumstances(recipients="known", lowered=frozenset(["phone"]))
    assert set(answers_allowed()) >= {
        "care_body",
        "recipients",
        "lowered:nir",
        "level:identity",
        "level:identity_minor",
    }


@pytest.mark.parametrize("rule", [*scam_rules(), *price_rules()], ids=lambda rule: rule.id)
def test_scams_and_prices_hold_on_their_examples(rule):
    assert rule.row["examples"]
    for names in rule.row["examples"]:
        assert rule.met(whole_mask(names)), names
    for names in rule.row["counter_examples"]:
        assert not rule.met(whole_mask(names)), names


def test_an_age_excludes_a_scam_only_when_known():
    mask = whole_mask(["income", "email"])
    assert "benefits_fraud" in scams_of(mask)
    assert "benefits_fraud" in scams_of(mask, 71)
    assert "benefits_fraud" not in scams_of(mask, 40)


def test_what_is_from_memory_is_marked():
    for name in ("severity", "clocks", "cnil_form", "advice", "scams"):
        for table, found in load(name).items():
            for row in found:
                assert not ("from memory" in row["source"] and row["verified"]), (name, table, row)
                assert row["source"]
                assert row["date"]
