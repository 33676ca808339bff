"""A table examined while it is read, without a case: for ``scan``, before any leak. Nothing of its rows is kept.

Batches are counted by threads, or by processes of their own (``crew``); what they find is added up in the order of
the batches, so that neither their number nor which of them was quicker changes anything.
"""

from __future__ import annotations

from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hemostat.detect import columns
from hemostat.detect.crew import Crew, count_part
from hemostat.detect.findings import Tally, of_column
from hemostat.detect.judge import judge_table
from hemostat.detect.opened import Opened, opened
from hemostat.detect.plan import TablePlan, plan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from concurrent.futures import Future
    from datetime import date

    import pyarrow as pa

    from hemostat.detect.crew import Part
    from hemostat.detect.entities import Entities
    from hemostat.detect.view import Candidate
    from hemostat.model import Finding

_FIRST = 2
"""Batches that wait for a first judgement."""


@dataclass(frozen=True, slots=True)
class Examined:
    """What a table holds: its findings, how many rows it has, all its columns in order."""

    findings: tuple[Finding, ...]
    rows: int
    columns: tuple[str, ...]


def examine(batches: Sequence[pa.Table], *, table: str, today: date) -> list[Finding]:
    """What a table in memory holds.

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


def examine_stream(
    batches: Callable[[], Iterator[pa.Table]],
    *,
    table: str,
    today: date,
    workers: int = 1,
    apart: bool = False,
    model: Entities | None = None,
) -> Examined:
    """The same for a table too large to hold: read once, and a second time only where its start misled.

    Columns are judged by their first batches while the rest is counted; at the end they are judged by the sample of
    all values, so that the order of rows changes nothing.

    Args:
        batches: begins the reading of the table anew.
        table: its evidence name.
        today: no birth lies after it.
        workers: how many count while the next batch is read.
        apart: they are processes: worth their start, about two seconds, for some hundred megabytes. With a model
            they are threads whatever is said here.
        model: a named-entity model asked beside the rules.

    Raises:
        StorageError: a process ended before its work was done.
    """
    processes = Crew(workers) if apart and model is None else nullcontext()
    with ThreadPoolExecutor(workers) as pool, processes as crew:
        count = count_part if crew is None else crew.count
        sampler = columns.Sampler()
        counting = _Counting(pool, workers, count, sampler)
        first, rows = _counted(batches(), counting, lambda: _plan(sampler, table, today, model), today)
        samples = sampler.samples()
        judged = judge_table(samples, table=table, today=today)
        if first is None or _ways(judged, first) != _ways(judged, judged):
            steps = plan(samples, judged, model=model)
            counting = _Counting(pool, workers, count, None)
            _, rows = _counted(batches(), counting, lambda: steps, today)
    found = [f for s, one in zip(samples, judged, strict=True) for f in of_column(0, s, one, counting.tally)]
    return Examined(tuple(found), rows, tuple(sample.heading for sample in samples))


def _plan(sampler: columns.Sampler, table: str, today: date, model: Entities | None) -> TablePlan:
    """What to do with a table by what was seen of it so far."""
    samples = sampler.samples()
    return plan(samples, judge_table(samples, table=table, today=today), model=model)


class _Counting:
    """Batches being counted, a few at a time so that memory does not grow."""

    def __init__(
        self,
        pool: ThreadPoolExecutor,
        workers: int,
        count: Callable[..., Part],
        sampler: columns.Sampler | None,
    ) -> None:
        self.tally = Tally()
        self.sampler = sampler
        self._pool = pool
        self._most = workers + 1
        self._count = count
        self._under_way: deque[Future[Part]] = deque()

    def give(self, batch: pa.Table | Opened, steps: TablePlan, today: date, *, sampled: bool) -> None:
        """Counts one more batch, in its turn; ``sampled``: its sample was taken before."""
        limits = None if sampled or self.sampler is None else self.sampler.limits()
        self._under_way.append(self._pool.submit(self._count, batch, steps, today, limits))
        if len(self._under_way) >= self._most:
            self._take()

    def finish(self) -> None:
        """Waits for all batches given."""
        while self._under_way:
            self._take()

    def _take(self) -> None:
        part = self._under_way.popleft().result()
        self.tally.add(part.tally)
        if self.sampler is not None and part.sampler is not None:
            self.sampler.merge(part.sampler)


def _counted(
    batches: Iterator[pa.Table], counting: _Counting, planned: Callable[[], TablePlan], today: date
) -> tuple[TablePlan | None, int]:
    """One reading: the plan by which it was counted, if there was anything, and the number of rows."""
    steps: TablePlan | None = None
    waiting: list[Opened] = []
    rows = 0

    def begin() -> TablePlan:
        made = planned()
        for early in waiting:
            counting.give(early, made, today, sampled=True)
        waiting.clear()
        return made

    for batch in batches:
        rows += batch.num_rows
        if steps is not None:
            counting.give(batch, steps, today, sampled=False)
            continue
        waiting.append(opened(batch))
        if counting.sampler is not None:
            counting.sampler.add(waiting[-1])
        if len(waiting) == _FIRST:
            steps = begin()
    if waiting:
        steps = begin()
    counting.finish()
    return steps, rows


def _ways(
    judged: Sequence[tuple[Candidate, ...]], used: TablePlan | Sequence[tuple[Candidate, ...]]
) -> object:
    """How values are read under a judgement: what must be the same for counts to hold."""
    columns_ = [c.candidates for c in used.columns] if isinstance(used, TablePlan) else list(used)
    if len(columns_) != len(judged):
        return None
    return [[(c.category, c.about, c.part, c.style) for c in column] for column in columns_]
