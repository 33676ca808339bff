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


@dataclass(frozen=True, slots=True)
class Judged:
    """What each row is: rows of which the same holds have the same number in `kind`, the row of `kinds` to read.

    `kinds`: standing, reasons (ids, separated by spaces).
    """

    kind: NDArray[np.int32]
    kinds: pl.DataFrame

    def rows(self) -> pl.DataFrame:
        """standing, reasons: one row for each row that was judged."""
        return self.kinds[self.kind]


def judge(signs: pl.DataFrame, vouched: Vouched, earlier: Found | None) -> Judged:
    """The standing of each row of `signs`.

    In the patient file: matched. Else in an earlier leak: recycled, unless other tables speak of it; where nothing
    could vouch for it, only if the row stands there as it is. Else fabricated where a sign shows and the evidence is
    strong enough; doubtful where a sign shows; plausible otherwise.
    """
    kind, kinds = _kinds(signs, vouched, earlier)
    shown, matched, reached = kinds.shown, kinds.matched, kinds.reached
    none = np.zeros(len(kinds.rows), dtype=np.bool_)
    doubt = np.logical_or.reduce([none, *(shown[name] for name in shown if reasons()[name].doubt)])
    made_up = _weighed(shown) & (_bits(kinds, vouched) >= thresholds()["fabricated"])
    alone = vouched.matched is not None or vouched.reached is not None
    again = (kinds.again | (kinds.known & alone)) & ~reached
    standing = np.select(
        [matched, again, made_up, doubt],
        [Standing.MATCHED, Standing.RECYCLED, Standing.FABRICATED, Standing.DOUBTFUL],
        Standing.PLAUSIBLE,
    )
    said = {"in_patient_file": matched} if vouched.matched is not None else {}
    if vouched.matched is not None:
        said["not_in_patient_file"] = ~matched
    said |= {"in_other_tables": reached, **shown}
    said |= {"earlier_row": kinds.again, "earlier_person": kinds.known & ~kinds.again}
    told = pl.DataFrame({"standing": standing.astype(str), "reasons": _worded(said, len(none))})
    # kinds that end up the same, such as those of rows where nothing could be tested, are one
    different = told.unique(maintain_order=True).with_row_index("number")
    number = told.join(different, on=["standing", "reasons"], how="left", maintain_order="left")["number"]
    return Judged(number.cast(pl.Int32).to_numpy()[kind], different.drop("number"))


@dataclass(frozen=True, slots=True)
class _Kinds:
    """All that differs between rows, once for each combination that occurs; `rows`: how many rows it is of."""

    rows: NDArray[np.int64]
    tested: dict[str, Bools]
    shown: dict[str, Bools]
    matched: Bools
    reached: Bools
    again: Bools
    known: Bools


def _kinds(signs: pl.DataFrame, vouched: Vouched, earlier: Found | None) -> tuple[NDArray[np.int32], _Kinds]:
    """The number of the combination of each row, and the combinations: few, whatever the number of rows."""
    facts = [
        fact
        for name in signs.columns
        for fact in (signs[name].is_not_null().to_numpy(), signs[name].fill_null(value=False).to_numpy())
    ]
    facts += [
        fact if fact is not None else np.zeros(0, dtype=np.bool_)
        for fact in (
            vouched.matched,
            vouched.reached,
            None if earlier is None else earlier.row,
            None if earlier is None else earlier.person,
        )
    ]
    code = np.zeros(signs.height, dtype=np.uint32)
    for bit, fact in enumerate(facts):
        if fact.any():
            code |= fact.astype(np.uint32) << np.uint32(bit)
    counts = np.bincount(code)
    found = np.flatnonzero(counts)
    number = np.zeros(len(counts), dtype=np.int32)
    number[found] = np.arange(len(found))
    held = [(found >> bit & 1).astype(np.bool_) for bit in range(len(facts))]
    own = 2 * len(signs.columns)
    return number[code], _Kinds(
        counts[found],
        dict(zip(signs.columns, held[0:own:2], strict=True)),
        dict(zip(signs.columns, held[1:own:2], strict=True)),
        *held[own:],
    )


def _weighed(shown: dict[str, Bools]) -> Bools:
    """Kinds with a sign that made-up rows show more often."""
    weighed = [shown[name] for name in shown if reasons()[name].forged is not None]
    return np.asarray(np.logical_or.reduce(weighed), dtype=np.bool_)


def _bits(kinds: _Kinds, vouched: Vouched) -> Floats:
    """log2 of the odds that rows were made up: their signs, what fails to vouch for them, and the share to expect.

    Both shares of a sign are those of the rules, the true one corrected by the rows that are vouched for. The share
    of made-up rows is what is left of each sign beyond what true rows explain, two standard errors taken off.
    """
    rules, rows = thresholds(), kinds.rows
    sure = kinds.matched | kinds.reached
    bits = np.zeros(len(rows))
    prior = rules["prior"]
    for name, shows in kinds.shown.items():
        sign, tested = reasons()[name], kinds.tested[name]
        if sign.forged is None or sign.genuine is None:
            continue
        count, among = int(rows[tested].sum()), int(rows[tested & sure].sum())
        if not count:
            continue
        seen = int(rows[shows & sure].sum())
        genuine = (seen + sign.genuine * rules["vouched"]) / (among + rules["vouched"])
        share = float(rows[shows].sum()) / count
        excess = share - 2 * np.sqrt(share * (1 - share) / count) - genuine
        prior = max(prior, min(0.5, excess / max(sign.forged - genuine, 0.01)))
        present, absent = np.log2(sign.forged / genuine), np.log2((1 - sign.forged) / (1 - genuine))
        bits += np.where(tested, np.where(shows, present, absent), 0.0)
    clean = np.where(np.logical_or.reduce(list(kinds.shown.values())), 0, rows)
    for given, speaks in ((vouched.matched, kinds.matched), (vouched.reached, kinds.reached)):
        if given is not None:
            bits += _absence(speaks, clean)
    return np.asarray(bits + np.log2(prior / (1 - prior)), dtype=np.float64)


def _absence(speaks: Bools, clean: NDArray[np.int64]) -> Floats:
    """What it weighs that something speaks for a row, or does not, by how often it does for rows without a sign.

    In, for each kind: whether something speaks for it, and how many rows without a sign it is of.
    """
    least, forged = thresholds()["missing"], reasons()["in_other_tables"].forged or 0.0
    usual = float(np.clip(clean[speaks].sum() / max(clean.sum(), 1), forged, 1 - least))
    weights = np.log2([(1 - forged) / (1 - usual), forged / usual])
    return np.asarray(weights[speaks.astype(np.intp)], dtype=np.float64)


def _worded(said: dict[str, Bools], size: int) -> list[str]:
    """The ids of what holds for each kind."""
    return [SEPARATOR.join(name for name, held in said.items() if held[number]) for number in range(size)]
