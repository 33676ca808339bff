"""How easy a French text is to read: Flesch's index with the French weights, and the length of its sentences. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

_SENTENCE = re.compile(r"[^.!?;:\n]+")
_WORD = re.compile(r"[A-Za-zÀ-ÖØ-öø-ÿœŒæÆ0-9]+")
_VOWELS = re.compile(r"[aeiouyàâäéèêëîïôöùûüœæ]+")
_MUTE = re.compile(r"(?<=[^aeiouyàâäéèêëîïôöùûüœæ])(?:e|es|ent)$")


@dataclass(frozen=True, slots=True)
class Ease:
    """The index (about 30 for a law, 70 for plain French, 90 for a tale) and the longest sentence, in words."""

    flesch: float
    longest: int


def syllables(word: str) -> int:
    """The syllables of a French word, a mute ending left out; at least one.

    >>> syllables("numéro"), syllables("copie"), syllables("table"), syllables("le")
    (3, 2, 1, 1)
    """
    lower = word.lower()
    return max(1, len(_VOWELS.findall(_MUTE.sub("", lower) if len(lower) > 2 else lower)))  # noqa: PLR2004


def ease(text: str) -> Ease:
    """How easy a text is to read: 207 - 1.015 x words per sentence - 73.6 x syllables per word.

    A line, a colon or a semicolon ends a sentence. Source: Kandel and Moles (1958).
    """
    sentences = [found for found in (_WORD.findall(one) for one in _SENTENCE.findall(text)) if found]
    words = [word for sentence in sentences for word in sentence]
    if not words:
        return Ease(0.0, 0)
    spoken = sum(syllables(word) for word in words)
    flesch = 207 - 1.015 * len(words) / len(sentences) - 73.6 * spoken / len(words)
    return Ease(round(flesch, 1), max(len(sentence) for sentence in sentences))
