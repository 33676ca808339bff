"""Which site (tenant) each row belongs to when no column says so: by identifiers, professionals, places, the file."""

from hemostat.resolve.sites.rules import words
from hemostat.resolve.sites.stage import DECISION, NONE, named, run

__all__ = ["DECISION", "NONE", "named", "run", "words"]
