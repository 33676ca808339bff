"""Keyed fingerprints of rows and people, by which a later leak of the same controller is compared with this one.

They let old stolen data be destroyed: what is kept says, to who holds the controller's key, whether a row or a person
was there before, and nothing to anyone else. Without the key a fingerprint of an identifier of low entropy would be
guessed in hours, so a plain hash is never written. HMAC-SHA-256 (RFC 2104) cut to 128 bits.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

import polars as pl

from hemostat.resolve.names import fold

if TYPE_CHECKING:
    from collections.abc import Sequence

_UNIT = "\x1f"
_OCTETS = 16

TRAITS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("row", "whole", ("surname", "given", "birth_date", "nir", "email", "phone", "address", "postal_code")),
    ("person", "nir", ("nir",)),
    ("person", "name and birth date", ("surname", "given", "birth_date")),
    ("person", "e-mail and first name", ("email", "given")),
    ("person", "phone and first name", ("phone", "given")),
)
"""Kind, what it covers, columns. A person's fingerprint is made where all its columns hold; a row's always."""


def fingerprints(identity: pl.DataFrame, key: bytes) -> pl.DataFrame:
    """Distinct fingerprints of identity rows (columns of table ``identity``), sorted, so that their order says nothing.

    Gives kind (row or person), covers, fingerprint (32 hexadecimal digits).
    """
    return marks(identity, key).drop("row").unique().sort("kind", "covers", "fingerprint")


def marks(
    identity: pl.DataFrame, key: bytes, traits: Sequence[tuple[str, str, tuple[str, ...]]] = TRAITS
) -> pl.DataFrame:
    """Which row bears which fingerprints: row (place in `identity`), kind, covers, fingerprint."""
    told = pl.DataFrame(
        {
            "surname": fold(
                identity["birth_name"].fill_null(identity["used_name"]).fill_null(identity["full_name"])
            ),
            "given": fold(identity["first_names"]),
            "birth_date": identity["birth_date"].cast(pl.String),
            "nir": identity["nir"].str.slice(0, 13),
            "email": identity["email"],
            "phone": identity["phone"],
            "address": fold(identity["postal_address"]),
            "postal_code": identity["postal_code"],
        }
    ).with_row_index("row")
    return pl.concat([_of(told, kind, covers, columns, key) for kind, covers, columns in traits])


def _of(told: pl.DataFrame, kind: str, covers: str, columns: Sequence[str], key: bytes) -> pl.DataFrame:
    held = [pl.col(name).is_not_null() for name in columns]
    chosen = told.filter(pl.any_horizontal(held) if kind == "row" else pl.all_horizontal(held))
    texts = chosen.select(
        "row", text=pl.concat_str(pl.col(columns).fill_null(""), separator=_UNIT).cast(pl.String)
    )
    label = f"{kind}{_UNIT}{covers}{_UNIT}"
    once = texts["text"].unique()
    made = [hmac.digest(key, (label + text).encode(), "sha256")[:_OCTETS].hex() for text in once]
    known = pl.DataFrame({"text": once, "fingerprint": pl.Series(made, dtype=pl.String)})
    return texts.join(known, on="text").select(
        "row", kind=pl.lit(kind), covers=pl.lit(covers), fingerprint="fingerprint"
    )
