"""Phrases of a lexicon, met in a line of tokens by an automaton that is worked out as it is needed.

A form is words apart by blanks. ``a|b``: one or the other; ``word?``: may be left out; ``words?``: plural or not;
``stem*``: any word that begins so; ``#``: a number;
``trouvee?|caches?``: with a question mark inside a list, words whose last letter may be left out;
``~``: any one word; ``+``: a run of plus signs. Hyphens and apostrophes count as blanks.
"""

from __future__ import annotations

from functools import cache, reduce
from operator import or_
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from hemostat.detect.text.page import page
from hemostat.detect.text.table import Table

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

    Ints = npt.NDArray[np.int64]
    Bools = npt.NDArray[np.bool_]

NUMBER, ANY = "#", "~"
_SIGNS = "|?*#~+"
_DEAD, _ROOT = 0, 1
_SHIFT = 24
_LONGEST = 12
_STEM = 3
_PLURAL = 4


class Matches(NamedTuple):
    """First and last token of each phrase met, and the number of its rule; in order of the first token."""

    first: Ints
    last: Ints
    rule: Ints


class Marks(NamedTuple):
    """First and last token of each stretch that some rules accept, and which ones: a bit for each rule."""

    first: Ints
    last: Ints
    rules: Ints


class _Shown(dict[int, str]):
    """What each character of a form becomes, worked out once for each: thousands of forms have a few signs."""

    def __missing__(self, point: int) -> str:
        made = bytes(page([chr(point)]).codes[:-32]).decode("latin-1")
        self[point] = made if made.isalnum() or made in _SIGNS else " "
        return self[point]


_SHOWN = _Shown()


@cache
def folded(text: str) -> str:
    """A form as a page shows it: lower case, no accents; hyphens and apostrophes are blanks.

    >>> folded("d'Œdème")
    'd edeme'
    """
    return " ".join(text.translate(_SHOWN).split())


class Alphabet:
    """Which words the lexicons speak of: every word has a class, the set of atoms that it fits."""

    def __init__(self) -> None:
        """An alphabet without letters: every word has class 0."""
        self._words: set[str] = set()
        self._stems: set[str] = set()
        self._classes: dict[frozenset[str], int] = {frozenset(): 0}
        self.atoms: list[frozenset[str]] = [frozenset()]

    def add(self, atom: str) -> None:
        """Makes an atom known: a word, a stem with its star, or a number."""
        if atom.endswith("*"):
            self._stems.add(atom[:-1])
        elif atom not in (NUMBER, ANY):
            self._words.add(atom)

    def known(self, word: str) -> bool:
        """Whether a lexicon holds this very word."""
        return word in self._words

    def class_of(self, word: str) -> int:
        """The class of a folded word; a plural counts as its singular when only that is known."""
        fitting = self._fitting(word)
        if not fitting and len(word) > _PLURAL and word[-1] in "sx":
            fitting = self._fitting(word[:-1])
        if word[0].isdigit():
            fitting |= {NUMBER}
        return self._interned(frozenset(fitting))

    def _fitting(self, word: str) -> set[str]:
        fitting = {word} & self._words
        fitting |= {word[:n] + "*" for n in range(_STEM, len(word) + 1) if word[:n] in self._stems}
        return fitting

    def _interned(self, atoms: frozenset[str]) -> int:
        if atoms not in self._classes:
            self._classes[atoms] = len(self.atoms)
            self.atoms.append(atoms)
        return self._classes[atoms]


def _spelled(element: str) -> str:
    """« trouvee?|caches? »: in a list, question marks inside tell that a last letter may be left out."""
    atoms = [atom.removesuffix("?") for atom in element.split("|")]
    loose = [atom[:-2] for atom in element.split("|") if atom.endswith("?")]
    return "|".join(atoms + loose)


class Machine:
    """The automaton of one lexicon; rule numbers are the order of ``forms``: the first wins over the same words."""

    def __init__(self, alphabet: Alphabet, forms: Iterable[tuple[str, int]]) -> None:
        """Compiles forms, each with the number of its rule."""
        self._alphabet = alphabet
        self._edges: list[dict[str, set[int]]] = [{}, {}]
        self._ends: dict[int, int] = {}
        self._rules: dict[int, int] = {}
        self._shared: dict[tuple[frozenset[int], str], int] = {}
        for form, rule in forms:
            self._compile(form, rule)
        self._states: list[frozenset[int]] = [frozenset(), frozenset({_ROOT})]
        self._numbers = {state: n for n, state in enumerate(self._states)}
        self._accepts = [-1, -1]
        self._every = [0, 0]
        self._steps = Table()
        self._accepted: Ints = np.zeros(0, dtype=np.int64)
        self._first: Ints = np.zeros(0, dtype=np.int64)

    def _compile(self, form: str, rule: int) -> None:
        here = frozenset({_ROOT})
        for element in folded(form).split():
            if element.count("?") > 1 or "?" in element[:-1]:
                here = frozenset({self._node(here, _spelled(element))})
                continue
            body = element.removesuffix("?")
            plural = body.endswith("s") and element != body and len(body) > _PLURAL
            node = self._node(here, f"{body}|{body[:-1]}" if plural else body)
            here = here | {node} if element != body and not plural else frozenset({node})
        for node in here - {_ROOT}:
            self._ends[node] = min(rule, self._ends.get(node, rule))
            self._rules[node] = self._rules.get(node, 0) | 1 << rule

    def _node(self, here: frozenset[int], body: str) -> int:
        if (here, body) not in self._shared:
            node = len(self._edges)
            self._edges.append({})
            self._shared[here, body] = node
            for atom in body.split("|"):
                self._alphabet.add(atom)
                for place in here:
                    self._edges[place].setdefault(atom, set()).add(node)
        return self._shared[here, body]

    def _step(self, state: int, word_class: int) -> int:
        atoms = self._alphabet.atoms[word_class]
        reached: set[int] = set()
        for node in self._states[state]:
            edges = self._edges[node]
            for atom in (*atoms, ANY):
                reached |= edges.get(atom, set())
        made = frozenset(reached)
        if made not in self._numbers:
            self._numbers[made] = len(self._states)
            self._states.append(made)
            self._accepts.append(min((self._ends[n] for n in made if n in self._ends), default=-1))
            self._every.append(reduce(or_, (self._rules.get(n, 0) for n in made), 0))
        return self._numbers[made]

    def _steps_of(self, states: Ints, classes: Ints) -> Ints:
        keys = ((states << _SHIFT) | classes).astype(np.uint64)
        return self._steps.get(keys, lambda i: self._step(int(states[i]), int(classes[i])))

    def _accepting(self) -> Ints:
        """The rule that each state ends, or -1."""
        if len(self._accepted) < len(self._accepts):
            self._accepted = np.array(self._accepts, dtype=np.int64)
        return self._accepted

    def _opening(self) -> Ints:
        """The state after each class of word, at the start of a phrase."""
        if len(self._first) < len(self._alphabet.atoms):
            fresh = range(len(self._first), len(self._alphabet.atoms))
            self._first = np.append(self._first, [self._step(_ROOT, number) for number in fresh]).astype(
                np.int64
            )
        return self._first

    def run(self, classes: Ints, soft: Bools) -> Matches:
        """The longest phrase from each token; ``soft[i]`` when a phrase may go on from token ``i`` to the next."""
        states = self._opening().take(classes)
        at = np.flatnonzero(states > _DEAD)
        states = states[at]
        best_end = np.full(len(at), -1, dtype=np.int64)
        best_rule = np.full(len(at), -1, dtype=np.int64)
        live, place = np.arange(len(at)), at
        for _ in range(_LONGEST):
            accepted = self._accepting().take(states)
            good = accepted >= 0
            best_end[live[good]] = place[good]
            best_rule[live[good]] = accepted[good]
            onward = soft.take(place)
            live, place, states = live[onward], place[onward] + 1, states[onward]
            if not len(live):
                break
            states = self._steps_of(states, classes.take(place))
            onward = states > _DEAD
            live, place, states = live[onward], place[onward], states[onward]
        found = best_end >= 0
        return Matches(at[found], best_end[found], best_rule[found])

    def every(self, classes: Ints, soft: Bools) -> Marks:
        """Every stretch that is a phrase of some rule, the shorter ones too; for at most 62 rules, in no order."""
        states = self._opening().take(classes)
        place = np.flatnonzero(states > _DEAD)
        states, begun = states[place], place
        found: list[tuple[Ints, Ints, Ints]] = []
        for _ in range(_LONGEST):
            rules = np.array(self._every, dtype=np.int64).take(states)
            good = np.flatnonzero(rules)
            found.append((begun[good], place[good], rules[good]))
            onward = np.flatnonzero(soft.take(place))
            begun, place, states = begun[onward], place[onward] + 1, states[onward]
            if not len(place):
                break
            states = self._steps_of(states, classes.take(place))
            onward = np.flatnonzero(states > _DEAD)
            begun, place, states = begun[onward], place[onward], states[onward]
        return Marks(*(np.concatenate(columns) for columns in zip(*found, strict=True)))
