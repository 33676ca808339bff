"""The report of a case as one HTML file: no script, no request, nothing outside the file."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from importlib import resources
from typing import TYPE_CHECKING, Any

from hemostat.detect.facts import said
from hemostat.report import facts
from hemostat.report.charts import NARROW, WIDE, Bar, picture
from hemostat.report.content import content_of
from hemostat.report.drawing import category_bars, ledger_bars, step_share
from hemostat.report.small import masked_summary
from hemostat.report.wording import Wording, wording
from hemostat.report.words import elided, heading, inert, pieces, shape

if TYPE_CHECKING:
    from jinja2 import Environment

    from hemostat.report.view import CohortView, ReportView

MANY_TIMES = 3
"""A claim this many times the count is said so; a smaller excess is said in per cent."""

MOST_BARS = 18
"""Bars in one picture: a longer one would be cut between two printed pages."""


def render(view: ReportView, lang: str | None = None) -> str:
    """The report as one HTML document, whole in one language. Pure: the same view gives the same text.

    Args:
        view: what the report says; small counts of sensitive categories are hidden here, whatever it holds.
        lang: ``fr`` or ``en``; the view's own language when None.

    Raises:
        UsageError: the report does not speak that language.
        RuleError: a sentence or the label of a category is missing.
    """
    from markupsafe import Markup  # noqa: PLC0415 - with jinja2, 0.1 s that other commands do not pay

    sensitive = {label.id for label in view.labels.values() if label.sensitive}
    view = replace(view, summary=masked_summary(view.summary, sensitive))
    say = wording(lang or view.lang)
    style = _style(say, view)
    page = _environment()
    page.filters.update(_filters(say, view))
    page.globals["t"] = say.say
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    drawings = {name: Markup(svg) for name, svg in _drawings(view, say).items()}  # noqa: S704 - drawn here, escaped
    return page.get_template("page.html.j2").render(
        **content_of(view, say),
        drawings=drawings,
        style=Markup(style),  # noqa: S704 - our own style; the case's name in it is escaped by `_css_text`
        style_hash=f"sha256-{digest}",
    )


def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415 - see `render`

    loader = PackageLoader("hemostat.report", "templates")
    return Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )


def _style(say: Wording, view: ReportView) -> str:
    sheet = (resources.files("hemostat.report") / "templates" / "page.css").read_text("utf-8")
    head = elided(say.say("running_head", case=view.case_id), 80)
    return sheet.replace('"RUNNING-HEAD"', _css_text(head)).replace(
        '"PAGE"', _css_text(say.say("page_count") + " ")
    )


def _css_text(text: str) -> str:
    """A CSS string that says the text and nothing else: whatever is not a plain letter or figure is a code point."""
    return '"' + "".join(ch if ch.isascii() and ch.isalnum() else f"\\{ord(ch):06x}" for ch in text) + '"'


def _filters(say: Wording, view: ReportView) -> dict[str, Any]:
    from markupsafe import Markup  # noqa: PLC0415 - see `render`

    def share(part: float | None) -> str:
        return "–" if part is None else say.percent(part)

    def known(prefix: str, ident: str) -> str:
        key = prefix + ident.replace("-", "_")
        return say.say(key) if key in say.table else inert(ident)

    def gap(excess: float) -> str:
        if excess >= MANY_TIMES - 1:
            return say.say("claim_gap_times", times=say.number(excess + 1))
        kind = "none" if not excess else "more" if excess > 0 else "less"
        return say.say(f"claim_gap_{kind}", share=say.percent(abs(excess)))

    def score(one: CohortView) -> str:
        ends = [
            f"{number:.2f}".replace(".", "," if say.lang == "fr" else ".") for number in (one.low, one.high)
        ]
        return ends[0] if ends[0] == ends[1] else f"{ends[0]} – {ends[1]}"

    return {
        "n": say.number,
        "pct": share,
        "confidence": lambda part: "–" if part is None else say.confidence(part),
        "locator": say.locator,
        "breakable": lambda text: Markup("<wbr>").join(pieces(text)),
        "size": say.size,
        "instant": lambda at: say.instant(at, view.zone),
        "inert": inert,
        "elided": elided,
        "heading": heading,
        "shape": shape,
        "category": say.category,
        "term": lambda ident: say.term(ident, view.terms),
        "facts": lambda note: [say.typeset(fact) for fact in said(note, say.lang)],
        "role": lambda ident: known("role_", ident),
        "event": lambda ident: known("event_", ident),
        "kept": lambda ident: known("kept_", ident),
        "decision": lambda ident: known("decision_", ident),
        "decided": lambda ident: known("decided_", ident),
        "note": say.note,
        "gap": gap,
        "worded": lambda one: say.typeset(getattr(one, say.lang)),
        "score": score,
        "step_share": lambda step: step_share(step, say),
    }


def _drawings(view: ReportView, say: Wording) -> dict[str, str]:
    """The pictures by name; empty when there is nothing to draw."""
    ledger = ledger_bars(facts.way(view), facts.compared(view), say)
    drawn = {"ledger": _both(ledger, say, "ledger", "ledger_figure", "ledger_figure_desc")}
    categories = facts.category_rows(view)
    by_records = "_records" if all(row.persons is None for row in categories) else ""
    bars = category_bars(categories, say)
    longest = max((bar.end for bar in bars), default=0)
    for kind in ("sensitive", "plain"):
        some = [bar for bar in bars if bar.kind == kind]
        drawn[kind] = _both(
            some, say, kind, f"categories_figure_{kind}{by_records}", "categories_figure_desc", longest
        )
    return drawn


def _both(bars: list[Bar], say: Wording, ident: str, title: str, description: str, top: float = 0) -> str:
    """The picture for wide and for narrow screens; the style sheet shows one of them.

    Cut in pieces that fit on a printed page, all on one scale.
    """
    cut = [bars[at : at + MOST_BARS] for at in range(0, len(bars), MOST_BARS)]
    return "".join(
        picture(piece, layout, f"{ident}-{layout.name}-{part}", say.say(title), say.say(description), top)
        for layout in (WIDE, NARROW)
        for part, piece in enumerate(cut)
    )
