"""A practice's export of patients for judging who is told to be who: families, twins, homonyms, several rows a person.

Usage: python bench/linkage_data.py --people 140000 --rows 200000 --seed 1 --patterns outside --out DIR

Writes ``evidence/patients.csv``; ``truth/records.parquet`` and ``truth/story.json`` in the shape of
``hemostat.simulate``; ``truth/persons.parquet``, what is true of each person; and ``truth/habits.parquet`` (line,
habit, column), which habit of ``simulate.habits`` touched which cell. How the cells get wrong is a choice: ``house``,
as in the stories; ``outside``, by the habits, which were written without knowing the former nor how people are told
apart; ``both``, one after the other.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from hemostat.simulate import cells, files, habits, population
from hemostat.simulate.dirt import Dirt
from hemostat.simulate.draw import Streams, put, weighted
from hemostat.simulate.households import Crowd
from hemostat.simulate.names import ORIGIN_NAMES, draw_surnames
from hemostat.simulate.sheet import Sheet
from hemostat.simulate.story import Column, Story, Table

if TYPE_CHECKING:
    from hemostat.simulate.draw import Floats, Ints, Rng
    from hemostat.simulate.population import Population

TODAY = date(2025, 6, 30)
PATTERNS = ("house", "outside", "both")
CROWD = Crowd(
    women=0.54, minors=0.2, minor_ages=(0.01, 17.9), deceased=0.01, couples=0.45, grown=0.25, shared_mail=0.09,
    twins=0.004, homonyms=0.0006,
    ages=((18, 30, 0.18), (30, 45, 0.26), (45, 60, 0.23), (60, 75, 0.2), (75, 99, 0.13)),
)  # fmt: skip
HEADINGS = {
    "birth_name": "nom_naissance", "used_name": "nom_usage", "first_names": "prenoms", "sex": "sexe",
    "birth_date": "date_naissance", "nir": "nir", "email": "email", "phone": "telephone", "address": "adresse",
    "postal_code": "code_postal", "city": "ville",
}  # fmt: skip
MISSING = {("nir",): 0.45, ("email",): 0.35, ("phone",): 0.08, ("address", "postal_code", "city"): 0.1}
"""Share of rows without; desks differ."""
_SHOWN = {
    "birth_name": Column("birth_name", "birth_name"),
    "used_name": Column("used_name", "used_name"),
    "first_names": Column("first_names", "given_names"),
    "sex": Column("sex", "sex", form="mf"),
    "birth_date": Column("birth_date", "birth_date", form="iso"),
    "nir": Column("nir", "nir"),
    "email": Column("email", "email"),
    "phone": Column("phone", "mobile", form="clean"),
    "address": Column("address", "address"),
    "postal_code": Column("postal_code", "postal_code"),
    "city": Column("city", "city"),
}
_CONTACTS = ("address", "complement", "postal_code", "city", "landline", "mobile", "email")


@dataclass(frozen=True)
class Whose:
    """The truth: a line per row (true_person, genuine, kind), one per touched cell, one per person."""

    records: pl.DataFrame
    touched: pl.DataFrame
    persons: pl.DataFrame


def habits_leak(
    people: int, rows: int, seed: int, share: float = 1.0, patterns: str = "outside"
) -> tuple[pl.DataFrame, Whose]:
    """Rows of an export, and whose they are.

    Args:
        people: true people, each in at least one row.
        rows: at least as many as people.
        seed: the same seed, the same rows.
        share: of the rows that the habits can touch.
        patterns: ``house``, ``outside`` or ``both``.

    Returns:
        The columns of ``habits.CANONICAL`` in the order of the file, and the truth.
    """
    streams = Streams(seed)
    everyone = population.people(streams, CROWD, people, 0, TODAY)
    everyone = population.Population(
        _two_surnames(streams.of("two surnames"), everyone.frame), everyone.numbers
    )
    plan = _plan(streams.of("rows"), everyone.frame, rows)
    who = plan["person"].to_numpy()
    known = _as_known(streams.of("later"), everyone, plan)
    identity = _canonical(streams.of("telephones kept"), known)
    if patterns != "outside":
        identity = _house(streams, known, plan, identity)
    kin = _kin(streams.of("kin"), everyone)[who]
    identity = _masked(streams.of("missing"), identity, plan["desk"].to_numpy())
    touched = pl.DataFrame(schema={"row": pl.Int64, "habit": pl.String, "column": pl.String})
    if patterns != "house":
        full = pl.concat([identity, kin, plan.select("desk", "person", "seen_on")], how="horizontal")
        identity, touched = habits.apply(seed, full, share=share)
    records = plan.select(pl.col("person").alias("true_person"), pl.lit(value=True).alias("genuine"), "kind")
    persons = _canonical(streams.of("telephones kept"), everyone.frame).with_columns(
        everyone.frame["person"].alias("true_person"), *(everyone.frame[name] for name in ("twin", "homonym"))
    )
    return identity.select(habits.CANONICAL), Whose(records, touched, persons)


def _two_surnames(rng: Rng, frame: pl.DataFrame) -> pl.DataFrame:
    """Half of those of Spanish and Portuguese names have two surnames, the same in a home."""
    homes = frame.group_by("household", "birth_name", maintain_order=True).agg(pl.col("origin").first())
    origin = homes["origin"].to_numpy()
    codes = [ORIGIN_NAMES.index("espagnol"), ORIGIN_NAMES.index("portugais")]
    have = np.isin(origin, codes) & (rng.random(homes.height) < 0.5)
    homes = homes.select(
        "household",
        "birth_name",
        pl.when(pl.Series(have)).then(draw_surnames(rng, origin)).otherwise(None).alias("_second"),
    )
    single = ~pl.col("birth_name").str.contains("[ -]")
    both = pl.when(single & (pl.col("_second") != pl.col("birth_name"))).then(
        pl.col("birth_name") + " " + pl.col("_second")
    )
    joined = frame.join(homes, on=["household", "birth_name"], how="left", maintain_order="left")
    own = pl.col("used_name") == pl.col("birth_name")
    return joined.with_columns(
        pl.coalesce(both, "birth_name").alias("birth_name"),
        pl.when(own).then(pl.coalesce(both, "birth_name")).otherwise("used_name").alias("used_name"),
    ).drop("_second")


def _plan(rng: Rng, frame: pl.DataFrame, rows: int) -> pl.DataFrame:
    """Whose each row is, at which desk, when; in the order in which they were written.

    A few people have many rows; another row is at the same desk, one near by or anywhere.
    """
    people, more = frame.height, max(rows - frame.height, 0)
    desks = max(3, people // 900)
    at_home = rng.integers(0, desks, int(frame["household"].max()) + 1)[frame["household"].to_numpy()]  # type: ignore[arg-type]
    first_desk = np.where(rng.random(people) < 0.85, at_home, rng.integers(0, desks, people))
    again = weighted(rng, rng.gamma(0.6, 1.0, people), more)
    form = weighted(rng, (0.35, 0.4, 0.25), more)
    near = (first_desk[again] + rng.integers(-3, 4, more)) % desks
    other = np.select([form == 0, form == 1], [first_desk[again], near], rng.integers(0, desks, more))
    today = np.datetime64(TODAY)
    start = np.datetime64("2012-01-01")
    born = frame["birth_date"].to_numpy().astype("datetime64[D]")
    earliest = np.maximum(born, start)
    first = earliest + np.floor(rng.random(people) ** 1.3 * (today - earliest).astype(np.int64)).astype(
        np.int64
    )
    later = np.minimum(first[again] + rng.exponential(900, more).astype(np.int64), today)
    who = np.concatenate([np.arange(people), again])
    plan = pl.DataFrame(
        {
            "person": who,
            "desk": np.concatenate([first_desk, other]).astype(np.int64),
            "seen_on": np.concatenate([first, later]),
            "fresh": np.arange(len(who)) >= people,
            "_lot": rng.random(len(who)),
        }
    )
    plan = plan.with_columns(
        pl.when("fresh").then(pl.lit("second_account")).otherwise(pl.lit("original")).alias("kind")
    )
    return plan.sort("seen_on", "_lot").with_columns(pl.col("seen_on").dt.to_string("%Y-%m-%d")).drop("_lot")


def _as_known(rng: Rng, everyone: Population, plan: pl.DataFrame) -> pl.DataFrame:
    """The people of the rows; rows that are not a person's first know newer contacts of some."""
    known = everyone.frame[plan["person"].to_numpy()]
    where = np.flatnonzero(plan["fresh"].to_numpy())
    if not len(where):
        return known
    newer = population.freshened(rng, everyone, plan["person"].to_numpy()[where], 0.22, 0.3, 0.22)
    return known.with_columns(put(known[name], where, newer[name]) for name in _CONTACTS)


def _number(column: str) -> pl.Expr:
    number = pl.col(column)
    return pl.when(number > 0).then("0" + number.cast(pl.String).str.zfill(9)).alias(column)


def _canonical(rng: Rng, frame: pl.DataFrame) -> pl.DataFrame:
    """The columns of ``habits.CANONICAL``, right. Some gave no mobile but the landline of the home."""
    older = np.where(frame["birth_date"].dt.year().to_numpy() < 1955, 0.35, 0.08)
    # The choice is the person's: the same in all of her rows.
    people = int(frame["person"].max() or 0) + 1  # type: ignore[arg-type]
    fixed = rng.random(people)[frame["person"].to_numpy()] < older
    mobile, landline = _number("mobile"), _number("landline")
    return frame.select(
        "birth_name",
        "used_name",
        pl.concat_str("first_name", "second_name", "third_name", separator=" ", ignore_nulls=True).alias(
            "first_names"
        ),
        pl.when(pl.col("sex") == 1).then(pl.lit("M")).otherwise(pl.lit("F")).alias("sex"),
        pl.col("birth_date").dt.to_string("%Y-%m-%d"),
        "nir",
        "email",
        pl.when(pl.Series(fixed)).then(pl.coalesce(landline, mobile)).otherwise(mobile).alias("phone"),
        "address",
        "postal_code",
        "city",
    )


def _house(streams: Streams, known: pl.DataFrame, plan: pl.DataFrame, right: pl.DataFrame) -> pl.DataFrame:
    """The same rows as the stories would show them, with the usual rates."""
    table = Table("patients.csv", tuple(_SHOWN.values()))
    story = Story("linkage", "", plan.height, TODAY, (table,))
    nothing = pl.Series([None], dtype=pl.String)
    sheet = Sheet(
        known.with_columns(pl.lit(None, pl.String).alias("parent_name"), pl.lit(value=True).alias("own_nir")),
        plan.select(
            "person",
            "kind",
            pl.lit(value=True).alias("genuine"),
            pl.lit(value=False).alias("maiden"),
            nothing.new_from_index(0, plan.height).alias("flaw"),
            pl.lit(0, pl.Int64).alias("tenant"),
            pl.lit(value=False).alias("remarked"),
            pl.lit(value=False).alias("orphan"),
            pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias("account"),
        ),
        story, Dirt(), streams, table.name, pl.Series([""]),
    )  # fmt: skip
    cells.named(sheet)
    shown = files.show(sheet, table, {})
    shown = shown.select(pl.when(pl.col(name) != "").then(name).alias(name) for name in habits.CANONICAL)
    # A landline given for want of a mobile is not what the stories show in this column.
    line = (right["phone"].str.slice(0, 2).is_in(["06", "07"])).not_().fill_null(value=False)
    phone = pl.select(pl.when(line).then(right["phone"]).otherwise(shown["phone"]).alias("phone")).to_series()
    return shown.with_columns(phone, pl.col("sex").str.to_uppercase())


def _masked(rng: Rng, identity: pl.DataFrame, desk: Ints) -> pl.DataFrame:
    """Empties cells: each desk has its own rate of each column, and columns that are taken together miss together."""
    for columns, mean in MISSING.items():
        rates: Floats = rng.beta(mean * 4, (1 - mean) * 4, int(desk.max()) + 1)
        there = pl.Series(rng.random(identity.height) >= rates[desk])
        identity = identity.with_columns(pl.when(there).then(pl.col(*columns)))
    return identity


def _kin(rng: Rng, everyone: Population) -> pl.DataFrame:
    """What habits need about others, a line per person: spouse, parent, grown child, former home, parental home."""
    frame = everyone.frame
    right = _canonical(rng, frame)
    size = frame.height

    def of(link: Ints, name: str, columns: tuple[str, ...]) -> list[pl.Series]:
        places = pl.Series(np.where(link >= 0, link, 0))
        there = pl.Series(link >= 0)
        made = right.select(columns).with_columns(pl.all().gather(places))
        return [
            made.select(pl.when(there).then(column).alias(f"{name}_{column}")).to_series()
            for column in columns
        ]

    age = TODAY.year - frame["birth_date"].dt.year()
    used, born = frame["used_name"], frame["birth_name"]
    child = _relative(used, age >= 70, born, age.is_between(35, 62))
    home = _relative(born, age.is_between(17, 28), used, age.is_between(42, 66))
    former = population.freshened(rng, everyone, np.arange(size, dtype=np.int64), 0.7, 0.0, 0.6)
    return pl.DataFrame(
        [
            frame.select(_number("landline")).to_series(),
            *of(frame["partner"].to_numpy(), "spouse",
                ("birth_name", "first_names", "birth_date", "nir", "email", "phone")),
            *of(frame["parent"].to_numpy(), "parent",
                ("birth_name", "used_name", "first_names", "birth_date", "nir", "email", "phone")),
            *of(_next_sibling(frame["parent"].to_numpy()), "sibling", ("birth_date",)),
            *of(child, "child", ("email", "phone")),
            *of(home, "family", ("address", "postal_code", "city")),
            former.select(_number("mobile").alias("old_phone")).to_series(),
            *(former[name].alias(f"old_{name}") for name in ("address", "postal_code", "city")),
        ]
    )  # fmt: skip


def _next_sibling(parent: Ints) -> Ints:
    """For each child another of the same parent, in a round; the child itself where there is none; -1 for adults."""
    order = np.argsort(parent, kind="stable")
    ranked = parent[order]
    first = np.searchsorted(ranked, ranked, side="left")
    after = np.arange(1, len(order) + 1)
    last = after == np.searchsorted(ranked, ranked, side="right")
    found = np.full(len(parent), -1, dtype=np.int64)
    found[order] = np.where(ranked >= 0, order[np.where(last, first, after % len(order))], -1)
    return found


def _relative(names: pl.Series, of: pl.Series, others: pl.Series, among: pl.Series) -> Ints:
    """For those of a mask somebody among the others of the same name, each given once; -1 for who has none."""
    rank = pl.int_range(pl.len()).over("name").alias("rank")
    ask, give = (
        pl.DataFrame({"name": column.filter(mask), place: np.flatnonzero(mask.to_numpy())}).with_columns(rank)
        for column, mask, place in ((names, of, "place"), (others, among, "other"))
    )
    pairs = ask.join(give, on=["name", "rank"]).filter(pl.col("place") != pl.col("other"))
    found = np.full(len(of), -1, dtype=np.int64)
    found[pairs["place"].to_numpy()] = pairs["other"].to_numpy()
    return found


def write(out: Path, rows: pl.DataFrame, truth: Whose, said: dict[str, object], *, ids: bool = False) -> None:
    """Writes the export and its truth below a folder; with ``ids``, an internal number in front of each row."""
    (out / "evidence").mkdir(parents=True, exist_ok=True)
    (out / "truth").mkdir(exist_ok=True)
    shown = rows.with_columns(
        pl.col("birth_date").str.replace(r"^(\d{4})-(\d\d)-(\d\d)$", "$3/$2/$1")
    ).rename(HEADINGS)
    if ids:
        shown = shown.with_row_index("identifiant", offset=10_001)
    shown.write_csv(out / "evidence" / "patients.csv", separator=";", null_value="")
    lines = pl.int_range(2, pl.len() + 2, dtype=pl.Int64).alias("line")
    nothing = pl.lit(None, pl.String)
    truth.records.select(
        pl.lit("patients.csv").alias("evidence"), lines, nothing.alias("locator"), "true_person", "genuine", "kind",
        nothing.alias("flaw"), nothing.alias("tenant"),
    ).write_parquet(out / "truth" / "records.parquet")  # fmt: skip
    truth.persons.write_parquet(out / "truth" / "persons.parquet")
    truth.touched.select((pl.col("row") + 2).alias("line"), "habit", "column").write_parquet(
        out / "truth" / "habits.parquet"
    )
    (out / "truth" / "story.json").write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")


def main() -> None:
    """Writes one export and prints its counts."""
    say = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    say.add_argument("--people", type=int, default=140_000)
    say.add_argument("--rows", type=int, default=200_000)
    say.add_argument("--seed", type=int, default=1)
    say.add_argument("--share", type=float, default=1.0)
    say.add_argument("--patterns", choices=PATTERNS, default="outside")
    say.add_argument("--ids", action="store_true", help="an internal number in front of each row")
    say.add_argument("--out", type=Path, required=True)
    asked = say.parse_args()
    began = time.process_time()
    rows, truth = habits_leak(asked.people, asked.rows, asked.seed, asked.share, asked.patterns)
    counts = {
        "story": "linkage", "seed": asked.seed, "patterns": asked.patterns, "share": asked.share,
        "people": truth.records["true_person"].n_unique(), "records": rows.height,
        "twins": int(truth.persons["twin"].sum()), "homonyms": int(truth.persons["homonym"].sum()),
        "cells_touched": truth.touched.height, "rows_touched": truth.touched["row"].n_unique(),
    }  # fmt: skip
    write(asked.out, rows, truth, counts, ids=asked.ids)
    print(json.dumps(counts), f"{time.process_time() - began:.1f} CPU s")


if __name__ == "__main__":
    main()
