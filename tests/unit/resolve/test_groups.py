"""Rows that share a value, and the pairs they make."""

from __future__ import annotations

import numpy as np

from hemostat.resolve import groups, hashing


def keys(*values):
    return np.array(values, dtype=np.uint64)


def as_set(packed):
    return {(int(a), int(b)) for a, b in zip(*groups.unpack(packed), strict=True)}


def test_rows_with_equal_keys_share_a_code():
    found = groups.group(keys(7, 9, 7, 0, 5, 9, 7))
    code = found.codes[0]
    assert code[0] == code[2] == code[6] >= 0
    assert code[1] == code[5] >= 0
    assert code[3] == groups.MISSING
    assert code[4] < groups.MISSING
    assert sorted(found.sizes.tolist()) == [2, 3]


def test_sharing_counts_rows():
    found = groups.group(keys(7, 9, 7, 0, 7))
    assert found.sharing(np.arange(5)).tolist() == [3, 1, 3, 1, 3]


def test_values_are_shared_across_columns():
    found = groups.group(keys(1, 2, 0), keys(0, 1, 3))
    assert found.codes[0][0] == found.codes[1][1]
    assert as_set(groups.pairs(found, 9)) == {(0, 1)}


def test_a_row_with_a_value_twice_makes_no_pair_with_itself():
    assert len(groups.pairs(groups.group(keys(4, 1), keys(4, 2)), 9)) == 0


def test_pairs_of_large_groups_are_left_out_and_told():
    found = groups.group(keys(1, 1, 1, 2, 2))
    assert as_set(groups.pairs(found, 2)) == {(3, 4)}
    assert sorted(groups.oversize(found, 2).tolist()) == [0, 1, 2]


def test_all_pairs_of_a_group():
    assert as_set(groups.pairs(groups.group(keys(1, 1, 0, 1)), 9)) == {(0, 1), (0, 3), (1, 3)}


def test_keys_that_share_their_high_bits_are_kept_apart():
    crowded = keys(8, 9, 8, 9, 10, 8)  # all equal once their low bits make room for places
    found = groups.group(crowded)
    assert as_set(groups.pairs(found, 9)) == {(0, 2), (0, 5), (2, 5), (1, 3)}


def test_no_rows():
    found = groups.group(keys())
    assert len(found.codes[0]) == 0
    assert len(groups.pairs(found, 9)) == 0


def test_among_and_unique():
    packed = np.array([5, 3, 5, 9], dtype=np.int64)
    assert groups.unique(packed).tolist() == [3, 5, 9]
    assert groups.among(packed, np.array([3, 9])).tolist() == [False, True, False, True]
    assert groups.among(packed, np.array([], dtype=np.int64)).tolist() == [False] * 4


def test_dense_renumbers_in_order():
    assert groups.dense(np.array([7, 2, 7, 4]), 8).tolist() == [2, 0, 2, 1]


def test_join_of_keys_is_missing_when_a_part_is():
    one, other = keys(1, 0, 3), keys(2, 2, 0)
    assert (hashing.join(one, other) != 0).tolist() == [True, False, False]
    assert (hashing.digest(one, other) != 0).all()


def test_join_depends_on_the_order_of_its_parts():
    one, other = keys(1), keys(2)
    assert hashing.join(one, other)[0] != hashing.join(other, one)[0]
