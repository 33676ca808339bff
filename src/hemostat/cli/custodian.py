"""The key's second custodian, and the end of a case: recover, close."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from hemostat.cli.common import PATH, Globals, opened
from hemostat.cli.spoken import Spoken
from hemostat.cli.words import say
from hemostat.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path


@click.command(cls=Spoken)
@click.argument("case_dir", type=PATH)
@click.option("--to", "to", type=PATH, required=True, help="Where the key file is written.")
@click.option(
    "--secret-file", type=PATH, help="File of the custodian's age identity or passphrase; else asked for."
)
def recover(case_dir: Path, to: Path, secret_file: Path | None) -> None:
    """Make the key file again from a recovery copy and the second custodian's secret."""
    from hemostat.case import Case  # noqa: PLC0415 - a heavy import, not needed to print help
    from hemostat.case import recover as recovered  # noqa: PLC0415 - same

    copies = sorted(case_dir.glob("recovery*.age"))
    if not copies:
        raise UsageError(
            f"There is no recovery copy in {case_dir}.", f"Il n'y a pas de copie de secours dans {case_dir}."
        )
    case_id = Case.id_of(case_dir)
    if to.exists():
        raise UsageError(
            f"{to} exists already, and may be the key of another case: give another --to.",
            f"{to} existe déjà, et c'est peut-être la clé d'une autre affaire : donnez un autre --to.",
        )
    secret = (
        secret_file.read_text("utf-8").strip() if secret_file else click.prompt("?", hide_input=True).strip()
    )
    key = recovered([copy.read_bytes() for copy in copies], secret, case_id)
    to.touch(mode=0o600)
    to.write_bytes(key)
    click.echo(say("recovered", path=to))


@click.command(cls=Spoken)
@click.argument("case_dir", type=PATH)
@click.option("--reason", help="Why the case is closed, even while a duty is open.")
@click.option(
    "--proof-for", help="An age recipient (age1…) for the proof of what was sent; else a new key is written."
)
@click.pass_obj
def close(settings: Globals, case_dir: Path, reason: str | None, proof_for: str | None) -> None:
    """End the case: destroy its key and content, list what the program cannot destroy."""
    from hemostat.case import close as end  # noqa: PLC0415 - same
    from hemostat.notify import ending  # noqa: PLC0415 - same
    from hemostat.report.names import shown_name  # noqa: PLC0415 - same

    if reason is None:
        with opened(settings, case_dir) as case:
            ending.check(case)

    if reason is None and sys.stdin.isatty():
        click.confirm(say("confirm_close"), abort=True)
    with opened(settings, case_dir) as case:
        duties = ending.duties(case)
        left = ending.leave(case, proof_for, shown_name)
        closing = end(case, reason, shown_name, duties)
    click.echo(say("closed"))
    click.echo(say("register_left", path=left.register))
    if left.proof:
        click.echo(say("proof_left", path=left.proof))
    if left.key:
        click.echo(say("proof_key", path=left.key))
    for path in ending.sweep(case_dir):
        click.echo(say("remains.export", place=path))
    if all(kind != "key" for kind, _ in closing.remains):
        click.echo(say("key_destroyed"))
    if closing.remains:
        click.echo(say("cannot_destroy"))
        for kind, place in closing.remains:
            click.echo("  " + say(f"remains.{kind}", place=place))
