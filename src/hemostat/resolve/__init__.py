"""Records to people: who is who in the evidence, with which certainty, and why."""

from hemostat.resolve.kernel import Resolution, people
from hemostat.resolve.settings import Settings, settings

__all__ = ["Resolution", "Settings", "people", "settings"]
