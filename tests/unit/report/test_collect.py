"""From the tables of a case to its ledger and its report."""

import json
import re
from datetime import UTC, datetime

import pyarrow as pa
import pytest

from factories import PLANTED
from hemostat.case import Case, Opening, claim, claim_event, decide
from hemostat.errors import StorageError
from hemostat.evidence import batch_name
from hemostat.model import Silent
from hemostat.report import duties, render, run, summary, view
from hemostat.rules import mask_of

HASH = "ab" * 32
COLUMNS = ("nom", "nir", "note", "etat", "code interne")
PERSONS = re.findall(r"\w+", "low best high method certain_only all_possible ceiling fabricated recycled")


@pytest.fixture
def case(tmp_path):
    with Case.create(tmp_path / "case", Opening(tmp_path / "keys" / "k")) as case:
        case.set_setting("controller", "Cabinet Exemple")
        yield case


def evidence(case, number, name, role, *, rows, units, blank=0, header=1):
    with case.transaction():
        case.execute(
            "insert into custody values (?, ?, ?, ?, 10, '2025-12-01T08:00:00+00:00', 'c.durand', 'forum', 'art. 33',"
            " 'law', true, null, 'read')",
            (number, name, role, HASH),
        )
        case.execute(
            "insert into evidence values (?, ?, ?, 'csv', ?, ?, 10, 'independent', 'encoding=utf-8', ?, 'read')",
            (number, number, name, role, HASH, units),
        )
        for seq, part in enumerate((rows - 1, 1)):
            case.execute(
                "insert into batch values (?, ?, ?, ?, ?, ?, 0, '{}')",
                (number, seq, part, part, blank * seq, header * seq),
            )
            cells = pa.array([None] * part, pa.string())
            case.stage(batch_name(number, seq), pa.table(dict.fromkeys(("_line", *COLUMNS), cells)))


def detected(case):
    """Eight rows leaked, two of them quarantined, six records; one sensitive category seen in three of them."""
    evidence(case, 1, "leak.csv", "leak", rows=6, units=10, blank=1)
    evidence(case, 2, "own.csv", "patients", rows=3, units=4)
    name_nir, name_only = mask_of(["used_name", "nir"]), mask_of(["used_name", "pregnancy"])
    masks = [name_nir, name_nir, name_nir, name_only, name_only, name_only, name_nir, name_nir, name_nir]
    ids = [(1 << 36) + n for n in range(6)] + [(2 << 36) + n for n in range(3)]
    unsigned = pa.uint64()
    record = {
        "record_id": ids,
        "evidence_id": pa.array([1] * 6 + [2] * 3, pa.int32()),
        "line": [n + 2 for n in range(9)],
        "mask_lo": pa.array([low for low, _ in masks], unsigned),
        "mask_hi": pa.array([high for _, high in masks], unsigned),
        "print_lo": pa.array(range(9), unsigned),
        "print_hi": pa.array(range(9), unsigned),
    }
    with case.transaction():
        case.append("record", pa.table(record))
        case.append(
            "identity",
            pa.table(
                {
                    "record_id": ids,
                    "used_name": [PLANTED[0]] * 9,
                    "nir": [PLANTED[2]] * 9,
                    "tenant": ["Nord", "Nord", "Sud", "Sud", "Sud", None, None, None, None],
                }
            ),
        )
        case.execute(
            "insert into quarantine values ('leak.csv', 1, 'leak', 'line 4', 4, 9, 1, 'not_json'),"
            " ('leak.csv', 1, 'leak', 'line 3', 3, 9, 1, 'not_json')"
        )
        for place, category, values, valid in (
            ("nom", "used_name", 6, None),
            ("nir", "nir", 3, 2),
            ("note", "pregnancy", 3, None),
        ):
            case.execute(
                "insert into finding values (1, ?, ?, 'person', ?, ?, 0.9, 'rule', 'AAAA', 1, null)",
                (place, category, values, valid),
            )
        case.execute("insert into category_valid values (1, 'nir', 2, 1)")
        case.mark_step("detect", "x")


def resolved(case):
    """Six leaked records: one exact duplicate, one of nobody, three people, two of them in the patient file."""
    people = [1, 1, 2, 3, 3, None]
    status = ["kept", "exact_duplicate", "kept", "kept", "kept", "kept"]
    name_nir, both = mask_of(["used_name", "nir"]), mask_of(["used_name", "pregnancy"])
    with case.transaction():
        for n, (person, state) in enumerate(zip(people, status, strict=True)):
            case.execute(
                "insert into record_person values (?, ?, ?, 'certain')", ((1 << 36) + n, person, state)
            )
        for person, mask, own in ((1, name_nir, 2 << 36), (2, name_nir, (2 << 36) + 1), (3, both, None)):
            case.execute(
                "insert into person values (?, ?, 2, 'certain', ?, ?, ?, ?, ?, 1)",
                (person, 1 << 36, *mask, own, person, person),
            )
        counts = {"low": 3, "best": 3, "high": 4, "certain_only": 4, "all_possible": 3, "ceiling": 7}
        counts |= {"without_identity": 1, "orphans": 0, "method.weights": 1}
        for name, count in counts.items():
            case.execute("insert into person_count values (?, ?, 1)", (name, count))
        case.mark_step("resolve", "y")


def test_an_empty_case_knows_nothing(case):
    found = summary(case)
    assert {one["status"] for one in found.pop("clocks")} <= {"waiting", "not_law"}
    assert found == {
        "claims": [],
        "evidence": [],
        "containers": [],
        "records": dict.fromkeys(("in", "kept", "exact_duplicates", "quarantined", "without_identity")),
        "persons": dict.fromkeys(PERSONS),
        "standing": None,
        "categories": None,
        "severity": None,
        "reach": None,
        "tenants": None,
    }
    assert "Nous n’avons encore reçu aucun fichier" in render(view(case))


def test_each_stage_fills_its_part(case):
    detected(case)
    found = summary(case)
    assert found["evidence"][0] == {
        "name": "leak.csv", "sha256": HASH, "bytes": 10, "kind": "csv", "role": "leak", "count_method": "independent",
        "units_in": 10, "records": 6, "quarantined": 2, "blank": 1, "header": 1, "out_of_scope": 0, "unexplained": 0,
    }  # fmt: skip
    assert found["records"] == {
        "in": 6, "quarantined": 2, "kept": None, "exact_duplicates": None, "without_identity": None,
    }  # fmt: skip
    assert found["persons"]["best"] is None
    assert found["categories"] == {
        "used_name": {"persons": None, "records": 6, "valid": None},
        "nir": {"persons": None, "records": 3, "valid": 2},
        "pregnancy": {"persons": None, "records": "<5", "valid": None},
    }
    assert found["tenants"] == {
        "Nord": {"records": 2, "persons": None},
        "Sud": {"records": 3, "persons": None},
    }
    resolved(case)
    found = summary(case)
    assert found["records"] == {
        "in": 6, "kept": 5, "exact_duplicates": 1, "quarantined": 2, "without_identity": 1,
    }  # fmt: skip
    persons = found["persons"]
    assert persons.pop("method").startswith("Sum of the chances")
    assert persons == {
        "low": 3, "best": 3, "high": 4, "certain_only": 4, "all_possible": 3, "ceiling": 7,
        "fabricated": None, "recycled": None,
    }  # fmt: skip
    assert found["categories"] == {
        "used_name": {"persons": 3, "records": 6, "valid": None},
        "nir": {"persons": 2, "records": 3, "valid": 2},
        "pregnancy": {"persons": "<5", "records": "<5", "valid": None},
    }
    assert found["standing"] == {
        "matched": 2, "plausible": None, "doubtful": None, "fabricated": None, "recycled": None,
    }  # fmt: skip
    assert found["tenants"] == {"Nord": {"records": 2, "persons": 1}, "Sud": {"records": 3, "persons": 2}}


def test_units_nobody_accounts_for_are_unexplained(case):
    evidence(case, 1, "leak.csv", "leak", rows=6, units=10)
    assert summary(case)["evidence"][0]["unexplained"] == 3
    assert "Le compte ne tombe pas juste" in render(view(case))


def test_the_view_holds_what_the_case_says(case):
    detected(case)
    resolved(case)
    number = claim(case, 9, "persons", "forum", "2025-12-01T09:00:00+01:00")
    claim_event(case, number, "published", "mirror", "2025-12-02T09:00:00+01:00")
    found = view(case, "en")
    assert (found.controller, found.lang, found.case_id) == ("Cabinet Exemple", "en", case.case_id)
    assert found.journal_head == case.journal_head()
    (told,) = found.claims
    assert (told.value, told.by, told.history[0].kind, told.history[0].note) == (
        9,
        "forum",
        "published",
        "mirror",
    )
    (aside,) = found.quarantine
    assert (aside.units, aside.places, aside.examples, aside.reason) == (
        2,
        2,
        ("line 3", "line 4"),
        "not_json",
    )
    assert [piece.kept for piece in found.custody] == ["sealed", "sealed"]
    assert (found.patients.file_people, found.patients.matched) == (3, 2)
    assert (found.patients.not_in_file, found.patients.not_in_leak) == (1, 1)
    text = render(found, "en")
    assert "the line is not JSON" in text
    assert "encoding utf-8" in text
    assert "95% interval: Sum of the chances" in text
    assert "Somme des chances" in render(found, "fr")


def test_a_file_listed_but_not_taken_is_said(case):
    evidence(case, 1, "link.csv", "leak", rows=1, units=1, header=0)
    case.execute("update custody set state = 'aside:link', sealed = false, sha256 = ''")
    (piece,) = view(case).custody
    assert (piece.kept, piece.sha256) == ("not_taken", None)
    assert "signalée, non prise" in render(view(case))


@pytest.mark.parametrize("lang", ["fr", "en"])
def test_both_files_are_written_and_say_the_same(case, lang):
    detected(case)
    resolved(case)
    run(case, lang, Silent())
    run(case, lang, Silent())
    folder = case.path / "report"
    assert sorted(path.name for path in folder.iterdir()) == ["report.html", "summary.json"]
    assert json.loads((folder / "summary.json").read_text("utf-8")) == summary(case)
    text = (folder / "report.html").read_text("utf-8")
    assert f'<html lang="{lang}">' in text
    assert not [value for value in PLANTED if value in text]


def test_a_report_that_cannot_be_written_says_so_and_leaves_nothing(case):
    (case.path / "report").write_text("in the way")
    with pytest.raises(StorageError, match="cannot be written"):
        run(case, "fr", Silent())
    assert (case.path / "report").read_text() == "in the way"


def test_columns_in_which_nothing_was_recognised_are_shown_until_somebody_decides(case):
    detected(case)
    resolved(case)
    (left,) = view(case).unrecognised
    assert (left.evidence, left.columns) == ("leak.csv", ("etat", "code interne"))
    text = render(view(case, "en"))
    assert "Columns not recognised" in text
    assert "etat, " in re.sub("<[^>]+>", "", text)
    decide(case, "column", "leak.csv\x1fetat", "none", "a state of the file")
    assert view(case).unrecognised[0].columns == ("code interne",)


def test_a_decision_that_the_analysis_does_not_know_yet_is_said_first(case):
    detected(case)
    with case.transaction():
        case.journal("stage.done", stage="detect")
    assert view(case).pending == 0
    decide(case, "column", "leak.csv\x1fetat", "none", "a state of the file")
    assert view(case).pending == 1
    text = render(view(case, "en"))
    assert "One decision was recorded since this analysis" in text
    assert text.index("One decision") < text.index("<h1>")


def test_a_file_named_after_a_person_is_shown_by_its_shape(case):
    evidence(case, 1, "envoi.zip!courriers/DURAND_Solène_0612345678.csv", "leak", rows=3, units=4)
    with case.transaction():
        case.execute(
            "insert into quarantine values ('envoi.zip!courriers/DURAND_Solène_0612345678.csv', 1, 'leak', 'line 4',"
            " 4, 9, 1, 'not_json')"
        )
    shown = json.dumps(summary(case), ensure_ascii=False) + render(view(case))
    assert "DURAND" not in shown
    assert "Solène" not in shown
    assert "0612345678" not in shown
    assert "envoi.zip!courriers/AAAAAA_Aaaaaa_9999999999.csv" in shown


def test_people_are_counted_by_severity_once_it_is_assessed(case):
    detected(case)
    resolved(case)
    assert summary(case)["severity"] is None
    with case.transaction():
        for number, names, minor, level in (
            (1, ["used_name", "nir"], False, "limited"),
            (2, ["used_name", "nir"], True, "maximal"),
            (3, ["used_name", "pregnancy"], False, "maximal"),
        ):
            case.execute(
                "insert into severity_profile"
                " (profile_id, mask_lo, mask_hi, minor, level, cohort, score, proposed, scams)"
                " values (?, ?, ?, ?, ?, 'identity', 2.0, ?, 'false_bank_adviser')",
                (number, *mask_of(names), minor, level, level),
            )
        case.execute("insert into person_flag values (2, true, false, false, 1)")
        case.execute("insert into person_reach values (1, 'email', null, 'email', 1)")
        case.execute("insert into person_reach values (2, 'post', 'minor_confidential', 'post', 1)")
        case.execute("insert into person_reach values (3, 'none', 'no_contact', '', 1)")
        case.mark_step("assess", "z")
    found = summary(case)
    assert found["severity"] == {"negligible": 0, "limited": 1, "important": 0, "maximal": 2}
    assert found["reach"] == {"email": 1, "sms": 0, "post": 1, "none": 1}
    assert found["held_back"] == {"minor_confidential": "<5", "no_contact": 1}
    assert found["scams"] == {"false_bank_adviser": "<5"}
    assert [(one["id"], one["minors"], one["persons"], one["level"]) for one in found["cohorts"]] == [
        ("identity", False, "<5", "maximal"),
        ("identity", True, "<5", "maximal"),
    ]


def test_a_hidden_cohort_is_not_what_the_others_leave_of_the_total():
    assert duties._shown_apart([(40, True), (2, True), (900, False)]) == ["withheld", "<5", 900]
    assert duties._shown_apart([(40, True), (900, False)]) == [40, 900]
    assert duties._shown_apart([(3, True)]) == ["<5"]


def test_what_to_do_now_stands_first_and_says_what_is_late(case):
    case.now = lambda: datetime(2025, 12, 2, 9, tzinfo=UTC)
    text = render(view(case, "en"))
    assert "Say when you became aware" in text
    assert "Add the files as soon as you have them" in text
    case.set_setting("aware_at", "2025-11-28T15:20+01:00")
    text = render(view(case, "en"))
    main = text[text.index("<main") :]
    assert main.index("What to do now") < main.index('class="headline"')
    assert "Notification to the authority: late, the limit was 1\N{NO-BREAK SPACE}December" in text
    assert 'class="late"' in text
    assert "Enter your decisions in the register" in text
    by_id = {one["id"]: one for one in summary(case)["clocks"]}
    assert by_id["gdpr_33_1"]["status"] == "late"
    assert by_id["gdpr_33_1"]["due_at"] == "2025-12-01T14:20+00:00"


def test_what_is_known_of_the_values_of_a_column_is_said_with_it(case):
    detected(case)
    resolved(case)
    case.execute("update finding set note = 'unrecoverable=12' where category = 'nir'")
    case.execute("update finding set note = 'distinct=1' where category = 'pregnancy'")
    text = render(view(case, "en"))
    assert "12 values unrecoverable: a spreadsheet destroyed their digits" in text
    assert "1 distinct values" not in text, "a small number of a sensitive category points at somebody"
