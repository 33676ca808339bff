"""Which sex a first name tells, by the rows at hand and by the list of the rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hemostat.resolve.names import NONE, distinct, fold
from hemostat.resolve.settings import first_names
from hemostat.resolve.standing.rules import thresholds

if TYPE_CHECKING:
    import polars as pl
    from numpy.typing import NDArray


def woman_by_name(given: pl.Series, woman: NDArray[np.int8]) -> NDArray[np.int8]:
    """1 woman, 0 man, -1 not told, by the first name of each row and by what all other rows say of that name.

    In: first names as written; `woman`: what each row tells of itself (1, 0, -1). A row's own word is left out, so
    that a row never bears itself out. Names that both sexes bear tell nothing.
    """
    numbers, written = distinct(given)
    rules = thresholds()
    heads = fold(written).str.extract(r"^(\S+)", 1)
    head_numbers, head_words = distinct(heads)
    name = np.append(head_numbers, NONE)[numbers]
    size = len(head_words)
    listed = [first_names().get(word, "") for word in head_words]
    told = name != NONE
    counts = [
        np.bincount(name[told & (woman == sex)], minlength=size)
        + rules["name_listed"] * np.array([word == letter for word in listed])
        for sex, letter in ((0, "M"), (1, "F"))
    ]
    if not size:
        return np.full(len(given), -1, dtype=np.int8)
    # each name as its bearers see it: those who tell nothing, the men, the women; the last line is of no name
    seen = np.full((size + 1, 3), -1, dtype=np.int8)
    for own in (-1, 0, 1):
        men, women = (count - (own == sex) for sex, count in enumerate(counts))
        both = men + women
        enough = both >= rules["name_bearers"]
        sure = rules["name_sex"] * both
        seen[:-1, own + 1] = np.where(enough & (women >= sure), 1, np.where(enough & (men >= sure), 0, -1))
    return seen.ravel()[name * 3 + (woman + 1)]
