"""The stage: every piece of evidence judged column by column, then named value by value, into the case's tables."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import polars as pl

from hemostat import __version__
from hemostat.detect import columns, dates, plan, shape
from hemostat.detect.judge import RULE, as_decided, judge_table, with_order
from hemostat.detect.values import Count, name_batch
from hemostat.model import RECORD_BITS, About, Category
from hemostat.rules import hash_of_rules

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date

    import pyarrow as pa

    from hemostat.case import Case
    from hemostat.detect.judge import Candidate, ColumnSample
    from hemostat.detect.values import Place
    from hemostat.model import Progress

_UNIT = "\x1f"
_NONE = "none"
_SCANNED_TWICE = 2


def run(case: Case, progress: Progress) -> None:
    """Fills ``finding``, ``record``, ``identity``, ``record_key`` for evidence that is new or judged otherwise now.

    Safe to repeat: evidence whose batches, rules and decisions have not changed is left as it is.
    """
    evidence = case.rows("select evidence_id, name from evidence order by evidence_id")
    total = case.rows('select coalesce(sum("rows"), 0)::bigint from batch')[0][0] * _SCANNED_TWICE
    done = 0
    for evidence_id, name in evidence:
        piece = _Piece(case, evidence_id, name)
        if piece.rows and not case.step_done(piece.step, piece.fingerprint):
            with case.transaction():
                for seen in piece.judged_and_named():
                    done += seen
                    progress.step("detect", done, total)
                case.mark_step(piece.step, piece.fingerprint)
        else:
            done += piece.rows * _SCANNED_TWICE
            progress.step("detect", done, total)


class _Piece:
    """One piece of evidence on its way through both passes."""

    def __init__(self, case: Case, evidence_id: int, name: str) -> None:
        self._case = case
        self._id = evidence_id
        self._name = name
        self._batches = case.rows(
            'select seq, "rows" from batch where evidence_id = ? and "rows" > 0 order by seq', (evidence_id,)
        )
        self._kept: pa.Table | None = None
        self.rows = sum(rows for _, rows in self._batches)
        self.step = f"detect {evidence_id}"

    @property
    def fingerprint(self) -> str:
        """Covers all that the result depends on; polars is named because its hashes change with its version."""
        held = [
            self._batches, __version__, pl.__version__, hash_of_rules(), self._decisions(), self._case.setting("tenant_column"),
        ]  # fmt: skip
        return hashlib.sha256(json.dumps(held).encode()).hexdigest()

    def judged_and_named(self) -> Iterator[int]:
        """Does both passes; yields how many rows were seen since the last time."""
        self._forget()
        today = self._case.now().date()
        seen: list[int] = []
        samples = columns.sample(self._staged(seen))
        yield sum(seen)
        judged = judge_table(samples, table=self._name, today=today)
        judged = self._settled(samples, judged)
        judged = tuple(self._with_order(s, found) for s, found in zip(samples, judged, strict=True))
        table = plan.plan(samples, judged, self._case.setting("tenant_column"))
        counts: dict[Place, Count] = {}
        start = self._id << RECORD_BITS
        for batch in self._staged([]):
            yield self._name_one(batch, table, start, today, counts)
            start += batch.num_rows
        self._findings(samples, judged, counts)

    def _name_one(
        self, batch: pa.Table, table: plan.TablePlan, start: int, today: date, counts: dict[Place, Count]
    ) -> int:
        facts = name_batch(batch, table, start, self._case.secret("prints"), today)
        record = facts.record.with_columns(evidence_id=pl.lit(self._id, dtype=pl.Int32))
        self._case.append("record", record)
        if facts.identity is not None:
            self._case.append("identity", facts.identity)
        if len(facts.keys):
            self._case.append("record_key", facts.keys)
        for place, count in facts.counts.items():
            counts[place] = counts[place] + count if place in counts else count
        return batch.num_rows

    def _staged(self, seen: list[int]) -> Iterator[pa.Table]:
        """The staged batches; a single one is read once for both passes."""
        for seq, rows in self._batches:
            batch = self._kept or self._case.staged(f"e{self._id:06d}b{seq:06d}")
            if len(self._batches) == 1:
                self._kept = batch
            seen.append(rows)
            yield batch

    def _forget(self) -> None:
        """Removes what an earlier run said of this evidence."""
        first, last = self._id << RECORD_BITS, ((self._id + 1) << RECORD_BITS) - 1
        for table in ("finding", "record"):
            self._case.execute(f"delete from {table} where evidence_id = ?", (self._id,))  # noqa: S608 - own names
        for table in ("identity", "record_key"):
            self._case.execute(f"delete from {table} where record_id between ? and ?", (first, last))  # noqa: S608

    def _decisions(self) -> list[tuple[str, str, str]]:
        """(column, category or none, who) for the columns of this evidence, the last word each."""
        found = self._case.rows(
            "select subject, value, \"by\" from decision where kind = 'column' order by decision_id"
        )
        told = {
            subject.split(_UNIT, 1)[1]: (value, by)
            for subject, value, by in found
            if _UNIT in subject and subject.split(_UNIT, 1)[0] == self._name
        }
        return [(column, value, by) for column, (value, by) in sorted(told.items())]

    def _settled(
        self, samples: tuple[ColumnSample, ...], judged: tuple[tuple[Candidate, ...], ...]
    ) -> tuple[tuple[Candidate, ...], ...]:
        """What the rules found, with what people decided in its place."""
        told = {column: (value, by) for column, value, by in self._decisions()}
        out = []
        for sample, found in zip(samples, judged, strict=True):
            if sample.heading in told:
                value, by = told[sample.heading]
                category = None if value == _NONE else Category(value)
                out.append(as_decided(sample, found, category, by, self._case.now().date()))
            else:
                out.append(found)
        return tuple(out)

    def _with_order(self, sample: ColumnSample, found: tuple[Candidate, ...]) -> tuple[Candidate, ...]:
        """Dates whose sample does not tell day from month are looked at whole."""
        if not found or found[0].style is None:
            return found
        first, second = dates.first_and_second(sample.values)
        if bool(first) != bool(second) or sample.distinct <= len(sample.values):
            return found
        first = second = 0
        for batch in self._staged([]):
            more = dates.first_and_second(pl.Series(batch[sample.heading], dtype=pl.String))
            first, second = first + more[0], second + more[1]
        return with_order(found, dates.order(first, second))

    def _findings(
        self,
        samples: tuple[ColumnSample, ...],
        judged: tuple[tuple[Candidate, ...], ...],
        counts: dict[Place, Count],
    ) -> None:
        rows = []
        for sample, found in zip(samples, judged, strict=True):
            shown = shape.commonest(sample.values.head(200))
            by_place = {(c.category, c.about): c for c in found}
            texts = [key for key in counts if key[0] == sample.heading and key[2] is About.TEXT]
            for category, about in (*by_place, *((c, a) for _, c, a in texts)):
                count = counts.get((sample.heading, category, about), Count(0, None))
                candidate = by_place.get((category, about))
                rows.append(
                    {
                        "evidence_id": self._id,
                        "place": sample.heading,
                        "category": str(category),
                        "about": str(about),
                        "values": count.values,
                        "valid": count.valid,
                        "confidence": candidate.confidence if candidate else 0.9,
                        "decided_by": candidate.decided_by if candidate else RULE,
                        "shape": shown if candidate else None,
                    }
                )
        if rows:
            self._case.append("finding", pl.DataFrame(rows, infer_schema_length=None))
