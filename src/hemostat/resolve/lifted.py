"""Birth dates that differ under one name: a veto, unless the data themselves show that a date is what is wrong.

A desk writes the day of the visit, the date of a relative, or what it takes for one; yet a father and a son may share
a name. The NIR tells which it is in these data: among pairs of one class, those whose two NIR are equal are one person
under two dates (a child under its parent's NIR has a first name of its own), those whose NIR differ are two people.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hemostat.resolve.levels import Agreed, Birth, Contact, Given, Nir, Surname

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hemostat.resolve.levels import Weighed
    from hemostat.resolve.settings import Settings

_PART, _REACHED, _HOUSED, _NO_CLASS = range(4)
"""Another year, month or day and some contact; another date and one telephone or e-mail; another date, one address."""


@dataclass(frozen=True, slots=True)
class Lifted:
    """By class of pairs, the bits that such a pair is one person where its dates are no veto; NaN where they are."""

    bits: NDArray[np.float32]

    def apply(self, weighed: Weighed) -> NDArray[np.bool_]:
        """Takes the veto off pairs whose dates are none, gives them the weight of their class, and tells which."""
        number = _class(weighed)
        # one NIR binds no less than one telephone, but says nothing where it is left out
        by_nir = (number >= _HOUSED) & _named(weighed) & (weighed.nir >= Nir.SAME_INCOHERENT)
        number[by_nir] = np.where(weighed.birth[by_nir] == Birth.PART, _PART, _REACHED)
        bits = self.bits[number]
        lifted: NDArray[np.bool_] = (
            ~np.isnan(bits) & (weighed.nir != Nir.CONFLICT) & (weighed.nir != Nir.UNLIKE)
        )
        weighed.veto[lifted] = False
        weighed.veto_without_nir[lifted & ~by_nir] = False
        raised = np.where(lifted, np.maximum(bits - weighed.score, 0), np.float32(0))
        weighed.strangers[:] += raised
        weighed.relatives[:] += raised
        return lifted


def learn(weighed: Weighed, without_nir: NDArray[np.bool_], rules: Settings) -> Lifted:
    """What the NIR says of each class. `without_nir`: pairs that other keys than the NIR brought forward."""
    number = _class(weighed)
    same = without_nir & (weighed.nir >= Nir.SAME_INCOHERENT)
    other = without_nir & ((weighed.nir == Nir.CONFLICT) | (weighed.nir == Nir.UNLIKE))
    agree, conflict = (
        np.bincount(number[held], minlength=_NO_CLASS + 1)[:_NO_CLASS].astype(float) for held in (same, other)
    )
    odds = agree / (conflict + 0.5)
    enough = odds >= rules["lifted_share"] / (1 - rules["lifted_share"])
    return Lifted(
        np.append(np.where(enough, np.log2(np.maximum(odds, 1)), np.nan), np.nan).astype(np.float32)
    )


def _named(weighed: Weighed) -> NDArray[np.bool_]:
    """Pairs of one name and sex, under two dates that differ."""
    date = (weighed.birth == Birth.DIFFERENT) | (weighed.birth == Birth.PART)
    named: NDArray[np.bool_] = (
        date
        & (weighed.given >= Given.HEAD)
        & (weighed.surname >= Surname.CLOSE)
        & (weighed.sex != Agreed.DIFFERENT)
    )
    return named


def _class(weighed: Weighed) -> NDArray[np.int64]:
    """Class of each pair, and _NO_CLASS for those that it does not concern."""
    held = _named(weighed) & (weighed.contact >= Contact.ADDRESS)
    part, reached = weighed.birth == Birth.PART, weighed.contact >= Contact.PHONE
    return np.select([held & part, held & reached, held], [_PART, _REACHED, _HOUSED], _NO_CLASS)
