"""The code and the two witness words by which a letter proves that it is ours."""

from __future__ import annotations

import hmac
import re
from functools import cache
from typing import TYPE_CHECKING

from hemostat.rules import rows

if TYPE_CHECKING:
    from collections.abc import Iterable

SYMBOLS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's thirty-two: no I, L, O, U."""
_DRAWN = 11
_BITS = 5
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})


def code(key: bytes, person: int) -> str:
    """The code of a person: eleven symbols (55 bits) drawn by HMAC, and one that catches a slip of the hand.

    >>> code(b"k" * 32, 1)
    '2TZE-K76C-RH0D'
    """
    drawn = int.from_bytes(hmac.digest(key, b"code\x1f%d" % person, "sha256")[:8], "big") >> (
        64 - _DRAWN * _BITS
    )
    symbols = [drawn >> (_BITS * place) & 31 for place in reversed(range(_DRAWN))]
    symbols.append(_check(symbols))
    text = "".join(SYMBOLS[symbol] for symbol in symbols)
    return f"{text[:4]}-{text[4:8]}-{text[8:]}"


def _check(symbols: list[int]) -> int:
    """The Luhn symbol to the base of thirty-two: any single wrong symbol shows."""
    total = 0
    for place, symbol in enumerate(reversed(symbols)):
        doubled = symbol * 2 if place % 2 == 0 else symbol
        total += doubled // 32 + doubled % 32
    return -total % 32


def read_code(typed: str) -> str | None:
    """A code as typed, in its one form; None when it cannot be one. Case, spaces, dashes, O for 0 are forgiven."""
    plain = re.sub(r"[\s\-–.]", "", typed.upper()).translate(_READ_AS)
    if len(plain) != _DRAWN + 1 or any(sign not in SYMBOLS for sign in plain):
        return None
    symbols = [SYMBOLS.index(sign) for sign in plain]
    if _check(symbols[:-1]) != symbols[-1]:
        return None
    return f"{plain[:4]}-{plain[4:8]}-{plain[8:]}"


def witness(key: bytes, person: int) -> tuple[str, str]:
    """The two words of a person, drawn apart from the code: knowing one tells nothing of the other."""
    words = witness_words()
    drawn = hmac.digest(key, b"words\x1f%d" % person, "sha256")
    first = int.from_bytes(drawn[:8], "big") % len(words)
    second = (first + 1 + int.from_bytes(drawn[8:16], "big") % (len(words) - 1)) % len(words)
    return words[first], words[second]


def person_of(key: bytes, typed: str, people: Iterable[int]) -> int | None:
    """Whose code was typed, among these people; None when it is nobody's.

    All of them are looked at, whatever was typed: how long it takes tells nothing.
    """
    wanted = read_code(typed) or ""
    found = None
    for person in people:
        if hmac.compare_digest(code(key, person), wanted):
            found = person
    return found


@cache
def witness_words() -> tuple[str, ...]:
    """Plain, concrete words that say nothing of anybody."""
    return tuple(
        word for row in rows("witness", "words", {"id": str, "words": list}) for word in row["words"]
    )
