"""Hemostat: from a leak of health data to the exact people, what of each is exposed, and how we know."""

__version__ = "0.1.0"
