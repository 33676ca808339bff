"""``notify DIR …`` from the command line, on cases with and without evidence."""

from __future__ import annotations

import json

import pytest

import factories

HUMAN = (
    "siren=552100554",
    "organisme=Clinique fictive des Rochers",
    "contact=Mme Anne Exemple, dpo@example.org",
    "dpo=Oui, dpo@example.org",
    "descriptif=Un compte usurpé a extrait le fichier.",
    "mesures_apres=Compte fermé le 28/11/2025.",
    "retard=Le premier signal était faux.",
)


@pytest.fixture
def empty(hemostat, tmp_path):
    """A case without any evidence."""
    case = tmp_path / "affaire"
    code, *_ = hemostat(
        "open", case, "--signal", "2025-11-28T09:00+01:00", "--controller", "Clinique des Rochers"
    )
    assert code == 0
    return case


def sets(answers):
    return [part for answer in answers for part in ("--set", answer)]


def test_clocks_of_a_case_without_evidence(hemostat, empty):
    code, out, _ = hemostat(
        "notify", empty, "clock", "--set", "aware_at=2025-11-28T15:20+01:00", "--why", "compared"
    )
    assert code == 0
    assert "Notification to the authority: LATE by" in out
    assert "01/12/2025 15:20 +0100" in out
    assert "aware_at: 28/11/2025 15:20 +0100  compared" in out
    code, _, err = hemostat("notify", empty, "clock", "--set", "aware_at=2025-11-28T15:20+01:00")
    assert (code, "why" in err) == (2, True)
    assert hemostat("notify", empty, "clock", "--set", "aware_at")[0] == 2
    assert hemostat("notify", empty, "clock", "--timezone", "Mars/Olympus")[0] == 2
    assert "Délais" in hemostat("--lang", "fr", "notify", "--help")[1]


def test_a_notice_is_refused_until_it_holds_what_the_law_asks(hemostat, empty):
    hemostat("notify", empty, "clock", "--set", "aware_at=2025-11-28T15:20+01:00", "--why", "compared")
    code, out, err = hemostat("notify", empty, "notice")
    assert code == 6
    assert not out
    for name in ("siren", "contact", "dpo", "descriptif", "mesures_apres", "retard"):
        assert name in err
    code, out, _ = hemostat("notify", empty, "notice", *sets(HUMAN), "--sent", "2025-12-01T10:00+01:00")
    assert code == 0
    folder = empty / "notify" / "notice"
    assert json.loads((folder / "notification.json").read_text("utf-8"))["version"] == 1
    assert "Non connu à ce jour" in (folder / "notification.html").read_text("utf-8")
    code, *_ = hemostat("notify", empty, "notice", "--set", "causes=inconnu", "--why", "journaux relus")
    assert code == 0
    again = json.loads((folder / "notification.json").read_text("utf-8"))
    assert [one["id"] for one in again["differences"]] == ["causes"]


def test_a_leak_fills_the_notice_and_severity_is_decided(hemostat, tmp_path):
    leak = factories.leak(tmp_path / "evidence", 60)
    case = tmp_path / "affaire"
    assert hemostat("respond", leak, "--case", case, "--aware", "2025-11-28T15:20+01:00")[0] == 0
    assert hemostat("notify", case, "notice", *sets(HUMAN))[0] == 0
    made = json.loads((case / "notify" / "notice" / "notification.json").read_text("utf-8"))
    held = {field["id"]: field for section in made["sections"] for field in section["fields"]}
    assert held["nb_personnes"]["values"] == ["60"]
    assert held["gravite"]["values"] == ["Important"]
    assert "NIR (numéro de sécurité sociale)" in held["donnees"]["values"]
    code, out, _ = hemostat(
        "decide", case, "severity", "level:health_record", "maximal", "--why", "a known stalker"
    )
    assert (code, "Decision 1" in out) == (0, True)
    assert hemostat("notify", case, "notice")[0] == 0
    made = json.loads((case / "notify" / "notice" / "notification.json").read_text("utf-8"))
    held = {field["id"]: field for section in made["sections"] for field in section["fields"]}
    assert held["gravite"]["values"] == ["Maximal"]
    assert "a known stalker" in held["gravite"]["note"]
