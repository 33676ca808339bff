"""Silences of a log."""

from __future__ import annotations

from datetime import datetime, timedelta

import polars as pl

from hemostat.watch.gaps import silences

START = datetime(2025, 9, 1)  # noqa: DTZ001 - UTC by contract; a Monday


def hours(days, silent=(), accounts=30):
    """Work from 8 to 18 on weekdays."""
    rows = [
        (START + timedelta(days=day, hours=hour), 3 * accounts, accounts)
        for day in range(days)
        for hour in range(8, 18)
        if (START + timedelta(days=day)).weekday() < 5 and (day, hour) not in silent
    ]
    return pl.DataFrame(
        rows, schema={"hour": pl.Datetime("us"), "entries": pl.Int64, "accounts": pl.Int64}, orient="row"
    )


def test_nights_and_weekends_are_no_gaps():
    assert not silences(hours(30)).height


def test_an_afternoon_without_entries_is_a_gap():
    found = silences(hours(30, {(8, 13), (8, 14), (8, 15)}))
    start = START + timedelta(days=8, hours=13)
    assert found.rows() == [(start, start + timedelta(hours=3), 270)]


def test_where_few_work_an_hour_of_silence_proves_nothing():
    assert not silences(hours(30, {(8, 13)}, accounts=4)).height


def test_a_short_log_has_no_usual():
    assert not silences(hours(2, {(1, 10)})).height
    assert not silences(hours(0)).height
