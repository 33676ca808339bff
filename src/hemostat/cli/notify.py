"""Deadlines, the authority's notice, the register, the letters and public texts: ``notify DIR …``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from hemostat.cli import notify_words
from hemostat.cli.common import PATH, Globals, Instant, opened, watched
from hemostat.cli.decide import decide
from hemostat.cli.help_fr import HELP_FR
from hemostat.cli.spoken import Spoken, SpokenGroup
from hemostat.cli.words import TABLES, say
from hemostat.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta
    from pathlib import Path

    from hemostat.case import Case
    from hemostat.model import Progress

TABLES["fr"].update(notify_words.FR)
TABLES["en"].update(notify_words.EN)
HELP_FR.update(notify_words.HELP)

FOLDER = "notify"


@click.group(cls=SpokenGroup)
@click.argument("case_dir", type=PATH)
@click.pass_obj
def notify(settings: Globals, case_dir: Path) -> None:
    """Deadlines, the authority's notice, the register, letters to the people, public texts."""
    settings.case_dir = case_dir


def pairs(given: Sequence[str]) -> list[tuple[str, str]]:
    """FIELD=VALUE, as typed."""
    for value in given:
        if "=" not in value.strip("="):
            raise click.UsageError(say("pair", value=value))
    return [(name.strip(), value) for name, _, value in (one.partition("=") for one in given)]


@notify.command("clock", cls=Spoken)
@click.option(
    "--set", "moments", multiple=True, help="A moment of the case, NAME=INSTANT; say why with --why."
)
@click.option("--why", default="", help="The reason.")
@click.option("--timezone", help="Zone in which moments are shown, such as Europe/Paris.")
@click.pass_obj
def clock(settings: Globals, moments: tuple[str, ...], why: str, timezone: str | None) -> None:
    """Say what is due to whom, by when, and what is late; or keep a moment of the case with its reason."""
    from hemostat import assess  # noqa: PLC0415 - a heavy import, not needed to print help
    from hemostat.assess.clocks import out_of_order  # noqa: PLC0415 - same
    from hemostat.assess.instants import zone  # noqa: PLC0415 - same

    with opened(settings, settings.case_dir) as case:
        if timezone:
            zone(timezone)
            case.set_setting("timezone", timezone)
        for name, value in pairs(moments):
            assess.set_time(case, name, value, why)
            settings.tell(say("clock.kept"))
        where = assess.controller_zone(case)
        times = assess.times_of(case)
        for one in assess.clocks(case):
            status = one.status if one.rule.state == "in_force" else "not_law"
            shown = {
                "name": getattr(one.rule, settings.lang),
                "trigger": one.rule.trigger,
                "due": f"{one.due_at.astimezone(where):%d/%m/%Y %H:%M %z}" if one.due_at else "",
                "left": _length(one.left),
                "elapsed": _length(one.elapsed),
            }
            click.echo(say(f"clock.{status}", **shown))
            if one.note_at and status in ("running", "soon", "late"):
                click.echo(say("clock.note", note=f"{one.note_at.astimezone(where):%d/%m/%Y %H:%M %z}"))
        if times:
            click.echo(say("clock.times", zone=where.key))
        for time in sorted(times.values(), key=lambda one: one.at):
            at = f"{time.at.astimezone(where):%d/%m/%Y %H:%M %z}"
            click.echo(say("clock.time", name=time.name, at=at, why=time.why or say("clock.no_reason")))
        for first, then in out_of_order({name: time.at for name, time in times.items()}):
            click.echo(say("clock.order", first=first, then=then))


def _length(span: timedelta | None) -> str:
    """A length of time in days, hours and minutes, without its sign.

    >>> from datetime import timedelta
    >>> _length(-timedelta(days=1, hours=2, minutes=5))
    '1 d 2 h 5 min'
    """
    if span is None:
        return ""
    minutes = int(abs(span.total_seconds()) // 60)
    days, hours = minutes // 1440, minutes // 60 % 24
    day = "j" if say("lang") == "fr" else "d"
    return " ".join(
        part
        for part, there in ((f"{days} {day}", days), (f"{hours} h", hours), (f"{minutes % 60} min", True))
        if there
    )


@notify.command("notice", cls=Spoken)
@click.option("--set", "answers", multiple=True, help="An answer to a field of the form, FIELD=VALUE; kept.")
@click.option("--why", default="", help="The reason.")
@click.option("--sent", type=Instant(), help="When this version was filed, with its offset.")
@click.option("--number", help="The number the authority gave.")
@click.option("--out", type=PATH, help="Folder of the files; default: inside the case's folder.")
@click.pass_obj
def notice(
    settings: Globals,
    answers: tuple[str, ...],
    why: str,
    sent: str | None,
    number: str | None,
    out: Path | None,
) -> None:
    """Write the authority's notice, or its next version; refused while a mandatory field lacks."""
    from hemostat.notify import dossier, paper, reading  # noqa: PLC0415 - same

    if number and not sent:
        raise UsageError("--number goes with --sent.", "--number se donne avec --sent.")
    with opened(settings, settings.case_dir) as case:
        dossier.answer(case, pairs(answers), why)
        folder = out or case.path / FOLDER / "notice"
        written = dossier.write(case, folder)
        if settings.documents == "en":
            written.append(reading.write(case, folder))
        if not paper.available():
            settings.tell(say("notice.no_pdf"))
        click.echo(say("notice.at", folder=folder, files=", ".join(path.name for path in written)))
        if sent:
            settings.tell(say("notice.sent", version=dossier.mark_sent(case, sent, number)))


@decide.command("severity", cls=Spoken)
@click.argument("subject")
@click.argument("value")
@click.option("--why", required=True, help="The reason.")
@click.pass_obj
def decide_severity(settings: Globals, subject: str, value: str, why: str) -> None:
    """Say something about severity (care_body, recipients, level:COHORT…), with its reason."""
    from hemostat import assess  # noqa: PLC0415 - same

    with opened(settings, settings.case_dir) as case, watched(settings) as progress:
        number = assess.judge(case, subject, value, why, progress)
    settings.tell(say("severity.kept", number=number))


@decide.command("hold", cls=Spoken)
@click.argument("value", type=click.Choice(["yes", "no"]))
@click.option("--why", required=True, help="The reason.")
@click.pass_obj
def decide_hold(settings: Globals, value: str, why: str) -> None:
    """Say that the case must be kept (a prosecutor, a court), or no longer: closing asks about it."""
    from hemostat.notify import ending  # noqa: PLC0415 - same

    with opened(settings, settings.case_dir) as case:
        ending.hold(case, value, why)
    settings.tell(say("hold.kept"))


@notify.command("letters", cls=Spoken)
@click.option("--set", "facts", multiple=True, help="A text or fact of the letters, FIELD=VALUE; kept.")
@click.option("--templates", type=PATH, help="Folder of your own templates, in place of ours.")
@click.option("--write-templates", type=PATH, help="Only write our templates to this folder, to be changed.")
@click.option(
    "--override",
    "overrides",
    multiple=True,
    help="Accept a rule's refusal, RULE=REASON; kept. Some rules cannot be overridden.",
)
@click.option("--paper", is_flag=True, help="Also set letters on paper as PDF, kept encrypted in the case.")
@click.option("--out", type=PATH, help="Also write the letters in clear to this folder.")
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=100,
    show_default=True,
    help="How many letters at most are written in clear.",
)
@click.pass_obj
def letters(
    settings: Globals,
    facts: tuple[str, ...],
    templates: Path | None,
    write_templates: Path | None,
    overrides: tuple[str, ...],
    paper: bool,
    out: Path | None,
    limit: int,
) -> None:
    """Make and check the letters of art. 34, one per person."""
    from hemostat.notify import leaving  # noqa: PLC0415 - same
    from hemostat.notify import letters as work  # noqa: PLC0415 - same
    from hemostat.notify.lint import lint_rules  # noqa: PLC0415 - same

    if write_templates:
        leaving.write_templates(write_templates)
        settings.tell(say("letters.templates", folder=write_templates))
        return
    with opened(settings, settings.case_dir) as case, watched(settings) as progress:
        work.keep_facts(case, pairs(facts), lang=settings.documents)
        for rule, why in pairs(overrides):
            work.override(case, rule, why)
        made = work.make(case, progress, templates, settings.documents)
        counts = {channel: made.channels.get(channel, 0) for channel in ("email", "sms", "post")}
        click.echo(
            say("letters.made", count=sum(counts.values()), human=sum(made.reasons.values()), **counts)
        )
        if made.together:
            click.echo(say("letters.together", count=made.together))
        for reason, count in made.reasons.items():
            click.echo(f"  {say(f'letters.{reason}')} : {count}")
        for rule, count in made.warnings.items():
            click.echo(
                say("letters.warned", rule=rule, count=count, what=getattr(lint_rules()[rule], settings.lang))
            )
        if paper:
            _print(
                settings,
                case,
                work.wording(case, templates, settings.documents).facts_in(settings.documents),
                progress,
                templates,
            )
        if out:
            leaving.leave(
                case,
                out,
                limit,
                work.wording(case, templates, settings.documents).facts_in(settings.documents),
                templates,
            )
            settings.tell(say("letters.at", folder=out))


def _print(
    settings: Globals, case: Case, facts: dict[str, str], progress: Progress, templates: Path | None
) -> None:
    from hemostat.notify import printing  # noqa: PLC0415 - same
    from hemostat.notify.leaving import own_page  # noqa: PLC0415 - same

    done = printing.print_all(case, facts, progress, own_page(templates))
    settings.tell(say("letters.printed", made=done.made, already=done.already))
    if done.unset:
        settings.tell(say("letters.unset", count=done.unset))


@notify.command("verify", cls=Spoken)
@click.argument("code")
@click.pass_obj
def verify(settings: Globals, code: str) -> None:
    """Say the two witness words of a letter's code, and nothing else."""
    from hemostat.notify.desk import witness_of  # noqa: PLC0415 - same

    with opened(settings, settings.case_dir) as case:
        one, two = witness_of(case, code)
    click.echo(say("verify.words", one=one, two=two))


@notify.command("register", cls=Spoken)
@click.option("--set", "answers", multiple=True, help="A field of the register, FIELD=VALUE; kept.")
@click.option("--why", default="", help="The reason.")
@click.option("--out", type=PATH, help="Folder of the files; default: inside the case's folder.")
@click.pass_obj
def register(settings: Globals, answers: tuple[str, ...], why: str, out: Path | None) -> None:
    """Write the register entry of art. 33(5), as text, CSV and JSON."""
    from hemostat.notify import register as work  # noqa: PLC0415 - same
    from hemostat.report.names import shown_name  # noqa: PLC0415 - same

    with opened(settings, settings.case_dir) as case:
        work.answer(case, pairs(answers), why)
        written = work.write(case, out or case.path / "register", settings.documents, shown_name)
        click.echo(say("register.at", files=", ".join(str(path) for path in written)))


@notify.command("public", cls=Spoken)
@click.option("--out", type=PATH, help="Folder of the files; default: inside the case's folder.")
@click.pass_obj
def public(settings: Globals, out: Path | None) -> None:
    """Write the public statement, the public notice and the script of the phone desk."""
    from hemostat.notify import public as work  # noqa: PLC0415 - same

    with opened(settings, settings.case_dir) as case:
        written = work.write(case, out or case.path / FOLDER / "public", work.PUBLIC, settings.documents)
        click.echo(say("public.at", files=", ".join(str(path) for path in written)))


@notify.command("complaint", cls=Spoken)
@click.option("--out", type=PATH, help="Folder of the files; default: inside the case's folder.")
@click.pass_obj
def complaint(settings: Globals, out: Path | None) -> None:
    """Write the complaint file for prosecutor and insurer, and the person's own fact sheet."""
    from hemostat.notify import public as work  # noqa: PLC0415 - same

    with opened(settings, settings.case_dir) as case:
        written = work.write(
            case, out or case.path / FOLDER / "complaint", work.COMPLAINT, settings.documents
        )
        click.echo(say("complaint.at", files=", ".join(str(path) for path in written)))


@notify.command("send", cls=Spoken)
@click.option(
    "--channel",
    type=click.Choice(["email", "sms", "post"]),
    default="email",
    show_default=True,
    help="By which way; for SMS and post a list is written for those who carry them.",
)
@click.option("--smtp", help="The organisation's mail relay, HOST:PORT.")
@click.option(
    "--smtp-tls",
    type=click.Choice(["starttls", "tls", "none"]),
    default="starttls",
    show_default=True,
    help="How.",
)
@click.option("--smtp-user", help="Login at the relay.")
@click.option("--smtp-password-file", type=PATH, help="File whose first line is the password; kept nowhere.")
@click.option("--from", "sender", help="Address of the sender: the organisation's usual one.")
@click.option("--per-minute", type=click.IntRange(min=1), help="Messages at most per minute.")
@click.option("--to-folder", type=PATH, help="Test: write the messages as .eml files, send nothing.")
@click.option(
    "--dkim-selector", "selectors", multiple=True, help="Name of the DKIM key of the sending domain."
)
@click.option("--dns", help="The DNS server to ask, ADDRESS:PORT, in place of this machine's.")
@click.option(
    "--domain-checked",
    help="In place of the program's check of SPF, DKIM and DMARC: who checked them, when and how; kept.",
)
@click.option("--out", type=PATH, help="Folder of the lists for SMS and post.")
@click.option("--limit", type=click.IntRange(min=1), help="Messages at most in one list.")
@click.option(
    "--settle",
    type=(str, click.Choice(["accepted", "queued"])),
    help="Your word on an unknown outcome: the number of a person, or the name of a list.",
)
@click.option("--why", default="", help="The reason.")
@click.pass_obj
def send(
    settings: Globals,
    channel: str,
    smtp: str | None,
    smtp_tls: str,
    smtp_user: str | None,
    smtp_password_file: Path | None,
    sender: str | None,
    per_minute: int | None,
    to_folder: Path | None,
    selectors: tuple[str, ...],
    dns: str | None,
    domain_checked: str | None,
    out: Path | None,
    limit: int | None,
    settle: tuple[str, str] | None,
    why: str,
) -> None:
    """Send the letters that were made and checked: each once; run again, it goes on where it stopped."""
    from hemostat.notify import domain, posting  # noqa: PLC0415 - same

    with opened(settings, settings.case_dir) as case, watched(settings) as progress:
        if domain_checked:
            posting.keep_domain_check(case, domain_checked)
        if settle:
            posting.settle(case, *settle, why)
        elif to_folder:
            click.echo(say("send.folder", count=posting.to_folder(case, to_folder, sender), folder=to_folder))
            return
        elif channel != "email":
            if out is None:
                raise UsageError(
                    "Lists are written in clear: say where with --out.",
                    "Les listes sont écrites en clair : dites où avec --out.",
                )
            lot = posting.hand_over(case, channel, out, limit, progress)
            click.echo(
                say("send.lot", name=lot.name, count=lot.count, path=lot.path) if lot else say("send.no_lot")
            )
        elif smtp and sender:
            relay = posting.server(smtp, smtp_tls, smtp_user, smtp_password_file)
            ask = domain.resolver(dns) if domain.available() else None
            for fault in posting.check_domain(case, sender, selectors, ask):
                settings.tell(getattr(fault, settings.lang))
            posting.send(case, relay, sender, progress, per_minute)
        _tell_outbox(case)


def _tell_outbox(case: Case) -> None:
    from hemostat.notify import posting  # noqa: PLC0415 - same

    for (way, state), count in posting.counts(case).items():
        click.echo(f"{say(f'way.{way}')}, {say(f'send.{state}')} : {count}")
    people, lots = posting.unknown(case)
    for person in people:
        click.echo(say("send.whose", person=person))
    for name, count in lots.items():
        click.echo(say("send.which", name=name, count=count))


@notify.command("bounces", cls=Spoken)
@click.argument("evidence", nargs=-1, required=True, type=PATH)
@click.pass_obj
def bounces(settings: Globals, evidence: tuple[Path, ...]) -> None:
    """Read what came back (mail, folder, mbox, a vendor's list): those not told go by their next way."""
    from hemostat.notify import posting, returns  # noqa: PLC0415 - same

    with opened(settings, settings.case_dir) as case:
        for place in evidence:
            found = posting.take_returns(case, place)
            click.echo(
                say(
                    "returns.read",
                    **{
                        name: getattr(found, name)
                        for name in ("hard", "soft", "delayed", "delivered", "already")
                    },
                )
            )
            for name in ("not_ours", "not_understood"):
                if getattr(found, name):
                    click.echo(say(f"returns.{name}", count=getattr(found, name)))
            words = returns.cause_words(settings.lang)
            for cause, count in found.causes.most_common():
                click.echo(f"  {words[cause]} : {count}")
        for way, count in found.next.items():
            click.echo(say(f"returns.next_{way}", count=count))


@notify.command("tenants", cls=Spoken)
@click.option(
    "--list", "listed", type=PATH, help="tenants.csv: tenant, siren, contact, told_at, dpo, key, mandate."
)
@click.option("--slips", type=PATH, help="Folder apart for the keys made for controllers that have none.")
@click.option(
    "--out", type=PATH, required=True, help="Folder of the files, one for each controller, encrypted."
)
@click.pass_obj
def tenants(settings: Globals, listed: Path | None, slips: Path | None, out: Path) -> None:
    """Make one encrypted file per controller: its people, its notice, its letters; run again, it goes on."""
    from hemostat.notify import tenants as work  # noqa: PLC0415 - same

    known = work.read_tenants(listed) if listed else {}
    with opened(settings, settings.case_dir) as case, watched(settings) as progress:
        done = work.make(case, out, slips, known, progress)
    click.echo(
        say("tenants.made", made=done.made, already=done.already, distinct=done.distinct, summed=done.summed)
    )
