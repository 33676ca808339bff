"""Names of people in a page: after a title, beside a first name, after a word of kinship or a label.

Lists of names only help to read capitals; a title makes a name of any word, so that « M. Gay » is nobody's secret.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from hemostat.detect.text.lexicon import Trait
from hemostat.detect.text.spans import NUMBER_OF, Flag, made, no_spans
from hemostat.detect.text.tokens import Gap
from hemostat.model import Category

if TYPE_CHECKING:
    import numpy.typing as npt

    from hemostat.detect.text.context import Line
    from hemostat.detect.text.page import Ints, Page
    from hemostat.detect.text.spans import Spans
    from hemostat.detect.text.tokens import Tokens

    Bools = npt.NDArray[np.bool_]

_ORDINARY = (
    Trait.COMMON | Trait.TITLE_STOP | Trait.PLACE | Trait.UNIT | Trait.MONTH | Trait.STREET | Trait.LABEL | Trait.BORN
    | Trait.TRADE | Trait.KIN | Trait.CIVILITY | Trait.DOCTOR | Trait.FORM | Trait.DWELLING | Trait.DATED
)  # fmt: skip
_NEVER = (
    Trait.PLACE
    | Trait.UNIT
    | Trait.MONTH
    | Trait.STREET
    | Trait.LABEL
    | Trait.BORN
    | Trait.TRADE
    | Trait.DATED
)
_NAMED = Trait.FIRST_NAME | Trait.SURNAME
_LOOSE = Gap.SPACE | Gap.HYPHEN | Gap.APOSTROPHE
_TITLE_GAP = Gap.SPACE | Gap.DOT | Gap.LONG
_LABEL_GAP = Gap.SPACE | Gap.COLON | Gap.LONG | Gap.DOT
_LONGEST, _REACH = 7, 4
_TITLED, _PAIRED, _LABELLED, _GUESSED = 0.95, 0.9, 0.85, 0.7
_SHORT, _TWO = 3, 2
_ACRONYM = 4


class _Words(NamedTuple):
    """What each token can be in a name."""

    core: Bools
    initial: Bools
    particle: Bools
    first: Bools
    titled: Bools
    joined: Bools


def people(page: Page, tokens: Tokens, found: Line) -> Spans:
    """Spans of names, flagged as relative's or professional's by what stands before them."""
    size = len(tokens)
    words = _words(page, tokens, found)
    member = words.core | words.initial | _particles(words, tokens)
    linked = words.joined & member & np.append(member[1:], False)
    linked &= ~np.append(words.titled[1:], False) | words.core
    begins = np.flatnonzero(member & ~np.concatenate([[False], linked[:-1]]))
    if not len(begins):
        return no_spans()
    ends = np.flatnonzero(member & ~linked)
    first, last = _trimmed(words, begins, ends)
    cores = _count(words.core, first, last)
    firsts = _count(words.first, first, last)
    initials = _count(words.initial, first, last)
    title = words.titled[first] | words.titled[begins]
    kin, label = _cued(tokens, found, first)
    good_pair = (firsts > 0) & (cores + initials > 1) & (cores > 0) & ~((firsts >= cores) & (cores > _SHORT))
    guess = (cores > 1) & (firsts == 0) & _mixed_case(page, words, tokens, first, last)
    surnamed = (found.traits[first] & Trait.SURNAME) > 0
    guess |= (cores == 1) & (initials == 1) & surnamed & tokens.caps[first]
    alone = (cores > 0) & ((kin & ((firsts > 0) | (cores <= _TWO))) | label)
    dotted = (page.codes.take(tokens.end[last]) == ord(".")) & (
        tokens.end[first] - tokens.start[first] > _SHORT
    )
    lines = (first == 0) | ((tokens.after[np.maximum(first - 1, 0)] & np.uint16(Gap.LINE | Gap.COLON)) > 0)
    closing = (tokens.after[last] & np.uint16(Gap.LINE)) > 0
    guess |= (cores == 1) & (initials == 1) & words.initial[last] & dotted & (lines | closing)
    signed = (
        tokens.after[np.maximum(first - 1, 0)]
        & np.uint16(Gap.COMMA | Gap.LINE | Gap.DOT | Gap.QUESTION | Gap.END)
    ) > 0
    alone |= (
        (cores == 1) & (firsts == 1) & closing & signed & (first > 1) & ~tokens.caps[first] & (first == last)
    )
    alone |= _aged(page, tokens, found, first, last)
    place = (_after_place(tokens, found, first) & ~title) | _street_of(tokens, found, first)
    place |= _hyphened(words, tokens, first, last) & ~title
    good_pair &= ~place
    guess |= _signed(words, tokens, found, first, last, lines, closing)
    length = last - first + 1
    good = (title | good_pair | guess | alone) & ~place & (length <= _LONGEST) & (first < size) & (cores > 0)
    sure = np.select([title, good_pair, alone], [_TITLED, _PAIRED, _LABELLED], _GUESSED)
    first, last, sure = first[good], last[good], sure[good]
    first, last = _twins(tokens, found, first, last)
    bits = _who(tokens, found, first)
    category = np.full(len(first), NUMBER_OF[Category.FULL_NAME])
    end = tokens.end[last]
    end = end + (words.initial[last] & (page.codes.take(end) == ord(".")) & (last > first))
    return made(tokens.start[first], end, category, sure, bits)


def _words(page: Page, tokens: Tokens, found: Line) -> _Words:
    traits = found.traits
    width = tokens.end - tokens.start
    alpha = ~tokens.digits & ~tokens.mixed & (page.codes.take(tokens.start) != ord("+"))
    named = (traits & _NAMED) > 0
    ordinary = ((traits & _ORDINARY) > 0) & ~named
    ordinary |= (traits & (Trait.CIVILITY | Trait.DOCTOR | Trait.PLACE | Trait.BORN)) > 0
    soft_common = ((traits & (Trait.COMMON | Trait.FORM | Trait.TITLE_STOP)) > 0) & (
        (traits & Trait.FIRST_NAME) == 0
    )
    ordinary |= soft_common & ((traits & Trait.SURNAME) > 0) & ~tokens.caps
    opens = np.concatenate([[True], found.sentence[1:] != found.sentence[:-1]])
    first_words = np.flatnonzero(opens & tokens.upper & ~tokens.caps & ~named)
    ordinary[first_words[_verb(page, tokens.end[first_words])]] = True
    particle = alpha & ((traits & Trait.PARTICLE) > 0) & ((traits & Trait.FIRST_NAME) == 0)
    core = alpha & tokens.upper & ~ordinary & ~particle & (width > 1)
    dotted = (tokens.after & np.uint16(Gap.DOT)) > 0
    initial = alpha & tokens.upper & (width == 1)
    pairs = np.flatnonzero(dotted & alpha & tokens.upper & (width == _TWO) & ~tokens.caps)
    initial[pairs[_short_first(page, tokens.start[pairs])]] = True
    core &= ~initial
    titled = _titled(tokens, found)
    stop = (traits & (Trait.TITLE_STOP | Trait.CIVILITY | Trait.DOCTOR | Trait.UNIT)) > 0
    forced = titled & alpha & tokens.upper & ~particle & (width > 1) & ~(stop & ~(named & tokens.caps))
    core |= forced
    behind = np.concatenate([[False], (titled & particle & tokens.upper)[:-1]])
    core |= behind & alpha & tokens.upper & (width > 1) & ~stop
    hyphened = np.concatenate([[False], (tokens.after == int(Gap.HYPHEN))[:-1]])
    apostrophe = np.concatenate([[False], (tokens.after == int(Gap.APOSTROPHE))[:-1]])
    core |= (
        (hyphened | apostrophe) & np.concatenate([[False], core[:-1]]) & alpha & ((width > _TWO) | apostrophe)
    )
    small = np.flatnonzero(titled & alpha & ~tokens.upper & (width >= _SHORT) & ~stop & ~particle)
    small = small[_lower_title(page, tokens, small)]
    plain_word = ((traits[small] & (_ORDINARY | Trait.AGE)) == 0) & ~_ending(page, tokens.end[small])
    core[small[named[small] | plain_word]] = True
    known_pair = ((traits & Trait.FIRST_NAME) > 0) & (
        (traits & (Trait.COMMON | Trait.FORM | Trait.TITLE_STOP)) == 0
    )
    last_name = ((traits & Trait.SURNAME) > 0) & (
        (traits & (Trait.COMMON | Trait.FORM | Trait.TITLE_STOP)) == 0
    )
    joined = _joined(tokens, initial, (traits & Trait.FIRST_NAME) > 0)
    pair = joined[:-1] & ((known_pair[:-1] & last_name[1:]) | (last_name[:-1] & known_pair[1:]))
    pair &= ~tokens.upper[:-1] & ~tokens.upper[1:] & (traits[:-1] != traits[1:])
    core[:-1] |= pair
    core[1:] |= pair
    sure_first = known_pair & tokens.upper & core
    plain = alpha & tokens.upper & (width > _TWO) & ((traits & (_NEVER | Trait.DOCTOR | Trait.CIVILITY)) == 0)
    behind_first = np.concatenate([[False], (sure_first & (tokens.after == int(Gap.SPACE)))[:-1]])
    core |= (
        behind_first
        & plain
        & ((traits & (Trait.FORM | Trait.COMMON)) > 0)
        & (tokens.caps | ~tokens.caps[_previous(tokens)])
    )
    return _Words(core, initial, particle, core & ((traits & Trait.FIRST_NAME) > 0), titled, joined)


def _previous(tokens: Tokens) -> Ints:
    return np.maximum(np.arange(len(tokens)) - 1, 0)


def _titled(tokens: Tokens, found: Line) -> Bools:
    """Tokens right after a title; « m », « mm », « me » and « pr » count only as capitals."""
    traits = found.traits
    title = (traits & (Trait.CIVILITY | Trait.DOCTOR)) > 0
    width = tokens.end - tokens.start
    title &= tokens.upper | (width > 2) | ((traits & Trait.LABEL) > 0)  # noqa: PLR2004
    short = title | (((traits & (Trait.CIVILITY | Trait.DOCTOR)) > 0) & (width == 2) & _two_letters(found))  # noqa: PLR2004
    near = ((tokens.after & ~np.uint16(_TITLE_GAP)) == 0) & (tokens.after != int(Gap.DOT))
    return np.concatenate([[False], (short & near)[:-1]])


def _two_letters(found: Line) -> Bools:
    """« mr » and « dr »: titles even in lower case; « mm », « me » and « pr » are words of their own."""
    return (found.traits & Trait.ABBREVIATION) > 0


def _lower_title(page: Page, tokens: Tokens, at: Ints) -> Bools:
    """Whether the word before is a title that secretaries type before names in lower case."""
    before = np.maximum(at - 1, 0)
    width = tokens.end[before] - tokens.start[before]
    head = page.codes.take(tokens.start[before])
    return np.asarray((width <= _ACRONYM) & ((head == ord("m")) | (head == ord("d"))) & (width > 1))


def _joined(tokens: Tokens, initial: Bools, first_name: Bools) -> Bools:
    after = tokens.after
    dash = ((after & np.uint16(Gap.HYPHEN)) > 0) & ((after & np.uint16(Gap.LONG)) > 0)
    loose = ((after & ~np.uint16(_LOOSE | Gap.LONG)) == 0) & ~dash
    dotted = initial & ((after & ~np.uint16(Gap.DOT | Gap.SPACE | Gap.HYPHEN | Gap.LONG)) == 0)
    following = np.append(tokens.caps[1:], False)
    slash = (after == int(Gap.SLASH)) & tokens.caps & following
    comma = ((after & ~np.uint16(Gap.COMMA | Gap.SPACE | Gap.LONG)) == 0) & (
        (after & np.uint16(Gap.COMMA)) > 0
    )
    upper = np.append(tokens.upper[1:], False)
    apart = comma & tokens.caps & upper & ~following
    apart &= np.append(first_name[1:], False)
    return np.asarray(loose | dotted | slash | apart)


def _short_first(page: Page, start: Ints) -> Bools:
    """« Ph. », « Th. », « Ch. »: first names cut to two letters."""
    head, second = page.codes.take(start), page.codes.take(start + 1)
    known = np.isin(head, [ord("p"), ord("t"), ord("c"), ord("g")])
    return np.asarray(known & (second == ord("h")))


def _verb(page: Page, end: Ints) -> Bools:
    """Words that end as infinitives and orders do: « Rappeler », « Voyez »."""
    last, before = page.codes.take(end - 1), page.codes.take(np.maximum(end - 2, 0))
    return np.asarray(
        ((last == ord("r")) & ((before == ord("e")) | (before == ord("i"))))
        | ((last == ord("z")) & (before == ord("e")))
    )


def _ending(page: Page, end: Ints) -> Bools:
    """Words that end as adverbs, participles and adjectives of medicine do."""
    last = [page.codes.take(np.maximum(end - n, 0)) for n in (1, 2, 3, 4)]
    out = np.zeros(len(end), dtype=np.bool_)
    for ending in ("ment", "tion", "ique", "iste", "ante", "ises", "euse", "aire", "tive"):
        out |= np.logical_and.reduce(
            [codes == ord(c) for codes, c in zip(last, reversed(ending), strict=True)]
        )
    return out


def _particles(words: _Words, tokens: Tokens) -> Bools:
    """Particles with a name behind them, at once or after another one; in lower case only inside a name."""
    onward = words.joined & np.append((words.core | words.initial)[1:], False)
    direct = words.particle & onward & np.append(words.core[1:], False)
    further = words.particle & words.joined & np.append(direct[1:], False)
    good = direct | further
    inside = np.concatenate([[False], (words.joined & words.core)[:-1]])
    inside |= np.concatenate([[False], (good & inside)[:-1]]) | words.titled
    return np.asarray(good & (tokens.upper | inside))


def _trimmed(words: _Words, first: Ints, last: Ints) -> tuple[Ints, Ints]:
    """Names without the initial that opens the next phrase and without particles at their end."""
    for _ in range(2):
        loose = words.particle[last] & ~words.core[last] & (last > first)
        last = last - loose
    return first, last


def _count(flags: Bools, first: Ints, last: Ints) -> Ints:
    at = np.flatnonzero(flags)
    return np.asarray(np.searchsorted(at, last, side="right") - np.searchsorted(at, first, side="left"))


def _mixed_case(page: Page, words: _Words, tokens: Tokens, first: Ints, last: Ints) -> Bools:
    """Two words, one in capitals and one with a leading capital: how forms write a name. Codes and acronyms apart."""
    vowel = np.zeros(256, dtype=np.bool_)
    vowel[[ord(c) for c in "aeiouy"]] = True
    width = tokens.end - tokens.start
    shouted = np.zeros(len(tokens), dtype=np.bool_)
    caps = np.flatnonzero(words.core & tokens.caps & (width > _ACRONYM))
    shouted[caps] = (
        vowel[page.codes.take(tokens.start[caps] + 1)] | vowel[page.codes.take(tokens.start[caps] + 2)]
    )
    capitals = _count(shouted, first, last)
    leading = _count(words.core & ~tokens.caps & (width >= _SHORT), first, last)
    coded = (tokens.after[last] & np.uint16(Gap.HYPHEN | Gap.EQUAL | Gap.SLASH)) > 0
    return (capitals >= 1) & (leading >= 1) & (tokens.caps[first] | tokens.caps[last]) & ~coded


def _aged(page: Page, tokens: Tokens, found: Line, first: Ints, last: Ints) -> Bools:
    """A first name alone, with an age behind it or « c'est » before it."""
    known = ((found.traits[first] & Trait.FIRST_NAME) > 0) & (
        (found.traits[first] & (Trait.COMMON | Trait.FORM)) == 0
    )
    size = len(tokens)
    one, two = np.minimum(last + 1, size - 1), np.minimum(last + 2, size - 1)
    age = (
        tokens.digits[one]
        & ((found.traits[two] & Trait.AGE) > 0)
        & (found.sentence[two] == found.sentence[first])
    )
    before = np.maximum(first - 1, 0)
    at = tokens.start[before]
    said = (tokens.end[before] - at == len("est")) & (first > 0)
    for place, char in enumerate("est"):
        said &= page.codes.take(at + place) == ord(char)
    return np.asarray(known & tokens.upper[first] & (first == last) & (age | said))


def _cued(tokens: Tokens, found: Line, first: Ints) -> tuple[Bools, Bools]:
    """Whether a word of kinship, or a label, stands right before."""
    before = np.maximum(first - 1, 0)
    near = (first > 0) & ((tokens.after[before] & ~np.uint16(_LABEL_GAP | Gap.BRACKET)) == 0)
    near &= found.sentence[before] == found.sentence[first]
    traits = found.traits[before]
    label = near & ((traits & (Trait.LABEL | Trait.BORN)) > 0)
    two = np.maximum(first - 2, 0)
    called = ((found.traits[first] & Trait.FIRST_NAME) > 0) & (found.clause[two] == found.clause[first])
    trade = near & called & ((found.traits[two] & Trait.TRADE) > 0)
    return trade | near & ((traits & (Trait.KIN | Trait.TRADE)) > 0), label & (
        tokens.caps[first]
        | ((found.traits[first] & Trait.FIRST_NAME) > 0)
        | ((tokens.after[before] & np.uint16(Gap.COLON)) > 0)
    )


def _after_place(tokens: Tokens, found: Line, first: Ints) -> Bools:
    """Whether the words before begin the name of a place or of a disease: « rue Jean Moulin », « maladie de »."""
    out = np.zeros(len(first), dtype=np.bool_)
    alive = np.ones(len(first), dtype=np.bool_)
    at = first
    for _ in range(_REACH):
        before = np.maximum(at - 1, 0)
        loose = (tokens.after[before] & ~np.uint16(_LOOSE | Gap.DOT | Gap.LONG)) == 0
        alive &= (at > 0) & loose & (found.clause[before] == found.clause[first])
        traits = found.traits[before]
        out |= alive & ((traits & (Trait.PLACE | Trait.STREET | Trait.DWELLING)) > 0)
        alive &= ((traits & (Trait.PARTICLE | Trait.PLACE)) > 0) | tokens.upper[before]
        alive &= (traits & (Trait.CIVILITY | Trait.DOCTOR)) == 0
        at = before
    return out


def _street_of(tokens: Tokens, found: Line, first: Ints) -> Bools:
    """Whether the title before a name stands in the name of a way or a house: « rue du Docteur Roux »."""
    before = np.maximum(first - 1, 0)
    titled = (first > 1) & ((found.traits[before] & (Trait.DOCTOR | Trait.CIVILITY)) > 0)
    out = np.zeros(len(first), dtype=np.bool_)
    at, alive = before, titled
    for _ in range(3):
        previous = np.maximum(at - 1, 0)
        alive &= (at > 0) & ((tokens.after[previous] & ~np.uint16(_LOOSE | Gap.DOT | Gap.LONG)) == 0)
        out |= alive & ((found.traits[previous] & Trait.STREET) > 0)
        alive &= (found.traits[previous] & Trait.PARTICLE) > 0
        at = previous
    return out


def _hyphened(words: _Words, tokens: Tokens, first: Ints, last: Ints) -> Bools:
    """Names that hyphens join from end to end, as those of places are: « Marie-Curie », but not « Marie-Claude »."""
    hyphen = tokens.after == np.uint16(Gap.HYPHEN)
    joints = _count(hyphen, first, np.maximum(last - 1, first)) == last - first
    all_first = _count(words.first, first, last) == last - first + 1
    return np.asarray((last > first) & joints & ~all_first & ~tokens.caps[first])


def _signed(
    words: _Words, tokens: Tokens, found: Line, first: Ints, last: Ints, opens: Bools, closes: Bools
) -> Bools:
    """What signs: « A. Puig » alone on its line, two words with capitals alone at the very end of a text."""
    initials, cores = _count(words.initial, first, last), _count(words.core, first, last)
    after, before = tokens.after[last], tokens.after[np.maximum(first - 1, 0)]
    apart = opens | ((before & np.uint16(Gap.COMMA | Gap.DOT | Gap.END)) > 0)
    ends = closes | ((after & np.uint16(Gap.COMMA)) > 0)
    spelled = tokens.end[last] - tokens.start[last] > _SHORT
    short = words.initial[first] & (initials >= 1) & (cores == 1) & words.core[last] & spelled & apart & ends
    final = closes & ((after & np.uint16(Gap.END)) > 0) & (first > 1)
    unknown = found.traits[last] & (_ORDINARY | Trait.PARTICLE)
    pair = final & opens & (cores == _TWO) & (last - first == 1) & (unknown == 0) & spelled
    return np.asarray(short | (pair & ((found.traits[first] & _ORDINARY) == 0)))


def _twins(tokens: Tokens, found: Line, first: Ints, last: Ints) -> tuple[Ints, Ints]:
    """« Bernard et Colette KERGUELEN »: the first name before « et » belongs to the name."""
    two = np.maximum(first - 2, 0)
    link = tokens.end[np.maximum(first - 1, 0)] - tokens.start[np.maximum(first - 1, 0)] == 2  # noqa: PLR2004
    link &= (found.traits[np.maximum(first - 1, 0)] & Trait.TITLE_STOP) > 0
    named = ((found.traits[two] & Trait.FIRST_NAME) > 0) & tokens.upper[two] & (first > 1)
    return np.where(link & named & (found.clause[two] == found.clause[first]), two, first), last


def _who(tokens: Tokens, found: Line, first: Ints) -> Ints:
    """Relative or professional, by the title and the three words before."""
    kin = np.zeros(len(first), dtype=np.bool_)
    trade = np.zeros(len(first), dtype=np.bool_)
    settled = np.zeros(len(first), dtype=np.bool_)
    for back in range(1, _REACH + 1):
        before = np.maximum(first - back, 0)
        near = (first >= back) & (found.sentence[before] == found.sentence[first]) & ~settled
        traits = found.traits[before]
        trade |= near & (((traits & Trait.DOCTOR) > 0) | ((traits & Trait.TRADE) > 0))
        kin |= near & ((traits & Trait.KIN) > 0) & ~trade
        settled |= trade | kin | ((tokens.after[before] & np.uint16(Gap.COMMA)) > 0)
    out: Ints = trade * np.int64(Flag.PROFESSIONAL) + kin * np.int64(Flag.RELATIVE)
    return out
