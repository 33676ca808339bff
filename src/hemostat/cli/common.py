"""What every family of commands shares: what was said before the command, paths, instants, opening a case."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hemostat.cli.progress import watcher
from hemostat.cli.words import say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hemostat.case import Case, Opening
    from hemostat.model import Progress


class Globals:
    """What was said before the command."""

    def __init__(self, *, quiet: bool, key_file: Path | None, lang: str, documents: str = "fr") -> None:
        self.quiet = quiet
        self.key_file = key_file
        self.lang = lang
        self.documents = documents
        """The language of what is written for others: French unless ``--lang`` was typed; a locale decides nothing."""
        self.case_dir = Path()
        """The case of a group of commands (``decide DIR …``), which comes before the name of the command."""

    def tell(self, sentence: str) -> None:
        """A line for the person at the keyboard, unless silence was asked for."""
        if not self.quiet:
            click.echo(sentence)


class Instant(click.ParamType[str]):
    """An instant with its offset, kept as it was typed."""

    name = "instant"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            if datetime.fromisoformat(value).tzinfo is not None:
                return str(value)
        except ValueError:
            pass
        return self.fail(say("no_offset", value=value), param, ctx)


PATH = click.Path(path_type=Path)


def opening(settings: Globals, recipient: str | None = None, *, passphrase: bool = False) -> Opening:
    """Where the key lies and who is the second custodian, as said on the command line."""
    from hemostat.case import Opening  # noqa: PLC0415 - a heavy import, not needed to print help

    return Opening(settings.key_file, recipient, passphrase)


@contextmanager
def opened(settings: Globals, path: Path) -> Iterator[Case]:
    """The case in this folder, for the length of a ``with`` block."""
    from hemostat.case import Case  # noqa: PLC0415 - same

    with Case.open(path, opening(settings)) as case:
        yield case


@contextmanager
def opened_or_created(
    settings: Globals, path: Path, recipient: str | None = None, *, passphrase: bool = False
) -> Iterator[Case]:
    """The same; a folder without a case becomes one, and the user is told where its key lies."""
    from hemostat.case import Case  # noqa: PLC0415 - same

    key = opening(settings, recipient, passphrase=passphrase)
    if Case.exists(path):
        with Case.open(path, key) as case:
            if recipient or passphrase:
                case.add_recovery(key)
                settings.tell(say("recovery_kept"))
            _tell_passphrase(case)
            yield case
        return
    with Case.create(path, key) as case:
        settings.tell(say("case_at", path=path))
        settings.tell(say("key_at", path=case.key_file))
        if recipient is None and not passphrase:
            settings.tell(say("offer_recovery", path=path))
        _tell_passphrase(case)
        yield case


def _tell_passphrase(case: Case) -> None:
    if case.passphrase:
        click.echo(say("passphrase", words=case.passphrase))


@contextmanager
def watched(settings: Globals) -> Iterator[Progress]:
    """Progress on the terminal, for the length of a ``with`` block."""
    progress = watcher(quiet=settings.quiet)
    try:
        yield progress
    finally:
        progress.stop()


def several(*options: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Options that several commands share, as one decorator."""

    def add(command: Any) -> Any:
        for option in reversed(options):
            command = option(command)
        return command

    return add
