"""The choice a person makes: which accounts, in which window; and how the logs are to be read.

Which accounts are suspected is a decision, recorded with its author and time. The last one holds.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from hemostat.case import decide
from hemostat.errors import UsageError
from hemostat.watch.maps import log_map
from hemostat.watch.times import check_zone

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hemostat.case import Case

KIND = "log-scope"
"""Kind of the decision."""
_PREFIX = re.compile(r"^(?:.*/)?(?:Practitioner|PractitionerRole|Person|Device)/([^/]+).*$")


_OWN_WINDOW = re.compile(r"^(?P<name>.+?)=(?P<start>[^=/]*)/(?P<end>[^=/]*)$")


@dataclass(frozen=True, slots=True)
class Window:
    """From when to when, both included, in UTC without offset; None: open on that side."""

    start: datetime | None
    end: datetime | None


@dataclass(frozen=True, slots=True)
class Choice:
    """The accounts in scope, in lower case, each with its window."""

    windows: Mapping[str, Window]


def keep(
    case: Case,
    *,
    accounts: str | None = None,
    start: str | None = None,
    end: str | None = None,
    timezone: str | None = None,
    mapping: str | None = None,
) -> None:
    """Records what was said about the logs; what is not given stays as it was.

    ``accounts``: names, separated by commas; one with a window of its own is written ``NAME=FROM/TO`` (either side
    may be empty). ``start``, ``end``: the window of the others, instants with offset. ``mapping``: the text of a
    mapping file.

    Raises:
        UsageError: no such zone; a window without accounts, without an offset, or that ends before it starts.
        RuleError: the mapping is wrong.
    """
    if timezone is not None and case.setting("log_timezone") != check_zone(timezone):
        case.set_setting("log_timezone", timezone)
    if mapping is not None and case.setting("log_map") != mapping:
        log_map(mapping)
        case.set_setting("log_map", mapping)
    if accounts is None and start is None and end is None:
        return
    last = _last(case)
    names = last.get("accounts", []) if accounts is None else _names(accounts)
    if not names:
        raise UsageError(
            "A window needs accounts: give --accounts with --from and --to.",
            "Une période demande des comptes : donnez --accounts avec --from et --to.",
        )
    told: dict[str, Any] = {"accounts": names, "from": start or last.get("from"), "to": end or last.get("to")}
    _windows(told)
    if told != last:
        decide(case, KIND, "logs", json.dumps(told, ensure_ascii=False), "--accounts")


def choice(case: Case) -> Choice | None:
    """The choice in force; None before the first."""
    told = _last(case)
    if not told:
        return None
    return Choice(_windows(told))


def _windows(told: dict[str, Any]) -> dict[str, Window]:
    """The window of each account."""
    common = _window(told["from"], told["to"])
    found = {}
    for given in told["accounts"]:
        own = _OWN_WINDOW.match(given)
        name = own["name"] if own else given
        found[_PREFIX.sub(r"\1", name.strip()).lower()] = _window(own["start"], own["end"]) if own else common
    return found


def _window(start: str | None, end: str | None) -> Window:
    window = Window(_utc(start), _utc(end))
    if window.start and window.end and window.start > window.end:
        raise UsageError(
            "The window ends before it starts: check --from and --to.",
            "La période finit avant de commencer : vérifiez --from et --to.",
        )
    return window


def _last(case: Case) -> dict[str, Any]:
    found = case.rows("select value from decision where kind = ? order by decision_id desc limit 1", (KIND,))
    told: dict[str, Any] = json.loads(found[0][0]) if found else {}
    return told


def _names(given: str) -> list[str]:
    return sorted({name.strip() for name in given.split(",") if name.strip()})


def _utc(instant: str | None) -> datetime | None:
    if not instant or not instant.strip():
        return None
    try:
        found = datetime.fromisoformat(instant.strip())
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise UsageError(
            "An instant of the window is not complete: give date, time and offset, such as 2025-11-10T19:00+01:00.",
            "Un instant de la période est incomplet : donnez date, heure et décalage, "
            "par exemple 2025-11-10T19:00+01:00.",
        )
    return found.astimezone(UTC).replace(tzinfo=None)
