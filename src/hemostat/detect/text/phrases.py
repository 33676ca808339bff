"""Terms of the lexicon in a page: remarks and care, each with what the words around it say of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hemostat.detect.text.context import flags, minus
from hemostat.detect.text.spans import NUMBER_OF, Flag, made, no_spans
from hemostat.detect.text.tokens import Gap
from hemostat.model import Category

if TYPE_CHECKING:
    from hemostat.detect.text.context import Cues, Line
    from hemostat.detect.text.lexicon import Term
    from hemostat.detect.text.machine import Machine, Matches
    from hemostat.detect.text.page import Ints
    from hemostat.detect.text.spans import Spans
    from hemostat.detect.text.tokens import Tokens

_REMARKS = [number for category, number in NUMBER_OF.items() if category.startswith("remark_")]
_OFFICES = [NUMBER_OF[Category.REMARK_UNION], NUMBER_OF[Category.REMARK_POLITICS]]
"""Where an office that somebody holds is the remark itself: « secrétaire de section à la CGT »."""
_WORLD = "world"
"""The cue of sentences that speak of sport, weather, trade, books, notices: whatever they say is of nobody."""
_TOGETHER, _CLOSE = 3, 5
_ABBREVIATION = 5
_SURE, _SUPPOSED, _DOUBTFUL = 0.9, 0.7, 0.4


def phrases(machine: Machine, terms: list[Term], tokens: Tokens, found: Line, cues: Cues) -> Spans:
    """The spans of one lexicon; neighbours of one category that say the same become one span."""
    categories = np.array([term.category for term in terms])
    met = _leftmost(_cleared(machine.run(found.classes, found.soft), categories))
    if not len(met.first):
        return no_spans()
    category = categories[met.rule]
    good = (category >= 0) & _allowed(terms, met, tokens, cues)
    good &= ~_spelled_out(tokens, met) | (category == NUMBER_OF[Category.REMARK_HIV])
    remark = np.isin(category, _REMARKS)
    good &= ~(remark & cues.near(_WORLD, met.first, met.last))
    first, last, category = met.first[good], met.last[good], category[good]
    if not len(first):
        return no_spans()
    bits = flags(found, cues, first, last)
    telling = np.array([term.also == NUMBER_OF[Category.REMARK_HIV] for term in terms])
    bits |= np.where(telling[met.rule[good]], int(Flag.HIV), 0)
    asked = (category == NUMBER_OF[Category.REMARK_HIV]) & minus(tokens, last)
    bits |= np.where(asked, int(Flag.NEGATED), 0)
    bits &= ~np.where(np.isin(category, _OFFICES), int(Flag.PROFESSIONAL), 0)
    bits = _listed(found, first, last, category, bits)
    first, last, category, bits = _together(found, first, last, category, bits)
    doubt = np.where(bits & Flag.NEGATED, _DOUBTFUL, np.where(bits & Flag.HYPOTHESIS, _SUPPOSED, _SURE))
    return made(tokens.start[first], tokens.end[last], category, doubt, bits)


def _cleared(met: Matches, categories: Ints) -> Matches:
    """Without what a phrase that means nothing reaches into and beyond: « au syndicat » in « au syndicat des eaux »."""
    nothing = np.flatnonzero(categories[met.rule] < 0)
    if not len(nothing):
        return met
    first, last = met.first[nothing], met.last[nothing]
    reach = np.maximum.accumulate(last)
    before = np.searchsorted(first, met.first, side="left") - 1
    inside = np.searchsorted(first, met.last, side="right") - 1
    lost = (before >= 0) & (reach[np.maximum(before, 0)] >= met.first)
    lost |= (
        (inside >= 0) & (first[np.maximum(inside, 0)] >= met.first) & (last[np.maximum(inside, 0)] > met.last)
    )
    keep = ~lost
    keep[nothing] = True
    return type(met)(met.first[keep], met.last[keep], met.rule[keep])


def _leftmost(met: Matches) -> Matches:
    """Phrases that do not overlap: from the left, the longest at each place."""
    keep = np.ones(len(met.first), dtype=np.bool_)
    reach = np.maximum.accumulate(met.last) if len(met.last) else met.last
    suspects = np.flatnonzero(met.first[1:] <= reach[:-1]) + 1
    end = -1
    previous = -1
    for i in suspects.tolist():
        j = i - 1
        while j > previous and not keep[j]:
            j -= 1
        end = int(met.last[:i][keep[:i]][-1]) if j <= previous else int(met.last[j])
        keep[i] = met.first[i] > end
    return type(met)(met.first[keep], met.last[keep], met.rule[keep])


def _spelled_out(tokens: Tokens, met: Matches) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Abbreviations that a bracket explains, before or behind: they mean what is said there."""
    short = (
        (met.first == met.last)
        & tokens.caps[met.first]
        & (tokens.end[met.first] - tokens.start[met.first] <= _ABBREVIATION)
    )
    before, after = tokens.after[np.maximum(met.first - 1, 0)], tokens.after[met.last]
    opened = (before & np.uint16(Gap.BRACKET)) > 0
    inside = opened & ((after & np.uint16(Gap.CLOSE)) > 0)
    return np.asarray(short & (inside | (((after & np.uint16(Gap.BRACKET)) > 0) & ~opened)))


def _allowed(
    terms: list[Term], met: Matches, tokens: Tokens, cues: Cues
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    good = np.ones(len(met.first), dtype=np.bool_)
    for number, term in enumerate(terms):
        if not (term.upper or term.near or term.unless):
            continue
        mine = np.flatnonzero(met.rule == number)
        if len(mine) and term.upper:
            good[mine] &= tokens.caps[met.first[mine]]
        if len(mine) and term.near:
            good[mine] &= cues.near(term.near, met.first[mine], met.last[mine])
        if len(mine) and term.unless:
            good[mine] &= ~cues.near(term.unless, met.first[mine], met.last[mine], _CLOSE)
    return good


def _listed(found: Line, first: Ints, last: Ints, category: Ints, bits: Ints) -> Ints:
    """« VIH, VHC négatifs »: what is denied of the end of a list is denied of all of it."""
    linked = (
        (category[1:] == category[:-1])
        & (first[1:] - last[:-1] <= _TOGETHER)
        & (found.sentence[first[1:]] == found.sentence[last[:-1]])
        & (category[1:] == NUMBER_OF[Category.REMARK_HIV])
    )
    denied = bits & int(Flag.NEGATED)
    for i in np.flatnonzero(linked)[::-1].tolist():
        denied[i] |= denied[i + 1]
    return bits | denied


def _together(
    found: Line, first: Ints, last: Ints, category: Ints, bits: Ints
) -> tuple[Ints, Ints, Ints, Ints]:
    same = (
        (category[1:] == category[:-1])
        & (first[1:] - last[:-1] <= _TOGETHER)
        & (found.sentence[first[1:]] == found.sentence[last[:-1]])
        & ((bits[1:] & Flag.NEGATED) == (bits[:-1] & Flag.NEGATED))
    )
    begins = np.flatnonzero(np.concatenate([[True], ~same]))
    ends = np.append(begins[1:], len(first)) - 1
    return first[begins], last[ends], category[begins], np.bitwise_or.reduceat(bits, begins)
