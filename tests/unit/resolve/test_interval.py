"""How many people there may be."""

from __future__ import annotations

import numpy as np

from hemostat.resolve.interval import Seen, reckon
from hemostat.resolve.settings import settings

NONE = np.array([], dtype=np.int32)


def seen(people, *, rows_each=2, missed=0, wrong=0, without=0):
    """People of two rows with a NIR and `without` people of two rows without one; links found without the NIR.

    Of the people with a NIR, the links of the first `missed` are not found without it; the last `wrong` pairs of
    neighbours are taken for one.
    """
    total = people + without
    owner = np.repeat(np.arange(total), rows_each)
    first = np.arange(total) * rows_each
    a, b = first[missed:], first[missed:] + 1
    strange = first[people - wrong : people]
    a, b = np.append(a, strange), np.append(b, strange - rows_each)
    return Seen(
        referee=np.where(owner < people, owner, -1).astype(np.int32),
        a=a.astype(np.int32),
        b=b.astype(np.int32),
        label=owner.astype(np.int32),
        linked=np.ones(total),
        doubted=np.array([]),
    )


def interval(told, best, certain_only=None, all_possible=None):
    return reckon(told, best, certain_only or best, all_possible or best, settings())


def test_without_joins_nothing_is_open():
    told = Seen(
        np.full(9, -1, dtype=np.int32), NONE, NONE, np.arange(9, dtype=np.int32), np.array([]), np.array([])
    )
    found = interval(told, 9)
    assert (found.low, found.high, found.method) == (9, 9, "weights")


def test_links_missed_without_the_nir_lower_the_count_of_those_who_have_none():
    # a tenth of 1 000 joins is missed without the NIR: so are a ninth of the 900 joins made without any
    found = interval(seen(1000, missed=100, without=900), 1900)
    assert found.method == "nir_referee"
    assert abs(found.missed - 100) < 3
    assert found.wrong < 1
    assert found.low < 1900 - 100 < found.high


def test_wrong_merges_without_the_nir_raise_the_count():
    found = interval(seen(1000, wrong=50, without=1000), 2000)
    assert abs(found.wrong - 50) < 3
    assert found.low < 2050 < found.high


def test_the_best_count_lies_inside():
    found = interval(seen(1000, missed=300, without=2000), 3000)
    assert found.low <= 3000 <= found.high


def test_open_links_widen_the_interval():
    told = seen(500)
    narrow, wide = interval(told, 500), interval(told, 500, 540, 460)
    assert wide.low < narrow.low <= narrow.high < wide.high


def test_the_chances_of_links_count_where_no_nir_tells():
    told = Seen(
        referee=np.full(400, -1, dtype=np.int32),
        a=NONE,
        b=NONE,
        label=np.repeat(np.arange(200, dtype=np.int32), 2),
        linked=np.full(200, 0.9),
        doubted=np.full(40, 0.25),
    )
    found = interval(told, 200)
    assert found.method == "weights"
    assert abs(found.wrong - 20) < 1
    assert 10 <= found.missed <= 13
