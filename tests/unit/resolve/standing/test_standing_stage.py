"""The stage on a case: tables read, table written, figures known or not."""

from datetime import date

import polars as pl
import pytest

from hemostat import resolve
from hemostat.case import Case, Opening, controller_key
from hemostat.errors import UsageError
from hemostat.model import RECORD_BITS, Silent
from hemostat.resolve.fingerprints import fingerprints
from hemostat.resolve.standing import known, run, why, worded

LEAK, VISITS, PATIENTS, EARLIER = 1, 2, 3, 4
ODILE = {
    "used_name": "Martinet",
    "first_names": "Odile",
    "birth_date": date(1961, 4, 12),
    "email": "o@example.org",
}
PAUL = {
    "used_name": "Garcin",
    "first_names": "Paul",
    "birth_date": date(1975, 8, 30),
    "email": "p@example.org",
}


@pytest.fixture
def case(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    with Case.create(tmp_path / "case", Opening(key_file=tmp_path / "k")) as opened:
        yield opened


def evidence(case, number, role, people, rows=None):
    """Records of one piece of evidence: their traits, and the number of the person of each."""
    ids = [(number << RECORD_BITS) + n for n in range(len(people))]
    case.append(
        "evidence", pl.DataFrame({"evidence_id": [number], "role": [role], "name": [f"{number}.csv"]})
    )
    case.append("record", pl.DataFrame({"record_id": ids, "evidence_id": number}))
    if role == "leak":
        case.append("record_person", pl.DataFrame({"record_id": ids, "person_id": people, "status": "kept"}))
    if rows:
        held = [{"record_id": n, **row} for n, row in zip(ids, rows, strict=True)]
        case.append("identity", pl.DataFrame(held, infer_schema_length=None))


def people(case, matched):
    rows = [{"person_id": n, "patient_record": own} for n, own in matched.items()]
    case.append("person", pl.DataFrame(rows, schema={"person_id": pl.Int64, "patient_record": pl.Int64}))


def judged(case):
    with case.transaction():
        run(case, Silent())
        case.mark_step("standing", "x")
    return [one for (one,) in case.rows("select standing from standing order by record_id")]


def test_each_record_and_each_person_has_a_standing(case):
    with case.transaction():
        evidence(case, LEAK, "leak", [1, 2, None], [ODILE, PAUL, {"city": "Beaune"}])
        evidence(case, VISITS, "leak", [1, 1])
        evidence(case, PATIENTS, "patients", [None], [ODILE])
        evidence(case, EARLIER, "earlier-leak", [None], [PAUL])
        people(case, {1: PATIENTS << RECORD_BITS, 2: None})
    assert known(case) is None
    assert judged(case) == ["matched", "recycled", "matched", "matched"]
    assert judged(case) == ["matched", "recycled", "matched", "matched"]
    assert known(case) == {"matched": 1, "plausible": 0, "doubtful": 0, "fabricated": None, "recycled": 1}


def test_what_nothing_could_tell_is_unknown_and_not_nought(case):
    with case.transaction():
        evidence(case, LEAK, "leak", [1], [ODILE])
        people(case, {1: None})
    assert judged(case) == ["plausible"]
    assert known(case) == {
        "matched": None,
        "plausible": 1,
        "doubtful": 0,
        "fabricated": None,
        "recycled": None,
    }


def test_fingerprints_need_the_controller_whose_they_are(case):
    prints = fingerprints(
        pl.DataFrame(case.bulk("identity", [])).vstack(_whole(case, PAUL)), controller_key("Lac")
    )
    with case.transaction():
        evidence(case, LEAK, "leak", [1, 2], [ODILE, PAUL])
        evidence(case, VISITS, "leak", [1])
        evidence(case, EARLIER, "earlier-leak", [])
        people(case, {1: None, 2: None})
        case.execute(
            'insert into batch (evidence_id, seq, "rows") values (?, 0, ?)', (EARLIER, prints.height)
        )
    case.stage(
        f"e{EARLIER:06d}b{0:06d}", prints.rename(dict(zip(prints.columns, "abc", strict=True))).to_arrow()
    )
    with pytest.raises(UsageError), case.transaction():
        run(case, Silent())
    case.set_setting("controller", "lac")
    assert judged(case) == ["plausible", "recycled", "plausible"]


def _whole(case, row):
    empty = pl.DataFrame(case.bulk("identity", []))
    return pl.DataFrame([dict.fromkeys(empty.columns) | row], schema=empty.schema)


def test_people_told_apart_anew_have_no_standing_until_it_is_judged_again(case):
    evidence(case, LEAK, "leak", [1, 2], [ODILE, PAUL])
    evidence(case, PATIENTS, "patients", [], None)
    people(case, {1: 7, 2: None})
    assert judged(case) == ["matched", "plausible"]
    whole = {"mask_lo": pl.UInt64, "mask_hi": pl.UInt64, "print_lo": pl.UInt64, "print_hi": pl.UInt64}
    held = pl.DataFrame(case.query("select * from record"))
    case.execute("delete from record")
    case.append(
        "record",
        held.with_columns(pl.lit(n, dtype=kind).alias(name) for n, (name, kind) in enumerate(whole.items())),
    )
    resolve.run(case, Silent())
    assert known(case) is None
    assert case.rows("select count(*) from standing")[0][0] == 0


def test_reasons_are_counted_and_worded(case):
    evidence(case, LEAK, "leak", [1, 2], [ODILE, PAUL])
    evidence(case, PATIENTS, "patients", [], None)
    people(case, {1: 7, 2: None})
    judged(case)
    assert why(case) == {"matched": {"in_patient_file": 1}, "plausible": {"not_in_patient_file": 1}}
    assert worded("not_in_patient_file nir_sex", "fr") == (
        "La personne n'est pas dans le fichier patients ; le premier chiffre du NIR contredit le sexe ou le prénom."
    )
    assert worded("", "en") == ""
