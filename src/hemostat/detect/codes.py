"""Coded health data and machine identifiers: CIM-10, ATC, CIP13, CCAM, blood groups, INS, addresses of machines."""

from __future__ import annotations

import polars as pl

from hemostat.detect import digits

CIM10 = r"^[A-TV-Z][0-9]{2}(?:[.]?[0-9]{1,3}|[.][0-9+\-]{1,4})?[+*]?$"
"""Diagnosis: letter, two digits, up to three more. Like ``A01``: a column rate or a heading is needed."""
ATC = r"^[A-DGHJ-NPR-SV][0-9]{2}(?:[A-Z](?:[A-Z](?:[0-9]{2})?)?)?$"
ATC_FULL = r"^[A-DGHJ-NPRSV][0-9]{2}[A-Z]{2}[0-9]{2}$"
CCAM = r"^[A-Z]{4}[0-9]{3}(?:[ \-]?[0-9A-Z/]{1,5})?$"
"""Procedure: four letters, three digits."""
CIP13 = r"^34009[0-9]{8}$"
LOINC = r"^[0-9]{3,5}-[0-9]$"
BLOOD = (
    r"(?i)^(?:groupe )?(?:A|B|AB|O|0|A1|A2|A1B|A2B)[ /]*"
    r"(?:(?:rh(?:[ée]sus)?[ :.]*(?:D ?)?)?(?:[+\-–]|pos(?:itif)?\.?|neg(?:atif)?\.?|n[ée]gatif)|rh ?[+\-])$"
)
INS = (
    r"^(?:[1-478][0-9]{4}(?:[0-9]{2}|2[AB])[0-9]{8})\^\^\^&?1\.2\.250\.1\.213\.1\.4\.(?:8|9|10|11)"
    r"(?:&ISO)?(?:\^[A-Z]+)?$"
)
"""NIR or NIA with the OID of its domain. Source: HL7 FR Core."""
INS_OID = r"^1\.2\.250\.1\.213\.1\.4\.(?:8|9|10|11)$"
UUID = r"^\{?[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\}?$"
_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_HEX = "[0-9A-Fa-f]{1,4}"
IP = (
    rf"^(?:{_OCTET}\.){{3}}{_OCTET}(?:[:/][0-9]{{1,5}})?$"
    rf"|^(?:{_HEX}:){{7}}{_HEX}$|^(?:{_HEX}:){{1,7}}:(?:{_HEX}(?::{_HEX}){{0,6}})?$|^::1$"
)
MAC = r"[0-9A-Fa-f]{2}(?:[:\-][0-9A-Fa-f]{2}){5}"
IMEI = r"[0-9]{2}-[0-9]{6}-[0-9]{6}-[0-9]"
AGENT = r"(?:Mozilla/[0-9]|Dalvik/|okhttp/|Opera/[0-9]).*|[A-Za-z]+/[0-9.]+ \(.*"
DEVICE = f"^(?:{MAC}|{IMEI}|{AGENT})$"
BEARER = (
    r"^(?:eyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-.…]*|Bearer \S+|gh[pousr]_[A-Za-z0-9]{30,}|sk_(?:live|test)_\S+"
    r"|xox[baprs]-\S+|PHPSESSID=\S+|AKIA[A-Z0-9]{16})$"
)
PICTURE = (
    r"^(?:/9j/|iVBORw0KGgo|R0lGOD|UklGR)|(?i)^(?:data:image/|.*\.(?:jpe?g|png|gif|webp|bmp|tiff?|heic)$)"
)
RANDOM = r"^[A-Za-z0-9_\-+/=.]{20,}$"


def blood_valid(values: pl.Series) -> pl.Series:
    """ABO group with rhesus, as met. ``A+`` is also a grade: the column decides.

    >>> blood_valid(pl.Series(["O+", "A Rh-", "AB POS", "note B+ au contrôle", "groupe A de travail"])).to_list()
    [True, True, True, False, False]
    """
    return values.str.contains(BLOOD).fill_null(value=False)


def cip13_valid(values: pl.Series) -> pl.Series:
    """13 digits from 34009 with the EAN control digit.

    >>> cip13_valid(pl.Series(["3400930000017", "3400930000014"])).to_list()
    [False, True]
    """
    out = digits.flags(values, CIP13)
    where, rows = digits.of_width(values, 13)
    good = out[where]
    number = rows[good].astype(int) - digits.ZERO
    out[where[good]] = (number[:, 0::2].sum(axis=1) + 3 * number[:, 1::2].sum(axis=1)) % 10 == 0
    return pl.Series(values.name, out)


def imei_valid(values: pl.Series) -> pl.Series:
    """15 digits with a right Luhn sum, hyphens or not. A NIR is looked for first.

    >>> imei_valid(pl.Series(["35-209900-176148-1", "352099001761482"])).to_list()
    [True, False]
    """
    return pl.Series(values.name, digits.luhn_valid(values.str.replace_all("-", ""), (15,)))


def ins_valid(values: pl.Series) -> pl.Series:
    """A NIR or NIA followed by the OID of its domain.

    >>> ins_valid(pl.Series(["255081416802538^^^&1.2.250.1.213.1.4.8&ISO^INS", "255081416802538"])).to_list()
    [True, False]
    """
    return values.str.contains(INS).fill_null(value=False)


def ip_valid(values: pl.Series) -> pl.Series:
    """Addresses of version 4 or 6.

    >>> ip_valid(pl.Series(["203.0.113.7", "2001:db8::7", "300.1.1.1"])).to_list()
    [True, True, False]
    """
    return values.str.contains(IP).fill_null(value=False)
