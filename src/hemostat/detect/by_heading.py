"""What the heading of a column proposes, and its values allow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hemostat.detect import headings
from hemostat.detect.formats import formats
from hemostat.detect.view import ABOUT, DATES, FLAGS, HALF, LEAST, MOST, SOME, Candidate, View
from hemostat.model import About, Category

if TYPE_CHECKING:
    from hemostat.detect.formats import Format

_LONG_NUMBER = 3
"""Mean length from which a number tells one of many."""
_NAMES = frozenset({Category.BIRTH_NAME, Category.USED_NAME, Category.FIRST_NAME, Category.FULL_NAME})


def by_heading(view: View) -> Candidate | None:
    """The best of what the heading proposes and the values allow."""
    ranked: list[tuple[float, Candidate]] = []
    context = view.told or headings.table_category(view.table)
    for proposal in headings.propose(view.heading):
        if proposal.part is not None:
            continue
        form = formats()[proposal.category]
        confirmed, accepted = view.share(*form.confirms), view.share(*form.accepts)
        weak = proposal.strength < 0.7  # noqa: PLR2004
        plausible = view.share(*form.hinted) if proposal.hint or weak else max(confirmed, accepted)
        if plausible < HALF or (proposal.hint and _only_dates(view, form)):
            continue
        if form.refuses and view.share(*form.refuses) >= SOME:
            continue
        if weak and proposal.category in _NAMES and view.share("first_name", "surname", "full_name") < SOME:
            continue  # `nom_produit` is no name of a person unless its values are
        if (
            proposal.category is Category.INTERNAL_ID
            and view.sample.distinct <= FLAGS < view.sample.filled / 10
        ):
            continue  # ten values over a hundred rows number nobody
        if (
            proposal.category is Category.INTERNAL_ID
            and proposal.hint
            and proposal.strength == headings.SUBJECT
            and not _numbers(view)
        ):
            continue
        confidence = (0.5 + 0.3 * proposal.strength + 0.18 * confirmed) * (0.6 + 0.4 * plausible)
        confidence -= 0.1 * proposal.hint + 0.15 * weak
        if proposal.category is Category.NIR and confirmed >= HALF > view.share(
            "nir", "nir_body", "nir_lost"
        ):
            confidence = 0.5  # the shape is there, the keys are not: damaged or made up
        rank = proposal.strength + 0.3 * confirmed + (0.5 if proposal.category is context else 0)
        ranked.append(
            (rank, Candidate(proposal.category, proposal.about, round(min(confidence, 0.99), 3), confirmed))
        )
    best = max(
        (r for r in ranked if r[1].confidence >= LEAST), key=lambda pair: pair[0], default=(0.0, None)
    )[1]
    if context is None or not headings.is_bare(view.heading):
        return best
    accepted = view.share(*formats()[context].accepts)
    return best if accepted < HALF else Candidate(context, ABOUT.get(context, About.PERSON), 0.7, accepted)


def _numbers(view: View) -> bool:
    """Whether values are codes of which nearly every row has its own: « dossier » over 1, 2, 3 counts files."""
    long = float(view.sample.values.str.len_chars().mean() or 0) >= _LONG_NUMBER  # type: ignore[arg-type]
    own = view.sample.distinct >= HALF * view.sample.filled
    return (
        long
        and own
        and view.share("integer", "code", "uuid") >= MOST
        and not view.share("year", *DATES) >= HALF
    )


def _only_dates(view: View, form: Format) -> bool:
    """Whether the values are dates under a mere hint of a category that dates do not confirm."""
    return view.share(*DATES) >= 0.8 and not set(form.confirms) & set(DATES)  # noqa: PLR2004
