"""The commands, each a few lines: parse, call, print."""

from __future__ import annotations

import json
import shutil
import sys
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hemostat import __version__
from hemostat.cli import logs
from hemostat.cli.progress import watcher
from hemostat.cli.words import language_of_the_machine, say, speak
from hemostat.errors import EvidenceError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hemostat.case import Case
    from hemostat.model import Progress

_DEMO_SEED = 20251128


class Globals:
    """What was said before the command."""

    def __init__(self, *, quiet: bool, key_file: Path | None, lang: str) -> None:
        self.quiet = quiet
        self.key_file = key_file
        self.lang = lang

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


_PATH = click.Path(path_type=Path)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--lang", type=click.Choice(["fr", "en"]), help="Language; default from the locale, else French."
)
@click.option("--quiet", is_flag=True, help="Say nothing but results and errors.")
@click.option("--key-file", type=_PATH, envvar="HEMOSTAT_KEY_FILE", help="Where the key of the case lies.")
@click.version_option(__version__, prog_name="hemostat")
@click.pass_context
def root(context: click.Context, lang: str | None, quiet: bool, key_file: Path | None) -> None:
    """From a leak of health data to the exact people, what of each is exposed, and how we know."""
    chosen = lang or language_of_the_machine()
    speak(chosen)
    context.obj = Globals(quiet=quiet, key_file=key_file, lang=chosen)


def _several(*options: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def add(command: Any) -> Any:
        for option in reversed(options):
            command = option(command)
        return command

    return add


_facts = _several(
    click.option("--controller", help="Name of the controller (GDPR art. 4(7))."),
    click.option("--signal", type=Instant(), help="When the first signal came, with its offset."),
    click.option(
        "--aware", type=Instant(), help="When the controller became aware (art. 33), with its offset."
    ),
    click.option("--tenant-column", help="Heading of the column that names the tenant (site, practice)."),
    click.option("--claim", type=click.IntRange(min=0), help="What somebody says the leak holds."),
    click.option("--claim-unit", type=click.Choice(["persons", "rows", "bytes"])),
    click.option("--claimed-by", help="Who says so."),
    click.option("--claimed-at", type=Instant(), help="When they said so; now if not given."),
)
_logs = _several(
    click.option(
        "--accounts", help="Accounts in scope, separated by commas; NAME=FROM/TO for a window of its own."
    ),
    click.option("--from", "start", type=Instant(), help="Start of the window, with its offset."),
    click.option("--to", "end", type=Instant(), help="End of the window, with its offset."),
    click.option("--timezone", help="Zone of log times without an offset, such as Europe/Paris."),
    click.option("--log-map", type=_PATH, help="Mapping of log fields, paths and screens (TOML)."),
)
_custody = _several(
    click.option("--source", help="Where the evidence comes from."),
    click.option("--reason", help="Why it is held."),
    click.option("--legal-basis", help="On which legal basis."),
    click.option(
        "--in-place", is_flag=True, help="Leave the evidence where it is instead of sealing a copy."
    ),
)
_recovery = _several(
    click.option("--recovery-recipient", help="Second custodian of the key: an age recipient (age1…)."),
    click.option(
        "--recovery-passphrase", is_flag=True, help="Second custodian of the key: a passphrase to print."
    ),
)


def _opening(settings: Globals, recipient: str | None = None, *, passphrase: bool = False) -> Any:
    from hemostat.case import Opening  # noqa: PLC0415 - a heavy import, not needed to print help

    return Opening(settings.key_file, recipient, passphrase)


@contextmanager
def _open(settings: Globals, path: Path) -> Iterator[Case]:
    from hemostat.case import Case  # noqa: PLC0415 - same

    with Case.open(path, _opening(settings)) as case:
        yield case


@contextmanager
def _open_or_create(
    settings: Globals, path: Path, recipient: str | None = None, *, passphrase: bool = False
) -> Iterator[Case]:
    from hemostat.case import Case  # noqa: PLC0415 - same

    opening = _opening(settings, recipient, passphrase=passphrase)
    if Case.exists(path):
        with Case.open(path, opening) as case:
            if recipient or passphrase:
                case.add_recovery(opening)
                settings.tell(say("recovery_kept"))
            _tell_passphrase(case)
            yield case
        return
    with Case.create(path, opening) as case:
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
def _watched(settings: Globals) -> Iterator[Progress]:
    progress = watcher(quiet=settings.quiet)
    try:
        yield progress
    finally:
        progress.stop()


def _keep_facts(case: Case, given: dict[str, Any]) -> None:
    from hemostat.case import claim  # noqa: PLC0415 - same

    names = {
        "controller": "controller",
        "signal": "signal_at",
        "aware": "aware_at",
        "tenant_column": "tenant_column",
    }
    for option, key in names.items():
        if given[option] is not None and case.setting(key) != given[option]:
            case.set_setting(key, given[option])
    if "accounts" in given:
        logs.keep(case, given)
    said = (given["claim"], given["claim_unit"], given["claimed_by"])
    if any(part is not None for part in said):
        if any(part is None for part in said):
            raise click.UsageError(say("claim_pair"))
        claim(case, *said, at=given["claimed_at"] or case.now().isoformat(timespec="seconds"))


def _take(settings: Globals, case: Case, places: tuple[Path, ...], role: str, given: dict[str, Any]) -> None:
    from hemostat import evidence  # noqa: PLC0415 - same

    with _watched(settings) as progress:
        for place in places:
            for taken in evidence.take(
                case,
                place,
                role=role,
                source=given["source"],
                reason=given["reason"],
                legal_basis=given["legal_basis"],
                in_place=given["in_place"],
                progress=progress,
            ):
                if taken.reason is not None:
                    settings.tell(say("aside", name=taken.name))
                elif not taken.new:
                    settings.tell(say("known", name=taken.name))
                else:
                    settings.tell(say("added", name=taken.name, bytes=taken.bytes, sha=taken.sha256[:12]))


def _finish(settings: Globals, case: Case) -> None:
    """Analysis, report, and the ledger on the terminal."""
    from hemostat import pipeline  # noqa: PLC0415 - same
    from hemostat.report.collect import summary  # noqa: PLC0415 - same
    from hemostat.report.text import ledger_text  # noqa: PLC0415 - same

    with _watched(settings) as progress:
        pipeline.analyse(case, progress)
        pipeline.write_report(case, settings.lang, progress)
    click.echo(ledger_text(summary(case), settings.lang, shutil.get_terminal_size((100, 24)).columns))
    logs.tell(case, settings.lang)
    click.echo(say("report_at", path=case.path / "report" / "report.html"))
    if pipeline.nothing_read(case):
        raise EvidenceError(
            "None of the evidence could be read: the report says why, piece by piece.",
            "Aucune pièce n'a pu être lue : le rapport dit pourquoi, pièce par pièce.",
        )


@root.command()
@click.argument("evidence", nargs=-1, type=_PATH)
@click.option("--case", "case_dir", type=_PATH, help="Folder of the case; default: named after the evidence.")
@click.option("--patients", multiple=True, type=_PATH, help="The controller's own patient file.")
@click.option("--log", "log", multiple=True, type=_PATH, help="An access log, as evidence of exposure.")
@_logs
@_facts
@_custody
@_recovery
@click.pass_obj
def respond(
    settings: Globals,
    /,
    evidence: tuple[Path, ...],
    case_dir: Path | None,
    patients: tuple[Path, ...],
    log: tuple[Path, ...],
    recovery_recipient: str | None,
    recovery_passphrase: bool,
    **given: Any,
) -> None:
    """The main job: open a case, take the evidence, analyse it, report. Run again, it goes on where it stopped."""
    path = case_dir or Path(
        ((*evidence, *log)[0].name.split(".")[0] or "hemostat") + ".case"
        if evidence or log
        else "hemostat.case"
    )
    _check_there((*evidence, *patients, *log))
    with _open_or_create(settings, path, recovery_recipient, passphrase=recovery_passphrase) as case:
        _keep_facts(case, given)
        _take(settings, case, evidence, "leak", given)
        _take(settings, case, patients, "patients", given)
        _take(settings, case, log, "log", given)
        _finish(settings, case)


def _check_there(places: tuple[Path, ...]) -> None:
    """A missing file is said before anything is made."""
    from hemostat.evidence import check_there  # noqa: PLC0415 - same

    for place in places:
        check_there(place)


@root.command("open")
@click.argument("case_dir", type=_PATH)
@_facts
@_recovery
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
    with _open_or_create(settings, case_dir, recovery_recipient, passphrase=recovery_passphrase) as case:
        _keep_facts(case, given)


@root.command()
@click.argument("case_dir", type=_PATH)
@click.option("--to", "to", type=_PATH, required=True, help="Where the key file is written.")
@click.option(
    "--secret-file", type=_PATH, help="File of the custodian's age identity or passphrase; else asked for."
)
def recover(case_dir: Path, to: Path, secret_file: Path | None) -> None:
    """Make the key file again from a recovery copy and the second custodian's secret."""
    from hemostat.case import recover as recovered  # noqa: PLC0415 - same

    copies = sorted(case_dir.glob("recovery*.age"))
    if not copies:
        raise UsageError(
            f"There is no recovery copy in {case_dir}.", f"Il n'y a pas de copie de secours dans {case_dir}."
        )
    secret = (
        secret_file.read_text("utf-8").strip() if secret_file else click.prompt("?", hide_input=True).strip()
    )
    key = recovered([copy.read_bytes() for copy in copies], secret)
    to.touch(mode=0o600)
    to.write_bytes(key)
    click.echo(say("recovered", path=to))


@root.command()
@click.argument("case_dir", type=_PATH)
@click.argument("evidence", nargs=-1, type=_PATH)
@click.option("--role", type=click.Choice(["leak", "patients", "log"]), default="leak", show_default=True)
@_logs
@_facts
@_custody
@click.pass_obj
def add(settings: Globals, /, case_dir: Path, evidence: tuple[Path, ...], role: str, **given: Any) -> None:
    """Add evidence, facts or claims to a case. The same evidence added twice counts once."""
    _check_there(evidence)
    with _open(settings, case_dir) as case:
        _keep_facts(case, given)
        _take(settings, case, evidence, role, given)


@root.command()
@click.argument("case_dir", type=_PATH)
@click.pass_obj
def analyse(settings: Globals, case_dir: Path) -> None:
    """Read, recognise, tell people apart. Run again, it goes on where it stopped."""
    from hemostat import pipeline  # noqa: PLC0415 - same

    with _open(settings, case_dir) as case, _watched(settings) as progress:
        pipeline.analyse(case, progress)


@root.command()
@click.argument("case_dir", type=_PATH)
@click.pass_obj
def report(settings: Globals, case_dir: Path) -> None:
    """Write the report and summary.json."""
    from hemostat import pipeline  # noqa: PLC0415 - same

    with _open(settings, case_dir) as case, _watched(settings) as progress:
        pipeline.write_report(case, settings.lang, progress)
        click.echo(say("report_at", path=case.path / "report" / "report.html"))


@root.command()
@click.argument("case_dir", type=_PATH)
@click.argument("what")
@click.argument("out", type=_PATH)
@click.option("--reveal", is_flag=True, help="Show whole NIRs, masked otherwise.")
@click.pass_obj
def export(settings: Globals, case_dir: Path, what: str, out: Path, reveal: bool) -> None:
    """Write a table of the case in clear: records, persons, exposures, findings, quarantine, review, ledger."""
    from hemostat.report.exports import export as leave  # noqa: PLC0415 - same

    with _open(settings, case_dir) as case:
        leave(case, what, out, reveal=reveal)
    settings.tell(say("exported", what=what, path=out))


@root.group()
def decide() -> None:
    """Record a human decision: a fact that every new analysis keeps."""


@decide.command("column")
@click.argument("case_dir", type=_PATH)
@click.argument("evidence")
@click.argument("column")
@click.argument("category")
@click.option("--why", required=True, help="The reason.")
@click.pass_obj
def decide_column(
    settings: Globals, case_dir: Path, evidence: str, column: str, category: str, why: str
) -> None:
    """Say which category a column holds; "none" when it holds nothing of a person."""
    from hemostat.case import decide as record  # noqa: PLC0415 - same
    from hemostat.model import Category  # noqa: PLC0415 - same

    if category not in (*Category, "none"):
        raise UsageError(
            f"There is no category {category}: see the glossary.",
            f"Il n'y a pas de catégorie {category} : voir le glossaire.",
        )
    with _open(settings, case_dir) as case:
        if not case.rows("select 1 from evidence where name = ?", (evidence,)):
            raise UsageError(
                f"There is no evidence named {evidence} in this case: the report lists the names.",
                f"Il n'y a pas de pièce nommée {evidence} dans cette affaire : le rapport donne les noms.",
            )
        if column not in _columns_of(case, evidence):
            raise UsageError(
                f"{evidence} has no column of that name: give its heading to the letter.",
                f"{evidence} n'a pas de colonne de ce nom : donnez son intitulé à la lettre près.",
            )
        number = record(case, "column", f"{evidence}\x1f{column}", category, why)
    settings.tell(say("decided", number=number))


def _columns_of(case: Case, evidence: str) -> list[str]:
    """The headings of a piece of evidence, in its own order."""
    from hemostat.evidence import batch_name  # noqa: PLC0415 - same

    found: dict[str, None] = {}
    batches = case.rows(
        "select evidence_id, seq from batch join evidence using (evidence_id) "
        'where name = ? and "rows" > 0 order by seq',
        (evidence,),
    )
    for number, seq in batches:
        found.update(
            dict.fromkeys(n for n in case.staged(batch_name(number, seq)).column_names if n[:1] != "_")
        )
    return list(found)


@decide.command("claim")
@click.argument("case_dir", type=_PATH)
@click.argument("number", type=int)
@click.argument(
    "event", type=click.Choice(["sample-shown", "put-on-sale", "published", "withdrawn", "corrected"])
)
@click.option("--at", "at", type=Instant(), required=True)
@click.option("--note", default="")
@click.pass_obj
def decide_claim(settings: Globals, case_dir: Path, number: int, event: str, at: str, note: str) -> None:
    """Say what became of a claim."""
    from hemostat.case import claim_event  # noqa: PLC0415 - same

    with _open(settings, case_dir) as case:
        claim_event(case, number, event, note, at)


@root.command()
@click.argument("case_dir", type=_PATH)
@click.option("--reason", help="Why the case is closed.")
@click.pass_obj
def close(settings: Globals, case_dir: Path, reason: str | None) -> None:
    """End the case: destroy its key and content, list what the program cannot destroy."""
    from hemostat.case import close as end  # noqa: PLC0415 - same

    if reason is None and sys.stdin.isatty():
        click.confirm(say("confirm_close"), abort=True)
    with _open(settings, case_dir) as case:
        closing = end(case, reason)
    click.echo(say("closed"))
    if closing.remains:
        click.echo(say("cannot_destroy"))
        for place in closing.remains:
            click.echo(f"  {place}")


def _story_or_fail(name: str) -> Any:
    from hemostat.simulate import STORIES  # noqa: PLC0415 - same

    if name not in STORIES:
        raise click.UsageError(say("unknown_story", story=name, names=", ".join(STORIES)))
    return STORIES[name]


def _make(settings: Globals, story: str, people: int, seed: int, out: Path) -> None:
    from hemostat.simulate import simulate as make  # noqa: PLC0415 - same

    with _watched(settings) as progress:
        make(story, people, seed, out, lambda _what, share: progress.step("simulate", int(100 * share), 100))


@root.command()
@click.argument("name")
@click.option("--people", type=click.IntRange(min=1), help="Distinct genuine people; default: the story's.")
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--out", type=_PATH, required=True)
@click.pass_obj
def simulate(settings: Globals, name: str, people: int | None, seed: int, out: Path) -> None:
    """Write a fictitious leak and its truth. Nobody in it exists."""
    story = _story_or_fail(name)
    _make(settings, name, people or story.people_default, seed, out)
    settings.tell(say("simulated", path=out))


@root.command()
@click.option("--story", default="medecindirect", show_default=True)
@click.option("--people", type=click.IntRange(min=1), help="Distinct genuine people; default: the story's.")
@click.option("--out", type=_PATH, default=Path("hemostat-demo"), show_default=True)
@click.pass_obj
def demo(settings: Globals, story: str, people: int | None, out: Path) -> None:
    """Make a fictitious leak and run the whole response on it."""
    from hemostat.case import Case, claim  # noqa: PLC0415 - same

    people = people or _story_or_fail(story).people_default
    _story_or_fail(story)
    mark = out / "demo.json"
    if out.exists() and any(out.iterdir()):
        if not mark.is_file():
            raise UsageError(_in("en", "not_demo", path=out), _in("fr", "not_demo", path=out))
        shutil.rmtree(out)
    out.mkdir(parents=True, exist_ok=True)
    mark.write_text(json.dumps({"story": story, "people": people, "seed": _DEMO_SEED}) + "\n", "utf-8")
    settings.tell(say("demo_making", story=story, people=people, seed=_DEMO_SEED))
    fiction = out / "fiction"
    _make(settings, story, people, _DEMO_SEED, fiction)
    settings.key_file = settings.key_file or out / "demo.key"
    given = {"source": "simulate", "reason": "demo", "legal_basis": None, "in_place": False}
    with Case.create(out / "case", _opening(settings)) as case:
        truth = json.loads((fiction / "truth" / "story.json").read_text("utf-8"))
        case.set_setting("controller", f"{story} (fiction)")
        if truth.get("claim"):
            claim(case, **truth["claim"])
        _take(settings, case, (fiction / "evidence",), "log" if truth.get("usurped") else "leak", given)
        logs.keep_fiction(case, truth)
        if (fiction / "patients").is_dir():
            _take(settings, case, (fiction / "patients",), "patients", given)
        _finish(settings, case)
    click.echo(say("demo_truth", identities=truth["identities"], genuine=truth["genuine"]))


def _in(lang: str, key: str, **values: object) -> str:
    from hemostat.cli.words import TABLES  # noqa: PLC0415 - one use

    return TABLES[lang][key].format(**values)
