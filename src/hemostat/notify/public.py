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
from hemostat.notify.letters import TOPIC, Wording, fact_name
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


def write(case: Case, folder: Path, wanted: Sequence[str], lang: str = "fr") -> list[Path]:
    """Writes these texts in a language; gives their paths.

    Raises:
        Refused: a fact is missing, or a text holds a hedge or false comfort; the message says which.
    """
    facts = _facts(case, lang)
    named = {name: name if lang == "fr" else name.replace(".txt", f".{lang}.txt") for name in wanted}
    texts = {file: render(file, facts) for file in named.values()}
    for name, file in named.items():
        bad = [rule for rule in ("L07", "L08", "L04", "L13") if banned_in(rule, texts[file], lang)]
        if bad and name in PUBLIC:
            raise Refused(
                f"The text {name} breaks {', '.join(bad)}: correct the facts that you gave with letters --set.",
                f"Le texte {name} enfreint {', '.join(bad)} : corrigez les faits donnés avec letters --set.",
            )
    written = write_all(folder, texts)
    case.journal("public.written", files=list(texts))
    return written


def render(name: str, facts: dict[str, Any]) -> str:
    """One text, from its template and the facts of the case."""
    environment = jinja2.sandbox.SandboxedEnvironment(
        undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False
    )
    source = (resources.files("hemostat.notify") / "templates" / name).read_text("utf-8")
    return environment.from_string(source).render(facts).strip() + "\n"


def _facts(case: Case, lang: str) -> dict[str, Any]:
    held = {name: one.value for name, one in latest(case, TOPIC).items()}
    lacking = [name for name in (fact_name(one, lang) for one in _NEEDED) if not held.get(name)]
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
        **Wording(held, {}).facts_in(lang),
        "controller": case.setting("controller") or _NOBODY[lang],
        "people": _people(known, lang),
        "kinds": _kinds(known, lang),
        "enables": [
            names(lang).groups[group][0] for group in groups_in(whole_mask(known.people_by_category))
        ],
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


_NOBODY = {"fr": "L'organisme", "en": "The organisation"}
_UNKNOWN = {
    "fr": "Nous ne savons pas encore combien de personnes sont concernées.",
    "en": "We do not know yet how many people are concerned.",
}
_COUNTED = {
    "fr": ("{} personnes sont concernées (entre {} et {}, à 95 %).", "\N{NO-BREAK SPACE}"),
    "en": ("{} people are concerned (between {} and {}, at 95%).", ","),
}
_YOURS = {"fr": ("votre ", "vos "), "en": ("your ",)}


def _people(known: Figures, lang: str) -> str:
    if known.best is None:
        return _UNKNOWN[lang]
    sentence, thousands = _COUNTED[lang]
    return sentence.format(
        *(f"{n or 0:,}".replace(",", thousands) for n in (known.best, known.low, known.high))
    )


def _kinds(known: Figures, lang: str) -> list[str]:
    """What is out, named for everybody: health coarsely, remarks never."""
    words = names(lang)
    found: list[str] = []
    for rule in categories():
        if rule.id in known.people_by_category and rule.group != "technical":
            coarse = rule.group in ("care", "remarks")
            named = words.coarse["care"] if coarse else words.phrases[rule.id]
            for mine in _YOURS[lang]:
                named = named.removeprefix(mine)
            found.append(named)
    return list(dict.fromkeys(found))
