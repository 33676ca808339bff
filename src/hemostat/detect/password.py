"""Passwords: hashed or in clear. Values never leave the evidence; only counts do."""

from __future__ import annotations

import polars as pl

from hemostat.detect import digits

PATTERN = (
    r"^(?:\$2[abxy]?\$[0-9]{2}\$[./A-Za-z0-9]{20,}|\$argon2(?:id|i|d)\$.+|\$[156]\$.{8,}|\$P\$[./A-Za-z0-9]{31}"
    r"|\$H\$[./A-Za-z0-9]{31}|pbkdf2_[a-z0-9]+\$.+|pbkdf2:.+|scrypt:.+|\$scrypt\$.+|\{(?:SSHA|SHA|SMD5|MD5|CRYPT)[0-9]*\}.+"
    r"|sha(?:1|256|512)\$.+|\*[0-9A-F]{40})$"
)
"""Hashes that say their algorithm: bcrypt, Argon2, crypt, phpass, PBKDF2, scrypt, LDAP schemes, MySQL."""

HEX = (
    r"^(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{56}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128}"
    r"|[0-9A-F]{32}|[0-9A-F]{40}|[0-9A-F]{64}|[0-9A-F]{128})$"
)
"""Bare digests: MD5, SHA-1, SHA-2. Repeated ones across people are unsalted."""

HIDDEN = r"^[*•.xX#]{4,}$"
"""A password that the export itself hid."""

CLEAR = r"^\S(?:.{0,62}\S)?$"


def hash_valid(values: pl.Series) -> pl.Series:
    """Hash-shaped values.

    >>> hash_valid(pl.Series(["5f4dcc3b5aa765d61d8327deb882cf99", "azerty84", "********"])).to_list()
    [True, False, False]
    """
    return pl.Series(values.name, digits.flags(values, PATTERN) | digits.flags(values, HEX))


def clear_valid(values: pl.Series) -> pl.Series:
    """Values that can be a password in clear: not hidden, not hash-shaped.

    >>> clear_valid(pl.Series(["Lilas56!", "********", "5f4dcc3b5aa765d61d8327deb882cf99"])).to_list()
    [True, False, False]
    """
    shaped = digits.flags(values, CLEAR) & ~digits.flags(values, HIDDEN)
    return pl.Series(values.name, shaped & ~hash_valid(values).to_numpy())
