"""A sample that thieves showed, in a case: which persons of it are in the patient file, and where in that file."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from hemostat.model import Role, Standing
from hemostat.resolve import sample, standing
from hemostat.resolve.names import fold
from hemostat.resolve.stage import people_count

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hemostat.case import Case
    from hemostat.resolve.sample import Estimate

    Ints = NDArray[np.int64]

SETTING = "sample"
"""The setting by which a person says that the evidence is a sample, not the whole leak."""

_FIELDS = ("record_id", "internal_id", "used_name", "birth_name", "full_name", "birth_date", "tenant")
_SHOWN = """
select patient_record from person join (select person_id, min(record_id) as first from record_person group by 1)
using (person_id) where patient_record is not null order by first
"""
_PIECES = """
select p.person_id, list(distinct e.custody_id order by e.custody_id) from record_person p
join evidence e on e.evidence_id = p.record_id >> 36 where e.role = 'leak' and p.person_id is not null group by 1
"""


def is_sample(case: Case) -> bool:
    """Whether the leak may be a sample: said so, shown as one, or far more is claimed than found."""
    if case.setting(SETTING) or case.rows("select 1 from claim_event where kind = 'sample-shown' limit 1"):
        return True
    people = people_count(case)
    records = case.rows("select count(*) from record join evidence using (evidence_id) where role = 'leak'")[
        0
    ][0]
    found = {"persons": people.best if people else 0, "rows": records}
    claims = case.rows('select unit, "value" from claim')
    return any(found.get(unit, 0) and value >= sample.excess() * found[unit] for unit, value in claims)


def told(case: Case) -> Estimate | None:
    """What the sample allows to say of the total; None where the leak is no sample or nobody was found in it."""
    people = people_count(case)
    if people is None or not people.best or not is_sample(case):
        return None
    files = [
        n for (n,) in case.rows("select evidence_id from evidence where role = ?", (str(Role.PATIENTS),))
    ]
    file = pl.DataFrame(case.bulk("identity", files, _FIELDS)) if files else pl.DataFrame()
    if file.height:
        # made-up and old rows were not drawn from what was taken
        known = standing.known(case) or {}
        apart = sum(known.get(kind) or 0 for kind in (Standing.FABRICATED, Standing.RECYCLED))
        matched = pl.DataFrame(case.query(_SHOWN))["patient_record"]
        return _against_file(matched, file, max(people.best - apart, len(matched)))
    pieces = [tuple(found) for _, found in case.rows(_PIECES)]
    names = sorted({piece for found in pieces for piece in found})
    if len(names) == 2:  # noqa: PLR2004 - two samples
        first, second = (sum(name in found for found in pieces) for name in names)
        return sample.two_samples(first, second, sum(len(found) > 1 for found in pieces))
    return sample.floor(people.best, "no_file")


def _against_file(shown: pl.Series, file: pl.DataFrame, people: int) -> Estimate:
    """In: the rows of the patient file that the people shown are, in the order shown; the rows of the file."""
    ordered = file.sort("record_id")
    at = np.searchsorted(ordered["record_id"].to_numpy(), shown.to_numpy())
    names = pl.select(
        pl.coalesce(*(ordered[name] for name in ("used_name", "birth_name", "full_name")))
    ).to_series()
    number = ordered["internal_id"].str.extract(r"^\s*(\d{1,18})\s*$", 1).cast(pl.Int64)
    keys = {"id": number, "name": fold(names), "birth": ordered["birth_date"]}
    others = {
        name: _places(key)[at] for name, key in keys.items() if not key[at.astype(np.uint32)].null_count()
    }
    others = {name: places for name, places in others.items() if not np.array_equal(places, at)}
    tenants = ordered["tenant"]
    sites = {}
    if tenants.null_count() < len(tenants):
        share = dict(tenants.drop_nulls().value_counts(normalize=True).iter_rows())
        counts = dict(tenants[at.astype(np.uint32)].drop_nulls().value_counts().iter_rows())
        sites = {name: (counts.get(name, 0), part) for name, part in share.items()}
    return sample.estimate(people, at.astype(np.int64), file.height, sites, others)


def _places(keys: pl.Series) -> Ints:
    """The place of each row when the file is put in the order of these keys."""
    places = np.empty(len(keys), dtype=np.int64)
    places[keys.arg_sort(nulls_last=True).to_numpy()] = np.arange(len(keys))
    return places
