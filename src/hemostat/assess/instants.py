"""Periods of law over aware instants: UTC inside, the controller's zone outside. Pure: no clock, no disk.

A period in hours is elapsed time, so it is added in UTC: a change of the clocks lengthens or shortens the day, never
the period. Weekends and holidays count.
"""

from __future__ import annotations

import calendar
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from hemostat.errors import UsageError

PARIS = "Europe/Paris"
"""The zone shown when none was said: the clocks are those of French law."""


def zone(name: str | None) -> ZoneInfo:
    """The zone of this name; Paris when none is given.

    Raises:
        UsageError: there is no zone of this name.
    """
    try:
        return ZoneInfo(name or PARIS)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UsageError(
            f"There is no time zone {name}: give a name such as Europe/Paris or Indian/Reunion.",
            f"Il n'y a pas de fuseau {name} : donnez un nom comme Europe/Paris ou Indian/Reunion.",
        ) from None


def instant(text: str, where: ZoneInfo | None = None) -> datetime:
    """The instant a text names, in UTC.

    A text without offset is read in ``where``, and refused when that local time happens twice, or never.

    Raises:
        UsageError: the text is no instant, or its offset is missing and cannot be told.

    >>> instant("2025-10-26T02:30:00+01:00").isoformat()
    '2025-10-26T01:30:00+00:00'
    """
    try:
        said = datetime.fromisoformat(text)
    except ValueError:
        raise _unclear(text) from None
    if said.tzinfo is None:
        if where is None:
            raise _unclear(text)
        first = said.replace(tzinfo=where, fold=0)
        if first.utcoffset() != said.replace(tzinfo=where, fold=1).utcoffset():
            raise _unclear(text)
        said = first
    return said.astimezone(UTC)


def after_hours(start: datetime, hours: float) -> datetime:
    """``hours`` of elapsed time after ``start``, in UTC: the strict reading, the one alarmed on.

    >>> after_hours(datetime.fromisoformat("2025-03-28T18:00+01:00"), 72).astimezone(ZoneInfo(PARIS)).isoformat()
    '2025-03-31T19:00:00+02:00'
    """
    return start.astimezone(UTC) + timedelta(hours=hours)


def after_whole_hours(start: datetime, hours: float, where: ZoneInfo) -> datetime:
    """The end of a period of which the hour of the event is not counted, in UTC: up to one hour later.

    Source: Regulation 1182/71, art. 3(1). Shown as a note, never relied on.
    """
    local = start.astimezone(where)
    since = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    return start.astimezone(UTC) - since + timedelta(hours=1 + hours)


def after_months(start: datetime, months: int, where: ZoneInfo) -> datetime:
    """The same local time, ``months`` later, in UTC; the last day of a shorter month.

    A local time that the clocks skip is moved on by the hour skipped.

    >>> after_months(datetime.fromisoformat("2024-01-31T09:00+01:00"), 1, ZoneInfo(PARIS)).isoformat()
    '2024-02-29T08:00:00+00:00'
    """
    local = start.astimezone(where)
    year, month = divmod(local.year * 12 + local.month - 1 + months, 12)
    day = min(local.day, calendar.monthrange(year, month + 1)[1])
    return local.replace(year=year, month=month + 1, day=day).astimezone(UTC)


def _unclear(text: str) -> UsageError:
    return UsageError(
        f'"{text}" is not a complete instant: give date, time and offset, for example 2025-11-28T15:20+01:00.',
        f"« {text} » n'est pas un instant complet : donnez date, heure et décalage, "
        "par exemple 2025-11-28T15:20+01:00.",
    )
