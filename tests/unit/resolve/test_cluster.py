"""From links to people."""

from __future__ import annotations

import numpy as np
import pytest

from hemostat.resolve.cluster import Known, components, merge
from hemostat.resolve.groups import pack


def known(size, *foes, vetoed=(), most=60):
    """What is known of rows: foes told in advance; `vetoed` pairs come out only when asked for."""
    hidden = set(vetoed)

    def judge(a, b):
        return np.array([(int(x), int(y)) in hidden for x, y in zip(a, b, strict=True)], dtype=bool)

    told = np.array(foes, dtype=np.int32).reshape(-1, 2)
    packed = np.sort(pack(told[:, 0], told[:, 1]))
    return Known(np.arange(size, dtype=np.uint64) * 7919 + 13, packed, packed, judge, most)


def clusters(size, links, rules, start=None):
    label = np.arange(size, dtype=np.int32) if start is None else np.array(start, dtype=np.int32)
    a, b, bits = (np.array(column) for column in zip(*links, strict=True))
    found = merge(label, a.astype(np.int32), b.astype(np.int32), bits.astype(np.float32), rules)
    return sorted(sorted(np.flatnonzero(found == n).tolist()) for n in range(int(found.max()) + 1))


def test_components():
    assert components(5, np.array([0, 3]), np.array([1, 4])).tolist() == [0, 0, 1, 2, 2]
    assert components(2, np.array([], dtype=int), np.array([], dtype=int)).tolist() == [0, 1]


def test_links_join():
    assert clusters(4, [(0, 1, 9.0), (1, 2, 5.0)], known(4)) == [[0, 1, 2], [3]]


def test_a_vetoed_pair_is_kept_apart_at_the_weakest_link():
    assert clusters(3, [(0, 1, 9.0), (1, 2, 5.0)], known(3, (0, 2))) == [[0, 1], [2]]
    assert clusters(3, [(0, 1, 5.0), (1, 2, 9.0)], known(3, (0, 2))) == [[0], [1, 2]]


def test_a_veto_never_compared_before_is_found():
    assert clusters(3, [(0, 1, 9.0), (1, 2, 5.0)], known(3, vetoed=[(0, 2)])) == [[0, 1], [2]]


def test_a_veto_holds_between_whole_clusters():
    links = [(0, 1, 9.0), (2, 3, 8.0), (1, 2, 7.0)]
    assert clusters(4, links, known(4, (0, 3))) == [[0, 1], [2, 3]]


def test_what_a_stronger_level_joined_stays_joined():
    assert clusters(3, [(1, 2, 5.0)], known(3, (0, 1)), start=[0, 0, 1]) == [[0, 1, 2]]


@pytest.mark.parametrize("order", [[0, 1, 2, 3], [3, 2, 1, 0], [2, 0, 3, 1]])
def test_order_of_the_links_does_not_matter(order):
    links = [(0, 1, 5.0), (1, 2, 5.0), (2, 3, 5.0), (0, 3, 5.0)]
    found = clusters(4, [links[n] for n in order], known(4, (0, 2)))
    assert found == clusters(4, links, known(4, (0, 2)))
    assert not any({0, 2} <= set(each) for each in found)


def test_no_links():
    label = np.array([0, 1], dtype=np.int32)
    none = np.array([], dtype=np.int32)
    assert merge(label, none, none, none.astype(np.float32), known(2)).tolist() == [0, 1]
