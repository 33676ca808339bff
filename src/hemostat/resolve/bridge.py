"""First names that differ between two rows, while a third row of the same person lists both."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from hemostat.resolve.levels import Birth, Given, Nir, Surname

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hemostat.resolve.levels import Weighed


def bridged(weighed: Weighed, linked: NDArray[np.bool_], listing: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Vetoed pairs (PAUL, JEAN) that a row (JEAN, PAUL) linked to both explains: no veto, and no link either.

    `linked`: pairs that hold as links; `listing`: rows that give several first names.
    """
    soft = (
        weighed.veto
        & (weighed.given == Given.DIFFERENT)
        & (weighed.birth == Birth.EQUAL)
        & (weighed.surname >= Surname.CONTAINED)
        & (weighed.nir != Nir.CONFLICT)
        & (weighed.sex != 1)
    )
    at = np.flatnonzero(soft)
    found = np.zeros(len(weighed.a), dtype=bool)
    near = np.flatnonzero(linked & (weighed.given >= Given.ALIKE) & (listing[weighed.a] | listing[weighed.b]))
    if not len(at) or not len(near):
        return found
    one, other = weighed.a[near], weighed.b[near]
    arcs = pl.DataFrame({"row": np.concatenate([one, other]), "via": np.concatenate([other, one])})
    arcs = arcs.filter(pl.Series(listing).gather(arcs["via"]))
    foes = pl.DataFrame({"pair": at, "a": weighed.a[at], "b": weighed.b[at]})
    hits = foes.join(arcs, left_on="a", right_on="row").join(
        arcs, left_on=["b", "via"], right_on=["row", "via"], how="semi"
    )
    found[hits["pair"].to_numpy()] = True
    return found
