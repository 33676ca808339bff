"""Checks of single numbers met in texts: keys, sums and shapes, one string at a time.

Columns have their own, which work on whole arrays (``detect.nir``, ``card``, ``iban``, ``professional``): a page of
text holds a handful of numbers, for which setting up arrays takes longer than the sums. Both follow the same sources.
"""

from __future__ import annotations

import re

from hemostat.detect import card, iban

NIR_BODY, NIR_FULL = 13, 15
_NIR = re.compile(
    r"[1-478][0-9]{2}(?:0[1-9]|1[0-2]|[23][0-9]|4[0-2]|[5-9][0-9])(?:0[1-9]|[1-9][0-9]|2[AB])[0-9]{6}(?:[0-9]{2})?"
)
_CARD = re.compile(card.PREFIX)
_MODULUS = 97
_CORSICA = {"A": 1_000_000, "B": 2_000_000}
_NINE, _RPPS = 9, 11
_DEPARTMENTS = 98


def nir_shaped(plain: str) -> bool:
    """Whether 13 or 15 characters without blanks can be a NIR apart from its key.

    >>> [nir_shaped(n) for n in ("179046311904245", "2880620041017", "179156311904245", "000000000000097")]
    [True, True, False, False]
    """
    return bool(_NIR.fullmatch(plain)) and plain[7:10] != "000" and plain[10:13] != "000"


def nir_key_right(plain: str) -> bool:
    """Whether the key of a shaped NIR of 15 characters is right; one of 13 has none to check.

    >>> nir_key_right("288062A04101735"), nir_key_right("179046311904246"), nir_key_right("1790463119042")
    (True, False, False)
    """
    if len(plain) != NIR_FULL:
        return False
    letter = plain[6]
    body = int(plain[:6] + ("0" if letter in _CORSICA else letter) + plain[7:NIR_BODY])
    return _MODULUS - (body - _CORSICA.get(letter, 0)) % _MODULUS == int(plain[NIR_BODY:])


def luhn_right(digits: str) -> bool:
    """Whether the Luhn sum of a string of digits is a multiple of ten.

    >>> luhn_right("4970100000000154"), luhn_right("4970100000000155")
    (True, False)
    """
    total = sum(map(int, digits[-1::-2]))
    return (total + sum(sum(divmod(2 * int(d), 10)) for d in digits[-2::-2])) % 10 == 0


def card_right(plain: str) -> bool:
    """Whether 13 to 19 digits are a card's: an issuer's prefix, a right sum, not one digit repeated."""
    return bool(_CARD.match(plain)) and len(set(plain)) > 1 and luhn_right(plain)


def iban_right(text: str) -> bool:
    """Whether a string is an IBAN: the length of its country, remainder 1 modulo 97, not all zeros.

    >>> iban_right("FR14 2004 1010 0505 0001 3M02 606"), iban_right("FR14 2004 1010 0505 0001 3M02 607")
    (True, False)
    """
    plain = re.sub(r"[ .\-]", "", text).upper()
    if len(plain) != iban.LENGTHS.get(plain[:2], 0) or not plain[4:].strip("0"):
        return False
    return int("".join(str(int(char, 36)) for char in plain[4:] + plain[:4])) % _MODULUS == 1


def rpps_right(plain: str) -> bool:
    """Whether digits are an RPPS number, with the prefix 8 of the national identifier or without.

    >>> [rpps_right(n) for n in ("10101010105", "810101010105", "10101010106")]
    [True, True, False]
    """
    number = plain[1:] if len(plain) == _RPPS + 1 and plain[0] == "8" else plain
    return len(number) == _RPPS and number.startswith("10") and luhn_right(number)


def department_first(nine: str) -> bool:
    """Whether nine characters begin with a département, as ADELI and FINESS do."""
    head = nine[:2].upper()
    return len(nine) == _NINE and (
        head in ("2A", "2B") or (head.isdigit() and 1 <= int(head) <= _DEPARTMENTS)
    )


def finess_right(nine: str) -> bool:
    """Whether nine digits are a FINESS number: a département first and a right Luhn sum.

    >>> finess_right("560000127"), finess_right("560000128")
    (True, False)
    """
    return nine.isdigit() and department_first(nine) and luhn_right(nine)
