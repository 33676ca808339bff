import datetime as dt

import numpy as np
import polars as pl
import pytest

from hemostat.simulate import dirt
from hemostat.simulate.dirt import Dirt

CLEAN = Dirt(**dict.fromkeys((f for f in Dirt.__dataclass_fields__), 0.0))
SIZE = 4000


def rng(seed=1):
    return np.random.default_rng(seed)


def test_slips_hit_the_share_asked_and_stay_close():
    names = pl.Series(["Lefebvre", "Martin", "Nguyen", None] * 1000)
    damaged = dirt.slips(rng(), names, 0.1)
    assert damaged.null_count() == 1000
    changed = (damaged != names).fill_null(value=False)
    assert 200 < changed.sum() < 320
    lengths = (damaged.str.len_chars().cast(pl.Int64) - names.str.len_chars().cast(pl.Int64)).drop_nulls()
    assert set(lengths.to_list()) == {-1, 0, 1}
    assert (damaged.str.slice(0, 1) == names.str.slice(0, 1)).drop_nulls().all()


def test_nothing_changes_where_nothing_is_dirty():
    names = pl.Series(["Lefebvre-Le Gall", "D'Arcy", "Saint-Jean", None])
    assert dirt.surnames(rng(), names, CLEAN).equals(names)
    assert dirt.first_names(rng(), names, names, CLEAN).equals(names)
    days = pl.Series([dt.date(1980, 5, 6), dt.date(2000, 2, 29)])
    assert dirt.dates(rng(), days, CLEAN).to_list() == days.to_list()


def test_compound_first_names_are_cut_spaced_and_abbreviated():
    names = pl.Series(["Jean-Pierre"] * SIZE)
    seen = set(dirt.first_names(rng(), names, names, Dirt(typo=0, half=0.2, nickname=0)).unique().to_list())
    assert {"Jean", "Jean Pierre", "J.Pierre", "Jean-Pierre"} <= seen


def test_the_second_name_takes_the_place_of_the_first():
    names, second = pl.Series(["Léa"] * SIZE), pl.Series(["Rose"] * SIZE)
    seen = dirt.first_names(rng(), names, second, Dirt(typo=0, second_name=0.2)).unique().to_list()
    assert {"Rose", "Léa Rose"} <= set(seen)


def test_particles_are_glued_or_lost():
    names = pl.Series(["Le Gall", "De Sousa", "Saint-Martin", "Durand-Petit"] * 1000)
    seen = set(dirt.surnames(rng(), names, Dirt(typo=0, reshaped=0.2, half=0.2)).unique().to_list())
    assert {"LeGall", "Gall", "DeSousa", "Durand", "Durand Petit", "St Martin", "Saint Martin"} <= seen


def test_a_row_is_written_in_one_case():
    last, first = dirt.cased(rng(), pl.Series(["Crépin"] * SIZE), pl.Series(["Zoé"] * SIZE), Dirt())
    pairs = set(zip(last.to_list(), first.to_list(), strict=True))
    assert {("Crépin", "Zoé"), ("CREPIN", "Zoe"), ("CRÉPIN", "ZOÉ"), ("crépin", "zoé")} <= pairs
    assert ("crépin", "ZOÉ") not in pairs
    assert ("Crepin", "Zoé") not in pairs


def test_swapped_names_change_places():
    last, first = dirt.swapped(
        rng(), pl.Series(["Petit"] * SIZE), pl.Series(["Zoé"] * SIZE), Dirt(swapped=0.1)
    )
    assert set(zip(last.to_list(), first.to_list(), strict=True)) == {("Petit", "Zoé"), ("Zoé", "Petit")}


def test_wrong_dates_remain_dates_and_are_of_known_kinds():
    day = dt.date(1980, 5, 6)
    rough = Dirt(day_month=0.1, wrong_date=0.4, century=0.1)
    seen = set(dirt.dates(rng(), pl.Series([day] * SIZE), rough).to_list())
    assert {dt.date(1980, 6, 5), dt.date(1981, 5, 6), dt.date(1970, 5, 6), dt.date(2080, 5, 6)} <= seen
    assert {dt.date(1980, 5, 7), dt.date(1980, 4, 6)} <= seen


def test_an_impossible_day_is_never_written():
    days = pl.Series([dt.date(2000, 3, 31), dt.date(1999, 1, 30)] * 2000)
    damaged = dirt.dates(rng(), days, Dirt(wrong_date=1.0))
    assert damaged.null_count() == 0
    assert damaged.dtype == pl.Date


def test_numbers_are_damaged_in_the_usual_ways():
    number = "188062A04101705"
    rough = Dirt(nir_digit=0, nir_spaces=0.3, nir_no_key=0.3, nir_short_key=1.0)
    seen = set(dirt.nirs(rng(), pl.Series([number] * SIZE), rough).to_list())
    assert {"1 88 06 2A 041 017 05", "188062A041017 05", "188062A041017", "188062A0410175"} <= seen
    assert any("2a" in cell for cell in seen)
    assert number not in seen


def test_a_wrong_digit_changes_one_digit():
    number = "179046311904245"
    damaged = dirt.nirs(
        rng(), pl.Series([number] * SIZE), Dirt(nir_digit=0.2, nir_spaces=0, nir_no_key=0, nir_short_key=0)
    )
    wrong = damaged.filter(damaged != number)
    assert 600 < len(wrong) < 1000
    assert all(sum(a != b for a, b in zip(cell, number, strict=True)) == 1 for cell in wrong.unique())


def test_leading_zeros_of_postcodes_are_lost_for_the_share_of_all_rows():
    codes = pl.Series(["06000", "75011", "59000", "13001"] * 1000)
    damaged = dirt.postcodes(rng(), codes, Dirt(postcode_zero=0.02))
    lost = damaged.str.len_chars() == 4
    assert 50 <= lost.sum() <= 110
    assert set(damaged.filter(lost).to_list()) == {"6000"}


@pytest.mark.parametrize(
    ("style", "written"),
    list(
        enumerate(
            [
                "0639980012",
                "06 39 98 00 12",
                "06.39.98.00.12",
                "+33639980012",
                "+33 6 39 98 00 12",
                "0033639980012",
                "06-39-98-00-12",
                "639980012",
                "06/39/98/00/12",
            ]
        )
    ),
)
def test_ways_of_writing_a_telephone_number(style, written):
    styles = tuple(float(i == style) for i in range(9))
    shown = dirt.phones(rng(), np.array([639_980_012, 0]), CLEAN, styles)
    assert shown.to_list() == [written, None]


def test_one_wrong_digit_in_a_telephone_number():
    numbers = np.full(SIZE, 639_980_012)
    shown = dirt.phones(rng(), numbers, Dirt(phone_digit=0.5), (1.0, *[0.0] * 8))
    wrong = shown.filter(shown != "0639980012")
    assert 1700 < len(wrong) < 2300
    assert all(sum(a != b for a, b in zip(cell, "0639980012", strict=True)) == 1 for cell in wrong.unique())
    assert (numbers == 639_980_012).all()


def test_damaged_addresses_never_reach_a_real_domain():
    mails = pl.Series(["lea.petit@mail.example.com", "zoe@example.org"] * 2000)
    damaged = dirt.mails(rng(), mails, Dirt(mail_wrong=0.5, mail_case=0.2))
    assert (damaged != mails).sum() > 1000
    domains = damaged.str.to_lowercase().str.extract("@(.*)$", 1).unique().to_list()
    assert set(domains) == {"mail.example.com", "example.org", "mail.example", "example"}


def test_addresses_are_abbreviated_and_shouted():
    lines = pl.Series(["12 avenue du Général de Gaulle"] * SIZE)
    complements = pl.Series(["bât B"] * SIZE)
    seen = set(dirt.addresses(rng(), lines, complements, Dirt(typo=0)).unique().to_list())
    assert "12 avenue du Général de Gaulle bât B" in seen
    assert "bât B 12 avenue du Général de Gaulle" in seen
    assert any(cell.startswith("12 av du Gal") for cell in seen)
    assert any(cell.startswith("12 AVENUE DU GENERAL") for cell in seen)


def test_towns_lose_accents_with_capitals():
    seen = set(dirt.towns(rng(), pl.Series(["Saint-Étienne"] * SIZE), Dirt(typo=0)).unique().to_list())
    assert {"Saint-Étienne", "SAINT-ETIENNE", "ST ETIENNE"} <= seen
    assert not any("É" in cell and cell.isupper() for cell in seen)
