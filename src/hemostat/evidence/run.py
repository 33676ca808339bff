"""The stage: everything in custody that was not read yet becomes staged batches, quarantine rows and counts."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import pyarrow as pa

from hemostat.errors import EvidenceError
from hemostat.evidence import custody, registry
from hemostat.evidence.base import Limits, Source, Unreadable
from hemostat.evidence.reasons import Reason
from hemostat.model import CountMethod, Quarantined, Silent

if TYPE_CHECKING:
    from hemostat.case import Case
    from hemostat.evidence.base import Batch, Reader, TableSource
    from hemostat.model import Progress

_CHUNK = 4 << 20
READING, READ, ASIDE = "reading", "read", "quarantined"
"""States of a line of the ledger."""
UNKNOWN, EMPTY = "unknown", "empty"
"""Kinds of sources without a reader, and without content."""


def run(case: Case, progress: Progress | None = None, limits: Limits | None = None) -> None:
    """Reads whatever is in custody and not read yet. Safe to repeat, and to stop anywhere: at most a batch is redone.

    Raises:
        EvidenceError: evidence left in place changed or went missing since it was taken.
        StorageError: the disk is full.
    """
    items = case.rows(
        "select custody_id, name, role, sha256, bytes, sealed, path, state from custody order by custody_id"
    )
    meter = _Meter(progress or Silent(), sum(row[4] for row in items))
    for row in items:
        item = _Item(*row)
        if item.state != custody.READ:
            _Reading(case, item, limits or Limits(), meter).whole()
        meter.item(item.bytes)


def batch_name(evidence_id: int, seq: int) -> str:
    """The name under which a batch is staged."""
    return f"e{evidence_id:06d}b{seq:06d}"


@dataclass(frozen=True, slots=True)
class _Item:
    custody_id: int
    name: str
    role: str
    sha256: str | None
    bytes: int
    sealed: bool
    path: str | None
    state: str


class _Meter:
    """Progress over all items, in octets; within an item, by the share of units read."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress = progress
        self._total = total
        self._before = 0

    def item(self, size: int) -> None:
        self._before += size
        self._progress.step("read", self._before, self._total)

    def within(self, size: int, done: int, units: int | None) -> None:
        share = min(done / units, 1.0) if units else 0.0
        self._progress.step("read", self._before + int(size * share), self._total)


class _Reading:
    """The reading of one item in custody."""

    def __init__(self, case: Case, item: _Item, limits: Limits, meter: _Meter) -> None:
        self._case = case
        self._item = item
        self._limits = limits
        self._meter = meter

    def whole(self) -> None:
        """Reads the item, and marks it as read."""
        item = self._item
        source = Source(item.name, item.bytes, self._open)
        if item.state.startswith(custody.ASIDE):
            self._set_aside(source, None, item.state.removeprefix(custody.ASIDE))
        else:
            if not item.sealed:
                self._check_in_place()
            self._source(source, item.sha256 or "")
        self._case.execute(
            "update custody set state = ? where custody_id = ?", (custody.READ, item.custody_id)
        )

    def _open(self) -> BinaryIO:
        if self._item.sealed:
            return self._case.open_sealed(custody.sealed_name(self._item.custody_id))
        return Path(self._item.path or "").open("rb")

    def _check_in_place(self) -> None:
        try:
            with self._open() as raw:
                same = _sha256(raw) == self._item.sha256
        except OSError:
            raise EvidenceError(
                f"{self._item.name} can no longer be read where it lay: put it back, then run the same command again.",
                f"{self._item.name} n'est plus lisible à sa place : remettez-le, puis relancez la même commande.",
            ) from None
        if not same:
            raise EvidenceError(
                f"{self._item.name} changed since it was taken: put the original back, or add the new file.",
                f"{self._item.name} a changé depuis sa prise en charge : remettez l'original, ou ajoutez le nouveau.",
            )

    def _source(self, source: Source, sha256: str) -> bool:
        """Reads a source into the ledger; whether anything of it could be read."""
        if source.size == 0:
            self._evidence(source.name, EMPTY, CountMethod.INDEPENDENT, sha256, 0, units=0, state=READ)
            return True
        reader, container = registry.recognise(registry.peek(source), source.name)
        if reader:
            return self._tables(reader, source, sha256)
        self._set_aside(source, sha256, Reason.UNKNOWN_KIND)
        return False

    def _tables(self, reader: Reader, source: Source, sha256: str) -> bool:
        try:
            for table in reader.tables(source, self._limits):
                self._table(table, source, sha256)
        except Unreadable as fault:
            self._set_aside(source, sha256, fault.reason)
            return False
        return True

    def _table(self, table: TableSource, source: Source, sha256: str) -> None:
        found = self._case.rows(
            "select evidence_id, state, units_in from evidence where custody_id = ? and name = ?",
            (self._item.custody_id, table.name),
        )
        if found and found[0][1] != READING:
            return
        if found:
            evidence_id, _, units = found[0]
        else:
            units = table.count_units()
            method = CountMethod.READER if units is None else table.count_method
            evidence_id = self._evidence(
                table.name, table.kind, method, sha256, source.size, units=units, state=READING
            )
        last = self._case.rows(
            "select seq, resume from batch where evidence_id = ? order by seq desc limit 1", (evidence_id,)
        )
        seq, resume = (last[0][0] + 1, json.loads(last[0][1])) if last else (0, None)
        done = self._sum_of_units(evidence_id)
        reason = None
        try:
            for batch in table.batches(resume):
                self._keep(evidence_id, table.name, seq, batch)
                seq += 1
                done += batch.units
                self._meter.within(self._item.bytes, done, units)
        except Unreadable as fault:
            reason = fault.reason
        with self._case.transaction():
            if reason:
                done += self._rest(evidence_id, table.name, units, done, reason)
            self._case.execute(
                "update evidence set state = ?, note = ?, units_in = ? where evidence_id = ?",
                (
                    READ,
                    table.note,
                    done if units is None else max(units, done) if reason else units,
                    evidence_id,
                ),
            )

    def _rest(self, evidence_id: int, name: str, units: int | None, done: int, reason: str) -> int:
        """Quarantines what comes after the place where reading stopped; how many units that is."""
        missing = max((units or 0) - done, 1)
        self._quarantine(evidence_id, name, (Quarantined(f"after unit {done}", reason, units=missing),))
        return missing

    def _sum_of_units(self, evidence_id: int) -> int:
        return int(
            self._case.rows(
                "select coalesce(sum(units), 0) from batch where evidence_id = ?", (evidence_id,)
            )[0][0]
        )

    def _keep(self, evidence_id: int, name: str, seq: int, batch: Batch) -> None:
        """One batch: its cells staged, its account and quarantine committed together."""
        if batch.rows.num_rows:
            self._case.stage(batch_name(evidence_id, seq), staged(batch))
        with self._case.transaction():
            self._case.execute(
                'insert into batch (evidence_id, seq, "rows", units, blank, header, out_of_scope, resume)'
                " values (?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    evidence_id, seq, batch.rows.num_rows, batch.units, batch.blank, batch.header,
                    batch.out_of_scope, json.dumps(batch.resume),
                ),
            )  # fmt: skip
            self._quarantine(evidence_id, name, batch.quarantined)

    def _quarantine(self, evidence_id: int, name: str, aside: tuple[Quarantined, ...]) -> None:
        if not aside:
            return
        count = len(aside)
        self._case.append(
            "quarantine",
            pa.table(
                {
                    "evidence": [name] * count,
                    "evidence_id": pa.array([evidence_id] * count, pa.int32()),
                    "role": [self._item.role] * count,
                    "locator": [one.locator for one in aside],
                    "line": pa.array([one.line for one in aside], pa.int64()),
                    "bytes": pa.array([one.bytes for one in aside], pa.int64()),
                    "units": pa.array([one.units for one in aside], pa.int64()),
                    "reason": [str(one.reason) for one in aside],
                }
            ),
        )

    def _evidence(
        self,
        name: str,
        kind: str,
        method: str,
        sha256: str | None,
        size: int | None,
        *,
        units: int | None,
        state: str,
    ) -> int:
        """A new line of the ledger."""
        with self._case.transaction():
            number = int(self._case.rows("select coalesce(max(evidence_id), 0) + 1 from evidence")[0][0])
            self._case.execute(
                "insert into evidence (evidence_id, custody_id, name, kind, role, sha256, bytes, count_method, note,"
                " units_in, state) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    number, self._item.custody_id, name, kind, self._item.role, sha256, size, str(method), "",
                    units, state,
                ),
            )  # fmt: skip
        return number

    def _set_aside(self, source: Source, sha256: str | None, reason: str) -> None:
        """A source that cannot be read at all counts as one unit, quarantined whole."""
        known = self._case.rows(
            "select 1 from evidence where custody_id = ? and name = ?", (self._item.custody_id, source.name)
        )
        if known:
            return
        with self._case.transaction():
            number = self._evidence(
                source.name, UNKNOWN, CountMethod.READER, sha256, source.size, units=1, state=ASIDE
            )
            self._quarantine(number, source.name, (Quarantined("whole file", reason, bytes=source.size),))


def staged(batch: Batch) -> pa.Table:
    """A batch in the form in which it is staged: ``_line`` and ``_locator`` before its own columns."""
    count = batch.rows.num_rows
    line = batch.line if batch.line is not None else pa.nulls(count, pa.int64())
    locator = batch.locator if batch.locator is not None else pa.nulls(count, pa.string())
    return pa.table(
        [line, locator, *batch.rows.columns],
        schema=pa.schema([("_line", pa.int64()), ("_locator", pa.string()), *batch.rows.schema]),
    )


def _sha256(raw: BinaryIO) -> str:
    digest = hashlib.sha256()
    while chunk := raw.read(_CHUNK):
        digest.update(chunk)
    return digest.hexdigest()
