"""Records that name nobody reach their person through identifiers."""

from __future__ import annotations

import polars as pl

from hemostat.resolve.attach import attach
from hemostat.resolve.settings import settings


def keys(*rows):
    schema = {
        "record_id": pl.Int64,
        "family": pl.String,
        "place": pl.String,
        "value": pl.UInt64,
        "scope": pl.String,
    }
    return pl.DataFrame(
        [(*row, "dump")[:5] if len(row) == 4 else row for row in rows], schema=schema, orient="row"
    )


def held(**people):
    rows = [(record, int(name[1:])) for name, records in people.items() for record in records]
    return pl.DataFrame(rows, schema={"record_id": pl.Int64, "person": pl.Int32}, orient="row")


def reached(table, people):
    return dict(attach(table, people, settings()).sort("record_id").rows())


USERS = [(n, "users", "id", 100 + n) for n in range(10)]
PEOPLE = held(**{f"p{n}": [n] for n in range(10)})


def test_a_column_whose_values_are_all_there_refers_to_it():
    visits = [(50 + n, "visits", "user_id", 100 + n % 4) for n in range(8)]
    assert reached(keys(*USERS, *visits), PEOPLE) == {50 + n: n % 4 for n in range(8)}


def test_orphans_stay_without_person():
    visits = [(50 + n, "visits", "user_id", 100 + n) for n in range(9)] + [(99, "visits", "user_id", 777)]
    assert 99 not in reached(keys(*USERS, *visits), PEOPLE)


def test_a_column_that_shares_few_values_refers_to_nothing():
    visits = [(50 + n, "visits", "number", 105 + n) for n in range(20)]
    assert reached(keys(*USERS, *visits), PEOPLE) == {}


def test_the_better_of_two_columns_counts():
    visits = [(50 + n, "visits", "visit_id", 100 + n) for n in range(9)]
    visits += [(59, "visits", "visit_id", 4000)]
    visits += [(50 + n, "visits", "user_id", 109 - n) for n in range(10)]
    assert reached(keys(*USERS, *visits), PEOPLE) == {50 + n: 9 - n for n in range(10)}


def test_values_that_stand_for_several_people_are_no_reference():
    users = [(n, "users", "site", 100 + n % 2) for n in range(10)]
    visits = [(50, "visits", "site", 100), (51, "visits", "site", 101)]
    assert reached(keys(*users, *visits), PEOPLE) == {}


def test_references_go_through_tables_in_between():
    visits = [(50 + n, "visits", "user_id", 100 + n) for n in range(4)]
    visits += [(50 + n, "visits", "visit_id", 9000 + n) for n in range(4)]
    messages = [(80 + n, "messages", "visit", 9000 + n) for n in range(3)]
    assert reached(keys(*USERS, *visits, *messages), PEOPLE) == {
        50: 0,
        51: 1,
        52: 2,
        53: 3,
        80: 0,
        81: 1,
        82: 2,
    }


def test_the_same_number_in_another_dump_is_another_person():
    users = [(n, "users", "id", 100 + n, "a") for n in range(4)] + [
        (10 + n, "users", "id", 100 + n, "b") for n in range(4)
    ]
    visits = [(50, "visits", "user_id", 101, "a"), (51, "visits", "user_id", 101, "b")]
    people = held(**{f"p{n}": [n] for n in (*range(4), *range(10, 14))})
    assert reached(keys(*users, *visits), people) == {50: 1, 51: 11}
