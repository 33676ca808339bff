"""Names as written, made comparable."""

from __future__ import annotations

import polars as pl
import pytest

from hemostat.resolve.names import distinct, fold, read_names
from hemostat.resolve.settings import name_forms
from hemostat.rules import rows

COLUMNS = ("birth_name", "used_name", "first_names", "full_name")


def read(*written, source=0):
    """Each row as (surname, other surname, first names), by their spelling in the vocabulary."""
    frame = pl.DataFrame(
        [{"record_id": (source << 36) + n, **row} for n, row in enumerate(written)],
        schema={"record_id": pl.Int64, **dict.fromkeys(COLUMNS, pl.String)},
    )
    names = read_names(frame)
    texts = [*names.words.text.to_list(), None]
    columns = names.surname, names.surname2, names.given
    return [tuple(texts[column[n]] for column in columns) for n in range(len(written))]


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Éloïse-Anne", "ELOISE ANNE"),
        ("d'Ørsted", "D ORSTED"),
        ("  Œuvrard ", "OEUVRARD"),
        ("Groß", "GROSS"),
        ("Łukasz", "LUKASZ"),
        ("N'Guyên", "N GUYEN"),
        ("Αθηνά", "ΑΘΗΝΑ"),
        ("- . -", None),
        ("", None),
        (None, None),
    ],
)
def test_fold(written, folded):
    assert fold(pl.Series([written], dtype=pl.String)).to_list() == [folded]


def test_distinct_numbers_give_back_the_values():
    values = pl.Series(["b", None, "a", "b"])
    numbers, names = distinct(values)
    assert [None if n < 0 else names[int(n)] for n in numbers] == values.to_list()
    assert sorted(names) == ["a", "b"]


def test_one_name_with_and_without_space_is_one_number():
    found = read({"birth_name": "LE GUENNEC"}, {"birth_name": "leguennec"})
    assert found[0] == found[1]


def test_birth_and_used_name_are_both_kept():
    assert read({"birth_name": "Brunelle", "used_name": "Garcin", "first_names": "Sylvie"}) == [
        ("BRUNELLE", "GARCIN", "SYLVIE")
    ]


@pytest.mark.parametrize(
    "written", ["BRUNELLE épouse GARCIN", "Brunelle ep. Garcin", "BRUNELLE veuve GARCIN"]
)
def test_writing_announces_the_other_surname(written):
    assert read({"birth_name": written}) == [("BRUNELLE", "GARCIN", None)]


def test_civility_is_no_name():
    assert read({"used_name": "Mme GARCIN"}) == [("GARCIN", None, None)]


@pytest.mark.parametrize("filler", ["Bébé", "X", "INCONNU", "sans prénom", "Enfant Martin", "N/A"])
def test_fillers_are_no_first_names(filler):
    assert read({"birth_name": "GARCIN", "first_names": filler}) == [("GARCIN", None, None)]


def test_fillers_are_no_surnames():
    assert read({"birth_name": "INCONNU", "used_name": "NOM", "first_names": "Odile"}) == [
        (None, None, "ODILE")
    ]


def test_capitals_tell_the_surname_of_a_whole_name():
    assert read({"full_name": "Jean Paul DE LA TOUR"}, {"full_name": "GARCIN Sylvie"}) == [
        ("DE LA TOUR", None, "JEAN PAUL"),
        ("GARCIN", None, "SYLVIE"),
    ]


def test_comma_tells_the_surname_of_a_whole_name():
    assert read({"full_name": "de la Tour, Jean Paul"}) == [("DE LA TOUR", None, "JEAN PAUL")]


def test_habit_of_the_evidence_tells_the_order_of_whole_names():
    known = [
        {"birth_name": "GARCIN", "first_names": "SYLVIE"},
        {"birth_name": "BRUNELLE", "first_names": "ODILE"},
    ]
    first = read(*known, {"full_name": "SYLVIE GARCIN"}, {"full_name": "ODILE VASSEUR"})
    last = read(*known, {"full_name": "GARCIN SYLVIE"}, {"full_name": "VASSEUR ODILE"})
    expected = [("GARCIN", None, "SYLVIE"), ("VASSEUR", None, "ODILE")]
    assert first[2:] == expected
    assert last[2:] == expected


def test_a_name_in_its_own_columns_needs_no_whole_name():
    assert read({"birth_name": "GARCIN", "first_names": "Sylvie", "full_name": "Zoé BRUNELLE"}) == [
        ("GARCIN", None, "SYLVIE")
    ]


@pytest.mark.parametrize(
    "row", rows("name_forms", "form", {"id": str, "forms": list}), ids=lambda row: row["id"]
)
def test_forms_are_folded_and_do_what_they_say(row):
    folded = fold(pl.Series(row["forms"])).to_list()
    assert folded == row["forms"]
    field = {"no_given": "first_names", "no_given_head": "first_names", "no_surname": "birth_name"}.get(
        row["id"]
    )
    if field:
        place = 2 if field == "first_names" else 0
        assert [read({field: each})[0][place] for each in row["examples"]] == [None] * len(row["examples"])
        assert all(read({field: each})[0][place] for each in row["counter_examples"])


def test_rewrites_do_what_they_say():
    for row in rows("name_forms", "rewrite", {"id": str, "to": str}):
        for example in row["examples"]:
            assert read({"birth_name": example})[0][0].startswith(row["to"] + " ")
        for example in row["counter_examples"]:
            assert not read({"birth_name": example})[0][0].startswith(row["to"])


def test_particles_are_left_out_of_the_bare_name():
    written = {"record_id": [0, 1], "birth_name": ["DE LA ROCHETTE", "ROCHETTE"]}
    nothing = {name: [None, None] for name in ("used_name", "first_names", "full_name")}
    frame = pl.DataFrame({**written, **nothing}, schema_overrides=dict.fromkeys(COLUMNS, pl.String))
    names = read_names(frame)
    bare = names.words.bare[names.surname]
    assert bare[0] == bare[1]
    assert names.surname[0] != names.surname[1]
    assert {"DE", "LA"} <= name_forms().particle
