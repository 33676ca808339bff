"""The standing of each row, from its signs and from what vouches for it; informs, and takes nobody out of a list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from hemostat.model import Standing
from hemostat.resolve.standing.rules import reasons, thresholds

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hemostat.resolve.standing.earlier import Found

    Bools = NDArray[np.bool_]
    Floats = NDArray[np.float64]

SEPARATOR = " "
"""Between the ids of the reasons of a row."""


@dataclass(frozen=True, slots=True)
class Vouched:
    """What speaks for each row: its person is in the patient file, or other tables speak of it. None: not known."""

    matched: Bools | None
    reached: Bools | None

    def any(self, size: int) -> Bools:
        """Whether something speaks for the row, for each of so many rows."""
        none = np.zeros(size, dtype=np.bool_)
        return (none if self.matched is None else self.matched) | (
            none if self.reached is None else self.reached
        )


def judge(signs: pl.DataFrame, vouched: Vouched, earlier: Found | None) -> pl.DataFrame:
    """standing, reasons (ids, separated by spaces): one row for each row of `signs`.

    In the patient file: matched. Else in an earlier leak: recycled, unless other tables speak of it; where nothing
    could vouch for it, only if the row stands there as it is. Else fabricated where a sign shows and the evidence is
    strong enough; doubtful where a sign shows; plausible otherwise.
    """
    size = signs.height
    none = np.zeros(size, dtype=np.bool_)
    matched = none if vouched.matched is None else vouched.matched
    reached = none if vouched.reached is None else vouched.reached
    shown = {name: signs[name].fill_null(value=False).to_numpy() for name in signs.columns}
    doubt = np.logical_or.reduce([none, *(shown[name] for name in shown if reasons()[name].doubt)])
    made_up = _weighed(shown) & (_bits(signs, vouched) >= thresholds()["fabricated"])
    alone = vouched.matched is not None or vouched.reached is not None
    again = none if earlier is None else (earlier.row | (earlier.person & alone)) & ~reached
    standing = np.select(
        [matched, again, made_up, doubt],
        [Standing.MATCHED, Standing.RECYCLED, Standing.FABRICATED, Standing.DOUBTFUL],
        Standing.PLAUSIBLE,
    )
    said = {"in_patient_file": matched} if vouched.matched is not None else {}
    if vouched.matched is not None:
        said["not_in_patient_file"] = ~matched
    said |= {"in_other_tables": reached, **shown}
    if earlier is not None:
        said |= {"earlier_row": earlier.row, "earlier_person": earlier.person & ~earlier.row}
    return pl.DataFrame({"standing": standing.astype(str), "reasons": _worded(said, size)})


def _weighed(shown: dict[str, Bools]) -> Bools:
    """Rows with a sign that made-up rows show more often."""
    weighed = [shown[name] for name in shown if reasons()[name].forged is not None]
    return np.asarray(np.logical_or.reduce(weighed), dtype=np.bool_)


def _bits(signs: pl.DataFrame, vouched: Vouched) -> Floats:
    """log2 of the odds that each row was made up: its signs, what fails to vouch for it, and the share to expect.

    Both shares of a sign are those of the rules, the true one corrected by the rows that are vouched for. The share
    of made-up rows is what is left of each sign beyond what true rows explain, two standard errors taken off.
    """
    rules = thresholds()
    sure = vouched.any(signs.height)
    bits = np.zeros(signs.height)
    prior = rules["prior"]
    for name in signs.columns:
        sign = reasons()[name]
        if sign.forged is None or sign.genuine is None:
            continue
        tested = signs[name].is_not_null().to_numpy()
        shows = signs[name].fill_null(value=False).to_numpy()
        count, among = int(tested.sum()), int((tested & sure).sum())
        if not count:
            continue
        seen = int((shows & sure).sum())
        genuine = (seen + sign.genuine * rules["vouched"]) / (among + rules["vouched"])
        share = float(shows.sum()) / count
        excess = share - 2 * np.sqrt(share * (1 - share) / count) - genuine
        prior = max(prior, min(0.5, excess / max(sign.forged - genuine, 0.01)))
        present, absent = np.log2(sign.forged / genuine), np.log2((1 - sign.forged) / (1 - genuine))
        bits += np.where(tested, np.where(shows, present, absent), 0.0)
    clean = ~np.logical_or.reduce([signs[name].fill_null(value=False).to_numpy() for name in signs.columns])
    for speaks in (vouched.matched, vouched.reached):
        if speaks is not None:
            bits += _absence(speaks, clean)
    return np.asarray(bits + np.log2(prior / (1 - prior)), dtype=np.float64)


def _absence(speaks: Bools, clean: Bools) -> Floats:
    """What it weighs that something speaks for a row, or does not, by how often it does for rows without a sign."""
    least, forged = thresholds()["missing"], reasons()["in_other_tables"].forged or 0.0
    usual = float(np.clip(speaks[clean].mean() if clean.any() else 0.0, forged, 1 - least))
    weights = np.log2([(1 - forged) / (1 - usual), forged / usual])
    return np.asarray(weights[speaks.astype(np.intp)], dtype=np.float64)


def _worded(said: dict[str, Bools], size: int) -> pl.Series:
    """The ids of what holds for each row; work on the distinct sets."""
    code = np.zeros(size, dtype=np.uint32)
    for number, held in enumerate(said.values()):
        code |= held.astype(np.uint32) << np.uint32(number)
    sets, place = np.unique(code, return_inverse=True)
    texts = [
        SEPARATOR.join(name for number, name in enumerate(said) if int(one) >> number & 1) for one in sets
    ]
    return pl.Series(texts, dtype=pl.String).gather(place.ravel())
