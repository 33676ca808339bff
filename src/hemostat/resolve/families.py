"""Data without families: lists where each contact is of one person, as outside patient files.

There a shared contact points to one person, so that every field counts by itself, and no field that differs is a veto:
errors are forgiven as often as the data themselves show them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA

from hemostat.resolve.compare_names import given_levels, similarity
from hemostat.resolve.groups import among, pack, pairs, unique, unpack
from hemostat.resolve.levels import Birth, Contact, Given, Nir, Surname
from hemostat.resolve.names import fold

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hemostat.resolve.candidates import Shared
    from hemostat.resolve.groups import I32
    from hemostat.resolve.levels import Weighed
    from hemostat.resolve.names import Vocabulary
    from hemostat.resolve.settings import Settings
    from hemostat.resolve.traits import Texts, Traits

_UNLIKE = 0.75  # Jaro-Winkler similarity below which two first names are two names
_HALF = 4
_OWN = 0.2  # bearers of one first name for each of the other, from which they are two names of twins
_SURE = 12.0  # bits from which a pair teaches how often the fields of one person differ
_FAR = -20.0  # bits from which a closer look can still matter
_COUNTED = ("surname", Surname), ("given", Given), ("birth", Birth), ("contact", Contact)


def families(traits: Traits, words: Vocabulary, shared: Shared, settings: Settings) -> bool:
    """Whether rows that share a contact are often of several people.

    Pairs that share an address, phone or e-mail, with first name and birth date known in both rows: rows of one person
    mostly agree in both; relatives have quite another first name and quite another date, which typing errors seldom
    bring about together. Families are taken for absent only when many pairs agree and hardly any is of relatives.
    """
    most = int(settings["household"])
    found = unique(
        np.concatenate([pairs(groups, most) for groups in (shared.address, shared.phone, shared.email)])
    )
    a, b = unpack(found)
    head = np.append(words.head, np.int32(-1))
    given, birth = head[traits.given], traits.birth
    known = (given[a] >= 0) & (given[b] >= 0) & (birth[a] >= 0) & (birth[b] >= 0)
    a, b = a[known], b[known]
    same = int(np.count_nonzero((traits.given[a] == traits.given[b]) & (birth[a] == birth[b])))
    if same < settings["families_least"]:
        return True
    twins = _twins(traits, words, a, b, settings)
    other = np.flatnonzero((given[a] != given[b]) & _unlike_dates(birth[a], birth[b]))
    a, b = a[other], b[other]
    text = words.text
    direct = similarity(text.gather(given[a]), text.gather(given[b]))
    # the first name of one row may stand where the other has its surname
    crossed = [
        similarity(text.gather(given[one]), text.gather(np.maximum(traits.surname[two], 0)))
        for one, two in ((a, b), (b, a))
    ]
    kin = int(np.count_nonzero(np.maximum(direct, np.maximum(*crossed)) < _UNLIKE)) + twins
    return kin > settings["families_share"] * same


def _twins(traits: Traits, words: Vocabulary, a: I32, b: I32, settings: Settings) -> int:
    """Pairs of one surname and birth date, with two first names of their own."""
    given = traits.given
    at = (
        (given[a] != given[b])
        & (traits.birth[a] == traits.birth[b])
        & (traits.surname[a] == traits.surname[b])
    )
    left, right = unpack(unique(pack(given[a[at]], given[b[at]])))
    counts = np.bincount(words.head[given[given >= 0]], minlength=len(words))
    # where few first names are in use, slips of one of them come often enough to look like names
    level = given_levels(words, left, right, counts, settings.with_thresholds(common_ratio=_OWN))
    own = pack(left, right)[level == Given.CLOSE_COMMON]
    return int(np.count_nonzero(among(pack(given[a[at]], given[b[at]]), own)))


def _unlike_dates(left: I32, right: I32) -> NDArray[np.bool_]:
    """Dates (yyyymmdd) of which half the digits or more differ."""
    wrong = np.zeros(len(left), dtype=np.int8)
    for place in range(8):
        wrong += left // 10**place % 10 != right // 10**place % 10
    unlike: NDArray[np.bool_] = wrong >= _HALF
    return unlike


def against_strangers(weighed: Weighed, texts: Texts, settings: Settings) -> None:
    """Weighs pairs against strangers alone: all shared contacts count, and those written almost alike.

    No date or name that differs is a veto; two NIR each coherent with its row still are.
    """
    weighed.strangers[:] += weighed.spare
    at = np.flatnonzero((weighed.strangers > _FAR) & (weighed.strangers < _SURE))
    for column, rule in settings.closer.items():
        left, right = texts.of(column, weighed.a[at]), texts.of(column, weighed.b[at])
        both = np.flatnonzero((left.is_not_null() & right.is_not_null() & (left != right)).to_numpy())
        if not len(both):
            continue
        left, right = fold(left.gather(both)).fill_null(""), fold(right.gather(both)).fill_null("")
        # as written, but in another town; alike; or unlike
        wrong = process.cpdist(
            left.to_list(), right.to_list(), scorer=OSA.normalized_similarity, dtype=np.float32
        )
        weighed.strangers[at[both]] += np.where(
            wrong >= rule.least, np.float32(rule.alike), np.float32(rule.unlike)
        )
    # nothing but strangers to tell from: more is asked of a link
    weighed.strangers[:] -= np.float32(settings["families_caution"])
    weighed.relatives[:] = np.inf
    weighed.veto[:] = weighed.nir == Nir.CONFLICT
    weighed.veto_without_nir[:] = False


def as_dirty_as(weighed: Weighed, settings: Settings) -> Settings:
    """The settings, with the errors of one person's rows as frequent as pairs that are surely one person show them."""
    sure = np.flatnonzero(weighed.strangers >= _SURE)
    weight = settings["dirt_weight"]
    changed = dict(settings.agreements)
    for field, names in _COUNTED:
        level = getattr(weighed, field)[sure]
        told = max(int(np.count_nonzero(level)), 1)
        for each in names:
            rule = changed.get((field, each.name.lower()))
            if rule is not None:
                seen = int(np.count_nonzero(level == each))
                share = (seen + weight * rule.same) / (told + weight)
                changed[field, rule.level] = replace(rule, same=min(max(share, rule.same), 1.0))
    return replace(settings, agreements=changed)
