"""Closing a case: it asks for open duties first, and leaves a register entry and a proof under a key of its own."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from pathlib import Path

import pyrage
import pytest

import factories

sys.path.insert(0, str(Path(__file__).parent))
from letters_made import FACTS

HERE = Path(__file__).parent
SETS = [part for fact, value in FACTS.items() for part in ("--set", f"{fact}={value}")]
WHY = ("--why", "decided in the crisis cell")


@pytest.fixture
def server(tmp_path):
    log = tmp_path / "taken.txt"
    process = subprocess.Popen(
        [sys.executable, HERE / "smtp_server.py", log], stdout=subprocess.PIPE, text=True
    )
    yield int(process.stdout.readline())
    process.kill()
    process.communicate()


@pytest.fixture
def case(hemostat, tmp_path):
    """Eight people whose letters are made: none is minor, all have a mailbox."""
    folder, leak = tmp_path / "affaire", tmp_path / "evidence" / "fichier.csv"
    leak.parent.mkdir()
    leak.write_text(
        factories.csv_text([row[:-1] for row in factories.people(8)], factories.HEADINGS[:-1]), "utf-8"
    )
    assert hemostat("respond", leak, "--case", folder, "--aware", "2025-11-28T15:20+01:00")[0] == 0
    assert hemostat("notify", folder, "letters", *SETS)[0] == 0
    return folder


def relay(port):
    to = ("--smtp", f"127.0.0.1:{port}", "--smtp-tls", "none", "--from", "dpo@example.org")
    return (*to, "--domain-checked", "read on 8 December")


def test_open_duties_are_named_one_by_one_until_they_are_done(hemostat, tmp_path, case, server):
    assert hemostat("decide", case, "hold", "yes", "--why", "the prosecutor of Rennes")[0] == 0
    code, _, err = hemostat("close", case)
    assert code == 6
    for words in ("the prosecutor of Rennes", "8 letters are not sent", "The authority is not notified"):
        assert words in err
    assert hemostat("notify", case, "send", *relay(server))[0] == 0
    assert hemostat("decide", case, "hold", "no", *WHY)[0] == 0
    code, _, err = hemostat("close", case)
    assert (code, "letters" in err, "hold" in err) == (6, False, False)
    decided = ("--set", "decision_33=not notified", *WHY)
    assert hemostat("notify", case, "register", *decided, "--out", tmp_path / "out")[0] == 0
    code, out, _ = hemostat("close", case)
    assert (code, "Case closed" in out) == (0, True)


def test_a_reason_closes_and_what_the_law_keeps_stays(hemostat, tmp_path, case, server):
    assert hemostat("notify", case, "send", *relay(server))[0] == 0
    code, out, _ = hemostat("close", case, "--reason", "handed to the host")
    assert code == 0
    assert not (case / "outbox.sqlite").exists()
    assert {path.name for path in case.iterdir()} >= {"closed.json", "register", "report", "proof.csv.age"}
    closed = json.loads((case / "closed.json").read_text("utf-8"))
    assert closed["open_duties"] == ["the authority is not notified."]
    entry = json.loads((case / "register" / "registre.jsonl").read_text("utf-8"))["entry"]
    assert entry["persons"]["best"] == 8
    key = next((tmp_path / "keys").glob("*.proof.txt"))
    assert str(key) in out
    assert key.stat().st_mode & 0o077 == 0
    sealed = (case / "proof.csv.age").read_bytes()
    text = pyrage.decrypt(sealed, [pyrage.x25519.Identity.from_str(key.read_text("utf-8").strip())]).decode()
    rows = list(csv.DictReader(text.splitlines()))
    assert len(rows) == 8
    assert {row["channel"] for row in rows} == {"email"}
    assert all(row["name"] and "@" in row["contact"] and len(row["wording_sha256"]) == 64 for row in rows)
    assert all(row["sent_at"][0] == "2" and row["state"] == "accepted" for row in rows)


def test_the_proof_may_be_for_a_custodian(hemostat, tmp_path, case, server):
    assert hemostat("notify", case, "send", *relay(server))[0] == 0
    assert hemostat("close", case, "--reason", "x", "--proof-for", "nobody")[0] == 2
    custodian = pyrage.x25519.Identity.generate()
    assert hemostat("close", case, "--reason", "x", "--proof-for", custodian.to_public())[0] == 0
    assert not list((tmp_path / "keys").glob("*.proof.txt"))
    assert b"@" in pyrage.decrypt((case / "proof.csv.age").read_bytes(), [custodian])


def test_people_at_high_risk_who_are_not_told_are_an_open_duty(hemostat, tmp_path):
    leak = factories.leak(tmp_path / "evidence", 8)
    case = tmp_path / "affaire"
    assert hemostat("respond", leak, "--case", case)[0] == 0
    code, _, err = hemostat("close", case)
    assert (code, "People at high risk are not told" in err) == (6, True)
    decided = ("--set", "decision_34=public notice", *WHY)
    assert hemostat("notify", case, "register", *decided, "--out", tmp_path / "out")[0] == 0
    assert hemostat("close", case)[0] == 0
    assert not (case / "proof.csv.age").exists()


def test_a_case_without_evidence_closes(hemostat, tmp_path):
    case = tmp_path / "affaire"
    assert hemostat("open", case, "--signal", "2025-11-28T09:00+01:00")[0] == 0
    code, out, _ = hemostat("close", case)
    assert (code, "The register entry stays" in out) == (0, True)
