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
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_LAYOUT = """
create table if not exists message(
  number integer primary key, person integer not null, channel text not null, version text not null,
  state text not null, attempts integer not null default 0, next_at text not null, at text not null,
  note text not null default '', unique(person, channel, version));
create index if not exists message_due on message(state, next_at);
create table if not exists event(message integer not null, state text not null, at text not null, note text not null);
"""
RETRY = (timedelta(minutes=15), timedelta(hours=1), timedelta(hours=4), timedelta(hours=12))
"""How long a message that the server put off waits, attempt after attempt; then it is given up."""


class State(StrEnum):
    """What became of a message."""

    QUEUED = "queued"
    CLAIMED = "claimed"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    UNKNOWN = "unknown"


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
        """The messages to send now, oldest first; each is asked for when the one before is done."""
        after = 0
        while True:
            row = self._db.execute(
                "select number, person, channel, version, attempts from message "
                "where state = 'queued' and next_at <= ? and number > ? order by number limit 1",
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

    def counts(self) -> dict[str, int]:
        """Messages by state."""
        found: dict[str, int] = dict(
            self._db.execute("select state, count(*) from message group by state order by state").fetchall()
        )
        return found

    def unknown(self) -> list[int]:
        """The people one of whose messages is unknown."""
        return [
            p
            for (p,) in self._db.execute("select person from message where state = 'unknown' order by person")
        ]

    def _set(self, number: int, state: State, now: datetime, note: str) -> None:
        at = now.isoformat()
        self._db.execute(
            "update message set state = ?, at = ?, note = ? where number = ?", (str(state), at, note, number)
        )
        self._db.execute("insert into event values (?, ?, ?, ?)", (number, str(state), at, note))
