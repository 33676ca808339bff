import copy

import pytest

from hemostat.errors import RuleError
from hemostat.report import facts


def waterfall(steps):
    """Checks that each total is the one before less what was taken out since; gives the totals."""
    totals, left = [], None
    for step in steps:
        if step.kind == "minus":
            left -= step.count
        elif step.kind == "total":
            assert left is None or step.count == left, step.id
            totals.append(step.id)
            left = step.count
    return totals


@pytest.mark.parametrize("name", ["telemedecine", "laboratoires"])
def test_the_waterfall_adds_up(make, name):
    assert waterfall(facts.way(make(name))) == ["units", "records", "kept", "identified"]


def test_every_step_but_the_first_says_what_it_is_a_share_of(make):
    steps = facts.way(make())
    assert [step.of for step in steps if step.of is None] == [None]
    counts = {step.id: step.count for step in steps}
    for step in steps[1:]:
        expected = counts["identified"] / step.count if step.id == "persons" else step.count / counts[step.of]
        assert step.share == expected


def test_evidence_that_did_not_leak_is_in_no_total(make):
    summary = make().summary
    (units,) = [step.count for step in facts.steps(summary) if step.id == "units"]
    assert units == sum(one["units_in"] for one in summary["evidence"] if one["role"] == "leak")


def test_steps_stop_where_the_analysis_stopped(make):
    summary = copy.deepcopy(dict(make().summary))
    summary["persons"] = dict.fromkeys(summary["persons"])
    assert [step.id for step in facts.steps(summary)][-1] == "kept"
    summary["records"] = dict.fromkeys(summary["records"])
    assert [step.id for step in facts.steps(summary)][-1] == "records"
    summary["evidence"] = []
    assert facts.steps(summary) == []


def test_a_ledger_that_adds_up_raises_no_alarm(make):
    assert facts.alarms(make().summary) == []


def test_what_does_not_add_up_is_told(make):
    summary = copy.deepcopy(dict(make().summary))
    users, teleconsultations = summary["evidence"][:2]
    users["unexplained"] = 7
    users["records"] -= 7
    teleconsultations["quarantined"] += 2
    summary["records"]["kept"] += 1
    found = [(one.kind, one.count, one.evidence) for one in facts.alarms(summary)]
    assert found == [
        ("unexplained", 7, users["name"]),
        ("units", 2, teleconsultations["name"]),
        ("records", 7, None),
        ("records", 1, None),
    ]


def test_a_claim_is_compared_in_its_own_unit(make):
    view = make()
    by_unit = {one.claim.unit: one.found for one in facts.compared(view)}
    leaked = [one for one in view.summary["evidence"] if one["role"] == "leak"]
    assert by_unit == {"persons": 28512, "bytes": sum(one["bytes"] for one in leaked)}
    first = facts.compared(view)[0]
    assert first.gap == pytest.approx(32000 / 28512 - 1)
    (nothing,) = facts.compared(make("annonce"))
    assert (nothing.found, nothing.gap) == (None, None)


def test_a_category_without_label_is_an_error(make):
    view = make()
    summary = {**view.summary, "categories": {"aura": {"persons": 1, "records": 1, "valid": None}}}
    with pytest.raises(RuleError, match="aura"):
        facts.category_rows(make(summary=summary))


def test_hidden_counts_are_sorted_as_if_nothing(make):
    one = {"persons": "<5", "records": "<5", "valid": None}
    more = {"persons": 9, "records": 9, "valid": None}
    summary = {**make().summary, "categories": {"pregnancy": one, "genetic": one, "treatment": more}}
    rows = facts.category_rows(make(summary=summary))
    assert [row.label.id for row in rows] == ["treatment", "genetic", "pregnancy"]
    assert [row.share for row in rows[1:]] == [None, None]


def test_what_is_not_known_is_listed(make):
    assert facts.unknowns(make()) == ["standing", "severity", "reach"]
    assert facts.unknowns(make("laboratoires")) == ["patients"]
    assert facts.unknowns(make("annonce")) == [
        "persons", "categories", "standing", "severity", "reach", "patients",
    ]  # fmt: skip


def test_standing_is_unknown_as_long_as_only_the_patient_file_was_matched(make):
    only = {"matched": 9, "plausible": None, "doubtful": None, "fabricated": None, "recycled": None}
    view = make(summary={**make().summary, "standing": only})
    assert facts.standings(view.summary) == []
    assert "standing" in facts.unknowns(view)
    known = facts.standings(make("laboratoires").summary)
    assert [(one.name, one.count) for one in known][1] == ("plausible", 470001)
