"""Addresses in a page: ways with their number, residences and hamlets, postal codes and towns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hemostat.detect.text.lexicon import Trait
from hemostat.detect.text.spans import NUMBER_OF, joined, made, no_spans
from hemostat.detect.text.tokens import Gap
from hemostat.model import Category

if TYPE_CHECKING:
    import numpy.typing as npt

    from hemostat.detect.text.context import Line
    from hemostat.detect.text.page import Ints, Page
    from hemostat.detect.text.spans import Spans
    from hemostat.detect.text.tokens import Tokens

    Bools = npt.NDArray[np.bool_]

_SURE, _LIKELY = 0.93, 0.8
_LOOSE = Gap.SPACE | Gap.HYPHEN | Gap.APOSTROPHE | Gap.LONG | Gap.DOT
_APART = Gap.SPACE | Gap.COMMA | Gap.LONG | Gap.DOT
_STREET_WORDS, _DWELLING_WORDS, _TOWN_WORDS = 8, 6, 6
_WIDEST_NUMBER = 4
_POSTAL = 5
_STOP = Trait.TITLE_STOP | Trait.UNIT | Trait.KIN | Trait.LABEL | Trait.CIVILITY | Trait.BORN | Trait.DATED
_STRONG = (
    "lieu",
    "lieudit",
    "residence",
    "res",
    "resid",
    "lot",
    "lotissement",
    "hameau",
    "ferme",
    "bourg",
    "bp",
    "foyer",
    "villa",
)


def places(page: Page, tokens: Tokens, found: Line) -> Spans:
    """Spans of addresses, postal codes and towns."""
    size = len(tokens)
    if not size:
        return no_spans()
    word = _names(tokens, found)
    street_first, street_last = _streets(page, tokens, found, word)
    near = np.zeros(size, dtype=np.bool_)
    part_first, part_last, strong = _dwellings(page, tokens, found, word)
    first, last, kept = _joined(
        tokens,
        np.concatenate([street_first, part_first]),
        np.concatenate([street_last, part_last]),
        np.concatenate([np.ones(len(street_first), dtype=np.bool_), strong]),
    )
    first, last = first[kept], last[kept]
    for step in (1, 2, 3):
        at = last + step
        at = at[(at < size)]
        near[at[found.paragraph[at] == found.paragraph[at - step]]] = True
    code, town = _codes(page, tokens, found, word, near)
    extra_first, extra_last = _before_code(
        tokens, found, word, np.searchsorted(tokens.start, code.start), near
    )
    first, last = np.concatenate([first, extra_first]), np.concatenate([last, extra_last])
    address = made(
        tokens.start[first],
        tokens.end[last],
        np.full(len(first), NUMBER_OF[Category.POSTAL_ADDRESS]),
        np.full(len(first), _SURE),
    )
    return joined([address, code, town])


def _names(tokens: Tokens, found: Line) -> Bools:
    """Words that can stand in the name of a way: capitals, particles, and words that are nothing else."""
    particle = (found.traits & Trait.PARTICLE) > 0
    other = (found.traits & (_STOP | Trait.COMMON | Trait.FORM | Trait.TRADE)) == 0
    return np.asarray((tokens.upper | particle | other) & ~tokens.digits & ~tokens.mixed)


def _spelled(page: Page, tokens: Tokens, at: Ints) -> list[str]:
    codes = page.codes
    return [
        bytes(codes[s:e]).decode("latin-1")
        for s, e in zip(tokens.start[at].tolist(), tokens.end[at].tolist(), strict=True)
    ]


def _streets(page: Page, tokens: Tokens, found: Line, word: Bools) -> tuple[Ints, Ints]:
    """Ways with their number: « 12 bis rue des Lilas »."""
    size = len(tokens)
    way = np.flatnonzero((found.traits & Trait.STREET) > 0)
    if not len(way):
        return way, way
    before, two = np.maximum(way - 1, 0), np.maximum(way - 2, 0)
    loose = np.uint16(_APART | Gap.APOSTROPHE)
    gap = (
        (way > 0)
        & ((tokens.after[before] & ~loose) == 0)
        & ((tokens.after[before] & np.uint16(Gap.DOT)) == 0)
    )
    suffix = np.array([s in {"bis", "ter", "quater", "b", "t", "a"} for s in _spelled(page, tokens, before)])
    deep = gap & suffix & (way > 1) & tokens.digits[two] & ((tokens.after[two] & ~np.uint16(_APART)) == 0)
    width = tokens.end - tokens.start
    plain = gap & tokens.digits[before] & (width[before] <= _WIDEST_NUMBER)
    stuck = gap & tokens.mixed[before] & (width[before] <= _WIDEST_NUMBER)
    good = deep | plain | stuck
    first = np.where(deep, two, before)[good]
    last, named = _grown(tokens, found, word, way[good], _STREET_WORDS)
    inside = np.minimum(way[good] + 1, size - 1)
    named |= (last > way[good]) & ((found.traits[inside] & Trait.PARTICLE) > 0) & (last > inside)
    return first[named], last[named]


def _grown(tokens: Tokens, found: Line, word: Bools, at: Ints, reach: int) -> tuple[Ints, Bools]:
    """The last word of each name that begins at ``at``, and whether a capital or a number stands in it."""
    size = len(tokens)
    last = at.copy()
    named = np.zeros(len(at), dtype=np.bool_)
    alive = np.ones(len(at), dtype=np.bool_)
    here = at
    width = tokens.end - tokens.start
    for _ in range(reach):
        onward = (tokens.after[here] & ~np.uint16(_LOOSE)) == 0
        onward &= (tokens.after[here] & np.uint16(Gap.DOT)) == 0
        onward |= ((found.traits[here] & Trait.ABBREVIATION) > 0) & (
            (tokens.after[here] & ~np.uint16(_LOOSE)) == 0
        )
        dash = ((tokens.after[here] & np.uint16(Gap.HYPHEN)) > 0) & (
            (tokens.after[here] & np.uint16(Gap.LONG)) > 0
        )
        following = np.minimum(here + 1, size - 1)
        title = ((found.traits[following] & (Trait.CIVILITY | Trait.BORN)) > 0) & (
            tokens.end[here] - tokens.start[here] > 1
        )
        number = tokens.digits[following] & (width[following] <= _WIDEST_NUMBER)
        number &= ((found.traits[here] & (Trait.PARTICLE | Trait.MONTH)) > 0) | (here == at)
        month = (found.traits[following] & Trait.MONTH) > 0
        alive &= onward & ~dash & (following > here) & (word[following] | number | month) & ~title
        last = np.where(alive, following, last)
        named |= alive & ((tokens.upper[following] & (width[following] > 1)) | (number & (here != at)))
        here = np.where(alive, following, here)
    particle = ((found.traits[last] & Trait.PARTICLE) > 0) & (last > at) & ~tokens.upper[last]
    return last - particle, named


def _dwellings(page: Page, tokens: Tokens, found: Line, word: Bools) -> tuple[Ints, Ints, Bools]:
    """Residences, buildings, flats, hamlets, boxes; and whether they tell an address by themselves."""
    size = len(tokens)
    at = np.flatnonzero((found.traits & (Trait.DWELLING | Trait.STREET)) > 0)
    spelled = _spelled(page, tokens, at)
    strong = np.array([s in _STRONG for s in spelled], dtype=np.bool_)
    following = np.minimum(at + 1, size - 1)
    near = (tokens.after[at] & ~np.uint16(_LOOSE)) == 0
    number = (tokens.digits[following] | tokens.mixed[following]) & (
        tokens.end[following] - tokens.start[following] <= _WIDEST_NUMBER
    )
    letter = (tokens.end[following] - tokens.start[following] == 1) & tokens.upper[following]
    simple = near & (following > at) & (number | letter)
    last, named = _grown(tokens, found, word, at, _DWELLING_WORDS)
    last = np.where(simple, following, last)
    box = np.array([s in {"bp", "cs"} for s in spelled], dtype=np.bool_)
    named &= ~simple
    good = simple | named
    alone = (
        strong
        & (named | (box & number))
        & ~(np.array([s == "lot" for s in spelled], dtype=np.bool_) & ~named)
    )
    return at[good], last[good], alone[good]


def _joined(tokens: Tokens, first: Ints, last: Ints, strong: Bools) -> tuple[Ints, Ints, Bools]:
    """Parts side by side as one address, kept when one of them is enough."""
    if not len(first):
        return first, last, strong
    order = np.lexsort((-last, first))
    first, last, strong = first[order], last[order], strong[order]
    reach = np.maximum.accumulate(last)
    end = np.minimum(reach[:-1], len(tokens) - 1)
    close = (tokens.after[end] & ~np.uint16(_APART | Gap.HYPHEN)) == 0
    linked = (first[1:] <= reach[:-1]) | ((first[1:] == reach[:-1] + 1) & close)
    begins = np.flatnonzero(np.concatenate([[True], ~linked]))
    ends = np.append(begins[1:], len(first)) - 1
    return first[begins], reach[ends], np.logical_or.reduceat(strong, begins)


def _codes(page: Page, tokens: Tokens, found: Line, word: Bools, near: Bools) -> tuple[Spans, Spans]:
    """Postal codes with the town behind them, and towns."""
    size = len(tokens)
    width = tokens.end - tokens.start
    at = np.flatnonzero(tokens.digits & (width == _POSTAL))
    following = np.minimum(at + 1, size - 1)
    loose = ((tokens.after[at] & ~np.uint16(Gap.SPACE | Gap.LONG)) == 0) & (following > at)
    plain = (
        found.traits[following] & (Trait.COMMON | Trait.FORM | Trait.UNIT | Trait.TITLE_STOP | Trait.MONTH)
    ) == 0
    plain |= (found.traits[following] & Trait.PARTICLE) > 0
    capital = (
        tokens.upper[following]
        & (plain | tokens.caps[following])
        & ((found.traits[following] & Trait.UNIT) == 0)
    )
    head = (
        page.codes.take(tokens.start[at]).astype(np.int64) * 10
        + page.codes.take(tokens.start[at] + 1)
        - ord("0") * 11
    )
    possible = (head >= 1) & (head <= 98)  # noqa: PLR2004 - départements
    good = loose & possible & word[following] & ~tokens.digits[following] & (capital | (near[at] & plain))
    single = (tokens.end - tokens.start)[following] <= 2  # noqa: PLR2004
    good &= ~single | ((found.traits[following] & Trait.PARTICLE) > 0)
    at, following = at[good], following[good]
    last, _ = _grown(tokens, found, word & ~tokens.digits, following, _TOWN_WORDS)
    last = _one_case(tokens, found, following, last)
    code = made(
        tokens.start[at],
        tokens.end[at],
        np.full(len(at), NUMBER_OF[Category.POSTAL_CODE]),
        np.full(len(at), _SURE),
    )
    town = made(
        tokens.start[following],
        tokens.end[last],
        np.full(len(at), NUMBER_OF[Category.CITY]),
        np.full(len(at), _LIKELY),
    )
    return code, town


def _before_code(tokens: Tokens, found: Line, word: Bools, code: Ints, near: Bools) -> tuple[Ints, Ints]:
    """« 2 Kerjean Bihan, 29690 HUELGOAT »: what stands between a number or a comma and the postal code."""
    code = code[~near[code] & (code > 1)]
    last = code - 1
    comma = (tokens.after[last] & ~np.uint16(_APART)) == 0
    last = last[comma]
    first, at = last + 1, last
    alive = np.ones(len(last), dtype=np.bool_)
    done = np.zeros(len(last), dtype=np.bool_)
    capital = np.zeros(len(last), dtype=np.bool_)
    for _ in range(_TOWN_WORDS):
        number = tokens.digits[at] & (tokens.end[at] - tokens.start[at] <= _WIDEST_NUMBER) & capital
        number &= (tokens.after[np.maximum(at - 1, 0)] & np.uint16(Gap.SLASH | Gap.HYPHEN | Gap.DOT)) == 0
        good = alive & (word[at] | number) & ((found.traits[at] & Trait.AGE) == 0)
        capital |= good & (tokens.upper[at] | ((found.traits[at] & Trait.DWELLING) > 0))
        first = np.where(good, at, first)
        before = np.maximum(at - 1, 0)
        edge = (at == 0) | (
            (tokens.after[before] & np.uint16(Gap.COMMA | Gap.LINE | Gap.COLON | Gap.END)) > 0
        )
        done |= good & (number | edge)
        alive = good & ~done & ((tokens.after[before] & ~np.uint16(_LOOSE)) == 0)
        at = before
    kept = done & capital
    return first[kept], last[kept]


def _one_case(tokens: Tokens, found: Line, first: Ints, last: Ints) -> Ints:
    """A town ends where capitals do; in lower case it has one word, or those that hyphens join."""
    end = first.copy()
    alive = np.ones(len(first), dtype=np.bool_)
    for step in range(1, _TOWN_WORDS + 1):
        at = np.minimum(first + step, len(tokens) - 1)
        before = at - 1
        hyphen = (tokens.after[before] & np.uint16(Gap.HYPHEN | Gap.APOSTROPHE)) > 0
        particle = ((found.traits[before] & Trait.PARTICLE) > 0) & (tokens.upper[first] | (step == 1))
        capital = tokens.upper[at] & (
            tokens.caps[at] == tokens.caps[first] | ((found.traits[first] & Trait.PARTICLE) > 0)
        )
        small = ((found.traits[at] & Trait.PARTICLE) > 0) & (at < last)
        alive &= (at <= last) & (hyphen | particle | capital | small)
        end = np.where(alive, at, end)
    return end
