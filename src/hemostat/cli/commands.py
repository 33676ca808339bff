"""The program and its commands: one line each here, one module for each family."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from hemostat import __version__
from hemostat.cli.combine import combine
from hemostat.cli.common import PATH, Globals
from hemostat.cli.custodian import close, recover
from hemostat.cli.decide import decide
from hemostat.cli.detect import detect
from hemostat.cli.fiction import demo, simulate
from hemostat.cli.notify import notify
from hemostat.cli.response import add, analyse, export, open_case, report, respond
from hemostat.cli.scan import scan
from hemostat.cli.spoken import SpokenGroup
from hemostat.cli.words import say, speak

if TYPE_CHECKING:
    from pathlib import Path

COMMANDS: tuple[click.Command, ...] = (
    demo,
    respond,
    open_case,
    add,
    analyse,
    report,
    export,
    decide,
    combine,
    notify,
    recover,
    close,
    simulate,
    detect,
    scan,
)
"""In the order of the help page."""


def _speak(_context: click.Context, _option: click.Parameter, lang: str | None) -> str | None:
    """Early, so that the help pages and the errors of the other options speak it too."""
    if lang:
        speak(lang)
    return lang


@click.group(
    cls=SpokenGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.option(
    "--lang",
    type=click.Choice(["fr", "en"]),
    is_eager=True,
    callback=_speak,
    help="Language; default from the locale, else French.",
)
@click.option("--quiet", is_flag=True, help="Say nothing but results and errors.")
@click.option("--key-file", type=PATH, envvar="HEMOSTAT_KEY_FILE", help="Where the key of the case lies.")
@click.version_option(__version__, prog_name="hemostat")
@click.pass_context
def root(context: click.Context, lang: str | None, quiet: bool, key_file: Path | None) -> None:
    """From a leak of health data to the exact people, what of each is exposed, and how we know."""
    context.obj = Globals(quiet=quiet, key_file=key_file, lang=lang or say("lang"), documents=lang or "fr")


for _command in COMMANDS:
    root.add_command(_command)
