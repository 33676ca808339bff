"""The stage: staged batches of the logs become accesses; the choice of accounts makes records of those that expose."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import polars as pl

from hemostat import __version__
from hemostat.errors import UsageError
from hemostat.evidence import batch_name
from hemostat.model import RECORD_BITS
from hemostat.rules import hash_of_rules
from hemostat.watch import accounts, canonical, gaps, scope
from hemostat.watch.choice import choice
from hemostat.watch.maps import log_map
from hemostat.watch.times import read_times, to_utc

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from hemostat.case import Case
    from hemostat.model import Progress
    from hemostat.watch.maps import LogMap

_COLUMNS = (
    "evidence_id", "event", "record_id", "line", "locator", "t", "account", "tenant", "patient", "action",
    "object_type", "screen_known", "n_records", "ok", "ip", "device", "session", "purpose", "request_id",
    "sequence", "shown", "always_lo", "always_hi", "held_lo", "held_hi", "print_lo", "print_hi",
)  # fmt: skip
_SAID = ("t", "account", "tenant", "patient", "action", "object_type", "n_records", "ok", "ip", "device", "session",
         "purpose", "request_id", "sequence")  # fmt: skip
"""What two entries have in common that are equal to the letter."""


def run(case: Case, progress: Progress) -> None:
    """Fills access_event, access_gap, account_fact; and record, identity, log_patient for the accounts chosen.

    Safe to repeat: logs whose batches, mapping and rules have not changed are not read again.

    Raises:
        UsageError: a log says times without an offset and no time zone was given; an account that no log knows.
        RuleError: the mapping is wrong.
    """
    logs = case.rows("select evidence_id, name, kind from evidence where role = 'log' order by evidence_id")
    if not logs:
        return
    mapping = log_map(case.setting("log_map"))
    changed = False
    for number, (evidence_id, name, kind) in enumerate(logs):
        progress.step("watch", number, len(logs))
        log = _Log(case, evidence_id, name, kind, mapping)
        if not case.step_done(log.step, log.fingerprint):
            with case.transaction():
                log.read()
                case.mark_step(log.step, log.fingerprint)
            changed = True
    if changed:
        gaps.find(case)
        accounts.note(case, mapping.leavers, _shift(case))
        _check_mapped(case, len(logs))
    scope.expose(case, choice(case))
    progress.step("watch", len(logs), len(logs))


class _Log:
    """One log on its way into the table of accesses."""

    def __init__(self, case: Case, evidence_id: int, name: str, kind: str, mapping: LogMap) -> None:
        self._case = case
        self._id = evidence_id
        self._name = name
        self._kind = kind
        self._mapping = mapping
        self._batches = case.rows(
            'select seq, "rows" from batch where evidence_id = ? and "rows" > 0 order by seq', (evidence_id,)
        )
        self.step = f"watch {evidence_id}"

    @property
    def fingerprint(self) -> str:
        """Covers all that the accesses depend on."""
        told = [self._case.setting(name) for name in ("log_map", "log_timezone")]
        held = (self._batches, __version__, pl.__version__, hash_of_rules(), told)
        return hashlib.sha256(json.dumps(held).encode()).hexdigest()

    def read(self) -> None:
        """Replaces the accesses of this log."""
        self._case.execute("delete from access_event where evidence_id = ?", (self._id,))
        first = self._id << RECORD_BITS
        extra = first + sum(rows for _, rows in self._batches)
        naive = 0
        for frame, start in self._frames():
            times, lacking = read_times(
                frame["written"], self._case.setting("log_timezone"), self._case.now()
            )
            naive += lacking
            event = pl.col("row") + start
            more = (pl.col("nth") > 0).cast(pl.Int64).cum_sum() - 1 + extra
            found = frame.with_columns(
                times,
                event=event,
                evidence_id=pl.lit(self._id, pl.Int32),
                record_id=pl.when(pl.col("nth") > 0).then(more).otherwise(event),
                sequence=pl.col("sequence").cast(pl.Int64, strict=False),
            )
            extra += found.filter(pl.col("nth") > 0).height
            said = found.select(_SAID)
            keyed = int.from_bytes(self._case.secret("prints")[:8], "little")
            found = found.with_columns(print_hi=said.hash_rows(0), print_lo=said.hash_rows(keyed))
            self._case.append("access_event", found.select(_COLUMNS))
        if naive:
            raise UsageError(
                f"{self._name}: {naive} times say no offset: give --timezone, for example Europe/Paris.",
                f"{self._name} : {naive} heures sont sans décalage : donnez --timezone, par exemple Europe/Paris.",
            )

    def _frames(self) -> Iterator[tuple[pl.DataFrame, int]]:
        """The accesses of each batch, and the id of its first entry."""
        start = self._id << RECORD_BITS
        for seq, rows in self._batches:
            batch = pl.from_arrow(self._case.staged(batch_name(self._id, seq)))
            assert isinstance(batch, pl.DataFrame)
            frame = canonical.accesses(batch, self._kind, self._mapping)
            if frame is not None:
                yield frame, start
            start += rows


def _check_mapped(case: Case, logs: int) -> None:
    """Passes when at least one log could be mapped; the others are gaps, see ``gaps.find``.

    Raises:
        UsageError: none could be.
    """
    read = case.rows(
        "select 1 from batch join evidence using (evidence_id) where role = 'log' and \"rows\" > 0 limit 1"
    )
    if read and not case.rows("select 1 from access_event limit 1"):
        raise UsageError(
            f"{logs} log(s): no field says both the time and the account: name them with --log-map.",
            f"{logs} journal(aux) : aucun champ ne dit à la fois l'heure et le compte : nommez-les avec --log-map.",
        )


def _shift(case: Case) -> dict[datetime, int] | None:
    """Minutes of local time ahead of UTC for each hour of the logs; None when no zone was said."""
    zone = case.setting("log_timezone")
    if zone is None:
        return None
    hours = pl.from_arrow(
        case.query(
            "select distinct date_trunc('hour', t)::timestamp as hour from access_event where t is not null"
        )
    )
    assert isinstance(hours, pl.DataFrame)
    ahead = hours.with_columns(minutes=(pl.col("hour") - to_utc(hours["hour"], zone)).dt.total_minutes())
    return dict(ahead.iter_rows())
