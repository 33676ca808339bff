"""Rows without a first name, or with one that is another's, beside twins: whose they are cannot be told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from hemostat.resolve.groups import among, pack
from hemostat.resolve.levels import Birth, Given

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hemostat.resolve.levels import Weighed

    Flags = NDArray[np.bool_]


def undecided(weighed: Weighed, linked: Flags) -> Flags:
    """Links that no first name bears out, of a row that is linked so to two children of one day who are not one.

    `linked`: pairs that hold as links.
    """
    found = np.zeros(len(weighed.a), dtype=bool)
    at = np.flatnonzero(linked & (weighed.given == Given.MISSING) & (weighed.birth == Birth.EQUAL))
    apart = weighed.veto & (weighed.given == Given.DIFFERENT) & (weighed.birth == Birth.EQUAL)
    foes = pack(weighed.a[apart], weighed.b[apart])
    if not len(at) or not len(foes):
        return found
    one, other = weighed.a[at], weighed.b[at]
    arcs = pl.DataFrame(
        {"row": np.concatenate([one, other]), "to": np.concatenate([other, one]), "pair": np.tile(at, 2)}
    )
    both = arcs.join(arcs, on="row", suffix="_other").filter(pl.col("to") < pl.col("to_other"))
    foe = among(pack(both["to"].to_numpy(), both["to_other"].to_numpy()), np.sort(foes))
    both = both.filter(pl.Series(foe))
    found[both["pair"].to_numpy()] = True
    found[both["pair_other"].to_numpy()] = True
    return found
