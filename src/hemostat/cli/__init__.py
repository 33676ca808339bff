"""The command line: parse, call, print."""

from hemostat.cli.edge import main

__all__ = ["main"]
