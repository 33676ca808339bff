"""Delimited and fixed-width text: CSV and its cousins."""
