"""The second error model: each habit changes what it says and nothing else; bunches; the truth is right."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from hemostat.simulate import habits, habits_contacts, habits_letters, habits_names, habits_numbers, nir
from hemostat.simulate.habits import CANONICAL, CHANNELS, HABITS, Habit

PEOPLE = (
    # birth name, name of use, given names, sex, birth date, place code
    ("Lefèvre", "Lefèvre", "Mathieu Éric", "M", "1958-03-12", "75112"),
    ("Garcia Lopez", "Garcia Lopez", "Maria Carmen", "F", "1949-11-08", "99134"),
    ("De Villiers", "De Villiers", "Jean-Pierre", "M", "1931-01-05", "69123"),
    ("Benali", "Traoré", "Fatima", "F", "1987-06-23", "99352"),
    ("Dupont", "D'Angelo", "Catherine Élise", "F", "1962-07-04", "13055"),
    ("N'Diaye", "N'Diaye", "Mohamed", "M", "2002-09-02", "99341"),
    ("Saint-Martin", "Saint-Martin", "Camille", "F", "2015-12-21", "33063"),
    ("Morel", "Morel", "Louise Anne", "F", "2024-05-02", "38185"),
    ("Moreau-Petit", "Moreau-Petit", "Élisabeth", "F", "1928-02-10", "31555"),
    ("Bernard", "Bernard", "Youssef Paul", "M", "1970-10-11", "06088"),
    ("Legrand", "Legrand", "Zoé", "F", "2003-04-30", "59350"),
    ("Girard", "Girard", "Alexandra", "F", "1994-08-17", "44109"),
)
KIN = {
    "spouse_birth_name": "Renaud", "spouse_first_names": "Paul Henri", "spouse_birth_date": "1960-02-03",
    "spouse_nir": "160027511200136", "spouse_email": "paul.renaud@example.org", "spouse_phone": "0639980011",
    "parent_birth_name": "Caron", "parent_used_name": "Blanchet", "parent_first_names": "Odile",
    "parent_birth_date": "1981-05-06", "parent_nir": "281055935000266", "parent_email": "odile@example.net",
    "parent_phone": "0639980022", "child_email": "fille@example.com", "child_phone": "0639980033",
    "landline": "0199001234", "old_phone": "0639980044", "old_address": "9 rue Haute", "old_postal_code": "21000",
    "old_city": "Dijon", "sibling_birth_date": "2018-09-10", "family_address": "1 chemin Vert",
    "family_postal_code": "39000",
    "family_city": "Lons-le-Saunier",
}  # fmt: skip


def table(times: int = 40) -> pl.DataFrame:
    """The people above over and over, five desks, with all that habits need."""
    names = ["birth_name", "used_name", "first_names", "sex", "birth_date", "_code"]
    people = pl.DataFrame(PEOPLE, schema=names, orient="row")
    rows = pl.concat([people] * times).with_row_index("person").with_columns(pl.col("person").cast(pl.Int64))
    number = pl.col("person").cast(pl.String).str.zfill(3)
    body = pl.format(
        "{}{}{}{}{}",
        pl.col("sex").replace({"M": "1", "F": "2"}),
        pl.col("birth_date").str.slice(2, 2),
        pl.col("birth_date").str.slice(5, 2),
        "_code",
        number,
    )
    rows = rows.with_columns(
        nir.with_keys(rows.select(body.alias("b"))["b"]).alias("nir"),
        pl.format("luc.moulin{}@mail.example.com", number).alias("email"),
        ("0639985" + number).alias("phone"),
        pl.format("{} rue du Général Leclerc", number.str.strip_chars_start("0") + "1").alias("address"),
        pl.when(pl.col("person") % 2 == 0)
        .then(pl.lit("01240"))
        .otherwise(pl.lit("75011"))
        .alias("postal_code"),
        pl.when(pl.col("person") % 2 == 0)
        .then(pl.lit("Saint-Rémy-sur-Orne"))
        .otherwise(pl.lit("Évreux"))
        .alias("city"),
        (pl.col("person") % 5).alias("desk"),
        pl.lit("2024-11-18").alias("seen_on"),
        *(pl.lit(value).alias(name) for name, value in KIN.items()),
    )
    return rows.drop("_code")


def always(habit: Habit) -> Habit:
    """The habit at every row where it can be."""
    return Habit(habit.change, 1e9, habit.touches, (), "row", 1.0, habit.when, habit.needs)


def differing(before: pl.DataFrame, after: pl.DataFrame) -> set[tuple[int, str]]:
    return {
        (int(row), name)
        for name in before.columns
        for row in np.flatnonzero(after[name].ne_missing(before[name]).to_numpy())
    }


def cells(touched: pl.DataFrame) -> set[tuple[int, str]]:
    return set(touched.select("row", "column").iter_rows())


@pytest.mark.parametrize("habit", HABITS, ids=lambda habit: habit.name)
def test_each_changes_something_of_what_it_says_and_only_that(habit: Habit):
    before = table()
    after, touched = habits.apply(3, before, [always(habit)])
    changed = differing(before, after)
    assert changed
    assert {name for _, name in changed} <= set(habit.touches)
    assert cells(touched) == changed
    assert touched.height == len(changed)
    assert set(touched["habit"]) == {habit.name}


@pytest.mark.parametrize("habit", HABITS, ids=lambda habit: habit.name)
def test_each_is_the_same_for_the_same_seed(habit: Habit):
    one, two = (habits.apply(5, table(8), [always(habit)])[0] for _ in range(2))
    assert_frame_equal(one, two)


@pytest.mark.parametrize("habit", [h for h in HABITS if h.when is not None], ids=lambda habit: habit.name)
def test_each_stays_where_it_can_be(habit: Habit):
    before = table(8)
    _, touched = habits.apply(3, before, [always(habit)])
    possible = before.select(habit.when.fill_null(value=False)).to_series()
    assert not possible.all() or habit.name.startswith(("nir", "mail", "phone", "birth_left"))
    assert possible.gather(touched["row"].unique()).all()


@pytest.mark.parametrize("habit", HABITS, ids=lambda habit: habit.name)
def test_each_says_where_it_is_met_and_how_often(habit: Habit):
    assert (habit.change.__doc__ or "").strip().endswith(".")
    assert 0 < habit.rate < 1
    assert 0 < habit.within <= 1
    assert set(habit.met) <= set(CHANNELS)
    assert set(habit.touches) <= set(CANONICAL)


def test_names_are_unique_and_there_are_more_than_thirty():
    names = [habit.name for habit in HABITS]
    assert len(set(names)) == len(names) > 30


@pytest.mark.parametrize(
    ("change", "column", "before", "after"),
    [
        (habits_names.second_given_name, "first_names", "Anne Marie Louise", "Marie Anne Louise"),
        (habits_names.only_second_given_name, "first_names", "Anne Marie Louise", "Marie"),
        (habits_names.only_first_given_name, "first_names", "Jean-Pierre Marie", "Jean-Pierre"),
        (habits_names.initial_only, "first_names", "Jean-Pierre Marie", "JP"),
        (habits_names.initial_only, "first_names", "Élodie", "É"),
        (habits_names.double_name_first, "birth_name", "Garcia Lopez", "Garcia"),
        (habits_names.double_name_last, "birth_name", "Garcia-Lopez", "Lopez"),
        (habits_names.double_name_turned, "birth_name", "Garcia Lopez", "Lopez Garcia"),
        (habits_names.hyphen_to_space, "birth_name", "Morel-Petit", "Morel Petit"),
        (habits_names.hyphen_lost, "first_names", "Jean-Pierre Marie", "JeanPierre Marie"),
        (habits_names.space_to_hyphen, "first_names", "Jean Pierre", "Jean-Pierre"),
        (habits_names.particle_glued, "birth_name", "De La Tour", "Delatour"),
        (habits_names.particle_glued, "birth_name", "LE GOFF", "LEGOFF"),
        (habits_names.particle_glued, "birth_name", "Petit Jean", "Petit Jean"),
        (habits_names.particle_dropped, "birth_name", "El Amrani", "Amrani"),
        (habits_names.particle_behind, "birth_name", "De Villiers", "Villiers (De)"),
        (habits_names.particle_parted, "birth_name", "Legoff", "Le Goff"),
        (habits_names.particle_parted, "birth_name", "BENALI", "BENALI"),
        (habits_names.particle_parted, "birth_name", "BENSALEM", "BEN SALEM"),
        (habits_names.particle_parted, "birth_name", "Lambert", "Lambert"),
        (habits_names.apostrophe_curly, "birth_name", "N'Diaye", "N’Diaye"),
        (habits_names.saint_short, "birth_name", "Sainte-Croix", "STe Croix"),
        (habits_letters.capitals, "birth_name", "Lefèvre", "LEFEVRE"),
        (habits_letters.accents_lost, "birth_name", "Bœuf-Éric", "Boeuf-Eric"),
        (habits_letters.accents_swallowed, "birth_name", "Stéphan", "Stphan"),
        (habits_letters.read_as_latin1, "birth_name", "Lefèvre", "LefÃ¨vre"),
        (habits_letters.web_entities, "birth_name", "D'Éloge é", "D&#39;Éloge &eacute;"),
        (habits_letters.lower_case, "birth_name", "Lefèvre", "lefèvre"),
        (habits_letters.spaces_around, "birth_name", "Morel", "Morel  "),
        (habits_numbers.day_month_crossed, "birth_date", "1980-03-04", "1980-04-03"),
        (habits_numbers.day_month_crossed, "birth_date", "1980-03-14", "1980-03-14"),
        (habits_numbers.this_year_typed, "birth_date", "1980-03-14", "2024-03-14"),
        (habits_numbers.this_year_typed, "birth_date", "1980-02-29", "2024-02-29"),
        (habits_numbers.today_for_birth, "birth_date", "1980-03-14", "2024-11-18"),
        (habits_numbers.century_slip, "birth_date", "1928-03-14", "2028-03-14"),
        (habits_numbers.century_slip, "birth_date", "2015-03-14", "1915-03-14"),
        (habits_numbers.first_of_january, "birth_date", "1950-07-14", "1950-01-01"),
        (habits_numbers.first_of_month, "birth_date", "1950-07-14", "1950-07-01"),
        (habits_numbers.year_digits_crossed, "birth_date", "1958-07-14", "1985-07-14"),
        (habits_numbers.day_digits_crossed, "birth_date", "1958-07-12", "1958-07-21"),
        (habits_numbers.a_day_early, "birth_date", "1980-03-01", "1980-02-29"),
        (habits_numbers.epoch_of_1904, "birth_date", "1984-01-02", "1980-01-01"),
        (habits_numbers.date_of_parent, "birth_date", "2015-03-14", "1981-05-06"),
        (habits_numbers.date_of_spouse, "birth_date", "1985-03-14", "1960-02-03"),
        (habits_numbers.sex_slip, "sex", "M", "F"),
        (habits_numbers.nir_of_parent, "nir", "115033325700191", "281055935000266"),
        (habits_numbers.nir_without_key, "nir", "115033325700191", "1150333257001"),
        (habits_numbers.nir_in_groups, "nir", "115033325700191", "1 15 03 33 257 001 91"),
        (habits_numbers.nir_key_short, "nir", "115033325700107", "11503332570017"),
        (habits_numbers.nir_rounded, "nir", "115033325700191", "1,15033E+14"),
        (habits_contacts.mail_of_family, "email", "x@example.org", "paul.renaud@example.org"),
        (habits_contacts.mail_of_child, "email", "x@example.org", "fille@example.com"),
        (habits_contacts.mail_of_desk, "email", "x@example.org", "secretariat0@cabinet.example.org"),
        (habits_contacts.phone_pairs_crossed, "phone", "0639981234", "0639983412"),
        (habits_contacts.phone_zero_lost, "phone", "0639981234", "639981234"),
        (habits_contacts.two_phones, "phone", "0639981234", "0639981234 / 0199001234"),
        (habits_contacts.former_address, "city", "Évreux", "Dijon"),
        (habits_contacts.street_number_lost, "address", "12 bis rue Haute", "rue Haute"),
        (habits_contacts.street_number_lost, "address", "27B avenue Foch", "avenue Foch"),
        (habits_contacts.street_number_lost, "address", "7 boulevard Foch", "boulevard Foch"),
        (habits_contacts.code_zero_lost, "postal_code", "01240", "1240"),
        (habits_contacts.code_of_departement, "postal_code", "69008", "69000"),
        (habits_contacts.city_short, "city", "Saint-Rémy-sur-Orne", "ST REMY S/ ORNE"),
    ],
)  # fmt: skip
def test_examples(change, column, before, after):
    rows = table(1).head(1).with_columns(pl.lit(before).alias(column), pl.lit(0, pl.Int64).alias("batch"))
    assert change(np.random.default_rng(0), rows)[column].to_list() == [after]


@pytest.mark.parametrize("name", ["surname_key_beside", "letter_lost", "letter_twice", "letters_crossed"])
def test_a_slip_is_one_slip(name: str):
    """One letter more, less, other, or two crossed; the first letter stays; both fields alike where they were."""
    from rapidfuzz.distance import OSA  # noqa: PLC0415 - here alone

    habit = next(habit for habit in HABITS if habit.name == name)
    before = table()
    after, touched = habits.apply(9, before, [always(habit)])
    rows = touched["row"].unique().to_list()
    for old, new in ((before.row(row, named=True), after.row(row, named=True)) for row in rows):
        for column in ("birth_name", "used_name"):
            assert OSA.distance(old[column], new[column]) <= 1
            assert new[column][0] == old[column][0]
        if old["birth_name"] == old["used_name"]:
            assert new["birth_name"] == new["used_name"]


@pytest.mark.parametrize("name", ["nickname", "transliterated", "first_name_heard", "frenchified"])
def test_first_names_come_from_the_table_and_the_others_stay(name: str):
    habit = next(habit for habit in HABITS if habit.name == name)
    before = table().with_columns(
        pl.lit("Youssef Pierre").alias("first_names"), pl.lit("1950-01-01").alias("birth_date")
    )
    kind = {"nickname": ("Élisabeth", {"Babeth", "Lise", "Zabeth", "Betty"}),
            "transliterated": ("Youssef", {"Yousef", "Yusuf", "Youcef", "Youssouf"}),
            "first_name_heard": ("Mathieu", {"Matthieu", "Mathieux"}),
            "frenchified": ("Youssef", {"Joseph"})}  # fmt: skip
    name_before, expected = kind[name]
    before = before.with_columns(pl.lit(f"{name_before} Pierre").alias("first_names"))
    after, _ = habits.apply(9, before, [always(habit)])
    assert set(after["first_names"]) == {f"{other} Pierre" for other in expected}


def test_dates_stay_dates_except_where_a_program_writes_its_own():
    free = {"default_date", "date_left_blank"}
    before = table()
    for habit in HABITS:
        if "birth_date" in habit.touches and habit.name not in free:
            after, _ = habits.apply(4, before, [always(habit)])
            assert after["birth_date"].str.to_date("%Y-%m-%d", strict=True).null_count() == 0


def test_a_batch_is_cut_at_one_width():
    long = table().with_columns(pl.lit("Abcdefghijklmnopqrstuvwxyz").alias("birth_name"))
    cut = next(habit for habit in HABITS if habit.name == "surnames_cut")
    after, _ = habits.apply(2, long, [always(cut)])
    batches, care = habits._placed(habits.Streams(2), long)
    widths = after.select(pl.col("birth_name").str.len_chars().alias("n"), batches["batch"]).group_by("batch")
    assert widths.agg(pl.col("n").n_unique())["n"].max() == 1
    assert set(after["birth_name"].str.len_chars()) <= {10, 12, 15, 20}
    assert len(care) == long.height


def test_residents_of_a_home_share_its_address():
    after, _ = habits.apply(2, table(), [always(next(h for h in HABITS if h.name == "care_home"))])
    homes = after.filter(pl.col("address").str.contains("EHPAD|Foyer|Maison|USLD"))
    assert (
        homes.group_by(pl.col("postal_code").str.slice(0, 2))
        .agg(pl.col("address").n_unique())["address"]
        .max()
        == 1
    )
    assert homes.height > 30


def test_all_together_are_the_same_for_the_same_seed_and_tell_every_cell():
    before = table(200)
    (one, told), (two, told_again) = (habits.apply(11, before) for _ in range(2))
    assert_frame_equal(one, two)
    assert_frame_equal(told, told_again)
    assert differing(before, one) <= cells(told)
    assert one.columns == before.columns
    assert_frame_equal(one.drop(CANONICAL), before.drop(CANONICAL))
    other, _ = habits.apply(12, before)
    assert not other.equals(one)


def test_a_generator_stands_for_the_seed_it_draws():
    rng = np.random.default_rng(8)
    seed = int(np.random.default_rng(8).integers(0, 2**31))
    assert_frame_equal(habits.apply(rng, table(5))[0], habits.apply(seed, table(5))[0])


def test_leaving_a_habit_out_leaves_the_others_as_they_were():
    before = table(60)
    phones = [habit for habit in HABITS if habit.touches == ("phone",) and habit.when is None]
    dates = [habit for habit in HABITS if habit.touches == ("birth_date",)]
    alone, _ = habits.apply(6, before, phones)
    both, _ = habits.apply(6, before, [*dates, *phones])
    assert_frame_equal(alone.select("phone"), both.select("phone"))


def test_nobody_is_touched_without_load_or_share():
    before = table(30)
    for kept in (habits.apply(1, before, load=0.0), habits.apply(1, before, share=0.0)):
        assert_frame_equal(kept[0], before)
        assert kept[1].is_empty()


def test_a_share_of_the_rows_is_touched():
    before = table(400)
    _, all_rows = habits.apply(1, before)
    _, some_rows = habits.apply(1, before, share=0.3)
    assert 0.22 < some_rows["row"].n_unique() / all_rows["row"].n_unique() < 0.38


def test_what_is_not_known_of_others_is_left_out():
    bare = table(50).select(CANONICAL)
    after, touched = habits.apply(1, bare)
    assert after.columns == list(CANONICAL)
    needing = {habit.name for habit in HABITS if habit.needs}
    assert not needing & set(touched["habit"])
    assert touched.height > 0


def test_mistakes_come_in_bunches():
    """Slips of single rows: more rows with several than chance alone would make (variance above the mean)."""
    before = table(1500)
    slips = [habit for habit in HABITS if habit.unit == "row" and len(habit.met) == 3]
    _, touched = habits.apply(7, before, slips)
    counts = np.zeros(before.height)
    per_row = touched.select("row", "habit").unique().group_by("row").len()
    counts[per_row["row"].to_numpy()] = per_row["len"].to_numpy()
    assert counts.var() > 1.5 * counts.mean()
    by_desk = (
        pl.DataFrame({"desk": before["desk"], "n": counts}).group_by("desk").agg(pl.col("n").mean())["n"]
    )
    assert by_desk.max() > 1.5 * by_desk.min()


def test_people_keep_their_own_ways():
    before = table(40).with_columns((pl.col("person") % 24).alias("person"))
    own = [habit for habit in HABITS if habit.name == "second_given_name"]
    _, touched = habits.apply(3, before, own, load=10)
    owners = before["person"].gather(touched["row"].unique())
    assert 0 < owners.n_unique() < 12
    assert len(owners) > 10 * owners.n_unique()


def test_an_empty_table_stays_empty():
    after, touched = habits.apply(1, table(1).clear())
    assert after.is_empty()
    assert touched.is_empty()


def test_no_mail_leads_to_anybody():
    after, _ = habits.apply(1, table(400))
    mails = after["email"].drop_nulls().str.to_lowercase()
    whole = mails.filter(mails.str.contains(r"^[^@\s]+@[^@\s]+\.(com|org|net)$"))
    assert len(whole) > 3000
    assert whole.str.contains(r"[@.]ex[a-z]*\.(com|org|net)$").all()


@pytest.fixture(scope="module")
def linkage():
    path = Path(__file__).parents[3] / "bench" / "linkage_data.py"
    spec = importlib.util.spec_from_file_location("linkage_data", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["linkage_data"] = module
    spec.loader.exec_module(module)
    yield module
    del sys.modules["linkage_data"]


def test_an_export_has_everybody_and_the_rows_asked_for(linkage):
    rows, truth = linkage.habits_leak(1500, 2200, 4)
    again, _ = linkage.habits_leak(1500, 2200, 4)
    assert_frame_equal(rows, again)
    assert rows.columns == list(CANONICAL)
    assert rows.height == truth.records.height == 2200
    assert truth.records["true_person"].n_unique() == 1500
    assert truth.records.filter(kind="original").height == 1500
    assert truth.persons["twin"].sum() > 4
    assert truth.persons["homonym"].sum() >= 6
    assert 0.3 < rows["nir"].null_count() / 2200 < 0.6


def test_the_truth_is_whose_the_rows_are(linkage):
    """Without any habit the cells of a row are those of its person, or empty; contacts may be newer ones."""
    rows, truth = linkage.habits_leak(1500, 2200, 4, share=0.0)
    assert truth.touched.is_empty()
    people = truth.records.join(truth.persons, on="true_person", how="left", maintain_order="left")
    for name in ("birth_name", "used_name", "first_names", "sex", "birth_date", "nir"):
        assert (rows[name].is_null() | rows[name].eq_missing(people[name])).all()
        assert rows[name].null_count() == 0 or name == "nir"
    first = truth.records["kind"] == "original"
    same = rows["email"].eq_missing(people["email"]) | rows["email"].is_null()
    assert same.filter(first).all()
    assert not same.filter(~first).all()


def test_a_child_has_another_of_its_parent_for_sibling(linkage):
    assert linkage._next_sibling(np.array([-1, 0, 7, 0, -1, 0])).tolist() == [-1, 3, 2, 5, -1, 1]


def test_the_habits_told_are_those_of_the_cells(linkage):
    clean, _ = linkage.habits_leak(1500, 2200, 4, share=0.0)
    rows, truth = linkage.habits_leak(1500, 2200, 4)
    changed = differing(clean, rows)
    assert changed <= cells(truth.touched)
    assert len(changed) > 0.9 * len(cells(truth.touched))


@pytest.mark.parametrize("patterns", ["house", "outside", "both"])
def test_the_lines_of_the_file_are_those_of_the_truth(linkage, tmp_path, patterns):
    rows, truth = linkage.habits_leak(300, 450, 2, patterns=patterns)
    linkage.write(tmp_path, rows, truth, {"story": "linkage"}, ids=True)
    lines = (tmp_path / "evidence" / "patients.csv").read_text(encoding="utf-8").split("\n")
    assert lines[0].split(";") == ["identifiant", *linkage.HEADINGS.values()]
    records = pl.read_parquet(tmp_path / "truth" / "records.parquet")
    assert records["line"].to_list() == list(range(2, 452))
    assert len(lines) == 452
    assert lines[-1] == ""
    for line, city in zip(records["line"], rows["city"], strict=True):
        assert lines[line - 1].split(";")[-1].strip('"') == (city or "")
    told = pl.read_parquet(tmp_path / "truth" / "habits.parquet")
    assert told.is_empty() == (patterns == "house")
