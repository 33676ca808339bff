"""What short texts say of their column where neither its heading nor the shape of its values does."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from hemostat.detect import headings, text
from hemostat.detect.view import ABOUT, HALF, Candidate
from hemostat.model import About, Category
from hemostat.rules import categories

if TYPE_CHECKING:
    from hemostat.detect.view import View

_LOOKED_AT = 200
_PROPOSED, _ALONE = 0.3, 0.6
"""Share of values that must speak of a category which the heading proposes, or does not."""
_FEWEST = 3
_COVERED = 0.5
"""Part of a value that must speak of the category: a column of labels, not of stories."""


def by_texts(view: View) -> Candidate | None:
    """The care or the remark that most values of a column name, if they do."""
    values = view.sample.values.head(_LOOKED_AT)
    if headings.is_nothing(view.heading) or view.share("label") < HALF:
        return None
    spans = pl.DataFrame(text.shown(text.find(values)))
    spans = spans.filter(pl.col("category").is_in(_named()))
    if not len(spans):
        return None
    length = values.str.len_chars().gather(spans["doc"])
    spans = spans.filter((spans["end"] - spans["start"]) >= _COVERED * length)
    proposed = {str(p.category): p.about for p in headings.propose(view.heading)}
    best: Candidate | None = None
    for name, docs in spans.group_by("category").agg(pl.col("doc").n_unique()).sort("category").iter_rows():
        share = docs / len(values)
        enough = share >= _PROPOSED if name in proposed else share >= _ALONE and docs >= _FEWEST
        if enough and (best is None or share > best.share):
            category = Category(name)
            about = proposed.get(name, ABOUT.get(category, About.PERSON))
            best = Candidate(category, about, round(0.45 + 0.35 * share, 3), share)
    return best


def _named() -> list[str]:
    care = {Category.PATHOLOGY, Category.TREATMENT, Category.PROCEDURE}
    return [str(rule.id) for rule in categories() if rule.group == "remarks" or rule.id in care]
