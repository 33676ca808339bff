"""The view of a column under judgement: its sample, the kinds of its values, and what is proposed of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from hemostat.detect import dates, days
from hemostat.model import About, Category

if TYPE_CHECKING:
    from datetime import date

    import polars as pl

    from hemostat.detect.digits import Bools
    from hemostat.detect.samples import ColumnSample

RULE = "rule"
"""``decided_by`` of what no person decided."""

ABOUT = {
    Category.TREATING_DOCTOR: About.PROFESSIONAL,
    Category.PROFESSIONAL_ID: About.PROFESSIONAL,
    Category.FACILITY: About.TENANT,
    Category.RELATIVE: About.RELATIVE,
    Category.TRUSTED_PERSON: About.RELATIVE,
    Category.LEGAL_GUARDIAN: About.RELATIVE,
}
"""Whose datum a category is when nothing else is said; the person's own where it is not here."""
SOME, LEAST, HALF, MOST, NEARLY = 0.25, 0.45, 0.5, 0.9, 0.95
"""Shares of a sample, and the least confidence that counts."""
FLAGS = 10
"""So few distinct values number nobody, and are no free text."""
DATES = ("date", "datetime", "compact_date", "words_date")
_FEW = 5


@dataclass(frozen=True, slots=True)
class Candidate:
    """One category of a column.

    ``share``: part of the sample that confirms it. ``part``: a piece of a datum that another column completes (the
    key of a NIR, a calling code), of a cell that holds several (``cp_city``), or how its values are written.
    """

    category: Category
    about: About
    confidence: float
    share: float
    part: str | None = None
    style: dates.Style | None = None
    decided_by: str = RULE


@dataclass(frozen=True, slots=True)
class View:
    """A column under judgement: its sample and the kinds of its values.

    ``named``: its heading without the table's prefix; ``told``: what that prefix says of the table.
    """

    sample: ColumnSample
    kinds: dict[str, Bools]
    table: str
    today: date
    named: str | None = None
    told: Category | None = None

    @property
    def heading(self) -> str:
        """What its heading says."""
        return self.sample.heading if self.named is None else self.named

    def share(self, *names_: str) -> float:
        """Share of the sample that is of any of these kinds."""
        return float(self.any(*names_).mean()) if len(self.sample.values) else 0.0

    def any(self, *names_: str) -> Bools:
        """Which values are of any of these kinds."""
        found = np.zeros(len(self.sample.values), dtype=np.bool_)
        for name in names_:
            found |= self.kinds[name]
        return found


def style(view: View) -> dates.Style:
    """How the column writes its dates, by its sample."""
    values = view.sample.values
    found = style_of(values, view.today)
    if view.share("age", "year", "serial", "epoch") > 0.02:  # noqa: PLR2004
        return replace(found, numeric=dates.numeric(values))
    return found


def style_of(values: pl.Series, today: date) -> dates.Style:
    """How dates written with signs or words are read, by a sample of them."""
    first, second = dates.first_and_second(values)
    return dates.Style(dates.order(first, second), dates.Numeric.NOTHING, dates.elders(values, today))


def spread(view: View, written: dates.Style) -> float:
    """Years between the 5th and the 95th percentile of the sample's dates; 0 if many are no age of the living."""
    years = days.read(view.sample.values, written, view.today).year.drop_nulls().to_numpy()
    ages = view.today.year - years
    if len(ages) < _FEW or ((ages < 0) | (ages > 115)).mean() > 0.05:  # noqa: PLR2004
        return 0.0
    low, high = np.quantile(ages, [0.05, 0.95])
    return float(high - low)
