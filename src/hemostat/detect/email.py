"""E-mail addresses: shape, IDNA domains, one spelling."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

_NAME = r"[^\s@,;:<>()\[\]\\\"]"
_LABEL = r"[^\s@.,;:<>()\[\]\\\"/_!?]"
PATTERN = rf"^{_NAME}+@{_LABEL}+(?:\.{_LABEL}+)*\.[^\s@.,;:<>()0-9\"/_!?]{{2,24}}$"
"""One address and nothing else; letters of any script in both parts."""

WRAPPED = r"^\s*(?:.*<)?\s*(?:mailto:)?\s*([^\s<>;,]+@[^\s<>;,]+?)\s*>?\s*$"
"""``Name <address>``, ``mailto:address``."""


def normal(values: pl.Series) -> pl.Series:
    """Lower-cased, trimmed address; taken out of ``Name <address>``; null where there is none.

    >>> import polars as pl
    >>> normal(pl.Series([" Sophie.Garnier@Example.ORG", "S. Garnier <sg@example.net>", "néant"])).to_list()
    ['sophie.garnier@example.org', 'sg@example.net', None]
    """
    text = values.str.strip_chars().str.to_lowercase()
    good = text.str.contains(PATTERN)
    if good.all():
        return text
    inner = text.str.extract(WRAPPED)
    text = text.zip_with(good.fill_null(value=False), inner)
    return text.zip_with(text.str.contains(PATTERN).fill_null(value=False), _nothing(text))


def _nothing(like: pl.Series) -> pl.Series:
    return like.clear(len(like))


def valid_array(values: pl.Series) -> pl.Series:
    """Values that are one address.

    >>> import polars as pl
    >>> valid_array(pl.Series(["c.legoff56@example.net", "a@b", "élodie@exemple-santé.example", None])).to_list()
    [True, False, True, False]
    """
    return values.str.contains(PATTERN).fill_null(value=False)
