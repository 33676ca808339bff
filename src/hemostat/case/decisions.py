"""Human judgements and claims: facts with an author, a time and a reason, which every new analysis keeps."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from hemostat.case.journal import actor
from hemostat.errors import UsageError

if TYPE_CHECKING:
    from hemostat.case.store import Case

CLAIM_UNITS = ("persons", "rows", "bytes")
CLAIM_EVENTS = ("sample-shown", "put-on-sale", "published", "withdrawn", "corrected")


def decide(case: Case, kind: str, subject: str, value: str, why: str) -> int:
    """Records a decision; gives its number. ``subject`` names records or columns, never a value of a person."""
    with case.transaction():
        number = _next(case, "decision", "decision_id")
        at = case.now().isoformat(timespec="seconds")
        case.execute(
            "insert into decision values (?, ?, ?, ?, ?, ?, ?)",
            (number, kind, subject, value, why, actor(), at),
        )
        case.journal("decision", number=number, kind=kind, subject=subject, value=value, why=why)
    return number


def claim(case: Case, value: int, unit: str, by: str, at: str) -> int:
    """Records what somebody says the leak holds; gives the number of the claim. Said twice, it counts once."""
    same = case.rows(
        'select claim_id from claim where "value" = ? and unit = ? and "by" = ?', (value, unit, by)
    )
    if same:
        return int(same[0][0])
    with case.transaction():
        number = _next(case, "claim", "claim_id")
        case.execute("insert into claim values (?, ?, ?, ?, ?)", (number, value, unit, by, at))
        case.journal("claim", number=number, value=value, unit=unit, by=by, at=at)
    return number


def claim_event(case: Case, number: int, kind: str, note: str, at: str) -> None:
    """Records what became of a claim: a sample shown, a sale, a publication.

    Raises:
        UsageError: there is no such claim, or the instant is still to come.
    """
    if not case.rows("select 1 from claim where claim_id = ?", (number,)):
        raise UsageError(
            f"There is no claim number {number} in this case.",
            f"Il n'y a pas d'annonce numéro {number} dans cette affaire.",
        )
    if datetime.fromisoformat(at) > case.now():
        raise UsageError(
            f"{at} is still to come: give the instant at which it happened.",
            f"{at} n'est pas encore venu : donnez l'instant où c'est arrivé.",
        )
    with case.transaction():
        case.execute("insert into claim_event values (?, ?, ?, ?, ?)", (number, at, kind, note, actor()))
        case.journal("claim.event", number=number, kind=kind, note=note, at=at)


def _next(case: Case, table: str, column: str) -> int:
    return int(case.rows(f"select coalesce(max({column}), 0) + 1 from {table}")[0][0])  # noqa: S608 - own names
