"""The place where facts are kept: one encrypted folder, one writer, one journal."""

from hemostat.case.keys import recover
from hemostat.case.store import Case, Opening

__all__ = ["Case", "Opening", "recover"]
