"""What the two pictures of the report show: the way from units to people, and people by category."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hemostat.report.charts import Bar
from hemostat.report.facts import CategoryRow, Compared, Step, weight
from hemostat.report.words import elided

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hemostat.report.wording import Wording

CLAIM_ROOM = 1.5
"""A claim's bar is cut at this many times the longest bar found: a claim of millions must not flatten the count."""


def step_share(step: Step, say: Wording, prefix: str = "of_") -> str:
    """What a step is a share of, in words (``prefix`` "short_of_": in few); empty when it is a share of nothing."""
    if step.of is None or step.share is None:
        return ""
    if step.of != "identified":
        return say.say(f"{prefix}{step.of}", share=say.percent(step.share))
    ratio, low, high = say.number(step.share), say.number(step.low), say.number(step.high)
    return say.say(f"{prefix}identified", int(step.share), ratio=ratio, low=low, high=high)


def ledger_bars(steps: Sequence[Step], claims: Sequence[Compared], say: Wording) -> list[Bar]:
    """The waterfall: claims apart and first, then each step from where the one before ends."""
    bars, end = [], 0
    longest = max((step.count for step in steps), default=0)
    for one in claims:
        if one.claim.unit == "bytes" or not steps:
            continue
        figures = say.number(one.claim.value)
        unit = say.say(f"unit_{one.claim.unit}", one.claim.value)
        cut = one.claim.value > longest * CLAIM_ROOM
        words = f"{figures} {unit} ({say.say('bar_cut')})" if cut else f"{figures} {unit}"
        length = min(one.claim.value, longest * CLAIM_ROOM)
        bars.append(
            Bar(say.say("step_claimed", by=elided(one.claim.by, 40)), "claimed", 0, length, words, figures)
        )
    for step in steps:
        label, share = say.say(f"step_{step.id}"), step_share(step, say, "short_of_")
        if step.low is not None and step.high is not None:
            share = say.say("step_range", low=say.number(step.low), high=say.number(step.high))
        figures = say.number(-step.count if step.kind == "minus" else step.count)
        words = f"{figures} · {share}" if share else figures
        start = end - step.count if step.kind == "minus" else 0
        stop = end if step.kind == "minus" else step.count
        bars.append(
            Bar(label, step.kind, min(start, stop), max(start, stop), words, figures, step.low, step.high)
        )
        end = start if step.kind == "minus" else stop
    return bars


def category_bars(rows: Sequence[CategoryRow], say: Wording) -> list[Bar]:
    """One bar per category: people, or records as long as people are not known. A hidden count has no length."""
    by_records = all(row.persons is None for row in rows)
    bars = []
    for row in rows:
        count = row.records if by_records else row.persons
        figures = say.number(count)
        words = (
            f"{figures} · {say.percent(row.share)}" if row.share is not None and not by_records else figures
        )
        kind = "sensitive" if row.label.article9 else "plain"
        bars.append(Bar(say.category(row.label), kind, 0, weight(count), words, words))
    return bars
