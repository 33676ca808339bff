"""Two leaks on the same people: what the combination of two cases newly reveals. Counts only, never a person."""

from __future__ import annotations

import json
import secrets
from contextlib import ExitStack
from itertools import combinations
from typing import TYPE_CHECKING, Any

import click

from hemostat.cli.common import PATH, Globals
from hemostat.cli.spoken import Spoken
from hemostat.cli.words import say
from hemostat.errors import Refused, StorageError, UsageError, os_reason

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from hemostat.case import Case

_MOST = 12
"""Lines of a list on the terminal; the JSON has them all."""


@click.command(cls=Spoken)
@click.argument("cases", nargs=-1, required=True, type=PATH, metavar="DIR...")
@click.option(
    "--other-key-file", multiple=True, type=PATH, help="Key of each case after the first, in their order."
)
@click.option("--mandate", help="Across controllers: on whose mandate, and why; recorded in every case.")
@click.option("--out", type=PATH, help="Where to write the counts (JSON).")
@click.pass_obj
def combine(
    settings: Globals,
    cases: tuple[Path, ...],
    other_key_file: tuple[Path, ...],
    mandate: str | None,
    out: Path | None,
) -> None:
    """Two leaks on the same people: what the combination newly reveals. Counts only."""
    from hemostat.case import Case, Opening  # noqa: PLC0415 - a heavy import, not needed to print help

    if len({path.resolve() for path in cases}) != len(cases) or len(cases) == 1:
        raise UsageError(
            "Give two different cases or more.",
            "Donnez au moins deux affaires, différentes l'une de l'autre.",
        )
    keys = [settings.key_file, *other_key_file]
    keys += [None] * (len(cases) - len(keys))
    with ExitStack() as stack:
        opened = [
            stack.enter_context(Case.open(path, Opening(key))) for path, key in zip(cases, keys, strict=False)
        ]
        allowed(opened, mandate)
        pairs = [_pair(one, other) for one, other in combinations(opened, 2)]
        for case in opened:
            others = [other.case_id for other in opened if other is not case]
            with case.transaction():
                case.journal("combine", others=others, mandate=mandate)
    for pair in pairs:
        _tell(settings, pair)
    if out is not None:
        _write(out, {"mandate": mandate, "pairs": pairs})


def allowed(cases: Sequence[Case], mandate: str | None) -> None:
    """Lets through analysed cases of one controller, or of several where a mandate says why.

    Raises:
        UsageError: a case is not analysed yet.
        Refused: the controllers are not the same, or not named, and there is no mandate.
    """
    for case in cases:
        if not case.rows("select 1 from step where name = 'resolve'"):
            raise UsageError(
                f"The case {case.path} is not analysed yet: run hemostat analyse {case.path} first.",
                f"L'affaire {case.path} n'est pas encore analysée : lancez d'abord hemostat analyse {case.path}.",
            )
    named = {controller_of(case) for case in cases}
    if (len(named) > 1 or "" in named) and not (mandate or "").strip():
        raise Refused(
            "These cases are not those of one named controller: joining them needs a mandate. Name the controller of "
            "each with hemostat open DIR --controller NAME, or say on whose mandate and why with --mandate.",
            "Ces affaires ne sont pas celles d'un même responsable de traitement, nommé : les rapprocher demande un "
            "mandat. Nommez le responsable de chacune (hemostat open DIR --controller NOM), ou dites sur quel mandat "
            "et pourquoi avec --mandate.",
        )


def controller_of(case: Case) -> str:
    """The name of the controller, as two cases are compared by it; empty when it is not named."""
    return " ".join((case.setting("controller") or "").casefold().split())


def same_controller(first: Case, second: Case) -> bool:
    """Whether both cases are of one controller, and it is named: two that nobody named may be anybody's."""
    return controller_of(first) == controller_of(second) != ""


def _pair(first: Case, second: Case) -> dict[str, Any]:
    from hemostat.report.small import shown  # noqa: PLC0415 - same
    from hemostat.resolve import combine as kernel  # noqa: PLC0415 - same

    (rows, people), (other_rows, other_people) = kernel.exposed(first), kernel.exposed(second)
    # The key is drawn for this comparison and kept nowhere: what it makes can be compared with nothing else.
    both = kernel.shared(rows, other_rows, secrets.token_bytes(32))
    masks = kernel.combined(both, people, other_people)
    across = not same_controller(first, second)
    return {
        "cases": [
            {
                "case": case.case_id,
                "path": str(case.path),
                "controller": case.setting("controller"),
                "people": n,
            }
            for case, n in ((first, people.height), (second, other_people.height))
        ],
        "people_in_both": shown(both.height, sensitive=across),
        "categories": categories_revealed(masks, across=across),
        "scams": scams_revealed(masks, across=across),
    }


def categories_revealed(masks: Mapping[tuple[int, int], int], *, across: bool) -> dict[str, dict[str, Any]]:
    """For each category, of how many people in both cases it is in the first alone, in the second alone, in both.

    Small counts are hidden where the category is sensitive, and everywhere between two controllers.
    """
    from hemostat.report.small import shown  # noqa: PLC0415 - same
    from hemostat.rules import categories  # noqa: PLC0415 - same

    found = {}
    for bit, rule in enumerate(categories()):
        counts = dict.fromkeys(("only_first", "only_second", "both"), 0)
        for (one, other), number in masks.items():
            where = (one >> bit & 1, other >> bit & 1)
            if where != (0, 0):
                counts[{(1, 0): "only_first", (0, 1): "only_second", (1, 1): "both"}[where]] += number
        if any(counts.values()):
            hide = rule.sensitive or across
            found[str(rule.id)] = {name: shown(count, sensitive=hide) for name, count in counts.items()}
    return found


def scams_revealed(masks: Mapping[tuple[int, int], int], *, across: bool) -> dict[str, Any]:
    """For each scam, how many people it threatens by both cases together and by neither alone; most people first."""
    from hemostat.assess.scams import scams_of  # noqa: PLC0415 - same
    from hemostat.report.small import shown  # noqa: PLC0415 - same

    found: dict[str, int] = {}
    for (one, other), number in masks.items():
        for scam in set(scams_of(one | other)) - set(scams_of(one)) - set(scams_of(other)):
            found[scam] = found.get(scam, 0) + number
    most = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    return {name: shown(number, sensitive=across) for name, number in most}


def _tell(settings: Globals, pair: Mapping[str, Any]) -> None:
    """The counts on the terminal."""
    from hemostat.assess.scams import named_scams  # noqa: PLC0415 - same
    from hemostat.report.view import rule_labels  # noqa: PLC0415 - same
    from hemostat.report.words import number as written  # noqa: PLC0415 - same

    lang = settings.lang
    first, second = pair["cases"]
    click.echo(
        say(
            "combine_both",
            n=written(pair["people_in_both"], lang),
            first=first["path"],
            second=second["path"],
        )
    )
    labels = rule_labels()
    for name, counts in list(pair["categories"].items())[:_MOST]:
        label = labels[name].fr if lang == "fr" else labels[name].en
        figures = {key: written(count, lang) for key, count in counts.items()}
        click.echo(say("combine_category", label=label, **figures))
    for name, number in list(pair["scams"].items())[:_MOST]:
        click.echo(say("combine_scam", n=written(number, lang), scam=named_scams([name], lang)[0]))


def _write(out: Path, found: Mapping[str, Any]) -> None:
    try:
        out.write_text(json.dumps(found, ensure_ascii=False, indent=1), "utf-8")
    except OSError as fault:
        en, fr = os_reason(fault)
        raise StorageError(
            f"The file {out} cannot be written ({en}): choose another place.",
            f"Le fichier {out} ne peut pas être écrit ({fr}) : choisissez un autre endroit.",
        ) from None
