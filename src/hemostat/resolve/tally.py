"""Running sums of evidence for a set of pairs, in bits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from enum import IntEnum

    from numpy.typing import NDArray

    from hemostat.resolve.levels import F32, I8
    from hemostat.resolve.settings import Settings


class Tally:
    """Bits for one person, against two strangers and against two relatives, priors included; and the vetoes."""

    def __init__(self, pairs: int, rows: int, settings: Settings) -> None:
        prior = -np.log2(max(rows, settings["least_rows"]))
        self.strangers: F32 = np.full(pairs, prior, dtype=np.float32)
        self.relatives: F32 = np.full(pairs, settings["relative_prior"], dtype=np.float32)
        self.veto: NDArray[np.bool_] = np.zeros(pairs, dtype=bool)
        self._settings = settings

    def add(
        self, field: str, level: I8, names: type[IntEnum], bits: F32 | None = None, scale: F32 | None = None
    ) -> None:
        """Adds what each level of a field weighs; a level without a rule weighs nothing.

        `bits`: how rare the shared value is, where a rule goes by frequency; `scale`: share of the weight that counts.
        """
        size = max(names) + 1
        strangers, relatives = np.zeros(size, np.float32), np.zeros(size, np.float32)
        frequent, most, veto = np.zeros(size, bool), np.full(size, np.inf, np.float32), np.zeros(size, bool)
        for each in names:
            rule = self._settings.agreements.get((field, each.name.lower()))
            if rule is not None:
                strangers[each], relatives[each] = rule.against_strangers, rule.against_relatives
                frequent[each], most[each], veto[each] = rule.by_frequency, rule.most, rule.veto
        weight, kin = strangers[level], relatives[level]
        if bits is not None:
            rare = np.minimum(weight + bits, most[level])
            # a value so common that it says nothing never speaks against
            weight = np.where(frequent[level], np.maximum(rare, 0), weight)
        if scale is not None:
            weight, kin = weight * scale, kin * scale
        self.strangers += weight
        self.relatives += kin
        self.veto |= veto[level]
