"""Passwords counted: of which family, how many different, reused, guessable. Only hashes of them are compared.

Reuse is told by a sample of fixed size: the values with the smallest hashes, each with how often it came. Below that
size it is exact; above, shares of the sample stand for the whole.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

import polars as pl

from hemostat.detect import password
from hemostat.rules import rows

if TYPE_CHECKING:
    from hemostat.detect.facts import Counts

SIZE = 1 << 16
"""Distinct values followed."""
_SEED = 20_261_122
_SPACE = 2.0**64
_FAMILIES: tuple[tuple[str, str], ...] = (
    ("bcrypt", r"^\$2[abxy]?\$"),
    ("argon2", r"^\$argon2"),
    ("pbkdf2", r"^(?:pbkdf2|scrypt|\$scrypt)"),
    ("crypt", r"^(?:\$[156PH]\$|\{[A-Z0-9]+\}|sha(?:1|256|512)\$|\*[0-9A-F]{40}$)"),
    ("md5", r"^[0-9A-Fa-f]{32}$"),
    ("sha1", r"^[0-9A-Fa-f]{40}$"),
    ("sha2", r"^(?:[0-9A-Fa-f]{56}|[0-9A-Fa-f]{64}|[0-9A-Fa-f]{96}|[0-9A-Fa-f]{128})$"),
)
_ENCODED = r"^(?:[A-Za-z0-9+/]{4})+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)$"
_DIGESTS = ("md5", "sha1", "sha256", "sha512")


@dataclass(slots=True)
class Reuse:
    """How often each of the values with the smallest hashes came, over all batches."""

    counts: pl.DataFrame = field(
        default_factory=lambda: pl.DataFrame(schema={"hash": pl.UInt64, "n": pl.UInt64, "bare": pl.Boolean})
    )

    def __add__(self, other: Reuse) -> Reuse:
        """Both samples as one."""
        both = (
            pl.concat([self.counts, other.counts])
            .group_by("hash")
            .agg(pl.col("n").sum(), pl.col("bare").any())
        )
        return Reuse(both.sort("hash").head(SIZE))

    def facts(self) -> Counts:
        """``distinct`` values, ``reused`` rows that share theirs, ``unsalted`` digests among them.

        >>> of(pl.Series(["azerty", "azerty", "x9-k", None])).facts()
        {'distinct': 2, 'reused': 2, 'unsalted': 0}
        """
        kept = self.counts
        scale = 1.0
        if len(kept) == SIZE:
            scale = (SIZE - 1) / (float(kept["hash"].max()) / _SPACE) / SIZE  # type: ignore[arg-type]
        again = kept.filter(pl.col("n") > 1)
        return {
            "distinct": round(len(kept) * scale),
            "reused": round(int(again["n"].sum()) * scale),
            "unsalted": round(int(again.filter("bare")["n"].sum()) * scale),
        }


def of(values: pl.Series) -> Reuse:
    """The sample of one batch of passwords, hashed or not."""
    kept = values.drop_nulls()
    bare = kept.str.contains(password.HEX)
    frame = pl.DataFrame({"hash": kept.hash(_SEED), "bare": bare})
    counted = frame.group_by("hash").agg(pl.len().cast(pl.UInt64).alias("n"), pl.col("bare").first())
    return Reuse(counted.sort("hash").head(SIZE))


def families(values: pl.Series) -> Counts:
    """How many values are of which family of hashes, merely encoded, or among the most common passwords.

    >>> found = families(pl.Series(["5f4dcc3b5aa765d61d8327deb882cf99", "Azerty123", "bW90ZGVwYXNzZTE=", "x9-k"]))
    >>> {fact: n for fact, n in found.items() if n}
    {'md5': 1, 'encoded': 1, 'guessable': 2}
    """
    found = {name: int(values.str.contains(pattern).sum() or 0) for name, pattern in _FAMILIES}
    common = values.str.to_lowercase().is_in(_common().implode()).sum()
    return {**found, "encoded": int(values.str.contains(_ENCODED).sum() or 0), "guessable": int(common or 0)}


@cache
def _common() -> pl.Series:
    """The most common passwords and their digests without salt."""
    words = {
        word.lower()
        for row in rows("lexicon_passwords", "passwords", {"id": str, "forms": list})
        for word in row["forms"]
    }
    written = {variant for word in words for variant in (word, word.capitalize(), word.upper())}
    digests = {
        hashlib.new(name, word.encode(), usedforsecurity=False).hexdigest()
        for word in written
        for name in _DIGESTS
    }
    return pl.Series(sorted(words | digests))
