"""The words that texts are searched for: terms with their category, cues, and lists of plain words, read from rules."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntFlag
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from hemostat.detect.names import lexicon as names
from hemostat.detect.text.machine import Alphabet, Machine, folded
from hemostat.detect.text.spans import NUMBER_OF
from hemostat.detect.text.table import Table
from hemostat.detect.text.typos import SHORTEST, Typos
from hemostat.errors import RuleError
from hemostat.model import Category
from hemostat.rules import rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hemostat.detect.text.page import Ints, Page
    from hemostat.detect.text.tokens import Tokens

REMARKS = ("lexicon_neutral", "lexicon_remarks", "lexicon_families", "lexicon_sayings")
CARE = ("lexicon_care", "lexicon_drugs")
NOTHING = "none"
_CLASS_BITS = 24
_LONG_NUMBER = "00000"


@dataclass(frozen=True, slots=True)
class Term:
    """Forms of one category.

    ``also``: the category that they reveal besides, -1 for none.
    ``near``: a cue that must stand by; ``unless``: one that must not; ``upper``: only in capitals.
    """

    category: int
    near: str
    unless: str
    upper: bool
    forms: tuple[str, ...]
    examples: tuple[str, ...]
    counter_examples: tuple[str, ...]
    also: int = -1


class Trait(IntFlag):
    """What a word is by itself, apart from the phrases that it begins."""

    CIVILITY = 1
    DOCTOR = 2
    FIRST_NAME = 4
    SURNAME = 8
    PARTICLE = 16
    COMMON = 32
    KIN = 64
    TRADE = 128
    LABEL = 256
    BORN = 512
    MONTH = 1024
    STREET = 2048
    UNIT = 4096
    ABBREVIATION = 8192
    PLACE = 16384
    AGE = 32768
    DATED = 65536
    DWELLING = 131072
    TITLE_STOP = 262144
    FORM = 524288
    ARTICLE = 1048576


def terms(files: Iterable[str]) -> list[Term]:
    """The terms of some rule files.

    Raises:
        RuleError: a row lacks a key, or its category does not exist.
    """
    wanted: dict[str, type] = {"category": str, "forms": list, "examples": list, "counter_examples": list}
    out = []
    for name in files:
        for row in rows(name, "term", wanted):
            if row["category"] != NOTHING and row["category"] not in set(Category):
                raise RuleError(
                    f"Rule file {name}.toml: no category is called {row['category']}.",
                    f"Fichier de règles {name}.toml : aucune catégorie ne s'appelle {row['category']}.",
                )
            number = -1 if row["category"] == NOTHING else NUMBER_OF[Category(row["category"])]
            forms, examples, counters = (tuple(row[key]) for key in ("forms", "examples", "counter_examples"))
            also = NUMBER_OF[Category(row["also"])] if "also" in row else -1
            near, unless, upper = row.get("near", ""), row.get("unless", ""), bool(row.get("upper"))
            out.append(Term(number, near, unless, upper, forms, examples, counters, also))
    return out


def _machine(alphabet: Alphabet, found: Sequence[Term]) -> Machine:
    return Machine(alphabet, [(form, number) for number, term in enumerate(found) for form in term.forms])


class Lexicon:
    """Every word list, compiled: the automata, and the class and traits of each word met so far."""

    def __init__(self) -> None:
        """Reads and compiles the rules; about a tenth of a second."""
        alphabet = Alphabet()
        self.remark_terms = terms(REMARKS)
        self.care_terms = terms(CARE)
        self.remarks = _machine(alphabet, self.remark_terms)
        self.care = _machine(alphabet, self.care_terms)
        found = rows("text_cues", "cue", {"id": str, "forms": list})
        self.cue_names = [row["id"] for row in found]
        self.cues = Machine(alphabet, [(form, n) for n, row in enumerate(found) for form in row["forms"]])
        fields = rows("text_labels", "label", {"forms": list})
        self.labels = Machine(
            alphabet, [(form, number) for number, row in enumerate(fields) for form in row["forms"]]
        )
        self._alphabet = alphabet
        told = {
            atom.removesuffix("*") + ending
            for term in (*self.remark_terms, *self.care_terms)
            if term.category >= 0
            for form in term.forms
            for atom in folded(form.replace("|", " ").replace("?", " ")).split()
            for ending in (("", "e", "ie", "ique") if atom.endswith("*") else ("",))
        }
        self._typos = Typos(told)
        self._traits = _traits()
        self._seen = Table()

    def look_up(self, page: Page, tokens: Tokens) -> tuple[Ints, Ints]:
        """Class and ``Trait`` bits of each token. Long numbers all have one class and are not remembered."""
        packed = np.full(len(tokens), self._pack(_LONG_NUMBER), dtype=np.int64)
        words = np.flatnonzero(~tokens.digits | (tokens.end - tokens.start < len(_LONG_NUMBER)))
        start, end = tokens.start[words], tokens.end[words]

        def value(i: int) -> int:
            return self._pack(bytes(page.codes[start[i] : end[i]]).decode("latin-1"))

        packed[words] = self._seen.get(tokens.key[words], value)
        return packed & ((1 << _CLASS_BITS) - 1), packed >> _CLASS_BITS

    def _pack(self, word: str) -> int:
        word = "+" if word[0] == "+" else word
        traits = self._traits.get(word, 0)
        if any(char.isdigit() for char in word):
            traits |= int(Trait.COMMON)
        if not traits and len(word) > 4 and word[-1] in "sx":  # noqa: PLR2004 - a plural
            traits = self._traits.get(word[:-1], 0) & int(Trait.COMMON)
        number = self._alphabet.class_of(word)
        if not number and not traits and len(word) >= SHORTEST - 1:
            meant = self._typos.meant(word)
            number = self._alphabet.class_of(meant) if meant else 0
        if number and number != self._alphabet.class_of(_LONG_NUMBER):
            traits |= int(Trait.FORM)
        return (traits << _CLASS_BITS) | number


def _traits() -> dict[str, int]:
    out: dict[str, int] = {}

    def add(words: Iterable[str], trait: Trait) -> None:
        for word in words:
            for part in folded(word).split():
                out[part] = out.get(part, 0) | int(trait)

    known = names()
    add((name.lower() for name in known.first if len(name) > 1), Trait.FIRST_NAME)
    add((name.lower() for name in known.surnames if " " not in name), Trait.SURNAME)
    for row in rows("text_words", "words", {"trait": str, "forms": str}):
        add(row["forms"].split(), Trait[row["trait"].upper()])
    return out


@cache
def lexicon() -> Lexicon:
    """The lexicon of this installation."""
    return Lexicon()
