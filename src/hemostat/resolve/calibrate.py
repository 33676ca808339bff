"""What the data say of their own links: the NIR, where both rows have one, judges pairs as the other traits see them.

Pairs are put in classes by their levels and their bits without the NIR. In each class the pairs whose two NIR are
each coherent with its row tell how often such a pair is one person; pairs that lack a NIR then weigh what their class
weighs. Deterministic: nothing is learnt but these shares.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hemostat.resolve.groups import dense
from hemostat.resolve.levels import Birth, Contact, Given, Nir, Surname

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hemostat.resolve.levels import Weighed
    from hemostat.resolve.settings import Settings

    F64 = NDArray[np.float64]

_STEP = 3.0  # bits a class is wide
_LEAST, _MOST = -4, 6  # classes of bits, beyond which all is one


@dataclass(frozen=True, slots=True)
class Judged:
    """Pairs by class, as the NIR judges them. `of_pair`: class of each pair; arrays by class."""

    of_pair: NDArray[np.int32]
    agree: F64
    conflict: F64
    expected: F64
    """Share of one-person pairs in the class: the judged ones, smoothed by what the weights say."""

    def told(self, least: float) -> NDArray[np.bool_]:
        """Pairs of classes in which the NIR judged enough pairs to say what such pairs are."""
        known: NDArray[np.bool_] = (self.agree + self.conflict >= least)[self.of_pair]
        return known


def _class(weighed: Weighed) -> NDArray[np.int64]:
    surname = np.select(
        [
            weighed.surname >= Surname.CLOSE,
            weighed.surname >= Surname.CLOSE_COMMON,
            weighed.surname >= Surname.DIFFERENT,
        ],
        [3, 2, 1],
        0,
    )
    birth = weighed.birth.astype(np.int64)
    household = np.select(
        [
            weighed.contact >= Contact.ADDRESS_CLOSE,
            weighed.contact >= Contact.CITY,
            weighed.contact == Contact.AREA,
            weighed.contact == Contact.DIFFERENT,
        ],
        [4, 3, 2, 1],
        0,
    )
    step = np.clip(np.floor(weighed.bare / _STEP), _LEAST, _MOST).astype(np.int64) - _LEAST
    key = surname
    for part, size in (
        (weighed.given, len(Given)),
        (birth, len(Birth)),
        (household, 5),
        (step, _MOST - _LEAST + 1),
    ):
        key = key * size + part
    return key.astype(np.int64)


def judge(
    weighed: Weighed, without_nir: NDArray[np.bool_], under_two_dates: NDArray[np.bool_], rules: Settings
) -> Judged:
    """Classes of the pairs and what the NIR says of each.

    `under_two_dates`: pairs of one name whose dates differ and are no veto: a NIR can agree with one of them only.
    """
    key = _class(weighed)
    number = dense(key, int(key.max(initial=0)) + 1)
    size = int(number.max(initial=-1)) + 1
    same = weighed.nir == Nir.SAME_COHERENT
    same |= under_two_dates & (weighed.nir >= Nir.SAME_INCOHERENT)
    same &= without_nir
    other = without_nir & (weighed.nir == Nir.CONFLICT)
    agree = np.bincount(number[same], minlength=size).astype(float)
    conflict = np.bincount(number[other], minlength=size).astype(float)
    pairs = np.maximum(np.bincount(number, minlength=size), 1)
    bare = np.bincount(number, weights=weighed.bare, minlength=size) / pairs
    model = 1 / (1 + np.exp2(-np.clip(bare, -20, 20)))
    weight = rules["calibration_weight"]
    expected = (agree + weight * model) / (agree + conflict + weight)
    return Judged(number, agree, conflict, np.clip(expected, 1e-6, 1 - 1e-6))


def calibrated(weighed: Weighed, judged: Judged) -> NDArray[np.float32]:
    """Bits of each pair: those of its class where its own NIR cannot tell, plus what its NIR adds."""
    share = judged.expected[judged.of_pair]
    bits = np.log2(share / (1 - share))
    counted = (judged.agree + judged.conflict)[judged.of_pair] > 0
    silent = (weighed.nir == Nir.MISSING) & counted
    return np.where(silent, bits, weighed.score).astype(np.float32)


def blind(weighed: Weighed, judged: Judged) -> NDArray[np.float32]:
    """Bits of each pair as if no row had a NIR."""
    share = judged.expected[judged.of_pair]
    counted = (judged.agree + judged.conflict)[judged.of_pair] > 0
    return np.where(counted, np.log2(share / (1 - share)), weighed.bare).astype(np.float32)
