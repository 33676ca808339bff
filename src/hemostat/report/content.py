"""What the template of the report fills itself with: every figure and sentence of one view in one language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hemostat.report import facts
from hemostat.report.people_words import people_words, without
from hemostat.report.small import WITHHELD
from hemostat.report.words import elided, inert

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from hemostat.report.view import EvidenceNote, ReportView, TodoView
    from hemostat.report.wording import Wording

MOST_FINDINGS = 1500
"""Columns shown; a leak of thousands of files must still make a page one can open. The export has them all."""
MOST_GAPS = 100
"""Gaps of the access logs that are listed; ``summary.json`` has them all."""

MOST_UNRECOGNISED = 100
"""Pieces of evidence whose unrecognised columns are listed."""

GROUPS = (
    "identity",
    "contact",
    "official_numbers",
    "insurance_money",
    "access",
    "care",
    "remarks",
    "relations",
    "technical",
)


def content_of(view: ReportView, say: Wording) -> dict[str, Any]:
    """The values of the template, by name; the summary of the view is already masked.

    Raises:
        RuleError: a sentence or the label of a category is missing.
    """
    summary = view.summary
    rows = facts.leak(summary)
    persons = summary["persons"] if summary["persons"] and summary["persons"]["best"] is not None else None
    steps, categories = facts.way(view), facts.category_rows(view)
    findings, left = _findings(view)
    best = persons["best"] if persons else None
    notes: dict[str, list[EvidenceNote]] = {}
    for note in view.notes:
        notes.setdefault(note.evidence, []).append(note)
    content: dict[str, Any] = {
        "view": view,
        "lang": say.lang,
        "title": inert(view.title) if view.title else say.say("default_title"),
        "alarms": [alarm(one, say) for one in facts.alarms(summary)],
        "waiting": say.say("waiting", view.waiting, n=say.number(view.waiting)) if view.waiting else "",
        "pending": say.say("pending", view.pending, n=say.number(view.pending)) if view.pending else "",
        "rows": rows,
        "persons": persons,
        "headline": headline(persons, say) if persons else "",
        "standing": standing(persons, say) if persons else "",
        "tiles": list(_tiles(view, say, persons, categories)),
        "unreconciled": _unreconciled(rows, say),
        "claims": facts.compared(view),
        "steps": steps,
        "people": _people(persons, say) if persons else [],
        "evidence": summary["evidence"] or [],
        "totals": _totals(rows),
        "containers": summary["containers"] or [],
        "categories": _grouped(categories),
        "findings": findings,
        "findings_left": left,
        "unrecognised": view.unrecognised[:MOST_UNRECOGNISED],
        "unrecognised_left": len(view.unrecognised[MOST_UNRECOGNISED:]),
        "withheld": any(WITHHELD in (row.values, row.valid) for _, table in findings for row in table),
        "tenants": facts.tenants(view),
        **people_words(summary, say),
        "patients": _patients(view, say),
        "standings": facts.standings(summary),
        "todo": [_to_do(one, view, say) for one in view.todo],
        "clocks": view.clocks,
        "cohorts": view.cohorts,
        "scams": [(getattr(one, say.lang), one.persons, _share(one.persons, best)) for one in view.scams],
        "held_back": view.held_back,
        "severity": facts.shares(summary["severity"], best),
        "reach": facts.shares(summary["reach"], best),
        "unread": facts.share_unread(summary),
        "quarantine": view.quarantine,
        "log_gaps": (summary.get("log_gaps") or [])[:MOST_GAPS],
        "custody": [(one, notes.get(one.name, [])) for one in view.custody],
        "methods": _methods(view, say),
        "unknowns": facts.unknowns(view),
    }
    return content | {"sections": _sections(view, content), "glossary": list(_glossary(content))}


def _to_do(one: TodoView, view: ReportView, say: Wording) -> dict[str, Any]:
    """One thing to do: its sentence, whether it is late, and the command that serves it."""
    count = one.n if isinstance(one.n, int) else None
    values = {
        "n": "–" if one.n is None else say.number(one.n),
        "due": say.instant(one.due, view.zone) if one.due else "",
        "what": say.typeset(getattr(one, say.lang)),
    }
    command = say.table.get(f"todo_{one.id}_command")
    return {
        "text": say.say(f"todo_{one.id}", count, **values),
        "late": one.id == "late",
        "command": command if isinstance(command, str) else "",
    }


def _share(count: int | str | None, whole: int | None) -> float | None:
    return count / whole if isinstance(count, int) and whole else None


def headline(persons: Mapping[str, Any], say: Wording) -> str:
    """The sentence that says how many people, between what bounds, and the ceiling."""
    figures = {key: say.number(persons[key]) for key in ("best", "low", "high", "ceiling")}
    found = "headline_people_exact" if persons["low"] == persons["high"] else "headline_people"
    most = "headline_unbounded" if persons["ceiling"] is None else "headline_most"
    return f"{say.say(found, persons['best'], **figures)} {say.say(most, **figures)}"


def _between(persons: Mapping[str, Any], say: Wording, key: str) -> str:
    """Both ends of the interval on people; in other words when they are the same."""
    low, high = say.number(persons["low"]), say.number(persons["high"])
    return say.say(f"{key}_exact" if low == high else key, low=low, high=high)


def standing(persons: Mapping[str, Any], say: Wording) -> str:
    """What the people counted are: identities found, or also without those fabricated and recycled."""
    fabricated, recycled = persons["fabricated"], persons["recycled"]
    if fabricated is None and recycled is None:
        return say.say("standing_unknown")
    apart = (fabricated or 0) + (recycled or 0)
    known = {key: persons[key] for key in ("best", "low", "high", "ceiling") if persons[key] is not None}
    without = {key: max(0, count - apart) for key, count in known.items()}
    counts = {**without, "fabricated": fabricated, "recycled": recycled}
    figures = {key: say.number(count) for key, count in counts.items()}
    told = (
        "known" if None not in (fabricated, recycled) else "recycled" if fabricated is None else "fabricated"
    )
    rest = say.say(
        "standing_without" if "ceiling" in known else "standing_without_most", without["best"], **figures
    )
    return f"{say.say(f'standing_of_{told}', **figures)} {rest}"


def alarm(one: facts.Alarm, say: Wording) -> str:
    """The sentence that says what does not add up."""
    share = say.percent(abs(one.count) / one.total) if one.total else "–"
    values = {"n": say.number(one.count), "total": say.number(one.total), "share": share}
    return say.say(f"alarm_{one.kind}", abs(one.count), **values, name=elided(one.evidence or "", 80))


def _tiles(
    view: ReportView, say: Wording, persons: Mapping[str, Any] | None, categories: list[facts.CategoryRow]
) -> Iterable[dict[str, str]]:
    if persons:
        note = _between(persons, say, "tile_people_note")
        genuine = without(persons)
        if genuine is not None:
            note += say.typeset(" ; " if say.lang == "fr" else "; ")
            note += say.say("people_without", genuine, n=say.number(genuine))
        yield _tile(say, "people", persons["best"], note)
    counts = facts.share_unread(view.summary)
    records = facts.total(facts.leak(view.summary), "records")
    if counts and records is not None:
        for kind, count in (("records", records), ("unread", counts[0])):
            share = say.percent(count / counts[1]) if counts[1] else "–"
            yield _tile(
                say, kind, count, say.say(f"tile_{kind}_note", units=say.number(counts[1]), share=share)
            )
    if categories:
        special = sum(row.label.article9 for row in categories)
        yield _tile(
            say,
            "categories",
            len(categories),
            say.say("tile_categories_note", special, n=say.number(special)),
        )


def _tile(say: Wording, kind: str, count: int, note: str) -> dict[str, str]:
    return {"figures": say.number(count), "label": say.say(f"tile_{kind}", count), "note": note}


def _unreconciled(rows: list[Mapping[str, Any]], say: Wording) -> str:
    names = [elided(one["name"], 80) for one in rows if one["count_method"] == "reader" and one["records"]]
    listed = ", ".join(names[:5]) + (", …" if len(names) > 5 else "")  # noqa: PLR2004 - the table has them all
    return say.say("unreconciled", len(names), n=say.number(len(names)), names=listed) if names else ""


def _totals(rows: list[Mapping[str, Any]]) -> dict[str, int | None] | None:
    if len(rows) < 2:  # noqa: PLR2004 - one row is its own total
        return None
    return {key: facts.total(rows, key) for key in ("units_in", *facts.PARTS)}


def _people(persons: Mapping[str, Any], say: Wording) -> list[dict[str, str]]:
    best = persons["best"]

    def line(ident: str, count: int | None) -> dict[str, str]:
        share = "–" if count is None or not best else say.percent(count / best)
        return {"id": ident, "figures": say.number(count), "share": share}

    interval = _between(persons, say, "interval")
    ends = {key: say.percent(persons[key] / best) for key in ("low", "high")} if best else {}
    shares = (
        say.say("interval_exact" if len(set(ends.values())) == 1 else "interval", **ends) if ends else "–"
    )
    lines = [
        line("best", best),
        {"id": "interval", "figures": interval, "share": shares},
        line("certain", persons["certain_only"]),
        line("possible", persons["all_possible"]),
        line("ceiling", persons["ceiling"]),
    ]
    known = [key for key in ("fabricated", "recycled") if persons[key] is not None]
    return lines + [line(key, persons[key]) for key in known]


def _grouped(rows: list[facts.CategoryRow]) -> list[tuple[str, list[facts.CategoryRow]]]:
    names = [*GROUPS, *sorted({row.label.group for row in rows} - set(GROUPS))]
    groups = {name: [row for row in rows if row.label.group == name] for name in names}
    return [(name, found) for name, found in groups.items() if found]


def _findings(view: ReportView) -> tuple[list[tuple[str, list[facts.FindingRow]]], int]:
    """The first tables of findings, whole, up to MOST_FINDINGS columns; and how many columns are left out."""
    tables = facts.finding_tables(view)
    shown: list[tuple[str, list[facts.FindingRow]]] = []
    room = MOST_FINDINGS
    for name, rows in tables:
        if room <= 0:
            break
        shown.append((name, rows[:room]))
        room -= len(rows)
    return shown, len(view.findings) - sum(len(rows) for _, rows in shown)


def _patients(view: ReportView, say: Wording) -> list[dict[str, Any]]:
    match, persons = view.patients, view.summary["persons"]
    if match is None:
        return []
    best = persons["best"] if persons else None

    def line(name: str, count: int, whole: int | None, key: str) -> dict[str, Any]:
        return {
            "name": name,
            "count": count,
            "words": say.say(key, share=say.percent(count / whole)) if whole else "–",
        }

    return [
        line("matched", match.matched, best, "of_persons"),
        line("not_in_file", match.not_in_file, best, "of_persons"),
        line("not_in_leak", match.not_in_leak, match.file_people, "of_file"),
    ]


def _methods(view: ReportView, say: Wording) -> list[str]:
    """How the figures shown are made; nothing about those that are not there yet."""
    told = [say.say("method_ledger"), say.say("method_quarantine")] if view.summary["evidence"] else []
    persons = view.summary["persons"]
    if persons and persons["best"] is not None:
        told.append(say.say("method_people"))
        if persons["method"]:
            told.append(say.say("method_interval", method=inert(say.term(persons["method"], view.terms))))
        told.append(say.say("method_no_ceiling" if persons["ceiling"] is None else "method_ceiling"))
    if view.findings:
        told += [say.say("method_categories"), say.say("method_valid")]
    return [*told, say.say("method_claims"), say.say("method_silence")]


def _sections(view: ReportView, content: Mapping[str, Any]) -> list[str]:
    """The sections in reading order; those about stages that have not run, or about nothing, are left out."""
    optional = ("severity", "scams", "reach", "dump", "tenants", "patients", "standing")
    present = {key: bool(content["standings" if key == "standing" else key]) for key in optional}
    middle = [key for key in optional if present[key]]
    decided = ["decisions"] if view.decisions else []
    due = ["clocks"] if view.clocks else []
    if not view.summary["evidence"]:
        return [*due, "claims", "custody", *decided, "methods", "glossary"]
    return [
        *due,
        "claims",
        "ledger",
        "categories",
        "findings",
        *middle,
        "quarantine",
        "custody",
        *decided,
        "methods",
        "glossary",
    ]


def _glossary(content: Mapping[str, Any]) -> Iterable[str]:
    """The words that this report uses."""
    if content["evidence"]:
        yield from ("unit", "record", "duplicate", "quarantine")
    yield "person"
    if content["persons"]:
        yield from ("link", "interval", "ceiling")
    names = {row.label.id for _, rows in content["categories"] for row in rows}
    if any(row.label.article9 for _, rows in content["categories"] for row in rows):
        yield "article9"
    if "nir" in names:
        yield "nir"
    if content["findings"]:
        yield "shape"
    if content["tenants"]:
        yield "tenant"
    if content["custody"]:
        yield "sha256"
