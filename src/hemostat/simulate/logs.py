"""What the two kinds of access log share: settings, what was made, and the truth about who was seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Log:
    """An access log: how long, how busy, how it is attacked."""

    kind: str
    """practice or identity_store."""
    name: str
    per_person: float
    days: int
    last: date
    """The last day."""
    dormant_days: int = 40
    rate_per_minute: float = 10.0
    usurped: int = 7
    burst_days: int = 1
    burst_minutes: int = 0
    regions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Usurped:
    """An account in wrong hands, and from when to when."""

    account: str
    since: str
    until: str


@dataclass(frozen=True, slots=True)
class Made:
    """A log before it is written: one entry per line in every column."""

    lines: pl.Series
    person: pl.Series
    """Null where an event shows nobody."""
    account: pl.Series
    kind: pl.Series
    """normal, locum, on_call, campaign; usurped."""
    screen: pl.Series
    moment: pl.Series
    listed: pl.Series
    """Seen in a list only, not opened."""
    part: pl.Series
    """The tenant or region."""
    usurped: list[Usurped]
    request: pl.Series | None = None
    """The same for two lines that log one request."""


def stamped(first: datetime, seconds: pl.Series) -> pl.Series:
    """Instants with their offset, from seconds of local wall time after the first day's midnight."""
    local = pl.lit(first.replace(tzinfo=None)) + pl.duration(seconds=pl.col("s"))
    shown = seconds.to_frame("s").select(
        local.dt.replace_time_zone("Europe/Paris", ambiguous="earliest", non_existent="null").alias("t")
    )["t"]
    offset = shown.dt.strftime("%:z")
    return (shown.dt.strftime("%Y-%m-%dT%H:%M:%S") + offset).alias("t")


def inserted(form: str, *columns: str) -> pl.Expr:
    """A text with a column in the place of each ``§``; null where one of them is."""
    head, *rest = form.split("§")
    parts = [pl.lit(head)]
    for column, text in zip(columns, rest, strict=True):
        parts += [pl.col(column).cast(pl.String), pl.lit(text)]
    return pl.concat_str(parts)


def seen(made: Made) -> pl.DataFrame:
    """Whom the usurped accounts saw: one row per person, account and screen, with how often and when first.

    Columns: true_person, account, screen, listed, part, times, first.
    """
    columns = ("true_person", "account", "screen", "listed", "part")
    frame = pl.DataFrame(
        {
            "true_person": made.person,
            "account": made.account,
            "screen": made.screen,
            "listed": made.listed,
            "part": made.part,
            "moment": made.moment,
            "kind": made.kind,
            "request": made.request if made.request is not None else made.lines,
        }
    )
    theirs = frame.filter((pl.col("kind") == "usurped") & pl.col("true_person").is_not_null())
    counted = theirs.group_by(*columns, maintain_order=True).agg(
        pl.col("request").n_unique().alias("times"), pl.col("moment").min().alias("first")
    )
    return counted.sort(*columns)
