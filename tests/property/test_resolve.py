"""Laws of telling people apart: what no set of rows may break."""

from __future__ import annotations

from datetime import date

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from hemostat.resolve import people

SURNAMES = ["MARTINET", "MARTINTE", "GARCIN", "DE LA TOUR", "TOUR", "BRUNELLE-GARCIN", "X", None]
GIVEN = ["Odile", "Odile, Jeanne", "Jeanne", "O.", "Paul", "Pol", "Bébé", None]
DATES = [
    date(1961, 4, 12),
    date(1961, 12, 4),
    date(1961, 4, 13),
    date(1961, 1, 1),
    date(1900, 1, 1),
    date(2010, 6, 5),
    None,
]
NIRS = ["261045911400127", "2610459114001", "261045911400224", "110067511400130", None, None]
MAILS = ["fam@example.org", "odile@example.org", None, None]
PHONES = ["+33639980101", "+33639980102", None, None]
IDS = ["1", "2", None, None]

ROW = st.fixed_dictionaries(
    {
        "birth_name": st.sampled_from(SURNAMES),
        "used_name": st.sampled_from(SURNAMES),
        "first_names": st.sampled_from(GIVEN),
        "birth_date": st.sampled_from(DATES),
        "sex": st.sampled_from(["F", "M", None]),
        "nir": st.sampled_from(NIRS),
        "nir_key": st.sampled_from([True, None]),
        "email": st.sampled_from(MAILS),
        "phone": st.sampled_from(PHONES),
        "internal_id": st.sampled_from(IDS),
        "tenant": st.sampled_from(["A", "B"]),
        "postal_code": st.sampled_from(["59123", "13001", None]),
    }
)
ROWS = st.lists(ROW, min_size=1, max_size=14)
KINDS = {"birth_date": pl.Date, "nir_key": pl.Boolean}


def frame(written):
    schema = {name: KINDS.get(name, pl.String) for name in written[0]}
    return pl.DataFrame(written, schema=schema).with_row_index("record_id").cast({"record_id": pl.Int64})


def partition(found, level):
    held = found.clusters.drop_nulls(level)
    return {frozenset(group["record_id"].to_list()) for _, group in held.group_by(level)}


@settings(deadline=None, max_examples=40)
@given(ROWS, st.randoms(use_true_random=False))
def test_order_of_the_rows_changes_nothing(written, random):
    straight = frame(written)
    order = list(range(len(written)))
    random.shuffle(order)
    one, other = people(straight), people(straight[order])
    content = {row["record_id"]: tuple(list(row.values())[1:]) for row in straight.iter_rows(named=True)}
    for level in ("certain", "best", "all_possible"):
        # rows that nothing tells apart may change places
        kinds = [
            sorted(sorted(map(repr, (content[r] for r in each))) for each in partition(x, level))
            for x in (one, other)
        ]
        assert kinds[0] == kinds[1]
    assert (one.low, one.best, one.high) == (other.low, other.best, other.high)


@settings(deadline=None, max_examples=40)
@given(ROWS)
def test_counts_hang_together(written):
    found = people(frame(written))
    assert found.low <= found.best <= found.high
    assert found.all_possible <= found.best <= found.certain_only
    assert found.high <= len(written) - found.without_identity, "more people than records that speak of one"
    assert found.ceiling == max(found.certain_only, found.high) + found.without_identity
    assert found.clusters.height == len(written)
    for level, count in (
        ("certain", found.certain_only),
        ("best", found.best),
        ("all_possible", found.all_possible),
    ):
        assert len(partition(found, level)) == count
    for finer, coarser in (("certain", "best"), ("best", "all_possible")):
        assert all(
            any(small <= large for large in partition(found, coarser)) for small in partition(found, finer)
        )


@settings(deadline=None, max_examples=40)
@given(ROWS)
def test_two_nir_each_coherent_with_its_row_are_never_one_person(written):
    found = people(frame(written))
    own = {
        n: row["nir"][:13]
        for n, row in enumerate(written)
        if row["nir"]
        and row["sex"]
        and row["birth_date"] in DATES[:3]
        and row["nir"].startswith(("2" if row["sex"] == "F" else "1") + row["birth_date"].strftime("%y%m"))
    }
    for each in partition(found, "best"):
        numbers = {own[n] for n in each if n in own}
        assert len(numbers) <= 1


@settings(deadline=None, max_examples=40)
@given(ROWS, st.data())
def test_human_decisions_are_obeyed(written, data):
    if len(written) < 2:
        return
    one = data.draw(st.integers(0, len(written) - 1))
    other = data.draw(st.integers(0, len(written) - 1).filter(lambda n: n != one))
    identity = frame(written)
    named = people(identity).clusters["best"]
    if named[one] is None or named[other] is None:
        return
    apart = people(identity, distinct=[(one, other)]).clusters
    joined = people(identity, same=[(one, other)]).clusters
    for level in ("certain", "best", "all_possible"):
        assert apart[level][one] != apart[level][other]
        assert joined[level][one] == joined[level][other]
