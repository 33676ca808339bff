"""Ranges and prefixes of internal identifiers."""

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from hemostat.resolve.sites.ranges import numbers, prefixes, ranges


def blocks(*starts, size=40, step=3):
    return np.concatenate([start + np.arange(size) * step for start in starts])


def test_a_hole_far_wider_than_a_step_parts_two_ranges():
    found = ranges(blocks(1_000_001, 2_000_001, 7_000_001))
    assert found.lows.tolist() == [1_000_000, 2_000_000, 7_000_000]
    assert found.of(np.array([1_000_001, 2_000_118, 7_400_000, -1])).tolist() == [0, 1, 2, -1]


def test_one_sequence_with_holes_is_one_range():
    steps = np.random.default_rng(1).choice([1, 1, 1, 1, 2, 5, 9], 5000)
    assert ranges(np.cumsum(steps)) is None


def test_random_numbers_are_no_ranges():
    assert ranges(np.random.default_rng(2).integers(0, 10**9, 20_000)) is None


def test_few_numbers_part_nothing():
    assert ranges(np.array([1, 2, 9_000_000])) is None


@given(st.lists(st.integers(1, 10**6), min_size=2, max_size=6, unique=True), st.integers(5, 40))
def test_no_bound_is_the_number_of_anybody(starts, size):
    held = np.concatenate([start * 10**5 + np.arange(size) for start in starts])
    found = ranges(held)
    if found is not None:
        assert not set(found.lows.tolist()) & set(held.tolist())
        assert (np.bincount(found.of(held), minlength=len(found.lows)) > 0).all()


def test_what_is_no_number_has_none():
    assert numbers(pl.Series(["12", " 7 ", "3.0", "A1", "", None, "1" * 30])).tolist() == [
        12,
        7,
        3,
        -1,
        -1,
        -1,
        -1,
    ]


def test_prefixes_are_letters_or_what_stands_before_a_sign():
    held = pl.Series(["MEL-0012", "mel 0013", "77/12", "2012000123", None])
    assert prefixes(held).to_list() == ["MEL", "MEL", "77", None, None]
