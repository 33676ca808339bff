"""Dates in a page, by what they are: a birth, a death, a meeting. An age is no date: « 34 ans » tells no day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hemostat.detect.text.lexicon import Trait
from hemostat.detect.text.spans import NUMBER_OF, joined, made
from hemostat.detect.text.tokens import Gap
from hemostat.model import Category

if TYPE_CHECKING:
    import numpy.typing as npt

    from hemostat.detect.text.context import Cues, Line
    from hemostat.detect.text.page import Ints, Page
    from hemostat.detect.text.spans import Spans
    from hemostat.detect.text.tokens import Tokens

    Bools = npt.NDArray[np.bool_]

_SURE, _LIKELY = 0.95, 0.85
_DAYS, _MONTHS, _FIRST_YEAR, _LAST_YEAR = 31, 12, 1890, 2079
_TWO, _FOUR, _EIGHT = 2, 4, 8
_BORN_REACH, _NAME_REACH, _AGE_REACH = 8, 2, 4
_EVENTS, _THIS, _FOLLOWS = 2005, 26, 90


def dates(page: Page, tokens: Tokens, found: Line, cues: Cues, names: Spans) -> Spans:
    """Birth dates, death dates, and days of appointments."""
    after_name = _after(tokens, names)
    number = _number(page, tokens)
    first, last, full = _days(page, tokens, found, number)
    born = cues.before("born", first, _BORN_REACH, found.sentence) & ~cues.before(
        "dead", first, _BORN_REACH, found.clause
    )
    timed = _timed(page, tokens, found, last)
    born |= after_name[first] & full & ~timed & ~cues.before("dated", first, 2, found.clause)
    born |= full & _long_ago(tokens, number, last) & _follows(tokens, found, names, first) & ~timed
    event = cues.before("event", first, _BORN_REACH, found.sentence) | cues.after(
        "event", last, _TWO, found.clause
    )
    event |= cues.before("dated", first, _TWO, found.clause)
    born |= (
        full
        & _long_ago(tokens, number, last)
        & ~timed
        & ~event
        & ~_ranged(tokens, first, last)
        & (number[first] > 0)
        & (tokens.end[first] - tokens.start[first] == _TWO)
    )
    born &= full | cues.before("born", first, 3, found.clause)
    dead = ~born & cues.before("dead", first, _AGE_REACH, found.clause)
    met = ~born & ~dead & (full | timed | cues.before("dated", first, _TWO, found.clause))
    category = np.select(
        [born, dead],
        [NUMBER_OF[Category.BIRTH_DATE], NUMBER_OF[Category.DEATH_DATE]],
        NUMBER_OF[Category.APPOINTMENT],
    )
    good = born | dead | met
    sure = np.where(cues.before("born", first, _BORN_REACH, found.sentence), _SURE, _LIKELY)
    days = made(tokens.start[first], tokens.end[last], category, sure).only(good)
    return joined(
        [
            days,
            _bare(page, tokens, found, cues, after_name, number),
        ]
    )


def _number(page: Page, tokens: Tokens) -> Ints:
    """The value of each token of one to four digits; -1 for the others."""
    out = np.full(len(tokens), -1, dtype=np.int64)
    at = np.flatnonzero(tokens.digits & (tokens.end - tokens.start <= _FOUR))
    start, width = tokens.start[at], (tokens.end - tokens.start)[at]
    value = np.zeros(len(at), dtype=np.int64)
    for place in range(_FOUR):
        digit = page.codes.take(start + place).astype(np.int64) - ord("0")
        value = np.where(place < width, value * 10 + digit, value)
    out[at] = value
    return out


def _days(page: Page, tokens: Tokens, found: Line, number: Ints) -> tuple[Ints, Ints, Bools]:
    """First and last token of each date, and whether it has its year."""
    size = len(tokens)
    at = np.flatnonzero(tokens.digits | tokens.mixed)
    before, one, two = np.maximum(at - 1, 0), np.minimum(at + 1, size - 1), np.minimum(at + 2, size - 1)
    width = tokens.end - tokens.start
    value, second, third = number[at], number[one], number[two]
    after, next_after = tokens.after[at], tokens.after[one]
    signs = [int(Gap.SLASH), int(Gap.DOT), int(Gap.HYPHEN)]
    separator, joins = np.isin(after, signs), np.isin(next_after, signs)
    apart = ~(np.isin(tokens.after[before], signs) & tokens.digits[before]) | (at == 0)
    ended = ~(np.isin(tokens.after[two], signs) & tokens.digits[np.minimum(two + 1, size - 1)])
    day = (value >= 1) & (value <= _DAYS) & (width[at] <= _TWO)
    month = (second >= 1) & (second <= _MONTHS) & (width[one] <= _TWO)
    long_year = (third >= _FIRST_YEAR) & (third <= _LAST_YEAR)
    year = long_year | ((third >= 0) & (width[two] == _TWO))
    chain = separator & (after == next_after) & apart
    slashed = day & month & year & chain & ended
    last_day = (third >= 1) & (third <= _DAYS) & (width[two] <= _TWO)
    iso = (value >= _FIRST_YEAR) & (value <= _LAST_YEAR) & month & last_day & chain
    loose = ~np.uint16(Gap.SPACE | Gap.SLASH | Gap.LONG)
    named = ((found.traits[one] & Trait.MONTH) > 0) & ((after & loose) == 0) & (width[one] > _TWO)
    first_of = named & tokens.mixed[at] & (width[at] <= _FOUR) & _first_of_month(page, tokens.start[at])
    spoken = (named & day) | first_of
    abbreviated = (next_after & ~np.uint16(Gap.SPACE | Gap.SLASH | Gap.LONG | Gap.DOT)) == 0
    spoken_full = (
        spoken
        & year
        & abbreviated
        & (third > _MONTHS)
        & (long_year | ((next_after & np.uint16(Gap.DOT)) == 0) | (width[one] < _EIGHT - 2))
    )
    short = (
        day
        & month
        & (after == int(Gap.SLASH))
        & apart
        & ~slashed
        & ~(joins & tokens.digits[two])
        & (one > at)
    )
    blanks = (
        (after == int(Gap.SPACE))
        & (next_after == int(Gap.SPACE))
        & (width[at] == _TWO)
        & (width[one] == _TWO)
    )
    neighbour = tokens.digits[before] & (tokens.after[before] == int(Gap.SPACE)) & (at > 0)
    onward = tokens.digits[np.minimum(two + 1, size - 1)] & (tokens.after[two] == int(Gap.SPACE))
    spaced = day & month & blanks & year & ~neighbour & ~onward & (long_year | (third > _THIS))
    full = slashed | iso | spoken_full | spaced
    some = full | spoken | short
    last = np.where(full, two, one)
    return at[some], last[some], full[some]


def _first_of_month(page: Page, start: Ints) -> Bools:
    return np.asarray((page.codes.take(start) == ord("1")) & (page.codes.take(start + 1) == ord("e")))


def _ranged(tokens: Tokens, first: Ints, last: Ints) -> Bools:
    """Dates that a hyphen, a bar or an arrow ties to something: a stretch of time, not a day of birth."""
    before, after = tokens.after[np.maximum(first - 1, 0)], tokens.after[last]
    ties = np.uint16(Gap.HYPHEN | Gap.OTHER | Gap.EQUAL)
    return np.asarray(((before & ties) > 0) | ((after & ties) > 0))


def _long_ago(tokens: Tokens, number: Ints, last: Ints) -> Bools:
    """Years before 2005: hardly ever that of the event that a note tells, beside a name."""
    year = number[last]
    short = tokens.end[last] - tokens.start[last] == _TWO
    return np.where(short, (year > _THIS) & (year >= 0), (year > _DAYS) & (year < _EVENTS))


def _follows(tokens: Tokens, found: Line, names: Spans, first: Ints) -> Bools:
    """Whether a name ended a few words before."""
    if not len(names):
        return np.zeros(len(first), dtype=np.bool_)
    ends = np.sort(names.end)
    at = np.searchsorted(ends, tokens.start[first], side="right") - 1
    end = ends[np.maximum(at, 0)]
    last = np.maximum(np.searchsorted(tokens.start, end) - 1, 0)
    near = (at >= 0) & (tokens.start[first] - end <= _FOLLOWS)
    return np.asarray(near & (found.paragraph[last] == found.paragraph[first]))


def _timed(page: Page, tokens: Tokens, found: Line, last: Ints) -> Bools:
    """Whether an hour follows: « 17:00 », « 14h30 », « à 9h »."""
    size = len(tokens)
    out = np.zeros(len(last), dtype=np.bool_)
    for step in (1, 2):
        at = np.minimum(last + step, size - 1)
        hour = page.codes.take(tokens.start[at] + 1) == ord("h")
        hour |= page.codes.take(tokens.start[at] + 2) == ord("h")
        clock = tokens.digits[at] & (tokens.after[at] == int(Gap.COLON))
        hour &= (tokens.mixed[at] | (tokens.digits[at])) & (tokens.end[at] - tokens.start[at] >= _TWO)
        out |= (found.clause[at] == found.clause[last]) & (hour & tokens.mixed[at] | clock)
    return out


def _after(tokens: Tokens, names: Spans) -> Bools:
    """Tokens that come within two words of the end of a name, on its line."""
    out = np.zeros(len(tokens), dtype=np.bool_)
    if not len(names):
        return out
    ends = np.searchsorted(tokens.start, names.end)
    broken = np.uint16(Gap.LINE | Gap.END)
    for step in range(_NAME_REACH):
        at = ends + step
        good = at < len(tokens)
        before = at[good] - 1
        fresh = at[good][(tokens.after[before] & broken) == 0]
        out[fresh] = True
        if step == 0:
            ends = ends[np.isin(ends, fresh)]
    return out


def _bare(page: Page, tokens: Tokens, found: Line, cues: Cues, after_name: Bools, value: Ints) -> Spans:
    """Eight digits right after « né le », and a year of birth alone."""
    width = tokens.end - tokens.start
    eight = np.flatnonzero(tokens.digits & (width == _EIGHT))
    eight = eight[cues.before("born", eight, _AGE_REACH, found.clause) | after_name[eight]]
    eight = eight[_is_day(page, tokens, eight)]
    year = np.flatnonzero((value >= _FIRST_YEAR) & (value <= _LAST_YEAR))
    year = year[cues.before("born_in", year, 2, found.clause)]
    bracket = np.flatnonzero((value >= _FIRST_YEAR) & (value <= _LAST_YEAR) & after_name)
    opened = (tokens.after[np.maximum(bracket - 1, 0)] & np.uint16(Gap.BRACKET)) > 0
    closed = (tokens.after[bracket] & np.uint16(Gap.CLOSE)) > 0
    lone = np.concatenate([eight, year, bracket[opened & closed]])
    return _spans_of(tokens, lone, lone, Category.BIRTH_DATE)


def _is_day(page: Page, tokens: Tokens, at: Ints) -> Bools:
    """Eight digits that make a day, a month and a year, or the reverse."""
    digit = [page.codes.take(tokens.start[at] + place).astype(np.int64) - ord("0") for place in range(_EIGHT)]
    pairs = [digit[n] * 10 + digit[n + 1] for n in range(0, _EIGHT, 2)]
    day = (pairs[0] >= 1) & (pairs[0] <= _DAYS) & (pairs[1] >= 1) & (pairs[1] <= _MONTHS)
    turned = (pairs[3] >= 1) & (pairs[3] <= _DAYS) & (pairs[2] >= 1) & (pairs[2] <= _MONTHS)
    return np.asarray((day & np.isin(pairs[2], [18, 19, 20])) | (turned & np.isin(pairs[0], [18, 19, 20])))


def _spans_of(tokens: Tokens, first: Ints, last: Ints, category: Category) -> Spans:
    return made(
        tokens.start[first],
        tokens.end[last],
        np.full(len(first), NUMBER_OF[category]),
        np.full(len(first), _LIKELY),
    )
