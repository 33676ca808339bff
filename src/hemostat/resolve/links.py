"""Links between rows: candidates weighed, calibrated on the NIR where there is one, with the vetoes that hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hemostat.resolve import calibrate, homonyms, reasons
from hemostat.resolve.adjust import expect_duplicates, look_at_addresses, trust_ids
from hemostat.resolve.bridge import Bridges, bridges
from hemostat.resolve.candidates import find_candidates, share_values
from hemostat.resolve.compare import Comparer
from hemostat.resolve.families import against_strangers, as_dirty_as, families
from hemostat.resolve.groups import pack
from hemostat.resolve.lifted import Lifted, learn
from hemostat.resolve.nameless import undecided

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hemostat.resolve.groups import I32, I64
    from hemostat.resolve.levels import Weighed
    from hemostat.resolve.names import Vocabulary
    from hemostat.resolve.settings import Settings
    from hemostat.resolve.traits import Texts, Traits

    F32 = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Links:
    """Pairs of rows that may be one person.

    `bits`: strength of each pair; `reason`: place in `reasons.ORDER`; `own`: strength of each row with a copy of
    itself; `foes`: pairs that are never one person (packed); `blind`: pairs that would hold without any NIR;
    `set_aside`: rows left out of a key that too many share; `hidden`: people whom equal rows may hide.
    """

    weighed: Weighed
    bits: F32
    reason: NDArray[np.int8]
    own: F32
    foes: I64
    blind: NDArray[np.bool_]
    set_aside: dict[str, int]
    comparer: Comparer
    lifted: Lifted | None
    bridges: Bridges
    with_families: bool
    hidden: homonyms.Homonyms

    def vetoed(self, a: I32, b: I32) -> NDArray[np.bool_]:
        """Whether pairs that were never candidates can never be one person."""
        weighed = self.comparer.weigh(a, b)
        if self.lifted is not None:
            self.lifted.apply(weighed)
        if not self.with_families:
            against_strangers(weighed, self.comparer.texts, self.comparer.settings)
        return weighed.veto & ~self.bridges.explains(weighed)

    def at_least(self, bits: float) -> NDArray[np.bool_]:
        """Pairs that may be linked, of that strength."""
        return ~self.weighed.veto & (self.bits >= bits)


def bare(traits: Traits) -> NDArray[np.bool_]:
    """Rows that give a contact or a NIR, and neither a name nor a birth date."""
    nameless = (traits.surname < 0) & (traits.surname2 < 0) & (traits.given < 0)
    return nameless & (traits.birth < 0) & (traits.year < 0)


def find_links(
    traits: Traits,
    words: Vocabulary,
    texts: Texts,
    copies: I64,
    rules: Settings,
    *,
    repeats: I64 | None = None,
) -> Links:
    """Links between rows that differ.

    `texts`: columns as written; `copies`: how many equal rows each row stands for; `repeats`: how many more records
    are equal to them to the letter, and tell nothing but whose they are.
    """
    repeats = np.zeros_like(copies) if repeats is None else repeats
    shared = share_values(traits, rules)
    comparer = Comparer(traits, words, shared, texts, copies, rules)
    with_families = families(traits, words, shared, rules)
    candidates = find_candidates(traits, words, shared, rules, with_families=with_families)
    weighed = comparer.weigh(candidates.a, candidates.b)
    trust_ids(weighed, comparer, with_families=with_families)
    lifted, under_two_dates = None, np.zeros(len(weighed.a), dtype=bool)
    if with_families:
        look_at_addresses(weighed, comparer)
        expect_duplicates(weighed, comparer)
        lifted = learn(weighed, candidates.without_nir, rules)
        under_two_dates = lifted.apply(weighed)
    else:
        against_strangers(weighed, texts, rules)
        comparer.settings = as_dirty_as(weighed, rules)
        weighed = comparer.weigh(candidates.a, candidates.b)
        trust_ids(weighed, comparer, with_families=with_families)
        against_strangers(weighed, texts, rules)
    judged = calibrate.judge(weighed, candidates.without_nir, under_two_dates, rules)
    reason = reasons.of(weighed, bare(traits), rules, with_families=with_families)
    own = np.full(len(traits), np.inf, dtype=np.float32)
    several_rows = np.flatnonzero(copies + repeats > 1).astype(np.int32)
    alone = comparer.weigh(several_rows, several_rows)
    if not with_families:
        against_strangers(alone, texts, rules)
    own[several_rows] = alone.score
    crowd = homonyms.crowded(traits, copies + repeats, rules)
    own = homonyms.doubtful(own, crowd, rules)
    # equal rows that hold an identifier and nothing to tell them apart are one identity
    own[bare(traits)] = np.maximum(own[bare(traits)], rules["best"])
    bits = reasons.capped(
        calibrate.calibrated(weighed, judged),
        weighed,
        reason,
        judged.told(rules["judged_least"]),
        rules,
        with_families=with_families,
    )
    bits = np.minimum(bits, np.minimum(own[weighed.a], own[weighed.b]))
    several = np.append(words.text.str.contains(" ", literal=True).to_numpy(), False)[traits.given]
    linked = ~weighed.veto & (bits >= rules["best"])
    open_ = undecided(weighed, linked) if with_families else np.zeros_like(linked)
    bits[open_] = np.float32(rules["best"] - 1)
    linked &= ~open_
    over = bridges(weighed, linked, under_two_dates, several)
    barred = weighed.veto & ~over.explains(weighed)
    blind = candidates.without_nir & ~weighed.veto_without_nir
    blind &= calibrate.blind(weighed, judged) >= rules["best"]
    return Links(
        weighed,
        bits,
        reason,
        own,
        pack(weighed.a[barred], weighed.b[barred]),
        blind,
        candidates.set_aside,
        comparer,
        lifted,
        over,
        with_families,
        homonyms.hidden(traits, copies, repeats, own, crowd, rules),
    )
