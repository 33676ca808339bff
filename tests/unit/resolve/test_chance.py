"""Chances against values known from tables."""

import numpy as np
import pytest

from hemostat.resolve.chance import binomial_tail, normal_tail, poisson_tail, share_between, uniform_chance


def test_tails():
    assert normal_tail(2.575829) == pytest.approx(0.01, abs=1e-6)
    assert poisson_tail(10, 5.0) == pytest.approx(0.031828, abs=1e-6)
    assert binomial_tail(60, 100, 0.5) == pytest.approx(0.028444, abs=1e-6)


@pytest.mark.parametrize(
    ("count", "trials", "bounds"),
    [(0, 20, (0.0, 0.16843)), (20, 20, (0.83157, 1.0)), (10, 100, (0.04900, 0.17622))],
)
def test_exact_interval_of_a_share(count, trials, bounds):
    assert share_between(count, trials) == pytest.approx(bounds, abs=1e-4)


def test_even_places_are_likely_and_crowded_ones_are_not():
    assert uniform_chance(np.linspace(0.005, 0.995, 100)) == 1.0
    assert uniform_chance(np.linspace(0.005, 0.5, 100)) < 1e-9
