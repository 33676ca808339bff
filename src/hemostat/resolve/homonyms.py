"""Rows that nothing but a name, or a name and a date, tells whose they are: one person met again, or homonyms.

Equal rows are taken for one person as far as their traits are rare. Nobody is sure of it: the interval counts the
chance that some are several, and a name and date that come far more often than others are never certain.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hemostat.resolve.levels import F32
    from hemostat.resolve.settings import Settings
    from hemostat.resolve.traits import Traits

    I64 = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Homonyms:
    """People whom equal rows may hide. `expected`: by their weight; `open`: those of whom nothing can be said."""

    expected: float
    open: int


def told_by_name(traits: Traits) -> NDArray[np.bool_]:
    """Rows without NIR, contact, address or internal id: a name, and a date at most, says whose they are."""
    contact = traits.email | traits.email2 | traits.phone | traits.phone2 | traits.phone3
    alone: NDArray[np.bool_] = (contact | traits.nir | traits.address | traits.id) == 0
    return alone


def crowded(traits: Traits, rows: I64, rules: Settings) -> NDArray[np.bool_]:
    """Names with their dates that come more often than one person's rows do in the same data.

    `rows`: how many records each row stands for. One person of a thousand has more rows than the usual most.
    """
    usual = (
        float(np.quantile(rows, 1 - 1 / rules["crowd_share"])) if len(rows) >= rules["crowd_share"] else 0.0
    )
    most = max(rules["block"], rules["crowd_times"] * usual)
    found: NDArray[np.bool_] = told_by_name(traits) & (rows > most)
    return found


def doubtful(own: F32, crowd: NDArray[np.bool_], rules: Settings) -> F32:
    """Strength of each row with a copy of itself, where a crowd of copies is never certain to be one person."""
    return np.where(crowd, np.minimum(own, np.float32(rules["certain"] - 1)), own)


def hidden(
    traits: Traits, copies: I64, repeats: I64, own: F32, crowd: NDArray[np.bool_], rules: Settings
) -> Homonyms:
    """People whom equal rows may hide beyond one each.

    In: for each row, the records it stands for (`copies`) and those equal to them to the letter that tell nothing but
    whose they are (`repeats`); `own`: strength of the row with a copy of itself. Copies in a crowd are not counted:
    they are links that are not certain, and the interval reaches as far as these.
    """
    chance = 1 / (1 + np.exp2(np.clip(own.astype(np.float64), -50, 50)))
    named = told_by_name(traits)
    blank = named & (traits.birth < 0) | crowd
    merged = np.where(own >= rules["best"], copies - 1, 0) + repeats
    return Homonyms(float(np.sum((merged * chance)[named & ~blank])), int(np.sum(repeats[blank])))
