"""Human decisions: facts with an author, a time and a reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from hemostat.cli.common import PATH, Globals, Instant, opened, several
from hemostat.cli.spoken import Spoken, SpokenGroup
from hemostat.cli.words import say
from hemostat.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path


@click.group(cls=SpokenGroup)
@click.argument("case_dir", type=PATH)
@click.pass_obj
def decide(settings: Globals, case_dir: Path) -> None:
    """Record a human decision: a fact that every new analysis keeps."""
    settings.case_dir = case_dir


@decide.command("column", cls=Spoken)
@click.argument("evidence")
@click.argument("column")
@click.argument("category")
@click.option("--why", required=True, help="The reason.")
@click.pass_obj
def decide_column(settings: Globals, evidence: str, column: str, category: str, why: str) -> None:
    """Say which category a column holds; "none" when it holds nothing of a person."""
    from hemostat.case import decide as record  # noqa: PLC0415 - a heavy import, not needed to print help
    from hemostat.evidence import columns_of  # noqa: PLC0415 - same
    from hemostat.model import Category  # noqa: PLC0415 - same

    if category not in (*Category, "none"):
        raise UsageError(
            f"There is no category {category}: see the glossary.",
            f"Il n'y a pas de catégorie {category} : voir le glossaire.",
        )
    with opened(settings, settings.case_dir) as case:
        numbers = case.rows("select evidence_id from evidence where name = ?", (evidence,))
        if not numbers:
            raise UsageError(
                f"There is no evidence named {evidence} in this case: the report lists the names.",
                f"Il n'y a pas de pièce nommée {evidence} dans cette affaire : le rapport donne les noms.",
            )
        if not any(column in columns_of(case, number) for (number,) in numbers):
            raise UsageError(
                f"{evidence} has no column of that name: give its heading to the letter.",
                f"{evidence} n'a pas de colonne de ce nom : donnez son intitulé à la lettre près.",
            )
        number = record(case, "column", f"{evidence}\x1f{column}", category, why)
    settings.tell(say("decided", number=number))


@decide.command("claim", cls=Spoken)
@click.argument("number", type=int)
@click.argument(
    "event", type=click.Choice(["sample-shown", "put-on-sale", "published", "withdrawn", "corrected"])
)
@click.option("--at", "at", type=Instant(), required=True, help="When it happened, with its offset.")
@click.option("--note", default="", help="What there is to say of it.")
@click.pass_obj
def decide_claim(settings: Globals, number: int, event: str, at: str, note: str) -> None:
    """Say what became of a claim."""
    from hemostat.case import claim_event  # noqa: PLC0415 - same

    with opened(settings, settings.case_dir) as case:
        claim_event(case, number, event, note, at)
    settings.tell(say("claim_event_kept", number=number, event=event, at=at))


@decide.command("tenant", cls=Spoken)
@click.argument("site")
@click.option("--name", help="Its name; without this option and --none, the name shown is confirmed.")
@click.option("--none", "rejected", is_flag=True, help="Say that it is no site of its own.")
@click.option("--why", required=True, help="The reason.")
@click.pass_obj
def decide_tenant(settings: Globals, site: str, name: str | None, rejected: bool, why: str) -> None:
    """Confirm, name or reject a site that was found; or name the site of a whole piece of evidence."""
    from hemostat.case import decide as record  # noqa: PLC0415 - a heavy import, not needed to print help
    from hemostat.resolve import sites  # noqa: PLC0415 - same

    if rejected and name is not None:
        raise UsageError(
            "A site has a name or is none: give --name or --none, not both.",
            "Un site a un nom ou n'en est pas un : donnez --name ou --none, pas les deux.",
        )
    with opened(settings, settings.case_dir) as case:
        subject, shown = sites.named(case, site)
        number = record(case, sites.DECISION, subject, sites.NONE if rejected else name or shown, why)
    settings.tell(say("decided", number=number))


_two_records_named = several(
    click.argument("evidence"),
    click.argument("locator"),
    click.argument("other_evidence"),
    click.argument("other_locator"),
    click.option("--why", required=True, help="The reason."),
)


@decide.command("same", cls=Spoken)
@_two_records_named
@click.pass_obj
def decide_same(
    settings: Globals, evidence: str, locator: str, other_evidence: str, other_locator: str, why: str
) -> None:
    """Say that two records are of one person; both are named as the exports records and review name them."""
    _two_records(settings, "same", ((evidence, locator), (other_evidence, other_locator)), why)


@decide.command("not-same", cls=Spoken)
@_two_records_named
@click.pass_obj
def decide_not_same(
    settings: Globals, evidence: str, locator: str, other_evidence: str, other_locator: str, why: str
) -> None:
    """Say that two records are of two people (twins, homonyms); named as the exports records and review name them."""
    _two_records(settings, "not-same", ((evidence, locator), (other_evidence, other_locator)), why)


def _two_records(settings: Globals, kind: str, places: tuple[tuple[str, str], ...], why: str) -> None:
    from hemostat.case import decide as record  # noqa: PLC0415 - a heavy import, not needed to print help
    from hemostat.resolve import decisions  # noqa: PLC0415 - same

    with opened(settings, settings.case_dir) as case:
        names = []
        for evidence, locator in places:
            name = decisions.name_of(case, evidence, locator)
            if name is None:
                raise UsageError(
                    f"{evidence} has no record {locator}: export records or review, which name them.",
                    f"{evidence} n'a pas d'enregistrement {locator} : exportez records ou review, qui les nomment.",
                )
            names.append(name)
        if names[0] == names[1]:
            raise UsageError(
                "Both names are of one record: give two.",
                "Les deux noms sont d'un même enregistrement : donnez-en deux.",
            )
        number = record(case, kind, decisions.subject(*names), "yes", why)
    settings.tell(say("decided", number=number))
