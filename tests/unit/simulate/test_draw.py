import numpy as np
import polars as pl
import pytest

from hemostat.simulate import draw


def test_a_topic_gives_the_same_stream_whatever_else_was_drawn():
    streams = draw.Streams(7)
    first = streams.of("names").random(3)
    streams.of("homes").random(100)
    assert (streams.of("names").random(3) == first).all()
    assert (draw.Streams(8).of("names").random(3) != first).all()


def test_shares_add_up():
    assert draw.shares(3500, (0.6, 0.25, 0.15)) == (2100, 875, 525)
    assert sum(draw.shares(7, (1, 1, 1))) == 7
    assert draw.shares(0, (0.3, 0.7)) == (0, 0)


def test_weighted_never_draws_what_weighs_nothing():
    drawn = draw.weighted(np.random.default_rng(0), (0.0, 1.0, 0.0, 2.0, 0.0), 5000)
    assert set(drawn.tolist()) == {1, 3}


@pytest.mark.parametrize("count", [0, 1, 5, 8, 20])
def test_quota_takes_the_lowest_eligible_scores(count):
    scores = np.array([0.9, 0.1, 0.5, 0.3, 0.2, 0.8, 0.7, 0.6, 0.4, 0.05])
    eligible = np.array([True] * 8 + [False] * 2)
    mask = draw.quota(scores, count, eligible)
    assert mask.sum() == min(count, 8)
    assert not mask[~eligible].any()
    if 0 < count < 8:
        assert scores[mask].max() < scores[eligible & ~mask].min()


def test_columns_that_share_scores_are_missing_together():
    scores = np.random.default_rng(1).random(1000)
    every = np.ones(1000, dtype=bool)
    few, more = draw.quota(scores, 850, every), draw.quota(scores, 860, every)
    assert (few & ~more).sum() == 0


def test_groups_cover_every_place_once():
    codes = np.array([3, 1, 3, 2, 1, 3])
    assert {code: places.tolist() for code, places in draw.groups(codes)} == {1: [1, 4], 2: [3], 3: [0, 2, 5]}
    assert list(draw.groups(np.zeros(0, dtype=np.int64))) == []


def test_patchwork_puts_each_cell_back_in_its_place():
    codes = np.array([1, 0, 2, 1, 0])
    made = draw.patchwork(codes, lambda code, places: pl.Series([f"{code}:{place}" for place in places]))
    assert made.to_list() == ["1:0", "0:1", "2:2", "1:3", "0:4"]
