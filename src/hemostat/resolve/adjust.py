"""Second looks at pairs already weighed: how far internal ids can be believed, and addresses written almost alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hemostat.resolve.compare_names import similarity
from hemostat.resolve.groups import MISSING
from hemostat.resolve.levels import Contact, Given, Surname
from hemostat.resolve.names import fold

if TYPE_CHECKING:
    from hemostat.resolve.compare import Comparer
    from hemostat.resolve.levels import Weighed

_NOTHING_ELSE = -20.0  # bits, the id left out, below which two rows contradict each other
_DOUBTFUL = 8.0  # bits below a possible link from which a second look cannot matter


def trust_ids(weighed: Weighed, comparer: Comparer, *, with_families: bool) -> None:
    """Lowers the weight of shared internal ids to what these ids deserve in these data.

    Ids collide between bases. Among rows of one piece of evidence, then of several, the share of pairs that
    contradict each other under one id tells how far the id can be believed. Without families, where errors are no
    contradiction, such a pair has nothing else in common.
    """
    rule = comparer.settings.agreements["id", "equal"]
    source = comparer.traits.source
    inside = source[weighed.a] == source[weighed.b]
    for where in (inside, ~inside):
        at = np.flatnonzero(weighed.id & where)
        bits = comparer.identifier_bits(comparer.shared.id, 0, weighed.a[at]) + rule.against_strangers
        given = np.minimum(rule.most, bits)
        if with_families:
            unlike = (weighed.given[at] == Given.DIFFERENT) & (weighed.surname[at] <= Surname.CLOSE_COMMON)
            contradicted = weighed.veto[at] | unlike
        else:
            contradicted = weighed.strangers[at] - given < _NOTHING_ELSE
        wrong = float(np.mean(contradicted)) if len(at) else 0.0
        if wrong <= rule.relative:
            continue
        earned = max(float(np.log2((1 - wrong) / wrong)), 0.0) if wrong < 1 else 0.0
        weighed.strangers[at] -= (given - np.minimum(given, earned)).astype(np.float32)
        weighed.relatives[at] -= np.float32(rule.against_relatives - min(rule.against_relatives, earned))


def expect_duplicates(weighed: Weighed, comparer: Comparer) -> None:
    """Lowers every pair's weight against strangers where few rows are of somebody already met.

    The priors stand for files in which one row in ten is; a file in which one in a hundred is asks for more evidence.
    """
    rules = comparer.settings
    usual, weight = rules["duplicates_share"], rules["duplicates_weight"]
    sure = int(np.count_nonzero(~weighed.veto & (weighed.score >= rules["certain"])))
    share = (sure + usual * weight) / (comparer.rows + weight)
    weighed.strangers[:] += np.float32(min(np.log2(share / usual), 0.0))


def look_at_addresses(weighed: Weighed, comparer: Comparer) -> None:
    """Counts an address written almost alike as a shared household, where the pair is in doubt."""
    settings = comparer.settings
    score = weighed.score
    at = np.flatnonzero(
        ~weighed.veto
        & (weighed.contact > Contact.MISSING)
        & (weighed.contact < Contact.ADDRESS_CLOSE)
        & (score < settings["certain"])
        & (score > settings["possible"] - _DOUBTFUL)
    )
    code = comparer.shared.address.codes[0]
    at = at[(code[weighed.a[at]] != MISSING) & (code[weighed.b[at]] != MISSING)]
    if not len(at):
        return
    left, right = (
        fold(comparer.texts.of("postal_address", weighed.a[at])).fill_null(""),
        fold(comparer.texts.of("postal_address", weighed.b[at])).fill_null(""),
    )
    alike = (
        (similarity(left, right) >= settings["text_close"])
        & (left != "").to_numpy()
        & (right != "").to_numpy()
    )
    at = at[alike]
    rule = settings.agreements["contact", "address_close"]
    whole = min(float(np.log2(comparer.rows)) + rule.against_strangers, rule.most)
    # half of it: the place, shared or not, was counted before
    weighed.strangers[at] += np.float32(whole / 2)
    weighed.contact[at] = Contact.ADDRESS_CLOSE
