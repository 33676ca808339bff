"""Each story from its files to its report: what its truth says must be found is found, and its traps are met."""

import json

import polars as pl
import pytest

PEOPLE = 400
LOGS = ("weda", "grades")
DUMPS = ("aleo", "cnav", "viamedis", "cegedim", "medecindirect", "dedalus", "dumpsec")
SURE = (
    "nir",
    "email",
    "phone",
    "birth_date",
    "used_name",
    "health_insurance",
    "prescription",
    "password_hash",
)
"""Categories of columns, which leave no room for opinion."""


@pytest.fixture
def told(tmp_path, hemostat):
    """Runs a story; gives its truth and its summary."""

    def run(name, *arguments):
        assert (
            hemostat("simulate", name, "--people", PEOPLE, "--seed", 7, "--out", tmp_path / "evidence")[0]
            == 0
        )
        story = json.loads((tmp_path / "evidence" / "truth" / "story.json").read_text("utf-8"))
        around = []
        for role, folder in (("--patients", "patients"), ("--earlier-leak", "earlier-leak")):
            if (tmp_path / "evidence" / folder).is_dir():
                around += [role, tmp_path / "evidence" / folder]
        given = arguments or (tmp_path / "evidence" / "evidence",)
        given = [one(tmp_path / "evidence", story) if callable(one) else one for one in given]
        assert hemostat("respond", *given, *around, "--case", tmp_path / "case")[0] == 0
        return story, json.loads((tmp_path / "case" / "report" / "summary.json").read_text("utf-8"))

    return run


@pytest.mark.slow
@pytest.mark.parametrize("name", DUMPS)
def test_a_dump_gives_its_people_and_what_is_out_of_them(told, name):
    story, summary = told(name)
    people = summary["persons"]
    assert abs(people["best"] - story["identities"]) <= 0.01 * PEOPLE
    records = summary["records"]
    assert records["without_identity"] == story["orphans"]
    assert records["exact_duplicates"] == story["exact_duplicates"]
    lines = [line for line in summary["evidence"] if line["role"] == "leak"]
    assert sorted((line["records"], line["quarantined"]) for line in lines) == sorted(
        (held["rows"], held["broken"]) for held in story["files"].values()
    )
    assert sum(line["unexplained"] for line in summary["evidence"]) == 0
    for category in SURE:
        if category in story["categories"]:
            truth = story["categories"][category]["persons"]
            assert summary["categories"][category]["persons"] == pytest.approx(truth, rel=0.02), category
    if "fabricated" in story["kinds"]:
        assert people["fabricated"] == pytest.approx(story["kinds"]["fabricated"], abs=5)


@pytest.mark.slow
@pytest.mark.parametrize("name", LOGS)
def test_a_log_gives_exactly_those_whom_the_usurped_accounts_saw(told, tmp_path, hemostat, name):
    (tmp_path / "out").mkdir()
    story, summary = told(
        name,
        "--log", lambda folder, _: folder / "evidence",
        "--accounts", lambda _, story: ",".join(one["account"] for one in story["usurped"]),
        "--from", lambda _, story: min(one["since"] for one in story["usurped"]),
        "--to", lambda _, story: max(one["until"] for one in story["usurped"]),
    )  # fmt: skip
    assert sum(line["unexplained"] for line in summary["evidence"]) == 0
    people = summary["persons"]
    assert (people["low"], people["high"]) == (people["best"], people["best"])
    # the widest window over all accounts: nobody who was seen is missing
    assert story["seen"]["persons"] <= people["best"] <= 1.1 * story["seen"]["persons"]
    assert hemostat("export", tmp_path / "case", "persons", tmp_path / "out" / "p.parquet")[0] == 0
    seen = pl.read_parquet(tmp_path / "evidence" / "truth" / "seen.parquet")
    assert pl.read_parquet(tmp_path / "out" / "p.parquet").height >= seen["true_person"].n_unique()
