"""A thief's sample: tests of chance, an estimate where it may be given, a floor where it may not."""

import numpy as np
import pytest

from hemostat.resolve.sample import against_chance, estimate, floor, two_samples

SIZE = 50_000


def drawn(seed, number=400):
    return np.random.default_rng(seed).choice(SIZE, number, replace=False).astype(np.int64)


def test_random_draws_are_seldom_taken_for_a_choice():
    assert sum(bool(against_chance(drawn(seed), SIZE)) for seed in range(100)) <= 8


@pytest.mark.parametrize(
    ("ranks", "test"),
    [
        (np.arange(400), "neighbours"),
        (np.random.default_rng(1).permutation(2_000)[:400], "spread"),
        (np.sort(drawn(2)), "sorted"),
        (np.array([7, 90, 4_000]), "few"),
    ],
)
def test_the_head_of_a_table_is_no_draw(ranks, test):
    assert test in against_chance(ranks.astype(np.int64), SIZE)


def test_a_site_that_comes_too_often():
    sites = {"Lyon": (300, 0.2), "Metz": (60, 0.4), "Albi": (40, 0.4)}
    assert against_chance(drawn(3), SIZE, sites) == ("site",)
    assert against_chance(drawn(3), SIZE, {"Lyon": (80, 0.2), "Metz": (320, 0.8)}) == ()


def test_the_interval_holds_the_truth():
    total, held = 80_000, 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        sample = rng.choice(total, 500, replace=False)
        found = estimate(500, sample[sample < SIZE].astype(np.int64), SIZE)
        held += found.kind == "floor" or found.low <= total <= found.high
    assert held >= 55


def test_a_floor_gives_no_total_and_says_why():
    found = estimate(1_500, np.arange(1_000, dtype=np.int64), SIZE)
    assert (found.kind, found.low, found.best, found.high) == ("floor", 1_500, None, None)
    assert "1,500 people shown are not a random draw" in found.en
    assert "plancher (1\N{NARROW NO-BREAK SPACE}500 personnes)" in found.fr


def test_two_samples_with_enough_in_common():
    held = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        one, other = (set(rng.choice(20_000, 1_500, replace=False).tolist()) for _ in range(2))
        found = two_samples(1_500, 1_500, len(one & other))
        held += found.low <= 20_000 <= found.high
    assert held >= 54
    assert two_samples(100, 100, 2).kind == "floor"
    assert two_samples(100, 100, 50, ("sorted",)).against == ("sorted",)


def test_over_many_draws_the_interval_holds_the_truth_as_often_as_it_says():
    total, given, held = 80_000, 0, 0
    for seed in range(300):
        rng = np.random.default_rng([7, seed])
        taken = rng.choice(total, int(rng.integers(80, 900)), replace=False)
        mine = taken[taken < SIZE]
        others = {"name": rng.permutation(SIZE)[mine], "birth": rng.permutation(SIZE)[mine]}
        # one person of the file in a hundred is not found there
        found = estimate(len(taken), mine[rng.random(len(mine)) > 0.01], SIZE, None, others)
        given += found.kind == "interval"
        held += found.kind == "interval" and found.low <= total <= found.high
    assert given >= 285
    assert held / given >= 0.95 * 0.95


@pytest.mark.parametrize("way", ["head", "alphabet", "site", "by date", "in order of names"])
def test_what_thieves_choose_is_never_taken_for_a_draw(way):
    for seed in range(40):
        rng = np.random.default_rng([11, seed])
        by_name, site = rng.permutation(SIZE), rng.integers(0, 8, SIZE)
        chosen = {
            "head": lambda: np.arange(120),
            "alphabet": lambda by_name=by_name: np.flatnonzero(by_name < 4_000)[:120],
            "site": lambda site=site, rng=rng: rng.permutation(np.flatnonzero(site == 3))[:120],
            "by date": lambda rng=rng: np.sort(rng.choice(SIZE, 120, replace=False)),
            "in order of names": lambda rng=rng, by_name=by_name: np.argsort(by_name)[
                np.sort(rng.choice(SIZE, 120, replace=False))
            ],
        }[way]()
        counts = np.bincount(site[chosen], minlength=8)
        sites = {str(n): (int(counts[n]), float((site == n).mean())) for n in range(8)}
        found = estimate(150, chosen.astype(np.int64), SIZE, sites, {"name": by_name[chosen]})
        assert (found.kind, found.best, found.high) == ("floor", None, None)


def test_nothing_to_compare_with_is_said_otherwise_than_a_choice():
    assert "allow no estimate" in floor(40, "no_file").en
    assert "ne permettent d'estimer aucun total" in estimate(40, np.array([3, 9]), SIZE).fr
