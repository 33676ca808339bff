"""The figures of the report, drawn from the ledger: every number with what it is a share of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hemostat.errors import RuleError
from hemostat.report.small import HIDDEN, Shown, shown_parts
from hemostat.report.view import LEAK, LOG, CategoryLabel, ClaimView, FindingView, ReportView

Summary = Mapping[str, Any]

PARTS = ("records", "quarantined", "blank", "header", "out_of_scope", "unexplained")
"""Where the units of a piece of evidence go: they add up to its ``units_in``."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """A count that does not add up: by how much, of how many units, in which evidence (None: over the case)."""

    kind: str
    count: int
    total: int
    evidence: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One line on the way from units to people. ``kind``: total, minus (taken out of the total before), people.

    ``share`` is a share of the step named ``of``; for people it is records per person.
    """

    id: str
    kind: str
    count: int
    of: str | None = None
    share: float | None = None
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True, slots=True)
class Compared:
    """A claim, what the files hold in the same unit, and the claim's excess over it (0.12: 12 % more)."""

    claim: ClaimView
    found: int | None
    gap: float | None


@dataclass(frozen=True, slots=True)
class CategoryRow:
    """One category: how many people and records show it. ``share`` of ``persons`` is None when hidden."""

    label: CategoryLabel
    persons: Shown
    records: Shown
    valid: Shown
    share: float | None


@dataclass(frozen=True, slots=True)
class FindingRow:
    """One finding as it may be shown."""

    finding: FindingView
    label: CategoryLabel
    values: Shown
    valid: Shown
    confidence: float | None
    note: str | None
    """As in the finding; None when its numbers could point at somebody."""


@dataclass(frozen=True, slots=True)
class Counted:
    """A named count and its share."""

    name: str
    count: int | None
    share: float | None


def ratio(part: float, whole: float) -> float | None:
    """``part / whole``; None when there is nothing to divide by."""
    return part / whole if whole else None


def leak(summary: Summary) -> list[Mapping[str, Any]]:
    """The evidence that leaked, and the logs that say who saw data: the only ones in totals."""
    return [one for one in summary["evidence"] or () if one["role"] in (LEAK, LOG)]


def total(rows: Sequence[Mapping[str, Any]], key: str) -> int | None:
    """The sum of a count over some evidence; None as long as one of them is not known."""
    counts = [row[key] for row in rows]
    return None if None in counts else sum(counts)


def alarms(summary: Summary) -> list[Alarm]:
    """Everything that does not add up, in the order of the evidence; the case as a whole last.

    Units left unexplained; parts that do not sum to the units; records that change between two stages.
    """
    found = []
    for one in summary["evidence"] or ():
        units = one["units_in"]
        if one.get("unexplained"):
            found.append(Alarm("unexplained", one["unexplained"], units or 0, one["name"]))
        parts = total([{"n": one.get(part)} for part in PARTS], "n")
        if parts is not None and units is not None and parts != units:
            found.append(Alarm("units", abs(units - parts), units, one["name"]))
    records, read = summary["records"], total(leak(summary), "records")
    if records and records["in"] is not None and read is not None:
        gaps = [records["in"] - read]
        if records["kept"] is not None and records["exact_duplicates"] is not None:
            gaps.append(records["in"] - records["kept"] - records["exact_duplicates"])
        found += [Alarm("records", abs(gap), read) for gap in gaps if gap]
    return found


def steps(summary: Summary) -> list[Step]:
    """The way from units to people, as far as it is known; minus steps that take out nothing are left out.

    Each total equals the total before it less the minus steps between them.
    """
    rows = leak(summary)
    units, records = total(rows, "units_in"), total(rows, "records")
    if not rows or units is None or records is None:
        return []
    way = [Step("units", "total", units)]
    for part in ("header", "blank", "out_of_scope", "quarantined", "unexplained"):
        count = total(rows, part)
        if count or part == "quarantined":
            way.append(Step(part, "minus", count or 0, "units", ratio(count or 0, units)))
    way.append(Step("records", "total", records, "units", ratio(records, units)))
    return way + _distinct_steps(summary, records)


def _distinct_steps(summary: Summary, records: int) -> list[Step]:
    over = summary["records"] or {}
    duplicates, kept, nobody = (over.get(key) for key in ("exact_duplicates", "kept", "without_identity"))
    if duplicates is None or kept is None:
        return []
    way = [
        Step("duplicates", "minus", duplicates, "records", ratio(duplicates, records)),
        Step("kept", "total", kept, "records", ratio(kept, records)),
    ]
    persons = summary["persons"]
    if nobody is None or not persons or persons["best"] is None:
        return way
    identified, best = kept - nobody, persons["best"]
    return [
        *way,
        Step("without_identity", "minus", nobody, "kept", ratio(nobody, kept)),
        Step("identified", "total", identified, "kept", ratio(identified, kept)),
        Step(
            "persons", "people", best, "identified", ratio(identified, best), persons["low"], persons["high"]
        ),
    ]


def matched(summary: Summary) -> Step | None:
    """The people found in the patient file, as the last step; None when no such file was supplied."""
    persons, standing = summary["persons"], summary["standing"]
    count = standing and standing.get("matched")
    if count is None or not persons or not persons["best"]:
        return None
    return Step("matched", "people", count, "persons", ratio(count, persons["best"]))


def way(view: ReportView) -> list[Step]:
    """The steps of the ledger, and those found in the patient file when it was supplied."""
    found, last = steps(view.summary), matched(view.summary)
    return [*found, last] if found and found[-1].kind == "people" and last else found


def compared(view: ReportView) -> list[Compared]:
    """Each claim beside the count in its own unit: people (best), records read, or bytes of the leak."""
    summary, persons = view.summary, view.summary["persons"]
    rows = leak(summary)
    found = {
        "persons": persons["best"] if persons else None,
        "rows": total(rows, "records") if rows else None,
        "bytes": total(rows, "bytes") if rows else None,
    }
    return [
        Compared(claim, found.get(claim.unit), _gap(claim.value, found.get(claim.unit)))
        for claim in view.claims
    ]


def _gap(claimed: int, found: int | None) -> float | None:
    return (claimed - found) / found if found else None


def category_rows(view: ReportView) -> list[CategoryRow]:
    """The categories of a view, most people first (then most records); its summary is already masked.

    Raises:
        RuleError: a category has no label.
    """
    persons = view.summary["persons"]
    return rows_of(view.summary["categories"] or {}, view.labels, persons["best"] if persons else None)


def rows_of(
    categories: Mapping[str, Mapping[str, Any]], labels: Mapping[str, CategoryLabel], best: int | None
) -> list[CategoryRow]:
    """The categories of a ledger, most people first; ``best`` is the number of people they are a share of.

    Raises:
        RuleError: a category has no label.
    """
    rows = []
    for name, counts in categories.items():
        people = counts["persons"]
        share = ratio(people, best) if isinstance(people, int) and best else None
        rows.append(CategoryRow(_label(labels, name), people, counts["records"], counts.get("valid"), share))
    return sorted(rows, key=lambda row: (-weight(row.persons), -weight(row.records), row.label.id))


def weight(count: Shown) -> int:
    """What a count weighs when sorting: a hidden or unknown one nothing, so that order tells nothing."""
    return count if isinstance(count, int) else 0


def finding_tables(view: ReportView) -> list[tuple[str, list[FindingRow]]]:
    """The findings of each piece of evidence, in the order of the view, counts as they may be shown."""
    by_category: dict[str, list[int]] = {}
    for index, finding in enumerate(view.findings):
        by_category.setdefault(finding.category, []).append(index)
    masked: dict[int, tuple[Shown, ...]] = {}
    for name, places in by_category.items():
        counts = [(view.findings[at].values, view.findings[at].valid) for at in places]
        masked |= dict(
            zip(places, shown_parts(counts, sensitive=_label(view.labels, name).sensitive), strict=True)
        )
    tables: dict[str, list[FindingRow]] = {}
    for index, finding in enumerate(view.findings):
        values, valid = masked[index]
        # A ratio over less than five values would give their number back.
        confidence = None if values == HIDDEN else finding.confidence
        label = _label(view.labels, finding.category)
        note = None if label.sensitive else finding.note
        row = FindingRow(finding, label, values, valid, confidence, note)
        tables.setdefault(finding.evidence, []).append(row)
    return list(tables.items())


def _label(labels: Mapping[str, CategoryLabel], category: str) -> CategoryLabel:
    label = labels.get(category)
    if label is None:
        raise RuleError(
            f"Category {category} has no label: the report cannot name it.",
            f"La catégorie {category} n'a pas de libellé : le rapport ne peut pas la nommer.",
        )
    return label


def tenants(view: ReportView) -> list[tuple[Counted, Counted]]:
    """Each organisation with its records (share of distinct records) and its people (share of best)."""
    records, persons = view.summary["records"] or {}, view.summary["persons"] or {}
    kept, best = records.get("kept"), persons.get("best")
    rows = [
        (
            _counted(name, counts["records"], kept),
            _counted(name, counts["persons"], best),
        )
        for name, counts in (view.summary["tenants"] or {}).items()
    ]
    return sorted(rows, key=lambda row: (-(row[1].count or 0), -(row[0].count or 0), row[0].name))


def shares(counts: Mapping[str, int] | None, whole: int | None) -> list[Counted]:
    """Counts by name with their share of ``whole``, in their own order; empty when nothing is known."""
    known = {name: count for name, count in (counts or {}).items() if count is not None}
    return [_counted(name, count, whole) for name, count in known.items()]


def _counted(name: str, count: int | None, whole: int | None) -> Counted:
    return Counted(name, count, None if count is None or not whole else count / whole)


def standings(summary: Summary) -> list[Counted]:
    """People by standing; empty until fabricated ones are told apart: "matched" alone is the patient file's table."""
    counts, persons = summary["standing"] or {}, summary["persons"] or {}
    return shares(counts, persons.get("best")) if counts.get("fabricated") is not None else []


def unknowns(view: ReportView) -> list[str]:
    """What the report cannot say yet: ids of the sentences that say so."""
    summary = view.summary
    persons = summary["persons"]
    lacking = {
        "persons": not persons or persons["best"] is None,
        "categories": summary["categories"] is None,
        "standing": not standings(summary),
        "severity": not shares(summary["severity"], None),
        "reach": not shares(summary["reach"], None),
        "patients": view.patients is None,
    }
    return [name for name, absent in lacking.items() if absent]


def share_unread(summary: Summary) -> tuple[int, int] | None:
    """Units set aside and units found over the leak; None as long as they are not known."""
    rows = leak(summary)
    aside, units = total(rows, "quarantined"), total(rows, "units_in")
    return None if not rows or aside is None or units is None else (aside, units)
