import numpy as np
import polars as pl

from hemostat.simulate import names

ORIGINS = names.ORIGIN_NAMES


def test_there_are_many_surnames_and_first_names():
    pools = names.surname_pools()
    assert len(pools) == len(ORIGINS)
    assert pl.concat([pool.names for pool in pools]).n_unique() > 15_000
    assert all(len(pool.names) > 30 for pool in pools)
    table = pl.read_csv(
        names.files("hemostat.simulate").joinpath("data", "first_names.tsv").read_bytes(), separator="\t"
    )
    assert table["name"].n_unique() > 1500
    assert set(table["origin"]) <= set(ORIGINS)
    assert (table["since"] < table["until"]).all()


def test_frequent_names_are_frequent_and_the_tail_is_long():
    rng = np.random.default_rng(3)
    drawn = names.draw_surnames(rng, names.weighted(rng, [share for _, share in names.ORIGINS], 100_000))
    counts = drawn.value_counts(sort=True)
    assert counts["surname"][:40].is_in(["Martin", "Bernard", "Thomas", "Petit", "Robert"]).sum() >= 4
    assert 0.001 < counts["count"][0] / 100_000 < 0.01
    assert len(counts) > 15_000


def test_first_names_follow_the_year_and_the_sex():
    rng = np.random.default_rng(3)
    french = np.zeros(20_000, dtype=np.int64)
    women, men = np.full(20_000, 2), np.full(20_000, 1)

    def common(sexes, year):
        drawn = names.draw_first_names(rng, french, sexes, np.full(20_000, year))
        return drawn.value_counts(sort=True)["first_name"][:25].to_list()

    assert {"Monique", "Jacqueline"} <= set(common(women, 1938))
    assert "Monique" not in common(women, 2012)
    assert {"Emma", "Jade", "Louise"} <= set(common(women, 2014))
    assert "Gabriel" in common(men, 2014)
    assert not set(common(men, 1975)) & set(common(women, 1975))


def test_origins_keep_their_own_first_names_to_their_share():
    rng = np.random.default_rng(4)
    origin = np.full(20_000, ORIGINS.index("maghreb"))
    drawn = names.draw_first_names(rng, origin, np.full(20_000, 1), np.full(20_000, 1960))
    counts = drawn.value_counts(sort=True)
    assert counts["first_name"][0] == "Mohamed"
    assert drawn.is_in(["Michel", "Philippe", "Patrick", "Alain"]).sum() < 1000
