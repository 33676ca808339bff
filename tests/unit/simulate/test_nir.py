import datetime as dt

import numpy as np
import polars as pl
import pytest

from hemostat.simulate import nir

# The published examples of the structure, each with its right key.
KNOWN = """
1790463119042 45
288062A041017 35
196102B033208 27
1921197411035 34
2530299138017 11
2912046187003 61
2475533063101 57
"""


@pytest.mark.parametrize("line", KNOWN.split("\n")[1:-1])
def test_known_keys(line):
    body, key = line.split()
    assert nir.keys(pl.Series([body])).tolist() == [int(key)]


def _assigned(size, births, codes, twin_of=None):
    twins = np.full(size, -1) if twin_of is None else twin_of
    sexes = np.where(np.arange(size) % 2 == 0, 1, 2)
    return nir.assign(np.random.default_rng(5), sexes, pl.Series(births), pl.Series(codes), twins), sexes


def test_numbers_say_sex_month_and_place():
    births = [dt.date(1979, 4, 12), dt.date(2003, 11, 30), dt.date(1988, 6, 1)]
    numbers, sexes = _assigned(3, births, ["63119", "2A041", "97411"])
    for number, sex, birth, code in zip(numbers, sexes, births, ["63119", "2A041", "97411"], strict=True):
        assert number[:10] == f"{sex}{birth:%y%m}{code}"
        assert len(number) == 15


def test_a_register_that_overflows_takes_another_commune():
    size = 5000
    numbers, _ = _assigned(size, [dt.date(1990, 7, 1 + i % 28) for i in range(size)], ["75112"] * size)
    assert numbers.n_unique() == size
    orders = numbers.str.slice(10, 3).cast(pl.Int64)
    assert orders.min() >= 1
    assert orders.max() <= 999
    assert numbers.str.slice(5, 5).n_unique() > 1


def test_people_born_a_hundred_years_apart_do_not_collide():
    size = 600
    births = [dt.date(1919 if i % 4 < 2 else 2019, 3, 5) for i in range(size)]
    numbers, _ = _assigned(size, births, ["69123"] * size)
    assert numbers.n_unique() == size


def test_twins_of_one_sex_follow_each_other():
    size = 40
    twin_of = np.full(size, -1)
    twin_of[12] = 10
    births = [dt.date(1990, 7, 3)] * size
    numbers, _ = _assigned(size, births, ["33063"] * size, twin_of)
    assert int(numbers[12][10:13]) - int(numbers[10][10:13]) == 1


def test_broken_keys_are_wrong_and_only_the_key_changes():
    numbers, _ = _assigned(300, [dt.date(1970, 1, 1 + i % 28) for i in range(300)], ["33063"] * 300)
    broken = nir.break_keys(np.random.default_rng(1), numbers)
    keys = broken.str.slice(13).cast(pl.Int64).to_numpy()
    assert (keys != nir.keys(numbers.str.slice(0, 13))).all()
    assert ((keys >= 1) & (keys <= 97)).all()
    assert (broken.str.slice(0, 13) == numbers.str.slice(0, 13)).all()


def test_the_other_sex_keeps_a_right_key():
    numbers, _ = _assigned(50, [dt.date(1970, 5, 2)] * 50, ["33063"] * 50)
    flipped = nir.flip_sex(numbers)
    assert (flipped.str.slice(0, 1) != numbers.str.slice(0, 1)).all()
    assert (nir.keys(flipped.str.slice(0, 13)) == flipped.str.slice(13).cast(pl.Int64).to_numpy()).all()
