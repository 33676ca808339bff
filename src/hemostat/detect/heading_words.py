"""The grammar of headings: abbreviations written out, words that name a category, numbers of somebody or something.

What whole headings say is in ``headings``; this is asked where they say nothing. Words: ``heading_words.toml``.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from hemostat.model import Category
from hemostat.rules import load, rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

_PLURAL = re.compile(r"^(.{3,}[^s])(?:s|x)$")
_SHORTEST_BEGINNING = 4
_LONGEST = 4
_FEWEST, _MOSTLY = 4, 0.6
"""Headings, and the part of them, that must begin alike."""
_PAIRS = frozenset({"id", "no", "jf"})
"""Words of two letters that are glued to others."""
_NUMBERED = re.compile(r"^([a-z]{2,})[0-9]+$")


class Found(NamedTuple):
    """A category that words of a heading name: how many words, where the first stands, how short it is."""

    category: Category
    words: int
    at: int
    letters: int


class Words(NamedTuple):
    """The rules: phrases by their words. ``never``: those of ``nothing`` that overrule every other word."""

    abbreviations: dict[str, str]
    phrases: dict[tuple[str, ...], tuple[Category, ...]]
    nothing: frozenset[tuple[str, ...]]
    never: frozenset[tuple[str, ...]]
    number: frozenset[str]
    subject: frozenset[str]
    thing: frozenset[str]


@cache
def words() -> Words:
    """The rows of ``heading_words.toml``."""
    phrases: dict[tuple[str, ...], tuple[Category, ...]] = {}
    for row in rows("heading_words", "word", {"category": str, "forms": list}):
        for form in row["forms"]:
            parts = tuple(form.split())
            phrases[parts] = tuple(dict.fromkeys((*phrases.get(parts, ()), Category(row["category"]))))
    data = load("heading_words")

    def tokens(kind: str) -> frozenset[str]:
        return frozenset(token for row in data[kind] for token in row["tokens"])

    pairs = [pair.split(" ", 1) for row in data["abbreviation"] for pair in row["pairs"]]
    return Words(
        abbreviations={short: full for short, full in pairs},  # noqa: C416 - lists of two are no pairs to a type checker
        phrases=phrases,
        nothing=frozenset(tuple(form.split()) for row in data["nothing"] for form in row["forms"]),
        never=frozenset(
            tuple(form.split()) for row in data["nothing"] if row.get("always") for form in row["forms"]
        ),
        number=tokens("number"),
        subject=tokens("subject"),
        thing=tokens("object"),
    )


def written_out(tokens: Iterable[str], known: frozenset[str]) -> tuple[str, ...]:
    """The words of a heading with abbreviations written out; words glued together are taken apart where they are known.

    >>> written_out(["dtnai", "pat"], frozenset({"naissance", "pat"}))
    ('date', 'naissance', 'pat')
    """
    return tuple(word for token in tokens for word in _written_out(token, known))


def _written_out(token: str, known: frozenset[str]) -> tuple[str, ...]:
    short = words().abbreviations
    if token in short:
        return (short[token],)
    if token in known or (token,) in words().phrases or (token,) in words().nothing:
        return (token,)
    numbered = _NUMBERED.match(token)
    if numbered:
        return _written_out(numbered[1], known)
    plural = _PLURAL.match(token)
    if plural and (plural[1] in known or plural[1] in short or (plural[1],) in words().phrases):
        return _written_out(plural[1], known)
    for cut in range(len(token) - 2, 1, -1):
        head, tail = token[:cut], token[cut:]
        whole = all(
            part in short
            or part in _PAIRS
            or (len(part) > 2 and (part in known or (part,) in words().phrases))  # noqa: PLR2004
            for part in (head, tail)
        )
        if whole:
            return (short.get(head, head), short.get(tail, tail))
    return (_completed(token) or token,)


@cache
def _completed(token: str) -> str | None:
    """The word that begins so, if all words that do say the same."""
    if len(token) < _SHORTEST_BEGINNING:
        return None
    begun = [parts[0] for parts in words().phrases if len(parts) == 1 and parts[0].startswith(token)]
    meant = {words().phrases[(one,)] for one in begun}
    return min(begun, key=len) if len(meant) == 1 else None


def found(tokens: Sequence[str]) -> tuple[Found, ...]:
    """The categories that words of a heading name, those of more words first, then those that stand earlier.

    >>> [str(f.category) for f in found(("motif", "hospitalisation"))]
    ['consultation_reason', 'hospital_stay']
    """
    met: list[Found] = []
    taken: set[int] = set()
    for size in range(min(len(tokens), _LONGEST), 0, -1):
        for at in range(len(tokens) - size + 1):
            places = set(range(at, at + size))
            parts = tuple(tokens[at : at + size])
            if places & taken or parts not in words().phrases:
                continue
            met += [Found(category, size, at, len("".join(parts))) for category in words().phrases[parts]]
            taken |= places
    return tuple(met)


def is_nothing(tokens: Sequence[str]) -> bool:
    """Whether a word of a heading tells that its column is about nobody.

    >>> is_nothing(("date", "signature")), is_nothing(("date", "naissance")), is_nothing(("ticket", "id"))
    (True, False, True)
    """
    rules = words()
    if set(tokens) & rules.number and set(tokens) & rules.thing and not set(tokens) & rules.subject:
        return True
    return _holds(tokens, rules.nothing)


def is_never(tokens: Sequence[str]) -> bool:
    """Whether a word of a heading tells that its column is about things, whatever the others say.

    >>> is_never(("contenu", "emballage")), is_never(("date", "signature"))
    (True, False)
    """
    return _holds(tokens, words().never)


def _holds(tokens: Sequence[str], phrases: frozenset[tuple[str, ...]]) -> bool:
    return any(
        tuple(tokens[at : at + size]) in phrases for size in (1, 2) for at in range(len(tokens) - size + 1)
    )


def is_number(tokens: Sequence[str], other: Callable[[str], bool] = lambda _: False) -> bool:
    """Whether a heading names the number of somebody, or of something that is one person's.

    Args:
        tokens: its words, written out.
        other: whether one of the words left names something else.

    >>> is_number(("numero", "resident")), is_number(("nom", "resident")), is_number(("id", "ticket"))
    (True, False, False)
    """
    rules = words()
    left = set(tokens)
    if not (left & rules.number and left & rules.subject) or left & rules.thing:
        return False
    return not any(
        (word,) in rules.phrases or other(word)
        for word in left - rules.number - rules.subject
        if len(word) > 1
    )


def is_subject(tokens: Sequence[str]) -> bool:
    """Whether a heading holds nothing but whose number it may be.

    >>> is_subject(("dossier",)), is_subject(("date", "admission"))
    (True, False)
    """
    return bool(tokens) and set(tokens) <= words().subject


def prefix(headings: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """The words with which most headings of a table begin, that say nothing of each: ``t_presc_date``, ``VAC_LOT``.

    >>> prefix([("vac", "code"), ("vac", "lot"), ("vac", "rang"), ("pat", "id")])
    ('vac',)
    """
    if len(headings) < _FEWEST:
        return ()
    best: tuple[str, ...] = ()
    for size in (1, 2):
        begun = Counter(tuple(one[:size]) for one in headings if len(one) > size)
        found_, times = max(begun.items(), key=lambda pair: pair[1], default=((), 0))
        if times >= _MOSTLY * len(headings) and times >= _FEWEST - 1:
            best = found_
    return best
