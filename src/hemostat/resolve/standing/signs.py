"""What a row says against itself: its NIR against its key, its sex, its birth. Work on the rows that have one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pyarrow as pa

from hemostat.resolve import hashing
from hemostat.resolve.standing.first_names import woman_by_name
from hemostat.resolve.standing.rules import thresholds

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Bools = NDArray[np.bool_]
    Ints = NDArray[np.int32]
    Sexes = NDArray[np.int8]
    Bytes = NDArray[np.uint8]

COLUMNS = ("record_id", "first_names", "sex", "birth_date", "birth_year", "birth_place", "nir", "nir_key")
"""Columns of table ``identity`` that are read; a missing one counts as empty."""

_FIRST = (1, 2, 3, 4, 7, 8)
"""What a NIR may begin with."""
_BODY, _WHOLE = 13, 15  # characters without and with the key
_CORSICA = 6  # the one place that may hold a letter
_LETTERS = (ord("A") - ord("0"), ord("B") - ord("0"))
_NINE = 9
_NO_YEAR = (1800, 1900, 1901)  # years that registers write for "unknown"
_VAGUE = (101, 1231)  # month and day that stand for "some day of that year"
_WOMEN = (2, 4, 8)
_MONTHS = 12
_PARIS = ("75", "78", "91", "92", "93", "94", "95")
"""Departments redrawn in 1968: the code of birth and today's code of the place may differ."""
_ABROAD = ("96", "97", "98", "99")
_CENTURIES = 200_000
"""Days between two birth dates of one world, at most."""
_SOME = 44
"""Bits of a hash left out where the others tell enough."""


def signs(identity: pl.DataFrame, others: pl.DataFrame | None = None) -> pl.DataFrame:
    """A column of booleans for each sign, a row for each row of `identity`; null where it cannot be tested.

    In: rows with COLUMNS; `others`: rows of the patient file, that only help to tell which sex first names tell.
    """
    one = _complete(identity)
    every = one if others is None else pl.concat([one, _complete(others)])
    rows, figures = _figures(every["nir"])
    key = _key(every["nir_key"])
    by_number = np.full(every.height, -1, dtype=np.int8)
    by_number[rows] = _woman(figures[0])
    told = _told(every["sex"])
    own = np.where(told >= 0, told, np.where(key == 1, by_number, -1)).astype(np.int8)
    named = woman_by_name(every["first_names"], own)
    mine = int(np.searchsorted(rows, one.height))
    rows, figures = rows[:mine], figures[:, :mine]
    sexes = np.where(told >= 0, told, named)[rows]
    found = _of_numbers(one if mine == one.height else one[rows], figures, sexes, key[rows])
    return pl.DataFrame({name: _spread(held, rows, one.height) for name, held in found.items()})


def _figures(nir: pl.Series) -> tuple[NDArray[np.int64], Bytes]:
    """The rows whose number is shaped like a NIR, and its figures: a line for each of the 15 places.

    The letters of Corsica are 17 and 18. Without its key, a number has noughts in its place.
    """
    size = nir.str.len_bytes()
    fits = ((size == _BODY) | (size == _WHOLE)) & (size == nir.str.len_chars())
    rows = np.flatnonzero(fits.fill_null(value=False).to_numpy())
    if not len(rows):
        return rows, np.zeros((_WHOLE, 0), dtype=np.uint8)
    whole = nir.filter(fits).str.pad_end(_WHOLE, "0").to_arrow(compat_level=pl.CompatLevel.oldest())
    octets = np.frombuffer(whole.buffers()[2], dtype=np.uint8)[: _WHOLE * len(rows)]
    figures = np.ascontiguousarray(octets.reshape(-1, _WHOLE).T) - np.uint8(ord("0"))
    shaped = np.isin(figures[0], _FIRST)
    for place, figure in enumerate(figures):
        shaped &= (figure <= _NINE) | (np.isin(figure, _LETTERS) if place == _CORSICA else False)
    return (rows, figures) if shaped.all() else (rows[shaped], figures[:, shaped])


def _key(right: pl.Series) -> Sexes:
    """1 the right key, 0 a wrong one, -1 none."""
    return right.cast(pl.Int8).fill_null(-1).to_numpy()


def _woman(first: Bytes) -> Sexes:
    return np.isin(first, _WOMEN).astype(np.int8)


def _told(sex: pl.Series) -> Sexes:
    """1 woman, 0 man, -1 not told."""
    if sex.null_count() == len(sex):
        return np.full(len(sex), -1, dtype=np.int8)
    return sex.replace_strict({"F": 1, "M": 0}, default=-1, return_dtype=pl.Int8).to_numpy()


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
    shows, unknown = np.zeros(size, dtype=np.bool_), np.ones(size, dtype=np.bool_)
    shows[rows], unknown[rows] = present, ~tested
    return pl.Series(pa.array(shows, mask=unknown))


def _of_numbers(
    rows: pl.DataFrame, figures: Bytes, sexes: Sexes, key: Sexes
) -> dict[str, tuple[Bools, Bools]]:
    """For each sign: where it can be tested, and where it shows. All rows have a number shaped like a NIR."""
    year, month = (10 * figures[place].astype(np.int32) + figures[place + 1] for place in (1, 3))
    born, exact = _birth(rows)
    born_month, born_day = exact // 100 % 100, exact % 100
    other_year = (born > 0) & (born % 100 != year)
    swapped = (born_day == month) & (born_day > 0)
    other_month = (exact > 0) & (month >= 1) & (month <= _MONTHS) & (born_month != month) & ~swapped
    wrong_birth = other_year | other_month
    wrong_sex = (sexes >= 0) & (sexes != _woman(figures[0]))
    rules = thresholds()
    older = (born % 100 - year) % 100
    parent = other_year & (older >= rules["parent_youngest"]) & (older <= rules["parent_oldest"])
    coherent = (born > 0) & ~wrong_birth & ~wrong_sex
    relative = wrong_birth & (parent | _borne_elsewhere(rows["nir"], wrong_birth, coherent))
    whole = np.ones(len(month), dtype=np.bool_)
    no_month = ~(
        ((month >= 1) & (month <= _MONTHS)) | ((month >= 20) & (month <= 42)) | (month >= 50)  # noqa: PLR2004 - Insee
    )
    return {
        "nir_key_wrong": (key >= 0, key == 0),
        "nir_sex": ((sexes >= 0) & ~relative, wrong_sex),
        "nir_birth": ((born > 0) & ~relative, wrong_birth),
        "nir_place": (whole, _wrong_place(rows, figures, born)),
        "nir_month": (whole, no_month),
        "nir_relative": (born > 0, relative),
    }


def _birth(rows: pl.DataFrame) -> tuple[Ints, Ints]:
    """(year or -1, yyyymmdd or -1): the first and last day of a year stand for "some day of that year"."""
    day, dates = _dates(rows["birth_date"])
    year = dates.dt.year().cast(pl.Int32).to_numpy()
    in_year = (dates.dt.month().cast(pl.Int32) * 100 + dates.dt.day()).to_numpy()
    unknown = np.isin(year, _NO_YEAR)
    by_date = np.append(np.where(unknown, -1, year), np.int32(-1))
    exact = np.where(unknown | np.isin(in_year, _VAGUE), -1, year * 10_000 + in_year)
    born = by_date[day]
    if rows["birth_year"].null_count() < rows.height:
        born = np.where(born < 0, rows["birth_year"].fill_null(-1).to_numpy(), born)
    return born.astype(np.int32), np.append(exact, np.int32(-1))[day].astype(np.int32)


def _dates(dates: pl.Series) -> tuple[NDArray[np.int32], pl.Series]:
    """Where the date of each row stands among those of a calendar (-1 for null), and that calendar."""
    day = dates.to_physical()
    known = day.drop_nulls().to_numpy()
    if not len(known):
        return np.full(len(day), -1, dtype=np.int32), pl.Series(dtype=pl.Date)
    low, high = int(known.min()), int(known.max())
    if high - low > _CENTURIES:  # some date is absurd: the dates that occur, rather than all between them
        calendar = np.unique(known)
        place = np.searchsorted(calendar, day.fill_null(low).to_numpy())
    else:
        calendar = np.arange(low, high + 1, dtype=np.int32)
        place = day.fill_null(low).to_numpy() - low
    found = np.where(day.is_null().to_numpy(), -1, place).astype(np.int32)
    return found, pl.Series(calendar).cast(pl.Date)


def _borne_elsewhere(nir: pl.Series, wrong: Bools, coherent: Bools) -> Bools:
    """Where `wrong`: whether another row, which the number fits, has the same number."""
    found = np.zeros(len(wrong), dtype=np.bool_)
    if not wrong.any():
        return found
    body = hashing.of_text(nir.str.slice(0, _BODY))
    sought, fitting = body[wrong], body[coherent]
    # few numbers are sought among many: by some of their bits first, which needs no sort
    some = np.zeros(1 << (64 - _SOME), dtype=np.bool_)
    some[sought >> np.uint64(_SOME)] = True
    found[wrong] = np.isin(sought, fitting[some[fitting >> np.uint64(_SOME)]])
    return found


def _wrong_place(rows: pl.DataFrame, figures: Bytes, born: Ints) -> Bools:
    """A department or municipality numbered zero, or another department than that of the row's own birth place."""
    department, commune = figures[5] | figures[6], figures[7] | figures[8] | figures[9]
    impossible = (department == 0) | (commune == 0)
    if rows["birth_place"].null_count() == rows.height:
        return np.asarray(impossible, dtype=np.bool_)
    place = rows["birth_place"].str.extract(r"^\s*(\d\d|2[AB])\d{3}\s*$", 1)
    own = rows["nir"].str.slice(5, 2)
    redrawn = (born < 1968) & place.is_in(_PARIS).fill_null(value=False).to_numpy()  # noqa: PLR2004 - law of 1964
    abroad = (place.is_in(_ABROAD) | own.is_in(_ABROAD)).fill_null(value=True).to_numpy()
    corsica = (
        own.is_in(["20", "2A", "2B"]).to_numpy()
        & place.is_in(["20", "2A", "2B"]).fill_null(value=False).to_numpy()
    )
    other = (place != own).fill_null(value=False).to_numpy()
    return np.asarray(impossible | (other & ~redrawn & ~abroad & ~corsica), dtype=np.bool_)
