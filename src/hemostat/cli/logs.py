"""Access logs on the command line: options, the accounts ranked, and what the chosen ones saw."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from hemostat.cli.words import say
from hemostat.errors import EvidenceError

if TYPE_CHECKING:
    from pathlib import Path

    from hemostat.case import Case

_MOST = 10
"""Accounts shown on the terminal; the export has all."""
_OPTIONS = ("accounts", "start", "end", "timezone")


def keep(case: Case, given: dict[str, Any]) -> None:
    """Records what was said about logs: accounts and window (a decision), zone, mapping."""
    if not any(given[name] for name in (*_OPTIONS, "log_map")):
        return
    from hemostat import watch  # noqa: PLC0415 - a heavy import, not needed to print help

    watch.keep(
        case,
        **{name: given[name] for name in _OPTIONS},
        mapping=_text(given["log_map"]) if given["log_map"] else None,
    )


def keep_fiction(case: Case, truth: dict[str, Any]) -> None:
    """Chooses the accounts that the fiction says were usurped, each from the usurpation to the cut."""
    usurped = truth.get("usurped")
    if usurped:
        from hemostat import watch  # noqa: PLC0415 - same

        told = (f"{one['account']}={one['since']}/{one['until']}" for one in usurped)
        watch.keep(case, accounts=",".join(told))


def tell(case: Case, lang: str) -> None:
    """Says what the chosen accounts saw; without a choice, ranks the accounts."""
    if not case.rows("select 1 from access_event limit 1"):
        return
    from hemostat import watch  # noqa: PLC0415 - same

    if watch.choice(case):
        found = watch.figures(case)
        click.echo(say("log_scope", **found))
        if any(found[name] for name in ("gaps", "unread", "possible", "counted", "unknown_screens")):
            click.echo(say("log_at_least", **found))
        if found["same_session"]:
            click.echo(say("log_same_session", **found))
        return
    click.echo(say("log_choose"))
    for line in watch.ranking(case).head(_MOST).iter_rows(named=True):
        reasons = "; ".join(line[f"reasons_{lang}"]) or say("log_no_fact")
        click.echo(
            say("log_account", reasons=reasons, **{k: line[k] for k in ("account", "patients", "entries")})
        )


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        raise EvidenceError(
            f"The log mapping {path} cannot be read: check the path; it must be TOML in UTF-8.",
            f"La table de correspondance {path} est illisible : vérifiez le chemin ; il faut du TOML en UTF-8.",
        ) from None
