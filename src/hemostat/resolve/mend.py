"""Names that a computer damaged or a desk annotated, as they were meant: entities, broken accents, remarks."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

_BROKEN = dict(
    zip("©¨ª«§´®¯¢¹»¼¶¤±£³¡\u00ad", "éèêëçôîïâùûüöäñãóáí", strict=True),
)
"""Second halves of letters written in UTF-8 and read as Latin-1; the first half is Ã, or what is left of it."""
_MENDED = {f"{first}{second}": letter for second, letter in _BROKEN.items() for first in ("Ã", "A")}
_ENTITY = r"(?i)&(\p{L}{1,2})(?:acute|grave|circ|uml|cedil|tilde|ring|caron|slash|lig);?"
_LOST = r"[?\u{FFFD}¿]"
_DAMAGED = r"[&©¨ª«§´®¯¢¹»¼¶¤±£³¡\u{AD}?\u{FFFD}¿()\[\]*\d]"


def mended(written: pl.Series) -> pl.Series:
    """Names without the traces of computers and desks. Work on distinct values.

    A lost letter becomes E, which most often carries the accent that was lost. What stands in brackets goes where it
    is a remark (it begins with a small letter or holds a digit); numbers and stars go.

    >>> import polars as pl
    >>> mended(pl.Series(["Ga&euml;lle", "StÃ©phanie", "Micka?l", "Niel (dcd 2019)", "Roy (Petit)"])).to_list()
    ['Gaelle', 'Stéphanie', 'MickaEl', 'Niel ', 'Roy (Petit)']
    """
    damaged = written.str.contains(_DAMAGED)
    at = damaged.fill_null(value=False).arg_true()
    if not len(at):
        return written
    text = written.gather(at)
    text = (
        text.str.replace_all(_ENTITY, "$1")
        .str.replace_many(_MENDED)
        .str.replace_all(rf"(\p{{L}}){_LOST}", "${1}E")
        .str.replace_all(r"[(\[](?:\p{Ll}[^)\]]*|[^)\]]*\d[^)\]]*)[)\]]", "")
        .str.replace_all(r"[*\d]", "")
    )
    return written.scatter(at, text)
