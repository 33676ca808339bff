"""What the phone desk may ask: the two witness words of a letter's code. Nothing else is given, right or wrong."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from hemostat.errors import Refused
from hemostat.notify.codes import person_of, witness
from hemostat.notify.letters import KEY

if TYPE_CHECKING:
    from hemostat.case import Case

WRONG_AN_HOUR = 30
"""Wrong codes after which the desk waits: a slip of the hand is common, a search for codes is not."""
_HOUR = timedelta(hours=1)


def witness_of(case: Case, typed: str) -> tuple[str, str]:
    """The two words of the letter that bears this code. Each call is in the journal, without the code.

    Every code of the case is looked at each time, so that a wrong one takes as long as a right one, and what cannot
    be a code gets the same answer.

    Raises:
        Refused: no letter bears this code, or too many wrong ones were tried within the hour.
    """
    since = (case.now() - _HOUR).isoformat()
    tried = case.rows(
        'select count(*), min("at") from journal where action = \'verify.wrong\' and "at" > ?', (since,)
    )[0]
    if tried[0] >= WRONG_AN_HOUR:
        raise Refused(
            f"{tried[0]} wrong codes within an hour: the desk waits. Somebody may be looking for codes.",
            f"{tried[0]} codes faux en une heure : l'accueil attend. Quelqu'un cherche peut-être des codes.",
        )
    key = case.secret(KEY)
    person = person_of(key, typed, (number for (number,) in case.rows("select person_id from person")))
    case.journal("verify.wrong" if person is None else "verify.right")
    if person is None:
        raise Refused(
            "No letter bears this code: check it, then treat the letter as false.",
            "Aucune lettre ne porte ce code : relisez-le ; sinon, traitez la lettre comme fausse.",
        )
    return witness(key, person)
