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
    from hemostat.case import Case

KIND = "log-scope"
"""Kind of the decision."""
_PREFIX = re.compile(r"^(?:.*/)?(?:Practitioner|PractitionerRole|Person|Device)/([^/]+).*$")


@dataclass(frozen=True, slots=True)
class Choice:
    """Accounts in lower case, and the window in UTC without offset; None: open on that side."""

    accounts: tuple[str, ...]
    start: datetime | None
    end: datetime | None


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

    ``accounts``: names, separated by commas. ``start``, ``end``: instants with offset. ``mapping``: the text of a
    mapping file.

    Raises:
        UsageError: no such zone; a window without accounts, or one that ends before it starts.
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
    if told["from"] and told["to"] and _utc(told["from"]) > _utc(told["to"]):
        raise UsageError(
            "The window ends before it starts: check --from and --to.",
            "La période finit avant de commencer : vérifiez --from et --to.",
        )
    if told != last:
        decide(case, KIND, "logs", json.dumps(told, ensure_ascii=False), "--accounts")


def choice(case: Case) -> Choice | None:
    """The choice in force; None before the first."""
    told = _last(case)
    if not told:
        return None
    return Choice(
        tuple(sorted({name.lower() for name in told["accounts"]})),
        _utc(told["from"]) if told["from"] else None,
        _utc(told["to"]) if told["to"] else None,
    )


def _last(case: Case) -> dict[str, Any]:
    found = case.rows("select value from decision where kind = ? order by decision_id desc limit 1", (KIND,))
    told: dict[str, Any] = json.loads(found[0][0]) if found else {}
    return told


def _names(given: str) -> list[str]:
    """The accounts of a list with commas, without what a protocol puts around them."""
    return sorted({_PREFIX.sub(r"\1", name.strip()) for name in given.split(",") if name.strip()})


def _utc(instant: str) -> datetime:
    return datetime.fromisoformat(instant).astimezone(UTC).replace(tzinfo=None)
