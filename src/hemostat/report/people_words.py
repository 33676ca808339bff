"""Sentences and tables of the report on sites, reasons of standing, the patient file, the dump and a sample. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hemostat.resolve.sites import words
from hemostat.resolve.standing import reasons

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hemostat.report.wording import Wording

PATIENT_ROWS = ("deceased", "deceased_in_leak", "stale", "differs")
"""Rows of the patient file that are flagged, in the order in which the report lists them."""


def people_words(summary: Mapping[str, Any], say: Wording) -> dict[str, Any]:
    """The values of the template by name; empty when there is nothing to say."""
    dump, sample = summary.get("dump_date"), summary.get("sample")
    found = summary.get("tenants_found")
    return {
        "dump": dump[say.lang] if dump else "",
        "sample": sample[say.lang] if sample else "",
        "sites": _sites(found, say) if found else {},
        "sites_left": _left(found, say) if found else "",
        "reasons": _reasons(summary.get("standing_reasons") or {}, say),
        "flagged": _flagged(summary.get("patient_file"), say),
    }


def _sites(found: Mapping[str, Any], say: Wording) -> dict[str, str]:
    """How each site is known; under the empty name, how those are that a column names."""
    told = {"": say.typeset(words()["declared"][say.lang])}
    for one in found["sites"]:
        values = {"how": words()[one["how"]][say.lang], "low": one["low"] or "", "high": one["high"] or ""}
        if one["how"] == "range":
            values |= {name: say.number(int(values[name])) for name in ("low", "high") if values[name]}
            text = say.say("tenant_from_to" if one["high"] else "tenant_from", **values)
        elif one["how"] == "patient_file":
            text = values["how"]
        else:
            text = say.say("tenant_key", **values)
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
