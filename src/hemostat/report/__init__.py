"""The ledger of a case as pictures and words: one HTML file, one JSON file, a few lines for a terminal."""

from hemostat.report.page import render
from hemostat.report.text import ledger_text
from hemostat.report.view import ReportView

__all__ = ["ReportView", "ledger_text", "render"]
