"""From clusters of records to people."""

from __future__ import annotations

import polars as pl

from hemostat.resolve.persons import gather

RECORD = pl.DataFrame(
    {
        "record_id": [10, 11, 12, 20, 21],
        "first": [10, 10, 12, 20, 21],
        "evidence_id": [1, 1, 1, 2, 2],
        "mask_lo": [1, 1, 2, 4, 8],
        "mask_hi": [0, 0, 16, 0, 0],
    },
    schema_overrides={"mask_lo": pl.UInt64, "mask_hi": pl.UInt64, "evidence_id": pl.Int32},
)


def clusters(*rows):
    names = ("record_id", "certain", "best", "all_possible")
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.Int64), orient="row")


def numbers(**ids):
    told = [(int(name[1:]), person) for name, person in ids.items()]
    return pl.DataFrame(told, schema={"cluster": pl.Int64, "person_id": pl.Int64}, orient="row")


def test_records_find_their_person_and_repeats_follow():
    found = gather(clusters((20, 7, 5, 5), (10, 3, 5, 5), (12, 4, 6, 5)), numbers(c5=2, c6=1), RECORD)
    assert found.records.rows() == [
        (10, 2, "kept", "possible"),
        (11, 2, "exact_duplicate", "possible"),
        (12, 1, "kept", "single"),
        (20, 2, "kept", "possible"),
        (21, None, "kept", None),
    ]
    assert found.persons.rows() == [(1, 12, 1, "single", 2, 16, 4, 5), (2, 10, 3, "possible", 5, 0, 3, 5)]


def test_one_certain_cluster_is_a_certain_link():
    found = gather(clusters((20, 3, 5, 5), (10, 3, 5, 5)), numbers(c5=1), RECORD)
    assert found.persons["link"].to_list() == ["certain"]


def test_exposures_count_records_of_one_set_of_categories_in_one_piece_of_evidence():
    found = gather(clusters((20, 3, 5, 5), (10, 3, 5, 5)), numbers(c5=1), RECORD)
    assert sorted(found.exposures.rows()) == [(1, 1, 1, 0, 2), (1, 2, 4, 0, 1)]


def test_nobody():
    found = gather(clusters(), numbers(), RECORD)
    assert found.persons.height == found.exposures.height == 0
    assert found.records["person_id"].null_count() == RECORD.height
