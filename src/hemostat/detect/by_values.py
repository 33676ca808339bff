"""What the values of a column say by themselves, without its heading."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hemostat.detect import headings, kinds
from hemostat.detect.formats import formats
from hemostat.detect.view import ABOUT, DATES, FLAGS, HALF, LEAST, NEARLY, Candidate, View, spread, style
from hemostat.model import About, Category

if TYPE_CHECKING:
    from collections.abc import Sequence

TYPED = ("email", "ins", "iban", "nir", "hash", "token", "uuid", "ip", "device", "rpps", "cip13", "card", "card_lost",
          "phone", "hex", "picture")  # fmt: skip
"""Kinds that say what they are whatever the heading, surest first."""
_VALUE_ORDER = (*TYPED, "cp_city", "blood", "cim10", "ccam", "atc_full", "titled", "address", "facility", "sex_word",
                "marital", "money", "tension", "measure", "weeks", "ins_status", "legal_care", "guardianship", "drug",
                "drug_use", "card_brand", "full_name", "cased_name", "initialed", "city", "first_name",
                "surname")  # fmt: skip
_LEXICAL = ("full_name", "cased_name", "initialed", "city", "first_name", "surname")
_SURE = frozenset({"email", "ins", "iban", "nir", "hash", "rpps", "cip13", "card", "ip", "uuid"})
_FEW = 5
_FEWEST_NAMES = 3
"""Different names that a column of names has at least, unless it is short."""
_SPREAD_YEARS = 25
DECADES = 40
"""Years over which births spread and visits do not."""
_WORDY = 40
"""Mean length from which a text under an unknown heading is taken for a comment: better one too many."""


def alone(view: View, order: Sequence[str]) -> list[Candidate]:
    """Categories that the values name by themselves, in the order given."""
    out = []
    for kind in order:
        share = view.share(kind)
        for form in formats().values():
            least = form.alone.get(kind)
            if least is None or share < max(least, 3 * kinds.BY_NAME[kind].chance):
                continue
            if kind == "cim10" and _numbered(view):
                continue
            if kind == "money" and not headings.is_missing(view.heading):
                continue  # what a visit cost is nobody's income
            about = ABOUT.get(form.category, About.PERSON)
            sure = 0.6 + 0.38 * share if kind in _SURE else 0.75 * share
            few = 0.8 if len(view.sample.values) < _FEW else 1.0
            out.append(Candidate(form.category, about, round(sure * few, 3), share))
    return out


def _numbered(view: View) -> bool:
    """Whether codes are one letter and a running number: they count things, and name no diagnosis."""
    values = view.sample.values
    return len(values) > 1 and values.str.head(1).n_unique() == 1 and values.str.len_bytes().n_unique() == 1


def by_values(view: View) -> Candidate | None:
    """What the values say without the heading."""
    typed = alone(view, _VALUE_ORDER[: _VALUE_ORDER.index("full_name")])
    if typed:
        return typed[0]
    dated = view.share(*DATES)
    if dated >= HALF + 0.1:
        return _dated(view, dated)
    lexical = alone(view, _LEXICAL)
    if not headings.is_missing(view.heading):
        lexical = [c for c in lexical if c.confidence >= LEAST]
    if view.sample.distinct < _FEWEST_NAMES <= view.sample.filled / _FEW:
        lexical = []  # people are not all called alike: a label that happens to be a name
    if lexical:
        full = [c for c in lexical if c.category is Category.FULL_NAME]
        first = [c for c in lexical if c.category is Category.FIRST_NAME and c.share > view.share("surname")]
        return (full or first or sorted(lexical, key=lambda c: -c.share))[0]
    return _untyped(view)


def _dated(view: View, share: float) -> Candidate | None:
    """Birth dates spread over decades; appointments cluster in recent years, and need a heading that allows them."""
    written = style(view)
    dateless = not headings.is_missing(view.heading) and not headings.speaks_of_time(view.heading)
    if view.share("datetime") < HALF and spread(view, written) >= (DECADES if dateless else _SPREAD_YEARS):
        return Candidate(Category.BIRTH_DATE, About.PERSON, 0.5 if dateless else 0.7, share, style=written)
    return None if dateless else Candidate(Category.APPOINTMENT, About.PERSON, 0.45, share, style=written)


def _untyped(view: View) -> Candidate | None:
    """Headless columns without a type: long varied text, unique numbers, postal codes."""
    values = view.sample.values
    if not headings.is_missing(view.heading):
        wordy = view.share("text") >= HALF and float(values.str.len_chars().mean() or 0) >= _WORDY  # type: ignore[arg-type]
        wordy = wordy and view.sample.distinct > min(FLAGS, view.sample.filled / 5)
        return Candidate(Category.MEDICAL_COMMENT, About.PERSON, 0.35, view.share("text")) if wordy else None
    if view.share("nir_body") >= NEARLY and len(values) >= 20:  # noqa: PLR2004
        return Candidate(Category.NIR, About.PERSON, 0.6, view.share("nir_body"))
    length = float(values.str.len_chars().mean() or 0)  # type: ignore[arg-type]
    if view.share("text") >= HALF and length >= 20:  # noqa: PLR2004
        return Candidate(Category.MEDICAL_COMMENT, About.PERSON, 0.4, view.share("text"))
    round_codes = float(values.str.ends_with("0").mean() or 0)  # type: ignore[arg-type]
    if view.share("postal") >= NEARLY and round_codes >= HALF and len(values) >= 20:  # noqa: PLR2004
        return Candidate(Category.POSTAL_CODE, About.PERSON, 0.6, view.share("postal"))
    unique = view.sample.distinct >= 0.97 * view.sample.filled
    if unique and view.share("integer", "code") >= NEARLY and len(values) >= 10:  # noqa: PLR2004
        return Candidate(Category.INTERNAL_ID, About.PERSON, 0.5, view.share("integer", "code"))
    return None
