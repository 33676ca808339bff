"""What the words around a phrase say of it: denied, supposed, past, about a relative, or about somebody's trade."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from hemostat.detect.text.lexicon import Trait
from hemostat.detect.text.machine import Marks
from hemostat.detect.text.spans import Flag
from hemostat.detect.text.tokens import Gap

if TYPE_CHECKING:
    import numpy.typing as npt

    from hemostat.detect.text.lexicon import Lexicon
    from hemostat.detect.text.page import Ints
    from hemostat.detect.text.tokens import Tokens

    Bools = npt.NDArray[np.bool_]

_HARD = Gap.COMMA | Gap.END | Gap.BRACKET | Gap.CLOSE | Gap.QUESTION
_STOP = Gap.END | Gap.LINE | Gap.QUESTION
_BEFORE, _AFTER, _NEAR = 6, 3, 9


class Line(NamedTuple):
    """The tokens of a page with what the lexicon knows of them.

    ``soft[i]``: a phrase may go on from token ``i`` to the next; ``sentence``, ``clause`` and ``apart``
    (clauses that end at colons too): running numbers,
    as is ``paragraph``, which ends at a blank line or with the text;
    ``asked``: a question mark follows.
    """

    classes: Ints
    traits: Ints
    soft: Bools
    sentence: Ints
    clause: Ints
    apart: Ints
    paragraph: Ints
    asked: Bools


def line(tokens: Tokens, classes: Ints, traits: Ints) -> Line:
    """Sentences and clauses of a page."""
    after = tokens.after.astype(np.int64)
    dot = ((after & Gap.DOT) > 0) & ((after & Gap.LONG) > 0)
    short = ((traits & Trait.ABBREVIATION) > 0) | (tokens.end - tokens.start == 1)
    full = dot & ~short
    blank_line = ((after & Gap.LINE) > 0) & ((after & Gap.LONG) > 0)
    soft = ((after & _HARD) == 0) & ~full & ~blank_line
    soft[-1:] = False
    ends = ((after & _STOP) > 0) | full
    commas = (after & (Gap.COMMA | Gap.BRACKET | Gap.CLOSE)) > 0
    sentence = np.concatenate([[0], np.cumsum(ends)[:-1]])
    clause = np.concatenate([[0], np.cumsum(ends | commas)[:-1]])
    colons = ends | commas | (((after & Gap.COLON) > 0) & ((after & Gap.LONG) > 0))
    apart = np.concatenate([[0], np.cumsum(colons)[:-1]])
    paragraph = np.concatenate(
        [[0], np.cumsum(blank_line | (((after & Gap.END) > 0) & ((after & Gap.LINE) > 0)))[:-1]]
    )
    return Line(classes, traits, soft, sentence, clause, apart, paragraph, (after & Gap.QUESTION) > 0)


class Cues:
    """Where the cues of a page stand: one search for all of them, sorted out by cue when first asked for."""

    def __init__(self, found: Line, lexicon: Lexicon) -> None:
        """Searches the page once."""
        self._line = found
        self._names = lexicon.cue_names
        self._marks = lexicon.cues.every(found.classes, found.soft)
        self._met: dict[str, Marks] = {}
        self._sorted: dict[str, Ints] = {}

    def _of(self, name: str) -> Marks:
        """The stretches of one cue, in order of their first token."""
        if name not in self._met:
            mine = np.flatnonzero(self._marks.rules & (1 << self._names.index(name)))
            mine = mine[np.argsort(self._marks.first[mine], kind="stable")]
            self._met[name] = Marks(*(column[mine] for column in self._marks))
        return self._met[name]

    def _ends(self, name: str) -> Ints:
        if name not in self._sorted:
            self._sorted[name] = np.sort(self._of(name).last)
        return self._sorted[name]

    def places(self, name: str) -> Ints:
        """The first token of each stretch of a cue."""
        return self._of(name).first

    def before(self, name: str, first: Ints, reach: int, within: Ints) -> Bools:
        """Whether a cue ends at most ``reach`` tokens before each place, in the same stretch of ``within``."""
        cue = self._ends(name)
        if not len(cue):
            return np.zeros(len(first), dtype=np.bool_)
        at = np.searchsorted(cue, first) - 1
        nearest = cue[np.maximum(at, 0)]
        here = np.minimum(first, len(within) - 1)
        return np.asarray((at >= 0) & (first - nearest <= reach) & (within[nearest] == within[here]))

    def after(self, name: str, last: Ints, reach: int, within: Ints) -> Bools:
        """Whether a cue begins at most ``reach`` tokens after each place, in the same stretch of ``within``."""
        cue = self._of(name).first
        if not len(cue):
            return np.zeros(len(last), dtype=np.bool_)
        at = np.searchsorted(cue, last, side="right")
        nearest = cue[np.minimum(at, len(cue) - 1)]
        return np.asarray((at < len(cue)) & (nearest - last <= reach) & (within[nearest] == within[last]))

    def answered(self, last: Ints) -> Bools:
        """Whether a bare « non » that ends its clause comes within two words."""
        said = self._of("plain_no")
        following = np.minimum(said.last + 1, len(self._line.clause) - 1)
        closing = (self._line.clause[following] != self._line.clause[said.last]) | (following == said.last)
        first = said.first[closing]
        if not len(first):
            return np.zeros(len(last), dtype=np.bool_)
        at = np.searchsorted(first, last, side="right")
        nearest = first[np.minimum(at, len(first) - 1)]
        clause = self._line.clause
        return np.asarray((at < len(first)) & (nearest - last <= 2) & (clause[nearest] == clause[last]))  # noqa: PLR2004

    def near(self, name: str, first: Ints, last: Ints, reach: int = _NEAR) -> Bools:
        """Whether a cue stands around each place, in its sentence."""
        sentence = self._line.sentence
        return self.before(name, first, reach, sentence) | self.after(name, last, reach, sentence)


def flags(found: Line, cues: Cues, first: Ints, last: Ints) -> Ints:
    """The ``Flag`` bits of each stretch of tokens."""
    clause, sentence = found.clause, found.sentence
    negated = cues.before("negation_before", first, _BEFORE, found.apart) | cues.after(
        "negation_after", last, _AFTER, clause
    )
    negated |= cues.answered(last)
    asked = found.asked[last]
    supposed = (
        cues.before("hypothesis", first, _BEFORE, sentence)
        | cues.after("hypothesis", last, 2, clause)
        | asked
    )
    past = cues.before("past", first, _BEFORE, clause) | cues.after("past", last, _AFTER, clause)
    kin = cues.before("relative", first + 1, _BEFORE, sentence) | cues.after(
        "relative", first - 1, 1, sentence
    )
    trade = cues.before("trade", first, _BEFORE, clause)
    out = np.zeros(len(first), dtype=np.int64)
    for bit, which in (
        (Flag.NEGATED, negated),
        (Flag.HYPOTHESIS, supposed),
        (Flag.PAST, past),
        (Flag.RELATIVE, kin),
        (Flag.PROFESSIONAL, trade),
    ):
        out |= np.where(which, int(bit), 0)
    return out


def minus(tokens: Tokens, last: Ints) -> Bools:
    """Whether a lone minus follows: ``VIH -`` but not ``VIH-précarité``."""
    after = tokens.after[last]
    return np.asarray(
        ((after & np.uint16(Gap.HYPHEN)) > 0)
        & ((after & np.uint16(Gap.LONG)) > 0)
        & (((after & np.uint16(Gap.LINE)) == 0) | ((after & np.uint16(Gap.END)) > 0))
    )
