"""Fictitious health leaks with their truth, for the demo, the tests and the benchmarks.

The people, numbers and addresses are invented; the error model was written from how identity data get damaged,
without looking at the rules that will have to see through it.
"""

from hemostat.simulate.generate import simulate
from hemostat.simulate.stories import STORIES
from hemostat.simulate.story import Story
from hemostat.simulate.truth import Truth

__all__ = ["STORIES", "Story", "Truth", "simulate"]
