"""The figures of a case that notices, statements and registers quote: they come from the ledger alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from hemostat.assess import Circumstances, Cohort, circumstances, cohorts, severity_counts
from hemostat.resolve import people_count
from hemostat.rules import categories
from hemostat.rules.categories import WORD

if TYPE_CHECKING:
    from hemostat.case import Case

_READ = """
select count(*) filter (not twice), count(*) filter (twice), count(*) filter (not twice and nobody) from (
  select status = 'exact_duplicate' as twice, person_id is null as nobody
  from record_person join record using (record_id) join evidence using (evidence_id) where role = 'leak'
  union all
  select bool_and(status = 'exact_duplicate'), bool_and(person_id is null)
  from record_person join access_event using (record_id) group by "event"
)
"""
_PATIENTS = """
select count(*) from identity join record using (record_id) join evidence using (evidence_id) where role = 'patients'
"""


@dataclass(frozen=True, slots=True)
class Figures:
    """What a case counts. None: not known yet.

    ``patient_file`` is the number of patients the controller knows: a ceiling before any evidence, never "copied".
    ``consequences``: ids of the consequences met by somebody.
    """

    best: int | None = None
    low: int | None = None
    high: int | None = None
    ceiling: int | None = None
    kept: int | None = None
    duplicates: int | None = None
    without_identity: int | None = None
    set_aside: int = 0
    patient_file: int | None = None
    people_by_category: dict[str, int] = field(default_factory=dict)
    levels: dict[str, int] | None = None
    cohorts: tuple[Cohort, ...] = ()
    minors: int = 0
    deceased: int = 0
    consequences: frozenset[str] = frozenset()
    around: Circumstances = field(default_factory=Circumstances)
    evidence: tuple[tuple[str, str, str], ...] = ()
    claims: tuple[tuple[int, str, str, str], ...] = ()
    tenants: int = 0

    @property
    def worst(self) -> str | None:
        """The highest level in force for anybody."""
        held = [level for level, people in (self.levels or {}).items() if people]
        return held[-1] if held else None


def figures(case: Case) -> Figures:
    """The figures of a case as it stands. Reads, never writes."""
    known: dict[str, Any] = {
        "around": circumstances(case),
        "set_aside": _one(
            case, "select coalesce(sum(units), 0)::bigint from quarantine where role in ('leak', 'log')"
        ),
        "evidence": tuple(
            case.rows(
                "select name, coalesce(sha256, ''), role from custody where bytes > 0 order by custody_id"
            )
        ),
        "claims": tuple(case.rows('select "value", unit, "by", "at" from claim order by claim_id')),
    }
    resolved = bool(case.rows("select 1 from step where name = 'resolve'"))
    if resolved and case.rows("select 1 from evidence where role = 'patients' limit 1"):
        known["patient_file"] = _one(case, _PATIENTS)
    exposed = case.rows("select 1 from evidence where role = 'leak' limit 1") or case.rows(
        "select 1 from access_event where standing is not null limit 1"
    )
    count = people_count(case) if resolved and exposed else None
    if count is None:
        return Figures(**known)
    kept, duplicates, nobody = case.rows(_READ)[0]
    flags = case.rows("select count(*) filter (minor), count(*) filter (deceased) from person_severity")[0]
    reasons = case.rows("select distinct reasons from severity_profile")
    return Figures(
        **known,
        best=count.best,
        low=count.low,
        high=count.high,
        ceiling=count.ceiling,
        kept=kept,
        duplicates=duplicates,
        without_identity=nobody,
        people_by_category=_by_category(case),
        levels=severity_counts(case),
        cohorts=cohorts(case),
        minors=flags[0],
        deceased=flags[1],
        consequences=frozenset(word for (text,) in reasons for word in text.split()),
        tenants=_one(
            case,
            "select count(distinct tenant) from "
            "(select tenant from identity union all select tenant from record_tenant)",
        ),
    )


def _by_category(case: Case) -> dict[str, int]:
    """People by category, those with at least one, in the order of the rules."""
    names = [str(rule.id) for rule in categories()]
    sums = ", ".join(
        f"sum(({'mask_lo' if bit < WORD else 'mask_hi'} >> {bit % WORD}) & 1)::bigint"
        for bit in range(len(names))
    )
    found = case.rows(f"select {sums} from person")[0]  # noqa: S608 - own names
    return {name: count for name, count in zip(names, found, strict=True) if count}


def _one(case: Case, sql: str) -> int:
    return int(case.rows(sql)[0][0])
