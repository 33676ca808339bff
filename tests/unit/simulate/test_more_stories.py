"""The other stories: a dump of several tables, a workbook, insurers, two leaks, two access logs."""

import base64
import csv
import datetime as dt
import io
import json
import re

import numpy as np
import polars as pl
import pytest
from python_calamine import CalamineWorkbook

from hemostat.simulate import STORIES, simulate

PEOPLE = {"aleo": 3000, "cnav": 3000, "viamedis": 3000, "dumpsec": 3000, "weda": 2400, "grades": 3000}


@pytest.fixture(scope="module")
def truth(tmp_path_factory):
    made = {}

    def of(story):
        if story not in made:
            out = tmp_path_factory.mktemp("made") / "evidence" / story
            made[story] = simulate(story, PEOPLE[story], 11, out)
        return made[story]

    return of


def _table(path, delimiter):
    rows = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline=""), delimiter=delimiter))
    return rows[0], rows[1:]


def test_every_story_of_the_list_is_there():
    assert list(STORIES) == [
        "medecindirect", "weda", "grades", "dedalus", "cegedim", "aleo", "cnav", "viamedis", "dumpsec",
    ]  # fmt: skip
    assert all(name == story.name and story.people_default > 20_000 for name, story in STORIES.items())


@pytest.mark.parametrize("story", PEOPLE)
def test_the_same_seed_gives_the_same_bytes(story, tmp_path):
    def contents(out, seed):
        simulate(story, 130, seed, out)
        return {str(p.relative_to(out)): p.read_bytes() for p in sorted(out.rglob("*")) if p.is_file()}

    first, again = contents(tmp_path / "out" / "a", 5), contents(tmp_path / "out" / "b", 5)
    assert first == again
    assert contents(tmp_path / "out" / "c", 6) != first


@pytest.mark.parametrize("story", PEOPLE)
@pytest.mark.parametrize("people", [1, 3, 25])
def test_small_leaks_are_possible(story, people, tmp_path):
    assert simulate(story, people, 1, tmp_path / "out").story["people"] == people


@pytest.mark.parametrize("story", PEOPLE)
def test_identities_add_up(truth, story):
    said, persons = truth(story).story, truth(story).persons()
    assert said["genuine"] == said["people"] == PEOPLE[story]
    assert persons.height == said["identities"]
    assert persons["nir"].n_unique() == persons.height


_VALUE = r"(?:'(?:[^'\\]|\\.)*'|NULL|\d+)"
_TUPLE = re.compile(rf"\({_VALUE}(?:,{_VALUE})*\)")


def _tuples(path):
    """The tuples of each line of a dump."""
    lines = path.read_bytes().decode("utf-8").split("\n")
    return {n: _TUPLE.findall(line) for n, line in enumerate(lines, 1) if line.startswith("INSERT INTO")}


class TestAleo:
    def test_places_of_the_truth_are_places_in_the_dump(self, truth):
        made = truth("aleo")
        held = _tuples(made.evidence / "mediboard_extract.sql")
        records = made.records()
        assert sum(len(row) for row in held.values()) == records.height
        mails = dict(made.persons().select("true_person", "email").iter_rows())
        seen = 0
        for line, locator, person in (
            records.filter(
                (pl.col("evidence") == "mediboard_extract.sql#patients") & (pl.col("kind") == "original")
            )
            .select("line", "locator", "true_person")
            .iter_rows()
        ):
            number = int(re.fullmatch(rf"line {line}, tuple (\d+)", locator)[1])
            found = re.search(r"'([^']+@[^']+)'", held[line][number - 1])
            if found:
                seen += found[1].lower() == mails[person]
        assert seen > 0.85 * 0.3 * 3000

    def test_orphans_are_counted_and_belong_to_nobody(self, truth):
        made = truth("aleo")
        lost = made.records().filter(pl.col("kind") == "orphan")
        assert lost.height == made.story["orphans"] == round(0.004 * 7500) + round(0.004 * 4200)
        assert lost["true_person"].null_count() == lost.height
        held = _tuples(made.evidence / "mediboard_extract.sql")
        known = {
            held[line][int(locator.rsplit(" ", 1)[1]) - 1].split(",")[0]
            for line, locator in made.records()
            .filter(pl.col("evidence").str.ends_with("#patients"))
            .select("line", "locator")
            .iter_rows()
        }
        ids = {
            held[line][int(locator.rsplit(" ", 1)[1]) - 1].split(",")[0]
            for line, locator in lost.select("line", "locator").iter_rows()
        }
        assert not ids & known

    def test_rows_of_the_three_tables(self, truth):
        files = truth("aleo").story["files"]
        assert files["mediboard_extract.sql#patients"]["rows"] == round(3000 * 1.004)
        assert files["mediboard_extract.sql#prescriptions"]["rows"] == 7500
        assert files["mediboard_extract.sql#mutuelles"]["rows"] == 4200

    def test_the_dead_are_counted(self, truth):
        made = truth("aleo")
        assert (
            made.story["deceased"]
            == round(0.03 * 3000)
            == made.story["categories"]["death_date"]["genuine_persons"]
        )
        assert made.persons().filter(pl.col("traits").list.contains("deceased")).height == 90

    def test_each_site_numbers_its_people_in_a_range(self, truth):
        made = truth("aleo")
        assert len(made.story["tenants"]) == 17
        held = _tuples(made.evidence / "mediboard_extract.sql")
        patients = made.records().filter(pl.col("evidence").str.ends_with("#patients"))
        ranges = {}
        for line, locator, tenant in patients.select("line", "locator", "tenant").iter_rows():
            number = int(held[line][int(locator.rsplit(" ", 1)[1]) - 1].split(",")[0][1:])
            ranges.setdefault(tenant, set()).add(number // 1_000_000)
        assert all(len(held) == 1 for held in ranges.values())
        assert len(set.union(*ranges.values())) == 17

    def test_certificates_name_the_doctor(self, truth):
        text = (truth("aleo").evidence / "mediboard_extract.sql").read_text(encoding="utf-8")
        assert len(re.findall(r"Certificat de décès rédigé par [^,']+, remis", text)) > 2


class TestCnav:
    def _sheets(self, made):
        book = CalamineWorkbook.from_path(made.evidence / "beneficiaires.xlsx")
        return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}

    def test_rows_of_the_truth_are_rows_of_the_sheets(self, truth):
        made = truth("cnav")
        sheets = self._sheets(made)
        assert len(sheets) == 4
        names = dict(made.persons().select("true_person", "first_name").iter_rows())
        right = total = 0
        for evidence, locator, person in (
            made.records().select("evidence", "locator", "true_person").iter_rows()
        ):
            row = sheets[evidence.partition("#")[2]][int(locator.removeprefix("row ")) - 1]
            right += row[3][:2].lower() == names[person][:2].lower()
            total += 1
        assert total == sum(len(rows) - 1 for rows in sheets.values()) == round(3000 * 1.03)
        assert right / total > 0.9

    def test_one_sheet_of_four_has_damaged_numbers(self, truth):
        made = truth("cnav")
        sheets = self._sheets(made)

        def damaged(rows):
            return sum(isinstance(row[0], float) and row[0] % 1e12 == 0 for row in rows[1:])

        counts = {name: damaged(rows) for name, rows in sheets.items()}
        assert sorted(count > 0 for count in counts.values()) == [False, False, False, True]
        assert sum(counts.values()) == made.story["flaws"]["damaged_nir"] > 400
        sheet = max(counts, key=counts.get)
        # What holds a letter or a space stayed as it was.
        assert any(isinstance(row[0], str) and " " in row[0] for row in sheets[sheet][1:])

    def test_dates_are_serials_but_on_the_last_sheet(self, truth):
        made = truth("cnav")
        sheets = list(self._sheets(made).values())
        births = dict(made.persons().select("true_person", "birth_date").iter_rows())
        for rows in sheets[:3]:
            assert all(isinstance(row[4], float) for row in rows[1:])
        assert all(re.fullmatch(r"\d\d/\d\d/\d\d", row[4]) for row in sheets[3][1:])
        first = made.records().filter(pl.col("kind") == "original").row(0, named=True)
        name = first["evidence"].partition("#")[2]
        value = self._sheets(made)[name][int(first["locator"].removeprefix("row ")) - 1][4]
        if isinstance(value, float):
            day = dt.date(1899, 12, 30) + dt.timedelta(days=value)
            assert abs((day - births[first["true_person"]]).days) < 4000

    def test_old_people_of_whom_some_are_dead(self, truth):
        made = truth("cnav")
        assert made.story["deceased"] == 240
        years = made.persons().filter("genuine")["birth_date"].dt.year()
        assert years.min() >= 1920
        assert years.max() <= 1959
        header, lines = _table(made.folder / "patients" / "assures.csv", ";")
        assert 200 < sum(bool(row[header.index("date_deces")]) for row in lines) <= 270

    def test_no_bank_data(self, truth):
        assert not {"iban", "payment_card"} & set(truth("cnav").story["categories"])


class TestViamedis:
    def _rows(self, made):
        header, lines = _table(made.evidence / "droits_tp.csv", "|")
        return header, {n: row for n, row in enumerate(lines, 2) if len(row) == len(header)}

    def test_rows_and_insurers(self, truth):
        made = truth("viamedis")
        header, lines = self._rows(made)
        assert len(lines) == 3750 == made.story["rows"]
        assert len(made.story["tenants"]) == 8 == len({row[header.index("AMC")] for row in lines.values()})

    def test_children_stand_under_a_parents_number(self, truth):
        made = truth("viamedis")
        _, lines = self._rows(made)
        own = dict(made.persons().select("true_person", "nir").iter_rows())
        children = made.persons().filter(pl.col("parent") >= 0)["true_person"].to_list()
        rows = made.records().filter(pl.col("true_person").is_in(children) & (pl.col("kind") != "broken"))
        theirs = [
            own[person].startswith(lines[line][0])
            for line, person in rows.select("line", "true_person").iter_rows()
        ]
        assert 0.1 < sum(theirs) / len(theirs) < 0.4

    def test_key_and_rank_have_columns_of_their_own(self, truth):
        header, lines = self._rows(truth("viamedis"))
        assert all(len(row[0]) == 13 for row in lines.values())
        assert all(1 <= int(row[1]) <= 97 for row in lines.values())
        assert any(len(row[1]) == 1 for row in lines.values())
        assert {row[header.index("RANG")] for row in lines.values()} == {"1", "2"}
        days = {row[header.index("DDN")][6:] for row in lines.values()}
        assert "00" in days

    def test_nothing_in_the_leak_reaches_anybody(self, truth):
        assert not {"phone", "email", "postal_address"} & set(truth("viamedis").story["categories"])

    def test_a_change_of_insurer_is_one_person_at_two(self, truth):
        made = truth("viamedis")
        changed = made.records().filter(pl.col("kind") == "update")["true_person"]
        both = made.records().filter(pl.col("true_person").is_in(changed.implode()))
        assert (both.group_by("true_person").agg(pl.col("tenant").n_unique().alias("n"))["n"] > 1).all()
        renewed = made.records().filter(
            (pl.col("kind") == "renewal") & ~pl.col("true_person").is_in(changed.implode())
        )
        same = made.records().filter(pl.col("true_person").is_in(renewed["true_person"].implode()))
        assert (same.group_by("true_person").agg(pl.col("tenant").n_unique().alias("n"))["n"] == 1).all()


class TestDumpsec:
    def test_the_shop_knows_an_eighth_of_the_patients(self, truth):
        made = truth("dumpsec")
        shop = pl.read_parquet(made.folder / "truth" / "earlier.parquet")
        ours = set(made.persons().filter("genuine")["true_person"].to_list())
        assert len(ours & set(shop["true_person"].to_list())) == round(0.12 * 3000)
        assert abs(shop.height - 1.02 * 3000) <= 2

    def test_the_shop_file_is_one_document_with_an_object_per_line(self, truth):
        made = truth("dumpsec")
        path = made.folder / "earlier-leak" / "loyalty.json"
        held = json.loads(path.read_text(encoding="utf-8"))
        shop = pl.read_parquet(made.folder / "truth" / "earlier.parquet")
        assert len(held) == shop.height
        lines = path.read_text(encoding="utf-8").split("\n")
        one = shop.row(100, named=True)
        assert json.loads(lines[one["line"] - 1].rstrip(",")) == held[100]
        assert set(held[0]) == {
            "customerId",
            "lastName",
            "firstName",
            "mobile",
            "email",
            "address",
            "zip",
            "city",
        }
        assert any("+brico@" in row["email"] for row in held)

    def test_pasted_rows_come_from_the_shop(self, truth):
        made = truth("dumpsec")
        held = json.loads((made.folder / "earlier-leak" / "loyalty.json").read_text(encoding="utf-8"))
        shop = pl.read_parquet(made.folder / "truth" / "earlier.parquet")
        row_of = {person: held[line - 2] for person, line in shop.select("true_person", "line").iter_rows()}
        header, lines = _table(made.evidence / "users.csv", ";")
        recycled = made.records().filter(pl.col("kind") == "recycled")
        assert recycled.height == made.story["surplus"]["recycled"] > 50
        for line, person in recycled.select("line", "true_person").iter_rows():
            row, theirs = lines[line - 2], row_of[person]
            assert row[header.index("nom")] == theirs["lastName"]
            assert not theirs["mobile"] or row[header.index("telephone")] == theirs["mobile"]


@pytest.fixture(scope="module")
def practice(truth):
    made = truth("weda")
    lines = (made.evidence / "access.jsonl").read_text(encoding="utf-8").splitlines()
    return made, pl.DataFrame([json.loads(line) for line in lines])


@pytest.fixture(scope="module")
def store(truth):
    made = truth("grades")
    lines = (made.evidence / "identity_store.log").read_text(encoding="utf-8").splitlines()
    return made, [json.loads(line) for line in lines]


class TestWeda:
    def test_lines_are_of_whom_the_truth_says(self, practice):
        made, events = practice
        records = made.records()
        assert events.height == records.height == 12 * 2400
        number = dict(zip(records["true_person"].to_list(), events["patient"].to_list(), strict=True))
        assert len(set(number.values())) == len(number)
        assert [number[person] for person in records["true_person"].to_list()] == events["patient"].to_list()

    def test_times_are_in_order_but_for_the_clock_of_one_server(self, practice):
        _, events = practice
        when = pl.Series([dt.datetime.fromisoformat(t).timestamp() for t in events["t"].to_list()])
        back = when.diff().drop_nulls()
        assert (back < 0).sum() > 100
        assert back.min() >= -91
        assert {t[-6:] for t in events["t"].to_list()} == {"+01:00", "+02:00"}

    def test_one_account_slept_forty_days_and_woke_at_ten_past_seven(self, practice):
        made, events = practice
        sleeper = made.story["usurped"][0]
        mine = events.filter(pl.col("account") == sleeper["account"]).sort("t")
        awake = mine.filter(pl.col("t") >= sleeper["since"])
        before = mine.filter(pl.col("t") < sleeper["since"])
        assert sleeper["since"] == "2025-11-10T19:10:00+01:00"
        assert before["t"].max() < "2025-10-02"
        assert awake.height > 1000
        assert len(made.story["usurped"]) == 7

    def test_nobody_reads_after_the_service_is_cut(self, practice):
        _, events = practice
        assert events["t"].max() < "2025-11-10T23:00:00+01:00"

    def test_who_was_seen_is_what_the_usurped_accounts_read_in_their_time(self, practice):
        made, events = practice
        theirs = pl.concat(
            [
                events.filter(
                    (pl.col("account") == one["account"])
                    & (pl.col("t") >= one["since"])
                    & (pl.col("t") <= one["until"])
                )
                for one in made.story["usurped"]
            ]
        )
        assert theirs["patient"].n_unique() == made.story["seen"]["persons"]
        opened = theirs.filter(pl.col("action") == "open")["patient"].n_unique()
        assert opened == made.story["seen"]["opened"] < made.story["seen"]["persons"]
        seen = pl.read_parquet(made.folder / "truth" / "seen.parquet")
        assert seen["times"].sum() == theirs.height
        assert set(made.story["seen"]["parts"]) == set(theirs["tenant"].unique().to_list())

    def test_honest_strangers_and_an_honest_campaign_are_there(self, practice):
        made, _ = practice
        kinds = made.story["kinds"]
        assert min(kinds["locum"], kinds["on_call"], kinds["campaign"]) > 50

    def test_the_patient_file_has_the_numbers_of_the_log(self, practice):
        made, events = practice
        header, lines = _table(made.folder / "patients" / "patients.csv", ";")
        assert set(events["patient"].to_list()) <= {int(row[header.index("ipp")]) for row in lines}
        assert len(lines) == 2400


class TestGrades:
    @staticmethod
    def _patient(event):
        found = [e["what"]["reference"] for e in event["entity"] if "reference" in e.get("what", {})]
        return int(found[0].removeprefix("Patient/")) if found else None

    def test_events_are_of_two_versions_and_six_per_person(self, store):
        made, events = store
        assert len(events) == made.records().height
        assert abs(len(events) - 18_000) <= 1
        new = sum("category" in event for event in events)
        assert 0.25 < new / len(events) < 0.35

    def test_lines_show_whom_the_truth_says(self, store):
        made, events = store
        _, lines = _table(made.folder / "patients" / "identities.csv", ";")
        known = pl.read_parquet(made.folder / "truth" / "patients.parquet")
        number = dict(zip(known["true_person"].to_list(), (int(row[0]) for row in lines), strict=True))
        for event, person in zip(events, made.records()["true_person"].to_list(), strict=True):
            assert self._patient(event) == (None if person is None else number[person])

    def test_who_was_seen_is_what_the_usurped_accounts_read_in_their_time(self, store):
        made, events = store
        asked = {one["account"]: one for one in made.story["usurped"]}
        assert len(asked) == 5
        seen, requests = set(), set()
        for event in events:
            who = event["agent"][0]["who"]["identifier"]["value"]
            window = asked.get(who)
            if window and window["since"] <= event["recorded"] < window["until"] and self._patient(event):
                seen.add(self._patient(event))
                requests.add(event["entity"][-1]["what"]["identifier"]["value"])
        assert len(seen) == made.story["seen"]["persons"]
        assert pl.read_parquet(made.folder / "truth" / "seen.parquet")["times"].sum() == len(requests)
        assert sum(made.story["seen"]["parts"].values()) == len(seen)

    def test_half_of_the_requests_are_logged_twice(self, store):
        _, events = store
        ids = [event["entity"][-1]["what"]["identifier"]["value"] for event in events]
        twice = len(ids) - len(set(ids))
        assert 0.45 < twice / len(set(ids)) < 0.55
        assert len({event["id"] for event in events}) == len(events)

    def test_searches_are_coded_and_some_find_nobody(self, store):
        _, events = store
        asked = [e["query"] for event in events for e in event["entity"] if "query" in e]
        assert 0.3 < len(asked) / len(events) < 0.5
        assert base64.b64decode(asked[0]).decode().startswith("family=")
        nobody = sum(self._patient(event) is None for event in events)
        assert 0.1 < nobody / len(asked) < 0.3

    def test_professional_numbers_have_a_right_last_digit(self, store):
        _, events = store
        for number in {event["agent"][0]["who"]["identifier"]["value"] for event in events}:
            digits = [int(d) for d in reversed(number)]
            assert len(digits) == 11
            assert sum(d if i % 2 == 0 else sum(divmod(2 * d, 10)) for i, d in enumerate(digits)) % 10 == 0

    def test_contacts_in_the_store_and_ages_instead_of_dates(self, store):
        made, _ = store
        header, lines = _table(made.folder / "patients" / "identities.csv", ";")
        assert abs(sum(bool(row[5]) for row in lines) - 0.62 * 3000) < 2
        assert abs(sum(bool(row[6]) for row in lines) - 0.31 * 3000) < 2
        ages = np.array([int(row[header.index("AGE")]) for row in lines])
        assert 0 <= ages.min() < ages.max() < 101
        assert 0 < made.story["seen"]["without_telephone_and_mail"] < made.story["seen"]["persons"]
