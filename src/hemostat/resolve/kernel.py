"""People from identity rows: the pure heart of the stage, without a case."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from hemostat.resolve import hashing, reasons
from hemostat.resolve.cluster import Known, adopt, components, merge
from hemostat.resolve.groups import firsts, pack
from hemostat.resolve.interval import Seen, reckon
from hemostat.resolve.links import Links, bare, find_links
from hemostat.resolve.settings import Settings, settings
from hemostat.resolve.traits import Texts, Traits, complete, read_traits

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from hemostat.resolve.groups import I32
    from hemostat.resolve.hashing import U64
    from hemostat.resolve.names import Vocabulary

NOBODY = -1
LEVELS = (("certain", "certain"), ("best", "best"), ("all_possible", "possible"))
"""The three counts, strongest links first, each with the threshold its links reach."""


@dataclass(frozen=True, slots=True)
class Resolution:
    """Who is who among the rows.

    `clusters`: record_id, certain, best, all_possible (cluster numbers, null for a row without identity), in the
    order of the rows given; each cluster lies in one of the next. `pairs`: record_a, record_b, grade, reason, kind,
    bits: the links found, strongest first. Counts are of people; `low`–`high` is a 95 % interval, `method` the id of
    how it was reckoned; `ceiling` adds rows without identity and what could not be read; `set_aside`: rows left out
    of a key that too many share.
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
    """Rows that nothing tells apart, taken once.

    `first`: row that stands for each profile; `of_row`: profile of each row (-1: no identity); `copies`: rows of each;
    `content`: a hash of each.
    """

    first: NDArray[np.int64]
    of_row: I32
    copies: NDArray[np.int64]
    content: U64


def people(
    identity: pl.DataFrame,
    rules: Settings | None = None,
    *,
    quarantined: int = 0,
    repeats: NDArray[np.int64] | None = None,
    same: Sequence[tuple[int, int]] = (),
    distinct: Sequence[tuple[int, int]] = (),
) -> Resolution:
    """Who is who among identity rows (columns of `traits.COLUMNS`; missing ones count as empty).

    The same people come out whatever the order of the rows. `quarantined`: units that could not be read, for the
    ceiling. `repeats`: for each row, how many more records are equal to it to the letter and tell nothing but whose
    they are: homonyms maybe, which the interval counts. `same`, `distinct`: pairs of record ids that a human decided
    to be one person, or two.
    """
    rules = rules or settings()
    frame = complete(identity)
    traits, names = read_traits(frame)
    records = frame["record_id"].to_numpy()
    one, two = _rows_of_records(records, same), _rows_of_records(records, distinct)
    profiles = _profiles(traits, np.append(one, two))
    compact = traits.take(profiles.first)
    del traits
    texts = Texts(frame, profiles.first)
    again = np.zeros(len(records), dtype=np.int64) if repeats is None else repeats
    held = profiles.of_row != NOBODY
    of_profile = np.bincount(profiles.of_row[held], again[held], len(profiles.first)).astype(np.int64)
    links = find_links(compact, names.words, texts, profiles.copies, rules, repeats=of_profile)
    labels = _clusters(
        links, profiles.content, bare(compact), profiles.of_row[one], profiles.of_row[two], rules
    )
    found = {level: _rows_of(labels[level], profiles, links.own >= rules[least]) for level, least in LEVELS}
    counts = {level: int(label.max()) + 1 if len(label) else 0 for level, label in found.items()}
    clusters = pl.DataFrame({"record_id": records, **found}).with_columns(
        pl.col(pl.Int32).replace(NOBODY, None)
    )
    interval = reckon(
        _seen(links, compact, names.words, labels["best"], rules),
        counts["best"],
        counts["certain"],
        counts["all_possible"],
        rules,
    )
    # a record speaks of one person: there cannot be more people than records with an identity
    most = int(np.count_nonzero(held) + again[held].sum())
    # where the NIR referees, it says how many of the links that are not certain are right
    widest = interval.high if interval.method == "nir_referee" else max(interval.high, counts["certain"])
    high = min(max(widest, counts["best"]) + links.hidden.open, most)
    without = int(np.count_nonzero(profiles.of_row == NOBODY))
    return Resolution(
        clusters=clusters,
        pairs=reasons.table(links, records[profiles.first], rules),
        certain_only=counts["certain"],
        best=counts["best"],
        all_possible=counts["all_possible"],
        low=min(interval.low, counts["all_possible"]),
        high=high,
        method=interval.method,
        ceiling=high + without + quarantined,
        without_identity=without,
        set_aside=links.set_aside,
    )


def _rows_of_records(records: NDArray[np.int64], pairs: Sequence[tuple[int, int]]) -> NDArray[np.int64]:
    """Row numbers of pairs of record ids, shape (pairs, 2); pairs with an unknown record are left out."""
    wanted = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    if not len(wanted) or not len(records):
        return np.empty((0, 2), dtype=np.int64)
    order = np.argsort(records)
    place = np.minimum(np.searchsorted(records, wanted, sorter=order), len(records) - 1)
    rows = order[place]
    known: NDArray[np.int64] = rows[(records[rows] == wanted).all(axis=1)]
    return known


def identified(traits: Traits) -> NDArray[np.bool_]:
    """Rows that name or reach somebody: surname, NIR, e-mail, phone, or a first name with a date or an address."""
    contact = (traits.email | traits.email2 | traits.phone | traits.phone2 | traits.phone3) != 0
    given = (traits.given >= 0) & ((traits.birth >= 0) | (traits.address != 0))
    named: NDArray[np.bool_] = (
        (traits.surname >= 0) | (traits.surname2 >= 0) | (traits.nir != 0) | contact | given
    )
    return named


def _profiles(traits: Traits, alone: NDArray[np.int64]) -> Profiles:
    """Equal rows taken once, but for the rows in `alone`, each of which is a profile of its own."""
    digest = traits.digest()
    key = digest.copy()
    key[alone] = hashing.of_numbers(alone)
    lead = firsts(key)
    lead[~identified(traits)] = NOBODY
    first = np.flatnonzero(lead == np.arange(len(lead)))
    number = np.full(len(lead) + 1, NOBODY, dtype=np.int32)
    number[first] = np.arange(len(first), dtype=np.int32)
    of_row = number[lead]
    copies = np.bincount(of_row[of_row != NOBODY], minlength=len(first))
    return Profiles(first, of_row, copies, digest[first])


def _clusters(
    links: Links, content: U64, poor: NDArray[np.bool_], same: I32, distinct: I32, rules: Settings
) -> dict[str, I32]:
    """Cluster of each profile at each level; what a human decided comes first."""
    same, distinct = (pairs[(pairs >= 0).all(axis=1)] for pairs in (same, distinct))
    label = components(len(content), same[:, 0], same[:, 1])
    weighed = links.weighed
    foes = links.foes
    if len(distinct):
        foes = np.concatenate([foes, pack(distinct[:, 0], distinct[:, 1])])
        poor = poor.copy()
        poor[distinct.ravel()] = False
    known = Known(content, foes, pack(weighed.a, weighed.b), links.vetoed, int(rules["cluster"]))
    found = {}
    upper = np.inf
    for level, threshold in LEVELS:
        chosen = np.flatnonzero(links.at_least(rules[threshold]) & (links.bits < upper))
        label = merge(label, weighed.a[chosen], weighed.b[chosen], links.bits[chosen], known)
        if level == "best":
            label = adopt(links, label, poor)
        found[level] = label
        upper = rules[threshold]
    return found


def _rows_of(label: I32, profiles: Profiles, one: NDArray[np.bool_]) -> I32:
    """Cluster of each row; rows of a profile too poor to be one person at this level stay apart."""
    of_row = profiles.of_row
    held = of_row != NOBODY
    found = np.full(len(of_row), NOBODY, dtype=np.int32)
    found[held] = label[of_row[held]]
    first = np.zeros(len(of_row), dtype=bool)
    first[profiles.first] = True
    alone = held & ~first & ~np.append(one, True)[of_row]
    start = int(label.max()) + 1 if len(label) else 0
    found[alone] = start + np.arange(int(alone.sum()), dtype=np.int32)
    return found


def _owned(traits: Traits, words: Vocabulary) -> NDArray[np.bool_]:
    """Rows that hold their own NIR: it says their sex and birth, or those of another row of the same first name.

    The latter have a date or a sex that is wrong; a child under its parent's NIR has a first name of its own.
    """
    own: NDArray[np.bool_] = (traits.coherent == 1) & (traits.nir_right == 1)
    named = (traits.nir != 0) & (traits.given >= 0)
    head = np.append(words.head, np.int32(NOBODY))[traits.given]
    key = hashing.join(traits.nir, hashing.of_numbers(head))
    rest = np.flatnonzero(named & ~own)
    own[rest] = np.isin(key[rest], key[own & named])
    return own


def _seen(links: Links, traits: Traits, words: Vocabulary, label: I32, rules: Settings) -> Seen:
    """What the interval around the best count is reckoned from."""
    weighed = links.weighed
    referee = np.full(len(traits), NOBODY, dtype=np.int32)
    own = _owned(traits, words)
    # numbers of the NIR that several rows have, and numbers of their own for the others
    code = links.comparer.shared.nir.codes[0][own]
    referee[own] = np.where(code >= 0, len(traits) + code, -2 - code)
    accepted = links.at_least(rules["best"])
    apart = label[weighed.a] != label[weighed.b]
    doubted = links.at_least(rules["possible"]) & ~accepted & apart
    chance = 1 / (1 + np.exp2(-links.bits.astype(np.float64)))
    return Seen(
        referee=referee,
        a=weighed.a[links.blind],
        b=weighed.b[links.blind],
        label=label,
        linked=chance[accepted],
        doubted=chance[doubted],
        hidden=links.hidden.expected,
    )
