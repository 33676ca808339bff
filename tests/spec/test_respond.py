"""The main job, from a file to the list of people, as a user meets it: screen, exit codes, what is kept."""

import json
import os
import resource
import signal
import subprocess
import sys
import time
import zipfile

import polars as pl
import pytest
import python_calamine

import factories


def ledger(case):
    return json.loads((case / "report" / "summary.json").read_text("utf-8"))


def adds_up(summary):
    """The equations that every ledger must satisfy."""
    for line in summary["evidence"]:
        parts = ("records", "quarantined", "blank", "header", "out_of_scope", "unexplained")
        assert line["units_in"] == sum(line[p] for p in parts), line["name"]
        assert line["unexplained"] == 0, line["name"]
    records = summary["records"]
    assert records["in"] == records["kept"] + records["exact_duplicates"]
    people = summary["persons"]
    if people["best"] is not None:
        assert people["low"] <= people["best"] <= people["high"]
        assert people["ceiling"] is None or people["high"] <= people["ceiling"]
        assert people["all_possible"] <= people["certain_only"]
    return True


@pytest.fixture
def case(tmp_path):
    return tmp_path / "case"


def test_a_csv_becomes_its_people(tmp_path, hemostat, case):
    path = factories.leak(tmp_path / "evidence", 40)
    code, out, err = hemostat("respond", path, "--case", case)
    assert (code, err.count("Traceback")) == (0, 0)
    summary = ledger(case)
    assert adds_up(summary)
    assert summary["persons"]["best"] == 40
    assert summary["records"] == {
        "in": 40,
        "kept": 40,
        "exact_duplicates": 0,
        "quarantined": 0,
        "without_identity": 0,
    }
    assert summary["categories"]["nir"] == {"persons": 40, "records": 40, "valid": 40}
    assert summary["categories"]["password"]["persons"] == 40
    assert "40" in out
    assert (case / "report" / "report.html").is_file()


def test_exports_tell_who_and_what(tmp_path, hemostat, case):
    path = factories.leak(tmp_path / "evidence", 40)
    hemostat("respond", path, "--case", case)
    out = tmp_path / "out"
    out.mkdir()
    for what in ("records", "persons", "exposures", "findings", "quarantine", "review"):
        assert hemostat("export", case, what, out / f"{what}.parquet")[0] == 0
    records = pl.read_parquet(out / "records.parquet")
    assert records.columns[:8] == [
        "record_id",
        "evidence",
        "locator",
        "line",
        "person_id",
        "link",
        "status",
        "standing",
    ]
    assert records["line"].to_list() == list(range(2, 42))
    assert records["person_id"].n_unique() == 40
    assert set(records["status"]) == {"kept"}
    persons = pl.read_parquet(out / "persons.parquet")
    planted = persons.filter(pl.col("used_name") == factories.PLANTED[0]).row(0, named=True)
    assert planted["emails"] == [factories.PLANTED[3]]
    assert str(planted["birth_date"]) == "1990-02-14"
    assert "90" not in planted["nir"]
    assert {"nir", "email", "phone", "birth_date"} <= set(planted["categories"])
    hemostat("export", case, "persons", out / "shown.parquet", "--reveal")
    shown = pl.read_parquet(out / "shown.parquet").filter(pl.col("used_name") == factories.PLANTED[0])
    assert shown["nir"][0] == factories.PLANTED[2]
    exposures = pl.read_parquet(out / "exposures.parquet")
    assert set(exposures["person_id"]) == set(persons["person_id"])
    assert hemostat("export", case, "ledger", out / "ledger.json")[0] == 0
    assert json.loads((out / "ledger.json").read_text("utf-8")) == ledger(case)


def test_a_second_run_changes_nothing(tmp_path, hemostat, case):
    path = factories.leak(tmp_path / "evidence", 40)
    hemostat("respond", path, "--case", case)
    first = ledger(case)
    assert hemostat("respond", path, "--case", case)[0] == 0
    assert ledger(case) == first


def test_row_and_file_order_change_neither_people_nor_ids(tmp_path, hemostat):
    rows = factories.people(60)
    (tmp_path / "evidence" / "one").mkdir(parents=True)
    (tmp_path / "evidence" / "two").mkdir()
    (tmp_path / "evidence" / "one" / "a.csv").write_text(factories.csv_text(rows[:30]), "utf-8")
    (tmp_path / "evidence" / "one" / "b.csv").write_text(factories.csv_text(rows[30:]), "utf-8")
    (tmp_path / "evidence" / "two" / "a.csv").write_text(factories.csv_text(rows[:29:-1]), "utf-8")
    (tmp_path / "evidence" / "two" / "b.csv").write_text(factories.csv_text(rows[29::-1]), "utf-8")
    found = {}
    (tmp_path / "out").mkdir()
    for name in ("one", "two"):
        case = tmp_path / f"case-{name}"
        hemostat("respond", tmp_path / "evidence" / name, "--case", case)
        hemostat("export", case, "persons", tmp_path / "out" / f"{name}.parquet", "--reveal")
        found[name] = pl.read_parquet(tmp_path / "out" / f"{name}.parquet")
    assert found["one"].equals(found["two"])


def test_duplicates_are_counted_apart(tmp_path, hemostat, case):
    rows = factories.people(20)
    (tmp_path / "evidence").mkdir()
    path = tmp_path / "evidence" / "twice.csv"
    path.write_text(factories.csv_text(rows + rows[:7]), "utf-8")
    hemostat("respond", path, "--case", case)
    summary = ledger(case)
    assert adds_up(summary)
    assert summary["records"]["exact_duplicates"] == 7
    assert summary["persons"]["best"] == 20


def test_the_same_evidence_twice_counts_once(tmp_path, hemostat, case):
    path = factories.leak(tmp_path / "evidence", 20)
    copy = tmp_path / "evidence" / "copy.csv"
    copy.write_bytes(path.read_bytes())
    hemostat("respond", path, copy, "--case", case)
    assert ledger(case)["records"]["in"] == 20


def test_zip_xlsx_parquet_and_json_lines(tmp_path, hemostat, case):
    folder = tmp_path / "evidence"
    factories.leak(folder, 12)
    factories.leak_jsonl(folder, 12)
    rows = factories.people(12)
    pl.DataFrame(rows, schema=list(factories.HEADINGS), orient="row").write_parquet(folder / "p.parquet")
    with zipfile.ZipFile(folder / "leak.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(folder / "patients.csv", "inner/patients.csv")
        archive.write(folder / "patients.jsonl", "patients.jsonl")
        archive.write(folder / "p.parquet", "p.parquet")
    code, _, _ = hemostat("respond", folder / "leak.zip", "--case", case)
    summary = ledger(case)
    assert code == 0
    assert adds_up(summary)
    assert sorted(line["kind"] for line in summary["evidence"]) == ["csv", "jsonl", "parquet"]
    assert summary["persons"]["best"] == 12
    assert summary["containers"][0]["members"] == 3


def test_a_patient_file_is_matched(tmp_path, hemostat, case):
    path = factories.leak(tmp_path / "evidence", 20)
    rows = factories.people(25)
    patients = tmp_path / "evidence" / "patients-file.csv"
    patients.write_text(
        factories.csv_text(
            [(str(i), *row[:7]) for i, row in enumerate(rows[5:])], ("ipp", *factories.HEADINGS[:7])
        ),
        "utf-8",
    )
    hemostat("respond", path, "--patients", patients, "--case", case)
    summary = ledger(case)
    assert summary["persons"]["best"] == 20
    assert summary["standing"]["matched"] == 15
    (tmp_path / "out").mkdir()
    hemostat("export", case, "persons", tmp_path / "out" / "p.parquet")
    assert pl.read_parquet(tmp_path / "out" / "p.parquet")["patient_id"].drop_nulls().n_unique() == 15


def test_a_case_without_evidence_holds_claims(hemostat, case):
    code, out, _ = hemostat(
        "respond", "--case", case, "--claim", 320000, "--claim-unit", "persons", "--claimed-by", "forum",
        "--signal", "2025-11-28T15:20+01:00",
    )  # fmt: skip
    assert code == 0
    summary = ledger(case)
    assert summary["claims"][0]["value"] == 320000
    assert summary["persons"]["best"] is None
    assert summary["severity"] is None or set(summary["severity"].values()) == {None}
    assert "320" in out


class TestBadInput:
    def test_missing_file(self, tmp_path, hemostat, case):
        code, out, err = hemostat("respond", tmp_path / "nowhere.csv", "--case", case)
        assert code == 3
        assert "nowhere.csv" in err
        assert out == ""
        assert not case.exists()

    def test_empty_file(self, tmp_path, hemostat, case):
        (tmp_path / "evidence").mkdir()
        (tmp_path / "evidence" / "void.csv").touch()
        code, _, err = hemostat("respond", tmp_path / "evidence" / "void.csv", "--case", case)
        assert code == 3
        assert len(err.strip().splitlines()[-1]) < 250
        assert ledger(case)["records"]["in"] == 0

    def test_no_header(self, tmp_path, hemostat, case):
        (tmp_path / "evidence").mkdir()
        path = tmp_path / "evidence" / "bare.csv"
        path.write_text(factories.csv_text(factories.people(50)).split("\n", 1)[1], "utf-8")
        code, _, _ = hemostat("respond", path, "--case", case)
        summary = ledger(case)
        assert code == 0
        assert adds_up(summary)
        assert summary["records"]["in"] == 50
        assert summary["persons"]["best"] == 50
        assert summary["categories"]["nir"]["persons"] == 50

    def test_nobody_in_it(self, tmp_path, hemostat, case):
        (tmp_path / "evidence").mkdir()
        path = tmp_path / "evidence" / "stock.csv"
        path.write_text(
            "article;quantite;prix\n" + "".join(f"vis {n};{n * 3};{n}.50\n" for n in range(30)), "utf-8"
        )
        code, out, _ = hemostat("respond", path, "--case", case)
        summary = ledger(case)
        assert code == 0
        assert adds_up(summary)
        assert summary["records"]["in"] == 30
        assert summary["persons"]["best"] == 0
        assert out.strip()

    @pytest.mark.parametrize("cut", [0.3, 0.55, 0.97])
    def test_cut_in_the_middle(self, tmp_path, hemostat, case, cut):
        (tmp_path / "evidence").mkdir()
        whole = factories.csv_text(factories.people(50)).encode()
        path = tmp_path / "evidence" / "torn.csv"
        path.write_bytes(whole[: int(len(whole) * cut)])
        code, _, _ = hemostat("respond", path, "--case", case)
        assert code == 0
        assert adds_up(ledger(case))

    def test_one_good_file_among_bad_ones(self, tmp_path, hemostat, case):
        folder = tmp_path / "evidence"
        factories.leak(folder, 30, "good.csv")
        (folder / "a-noise.bin").write_bytes(os.urandom(5000))
        (folder / "b-broken.zip").write_bytes(b"PK\x03\x04" + os.urandom(300))
        (folder / "c-empty.csv").touch()
        (folder / "d-link.csv").symlink_to("/etc/hostname")
        (folder / "e-broken.xlsx").write_bytes(b"PK\x03\x04 not a workbook")
        (folder / "f-broken.parquet").write_bytes(b"PAR1" + os.urandom(50) + b"PAR1")
        code, _, _ = hemostat("respond", folder, "--case", case)
        summary = ledger(case)
        assert code == 0
        assert adds_up(summary)
        assert summary["persons"]["best"] == 30
        assert any(
            line["name"].endswith("c-empty.csv") and line["units_in"] == 0 for line in summary["evidence"]
        )
        (tmp_path / "out").mkdir()
        hemostat("export", case, "quarantine", tmp_path / "out" / "q.parquet")
        places = " ".join(pl.read_parquet(tmp_path / "out" / "q.parquet")["evidence"])
        for name in (
            "a-noise.bin",
            "b-broken.zip",
            "d-link.csv",
            "e-broken.xlsx",
            "f-broken.parquet",
        ):
            assert name in places, name

    @pytest.mark.parametrize(
        ("arguments", "code"),
        [
            (("nonsense",), 2),
            (("respond", "--nonsense"), 2),
            (("respond", "--aware", "2025-11-28T15:20"), 2),
            (("respond", "--claim", "5"), 2),
            (("analyse", "nowhere"), 4),
            (("export", "nowhere", "persons", "p.csv"), 4),
            (("simulate", "nonsense", "--out", "x"), 2),
            (("--help",), 0),
        ],
    )
    def test_exit_codes(self, tmp_path, hemostat, monkeypatch, arguments, code):
        monkeypatch.chdir(tmp_path)
        got, _, err = hemostat(*arguments)
        assert got == code
        assert bool(err.strip()) == bool(code)
        assert "Traceback" not in err


def program(tmp_path, *arguments):
    return [
        sys.executable,
        "-m",
        "hemostat",
        "--quiet",
        "--key-file",
        str(tmp_path / "keys" / "k"),
        *map(str, arguments),
    ]


@pytest.mark.slow
def test_a_full_disk_ends_with_74_and_the_same_command_goes_on(tmp_path, case):
    (tmp_path / "evidence").mkdir()
    path = tmp_path / "evidence" / "big.csv"
    path.write_text(factories.csv_text(factories.people(4000) * 20), "utf-8")
    command = program(tmp_path, "respond", path, "--case", case)

    def little():
        resource.setrlimit(resource.RLIMIT_FSIZE, (6 << 20, 6 << 20))

    full = subprocess.run(command, capture_output=True, text=True, preexec_fn=little, check=False)
    assert full.returncode == 74
    assert len(full.stderr.strip().splitlines()) == 1
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
    assert ledger(case)["persons"]["best"] == 4000


@pytest.mark.slow
def test_ctrl_c_ends_with_130_wherever_it_falls(tmp_path, case):
    (tmp_path / "evidence").mkdir()
    path = tmp_path / "evidence" / "big.csv"
    path.write_text(factories.csv_text(factories.people(4000) * 30), "utf-8")
    command = program(tmp_path, "respond", path, "--case", case)
    for pause in (0.3, 0.8, 1.3, 1.9, 2.5):
        running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        time.sleep(pause)
        running.send_signal(signal.SIGINT)
        _, err = running.communicate()
        assert running.returncode in (0, 130), err
        assert "Traceback" not in err
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
    assert adds_up(ledger(case))


@pytest.mark.slow
def test_killed_at_any_moment_it_ends_the_same(tmp_path, case):
    """Killed at several moments and started again, the result is the one of a run that was left alone."""
    rows = factories.people(4000)
    (tmp_path / "evidence").mkdir()
    path = tmp_path / "evidence" / "big.csv"
    path.write_text(factories.csv_text(rows * 30), "utf-8")
    command = program(tmp_path, "respond", path)
    calm = tmp_path / "calm"
    subprocess.run([*command, "--case", str(calm)], check=True, capture_output=True)
    for pause in (0.6, 0.9, 1.2, 1.6, 2.0):
        running = subprocess.Popen(
            [*command, "--case", str(case)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        time.sleep(pause)
        running.send_signal(signal.SIGKILL)
        running.wait()
    subprocess.run([*command, "--case", str(case)], check=True, capture_output=True)
    assert ledger(case) == ledger(calm)


def test_a_workbook_keeps_texts_as_texts(tmp_path, hemostat, case):
    path = tmp_path / "leak.csv"
    path.write_text(
        "nom;prenom;date_naissance;telephone;note\n"
        'DURAND;Alice;12/03/1980;+33 6 39 98 12 34;"=1+1"\n'
        "MARTIN;Bob;01/07/1975;06 39 98 22 34;rien\n",
        "utf-8",
    )
    hemostat("respond", path, "--case", case)
    out = tmp_path / "persons.xlsx"
    assert hemostat("export", case, "persons", out)[0] == 0
    sheet = python_calamine.CalamineWorkbook.from_path(out).get_sheet_by_index(0).to_python()
    people = [dict(zip(sheet[0], row, strict=True)) for row in sheet[1:]]
    assert sorted(one["phones"] for one in people) == ["+33639981234", "+33639982234"]
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("tmp")] == []


def test_a_few_people_are_a_leak_too(tmp_path, hemostat, case):
    path = tmp_path / "leak.csv"
    rows = [f"NOM{n:02};Prenom;0{n + 1}/03/198{n};p{n}@example.org" for n in range(4)]
    path.write_text("nom;prenom;date_naissance;email\n" + "\n".join(rows) + "\n", "utf-8")
    code, out, _ = hemostat("--lang", "en", "respond", path, "--case", case)
    assert (code, out.count("4 distinct people are in what was read.")) == (0, 1)
    assert hemostat("export", case, "persons", tmp_path / "persons.csv")[0] == 0
    assert pl.read_csv(tmp_path / "persons.csv")["records"].to_list() == [1, 1, 1, 1]


def test_first_names_written_nearly_alike_are_twins_not_one_person(tmp_path, hemostat, case):
    path = tmp_path / "leak.csv"
    pairs = [("Louis", "Louise"), ("Jean-Luc", "Jean-Marc"), ("Marie", "Marine"), ("Paul", "Pauline")]

    def surname(n):
        return f"NOM{chr(65 + n // 26)}{chr(65 + n % 26)}AC"

    rows = [
        f"{surname(n)};{name};{n % 28 + 1:02}/{n % 12 + 1:02}/{1950 + n % 60};p{n}@example.org"
        for n in range(100)
        for name in pairs[n % len(pairs)]
    ]
    path.write_text("nom;prenom;date_naissance;email\n" + "\n".join(rows) + "\n", "utf-8")
    hemostat("respond", path, "--case", case)
    people = ledger(case)["persons"]
    assert people["best"] == people["certain_only"] == 200
    assert people["low"] <= 200 <= people["high"] <= people["ceiling"]


def test_an_export_never_destroys_what_is_there(tmp_path, hemostat, case):
    path = factories.leak(tmp_path / "evidence", 5)
    hemostat("respond", path, "--case", case)
    before = path.read_bytes()
    for out in (path, case / "case.json", case / "report" / "persons.csv"):
        what = "ledger" if out.suffix == ".json" else "persons"
        assert hemostat("export", case, what, out)[0] == 2, out
    assert path.read_bytes() == before
    mine = tmp_path / "findings.csv"
    assert hemostat("export", case, "findings", mine)[0] == 0
    assert hemostat("export", case, "findings", mine)[0] == 0, "an export of this case may be made again"


def test_a_key_made_again_never_takes_the_place_of_a_file(tmp_path, hemostat, case):
    hemostat("open", case, "--recovery-passphrase")
    other = tmp_path / "other.key"
    other.write_text("the key of another case", "utf-8")
    secret = tmp_path / "secret"
    secret.write_text("0000-0000-0000-0000", "utf-8")
    assert hemostat("recover", case, "--to", other, "--secret-file", secret)[0] == 2
    assert other.read_text("utf-8") == "the key of another case"


def test_evidence_received_and_not_analysed_is_not_evidence_missing(tmp_path, hemostat, case):
    path = factories.leak(tmp_path / "evidence", 5)
    hemostat("open", case, "--signal", "2025-11-28T15:20+01:00", "--aware", "2025-11-28T18:00+01:00")
    _, out, _ = hemostat("--lang", "en", "add", case, path)
    assert "hemostat analyse" in out
    hemostat("--lang", "en", "report", case)
    page = (case / "report" / "report.html").read_text("utf-8")
    assert "not analysed yet" in page
    assert "No file has been received" not in page
    assert "28\N{NO-BREAK SPACE}November\N{NO-BREAK SPACE}2025, 15:20" in page
