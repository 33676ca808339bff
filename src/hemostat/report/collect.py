"""What a case holds, as the ledger (``summary``) and as the view of the report (``view``). Reads, never writes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from hemostat import __version__
from hemostat.evidence import WORDING, columns_of
from hemostat.model import Role, Standing
from hemostat.report import duties, people
from hemostat.report.names import shown_name, shown_names
from hemostat.report.small import masked_summary
from hemostat.report.view import (
    ClaimEvent,
    ClaimView,
    Custody,
    DecisionView,
    EvidenceNote,
    FindingView,
    PatientMatch,
    QuarantineGroup,
    ReportView,
    Unrecognised,
    rule_labels,
)
from hemostat.report.wording import LANGUAGES
from hemostat.resolve import people_count, standing
from hemostat.rules import categories, hash_of_rules, rows
from hemostat.rules.categories import WORD

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hemostat.case import Case

EXAMPLES = 3
"""Places quoted for one reason of quarantine in one piece of evidence."""

LEVELS = ("negligible", "limited", "important", "maximal")
"""Of severity, on the CNIL's scale."""

ZONE = "Europe/Paris"
"""The controller's time zone, unless the case says another (setting ``zone``)."""

_EVIDENCE = """
with read_ as (
  select evidence_id, sum("rows")::bigint as records, sum(blank)::bigint as blank, sum(header)::bigint as header,
         sum(out_of_scope)::bigint as out_of_scope
  from batch group by evidence_id
), aside as (select evidence_id, sum(units)::bigint as quarantined from quarantine group by evidence_id),
exposing as (
  select e.evidence_id, (select count(distinct "event") from access_event a
    where a.evidence_id = e.evidence_id and standing in ('seen', 'listed', 'counted')) as events
  from evidence e where role = 'log' and exists (select 1 from step where name = 'watch')
)
select e.name, e.sha256, e.bytes, e.kind, e.role, e.count_method, e.units_in,
       coalesce(x.events, r.records, 0) as records,
       coalesce(a.quarantined, 0) as quarantined, coalesce(r.blank, 0) as blank, coalesce(r.header, 0) as header,
       coalesce(r.out_of_scope, 0) + coalesce(r.records - x.events, 0) as out_of_scope
from evidence e left join read_ r using (evidence_id) left join aside a using (evidence_id)
left join exposing x using (evidence_id)
order by e.evidence_id
"""

_EXPOSING = "select evidence_id from evidence where role in ('leak', 'log') order by evidence_id"

_IN = """
select (select coalesce(sum("rows"), 0)::bigint from batch join evidence using (evidence_id) where role = 'leak')
  + (select count(distinct "event") from access_event where standing in ('seen', 'listed', 'counted'))
"""

_MASKS_OF_RECORDS = """
select mask_lo, mask_hi, count(*) from record
where evidence_id in (select evidence_id from evidence where role in ('leak', 'log')) group by all
"""

_KEPT = """
select count(*) filter (not twice), count(*) filter (twice), count(*) filter (not twice and nobody) from (
  select status = 'exact_duplicate' as twice, person_id is null as nobody
  from record_person join record using (record_id)
  where evidence_id in (select evidence_id from evidence where role = 'leak')
  union all
  select bool_and(status = 'exact_duplicate'), bool_and(person_id is null)
  from record_person join access_event using (record_id) group by "event"
)
"""
"""An entry of a log counts once, however many patients it showed."""

_VALID = """
select category, sum(records)::bigint from category_valid join evidence using (evidence_id)
where role = 'leak' group by category
"""

_QUARANTINE = """
select evidence, reason, role, sum(units)::bigint as units, count(*)::bigint as places,
       list(coalesce(locator, 'line ' || line) order by line, locator)[1:{examples}] as examples
from quarantine group by evidence, reason, role
order by role <> 'leak', min(evidence_id), sum(units) desc, reason
"""

_FINDINGS = """
select e.name as evidence, f.place, f.category, f.about, f."values", f.valid, f.confidence, f.decided_by, f.shape,
  f.note
from finding f join evidence e using (evidence_id)
order by e.role <> 'leak', e.evidence_id, f.place, f.category
"""

_NOTES = """
select c.name, e.name as part, e.note from evidence e join custody c using (custody_id)
where coalesce(e.note, '') <> '' order by e.evidence_id
"""


def summary(case: Case) -> dict[str, Any]:
    """The ledger of a case: the object of ``summary.json``. What a stage that has not run would fill is None."""
    found = {
        "claims": _dicts(case, 'select "value", unit, "by", "at" from claim order by claim_id'),
        "evidence": _evidence(case),
        "containers": [
            shown_names(one, "name")
            for one in _dicts(
                case, 'select name, members, "read", quarantined from container order by container_id'
            )
        ],
        "records": _records(case),
        "persons": _persons(case),
        "standing": _standing(case),
        "categories": _categories(case),
        "severity": _severity(case),
        "reach": duties.reach(case) if _done(case, "assess") and _exposes(case) else None,
        "tenants": people.tenants(case, resolved=_done(case, "resolve")) if _done(case, "detect") else None,
        **(people.beyond(case) if _exposes(case) else {}),
        **_log_gaps(case),
        **duties.in_summary(case),
    }
    return masked_summary(found, {str(rule.id) for rule in categories() if rule.sensitive})


def _log_gaps(case: Case) -> dict[str, Any]:
    """``log_gaps``, where access logs are in the case: hours (UTC) or numbers in which they say nothing."""
    if not _holds(case, Role.LOG):
        return {}
    gaps = _dicts(
        case,
        "select evidence.name as evidence, access_gap.kind, strftime(starts, '%Y-%m-%dT%H:%M:%SZ') as starts,"
        " strftime(ends, '%Y-%m-%dT%H:%M:%SZ') as ends, missing from access_gap left join evidence"
        " using (evidence_id) order by starts nulls first, evidence, access_gap.kind",
    )
    return {"log_gaps": [shown_names(one, "evidence") for one in gaps]}


def view(case: Case, lang: str = "fr") -> ReportView:
    """Everything the report of a case says. No person's value: counts, names of evidence, shapes and places."""
    run = case.rows("select version, rules_hash from run order by run_id desc limit 1")
    version, rules_hash = run[0] if run else (__version__, hash_of_rules())
    ledger = summary(case)
    clocks = duties.clock_views(case)
    return ReportView(
        case_id=case.case_id,
        version=version,
        rules_hash=rules_hash,
        generated_at=case.now().isoformat(timespec="seconds"),
        summary=ledger,
        labels=rule_labels(),
        controller=case.setting("controller"),
        journal_head=case.journal_head(),
        lang=lang,
        zone=case.setting("timezone") or case.setting("zone") or ZONE,
        claims=_claims(case),
        findings=tuple(
            FindingView.from_dict(shown_names(one, "evidence")) for one in _dicts(case, _FINDINGS)
        ),
        unrecognised=tuple(_unrecognised(case)),
        waiting=_waiting(case),
        moments=_moments(case),
        decisions=tuple(_decisions(case)),
        pending=_pending(case),
        todo=duties.todo(case, clocks),
        clocks=clocks,
        cohorts=duties.cohort_views(case),
        scams=duties.scam_views(case),
        held_back=duties.held_back(case),
        quarantine=tuple(
            QuarantineGroup.from_dict({**shown_names(one, "evidence"), "examples": tuple(one["examples"])})
            for one in _dicts(case, _QUARANTINE.format(examples=EXAMPLES))
        ),
        custody=_custody(case),
        notes=tuple(_notes(case)),
        patients=_patients(case, ledger["persons"]["best"]),
        terms=terms(),
    )


def terms() -> Mapping[str, Mapping[str, str]]:
    """The wording of what a case keeps as ids or in one language: reasons of quarantine, methods."""
    methods = {words["en"]: words for words in _methods().values()}
    return {**{str(key): words for key, words in WORDING.items()}, **methods}


def _unrecognised(case: Case) -> list[Unrecognised]:
    """The columns of the leak in which nothing was recognised and of which nobody has decided yet."""
    if not _done(case, "detect"):
        return []
    judged = set(case.rows("select evidence_id, place from finding"))
    decided = {subject for (subject,) in case.rows("select subject from decision where kind = 'column'")}
    found = []
    for number, name in case.rows("select evidence_id, name from evidence where role = 'leak' order by 1"):
        left = tuple(
            column
            for column in columns_of(case, number)
            if (number, column) not in judged and f"{name}\x1f{column}" not in decided
        )
        if left:
            found.append(Unrecognised(shown_name(name), left))
    return found


def _waiting(case: Case) -> int:
    """Pieces in custody that no analysis has read yet."""
    return _one(case, "select count(*) from custody where state = 'taken'")


def _moments(case: Case) -> dict[str, str]:
    """When the first signal came, when the controller became aware, and 72 hours after (GDPR art. 33(1))."""
    said = {key: case.setting(key) for key in ("signal_at", "aware_at")}
    known = {key: at for key, at in said.items() if at}
    if "aware_at" in known:
        due = datetime.fromisoformat(known["aware_at"]).astimezone(UTC) + timedelta(hours=72)
        known["notice_due"] = due.isoformat(timespec="minutes")
    return known


def _decisions(case: Case) -> list[DecisionView]:
    """The decisions on record, oldest first; names of evidence as they may be shown."""
    found = case.rows('select kind, subject, "value", why, "by", "at" from decision order by decision_id')
    return [
        DecisionView(kind, " · ".join(shown_name(part) for part in subject.split("\x1f")), *rest)
        for kind, subject, *rest in found
    ]


def _pending(case: Case) -> int:
    """Decisions recorded since the last analysis, which does not know them yet."""
    return _one(
        case,
        "select count(*) from journal where \"action\" = 'decision' and seq > "
        "(select max(seq) from journal where \"action\" = 'stage.done')",
    )


def _dicts(case: Case, sql: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = case.query(sql).to_pylist()
    return found


def _done(case: Case, stage: str) -> bool:
    return bool(case.rows("select 1 from step where name = ?", (stage,)))


def _exposes(case: Case) -> bool:
    """Whether the case holds what exposes people: leaked evidence, or logs in which accounts were chosen."""
    chosen = "select 1 from access_event where standing is not null limit 1"
    return _holds(case, Role.LEAK) or bool(case.rows(chosen))


def _holds(case: Case, role: Role) -> bool:
    return bool(case.rows("select 1 from evidence where role = ? limit 1", (str(role),)))


def _evidence(case: Case) -> list[dict[str, Any]]:
    """The lines of the ledger; ``unexplained`` is what the other parts leave of the units."""
    lines = [shown_names(line, "name") for line in _dicts(case, _EVIDENCE)]
    parts = ("records", "quarantined", "blank", "header", "out_of_scope")
    for line in lines:
        units = line["units_in"]
        line["unexplained"] = None if units is None else units - sum(line[part] for part in parts)
    return lines


def _records(case: Case) -> dict[str, int | None]:
    counts: dict[str, int | None] = dict.fromkeys(
        ("in", "kept", "exact_duplicates", "quarantined", "without_identity")
    )
    if not _exposes(case):
        return counts
    counts["in"] = _one(case, _IN)
    counts["quarantined"] = _one(
        case, "select coalesce(sum(units), 0)::bigint from quarantine where role in ('leak', 'log')"
    )
    if _done(case, "resolve"):
        kept, duplicates, nobody = case.rows(_KEPT)[0]
        counts |= {"kept": kept, "exact_duplicates": duplicates, "without_identity": nobody}
    return counts


def _persons(case: Case) -> dict[str, Any]:
    names = (
        "low",
        "best",
        "high",
        "method",
        "certain_only",
        "all_possible",
        "ceiling",
        "fabricated",
        "recycled",
    )
    persons: dict[str, Any] = dict.fromkeys(names)
    count = people_count(case) if _done(case, "resolve") and _exposes(case) else None
    if count is None:
        return persons
    known = {name: getattr(count, name) for name in names if hasattr(count, name)}
    told = _standing(case) or {}
    apart = {name: told.get(name) for name in ("fabricated", "recycled")}
    return persons | known | apart | {"method": _methods()[count.method]["en"]}


def _methods() -> dict[str, Mapping[str, str]]:
    """The sentences of the rules that say how the interval on people is reckoned."""
    found = rows("resolve", "method", {"id": str, "fr": str, "en": str})
    return {row["id"]: {lang: row[lang] for lang in LANGUAGES} for row in found}


def _standing(case: Case) -> dict[str, int | None] | None:
    """People by standing; before it is judged, those in the patient file alone; None for what nothing could tell."""
    told = standing.known(case) if _exposes(case) else None
    if told is not None or not _done(case, "resolve") or not _holds(case, Role.PATIENTS):
        return told
    matched = _one(case, "select count(*) from person where patient_record is not null")
    return {**dict.fromkeys(map(str, Standing)), str(Standing.MATCHED): matched}


def _categories(case: Case) -> dict[str, dict[str, int | None]] | None:
    if not _done(case, "detect") or not _exposes(case):
        return None
    resolved = _done(case, "resolve")
    records = _bits(case, _MASKS_OF_RECORDS)
    persons = _bits(case, "select mask_lo, mask_hi, count(*) from person group by all") if resolved else {}
    valid = dict(case.rows(_VALID))
    return {
        name: {
            "persons": persons[name] if resolved else None,
            "records": count,
            "valid": valid.get(name),
        }
        for name, count in records.items()
        if count or persons.get(name)
    }


def _bits(case: Case, sql: str) -> dict[str, int]:
    """How often each category stands in the masks of a table; ``sql`` counts the rows of each mask."""
    masks = [(low | high << WORD, count) for low, high, count in case.rows(sql)]
    return {
        str(rule.id): sum(count for mask, count in masks if mask >> bit & 1)
        for bit, rule in enumerate(categories())
    }


def _severity(case: Case) -> dict[str, int] | None:
    """People by level of the CNIL's scale; None until severity is assessed."""
    if not _done(case, "assess") or not _done(case, "resolve") or not _exposes(case):
        return None
    counts = dict(case.rows("select level, count(*) from person_severity group by level"))
    return {level: counts.get(level, 0) for level in LEVELS}


def _claims(case: Case) -> tuple[ClaimView, ...]:
    events = case.rows('select claim_id, kind, "at", "by", note from claim_event order by "at"')
    return tuple(
        ClaimView(
            value, unit, by, at, tuple(ClaimEvent(*event[1:]) for event in events if event[0] == number)
        )
        for number, value, unit, by, at in case.rows(
            'select claim_id, "value", unit, "by", "at" from claim order by claim_id'
        )
    )


def _custody(case: Case) -> tuple[Custody, ...]:
    found = case.rows(
        "select name, sha256, bytes, added_at, actor, source, reason, legal_basis, sealed, state from custody "
        "order by custody_id"
    )
    return tuple(
        Custody(
            shown_name(name),
            sha256 or None,
            size,
            at,
            by,
            source,
            why,
            basis,
            _kept(sealed=sealed, state=state),
        )
        for name, sha256, size, at, by, source, why, basis, sealed, state in found
    )


def _kept(*, sealed: bool, state: str) -> str:
    if state.startswith("aside"):
        return "not_taken"
    return "sealed" if sealed else "in_place"


def _notes(case: Case) -> list[EvidenceNote]:
    """How each piece was read, under the name of the file it came in; a part of it is named before its note."""
    return [
        EvidenceNote(shown_name(name), note, None if part == name else shown_name(part))
        for name, part, note in case.rows(_NOTES)
    ]


def _patients(case: Case, best: int | None) -> PatientMatch | None:
    if best is None or not _holds(case, Role.PATIENTS):
        return None
    own = _one(
        case,
        "select count(*) from identity join record using (record_id) join evidence using (evidence_id) "
        "where role = 'patients'",
    )
    matched, seen = case.rows("select count(patient_record), count(distinct patient_record) from person")[0]
    told = people.patient_file(case)
    return PatientMatch(own, matched, best - matched, told["not_in_leak"] or 0 if told else own - seen)


def _one(case: Case, sql: str) -> int:
    return int(case.rows(sql)[0][0])
