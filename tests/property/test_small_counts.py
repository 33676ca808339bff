"""A hidden count cannot be told from what is shown beside it."""

from hypothesis import given
from hypothesis import strategies as st

from hemostat.report.small import HIDDEN, shown_parts

hidden = st.integers(min_value=1, max_value=4)
others = st.lists(st.integers(min_value=5, max_value=10_000), min_size=1, max_size=6)


@given(hidden, others, st.integers(min_value=0, max_value=6))
def test_one_hidden_count_among_others_could_be_any_small_count(small, large, place):
    counts = [*large[:place], small, *large[place:]]
    said = shown_parts([(count,) for count in counts], sensitive=True)
    for guess in range(1, 5):
        # Another truth with the same total: the difference goes to the largest column.
        other = counts.copy()
        other[counts.index(small)] = guess
        largest = counts.index(max(counts))
        other[largest] += small - guess
        if other[largest] > 4:
            assert shown_parts([(count,) for count in other], sensitive=True) == said


@given(st.lists(st.integers(min_value=0, max_value=10_000), max_size=8))
def test_no_small_count_is_ever_shown(counts):
    for (said,) in shown_parts([(count,) for count in counts], sensitive=True):
        assert isinstance(said, str) or said >= 5


@given(st.lists(st.integers(min_value=5, max_value=10_000), max_size=8))
def test_nothing_is_hidden_without_need(counts):
    said = [one for (one,) in shown_parts([(count,) for count in counts], sensitive=True)]
    assert said == counts
    assert HIDDEN not in said
