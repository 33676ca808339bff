"""Texts for the public, the phone desk, the prosecutor and the insurer: figures come from the ledger alone."""

from __future__ import annotations

from importlib import resources
from typing import TYPE_CHECKING, Any

import jinja2
import jinja2.sandbox

from hemostat.assess import controller_zone, latest, times_of
from hemostat.assess.combination import whole_mask
from hemostat.errors import Refused
from hemostat.notify.figures import figures
from hemostat.notify.files import write_all
from hemostat.notify.letters import TOPIC
from hemostat.notify.lint import banned_in
from hemostat.notify.wording import groups_in, names
from hemostat.rules import categories

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from hemostat.case import Case
    from hemostat.notify.figures import Figures

PUBLIC = ("communique.txt", "avis_public.txt", "accueil_telephonique.txt")
COMPLAINT = ("plainte.txt", "fiche_personne.txt")
_NEEDED = ("what", "learnt", "measures", "contact", "phone", "next_date")


def write(case: Case, folder: Path, wanted: Sequence[str]) -> list[Path]:
    """Writes these texts; gives their paths.

    Raises:
        Refused: a fact is missing, or a text holds a hedge or false comfort; the message says which.
    """
    facts = _facts(case)
    texts = {name: render(name, facts) for name in wanted}
    for name, text in texts.items():
        bad = [rule for rule in ("L07", "L08", "L04", "L13") if banned_in(rule, text)]
        if bad and name in PUBLIC:
            raise Refused(
                f"The text {name} breaks {', '.join(bad)}: correct the facts that you gave with letters --set.",
                f"Le texte {name} enfreint {', '.join(bad)} : corrigez les faits donnés avec letters --set.",
            )
    written = write_all(folder, texts)
    case.journal("public.written", files=list(wanted))
    return written


def render(name: str, facts: dict[str, Any]) -> str:
    """One text, from its template and the facts of the case."""
    environment = jinja2.sandbox.SandboxedEnvironment(
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False
    )
    source = (resources.files("hemostat.notify") / "templates" / name).read_text("utf-8")
    return environment.from_string(source).render(facts).strip() + "\n"


def _facts(case: Case) -> dict[str, Any]:
    said = {name: one.value for name, one in latest(case, TOPIC).items()}
    lacking = [name for name in _NEEDED if not said.get(name)]
    if lacking:
        raise Refused(
            "These facts are missing: " + ", ".join(lacking) + ". Give each with letters --set FIELD=VALUE.",
            "Il manque ces faits : "
            + ", ".join(lacking)
            + ". Donnez chacun avec letters --set CHAMP=VALEUR.",
        )
    known = figures(case)
    where = controller_zone(case)
    return {
        **said,
        "controller": case.setting("controller") or "L'organisme",
        "people": _people(known),
        "kinds": _kinds(known),
        "enables": [names().groups[group][0] for group in groups_in(whole_mask(known.people_by_category))],
        "case_id": case.case_id,
        "journal_head": case.journal_head(),
        "evidence": known.evidence,
        "times": [
            (n, f"{t.at.astimezone(where):%d/%m/%Y %H:%M %z}", t.why) for n, t in times_of(case).items()
        ],
        "records": known.kept,
        "claims": known.claims,
        "levels": known.levels or {},
    }


def _people(known: Figures) -> str:
    if known.best is None:
        return "Nous ne savons pas encore combien de personnes sont concernées."
    best, low, high = (f"{n or 0:,}".replace(",", " ") for n in (known.best, known.low, known.high))
    return f"{best} personnes sont concernées (entre {low} et {high}, à 95 %)."


def _kinds(known: Figures) -> list[str]:
    """What is out, named for everybody: health coarsely, remarks never."""
    words = names()
    found: list[str] = []
    for rule in categories():
        if rule.id in known.people_by_category and rule.group != "technical":
            coarse = rule.group in ("care", "remarks")
            named = words.coarse["care"] if coarse else words.phrases[rule.id]
            found.append(named.removeprefix("votre ").removeprefix("vos "))
    return list(dict.fromkeys(found))
