"""Sentences and tables of the report on sites, reasons of standing, the patient file, the dump and a sample. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hemostat.resolve.sites import words
from hemostat.resolve.standing import reasons

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hemostat.report.wording import Wording

_BY_NAME = {"prefix": "tenant_prefix", "file": "tenant_file"}
PATIENT_ROWS = ("deceased", "deceased_in_leak", "stale", "differs")
"""Rows of the patient file that are flagged, in the order in which the report lists them."""


def people_words(summary: Mapping[str, Any], say: Wording) -> dict[str, Any]:
    """The values of the template by name; empty when there is nothing to say."""
    dump, sample = summary.get("dump_date"), summary.get("sample")
    found = summary.get("tenants_found")
    genuine = without(summary["persons"])
    return {
        "dump": dump[say.lang] if dump else "",
        "sample": sample[say.lang] if sample else "",
        "sites": _sites(found, say) if found else {},
        "sites_left": _left(found, say) if found else "",
        "reasons": _reasons(summary.get("standing_reasons") or {}, say),
        "flagged": _flagged(summary.get("patient_file"), say),
        "without": "" if genuine is None else say.say("people_without", genuine, n=say.number(genuine)),
    }


def without(persons: Mapping[str, Any] | None) -> int | None:
    """People without those fabricated or recycled; None where neither is known, or there are none."""
    if not persons or persons["best"] is None:
        return None
    apart = sum(persons[name] or 0 for name in ("fabricated", "recycled"))
    return max(0, persons["best"] - apart) if apart else None


def _sites(found: Mapping[str, Any], say: Wording) -> dict[str, str]:
    """How each site is known; under the empty name, how those are that a column names."""
    told = {"": say.typeset(words()["declared"][say.lang])}
    for one in found["sites"]:
        values = {name: one[name] or "" for name in ("low", "high")}
        if one["how"] == "range":
            figures = {name: say.number(int(value)) for name, value in values.items() if value}
            text = say.say("tenant_from_to" if one["high"] else "tenant_from", **figures)
        elif one["how"] in _BY_NAME:
            text = say.say(_BY_NAME[one["how"]], **values)
        else:
            text = words()[one["how"]][say.lang]
        if one["decided_by"]:
            text = say.say("tenant_decided", how=text, by=one["decided_by"])
        told[one["tenant"]] = say.typeset(text)
    return told


def _left(found: Mapping[str, Any], say: Wording) -> str:
    if not found["several"] and not found["unknown"]:
        return ""
    return say.say("tenants_left", several=say.number(found["several"]), unknown=say.number(found["unknown"]))


def _reasons(found: Mapping[str, Mapping[str, int]], say: Wording) -> list[tuple[str, str, int]]:
    """standing, reason in words, records: the commonest reasons of each standing first."""
    rows = []
    for standing in ("matched", "plausible", "doubtful", "fabricated", "recycled"):
        for ident, count in sorted(found.get(standing, {}).items(), key=lambda item: (-item[1], item[0])):
            if ident in reasons():
                rows.append((standing, say.typeset(getattr(reasons()[ident], say.lang)), count))
    return rows


def _flagged(found: Mapping[str, int | None] | None, say: Wording) -> list[dict[str, Any]]:
    """Rows of the patient file that are flagged, each with its share of the file."""
    if not found or not found["rows"]:
        return []
    return [
        {"name": name, "count": count, "words": say.say("of_file", share=say.percent(count / found["rows"]))}
        for name in PATIENT_ROWS
        if (count := found[name]) is not None
    ]
