"""E-mail addresses as people type them: plain, with blanks around the at-sign, or with a word in its place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np

from hemostat.detect.text.spans import Span
from hemostat.model import Category

if TYPE_CHECKING:
    from hemostat.detect.text.page import Page

_PLAIN = re.compile(r"[\w.%+\-']*[\w%+\-]@[\w\-]+(?:\.[\w\-]+)*\.[^\W\d_]{2,24}")
_LOOSE = re.compile(
    r"[\w.%+\-]*[\w%+\-] ?@ ?[\w\-]+(?:\.[\w\-]+)* ?[.,] ?(?:fr|com|org|net|eu|be|ch|info|bzh|example|test)(?![\w@])"
)
_KNOWN = re.compile(
    r"[\w.%+\-]*[\w%+\-]@(?:gmail|hotmail|orange|wanadoo|free|sfr|laposte|yahoo|outlook|icloud|live|proton(?:mail)?|neuf"
    r"|bbox|numericable)(?![\w.])"
)
_SPOKEN = re.compile(
    r"[\w.%+\-]*[\w%+\-] ?(?:[\[({<] ?(?:at|arobase|arobas|a|@) ?[\])}>]| arobase | arobas ) ?[\w\-]+"
    r"(?: ?(?:\.|[\[(] ?(?:dot|point|\.) ?[\])]| point | dot ) ?[\w\-]+)+",
    re.IGNORECASE,
)
_WORD = re.compile(r" ?(?:at|arobase?s?|a)(?: ?[\])}>]| )", re.IGNORECASE)
_LONGEST = 90
_SURE, _LIKELY = 0.99, 0.9


def emails(page: Page) -> list[Span]:
    """The spans of e-mail addresses in a page.

    >>> from hemostat.detect.text.page import page
    >>> [(s.start, s.end) for s in emails(page(["a@example.org, ecrire à b [at] example [point] org"]))]
    [(0, 13), (25, 50)]
    """
    written = page.written
    out = []
    after = 0
    at = written.find("@")
    while at >= 0:
        begin, end = max(after, at - _LONGEST), min(len(written), at + _LONGEST)
        for pattern, sure in ((_PLAIN, _SURE), (_KNOWN, _LIKELY), (_LOOSE, _LIKELY)):
            match = _around(pattern, written, begin, end, at)
            if match is not None:
                out.append(Span(match.start(), match.end(), Category.EMAIL, sure))
                after = match.end()
                break
        at = written.find("@", max(at + 1, after))
    return out + _spoken(page)


def _around(pattern: re.Pattern[str], written: str, begin: int, end: int, at: int) -> re.Match[str] | None:
    for match in pattern.finditer(written, begin, end):
        if match.start() <= at < match.end():
            return match
        if match.start() > at:
            break
    return None


def _spoken(page: Page) -> list[Span]:
    out = []
    written, codes = page.written, page.codes
    opened = np.flatnonzero((codes == ord("[")) | (codes == ord("(")) | (codes == ord("{")))
    blank = codes.take(opened + 1) == ord(" ")
    places = opened[codes.take(opened + 1 + blank) == ord("a")].tolist()
    folded = codes.tobytes()
    at = folded.find(b" arob")
    while at >= 0:
        places.append(at)
        at = folded.find(b" arob", at + 1)
    for at in places:
        if _WORD.match(written, at + 1):
            begin, end = max(0, at - _LONGEST), min(len(written), at + _LONGEST)
            match = _around(_SPOKEN, written, begin, end, at)
            if match is not None:
                out.append(Span(match.start(), match.end(), Category.EMAIL, _LIKELY))
    return out
