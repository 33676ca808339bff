import copy

import pytest

from hemostat.report.small import masked_summary, shown, shown_parts


@pytest.mark.parametrize("count", range(5))
def test_under_five_is_hidden_for_sensitive_categories_alone(count):
    assert shown(count, sensitive=True) == "<5"
    assert shown(count, sensitive=False) == count


def test_from_five_on_and_unknown_stay():
    assert (shown(5, sensitive=True), shown(None, sensitive=True), shown("<5", sensitive=True)) == (
        5,
        None,
        "<5",
    )


def test_a_summary_is_masked_in_every_count_and_once_for_all():
    summary = {
        "categories": {
            "pregnancy": {"persons": 3, "records": 7, "valid": None},
            "nir": {"persons": 3, "records": 7, "valid": 2},
        },
        "persons": {"best": 3},
    }
    before = copy.deepcopy(summary)
    masked = masked_summary(summary, {"pregnancy"})
    assert masked["categories"]["pregnancy"] == {"persons": "<5", "records": 7, "valid": None}
    assert masked["categories"]["nir"] == before["categories"]["nir"]
    assert masked["persons"] == {"best": 3}
    assert summary == before
    assert masked_summary(masked, {"pregnancy"}) == masked


def test_a_summary_before_detection_stays():
    assert masked_summary({"categories": None}, {"pregnancy"}) == {"categories": None}


def test_columns_of_one_category():
    assert shown_parts([(12, 10), (30, None)], sensitive=True) == [(12, 10), (30, None)]
    assert shown_parts([(12, 10), (3, None)], sensitive=True) == [("withheld", "withheld"), ("<5", None)]
    assert shown_parts([(12, 10), (3, None)], sensitive=False) == [(12, 10), (3, None)]
