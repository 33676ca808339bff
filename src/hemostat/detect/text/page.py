"""Texts joined into one page of folded characters, where an offset in the page is an offset in Unicode characters.

Folding keeps one byte per character: lower case, no accents, one sign for each family of quotes, dashes and blanks.
So every later step works on plain byte arrays, and its offsets are already those that people are promised.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    Bytes = npt.NDArray[np.uint8]
    Ints = npt.NDArray[np.int64]

SEPARATOR = "\x1e"
"""Between two texts: a sign that ends every word and every sentence."""

WORD, PLUS = 1, 2
"""Kinds of characters that make tokens: letters and digits; plus signs. Everything else is a gap."""

_BMP = 0x10000
_OTHER_LETTER = 0xFE
_OTHER = 0x7F
_SPECIAL = {
    "œ": "e", "Œ": "e", "æ": "a", "Æ": "a", "ø": "o", "Ø": "o", "ł": "l", "Ł": "l", "ß": "s", "đ": "d", "ð": "d",
    "’": "'", "‘": "'", "ʼ": "'", "`": "'", "´": "'", "–": "-", "—": "-", "‑": "-", "‐": "-", "−": "-", "•": "-",
    "«": '"', "»": '"', "“": '"', "”": '"', "\t": " ", "\r": "\n", "\v": "\n", "\f": "\n", "×": "*", "·": ".",
    "→": ">", "⇒": ">", "µ": "u", "μ": "u", "β": "b", "α": "a", "γ": "g", "\u2028": "\n", "…": ";",
}  # fmt: skip


class Page(NamedTuple):
    """Texts side by side: what was written, folded bytes, code points, and where each text starts.

    ``codes`` ends with 32 zero bytes more than the text has characters, so that words can be read eight bytes at once.
    """

    written: str
    codes: Bytes
    points: npt.NDArray[np.unsignedinteger]
    starts: Ints

    def upper(self, at: Ints) -> npt.NDArray[np.bool_]:
        """Whether the characters at these offsets were written as capitals."""
        return _tables()[1].take(self.points.take(at), mode="clip")


@cache
def _tables() -> tuple[Bytes, npt.NDArray[np.bool_]]:
    """For each code point of the basic plane: its folded byte, and whether it is a capital."""
    folded = np.full(_BMP, _OTHER, dtype=np.uint8)
    capital = np.zeros(_BMP, dtype=np.bool_)
    for point in range(_BMP):
        char = chr(point)
        folded[point] = _folded(char)
        capital[point] = char.isupper()
    return folded, capital


def _folded(char: str) -> int:
    if char in _SPECIAL:
        return ord(_SPECIAL[char])
    if char.isascii():
        return ord(char.lower())
    if char.isspace():
        return ord(" ")
    base = unicodedata.normalize("NFKD", char)[0].lower()
    if base.isascii() and base.isalpha():
        return ord(base)
    return _OTHER_LETTER if char.isalpha() or unicodedata.combining(char) else _OTHER


def page(texts: Sequence[str | None]) -> Page:
    r"""The page of some texts; a missing text takes no room but its separator.

    >>> made = page(["Né à Œting", None, "VIH +"])
    >>> bytes(made.codes[:-32]), made.starts.tolist()
    (b'ne a eting\x1e\x1evih +', [0, 11, 12])
    """
    whole = [text or "" for text in texts]
    written = SEPARATOR.join(whole)
    lengths = np.fromiter(map(len, whole), dtype=np.int64, count=len(whole))
    starts = np.zeros(len(whole), dtype=np.int64)
    np.cumsum(lengths[:-1] + 1, out=starts[1:])
    folded = _tables()[0]
    points = _points(written)
    codes = np.zeros(len(points) + 32, dtype=np.uint8)
    folded.take(points, out=codes[: len(points)], mode="clip")
    return Page(written, codes, points, starts)


def _points(written: str) -> npt.NDArray[np.unsignedinteger]:
    """The code points of a string, in the narrowest words that hold them; lone surrogates pass."""
    if written.isascii():
        return np.frombuffer(written.encode("ascii"), dtype=np.uint8)
    try:
        return np.frombuffer(written.encode("latin-1"), dtype=np.uint8)
    except UnicodeEncodeError:
        wide = np.frombuffer(written.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
        return np.minimum(wide, np.uint32(_BMP - 1))
