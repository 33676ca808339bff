"""E-mail addresses: shape, IDNA domains, one spelling."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hemostat.detect import digits

if TYPE_CHECKING:
    import polars as pl

_NAME = r"[^\s@,;:<>()\[\]\\\"]"
_LABEL = r"[^\s@.,;:<>()\[\]\\\"/_!?]"
PATTERN = rf"^{_NAME}+@{_LABEL}+(?:\.{_LABEL}+)*\.[^\s@.,;:<>()0-9\"/_!?]{{2,24}}$"
"""One address and nothing else; letters of any script in both parts."""

INSIDE = r"[A-Za-z0-9._%+\-]+@[A-Za-z0-9\-]+(?:\.[A-Za-z0-9\-]+)+"
"""An address among other signs."""

WRAPPED = r"^\s*(?:.*<)?\s*(?:mailto:)?\s*([^\s<>;,]+@[^\s<>;,]+?)\s*>?\s*$"
"""``Name <address>``, ``mailto:address``."""


def normal(values: pl.Series) -> pl.Series:
    """Lower-cased, trimmed address; taken out of ``Name <address>``; null where there is none.

    >>> import polars as pl
    >>> normal(pl.Series([" Sophie.Garnier@Example.ORG", "S. Garnier <sg@example.net>", "néant"])).to_list()
    ['sophie.garnier@example.org', 'sg@example.net', None]
    """
    text = values.str.to_lowercase()
    odd = (~text.str.contains(PATTERN)).arg_true().to_numpy()
    if not len(odd):
        return text
    inner = text.gather(odd).str.strip_chars().str.extract(WRAPPED)
    inner = inner.zip_with(inner.str.contains(PATTERN).fill_null(value=False), _nothing(inner))
    return digits.put(text, odd, inner)


def each(values: pl.Series) -> list[pl.Series]:
    """The address of each cell, then the second one of cells that hold several, as columns.

    A cell with a sign @ that belongs to no address holds none.

    >>> import polars as pl
    >>> [c.to_list() for c in each(pl.Series(["a@example.org ; B@example.net", "c@example.org", "@s@example.org"]))]
    [['a@example.org', 'c@example.org', None], ['b@example.net', None, None]]
    """
    first = normal(values)
    odd = (first.is_null() & values.is_not_null()).arg_true().to_numpy()
    if not len(odd):
        return [first]
    cells = values.gather(odd).str.to_lowercase()
    found = cells.str.extract_all(INSIDE)
    whole = found.list.len() == cells.str.count_matches("@")
    found = found.zip_with(whole.fill_null(value=False), found.clear(len(found)))
    out = [digits.put(first, odd, found.list.get(0, null_on_oob=True))]
    second = found.list.get(1, null_on_oob=True)
    if second.null_count() < len(second):
        out.append(digits.put(_nothing(values), odd, second))
    return out


def _nothing(like: pl.Series) -> pl.Series:
    return like.clear(len(like))


def valid_array(values: pl.Series) -> pl.Series:
    """Values that are one address.

    >>> import polars as pl
    >>> valid_array(pl.Series(["c.legoff56@example.net", "a@b", "élodie@exemple-santé.example", None])).to_list()
    [True, False, True, False]
    """
    return values.str.contains(PATTERN).fill_null(value=False)
