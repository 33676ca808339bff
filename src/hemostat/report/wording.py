"""The sentences of the report in one language, from a strict table: a sentence that is missing is an error."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from hemostat.errors import RuleError, UsageError
from hemostat.report.words import confidence, inert, instant, number, percent, size, typeset

if TYPE_CHECKING:
    from hemostat.report.small import Shown
    from hemostat.report.view import CategoryLabel

LANGUAGES = ("fr", "en")

_PLACES = (
    (re.compile(r"line (?P<n>\d+)"), "locator_line"),
    (re.compile(r"line (?P<n>\d+) \(bytes (?P<start>\d+)-(?P<end>\d+)\)"), "locator_line_bytes"),
    (re.compile(r"whole file"), "locator_file"),
    (re.compile(r"row (?P<n>\d+)"), "locator_row"),
    (re.compile(r"element (?P<n>\d+)"), "locator_element"),
    (re.compile(r"after unit (?P<n>\d+)"), "locator_after"),
)

Sentence = str | Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Wording:
    """The sentences of one language, and its figures."""

    lang: str
    table: Mapping[str, Sentence]

    def say(self, key: str, count: int | None = None, /, **values: str) -> str:
        """The sentence named ``key``, in the form that agrees with ``count``, its places filled with ``values``.

        Raises:
            RuleError: the table lacks the sentence, or a value that the sentence wants is missing.
        """
        sentence = self.table.get(key)
        if isinstance(sentence, Mapping):
            sentence = sentence["one" if self.singular(count) else "other"]
        if sentence is None:
            raise RuleError(
                f"The report has no sentence {key}: add it to texts/{self.lang}.toml.",
                f"Le rapport n'a pas de phrase {key} : ajoutez-la à texts/{self.lang}.toml.",
            )
        try:
            return sentence.format_map(values)
        except KeyError as lacking:
            raise RuleError(
                f"The sentence {key} of the report wants {lacking}.",
                f"La phrase {key} du rapport demande {lacking}.",
            ) from None

    def singular(self, count: int | None) -> bool:
        """Whether the noun stands in the singular: 0 and 1 in French, 1 in English."""
        return count is not None and (count == 1 or (self.lang == "fr" and count == 0))

    def number(self, count: Shown | float) -> str:
        """A count in figures."""
        return number(count, self.lang)

    def percent(self, share: float) -> str:
        """A share; 1.0 is everything."""
        return percent(share, self.lang)

    def typeset(self, text: str) -> str:
        """A sentence made elsewhere, with the signs and spaces of this language."""
        return typeset(text, self.lang)

    def size(self, count: int | None) -> str:
        """A number of bytes."""
        return size(count, self.lang)

    def instant(self, at: str, zone: str | None = None) -> str:
        """An instant with its offset, in that zone or in its own."""
        return instant(at, self.lang, zone)

    def confidence(self, share: float) -> str:
        """A confidence from 0 to 100 %."""
        return confidence(share, self.lang)

    def locator(self, locator: str) -> str:
        """A place in a piece of evidence, in words where its shape is known (``line 12``), else as it is."""
        for pattern, key in _PLACES:
            found = pattern.fullmatch(locator)
            if found:
                return self.say(key, **found.groupdict())
        return inert(locator)

    def note(self, note: str) -> str:
        """How a piece of evidence was read: ``key=value`` pairs in words where they are known, else as they are."""
        return ", ".join(self._pair(part) for part in inert(note).split(", "))

    def _pair(self, pair: str) -> str:
        key, equal, value = pair.partition("=")
        for name in (f"note_{key}_{value}", f"note_{key}"):
            if equal and name in self.table:
                count = int(value) if value.isdecimal() else None
                return self.say(name, count, value=value if count is None else self.number(count))
        return pair

    def category(self, label: CategoryLabel) -> str:
        """The name of a category of data."""
        return typeset(label.fr if self.lang == "fr" else label.en, self.lang)

    def term(self, term: str, terms: Mapping[str, Mapping[str, str]]) -> str:
        """The wording of an id given by rules, or the id itself when it is already a sentence."""
        found = terms.get(term)
        if found is None:
            return typeset(term, self.lang)
        if self.lang not in found:
            raise RuleError(
                f"The term {term} has no wording in {self.lang}.",
                f"Le terme {term} n'a pas de libellé en {self.lang}.",
            )
        return typeset(found[self.lang], self.lang)


@cache
def wording(lang: str) -> Wording:
    """The sentences of a language.

    Raises:
        UsageError: the report does not speak that language.
        RuleError: its table cannot be read.
    """
    if lang not in LANGUAGES:
        raise UsageError(
            f"The report speaks {' and '.join(LANGUAGES)}: choose one of them.",
            f"Le rapport parle {' et '.join(LANGUAGES)} : choisissez l'un d'eux.",
        )
    path = resources.files("hemostat.report") / "texts" / f"{lang}.toml"
    try:
        raw = tomllib.loads(path.read_text("utf-8"))
    except tomllib.TOMLDecodeError as fault:
        raise RuleError(
            f"texts/{lang}.toml cannot be read: {fault}.",
            f"texts/{lang}.toml est illisible : {fault}.",
        ) from None
    return Wording(lang, {key: _typeset(value, lang) for key, value in raw.items()})


def _typeset(sentence: Sentence, lang: str) -> Sentence:
    if isinstance(sentence, str):
        return typeset(sentence, lang)
    return {form: typeset(text, lang) for form, text in sentence.items()}
