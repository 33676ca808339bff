"""When a dump was taken, told from simulated histories of the patient file, against the truth.

Usage: python bench/dumpdate.py [histories]. Every form in turn (rows with their validity, log of changes, daily and
weekly copies), with instants or days alone, whole and partial dumps, typing errors, stale values; two dumps merged; and
histories from which nothing can be told. Right: each true instant within one day of its window, and the window no wider
than three days (nine where copies are weekly); where nothing can be told, that this is said. Exit code 1 under .90.
"""

from __future__ import annotations

import sys
import tempfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from hemostat import detect, evidence
from hemostat.case import Case, Opening
from hemostat.model import Silent
from hemostat.resolve import dated
from measure import machine, table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hemostat.resolve.dated import Dated

BAR = 0.9
ORIGIN = datetime(2023, 9, 4)  # noqa: DTZ001 - local time, as tables of practice software hold it
DAYS = 420
FIELDS = ("nom", "adresse", "code_postal", "ville", "telephone", "email", "medecin_traitant")
DAY = timedelta(days=1)
SCENES = (
    "one",
    "one",
    "one",
    "partial",
    "stale",
    "two",
    "one",
    "partial",
    "two",
    "none",
    "later",
    "scrambled",
)
FORMS = ("intervals", "audit", "daily", "weekly", "intervals days", "audit days")


def value(field: str, ids: np.ndarray, draw: np.ndarray) -> list[str]:
    """Values of a field; different draws give different values."""
    words = ("Dumesnil", "Garcin", "Ollivier", "Perrault", "Quenneville", "Rivoire", "Saulnier", "Thibaudeau")
    towns = ("Melun", "Albi", "Vannes", "Chinon", "Provins", "Redon", "Tulle", "Gien")
    makers: dict[str, Callable[[int, int], str]] = {
        "nom": lambda i, d: (
            f"{words[d % 8].upper()}{'AEIOUY'[i % 6]}{'BCDFGLMNR'[d // 8 % 9]}{'AEIO'[i // 6 % 4]}"
        ),
        "adresse": lambda i, d: f"{d % 180 + 1} rue {words[(i + d) % 8]}{d // 180}",
        "code_postal": lambda _, d: f"{d % 90 + 1:02d}{d // 90 % 10}00",
        "ville": lambda _, d: f"{towns[d % 8]}-{words[d // 8 % 8]}",
        "telephone": lambda i, d: f"06399{(i * 37 + d * 101) % 100000:05d}",
        "email": lambda i, d: f"p{i}.{d % 997}@example.org",
        "medecin_traitant": lambda _, d: f"Dr {words[d % 8]} {towns[d // 8 % 8]}",
    }
    made = makers[field]
    return [made(int(i), int(d)) for i, d in zip(ids, draw, strict=True)]


def world(rng: np.random.Generator, people: int, per_day: float) -> pl.DataFrame:
    """Versions of records (id, at in minutes since the origin, the fields): most from the start, changed by day."""
    born = np.where(rng.random(people) < 0.8, 0, rng.integers(0, DAYS * 1440, people))
    born = np.where(born > 0, born // 1440 * 1440 + rng.integers(480, 1140, people), 0)
    born.sort()
    ids = 40_000 + np.cumsum(rng.integers(1, 4, people))
    state = {field: rng.integers(0, 5000, people) for field in FIELDS}
    events = rng.poisson(per_day * DAYS)
    whose = rng.integers(0, people, events)
    when = np.sort(rng.integers(0, DAYS, events)) * 1440 + rng.integers(480, 1140, events)
    order = np.argsort(when, kind="stable")
    rows = [{"id": ids, "at": born, **{field: state[field].copy() for field in FIELDS}}]
    later: dict[str, list[int]] = {name: [] for name in ("id", "at", *FIELDS)}
    for one, at in zip(whose[order].tolist(), when[order].tolist(), strict=True):
        if at <= born[one]:
            continue
        moved = rng.random() < 0.4
        for field in (
            ("adresse", "code_postal", "ville") if moved else (FIELDS[int(rng.choice([0, 4, 5, 6]))],)
        ):
            state[field][one] = int(rng.integers(5000, 90_000))
        later["id"].append(int(ids[one]))
        later["at"].append(at)
        for field in FIELDS:
            later[field].append(int(state[field][one]))
    made: list[Mapping[str, Any]] = [*rows, later]
    parts = [pl.DataFrame(part, schema_overrides={"id": pl.Int64}) for part in made]
    frame = pl.concat(parts, how="vertical_relaxed").sort("id", "at")
    return frame.with_columns(
        pl.Series(field, value(field, frame["id"].to_numpy(), frame[field].to_numpy())) for field in FIELDS
    )


def state_at(versions: pl.DataFrame, minute: int) -> pl.DataFrame:
    """The file as it stands at an instant."""
    return versions.filter(pl.col("at") <= minute).group_by("id", maintain_order=True).last()


def stamp(minutes: pl.Expr, *, day: bool) -> pl.Expr:
    """Minutes since the origin as text."""
    at = pl.lit(ORIGIN) + pl.duration(minutes=minutes)
    return at.dt.strftime("%d/%m/%Y" if day else "%Y-%m-%d %H:%M:00")


def write_history(versions: pl.DataFrame, form: str, folder: Path, last: int) -> None:
    """One form of history, up to an instant."""
    known = versions.filter(pl.col("at") <= last)
    day = form.endswith("days")
    if form.startswith("intervals"):
        until = pl.col("at").shift(-1).over("id")
        known.select(
            patient_id="id", valid_from=stamp(pl.col("at"), day=day),
            valid_to=pl.when(until.is_not_null()).then(stamp(until, day=day)), **{f: pl.col(f) for f in FIELDS},
        ).write_csv(folder / "versions.csv", separator=";")  # fmt: skip
    elif form.startswith("audit"):
        parts = [
            known.select("id", "at", old=pl.col(field).shift(1).over("id"), new=field)
            .filter(pl.col("old").is_not_null() & (pl.col("old") != pl.col("new")))
            .select(patient_id="id", champ=pl.lit(field), ancienne_valeur="old", nouvelle_valeur="new",
                    date_modification=stamp(pl.col("at"), day=day), minute="at")
            for field in FIELDS
        ]  # fmt: skip
        log = pl.concat(parts).sort("minute").drop("minute").with_row_index("id_audit", offset=1)
        log.write_csv(folder / "audit.csv", separator=";")
    else:
        step = 1 if form == "daily" else 7
        first = max(0, last // 1440 - (40 if step == 1 else 200))
        for night in range(first, last // 1440, step):
            at = night * 1440 + 120
            name = (ORIGIN + timedelta(minutes=at)).strftime("patients_%Y-%m-%dT%H%M.csv")
            state_at(versions, at).drop("at").rename({"id": "patient_id"}).write_csv(
                folder / name, separator=";"
            )


def dirty(rng: np.random.Generator, rows: pl.DataFrame, share: float) -> pl.DataFrame:
    """The rows with typing errors and holes."""
    out = rows
    for field in FIELDS:
        hit = pl.Series(rng.random(rows.height) < share)
        hole = pl.Series(rng.random(rows.height) < share)
        out = out.with_columns(
            pl.when(hole)
            .then(None)
            .when(hit)
            .then(pl.col(field).str.slice(1) + "x")
            .otherwise(field)
            .alias(field)
        )
    return out.sample(fraction=1.0, shuffle=True, seed=int(rng.integers(1 << 30)))


def scene(rng: np.random.Generator, kind: str, form: str, folder: Path) -> list[int]:
    """Writes a history and a leak; gives the true instants (minutes), empty where nothing can be told."""
    people = int(rng.integers(1200, 2500))
    versions = world(rng, people, float(rng.uniform(8, 40)) if kind != "none" else 0.0)
    last = (DAYS - 1) * 1440
    recent = (90 if form == "weekly" else 25) * 1440
    truth = [int(rng.integers(last - recent, last - 4 * 1440))]
    leak = state_at(versions, truth[0])
    if kind == "two":
        truth.append(truth[0] - int(rng.integers(5, 14)) * (3 if form == "weekly" else 1) * 1440)
        early = state_at(versions, truth[1])
        first = pl.Series(rng.random(people) < rng.uniform(0.3, 0.7))
        ids = versions["id"].unique().sort()
        mine = ids.filter(first)
        of_first = pl.col("id").is_in(mine.implode())
        leak = pl.concat([leak.filter(of_first), early.filter(~of_first)])
    if kind == "partial":
        leak = leak.sample(fraction=float(rng.uniform(0.3, 0.7)), seed=int(rng.integers(1 << 30)))
    if kind == "stale":
        old = versions.filter((pl.col("at") < truth[0]) & pl.col("id").is_in(leak["id"].implode()))
        seed = int(rng.integers(1 << 30))
        some = leak["id"].sample(fraction=0.03, seed=seed)
        stale = old.filter(pl.col("id").is_in(some.implode())).sample(fraction=1.0, shuffle=True, seed=seed)
        stale = stale.unique("id", keep="first", maintain_order=True)
        leak = pl.concat([leak.join(stale.select("id"), on="id", how="anti"), stale])
    if kind == "later":
        last = truth[0] - 30 * 1440
    if kind == "scrambled":
        leak = versions.filter(pl.int_range(pl.len()).shuffle(int(rng.integers(1 << 30))).over("id") == 0)
    (folder / "history").mkdir()
    (folder / "leak").mkdir()
    if kind == "none":
        versions = versions.with_columns(at=pl.lit(0))
    write_history(versions, form, folder / "history", last)
    dirty(rng, leak.drop("at").rename({"id": "patient_id"}), float(rng.uniform(0.0, 0.03))).write_csv(
        folder / "leak" / "export.csv", separator=";"
    )
    return [] if kind in ("none", "later", "scrambled") else sorted(truth)


def told(folder: Path) -> Dated:
    """What the program says of a leak and its history."""
    with Case.create(folder / "case", Opening(folder / "key")) as case:
        evidence.take(case, folder / "leak", role="leak")
        evidence.take(case, folder / "history", role="history")
        evidence.run(case, Silent())
        with case.transaction():
            detect.run(case, Silent())
            dated.run(case, Silent())
        found = dated.known(case)
    assert found is not None
    windows = tuple(dated.Window(one["start"], one["end"]) for one in found["windows"])
    return dated.Dated(found["kind"], found["changes"], windows)


def right(found: Dated, truth: list[int], form: str) -> bool:
    """Whether every true instant is within one day of a window that is narrow enough."""
    if not truth:
        return found.kind not in ("window", "two")
    if len(found.windows) != len(truth):
        return False
    wide = timedelta(days=9 if form == "weekly" else 3)
    for window, minute in zip(found.windows, truth, strict=True):
        if window.start is None or window.end is None:
            return False
        # the zone of the histories is the controller's
        start, end = (_local(at) for at in (window.start, window.end))
        true = ORIGIN + timedelta(minutes=minute)
        if not start - DAY <= true <= end + DAY or end - start > wide:
            return False
    return True


def _local(at: int) -> datetime:
    return dated.instant_of(at).astimezone(ZoneInfo("Europe/Paris")).replace(tzinfo=None)


def main(histories: int) -> int:
    """Prints one line for each kind of history; 1 under the bar."""
    score: dict[tuple[str, str], list[bool]] = {}
    for number in range(histories):
        rng = np.random.default_rng([20_241_118, number])
        kind, form = SCENES[number % len(SCENES)], FORMS[(number + number // len(SCENES)) % len(FORMS)]
        with tempfile.TemporaryDirectory() as folder:
            truth = scene(rng, kind, form, Path(folder))
            found = told(Path(folder))
        good = right(found, truth, form)
        score.setdefault((kind, form), []).append(good)
        if not good:
            shown = [
                [at and f"{_local(at):%F %H:%M}" for at in (one.start, one.end)] for one in found.windows
            ]
            true = [f"{ORIGIN + timedelta(minutes=minute):%F %H:%M}" for minute in truth]
            print(
                f"missed {number}: {kind}, {form}: {found.kind} {found.changes} {shown}, true {true}",
                flush=True,
            )
    print(machine())
    rows = [
        [f"{kind}, {form}", f"{sum(found)}/{len(found)}"] for (kind, form), found in sorted(score.items())
    ]
    every = [one for found in score.values() for one in found]
    told_ = [
        one
        for (kind, _), found in score.items()
        if kind not in ("none", "later", "scrambled")
        for one in found
    ]
    rows.append(["all", f"{np.mean(every):.3f} of {len(every)}"])
    rows.append(["of which a day can be told", f"{np.mean(told_):.3f} of {len(told_)}"])
    print(table(["history", "right"], rows))
    return int(float(np.mean(every)) < BAR or float(np.mean(told_)) < BAR)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 72))
