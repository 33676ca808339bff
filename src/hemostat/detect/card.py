"""Payment cards: numbers with Luhn and an issuer's prefix, and what a spreadsheet leaves of them."""

from __future__ import annotations

import polars as pl

from hemostat.detect import digits

PATTERN = r"^(?:[0-9]{4}[ \-]?){3}[0-9]{1,7}$|^3[47][0-9]{2}[ \-]?[0-9]{6}[ \-]?[0-9]{5}$"
"""13 to 19 digits, by four or not."""

PREFIX = r"^(?:4|5[1-5]|2[2-7]|3[47]|3[068]|6(?:011|5|2)|50|5[6-9]|6[37])"
"""Visa, Mastercard, American Express, Diners, Discover, UnionPay, Maestro. Source: ISO/IEC 7812, issuers' pages."""

LOST = r"^[2-6][.,][0-9]{1,9}[Ee]\+?1[4-8]$"
"""A spreadsheet turned the number into 5.54563E+15."""

_MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
MASKED = (
    r"(?i)^(?:(?:cb|visa|mastercard|mc|amex)[ :]*)?(?:[0-9]{4,6}[ \-]?)?[x*•#]{2,}(?:[ \-]?[x*•#0-9]{2,4}){0,3}"
    r"[ \-]?[0-9]{2,4}$"
)
"""A number of which only the ends are shown."""
EXPIRY = rf"^(?:(?:0?[1-9]|1[0-2])[/\-](?:20)?[0-9]{{2}}|{_MONTH}-[0-9]{{2}}|[0-9]{{2}}-{_MONTH})$"
BRAND = r"(?i)^(?:visa|master ?card|maestro|american express|amex|cb|carte bleue|electron|discover|diners)"

CHANCE = 0.05
"""Share of random 16-digit strings with a right Luhn sum and a known prefix (one in ten by Luhn alone)."""

_WIDTHS = (13, 14, 15, 16, 17, 18, 19)


def valid_array(values: pl.Series) -> pl.Series:
    """Known prefix, right Luhn sum, not one digit repeated.

    >>> valid_array(pl.Series(["4970 1000 0000 0154", "4970 1000 0000 0155", "5.54563E+15"])).to_list()
    [True, False, False]
    """
    text = values.str.replace_all(r"[ \-]", "")
    known = digits.flags(text, PREFIX) & digits.flags(values, PATTERN)
    return pl.Series(values.name, known & digits.luhn_valid(text, _WIDTHS))


def lost(values: pl.Series) -> pl.Series:
    """Values whose digits a spreadsheet destroyed.

    >>> lost(pl.Series(["5.54563E+15", "4970100000000154"])).to_list()
    [True, False]
    """
    return values.str.contains(LOST).fill_null(value=False)
