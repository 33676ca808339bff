"""The report of a scan: what would leak from here, table by table, worst first, and what to do about it."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from hemostat.detect import facts
from hemostat.model import About, Category
from hemostat.report.wording import Wording
from hemostat.report.words import confidence, heading, inert, number, pieces, typeset
from hemostat.rules import categories, rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from jinja2 import Environment

    from hemostat.model import Finding
    from hemostat.rules import CategoryRule

LANGUAGES = ("fr", "en")
_WORST = 4
_SERIOUS = frozenset({Category.NIR, Category.INS, Category.IBAN, Category.PAYMENT_CARD, Category.PASSWORD_HASH,
                      Category.SECURITY_ANSWER, Category.SESSION_TOKEN})  # fmt: skip


@dataclass(frozen=True, slots=True)
class ScannedTable:
    """One table: its evidence name, its rows and columns, what it holds, units that could not be read."""

    name: str
    rows: int
    columns: tuple[str, ...]
    findings: tuple[Finding, ...]
    unread: int = 0


@dataclass(frozen=True, slots=True)
class Unread:
    """A source of which nothing could be read, and why (a reason of ``evidence.reasons``)."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Scan:
    """All that was scanned, when, by which version."""

    at: str
    version: str
    tables: tuple[ScannedTable, ...]
    unread: tuple[Unread, ...] = ()

    @property
    def worst_first(self) -> tuple[ScannedTable, ...]:
        """The tables by the harm that a leak of them would do, then by their rows."""
        return tuple(sorted(self.tables, key=lambda t: (*(-n for n in harm(t)), -t.rows, t.name)))


@cache
def _rules() -> dict[str, CategoryRule]:
    return {str(rule.id): rule for rule in categories()}


def level(category: str) -> int:
    """How bad a leak of a category is, 1 to 4: ENISA's context of processing, art. 9, and what opens accounts.

    >>> level("remark_hiv"), level("password"), level("nir"), level("email")
    (4, 4, 3, 1)
    """
    rule = _rules()[category]
    if category == Category.PASSWORD or rule.group == "remarks":
        return _WORST
    return max(rule.enisa_dpc, 3 if rule.article9 or category in _SERIOUS else 1)


def harm(table: ScannedTable) -> tuple[int, int]:
    """The worst level met in a table, and how many values have it."""
    levels = [(level(f.category), f.values) for f in table.findings if f.values]
    worst = max((one for one, _ in levels), default=0)
    return worst, sum(values for one, values in levels if one == worst)


def advice(scan: Scan, lang: str) -> list[dict[str, Any]]:
    """What to do, most urgent first: a sentence and the places it is about."""
    out = []
    for row in _advice():
        sums: dict[tuple[str, str], int] = {}
        for table in scan.worst_first:
            for f in table.findings:
                if f.values and _concerns(row, f):
                    place = inert(table.name), heading(f.place)
                    sums[place] = sums.get(place, 0) + f.values
        places = [{"table": table, "column": column, "values": n} for (table, column), n in sums.items()]
        if places:
            title, text = typeset(row[f"title_{lang}"], lang), typeset(row[lang], lang)
            out.append({"id": row["id"], "title": title, "text": text, "places": places})
    return out


@cache
def _advice() -> list[dict[str, Any]]:
    required: dict[str, type] = {
        "id": str,
        "categories": list,
        "title_fr": str,
        "title_en": str,
        "fr": str,
        "en": str,
    }
    return rows("scan_advice", "advice", required)


def _concerns(row: dict[str, Any], finding: Finding) -> bool:
    noted = {part.split("=", 1)[0] for part in (finding.note or "").split("; ")}
    asked = set(row.get("facts", ()))
    if asked and not asked & noted:
        return False
    return finding.category in row["categories"] or _rules()[finding.category].group in row.get("groups", ())


def found(scan: Scan, asked: Sequence[str]) -> list[str]:
    """Which of the categories or groups asked for are there; ``remarks`` stands for all of them.

    Findings of which nothing was seen, and those that are somebody's guess under a half, do not count.
    """
    there = {f.category for table in scan.tables for f in table.findings if f.values and f.confidence >= 0.5}  # noqa: PLR2004
    groups = {_rules()[category].group for category in there}
    return [name for name in asked if name in there or name in groups]


def known(name: str) -> bool:
    """Whether a name is a category or a group of categories."""
    return name in _rules() or name in {rule.group for rule in categories()}


def as_json(scan: Scan, lang: str) -> dict[str, Any]:
    """The scan as one object. No value of anybody is in it."""
    return {
        "scanned_at": scan.at,
        "version": scan.version,
        "tables": [
            {
                "name": inert(table.name),
                "rows": table.rows,
                "columns": len(table.columns),
                "unread": table.unread,
                "level": harm(table)[0],
                "findings": [
                    {
                        "place": heading(f.place), "category": f.category, "group": _rules()[f.category].group,
                        "about": str(f.about), "values": f.values, "valid": f.valid, "confidence": f.confidence,
                        "level": level(f.category), "note": f.note,
                    }
                    for f in _sorted(table)
                ],
            }
            for table in scan.worst_first
        ],
        "unread": [{"name": inert(one.name), "reason": one.reason} for one in scan.unread],
        "advice": advice(scan, lang),
    }  # fmt: skip


def _sorted(table: ScannedTable) -> list[Finding]:
    return sorted(table.findings, key=lambda f: (-level(f.category), -f.values, f.place, f.category))


def as_text(scan: Scan, lang: str) -> str:
    """The scan for a terminal."""
    say = _wording(lang)
    lines: list[str] = []
    for table in scan.worst_first:
        lines.append(
            say.say(
                "table",
                table.rows,
                name=inert(table.name),
                rows=say.number(table.rows),
                level=str(harm(table)[0]),
            )
        )
        if table.unread:
            lines.append("  " + say.say("unread_units", table.unread, n=say.number(table.unread)))
        for f in _sorted(table):
            place = say.say("in_text") if f.about is About.TEXT else heading(f.place)
            lines.append(
                f"  {level(f.category)}  {place:<24.24} {label(f.category, lang):<44.44} {say.number(f.values):>11}"
            )
            lines += [f"       {typeset(sentence, lang)}" for sentence in facts.said(f.note, lang)]
        if not table.findings:
            lines.append("  " + say.say("nothing"))
        lines.append("")
    lines += [say.say("unread", name=inert(one.name)) for one in scan.unread]
    for order, one in enumerate(advice(scan, lang), 1):
        lines.append(f"{order}. {one['title']}")
        lines.append(f"   {one['text']}")
        lines += [f"   - {say.say('at', **_at(place))}" for place in one["places"][:8]]
    return "\n".join(lines).rstrip()


def _at(place: dict[str, Any]) -> dict[str, str]:
    return {"table": place["table"], "column": place["column"]}


def label(category: str, lang: str) -> str:
    """The name of a category."""
    rule = _rules()[category]
    return typeset(rule.fr if lang == "fr" else rule.en, lang)


@cache
def _wording(lang: str) -> Wording:
    """The sentences of a scan; where the singular differs from the plural, each has its own."""
    found = rows("scan_advice", "sentence", {"id": str, "fr": str, "en": str})
    return Wording(
        lang,
        {
            row["id"]: {
                "one": typeset(row.get(f"{lang}_one", row[lang]), lang),
                "other": typeset(row[lang], lang),
            }
            for row in found
        },
    )


def as_html(scan: Scan, lang: str) -> str:
    """The scan as one HTML file without any request, to print or to send."""
    return _page(
        "scan.html.j2",
        lang,
        tables=[
            {
                "name": inert(table.name),
                "rows": table.rows,
                "level": harm(table)[0],
                "unread": table.unread,
                "findings": [
                    {
                        "level": level(f.category), "place": heading(f.place), "text": f.about is About.TEXT,
                        "label": label(f.category, lang), "number": number(f.values, lang),
                        "valid": number(f.valid, lang), "confidence": confidence(f.confidence, lang),
                        "said": [typeset(sentence, lang) for sentence in facts.said(f.note, lang)],
                    }
                    for f in _sorted(table)
                ],
            }
            for table in scan.worst_first
        ],
        unread=[inert(one.name) for one in scan.unread],
        advice=advice(scan, lang),
        at=scan.at,
        version=scan.version,
    )  # fmt: skip


def staff_sheet(scan: Scan, lang: str) -> str:
    """One page for those who write remarks about patients: what not to write, what to write instead, and why."""
    remarks = [
        label(category, lang).partition(":")[2].strip()
        for category in sorted(
            {
                f.category
                for table in scan.tables
                for f in table.findings
                if f.values and _rules()[f.category].group == "remarks"
            }
        )
    ]
    pairs = rows(
        "scan_advice", "instead", {"id": str, "fr": str, "en": str, "better_fr": str, "better_en": str}
    )
    return _page(
        "scan_sheet.html.j2",
        lang,
        remarks=typeset((" ; " if lang == "fr" else "; ").join(remarks), lang),
        instead=[[typeset(words, lang) for words in (row[lang], row[f"better_{lang}"])] for row in pairs],
        at=scan.at[:10],
    )


def _page(template: str, lang: str, **content: object) -> str:
    from markupsafe import Markup  # noqa: PLC0415 - with jinja2, 0.1 s that other commands do not pay

    style = (resources.files("hemostat.report") / "templates" / "scan.css").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    say = _wording(lang)
    page = _environment()
    page.globals["t"] = say.say
    page.filters.update(
        n=say.number, instant=say.instant, breakable=lambda text: Markup("<wbr>").join(pieces(text))
    )
    return page.get_template(template).render(
        **content,
        lang=lang,
        style=Markup(style),  # noqa: S704 - our own file
        style_hash=f"sha256-{digest}",
    )


def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined  # noqa: PLC0415 - same

    loader = PackageLoader("hemostat.report", "templates")
    return Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
