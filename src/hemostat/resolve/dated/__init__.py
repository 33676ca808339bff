"""The day on which a dump was taken, from the history of the patient file."""

from hemostat.resolve.dated.moment import Dated, Window, dated
from hemostat.resolve.dated.stage import instant_of, known, run, sentence

__all__ = ["Dated", "Window", "dated", "instant_of", "known", "run", "sentence"]
