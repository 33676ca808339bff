"""Histories of three forms become runs, and runs the changes that a leak shows."""

import polars as pl

from hemostat.resolve.dated.histories import changes, form_of, from_changes, from_versions, plain

TIMES = {"since": pl.Int64, "by": pl.Int64}


def hashed(*cells):
    return plain(pl.Series("v", cells, dtype=pl.String))


def leaked(row, value, key=1):
    return pl.DataFrame(
        {"row": [row], "key": [key], "field": ["city"], "value": hashed(value)},
        schema_overrides={"key": pl.UInt64},
    )


def test_cells_are_compared_without_accents_case_signs_or_order_of_dates():
    assert hashed("Évry-Courcouronnes", "18/11/2024")[0] == hashed("EVRY COURCOURONNES")[0]
    assert hashed("18/11/2024")[0] == hashed("2024-11-18")[0]
    assert hashed("", None, "-").to_list() == [0, 0, 0]


def test_forms_are_known_by_headings_and_names():
    assert (
        form_of(["patient_id", "champ", "ancienne_valeur", "nouvelle_valeur", "date_modification"], "h.csv")
        == "audit"
    )
    assert form_of(["id", "nom", "valid_from", "valid_to"], "h.csv") == "intervals"
    assert form_of(["id", "nom", "date_extraction"], "h.csv") == "snapshot"
    assert form_of(["id", "nom"], "copies/patients_2024-11-18T0200.csv") == "file"
    assert form_of(["id", "nom"], "patients.csv") is None


def test_a_log_of_changes_gives_the_value_before_and_after():
    table = pl.DataFrame(
        {"key": [1, 1], "field": ["city", "city"], "old": hashed("Albi", "Gien"), "new": hashed("Gien", "Redon"),
         "since": [10, 20], "by": [10, 20]}, schema_overrides={"key": pl.UInt64, **TIMES},
    )  # fmt: skip
    runs = from_changes(table)
    assert runs["by"].to_list() == [None, 10, 20]
    found = changes(runs, leaked(0, "Gien")).sort("by")
    assert found.rows() == [(10, 10, True), (20, 20, False)]
    assert changes(runs, leaked(0, "Albi"))["new"].to_list() == [False, False]
    assert changes(runs, leaked(0, "elsewhere")).height == 0


def test_versions_change_only_where_a_value_does_and_tell_who_came_later():
    table = pl.DataFrame(
        {
            "key": [1, 1, 1, 2],
            "city": hashed("Albi", "Albi", "Gien", "Tulle"),
            "since": [0, 5, 9, 7],
            "by": [0, 5, 9, 7],
        },
        schema_overrides={"key": pl.UInt64, **TIMES},
    )
    runs, created = from_versions(table, {"city": "city"})
    assert runs.filter(pl.col("key") == 1)["by"].to_list() == [None, 9]
    assert created.rows() == [(2, 7, 7)]


def test_a_value_that_came_back_tells_nothing():
    table = pl.DataFrame(
        {"key": [1, 1, 1], "city": hashed("Albi", "Gien", "Albi"), "since": [0, 5, 9], "by": [0, 5, 9]},
        schema_overrides={"key": pl.UInt64, **TIMES},
    )
    runs, _ = from_versions(table, {"city": "city"})
    assert changes(runs, leaked(0, "Albi")).height == 0
    assert changes(runs, leaked(0, "Gien")).sort("by")["new"].to_list() == [True, False]


def test_a_row_that_moved_once_counts_once_however_many_fields_changed():
    both = pl.concat(
        [
            from_versions(
                pl.DataFrame(
                    {"key": [1, 1], name: hashed("Albi", "Gien"), "since": [0, 5], "by": [0, 5]},
                    schema_overrides={"key": pl.UInt64, **TIMES},
                ),
                {name: name},
            )[0]
            for name in ("city", "town")
        ]
    )
    rows = pl.concat([leaked(0, "Gien"), leaked(0, "Gien").with_columns(field=pl.lit("town"))])
    assert changes(both, rows).rows() == [(5, 5, True)]
