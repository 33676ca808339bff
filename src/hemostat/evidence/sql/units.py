"""An independent count of the rows of a dump, for all its tables in one pass.

It follows the definition in ``grammar`` and shares no code with the reader that it keeps honest: it takes one
tuple after the other by its pattern, cuts nothing into values, and remembers no place.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING

from hemostat.evidence.sql import grammar as sql
from hemostat.evidence.sql.names import database_of, table_key
from hemostat.evidence.text import TextStream

if TYPE_CHECKING:
    from typing import BinaryIO

    from hemostat.evidence.base import Limits
    from hemostat.evidence.sql.flavour import Flavour
    from hemostat.evidence.sql.names import Key
    from hemostat.evidence.text import Encoding

_CHUNK = 4 << 20
_AHEAD = 8192
_PLAIN = 1 << 20
"""Octets looked at at once where tuples are plainly written."""
_SINGLE = 64
"""Tuples taken one by one where they are not, before the other way is tried again."""
REST: Key = ("", "")
_CLOSED = re.compile(rb"/\*(?:[^*]++|\*(?!/))*+\*/")


def count(raw: BinaryIO, encoding: Encoding, flavour: Flavour, limits: Limits) -> Counter[Key]:
    """Units of each table, as it is named in the dump; those of no table under ``REST``."""
    return _Count(TextStream(raw, encoding), flavour, limits.block_most).whole()


class _Count:
    def __init__(self, stream: TextStream, flavour: Flavour, most: int) -> None:
        self._stream = stream
        self._flavour = flavour
        self._grammar = sql.grammar(flavour)
        self._most = most
        self._held = b""
        self._ended = False
        self._database = ""
        self._delimiter = b";"
        self._units: Counter[Key] = Counter()
        self._keys: dict[tuple[bytes, str], Key] = {}

    def _read(self, size: int = _CHUNK) -> bool:
        """Gets more; False when there is no more."""
        more = b"" if self._ended else self._stream.read(size)
        self._ended = not more
        self._held += more
        return not self._ended

    def _near(self, place: int, size: int) -> int:
        """Where ``place`` is once ``size`` octets after it are at hand."""
        if len(self._held) - place < size and not self._ended:
            self._held = self._held[place:]
            place = 0
            while len(self._held) < size and self._read():
                pass
        return place

    def _whole(self, pattern: re.Pattern[bytes], place: int) -> tuple[re.Match[bytes] | None, int]:
        """What is found from ``place`` on within the limit, the lines after it at hand; and where ``place`` is."""
        while True:
            found = pattern.search(self._held, place, place + self._most)
            if self._ended or (found and found.end() + _AHEAD <= len(self._held)):
                return found, place
            if len(self._held) - place >= self._most + _AHEAD:
                return found, place
            place = self._near(place, min(2 * max(len(self._held) - place, _CHUNK), self._most + _AHEAD))

    def whole(self) -> Counter[Key]:
        place = 0
        while True:
            place = self._blank(self._near(place, sql.LOOK))
            if place >= len(self._held):
                return self._units
            place = self._statement(place)

    def _blank(self, place: int) -> int:
        """The next place with neither white space nor comment."""
        while True:
            pattern = self._grammar.blank if self._delimiter == b";" else self._grammar.space
            found = pattern.match(self._held, place)
            after = found.end() if found else place
            here = self._near(after, sql.LOOK)
            if here != after or after != place:
                place = here
                continue
            sign = self._held[place : place + 2]
            if sign == b"--" or (self._flavour.mysql and sign[:1] == b"#"):
                place = self._line_end(place)
            elif sign == b"/*" and self._delimiter == b";":
                closed, place = self._whole(_CLOSED, place)
                place = closed.end() if closed else self._line_end(place)
            else:
                return place

    def _line_end(self, place: int) -> int:
        while (end := self._held.find(b"\n", place)) < 0:
            self._held = self._held[len(self._held) :]
            place = 0
            if not self._read():
                return 0
        return end + 1

    def _statement(self, place: int) -> int:
        """Counts the statement at ``place``, and tells where it ends."""
        held = self._held
        if self._delimiter != b";":
            return self._until_delimiter(place)
        if found := self._grammar.insert.match(held, place, place + sql.LOOK):
            return self._tuples(found.end(), self._key(found), found[0])
        if found := self._grammar.copy.match(held, place, place + sql.LOOK):
            return self._lines(found.end(), self._key(found))
        if found := sql.DELIMITER.match(held, place):
            self._delimiter = found[1]
            return found.end()
        if found := sql.DATABASE.match(held, place):
            self._database = database_of(found)
        if found := sql.META.match(held, place) or sql.END_OF_COPY.match(held, place):
            return found.end()
        if sql.DATA.match(held, place):
            self._units[REST] += 1
        elif sql.ROUTINE.match(held, place, place + sql.LOOK):
            return self._routine(place)
        elif not sql.VERB.match(held, place):
            return self._orphan(place)
        return self._end(place)

    def _key(self, found: re.Match[bytes]) -> Key:
        known = self._keys.get((found["name"], self._database))
        if known is None:
            known = self._keys[found["name"], self._database] = table_key(
                found["name"], self._database, self._flavour
            )
        return known

    def _until_delimiter(self, place: int) -> int:
        if found := sql.DELIMITER.match(self._held, place):
            self._delimiter = found[1]
            return found.end()
        self._units[REST] += sql.DATA.match(self._held, place) is not None
        while (end := self._held.find(self._delimiter, place)) < 0:
            self._held, place = self._held[max(len(self._held) - len(self._delimiter), place) :], 0
            if not self._read():
                return len(self._held)
        return end + len(self._delimiter)

    def _end(self, place: int) -> int:
        """Where a statement ends of which nothing is counted, or its rest."""
        while True:
            found = self._grammar.rest.match(self._held, place, place + self._most)
            full = self._ended or len(self._held) - place >= self._most + _AHEAD
            if full or (found and found.end() + _AHEAD <= len(self._held)):
                break
            place = self._near(place, min(2 * max(len(self._held) - place, sql.LOOK), self._most + _AHEAD))
        if found and found["end"]:
            return found.end()
        if found and found.end() < min(len(self._held), place + self._most):
            return found.end() + 1
        if found and found.end() == len(self._held):
            return found.end()
        return self._textual(place)

    def _textual(self, place: int) -> int:
        while True:
            found = sql.TEXTUAL.search(self._held, place)
            if found and (self._ended or found.end() + _AHEAD <= len(self._held)):
                return found.end()
            if self._ended:
                return len(self._held)
            place = found.start() if found else max(len(self._held) - 2 * _AHEAD, place)
            place = self._near(place, len(self._held) - place + _CHUNK)

    def _routine(self, place: int) -> int:
        by_line = self._flavour.name in ("sqlserver", "oracle")
        while True:
            depth = 0
            full = self._ended or len(self._held) - place >= self._most + _AHEAD
            for found in self._grammar.pieces.finditer(self._held, place, place + self._most):
                if found["broken"] and not full:
                    break
                depth = max(depth + (found["open"] is not None) - (found["close"] is not None), 0)
                if found["stop"] or (found["end"] and not depth and not by_line):
                    if self._ended or found.end() + _AHEAD <= len(self._held):
                        return found.end()
                    break
            if full:
                return self._textual(place)
            place = self._near(place, min(2 * max(len(self._held) - place, _CHUNK), self._most + _AHEAD))

    def _orphan(self, place: int) -> int:
        found, place = self._whole(sql.ORPHAN, place)
        end = found.end() if found else min(place + self._most, len(self._held))
        if not found and end < len(self._held):
            end = max(self._held.rfind(b"\n", place, end) + 1, place) or end
        copied = found is not None and found["copy"] is not None
        text = self._held[place : found.start() if found and copied else end]
        self._units[REST] += sql.orphans(text, copied=copied)
        return end

    def _tuples(self, place: int, key: Key, head: bytes) -> int:
        """Counts tuples up to the end of their statement, and of those after it that begin in the same words."""
        one, cut, follow = self._grammar.tuple, self._grammar.cut, self._grammar.after
        single = 0
        while True:
            place = self._near(place, sql.LOOK)
            if place >= len(self._held):
                return place
            if not single:
                units, used = self._plain(self._held[place : place + min(_PLAIN, self._most)], head)
                self._units[key] += units
                place += used
                single = 0 if units else _SINGLE
            found = one.match(self._held, place, place + self._most)
            if not found:
                held = len(self._held) - place
                maybe = cut.match(self._held, place) is not None
                if maybe and not self._ended and held < self._most + _AHEAD:
                    place = self._near(place, min(2 * max(held, _CHUNK), self._most + _AHEAD))
                    continue
                if maybe and held <= self._most:
                    self._units[key] += 1
                    return len(self._held)
                return self._loose(place, key)
            self._units[key] += 1
            single = max(single - 1, 0)
            place, sign = self._sign(found.end(), follow)
            if sign == b",":
                continue
            if sign is None:
                return self._loose(place, key)
            word = self._held[place : place + 1]
            clause = not sign and word.isalpha() and not sql.VERB.match(self._held, place)
            return self._end(place) if clause else place

    def _plain(self, text: bytes, head: bytes) -> tuple[int, int]:
        """How many plainly written tuples stand one after the other, each followed by another; and their octets.

        What lies in quotes is every other piece between them, and is not looked at.
        """
        if self._flavour.escapes:
            text = text.replace(b"\\\\", b"__").replace(b"\\'", b"__")
        pieces = text.split(b"'")
        outside = b"'".join(pieces[::2])
        again = b"" if b"'" in head else head
        found = _plain_run(again).match(outside)
        if not found or not found.end():
            return 0, 0
        quotes = outside.count(b"'", 0, found.end())
        within = found.end() - (outside.rfind(b"'", 0, found.end()) + 1)
        used = len(b"'".join(pieces[: 2 * quotes])) + (quotes > 0) + within
        return found[0].replace(again, b"").count(b"(") if again else found[0].count(b"("), used

    def _sign(self, place: int, follow: re.Pattern[bytes]) -> tuple[int, bytes | None]:
        """What follows a tuple, and the place after it; None if it makes no sense."""
        while True:
            place = self._near(place, sql.LOOK)
            found = follow.match(self._held, place, place + sql.LOOK)
            if not found:
                return place, None
            sign = found["sign"][:1]
            if sign or found.end() < place + sql.LOOK or found.end() == len(self._held):
                return found.end(), sign
            place = found.end()

    def _loose(self, place: int, key: Key) -> int:
        """Counts the stretches of loose text."""
        while True:
            found, place = self._whole(sql.LOOSE, place)
            if not found and not self._ended:
                return self._too_long(place, key)
            if not found and len(self._held) - place > self._most:
                return self._too_long(place, key)
            end = len(self._held) if not found else found.start() + (found["line"] is None)
            self._units[key] += bool(self._held[place:end].strip())
            place = found.end() if found else end
            if not found or found["next"] is None:
                return place

    def _too_long(self, place: int, key: Key) -> int:
        """Counts a stretch beyond the limit as one, and goes on after it."""
        self._units[key] += 1
        while True:
            found = sql.LOOSE.search(self._held, place)
            if found and (self._ended or found.end() + _AHEAD <= len(self._held)):
                return self._loose(found.end(), key) if found["next"] is not None else found.end()
            if self._ended:
                return len(self._held)
            place = found.start() if found else max(len(self._held) - 2 * _AHEAD, place)
            place = self._near(place, len(self._held) - place + _CHUNK)

    def _lines(self, place: int, key: Key) -> int:
        """Counts lines up to the one that ends the data; one that the dump cuts counts."""
        while True:
            place = self._near(place, _CHUNK)
            held = self._held
            if found := sql.END_OF_COPY.match(held, place):
                return found.end()
            end = held.find(b"\n\\.", place) + 1 or held.rfind(b"\n", place) + 1
            if end:
                self._units[key] += held.count(b"\n", place, end)
                place = end
            elif self._ended:
                self._units[key] += place < len(held)
                return len(held)
            else:
                self._read()


@lru_cache(maxsize=64)
def _plain_run(head: bytes) -> re.Pattern[bytes]:
    """Tuples without their strings, each followed by another, maybe after ``head``. A string is a quote or several."""
    word = rb"-?[\w.+]++(?:-[\w.+]++)*+"
    cell = rb"\s*+(?:(?![eEqQ]')\w*+ ?'++|%b)?+\s*+" % word
    joint = rb"|\s*+;\s*+%b" % re.escape(head) if head else b""
    return re.compile(rb"(?:\(%b(?:,%b)*+\)(?:\s*+,\s*+%b)(?=\())*+" % (cell, cell, joint))
