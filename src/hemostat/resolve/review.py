"""The pairs that a human should look at: possible links, why they are, and their status in identitovigilance.

Statuses are those of FR Core (value set `fr-core-cs-v2-0445`): DPOT, possible duplicate; COLP, possible collision, two
people in one; HOMD, homonyms. What was decided is no longer to be reviewed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from hemostat.resolve.settings import settings

if TYPE_CHECKING:
    from hemostat.case import Case

POSSIBLE_DUPLICATE, POSSIBLE_COLLISION, HOMONYM = "DPOT", "COLP", "HOMD"
_UNLIKELY = ("two_first_names",)
"""Reasons that speak for two people: where both are one person by other rows, two people may be in one."""

_PAIRS = """
select a.person_id as person_a, b.person_id as person_b, l.record_a, l.record_b, ea.name as evidence_a,
       coalesce(ra.locator, 'line ' || ra.line) as locator_a, eb.name as evidence_b,
       coalesce(rb.locator, 'line ' || rb.line) as locator_b, l.grade, l.reason
from link_pair l
join record ra on ra.record_id = l.record_a join evidence ea on ea.evidence_id = ra.evidence_id
join record rb on rb.record_id = l.record_b join evidence eb on eb.evidence_id = rb.evidence_id
left join record_person a on a.record_id = l.record_a
left join record_person b on b.record_id = l.record_b
where l.kind = 'possible'
order by l.record_a, l.record_b
"""


def review(case: Case) -> pl.DataFrame:
    """One row a pair: both people, both records and where they lie, grade, reason, status, the reason in words."""
    pairs = pl.from_arrow(case.query(_PAIRS))
    assert isinstance(pairs, pl.DataFrame)
    reasons = settings().reasons.values()
    words = pl.DataFrame(
        {
            "reason": [reason.id for reason in reasons],
            "status": [HOMONYM if reason.names_alone else POSSIBLE_DUPLICATE for reason in reasons],
            "why_fr": [reason.fr for reason in reasons],
            "why_en": [reason.en for reason in reasons],
        }
    )
    one_person = (pl.col("person_a") == pl.col("person_b")) & pl.col("reason").is_in(list(_UNLIKELY))
    return pairs.join(words, on="reason", how="left", maintain_order="left").with_columns(
        status=pl.when(one_person).then(pl.lit(POSSIBLE_COLLISION)).otherwise("status")
    )
