"""When a dump was taken, from changes of which it shows one side."""

import numpy as np
import polars as pl
import pytest

from hemostat.resolve.dated.moment import dated

DAY = 86_400_000_000
NOBODY = pl.DataFrame(schema={"since": pl.Int64, "by": pl.Int64, "present": pl.Boolean})


def seen(times, new, width=0):
    times = np.asarray(times, dtype=np.int64)
    return pl.DataFrame({"since": times, "by": times + width, "new": np.asarray(new, dtype=bool)})


def many(seed=1, count=2000, span=400):
    return np.sort(np.random.default_rng(seed).integers(0, span * DAY, count))


def inside(window, instant, slack=0):
    return window.start - slack <= instant <= window.end + slack


def test_the_window_lies_between_the_last_new_value_and_the_first_old_one():
    times, taken = many(), 300 * DAY
    found = dated(seen(times, times <= taken), NOBODY)
    assert found.kind == "window"
    assert inside(found.windows[0], taken)
    assert found.windows[0].end - found.windows[0].start <= DAY


@pytest.mark.parametrize("seed", range(8))
def test_a_few_errors_do_not_move_it(seed):
    rng = np.random.default_rng(seed)
    times, taken = many(seed), int(rng.integers(100, 390)) * DAY
    new = (times <= taken) ^ (rng.random(len(times)) < 0.03)
    found = dated(seen(times, new), NOBODY)
    assert found.kind == "window"
    assert inside(found.windows[0], taken, DAY)
    assert found.windows[0].end - found.windows[0].start <= 3 * DAY


@pytest.mark.parametrize("seed", range(8))
def test_two_dumps_merged_have_two_windows(seed):
    rng = np.random.default_rng(seed)
    times, early, late = many(seed), 250 * DAY, 270 * DAY
    new = np.where(rng.random(len(times)) < 0.4, times <= early, times <= late)
    found = dated(seen(times, new), NOBODY)
    assert found.kind == "two"
    assert inside(found.windows[0], early, DAY)
    assert inside(found.windows[1], late, DAY)


def test_a_day_whose_changes_are_half_made_is_the_day_of_the_dump():
    days = np.repeat(np.arange(60), 20) * DAY
    new = (days < 30 * DAY) | ((days == 30 * DAY) & (np.arange(len(days)) % 2 == 0))
    (window,) = dated(seen(days, new, DAY), NOBODY).windows
    assert (window.start, window.end) == (30 * DAY, 31 * DAY)


def test_values_that_agree_with_no_day_tell_nothing():
    times = many(3)
    new = np.random.default_rng(4).random(len(times)) < 0.5
    assert dated(seen(times, new), NOBODY).kind == "contradictory"


def test_few_changes_tell_nothing():
    assert dated(seen([1, 2, 3], [1, 1, 0]), NOBODY).kind == "few"


def test_what_is_after_every_change_has_no_end_unless_later_records_are_missing():
    times = many(5)
    found = dated(seen(times, times >= 0), NOBODY)
    assert (found.kind, found.windows[0].end) == ("after", None)
    born = np.arange(401, 480) * DAY // 1
    created = pl.DataFrame({"since": born, "by": born, "present": born <= 420 * DAY})
    closed = dated(seen(times, times >= 0), created)
    assert closed.kind == "window"
    assert inside(closed.windows[0], 420 * DAY + 1)
    assert closed.windows[0].end - closed.windows[0].start <= 2 * DAY


def test_what_precedes_every_change_has_no_start():
    found = dated(seen(many(6) + DAY, np.zeros(2000)), NOBODY)
    assert (found.kind, found.windows[0].start) == ("before", None)
