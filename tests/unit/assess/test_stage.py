"""Severity over a case: everybody gets a profile, minors and the dead are known, a person's word is obeyed."""

from __future__ import annotations

from datetime import UTC, date, datetime

import polars as pl
import pytest

from hemostat import assess
from hemostat.case import Case, Opening
from hemostat.errors import UsageError
from hemostat.model import RECORD_BITS, Silent
from hemostat.rules import mask_of

NOW = datetime(2025, 12, 1, 12, tzinfo=UTC)
PEOPLE = [
    (1, ("used_name", "birth_date", "phone"), date(1980, 5, 2), None),
    (2, ("used_name", "birth_date", "phone"), date(2015, 5, 2), None),
    (3, ("used_name", "birth_date", "pathology"), date(1950, 5, 2), True),
    (4, ("used_name", "phone"), None, None),
]


@pytest.fixture
def case(tmp_path):
    with Case.create(tmp_path / "case", Opening(tmp_path / "keys" / "k")) as case:
        case.now = lambda: NOW
        yield case


def fill(case, people=PEOPLE):
    case.execute(
        "insert into evidence values (1, 1, 'a.csv', 'csv', 'leak', '00', 1, 'independent', '', 4, 'read')"
    )
    ids = [(1 << RECORD_BITS) + number for number, *_ in people]
    masks = [mask_of(names) for _, names, *_ in people]
    low, high = ([one[word] for one in masks] for word in (0, 1))
    persons = [number for number, *_ in people]
    case.append(
        "person",
        pl.DataFrame(
            {
                "person_id": persons,
                "first_record": ids,
                "records": 1,
                "link": "single",
                "mask_lo": low,
                "mask_hi": high,
            },
            schema_overrides={"mask_lo": pl.UInt64, "mask_hi": pl.UInt64},
        ),
    )
    case.append(
        "record_person",
        pl.DataFrame({"record_id": ids, "person_id": persons, "status": "kept", "link": "single"}),
    )
    case.append(
        "record",
        pl.DataFrame(
            {"record_id": ids, "evidence_id": 1, "mask_lo": low, "mask_hi": high, "print_hi": persons},
            schema_overrides={"mask_lo": pl.UInt64, "mask_hi": pl.UInt64, "print_hi": pl.UInt64},
        ),
    )
    traits = {"birth_date": [born for *_, born, _ in people], "deceased": [dead for *_, dead in people]}
    case.append(
        "identity", pl.DataFrame({"record_id": ids, **traits}, schema_overrides={"deceased": pl.Boolean})
    )


def levels(case):
    return dict(case.rows("select person_id, level from person_severity order by 1"))


def test_each_person_has_a_level_and_flags(case):
    fill(case)
    assess.run(case, Silent())
    assert levels(case) == {1: "limited", 2: "limited", 3: "important", 4: "limited"}
    flags = case.rows("select person_id, minor, deceased from person_severity order by 1")
    assert flags == [(1, False, False), (2, True, False), (3, False, True), (4, False, False)]
    assert assess.severity_counts(case) == {"negligible": 0, "limited": 3, "important": 1, "maximal": 0}
    context = dict(
        case.rows("select person_id, context from person_severity join severity_profile using (profile_id)")
    )
    assert context[2] == context[1] + 1


def test_done_twice_counts_once(case):
    fill(case)
    assess.run(case, Silent())
    before = case.rows("select * exclude (run_id) from person_severity order by 1")
    assess.run(case, Silent())
    assert case.rows("select * exclude (run_id) from person_severity order by 1") == before


def test_a_case_without_people_is_judged_too(case):
    assess.run(case, Silent())
    assert assess.severity_counts(case) is None
    assert assess.cohorts(case) == ()


def test_a_person_may_change_the_level_of_a_cohort_and_both_are_kept(case):
    fill(case)
    number = assess.judge(
        case, "level:identity", "important", "a violent former spouse is known to buy such files", Silent()
    )
    assert levels(case) == {1: "important", 2: "limited", 3: "important", 4: "important"}
    changed = next(one for one in assess.cohorts(case) if one.id == "identity" and not one.minor)
    assert (changed.proposed, changed.level, changed.persons) == ("limited", "important", 2)
    assert changed.why == "a violent former spouse is known to buy such files"
    assert changed.by
    assert number == 1
    assess.judge(case, "level:identity", "proposed", "it was another file", Silent())
    assert levels(case)[1] == "limited"


def test_circumstances_change_every_score(case):
    fill(case)
    assess.run(case, Silent())
    before = dict(case.rows("select person_id, score from person_severity"))
    assess.judge(case, "care_body", "no", "the shop of a pharmacy, no care is given", Silent())
    after = dict(case.rows("select person_id, score from person_severity"))
    assert after[1] == before[1] - 1.0
    assert assess.circumstances(case).care_body is False


@pytest.mark.parametrize(
    ("subject", "value", "why"),
    [
        ("weather", "no", "x"),
        ("care_body", "perhaps", "x"),
        ("care_body", "no", " "),
        ("level:nobody", "limited", "x"),
    ],
)
def test_a_word_that_is_not_understood_is_refused(case, subject, value, why):
    with pytest.raises(UsageError):
        assess.judge(case, subject, value, why, Silent())
