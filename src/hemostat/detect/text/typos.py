"""Long words typed with a slip: spelled by ear, two letters swapped, in the longest one left out or added.

Only words of the lexicons with nine letters or more are looked for, only by words that no list knows, and a letter is
never replaced by any other one: « détection » stays apart from « détention », « addition » from « addiction ».
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

SHORTEST = 9
_LONG = 11
"""From how many letters a missing or an added one is looked for: shorter words lie too near to others."""
_BY_EAR = ((r"ph", "f"), (r"(?<=.)h", ""), (r"y", "i"), (r"qu|k", "c"), (r"z", "s"), (r"(.)\1+", r"\1"))


def heard(word: str) -> str:
    """A folded word as it sounds: single letters, f for ph, i for y, no silent h.

    >>> heard("schizophrene") == heard("skizofrene"), heard("alcoolique") == heard("alcolique")
    (True, True)
    """
    for pattern, sound in _BY_EAR:
        word = re.sub(pattern, sound, word)
    return word


class Typos:
    """The long words of a lexicon, found again from what was meant to be them."""

    def __init__(self, words: Iterable[str]) -> None:
        """Remembers each word by its sound, and by its sound less one letter inside."""
        self._heard: dict[str, str] = {}
        self._cut: dict[str, str] = {}
        for word in sorted(words):
            if len(word) >= SHORTEST and word.isalpha():
                sound = heard(word)
                self._heard.setdefault(sound, word)
                for shorter in _cuts(sound) if len(word) >= _LONG else ():
                    self._cut.setdefault(shorter, word)

    def meant(self, word: str) -> str:
        """The lexicon's word behind an unknown one, or the empty string.

        >>> typos = Typos(["schizophrene", "addiction"])
        >>> [typos.meant(w) for w in ("schyzofrenne", "schizophrne", "shcizophrene", "addition", "schizotypie")]
        ['schizophrene', 'schizophrene', 'schizophrene', '', '']
        """
        if len(word) < SHORTEST - 1 or not word.isalpha() or word.removesuffix("s") in _WORDS:
            return ""
        sound = heard(word)
        tries = [sound, *_swaps(sound), *(_cuts(sound) if len(word) > _LONG else ())]
        found = next((self._heard[one] for one in tries if one in self._heard), "")
        if not found and len(word) >= _LONG - 1:
            found = self._cut.get(sound, "")
        return found if found[:1] == word[0] and found[-1:] == word.removesuffix("s")[-1] else ""


_WORDS = frozenset(
    ["addition", "alteration", "integrite", "liberale", "biotherapie", "reellement", "prescription", "proscription"]
)  # fmt: skip
"""Words of their own that lie one slip away from a word of the lexicons."""


def _cuts(sound: str) -> list[str]:
    return [sound[:n] + sound[n + 1 :] for n in range(1, len(sound) - 1)]


def _swaps(sound: str) -> list[str]:
    return [sound[:n] + sound[n + 1] + sound[n] + sound[n + 2 :] for n in range(1, len(sound) - 2)]
