"""Writes what reading finds into the case: lines of the ledger, batches, quarantine, containers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from hemostat.model import CountMethod, Quarantined

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hemostat.case import Case
    from hemostat.evidence.base import Batch, Reference, Source, TableSource

READING, READ, ASIDE = "reading", "read", "quarantined"
"""States of a line of the ledger."""


def batch_name(evidence_id: int, seq: int) -> str:
    """The name under which a batch is staged."""
    return f"e{evidence_id:06d}b{seq:06d}"


def staged(batch: Batch) -> pa.Table:
    """A batch in the form in which it is staged: ``_line`` and ``_locator`` before its own columns."""
    count = batch.rows.num_rows
    line = batch.line if batch.line is not None else pa.nulls(count, pa.int64())
    locator = batch.locator if batch.locator is not None else pa.nulls(count, pa.string())
    return pa.table(
        [line, locator, *batch.rows.columns],
        schema=pa.schema([("_line", pa.int64()), ("_locator", pa.string()), *batch.rows.schema]),
    )


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the ledger under way."""

    evidence_id: int
    name: str
    units: int | None
    """Counted without the reader; None when only the reader can count."""
    state: str


class Ledger:
    """The part of the ledger that one item in custody fills."""

    def __init__(self, case: Case, custody_id: int, role: str) -> None:
        self._case = case
        self._custody_id = custody_id
        self._role = role

    def find(self, name: str) -> Line | None:
        """The line of this name, if there is one."""
        found = self._case.rows(
            "select evidence_id, name, units_in, state from evidence where custody_id = ? and name = ?",
            (self._custody_id, name),
        )
        return Line(*found[0]) if found else None

    def begin(self, table: TableSource, source: Source, sha256: str | None) -> Line:
        """A new line for a table, its units counted."""
        units = table.count_units()
        method = CountMethod.READER if units is None else table.count_method
        return self._add(table.name, table.kind, method, sha256, source.size, units, READING)

    def empty(self, source: Source, sha256: str | None) -> None:
        """A line for a file without content."""
        if not self.find(source.name):
            self._add(source.name, "empty", CountMethod.INDEPENDENT, sha256, 0, 0, READ)

    def set_aside(self, source: Source, sha256: str | None, kind: str, reason: str) -> None:
        """A line for a source that cannot be read at all: one unit, quarantined whole."""
        if self.find(source.name):
            return
        with self._case.transaction():
            line = self._add(source.name, kind, CountMethod.READER, sha256, source.size, 1, ASIDE)
            self._quarantine(line, (Quarantined("whole file", reason, bytes=source.size),))

    def reached(self, line: Line) -> tuple[int, dict[str, Any] | None, int]:
        """How far a line was read: the number of the next batch, where to go on, units so far."""
        last = self._case.rows(
            "select seq, resume from batch where evidence_id = ? order by seq desc limit 1",
            (line.evidence_id,),
        )
        units = self._case.rows(
            "select coalesce(sum(units), 0)::bigint from batch where evidence_id = ?", (line.evidence_id,)
        )[0][0]
        return (last[0][0] + 1, json.loads(last[0][1]), units) if last else (0, None, 0)

    def keep(self, line: Line, seq: int, batch: Batch) -> None:
        """One batch: its cells staged, then its account and quarantine committed together."""
        self._case.stage(batch_name(line.evidence_id, seq), staged(batch))
        with self._case.transaction():
            self._case.execute(
                'insert into batch (evidence_id, seq, "rows", units, blank, header, out_of_scope, resume)'
                " values (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    line.evidence_id, seq, batch.rows.num_rows, batch.units, batch.blank, batch.header,
                    batch.out_of_scope, json.dumps(batch.resume),
                ),
            )  # fmt: skip
            self._quarantine(line, batch.quarantined)

    def finish(self, line: Line, note: str, met: int, stopped: str | None) -> None:
        """Closes a line after ``met`` units; what lies beyond the place where reading ``stopped`` is quarantined."""
        units = met if line.units is None else line.units
        with self._case.transaction():
            if stopped:
                rest = max(units - met, 1)
                self._quarantine(line, (Quarantined(f"after unit {met}", stopped, units=rest),))
                units = met + rest
            self._case.execute(
                "update evidence set state = ?, note = ?, units_in = ? where evidence_id = ?",
                (READ, note, units, line.evidence_id),
            )

    def refers(self, line: Line, references: Sequence[Reference]) -> None:
        """Which columns of a line refer to others, as the evidence declares it."""
        with self._case.transaction():
            self._case.execute("delete from reference where evidence_id = ?", (line.evidence_id,))
            for one in references:
                self._case.execute(
                    "insert into reference (evidence_id, place, target, target_place) values (?, ?, ?, ?)",
                    (line.evidence_id, one.place, one.target, one.target_place),
                )

    def container(self, name: str, members: int, read: int) -> None:
        """The line of a container whose members have all been met."""
        with self._case.transaction():
            self._case.execute(
                "delete from container where custody_id = ? and name = ?", (self._custody_id, name)
            )
            self._case.execute(
                'insert into container (container_id, custody_id, name, role, members, "read", quarantined)'
                " select coalesce(max(container_id), 0) + 1, ?, ?, ?, ?, ?, ? from container",
                (self._custody_id, name, self._role, members, read, members - read),
            )

    def _add(
        self,
        name: str,
        kind: str,
        method: str,
        sha256: str | None,
        size: int | None,
        units: int | None,
        state: str,
    ) -> Line:
        with self._case.transaction():
            number = int(self._case.rows("select coalesce(max(evidence_id), 0) + 1 from evidence")[0][0])
            self._case.execute(
                "insert into evidence (evidence_id, custody_id, name, kind, role, sha256, bytes, count_method, note,"
                " units_in, state) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    number, self._custody_id, name, kind, self._role, sha256, size, str(method), "", units, state,
                ),
            )  # fmt: skip
        return Line(number, name, units, state)

    def _quarantine(self, line: Line, aside: Sequence[Quarantined]) -> None:
        if not aside:
            return
        count = len(aside)
        self._case.append(
            "quarantine",
            pa.table(
                {
                    "evidence": [line.name] * count,
                    "evidence_id": pa.array([line.evidence_id] * count, pa.int32()),
                    "role": [self._role] * count,
                    "locator": [one.locator for one in aside],
                    "line": pa.array([one.line for one in aside], pa.int64()),
                    "bytes": pa.array([one.bytes for one in aside], pa.int64()),
                    "units": pa.array([one.units for one in aside], pa.int64()),
                    "reason": [str(one.reason) for one in aside],
                }
            ),
        )
