"""Instants as logs write them, as UTC. A time that says no offset is not guessed."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import polars as pl

from hemostat.errors import UsageError
from hemostat.rules.files import rows

INSTANT = pl.Datetime("us")
_YEAR_FIRST = (
    r"^(?P<year>\d{4})[-/]?(?P<month>\d\d)[-/]?(?P<day>\d\d)(?:[T _]?"
    r"(?P<hour>\d\d):?(?P<minute>\d\d)(?::?(?P<second>\d\d)(?:[.,](?P<part>\d{1,9}))?)?)?"
    r"\s*(?P<zone>[A-Za-z]{1,5}|[+-]\d\d(?::?\d\d)?)?$"
)
_DAY_FIRST = (
    r"^(?P<day>\d{1,2})[/ .-](?P<month>\d{1,2}|[A-Za-z]{3})[/ .-](?P<year>\d{4})(?:[:T ,]+"
    r"(?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,](?P<part>\d{1,9}))?)?)?"
    r"\s*(?P<zone>[A-Za-z]{1,5}|[+-]\d\d(?::?\d\d)?)?$"
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_FIRST_YEAR = 1990
_FIXED = re.compile(r"^[+-](\d\d):?(\d\d)$")


def check_zone(zone: str) -> str:
    """The zone, when it is one: a name such as Europe/Paris, or an offset such as +01:00.

    Raises:
        UsageError: it is none.
    """
    if _FIXED.match(zone):
        return zone
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UsageError(
            f"There is no time zone {zone}: give one such as Europe/Paris or +01:00.",
            f"Il n'y a pas de fuseau horaire {zone} : donnez par exemple Europe/Paris ou +01:00.",
        ) from None
    return zone


def read_times(written: pl.Series, zone: str | None, now: datetime) -> tuple[pl.Series, int]:
    """UTC instants of some texts, null where they are none, and how many need ``zone`` and have none.

    Absurd times (before 1990, or more than a day after ``now``) count as unreadable.
    """
    text = written.str.strip_chars(" \t\"'[]")
    epoch = _epoch(text)
    parts = _parts(text)
    local = _instants(parts)
    minutes = _offsets(parts["zone"])
    utc = local - (minutes * 60_000_000).cast(pl.Duration("us"))
    naive = local.is_not_null() & minutes.is_null()
    lacking = 0
    if naive.any():
        if zone is None:
            lacking = int(naive.sum())
        else:
            utc = pl.select(pl.when(naive).then(to_utc(local, zone)).otherwise(utc)).to_series()
    found = pl.select(pl.coalesce(utc, epoch)).to_series()
    last = now.astimezone(UTC).replace(tzinfo=None) + timedelta(days=1)
    sane = (found.dt.year() >= _FIRST_YEAR) & (found <= last)
    return pl.select(pl.when(sane).then(found)).to_series().cast(INSTANT).alias("t"), lacking


def _epoch(text: pl.Series) -> pl.Series:
    """Seconds, or thousandths, millionths and billionths of them, since 1970."""
    whole = text.str.extract(r"^(\d{10}|\d{13}|\d{16}|\d{19})(?:\.\d+)?$", 1)
    # sixteen digits: microseconds, whatever the unit
    micros = (whole.str.slice(0, 16) + "000000").str.slice(0, 16)
    return micros.cast(pl.Int64, strict=False).cast(INSTANT)


def _parts(text: pl.Series) -> pl.DataFrame:
    first = text.str.extract_groups(_YEAR_FIRST).struct.unnest()
    second = text.str.extract_groups(_DAY_FIRST).struct.unnest().select(first.columns)
    return pl.select(pl.coalesce(first[name], second[name]).alias(name) for name in first.columns)


def _instants(parts: pl.DataFrame) -> pl.Series:
    month = parts["month"].str.to_lowercase()
    month = month.replace(dict(zip(_MONTHS, (f"{n:02}" for n in range(1, 13)), strict=True)))
    second = pl.min_horizontal(pl.col("second").fill_null("00"), pl.lit("59"))  # a leap second
    shown = parts.with_columns(month=month).select(
        pl.format(
            "{}-{}-{}T{}:{}:{}.{}",
            "year",
            pl.col("month").str.zfill(2),
            pl.col("day").str.zfill(2),
            pl.col("hour").fill_null("00"),
            pl.col("minute").fill_null("00"),
            second,
            (pl.col("part").fill_null("") + "000000").str.slice(0, 6),
        )
    )
    return shown.to_series().str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", time_unit="us", strict=False)


@cache
def _zones() -> dict[str, int]:
    found = rows("log_maps", "zone", {"names": list, "minutes": int})
    return {name: row["minutes"] for row in found for name in row["names"]}


def _offsets(zone: pl.Series) -> pl.Series:
    """Minutes east of Greenwich; null where no offset is said."""
    named = zone.str.to_lowercase().replace_strict(_zones(), default=None, return_dtype=pl.Int64)
    sign = pl.select(pl.when(zone.str.starts_with("-")).then(-1).otherwise(1)).to_series()
    digits = zone.str.extract(r"^[+-](\d\d)", 1).cast(pl.Int64) * 60
    digits = digits + zone.str.extract(r"^[+-]\d\d:?(\d\d)$", 1).cast(pl.Int64).fill_null(0)
    return pl.select(pl.coalesce(named, digits * sign)).to_series()


def to_utc(local: pl.Series, zone: str) -> pl.Series:
    """Local times of a zone as UTC. An hour lived twice counts as the first; one that was skipped, as the next."""
    fixed = _FIXED.match(zone)
    if fixed:
        minutes = (int(fixed[1]) * 60 + int(fixed[2])) * (-1 if zone.startswith("-") else 1)
        return local - timedelta(minutes=minutes)

    def there(times: pl.Series) -> pl.Series:
        placed = times.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
        return placed.dt.convert_time_zone("UTC").dt.replace_time_zone(None)

    return pl.select(pl.coalesce(there(local), there(local + timedelta(hours=1)))).to_series()
