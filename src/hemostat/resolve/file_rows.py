"""The stage that looks at the patient file row by row: whose each row is, how fresh, and whether the leak agrees.

A patient may stand in the file more than once. The freshest row is the one by which the person is reached.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from hemostat.detect.headings import normalise
from hemostat.evidence import batch_name, columns_of
from hemostat.model import RECORD_BITS, Role
from hemostat.resolve import hashing
from hemostat.resolve.names import distinct, fold
from hemostat.rules import rows
from hemostat.watch.times import read_times

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hemostat.case import Case
    from hemostat.model import Progress

_ZONE = "Europe/Paris"
_YEAR = 365.25
_FIELDS = ("record_id", "birth_name", "used_name", "full_name", "first_names", "birth_date", "nir", "deceased",
           "postal_address", "postal_code", "city")  # fmt: skip
_MATCHED = "select person_id, patient_record as record_id from person where patient_record is not null"
_OWNERS = "select record_id, person_id from record_person where person_id is not null"


def run(case: Case, progress: Progress) -> None:
    """Fills patient_row and gives each matched person the freshest of the patient's rows. Safe to repeat."""
    progress.step("file", 0, 1)
    case.execute("delete from patient_row")
    files = [
        n
        for (n,) in case.rows(
            "select evidence_id from evidence where role = ? order by 1", (str(Role.PATIENTS),)
        )
    ]
    held = pl.DataFrame(case.bulk("identity", files, _FIELDS)) if files else pl.DataFrame()
    if held.height:
        matched = pl.DataFrame(case.query(_MATCHED))
        told = _same_patients(held, matched).with_columns(
            updated=_updated(case, held["record_id"], files),
            deceased=held["deceased"].fill_null(value=False),
        )
        limit = case.now().date()
        years = _number("stale_years")
        told = told.with_columns(
            stale=(pl.lit(limit) - pl.col("updated")).dt.total_days() > years * _YEAR,
            differs=_differs(case, held, told["person_id"]),
        )
        case.append("patient_row", told)
        freshest = (
            told.drop_nulls("person_id")
            .filter(pl.len().over("person_id") > 1)
            .sort(pl.col("updated"), "record_id", descending=[True, False], nulls_last=True)
            .unique("person_id", keep="first", maintain_order=True)
            .filter(pl.col("updated").is_not_null())
            .select("person_id", "record_id")
        )
        _prefer(case, freshest)
    progress.step("file", 1, 1)


def _prefer(case: Case, freshest: pl.DataFrame) -> None:
    """Each of these people is reached by the row given for them."""
    if freshest.height:
        case.execute(
            "update person set patient_record = q.record_id from "
            "(select unnest(?) as person_id, unnest(?) as record_id) q where person.person_id = q.person_id",
            (freshest["person_id"].to_list(), freshest["record_id"].to_list()),
        )


def _same_patients(held: pl.DataFrame, matched: pl.DataFrame) -> pl.DataFrame:
    """record_id, person_id (null: not in the leak) of each row: matched itself, or one patient with a row that is.

    One patient: same NIR, or same name, first name and date of birth, and no other NIR.
    """
    direct = held.select("record_id").join(matched, on="record_id", how="left", maintain_order="left")
    person = direct["person_id"]
    keys = _keys(held)
    for key in keys:
        known = (
            pl.DataFrame({"key": key, "person_id": direct["person_id"]})
            .filter(pl.col("key") != 0)
            .drop_nulls()
            .group_by("key")
            .agg(pl.col("person_id").first(), many=pl.col("person_id").n_unique())
            .filter(pl.col("many") == 1)
        )
        found = pl.DataFrame({"key": key}).join(known, on="key", how="left", maintain_order="left")[
            "person_id"
        ]
        person = person.fill_null(found)
    return direct.select("record_id").with_columns(person_id=person)


def _keys(held: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
    """Hashes that name a patient: by the NIR; by name, first name and birth where the row has no NIR. 0 without."""
    nir = hashing.of_text(held["nir"])
    name = held.select(name=pl.coalesce("birth_name", "used_name", "full_name"))["name"]
    parts = [_folded(name), _folded(held["first_names"]), hashing.of_text(held["birth_date"].cast(pl.String))]
    whole = hashing.join(*parts)
    return pl.Series(nir), pl.Series(np.where(nir == 0, whole, np.uint64(0)))


def _folded(texts: pl.Series) -> NDArray[np.uint64]:
    order, words = distinct(texts)
    return np.append(hashing.of_text(fold(words)), np.uint64(0))[order]


def _differs(case: Case, held: pl.DataFrame, person: pl.Series) -> pl.Series:
    """Whether no leaked address of the person has the postal code (else the town) of the row; null where unknown."""
    leaks = [
        n for (n,) in case.rows("select evidence_id from evidence where role in ('leak', 'log') order by 1")
    ]
    place = pl.coalesce("postal_code", "city")
    ours = held.select("record_id", place=place).with_columns(
        pl.Series("place", _folded(held.select(place=place)["place"])), person_id=person
    )
    leaked = pl.DataFrame(case.bulk("identity", leaks, ("record_id", "postal_code", "city"))).select(
        "record_id", place=place
    )
    leaked = leaked.with_columns(pl.Series("place", _folded(leaked["place"]))).filter(pl.col("place") != 0)
    seen = (
        leaked.join(pl.DataFrame(case.query(_OWNERS)), on="record_id").select("person_id", "place").unique()
    )
    known = seen.select("person_id").unique().with_columns(known=True)
    agreed = seen.with_columns(agreed=True)
    told = ours.join(known, on="person_id", how="left", maintain_order="left").join(
        agreed, on=["person_id", "place"], how="left", maintain_order="left"
    )
    answer = pl.when(pl.col("known").is_not_null() & (pl.col("place") != 0)).then(pl.col("agreed").is_null())
    return told.select(differs=answer)["differs"]


def _updated(case: Case, records: pl.Series, files: list[int]) -> pl.Series:
    """The day on which each row was last brought up to date; null where no column says so."""
    number = records.to_numpy() >> RECORD_BITS
    place = records.to_numpy() & ((1 << RECORD_BITS) - 1)
    days = np.full(len(records), np.datetime64("NaT"), dtype="datetime64[D]")
    for file in files:
        named = {normalise(heading): heading for heading in columns_of(case, file)}
        column = next((named[form] for form in _forms() if form in named), None)
        if column is None:
            continue
        cells = pl.concat(
            pl.Series(case.staged(batch_name(file, seq), [column])[column].combine_chunks()).cast(pl.String)
            for (seq,) in case.rows(
                'select seq from batch where evidence_id = ? and "rows" > 0 order by seq', (file,)
            )
        )
        instants, _ = read_times(cells, case.setting("zone") or _ZONE, case.now())
        mine = number == file
        days[mine] = instants.dt.date().to_numpy().astype("datetime64[D]")[place[mine]]
    return pl.Series("updated", days).cast(pl.Date)


@cache
def _forms() -> tuple[str, ...]:
    return tuple(rows("patient_file", "heading", {"id": str, "forms": list})[0]["forms"])


@cache
def _number(name: str) -> float:
    found = rows("patient_file", "threshold", {"id": str, "value": float, "note": str})
    return next(float(row["value"]) for row in found if row["id"] == name)
