"""The clocks: both changes of the hour, weekends, year end, leap day, late cases; with or without evidence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from hemostat.assess import clocks as case_clocks
from hemostat.assess import set_time, times_of
from hemostat.assess.clocks import clock_rules, due, out_of_order, read_clocks, times_known
from hemostat.assess.instants import after_hours, after_months, after_whole_hours, instant, zone
from hemostat.case import Case, Opening
from hemostat.errors import UsageError
from hemostat.rules import load

PARIS = ZoneInfo("Europe/Paris")
EXAMPLES = load("clocks")["example"]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda one: one["case"])
def test_the_examples_of_the_rules_hold(example):
    aware = instant(example["aware"])
    assert aware.isoformat() == example["aware_utc"]
    strict = after_hours(aware, 72)
    assert strict.isoformat() == example["strict_utc"]
    assert strict.astimezone(PARIS).isoformat() == example["strict"]
    assert after_whole_hours(aware, 72, PARIS).astimezone(PARIS).isoformat() == example["reading_1182_71"]


def test_a_leap_day_and_a_weekend_count():
    friday = instant("2024-02-28T23:30:00+01:00")
    assert after_hours(friday, 72).astimezone(PARIS).isoformat() == "2024-03-02T23:30:00+01:00"


def test_a_month_ends_on_the_last_day_of_a_shorter_one():
    assert (
        after_months(instant("2023-01-31T10:00+01:00"), 1, PARIS).isoformat() == "2023-02-28T09:00:00+00:00"
    )
    across_spring = after_months(instant("2025-03-15T10:00+01:00"), 1, PARIS)
    assert across_spring.astimezone(PARIS).isoformat() == "2025-04-15T10:00:00+02:00"


def test_overseas_time_is_not_paris_time():
    reunion = zone("Indian/Reunion")
    aware = instant("2025-10-24T22:45:00", reunion)
    assert aware.isoformat() == "2025-10-24T18:45:00+00:00"
    assert after_hours(aware, 72).astimezone(reunion).isoformat() == "2025-10-27T22:45:00+04:00"


@pytest.mark.parametrize(
    "text", ["2025-10-26T02:30:00", "2025-03-30T02:30:00", "hier", "2025-02-30T10:00+01:00"]
)
def test_a_local_time_that_is_twice_or_never_is_refused(text):
    with pytest.raises(UsageError):
        instant(text, PARIS)


def test_an_unknown_zone_is_refused():
    with pytest.raises(UsageError):
        zone("Europe/Atlantis")


def _clock(name: str, times: dict[str, str], now: str):
    known = {key: instant(value) for key, value in times.items()}
    return {c.rule.id: c for c in read_clocks(known, instant(now), PARIS)}[name]


def test_a_clock_runs_warns_is_late_and_is_done():
    aware = {"aware_at": "2025-11-28T15:20+01:00"}
    states = [
        _clock("gdpr_33_1", aware, now).status
        for now in ("2025-11-29T15:20+01:00", "2025-12-01T09:00+01:00", "2025-12-01T15:20:01+01:00")
    ]
    assert states == ["running", "soon", "late"]
    told = {**aware, "initial_notice_at": "2025-12-01T15:20+01:00"}
    assert _clock("gdpr_33_1", told, "2026-01-01T00:00+01:00").status == "done"
    late = _clock(
        "gdpr_33_1", {**aware, "initial_notice_at": "2025-12-02T15:20+01:00"}, "2026-01-01T00:00+01:00"
    )
    assert (late.status, late.left) == ("done_late", -timedelta(days=1))


def test_a_check_that_lasts_over_a_day_alarms():
    long = _clock("signal_to_aware", {"signal_at": "2024-11-19T06:00+01:00"}, "2024-11-20T07:00+01:00")
    assert long.status == "late"


def test_awareness_starts_the_complaint_unless_said_otherwise():
    now = "2025-11-29T00:00+01:00"
    same = _clock("insurance_l12_10_1", {"aware_at": "2025-11-28T15:20+01:00"}, now)
    other = _clock(
        "insurance_l12_10_1",
        {"aware_at": "2025-11-28T15:20+01:00", "victim_knows_at": "2025-11-28T08:00+01:00"},
        now,
    )
    assert same.started_at - other.started_at == timedelta(hours=7, minutes=20)


def test_persons_have_no_72_hours_but_time_is_shown():
    clock = _clock("gdpr_34_1", {"high_risk_decided_at": "2025-11-28T15:20+01:00"}, "2025-12-03T15:20+01:00")
    assert (clock.status, clock.due_at, clock.elapsed) == ("open", None, timedelta(days=5))


def test_what_is_not_law_in_france_never_alarms_and_a_proposal_is_not_shown():
    known = {name: instant("2025-11-01T00:00+01:00") for name in times_known() if name.endswith("known_at")}
    found = read_clocks(known, instant("2026-11-01T00:00+01:00"), PARIS)
    assert not [c for c in due(found) if c.rule.id.startswith("nis2")]
    assert [c.rule.state for c in found[-3:]] == ["not_in_force"] * 3
    assert "omnibus_96" not in {rule.id for rule in clock_rules()}


def test_facts_that_contradict_each_other_are_named():
    times = {"signal_at": instant("2025-11-28T15:20+01:00"), "aware_at": instant("2025-11-27T15:20+01:00")}
    assert out_of_order(times) == (("signal_at", "aware_at"),)
    assert out_of_order({"aware_at": times["aware_at"]}) == ()


def test_a_case_without_evidence_has_clocks_and_keeps_reasons(tmp_path):
    with Case.create(tmp_path / "case", Opening(tmp_path / "keys" / "k")) as case:
        case.now = lambda: datetime(2025, 11, 30, 12, tzinfo=UTC)
        case.set_setting("signal_at", "2025-11-28T09:00+01:00")
        set_time(case, "aware_at", "2025-11-28T15:20+01:00", "a sample was compared with the file")
        found = {c.rule.id: c for c in case_clocks(case)}
        assert found["gdpr_33_1"].due_at == datetime(2025, 12, 1, 14, 20, tzinfo=UTC)
        assert found["signal_to_aware"].status == "done"
        assert times_of(case)["aware_at"].why == "a sample was compared with the file"
        assert case.setting("aware_at") == "2025-11-28T15:20+01:00"
        for name, value, why in (
            ("aware_at", "2025-12-28T15:20+01:00", "ahead"),
            ("aware_at", "2025-11-28T15:20+01:00", " "),
            ("lunch_at", "2025-11-28T15:20+01:00", "why"),
        ):
            with pytest.raises(UsageError):
                set_time(case, name, value, why)
        set_time(case, "aware_at", "2025-11-28T18:00+01:00", "the first comparison was of another file")
        assert times_of(case)["aware_at"].at == datetime(2025, 11, 28, 17, tzinfo=UTC)
