"""People whom access logs name by their identifier: told apart exactly, without weighing anything.

A log says which patient was seen. Two identifiers are two people, were they namesakes of one age; one identifier is
one person, however often opened. A person of a dump who is a row of the patient file, and a patient of a log who is
the same row, are one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from hemostat.case import Case

_NAMED = """
select a.record_id, f.patient_record, a.tenant, a.patient as internal_id from access_event a
left join log_patient f on f.patient = a.patient and f.tenant is not distinct from a.tenant
where a.standing in ('seen', 'listed') and a.patient is not null
order by a.record_id
"""


@dataclass(frozen=True, slots=True)
class Logged:
    """People of the logs.

    `clusters`: record_id, certain, best, all_possible, patient_record; `people`: distinct people who are in no dump.
    """

    clusters: pl.DataFrame
    people: int


def logged(case: Case, named: pl.DataFrame, matched: pl.DataFrame) -> Logged:
    """The people whom logs name.

    In: `named`, clusters of the dumps (certain, best, all_possible); `matched`, which patient_record each cluster
    `best` of the dumps is. A patient of that record joins the cluster; the others get new ones.
    """
    found = pl.from_arrow(case.query(_NAMED))
    assert isinstance(found, pl.DataFrame)
    if not found.height:
        return Logged(named.clear().with_columns(patient_record=pl.lit(None, pl.Int64)), 0)
    file_row = pl.col("patient_record").is_not_null()
    keyed = found.with_columns(
        # a row of the patient file is one person, whatever identifiers lead to it
        tenant=pl.when(~file_row).then("tenant"),
        internal_id=pl.when(~file_row).then("internal_id"),
    )
    key = ["patient_record", "tenant", "internal_id"]
    people = keyed.unique(key, keep="first", maintain_order=True).select(key).with_row_index("number")
    of_dumps = (
        named.group_by("best")
        .agg(pl.col("certain").min(), pl.col("all_possible").min())
        .join(matched, on="best")
    )
    joined = people.join(of_dumps, on="patient_record", how="left", maintain_order="left")
    fresh = pl.col("number").cast(pl.Int32)
    levels = {
        level: pl.coalesce(pl.col(level), fresh + int(named[level].max() or -1) + 1)  # type: ignore[arg-type]
        for level in ("certain", "best", "all_possible")
    }
    numbered = joined.with_columns(pl.col("best").is_null().alias("alone"), **levels)
    clusters = keyed.join(numbered, on=key, nulls_equal=True, maintain_order="left")
    return Logged(
        clusters.select("record_id", "certain", "best", "all_possible", "patient_record"),
        numbered.filter("alone").height,
    )
