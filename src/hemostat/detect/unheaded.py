"""What is most likely in a column whose heading nobody knows, in a table about people.

Such columns hold something of the person more often than not: their values are then taken at their likeliest. What a
heading calls a thing of the office, and what stands in a table about nobody, is left alone.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hemostat.detect import dates, headings
from hemostat.detect.view import DATES, FLAGS, HALF, MOST, Candidate, View, spread, style
from hemostat.model import About, Category

if TYPE_CHECKING:
    from collections.abc import Sequence

    Judged = list[tuple[Candidate, ...]]

_ANCHORS = frozenset(
    {Category.BIRTH_NAME, Category.USED_NAME, Category.FIRST_NAME, Category.FULL_NAME, Category.BIRTH_DATE,
     Category.NIR, Category.INS, Category.INTERNAL_ID, Category.SEX, Category.PHONE, Category.EMAIL}
)  # fmt: skip
_SURNAMES = frozenset({Category.BIRTH_NAME, Category.USED_NAME, Category.FULL_NAME})
_LIKELY = 0.46
"""Confidence in what is merely the likeliest."""
_WORDY, _LONG, _CODE = 14, 4, 0.9
_FEW = 8
_DECADES = 40


def likeliest(views: Sequence[View], judged: Judged) -> Judged:
    """The same, columns of unknown headings named by their values where the table is about people."""
    held = {c.category for column in judged for c in column if c.about is About.PERSON}
    if not held & _ANCHORS:
        return judged
    out = list(judged)
    for at, (view, column) in enumerate(zip(views, judged, strict=True)):
        if column or len(view.sample.values) < _FEW or headings.is_known(view.heading):
            continue
        found = _guess(view, held)
        if found is not None:
            out[at] = (found,)
            held.add(found.category)
    return out


def _guess(view: View, held: set[Category]) -> Candidate | None:
    """The likeliest category of values that no rule names by themselves."""
    values = view.sample.values
    length = float(values.str.len_chars().mean() or 0)  # type: ignore[arg-type]
    own = view.sample.distinct >= _CODE * view.sample.filled
    if view.share("nir_body", "nir_lost", "nir_shaped") >= MOST and Category.NIR not in held:
        return _candidate(Category.NIR, view.share("nir_body", "nir_shaped"))
    written = style(view)
    counted = written.numeric is dates.Numeric.SERIAL or (
        written.numeric is dates.Numeric.EPOCH and bool(values.str.starts_with("-").any())
    )  # numbers as long as an epoch are numbers of files, unless some lie before 1970
    if Category.BIRTH_DATE not in held and counted and spread(view, written) >= _DECADES:
        return replace(_candidate(Category.BIRTH_DATE, 1.0), style=written)
    if view.share(*DATES) >= HALF:
        return None
    if own and length >= _LONG and view.share("integer", "code") >= MOST and Category.INTERNAL_ID not in held:
        return _candidate(Category.INTERNAL_ID, view.share("integer", "code"))
    if (
        view.share("text") >= HALF
        and length >= _WORDY
        and view.sample.distinct > min(FLAGS, view.sample.filled / 5)
    ):
        return _candidate(Category.MEDICAL_COMMENT, view.share("text"))
    return _surname(view, held)


def _surname(view: View, held: set[Category]) -> Candidate | None:
    """Names in capitals, nearly every row its own, beside first names that no surname accompanies."""
    if held & _SURNAMES or Category.FIRST_NAME not in held:
        return None
    named = view.share("name_like")
    own = view.sample.distinct >= HALF * view.sample.filled
    return _candidate(Category.USED_NAME, named) if named >= MOST and own and not view.share("text") else None


def _candidate(category: Category, share: float) -> Candidate:
    return Candidate(category, About.PERSON, _LIKELY, round(share, 3))
