"""Passwords of archives and documents: kept in the encrypted case alone, tried in turn, never shown."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

from hemostat.errors import UsageError
from hemostat.evidence.again import anew
from hemostat.evidence.naming import shown
from hemostat.evidence.reasons import Reason

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hemostat.case import Case

_LARGEST = 1 << 20
_MOST = 1000

Opener = TypeVar("Opener")


def from_file(path: str | Path) -> tuple[str, ...]:
    """The passwords in a file, one to a line; blanks within and around them count.

    Raises:
        UsageError: the file is missing, too large, or no text.
    """
    name = shown(str(path))
    try:
        with Path(path).open("rb") as raw:
            data = raw.read(_LARGEST + 1)
    except OSError:
        raise UsageError(
            f"The password file {name} cannot be read: check the path and its permissions.",
            f"Le fichier de mots de passe {name} est illisible : vérifiez le chemin et les droits.",
        ) from None
    found = _lines(data)
    if not found or len(found) > _MOST or len(data) > _LARGEST:
        raise UsageError(
            f"The password file {name} must hold one password a line, {_MOST} at most.",
            f"Le fichier de mots de passe {name} doit en contenir un par ligne, {_MOST} au plus.",
        )
    return found


def _lines(data: bytes) -> tuple[str, ...]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", "replace")
    lines = (line.removesuffix("\r") for line in text.split("\n"))
    return tuple(dict.fromkeys(line for line in lines if line and "\0" not in line))


def keep(case: Case, passwords: Iterable[str]) -> int:
    """Keeps those that the case does not know yet, and has what waits for a password read again; gives their number."""
    fresh = [one for one in passwords if one not in known(case)]
    if not fresh:
        return 0
    with case.transaction():
        for one in fresh:
            case.execute(
                "insert into password select coalesce(max(password_id), 0) + 1, ? from password", (one,)
            )
        waiting = anew(case, (Reason.LOCKED,))
        case.journal("passwords.add", count=len(fresh), read_again=waiting)
    return len(fresh)


def known(case: Case) -> tuple[str, ...]:
    """The passwords of a case, in the order in which they were given."""
    return tuple(row[0] for row in case.rows('select "value" from password order by password_id'))


def armed(one: Opener, passwords: tuple[str, ...]) -> Opener:
    """A reader or container with passwords to try, if it takes any."""
    if not passwords or not hasattr(one, "passwords"):
        return one
    return cast("Opener", replace(cast("Any", one), passwords=passwords))
