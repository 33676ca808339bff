"""Fictitious leaks: simulate, demo."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import click

from hemostat.cli import logs
from hemostat.cli.common import PATH, Globals, opening, watched
from hemostat.cli.response import finish, take
from hemostat.cli.spoken import Spoken
from hemostat.cli.words import TABLES, say
from hemostat.errors import UsageError

_DEMO_SEED = 20251128


def _story_or_fail(name: str) -> Any:
    from hemostat.simulate import STORIES  # noqa: PLC0415 - same

    if name not in STORIES:
        raise click.UsageError(say("unknown_story", story=name, names=", ".join(STORIES)))
    return STORIES[name]


def _make(settings: Globals, story: str, people: int, seed: int, out: Path) -> None:
    from hemostat.simulate import simulate as make  # noqa: PLC0415 - same

    with watched(settings) as progress:
        make(story, people, seed, out, lambda _what, share: progress.step("simulate", int(100 * share), 100))


@click.command(cls=Spoken)
@click.argument("name")
@click.option("--people", type=click.IntRange(min=1), help="Distinct genuine people; default: the story's.")
@click.option(
    "--seed",
    type=int,
    default=1,
    show_default=True,
    help="Number from which the fiction is drawn: the same number, the same fiction.",
)
@click.option("--out", type=PATH, required=True, help="Where it is written.")
@click.pass_obj
def simulate(settings: Globals, name: str, people: int | None, seed: int, out: Path) -> None:
    """Write a fictitious leak and its truth. Nobody in it exists."""
    story = _story_or_fail(name)
    _make(settings, name, people or story.people_default, seed, out)
    settings.tell(say("simulated", path=out))


@click.command(cls=Spoken)
@click.option("--story", default="medecindirect", show_default=True, help="Which story.")
@click.option("--people", type=click.IntRange(min=1), help="Distinct genuine people; default: the story's.")
@click.option(
    "--out", type=PATH, default=Path("hemostat-demo"), show_default=True, help="Where it is written."
)
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
    given = {
        "source": say("demo_source"),
        "reason": say("demo_reason"),
        "legal_basis": None,
        "in_place": False,
    }
    with Case.create(out / "case", opening(settings)) as case:
        truth = json.loads((fiction / "truth" / "story.json").read_text("utf-8"))
        case.set_setting("controller", f"{story} (fiction)")
        for said in truth["claims"]:
            claim(case, **said)
        take(settings, case, (fiction / "evidence",), "log" if truth.get("usurped") else "leak", given)
        logs.keep_fiction(case, truth)
        if (fiction / "patients").is_dir():
            take(settings, case, (fiction / "patients",), "patients", given)
        finish(settings, case)
    click.echo(say("demo_truth", identities=truth["identities"], genuine=truth["genuine"]))


def _in(lang: str, key: str, **values: object) -> str:
    return TABLES[lang][key].format(**values)
