"""Risky parsers in a process of their own, held in by limits."""
