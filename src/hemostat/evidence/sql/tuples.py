"""Where the tuples of an INSERT lie, found in bulk: quotes, brackets and commas of a whole block at once.

The fast way to what ``grammar`` defines. It takes only what is plainly written, so that everything it takes is a
strict tuple; whatever looks odd is left, from there on, to the patterns.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

import numpy as np

from hemostat.evidence.sql.grammar import DEPTH

if TYPE_CHECKING:
    import numpy.typing as npt

    from hemostat.evidence.sql.flavour import Flavour

    Places = npt.NDArray[np.int64]
    Octets = npt.NDArray[np.uint8]

QUOTE, COMMA, OPEN, CLOSE, SEMICOLON, BACKSLASH = b"',();\\"
DASH, SLASH, STAR = b"-/*"
_GAP = 8
"""Octets between two tuples, at most."""


def _flags(octets: bytes) -> bytes:
    """A table that turns these octets to 1 and the others to 0."""
    return bytes(octet in octets for octet in range(256))


def _lookup(octets: bytes) -> npt.NDArray[np.bool_]:
    return np.frombuffer(_flags(octets), np.bool_)


_SPACE = b" \t\n\r\x0b\x0c"
_WORD = bytes(octet for octet in range(128) if chr(octet).isalnum() or octet == ord("_"))
_MARKS = _lookup(b"(),;")
_EVENTS = _flags(b"'(),;\"`[]{}\\$")
_EVENTS_MYSQL = _flags(b"'(),;\"`[]{}\\$#")
BLANK = _lookup(_SPACE)
_MAY_FOLLOW = _lookup(b",):" + _SPACE)
_MAY_PRECEDE = _lookup(b"(," + _SPACE + _WORD.translate(None, b"eEqQ"))
"""Before a string; E and Q would change what it means."""


class Outcome(Enum):
    """Why a search for tuples ended."""

    MORE = 1
    """The block ended: what follows needs more of the dump."""
    TAIL = 2
    """Something follows the last tuple that begins no other one."""
    ODD = 3
    """Something is written in a way that the patterns have to judge."""


@dataclass(slots=True)
class Found:
    """The tuples of a block, one after the other, and what was seen of their insides."""

    octets: Octets
    starts: Places
    """Where each tuple opens."""
    ends: Places
    """Just after its closing parenthesis."""
    outcome: Outcome
    quotes: Places
    """Quotes that open or close a string, in turn; a doubled quote within a string closes and opens it."""
    escapes: Places
    """Backslashes that take the next octet out of its meaning."""
    marks: Places
    """Commas and parentheses outside strings, in order, those between statements left out."""
    codes: Octets
    depth: npt.NDArray[np.int32]
    """Open parentheses after each of them."""


def analyse(data: bytes, flavour: Flavour, header: bytes, most: int) -> Found:
    """The tuples at the start of ``data``, which begins with one; ``most`` at most.

    ``header`` is the head of their INSERT: where the next statement begins in the same words, its tuples follow.
    """
    octets = np.frombuffer(data, np.uint8)
    table = _EVENTS_MYSQL if flavour.mysql else _EVENTS
    places = np.flatnonzero(np.frombuffer(data.translate(table), np.bool_))
    codes = octets[places]
    escapes = np.empty(0, np.int64)
    if flavour.escapes and b"\\" in data:
        escapes, places, codes = _unescaped(places, codes)
    is_quote = codes == QUOTE
    outside = np.flatnonzero(((np.cumsum(is_quote, dtype=np.uint8) & 1) == 0) & ~is_quote)
    quotes = places.take(np.flatnonzero(is_quote))  # faster than a mask as an index
    marks, codes = places.take(outside), codes.take(outside)
    plain = _MARKS[codes]
    odd = marks[:0]
    if not plain.all():
        odd, marks, codes = marks[~plain], marks[plain], codes[plain]
    depth = np.cumsum((codes == OPEN).astype(np.int8) - (codes == CLOSE), dtype=np.int32)
    joints = _joints(data, octets, header, marks[(codes == CLOSE) & (depth == 0)])
    if len(joints.starts):
        kept = joints.outside(marks)
        marks, codes, depth = marks[kept], codes[kept], depth[kept]
    limit = min(
        _first_odd(octets, odd, quotes, joints),
        _first_bad_quote(octets, quotes),
        _first_bad_depth(marks, codes, depth, len(octets)),
    )
    starts = marks[(codes == OPEN) & (depth == 1)]
    ends = marks[(codes == CLOSE) & (depth == 0)]
    count = min(int(np.searchsorted(ends, limit)), len(starts))
    outcome = Outcome.ODD if limit < len(octets) else Outcome.MORE
    if count and starts[0] != 0:
        count, outcome = 0, Outcome.ODD
    joined = _joined(octets, starts[:count], ends[:count], joints)
    if joined < count:
        count, outcome = joined, Outcome.TAIL
    if count > most:
        count, outcome = most, Outcome.MORE
    return Found(octets, starts[:count], ends[:count] + 1, outcome, quotes, escapes, marks, codes, depth)


def _unescaped(places: Places, codes: Octets) -> tuple[Places, Places, Octets]:
    """Backslashes that escape (every other one of each run, from the first on); the events that none escapes."""
    slashes = np.flatnonzero(codes == BACKSLASH)
    at = places[slashes]
    first = np.ones(len(at), np.bool_)
    np.not_equal(at[1:], at[:-1] + 1, out=first[1:])
    order = np.arange(len(at))
    rank = order - np.maximum.accumulate(np.where(first, order, 0))
    escaping = (rank & 1) == 0
    slashes, at = slashes[escaping], at[escaping]
    kept = np.ones(len(places), np.bool_)
    following = np.minimum(slashes + 1, len(places) - 1)
    kept[following[places[following] == at + 1]] = False
    return at, places[kept], codes[kept]


@dataclass(slots=True)
class _Joints:
    """The places where one statement ends and the next begins in the same words."""

    starts: Places
    """Just after the last tuple of the one."""
    size: int
    """Octets up to the first tuple of the next."""

    def outside(self, places: Places) -> npt.NDArray[np.bool_]:
        """Which places lie in none of them."""
        before = np.searchsorted(self.starts, places, "right") - 1
        return (before < 0) | (places >= self.starts[before] + self.size)


def _joints(data: bytes, octets: Octets, header: bytes, closing: Places) -> _Joints:
    none = _Joints(np.empty(0, np.int64), 0)
    follows = closing[octets[np.minimum(closing + 1, len(octets) - 1)] != COMMA] + 1
    if not header or not len(follows) or b"'" in header or header.count(b"(") != header.count(b")"):
        return none
    joint = re.compile(rb"\s*;?\s*" + re.escape(header)).match(data, int(follows[0]))
    if not joint:
        return none
    size = joint.end() - joint.start()
    follows = follows[follows + size < len(octets)]
    if not len(follows):
        return none
    words = np.lib.stride_tricks.sliding_window_view(octets, size)[follows]
    same = (words == np.frombuffer(joint[0], np.uint8)).all(axis=1) & (octets[follows + size] == OPEN)
    return _Joints(follows[same], size)


def _first_odd(octets: Octets, odd: Places, quotes: Places, joints: _Joints) -> int:
    """The first place outside strings that only the patterns can judge: ``odd`` or where a comment begins."""
    comments = np.empty(0, np.int64)
    if _holds_pair(octets, b"--") or _holds_pair(octets, b"/*"):
        first, second = octets[:-1], octets[1:]
        opens = ((first == DASH) & (second == DASH)) | ((first == SLASH) & (second == STAR))
        comments = np.flatnonzero(opens)
        comments = comments[(np.searchsorted(quotes, comments) & 1) == 0]
    odd = np.concatenate([odd, comments])
    if len(odd) and len(joints.starts):
        odd = odd[joints.outside(odd)]
    return int(odd.min()) if len(odd) else len(octets)


def _holds_pair(octets: Octets, pair: bytes) -> bool:
    """Whether two octets in a row are these: looked for two at a time, from even places and from odd ones."""
    wanted = np.frombuffer(pair, np.uint16)[0]
    even = octets[: len(octets) // 2 * 2].view(np.uint16)
    odd = octets[1 : 1 + (len(octets) - 1) // 2 * 2].view(np.uint16)
    return bool((even == wanted).any() or (odd == wanted).any())


def _first_bad_quote(octets: Octets, quotes: Places) -> int:
    """The first string that does not stand where a value can."""
    opening, closing = quotes[0::2], quotes[1::2]
    apart = np.ones(len(opening) + 1, np.bool_)
    """Whether a string opens here, rather than going on after a doubled quote."""
    np.not_equal(opening[1:], closing[: max(len(opening) - 1, 0)] + 1, out=apart[1:-1])
    opens, closes = opening[apart[:-1]], closing[apart[1:][: len(closing)]]
    closes = closes[: len(closes) - (len(closes) > 0 and closes[-1] == len(octets) - 1)]
    before = ~_MAY_PRECEDE[octets[np.maximum(opens - 1, 0)]]
    after = ~_MAY_FOLLOW[octets[closes + 1]]
    return min(
        int(opens[np.argmax(before)]) if before.any() else len(octets),
        int(closes[np.argmax(after)]) if after.any() else len(octets),
    )


def _first_bad_depth(marks: Places, codes: Octets, depth: npt.NDArray[np.int32], end: int) -> int:
    wrong = (depth < 0) | (depth >= DEPTH) | ((codes == SEMICOLON) & (depth > 0))
    return int(marks[int(np.argmax(wrong))]) if wrong.any() else end


def _joined(octets: Octets, starts: Places, ends: Places, joints: _Joints) -> int:
    """How many tuples there are before the first that is not followed by a comma or a joint, and another tuple."""
    if len(starts) < 2:  # noqa: PLR2004 - nothing to join
        return len(starts)
    before, gap = ends[:-1] + 1, starts[1:] - ends[:-1] - 1
    fine = (octets[before] == COMMA) & (gap <= _GAP)
    for step in range(1, min(int(gap[fine].max(initial=0)), _GAP)):
        fine &= (gap <= step) | BLANK[octets[before + step]]
    if len(joints.starts):
        fine |= np.isin(before, joints.starts, assume_unique=True)
    return len(starts) if fine.all() else int(np.argmin(fine)) + 1
