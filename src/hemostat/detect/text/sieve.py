"""Identifiers inside free text: one scan by one alternation, then each distinct match named and checked once."""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from hemostat.detect import card, email, iban, nir, phone, professional
from hemostat.model import Category

_NIR = r"[1-478][ .]?[0-9]{2}[ .]?[0-9]{2}[ .]?(?:[0-9]{2}|2[ABab])[ .]?[0-9]{3}[ .]?[0-9]{3}[ .]?[0-9]{2}"
_PARTS = (
    email.INSIDE,
    r"(?-u:\b)[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?(?-u:\b)",
    rf"(?-u:\b){_NIR}(?-u:\b)",
    r"(?-u:\b)[2-6][0-9]{3}[ \-]?[0-9]{4}[ \-]?[0-9]{4}[ \-]?[0-9]{4}(?-u:\b)",
    r"(?-u:\b)10[0-9]{9}(?-u:\b)",
    phone.INSIDE,
    r"(?-u:\b)(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?-u:\b)",
)
PATTERN = "|".join(f"(?:{part})" for part in _PARTS)
"""Specific before generic: a NIR must win over the phone inside it. ASCII word boundaries (a Unicode one is x350)."""

MACHINE = r"^\s*(?:[{\[<]|https?://|data:)"
"""What a program wrote for programs: JSON, XML, addresses of the web. Its long numbers pass for cards by chance."""

_MAYBE = r"[0-9][^\p{L}]{6}|@"
_IP = r"^(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])(?:\.|$)){4}"


class Seen(NamedTuple):
    """One category met in texts: the rows that hold it, and how many of the matches are right."""

    category: Category
    rows: pl.Series
    matches: int
    valid: int


def scan(texts: pl.Series) -> list[Seen]:
    """The identifiers in a column of texts, by category; ``rows`` are positions in the column.

    >>> found = scan(pl.Series(["rappeler au 06 39 98 01 23", "NIR 2 55 08 14 168 025 38, a@example.org", "RAS", None]))
    >>> [(str(s.category), s.rows.to_list(), s.valid) for s in found]
    [('email', [1], 1), ('phone', [0], 1), ('nir', [1], 1)]
    """
    where = texts.str.contains(_MAYBE).fill_null(value=False).arg_true()
    if not len(where):
        return []
    frame = pl.DataFrame({"row": where, "match": texts.gather(where).str.extract_all(PATTERN)}).explode(
        "match"
    )
    frame = frame.drop_nulls("match")
    if not len(frame):
        return []
    found = frame.join(named(frame["match"].unique()), on="match")
    cards = found["category"] == Category.PAYMENT_CARD
    if cards.any():
        by_machine = texts.gather(found["row"]).str.contains(MACHINE)
        found = found.filter(~(cards & by_machine))
    return _seen(found)


def named(matches: pl.Series) -> pl.DataFrame:
    """``match``, ``category``, ``valid`` of distinct matched strings; those that are nothing after all are left out."""
    shaped = nir.parse(matches)
    right = (shaped["shaped"] & shaped["key"].fill_null(value=False)).alias("right")
    tests = (
        (Category.EMAIL, matches.str.contains("@"), email.valid_array(matches)),
        (Category.IBAN, iban.valid_array(matches), None),
        (Category.NIR, shaped["shaped"] & shaped["key"].is_not_null(), right),
        (Category.PAYMENT_CARD, card.valid_array(matches), None),
        (Category.PROFESSIONAL_ID, professional.rpps_valid(matches), None),
        (Category.PHONE, phone.valid_array(matches), None),
        (Category.IP_ADDRESS, matches.str.contains(_IP), None),
    )
    left = pl.Series([True] * len(matches))
    out = []
    for category, is_one, is_right in tests:
        mine = left & is_one
        left &= ~is_one
        found = pl.DataFrame(
            {"match": matches, "valid": is_right if is_right is not None else is_one}
        ).filter(mine)
        out.append(found.with_columns(category=pl.lit(str(category))))
    return pl.concat(out)


def _seen(frame: pl.DataFrame) -> list[Seen]:
    out = []
    for name in sorted(frame["category"].unique().to_list(), key=list(Category).index):
        mine = frame.filter(pl.col("category") == name)
        out.append(
            Seen(Category(name), mine["row"].unique().sort(), len(mine), int(mine["valid"].sum() or 0))
        )
    return out
