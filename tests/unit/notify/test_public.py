"""The register, public texts and the complaint: figures from the ledger, no person's data, a chain that holds."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path

import pytest

import factories

sys.path.insert(0, str(Path(__file__).parent))
from letters_made import FACTS

from hemostat.errors import CaseError
from hemostat.notify.register import check

SETS = [part for name, value in FACTS.items() for part in ("--set", f"{name}={value}")]


@pytest.fixture
def case(hemostat, tmp_path):
    folder = tmp_path / "affaire"
    leak = factories.leak(tmp_path / "evidence", 40)
    arguments = (
        "--claim",
        320000,
        "--claim-unit",
        "persons",
        "--claimed-by",
        "DumpSec",
        "--controller",
        "Les Rochers",
    )
    assert (
        hemostat("respond", leak, "--case", folder, "--aware", "2025-11-28T15:20+01:00", *arguments)[0] == 0
    )
    return folder


def test_the_register_keeps_every_state_once_and_is_chained(hemostat, case, tmp_path):
    place = tmp_path / "registre"
    assert hemostat("notify", case, "register", "--out", place)[0] == 0
    assert hemostat("notify", case, "register", "--out", place)[0] == 0
    lines = (place / "registre.jsonl").read_text("utf-8").splitlines()
    assert len(lines) == 1
    first = json.loads(lines[0])["entry"]
    assert (first["persons"]["best"], first["nir"], first["special_categories"]) == (40, True, True)
    assert first["decision_33"] is None
    assert hemostat("notify", case, "register", "--set", "decision_33=notified", "--out", place)[0] == 2
    told = ("--set", "decision_33=notified", "--why", "high risk")
    assert hemostat("notify", case, "register", *told, "--out", place)[0] == 0
    entries = [json.loads(line) for line in (place / "registre.jsonl").read_text("utf-8").splitlines()]
    assert entries[1]["entry"]["decision_33"]["why"] == "high risk"
    assert entries[1]["previous"] == entries[0]["hash"]
    check(entries)
    rows = list(csv.DictReader((place / "registre.csv").read_text("utf-8").splitlines()))
    assert [row["seq"] for row in rows] == ["1", "2"]
    entries[0]["entry"]["nir"] = False
    with pytest.raises(CaseError):
        check(entries)
    (place / "registre.jsonl").write_text("".join(json.dumps(one) + "\n" for one in entries), "utf-8")
    assert hemostat("notify", case, "register", "--out", place)[0] == 4


def test_two_cases_share_one_register(hemostat, case, tmp_path):
    place = tmp_path / "registre"
    other = tmp_path / "autre"
    assert hemostat("open", other, "--signal", "2025-11-28T09:00+01:00")[0] == 0
    assert hemostat("notify", case, "register", "--out", place)[0] == 0
    assert hemostat("notify", other, "register", "--out", place)[0] == 0
    entries = [json.loads(line) for line in (place / "registre.jsonl").read_text("utf-8").splitlines()]
    assert len({one["entry"]["id"] for one in entries}) == 2
    assert entries[1]["entry"]["persons"]["best"] is None
    check(entries)


def test_public_texts_say_figures_of_the_ledger_and_no_theme(hemostat, case):
    assert hemostat("notify", case, "public")[0] == 6
    hemostat("notify", case, "letters", *SETS)
    assert hemostat("notify", case, "public")[0] == 0
    texts = {path.name: path.read_text("utf-8") for path in (case / "notify" / "public").iterdir()}
    assert set(texts) == {"communique.txt", "avis_public.txt", "accueil_telephonique.txt"}
    for text in texts.values():
        assert "40 personnes sont concernées" in text
        assert "motif de consultation" not in text.lower()
        assert "320" not in text
    assert "données de votre dossier de santé" in texts["avis_public.txt"]
    assert "verify CODE" in texts["accueil_telephonique.txt"]


def test_a_public_text_that_hedges_is_refused(hemostat, case):
    hemostat("notify", case, "letters", *SETS)
    hemostat(
        "notify", case, "letters", "--set", "what=Des données auraient pu être vues le 26 novembre 2025."
    )
    code, _, err = hemostat("notify", case, "public")
    assert (code, "L07" in err) == (6, True)


def test_the_complaint_holds_facts_moments_hashes_and_the_unverified_claim(hemostat, case):
    hemostat("notify", case, "letters", *SETS)
    assert hemostat("notify", case, "complaint")[0] == 0
    text = (case / "notify" / "complaint" / "plainte.txt").read_text("utf-8")
    assert "DumpSec" in text
    assert "Non vérifiée" in text
    assert "aware_at : 28/11/2025 15:20 +0100" in text
    assert len([word for word in text.split() if len(word) == 64]) == 2
    assert (case / "notify" / "complaint" / "fiche_personne.txt").is_file()
