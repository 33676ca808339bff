"""The headings of a piece of evidence, as they were found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hemostat.evidence.ledger import batch_name

if TYPE_CHECKING:
    from hemostat.case import Case


def columns_of(case: Case, evidence_id: int) -> list[str]:
    """The headings of a piece of evidence in its own order; the names of its parts that came later come last."""
    found: dict[str, None] = {}
    batches = case.rows(
        'select seq from batch where evidence_id = ? and "rows" > 0 order by seq', (evidence_id,)
    )
    for (seq,) in batches:
        names = case.staged_columns(batch_name(evidence_id, seq))
        found.update(dict.fromkeys(name for name in names if not name.startswith("_")))
    return list(found)
