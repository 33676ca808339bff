"""The ledger of a case as pictures and words: one HTML file, one JSON file, a few lines for a terminal."""

from hemostat.report.collect import summary, view
from hemostat.report.page import render
from hemostat.report.text import ledger_text
from hemostat.report.view import ReportView
from hemostat.report.write import run

__all__ = ["ReportView", "ledger_text", "render", "run", "summary", "view"]
