"""Reads anything into batches with locators, takes it into custody, and loses nothing silently.

``take`` puts files into a case; ``run`` reads whatever was taken. Formats stand in ``registry``.
"""

from hemostat.evidence import reasons
from hemostat.evidence.base import Batch, Container, Limits, Member, Reader, Source, TableSource, Unreadable
from hemostat.evidence.columns import columns_of
from hemostat.evidence.custody import Taken, check_there, take
from hemostat.evidence.ledger import batch_name
from hemostat.evidence.logs import reasons as logs_reasons
from hemostat.evidence.reasons import Reason, worded
from hemostat.evidence.registry import CONTAINERS, READERS
from hemostat.evidence.run import run
from hemostat.evidence.sql import reasons as sql_reasons

WORDING = {**reasons.WORDING, **sql_reasons.WORDING, **logs_reasons.WORDING}
"""Why something was quarantined: reason -> language -> words."""

__all__ = [
    "CONTAINERS", "READERS", "WORDING",
    "Batch", "Container", "Limits", "Member", "Reader", "Reason", "Source", "TableSource", "Taken", "Unreadable",
    "batch_name", "check_there", "columns_of", "run", "take", "worded",
]  # fmt: skip
