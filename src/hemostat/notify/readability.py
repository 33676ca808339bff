"""How easy a text is to read: Flesch's index with the weights of its language, and the length of sentences. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

_SENTENCE = re.compile(r"[^.!?;:\n]+")
_WORD = re.compile(r"[A-Za-zÀ-ÖØ-öø-ÿœŒæÆ0-9]+")
_VOWELS = re.compile(r"[aeiouyàâäéèêëîïôöùûüœæ]+")
_MUTE = {
    "fr": re.compile(r"(?<=[^aeiouyàâäéèêëîïôöùûüœæ])(?:e|es|ent)$"),
    "en": re.compile(r"(?<=[^aeiouyl])(?:e|es|ed)$|(?<=[aeiouy]l)e$"),
}
_WEIGHTS = {"fr": (207.0, 1.015, 73.6), "en": (206.835, 1.015, 84.6)}
"""Kandel and Moles (1958) for French, Flesch (1948) for English."""


@dataclass(frozen=True, slots=True)
class Ease:
    """The index (about 30 for a law, 70 for plain French, 90 for a tale) and the longest sentence, in words."""

    flesch: float
    longest: int


def syllables(word: str, lang: str = "fr") -> int:
    """The syllables of a word, a mute ending left out; at least one.

    >>> syllables("numéro"), syllables("copie"), syllables("table"), syllables("le")
    (3, 2, 1, 1)
    >>> syllables("number", "en"), syllables("people", "en"), syllables("copied", "en"), syllables("have", "en")
    (2, 2, 2, 1)
    """
    lower = word.lower()
    return max(1, len(_VOWELS.findall(_MUTE[lang].sub("", lower) if len(lower) > 2 else lower)))  # noqa: PLR2004


def ease(text: str, lang: str = "fr") -> Ease:
    """How easy a text is to read; in French 207 - 1.015 x words per sentence - 73.6 x syllables per word.

    A line, a colon or a semicolon ends a sentence.
    """
    sentences = [found for found in (_WORD.findall(one) for one in _SENTENCE.findall(text)) if found]
    words = [word for sentence in sentences for word in sentence]
    if not words:
        return Ease(0.0, 0)
    spoken = sum(syllables(word, lang) for word in words)
    whole, by_sentence, by_word = _WEIGHTS[lang]
    flesch = whole - by_sentence * len(words) / len(sentences) - by_word * spoken / len(words)
    return Ease(round(flesch, 1), max(len(sentence) for sentence in sentences))
