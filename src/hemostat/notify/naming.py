"""How a message is named outside the case: a keyed name that says nothing of its person."""

from __future__ import annotations

import base64
import hmac
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hemostat.case import Case

PURPOSE = "messages"
_LENGTH = 15
"""Octets of a name: 24 signs."""


def key_of(case: Case) -> bytes:
    """The key from which the names of a case's messages are drawn."""
    return case.secret(PURPOSE)


def name(key: bytes, person: int, channel: str, version: str) -> str:
    """The name of a message: the same at each attempt, so that a return is known to be of it.

    >>> name(b"k" * 32, 1, "email", "1")
    '3j5nlbs3x43hvki7kpipbtjo'
    """
    drawn = hmac.digest(key, f"{person}\x1f{channel}\x1f{version}".encode(), "sha256")[:_LENGTH]
    return base64.b32encode(drawn).decode().lower()
