"""Rows that an earlier leak already held: by the earlier evidence itself, or by keyed fingerprints of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from hemostat.resolve import hashing
from hemostat.resolve.fingerprints import marks
from hemostat.resolve.names import distinct, fold
from hemostat.resolve.standing.rules import thresholds

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hemostat.resolve.hashing import U64

    Bools = NDArray[np.bool_]

_PHONES = ("phone", "phone2", "phone3")
_MAILS = ("email", "email2")
_FIELDS = ("surname", "first_names", "birth_date", "email", "phone", "postal_address", "postal_code", "city")


@dataclass(frozen=True, slots=True)
class Found:
    """For each row of the leak: whether an earlier leak has the row as it is, and whether it has the person."""

    row: Bools
    person: Bools

    def either(self, other: Found) -> Found:
        """What one or the other found."""
        return Found(self.row | other.row, self.person | other.person)


def nothing(size: int) -> Found:
    """Nothing found, for so many rows."""
    return Found(np.zeros(size, dtype=np.bool_), np.zeros(size, dtype=np.bool_))


def in_evidence(leak: pl.DataFrame, earlier: pl.DataFrame) -> Found:
    """What of the leak is in the rows of an earlier one. In: rows of table ``identity``."""
    if not earlier.height:
        return nothing(leak.height)
    person = np.zeros(leak.height, dtype=np.bool_)
    before = _keys(earlier)
    for name, columns in _keys(leak).items():
        known = np.concatenate(before[name])
        known = known[known != 0]
        for column in columns:
            person |= (column != 0) & np.isin(column, known)
    return Found(_same_rows(leak, earlier), person)


def in_fingerprints(leak: pl.DataFrame, fingerprints: pl.DataFrame, key: bytes) -> Found:
    """What of the leak has its fingerprints in an export. `fingerprints`: kind, covers, fingerprint; `key`: theirs."""
    made = marks(leak, key).join(fingerprints.unique(), on=["kind", "covers", "fingerprint"], how="semi")
    found = nothing(leak.height)
    for kind, held in (("row", found.row), ("person", found.person)):
        held[made.filter(pl.col("kind") == kind)["row"].to_numpy()] = True
    return found


def _keys(rows: pl.DataFrame) -> dict[str, list[U64]]:
    """Hashes that name a person, by what they cover; 0 where a part is missing."""
    birth, used, full = (_words(rows[name]) for name in ("birth_name", "used_name", "full_name"))
    given = _words(rows["first_names"])
    first = _first_word(rows["first_names"])
    names = [np.where((one == 0) | (given == 0), 0, one + given) for one in (birth, used)]
    names.append(np.where((birth == 0) & (used == 0), full, 0))
    born = hashing.of_text(rows["birth_date"].cast(pl.String))
    address = _folded(rows["postal_address"])
    return {
        "nir": [hashing.of_text(rows["nir"].str.slice(0, 13))],
        "birth": [hashing.join(name, born) for name in names],
        "address": [hashing.join(name, address) for name in names],
        "email": [hashing.join(hashing.of_text(rows[column]), first) for column in _MAILS],
        "phone": [hashing.join(hashing.of_text(rows[column]), first) for column in _PHONES],
    }


def _words(names: pl.Series) -> U64:
    """The bag of words of each name as one number: words may stand in any order."""
    numbers, written = distinct(names)
    words = pl.DataFrame({"row": np.arange(len(written)), "word": fold(written)}).with_columns(
        pl.col("word").str.split(" ")
    )
    each = words.explode("word").drop_nulls("word")
    sums = np.zeros(len(written) + 1, dtype=np.uint64)
    np.add.at(sums, each["row"].to_numpy(), hashing.of_text(each["word"]))
    return sums[numbers]


def _first_word(names: pl.Series) -> U64:
    numbers, written = distinct(names)
    return np.append(hashing.of_text(fold(written).str.extract(r"^(\S+)", 1)), np.uint64(0))[numbers]


def _folded(texts: pl.Series) -> U64:
    numbers, written = distinct(texts)
    return np.append(hashing.of_text(fold(written)), np.uint64(0))[numbers]


def _same_rows(leak: pl.DataFrame, earlier: pl.DataFrame) -> Bools:
    """Rows that show every field as an earlier row does, letter for letter, in what both leaks can show."""
    one, before = _fields(leak), _fields(earlier)
    shared = [name for name in _FIELDS if one[name].any() and before[name].any()]
    if len(shared) < thresholds()["row_fields"]:
        return np.zeros(leak.height, dtype=np.bool_)
    filled = np.sum([one[name] != 0 for name in shared], axis=0)
    same = np.isin(
        hashing.digest(*(one[name] for name in shared)), hashing.digest(*(before[name] for name in shared))
    )
    return np.asarray(same & (filled >= thresholds()["row_fields"]), dtype=np.bool_)


def _fields(rows: pl.DataFrame) -> dict[str, U64]:
    texts = rows.select(
        pl.coalesce("birth_name", "used_name", "full_name").alias("surname"),
        *(pl.col(name).cast(pl.String) for name in _FIELDS[1:]),
    )
    return {name: hashing.of_text(texts[name]) for name in _FIELDS}
