"""Spans of free text: what is found, what the words around it say, and that pieces never change it."""

import io
import itertools
import json

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hemostat.detect.text import find, masks, shown, streams
from hemostat.model import Category
from hemostat.rules.categories import bit

NOTE = (
    "Mme GARNIER Sophie née le 12/03/1984, 12 bis rue des Lilas, 56000 VANNES. Tél 06 39 98 01 23.\n"
    "NIR 2 55 08 14 168 025 38. Son fils Malo, 8 ans. Vue par le Dr P. QUERE le 04/05/2024.\n"
    "OH chronique, pas d'idées suicidaires. Kardegic 75."
)


def _spans(text):
    return find(pl.Series([text])).to_pylist()


def _told(text):
    return {(row["category"], text[row["start"] : row["end"]]) for row in _spans(text)}


def _one(text, category):
    return next(row for row in _spans(text) if row["category"] == category)


def test_a_note_is_taken_apart():
    told = _told(NOTE)
    assert {
        ("full_name", "GARNIER Sophie"),
        ("birth_date", "12/03/1984"),
        ("postal_address", "12 bis rue des Lilas"),
        ("postal_code", "56000"),
        ("city", "VANNES"),
        ("phone", "06 39 98 01 23"),
        ("nir", "2 55 08 14 168 025 38"),
        ("full_name", "Malo"),
        ("full_name", "P. QUERE"),
        ("appointment", "04/05/2024"),
        ("remark_addiction", "OH chronique"),
    } <= told


@pytest.mark.parametrize(
    "text", ["patiente de 34 ans", "Mme GARNIER Sophie, 8 ans", "âgé de 57ans", "né il y a 3 mois", "1 an"]
)
def test_an_age_is_no_birth_date(text):
    assert "birth_date" not in {category for category, _ in _told(text)}


def test_people_are_told_apart():
    about = {NOTE[r["start"] : r["end"]]: r["about"] for r in _spans(NOTE) if r["category"] == "full_name"}
    assert about == {"GARNIER Sophie": "patient", "Malo": "relative", "P. QUERE": "professional"}


def test_spans_do_not_overlap_and_come_in_order():
    rows = _spans(NOTE)
    assert all(a["end"] <= b["start"] for a, b in itertools.pairwise(rows))


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("pas d'idées suicidaires", "negated"),
        ("VIH, VHC négatifs", "negated"),
        ("Alcool : non, tabac 10 PA", "negated"),
        ("VIH -", "negated"),
        ("suspicion de schizophrénie", "hypothesis"),
        ("schizophrénie ?", "hypothesis"),
        ("ancien toxicomane", "past"),
    ],
)
def test_what_the_words_around_say(text, flag):
    rows = [row for row in _spans(text) if row["category"].startswith("remark_")]
    assert rows
    assert all(row[flag] for row in rows)


def test_a_relative_is_no_patient():
    assert _one("mère schizophrène", "remark_psychiatric")["about"] == "relative"
    assert _one("patiente schizophrène", "remark_psychiatric")["about"] == "patient"


def test_what_is_denied_or_a_trade_is_not_shown():
    texts = pl.Series(["pas d'idées suicidaires", "bénévole dans une association VIH", "VIH + depuis 1997"])
    table = shown(find(texts))
    assert set(table["doc"].to_pylist()) == {2}


@pytest.mark.parametrize("text", ["M. GAY Bernard rappelle", "Mme JUIF Anne", "M. DINGUE : vit D"])
def test_a_name_is_no_remark(text):
    found = {category for category, _ in _told(text)}
    assert "full_name" in found
    assert not {c for c in found if c.startswith("remark_")}


def test_a_wrong_key_is_still_a_number_but_less_sure():
    right, wrong = (_one(f"NIR 1 79 04 63 119 042 {key}", "nir") for key in (45, 46))
    assert wrong["confidence"] < right["confidence"]


def test_offsets_count_characters_beyond_the_basic_plane():
    text = "😀 é tel 0199000412"
    row = _one(text, "phone")
    assert text[row["start"] : row["end"]] == "0199000412"


def test_nothing_is_in_nothing():
    assert find(pl.Series([None, "", "\n", "😀"], dtype=pl.String)).num_rows == 0
    assert find(pl.Series([], dtype=pl.String)).num_rows == 0


def test_masks_say_which_categories_a_text_holds():
    low, high = masks(pl.Series(["tel 0199000412, alcoolique", None, "pas d'idées suicidaires"]))
    phone, addiction = bit(Category.PHONE), bit(Category.REMARK_ADDICTION)
    whole = [int(a) | int(b) << 64 for a, b in zip(low, high, strict=True)]
    assert whole == [1 << phone | 1 << addiction, 0, 0]


PARTS = st.lists(
    st.sampled_from(
        [
            "Mme GARNIER Sophie",
            "né le 12/03/1984",
            "06 39 98 01 23",
            "VIH +",
            "\n\n",
            "\n",
            ". ",
            ", ",
            " pas de ",
        ]
    ),
    max_size=25,
).map("".join)


@settings(max_examples=60, deadline=None)
@given(PARTS, st.integers(1, 40))
def test_pieces_change_nothing(text, size):
    raw = text.encode()
    whole = list(streams.spans(streams.paragraphs(streams.characters(io.BytesIO(raw)))))
    cut = list(streams.spans(streams.paragraphs(streams.characters(io.BytesIO(raw), size))))
    assert cut == whole
    assert all(text[span["start"] : span["end"]] == span["text"] for span in whole)


@settings(max_examples=60, deadline=None)
@given(st.lists(PARTS, max_size=6))
def test_a_text_is_read_the_same_beside_others(texts):
    together = find(pl.Series(texts, dtype=pl.String)).to_pylist()
    alone = [row | {"doc": n} for n, text in enumerate(texts) for row in _spans(text)]
    assert together == alone


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200))
def test_any_text_is_read(text):
    assert all(0 <= row["start"] < row["end"] <= len(text) for row in _spans(text))


def test_lines_of_json_keep_their_ids_and_count_what_is_wrong():
    lines = [{"id": "a", "text": "tel 0199000412"}, {"doc": 5, "text": "x@example.org"}, {"text": 3}]
    raw = "\n".join([*map(json.dumps, lines), "{", "", json.dumps({"text": "tel 0199000413"})])
    count = streams.Count()
    found = list(streams.spans(streams.json_lines([raw], None, count)))
    assert [span["doc"] for span in found] == ["a", 5, 5]
    assert (count.lines, count.blank, count.unread, count.first_unread) == (6, 1, 2, [3, 4])


def test_bytes_that_are_not_utf8_are_read_one_by_one():
    text = "".join(streams.characters(io.BytesIO("née à l'hôpital".encode("cp1252")), 3))
    assert text == "née à l'hôpital"
