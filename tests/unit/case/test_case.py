"""A case: who may open it, what it shows to others, what its journal proves."""

import json
import subprocess
import sys

import pyarrow as pa
import pyrage
import pytest

from factories import PLANTED
from hemostat import model
from hemostat.case import Case, Opening, claim, claim_event, close, decide, recover
from hemostat.case import migrate as migration
from hemostat.case.sealed import CHUNK
from hemostat.errors import CaseError, UsageError


@pytest.fixture
def opening(tmp_path):
    return Opening(tmp_path / "keys" / "k")


def test_what_is_kept_comes_back_and_is_not_in_clear(tmp_path, opening):
    secret = list(PLANTED) * 50_000
    with Case.create(tmp_path / "c", opening) as case:
        case.stage("cells", pa.table({"x": secret}))
        with case.transaction():
            case.append("identity", pa.table({"record_id": range(len(secret)), "used_name": secret}))
    everything = b"".join(p.read_bytes() for p in (tmp_path / "c").rglob("*") if p.is_file())
    assert not [v for v in PLANTED if v.encode() in everything]
    with Case.open(tmp_path / "c", opening) as case:
        assert case.staged("cells")["x"].to_pylist() == secret
        assert case.rows("select count(distinct used_name) from identity") == [(len(PLANTED),)]
        assert case.rows("select count(*) from identity") == [(len(secret),)]
        assert len(case.query("select i.* from identity i").column_names) > 5


def test_spill_files_are_encrypted(tmp_path, opening, monkeypatch):
    """A sort that does not fit in memory goes to the case's own folder, and nothing readable reaches the disk."""
    monkeypatch.setattr("hemostat.case.database.MEMORY", "60MB")
    with Case.create(tmp_path / "c", opening) as case:
        case.execute(
            "create temp table big as select 'QUENOUILLARD' || (hash(i) % 1000000) as x from range(3000000) t(i)"
        )
        case._db.execute("begin")
        reader = case._db.execute("select x, row_number() over (order by x) from big").to_arrow_reader(1024)
        reader.read_next_batch()
        spilled = [p for p in case.tmp.rglob("*") if p.is_file() and p.stat().st_size > 0]
        held = b"".join(p.read_bytes()[: 1 << 24] for p in spilled)
        reader.close()
    assert spilled, "nothing was spilled: the test shows nothing"
    assert b"QUENOUILLARD" not in held


def test_unfinished_work_is_undone(tmp_path, opening):
    with Case.create(tmp_path / "c", opening) as case:
        with pytest.raises(RuntimeError), case.transaction():  # noqa: PT012 - what happens inside is the point
            case.append("record_key", pa.table({"record_id": [1]}))
            with case.transaction():
                case.journal("x")
            raise RuntimeError
        assert case.rows("select count(*) from record_key") == [(0,)]
        assert case.rows("select count(*) from journal where action = 'x'") == [(0,)]


def test_wrong_key_missing_key_short_key(tmp_path, opening):
    with Case.create(tmp_path / "c", opening):
        pass
    (tmp_path / "keys" / "other").write_bytes(b"o" * 40)
    (tmp_path / "keys" / "short").write_bytes(b"o")
    for name in ("other", "short", "absent"):
        with pytest.raises(CaseError):
            Case.open(tmp_path / "c", Opening(tmp_path / "keys" / name))


def test_one_writer_and_a_dead_one_is_no_bar(tmp_path, opening):
    with Case.create(tmp_path / "c", opening), pytest.raises(CaseError, match="in use"):
        Case.open(tmp_path / "c", opening)
    code = (
        "import os, sys; from pathlib import Path; from hemostat.case import Case, Opening\n"
        "case = Case.open(Path(sys.argv[1]), Opening(Path(sys.argv[2])))\n"
        "case.execute('begin'); case.journal('half'); os.kill(os.getpid(), 9)"
    )
    killed = subprocess.run([sys.executable, "-c", code, tmp_path / "c", opening.key_file], check=False)
    assert killed.returncode == -9
    with Case.open(tmp_path / "c", opening) as case:
        assert case.rows("select count(*) from journal where action = 'half'") == [(0,)]


def test_newer_format_is_refused(tmp_path, opening):
    with Case.create(tmp_path / "c", opening):
        pass
    head = json.loads((tmp_path / "c" / "case.json").read_text())
    (tmp_path / "c" / "case.json").write_text(json.dumps(head | {"format": head["format"] + 1}))
    with pytest.raises(CaseError, match="newer"):
        Case.open(tmp_path / "c", opening)


def test_older_format_is_migrated_on_a_copy(tmp_path, opening, monkeypatch):
    with Case.create(tmp_path / "c", opening) as case:
        old = case.rows("select count(*) from category")
    monkeypatch.setattr(migration, "FORMAT", 2)
    monkeypatch.setattr("hemostat.case.store.FORMAT", 2)
    monkeypatch.setitem(migration.MIGRATIONS, 1, "alter table claim add column currency text")
    with Case.open(tmp_path / "c", opening) as case:
        assert case.rows("select currency from claim") == []
        assert case.rows("select count(*) from category") == old
    assert (tmp_path / "c" / "case.format-1.duckdb").is_file()
    with Case.open(tmp_path / "c", opening):
        pass


def test_a_folder_with_other_things_is_not_taken(tmp_path, opening):
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "thesis.txt").write_text("mine")
    with pytest.raises(UsageError):
        Case.create(tmp_path / "c", opening)
    assert [p.name for p in (tmp_path / "c").iterdir()] == ["thesis.txt"]


def test_journal_shows_tampering(tmp_path, opening):
    with Case.create(tmp_path / "c", opening) as case:
        decide(case, "column", "a\x1fb", "nir", "seen by eye")
        case.journal("third")
        head = case.journal_head()
        assert head == case.rows("select hash from journal order by seq desc limit 1")[0][0]
        case.execute("update journal set detail = '{}' where seq = 2")
        with pytest.raises(CaseError, match="entry 2"):
            case.journal_head()


def test_second_custodian_recovers_the_key(tmp_path, opening):
    identity = pyrage.x25519.Identity.generate()
    both = Opening(opening.key_file, str(identity.to_public()), recovery_passphrase=True)
    with Case.create(tmp_path / "c", both) as case:
        words = case.passphrase
        case.set_setting("controller", "Clinique des Lices")
    opening.key_file.unlink()
    copies = [p.read_bytes() for p in sorted((tmp_path / "c").glob("recovery*.age"))]
    on_paper = words.upper().replace("-", " ").replace("0", "O").replace("1", "l")
    for secret in (words, on_paper, str(identity)):
        (tmp_path / "keys" / "again").write_bytes(recover(copies, secret, Case.id_of(tmp_path / "c")))
        with Case.open(tmp_path / "c", Opening(tmp_path / "keys" / "again")) as case:
            assert case.setting("controller") == "Clinique des Lices"
    with pytest.raises(CaseError):
        recover(copies, "0000-0000-0000-0000")
    with Case.open(tmp_path / "c", Opening(tmp_path / "keys" / "again")) as case:
        closing = close(case, None)
    assert [place for kind, place in closing.remains if kind == "key"] == []
    assert not (tmp_path / "keys" / "again").exists(), "a key made again for this case goes with it"


def test_claims_count_once_and_keep_their_history(tmp_path, opening):
    with Case.create(tmp_path / "c", opening) as case:
        first = claim(case, 320_000, "persons", "a forum", "2025-12-02T10:00+01:00")
        assert claim(case, 320_000, "persons", "a forum", "2025-12-03T10:00+01:00") == first
        claim_event(case, first, "sample-shown", "100 rows", "2025-12-04T10:00+01:00")
        with pytest.raises(UsageError):
            claim_event(case, 99, "published", "", "2025-12-04T10:00+01:00")
        assert case.rows("select count(*) from claim") == [(1,)]
        assert case.rows("select kind, note from claim_event") == [("sample-shown", "100 rows")]


def test_closing_destroys_and_lists(tmp_path, opening):
    with Case.create(tmp_path / "c", Opening(opening.key_file, recovery_passphrase=True)) as case:
        case.stage("cells", pa.table({"x": ["y"]}))
        case.execute("insert into export values ('now', 'persons', '/elsewhere/p.csv', 'aa', 'me')")
        (case.path / "report").mkdir()
        (case.path / "report" / "report.html").write_text("kept")
        closing = close(case, "the end")
    assert not opening.key_file.exists()
    assert sorted(p.name for p in (tmp_path / "c").iterdir()) == ["closed.json", "report"]
    assert ("export", "/elsewhere/p.csv") in closing.remains
    left = json.loads((tmp_path / "c" / "closed.json").read_text())
    assert left["reason"] == "the end"
    assert {"kind": "export", "place": "/elsewhere/p.csv"} in left["remains"]
    with pytest.raises(CaseError, match="closed"):
        Case.open(tmp_path / "c", opening)


def test_a_key_that_serves_elsewhere_is_not_destroyed(tmp_path):
    shared = tmp_path / "keys" / "shared"
    shared.parent.mkdir()
    shared.write_bytes(b"s" * 64)
    with Case.create(tmp_path / "c", Opening(shared)) as case:
        closing = close(case, None)
    assert shared.read_bytes() == b"s" * 64
    assert ("key", str(shared)) in closing.remains


TABLES = {
    "record": model.Record,
    "finding": model.Finding,
    "person": model.Person,
    "exposure": model.Exposure,
    "identity": model.Traits,
    "claim": model.Claim,
    "decision": model.Decision,
    "journal": model.JournalEntry,
}


@pytest.mark.parametrize(("table", "noun"), TABLES.items(), ids=TABLES)
def test_schema_and_model_agree(tmp_path, opening, table, noun):
    with Case.create(tmp_path / "c", opening) as case:
        columns = [row[1] for row in case.rows(f"pragma table_info('{table}')")]
    assert [c for c in columns if c != "run_id"] == list(noun.__dataclass_fields__)


def test_some_columns_of_a_large_table_are_those_of_the_whole(tmp_path, opening):
    rows = 400_000
    table = pa.table(
        {
            "number": pa.array(range(rows), pa.int64()),
            "name": pa.array([f"{n * 2654435761 % 2**32:08x}" for n in range(rows)]),
            "other": pa.array([n % 7 for n in range(rows)], pa.int32()),
        }
    )
    with Case.create(tmp_path / "c", opening) as case:
        case.stage("cells", table)
        assert (tmp_path / "c" / "staged" / "cells").stat().st_size > 4 * CHUNK
        assert case.staged("cells", ("other", "name")).equals(table.select(["name", "other"]))
        assert case.staged_columns("cells") == table.column_names
