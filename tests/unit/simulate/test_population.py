import datetime as dt

import numpy as np
import polars as pl
import pytest

from hemostat.simulate import contacts, nir, population
from hemostat.simulate.draw import Streams
from hemostat.simulate.households import Crowd

TODAY = dt.date(2025, 11, 28)


@pytest.fixture(scope="module")
def people():
    return population.people(Streams(3), Crowd(minors=0.06), 12_000, 800, TODAY).frame


def test_exactly_as_many_as_asked(people):
    assert people.height == 12_800
    assert people["genuine"].sum() == 12_000
    assert people["person"].to_list() == list(range(12_800))


@pytest.mark.parametrize("size", [1, 2, 3, 10, 19, 20, 61, 150])
def test_small_crowds_are_exact_too(size):
    frame = population.people(Streams(1), Crowd(), size, 0, TODAY).frame
    assert frame.height == size
    assert frame["nir"].n_unique() == size


def test_no_two_people_share_a_nir_and_every_key_is_right(people):
    assert people["nir"].n_unique() == people.height
    bodies, keys = people["nir"].str.slice(0, 13), people["nir"].str.slice(13).cast(pl.Int64).to_numpy()
    assert (nir.keys(bodies) == keys).all()


def test_numbers_agree_with_sex_and_year(people):
    assert (people["nir"].str.slice(0, 1).cast(pl.Int64) == people["sex"]).all()
    assert (people["nir"].str.slice(1, 2) == people["birth_date"].dt.strftime("%y")).all()
    agrees = people["nir"].str.slice(3, 2) == people["birth_date"].dt.strftime("%m")
    odd = people.filter(~agrees)
    assert 0 < odd.height < 60
    assert (odd["birth_code"].str.starts_with("99")).all()


def test_places_of_birth_follow_history(people):
    corsica = people.filter(pl.col("birth_place").is_in(["Ajaccio", "Bastia"]))
    old = corsica["birth_date"].dt.year() < 1976
    assert (corsica.filter(old)["birth_code"].str.starts_with("20")).all()
    assert (corsica.filter(~old)["birth_code"].str.contains("^2[AB]")).all()
    suburbs = people.filter(pl.col("birth_place").is_in(["Montreuil", "Nanterre", "Créteil"]))
    before = suburbs["birth_date"].dt.year() < 1968
    assert (suburbs.filter(before)["birth_code"].str.starts_with("75")).all()
    assert (~suburbs.filter(~before)["birth_code"].str.starts_with("75")).all()


def test_shares_of_minors_wards_and_women(people):
    genuine = people.filter("genuine")
    assert genuine["minor"].sum() == round(0.06 * 12_000)
    assert genuine["protected"].sum() == round(0.01 * 12_000)
    assert abs((genuine["sex"] == 2).mean() - 0.53) < 0.005
    age = (TODAY.year - genuine["birth_date"].dt.year()).to_numpy()
    assert (age[genuine["minor"].to_numpy()] <= 18).all()
    assert age.max() < 100


def test_families_live_together_and_share_what_they_share(people):
    child = people.filter(pl.col("parent") >= 0)
    parent = people[child["parent"].to_numpy()]
    assert child.height > 500
    for shared in ("household", "address", "city", "landline", "mobile", "email"):
        assert (child[shared] == parent[shared]).all(), shared
    years = (child["birth_date"] - parent["birth_date"]).dt.total_days().to_numpy() / 365.25
    assert years.min() > 14
    same_name = (child["birth_name"] == parent["birth_name"]) | (child["birth_name"] == parent["used_name"])
    assert 0.35 < same_name.mean() < 0.9


def test_siblings_are_a_year_apart_or_twins(people):
    children = people.filter("minor").sort("household", "birth_date")
    gap = children.select(
        (pl.col("birth_date").diff().over("household")).dt.total_days().alias("gap"), "twin"
    ).drop_nulls("gap")
    assert ((gap["gap"] >= 250) | (gap["gap"] == 0)).all()
    assert gap.filter(pl.col("gap") == 0)["twin"].all()
    assert (gap["gap"] == 0).sum() > 0


def test_siblings_never_share_a_first_name(people):
    children = people.filter("minor")
    assert (
        children.select(pl.struct("household", "birth_name", "first_name").is_duplicated().sum()).item() == 0
    )


def test_twins_share_birth_and_differ(people):
    younger = people.filter(pl.col("twin_of") >= 0)
    elder = people[younger["twin_of"].to_numpy()]
    assert younger.height >= 10
    for shared in ("birth_date", "birth_code", "birth_name"):
        assert (younger[shared] == elder[shared]).all(), shared
    assert (younger["first_name"] != elder["first_name"]).all()
    assert (younger["nir"] != elder["nir"]).all()


def test_planted_homonyms_are_two_people(people):
    pairs = people.filter("homonym").sort("birth_name", "first_name", "birth_date")
    assert pairs.height >= 6
    assert pairs["nir"].n_unique() == pairs.height
    others = people.filter(~pl.col("homonym"))
    assert (
        others.select(pl.struct("birth_name", "first_name", "birth_date").is_duplicated().sum()).item() == 0
    )


def test_married_women_have_two_names_and_men_one(people):
    changed = people.filter(pl.col("birth_name") != pl.col("used_name"))
    assert (changed["sex"] == 2).all()
    assert 0.1 < changed.height / people.height < 0.35


def test_few_people_have_numbers_reserved_for_fiction(people):
    landlines = people["landline"].filter(people["landline"] > 0).cast(pl.String)
    assert landlines.str.contains("^(19900|26191|35301|46571|53649)").all()
    mobiles = people["mobile"].filter(people["mobile"] > 0).cast(pl.String)
    assert mobiles.str.starts_with("63998").all()
    assert mobiles.n_unique() > 5000


def test_telephones_are_shared_only_on_purpose(people):
    own = people.filter((pl.col("mobile") > 0) & ~pl.col("protected"))
    households = own.group_by("mobile").agg(pl.col("household").n_unique().alias("n"))
    assert (households["n"] == 1).all()
    lines = people.group_by("landline").agg(pl.col("household").n_unique().alias("n"))
    assert (lines.filter(pl.col("landline") > 0)["n"] == 1).all()


def test_addresses_are_reserved_and_shared_only_on_purpose(people):
    assert people["email"].str.contains(r"^[a-z0-9._-]+@([a-z]+\.)?example\.(org|net|com)$").all()
    own = people.filter(~pl.col("protected"))
    shared = own.group_by("email").agg(pl.col("household").n_unique().alias("n"))
    assert (shared["n"] == 1).all()


def test_a_guardian_answers_for_several_people(people):
    wards = people.filter("protected")
    offices = wards.filter(pl.col("email").str.contains("tutelles"))
    assert 0 < offices["email"].n_unique() < offices.height < wards.height


def test_many_people_draw_from_the_whole_range():
    numbers = contacts.Numbers(np.random.default_rng(0), 40_000)
    home = pl.Series(["33"] * 30_000 + ["974"] * 10_000)
    mobiles = numbers.mobiles(home)
    assert len(np.unique(mobiles)) == 40_000
    assert (np.isin(mobiles[:30_000] // 100_000_000, (6, 7))).all()
    assert (mobiles[30_000:] // 1_000_000 == 692).all()
    lines = numbers.landlines(home, np.full(40_000, 5))
    assert len(np.unique(np.r_[mobiles, lines])) == 80_000


def test_later_contacts_change_for_the_share_asked():
    crowd = population.people(Streams(9), Crowd(), 8000, 0, TODAY)
    who = np.arange(8000)
    later = population.freshened(np.random.default_rng(1), crowd, who, 0.2, 0.5, 0.0)
    moved = (later["address"] != crowd.frame["address"]).to_numpy()
    assert abs(moved.mean() - 0.2) < 0.03
    assert abs((later["email"] != crowd.frame["email"]).mean() - 0.5) < 0.05
    assert (later["mobile"] == crowd.frame["mobile"]).all()
    together = (
        pl.DataFrame({"h": crowd.frame["household"], "m": moved}).group_by("h").agg(pl.col("m").n_unique())
    )
    assert (together["m"] == 1).all()
    assert not later["email"].filter(later["email"] != crowd.frame["email"]).is_in(crowd.frame["email"]).any()
