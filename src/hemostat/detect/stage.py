"""The stage: every piece of evidence judged column by column, then named value by value, into the case's tables."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from hemostat import __version__
from hemostat.detect import columns, dates, entities, plan
from hemostat.detect.findings import Tally, in_texts, of_column
from hemostat.detect.judge import as_decided, judge_table, with_order
from hemostat.detect.samples import ColumnSample
from hemostat.detect.values import name_batch
from hemostat.detect.view import Candidate
from hemostat.model import RECORD_BITS, About, Category
from hemostat.rules import hash_of_rules

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    import pyarrow as pa

    from hemostat.case import Case
    from hemostat.detect.values import Facts
    from hemostat.model import Progress

_UNIT = "\x1f"
_NONE = "none"
_SCANNED_TWICE = 2
_LENT = 256 << 20
"""Bytes of batches that may stay in memory between the passes."""
Samples = tuple[ColumnSample, ...]
Judged = tuple[tuple[Candidate, ...], ...]


def run(case: Case, progress: Progress) -> None:
    """Fills ``finding``, ``record``, ``identity``, ``record_key`` for evidence that is new or judged otherwise now.

    Safe to repeat: evidence whose batches, rules and decisions have not changed is left as it is. Access logs are
    not judged: what they say is whom an account saw (``hemostat.watch``).
    """
    evidence = case.rows("select evidence_id, name from evidence where role <> 'log' order by evidence_id")
    total = (
        _SCANNED_TWICE
        * case.rows(
            "select coalesce(sum(\"rows\"), 0)::bigint from batch join evidence using (evidence_id) where role <> 'log'"
        )[0][0]
    )
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
        self._kept: dict[int, pa.Table] = {}
        self._today = case.now().date()
        self.rows = sum(rows for _, rows in self._batches)
        self.step = f"detect {evidence_id}"

    @property
    def fingerprint(self) -> str:
        """Covers all that the result depends on; polars is named because its hashes change with its version."""
        versions = (__version__, pl.__version__, hash_of_rules())
        settings = (self._case.setting("tenant_column"), self._case.setting("entity_model"))
        held = (self._batches, versions, self._decisions(), settings)
        return hashlib.sha256(json.dumps(held).encode()).hexdigest()

    def judged_and_named(self) -> Iterator[int]:
        """Does both passes; yields how many rows were seen since the last time."""
        seen: list[int] = []
        samples = columns.sample(self._staged(seen))
        yield sum(seen)
        judged = judge_table(samples, table=self._name, today=self._today)
        judged = self._settled(samples, judged)
        orders = yield from self._name_all(samples, judged)
        again = _reordered(samples, judged, orders)
        if again != judged:  # the sample misled about day and month: rare, and only all values can tell
            judged = again
            yield from self._name_all(samples, judged)

    def _name_all(self, samples: Samples, judged: Judged) -> Generator[int, None, dict[str, tuple[int, int]]]:
        """Pass B over all batches; returns what the values say of the order of day and month."""
        self._forget()
        folder = self._case.setting("entity_model")
        model = entities.load(Path(folder)) if folder else None
        decided = frozenset(column for column, _, _ in self._decisions())
        table = plan.plan(samples, judged, self._case.setting("tenant_column"), model, decided)
        tally = Tally()
        start = self._id << RECORD_BITS
        for batch in self._staged([]):
            facts = name_batch(batch, table, start, self._case.secret("prints"), self._today)
            self._keep(facts)
            tally.add(facts)
            start += batch.num_rows
            yield batch.num_rows
        self._findings(samples, judged, tally)
        return tally.orders

    def _keep(self, facts: Facts) -> None:
        self._append("record", facts.record.with_columns(evidence_id=pl.lit(self._id, dtype=pl.Int32)))
        if facts.identity is not None:
            self._append("identity", facts.identity)
        if len(facts.keys):
            self._append("record_key", facts.keys)
        if len(facts.remarks):
            self._append("remark", facts.remarks)

    def _append(self, table: str, frame: pl.DataFrame) -> None:
        """Columns that hold anything, as they lie in memory: a third of the time that copying them takes."""
        filled = [name for name in frame.columns if frame[name].null_count() < len(frame)]
        self._case.append(table, frame.select(filled).to_arrow(compat_level=pl.CompatLevel.newest()))

    def _staged(self, seen: list[int]) -> Iterator[pa.Table]:
        """The staged batches; the first ones are read once for both passes, as far as memory is lent to them."""
        for seq, rows in self._batches:
            batch = self._kept.get(seq)
            if batch is None:
                batch = self._case.staged(f"e{self._id:06d}b{seq:06d}")
                if batch.nbytes + sum(kept.nbytes for kept in self._kept.values()) <= _LENT:
                    self._kept[seq] = batch
            seen.append(rows)
            yield batch

    def _forget(self) -> None:
        """Removes what an earlier run said of this evidence."""
        first, last = self._id << RECORD_BITS, ((self._id + 1) << RECORD_BITS) - 1
        for table in ("finding", "finding_fact", "category_valid", "record"):
            self._case.execute(f"delete from {table} where evidence_id = ?", (self._id,))  # noqa: S608 - own names
        for table in ("record_key", "remark"):
            self._case.execute(f"delete from {table} where record_id between ? and ?", (first, last))  # noqa: S608 - same
        self._case.forget("identity", [self._id])

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

    def _settled(self, samples: Samples, judged: Judged) -> Judged:
        """What the rules found, with what people decided in its place."""
        told = {column: (value, by) for column, value, by in self._decisions()}
        out = []
        for sample, found in zip(samples, judged, strict=True):
            value, by = told.get(sample.heading, ("", ""))
            if value:
                category = None if value == _NONE else Category(value)
                out.append(as_decided(sample, found, category, by, self._today))
            else:
                out.append(found)
        return tuple(out)

    def _findings(self, samples: Samples, judged: Judged, tally: Tally) -> None:
        found_ = [
            finding
            for sample, found in zip(samples, judged, strict=True)
            for finding in of_column(self._id, sample, found, tally)
        ]
        rows = [asdict(finding) for finding in in_texts(found_)]
        if rows:
            self._case.append("finding", pl.DataFrame(rows, infer_schema_length=None))
        known = [
            {"evidence_id": self._id, "place": place, "category": str(category), "about": str(about), "fact": fact,
             "value": number}
            for place, category, about in tally.counts
            for fact, number in {
                **tally.facts((place, category, about)),
                **({"in_text": tally.counts[place, category, about].values} if about is About.TEXT else {}),
            }.items()
            if number
        ]  # fmt: skip
        if known:
            self._case.append("finding_fact", pl.DataFrame(known))
        right = [
            {"evidence_id": self._id, "category": str(category), "records": number}
            for category, number in sorted(tally.right.items())
        ]
        if right:
            self._case.append("category_valid", pl.DataFrame(right))


def _reordered(samples: Samples, judged: Judged, orders: dict[str, tuple[int, int]]) -> Judged:
    """The same judgement with each column's dates read in the order that all its values demand."""
    return tuple(
        with_order(found, dates.order(*orders[sample.heading]))
        if any(orders.get(sample.heading, ()))
        else found
        for sample, found in zip(samples, judged, strict=True)
    )
