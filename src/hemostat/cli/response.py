"""The main job, at once or step by step: respond, open, add, analyse, report, export."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hemostat.cli import logs
from hemostat.cli.common import PATH, Globals, Instant, opened, opened_or_created, several, watched
from hemostat.cli.databases import PLACE, database_option, password_for, stem
from hemostat.cli.spoken import Spoken
from hemostat.cli.words import say
from hemostat.errors import EvidenceError

if TYPE_CHECKING:
    from hemostat.case import Case


facts_options = several(
    click.option("--controller", help="Name of the controller (GDPR art. 4(7))."),
    click.option("--signal", type=Instant(), help="When the first signal came, with its offset."),
    click.option(
        "--aware", type=Instant(), help="When the controller became aware (art. 33), with its offset."
    ),
    click.option("--tenant-column", help="Heading of the column that names the tenant (site, practice)."),
    click.option(
        "--sample", is_flag=True, help="The leaked evidence is a sample that was shown, not the whole leak."
    ),
    click.option("--claim", type=click.IntRange(min=0), help="What somebody says the leak holds."),
    click.option(
        "--claim-unit", type=click.Choice(["persons", "rows", "bytes"]), help="What the claim counts."
    ),
    click.option("--claimed-by", help="Who says so."),
    click.option("--claimed-at", type=Instant(), help="When they said so; now if not given."),
)
log_options = several(
    click.option(
        "--accounts", help="Accounts in scope, separated by commas; NAME=FROM/TO for a window of its own."
    ),
    click.option("--from", "start", type=Instant(), help="Start of the window, with its offset."),
    click.option("--to", "end", type=Instant(), help="End of the window, with its offset."),
    click.option("--timezone", help="Zone of log times without an offset, such as Europe/Paris."),
    click.option("--log-map", type=PATH, help="Mapping of log fields, paths and screens (TOML)."),
)
custody_options = several(
    click.option("--source", help="Where the evidence comes from."),
    click.option("--reason", help="Why it is held."),
    click.option("--legal-basis", help="On which legal basis."),
    click.option(
        "--password-file",
        type=PATH,
        help="Passwords of archives and documents, one a line, tried in turn; kept in the case.",
    ),
    click.option(
        "--limit",
        "limits",
        multiple=True,
        metavar="NAME=NUMBER",
        help="Raise a limit against hostile archives, for evidence known to be honest, such as ratio=2000.",
    ),
    click.option(
        "--in-place", is_flag=True, help="Leave the evidence where it is instead of sealing a copy."
    ),
    database_option,
)
recovery_options = several(
    click.option("--recovery-recipient", help="Second custodian of the key: an age recipient (age1…)."),
    click.option(
        "--recovery-passphrase", is_flag=True, help="Second custodian of the key: a passphrase to print."
    ),
)


def keep_facts(settings: Globals, case: Case, given: dict[str, Any]) -> None:
    """Records what was said on the command line about the case: who, when, claims, logs."""
    from hemostat.case import claim  # noqa: PLC0415 - same
    from hemostat.evidence import again  # noqa: PLC0415 - same

    if given.get("password_file") is not None:
        _keep_passwords(settings, case, given["password_file"])
    if given.get("limits"):
        again.limit(case, given["limits"])
    names = {
        "controller": "controller",
        "signal": "signal_at",
        "aware": "aware_at",
        "tenant_column": "tenant_column",
    }
    for option, key in names.items():
        if given[option] is not None and case.setting(key) != given[option]:
            case.set_setting(key, given[option])
    if given["sample"] and not case.setting("sample"):
        case.set_setting("sample", "yes")
    if "accounts" in given:
        logs.keep(case, given)
    said = _claimed(given)
    if said:
        value, unit, by = said
        at = given["claimed_at"] or case.now().isoformat(timespec="seconds")
        number = claim(case, value, unit, by, at)
        settings.tell(say("claim_kept", number=number))


def _claimed(given: dict[str, Any]) -> tuple[Any, ...]:
    """The parts of a claim; empty when nothing is claimed. All are given, or none."""
    said = (given["claim"], given["claim_unit"], given["claimed_by"])
    if all(part is None for part in said):
        return ()
    if any(part is None for part in said):
        raise click.UsageError(say("claim_pair"))
    return said


def _keep_passwords(settings: Globals, case: Case, path: Path) -> None:
    from hemostat.evidence import passwords  # noqa: PLC0415 - same

    kept = passwords.keep(case, passwords.from_file(path))
    settings.tell(say("passwords_kept", number=kept))


def take(
    settings: Globals, case: Case, places: tuple[Path | str, ...], role: str, given: dict[str, Any]
) -> None:
    """Takes each place into custody and says so."""
    from hemostat import evidence  # noqa: PLC0415 - same

    with watched(settings) as progress:
        for place in places:
            for taken in evidence.take(
                case,
                place,
                role=role,
                source=given["source"],
                reason=given["reason"],
                legal_basis=given["legal_basis"],
                in_place=given["in_place"],
                password=password_for(place, given.get("database_password_file")),
                progress=progress,
            ):
                if taken.reason is not None:
                    settings.tell(say("aside", name=taken.name))
                elif not taken.new:
                    settings.tell(say("known", name=taken.name))
                else:
                    settings.tell(say("added", name=taken.name, bytes=taken.bytes, sha=taken.sha256[:12]))


def finish(settings: Globals, case: Case) -> None:
    """Analysis, report, and the ledger on the terminal."""
    from hemostat import pipeline  # noqa: PLC0415 - same
    from hemostat.report.text import ledger_text  # noqa: PLC0415 - same

    with watched(settings) as progress:
        pipeline.analyse(case, progress)
        ledger = pipeline.write_report(case, settings.lang, progress)
    click.echo(ledger_text(ledger, settings.lang, shutil.get_terminal_size((100, 24)).columns))
    logs.tell(case, settings.lang)
    click.echo(say("report_at", path=case.path / "report" / "report.html"))
    if pipeline.nothing_read(case):
        raise EvidenceError(
            "None of the evidence could be read: the report says why, piece by piece.",
            "Aucune pièce n'a pu être lue : le rapport dit pourquoi, pièce par pièce.",
        )


@click.command(cls=Spoken)
@click.argument("evidence", nargs=-1, type=PLACE)
@click.option("--case", "case_dir", type=PATH, help="Folder of the case; default: named after the evidence.")
@click.option("--patients", multiple=True, type=PLACE, help="The controller's own patient file.")
@click.option(
    "--earlier-leak",
    multiple=True,
    type=PLACE,
    help="An earlier leak, or its fingerprints: what was already in it is told, and never counted.",
)
@click.option(
    "--history",
    multiple=True,
    type=PLACE,
    help="The history of the patient file (versions, log of changes, dated copies): it tells when the dump was taken.",
)
@click.option("--log", "log", multiple=True, type=PLACE, help="An access log, as evidence of exposure.")
@log_options
@facts_options
@custody_options
@recovery_options
@click.pass_obj
def respond(
    settings: Globals,
    /,
    evidence: tuple[Path | str, ...],
    case_dir: Path | None,
    patients: tuple[Path | str, ...],
    earlier_leak: tuple[Path | str, ...],
    history: tuple[Path | str, ...],
    log: tuple[Path | str, ...],
    recovery_recipient: str | None,
    recovery_passphrase: bool,
    **given: Any,
) -> None:
    """The main job: open a case, take the evidence, analyse it, report. Run again, it goes on where it stopped."""
    path = case_dir or Path(
        (stem((*evidence, *log)[0]) or "hemostat") + ".case" if evidence or log else "hemostat.case"
    )
    check_places((*evidence, *patients, *earlier_leak, *history, *log), given)
    with opened_or_created(settings, path, recovery_recipient, passphrase=recovery_passphrase) as case:
        keep_facts(settings, case, given)
        take(settings, case, evidence, "leak", given)
        take(settings, case, patients, "patients", given)
        take(settings, case, earlier_leak, "earlier-leak", given)
        take(settings, case, history, "history", given)
        take(settings, case, log, "log", given)
        finish(settings, case)


def check_places(places: tuple[Path | str, ...], given: dict[str, Any]) -> None:
    """A missing file, or a limit that is none, is said before anything is made."""
    from hemostat.evidence import again, check_there, passwords  # noqa: PLC0415 - same

    for place in places:
        check_there(place)
    if given["password_file"] is not None:
        passwords.from_file(given["password_file"])
    again.parsed(given["limits"])
    _claimed(given)


@click.command("open", cls=Spoken)
@click.argument("case_dir", type=PATH)
@facts_options
@recovery_options
@click.pass_obj
def open_case(
    settings: Globals,
    /,
    case_dir: Path,
    recovery_recipient: str | None,
    recovery_passphrase: bool,
    **given: Any,
) -> None:
    """Open a case, with or without evidence; or add facts and recovery copies to one."""
    _claimed(given)
    with opened_or_created(settings, case_dir, recovery_recipient, passphrase=recovery_passphrase) as case:
        keep_facts(settings, case, given)


@click.command(cls=Spoken)
@click.argument("case_dir", type=PATH)
@click.argument("evidence", nargs=-1, type=PLACE)
@click.option(
    "--role",
    type=click.Choice(["leak", "patients", "log", "earlier-leak", "history"]),
    default="leak",
    show_default=True,
    help="What the evidence is to the case.",
)
@log_options
@facts_options
@custody_options
@click.pass_obj
def add(
    settings: Globals, /, case_dir: Path, evidence: tuple[Path | str, ...], role: str, **given: Any
) -> None:
    """Add evidence, facts or claims to a case. The same evidence added twice counts once."""
    check_places(evidence, given)
    with opened(settings, case_dir) as case:
        keep_facts(settings, case, given)
        take(settings, case, evidence, role, given)
    if evidence:
        settings.tell(say("to_analyse", path=case_dir))


@click.command(cls=Spoken)
@click.argument("case_dir", type=PATH)
@click.pass_obj
def analyse(settings: Globals, case_dir: Path) -> None:
    """Read, recognise, tell people apart. Run again, it goes on where it stopped."""
    from hemostat import pipeline  # noqa: PLC0415 - same

    with opened(settings, case_dir) as case, watched(settings) as progress:
        pipeline.analyse(case, progress)


@click.command(cls=Spoken)
@click.argument("case_dir", type=PATH)
@click.pass_obj
def report(settings: Globals, case_dir: Path) -> None:
    """Write the report and summary.json."""
    from hemostat import pipeline  # noqa: PLC0415 - same

    with opened(settings, case_dir) as case, watched(settings) as progress:
        pipeline.write_report(case, settings.lang, progress)
        click.echo(say("report_at", path=case.path / "report" / "report.html"))


@click.command(cls=Spoken)
@click.argument("case_dir", type=PATH)
@click.argument("what")
@click.argument("out", type=PATH)
@click.option("--reveal", is_flag=True, help="Show whole NIRs, masked otherwise.")
@click.pass_obj
def export(settings: Globals, case_dir: Path, what: str, out: Path, reveal: bool) -> None:
    """Write a table of the case in clear: records, persons, exposures, findings, quarantine, review, ledger."""
    from hemostat.report.exports import export as leave  # noqa: PLC0415 - same

    with opened(settings, case_dir) as case:
        leave(case, what, out, reveal=reveal)
    settings.tell(say("exported", what=what, path=out))
