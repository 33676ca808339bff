"""The stage in a case: facts written once, kept while nothing changes, redone when a person decides otherwise."""

from datetime import UTC, datetime

import pyarrow as pa
import pytest

from hemostat import detect
from hemostat.case import Case, Opening, decide
from hemostat.model import Silent

NOW = datetime(2025, 11, 28, 12, tzinfo=UTC)


@pytest.fixture
def case(tmp_path):
    with Case.create(tmp_path / "case", Opening(key_file=tmp_path / "keys" / "k")) as opened:
        opened.now = lambda: NOW
        yield opened


def give(case, number, name, cells, cut=2):
    """Evidence read in batches of ``cut`` rows, as the reading stage leaves it."""
    table = pa.table({k: pa.array(v, pa.string()) for k, v in cells.items()})
    case.execute(
        "insert into evidence values (?, 1, ?, 'csv', 'leak', '00', 0, 'reader', '', ?, 'read')",
        (number, name, table.num_rows),
    )
    for seq, start in enumerate(range(0, table.num_rows, cut)):
        rows = table.slice(start, cut).combine_chunks()
        count = rows.num_rows
        lines = pa.array(range(start + 2, start + 2 + count), pa.int64())
        batch = rows.add_column(0, "_line", lines).add_column(1, "_locator", pa.nulls(count, pa.string()))
        case.stage(f"e{number:06d}b{seq:06d}", batch)
        case.execute("insert into batch values (?, ?, ?, ?, 0, 0, 0, '{}')", (number, seq, count, count))


def findings(case, number=1):
    sql = (
        'select place, category, about, "values", valid, decided_by, shape from finding '
        "where evidence_id = ? order by all"
    )
    return case.rows(sql, (number,))


PEOPLE = {
    "nom": ["GARNIER", "PETIT", "ROYER", None, "SAID"],
    "tel": ["0639980123", "NULL", "0199000412", None, "0639980144"],
    "remarque": [None, "rappeler au 06 39 98 01 57 demain", None, "à revoir dans trois mois", None],
}


def test_facts_of_a_table(case):
    give(case, 1, "p.csv", PEOPLE)
    detect.run(case, Silent())
    assert findings(case) == [
        ("nom", "used_name", "person", 4, None, "rule", "AAAAA"),
        ("remarque", "medical_comment", "person", 2, None, "rule", None),
        ("tel", "phone", "person", 3, 3, "rule", "9999999999"),
        ("text", "phone", "text", 1, 1, "rule", None),
    ]
    assert case.rows("select count(*), min(record_id), max(line) from record") == [(5, 1 << 36, 6)]
    phones = case.rows("select phone from identity order by record_id")
    assert phones == [("+33639980123",), (None,), ("+33199000412",), (None,), ("+33639980144",)]


def test_a_second_run_changes_nothing(case):
    give(case, 1, "p.csv", PEOPLE)
    detect.run(case, Silent())
    before = case.rows("select * from finding order by all"), case.rows("select * from record order by all")
    detect.run(case, Silent())
    assert before == (
        case.rows("select * from finding order by all"),
        case.rows("select * from record order by all"),
    )


def test_new_evidence_leaves_the_old_as_it_is(case):
    give(case, 1, "p.csv", PEOPLE)
    detect.run(case, Silent())
    case.execute("update finding set shape = 'untouched'")
    give(case, 2, "q.csv", {"email": ["a@example.org"]})
    detect.run(case, Silent())
    assert {row[6] for row in findings(case, 1)} == {"untouched"}
    assert [row[:2] for row in findings(case, 2)] == [("email", "email")]


def test_a_decision_is_obeyed_and_signed(case):
    give(case, 1, "p.csv", {"zone7": ["LEVOTHYROX", "RAMIPRIL"], "nom": ["GARNIER", "PETIT"]})
    detect.run(case, Silent())
    assert "zone7" not in {row[0] for row in findings(case)}
    decide(case, "column", "p.csv\x1fzone7", "treatment", "said by the editor")
    decide(case, "column", "p.csv\x1fnom", "none", "codes of products")
    decide(case, "column", "other.csv\x1fnom", "first_name", "another file")
    detect.run(case, Silent())
    by = case.rows('select "by" from decision limit 1')[0][0]
    assert [(*row[:3], row[5]) for row in findings(case)] == [("zone7", "treatment", "person", by)]
    assert case.rows("select count(*) from record") == [(2,)]
    assert case.rows("select count(*) from identity") == [(0,)]


def test_nothing_is_looked_for_in_a_column_of_which_a_person_has_decided(case):
    national = ["1 84 12 75 108 042 31", "voir 06 39 98 12 34", "alice@example.org ou rien"] * 20
    give(case, 1, "p.csv", {"nom": ["GARNIER", "PETIT", "ROYER"] * 20, "zone7": national})
    detect.run(case, Silent())
    assert "nir" in {row[1] for row in findings(case)}
    decide(case, "column", "p.csv\x1fzone7", "none", "numbers of parcels")
    detect.run(case, Silent())
    assert {row[1] for row in findings(case)} == {"used_name"}


def test_a_decision_redoes_the_evidence_that_it_is_about_and_no_other(case):
    give(case, 1, "p.csv", {"zone7": ["LEVOTHYROX", "RAMIPRIL"], "nom": ["GARNIER", "PETIT"]})
    give(case, 2, "q.csv", PEOPLE)
    detect.run(case, Silent())
    case.execute("update finding set shape = 'untouched'")
    decide(case, "column", "p.csv\x1fzone7", "treatment", "said by the editor")
    detect.run(case, Silent())
    detect.run(case, Silent())
    assert ("zone7", "treatment") in {row[:2] for row in findings(case, 1)}
    assert "untouched" not in {row[6] for row in findings(case, 1)}
    assert {row[6] for row in findings(case, 2)} == {"untouched"}


def test_remarks_are_kept_by_their_place_alone(case):
    notes = ["vue ce jour, patiente séropositive depuis 2009", None, "VIH négatif, revoir dans un mois"]
    give(case, 1, "p.csv", {"nom": ["GARNIER", "PETIT", "ROYER"], "remarque": notes})
    detect.run(case, Silent())
    found = case.rows('select record_id, place, category, start, "end", flags from remark order by all')
    record, place, category, start, end, _ = found[0]
    assert (record - (1 << 36), place, category) == (0, "remarque", "remark_hiv")
    assert "séropositive" in notes[0][start:end]
    hiv = case.rows("select \"values\" from finding where place = 'text' and category = 'remark_hiv'")
    assert hiv == [(1,)]
    where = case.rows("select place, fact, value from finding_fact where category = 'remark_hiv'")
    assert where == [("remarque", "in_text", 1)]
    detect.run(case, Silent())
    assert case.rows("select count(*) from remark") == [(len(found),)]


def test_the_tenant_column_that_a_person_names(case):
    give(case, 1, "p.csv", {"secteur": ["A", "B"], "nom": ["GARNIER", "PETIT"]})
    case.set_setting("tenant_column", "Secteur")
    detect.run(case, Silent())
    assert case.rows("select tenant from identity order by record_id") == [("A",), ("B",)]


def test_day_and_month_are_told_by_all_values_not_by_the_sample(case, monkeypatch):
    monkeypatch.setattr("hemostat.detect.columns.SIZE", 4)
    ambiguous = [f"{n % 12 + 1}/{n % 11 + 1}/{1950 + n}" for n in range(60)]
    give(
        case,
        1,
        "p.csv",
        {"Surname": ["GARNIER"] * 62, "Birthday": [*ambiguous, "3/29/1982", "6/30/1957"]},
        cut=20,
    )
    detect.run(case, Silent())
    assert case.rows("select count(*) from identity") == [(62,)]
    assert case.rows("select birth_date::text from identity order by record_id limit 1 offset 1") == [
        ("1951-02-02",)
    ]
    third = case.rows("select birth_date::text from identity order by record_id limit 1 offset 2")
    assert third == [("1952-03-03",)]
    assert case.rows("select birth_date::text from identity where record_id = ?", ((1 << 36) + 12,)) == [
        ("1962-01-02",)
    ]


def test_the_same_row_twice_has_the_same_prints(case):
    give(
        case, 1, "a.csv", {"nom": ["GARNIER", "PETIT", "GARNIER"], "tel": ["0639980123", None, "0639980123"]}
    )
    give(case, 2, "b.csv", {"tel": ["0639980123"], "nom": ["GARNIER"]})
    detect.run(case, Silent())
    prints = case.rows("select print_lo, print_hi from record order by record_id")
    assert prints[0] == prints[2] == prints[3] != prints[1]


def test_evidence_without_rows_is_passed_over(case):
    give(case, 1, "empty.csv", {"nom": []})
    detect.run(case, Silent())
    assert findings(case) == []


def test_progress_reaches_its_end(case):
    give(case, 1, "p.csv", PEOPLE)
    give(case, 2, "q.csv", {"email": ["a@example.org"]})
    steps = []

    class Watcher:
        def step(self, label, done, total=None):
            steps.append((label, done, total))

    detect.run(case, Watcher())
    assert steps[-1] == ("detect", 12, 12)
    assert [done for _, done, _ in steps] == sorted(done for _, done, _ in steps)
    detect.run(case, Watcher())
    assert steps[-1] == ("detect", 12, 12)


def test_it_is_undone_whole_when_interrupted(case):
    give(case, 1, "p.csv", PEOPLE)

    class Stop:
        def step(self, _label, done, _total=None):
            if done > 5:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        detect.run(case, Stop())
    assert case.rows("select count(*) from record") == [(0,)]
    detect.run(case, Silent())
    assert case.rows("select count(*) from record") == [(5,)]
