"""Findings: what is said of one column in the case, the report and ``scan``."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from hemostat.detect import facts, remarks, shape
from hemostat.detect.plan import is_scanned
from hemostat.detect.values import Count
from hemostat.detect.view import RULE, Candidate
from hemostat.model import About, Category, Finding

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hemostat.detect.reuse import Reuse
    from hemostat.detect.samples import ColumnSample
    from hemostat.detect.values import Facts, Place

_SHOWN = 200
"""Values from which a column's shape is taken."""
_IN_TEXT = 0.9
"""Confidence in an identifier that a text holds: its own checks decided."""


@dataclass(slots=True)
class Tally:
    """What the batches of one table add up to."""

    counts: dict[Place, Count] = field(default_factory=dict)
    orders: dict[str, tuple[int, int]] = field(default_factory=dict)
    right: dict[Category, int] = field(default_factory=dict)
    noted: dict[Place, facts.Counts] = field(default_factory=dict)
    reuse: dict[Place, Reuse] = field(default_factory=dict)

    def add(self, batch: Facts | Tally) -> None:
        """Takes one more batch, or what some batches add up to."""
        for place, count in batch.counts.items():
            self.counts[place] = self.counts[place] + count if place in self.counts else count
        for column, (first, second) in batch.orders.items():
            before = self.orders.get(column, (0, 0))
            self.orders[column] = (before[0] + first, before[1] + second)
        for category, number in batch.right.items():
            self.right[category] = self.right.get(category, 0) + number
        for place, noted in batch.noted.items():
            facts.add(self.noted.setdefault(place, {}), noted)
        for place, more in batch.reuse.items():
            self.reuse[place] = self.reuse[place] + more if place in self.reuse else more

    def facts(self, place: Place) -> facts.Counts:
        """All that is known of one place."""
        reused = self.reuse[place].facts() if place in self.reuse else {}
        return {**self.noted.get(place, {}), **reused}


def of_column(
    evidence_id: int, sample: ColumnSample, found: tuple[Candidate, ...], tally: Tally
) -> list[Finding]:
    """One finding for each category of a column, and for each kind of identifier met in its texts.

    Texts have no shape: that of a remark would say too much.
    """
    counts = tally.counts
    told = {(c.category, c.about): c for c in found}
    met = [
        (category, about)
        for place, category, about in counts
        if place == sample.heading and about is About.TEXT
    ]
    shown = None if is_scanned(found) else shape.commonest(sample.values.head(_SHOWN))
    out = []
    for category, about in (*told, *met):
        count = counts.get((sample.heading, category, about), Count(0, None))
        candidate = told.get((category, about))
        noted = tally.facts((sample.heading, category, about))
        out.append(
            Finding(
                evidence_id=evidence_id,
                place=sample.heading,
                category=str(category),
                about=about,
                values=count.values,
                valid=count.valid,
                confidence=facts.confidence(candidate.confidence, noted) if candidate else _IN_TEXT,
                decided_by=candidate.decided_by if candidate else RULE,
                shape=shown if candidate else None,
                note=facts.note(noted),
            )
        )
    return out


def in_texts(findings: Sequence[Finding]) -> list[Finding]:
    """Findings of a piece of evidence, those inside texts gathered under the place ``text``, one for each category."""
    out = [f for f in findings if f.about is not About.TEXT]
    gathered: dict[str, Finding] = {}
    for f in findings:
        if f.about is not About.TEXT:
            continue
        before = gathered.get(f.category)
        sums = Count(f.values, f.valid)
        if before is not None:
            sums = Count(before.values, before.valid) + sums
        gathered[f.category] = replace(
            f, place=remarks.PLACE, values=sums.values, valid=sums.valid, shape=None, note=None
        )
    return [*out, *gathered.values()]
