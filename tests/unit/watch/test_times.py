"""Instants as logs write them. A time without an offset is never guessed."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest

from hemostat.errors import UsageError
from hemostat.watch.times import check_zone, read_times

NOW = datetime(2026, 1, 1, tzinfo=UTC)
EVENING = datetime(2025, 11, 10, 18, 10)  # noqa: DTZ001 - UTC by contract


def read(text, zone=None):
    found, lacking = read_times(pl.Series([text], dtype=pl.String), zone, NOW)
    return found[0], lacking


@pytest.mark.parametrize(
    "text",
    [
        "2025-11-10T19:10:00+01:00",
        "2025-11-10T18:10:00Z",
        "2025-11-10 18:10:00.000 UTC",
        "2025-11-10 19:10:00.000 CET",
        "2025-11-10T13:10:00-0500",
        "20251110181000Z",
        "10/Nov/2025:19:10:00 +0100",
        "[10/Nov/2025:19:10:00 +0100]",
        "10/11/2025 19:10 +01",
        "1762798200",
        "1762798200000",
        "1762798200000000",
        " 2025-11-10T18:10Z ",
    ],
)
def test_forms_of_one_instant(text):
    assert read(text) == (EVENING, 0)


def test_fractions_are_kept_to_the_microsecond():
    assert read("2025-11-10T18:10:00.123456789Z")[0].microsecond == 123456


@pytest.mark.parametrize("text", ["2025-11-10 19:10:00", "10/11/2025 19:10", "2025-11-10 19:10:00 XYZ"])
def test_naive_times_need_a_zone(text):
    assert read(text)[1] == 1
    assert read(text, "Europe/Paris") == (EVENING, 0)
    assert read(text, "+01:00") == (EVENING, 0)


@pytest.mark.parametrize(
    ("text", "hour", "minute"),
    [("2025-10-26 02:30:00", 0, 30), ("2025-03-30 02:30:00", 1, 30), ("2025-07-01 12:00:00", 10, 0)],
    ids=["lived twice", "skipped", "summer"],
)
def test_hours_of_a_zone_that_changes_its_clock(text, hour, minute):
    found, _ = read(text, "Europe/Paris")
    assert (found.hour, found.minute) == (hour, minute)


@pytest.mark.parametrize(
    "text",
    [
        "", "yesterday", "2025-13-10T00:00:00Z", "2025-02-30T00:00:00Z", "9999-01-01T00:00:00Z",
        "1066-10-14T09:00:00Z", "0", "99999999999999999999", "2026-06-01T00:00:00Z",
    ],
)  # fmt: skip
def test_absurd_times_are_unreadable(text):
    assert read(text, "Europe/Paris") == (None, 0)


def test_a_leap_second_is_a_time():
    assert read("2016-12-31T23:59:60Z")[0] == datetime(2016, 12, 31, 23, 59, 59)  # noqa: DTZ001 - UTC


@pytest.mark.parametrize("zone", ["Mars/Olympus", "+1", "", "../../etc/passwd"])
def test_unknown_zones_are_refused(zone):
    with pytest.raises(UsageError):
        check_zone(zone)
