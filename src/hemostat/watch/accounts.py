"""Accounts ranked by plain facts, so that a person can choose which to look at. No statistics, no verdict."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl

from hemostat.rules.files import rows

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from hemostat.case import Case

_LEARNING = timedelta(days=7)
"""What an account meets in its first days, or the log in its own, is new for no reason."""
_NIGHT, _MORNING = 22, 6
_WHERE = "account is not null and t is not null"

_HOURS = f"""
select lower(account) as account, date_trunc('hour', t) as hour, count(distinct "event")::bigint as entries,
  count(distinct patient) filter (where shown in ('record', 'list'))::bigint as patients
from access_event where {_WHERE} group by all
"""  # noqa: S608 - own names

_MET = f"""
select account, date_trunc('hour', met) as hour, count(*)::bigint as "new" from (
  select lower(account) as account, patient, min(t) as met from access_event
  where {_WHERE} and patient is not null and shown in ('record', 'list') group by all
) group by all
"""  # noqa: S608 - own names

_ADDRESSES = f"""
select lower(account) as account, ip, min(t) as "at", count(distinct "event")::bigint as "value"
from access_event where {_WHERE} and ip is not null group by all
"""  # noqa: S608 - own names

_TENANTS = f"""
select lower(account) as account, date_trunc('day', t) as "at", count(distinct tenant)::bigint as "value"
from access_event where {_WHERE} and tenant is not null and patient is not null group by all
"""  # noqa: S608 - own names

_LINES = """
select min(account) as account, count(distinct "event")::bigint as entries,
  count(distinct patient) filter (where shown in ('record', 'list'))::bigint as patients,
  strftime(min(t), '%Y-%m-%dT%H:%M:%S+00:00') as first_seen,
  strftime(max(t), '%Y-%m-%dT%H:%M:%S+00:00') as last_seen, count(distinct tenant)::bigint as tenants,
  count(distinct ip)::bigint as addresses
from access_event where account is not null group by lower(account)
"""


@dataclass(frozen=True, slots=True)
class Fact:
    """A rule: what is noted of an account, from which figure on, and in which words."""

    id: str
    weight: int
    least: int
    times: int
    fr: str
    en: str


def facts() -> dict[str, Fact]:
    """The rules of ``rules/account_facts.toml``, by id."""
    required = {"id": str, "weight": int, "least": int, "fr": str, "en": str}
    return {
        row["id"]: Fact(row["id"], row["weight"], row["least"], row.get("times", 1), row["fr"], row["en"])
        for row in rows("account_facts", "fact", required)
    }


def note(case: Case, leavers: Mapping[str, datetime], shift: Mapping[datetime, int] | None) -> None:
    """Fills ``account_fact`` from the accesses read. ``shift``: minutes of local time ahead of UTC, by hour."""
    case.execute("delete from account_fact")
    hours = _frame(case, _HOURS)
    if not hours.height:
        return
    found = [
        _woke(hours),
        _left(hours, leavers),
        _unusual(hours.select("account", "hour", "patients"), "burst"),
        _strangers(hours, _frame(case, _MET)),
        _largest(_frame(case, _TENANTS)).with_columns(fact=pl.lit("tenants")),
        _new_addresses(hours, _frame(case, _ADDRESSES)),
    ]
    if shift is not None:
        found.append(_nights(hours, shift))
    rules = facts()
    weights = pl.DataFrame(
        {
            "fact": list(rules),
            "weight": [rule.weight for rule in rules.values()],
            "least": [rule.least for rule in rules.values()],
            "times": [rule.times for rule in rules.values()],
        },
        schema_overrides={"weight": pl.Int32},
    )
    columns = ("account", "fact", "value", "other", "at")
    told = pl.concat(
        [
            one.select(
                pl.col(name) if name in one.columns else pl.lit(None, pl.Int64).alias(name)
                for name in columns
            ).with_columns(pl.col("value", "other").cast(pl.Int64))
            for one in found
        ]
    ).join(weights, on="fact")
    enough = (pl.col("value") >= pl.col("least")) & (
        pl.col("other").is_null() | (pl.col("value") >= pl.col("times") * pl.col("other"))
    )
    case.append("account_fact", told.filter(enough).select(*columns, "weight"))


def ranking(case: Case) -> pl.DataFrame:
    """Every account of the logs, the most telling first.

    Out: account, weight, facts, reasons_fr, reasons_en (lists), entries, patients, first_seen, last_seen, tenants,
    addresses.
    """
    lines = _frame(case, _LINES).with_columns(key=pl.col("account").str.to_lowercase())
    told = _frame(
        case,
        "select account as key, fact, value, other, weight from account_fact order by weight desc, value desc",
    )
    rules = facts()
    words = {
        f"reasons_{lang}": [
            getattr(rules[fact], lang).format(value=value, other=other)
            for fact, value, other in told.select("fact", "value", "other").iter_rows()
        ]
        for lang in ("fr", "en")
    }
    told = told.with_columns(pl.Series(name, said, dtype=pl.String) for name, said in words.items())
    by_account = told.group_by("key", maintain_order=True).agg(
        pl.col("weight").sum().cast(pl.Int64), pl.col("fact").alias("facts"), "reasons_fr", "reasons_en"
    )
    lists = pl.List(pl.String)
    return (
        lines.join(by_account, on="key", how="left")
        .with_columns(
            pl.col("weight").fill_null(0),
            pl.col("facts", "reasons_fr", "reasons_en").fill_null(pl.lit([], lists)),
        )
        .sort("weight", "patients", "key", descending=[True, True, False])
        .select(
            "account", "weight", "facts", "reasons_fr", "reasons_en", "entries", "patients", "first_seen",
            "last_seen", "tenants", "addresses",
        )
    )  # fmt: skip


def _frame(case: Case, sql: str) -> pl.DataFrame:
    found = pl.from_arrow(case.query(sql))
    assert isinstance(found, pl.DataFrame)
    return found


def _largest(frame: pl.DataFrame) -> pl.DataFrame:
    """The row of each account with the largest value; the first one among equals."""
    return frame.sort("account", "value", "at", descending=[False, True, False]).unique(
        "account", keep="first", maintain_order=True
    )


def _woke(hours: pl.DataFrame) -> pl.DataFrame:
    """The longest silence of each account, in whole days, and when it ended."""
    silent = (
        hours.sort("account", "hour")
        .with_columns(value=(pl.col("hour") - pl.col("hour").shift().over("account")).dt.total_days())
        .drop_nulls("value")
    )
    return _largest(silent.select("account", "value", at="hour")).with_columns(fact=pl.lit("woke"))


def _left(hours: pl.DataFrame, leavers: Mapping[str, datetime]) -> pl.DataFrame:
    gone = pl.DataFrame(
        {"account": list(leavers), "left": list(leavers.values())},
        schema={"account": pl.String, "left": pl.Datetime("us")},
    )
    after = hours.join(gone, on="account").filter(pl.col("hour") >= pl.col("left"))
    return (
        after.group_by("account")
        .agg(value=pl.col("entries").sum(), at=pl.col("hour").min())
        .with_columns(fact=pl.lit("leaver"))
    )


def _unusual(counts: pl.DataFrame, fact: str) -> pl.DataFrame:
    """The highest hour of each account, beside the median of the highest hours of its other days."""
    count = counts.columns[2]
    days = (
        counts.with_columns(day=pl.col("hour").dt.truncate("1d"))
        .sort("account", count, "hour", descending=[False, True, False])
        .unique(["account", "day"], keep="first", maintain_order=True)
        .select("account", "day", value=count, at="hour")
    )
    return _beside_others(days).with_columns(fact=pl.lit(fact))


def _beside_others(days: pl.DataFrame) -> pl.DataFrame:
    """The day of each account with the largest value, and ``other``: the median of its other days, 0 without any."""
    top = _largest(days.select("account", "value", "at", "day"))
    others = days.join(top.select("account", top="day"), on="account").filter(pl.col("day") != pl.col("top"))
    usual = others.group_by("account").agg(other=pl.col("value").median().round().cast(pl.Int64))
    return top.join(usual, on="account", how="left").with_columns(pl.col("other").fill_null(0))


def _strangers(hours: pl.DataFrame, met: pl.DataFrame) -> pl.DataFrame:
    """The day on which each account met most patients for the first time, beside its other days."""
    start = hours["hour"].min()
    days = (
        hours.select("account", "hour")
        .join(met, on=["account", "hour"], how="left")
        .filter(pl.col("hour") >= pl.lit(start) + _LEARNING)
        .group_by("account", day=pl.col("hour").dt.truncate("1d"))
        .agg(value=pl.col("new").fill_null(0).sum(), at=pl.col("hour").min())
    )
    return _beside_others(days).with_columns(fact=pl.lit("strangers"))


def _new_addresses(hours: pl.DataFrame, addresses: pl.DataFrame) -> pl.DataFrame:
    """The address, new after an account's first days, from which it came most."""
    begun = hours.group_by("account").agg(begun=pl.col("hour").min())
    fresh = addresses.join(begun, on="account").filter(pl.col("at") >= pl.col("begun") + _LEARNING)
    return _largest(fresh.select("account", "value", "at")).with_columns(fact=pl.lit("address"))


def _nights(hours: pl.DataFrame, shift: Mapping[datetime, int]) -> pl.DataFrame:
    """The night with most entries of each account, beside its other days, nights without any entry included."""
    minutes = pl.col("hour").replace_strict(dict(shift), default=0, return_dtype=pl.Int64)
    local = hours.with_columns(local=pl.col("hour") + minutes * pl.lit(timedelta(minutes=1)))
    clock = pl.col("local").dt.hour()
    dark = (clock >= _NIGHT) | (clock < _MORNING)
    nights = (
        local.with_columns(day=(pl.col("local") - timedelta(hours=12)).dt.truncate("1d"))
        .group_by("account", "day")
        .agg(value=pl.col("entries").filter(dark).sum(), at=pl.col("hour").min())
    )
    return _beside_others(nights).with_columns(fact=pl.lit("night"))
