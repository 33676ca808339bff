"""Beyond the number of people: which site, which day, what a sample says, how fresh the patient file is."""

import csv
import io
import json
import random
from datetime import datetime, timedelta

import polars as pl
import pytest

TOWNS = {"1": ("77000;Melun", "77350;Le Mée"), "2": ("95000;Cergy", "95800;Courdimanche")}
NAMES = (
    "BELLORGET",
    "CANDILLAC",
    "DURANDEAU",
    "ESPINOUZE",
    "FOURCADEL",
    "GRANVALLET",
    "HOUDREVILLE",
    "JOUANNEAU",
)
FIRST = ("Odette", "Marcel", "Leïla", "Youssef", "Gwenaëlle", "Thibault", "Inès", "Moussa")
HEAD = (
    "patient_id",
    "nom",
    "prenom",
    "date_naissance",
    "adresse",
    "code_postal",
    "ville",
    "telephone",
    "email",
)


def person(n, number, town):
    surname, first = NAMES[n % 8] + "AEIOU"[n // 8 % 5] * (n // 40 % 12 + 1), FIRST[n // 3 % 8]
    code, city = town.split(";")
    born = f"{1940 + n * 7 % 65}-{1 + n % 12:02d}-{1 + n % 28:02d}"
    return [
        number,
        surname,
        first,
        born,
        f"{n % 90 + 1} rue Haute",
        code,
        city,
        f"06399{n:05d}",
        f"p{n}@example.org",
    ]


def written(rows, head=HEAD):
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";")
    writer.writerow(head)
    writer.writerows(rows)
    return out.getvalue()


def ledger(case):
    return json.loads((case / "report" / "summary.json").read_text("utf-8"))


def report(case):
    return (case / "report" / "report.html").read_text("utf-8")


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "evidence"
    made.mkdir()
    return made


@pytest.fixture
def case(tmp_path):
    return tmp_path / "case"


class TestWhichSite:
    """Two clinics in one table without a column that names them, and their appointments."""

    def leak(self, folder):
        rng = random.Random(1)
        rows, visits = [], []
        for n in range(160):
            site = "12"[n % 2]
            number = f"{site}000{n // 2 * 3 + 1:03d}"
            rows.append(person(n, number, TOWNS[site][rng.randrange(2)]))
            visits += [(number, f"2024-0{rng.randrange(1, 9)}-11", "contrôle annuel")] * (n % 3)
        # the same person is followed by both
        rows.append([f"2000{900 + 1:03d}", *rows[0][1:]])
        # appointments of a patient who was deleted since
        visits.append(("1000239", "2024-05-02", "contrôle annuel"))
        (folder / "patients.csv").write_text(written(rows), "utf-8")
        (folder / "rendezvous.csv").write_text(written(visits, ("patient_id", "date_rdv", "motif")), "utf-8")

    def test_sites_are_found_and_said_to_be_found(self, tmp_path, folder, case, hemostat):
        self.leak(folder)
        assert hemostat("--lang", "en", "respond", folder, "--case", case)[0] == 0
        summary = ledger(case)
        assert {name: one["persons"] for name, one in summary["tenants"].items()} == {
            "Site 1": 80,
            "Site 2": 81,
        }
        assert summary["persons"]["best"] == 160
        found = summary["tenants_found"]
        assert [(one["tenant"], one["how"], one["low"]) for one in found["sites"]] == [
            ("Site 1", "range", "1000000"),
            ("Site 2", "range", "2000000"),
        ]
        assert (found["several"], found["unknown"]) == (0, 0)
        assert "found, not declared" in report(case)
        out = tmp_path / "out"
        out.mkdir()
        hemostat("export", case, "persons", out / "persons.parquet")
        hemostat("export", case, "records", out / "records.parquet")
        assert pl.read_parquet(out / "persons.parquet")["tenants"].list.len().value_counts(
            sort=True
        ).rows() == [
            (1, 159),
            (2, 1),
        ]
        records = pl.read_parquet(out / "records.parquet")
        assert set(records["tenant_by"]) == {"range"}
        assert records["tenant"].null_count() == 0

    def test_a_person_confirms_names_and_rejects(self, folder, case, hemostat):
        self.leak(folder)
        hemostat("respond", folder, "--case", case)
        assert (
            hemostat(
                "decide", case, "tenant", "Site 2", "--name", "Clinique du Vexin", "--why", "seen there"
            )[0]
            == 0
        )
        assert hemostat("decide", case, "tenant", "Site 1", "--none", "--why", "closed in 2010")[0] == 0
        hemostat("analyse", case)
        hemostat("report", case)
        assert set(ledger(case)["tenants"]) == {"Clinique du Vexin"}
        assert ledger(case)["tenants_found"]["sites"][0]["decided_by"] is not None
        assert hemostat("decide", case, "tenant", "Site 9", "--why", "x")[0] == 2
        assert hemostat("decide", case, "tenant", "Site 2", "--none", "--name", "A", "--why", "x")[0] == 2

    def test_one_practice_is_not_cut_in_two(self, folder, case, hemostat):
        # numbers that jumped when the software changed, in the same towns
        rng = random.Random(2)
        rows = [
            person(n, f"{'12'[n % 2]}000{n // 2 + 1:03d}", TOWNS["1"][rng.randrange(2)]) for n in range(160)
        ]
        (folder / "patients.csv").write_text(written(rows), "utf-8")
        hemostat("respond", folder, "--case", case)
        assert ledger(case)["tenants"] == {}
        assert "tenants_found" not in ledger(case)


class TestWhichDay:
    """A file that changes every day, and a dump of it."""

    start = datetime.fromisoformat("2024-06-03T09:00:00")

    def history(self, days=60, people=80):
        """(rows with their validity, state after each day)."""
        versions, states = [], []
        now = {n: person(n, f"{5000 + n}", TOWNS["1"][0]) for n in range(people)}
        began = dict.fromkeys(now, self.start)
        for day in range(days):
            for hour in range(6):
                n = (day * 6 + hour) * 7 % people
                at = self.start + timedelta(days=day, hours=hour)
                versions.append([*now[n], began[n], at])
                now[n] = [*now[n][:4], f"{day * 6 + hour} avenue Basse", *now[n][5:]]
                began[n] = at
            states.append([list(row) for row in now.values()])
        return versions + [[*now[n], began[n], ""] for n in now], states

    def leak(self, folder, rows):
        (folder / "leak.csv").write_text(written(rows), "utf-8")
        return folder / "leak.csv"

    def test_the_window_holds_the_day(self, folder, case, hemostat):
        versions, states = self.history()
        history = folder / "versions.csv"
        history.write_text(written(versions, (*HEAD, "valid_from", "valid_to")), "utf-8")
        code, out, _ = hemostat(
            "--lang", "en", "respond", self.leak(folder, states[40]), "--history", history, "--case", case
        )
        assert code == 0
        found = ledger(case)["dump_date"]
        assert found["kind"] == "window"
        start, end = (
            datetime.fromisoformat(found["windows"][0][name]).replace(tzinfo=None)
            for name in ("start", "end")
        )
        assert start <= self.start + timedelta(days=40, hours=6) <= end
        assert end - start <= timedelta(days=1)
        assert "the dump was taken between" in " ".join(out.split())
        assert "the dump was taken between" in report(case)
        assert ledger(case)["records"]["in"] == 80
        assert hemostat("--lang", "fr", "report", case)[0] == 0
        assert "l’extraction a été faite entre" in report(case).replace("'", "’")

    def test_dated_copies_tell_between_which_two(self, folder, case, hemostat):
        _, states = self.history()
        for day in range(30, 55, 2):
            at = self.start + timedelta(days=day, hours=14)
            (folder / f"patients_{at:%Y-%m-%dT%H%M}.csv").write_text(written(states[day]), "utf-8")
        other = folder.parent / "evidence" / "leaked"
        other.mkdir()
        leak = self.leak(other, states[41])
        copies = sorted(folder.glob("patients_*.csv"))
        hemostat("respond", leak, *(part for copy in copies for part in ("--history", copy)), "--case", case)
        (window,) = ledger(case)["dump_date"]["windows"]
        assert window["start"] == "2024-07-13T23:00:00+02:00"
        assert window["end"] == "2024-07-15T23:00:00+02:00"

    def test_it_says_when_it_cannot_tell(self, folder, case, hemostat):
        versions, states = self.history()
        history = folder / "versions.csv"
        other = [[f"9{row[0]}", *row[1:]] for row in versions]
        history.write_text(written(other, (*HEAD, "valid_from", "valid_to")), "utf-8")
        leak = self.leak(folder, states[40])
        hemostat("--lang", "en", "respond", leak, "--history", history, "--case", case)
        assert ledger(case)["dump_date"]["kind"] == "no_common"
        assert "cannot be told" in report(case)


class TestASampleThatThievesShow:
    def run(self, folder, case, hemostat, chosen):
        rows = [person(n, f"{3000 + n}", TOWNS["1"][n % 2]) for n in range(480)]
        (folder / "own.csv").write_text(written(rows), "utf-8")
        (folder / "shown.csv").write_text(written([rows[n] for n in chosen]), "utf-8")
        code, out, _ = hemostat(
            "--lang", "en", "respond", folder / "shown.csv", "--patients", folder / "own.csv", "--case", case,
            "--claim", 5000, "--claim-unit", "persons", "--claimed-by", "a forum",
        )  # fmt: skip
        assert code == 0
        return ledger(case)["sample"], " ".join(out.split())

    def test_a_random_draw_gives_an_estimate(self, folder, case, hemostat):
        found, out = self.run(folder, case, hemostat, random.Random(4).sample(range(480), 90))
        assert found["kind"] == "interval"
        assert found["low"] <= 480 <= found["high"]
        assert "with no sign of a choice" in out
        assert "with no sign of a choice" in report(case)

    def test_the_head_of_the_table_gives_a_floor_and_why(self, folder, case, hemostat):
        found, out = self.run(folder, case, hemostat, range(90))
        assert (found["kind"], found["low"], found["best"], found["high"]) == ("floor", 90, None, None)
        assert "neighbours" in found["against"]
        assert "are not a random draw" in out

    def test_without_a_file_to_compare_with_there_is_a_floor_alone(self, folder, case, hemostat):
        rows = [person(n, f"{3000 + n}", TOWNS["1"][n % 2]) for n in range(30)]
        (folder / "shown.csv").write_text(written(rows), "utf-8")
        hemostat("respond", folder / "shown.csv", "--sample", "--case", case)
        found = ledger(case)["sample"]
        assert (found["kind"], found["low"], found["against"]) == ("floor", 30, ["no_file"])

    def test_a_whole_leak_is_no_sample(self, folder, case, hemostat):
        (folder / "leak.csv").write_text(
            written([person(n, str(n), TOWNS["1"][0]) for n in range(20)]), "utf-8"
        )
        hemostat("respond", folder / "leak.csv", "--case", case)
        assert "sample" not in ledger(case)


class TestThePatientFile:
    head = (*HEAD, "date_deces", "derniere_maj")

    def test_rows_are_flagged_and_the_freshest_is_used(self, tmp_path, folder, case, hemostat):
        leaked = [person(n, f"{7000 + n}", TOWNS["1"][0]) for n in range(12)]
        fresh, old = "2026-10-01", "2015-03-02"
        own = [[*row, "", fresh] for row in leaked[:10]]
        own[0][9] = "2024-01-15"
        own[1][10] = old
        own[2][5:7] = ["13001", "Marseille"]
        # written twice: the later row has another mailbox
        own[3][10] = old
        own.append([*["7777"], *own[3][1:8], "new.address@example.org", "", fresh])
        own += [[*person(n, f"{7000 + n}", TOWNS["1"][1]), "", fresh] for n in range(20, 24)]
        (folder / "leak.csv").write_text(written(leaked), "utf-8")
        (folder / "own.csv").write_text(written(own, self.head), "utf-8")
        hemostat(
            "--lang", "en", "respond", folder / "leak.csv", "--patients", folder / "own.csv", "--case", case
        )
        assert ledger(case)["patient_file"] == {
            "rows": 15, "in_leak": 11, "not_in_leak": 4, "deceased": 1, "deceased_in_leak": 1, "stale": 2, "differs": 1,
        }  # fmt: skip
        assert "Dead according to the file, and in the leak: no letter" in report(case)
        out = tmp_path / "out"
        out.mkdir()
        hemostat("export", case, "persons", out / "persons.parquet")
        hemostat("export", case, "patients", out / "patients.parquet")
        persons = pl.read_parquet(out / "persons.parquet")
        assert "7777" in persons["patient_id"].to_list()
        assert "7003" not in persons["patient_id"].to_list()
        rows = pl.read_parquet(out / "patients.parquet")
        assert rows.filter(~pl.col("in_leak"))["patient_id"].sort().to_list() == [
            "7020",
            "7021",
            "7022",
            "7023",
        ]
        assert rows.filter("deceased")["patient_id"].to_list() == ["7000"]
        assert rows.filter("differs")["patient_id"].to_list() == ["7002"]
        assert rows.filter("stale")["patient_id"].to_list() == ["7001", "7003"]


class TestStanding:
    def test_reasons_are_sentences_and_unknown_until_judged(self, tmp_path, folder, case, hemostat):
        rows = [person(n, f"{7000 + n}", TOWNS["1"][0]) for n in range(12)]
        (folder / "leak.csv").write_text(written(rows), "utf-8")
        (folder / "own.csv").write_text(written(rows[:9]), "utf-8")
        hemostat("respond", folder / "leak.csv", "--patients", folder / "own.csv", "--case", case)
        out = tmp_path / "out"
        out.mkdir()
        hemostat("export", case, "records", out / "records.parquet")
        told = pl.read_parquet(out / "records.parquet")
        assert told.filter(standing="matched")["standing_en"].unique().to_list() == [
            "The person is in the patient file."
        ]
        assert "La personne n'est pas dans le fichier patients." in told["standing_fr"].to_list()
        assert ledger(case)["standing_reasons"]["matched"] == {"in_patient_file": 9}


class TestTwoLeaksOnTheSamePeople:
    def cases(self, tmp_path, folder, hemostat, names):
        made = []
        for at, (name, first, last) in enumerate(zip(names, (0, 20), (30, 50), strict=True)):
            rows = [person(n, f"{at}{n}", TOWNS["1"][0]) for n in range(first, last)]
            path = folder / f"leak{at}.csv"
            path.write_text(written(rows), "utf-8")
            case = tmp_path / f"case{at}"
            keys = ("--key-file", tmp_path / "keys" / f"{at}.key")
            assert hemostat(*keys, "respond", path, "--case", case, "--controller", name)[0] == 0
            made.append(case)
        return made

    def combine(self, tmp_path, hemostat, cases, *more):
        keys = tmp_path / "keys"
        return hemostat(
            "--lang",
            "en",
            "--key-file",
            keys / "0.key",
            "combine",
            *cases,
            "--other-key-file",
            keys / "1.key",
            *more,
        )

    def test_across_controllers_only_with_a_mandate_and_then_only_counts(self, tmp_path, folder, hemostat):
        cases = self.cases(tmp_path, folder, hemostat, ("Clinique du Lac", "Boutique"))
        assert self.combine(tmp_path, hemostat, cases)[0] == 6
        out = tmp_path / "out.json"
        code, said, _ = self.combine(
            tmp_path, hemostat, cases, "--mandate", "judicial inquiry 12/2026", "--out", out
        )
        assert code == 0
        told = out.read_text("utf-8")
        (pair,) = json.loads(told)["pairs"]
        assert pair["people_in_both"] == 10
        for n in range(20, 30):
            one = person(n, "", TOWNS["1"][0])
            assert not [value for value in (*one[1:2], *one[7:9]) if value in told + said]
        for at, case in enumerate(cases):
            out_ = tmp_path / "evidence" / f"j{at}.json"
            assert (
                hemostat("--key-file", tmp_path / "keys" / f"{at}.key", "export", case, "ledger", out_)[0]
                == 0
            )

    def test_small_counts_are_hidden_across_controllers(self, tmp_path, folder, hemostat):
        cases = self.cases(tmp_path, folder, hemostat, ("Clinique du Lac", "Boutique"))
        (folder / "few.csv").write_text(
            written([person(n, f"7{n}", TOWNS["1"][0]) for n in range(27, 60)]), "utf-8"
        )
        few = tmp_path / "few"
        keys = ("--key-file", tmp_path / "keys" / "1.key")
        hemostat(*keys, "respond", folder / "few.csv", "--case", few, "--controller", "Boutique")
        out = tmp_path / "out.json"
        self.combine(tmp_path, hemostat, [cases[0], few], "--mandate", "court order", "--out", out)
        assert json.loads(out.read_text("utf-8"))["pairs"][0]["people_in_both"] == "<5"
