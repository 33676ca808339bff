"""Laws of grouping: equal keys and nothing else bring rows together, however keys are laid out."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hemostat.resolve.cluster import components
from hemostat.resolve.groups import MISSING, firsts, group, order, values

# few distinct keys, some of which share their high bits, as hashes seldom do
KEYS = st.lists(
    st.one_of(st.integers(0, 3), st.integers(0, 3).map(lambda n: n << 60), st.integers(0, 2**64 - 1)),
    max_size=60,
).map(lambda keys: np.array(keys, dtype=np.uint64))


@given(KEYS)
def test_order_sorts_and_keeps_equal_keys_in_their_order(keys):
    assert order(keys).tolist() == np.argsort(keys, kind="stable").tolist()


@given(KEYS)
def test_firsts_are_the_first_rows_of_each_key(keys):
    known = keys.tolist()
    assert firsts(keys).tolist() == [known.index(key) for key in known]


@given(KEYS)
def test_values_have_one_code_for_equal_keys(keys):
    found = values(keys)
    for at, key in enumerate(keys.tolist()):
        if key == 0:
            assert found.codes[at] == MISSING
        else:
            assert (found.codes == found.codes[at]).tolist() == (keys == keys[at]).tolist()
            assert found.sharing(np.array([at]))[0] == np.count_nonzero(keys == keys[at])


@given(KEYS, KEYS)
def test_groups_hold_rows_that_share_a_key_in_any_column(one, other):
    size = min(len(one), len(other))
    columns = one[:size], other[:size]
    found = group(*columns)
    for place, column in enumerate(columns):
        for at, key in enumerate(column.tolist()):
            shared = sum(int(np.count_nonzero(each == key)) for each in columns)
            assert found.sharing(np.array([at]), place)[0] == (shared if key else 1)
    for start, many in zip(found.starts.tolist(), found.sizes.tolist(), strict=True):
        rows = found.members[start : start + many]
        assert set.intersection(*({int(column[row]) for column in columns} for row in rows.tolist())) - {0}


@given(st.integers(1, 40), st.lists(st.tuples(st.integers(0, 39), st.integers(0, 39)), max_size=60))
def test_components_are_what_links_hold_together(size, links):
    links = [(a % size, b % size) for a, b in links]
    found = components(
        size, np.array([a for a, _ in links], dtype=np.int32), np.array([b for _, b in links], np.int32)
    )
    label = list(range(size))
    for _ in range(size):
        for a, b in links:
            label[a] = label[b] = min(label[a], label[b])
    distinct = sorted(set(label))
    assert found.tolist() == [distinct.index(each) for each in label]
