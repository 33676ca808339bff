"""Facts on findings: damage, keys, impossible and default dates, columns against columns, passwords."""

from datetime import date

import polars as pl
import pyarrow as pa
import pytest

from hemostat.detect import examine, facts, reuse
from hemostat.detect.days import Style, read
from hemostat.detect.nir import key
from hemostat.rules import load

TODAY = date(2025, 11, 28)


def found(**cells):
    table = pa.table({name: pa.array(values, pa.string()) for name, values in cells.items()})
    return {(f.place, f.category): f for f in examine([table], table="t.csv", today=TODAY)}


def numbers(count, sex=1, year=60):
    bodies = pl.Series(
        [f"{sex}{year:02}0{n % 9 + 1}560{n % 80 + 10:02}{n % 900 + 1:03}" for n in range(count)]
    )
    return [f"{body}{control:02}" for body, control in zip(bodies, key(bodies), strict=True)]


def test_what_a_spreadsheet_destroyed_is_counted():
    nss = [*numbers(30), "1.83058E+14", "1,83E+14", "2.91E+14"]
    assert "unrecoverable=3" in found(nss=nss)["nss", "nir"].note


def test_sex_and_birth_that_agree_make_a_number_surer_and_those_that_do_not_less():
    nss = numbers(40)
    born = [f"12/0{n % 9 + 1}/1960" for n in range(40)]
    agrees = found(nss=nss, sexe=["M"] * 40, ddn=born)["nss", "nir"]
    wrong = found(nss=nss, sexe=["F"] * 40, ddn=["12/11/1999"] * 40)["nss", "nir"]
    assert agrees.confidence == 0.99
    assert wrong.confidence < 0.75
    assert {"sex_disagrees=40", "birth_disagrees=40"} <= set(wrong.note.split("; "))
    assert agrees.note is None or "disagrees" not in agrees.note


def test_impossible_days_are_not_valid_and_defaults_show_nobody():
    ddn = ["12/03/1984", "31/02/1984", "29/02/1983", "01/01/1900", "00/03/1950"]
    birth = found(ddn=ddn)["ddn", "birth_date"]
    assert (birth.values, birth.valid, birth.note) == (4, 2, "default_date=1; impossible=2")


def test_unknown_days_are_not_impossible():
    assert read(pl.Series(["00/03/1950", "19840300", "31/04/1950"]), Style(), TODAY).impossible.tolist() == [
        False, False, True,
    ]  # fmt: skip


def test_an_address_with_a_stray_sign_is_not_valid():
    assert found(mail=["a@example.org", "@sum0@example.org", "b@example.net"])["mail", "email"].valid == 2


def test_postal_codes_far_from_their_towns():
    cp = ["56000"] * 30 + ["29200"] * 30
    towns = ["Vannes"] * 30 + ["Brest"] * 30
    mixed = [towns[n * 7 % 60] for n in range(60)]
    assert found(cp=cp, ville=towns)["cp", "postal_code"].note is None
    assert "city_disagrees=" in found(cp=cp, ville=mixed)["cp", "postal_code"].note


@pytest.mark.parametrize(
    ("heading", "values", "note"),
    [
        ("mdp", ["azerty", "azerty", "Kerlouan29-vTq", "zR7-lune"], "distinct=3; guessable=2; reused=2"),
        (
            "pass_hash",
            ["5f4dcc3b5aa765d61d8327deb882cf99"] * 2 + ["0123456789abcdef0123456789abcdef"],
            "distinct=2; guessable=2; md5=3; reused=2; unsalted=2",
        ),
        (
            "pass_hash",
            ["$2b$12$" + "a" * 22 + c * 31 for c in "bcd"],
            "bcrypt=3; distinct=3",
        ),
    ],
)
def test_passwords(heading, values, note):
    shown = next(f for (place, _), f in found(**{heading: values}).items() if place == heading)
    assert shown.note == note


def test_reuse_is_estimated_beyond_the_sample(monkeypatch):
    monkeypatch.setattr(reuse, "SIZE", 256)
    values = pl.Series([f"w{n % 3000}" for n in range(4500)])
    both = reuse.of(values.head(2000)) + reuse.of(values.tail(2500))
    told = both.facts()
    assert len(both.counts) == 256
    assert abs(told["distinct"] - 3000) < 450
    assert abs(told["reused"] - 3000) < 700


def test_every_fact_is_said_in_both_languages():
    ids = [row["id"] for row in load("finding_facts")["fact"]]
    noted = "; ".join(f"{fact}=7" for fact in ids)
    assert len(set(ids)) == len(ids)
    for lang in ("fr", "en"):
        said = facts.said(noted, lang)
        assert len(said) == len(ids)
        assert all(sentence.startswith("7 ") for sentence in said)
