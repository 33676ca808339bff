"""The stage on a case: tables read, tables written, ids that last."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from hemostat.case import Case, Opening, decide
from hemostat.model import RECORD_BITS, Silent
from hemostat.resolve import people_count, run
from hemostat.resolve.decisions import subject
from hemostat.rules import bit

LEAK, VISITS, PATIENTS = 1, 2, 3
ODILE = {"birth_name": "MARTINET", "first_names": "Odile", "birth_date": date(1961, 4, 12)}
PAUL = {"birth_name": "GARCIN", "first_names": "Paul", "birth_date": date(1975, 8, 30)}
NAME, PATHOLOGY = 1 << bit("birth_name"), 1 << bit("pathology")


@pytest.fixture
def case(tmp_path):
    with Case.create(tmp_path / "case", Opening(key_file=tmp_path / "keys" / "k")) as opened:
        names = {
            LEAK: ("users.csv", "leak"),
            VISITS: ("visits.csv", "leak"),
            PATIENTS: ("patients.csv", "patients"),
        }
        rows = [
            {"evidence_id": n, "name": name, "role": role, "sha256": f"{'abcdef'[2 * n - 2 : 2 * n]}" * 32}
            for n, (name, role) in names.items()
        ]
        opened.append("evidence", pl.DataFrame(rows))
        places = {LEAK: ["id", "nom"], VISITS: ["user_id", "motif"], PATIENTS: ["ipp", "nom"]}
        found = [{"evidence_id": n, "place": place} for n, held in places.items() for place in held]
        opened.append("finding", pl.DataFrame(found))
        yield opened


def add(case, evidence, rows, *, start=0, mask=NAME, keys=None):
    """Records with their traits; `print_hi` is given by the trait `print`, else by place."""
    ids = [(evidence << RECORD_BITS) + start + n for n in range(len(rows))]
    prints = [row.pop("print", 1000 * evidence + start + n) for n, row in enumerate(rows)]
    low, high = mask & (2**64 - 1), mask >> 64
    record = {"record_id": ids, "evidence_id": evidence, "mask_lo": low, "mask_hi": high, "print_hi": prints}
    frame = pl.DataFrame(
        record, schema_overrides={"mask_lo": pl.UInt64, "mask_hi": pl.UInt64, "print_hi": pl.UInt64}
    )
    lines = pl.Series("line", range(start, start + len(rows)), dtype=pl.Int64)
    case.append("record", frame.with_columns(lines, print_lo="print_hi"))
    held = [{"record_id": n, **row} for n, row in zip(ids, rows, strict=True) if row]
    if held:
        case.append("identity", pl.DataFrame(held, infer_schema_length=None))
    for place, values in (keys or {}).items():
        told = {"record_id": ids, "place": place, "value": [str(value) for value in values]}
        case.append("record_key", pl.DataFrame(told))
    return ids


def judge(case, kind, one, other):
    """A decision on two records of the leak, by their lines."""
    told = subject(("ab" * 32, f"line {one}"), ("ab" * 32, f"line {other}"))
    decide(case, kind, told, "yes", "seen on the phone")


def persons(case):
    return {
        row[0]: row[1:] for row in case.rows("select record_id, person_id, status, link from record_person")
    }


def test_people_duplicates_and_rows_without_identity(case):
    ids = add(case, LEAK, [{**ODILE, "print": 5}, {**ODILE, "print": 5}, {**PAUL, "print": 2}, {"print": 9}])
    run(case, Silent())
    assert persons(case) == {
        ids[0]: (2, "kept", "certain"),
        ids[1]: (2, "exact_duplicate", "certain"),
        ids[2]: (1, "kept", "single"),
        ids[3]: (None, "kept", None),
    }
    count = people_count(case)
    assert (count.low, count.best, count.high, count.ceiling, count.without_identity) == (2, 2, 2, 3, 1)
    assert case.rows("select person_id, first_record, records, link from person order by 1") == [
        (1, ids[2], 1, "single"),
        (2, ids[0], 2, "certain"),
    ]


def test_records_of_other_tables_reach_their_person_and_orphans_are_counted(case):
    days = [date(1960 + n, 4, 12) for n in range(20)]
    users = add(case, LEAK, [{**ODILE, "birth_date": day} for day in days], keys={"id": range(20)})
    visits = add(
        case, VISITS, [{} for _ in range(41)], mask=PATHOLOGY, keys={"user_id": [*range(20), *range(20), 99]}
    )
    run(case, Silent())
    found = {record: person for record, (person, _, _) in persons(case).items()}
    assert [found[n] for n in visits] == [found[n] for n in users] * 2 + [None]
    assert people_count(case).orphans == 1
    shown = case.rows(
        "select category, evidence_id, records from exposure where person_id = ?", (found[users[0]],)
    )
    assert sorted(shown) == [("birth_name", LEAK, 1), ("pathology", VISITS, 2)]


def test_masks_of_a_person_gather_all_their_records(case):
    add(case, LEAK, [dict(ODILE)], mask=NAME)
    add(case, LEAK, [ODILE | {"city": "Lille"}], start=1, mask=PATHOLOGY)
    run(case, Silent())
    low, high = case.rows("select mask_lo, mask_hi from person")[0]
    assert low | high << 64 == NAME | PATHOLOGY


def test_possible_links_are_shown_with_their_reason(case):
    ids = add(case, LEAK, [dict(ODILE), ODILE | {"birth_date": date(1961, 12, 4)}])
    run(case, Silent())
    assert case.rows("select record_a, record_b, grade, reason, kind from link_pair") == [
        (*ids, 5, "slip", "possible")
    ]
    assert {row[2] for row in persons(case).values()} == {"possible"}


def test_an_analysis_done_again_changes_nothing(case):
    add(case, LEAK, [dict(ODILE), dict(PAUL)])
    run(case, Silent())
    before = (
        persons(case),
        case.rows("select * from person order by 1"),
        case.rows("select * from person_count"),
    )
    run(case, Silent())
    assert before == (
        persons(case),
        case.rows("select * from person order by 1"),
        case.rows("select * from person_count"),
    )
    assert case.rows("select * from person_event") == []


def test_people_keep_their_ids_when_evidence_comes_later(case):
    first = add(case, LEAK, [{**ODILE, "print": 50}, {**PAUL, "print": 60}])
    run(case, Silent())
    known = {n: persons(case)[n][0] for n in first}
    third = {"birth_name": "VASSEUR", "first_names": "Zoé", "birth_date": date(1990, 2, 3), "print": 1}
    later = add(case, LEAK, [third, {**PAUL, "city": "Lille", "print": 2}], start=2)
    run(case, Silent())
    found = persons(case)
    assert {n: found[n][0] for n in first} == known
    assert found[later[1]][0] == known[first[1]]
    assert found[later[0]][0] == 3


def test_a_human_decision_is_obeyed_and_told_as_an_event(case):
    ids = add(case, LEAK, [dict(ODILE), ODILE | {"city": "Lille"}])
    run(case, Silent())
    assert len({row[0] for row in persons(case).values()}) == 1
    judge(case, "not-same", 0, 1)
    run(case, Silent())
    assert persons(case)[ids[0]][0] != persons(case)[ids[1]][0]
    assert case.rows("select kind, old_id, new_id from person_event") == [("split", 1, 2)]
    judge(case, "same", 1, 0)
    run(case, Silent())
    assert len({row[0] for row in persons(case).values()}) == 1
    assert case.rows("select kind, old_id, new_id from person_event") == [("split", 1, 2), ("merge", 2, 1)]


def test_a_decision_on_a_repeated_record_parts_it_from_its_likes(case):
    ids = add(case, LEAK, [{**ODILE, "print": 5}, {**ODILE, "print": 5}, {**ODILE, "print": 5}])
    judge(case, "not-same", 0, 2)
    run(case, Silent())
    found = persons(case)
    assert found[ids[0]][0] == found[ids[1]][0] != found[ids[2]][0]
    assert [found[n][1] for n in ids] == ["kept", "exact_duplicate", "kept"]


def test_two_are_parted_however_many_rows_lead_from_one_to_the_other(case):
    way = [ODILE | {"city": city} for city in ("Lille", "Lens", "Arras", "Douai")]
    ids = add(case, LEAK, [dict(row) for row in way])
    judge(case, "not-same", 0, 3)
    run(case, Silent())
    assert persons(case)[ids[0]][0] != persons(case)[ids[3]][0]
    assert people_count(case).best == 2


def test_a_decision_to_join_outweighs_what_keeps_rows_apart(case):
    ids = add(case, LEAK, [dict(ODILE), dict(PAUL), ODILE | {"city": "Lille"}])
    judge(case, "same", 0, 1)
    run(case, Silent())
    assert persons(case)[ids[0]][0] == persons(case)[ids[1]][0]
    judge(case, "same", 1, 2)
    run(case, Silent())
    assert len({persons(case)[n][0] for n in ids}) == 1


def test_what_was_decided_is_no_longer_to_be_reviewed(case):
    add(case, LEAK, [dict(ODILE), ODILE | {"birth_date": date(1961, 12, 4)}])
    run(case, Silent())
    assert case.rows("select count(*) from link_pair") == [(1,)]
    judge(case, "same", 0, 1)
    run(case, Silent())
    assert case.rows("select count(*) from link_pair") == [(0,)]


def test_a_decision_on_a_record_that_is_not_there_decides_nothing(case):
    add(case, LEAK, [dict(ODILE), dict(ODILE)])
    judge(case, "not-same", 0, 77)
    run(case, Silent())
    assert people_count(case).best == 1


def test_persons_meet_the_patient_file(case):
    leaked = add(case, LEAK, [dict(ODILE), dict(PAUL)])
    mine = add(case, PATIENTS, [ODILE | {"city": "Lille"}, {**PAUL, "birth_date": date(1950, 5, 5)}])
    run(case, Silent())
    matched = dict(case.rows("select first_record, patient_record from person"))
    assert matched == {leaked[0]: mine[0], leaked[1]: None}
    assert not set(mine) & set(persons(case))


def test_a_patient_is_matched_by_one_person_and_a_person_to_one_patient(case):
    add(case, LEAK, [dict(ODILE), ODILE | {"birth_date": date(1961, 12, 4), "phone": "+33639980101"}])
    add(case, PATIENTS, [ODILE | {"internal_id": "1"}, ODILE | {"internal_id": "2", "phone": "+33639980101"}])
    run(case, Silent())
    patients = [
        row[0] for row in case.rows("select patient_record from person where patient_record is not null")
    ]
    assert len(patients) == len(set(patients)) > 0


def test_rows_of_a_name_alone_equal_to_the_letter_may_be_several_people(case):
    name = {"birth_name": "MARTINET", "first_names": "Odile", "print": 7}
    add(case, LEAK, [dict(name) for _ in range(4)])
    run(case, Silent())
    count = people_count(case)
    assert (count.low, count.best, count.high) == (1, 1, 4)


def test_repeats_that_tell_more_than_a_name_or_come_from_another_copy_are_nobody_else(case):
    name = {"birth_name": "MARTINET", "first_names": "Odile", "print": 7}
    add(case, LEAK, [dict(name)])
    add(case, VISITS, [dict(name)])
    told = {"birth_name": "GARCIN", "first_names": "Paul", "print": 8}
    add(case, LEAK, [dict(told), dict(told)], start=1, mask=NAME | PATHOLOGY)
    run(case, Silent())
    count = people_count(case)
    assert (count.low, count.best, count.high) == (2, 2, 2)


def test_nobody_knows_the_ceiling_where_a_piece_of_evidence_could_not_be_read_at_all(case):
    add(case, LEAK, [dict(ODILE)])
    run(case, Silent())
    assert people_count(case).ceiling == 1
    case.execute("update evidence set state = 'quarantined' where evidence_id = ?", (PATIENTS,))
    run(case, Silent())
    assert people_count(case).ceiling == 1
    case.execute("update evidence set state = 'quarantined' where evidence_id = ?", (VISITS,))
    run(case, Silent())
    assert people_count(case).ceiling is None


def test_nobody_knows_the_ceiling_where_reading_stopped_and_no_count_says_how_much_is_left(case):
    add(case, LEAK, [dict(ODILE)])
    case.execute(
        "insert into quarantine values ('users.csv', 1, 'leak', 'after unit 1', null, null, 5, 'reading_stopped')"
    )
    case.execute("update evidence set count_method = 'independent'")
    run(case, Silent())
    assert people_count(case).ceiling == 6
    case.execute("update evidence set count_method = 'reader'")
    run(case, Silent())
    assert people_count(case).ceiling is None


def test_an_empty_case(case):
    run(case, Silent())
    count = people_count(case)
    assert (count.low, count.best, count.high, count.ceiling) == (0, 0, 0, 0)
    assert case.rows("select count(*) from person") == [(0,)]
