"""The place where facts are kept: one encrypted folder, one writer, one journal."""

from hemostat.case.closing import Closing, close
from hemostat.case.decisions import CLAIM_EVENTS, CLAIM_UNITS, claim, claim_event, decide
from hemostat.case.journal import actor
from hemostat.case.keys import controller_key, recover
from hemostat.case.store import Case, Opening

__all__ = [
    "CLAIM_EVENTS",
    "CLAIM_UNITS",
    "Case",
    "Closing",
    "Opening",
    "actor",
    "claim",
    "claim_event",
    "close",
    "controller_key",
    "decide",
    "recover",
]
