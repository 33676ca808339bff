"""Which pairs of rows are worth comparing: rows that share a strong key, or names and part of a date."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hemostat.resolve import hashing
from hemostat.resolve.groups import Groups, group, oversize, pairs, unique, unpack

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hemostat.resolve.groups import I32, I64
    from hemostat.resolve.hashing import U64
    from hemostat.resolve.names import Vocabulary
    from hemostat.resolve.settings import Settings
    from hemostat.resolve.traits import Traits


@dataclass(frozen=True, slots=True)
class Shared:
    """Rows grouped by each value that may show the same person; also tells how common a value is."""

    nir: Groups
    id: Groups
    email: Groups
    phone: Groups
    address: Groups


@dataclass(frozen=True, slots=True)
class Candidates:
    """Pairs (a < b) to compare, and how many rows were set aside per key because too many share it.

    `without_nir`: pairs that other keys than the NIR bring forward.
    """

    a: I32
    b: I32
    without_nir: NDArray[np.bool_]
    set_aside: dict[str, int]


def share_values(traits: Traits, settings: Settings) -> Shared:
    """Groups of the strong keys. What stands in more than `block` rows as an internal id is none: a rank, a type."""
    ids = group(traits.id)
    many = oversize(ids, int(settings["block"]))
    if len(many):
        alone = traits.id.copy()
        alone[many] = 0
        ids = group(alone)
    return Shared(
        nir=group(traits.nir),
        id=ids,
        email=group(traits.email, traits.email2),
        phone=group(traits.phone, traits.phone2, traits.phone3),
        address=group(traits.address),
    )


def _name_keys(traits: Traits, words: Vocabulary) -> tuple[U64, U64, U64]:
    """Keys of the two surnames without particles, and of the first word of the first names."""
    bare, head = np.append(words.bare, np.int32(-1)), np.append(words.head, np.int32(-1))
    return (
        hashing.of_numbers(bare[traits.surname]),
        hashing.of_numbers(bare[traits.surname2]),
        hashing.of_numbers(head[traits.given]),
    )


def _both_orders(surname: U64, given: U64) -> U64:
    """One key for two names whichever is written first."""
    return hashing.join(np.minimum(surname, given), np.maximum(surname, given))


def _may_be_one(traits: Traits, surname: U64, given: U64, packed: I64) -> NDArray[np.bool_]:
    """Pairs of the same names, or whose birth dates may be one: a part is missing, or year, or day and month agree."""
    a, b = unpack(packed)
    left, right = traits.birth[a], traits.birth[b]
    same_year = left // 10_000 == right // 10_000
    day, other = left % 10_000, right % 10_000
    same_day = (day == other) | (day == other % 100 * 100 + other // 100)
    unknown = (left < 0) | (right < 0) | traits.filler[a] | traits.filler[b]
    named = (surname[a] == surname[b]) & (given[a] == given[b]) & (surname[a] != 0) & (given[a] != 0)
    agree: NDArray[np.bool_] = unknown | same_year | same_day | named
    return agree


def find_candidates(
    traits: Traits, words: Vocabulary, shared: Shared, settings: Settings, *, with_families: bool = True
) -> Candidates:
    """Pairs of rows that share a key of identity.

    Keys held by more than `block` rows are refined by the first name, then set aside and counted. Where families are
    in the data, pairs whose dates cannot be one are left out at once.
    """
    most = int(settings["block"])
    surname, surname2, given = _name_keys(traits, words)
    birth = hashing.of_numbers(traits.birth)
    found: list[I64] = []
    aside: dict[str, int] = {}

    def add(name: str, groups: Groups, *refine: U64, limit: int = most) -> None:
        packed = pairs(groups, limit)
        large = oversize(groups, limit)
        if len(large):
            rest = 0
            chosen = np.zeros(len(traits), dtype=bool)
            chosen[large] = True
            for finer in refine:
                for code in groups.codes:
                    key = hashing.join(hashing.of_numbers(code), np.where(chosen, finer, 0).astype(np.uint64))
                    sub = group(key)
                    packed = np.concatenate([packed, pairs(sub, limit)])
                    rest = max(rest, len(oversize(sub, limit)))
            aside[name] = rest if refine else int(chosen.sum())
        found.append(packed[_may_be_one(traits, surname, given, packed)] if with_families else packed)

    add("id", shared.id, given, birth)
    add("email", shared.email, given, birth)
    add("phone", shared.phone, given, birth)
    add("address", shared.address, given, birth)
    dated = group(hashing.join(birth, surname), hashing.join(birth, surname2), hashing.join(birth, given))
    add("birth_date", dated, given, surname)
    names = group(_both_orders(surname, given), _both_orders(surname2, given))
    rare = int(settings["rare_names"])
    whole_year = np.where(traits.birth >= 0, traits.birth // 10_000, traits.year)
    day = np.where(traits.birth >= 0, traits.birth % 10_000, -1)
    town = np.where(traits.postcode != 0, traits.postcode, traits.city)
    add("names", names, hashing.of_numbers(whole_year), hashing.of_numbers(day), town, limit=rare)
    if not with_families:
        rare = int(settings["wide_block"])
        parts = [surname, surname2, given]
        for name, part in (("year", whole_year), ("day", day)):
            key = hashing.of_numbers(part)
            add(f"name and {name}", group(*(hashing.join(each, key) for each in parts)))
        add("city and name", group(*(hashing.join(traits.city, each) for each in parts)), birth)
        add("street", group(traits.street), given, surname)
        add("names alone", names, limit=rare)
    if len(traits) <= settings["wide_rows"]:
        add("birth_date alone", group(birth), limit=int(settings["wide_block"]))
        add("town and name", group(*(hashing.join(town, name) for name in (surname, surname2, given))), birth)
    others = unique(np.concatenate(found))
    add("nir", shared.nir, given, birth)
    packed = unique(np.concatenate([others, found[-1]]))
    without_nir = np.zeros(len(packed), dtype=bool)
    without_nir[np.searchsorted(packed, others)] = True
    a, b = unpack(packed)
    return Candidates(a, b, without_nir, {name: rows for name, rows in aside.items() if rows})
