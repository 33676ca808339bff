"""Hemostat and Splink 5 on the same rows in the same run: precision, recall, mixed people, CPU.

Usage: python bench/splink_peer.py [story] [people] [seed ...]. Splink is installed once, in an environment of its own
(``.bench/splink``). Its settings are in splink_settings.py; its threshold is the one that does best on another seed,
900, at 158 000 people at most, and it is scored on the others only. "Splink + vetoes": the pairs that Splink links but
for those that Hemostat says can never be one person.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import venv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from hemostat import detect
from hemostat.case import Case, Opening
from hemostat.model import Silent
from hemostat.resolve import people
from hemostat.resolve.cluster import components
from hemostat.resolve.links import find_links
from hemostat.resolve.names import fold
from hemostat.resolve.settings import settings
from hemostat.resolve.stage import identity_rows
from hemostat.resolve.traits import Texts, complete, read_traits
from measure import machine, table
from people import Score, made, score, take

VERSION = "5.0.0"
OTHER_SEED, LEARNT = 900, 158_000
ENVIRONMENT = Path(__file__).parents[1] / ".bench" / "splink"
_PEER = Path(__file__).with_name("splink_settings.py")


_PLACES = """
select r.record_id, e.name as evidence, r.line, r.locator from record r join evidence e using (evidence_id)
"""


@dataclass(frozen=True)
class Told:
    """One method on one seed."""

    method: str
    score: Score
    cpu: float
    peak_mb: float
    interval: str = ""


def environment() -> Path:
    """The Python of an environment that holds Splink, made at the first run."""
    python = ENVIRONMENT / "bin" / "python"
    if not python.exists():
        venv.create(ENVIRONMENT, with_pip=True)
        wanted = [f"splink=={VERSION}", "pyarrow", "pandas"]
        subprocess.run([python, "-m", "pip", "install", "-q", *wanted], check=True)
    return python


def rows_of(story: str, people_n: int, seed: int, folder: Path) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Identity rows of a story, each once, as the stage gives them to the kernel; record_id with true_person."""
    fiction = made(story, people_n, seed, folder)
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        opening = Opening(key_file=Path(scratch) / "keys" / "case.key")
        with Case.create(Path(scratch) / "case", opening) as case:
            take(case, fiction)
            with case.transaction():
                detect.run(case, Silent())
            identity = identity_rows(case)
            place = pl.from_arrow(case.query(_PLACES))
    assert isinstance(place, pl.DataFrame)
    where = pl.coalesce(pl.col("locator"), pl.col("line").cast(pl.String))
    truth = pl.read_parquet(fiction / "truth" / "records.parquet").select(
        "true_person", "evidence", where=where
    )
    prefix = str(fiction / "evidence") + "/"
    place = place.select("record_id", pl.col("evidence").str.strip_prefix(prefix), where=where)
    told = place.join(truth, on=["evidence", "where"]).select("record_id", "true_person")
    return identity, told.join(identity.select("record_id"), on="record_id", how="semi")


def for_splink(identity: pl.DataFrame) -> pl.DataFrame:
    """The same rows in the columns that splink_settings.py speaks of, folded as the kernel folds them."""
    frame = complete(identity)
    traits, names = read_traits(frame)
    text = pl.concat([names.words.text, pl.Series([None], dtype=pl.String)])
    word = lambda numbers: text.gather(np.where(numbers < 0, len(text) - 1, numbers))  # noqa: E731 - one use, thrice
    date = frame["birth_date"]
    known = pl.Series(traits.birth >= 0)
    given = word(traits.given)
    return pl.DataFrame(
        {
            "unique_id": frame["record_id"],
            "surname": word(traits.surname),
            "surname2": word(traits.surname2),
            "given": given,
            "first": given.str.extract(r"^(\S+)", 1),
            "birth": date.dt.strftime("%Y-%m-%d").set(~known, None),
            "swapped": date.dt.strftime("%Y-%d-%m").set(~known, None),
            "year": date.dt.year(),
            "sex": frame["sex"],
            "nir": frame["nir"].str.slice(0, 13),
            "email": frame["email"],
            "phones": frame.select(pl.concat_list("phone", "phone2", "phone3").list.drop_nulls()).to_series(),
            "address": fold(frame["postal_address"]),
            "postcode": frame["postal_code"],
            "area": frame["postal_code"].str.slice(0, 2),
            "city": fold(frame["city"]),
            "birth_place": fold(frame["birth_place"]),
            "id": frame.select(
                pl.concat_str(
                    "internal_id",
                    pl.col("tenant").fill_null(""),
                    pl.col("id_space").fill_null(""),
                    separator="|",
                )
            ).to_series(),
        }
    ).with_columns(phones=pl.when(pl.col("phones").list.len() > 0).then("phones"))


def ours(identity: pl.DataFrame, truth: pl.DataFrame) -> Told:
    """Hemostat's kernel on the rows."""
    began = time.process_time()
    found = people(identity)
    cpu = time.process_time() - began
    rows = truth.join(found.clusters.select("record_id", person_id="best"), on="record_id")
    true = truth["true_person"].drop_nulls().n_unique()
    inside = "inside" if found.low <= true <= found.high else "OUTSIDE"
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Told("Hemostat", score(rows), cpu, peak, f"{true} {inside} {found.low}–{found.high}")


def peer(
    python: Path, identity: pl.DataFrame, truth: pl.DataFrame, model: Path | None
) -> dict[str, list[Told]]:
    """Splink on the rows: by threshold, itself and with our vetoes."""
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch)
        for_splink(identity).write_parquet(out / "rows.parquet")
        asked = [python, _PEER, out / "rows.parquet", out, *([model] if model else [])]
        subprocess.run(asked, check=True, capture_output=True)
        told = json.loads((out / "told.json").read_text())
        edges = pl.read_parquet(out / "edges.parquet")
        kept = edges.filter(~pl.Series(_vetoed(identity, edges)))
        found: dict[str, list[Told]] = {}
        for threshold, clustering in told["clustering"].items():
            clusters = pl.read_parquet(out / f"clusters-{threshold}.parquet")
            rows = truth.join(
                clusters.select(
                    record_id="unique_id", person_id=pl.col("cluster_id").rank("dense").cast(pl.Int64)
                ),
                on="record_id",
            )
            cpu = told["training"] + told["prediction"] + clustering
            vetoed = truth.join(_components(identity, kept, float(threshold)), on="record_id")
            found[threshold] = [
                Told(f"Splink {VERSION}", score(rows), cpu, told["peak_mb"]),
                Told("Splink + vetoes", score(vetoed), cpu, told["peak_mb"]),
            ]
        if model is None:
            shutil.copy(out / "model.json", Path(tempfile.gettempdir()) / "hemostat-bench" / "model.json")
    return found


def _vetoed(identity: pl.DataFrame, edges: pl.DataFrame) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Which of Splink's pairs Hemostat says are never one person."""
    frame = complete(identity)
    traits, names = read_traits(frame)
    one = np.ones(len(frame), dtype=np.int64)
    links = find_links(traits, names.words, Texts(frame, np.arange(len(frame))), one, settings())
    at = _places(identity, edges)
    return links.vetoed(at[0], at[1])


def _places(identity: pl.DataFrame, edges: pl.DataFrame) -> list[np.ndarray[tuple[int], np.dtype[np.int32]]]:
    records = identity["record_id"].to_numpy()
    order = np.argsort(records)
    return [
        order[np.searchsorted(records, edges[f"unique_id_{side}"].to_numpy(), sorter=order)].astype(np.int32)
        for side in ("l", "r")
    ]


def _components(identity: pl.DataFrame, edges: pl.DataFrame, threshold: float) -> pl.DataFrame:
    strong = edges.filter(pl.col("match_probability") >= threshold)
    a, b = _places(identity, strong)
    return pl.DataFrame(
        {"record_id": identity["record_id"], "person_id": components(identity.height, a, b)}
    ).cast({"person_id": pl.Int64})


def main(arguments: list[str]) -> None:
    """Prints the table."""
    story = arguments[0] if arguments else "cegedim"
    people_n = int(arguments[1]) if len(arguments) > 1 else 158_000
    seeds = [int(seed) for seed in arguments[2:]] or [1, 2, 3]
    folder = Path(tempfile.gettempdir()) / "hemostat-bench"
    folder.mkdir(exist_ok=True)
    python = environment()
    print(f"{machine()}, load {os.getloadavg()[0]:.1f}", flush=True)
    learnt = peer(python, *rows_of(story, min(people_n, LEARNT), OTHER_SEED, folder), None)
    best = [max(learnt, key=lambda threshold, at=at: learnt[threshold][at].score.f1) for at in (0, 1)]
    print(f"thresholds chosen on seed {OTHER_SEED}: {best[0]}, with vetoes {best[1]}", flush=True)
    lines = []
    for seed in seeds:
        identity, truth = rows_of(story, people_n, seed, folder)
        found = peer(python, identity, truth, None)
        saved = peer(python, identity, truth, folder / "model.json")
        again = saved[best[0]][0]
        told = [ours(identity, truth), found[best[0]][0], found[best[1]][1]]
        told.append(Told(f"Splink {VERSION}, saved model", again.score, again.cpu, again.peak_mb))
        for each in told:
            got = each.score
            lines.append(
                [f"{story} {seed}", f"{truth.height}", each.method, f"{got.precision:.4f}", f"{got.recall:.4f}",
                 f"{got.f1:.4f}", f"{got.mixed}", f"{got.mixed / got.found * 1000:.2f}", f"{each.cpu:.2f}",
                 f"{each.peak_mb:.0f}", each.interval]
            )  # fmt: skip
    print(
        table(
            [
                "story",
                "rows",
                "method",
                "P",
                "R",
                "F1",
                "mixed",
                "per 1000",
                "CPU s",
                "peak MB",
                "true people",
            ],
            lines,
        )
    )


if __name__ == "__main__":
    main(sys.argv[1:])
