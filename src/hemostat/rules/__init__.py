"""Rules as data: what lawyers, doctors and data protection officers amend without touching Python.

Each file is TOML; each row carries its ``source``, its ``date`` and whether it was ``verified``.
"""

from hemostat.rules.categories import CategoryRule, bit, categories, mask_of
from hemostat.rules.files import hash_of_rules, load, rows

__all__ = ["CategoryRule", "bit", "categories", "hash_of_rules", "load", "mask_of", "rows"]
