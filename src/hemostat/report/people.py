"""What a case tells of its people beyond their number: sites, standing, the patient file, the dump, a sample.

For the ledger. Reads, never writes. Counts, ids and sentences; never a person's value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import polars as pl

from hemostat.model import Role
from hemostat.report.names import shown_name
from hemostat.report.words import instant, number
from hemostat.resolve import dated, shown, standing

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hemostat.case import Case

_ZONE = "Europe/Paris"
_EXPOSING = "select evidence_id from evidence where role in ('leak', 'log') order by evidence_id"


def beyond(case: Case) -> dict[str, Any]:
    """The keys of the ledger that some cases have: tenants_found, standing_reasons, patient_file, dump_date, sample.

    Each is there only where its stage has run and there is something to say.
    """
    found = {
        "tenants_found": _tenants_found(case),
        "standing_reasons": standing.why(case),
        "patient_file": patient_file(case),
        "dump_date": _dump_date(case),
        "sample": _sample(case),
    }
    return {key: value for key, value in found.items() if value}


def tenants(case: Case, *, resolved: bool) -> dict[str, dict[str, int | None]]:
    """Records and people of each tenant, declared by a column or found; people are None before they are told apart."""
    exposing = [number for (number,) in case.rows(_EXPOSING)]
    held = pl.DataFrame(case.bulk("identity", exposing, ("record_id", "tenant"))).drop_nulls("tenant")
    found = pl.DataFrame(case.query("select record_id, tenant from record_tenant where tenant is not null"))
    held = pl.concat([held, found])
    if held.is_empty():
        return {}
    if not resolved:
        counts = held.group_by("tenant").agg(records=pl.len(), persons=None)
    else:
        people = pl.DataFrame(case.query("select record_id, person_id from record_person"))
        joined = held.join(people, on="record_id", how="left")
        persons = pl.col("person_id").drop_nulls().n_unique()
        counts = joined.group_by("tenant").agg(records=pl.len(), persons=persons)
    return {name: {"records": n, "persons": of} for name, n, of in counts.sort("tenant").iter_rows()}


def _tenants_found(case: Case) -> dict[str, Any] | None:
    """How each tenant that no column names is known, and how many records stay open."""
    sites = case.query(
        "select tenant, how, low, high, decided_by from tenant_found order by tenant"
    ).to_pylist()
    if not sites:
        return None
    for one in sites:
        if one["how"] == "file":
            one["low"] = shown_name(one["low"])
    by = dict(case.rows("select how, count(*) from record_tenant group by how order by how"))
    several = by.pop("several", 0)
    exposing = [number for (number,) in case.rows(_EXPOSING)]
    declared = case.bulk("identity", exposing, ("tenant",))["tenant"]
    records = case.rows(
        "select count(*) from record join evidence using (evidence_id) where role in ('leak', 'log')"
    )
    known = sum(by.values()) + several + len(declared) - declared.null_count
    return {"sites": sites, "by": by, "several": several, "unknown": records[0][0] - known}


def patient_file(case: Case) -> dict[str, int | None] | None:
    """Rows of the patient file: in the leak or not, of the dead, long not brought up to date, of another place.

    None where no such file was given; `stale` and `differs` are None where nothing could tell.
    """
    rows, there, dead, dead_there, dated_, stale, told, differs = case.rows(
        "select count(*), count(person_id), count(*) filter (deceased), "
        "count(*) filter (deceased and person_id is not null), count(stale), count(*) filter (stale), "
        "count(differs), count(*) filter (differs) from patient_row"
    )[0]
    if not rows:
        return None
    return {
        "rows": rows,
        "in_leak": there,
        "not_in_leak": rows - there,
        "deceased": dead,
        "deceased_in_leak": dead_there,
        "stale": stale if dated_ else None,
        "differs": differs if told else None,
    }


def _dump_date(case: Case) -> dict[str, Any] | None:
    """When the dump was taken, by the history of the patient file, with the sentence that says so."""
    if not case.rows("select 1 from evidence where role = ? limit 1", (str(Role.HISTORY),)):
        return None
    found = dated.known(case)
    if found is None:
        return None
    zone = ZoneInfo(case.setting("zone") or _ZONE)
    windows = [{name: _instant(one[name], zone) for name in ("start", "end")} for one in found["windows"]]
    return {
        "kind": found["kind"],
        "changes": found["changes"],
        "windows": windows,
        **{lang: _dated_in(found, lang, zone) for lang in ("fr", "en")},
    }


def _dated_in(found: Mapping[str, Any], lang: str, zone: ZoneInfo) -> str:
    return dated.sentence(
        found, lang, lambda count: number(count, lang), lambda at: instant(str(_instant(at, zone)), lang)
    )


def _instant(at: int | None, zone: ZoneInfo) -> str | None:
    return None if at is None else dated.instant_of(at).astimezone(zone).isoformat(timespec="seconds")


def _sample(case: Case) -> Mapping[str, Any] | None:
    """What a sample shown by thieves allows to say of the total."""
    found = shown.told(case)
    if found is None:
        return None
    return {
        "kind": found.kind,
        "low": found.low,
        "best": found.best,
        "high": found.high,
        "against": list(found.against),
        "fr": found.fr,
        "en": found.en,
    }
