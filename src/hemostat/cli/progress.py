"""How far a stage is: bars on a terminal once it lasts more than two seconds, plain lines elsewhere."""

from __future__ import annotations

import sys
import threading

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from hemostat.cli.words import say
from hemostat.model import Silent

_PATIENCE = 2.0
"""Seconds a command may last before bars are shown."""


class Bars:
    """Bars on a terminal, drawn on stderr once the command has lasted."""

    def __init__(self) -> None:
        self._bars = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            BarColumn(),
            TimeElapsedColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._tasks: dict[str, TaskID] = {}
        self._patience = threading.Timer(_PATIENCE, self._bars.start)
        self._patience.daemon = True
        self._patience.start()

    def step(self, label: str, done: int, total: int | None = None) -> None:
        """Moves the bar of ``label``."""
        if label not in self._tasks:
            self._tasks[label] = self._bars.add_task(say(f"step.{label}"), total=total)
        self._bars.update(self._tasks[label], completed=done, total=total)

    def stop(self) -> None:
        """Takes the bars away."""
        self._patience.cancel()
        self._bars.stop()


class Lines:
    """One line when a stage begins, for logs and pipes."""

    def __init__(self) -> None:
        self._seen: set[str] = set()

    def step(self, label: str, done: int, total: int | None = None) -> None:  # noqa: ARG002 - one shape for all
        """Says once that ``label`` has begun."""
        if label not in self._seen:
            self._seen.add(label)
            sys.stderr.write(say(f"step.{label}") + "…\n")

    def stop(self) -> None:
        """Nothing to take away."""


class Quiet(Silent):
    """Says nothing."""

    def stop(self) -> None:
        """Nothing to take away."""


def watcher(*, quiet: bool) -> Bars | Lines | Quiet:
    """The progress that fits where we are: a terminal, a pipe, or a wish for silence."""
    if quiet:
        return Quiet()
    return Bars() if sys.stderr.isatty() else Lines()
