"""Messages that came back: read from a mailbox, a folder or a single message, as servers write them (RFC 3464).

A return names its message by what we gave it to carry, never by a person's name: an envelope name, or the Message-ID
among the headers that it quotes. Whatever else it says (addresses, texts of servers) is used here and kept nowhere.
"""

from __future__ import annotations

import csv
import hashlib
import re
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import MessageError
from functools import cache
from typing import TYPE_CHECKING

from hemostat.errors import UsageError, os_reason
from hemostat.rules import rows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from email.message import Message
    from pathlib import Path

MOST_BYTES = 5_000_000
"""A larger message is no return of ours: we ask for headers alone."""
_SEPARATOR = b"From "
_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
_MAILS = (".eml", ".msg", ".txt", "")
_FAILED = ("failed", "failure", "returned", "undelivered", "npai", "non remis", "échec", "echec")


@dataclass(frozen=True, slots=True)
class Status:
    """What a status code means: ``kind`` hard or soft, and its cause."""

    code: str
    kind: str
    cause: str


@dataclass(frozen=True, slots=True)
class Return:
    """One message that came back, as its report says. ``names``: by which it may be known, best first.

    ``action``: failed, delayed, delivered, relayed or expanded; ``recipient`` is for looking up, never for keeping.
    """

    digest: str
    names: tuple[str, ...]
    recipient: str
    action: str
    status: Status


def status(code: str) -> Status:
    """What an enhanced status code means; the longest prefix known counts.

    >>> status("5.1.1").kind, status("4.4.7").kind, status("5.2.2").cause
    ('hard', 'soft', 'mailbox')
    """
    parts = code.split(".")
    for length in range(len(parts), 0, -1):
        found = _statuses().get(".".join(parts[:length]))
        if found is not None:
            return Status(code, *found)
    return Status(code, "hard", "other")


@cache
def _statuses() -> dict[str, tuple[str, str]]:
    found = rows("bounces", "status", {"id": str, "kind": str, "cause": str, "examples": list})
    return {row["id"]: (row["kind"], row["cause"]) for row in found}


def cause_words(lang: str) -> dict[str, str]:
    """The causes in words, by cause: the sentence of the first rule of each."""
    found: dict[str, str] = {}
    for row in rows("bounces", "status", {"id": str, "cause": str, "fr": str, "en": str}):
        found.setdefault(row["cause"], row[lang])
    return found


def read(raw: bytes) -> tuple[Return, ...]:
    """What a message reports, one for each recipient it names; nothing when it is no report of delivery."""
    try:
        whole = message_from_bytes(raw)
        parts = list(whole.walk())
        reports = [part for part in parts if part.get_content_type() == "message/delivery-status"]
        if not reports:
            return ()
        digest = hashlib.sha256(raw).hexdigest()
        names = tuple(_names(parts))
        return tuple(
            Return(digest, names, recipient, action, status(code))
            for report in reports
            for recipient, action, code in _recipients(report)
        )
    except (MessageError, LookupError, ValueError, TypeError, RecursionError, AttributeError):
        # the standard library fails in many ways on mail made to harm; such a message is one that was not understood
        return ()


def _names(parts: list[Message]) -> Iterator[str]:
    """The names by which the message that came back may be known."""
    for part in parts:
        if part.get_content_type() == "message/delivery-status":
            for block in _blocks(part):
                if block.get("Original-Envelope-Id"):
                    yield _bare(block["Original-Envelope-Id"])
    for part in parts[1:]:
        if part.get_content_type() == "text/rfc822-headers":
            quoted = message_from_bytes(part.get_payload(decode=True) or b"")  # type: ignore[arg-type]
            if quoted.get("Message-ID"):
                yield _bare(quoted["Message-ID"])
        elif part.get("Message-ID"):
            yield _bare(part["Message-ID"])


def _bare(name: object) -> str:
    return str(name).strip().strip("<>").partition("@")[0].lower()


def _recipients(report: Message) -> Iterator[tuple[str, str, str]]:
    for block in _blocks(report):
        address = block.get("Original-Recipient") or block.get("Final-Recipient")
        action = str(block.get("Action", "")).strip().lower()
        code = _STATUS.search(str(block.get("Status", ""))) or _STATUS.search(
            str(block.get("Diagnostic-Code", ""))
        )
        if address and action and code:
            yield str(address).rpartition(";")[2].strip().strip("<>").lower(), action, code[0]


def _blocks(report: Message) -> list[Message]:
    held = report.get_payload()
    return [one for one in held if not isinstance(one, str)] if isinstance(held, list) else []


def messages(place: Path) -> Iterator[bytes]:
    """The messages of a file (one message, or an mbox), or of every file of a folder (a Maildir too), in order.

    Raises:
        UsageError: there is nothing there, or it cannot be read.
    """
    try:
        files = sorted(one for one in place.rglob("*") if one.is_file()) if place.is_dir() else [place]
        for file in files:
            yield from _split(file)
    except OSError as fault:
        en, fr = os_reason(fault)
        raise UsageError(
            f"The returned mail in {place} cannot be read ({en}): give a folder, an mbox or a message.",
            f"Les retours de {place} sont illisibles ({fr}) : donnez un dossier, une boîte mbox ou un message.",
        ) from None


def _split(file: Path) -> Iterator[bytes]:
    """The messages of a file; one that is too long to be a return is given cut, and will not be understood."""
    with file.open("rb") as lines:
        first = lines.readline(MOST_BYTES)
        if not first.startswith(_SEPARATOR):
            yield first + lines.read(MOST_BYTES)
            return
        held: list[bytes] = []
        size, blank = 0, False
        for line in lines:
            if blank and line.startswith(_SEPARATOR):
                yield b"".join(held)
                held, size, blank = [], 0, False
                continue
            size += len(line)
            if size <= MOST_BYTES:
                held.append(line[1:] if line.startswith(b">From ") else line)
            blank = not line.strip()
        yield b"".join(held)


def from_list(file: Path) -> tuple[tuple[str, bool], ...]:
    """What a vendor's list (``reference``, and ``status`` if not all failed) says: name, and whether it failed.

    Raises:
        UsageError: the file is no such list.
    """
    try:
        text = file.read_text("utf-8-sig")
        dialect = csv.Sniffer().sniff(text[:4096], ",;\t") if text else csv.excel
        listed = list(csv.DictReader(text.splitlines(), dialect=dialect))
    except (OSError, UnicodeDecodeError, csv.Error):
        listed = []
    if not listed or "reference" not in listed[0]:
        raise UsageError(
            f"{file} must be CSV in UTF-8 with a column named reference, and one named status if not all failed.",
            f"{file} doit être un CSV en UTF-8 avec les colonnes reference, et status si tout n'a pas échoué.",
        )
    return tuple(
        (row["reference"].strip().lower(), (row.get("status") or "failed").strip().lower() in _FAILED)
        for row in listed
        if row["reference"]
    )
