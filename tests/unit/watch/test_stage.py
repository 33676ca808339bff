"""From a log and a choice of accounts to people, exposures and a ledger that adds up; by the command line."""

from __future__ import annotations

import csv
import json
from datetime import datetime, timedelta

import polars as pl
import pytest

PATIENTS = (
    ("P1", "BELLORGET", "Odette", "14/02/1950", "odette.bellorget@example.org", "0639980101"),
    ("P2", "BELLORGET", "Odette", "14/02/1950", "", "0639980102"),
    ("P3", "CANDILLAC", "Marcel", "01/03/1961", "", ""),
    ("P4", "DURANDEAU", "Inès", "30/11/1988", "ines.durandeau@example.net", ""),
    *(
        (f"P{n}", "GRANVALLET", f"Moussa{'abcdefghij'[n % 10]}", f"{n % 28 + 1:02d}/07/1970", "", "")
        for n in range(5, 40)
    ),
)
START, END = "2025-11-10T19:00:00+01:00", "2025-11-10T23:00:00+01:00"
PARTS = ("records", "quarantined", "blank", "header", "out_of_scope", "unexplained")


@pytest.fixture
def place(tmp_path):
    folder = tmp_path / "evidence"
    folder.mkdir()
    (tmp_path / "out").mkdir()
    with (folder / "patients.csv").open("w", newline="") as out:
        writer = csv.writer(out, delimiter=";")
        writer.writerows([("ipp", "nom naissance", "prenoms", "ddn", "email", "tel"), *PATIENTS])
    return folder


@pytest.fixture
def answer(hemostat, tmp_path, place):
    """Responds to a log; gives the ledger and the exports asked for."""

    def run(log, *options, patients=True, code=0, leak=(), name="access.jsonl"):
        text = log if isinstance(log, str) else "".join(json.dumps(row) + "\n" for row in log)
        (place / name).write_text(text, "utf-8")
        given = ["--patients", place / "patients.csv"] if patients else []
        case = ["--case", tmp_path / "case"]
        done, said, wrong = hemostat(
            "--quiet", "respond", *leak, "--log", place / name, *given, *case, *options
        )
        assert done == code, wrong
        return said + wrong

    return run


@pytest.fixture
def export(hemostat, tmp_path):
    def run(what):
        out = tmp_path / "out" / (f"{what}.json" if what == "ledger" else f"{what}.parquet")
        done, _, wrong = hemostat("--quiet", "export", tmp_path / "case", what, out)
        assert done == 0, wrong
        return json.loads(out.read_text()) if what == "ledger" else pl.read_parquet(out)

    return run


def access(minute, patient, account="dr.x", **more):
    t = (datetime.fromisoformat(START) + timedelta(minutes=minute)).isoformat()
    return {
        "t": t,
        "account": account,
        "patient": patient,
        "action": "open",
        "object_type": "biologie",
    } | more


CHOICE = ("--accounts", "dr.x", "--from", START, "--to", END)
EVENING = [
    access(-30, "P9"),
    access(10, "P1"),
    access(11, "P1", object_type="ordonnance"),
    access(12, "P2", action="search", object_type="patient_list"),
    access(13, "P3", status="403"),
    access(14, "P4", account="dr.y"),
    access(15, "P4"),
    access(16, None, action="login"),
    access(300, "P9"),
]


def patients_of(export):
    return set(export("persons")["patient_id"])


def test_those_whom_the_account_saw_in_the_window_and_nobody_else(answer, export):
    answer(EVENING, *CHOICE)
    assert patients_of(export) == {"P1", "P2", "P4"}
    persons = export("persons").rows_by_key("patient_id", named=True, unique=True)
    assert (persons["P1"]["birth_name"], persons["P1"]["emails"]) == (
        "BELLORGET",
        ["odette.bellorget@example.org"],
    )
    ledger = export("ledger")
    log = next(one for one in ledger["evidence"] if one["role"] == "log")
    assert (log["units_in"], log["records"], log["out_of_scope"]) == (9, 4, 5)
    for line in ledger["evidence"]:
        assert line["units_in"] == sum(line[part] for part in PARTS)
    records = ledger["records"]
    assert records["in"] == records["kept"] + records["exact_duplicates"] == 4
    people = ledger["persons"]
    assert [people[key] for key in ("low", "best", "high", "certain_only", "all_possible", "ceiling")] == [
        3
    ] * 6


def test_namesakes_born_the_same_day_stay_two_people(answer, export):
    answer([access(1, "P1"), access(2, "P2")], *CHOICE)
    assert patients_of(export) == {"P1", "P2"}


def test_a_list_shows_less_and_nothing_is_shown_that_the_file_does_not_hold(answer, export):
    answer(EVENING, *CHOICE)
    ids = export("persons").select("person_id", "patient_id")
    shown = export("exposures").join(ids, on="person_id")
    of = {patient: set(rows["category"]) for (patient,), rows in shown.group_by("patient_id")}
    banner = {"birth_name", "first_name", "birth_date"}
    assert of["P1"] == banner | {"test_result", "prescription", "treatment"}
    assert of["P2"] == banner | {"phone"}
    assert of["P4"] == banner | {"test_result"}


def test_three_lists_with_the_place_of_each_entry(answer, export):
    answer([*EVENING, access(20, "P7", t="some evening")], *CHOICE)
    found = export("accesses")
    assert set(found.select("list", "patient", "line").rows()) == {
        ("seen", "P1", 2), ("seen", "P1", 3), ("listed", "P2", 4), ("seen", "P4", 7), ("possible", "P7", 10),
    }  # fmt: skip
    assert "P7" not in patients_of(export)


def test_a_request_noted_by_client_and_server_counts_once(answer, export):
    both = [
        access(5, "P1", request_id="r-1", object_type="identite"),
        access(6, "P1", request_id="r-1", account="dr.x", object_type="biologie"),
        access(7, "P2", request_id="r-1"),
        access(200, "P1", request_id="r-1"),
    ]
    answer(both, *CHOICE)
    shown = export("exposures").filter(pl.col("category") == "test_result")
    assert sorted(shown["records"]) == [1, 2]
    assert export("accesses").height == 3


def test_an_entry_equal_to_the_letter_is_an_exact_duplicate(answer, export):
    answer([access(5, "P1"), access(5, "P1"), access(6, "P1")], *CHOICE)
    records = export("ledger")["records"]
    assert (records["in"], records["kept"], records["exact_duplicates"]) == (3, 2, 1)


def test_without_a_patient_file_people_are_their_identifiers(answer, export):
    answer([access(1, "P1"), access(2, "P2"), access(3, "P1")], *CHOICE, patients=False)
    people = export("ledger")["persons"]
    assert (people["best"], people["low"], people["high"]) == (2, 2, 2)
    assert set(export("persons")["records"]) == {1, 2}


def test_unreadable_entries_and_uncounted_exports_raise_the_ceiling(answer, export):
    log = "".join(
        json.dumps(row) + "\n" for row in [access(1, "P1"), access(2, None, action="export", n_records=50)]
    )
    said = answer(log + '{"t": "2025-11-\n', *CHOICE)
    people = export("ledger")["persons"]
    assert (people["best"], people["ceiling"]) == (1, 1 + 50 + 1)
    assert "At least" in said


def test_several_patients_of_one_entry(answer, export):
    answer([access(1, ["P1", "P2", "P3"], action="search"), access(2, "P1")], *CHOICE)
    assert patients_of(export) == {"P1", "P2", "P3"}
    ledger = export("ledger")
    log = next(one for one in ledger["evidence"] if one["role"] == "log")
    assert log["records"] == ledger["records"]["in"] == ledger["records"]["kept"] == 2


def test_naive_times_need_a_zone(answer, export):
    naive = [access(1, "P1", t="2025-11-10 19:01:00")]
    said = answer(naive, *CHOICE, code=2)
    assert "--timezone" in said
    answer(naive, *CHOICE, "--timezone", "Europe/Paris")
    assert patients_of(export) == {"P1"}


@pytest.mark.parametrize(
    "options",
    [
        ("--accounts", "nobody.here"),
        ("--from", START),
        ("--accounts", "dr.x", "--from", "2025-11-10T19:00"),
        ("--accounts", "dr.x=2025-11-10T19:00/"),
        ("--accounts", "dr.x", "--from", END, "--to", START),
        ("--timezone", "Mars/Olympus"),
    ],
    ids=["unknown", "no account", "naive", "naive own", "backwards", "zone"],
)
def test_a_choice_that_makes_no_sense_is_refused(answer, options):
    answer(EVENING, *options, code=2)


def test_a_wrong_mapping_file_is_a_wrong_rule(answer, place):
    (place / "map.toml").write_text("[fields]\nwho = 'x'\n")
    assert "fields.who" in answer(EVENING, *CHOICE, "--log-map", place / "map.toml", code=5)


def test_a_log_without_usual_names_needs_a_mapping(answer, export, place):
    log = [{"q": START, "zz": "dr.x", "pp": "P1"}]
    assert "--log-map" in answer(log, *CHOICE, code=2)
    (place / "map.toml").write_text("[fields]\nt = 'q'\naccount = 'zz'\npatient = 'pp'\n")
    answer(log, *CHOICE, "--log-map", place / "map.toml")
    assert patients_of(export) == {"P1"}


def test_a_new_choice_replaces_the_last_and_people_keep_their_ids(answer, export):
    answer(EVENING, *CHOICE)
    before = dict(export("persons").select("patient_id", "person_id").iter_rows())
    answer(EVENING, "--accounts", "dr.x,Practitioner/DR.Y")
    assert patients_of(export) == set(before)  # the window stays as it was said
    answer(EVENING, "--from", "2025-11-10T00:00+01:00", "--to", "2025-11-11T12:00+01:00")
    after = dict(export("persons").select("patient_id", "person_id").iter_rows())
    assert set(after) == {"P1", "P2", "P4", "P9"}
    assert {patient: after[patient] for patient in before} == before
    answer(EVENING, "--accounts", f"dr.x={START}/{END},dr.y")
    assert patients_of(export) == {"P1", "P2", "P4"}


def test_without_a_choice_nobody_is_exposed_and_accounts_are_ranked(answer, export):
    quiet = [
        access(day * 1440 - 80 * 1440 + n, f"P{5 + (day + n) % 30}", account="dr.calm", ip="192.0.2.1")
        for day in range(80)
        for n in range(3)
    ]
    sleeper = [access(-80 * 1440, "P5", ip="192.0.2.2")]
    evening = [access(n, f"P{n % 35 + 1}", ip="203.0.113.9") for n in range(70)]
    said = answer(quiet + sleeper + evening)
    assert "80 days of silence" in said
    assert export("persons").height == 0
    assert export("ledger")["persons"]["best"] is None
    ranked = export("accounts")
    assert ranked["account"].to_list() == ["dr.x", "dr.calm"]
    assert {"woke", "address"} <= set(ranked["facts"][0])
    assert ranked["facts"][1].to_list() == []


def test_a_person_of_a_dump_and_a_patient_of_a_log_are_one(answer, export, place):
    leak = place / "leak.csv"
    rows = [
        ("nom", "prenom", "date_naissance", "email", "num_secu"),
        ("DURANDEAU", "Inès", "30/11/1988", "ines.durandeau@example.net", ""),
    ]
    leak.write_text("\n".join(";".join(row) for row in rows) + "\n", "utf-8")
    answer([access(1, "P4"), access(2, "P1")], *CHOICE, leak=(leak,))
    persons = export("persons").rows_by_key("patient_id", named=True, unique=True)
    assert set(persons) == {"P4", "P1"}
    assert persons["P4"]["records"] == 2
    found = export("exposures").filter(pl.col("person_id") == persons["P4"]["person_id"])
    assert found["evidence"].n_unique() == 2


def test_an_identifier_of_two_patients_is_neither(answer, export, place):
    with (place / "patients.csv").open("a") as out:
        out.write("P1;ESPINOUZE;Leïla;02/02/1999;;\n")
    answer([access(1, "P1")], *CHOICE)
    (person,) = export("persons").rows(named=True)
    assert (person["patient_id"], person["birth_name"]) == (None, None)


def test_audit_events_of_both_releases_in_one_log(answer, export):
    def event(patient, minute, **more):
        t = access(minute, patient)["t"]
        agent = [{"who": {"identifier": {"value": "dr.x"}}, "requestor": True}]
        entity = [{"what": {"reference": f"Patient/{patient}"}, "role": {"code": "1"}}]
        return {
            "resourceType": "AuditEvent",
            "recorded": t,
            "outcome": "0",
            "action": "R",
            "agent": agent,
            "entity": entity,
        } | more

    log = [
        event("P1", 1),
        event("P2", 2, outcome={"code": {"code": "0"}}, category=[{"coding": [{"code": "rest"}]}]),
        event("P3", 3, outcome="8"),
        event("P4", 500),
    ]
    answer(log, *CHOICE, name="audit.ndjson")
    assert patients_of(export) == {"P1", "P2"}
    line = next(one for one in export("ledger")["evidence"] if one["role"] == "log")
    assert (line["kind"], line["records"], line["out_of_scope"]) == ("fhir-auditevent", 2, 2)


def test_a_web_log_with_its_accounts(answer, export):
    line = '192.0.2.1 - dr.x [10/Nov/2025:19:{:02d}:00 +0100] "GET {} HTTP/1.1" {} 9 "-" "M"\n'
    requests = [
        ("/patients/P1/biologie", 200),
        ("/patients/P2", 404),
        ("/static/a.js", 200),
        ("/dossiers/P3", 200),
    ]
    answer("".join(line.format(n, *one) for n, one in enumerate(requests)), *CHOICE, name="access.log")
    assert patients_of(export) == {"P1", "P3"}
