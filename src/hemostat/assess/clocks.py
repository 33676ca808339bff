"""The clocks of a case: what must be said to whom, by when, and what is late. Works on a case without evidence."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from typing import TYPE_CHECKING

from hemostat.assess.instants import after_hours, after_months, after_whole_hours, instant, zone
from hemostat.assess.said import latest, say_fact
from hemostat.errors import RuleError, UsageError
from hemostat.rules import rows

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from zoneinfo import ZoneInfo

    from hemostat.case import Case

_FILE = "clocks"
_STATES = ("in_force", "not_in_force", "proposal")
STARTS_WITH_AWARENESS = ("processor_aware_at", "victim_knows_at")
"""Facts that are the moment of awareness as long as nobody said otherwise."""
SHOWN_IN_CASE = ("signal_at", "aware_at")
"""Facts that are also settings of the case, given when it is opened: there, the last word counts too."""
_EARLY = ("signal_at", "investigation_started_at", "aware_at")


@dataclass(frozen=True, slots=True)
class ClockRule:
    """A period of law or contract: from which fact, how long, to whom."""

    id: str
    fr: str
    en: str
    law: str
    law_fr: str
    trigger: str
    done: str
    hours: float | None
    months: int | None
    kind: str
    addressee: str
    addressee_fr: str
    applies_to: str
    state: str
    warn_before_hours: tuple[int, ...]
    source: str
    verified: bool


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock at one moment. ``status``: waiting, open (no figure in the law), running, soon, late, done, done_late.

    ``left`` is the time to the limit, negative when it has passed; ``elapsed`` runs from the start to the end or now.
    """

    rule: ClockRule
    started_at: datetime | None
    due_at: datetime | None
    note_at: datetime | None
    done_at: datetime | None
    status: str
    left: timedelta | None
    elapsed: timedelta | None


@dataclass(frozen=True, slots=True)
class Time:
    """A fact of the case that is an instant, and why it was set there."""

    name: str
    at: datetime
    why: str


@cache
def clock_rules() -> tuple[ClockRule, ...]:
    """Every clock that may be shown: proposals stay in the rules.

    Raises:
        RuleError: a row lacks a key, or its state is unknown.
    """
    texts = (
        "id",
        "fr",
        "en",
        "law",
        "law_fr",
        "trigger",
        "done",
        "kind",
        "addressee",
        "addressee_fr",
        "applies_to",
        "state",
    )
    found = rows(_FILE, "clock", {**dict.fromkeys(texts, str), "warn_before_hours": list})
    for row in found:
        if row["state"] not in _STATES:
            raise RuleError(
                f"Rule file {_FILE}.toml, clock {row['id']}: state must be one of {', '.join(_STATES)}.",
                f"Fichier de règles {_FILE}.toml, clock {row['id']} : state doit être parmi {', '.join(_STATES)}.",
            )
    return tuple(
        ClockRule(
            **{name: row[name] for name in texts},
            hours=row.get("hours"),
            months=row.get("months"),
            warn_before_hours=tuple(row["warn_before_hours"]),
            source=row["source"],
            verified=row["verified"],
        )
        for row in found
        if row["state"] != "proposal"
    )


@cache
def times_known() -> tuple[str, ...]:
    """The names of the facts that start or stop a clock, and of those that lead to awareness."""
    named = [name for rule in clock_rules() for name in (rule.trigger, rule.done) if name]
    return tuple(dict.fromkeys([*_EARLY, *named]))


def read_clock(
    rule: ClockRule, times: Mapping[str, datetime], now: datetime, where: ZoneInfo, ends: str | None = None
) -> Clock:
    """One clock, from the facts known at ``now``. Pure. ``ends``: another name for the fact that stops it."""
    start, done = times.get(rule.trigger), times.get(ends or rule.done)
    if start is None:
        return Clock(rule, None, None, None, done, "done" if done else "waiting", None, None)
    due = note = None
    if rule.hours is not None:
        due, note = after_hours(start, rule.hours), after_whole_hours(start, rule.hours, where)
    elif rule.months is not None:
        due = after_months(start, rule.months, where)
    end = done or now
    left = None if due is None else due - end
    return Clock(rule, start, due, note, done, _status(rule, left, done), left, end - start)


def _status(rule: ClockRule, left: timedelta | None, done: datetime | None) -> str:
    if left is None:
        return "done" if done else "open"
    if left < timedelta(0):
        return "done_late" if done else "late"
    if done:
        return "done"
    near = max(rule.warn_before_hours, default=0)
    return "soon" if left <= timedelta(hours=near) else "running"


def read_clocks(times: Mapping[str, datetime], now: datetime, where: ZoneInfo) -> tuple[Clock, ...]:
    """Every clock, what is due first at the top: late, then nearest limit, open, waiting, done; not in force last.

    A fact that is the moment of awareness by nature takes that moment when nobody gave another.
    """
    if "aware_at" in times:
        times = {**dict.fromkeys(STARTS_WITH_AWARENESS, times["aware_at"]), **times}
    found = [read_clock(rule, times, now, where) for rule in clock_rules()]
    return tuple(sorted(found, key=_urgency))


_RANK = {"late": 0, "soon": 1, "running": 1, "open": 2, "waiting": 3, "done_late": 4, "done": 5}


def _urgency(clock: Clock) -> tuple[bool, int, float]:
    left = clock.left.total_seconds() if clock.left is not None else float("inf")
    return clock.rule.state != "in_force", _RANK[clock.status], left


def out_of_order(times: Mapping[str, datetime]) -> tuple[tuple[str, str], ...]:
    """Pairs of facts that contradict each other: awareness before the first signal, an answer before its cause."""
    pairs = [*pairwise(_EARLY), ("signal_at", "aware_at")]
    pairs += [(rule.trigger, rule.done) for rule in clock_rules() if rule.done and rule.trigger not in _EARLY]
    return tuple(
        dict.fromkeys(
            (first, then)
            for first, then in pairs
            if first in times and then in times and times[then] < times[first]
        )
    )


# -- over a case


def controller_zone(case: Case) -> ZoneInfo:
    """The zone in which instants are shown."""
    return zone(case.setting("timezone"))


def times_of(case: Case) -> dict[str, Time]:
    """The instants known in a case, each with its reason: said for a clock, or when the case was opened."""
    found: dict[str, Time] = {}
    for name in times_known():
        value = case.setting(name)
        if value:
            found[name] = Time(name, instant(value), "")
    for name, fact in latest(case, "time").items():
        if name not in found or found[name].at == instant(fact.value):
            found[name] = Time(name, instant(fact.value), fact.why)
    return found


def set_time(case: Case, name: str, value: str, why: str) -> None:
    """Records an instant of the case and why it was set there; a later word on it replaces an earlier one.

    Raises:
        UsageError: no clock knows this name, the instant is incomplete or lies ahead, or the reason is missing.
    """
    if name not in times_known():
        names = ", ".join(times_known())
        raise UsageError(
            f"No clock knows {name}: give one of {names}.",
            f"Aucun délai ne connaît {name} : donnez l'un de {names}.",
        )
    if not why.strip():
        raise UsageError(
            f"Say why {name} is set there: a moment without its reason does not hold.",
            f"Dites pourquoi {name} est fixé là : un instant sans motif ne tient pas.",
        )
    at = instant(value, controller_zone(case))
    if at > case.now().astimezone(UTC) + timedelta(minutes=5):
        raise UsageError(
            f"{name} lies in the future: give the moment at which it happened.",
            f"{name} est dans l'avenir : donnez le moment où cela s'est produit.",
        )
    kept = value if datetime.fromisoformat(value).tzinfo else at.astimezone(controller_zone(case)).isoformat()
    with case.transaction():
        say_fact(case, "time", name, kept, why)
        if case.setting(name) or name in SHOWN_IN_CASE:
            case.set_setting(name, kept)


def clocks(case: Case) -> tuple[Clock, ...]:
    """The clocks of a case, now."""
    times = {name: time.at for name, time in times_of(case).items()}
    return read_clocks(times, case.now().astimezone(UTC), controller_zone(case))


def due(found: Sequence[Clock]) -> tuple[Clock, ...]:
    """Those that ask for something now: late, or running, and in force."""
    return tuple(c for c in found if c.rule.state == "in_force" and c.status in ("late", "soon", "running"))
