"""Columns that hold several categories: cells taken apart, mixtures told by value."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hemostat.detect import address, dates, headings, kinds, names
from hemostat.detect.view import HALF, MOST, SOME, Candidate, View, style
from hemostat.model import About, Category

_MIXABLE = {"email": Category.EMAIL, "phone": Category.PHONE, "nir": Category.NIR, "iban": Category.IBAN}
_PROSE = frozenset(
    {Category.MEDICAL_COMMENT, Category.WRITTEN_EXCHANGE, Category.CONSULTATION_REASON, Category.MEDICAL_HISTORY,
     Category.PRESCRIPTION, Category.SECURITY_ANSWER, Category.RELATIVE, Category.TRUSTED_PERSON,
     Category.LEGAL_GUARDIAN}
)  # fmt: skip
_MIX = 0.01
_NATIONAL = 7
"""Digits that a number of a whole country has at least."""


def taken_apart(view: View, main: Candidate) -> tuple[Candidate, ...]:
    """The main category with its style, the others of a composite or mixed column after it."""
    if main.category in (Category.BIRTH_DATE, Category.DEATH_DATE) and main.style is None:
        written = style(view)
        if main.category is Category.DEATH_DATE and written.numeric is dates.Numeric.AGE:
            written = replace(written, numeric=dates.Numeric.NOTHING)  # 0 and 1 say whether, not when
        main = replace(main, style=written)
    if main.category is Category.PAYMENT_CARD and view.share("card", "card_lost") < 0.2:  # noqa: PLR2004
        main = replace(main, part="detail")
    if main.category is Category.NIR and view.share("nir", "nir_shaped", "nir_body", "nir_lost") < SOME:
        short = float(view.sample.values.str.count_matches("[0-9]").mean() or 0) < _NATIONAL  # type: ignore[arg-type]
        kind = Category.INTERNAL_ID if short else Category.ID_CARD  # of some country
        number = replace(main, category=kind, confidence=min(main.confidence, HALF))
        return number, *mixture(view, number)
    if main.category is Category.NIR and view.share("nir", "nir_shaped", "nir_body", "nir_lost") < HALF:
        main = replace(
            main, part="unproven", confidence=min(main.confidence, HALF)
        )  # a number of some country: no trait unless its key is right
    out = [main]
    if main.category in (Category.POSTAL_CODE, Category.CITY) and view.share("cp_city") >= HALF:
        code = replace(main, category=Category.POSTAL_CODE, part="cp_city", share=view.share("cp_city"))
        return code, replace(code, category=Category.CITY)
    if main.category is Category.POSTAL_CODE and view.share("postal", "postal_short") >= MOST:
        return (
            replace(main, part="french"),
        )  # its four-digit codes lost a zero; elsewhere they are codes of abroad
    if main.category is Category.POSTAL_ADDRESS:
        full = float(view.sample.values.str.contains(address.WHOLE).mean() or 0)  # type: ignore[arg-type]
        if full >= 0.3:  # noqa: PLR2004
            whole = replace(main, part="whole")
            return whole, *(
                replace(whole, category=c, share=full) for c in (Category.POSTAL_CODE, Category.CITY)
            )
    if main.category is Category.FULL_NAME:
        leads = names.first_name_leads(view.sample.values)
        return (replace(main, part="first_last" if leads else "last_first"), *mixture(view, main))
    if main.category is Category.LOGIN and view.share("email") >= _MIX:
        out.append(Candidate(Category.EMAIL, main.about, 0.9, view.share("email")))
    if (
        main.category is Category.PHONE
        and view.share("phone9")
        and view.share("phone", "phone9", "email") >= MOST
    ):
        out[0] = replace(
            main, part="lost_zero"
        )  # among French numbers, nine digits are ten without their zero
    return (*out, *(c for c in mixture(view, main) if c.category not in {o.category for o in out}))


def mixture(view: View, main: Candidate | None) -> tuple[Candidate, ...]:
    """Plain identifiers among the values that the main category does not explain (`contact`: phone or e-mail)."""
    if main is not None and (main.category in _PROSE or view.share("text") >= HALF):
        return ()
    count = len(view.sample.values)
    if not count:
        return ()
    shares = {kind: view.share(kind) for kind in _MIXABLE}
    if main is None:
        if headings.is_nothing(view.heading) or sum(shares.values()) < 0.8:  # noqa: PLR2004
            return ()
        explained = np.zeros(count, dtype=np.bool_)
    else:
        own = [k for k, c in _MIXABLE.items() if c is main.category]
        explained = view.any(*own) if own else np.zeros(count, dtype=np.bool_)
    out = []
    about = main.about if main is not None else About.PERSON
    for kind, category in _MIXABLE.items():
        if main is not None and category is main.category:
            continue
        if kind == "nir" and main is not None and main.category is Category.INS:
            continue  # an INS is a NIR
        chance = kinds.BY_NAME[kind].chance
        rest = float((view.kinds[kind] & ~explained).mean())
        if kind == "phone" and main is not None and main.category is not Category.EMAIL:
            continue  # ten digits are a phone only where nothing else explains them
        # six deviations above luck
        if rest >= max(_MIX, (2 if chance else 1) / count, min(0.4, chance + 6 * (chance / count) ** 0.5)):
            out.append(Candidate(category, about, round(0.6 + 0.3 * rest, 3), rest))
    return tuple(sorted(out, key=lambda c: -c.share))
