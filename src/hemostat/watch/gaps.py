"""Where logs say nothing although they should: missing numbers, hours without the usual entries, logs not mapped."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from hemostat.case import Case

_EXPECTED = 20.0
"""So many accounts, hour by hour, should have worked in a silence for it to count as a gap: by chance it is one in
500 million. Entries come in bursts, and would prove less."""
_DAYS, _WEEKS = 3, 28
"""Days of log without which nothing is usual, and from which on each day of the week has its own usual."""
_FRIDAY = 5
_USUAL = 0.25
"""The quartile taken for usual: holidays are quieter, and no gap."""
_SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "starts": pl.Datetime("us"),
    "ends": pl.Datetime("us"),
    "missing": pl.Int64,
}


def silences(hours: pl.DataFrame) -> pl.DataFrame:
    """Runs of hours without an entry in which at least ``_EXPECTED`` accounts would be usual.

    In: ``hour`` (its beginning, UTC), ``entries``, ``accounts`` (that made them). Usual is the lower quartile of
    the same hour on all days alike: the same day of the week in a log of four weeks, else weekdays or weekends.
    Out: starts, ends, missing (entries usual in that time).
    """
    empty = pl.DataFrame(schema=_SCHEMA)
    if not hours.height:
        return empty
    every = hours.select(pl.datetime_range(pl.col("hour").min(), pl.col("hour").max(), "1h", time_unit="us"))
    if every.height < _DAYS * 24:
        return empty
    weekend = pl.col("hour").dt.weekday() > _FRIDAY
    all_hours = (
        every.join(hours, on="hour", how="left")
        .with_columns(
            pl.col("entries", "accounts").fill_null(0),
            kind=pl.col("hour").dt.weekday() if every.height >= _WEEKS * 24 else weekend.cast(pl.Int8),
            clock=pl.col("hour").dt.hour(),
        )
        .with_columns(
            usual=pl.col("entries").quantile(_USUAL).over("kind", "clock"),
            at_work=pl.col("accounts").quantile(_USUAL).over("kind", "clock"),
        )
        .with_columns(run=(pl.col("entries") > 0).cum_sum())
    )
    return (
        all_hours.filter(pl.col("entries") == 0)
        .group_by("run")
        .agg(
            starts=pl.col("hour").min(),
            ends=pl.col("hour").max() + pl.duration(hours=1),
            missing=pl.col("usual").sum(),
            at_work=pl.col("at_work").sum(),
        )
        .filter(pl.col("at_work") >= _EXPECTED)
        .select("starts", "ends", pl.col("missing").cast(pl.Int64))
        .sort("starts")
    )


def find(case: Case) -> None:
    """Fills ``access_gap`` from the accesses read."""
    case.execute("delete from access_gap")
    for (evidence_id,) in case.rows("select distinct evidence_id from access_event order by 1"):
        hours = pl.from_arrow(
            case.query(
                "select date_trunc('hour', t) as hour, count(*)::bigint as entries, "
                "count(distinct account)::bigint as accounts from access_event "
                "where evidence_id = ? and t is not null group by 1",
                (evidence_id,),
            )
        )
        assert isinstance(hours, pl.DataFrame)
        silent = silences(hours.with_columns(pl.col("hour").cast(pl.Datetime("us"))))
        if silent.height:
            case.append(
                "access_gap",
                silent.with_columns(evidence_id=pl.lit(evidence_id, pl.Int32), kind=pl.lit("silence")),
            )
    case.execute(
        "insert into access_gap by name "
        "select evidence_id, 'unmapped' as kind, sum(\"rows\")::bigint as missing from batch join evidence e "
        "using (evidence_id) where e.role = 'log' and \"rows\" > 0 "
        "and evidence_id not in (select distinct evidence_id from access_event) group by all"
    )
    case.execute(
        "insert into access_gap by name "
        "with number as (select distinct evidence_id, sequence, t from access_event where sequence is not null), "
        "step as (select evidence_id, lag(t) over w as starts, t as ends, "
        "sequence - lag(sequence) over w - 1 as missing from number "
        "window w as (partition by evidence_id order by sequence)) "
        "select evidence_id, 'sequence' as kind, starts, ends, missing from step where missing > 0"
    )
