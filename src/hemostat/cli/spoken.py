"""Help pages in the user's language: the texts are written in English beside the options, their French in one table."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

import click

from hemostat.cli.help_fr import HELP_FR, LIBRARY_FR
from hemostat.cli.words import say

if TYPE_CHECKING:
    from collections.abc import Iterable

_LIBRARY = re.compile("|".join(rf"\b{re.escape(word)}\b" for word in LIBRARY_FR))
_SENTENCE = re.compile(r"(?<!\bart)\. ")
_BRACKET = re.compile(r"\[(default|required)\b")


def _french() -> bool:
    return say("lang") == "fr"


def translated(text: str | None) -> str | None:
    """A text of a help page in the user's language, whichever of the two it stands in."""
    return (HELP_FR if _french() else _english()).get(text, text) if text else text


@cache
def _english() -> dict[str, str]:
    """The table read backwards, once every module of commands has added its texts."""
    return {french: english for english, french in HELP_FR.items()}


class _Formatter(click.HelpFormatter):
    """Says the library's own words (Usage, Options, default…) in the user's language."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """The first line."""
        if _french():
            prefix = "Usage : "
            args = _words(args)
        super().write_usage(prog, args, prefix)

    def write_heading(self, heading: str) -> None:
        """The heading of a section."""
        super().write_heading(LIBRARY_FR.get(heading, heading) + " " if _french() else heading)

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Options or commands, each with what it does."""
        if _french():
            rows = [(_words(name), LIBRARY_FR.get(what, _BRACKET.sub(_library, what))) for name, what in rows]
        super().write_dl(list(rows), col_max, col_spacing)


def _words(text: str) -> str:
    return _LIBRARY.sub(lambda found: LIBRARY_FR[found[0]], text)


def _library(found: re.Match[str]) -> str:
    return f"[{LIBRARY_FR[found[1]]}"


class _Context(click.Context):
    formatter_class = _Formatter


class Spoken(click.Command):
    """A command whose help page speaks the user's language."""

    context_class = _Context

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The whole page."""
        self.help = translated(self.help)
        for parameter in self.params:
            if isinstance(parameter, click.Option):
                parameter.help = translated(parameter.help)
        super().format_help(ctx, formatter)

    def get_short_help_str(self, limit: int = 45) -> str:  # noqa: ARG002 - a sentence cut short says nothing
        """Its first sentence, for the list of commands."""
        self.help = translated(self.help)
        return _SENTENCE.split(" ".join((self.help or "").split()), maxsplit=1)[0].removesuffix(".")


class SpokenGroup(Spoken, click.Group):
    """A group of commands, the same; listed in the order in which they were added."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Help on a command of the group needs no case: ``notify letters --help``."""
        own = [parameter for parameter in self.params if isinstance(parameter, click.Argument)]
        if own and args[:1] and args[0] in self.commands and {"-h", "--help"} & set(args):
            args = [own[0].make_metavar(ctx), *args]
        return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The order of work, not of the alphabet."""
        del ctx
        return list(self.commands)
