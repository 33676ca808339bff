"""Mail: .eml and mbox. A message is one unit; the files put into it are members, read in their turn."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from hemostat.evidence.isolation.members import isolated_members
from hemostat.evidence.isolation.process import isolated_tables
from hemostat.evidence.mail.boxes import SEPARATOR

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from hemostat.evidence.base import Limits, Member, Source, TableSource

_LINE = re.compile(rb"([!-9;-~]{1,100}):[^\r\n]*\r?\n(?:[ \t][^\r\n]*\r?\n)*")
_KNOWN = frozenset(
    b"return-path received delivered-to from to cc date subject message-id mime-version content-type reply-to sender"
    b" dkim-signature x-mailer in-reply-to references content-transfer-encoding importance x-gm-thrid".split()
)
_ENOUGH = 3


class MailReader:
    """Messages; also a container of what is attached to them."""

    kind = "mail"
    seeks = False

    def recognises(self, head: bytes, name: str) -> int:
        """By the line before a message in a mailbox; by the headers of a single message."""
        if SEPARATOR.match(head):
            return 96
        place = 0
        known: set[bytes] = set()
        while found := _LINE.match(head, place):
            known.add(found[1].lower())
            place = found.end()
        count = len(known & _KNOWN)
        if name.lower().endswith((".eml", ".mht", ".mhtml")) and count:
            return 95
        return 90 if count >= _ENOUGH and known & {b"from", b"received", b"message-id"} else 0

    def tables(self, source: Source, limits: Limits) -> Iterator[TableSource]:
        """The messages.

        Raises:
            Unreadable: the process that reads them died or took too long.
        """
        return isolated_tables("hemostat.evidence.mail.messages:tables", source, limits)

    def members(self, source: Source, limits: Limits) -> Generator[Member, None, None]:
        """The files put into the messages, named ``box.mbox!12/file.pdf``, or ``message.eml!file.pdf``.

        Raises:
            Unreadable: the process that reads them died or took too long.
        """
        return isolated_members("hemostat.evidence.mail.messages:members", source, limits)
