"""Each story is written small and its truth compared with the files themselves, read by other means."""

import csv
import hashlib
import io
import json
import re

import polars as pl
import pytest

from hemostat.errors import UsageError
from hemostat.model import Category
from hemostat.simulate import STORIES, nir, rows, simulate
from hemostat.simulate.generate import simulate as _simulate

PEOPLE = {"medecindirect": 3000, "dedalus": 4000, "cegedim": 6000}


@pytest.fixture(scope="module")
def truth(tmp_path_factory):
    made = {}

    def of(story):
        if story not in made:
            out = tmp_path_factory.mktemp("made") / "evidence" / story
            made[story] = simulate(story, PEOPLE[story], 11, out)
        return made[story]

    return of


def _table(path, delimiter, encoding="utf-8-sig"):
    """Rows of a delimited file, each with the physical line on which it starts, read with the standard library."""
    text = path.read_bytes().decode(encoding)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    found, start = [], 1
    for row in reader:
        found.append((start, row))
        start = reader.line_num + 1
    return found[0][1], dict(found[1:])


_VALUE = r"(?:'(?:[^'\\]|\\.)*'|NULL)"
_TUPLE = re.compile(rf"\({_VALUE}(?:,{_VALUE})*\)")


def _practice(made, name):
    """Rows of a practice's file by line, or by line and tuple of a dump."""
    path = made.evidence / name.partition("#")[0]
    encoding = "utf-8-sig" if _is_utf8(path) else "cp1252"
    if path.suffix == ".csv":
        return {str(line): row for line, row in _table(path, _delimiter(path), encoding)[1].items()}
    found = {}
    for number, line in enumerate(path.read_bytes().decode(encoding).split("\n"), 1):
        if line.startswith("INSERT INTO `patients` VALUES "):
            for rank, row in enumerate(_TUPLE.findall(line), 1):
                found[f"line {number}, tuple {rank}"] = re.findall(_VALUE, row)
    return found


def _places(records):
    """Where each record of a file stands, in the words of ``_practice``."""
    return records.select(
        pl.coalesce("locator", pl.col("line").cast(pl.String)).alias("at"), "true_person", "kind"
    ).iter_rows()


def _delimiter(path):
    return max(";,|\t", key=path.read_bytes().split(b"\n")[0].decode("latin-1").count)


@pytest.mark.parametrize("story", PEOPLE)
def test_the_same_seed_gives_the_same_bytes(story, tmp_path):
    def digests(out, seed):
        simulate(story, 120, seed, out)
        return {
            str(path.relative_to(out)): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in sorted(out.rglob("*"))
            if path.is_file()
        }

    first, again, other = (
        digests(tmp_path / "out" / name, seed) for name, seed in (("a", 5), ("b", 5), ("c", 6))
    )
    assert first == again
    assert all(first[name] != other.get(name) for name in first)


@pytest.mark.parametrize("story", PEOPLE)
@pytest.mark.parametrize("people", [1, 2, 7, 33])
def test_small_leaks_are_possible(story, people, tmp_path):
    made = simulate(story, people, 1, tmp_path / "out")
    assert made.story["people"] == people
    assert (
        made.records().filter(pl.col("genuine") & (pl.col("kind") == "original"))["true_person"].n_unique()
        == people
    )


@pytest.mark.parametrize(
    ("story", "people", "seed"), [("nosuch", 10, 1), ("medecindirect", 0, 1), ("medecindirect", 10, -1)]
)
def test_wrong_wishes_are_refused(story, people, seed, tmp_path):
    with pytest.raises(UsageError):
        simulate(story, people, seed, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_progress_is_told_in_order(tmp_path):
    said = []
    _simulate("medecindirect", 50, 1, tmp_path / "out", lambda what, share: said.append((share, what)))
    assert said[0][0] == 0.0
    assert said[-1] == (1.0, "done")
    assert [share for share, _ in said] == sorted(share for share, _ in said)


@pytest.mark.parametrize("story", PEOPLE)
def test_identities_add_up(truth, story):
    made = truth(story)
    records, persons, said = made.records(), made.persons(), made.story
    assert said["genuine"] == said["people"] == PEOPLE[story]
    assert persons.height == said["identities"] == records["true_person"].n_unique()
    assert persons["genuine"].sum() == PEOPLE[story]
    assert persons["nir"].n_unique() == persons.height
    per_person = records.group_by("true_person").agg(pl.col("genuine").n_unique().alias("n"))
    assert (per_person["n"] == 1).all()
    assert {str(category) for category in Category} >= set(said["categories"]) | set(
        said["categories_in_text"]
    )


@pytest.mark.parametrize("story", PEOPLE)
def test_category_counts_agree_with_persons(truth, story):
    made = truth(story)
    persons = made.persons()
    for key, column in (("categories", "categories"), ("categories_in_text", "categories_in_text")):
        long = persons.select("true_person", "genuine", pl.col(column).alias("c")).explode(
            "c", empty_as_null=True
        )
        for category, counts in made.story[key].items():
            if key == "categories" and category in made.story["categories_in_text"]:
                continue
            held = long.filter(pl.col("c") == category)
            assert held.height == counts["persons"], category
            assert held["genuine"].sum() == counts["genuine_persons"], category


@pytest.mark.parametrize(
    ("story", "column", "trait"),
    [("medecindirect", "email", "email"), ("cegedim", "mail", "email"), ("cegedim", "nss", "nir")],
)
def test_lines_of_the_truth_are_lines_of_the_files(truth, story, column, trait):
    made = truth(story)
    persons = dict(made.persons().select("true_person", trait).iter_rows())
    checked = right = 0
    for (name,), part in made.records().group_by("evidence"):
        path = made.evidence / name
        if path.suffix != ".csv":
            continue
        encoding = "utf-8-sig" if _is_utf8(path) else "cp1252"
        header, lines = _table(path, _delimiter(path), encoding)
        place = header.index(column)
        whole = part.filter(pl.col("kind") != "broken")
        assert set(whole["line"].to_list()) | set(
            part.filter(pl.col("kind") == "broken")["line"].to_list()
        ) == set(lines)
        for line, person, kind in whole.select("line", "true_person", "kind").iter_rows():
            cell = lines[line][place].replace(" ", "")
            if cell and kind in {"original", "exact_duplicate"}:
                checked += 1
                right += cell.lower()[:13] == persons[person].lower()[:13]
    assert checked > 300
    assert right / checked > 0.9  # the rest are typing errors, parents' numbers and newer addresses


def _is_utf8(path):
    try:
        path.read_bytes().decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


@pytest.mark.parametrize("story", PEOPLE)
def test_broken_lines_have_fewer_fields_and_are_no_records(truth, story):
    made = truth(story)
    broken = made.records().filter(pl.col("kind") == "broken")
    assert broken.height == sum(file["broken"] for file in made.story["files"].values())
    for name, line in broken.select("evidence", "line").iter_rows():
        path = made.evidence / name
        text = path.read_bytes().decode("latin-1").split("\n")
        assert 0 < text[line - 1].count(_delimiter(path)) < text[0].count(_delimiter(path))


class TestMedecinDirect:
    def test_rows_follow_the_published_ratio(self, truth):
        said = truth("medecindirect").story
        assert said["rows"] == round(3000 * 320 / 285) == said["files"]["users.csv"]["rows"]
        assert said["files"]["teleconsultations.jsonl"]["rows"] == 4800
        assert said["files"]["messages.jsonl"]["rows"] == 2400
        surplus = said["rows"] - 3000
        assert said["surplus"] == {
            "second_account": round(surplus * 0.6),
            "recycled": round(surplus * 0.25),
            "fabricated": round(surplus * 0.15),
        }
        assert said["identities"] == 3000 + said["surplus"]["recycled"] + said["surplus"]["fabricated"]

    def test_columns_are_filled_exactly(self, truth):
        said = truth("medecindirect").story
        filled, size = said["filled"]["users.csv"], said["rows"]
        for heading, share in (
            ("num_secu", 0.3),
            ("adresse", 0.85),
            ("cp", 0.86),
            ("email", 0.97),
            ("nom", 1.0),
        ):
            assert filled[heading] == round(share * size), heading
        assert "photo" not in said["categories"]
        assert "payment_card" not in said["categories"]

    def test_the_file_agrees_with_the_filled_columns(self, truth):
        made = truth("medecindirect")
        header, lines = _table(made.evidence / "users.csv", ";")
        whole = [row for row in lines.values() if len(row) == len(header)]
        for heading in ("num_secu", "adresse", "email", "telephone", "medecin_traitant"):
            cells = [row[header.index(heading)] for row in whole]
            seen = sum(cell not in {"", "NULL", "-", "inconnu"} for cell in cells)
            assert seen == made.story["filled"]["users.csv"][heading], heading
        assert all(row[header.index("password")].startswith("$2b$10$") for row in whole)
        ids = [row[0] for row in whole]
        assert len(set(ids)) == len(ids)

    def test_health_facts_reach_their_person_through_the_account(self, truth):
        made = truth("medecindirect")
        header, lines = _table(made.evidence / "users.csv", ";")
        owner = {}
        for line, person in (
            made.records()
            .filter((pl.col("evidence") == "users.csv") & (pl.col("kind") != "broken"))
            .select("line", "true_person")
            .iter_rows()
        ):
            owner[lines[line][header.index("id")]] = person
        events = made.records().filter(pl.col("evidence") == "teleconsultations.jsonl").sort("line")
        text = (made.evidence / "teleconsultations.jsonl").read_text(encoding="utf-8").splitlines()
        assert events.height == len(text)
        for line, person in events.select("line", "true_person").iter_rows():
            assert owner[str(json.loads(text[line - 1])["user_id"])] == person
        assert events["genuine"].all()

    def test_fabricated_numbers_are_wrong_as_their_flaw_says(self, truth):
        made = truth("medecindirect")
        header, lines = _table(made.evidence / "users.csv", ";")
        made_up = made.records().filter(pl.col("kind") == "fabricated")
        assert set(made_up["flaw"].unique()) <= {rows.WRONG_KEY, rows.WRONG_SEX, rows.FORGED}
        cells = pl.Series([lines[line][header.index("num_secu")] for line in made_up["line"]])
        assert (cells.str.len_chars() == 15).all()
        right = pl.Series(nir.keys(cells.str.slice(0, 13))) == cells.str.slice(13).cast(pl.Int64)
        assert (right == (made_up["flaw"] != rows.WRONG_KEY)).all()

    def test_recycled_rows_stand_in_the_earlier_leak(self, truth):
        made = truth("medecindirect")
        header, lines = _table(made.evidence / "users.csv", ";")
        path = made.folder / "earlier-leak" / "clients_optique_2023.csv"
        old_header, old_lines = _table(path, ",")
        old = pl.read_parquet(made.folder / "truth" / "earlier.parquet")
        place = dict(old.select("true_person", "line").iter_rows())
        recycled = made.records().filter(pl.col("kind") == "recycled")
        assert recycled.height > 50
        for line, person in recycled.select("line", "true_person").iter_rows():
            row, before = lines[line], old_lines[place[person]]
            for ours, theirs in (
                ("nom", "NOM"),
                ("email", "EMAIL"),
                ("telephone", "TEL"),
                ("adresse", "ADRESSE"),
            ):
                cell = before[old_header.index(theirs)]
                assert not cell or row[header.index(ours)] == cell
            assert row[header.index("num_secu")] in {"", "NULL"}
        in_both = set(place) & set(made.persons().filter("genuine")["true_person"].to_list())
        assert len(in_both) == round(0.015 * 3000)

    def test_some_children_carry_a_parents_number(self, truth):
        made = truth("medecindirect")
        everyone = made.persons()
        children = everyone.filter((pl.col("parent") >= 0) & pl.col("categories").list.contains("nir"))
        assert children.height > 3
        assert children.filter(~pl.col("own_nir")).height > 0
        said = made.story
        assert said["genuine_with_own_nir"] < said["genuine_with_nir"] < said["persons_with_nir"]
        assert said["persons_with_nir"] == said["categories"]["nir"]["persons"]

    def test_the_patient_file_knows_more_people_and_newer_contacts(self, truth):
        made = truth("medecindirect")
        header, lines = _table(made.folder / "patients" / "patients.csv", ",")
        known = pl.read_parquet(made.folder / "truth" / "patients.parquet")
        assert set(known["line"].to_list()) == set(lines)
        ours = set(made.persons().filter("genuine")["true_person"].to_list())
        listed = set(known["true_person"].to_list())
        assert 0.98 < len(ours & listed) / len(ours) < 1
        assert len(listed - ours) == 150
        mails = dict(made.persons().select("true_person", "email").iter_rows())
        same = [
            mails[person] == lines[line][header.index("email")]
            for line, person in known.select("line", "true_person").iter_rows()
            if person in mails and lines[line][header.index("email")]
        ]
        assert 0.7 < sum(same) / len(same) < 0.97
        dead = sum(bool(row[header.index("date_deces")]) for row in lines.values())
        assert 0 < dead < 40

    def test_second_accounts_differ_from_the_first(self, truth):
        made = truth("medecindirect")
        header, lines = _table(made.evidence / "users.csv", ";")
        users = made.records().filter((pl.col("evidence") == "users.csv") & pl.col("genuine"))
        first = dict(users.filter(pl.col("kind") == "original").select("true_person", "line").iter_rows())
        second = users.filter(pl.col("kind") == "second_account")
        mails = [
            (lines[line][header.index("email")], lines[first[person]][header.index("email")])
            for line, person in second.select("line", "true_person").iter_rows()
        ]
        assert sum(a != b for a, b in mails) > 0.6 * len(mails)
        names = [
            (lines[line][header.index("nom")].lower(), lines[first[person]][header.index("nom")].lower())
            for line, person in second.select("line", "true_person").iter_rows()
        ]
        assert 0.05 < sum(a != b for a, b in names) / len(names) < 0.5


PUBLISHED = {
    "NOM": 478_882,
    "PRENOM": 478_882,
    "NUMSECU": 489_838,
    "TEL": 270_569,
    "GSM": 159_591,
    "MAIL": 55_738,
    "MDP": 14_997,
}


class TestDedalus:
    def _file(self, made):
        # The unescaped quotes are balanced, so that a forgiving reader still finds the columns that stand before them.
        return _table(made.evidence / "export_labos.csv", ";", "cp1252")

    def test_published_counters_are_exact(self, truth):
        made = truth("dedalus")
        header, lines = self._file(made)
        size = made.story["rows"]
        whole = made.records().filter(pl.col("kind") != "broken")["line"].to_list()
        for heading, count in PUBLISHED.items():
            wanted = round(count / 491_840 * size)
            assert made.story["filled"]["export_labos.csv"][heading] == wanted, heading
            seen = sum(bool(lines[line][header.index(heading)]) for line in whole)
            assert seen == wanted, heading
        titles = [lines[line][header.index("CIV")] for line in whole]
        for word, count in (
            ("Mme", 268_983),
            ("M.", 195_828),
            ("Enfant", 13_478),
            ("Bébé", 425),
            ("Soeur", 265),
        ):
            assert titles.count(word) == round(count / 491_840 * size), word

    def test_sixty_columns_of_which_thirty_nine_say_nothing(self, truth):
        header, _ = self._file(truth("dedalus"))
        assert len(header) == len(set(header)) == 60
        assert sum(column.shows == "filler" for column in STORIES["dedalus"].tables[0].columns) == 39

    def test_patient_mails_are_unique_and_doctors_mails_few(self, truth):
        made = truth("dedalus")
        header, lines = self._file(made)
        whole = made.records().filter(pl.col("kind") != "broken")["line"].to_list()
        mails = [m.lower() for line in whole if (m := lines[line][header.index("MAIL")])]
        assert len(set(mails)) == len(mails)
        doctors = {m for line in whole if (m := lines[line][header.index("MAILMED")])}
        assert len(doctors) == round(337 / 491_840 * made.story["rows"])
        assert not doctors & set(mails)

    def test_titles_fit_most_people(self, truth):
        made = truth("dedalus")
        header, lines = self._file(made)
        sex = dict(made.persons().select("true_person", "sex").iter_rows())
        titled = [
            (lines[line][header.index("CIV")], sex[person])
            for line, person in made.records()
            .filter(pl.col("kind") != "broken")
            .select("line", "true_person")
            .iter_rows()
        ]
        fits = [word == ("M." if of == 1 else "Mme") for word, of in titled if word in {"M.", "Mme"}]
        assert sum(fits) / len(fits) > 0.97

    def test_twenty_eight_laboratories_and_people_in_two(self, truth):
        made = truth("dedalus")
        assert len(made.story["tenants"]) == 28
        twice = made.records().filter(pl.col("kind") == "update")
        assert twice.height == round(4000 * 1.008) - 4000
        both = made.records().filter(pl.col("true_person").is_in(twice["true_person"].to_list()))
        per_person = both.group_by("true_person").agg(pl.col("tenant").n_unique().alias("n"))
        assert (per_person["n"] > 1).all()

    def test_dates_stay_inside_the_window(self, truth):
        made = truth("dedalus")
        header, lines = self._file(made)
        days = {row[header.index("DATE_DOSSIER")] for row in lines.values() if len(row) > 20} - {""}
        parsed = pl.Series(sorted(days)).str.to_date("%d/%m/%Y")
        assert str(parsed.min()) >= "2015-01-05"
        assert str(parsed.max()) <= "2020-10-28"

    def test_comments_are_labelled_where_they_stand(self, truth):
        made = truth("dedalus")
        header, lines = self._file(made)
        remarks = made.remarks()
        assert set(remarks["column"]) == {"COMM1", "COMM2"}
        for column in ("COMM1", "COMM2"):
            mine = remarks.filter(pl.col("column") == column)
            assert mine.height == made.story["filled"]["export_labos.csv"][column]
            assert all(lines[line][header.index(column)] for line in mine["line"])
        pregnant = remarks.filter(pl.col("categories").list.contains("pregnancy"))
        who = made.persons().filter(pl.col("true_person").is_in(pregnant["true_person"].implode()))
        assert (who["sex"] == 2).all()


class TestCegedim:
    def test_rows_and_duplicates_follow_the_published_figures(self, truth):
        made = truth("cegedim")
        said = made.story
        assert said["rows"] == round(6000 * 19 / 15) == sum(file["rows"] for file in said["files"].values())
        surplus = said["rows"] - 6000
        assert said["exact_duplicates"] + said["surplus"]["update"] == surplus
        assert abs(said["exact_duplicates"] / said["rows"] - 4 / 19) < 0.012

    def test_exact_duplicates_are_bytes_alike_and_nothing_else_is(self, truth):
        made = truth("cegedim")
        records = (
            made.records().filter(pl.col("kind") != "broken").sort("evidence", "line", maintain_order=True)
        )
        for (name,), part in records.group_by("evidence"):
            rows = _practice(made, name)
            seen = {}
            for place, person, kind in _places(part):
                row = tuple(rows[place])
                assert (row in seen) == (kind == "exact_duplicate")
                assert seen.setdefault(row, person) == person
            assert len(rows) - part.height == made.story["files"][name]["broken"]

    def test_a_file_holds_its_practice_alone(self, truth):
        made = truth("cegedim")
        assert len(made.story["tenants"]) == 5 == len(made.story["files"])
        assert sum(name.endswith(".sql#patients") for name in made.story["files"]) == 2
        for name in made.story["files"]:
            held = {row[0].strip("'") for row in _practice(made, name).values() if len(row) == 13}
            assert held == {re.search(r"cabinet_(\d+)", name)[1]}

    def test_places_in_dumps_are_where_the_truth_says(self, truth):
        made = truth("cegedim")
        mails = dict(made.persons().select("true_person", "email").iter_rows())
        name = next(name for name in made.story["files"] if "#" in name)
        rows = _practice(made, name)
        part = made.records().filter((pl.col("evidence") == name) & (pl.col("kind") == "original"))
        pairs = [(rows[place][10].strip("'").lower(), mails[person]) for place, person, _ in _places(part)]
        given = [(cell, mail) for cell, mail in pairs if cell != "null"]
        assert len(given) > 100
        assert sum(cell == mail for cell, mail in given) > 0.95 * len(given)

    def test_annotated_people_are_exact_and_themes_follow_the_mix(self, truth):
        made = truth("cegedim")
        wanted = round(6000 * 169_000 / 15_000_000)
        remarks = made.remarks()
        sensitive = remarks.filter(
            pl.col("categories").list.eval(pl.element().str.starts_with("remark_")).list.any()
        )
        assert made.story["annotated"] == wanted == sensitive["true_person"].n_unique()
        assert remarks.filter(~pl.col("line").is_null()).height >= round(0.05 * 6000)
        assert set(remarks["about"]) == {"self", "relative", "none"}
        assert made.story["filled"]["cabinet_{}"]["remarque"] == round(
            0.06 * (6000 + made.story["surplus"]["update"])
        )

    def test_people_of_several_practices_have_several_addresses(self, truth):
        made = truth("cegedim")
        updates = made.records().filter(pl.col("kind") == "update")
        assert updates.height > 50
        everywhere = made.records().filter(pl.col("true_person").is_in(updates["true_person"].implode()))
        assert (
            everywhere.group_by("true_person").agg(pl.col("evidence").n_unique().alias("n"))["n"] > 1
        ).all()

    def test_a_million_rows_can_be_asked_for(self):
        counts = rows.count(STORIES["cegedim"], round(1e6 * 15 / 19))
        assert counts.rows == 1_000_000
