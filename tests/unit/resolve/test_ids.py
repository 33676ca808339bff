"""Numbers of people that last."""

from __future__ import annotations

import polars as pl

from hemostat.resolve.ids import number


def clusters(**members):
    rows = [(ord(name), record, record * 10) for name, records in members.items() for record in records]
    return pl.DataFrame(
        rows, schema={"cluster": pl.Int32, "record_id": pl.Int64, "content": pl.UInt64}, orient="row"
    )


def before(**members):
    rows = [(record, int(name[1:])) for name, records in members.items() for record in records]
    return pl.DataFrame(rows, schema={"record_id": pl.Int64, "person_id": pl.Int64}, orient="row")


def ids(found):
    return dict(zip(map(chr, found.ids["cluster"]), found.ids["person_id"], strict=True))


def events(found):
    return found.events.rows()


def test_first_analysis_numbers_by_content():
    found = number(clusters(a=[5, 9], b=[1, 7], c=[3]), None, 0)
    assert ids(found) == {"b": 1, "c": 2, "a": 3}
    assert events(found) == []


def test_the_same_people_keep_their_ids_and_new_ones_go_on():
    found = number(clusters(a=[5, 9], b=[1], c=[3]), before(p4=[5, 9], p2=[3]), 7)
    assert ids(found) == {"a": 4, "c": 2, "b": 8}
    assert events(found) == []


def test_a_merge_keeps_the_id_of_most_records():
    found = number(clusters(a=[1, 2, 3]), before(p1=[1], p2=[2, 3]), 2)
    assert ids(found) == {"a": 2}
    assert events(found) == [("merge", 1, 2)]


def test_a_split_keeps_the_id_for_the_larger_part():
    found = number(clusters(a=[1], b=[2, 3]), before(p1=[1, 2, 3]), 1)
    assert ids(found) == {"b": 1, "a": 2}
    assert events(found) == [("split", 1, 2)]


def test_an_equal_split_goes_by_content():
    found = number(clusters(a=[4], b=[2]), before(p1=[2, 4]), 1)
    assert ids(found) == {"b": 1, "a": 2}


def test_no_id_is_given_twice():
    found = number(clusters(a=[1, 2], b=[3, 4], c=[9]), before(p1=[1, 3], p2=[2, 4]), 2)
    assert len(set(ids(found).values())) == 3


def test_ids_once_given_are_never_given_again():
    found = number(clusters(a=[1], b=[50]), before(p1=[1]), 40)
    assert ids(found)["b"] == 41
