"""The stage: the day on which the dump was taken, from the history of the patient file that the controller gave."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from hemostat.detect.headings import normalise, propose
from hemostat.evidence import batch_name, columns_of
from hemostat.model import Role
from hemostat.resolve.dated import histories
from hemostat.resolve.dated.moment import Dated, dated
from hemostat.resolve.dated.rules import sentences, thresholds
from hemostat.watch.times import read_times

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from hemostat.case import Case
    from hemostat.model import Progress

_ZONE = "Europe/Paris"
_SETTING = "dump_date"


@dataclass(frozen=True, slots=True)
class _Table:
    """One table of the history or of the leak."""

    number: int
    name: str
    columns: tuple[str, ...]


def run(case: Case, progress: Progress) -> None:
    """Keeps what the history tells of the dump in the setting ``dump_date``. Safe to repeat."""
    progress.step("dated", 0, 1)
    history = _tables(case, Role.HISTORY)
    found = _told(case, history) if history else None
    if found is not None or case.setting(_SETTING):
        case.set_setting(_SETTING, json.dumps(asdict(found)) if found else "")
    progress.step("dated", 1, 1)


def known(case: Case) -> Mapping[str, Any] | None:
    """kind, changes, windows (start, end: microseconds of UTC); None where no history was given or looked at yet."""
    held = case.setting(_SETTING)
    found: Mapping[str, Any] | None = json.loads(held) if held else None
    return found


def sentence(
    found: Mapping[str, Any], lang: str, number: Callable[[int], str], instant: Callable[[int], str]
) -> str:
    """What the history tells, in one sentence.

    In: what ``known`` gives; how the language writes a number, and an instant given in microseconds of UTC.
    """
    values: dict[str, str] = {"changes": number(found["changes"])}
    for suffix, window in zip(("", "2"), found["windows"], strict=False):
        for name in ("start", "end"):
            if window[name] is not None:
                values[f"{name}{suffix}"] = instant(window[name])
    return sentences()[found["kind"]][lang].format_map(values)


def instant_of(at: int) -> datetime:
    """The instant of so many microseconds of UTC since 1970."""
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=at)


def _tables(case: Case, role: Role) -> list[_Table]:
    return [
        _Table(number, name, tuple(columns_of(case, number)))
        for number, name in case.rows(
            "select evidence_id, name from evidence where role = ? and state = 'read' order by 1",
            (str(role),),
        )
    ]


def _told(case: Case, history: Sequence[_Table]) -> Dated:
    """What the tables of the history tell of those of the leak; the leak's table that shows most is the one."""
    forms = {table: form for table in history if (form := histories.form_of(table.columns, table.name))}
    if not forms:
        return Dated("no_history", 0)
    best = Dated("no_common", 0)
    for leaked in _tables(case, Role.LEAK):
        found = _of_table(case, leaked, forms)
        if found is not None and (best.kind == "no_common" or found.changes > best.changes):
            best = found
    return best


def _of_table(case: Case, leaked: _Table, forms: Mapping[_Table, str]) -> Dated | None:
    """What the history tells of one table of the leak; None where they have too little in common."""
    ours = _key(case, leaked, None)
    if ours is None:
        return None
    keys = histories.plain(_cells(case, leaked, ours))
    runs, created = [pl.DataFrame(schema=histories.RUNS)], [pl.DataFrame(schema=histories.CREATED)]
    shots: dict[tuple[str, ...], list[tuple[str, _Table]]] = {}
    for table, form in forms.items():
        theirs = _key(case, table, keys, normalise(ours))
        if theirs is None:
            continue
        if form == "file":
            shots.setdefault(tuple(sorted(map(normalise, table.columns))), []).append((theirs, table))
            continue
        made, born = _read(case, table, form, theirs)
        runs.append(made)
        created.append(born)
    for alike in shots.values():
        made, born = _snapshots(case, alike)
        runs.append(made)
        created.append(born)
    every = pl.concat(runs)
    if every.is_empty():
        return None
    fields = _fields(leaked, every["field"].unique().to_list(), ours)
    rows = [
        pl.DataFrame(
            {"row": np.arange(len(keys)), "key": keys, "value": histories.plain(_cells(case, leaked, place))}
        )
        .with_columns(field=pl.lit(field))
        .select("row", "key", "field", "value")
        for place, field in fields.items()
    ]
    if not rows:
        return None
    born = pl.concat(created).with_columns(present=pl.col("key").is_in(keys.unique().implode()))
    return dated(histories.changes(every, pl.concat(rows)), born)


def _cells(case: Case, table: _Table, place: str) -> pl.Series:
    parts = [
        pl.Series(place, case.staged(batch_name(table.number, seq), [place])[place].combine_chunks()).cast(
            pl.String
        )
        for (seq,) in case.rows(
            'select seq from batch where evidence_id = ? and "rows" > 0 order by seq', (table.number,)
        )
    ]
    return pl.concat(parts) if parts else pl.Series(place, [], dtype=pl.String)


def _key(case: Case, table: _Table, among: pl.Series | None, heading: str = "") -> str | None:
    """The column of the records' identifiers: by what was found in it, and by what it has in common with the leak's."""
    named = [
        place
        for (place,) in case.rows(
            "select place from finding where evidence_id = ? and category in ('internal_id', 'nir') "
            "and about = 'person' order by category <> 'internal_id', \"values\" desc, place",
            (table.number,),
        )
        if place in table.columns
    ]
    if among is None:
        return str(named[0]) if named else None
    known = among.unique().implode()
    hits = []
    for place in table.columns:
        shared = histories.plain(_cells(case, table, place))
        count = shared.filter(shared.is_in(known) & (shared != 0)).n_unique()
        if count >= thresholds()["common"]:
            alike = normalise(place) == heading
            hits.append((alike, place in named, "patient" in normalise(place), count, place))
    return max(hits)[-1] if hits else None


def _times(case: Case, table: _Table, place: str) -> pl.DataFrame:
    """since, by: when the rows of a table say that something changed."""
    written = _cells(case, table, place)
    instants, _ = read_times(written, case.setting("zone") or _ZONE, case.now())
    return histories.steps_of(written, instants)


def _read(case: Case, table: _Table, form: str, key: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Runs and creations of one table: a log of changes, versions with their validity, or snapshots in one table."""
    keys = histories.plain(_cells(case, table, key)).rename("key")
    if form == "audit":
        names = {kind: histories.column(table.columns, kind) for kind in ("at", "field", "old", "new")}
        frame = _times(case, table, str(names["at"])).with_columns(
            keys, field=_named(_cells(case, table, str(names["field"])))
        )
        new = histories.plain(_cells(case, table, str(names["new"])))
        old = histories.plain(_cells(case, table, names["old"])) if names["old"] else new.new_from_index(0, 0)
        if len(old) != len(new):
            old = pl.Series(np.zeros(len(new), dtype=np.uint64))
        runs = histories.from_changes(frame.with_columns(old=old, new=new))
        return runs, pl.DataFrame(schema=histories.CREATED)
    dates = histories.column(table.columns, "snapshot" if form == "snapshot" else "from")
    frame = _times(case, table, str(dates)).with_columns(keys)
    if form == "snapshot":
        frame = _censored(frame)
    left_out = {key, dates, histories.column(table.columns, "to")}
    fields = {place: _field(place) for place in table.columns if place not in left_out}
    return histories.from_versions(_with_values(case, table, frame, fields), fields)


def _snapshots(case: Case, alike: Sequence[tuple[str, _Table]]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Runs and creations of dated files of one shape."""
    parts = []
    fields: dict[str, str] = {}
    for key, table in alike:
        fields = {normalise(place): _field(place) for place in table.columns if place != key}
        own = {place: normalise(place) for place in table.columns if place != key}
        written = pl.Series([histories.dated_name(table.name)])
        instants, _ = read_times(written, case.setting("zone") or _ZONE, case.now())
        at = histories.steps_of(written, instants)
        keys = histories.plain(_cells(case, table, key)).rename("key")
        frame = pl.DataFrame({"key": keys}).join(at.select("since", "by"), how="cross")
        parts.append(_with_values(case, table, frame, own).rename(own))
    whole = pl.concat([part.select("key", "since", "by", *fields) for part in parts])
    return histories.from_versions(_censored(whole), fields)


def _censored(frame: pl.DataFrame) -> pl.DataFrame:
    """What a snapshot shows first was made since the snapshot before."""
    shots = frame.select("since", "by").unique().sort("by")
    before = shots.with_columns(since=pl.col("since").shift(1).fill_null(pl.col("since")))
    return frame.drop("since").join(before, on="by", how="left", maintain_order="left")


def _with_values(case: Case, table: _Table, frame: pl.DataFrame, fields: Mapping[str, str]) -> pl.DataFrame:
    return frame.with_columns(histories.plain(_cells(case, table, place)).rename(place) for place in fields)


def _field(place: str) -> str:
    """What a heading calls a field: its category where it is clear, else the heading itself."""
    found = propose(place)
    if found and found[0].strength == 1.0 and str(found[0].about) == "person":
        return str(found[0].category)
    return normalise(place)


def _named(cells: pl.Series) -> pl.Series:
    """The field that each row of a log of changes is about."""
    names = {name: _field(name) for name in cells.drop_nulls().unique().to_list()}
    return cells.replace_strict(names, default=None, return_dtype=pl.String)


def _fields(leaked: _Table, told: Sequence[str], key: str) -> dict[str, str]:
    """Column of the leak -> field of the history; two columns of one field tell nothing."""
    named = {place: _field(place) for place in leaked.columns if place != key}
    fields = list(named.values())
    return {place: field for place, field in named.items() if field in told and fields.count(field) == 1}
