"""The ledger in a few plain lines, for a terminal: aligned figures, no colour, short sentences."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

from hemostat.report import facts
from hemostat.report.content import alarm, headline, standing
from hemostat.report.drawing import step_share
from hemostat.report.small import masked_summary
from hemostat.report.view import CategoryLabel, rule_labels
from hemostat.report.wording import Wording, wording
from hemostat.report.words import elided

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

MOST_CATEGORIES = 12
"""Categories listed; the report has them all."""


def ledger_text(
    summary: Mapping[str, Any], lang: str, width: int = 80, labels: Mapping[str, CategoryLabel] | None = None
) -> str:
    """The ledger of a case in lines of at most ``width`` characters.

    Args:
        summary: the ledger, as ``summary.json`` holds it.
        lang: ``fr`` or ``en``.
        width: of the terminal, in characters; under 40 counts as 40.
        labels: names of the categories; those of the rules when None.

    Raises:
        UsageError: the report does not speak that language.
    """
    say = wording(lang)
    width = max(40, width)
    known = rule_labels() if labels is None else labels
    summary = masked_summary(summary, {label.id for label in known.values() if label.sensitive})
    blocks = [
        list(_first(summary, say, width)),
        list(_steps(summary, say, width)),
        list(_claims(summary, say, width)),
        [line for key in ("sample", "dump_date") for line in _told(summary, key, say, width)],
        list(_categories(summary, say, width, known)),
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _wrap(sentence: str, width: int) -> list[str]:
    return textwrap.wrap(sentence, width, break_long_words=True) or [""]


def _first(summary: Mapping[str, Any], say: Wording, width: int) -> Iterator[str]:
    for one in facts.alarms(summary):
        yield from _wrap(alarm(one, say), width)
        yield ""
    persons = summary["persons"]
    if persons and persons["best"] is not None:
        yield from _wrap(headline(persons, say), width)
        yield from _wrap(standing(persons, say), width)
    else:
        yield from _wrap(
            say.say("headline_no_people" if summary["evidence"] else "headline_no_evidence"), width
        )


def _steps(summary: Mapping[str, Any], say: Wording, width: int) -> Iterator[str]:
    rows = []
    matched = facts.matched(summary)
    for step in [*facts.steps(summary), *([matched] if matched else [])]:
        figures = say.number(-step.count if step.kind == "minus" else step.count)
        indent = "  " if step.kind == "minus" else ""
        rows.append((indent + say.say(f"step_{step.id}"), figures, step_share(step, say, "short_of_")))
    yield from _aligned(rows, width)


def _claims(summary: Mapping[str, Any], say: Wording, width: int) -> Iterator[str]:
    rows = []
    for claim in summary["claims"] or ():
        label = say.say("step_claimed", by=elided(claim["by"], 40))
        rows.append((label, say.number(claim["value"]), say.say(f"unit_{claim['unit']}", claim["value"])))
    yield from _aligned(rows, width)


def _told(summary: Mapping[str, Any], key: str, say: Wording, width: int) -> list[str]:
    """The sentence of the ledger on a sample, or on the day of the dump; none where there is nothing to say."""
    found = summary.get(key)
    return _wrap(say.typeset(found[say.lang]), width) if found else []


def _categories(
    summary: Mapping[str, Any], say: Wording, width: int, labels: Mapping[str, CategoryLabel]
) -> Iterator[str]:
    counts = summary["categories"]
    if not counts:
        return
    persons = summary["persons"]
    rows = facts.rows_of(counts, labels, persons["best"] if persons else None)
    rows.sort(key=lambda row: not row.label.article9)  # what is cut off by the room must not be the worst
    yield say.say("text_categories")
    lines = []
    for row in rows[:MOST_CATEGORIES]:
        name = say.category(row.label) + (f" ({say.say('article9')})" if row.label.article9 else "")
        count = row.persons if row.persons is not None else row.records
        lines.append((f"  {name}", say.number(count), "" if row.share is None else say.percent(row.share)))
    yield from _aligned(lines, width)
    left = len(rows) - MOST_CATEGORIES
    if left > 0:
        yield "  " + say.say("text_more", left, n=say.number(left))


def _aligned(rows: list[tuple[str, str, str]], width: int) -> Iterator[str]:
    """Names on the left, figures on the right of their column, what they are a share of after them."""
    if not rows:
        return
    figures = max(len(row[1]) for row in rows)
    after = max(len(row[2]) for row in rows)
    if 24 + figures + after + 4 > width:  # under 24 characters names say nothing: shares go first
        rows, after = [(name, count, "") for name, count, _ in rows], 0
    room = min(max(len(row[0]) for row in rows), width - figures - after - (4 if after else 2))
    for name, count, share in rows:
        label = name if len(name) <= room else name[: room - 1] + "…"
        yield f"{label:<{room}}  {count:>{figures}}  {share}".rstrip()
