"""Walks through a dump and yields what it is made of, in order: tuples, lines of COPY, what cannot be read, tables.

Walking can begin at any ``Place`` that an item gave, and yields the same units from there on. How they are grouped
into items depends on what happens to be at hand: nobody may rely on it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hemostat.evidence.reasons import Reason
from hemostat.evidence.sql import ends as sql_ends
from hemostat.evidence.sql.create import created
from hemostat.evidence.sql.grammar import (
    DATA,
    DATABASE,
    DELIMITER,
    END_OF_COPY,
    LOOK,
    LOOSE,
    META,
    ROUTINE,
    VERB,
    grammar,
)
from hemostat.evidence.sql.items import Aside, Created, Lines, Mode, Place, Tied, Tuples
from hemostat.evidence.sql.names import database_of, table_key
from hemostat.evidence.sql.reasons import SqlReason
from hemostat.evidence.sql.references import ALTERED, altered, foreign, primary
from hemostat.evidence.sql.tuples import Outcome, analyse

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator, Sequence

    from hemostat.evidence.base import Limits
    from hemostat.evidence.sql.feed import Feed
    from hemostat.evidence.sql.flavour import Flavour
    from hemostat.evidence.sql.items import Item
    from hemostat.evidence.sql.names import Header, Headers, Key
    from hemostat.evidence.sql.references import Foreign
    from hemostat.evidence.sql.tuples import Found, Places

_BULK = 64 << 10
"""Octets searched for tuples at once, to begin with."""
_BULK_MOST = 1 << 20
_WARM = 4
"""Statements in the same words after which tuples are searched in bulk."""
_FEW = 64
"""Tuples of one statement after which they are."""
_CALM = 256
"""Tuples read one by one after something odd, before they are searched in bulk again."""
_LINES = 1 << 20
"""Octets of COPY data in an item, about."""
_AHEAD = 8192


class Walker:
    """One walk through a dump."""

    def __init__(self, feed: Feed, flavour: Flavour, limits: Limits, headers: Headers, place: Place) -> None:
        self._feed = feed
        self._at = 0
        self._flavour = flavour
        self._grammar = grammar(flavour)
        self._most = limits.block_most
        self._headers = headers
        self._mode = place.mode
        self._header: Header | None = None if place.header is None else headers.listed[place.header]
        self._database = place.database
        self._delimiter = place.delimiter.encode()
        self._statement = place
        self._text = b""
        self._warm = self._calm = 0
        self._bulk = 0
        self._steps = {
            Mode.STATEMENT: self._top,
            Mode.TUPLE: self._tuples,
            Mode.AFTER: self._after,
            Mode.LOOSE: self._loose,
            Mode.LINES: self._lines,
        }

    def items(self, stop: int | None = None) -> Iterator[Item]:
        """What comes, up to the place ``stop`` in the file."""
        while True:
            self._look(LOOK)
            if self._at >= len(self._feed.data) or (stop is not None and self._feed.offset(self._at) >= stop):
                return
            yield from self._steps[self._mode]()

    # -- where we are

    def _look(self, size: int) -> None:
        """Sees to it that so many octets are at hand, unless the dump ends before."""
        if len(self._feed.data) - self._at < size and not self._feed.ended:
            self._fill(max(size, 2 * _BULK_MOST))

    def _fill(self, size: int) -> None:
        self._feed.fill(self._at, size)
        self._at = 0

    def _more(self) -> bool:
        """Gets more of the dump for an item that is not whole yet; False when it is too long or the dump ends."""
        held = len(self._feed.data) - self._at
        if self._feed.ended or held >= self._most + _AHEAD:
            return False
        self._fill(min(max(2 * held, 2 * _BULK_MOST), self._most + _AHEAD))
        return True

    def _place(self, mode: Mode, at: int | None = None) -> Place:
        at = self._at if at is None else at
        number = None if mode is Mode.STATEMENT or self._header is None else self._header.number
        offset, line = self._feed.offset(at), self._feed.line(at)
        return Place(mode, offset, line, number, self._database, self._delimiter.decode("latin-1"))

    # -- statements

    def _top(self) -> Iterator[Item]:
        self._skip_blank()
        data, at = self._feed.data, self._at
        if at >= len(data):
            return
        self._statement = self._place(Mode.STATEMENT)
        if self._delimiter != b";":
            yield from self._within_delimiters()
        elif found := self._grammar.insert.match(data, at, at + LOOK):
            self._begin(found, Mode.TUPLE)
        elif found := self._grammar.copy.match(data, at, at + LOOK):
            self._begin(found, Mode.LINES)
        elif found := DELIMITER.match(data, at):
            self._delimiter, self._at = found[1], found.end()
        elif found := META.match(data, at) or END_OF_COPY.match(data, at):
            self._note_database(data, at)
            self._at = found.end()
        elif found := self._grammar.create.match(data, at, at + LOOK):
            yield from self._create(found["name"])
        elif found := ALTERED.match(data, at, at + LOOK):
            yield from self._alter(found["name"])
        elif DATA.match(data, at):
            yield self._one_unit(SqlReason.STATEMENT, self._end(at))
        elif ROUTINE.match(data, at, at + LOOK):
            self._at = sql_ends.routine(self._feed, at, self._grammar, self._flavour, self._most)
        elif VERB.match(data, at):
            self._note_database(data, at)
            self._at = self._end(at)
        else:
            yield self._orphan()

    def _skip_blank(self) -> None:
        """Goes to the next thing that is neither white space nor comment."""
        plain = self._delimiter == b";"
        self._at = sql_ends.blank(self._feed, self._at, self._grammar, self._flavour, self._most, plain=plain)

    def _end(self, at: int) -> int:
        return sql_ends.statement(self._feed, at, self._grammar.rest, self._most)[1]

    def _begin(self, found: re.Match[bytes], mode: Mode) -> None:
        self._header = self._headers.of(
            found[0], found["name"], found["columns"], self._database, copy=mode is Mode.LINES
        )
        self._warm = self._warm + 1 if found[0] == self._text else 0
        self._bulk = _BULK if self._warm >= _WARM else 0
        self._calm = 0
        self._text, self._at, self._mode = found[0], found.end(), mode

    def _note_database(self, data: bytes, at: int) -> None:
        found = DATABASE.match(data, at)
        if found:
            self._database = database_of(found)

    def _create(self, name: bytes) -> Iterator[Item]:
        begin, self._at = sql_ends.statement(self._feed, self._at, self._grammar.rest, self._most)
        text = self._feed.data[begin : self._at]
        names, binary = created(text, self._flavour)
        yield Created(
            statement=self._statement, after=self._place(Mode.STATEMENT), data=b"", offset=self._statement.offset,
            line=self._statement.line, key=table_key(name, self._database, self._flavour), names=names, binary=binary,
            primary=primary(text, self._flavour),
        )  # fmt: skip
        yield from self._tied(name, foreign(text, self._flavour))

    def _alter(self, name: bytes) -> Iterator[Item]:
        begin, self._at = sql_ends.statement(self._feed, self._at, self._grammar.rest, self._most)
        yield from self._tied(name, altered(self._feed.data[begin : self._at]))

    def _tied(self, name: bytes, found: Sequence[Foreign]) -> Iterator[Item]:
        def key(table: bytes) -> Key:
            return table_key(table, self._database, self._flavour)

        if found:
            yield Tied(
                statement=self._statement, after=self._place(Mode.STATEMENT), data=b"", offset=self._statement.offset,
                line=self._statement.line, key=key(name),
                ties=tuple((one.column, key(one.table), one.other) for one in found),
            )  # fmt: skip

    def _within_delimiters(self) -> Iterator[Item]:
        data, at = self._feed.data, self._at
        if found := DELIMITER.match(data, at):
            self._delimiter, self._at = found[1], found.end()
            return
        end = sql_ends.delimited(self._feed, at, self._delimiter)
        if DATA.match(data, at):
            yield self._one_unit(SqlReason.STATEMENT, end)
        self._at = end

    def _one_unit(self, reason: str, end: int, units: int = 1, header: Header | None = None) -> Aside:
        """What lies between the beginning of the statement and ``end``, set aside."""
        self._at, self._mode = end, Mode.STATEMENT
        return self._aside(self._statement.offset, self._statement.line, reason, units, header)

    def _aside(self, offset: int, line: int, reason: str, units: int, header: Header | None) -> Aside:
        after = self._place(self._mode)
        return Aside(
            statement=self._statement, after=after, data=b"", offset=offset, line=line,
            header=header, units=units, size=after.offset - offset, reason=reason,
        )  # fmt: skip

    def _orphan(self) -> Item:
        """Text that is no statement: the middle of one, or of COPY data."""
        end, units = sql_ends.orphan(self._feed, self._at, self._most)
        return self._one_unit(SqlReason.FRAGMENT, end, units)

    # -- tuples

    def _tuples(self) -> Iterator[Item]:
        if self._bulk:
            self._look(self._bulk)
            chunk = self._feed.data[self._at : self._at + self._bulk]
            found = analyse(chunk, self._flavour, self._text, len(chunk))
            if found.outcome is Outcome.ODD:
                self._bulk, self._calm = 0, _CALM
            elif found.outcome is Outcome.MORE:
                self._bulk = min(self._bulk * 4, _BULK_MOST, self._most)
            if len(found.starts):
                yield self._item(chunk, found.starts, found.ends, found)
                return
            self._bulk = 0  # one long tuple, or something odd
        yield from self._one_by_one()

    def _one_by_one(self) -> Iterator[Item]:
        begin = self._at
        starts: list[int] = []
        ends: list[int] = []
        at = begin
        data = self._feed.data
        while len(starts) < _CALM:
            found = self._grammar.tuple.match(data, at, at + self._most)
            if not found:
                break
            starts.append(at - begin)
            at = found.end()
            ends.append(at - begin)
            follows = self._grammar.after.match(data, at, at + LOOK)
            if not follows or follows["sign"][:1] != b",":
                break
            if follows.end() + LOOK > len(data) and not self._feed.ended:
                break
            at = follows.end()
        if starts:
            self._calm = max(self._calm - len(starts), 0)
            if len(starts) >= _FEW and not self._calm:
                self._bulk = _BULK
            yield self._item(data[begin : begin + ends[-1]], np.array(starts), np.array(ends), None)
        elif not self._grammar.cut.match(data, at):
            self._mode = Mode.LOOSE
        elif not self._more():
            if len(self._feed.data) - self._at <= self._most:
                yield self._cut()
            else:
                self._mode = Mode.LOOSE

    def _cut(self) -> Aside:
        """The last tuple, which the end of the dump cuts."""
        offset, line = self._feed.offset(self._at), self._feed.line(self._at)
        self._at, self._mode = len(self._feed.data), Mode.STATEMENT
        return self._aside(offset, line, SqlReason.CUT, 1, self._header)

    def _item(self, data: bytes, starts: Places, ends: Places, found: Found | None) -> Tuples:
        assert self._header
        offset, line = self._feed.offset(self._at), self._feed.line(self._at)
        self._at += int(ends[-1])
        self._mode = Mode.AFTER
        return Tuples(
            statement=self._statement, after=self._place(Mode.AFTER), data=data, offset=offset, line=line,
            raw_size=self._feed.raw_size, header=self._header, starts=starts, ends=ends, found=found,
        )  # fmt: skip

    def _after(self) -> Iterator[Item]:
        data, at = self._feed.data, self._at
        found = self._grammar.after.match(data, at, at + LOOK)
        if not found:
            self._mode = Mode.LOOSE
            return
        self._at = found.end()
        sign = found["sign"][:1]
        if sign == b",":
            self._mode = Mode.TUPLE
            return
        if not sign and found.end() == at + LOOK < len(data):
            return  # nothing but blanks so far
        self._mode = Mode.STATEMENT
        if not sign and not VERB.match(data, self._at) and data[self._at : self._at + 1].isalpha():
            self._at = self._end(self._at)  # ON CONFLICT …, RETURNING …
        blank = self._grammar.space.match(data, self._at)
        again = blank.end() if blank else self._at
        if self._text and data.startswith(self._text + b"(", again):
            self._at = again
            self._statement = self._place(Mode.STATEMENT)
            self._at += len(self._text)
            self._mode = Mode.TUPLE
            self._warm += 1
            if self._warm >= _WARM and not self._bulk and not self._calm:
                self._bulk = _BULK
        yield from ()

    # -- loose text

    def _loose(self) -> Iterator[Item]:
        """Stretches of text where tuples should be, up to the end of the statement."""
        begin = at = self._at
        data = self._feed.data
        starts: list[int] = []
        ends: list[int] = []
        cut = False
        while len(starts) < _CALM and self._mode is Mode.LOOSE:
            found = LOOSE.search(data, at, at + self._most)
            if not found or not (self._feed.ended or found.end() + _AHEAD <= len(data)):
                if starts or self._more():
                    break
                if len(data) - at > self._most:
                    yield self._too_long()
                    return
            end = len(data) if not found else found.start() + (found["line"] is None)
            if data[at:end].strip():
                starts.append(at - begin)
                ends.append(end - begin)
                cut = not found
            at = found.end() if found else len(data)
            if not found or found["next"] is None:
                self._mode = Mode.STATEMENT
        if starts:
            yield self._stretches(
                data[begin : begin + ends[-1]], np.array(starts), np.array(ends), at, cut=cut
            )
        elif self._mode is Mode.STATEMENT:
            self._at = at

    def _stretches(self, data: bytes, starts: Places, ends: Places, at: int, *, cut: bool) -> Tuples:
        assert self._header
        offset, line = self._feed.offset(self._at), self._feed.line(self._at)
        self._at = at
        return Tuples(
            statement=self._statement, after=self._place(self._mode), data=data, offset=offset, line=line,
            raw_size=self._feed.raw_size, header=self._header, starts=starts, ends=ends, loose=True, cut=cut,
        )  # fmt: skip

    def _too_long(self) -> Aside:
        """A stretch without an end within the limit: passed over, as one unit."""
        offset, line = self._feed.offset(self._at), self._feed.line(self._at)
        self._at, more = sql_ends.stretch(self._feed, self._at)
        self._mode = Mode.LOOSE if more else Mode.STATEMENT
        return self._aside(offset, line, Reason.LINE_TOO_LONG, 1, self._header)

    # -- COPY

    def _lines(self) -> Iterator[Item]:
        """Whole lines, up to the one that ends the data."""
        assert self._header
        self._look(_LINES + _AHEAD)
        data, at = self._feed.data, self._at
        if found := END_OF_COPY.match(data, at):
            self._at, self._mode = found.end(), Mode.STATEMENT
            return
        end = (
            _before_end_of_copy(data, at, at + min(_LINES, self._most))
            or data.rfind(b"\n", at, at + min(_LINES, self._most)) + 1
        )
        if not end:
            end = data.find(b"\n", at, at + self._most) + 1
            if not end:
                if not self._more():
                    yield self._long_line()
                return
        offset, line = self._feed.offset(at), self._feed.line(at)
        self._at = end
        after = self._place(Mode.LINES)
        yield Lines(
            statement=self._statement, after=after, data=data[at:end], offset=offset, line=line,
            raw_size=self._feed.raw_size, header=self._header, count=after.line - line,
        )  # fmt: skip

    def _long_line(self) -> Aside:
        """A line that the end of the dump cuts, or that is longer than the limit."""
        offset, line = self._feed.offset(self._at), self._feed.line(self._at)
        self._at = sql_ends.delimited(self._feed, self._at, b"\n")
        cut = self._feed.ended and self._feed.data[self._at - 1 : self._at] != b"\n"
        return self._aside(offset, line, SqlReason.CUT if cut else Reason.LINE_TOO_LONG, 1, self._header)


def _before_end_of_copy(data: bytes, at: int, until: int) -> int:
    """Where the line begins that ends COPY data; 0 if it is not there."""
    while (at := data.find(b"\\.", at, until)) >= 0:
        if data[at - 1 : at] == b"\n" and END_OF_COPY.match(data, at):
            return at
        at += 2
    return 0
