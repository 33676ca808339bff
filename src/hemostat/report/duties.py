"""What a case asks of people by now: clocks, severity by cohort, scams, reach, what to do first. Reads, never writes.

All of it works on a case without evidence. Counts that could point at somebody are hidden here already.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hemostat.assess import clocks as read_clocks
from hemostat.assess import cohorts, latest, named_scams, severity_rules, times_of
from hemostat.assess.clocks import out_of_order
from hemostat.report.small import HIDDEN, WITHHELD, Shown, shown
from hemostat.report.view import ClockView, CohortView, ScamView, TodoView
from hemostat.rules import categories, mask_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hemostat.assess import Clock
    from hemostat.case import Case

WAYS = ("email", "sms", "post", "none")
_RUNNING = ("late", "soon", "running")
_SENSITIVE = ("call_first", "remarks_not_reviewed", "minor_confidential", "no_address")
"""Reasons that say something of the record of those few they hold for."""


def reach(case: Case) -> dict[str, int] | None:
    """People by the first way in which they can be reached; None until the analysis has looked."""
    counted = dict(case.rows("select channel, count(*) from person_reach group by channel"))
    return {way: counted.get(way, 0) for way in WAYS} if counted else None


def held_back(case: Case) -> dict[str, Shown]:
    """People to whom no letter leaves by itself, by reason; a small number of a telling reason is hidden."""
    found = case.rows(
        "select reason, count(*) from person_reach where reason is not null group by 1 order by 1"
    )
    return {reason: shown(count, sensitive=reason in _SENSITIVE) for reason, count in found}


def clock_views(case: Case) -> tuple[ClockView, ...]:
    """The clocks of the case, what is due first at the top."""
    return tuple(_clock(one) for one in read_clocks(case))


def _clock(one: Clock) -> ClockView:
    rule = one.rule
    started, due, done = (
        at.isoformat(timespec="minutes") if at else None for at in (one.started_at, one.due_at, one.done_at)
    )
    status = one.status if rule.state == "in_force" else "not_law"
    return ClockView(
        rule.id,
        rule.fr,
        rule.en,
        rule.law_fr,
        rule.law,
        rule.addressee_fr,
        rule.addressee,
        status,
        started,
        due,
        done,
    )


def cohort_views(case: Case) -> tuple[CohortView, ...]:
    """The cohorts of the case, the gravest first."""
    words = {rule.id: rule.row for rule in severity_rules().cohorts}
    telling = [rule.id for rule in categories() if rule.sensitive]
    low, high = mask_of([str(name) for name in telling])
    delicate = {
        name
        for (name,) in case.rows(
            "select distinct cohort from severity_profile where (mask_lo & ?) != 0 or (mask_hi & ?) != 0",
            (low, high),
        )
    }
    judged = cohorts(case)
    counts = _shown_apart([(one.persons, one.minor or one.id in delicate) for one in judged])
    return tuple(
        CohortView(
            one.id,
            str(words[one.id]["fr"]),
            str(words[one.id]["en"]),
            one.minor,
            count,
            one.level,
            one.lowest,
            one.highest,
            one.by is not None,
        )
        for one, count in zip(judged, counts, strict=True)
    )


def _shown_apart(counts: list[tuple[int, bool]]) -> list[Shown]:
    """Counts that add up to a known total, as they may be shown: with a hidden one, the next smallest is withheld.

    Otherwise the hidden one would be what the others leave of the total.

    >>> _shown_apart([(40, True), (2, True), (900, False)])
    ['withheld', '<5', 900]
    """
    told = [shown(count, sensitive=sensitive) for count, sensitive in counts]
    exact = [place for place, count in enumerate(told) if isinstance(count, int)]
    if exact and HIDDEN in told:
        told[min(exact, key=lambda place: counts[place][0])] = WITHHELD
    return told


def scam_views(case: Case) -> tuple[ScamView, ...]:
    """The scams made possible, for the most people first; a small number is hidden, whatever the scam."""
    counts: dict[str, int] = {}
    profiles = case.rows(
        "select scams, count(*) from person_severity join severity_profile using (profile_id) group by 1"
    )
    for text, people in profiles:
        for scam in text.split():
            counts[scam] = counts.get(scam, 0) + people
    listed = sorted(counts, key=lambda scam: (-counts[scam], scam))
    words = [named_scams(listed, lang) for lang in ("fr", "en")]
    return tuple(
        ScamView(scam, words[0][at], words[1][at], shown(counts[scam], sensitive=True))
        for at, scam in enumerate(listed)
    )


def todo(case: Case, clocks: tuple[ClockView, ...]) -> tuple[TodoView, ...]:
    """What to do now, the most urgent first: what is late, danger to people, what is due, what lacks to go on."""
    return tuple(_todo(case, clocks))


def _todo(case: Case, clocks: tuple[ClockView, ...]) -> Iterator[TodoView]:
    due = [one for one in clocks if one.status in _RUNNING]
    back = held_back(case)
    yield from (TodoView("late", None, one.due_at, one.fr, one.en) for one in due if one.status == "late")
    if "call_first" in back:
        yield TodoView("call_first", back["call_first"])
    yield from (TodoView("due", None, one.due_at, one.fr, one.en) for one in due if one.status != "late")
    times = times_of(case)
    if "aware_at" not in times:
        yield TodoView("aware")
    if out_of_order({name: time.at for name, time in times.items()}):
        yield TodoView("order")
    if not case.rows("select 1 from custody limit 1"):
        yield TodoView("evidence")
    yield from _about_people(
        case, back, told="persons_told_at" in times, decided="high_risk_decided_at" in times
    )
    said = latest(case, "register")
    if "aware_at" in times and not {"decision_33", "decision_34"} <= set(said):
        yield TodoView("register")


def _about_people(case: Case, back: dict[str, Shown], *, told: bool, decided: bool) -> Iterator[TodoView]:
    ranks = severity_rules().levels
    high = sum(
        count
        for level, count in case.rows("select level, count(*) from person_severity group by level")
        if ranks[level] >= ranks["important"]
    )
    if high and not decided and not told:
        yield TodoView("decide", high if high >= 5 else HIDDEN)  # noqa: PLR2004 - as elsewhere in the report
    for reason in ("remarks_not_reviewed", "minor_confidential"):
        if reason in back:
            yield TodoView(reason, back[reason])
    known = case.rows("select count(*) from person")[0][0]
    made = case.rows("select count(*) from letter where part is not null")[0][0]
    if known and not made:
        yield TodoView("letters", known)
    elif made and not told:
        yield TodoView("send", made)
    for reason in ("no_contact", "no_address"):
        if reason in back:
            yield TodoView(reason, back[reason])


def in_summary(case: Case) -> dict[str, Any]:
    """The lines of the ledger about duties: clocks always; cohorts, scams and reasons once people are known."""
    clocks = [
        {
            "id": one.id,
            "status": one.status,
            "started_at": one.started_at,
            "due_at": one.due_at,
            "done_at": one.done_at,
        }
        for one in clock_views(case)
    ]
    found: dict[str, Any] = {"clocks": clocks}
    judged = cohort_views(case)
    if judged:
        found["cohorts"] = [
            {
                "id": one.id,
                "minors": one.minor,
                "persons": one.persons,
                "level": one.level,
                "score": [one.low, one.high],
            }
            for one in judged
        ]
        found["scams"] = {one.id: one.persons for one in scam_views(case)}
        found["held_back"] = held_back(case)
    return found
