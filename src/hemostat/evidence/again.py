"""What was quarantined for want of something is read again once it is there: a password, a library, a higher limit."""

from __future__ import annotations

import json
import shutil
from ctypes.util import find_library
from dataclasses import fields, replace
from importlib.util import find_spec
from typing import TYPE_CHECKING

from hemostat.errors import UsageError
from hemostat.evidence import custody
from hemostat.evidence.base import Limits
from hemostat.evidence.ledger import ASIDE, READING
from hemostat.evidence.reasons import Reason
from hemostat.evidence.sql.reasons import SqlReason
from hemostat.model import CountMethod

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from hemostat.case import Case

_NEEDS: dict[Reason, Callable[[], bool]] = {
    Reason.NEEDS_LIBARCHIVE: lambda: find_spec("libarchive") is not None and bool(find_library("archive")),
    Reason.NEEDS_DOCUMENTS: lambda: bool(find_spec("pypdfium2") and find_spec("defusedxml")),
    Reason.NEEDS_AVRO: lambda: find_spec("fastavro") is not None,
    Reason.NEEDS_UNLOCKING: lambda: bool(find_spec("py7zr") and find_spec("msoffcrypto")),
    Reason.NEEDS_OCR: lambda: shutil.which("tesseract") is not None,
    Reason.NEEDS_FRENCH: lambda: shutil.which("tesseract") is not None,
}
"""What each reason waits for."""
BOUNDED = (
    Reason.TOO_LARGE,
    Reason.TOO_MANY_MEMBERS,
    Reason.RATIO,
    Reason.TOO_DEEP,
    SqlReason.DATABASE_LARGE,
)
"""Reasons that higher limits may lift."""
_ADJUSTABLE = ("members", "member_bytes", "total_bytes", "ratio", "ratio_free", "depth", "book_bytes")
_SETTING = "limits"


def anew(case: Case, reasons: Iterable[str]) -> int:
    """Has the lines that are quarantined for these reasons read anew, whole or from their start; gives their number.

    A line that was read in part keeps its number, so that what refers to its records still does.
    """
    wanted = [str(reason) for reason in reasons]
    found = case.rows(
        "select distinct evidence_id, e.custody_id, e.state from evidence e join quarantine using (evidence_id)"
        " where quarantine.reason in (select unnest(?)) order by evidence_id",
        (wanted,),
    )
    with case.transaction():
        for number, item, state in found:
            case.execute("update custody set state = ? where custody_id = ?", (custody.TAKEN, item))
            case.execute("delete from quarantine where evidence_id = ?", (number,))
            case.execute("delete from batch where evidence_id = ?", (number,))
            if state == ASIDE:
                case.execute("delete from evidence where evidence_id = ?", (number,))
            else:
                case.execute(
                    "update evidence set state = ?, units_in = case when count_method = ? then null else units_in end"
                    " where evidence_id = ?",
                    (READING, str(CountMethod.READER), number),
                )
    return len(found)


def installed(case: Case) -> None:
    """Has what waited for a library or a program read, if that is there now."""
    waiting = {
        row[0]
        for row in case.rows(
            "select distinct reason from quarantine where reason in (select unnest(?))",
            ([str(reason) for reason in _NEEDS],),
        )
    }
    there = [reason for reason in _NEEDS if str(reason) in waiting and _NEEDS[reason]()]
    if there and anew(case, there):
        case.journal("evidence.again", reasons=[str(reason) for reason in there])


def limits_of(case: Case) -> Limits:
    """The limits of a case: the usual ones, changed as was asked for."""
    return replace(Limits(), **json.loads(case.setting(_SETTING) or "{}"))


def limit(case: Case, given: Iterable[str]) -> None:
    """Changes limits (``ratio=2000``, ``depth=12``), and has what was beyond them read again.

    Raises:
        UsageError: no such limit, or no number.
    """
    changed = parsed(given)
    before = json.loads(case.setting(_SETTING) or "{}")
    if changed and {**before, **changed} != before:
        case.set_setting(_SETTING, json.dumps({**before, **changed}, sort_keys=True))
        anew(case, BOUNDED)


def parsed(given: Iterable[str]) -> dict[str, int]:
    """Limits by name, from ``name=number``.

    Raises:
        UsageError: no such limit, or no number.
    """
    found = {}
    for one in given:
        name, _, number = one.partition("=")
        if name not in _ADJUSTABLE or not number.isdecimal() or not 0 < int(number) < 1 << 60:
            usual = Limits()
            known = ", ".join(
                f"{f.name}={getattr(usual, f.name)}" for f in fields(Limits) if f.name in _ADJUSTABLE
            )
            raise UsageError(
                f"A limit is given as NAME=NUMBER. The limits and their usual values: {known}.",
                f"Une limite se donne comme NOM=NOMBRE. Les limites et leurs valeurs usuelles : {known}.",
            )
        found[name] = int(number)
    return found
