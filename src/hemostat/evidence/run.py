"""The stage: everything in custody that was not read yet becomes staged batches, quarantine rows and counts."""

from __future__ import annotations

import hashlib
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from hemostat.errors import EvidenceError
from hemostat.evidence import again, custody, passwords, registry
from hemostat.evidence.base import Holder, Limits, Member, Referring, Source, Unreadable
from hemostat.evidence.ledger import ASIDE, READING, Ledger
from hemostat.evidence.reasons import Reason
from hemostat.evidence.spool import PIECE, Spool, shortened
from hemostat.model import Silent

if TYPE_CHECKING:
    from hemostat.case import Case
    from hemostat.evidence.base import Container, Reader, TableSource
    from hemostat.model import Progress

_CHUNK = 4 << 20
_UNKNOWN = "unknown"


def run(case: Case, progress: Progress | None = None, limits: Limits | None = None) -> None:
    """Reads whatever is in custody and not read yet. Safe to repeat, and to stop anywhere: at most a batch is redone.

    Raises:
        EvidenceError: evidence left in place changed or went missing since it was taken.
        StorageError: the disk is full.
    """
    again.installed(case)
    limits = limits or again.limits_of(case)
    items = case.rows(
        "select custody_id, name, role, sha256, bytes, sealed, path, state from custody order by custody_id"
    )
    meter = _Meter(progress or Silent(), sum(row[4] for row in items))
    words = passwords.known(case)
    for row in items:
        item = _Item(*row)
        if item.state != custody.READ:
            _Reading(case, item, limits, meter, words).whole()
        meter.after(item.bytes)


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
    """Progress over all items, in octets; within a table, by the share of its units."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress = progress
        self._total = total
        self._before = 0
        self._within = 0

    def after(self, size: int) -> None:
        """An item is done."""
        self._before += size
        self._within = 0
        self._progress.step("read", self._before, self._total)

    def within(self, size: int, share: float) -> None:
        """``share`` of an item is done; what was said before never shrinks."""
        self._within = max(self._within, int(size * min(share, 1.0)))
        self._progress.step("read", self._before + self._within, self._total)


class _Reading:
    """The reading of one item in custody."""

    def __init__(
        self, case: Case, item: _Item, limits: Limits, meter: _Meter, words: tuple[str, ...]
    ) -> None:
        self._case = case
        self._item = item
        self._limits = limits
        self._meter = meter
        self._words = words
        self._ledger = Ledger(case, item.custody_id, item.role)

    def whole(self) -> None:
        """Reads the item, and marks it as read."""
        item = self._item
        source = Source(item.name, item.bytes, self._open)
        if item.state.startswith(custody.ASIDE):
            self._ledger.set_aside(source, None, _UNKNOWN, item.state.removeprefix(custody.ASIDE))
        else:
            if not item.sealed:
                self._check_in_place()
            self._source(source, item.sha256 or "", 0)
        self._case.execute(
            "update custody set state = ? where custody_id = ?", (custody.READ, item.custody_id)
        )

    def _open(self) -> BinaryIO:
        if self._item.sealed:
            return self._case.open_sealed(custody.sealed_name(self._item.custody_id))
        return Path(self._item.path or "").open("rb")

    def _check_in_place(self) -> None:
        name = self._item.name
        try:
            with self._open() as raw:
                same = _sha256(raw) == self._item.sha256
        except OSError:
            raise EvidenceError(
                f"{name} can no longer be read where it lay: put it back, then run the same command again.",
                f"{name} n'est plus lisible à sa place : remettez-le, puis relancez la même commande.",
            ) from None
        if not same:
            raise EvidenceError(
                f"{name} changed since it was taken: put the original back, or add the new file.",
                f"{name} a changé depuis sa prise en charge : remettez l'original, ou ajoutez le nouveau.",
            )

    def _source(self, source: Source, sha256: str | None, depth: int) -> bool:
        """Reads a source into the ledger; whether anything of it could be read."""
        if source.size == 0:
            self._ledger.empty(source, sha256)
            return True
        reader, container = registry.recognise(registry.peek(source), source.name, self._item.role)
        if reader:
            reader = passwords.armed(reader, self._words)
            read = self._tables(reader, source, sha256)
            if read and isinstance(reader, Holder):
                self._beside(reader, source, depth)
            return read
        if container:
            return self._members(passwords.armed(container, self._words), source, sha256, depth)
        self._ledger.set_aside(source, sha256, _UNKNOWN, Reason.UNKNOWN_KIND)
        return False

    def _tables(self, reader: Reader, source: Source, sha256: str | None) -> bool:
        met = False
        try:
            for table in reader.tables(source, self._limits):
                met = True
                self._table(table, source, sha256)
        except Unreadable as fault:
            begun = self._ledger.find(source.name)
            if begun and begun.state != ASIDE:  # its first table has the name of the source
                source = replace(source, name=f"{source.name}#(rest)")
            self._ledger.set_aside(source, sha256, reader.kind, fault.reason)
            return False
        if not met:
            self._ledger.set_aside(source, sha256, reader.kind, Reason.NO_TABLE)
        return met

    def _table(self, table: TableSource, source: Source, sha256: str | None) -> None:
        line = self._ledger.find(table.name) or self._ledger.begin(table, source, sha256)
        if line.state != READING:
            return
        seq, resume, met = self._ledger.reached(line)
        stopped: str | None = source.cut
        try:
            for batch in table.batches(resume):
                self._ledger.keep(line, seq, batch)
                seq += 1
                met += batch.units
                self._meter.within(
                    self._item.bytes, met / line.units if source.direct and line.units else 0.0
                )
        except Unreadable as fault:
            stopped = Reason.READING_STOPPED if fault.reason == Reason.DAMAGED else fault.reason
        if isinstance(table, Referring) and table.references:
            self._ledger.refers(line, table.references)
        note = f"{table.note}, damaged=yes" if source.cut else table.note
        self._ledger.finish(line, note, met, stopped)

    def _members(self, container: Container, source: Source, sha256: str | None, depth: int) -> bool:
        """Reads the members of a container; whether anything in it could be read."""
        if depth >= self._limits.depth:
            self._ledger.set_aside(source, sha256, container.kind, Reason.TOO_DEEP)
            self._ledger.container(source.name, 1, 0)
            return False
        count, read, fault = self._each(container, source, depth)
        if fault and not count:
            self._ledger.set_aside(source, sha256, container.kind, fault)
        elif fault:
            self._rest(source, count, fault)
        self._ledger.container(source.name, count + (fault is not None), read)
        return read > 0 or not (count or fault)

    def _beside(self, holder: Holder, source: Source, depth: int) -> None:
        """Reads the files that a document or message holds beside its own text: it has a container's line as well."""
        count, read, fault = self._each(holder, source, depth)
        if fault:
            self._rest(source, count, fault)
        if count or fault:
            self._ledger.container(source.name, count + (fault is not None), read)

    def _each(self, holder: Holder, source: Source, depth: int) -> tuple[int, int, str | None]:
        """Members met, members read, and why there may be more."""
        count = read = 0
        try:
            with closing(holder.members(source, self._limits)) as members:
                for member in members:
                    count += 1
                    read += self._member(member, depth)
        except Unreadable as fault:
            return count, read, fault.reason
        return count, read, None

    def _rest(self, source: Source, count: int, reason: str) -> None:
        """What comes after so many members, whatever it is, is quarantined."""
        self._ledger.set_aside(
            Source(f"{source.name}!(after member {count})", None, source.open), None, _UNKNOWN, reason
        )

    def _member(self, member: Member, depth: int) -> bool:
        source = member.source
        if source is None:
            aside = Source(member.name, member.size, self._open)
            self._ledger.set_aside(aside, None, _UNKNOWN, member.reason or Reason.DAMAGED)
            return False
        if depth >= self._limits.depth:
            self._ledger.set_aside(source, None, _UNKNOWN, Reason.TOO_DEEP)
            return False
        spool = Spool(self._case.tmp)
        try:
            source, sha256 = spool.fill(source) if source.once else _fingerprint(source)
            if not source.direct and registry.jumps(registry.peek(source), source.name, self._item.role):
                source, _ = spool.fill(source)
            return self._source(source, sha256, depth + 1)
        except Unreadable as fault:
            self._ledger.set_aside(source, None, _UNKNOWN, fault.reason)
            return False
        finally:
            spool.close()


def _fingerprint(source: Source) -> tuple[Source, str | None]:
    """The source as far as it can be unpacked, and the SHA-256 of the whole, if it can.

    Raises:
        Unreadable: nothing of it can be unpacked, or it goes beyond the limits.
    """
    digest = hashlib.sha256()
    good = 0
    with source.open() as raw:
        try:
            while chunk := raw.read(PIECE):
                digest.update(chunk)
                good += len(chunk)
        except Unreadable as fault:
            if fault.reason != Reason.DAMAGED or not good:
                raise
            return shortened(source, good, Reason.DAMAGED), None
    return source, digest.hexdigest()


def _sha256(raw: BinaryIO) -> str:
    digest = hashlib.sha256()
    while chunk := raw.read(_CHUNK):
        digest.update(chunk)
    return digest.hexdigest()
