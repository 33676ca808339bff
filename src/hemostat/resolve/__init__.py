"""Records to people: who is who in the evidence, with which certainty, and why."""

from hemostat.resolve.kernel import Resolution, people
from hemostat.resolve.settings import Settings, settings
from hemostat.resolve.stage import PeopleCount, people_count, run

__all__ = ["PeopleCount", "Resolution", "Settings", "people", "people_count", "run", "settings"]
