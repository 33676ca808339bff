"""Pass A: what is known of a column, whatever the order and the size of what is read."""

import polars as pl
import pyarrow as pa

from hemostat.detect import columns


def batch(**cells):
    count = len(next(iter(cells.values())))
    ours = {"_line": pa.nulls(count, pa.int64()), "_locator": pa.nulls(count, pa.string())}
    return pa.table({**ours, **{k: pa.array(v, pa.string()) for k, v in cells.items()}})


def test_counts_are_exact_and_placeholders_are_no_values():
    (sample,) = columns.sample(
        [batch(nom=["GARNIER", None, " NULL "]), batch(nom=["GARNIER ", "-", "PETIT"])]
    )
    assert (sample.heading, sample.rows, sample.filled) == ("nom", 6, 5)
    assert sorted(sample.values) == ["GARNIER", "PETIT"]


def test_a_column_of_the_evidence_may_begin_with_an_underscore():
    samples = columns.sample([batch(_id=["1", "2"])])
    assert [s.heading for s in samples] == ["_id"]


def test_few_distinct_values_among_many_are_all_kept():
    column = pl.Series([str(n % 300) for n in range(50_000)])
    state = columns.Bottom("h")
    state.add(column, column.hash(7))
    assert state.distinct == 300
    assert len(state.values) == 300


def test_many_distinct_values_are_estimated():
    state = columns.Bottom("h")
    for start in range(0, 60_000, 20_000):
        column = pl.Series([str(n) for n in range(start, start + 20_000)])
        state.add(column, column.hash(7))
    assert len(state.values) == columns.SIZE
    assert 0.8 < state.distinct / 60_000 < 1.2


def test_samples_taken_apart_and_merged_are_those_of_one_sampler():
    parts = [
        batch(a=[f"{n % 4000}" for n in range(k, k + 3000)], b=["x", None, f"{k}"] * 1000) for k in range(5)
    ]
    whole, merged = columns.Sampler(), columns.Sampler()
    for part in parts:
        whole.add(part)
        other = columns.Sampler(merged.limits())
        other.add(part)
        merged.merge(other)
    for one, same in zip(whole.samples(), merged.samples(), strict=True):
        assert one.values.equals(same.values)
        assert (one.rows, one.filled, one.distinct) == (same.rows, same.filled, same.distinct)


def test_decimals_of_a_spreadsheet_are_gone():
    (sample,) = columns.sample([batch(tel=["639980123.0", "639980144.0", None])])
    assert sample.floats
    assert sorted(sample.values) == ["639980123", "639980144"]
    (plain,) = columns.sample([batch(prix=["12.0", "12.5"])])
    assert not plain.floats


def test_an_empty_column_has_an_empty_sample():
    (sample,) = columns.sample([batch(x=[None, None])])
    assert (sample.filled, len(sample.values), sample.distinct) == (0, 0, 0.0)
