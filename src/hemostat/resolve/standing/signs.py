"""What a row says against itself: its NIR against its key, its sex, its birth. Work on the rows that have one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from hemostat.resolve import hashing
from hemostat.resolve.standing.first_names import woman_by_name
from hemostat.resolve.standing.rules import thresholds

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Bools = NDArray[np.bool_]
    Ints = NDArray[np.int32]

COLUMNS = ("record_id", "first_names", "sex", "birth_date", "birth_year", "birth_place", "nir", "nir_key")
"""Columns of table ``identity`` that are read; a missing one counts as empty."""

_SHAPE = r"^[1-478]\d{5}[\dAB]\d{6}(?:\d{2})?$"
_BODY = 13
_NO_YEAR = (1800, 1900, 1901)  # years that registers write for "unknown"
_VAGUE = (101, 1231)  # month and day that stand for "some day of that year"
_WOMEN = (2, 4, 8)
_MONTHS = 12
_PARIS = ("75", "78", "91", "92", "93", "94", "95")
"""Departments redrawn in 1968: the code of birth and today's code of the place may differ."""
_ABROAD = ("96", "97", "98", "99")


def signs(identity: pl.DataFrame, others: pl.DataFrame | None = None) -> pl.DataFrame:
    """A column of booleans for each sign, a row for each row of `identity`; null where it cannot be tested.

    In: rows with COLUMNS; `others`: rows of the patient file, that only help to tell which sex first names tell.
    """
    one = _complete(identity)
    every = one if others is None else pl.concat([one, _complete(others)])
    written = every["nir"]
    shaped = written.str.contains(_SHAPE).fill_null(value=False)
    size = written.str.len_chars()
    shaped &= (size == _BODY) | (size == _BODY + 2)
    first = written.str.slice(0, 1).cast(pl.Int8, strict=False).fill_null(0).to_numpy()
    key = every["nir_key"].cast(pl.Int8).fill_null(-1).to_numpy()
    by_number = np.where(shaped.to_numpy(), np.isin(first, _WOMEN), -1).astype(np.int8)
    stated = every["sex"].replace_strict({"F": 1, "M": 0}, default=-1, return_dtype=pl.Int8).to_numpy()
    own = np.where(stated >= 0, stated, np.where(key == 1, by_number, -1)).astype(np.int8)
    named = woman_by_name(every["first_names"], own)[: one.height]
    rows = np.flatnonzero(shaped.to_numpy()[: one.height])
    told = stated[: one.height]
    sexes = np.where(told >= 0, told, named)[rows]
    found = _of_numbers(one[rows], by_number[rows], sexes, key[rows])
    return pl.DataFrame({name: _spread(held, rows, one.height) for name, held in found.items()})


def _complete(identity: pl.DataFrame) -> pl.DataFrame:
    kinds = {"birth_date": pl.Date, "birth_year": pl.Int32, "nir_key": pl.Boolean, "record_id": pl.Int64}
    return identity.select(
        (pl.col(name) if name in identity.columns else pl.lit(None))
        .cast(kinds.get(name, pl.String))
        .alias(name)
        for name in COLUMNS
    )


def _spread(held: tuple[Bools, Bools], rows: NDArray[np.int64], size: int) -> pl.Series:
    tested, present = held
    state = np.full(size, -1, dtype=np.int8)
    state[rows] = np.where(tested, present, -1)
    return pl.Series(state).replace_strict({1: True, 0: False}, default=None, return_dtype=pl.Boolean)


def _of_numbers(
    rows: pl.DataFrame, by_number: NDArray[np.int8], sexes: NDArray[np.int8], key: NDArray[np.int8]
) -> dict[str, tuple[Bools, Bools]]:
    """For each sign: where it can be tested, and where it shows. All rows have a number shaped like a NIR."""
    digits = rows["nir"].str.slice(1, 4).cast(pl.Int32).to_numpy()
    year, month = digits // 100, digits % 100
    born, exact = _birth(rows)
    born_month, born_day = exact // 100 % 100, exact % 100
    other_year = (born > 0) & (born % 100 != year)
    swapped = (born_day == month) & (born_day > 0)
    other_month = (exact > 0) & (month >= 1) & (month <= _MONTHS) & (born_month != month) & ~swapped
    wrong_birth = other_year | other_month
    wrong_sex = (sexes >= 0) & (sexes != by_number)
    rules = thresholds()
    older = (born % 100 - year) % 100
    parent = other_year & (older >= rules["parent_youngest"]) & (older <= rules["parent_oldest"])
    relative = wrong_birth & (parent | _borne_elsewhere(rows["nir"], (born > 0) & ~wrong_birth & ~wrong_sex))
    whole = np.ones(len(month), dtype=np.bool_)
    no_month = ~(
        ((month >= 1) & (month <= _MONTHS)) | ((month >= 20) & (month <= 42)) | (month >= 50)  # noqa: PLR2004 - Insee
    )
    return {
        "nir_key_wrong": (key >= 0, key == 0),
        "nir_sex": ((sexes >= 0) & ~relative, wrong_sex),
        "nir_birth": ((born > 0) & ~relative, wrong_birth),
        "nir_place": (whole, _wrong_place(rows, born)),
        "nir_month": (whole, no_month),
        "nir_relative": (born > 0, relative),
    }


def _birth(rows: pl.DataFrame) -> tuple[Ints, Ints]:
    """(year or -1, yyyymmdd or -1): the first and last day of a year stand for "some day of that year"."""
    date = rows["birth_date"]
    year = date.dt.year().fill_null(-1).cast(pl.Int32).to_numpy()
    day = (date.dt.month().cast(pl.Int32) * 100 + date.dt.day()).fill_null(0).to_numpy().astype(np.int32)
    unknown = (year < 0) | np.isin(year, _NO_YEAR)
    born = np.where(unknown, rows["birth_year"].fill_null(-1).to_numpy(), year).astype(np.int32)
    exact = np.where(unknown | np.isin(day, _VAGUE), -1, year * 10_000 + day).astype(np.int32)
    return born, exact


def _borne_elsewhere(nir: pl.Series, coherent: Bools) -> Bools:
    """Whether another row, which the number fits, has the same number."""
    body = hashing.of_text(nir.str.slice(0, _BODY))
    return np.isin(body, body[coherent])


def _wrong_place(rows: pl.DataFrame, born: Ints) -> Bools:
    """A department or municipality numbered zero, or another department than that of the row's own birth place."""
    department, commune = rows["nir"].str.slice(5, 2), rows["nir"].str.slice(7, 3)
    impossible = ((department == "00") | (commune == "000")).to_numpy()
    place = rows["birth_place"].str.extract(r"^\s*(\d\d|2[AB])\d{3}\s*$", 1)
    if place.null_count() == len(place):
        return np.asarray(impossible, dtype=np.bool_)
    redrawn = (born < 1968) & place.is_in(_PARIS).fill_null(value=False).to_numpy()  # noqa: PLR2004 - law of 1964
    abroad = (place.is_in(_ABROAD) | department.is_in(_ABROAD)).fill_null(value=True).to_numpy()
    corsica = (
        department.is_in(["20", "2A", "2B"]).to_numpy()
        & place.is_in(["20", "2A", "2B"]).fill_null(value=False).to_numpy()
    )
    other = (place != department).fill_null(value=False).to_numpy()
    return np.asarray(impossible | (other & ~redrawn & ~abroad & ~corsica), dtype=np.bool_)
