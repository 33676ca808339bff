"""Two rows that contradict each other, while a third row of the same person explains both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from hemostat.resolve.levels import Birth, Given, Nir, Surname

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hemostat.resolve.groups import I32
    from hemostat.resolve.levels import Weighed

    Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Bridges:
    """Links by which a third row explains two others, as arcs in both directions: columns row, via.

    `listed`: the third row lists several first names, and shares one with the row; `linked`: any link; `proof`: the
    link rests on one NIR that says both rows, or was made although a date differs.
    """

    listed: pl.DataFrame
    linked: pl.DataFrame
    proof: pl.DataFrame

    def explains(self, weighed: Weighed) -> Flags:
        """Vetoed pairs that some third row explains: no veto, and no link either.

        (PAUL) and (JEAN), by (JEAN, PAUL); a first name or a birth date that is wrong in one row, by a row that has it
        right, or wrong in the same way, and the same NIR.
        """
        two = (weighed.nir != Nir.CONFLICT) & (weighed.nir != Nir.UNLIKE) & weighed.veto
        two &= weighed.surname >= Surname.CONTAINED
        name = (weighed.given == Given.DIFFERENT) & (weighed.birth == Birth.EQUAL)
        alike = (weighed.given >= Given.ALIKE) | (weighed.given == Given.MISSING)
        found = _met(weighed, two & name & (weighed.sex != 1), self.listed, self.listed)
        for one, other in ((self.linked, self.proof), (self.proof, self.linked)):
            found |= _met(weighed, two & (name | alike) & ~found, one, other)
        return found


def bridges(weighed: Weighed, linked: Flags, lifted: Flags, listing: Flags) -> Bridges:
    """The bridges that links make.

    `linked`: pairs that hold as links; `lifted`: those of one name under two dates; `listing`: rows that give several
    first names.
    """
    near = np.flatnonzero(linked & (weighed.given >= Given.ALIKE) & (listing[weighed.a] | listing[weighed.b]))
    listed = _arcs(weighed.a[near], weighed.b[near])
    proof = np.flatnonzero(linked & ((weighed.nir == Nir.SAME_COHERENT) | lifted))
    held = np.flatnonzero(linked)
    return Bridges(
        listed.filter(pl.Series(listing).gather(listed["via"])),
        _arcs(weighed.a[held], weighed.b[held]),
        _arcs(weighed.a[proof], weighed.b[proof]),
    )


def _arcs(a: I32, b: I32) -> pl.DataFrame:
    return pl.DataFrame({"row": np.concatenate([a, b]), "via": np.concatenate([b, a])})


def _met(weighed: Weighed, among: Flags, one: pl.DataFrame, other: pl.DataFrame) -> Flags:
    """Pairs whose first row has an arc of `one`, and the second an arc of `other`, to the same third row."""
    at = np.flatnonzero(among)
    found = np.zeros(len(weighed.a), dtype=bool)
    if not len(at) or not len(one) or not len(other):
        return found
    foes = pl.DataFrame({"pair": at, "a": weighed.a[at], "b": weighed.b[at]})
    hits = foes.join(one, left_on="a", right_on="row").join(
        other, left_on=["b", "via"], right_on=["row", "via"], how="semi"
    )
    found[hits["pair"].to_numpy()] = True
    return found
