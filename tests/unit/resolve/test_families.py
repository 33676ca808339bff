"""Data without families: every field counts by itself, and no field that differs is a veto."""

from __future__ import annotations

from datetime import date

import polars as pl

from hemostat.resolve import people

SYLLABLES = (
    "bar",
    "col",
    "dun",
    "fev",
    "gir",
    "hom",
    "lac",
    "muz",
    "pen",
    "rit",
    "sov",
    "tax",
    "vib",
    "wel",
    "zok",
)


def word(n, more=""):
    return SYLLABLES[n % 15] + SYLLABLES[n // 15 % 15] + more


def person(n):
    return {
        "first_names": word(7 * n, "a"),
        "used_name": word(n, "ton"),
        "birth_date": date(1930 + n * 7 % 70, 1 + n % 12, 2 + n * 5 % 26),
        "postal_address": f"{1 + n * 3} {word(n * 11)} street",
        "city": word(n * 13, "ville"),
        "postal_code": str(2000 + n * 17),
    }


def best(rows):
    frame = pl.DataFrame([{"record_id": n, **row} for n, row in enumerate(rows)])
    return people(frame).clusters["best"]


def pairs(*extra):
    """A hundred people with two equal-but-for-the-town rows each, which show that no families are here, and more."""
    rows = [person(n) for n in range(100)]
    return [*rows, *[row | {"city": row["city"] + "x"} for row in rows], *extra]


ODILE = {
    "first_names": "odile",
    "used_name": "martinet",
    "birth_date": date(1961, 4, 12),
    "postal_address": "7 haute street",
    "city": "lille",
    "postal_code": "59123",
}


def test_errors_in_several_fields_are_forgiven():
    found = best(
        pairs(
            ODILE, ODILE | {"first_names": "odlie", "birth_date": date(1961, 9, 12), "postal_code": "59132"}
        )
    )
    assert found[200] == found[201]


def test_names_written_in_each_others_place_with_a_slip():
    found = best(pairs(ODILE, ODILE | {"first_names": "martinnet", "used_name": "odile", "city": "lile"}))
    assert found[200] == found[201]


def test_people_who_share_but_a_town_stay_apart():
    found = best(pairs(ODILE, person(3) | {"city": "lille", "postal_code": "59123"}))
    assert found[200] != found[201]


def test_where_families_are_the_same_rows_are_two_people():
    home = {"postal_address": "9 low street", "postal_code": "13001", "city": "arles"}
    family = [person(n) | home | {"used_name": "durandal"} for n in range(300, 306)]
    families = [row | {"postal_address": f"{k} low street"} for k in range(20) for row in family]
    other = ODILE | {"first_names": "jeanne", "city": "lile"}
    found = best(pairs(ODILE, other, *families))
    assert found[200] != found[201]


TWIN = {
    "used_name": "martinet",
    "birth_date": date(1961, 4, 12),
    "email": "m@example.org",
    "phone": "+33639980101",
}


def test_twins_are_never_certainly_one_where_no_families_are_in_the_data():
    one, other = {**TWIN, "first_names": "louis"}, {**TWIN, "first_names": "louise"}
    rows = pairs(one, other)
    found = people(pl.DataFrame([{"record_id": n, **row} for n, row in enumerate(rows)])).clusters
    assert found["certain"][200] != found["certain"][201]
    assert found["certain"][0] == found["certain"][100]


def test_twin_pairs_are_families():
    names = ("Jean-Luc", "Jean-Marc"), ("Louis", "Louise"), ("Marie", "Marine")
    rows = [
        {**TWIN, "first_names": name, "used_name": word(n, "ton"), "email": f"{word(n)}@example.org"}
        | {"phone": f"+3363998{n:04d}", "birth_date": date(1930 + n * 7 % 70, 1 + n % 12, 2 + n * 5 % 26)}
        for n in range(90)
        for name in names[n % 3]
    ]
    assert best(rows).n_unique() == 180
