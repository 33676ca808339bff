"""What the evidence itself says refers to what: foreign keys of dumps and databases, and the values they join by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from hemostat.evidence import batch_name
from hemostat.model import RECORD_BITS, Role

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hemostat.case import Case

_TIES = {"record_id": pl.Int64, "tie": pl.Int32, "refers": pl.Boolean, "value": pl.UInt64}


def ties(case: Case) -> pl.DataFrame:
    """The values on both sides of each declared reference between pieces of evidence of a leak.

    Out: record_id, tie (the number of the reference; those with more different values come first), refers (whether the
    record refers, or is what is referred to), value (a hash; blanks left out).
    """
    found = [
        part
        for number, sides in enumerate(_declared(case))
        for refers, (evidence, place) in zip((True, False), sides, strict=True)
        for part in _values(case, evidence, place, number, refers=refers)
    ]
    if not found:
        return pl.DataFrame(schema=_TIES)
    held = pl.concat(found)
    order = (
        held.filter("refers")
        .group_by("tie")
        .agg(pl.col("value").n_unique())
        .sort("value", "tie", descending=[True, False])
        .select("tie", rank=pl.int_range(pl.len(), dtype=pl.Int32))
    )
    return held.join(order, on="tie").select("record_id", tie="rank", refers="refers", value="value")


def _declared(case: Case) -> list[tuple[tuple[int, str], tuple[int, str]]]:
    """Each reference as two columns: the one that refers, and the one that is referred to."""
    return [
        ((own, place), (other, there))
        for own, place, other, there in case.rows(
            "select r.evidence_id, r.place, t.evidence_id, r.target_place from reference r"
            " join evidence e on e.evidence_id = r.evidence_id join evidence t on t.name = r.target"
            " where e.role = ? and t.role = e.role and t.custody_id in (select custody_id from custody where"
            " custody_id = e.custody_id or name like '%://%#%') order by r.target, r.evidence_id, r.place",
            (str(Role.LEAK),),
        )
    ]


def _values(case: Case, evidence: int, place: str, number: int, *, refers: bool) -> Iterator[pl.DataFrame]:
    first = evidence << RECORD_BITS
    for seq, rows in case.rows(
        'select seq, "rows" from batch where evidence_id = ? and "rows" > 0 order by seq', (evidence,)
    ):
        batch = case.staged(batch_name(evidence, seq))
        if place in batch.column_names:
            cells = pl.Series("value", batch.column(place), dtype=pl.String)
            yield (
                pl.DataFrame({"value": cells})
                .with_row_index("row")
                .drop_nulls()
                .select(
                    record_id=pl.col("row").cast(pl.Int64) + first,
                    tie=pl.lit(number, dtype=pl.Int32),
                    refers=pl.lit(refers),
                    value=pl.col("value").hash(1),
                )
            )
        first += rows
