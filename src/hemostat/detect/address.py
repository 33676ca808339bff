"""Postal addresses: streets, postal codes, towns, and cells that hold two or three of them."""

from __future__ import annotations

from functools import cache

import numpy as np
import polars as pl

from hemostat.detect import digits, lexicon
from hemostat.detect.folded import fold, fold_column
from hemostat.rules import rows

NUMBERED = r"(?i)^(?:n°? ?)?[0-9]{1,5}(?: ?(?:bis|ter|quater|[a-e]))?[ ,]+\p{L}[\p{L}.'’\-]*[ ,]+[\p{L}0-9]"
"""A number and two words: « 32 SA », « 28 jours » are none."""
POSTAL = r"^(?:0[1-9]|[1-8][0-9]|9[0-578]|2[AB])[0-9]{3}$"
"""Five characters that begin with a département (20 for Corsica, 97 and 98 overseas)."""
POSTAL_SHORT = r"^[1-9][0-9]{3}$"
"""Four digits: the leading zero of 01000 to 09999 was lost. Judged on a column."""
POSTAL_ABROAD = (
    r"(?i)^(?:[0-9]{3,6}|[a-z]{1,2}[0-9][0-9a-z]? ?[0-9][a-z]{2}|[a-z][0-9][a-z] ?[0-9][a-z][0-9]"
    r"|[a-z]{0,2}-?[0-9]{2,6}(?:[ \-][0-9a-z]{2,4})?|[0-9]{4} ?[a-z]{2})$"
)
"""Codes of other countries: digits, British, Canadian, Dutch, Polish, Portuguese…"""
CP_CITY = (
    r"^(?:(?:F|FR)[ \-])?((?:0[1-9]|[1-8][0-9]|9[0-578]|2[ABab])[0-9]{3}|[1-9][0-9]{3})[ ,\-]+(\p{L}.{1,60})$"
)
CITY_CP = r"^(\p{L}[^0-9]{1,50}?)[ ,]*[(]?((?:0[1-9]|[1-8][0-9]|9[0-578])[0-9]{3})[)]?$"
WHOLE = (
    r"^(.*?)[ ,;\-\n]*(?-u:\b)((?:0[1-9]|[1-8][0-9]|9[0-578]|2[ABab])[0-9]{3})[ ,]+"
    r"(\p{L}[\p{L} '’.\-]*)(?:[ ,]*\(?(?i:france)\)?)?$"
)
"""Street, postal code and town in one cell."""
_BUILT = (
    r"^SAINTE? [A-Z]+ |^[A-Z]+ (?:SUR|SOUS|LES|LE|EN|DE|DU|LA|AUX) [A-Z ]+$"
    r"|^(?:SAINT|SAINTE|LES|VILLENEUVE|CHATEAU|NEUVILLE|MONT|BOURG) [A-Z]+$|VILLE$|COURT$"
)
"""How names of French communes are built."""
_USUAL = r"^(?:0[1-9]|[1-8][0-9]|9[0-578])[0-9]{3} \p{L}"
_FIVE = 5


@cache
def _communes() -> pl.Series:
    forms = (
        form
        for row in rows("lexicon_communes", "communes", {"id": str, "forms": str})
        for form in row["forms"].split(";")
    )
    return pl.Series(sorted({fold(form) for form in forms if form.strip()}))


def street_valid(values: pl.Series, folded: pl.Series | None = None) -> pl.Series:
    """Values that name a street, a building, a hamlet.

    >>> street_valid(pl.Series(["12 bis rue des Lilas", "Appt 4, bât. B", "Lieu-dit Kerhuon", "Martin"])).to_list()
    [True, True, True, False]
    """
    return (lexicon.matches("street", values, folded) | values.str.contains(NUMBERED)).fill_null(value=False)


def city_valid(values: pl.Series, folded: pl.Series | None = None) -> pl.Series:
    """Towns of the lexicon, and names built like those of French communes.

    >>> city_valid(pl.Series(["VANNES", "St-Brieuc", "PARIS 12", "Villeneuve-sur-Lot", "Martin"])).to_list()
    [True, True, True, True, False]
    """
    text = fold_column(values) if folded is None else folded
    text = text.str.replace(r"^ST ", "SAINT ").str.replace(r"^STE ", "SAINTE ")
    text = text.str.replace(r" (?:CEDEX.*|[0-9]{1,2}(?:E|ER|EME)?(?: ARRONDISSEMENT)?)$", "")
    built = text.str.contains(_BUILT)
    return (text.is_in(_communes().implode()) | built).fill_null(value=False)


def postal_valid(values: pl.Series) -> pl.Series:
    """French postal codes.

    >>> postal_valid(pl.Series(["56000", "2A004", "97400", "00100", "96000", "1000"])).to_list()
    [True, True, True, False, False, False]
    """
    out = np.zeros(len(values), dtype=np.bool_)
    where, rows_ = digits.of_width(values, _FIVE)
    plain = digits.all_digits(rows_)
    department = digits.number(rows_[:, :2])
    out[where] = plain & (department >= 1) & (department <= 98) & (department != 96) & (department != 99)  # noqa: PLR2004
    odd = where[~plain]
    if len(odd):
        out[odd] = digits.flags(values.gather(odd), POSTAL)
    return pl.Series(values.name, out)


def postal_normal(values: pl.Series) -> pl.Series:
    """Postal codes with their leading zero, upper case; others as written.

    >>> postal_normal(pl.Series(["1000", "56000", "2a004", "56000.0", "SW1A 1AA"])).to_list()
    ['01000', '56000', '2A004', '56000', 'SW1A 1AA']
    """
    good = postal_valid(values) & (values.str.len_bytes() == _FIVE).fill_null(value=False)
    odd = (~good & values.is_not_null()).arg_true()
    if not len(odd):
        return values
    text = values.gather(odd).str.strip_chars().str.replace(r"^(?:F|FR)[ \-]", "").str.replace(r"[.,]0+$", "")
    text = text.str.to_uppercase().str.replace(r"^([0-9]{2}) ([0-9]{3})$", "${1}${2}")
    return digits.put(values, odd.to_numpy(), text.str.replace(r"^([1-9][0-9]{3})$", "0$1"))


def code_and_city(values: pl.Series) -> pl.DataFrame:
    """``postal_code`` and ``city`` of cells that hold both; null where a part is missing.

    >>> code_and_city(pl.Series(["56000 VANNES", "1000 Bourg-en-Bresse", "Vannes (56000)", "Vannes"])).rows()
    [('56000', 'VANNES'), ('01000', 'Bourg-en-Bresse'), ('56000', 'Vannes'), (None, 'Vannes')]
    """
    usual = values.str.contains(_USUAL)
    code, city = values.str.slice(0, _FIVE), values.str.slice(_FIVE + 1)
    odd = (~usual).arg_true().to_numpy()
    if len(odd):
        careful = _code_and_city(values.gather(odd))
        code, city = digits.put(code, odd, careful["postal_code"]), digits.put(city, odd, careful["city"])
    return pl.DataFrame({"postal_code": code, "city": city})


def _code_and_city(values: pl.Series) -> pl.DataFrame:
    """The same, for cells written in any other way than the usual one."""
    ahead = values.str.extract_groups(CP_CITY).struct.unnest()
    after = values.str.extract_groups(CITY_CP).struct.unnest()
    code = ahead["1"].fill_null(after["2"])
    city = ahead["2"].fill_null(after["1"])
    none = values.clear(len(values))
    alone = values.str.contains(r"^(?:2[ABab]|[0-9]{1,2})[0-9]{3}$").fill_null(value=False)
    worded = (code.is_null() & values.str.contains(r"\p{L}")).fill_null(value=False)
    code = code.fill_null(values.zip_with(alone, none))
    city = city.fill_null(values.zip_with(worded, none))
    return pl.DataFrame({"postal_code": postal_normal(code), "city": city.str.strip_chars()})


def whole(values: pl.Series) -> pl.DataFrame:
    """``postal_address``, ``postal_code``, ``city`` of cells that hold a full address; the street alone otherwise.

    >>> whole(pl.Series(["12 rue des Lilas, 56000 VANNES", "3 bd Foch"])).rows()
    [('12 rue des Lilas', '56000', 'VANNES'), ('3 bd Foch', None, None)]
    """
    fields = values.str.extract_groups(WHOLE).struct.unnest()
    street = fields["1"].str.strip_chars(" ,;-\n")
    return pl.DataFrame(
        {
            "postal_address": street.fill_null(values),
            "postal_code": fields["2"].str.to_uppercase(),
            "city": fields["3"].str.strip_chars(),
        }
    )
