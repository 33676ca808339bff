"""Which way of parting rows tells sites apart: only one that other facts bear out."""

import numpy as np
import polars as pl

from hemostat.resolve.sites.fill import SEVERAL, fill
from hemostat.resolve.sites.separate import agreement, borne_out, candidates

TOWNS = 12


def rows(count=600, *, faithful=True, seed=1):
    """Two ranges of identifiers; towns keep to one of them, or are shared between both."""
    rng = np.random.default_rng(seed)
    site = rng.integers(0, 2, count)
    town = rng.integers(1, TOWNS, count) + (TOWNS * site if faithful else 0)
    ids = np.where(site == 0, 1_000_000, 2_000_000) + rng.permutation(count) + 1
    zero = np.zeros(count, dtype=np.uint64)
    frame = pl.DataFrame(
        {
            "own_id": ids.astype(str),
            "evidence": ["leak.csv"] * count,
            "file_site": pl.Series([None] * count, dtype=pl.String),
        }
    )
    clues = pl.DataFrame({"patient_file": zero, "professional": zero, "place": town.astype(np.uint64)})
    return frame, clues, site


def test_ranges_that_towns_bear_out_are_sites():
    frame, clues, site = rows()
    (way,) = candidates(frame)
    assert (way.how, way.keys) == ("range", ("1000000", "2000000"))
    assert borne_out(way, clues)
    assert (way.site == site).all()


def test_ranges_that_nothing_bears_out_are_none():
    # numbers that follow the years, in one hospital
    frame, clues, _ = rows(faithful=False)
    assert [borne_out(way, clues) for way in candidates(frame)] == [False]
    nothing = clues.with_columns(place=pl.lit(0, dtype=pl.UInt64))
    assert [borne_out(way, nothing) for way in candidates(frame)] == [False]


def test_one_sequence_offers_no_way():
    frame, _, _ = rows()
    assert candidates(frame.with_columns(own_id=pl.int_range(5000, 5000 + pl.len()).cast(pl.String))) == []


def test_the_patient_file_needs_no_other_word():
    frame, clues, site = rows(faithful=False)
    named = frame.with_columns(
        own_id=pl.lit(None, dtype=pl.String), file_site=pl.Series(np.where(site, "Nord", "Sud"))
    )
    (way,) = candidates(named)
    assert (way.how, way.keys, borne_out(way, clues)) == ("patient_file", ("Nord", "Sud"), True)


def test_agreement_takes_chance_off():
    site = np.array([0, 1] * 300, dtype=np.int32)
    assert agreement(site, site.astype(np.uint64) + 1) == 1.0
    assert abs(agreement(site, (np.arange(600) // 2 % 30).astype(np.uint64) + 1)) < 0.1
    assert agreement(site[:8], site[:8].astype(np.uint64) + 1) == 0.0


def test_a_row_without_identifier_is_of_the_site_of_its_town():
    _, clues, site = rows()
    known = np.where(np.arange(len(site)) < 20, -1, site).astype(np.int32)
    found, by = fill(known, clues)
    assert (found == site).all()
    assert by[:20].to_list() == ["place"] * 20
    assert by[20:].null_count() == len(site) - 20


def test_a_town_of_two_sites_says_several_and_no_town_says_nothing():
    _, clues, site = rows()
    shared = clues.with_columns(
        place=pl.when(pl.int_range(pl.len()) < 60).then(pl.lit(99, pl.UInt64)).otherwise("place")
    )
    shared = shared.with_columns(
        place=pl.when(pl.int_range(pl.len()) == 0).then(pl.lit(0, pl.UInt64)).otherwise("place")
    )
    known = np.where(np.arange(len(site)) < 2, -1, site).astype(np.int32)
    found, _ = fill(known, shared)
    assert found[:2].tolist() == [-1, SEVERAL]
