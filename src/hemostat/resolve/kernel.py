"""People from identity rows: the pure heart of the stage, without a case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from hemostat.resolve import calibrate, reasons
from hemostat.resolve.bridge import bridged
from hemostat.resolve.candidates import find_candidates, share_values
from hemostat.resolve.cluster import merge
from hemostat.resolve.compare import Comparer, Weighed
from hemostat.resolve.groups import MISSING, group, pack
from hemostat.resolve.settings import Settings, settings
from hemostat.resolve.traits import Traits, complete, read_traits

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hemostat.resolve.groups import I32

NOBODY = -1


@dataclass(frozen=True, slots=True)
class Resolution:
    """Who is who among the rows.

    `clusters`: record_id, certain, best, all_possible (int32 cluster numbers, null for rows without identity);
    `pairs`: record_a, record_b, grade, reason, kind, bits, for the review; counts of people; `set_aside`: rows left
    out of a block that too many share, by key.
    """

    clusters: pl.DataFrame
    pairs: pl.DataFrame
    certain_only: int
    best: int
    all_possible: int
    low: int
    high: int
    method: str
    ceiling: int
    without_identity: int
    set_aside: dict[str, int]


@dataclass(frozen=True, slots=True)
class Profiles:
    """Rows that nothing tells apart, taken once. `of_row`: profile of each row (-1: no identity)."""

    first: NDArray[np.int64]
    of_row: I32
    rows: NDArray[np.int64]


def _identified(traits: Traits) -> NDArray[np.bool_]:
    """Rows that name or reach somebody: a surname, a NIR, an e-mail, a phone, or a first name with a date or address."""
    contact = (traits.email | traits.email2 | traits.phone | traits.phone2 | traits.phone3) != 0
    given = (traits.given >= 0) & ((traits.birth >= 0) | (traits.address != 0))
    return (traits.surname >= 0) | (traits.surname2 >= 0) | (traits.nir != 0) | contact | given


def _profiles(traits: Traits) -> Profiles:
    """Equal rows taken once."""
    digest = traits.digest() | np.uint64(1)
    digest[~_identified(traits)] = 0
    code = group(digest).codes[0].astype(np.int64)
    rows = np.arange(len(code))
    # the first row of a group stands for it
    size = int(code.max()) + 1 if len(code) else 0
    leader = np.full(max(size, 1), len(code), dtype=np.int64)
    grouped = code >= 0
    np.minimum.at(leader, code[grouped], rows[grouped])
    lead = np.where(grouped, leader[np.maximum(code, 0)], np.where(code < MISSING, rows, NOBODY))
    first = np.flatnonzero(lead == rows)
    number = np.full(len(code) + 1, NOBODY, dtype=np.int32)
    number[first] = np.arange(len(first), dtype=np.int32)
    of_row = number[lead]
    return Profiles(first, of_row, np.bincount(of_row[of_row >= 0], minlength=len(first)))


def people(identity: pl.DataFrame, rules: Settings | None = None, *, quarantined: int = 0) -> Resolution:
    """Who is who among identity rows (columns of `traits.COLUMNS`; missing ones count as empty).

    The same people come out whatever the order of the rows. `quarantined`: units that could not be read, for the
    ceiling.
    """
    rules = rules or settings()
    frame = complete(identity)
    traits, names = read_traits(frame)
    profiles = _profiles(traits)
    compact = traits.take(profiles.first)
    texts = frame.select("nir", "postal_address")[profiles.first]
    shared = share_values(compact)
    comparer = Comparer(compact, names.words, shared, texts, rules)
    candidates = find_candidates(compact, names.words, shared, rules)
    weighed = comparer.with_close_addresses(comparer.weigh(candidates.a, candidates.b))
    own = comparer.weigh(*(np.arange(len(compact), dtype=np.int32),) * 2).score
    own = np.where(profiles.rows > 1, own, np.inf).astype(np.float32)
    reason = reasons.of(weighed)
    judged = calibrate.judge(weighed, candidates.without_nir, rules)
    strength = reasons.capped(calibrate.calibrated(weighed, judged), reason, rules)
    strength = np.minimum(strength, np.minimum(own[weighed.a], own[weighed.b]))
    content = compact.digest()
    several = np.append(names.words.text.str.contains(" ", literal=True).to_numpy(), [False])
    excused = bridged(weighed, ~weighed.veto & (strength >= rules["best"]), several[compact.given])
    barred = weighed.veto & ~excused
    foes = pack(weighed.a[barred], weighed.b[barred])

    def vetoed(a: I32, b: I32) -> NDArray[np.bool_]:
        return comparer.weigh(a, b).veto

    label = np.arange(len(compact), dtype=np.int32)
    found: dict[str, I32] = {}
    upper = np.inf
    for name, threshold in (("certain", "certain"), ("best", "best"), ("all_possible", "possible")):
        least = rules[threshold]
        chosen = np.flatnonzero(~weighed.veto & (strength >= least) & (strength < upper))
        label = merge(
            label, weighed.a[chosen], weighed.b[chosen], strength[chosen], content, foes, vetoed, int(rules["cluster"])
        )
        found[name] = _rows_of(label, profiles, own >= least)
        upper = least
    clusters = pl.DataFrame({"record_id": frame["record_id"], **found}).with_columns(
        pl.col(pl.Int32).replace(NOBODY, None)
    )
    counts = {name: int(clusters[name].drop_nulls().n_unique()) for name in found}
    without = int((profiles.of_row < 0).sum())
    listed = np.flatnonzero(~weighed.veto & (strength >= rules["possible"]))
    records = frame["record_id"].to_numpy()[profiles.first]
    shown = reasons.table(weighed.take(listed), strength[listed], reason[listed], records, rules)
    return Resolution(
        clusters, shown, counts["certain"], counts["best"], counts["all_possible"], counts["best"], counts["best"],
        "", counts["best"] + without + quarantined, without, candidates.set_aside,
    )  # fmt: skip


def _rows_of(label: I32, profiles: Profiles, one: NDArray[np.bool_]) -> I32:
    """Cluster of each row; rows of a profile too poor to be one person at this level stay apart."""
    of_row = profiles.of_row
    held = of_row >= 0
    found = np.full(len(of_row), NOBODY, dtype=np.int32)
    found[held] = label[of_row[held]]
    alone = held & ~np.append(one, True)[of_row]
    start = int(label.max()) + 1 if len(label) else 0
    found[alone] = start + np.arange(int(alone.sum()), dtype=np.int32)
    return found


__all__ = ["Resolution", "Weighed", "people"]
