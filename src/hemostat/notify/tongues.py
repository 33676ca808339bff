"""What the check of letters looks for in each language: dates, verbs, requests, rights. The words are in the rules."""

from __future__ import annotations

import re
from dataclasses import dataclass

_BY_FIGURES = r"\b\d{1,2}/\d{1,2}/\d{4}\b"
MONTHS = "janvier|février|mars|avril|mai|juin|juillet|août|septembre|octobre|novembre|décembre"
MONTHS_EN = "january|february|march|april|may|june|july|august|september|october|november|december"


def _any_case(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Tongue:
    """The patterns of one language.

    ``learnt``: how the copy was known; ``done``: a verb of something done; ``leaked``: of something copied;
    ``rights``: words that the part on rights must hold; ``sorry``: an apology; ``never``: that we never ask.
    """

    date: re.Pattern[str]
    learnt: re.Pattern[str]
    done: re.Pattern[str]
    asks: re.Pattern[str]
    denied: re.Pattern[str]
    leaked: re.Pattern[str]
    sorry: re.Pattern[str]
    do_not_click: re.Pattern[str]
    when: str
    why: str
    never: str
    rights: tuple[str, ...]
    least_flesch: float
    most_words: int


TONGUES = {
    "fr": Tongue(
        date=_any_case(rf"\b(?:1er|\d{{1,2}}) (?:{MONTHS}) \d{{4}}\b|{_BY_FIGURES}"),
        learnt=_any_case(
            r"\b(?:appris|découvert|constaté|informé|informés|alerté|alertés|prévenu|prévenus|signalé|vu)\b"
        ),
        done=_any_case(r"\b(?:avons|a été|ont été|est|sont)\b"),
        asks=_any_case(
            r"\b(?:donnez|communiquez|envoyez|indiquez|saisissez|confirmez|transmettez|fournissez|répondez avec)\b"
            r"[^.\n]{0,60}"
            r"\b(?:numéro de sécurité sociale|date de naissance|carte|mot de passe|code reçu|rib|iban)\b"
        ),
        denied=_any_case(r"\b(?:jamais|ne|n')\b|n'"),
        leaked=_any_case(r"\b(?:copi|publi|vol[ée]|divulgu|diffus|fuit|expos)"),
        sorry=re.compile(r"excuse|désol"),
        do_not_click=_any_case(r"\bne cliquez pas\b"),
        when="Quand : ",
        why="Pourquoi : ",
        never="jamais",
        rights=("copie", "cnil", "plainte", "pas de votre faute"),
        least_flesch=70,
        most_words=15,
    ),
    "en": Tongue(
        date=_any_case(
            rf"\b\d{{1,2}} (?:{MONTHS_EN}) \d{{4}}\b|\b(?:{MONTHS_EN}) \d{{1,2}}, \d{{4}}\b|{_BY_FIGURES}"
        ),
        learnt=_any_case(
            r"\b(?:learnt|learned|found|discovered|noticed|told|informed|warned|alerted|reported|saw)\b"
        ),
        done=_any_case(r"\b(?:have|has|was|were|is|are|closed|changed|told|stopped|filed)\b"),
        asks=_any_case(
            r"\b(?:give|send|tell|enter|confirm|provide|type|reply with)\b[^.\n]{0,60}"
            r"\b(?:social security number|date of birth|birth date|card|password|code that you got|bank account)\b"
        ),
        denied=_any_case(r"\b(?:never|not|nothing)\b|n't\b"),
        leaked=_any_case(r"\b(?:copied|publish|stolen|disclos|leak|expos)"),
        sorry=re.compile(r"apolog|sorry"),
        do_not_click=_any_case(r"\bdo not click\b"),
        when="When: ",
        why="Why: ",
        never="never",
        rights=("copy", "cnil", "complaint", "not your fault"),
        least_flesch=65,
        most_words=17,
    ),
}
"""By language. English has longer sentences for the same words: its bound is two words higher."""
