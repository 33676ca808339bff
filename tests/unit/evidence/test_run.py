"""The stage as a whole: it can be stopped anywhere, and its ledger adds up."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from factories import csv_text, leak, people
from hemostat.case import Case, Opening
from hemostat.evidence import Limits, run, take
from hemostat.evidence.ledger import batch_name

SMALL = Limits(batch_rows=10, block_least=500, block_most=4000)


class StopAfter:
    """A progress that stops the stage, as a user's Ctrl-C does."""

    def __init__(self, steps):
        self.left = steps

    def step(self, label, done, total=None):
        assert label == "read"
        assert 0 <= done <= total
        self.left -= 1
        if self.left < 0:
            raise KeyboardInterrupt


def cells(case):
    found = case.rows("select evidence_id, seq from batch order by 1, 2")
    return {key: case.staged(batch_name(*key)).to_pylist() for key in found}


def facts(case):
    tables = ("evidence", "batch", "quarantine", "container")
    return {name: sorted(case.rows(f"select * from {name}"), key=str) for name in tables}


@pytest.fixture
def evidence(tmp_path, zipped, book):
    folder = tmp_path / "evidence"
    leak(folder, 60)
    text = csv_text(people(30)) + "cut;row\n" + "\n"
    inner = zipped({"w.csv": text})
    (folder / "b.zip").write_bytes(zipped({"x.csv": text, "y.png": b"\x89PNG\r\n\x1a\n", "z.zip": inner}))
    (folder / "c.jsonl").write_text('{"a": 1}\n{"b": 2}\nx\n')
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>{n * 7}</v></c></row>' for n in range(1, 40))
    (folder / "d.xlsx").write_bytes(book(("S", None, rows)))
    pq.write_table(pa.table({"id": range(35)}), folder / "e.parquet")
    return folder


@pytest.mark.parametrize("steps", [0, 1, 2, 5, 9, 14])
def test_stopped_and_taken_up_again_it_gives_the_same(case, tmp_path, evidence, steps):
    take(case, evidence, role="leak")
    with pytest.raises(KeyboardInterrupt):
        run(case, StopAfter(steps), SMALL)
    with pytest.raises(KeyboardInterrupt):
        run(case, StopAfter(0), SMALL)
    run(case, limits=SMALL)
    stopped = (facts(case), cells(case))
    with Case.create(tmp_path / "other", Opening(tmp_path / "keys" / "other")) as other:
        take(other, evidence, role="leak")
        run(other, limits=SMALL)
        assert (facts(other), cells(other)) == stopped


def test_a_kill_between_staging_and_commit_repeats_one_batch(case, evidence, monkeypatch):
    take(case, evidence / "patients.csv", role="leak")
    real, calls = case.stage, []

    def stage(name, table):
        real(name, table)
        calls.append(name)
        if len(calls) == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr(case, "stage", stage)
    with pytest.raises(KeyboardInterrupt):
        run(case, limits=SMALL)
    run(case, limits=SMALL)
    assert [name for name in calls if calls.count(name) > 1] == ["e000001b000002"] * 2
    assert case.rows("select sum(rows), count(distinct seq) = count(*) from batch") == [(60, True)]


def test_run_again_it_changes_nothing(case, evidence):
    take(case, evidence, role="leak")
    run(case)
    before = facts(case)
    run(case)
    assert facts(case) == before


def test_everything_adds_up(ledger, case, evidence):
    lines = ledger(evidence)
    assert {name: line.unexplained for name, line in lines.items()} == dict.fromkeys(lines, 0)
    zipped = str(evidence / "b.zip")
    cut = len(csv_text(people(30)).encode())
    assert [name.removeprefix(zipped) for name in lines if name.startswith(zipped)] == [
        "!x.csv", "!y.png", "!z.zip!w.csv",
    ]  # fmt: skip
    assert lines[f"{zipped}!x.csv"].aside == [
        (f"line 32 (bytes {cut}-{cut + 8})", 32, 8, 1, "too_few_fields")
    ]
    assert case.rows("select name, members, read, quarantined from container order by 1") == [
        (zipped, 3, 2, 1), (f"{zipped}!z.zip", 1, 1, 0),
    ]  # fmt: skip
    assert case.rows("select distinct state from custody") == [("read",)]


def test_records_are_staged_with_their_place(ledger, evidence):
    line = ledger(evidence)[str(evidence / "patients.csv")]
    assert line.batches[0].column_names[:3] == ["_line", "_locator", "nom"]
    assert line.batches[0]["_line"].to_pylist() == list(range(2, 62))
    assert line.batches[0]["_locator"].null_count == 60
