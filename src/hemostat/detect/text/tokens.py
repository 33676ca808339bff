"""Words of a page: where they stand, what lies between them, and a number that tells each spelling apart."""

from __future__ import annotations

from enum import IntFlag
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from hemostat.detect.text.page import PLUS, WORD

if TYPE_CHECKING:
    import numpy.typing as npt

    from hemostat.detect.text.page import Bytes, Ints, Page

    Bits = npt.NDArray[np.uint16]
    Bools = npt.NDArray[np.bool_]
    Keys = npt.NDArray[np.uint64]


class Gap(IntFlag):
    """Signs met between two words; ``LONG`` when there is more than one of any."""

    SPACE = 1
    HYPHEN = 2
    APOSTROPHE = 4
    DOT = 8
    COMMA = 16
    END = 32  # ; ! or the end of the text
    LINE = 64
    COLON = 128
    SLASH = 256
    BRACKET = 512
    CLOSE = 1024
    QUESTION = 2048
    EQUAL = 4096
    OTHER = 8192
    LONG = 16384


_SIGNS = {
    " ": Gap.SPACE, "-": Gap.HYPHEN, "'": Gap.APOSTROPHE, ".": Gap.DOT, ",": Gap.COMMA, ";": Gap.END, "!": Gap.END,
    "\x1e": Gap.END | Gap.LINE, "\n": Gap.LINE, ":": Gap.COLON, "/": Gap.SLASH, "(": Gap.BRACKET, "[": Gap.BRACKET,
    ")": Gap.CLOSE, "]": Gap.CLOSE, "?": Gap.QUESTION, "=": Gap.EQUAL, "\0": Gap.END | Gap.LINE, ">": Gap.OTHER,
    '"': Gap.OTHER, "*": Gap.OTHER,
}  # fmt: skip

_LETTERS = 26
_FIRST_DIGIT, _LAST_DIGIT = ord("0"), ord("9")
_SHORT = 2
_MASKS = np.array([(1 << (8 * n)) - 1 for n in range(8)] + [2**64 - 1], dtype=np.uint64)
_MIX = tuple(np.uint64(m) for m in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9))
_WIDE = 8


def _tables() -> tuple[Bytes, Bits]:
    kinds = np.zeros(256, dtype=np.uint8)
    kinds[_FIRST_DIGIT : _LAST_DIGIT + 1] = WORD
    kinds[ord("a") : ord("a") + _LETTERS] = WORD
    kinds[0xFE] = WORD
    kinds[ord("+")] = PLUS
    gaps = np.full(256, int(Gap.OTHER), dtype=np.uint16)
    for sign, bit in _SIGNS.items():
        gaps[ord(sign)] = int(bit)
    return kinds, gaps


_KINDS, _GAPS = _tables()


class Tokens(NamedTuple):
    """One entry per word or run of plus signs; ``after`` holds the ``Gap`` bits up to the next one.

    ``digits``: digits alone; ``mixed``: a digit at one of its ends. ``upper`` tells a leading capital, ``caps`` a word
    whose first and last characters both are.
    """

    start: Ints
    end: Ints
    after: Bits
    digits: Bools
    mixed: Bools
    upper: Bools
    caps: Bools
    key: Keys

    def __len__(self) -> int:
        """The number of tokens."""
        return len(self.start)


def tokens(page: Page) -> Tokens:
    """The tokens of a page, in order.

    >>> from hemostat.detect.text.page import page
    >>> found = tokens(page(["VIH + depuis 1997, d'accord"]))
    >>> [(s, e) for s, e in zip(found.start.tolist(), found.end.tolist(), strict=True)]
    [(0, 3), (4, 5), (6, 12), (13, 17), (19, 20), (21, 27)]
    """
    size = len(page.points)
    kinds = _KINDS.take(page.codes[: size + 1])
    edges = np.flatnonzero(kinds[1:] != kinds[:-1]) + 1
    bounds = np.concatenate([[0], edges, [size + 1]]) if size else np.array([0, 1])
    is_token = np.flatnonzero(kinds.take(bounds[:-1]))
    start, end = bounds.take(is_token), bounds.take(is_token + 1)
    if not len(start):
        none = np.zeros(0, dtype=np.bool_)
        empty = np.zeros(0, dtype=np.int64)
        return Tokens(empty, empty, none.astype(np.uint16), none, none, none, none, none.astype(np.uint64))
    following = np.append(start[1:], size + 1)
    first = page.codes.take(start)
    last = page.codes.take(end - 1)
    upper = page.upper(start)
    opens = (first >= _FIRST_DIGIT) & (first <= _LAST_DIGIT)
    closes = (last >= _FIRST_DIGIT) & (last <= _LAST_DIGIT)
    key, digits = _keys(page.codes, start, end, opens & closes)
    caps = np.zeros(len(start), dtype=np.bool_)
    long = np.flatnonzero(upper & (end - start > 1))
    caps[long] = page.upper(end.take(long) - 1)
    after = _between(page.codes, end, following)
    return Tokens(start, end, after, digits, (opens | closes) & ~digits, upper, caps, key)


def _between(codes: Bytes, end: Ints, following: Ints) -> Bits:
    """The signs from ``end`` to ``following``, as bits."""
    width = following - end
    bits = np.where(width > 0, _GAPS.take(codes.take(end)), np.uint16(0))
    bits |= np.where(width > 1, _GAPS.take(codes.take(np.maximum(following - 1, 0))), np.uint16(0))
    bits |= (width > 1).astype(np.uint16) * np.uint16(Gap.LONG)
    long = np.flatnonzero(width > _SHORT)
    step = 1
    while len(long):
        bits[long] |= _GAPS.take(codes.take(end[long] + step))
        step += 1
        long = long[width[long] > step + 1] if step < 64 else long[:0]  # noqa: PLR2004 - enough to see what it is
    return bits


def _keys(codes: Bytes, start: Ints, end: Ints, ends_in_digits: Bools) -> tuple[Keys, Bools]:
    """A 64-bit number of the first 24 bytes of each word and its length, and which words are digits alone."""
    eight = np.ndarray((len(codes) - 7,), dtype="<u8", buffer=codes, strides=(1,))
    width = end - start
    head = eight.take(start) & _MASKS.take(np.minimum(width, _WIDE))
    key: Keys = (head ^ width.astype(np.uint64)) * _MIX[0]
    numeric = ends_in_digits & _digit_bytes(head)
    for part, mix in ((1, _MIX[1]), (2, _MIX[2])):
        longer = np.flatnonzero(width > part * _WIDE)
        if not len(longer):
            break
        more = eight.take(start[longer] + part * _WIDE)
        more &= _MASKS.take(np.minimum(width[longer] - part * _WIDE, _WIDE))
        numeric[longer] &= _digit_bytes(more)
        key[longer] = (key[longer] ^ more) * mix
    key ^= key >> np.uint64(29)
    return key, numeric


def _digit_bytes(head: Keys) -> Bools:
    """Words of eight bytes in which every byte is zero or an ASCII digit."""
    high = np.uint64(0xF0F0F0F0F0F0F0F0)
    threes = np.uint64(0x3030303030303030)
    used = head & high
    low = head & ~high
    over = (low + np.uint64(0x0606060606060606)) & high
    present = (used >> np.uint64(4)) & np.uint64(0x0303030303030303)
    whole = ((present & np.uint64(0x0101010101010101)) * np.uint64(0x30)) == used
    return np.asarray(whole & (over == 0) & ((used & ~threes) == 0))
