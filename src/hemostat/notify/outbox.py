"""What is to be sent and what became of it: each message once, whatever happens to the program meanwhile.

A claim is durable before a message leaves, the outcome after. A crash between shows as *unknown*: the server may have
taken the message, so it is never sent again unless a person says so. A new wording is not a new message: only a
new version of the letters is. No person's data: a number, a channel, a hash.
"""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

_LAYOUT = """
create table if not exists message(
  number integer primary key, person integer not null, channel text not null, version text not null,
  state text not null, attempts integer not null default 0, next_at text not null, at text not null,
  note text not null default '', lot text not null default '',
  wording text not null default '', unique(person, channel, version));
create index if not exists message_due on message(state, next_at);
create table if not exists event(message integer not null, state text not null, at text not null, note text not null);
create table if not exists returned(what text primary key, at text not null);
"""
RETRY = (timedelta(minutes=15), timedelta(hours=1), timedelta(hours=4), timedelta(hours=12))
"""How long a message that the server put off waits, attempt after attempt; then it is given up."""
AGAIN = timedelta(days=1)
"""How long a message waits that came back from a mailbox that may work again."""
SOFT_RETURNS = 2
"""Returns of that sort after which the next way is taken."""


class State(StrEnum):
    """What became of a message."""

    QUEUED = "queued"
    CLAIMED = "claimed"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    RETURNED = "returned"
    UNKNOWN = "unknown"


FAILED = (State.REFUSED, State.RETURNED)
"""The person was not told by this way: the next one is taken."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the outbox: for whom, by which channel, in which version of the letters."""

    number: int
    person: int
    channel: str
    version: str
    attempts: int


class Outbox:
    """The outbox of a case, in a file of its own. Use it as a context manager; one process at a time."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.execute("pragma journal_mode = wal")
        self._db.execute("pragma synchronous = full")
        self._db.executescript(_LAYOUT)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    @contextmanager
    def _written(self) -> Iterator[None]:
        self._db.execute("begin immediate")
        try:
            yield
        except BaseException:
            self._db.execute("rollback")
            raise
        self._db.execute("commit")

    def fill(self, messages: Iterable[tuple[int, str, str]], now: datetime) -> int:
        """Adds (person, channel, version); one already there stays as it is. Gives how many are new."""
        at = now.isoformat()
        rows = [(*one, State.QUEUED, at, at) for one in messages]
        with self._written():
            before = self._db.total_changes
            self._db.executemany(
                "insert or ignore into message(person, channel, version, state, next_at, at) values (?, ?, ?, ?, ?, ?)",
                rows,
            )
            return self._db.total_changes - before

    def recover(self, now: datetime) -> int:
        """Marks as unknown what an earlier process claimed and never told the outcome of; gives how many."""
        lost = [
            number for (number,) in self._db.execute("select number from message where state = 'claimed'")
        ]
        with self._written():
            for number in lost:
                self._set(number, State.UNKNOWN, now, "stopped between claim and outcome")
        return len(lost)

    def due(self, now: datetime) -> Iterator[Message]:
        """The e-mails to send now, oldest first; each is asked for when the one before is done."""
        after = 0
        while True:
            row = self._db.execute(
                "select number, person, channel, version, attempts from message "
                "where state = 'queued' and channel = 'email' and next_at <= ? and number > ? order by number limit 1",
                (now.isoformat(), after),
            ).fetchone()
            if row is None:
                return
            after = row[0]
            yield Message(*row)

    def claim(self, message: Message, now: datetime) -> None:
        """Says, durably, that this message is about to leave."""
        with self._written():
            self._db.execute("update message set attempts = attempts + 1 where number = ?", (message.number,))
            self._set(message.number, State.CLAIMED, now, "")

    def settle(self, message: Message, state: State, now: datetime, note: str = "") -> None:
        """Says, durably, what became of a claimed message."""
        with self._written():
            self._set(message.number, state, now, note)

    def put_off(self, message: Message, now: datetime, note: str) -> None:
        """The server asked to come back later: the message waits, or is given up after the last wait."""
        tried = message.attempts
        with self._written():
            if tried >= len(RETRY):
                self._set(message.number, State.REFUSED, now, f"given up: {note}")
                return
            self._set(message.number, State.QUEUED, now, note)
            self._db.execute(
                "update message set next_at = ? where number = ?",
                ((now + RETRY[tried]).isoformat(), message.number),
            )

    def decide(self, person: int, state: State, now: datetime, why: str) -> int:
        """A person's word on the unknown messages of somebody: taken, or to be sent again. Gives how many changed."""
        found = self._db.execute(
            "select number from message where person = ? and state = 'unknown'", (person,)
        ).fetchall()
        with self._written():
            for (number,) in found:
                self._set(number, state, now, why)
        return len(found)

    def claim_lot(
        self, wordings: Mapping[int, str], channel: str, version: str, lot: str, now: datetime
    ) -> None:
        """Says, durably and at once, that these messages are about to leave in one lot (a list, a folder of letters).

        ``wordings``: the hash of each wording, by person. A message that is already claimed, taken or unknown stays
        as it is: nothing leaves twice.
        """
        at = now.isoformat()
        rows = [(person, channel, version, at, at) for person in wordings]
        with self._written():
            self._db.executemany(
                "insert or ignore into message(person, channel, version, state, next_at, at) "
                "values (?, ?, ?, 'queued', ?, ?)",
                rows,
            )
            self._db.executemany(
                "update message set state = 'claimed', attempts = attempts + 1, at = ?, lot = ?, wording = ? "
                "where person = ? and channel = ? and version = ? and state = 'queued'",
                [(at, lot, words, person, channel, version) for person, words in wordings.items()],
            )
            self._db.execute(
                "insert into event select number, state, at, lot from message where lot = ? and state = 'claimed'",
                (lot,),
            )

    def settle_lot(self, lot: str, state: State, now: datetime, note: str = "") -> int:
        """Says what became of a lot: of what is claimed or unknown of it. Gives how many messages changed."""
        found = self._db.execute(
            "select number from message where lot = ? and state in ('claimed', 'unknown')", (lot,)
        ).fetchall()
        with self._written():
            for (number,) in found:
                self._set(number, state, now, note)
        return len(found)

    def unknown_lots(self) -> dict[str, int]:
        """Lots of which nobody knows whether they left, with their number of messages."""
        found: dict[str, int] = dict(
            self._db.execute(
                "select lot, count(*) from message where lot <> '' and state = 'unknown' group by lot order by lot"
            ).fetchall()
        )
        return found

    def lots(self, channel: str) -> int:
        """How many lots were begun for a channel."""
        found: int = self._db.execute(
            "select count(distinct lot) from message where lot <> '' and channel = ?", (channel,)
        ).fetchone()[0]
        return found

    def came_back(
        self, number: int, now: datetime, note: str, digest: str, *, for_good: bool
    ) -> State | None:
        """A message came back. ``for_good``: that way is closed; else it is tried again tomorrow, a few times.

        ``digest`` tells the report: read twice, it counts once. Gives the new state, None when it was read before.
        """
        soft = self._db.execute(
            "select count(*) from event where message = ? and note like 'soft %'", (number,)
        ).fetchone()[0]
        final = for_good or soft + 1 >= SOFT_RETURNS
        state = State.RETURNED if final else State.QUEUED
        with self._written():
            fresh = self._db.execute(
                "insert or ignore into returned values (?, ?)", (f"{digest} {number}", now.isoformat())
            )
            if not fresh.rowcount:
                return None
            self._set(number, state, now, f"{'hard' if for_good else 'soft'} {note}")
            if not final:
                self._db.execute(
                    "update message set next_at = ? where number = ?", ((now + AGAIN).isoformat(), number)
                )
        return state

    def words(self, channel: str, version: str, wordings: Mapping[int, str]) -> None:
        """Keeps the hash of the wording of messages that have not left, by person."""
        with self._written():
            self._db.executemany(
                "update message set wording = ? where person = ? and channel = ? and version = ? and state = 'queued'",
                [(words, person, channel, version) for person, words in wordings.items()],
            )

    def table(self) -> list[tuple[int, int, str, str, str]]:
        """number, person, channel, version and state of every message."""
        return self._db.execute(
            "select number, person, channel, version, state from message order by number"
        ).fetchall()

    def proof(self) -> list[tuple[int, str, str, str, str]]:
        """person, channel, when, hash of the wording, and last state, of every message that was taken once."""
        return self._db.execute(
            "select person, channel, min(event.at), wording, message.state from event "
            "join message on number = message where event.state = 'accepted' group by number order by number"
        ).fetchall()

    def counts(self) -> dict[str, int]:
        """Messages by state."""
        found: dict[str, int] = dict(
            self._db.execute("select state, count(*) from message group by state order by state").fetchall()
        )
        return found

    def counts_by_channel(self) -> dict[tuple[str, str], int]:
        """Messages by channel and state."""
        found = self._db.execute(
            "select channel, state, count(*) from message group by channel, state order by channel, state"
        )
        return {(channel, state): count for channel, state, count in found}

    def unknown(self) -> list[int]:
        """The people one of whose messages is unknown."""
        return [
            p
            for (p,) in self._db.execute(
                "select person from message where state = 'unknown' and lot = '' order by person"
            )
        ]

    def _set(self, number: int, state: State, now: datetime, note: str) -> None:
        at = now.isoformat()
        self._db.execute(
            "update message set state = ?, at = ?, note = ? where number = ?", (str(state), at, note, number)
        )
        self._db.execute("insert into event values (?, ?, ?, ?)", (number, str(state), at, note))
