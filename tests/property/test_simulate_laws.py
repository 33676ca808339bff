"""Laws of the fiction: keys, shares, quotas and reading back hold for whatever is drawn."""

import csv
import io

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from hemostat.simulate import draw, files, nir

DEPARTEMENTS = st.sampled_from(["01", "33", "59", "75", "2A", "2B", "97", "99"])


@given(
    sex=st.integers(1, 2),
    year=st.integers(0, 99),
    month=st.integers(1, 99),
    departement=DEPARTEMENTS,
    tail=st.integers(1, 999_999),
)
def test_body_and_key_make_a_multiple_of_97(sex, year, month, departement, tail):
    body = f"{sex}{year:02d}{month:02d}{departement}{tail:06d}"
    key = int(nir.keys(pl.Series([body]))[0])
    number = int(body.replace("2A", "19").replace("2B", "18"))
    assert 1 <= key <= 97
    assert (number + key) % 97 == 0


@given(total=st.integers(0, 10_000), parts=st.lists(st.floats(0.01, 10), min_size=1, max_size=8))
def test_shares_add_up_and_stay_near(total, parts):
    counts = draw.shares(total, tuple(parts))
    assert sum(counts) == total
    for count, part in zip(counts, parts, strict=True):
        assert abs(count - part / sum(parts) * total) < 1


@given(
    eligible=st.lists(st.booleans(), min_size=1, max_size=60),
    count=st.integers(0, 80),
    seed=st.integers(0, 2**32),
)
def test_exactly_takes_what_there_is(eligible, count, seed):
    mask = draw.exactly(np.random.default_rng(seed), count, np.array(eligible))
    assert mask.sum() == min(count, sum(eligible))
    assert not (mask & ~np.array(eligible)).any()


CELL = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\r\x00"), max_size=12)


@given(rows=st.lists(st.tuples(CELL, CELL), min_size=1, max_size=12), delimiter=st.sampled_from(";,|\t"))
def test_written_rows_read_back_on_their_line(rows, delimiter):
    cells = pl.DataFrame(rows, schema=["a", "b"], orient="row")
    lines = files.delimited(cells, delimiter)
    numbers = files.line_numbers(lines, 1).tolist()
    text = "a" + delimiter + "b\n" + "".join(line + "\n" for line in lines)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    next(reader)
    read, start = [], 2
    for row, number in zip(reader, numbers, strict=True):
        assert number == start
        start = reader.line_num + 1
        read.append(tuple(row))
    assert read == [tuple(row) for row in rows]
