"""Findings: what is said of one column in the case, the report and ``scan``."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from hemostat.detect import columns, facts, remarks, shape
from hemostat.detect.judge import judge_table
from hemostat.detect.opened import Opened, opened
from hemostat.detect.plan import TablePlan, is_scanned, plan
from hemostat.detect.values import Count, name_batch
from hemostat.detect.view import RULE, Candidate
from hemostat.model import About, Category, Finding

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import date

    import pyarrow as pa

    from hemostat.detect.entities import Entities
    from hemostat.detect.reuse import Reuse
    from hemostat.detect.samples import ColumnSample
    from hemostat.detect.values import Facts, Place

_FIRST = 2
"""Batches that wait for a first judgement."""
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

    def add(self, batch: Facts) -> None:
        """Takes one more batch."""
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


def examine_stream(
    batches: Callable[[], Iterator[pa.Table]],
    *,
    table: str,
    today: date,
    workers: int = 1,
    model: Entities | None = None,
) -> Examined:
    """The same for a table too large to hold: read once, and a second time only where its start misled.

    Columns are judged by their first batches while the rest is counted; at the end they are judged by the sample of
    all values, so that the order of rows changes nothing.

    Args:
        batches: begins the reading of the table anew.
        table: its evidence name.
        today: no birth lies after it.
        workers: threads that count while the next batch is read.
        model: a named-entity model asked beside the rules.
    """
    sampler = columns.Sampler()
    with ThreadPoolExecutor(workers) as pool:
        tally, first, rows = _counted(batches(), sampler, None, _Counting(pool, workers, today, model), table)
        samples = sampler.samples()
        judged = judge_table(samples, table=table, today=today)
        if first is None or _ways(judged, first) != _ways(judged, judged):
            steps = plan(samples, judged, model=model)
            tally, _, rows = _counted(batches(), None, steps, _Counting(pool, workers, today, model), table)
    found = [f for s, one in zip(samples, judged, strict=True) for f in of_column(0, s, one, tally)]
    return Examined(tuple(found), rows, tuple(sample.heading for sample in samples))


@dataclass(frozen=True, slots=True)
class Examined:
    """What a table holds: its findings, how many rows it has, all its columns in order."""

    findings: tuple[Finding, ...]
    rows: int
    columns: tuple[str, ...]


class _Counting:
    """Batches being counted by threads, a few at a time so that memory does not grow."""

    def __init__(self, pool: ThreadPoolExecutor, workers: int, today: date, model: Entities | None) -> None:
        self.tally = Tally()
        self.today = today
        self.model = model
        self._pool = pool
        self._most = workers + 1
        self._under_way: deque[Future[Facts]] = deque()

    def give(self, batch: Opened, steps: TablePlan) -> None:
        """Counts one more batch, in its turn."""
        self._under_way.append(self._pool.submit(name_batch, batch, steps, 0, None, self.today))
        if len(self._under_way) >= self._most:
            self.tally.add(self._under_way.popleft().result())

    def done(self) -> Tally:
        """What all batches add up to."""
        while self._under_way:
            self.tally.add(self._under_way.popleft().result())
        return self.tally


def _counted(
    batches: Iterator[pa.Table],
    sampler: columns.Sampler | None,
    steps: TablePlan | None,
    counting: _Counting,
    table: str,
) -> tuple[Tally, TablePlan | None, int]:
    """One reading: the counts, the plan by which they were made, the number of rows."""
    waiting: list[Opened] = []
    rows = 0

    def planned() -> TablePlan:
        samples = sampler.samples() if sampler else ()
        made = plan(samples, judge_table(samples, table=table, today=counting.today), model=counting.model)
        for early in waiting:
            counting.give(early, made)
        waiting.clear()
        return made

    for read in batches:
        rows += read.num_rows
        batch = opened(read)
        if sampler is not None:
            sampler.add(batch)
        if steps is None:
            waiting.append(batch)
            if len(waiting) == _FIRST:
                steps = planned()
        else:
            counting.give(batch, steps)
    if waiting:
        steps = planned()
    return counting.done(), steps, rows


def _ways(
    judged: Sequence[tuple[Candidate, ...]], used: TablePlan | Sequence[tuple[Candidate, ...]]
) -> object:
    """How values are read under a judgement: what must be the same for counts to hold."""
    columns_ = [c.candidates for c in used.columns] if isinstance(used, TablePlan) else list(used)
    if len(columns_) != len(judged):
        return None
    return [[(c.category, c.about, c.part, c.style) for c in column] for column in columns_]


def examine(batches: Sequence[pa.Table], *, table: str, today: date) -> list[Finding]:
    """What a table holds, without a case: for ``scan``, before any leak. Nothing of its rows is kept.

    Args:
        batches: text columns; ``_line`` and ``_locator`` may be there and are passed over.
        table: its evidence name.
        today: no birth lies after it.

    >>> import pyarrow as pa
    >>> from datetime import date
    >>> found = examine([pa.table({"tel": ["0199000412", "a"]})], table="t.csv", today=date(2025, 11, 28))
    >>> [(f.place, f.category, f.values, f.valid, f.shape) for f in found]
    [('tel', 'phone', 2, 1, '9999999999')]
    """
    return list(examine_stream(lambda: iter(batches), table=table, today=today).findings)
