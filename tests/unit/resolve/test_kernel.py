"""Who is who among rows: counts, levels, decisions, rows without identity."""

from __future__ import annotations

from datetime import date

import polars as pl

from hemostat.resolve import people

ODILE = {"birth_name": "MARTINET", "first_names": "Odile", "birth_date": date(1961, 4, 12)}
PAUL = {"birth_name": "GARCIN", "first_names": "Paul", "birth_date": date(1975, 8, 30)}


def resolve(*written, **options):
    frame = pl.DataFrame([{"record_id": n, **row} for n, row in enumerate(written)], infer_schema_length=None)
    return people(frame, **options)


def clusters(found, level="best"):
    return [
        sorted(group["record_id"].to_list())
        for _, group in sorted(
            found.clusters.drop_nulls(level).group_by(level), key=lambda x: min(x[1]["record_id"])
        )
    ]


def test_counts_of_a_small_file():
    found = resolve(ODILE, ODILE, PAUL, {"city": "Lille"}, quarantined=3)
    assert (found.certain_only, found.best, found.all_possible) == (2, 2, 2)
    assert (found.low, found.high, found.without_identity, found.ceiling) == (2, 2, 1, 6)
    assert found.clusters["best"].null_count() == 1


def test_no_rows():
    found = people(pl.DataFrame(schema={"record_id": pl.Int64}))
    assert (found.best, found.low, found.high, found.ceiling) == (0, 0, 0, 0)
    assert found.pairs.height == 0


def test_rows_that_nothing_tells_apart_but_say_little_are_several():
    found = resolve(*[{"birth_name": "MARTINET"}] * 3)
    assert found.best == 3


def test_levels_lie_in_one_another():
    slip = ODILE | {"birth_date": date(1961, 12, 4)}
    found = resolve(ODILE, slip, PAUL)
    assert clusters(found, "certain") == [[0], [1], [2]]
    assert clusters(found, "best") == [[0, 1], [2]]
    assert (found.certain_only, found.best) == (3, 2)
    assert found.pairs.select("record_a", "record_b", "reason", "kind").rows() == [(0, 1, "slip", "possible")]


def test_a_human_decision_joins_what_the_rules_keep_apart():
    assert clusters(resolve(ODILE, PAUL, same=[(1, 0)]), "certain") == [[0, 1]]


def test_a_human_decision_parts_what_the_rules_join():
    found = resolve(ODILE, ODILE, PAUL, distinct=[(0, 1)])
    assert clusters(found, "all_possible") == [[0], [1], [2]]


def test_a_human_decision_parts_rows_that_differ():
    other = ODILE | {"email": "odile@example.org"}
    assert clusters(resolve(ODILE, other)) == [[0, 1]]
    assert clusters(resolve(ODILE, other, distinct=[(1, 0)]), "all_possible") == [[0], [1]]


def test_a_human_decision_joins_rows_that_say_too_little_for_the_rules():
    found = resolve(*[{"birth_name": "MARTINET"}] * 3, same=[(1, 2)])
    assert clusters(found, "certain") == [[0], [1, 2]]


def test_a_decision_about_an_unknown_record_does_nothing():
    assert clusters(resolve(ODILE, PAUL, same=[(0, 99)], distinct=[(98, 99)])) == [[0], [1]]


def test_twins_stay_two_whatever_joins_them():
    home = {
        "postal_address": "7 rue Haute",
        "postal_code": "59123",
        "email": "fam@example.org",
        "phone": "+33639980104",
    }
    twin = {"birth_name": "MARTINET", "birth_date": date(2010, 6, 5)} | home
    rows = [twin | {"first_names": name} for name in ("Léa", "Tom", "Léa Rose", "Tom Louis")]
    assert clusters(resolve(*rows), "all_possible") == [[0, 2], [1, 3]]


def test_a_row_that_lists_both_first_names_joins_the_rows_that_use_one_each():
    names = ("Odile", "Odile, Jeanne", "Jeanne")
    assert clusters(resolve(*[ODILE | {"first_names": name} for name in names])) == [[0, 1, 2]]
    assert clusters(resolve(ODILE, ODILE | {"first_names": "Jeanne"}), "all_possible") == [[0], [1]]


def test_a_contact_alone_joins_its_only_holder():
    mail = {"email": "odile@example.org"}
    assert clusters(resolve(ODILE | mail, mail, PAUL)) == [[0, 1], [2]]


def test_a_contact_alone_that_a_family_shares_joins_nobody():
    mail = {"email": "fam@example.org"}
    assert clusters(resolve(ODILE | mail, mail, PAUL | mail)) == [[0], [1], [2]]


def test_a_nir_alone_joins_the_one_it_describes_not_the_child_who_bears_it():
    nir = {"nir": "261045911400127", "nir_key": True}
    mother = ODILE | nir | {"sex": "F"}
    child = {"birth_name": "GARCIN", "first_names": "Tom", "birth_date": date(2010, 6, 5), "sex": "M"} | nir
    assert clusters(resolve(mother, child, nir)) == [[0, 2], [1]]


SYLLABLES = (
    "BAR",
    "COL",
    "DUN",
    "FEV",
    "GIR",
    "HOM",
    "LAC",
    "MUZ",
    "PEN",
    "RIT",
    "SOV",
    "TAX",
    "VIB",
    "WEL",
    "ZOK",
)


def surname(n):
    """Surnames that no slip of the pen turns into one another."""
    return SYLLABLES[n % 15] + SYLLABLES[n // 15 % 15] + SYLLABLES[(n + n // 15) % 15]


def test_a_value_shared_by_many_makes_no_block_and_is_told():
    switchboard = {"phone": "+33139980100"}
    rows = [
        {"birth_name": surname(n), "first_names": "Odile", "birth_date": date(1950 + n % 50, 2, 3)}
        | switchboard
        for n in range(200)
    ]
    found = resolve(*rows)
    assert found.best == 200
    assert found.set_aside["phone"] > 0


def test_ids_that_collide_between_files_are_not_believed():
    def file(evidence):
        return [
            {
                "record_id": (evidence << 36) + n,
                "internal_id": str(n),
                "birth_name": f"{'ABCDEFGHIJ'[n % 10]}NOM{evidence}{n:02d}",
                "first_names": f"{'KLMNOPQRST'[(n + evidence) % 10]}PRE{n % 7}{evidence}",
                "birth_date": date(
                    1940 + (n * 7 + evidence * 31) % 70, 1 + n % 12, 2 + (n + evidence * 5) % 26
                ),
            }
            for n in range(60)
        ]

    found = people(pl.DataFrame(file(1) + file(2)).with_columns(id_space=pl.lit("patients")))
    assert found.best == 120


def nir(serial):
    body = f"261047511{serial:04d}"
    return body + f"{97 - int(body) % 97:02d}"


def test_dense_homonyms_born_the_same_day_are_told_by_a_third_trait():
    rows = [
        {
            "birth_name": surname(n),
            "first_names": "Marie",
            "birth_date": date(1961, 4, 12 + n % 3),
            "sex": "F",
            "nir": nir(4 * n + clone) if row == 0 or clone else None,
            "nir_key": True,
            "email": f"m{n}.{clone}@example.org",
        }
        for n in range(60)
        for clone in range(4)
        for row in range(2)
    ]
    assert resolve(*rows).best == 240
