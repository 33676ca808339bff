"""What people and programs write where there is nothing: never counted as data."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from hemostat.detect.digits import MARGINS
from hemostat.rules import rows

if TYPE_CHECKING:
    import numpy.typing as npt

    from hemostat.detect.digits import Bools

    Words = npt.NDArray[np.uint64]

_HEAD = np.uint64(48)


@cache
def forms() -> tuple[str, ...]:
    """Every spelling of a placeholder met in any column: as written, lower, upper, capitalised, and blanks."""
    found = {" " * n for n in range(1, 9)} | {"\t", "\u00a0", "\r"}
    for row in rows("placeholders", "placeholder", {"id": str, "forms": list}):
        if "fields" in row:
            continue
        for form in row["forms"]:
            found |= _spellings(form)
    return tuple(sorted(found))


@cache
def field_forms(field: str) -> tuple[str, ...]:
    """Placeholders of one field alone: « sans adresse » is none in a comment."""
    listed = rows("placeholders", "placeholder", {"id": str, "forms": list})
    return tuple(
        sorted(
            {
                s
                for row in listed
                if field in row.get("fields", ())
                for form in row["forms"]
                for s in _spellings(form)
            }
        )
    )


def _spellings(form: str) -> set[str]:
    cased = {form, form.lower(), form.upper(), form.capitalize(), form.title()}
    return cased | {text + " " for text in cased} | {" " + text for text in cased}


@cache
def _hashes(seed: int, field: str | None) -> tuple[Words, Bools]:
    """Sorted hashes of all placeholders, and which first 16 bits some of them have."""
    names = forms() if field is None else (*forms(), *field_forms(field))
    hashes = np.unique(pl.Series(names, dtype=pl.String).hash(seed).to_numpy())
    heads = np.zeros(1 << 16, dtype=np.bool_)
    heads[hashes >> _HEAD] = True
    return hashes, heads


def among(hashes: pl.Series, seed: int, field: str | None = None) -> Bools:
    """Which values are placeholders, by their hashes under ``seed`` (two nanoseconds a value); null is none.

    >>> among(pl.Series(["NULL", "Null ", "Martin"]).hash(7), 7).tolist()
    [True, True, False]
    """
    known, heads = _hashes(seed, field)
    words = hashes.to_numpy()
    found = heads[words >> _HEAD]
    likely = np.flatnonzero(found)
    found[likely] = np.isin(words[likely], known)
    return np.asarray(found)


def without(values: pl.Series, field: str | None = None) -> pl.Series:
    """The values that are not placeholders, trimmed, without nulls and without blanks."""
    kept = values.drop_nulls().str.strip_chars(MARGINS)
    kept = kept.filter(kept.str.len_bytes() > 0)
    return kept.filter(~pl.Series(among(kept.hash(0), 0, field), dtype=pl.Boolean))
