"""Where things end that hold no rows to read: white space, settings, definitions, routines, fragments.

Each takes a place in a feed and gives another; places before it are gone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hemostat.evidence.sql.grammar import LOOK, LOOSE, ORPHAN, TEXTUAL, orphans

if TYPE_CHECKING:
    import re

    from hemostat.evidence.sql.feed import Feed
    from hemostat.evidence.sql.flavour import Flavour
    from hemostat.evidence.sql.grammar import Grammar

_READ = 2 << 20
_AHEAD = 8192
"""Octets that have to be at hand after an end, so that the patterns see the lines after it whole."""


def blank(feed: Feed, at: int, grammar: Grammar, flavour: Flavour, most: int, *, plain: bool) -> int:
    """Where the next thing stands that is neither white space nor comment.

    Unless ``plain``, a comment in asterisks is a statement: so MySQL hides routines from others.
    """
    pattern = grammar.blank if plain else grammar.space
    opens = (b"--", b"/*") if plain else (b"--",)
    while True:
        found = pattern.match(feed.data, at)
        at = found.end() if found else at
        held = len(feed.data) - at
        if not feed.ended and held < LOOK:
            feed.fill(at, _READ)
            at = 0
        elif feed.data.startswith(opens, at):
            if feed.ended or held >= most:
                at = delimited(feed, at, b"\n")  # a comment without an end hides its own line, no more
            else:
                feed.fill(at, max(2 * held, _READ))
                at = 0
        elif flavour.mysql and feed.data.startswith(b"#", at):
            at = delimited(feed, at, b"\n")
        else:
            return at


def statement(feed: Feed, at: int, pattern: re.Pattern[bytes], most: int) -> tuple[int, int]:
    """Where the statement at ``at`` now stands, as far as it is at hand, and where it ends.

    ``pattern`` is ``Grammar.rest``. Within ``most`` octets its quotes count; after that, the next semicolon at the end
    of a line does, so that a quote left open hides nothing.
    """
    size = LOOK
    while True:
        found = pattern.match(feed.data, at, at + most)
        held = len(feed.data) - at
        if found and (feed.ended or found.end() + _AHEAD <= len(feed.data)):
            reached = found.end() == at + most < len(feed.data)
            if found["end"] or (found.end() == len(feed.data) and not reached):
                return at, found.end()
            if not reached:
                return at, found.end() + 1  # the line end before a line that needs no semicolon
            return 0, textual(feed, at)
        if feed.ended or held >= most + _AHEAD:
            return 0, textual(feed, at)
        size = min(max(size, held) * 2, most + _AHEAD)
        feed.fill(at, size)
        at = 0


def routine(feed: Feed, at: int, grammar: Grammar, flavour: Flavour, most: int) -> int:
    """Just after a statement that may hold other statements between BEGIN and END; places before are gone.

    Where a line of its own ends statements (GO, or a slash), no semicolon ends one.
    """
    by_line = flavour.name in ("sqlserver", "oracle")
    while True:
        depth, place = 0, at
        while found := grammar.pieces.search(feed.data, place, at + most):
            place = found.end()
            if found["broken"] and not feed.ended and len(feed.data) - at < most + _AHEAD:
                break
            if found["open"]:
                depth += 1
            elif found["close"]:
                depth = max(depth - 1, 0)
            elif found["stop"] or (found["end"] and not depth and not by_line):
                if feed.ended or place + _AHEAD <= len(feed.data):
                    return place
                break
        held = len(feed.data) - at
        if feed.ended or held >= most + _AHEAD:
            return textual(feed, at)
        feed.fill(at, min(max(LOOK, held) * 2, most + _AHEAD))
        at = 0


def textual(feed: Feed, at: int) -> int:
    """Just after the next semicolon at the end of a line, or before a line that begins another statement."""
    while True:
        found = TEXTUAL.search(feed.data, at)
        if found and (feed.ended or found.end() + _AHEAD <= len(feed.data)):
            return found.end()
        if feed.ended:
            return len(feed.data)
        at = max(len(feed.data) - _AHEAD * 2, at) if not found else found.start()
        feed.fill(at, len(feed.data) - at + _READ)
        at = 0


def delimited(feed: Feed, at: int, delimiter: bytes) -> int:
    """Just after the next ``delimiter``."""
    while True:
        found = feed.data.find(delimiter, at)
        if found >= 0:
            return found + len(delimiter)
        if feed.ended:
            return len(feed.data)
        at = max(len(feed.data) - len(delimiter), at)
        feed.fill(at, len(feed.data) - at + _READ)
        at = 0


def orphan(feed: Feed, at: int, most: int) -> tuple[int, int]:
    """Where text ends that is no statement, and how many units it is."""
    while True:
        found = ORPHAN.search(feed.data, at, at + most)
        held = len(feed.data) - at
        if (found and found.end() + _AHEAD <= len(feed.data)) or feed.ended or held >= most + _AHEAD:
            break
        feed.fill(at, min(max(2 * held, _READ), most + _AHEAD))
        at = 0
    end = found.end() if found else min(at + most, len(feed.data))
    if not found and end < len(feed.data):
        end = max(feed.data.rfind(b"\n", at, end) + 1, at) or end
    copied = found is not None and found["copy"] is not None
    return end, orphans(feed.data[at : found.start() if found and copied else end], copied=copied)


def stretch(feed: Feed, at: int) -> tuple[int, bool]:
    """Where a stretch of loose text ends, however long, and whether another follows in the same statement."""
    while True:
        found = LOOSE.search(feed.data, at)
        if found and (feed.ended or found.end() + _AHEAD <= len(feed.data)):
            return found.end(), found["next"] is not None
        if feed.ended:
            return len(feed.data), False
        at = found.start() if found else max(len(feed.data) - 2 * _AHEAD, at)
        feed.fill(at, len(feed.data) - at + _READ)
        at = 0
