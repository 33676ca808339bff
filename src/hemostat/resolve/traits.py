"""Identity rows turned into numbers that can be compared by column: names, dates, NIR, contacts, places, ids."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from hemostat.model import RECORD_BITS
from hemostat.resolve import hashing
from hemostat.resolve.names import Names, distinct, fold, read_names

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hemostat.resolve.hashing import U64

COLUMNS: dict[str, pl.DataType | type[pl.DataType]] = {
    "record_id": pl.Int64,
    "birth_name": pl.String,
    "used_name": pl.String,
    "first_names": pl.String,
    "full_name": pl.String,
    "sex": pl.String,
    "birth_date": pl.Date,
    "birth_year": pl.Int32,
    "birth_place": pl.String,
    "nir": pl.String,
    "nir_key": pl.Boolean,
    "email": pl.String,
    "email2": pl.String,
    "phone": pl.String,
    "phone2": pl.String,
    "phone3": pl.String,
    "postal_address": pl.String,
    "postal_code": pl.String,
    "city": pl.String,
    "internal_id": pl.String,
    "tenant": pl.String,
    "insured_rank": pl.String,
    "id_space": pl.String,
}
"""Columns the kernel reads; a missing one counts as empty. `id_space`: rows whose internal ids mean the same."""

_NO_DATE = (1800, 1900, 1901)  # years that registers write for "unknown"
_ZEROS = (18991230, 18991231, 19040101, 19700101)  # day 0 of spreadsheets and of operating systems
_OFTEN, _TIMES, _SEVERAL = (
    10,
    8,
    20,
)  # rows and times the usual count from which a date fills a gap; dates that tell
_FIRST_DAY, _LAST_DAY = 101, 1231  # month and day
_MONTHS = 12
_BODY = 13  # characters of a NIR without its key


@dataclass(frozen=True, slots=True)
class Traits:
    """What tells n rows apart. Keys are hashes (0: missing); small integers are -1 where missing."""

    surname: NDArray[np.int32]
    surname2: NDArray[np.int32]
    given: NDArray[np.int32]
    unordered: NDArray[np.bool_]
    woman: NDArray[np.int8]
    """1 woman, 0 man, -1 not said."""
    birth: NDArray[np.int32]
    """Birth date as yyyymmdd; -1 when unknown, or when only its year counts."""
    year: NDArray[np.int32]
    """Birth year where only the year counts; -1 otherwise."""
    filler: NDArray[np.bool_]
    """The birth date comes out of all proportion: somebody's maybe, but more often what filled a gap."""
    nir: U64
    coherent: NDArray[np.int8]
    """1: the NIR says the row's own sex and birth; 0: it contradicts them; -1: nothing to compare."""
    nir_right: NDArray[np.int8]
    """1: a key, and right; 0: wrong; -1: no key."""
    nir_month: NDArray[np.int16]
    """Birth year (last two digits) and month by a NIR that neither its row nor its key contradicts; -1."""
    email: U64
    email2: U64
    phone: U64
    phone2: U64
    phone3: U64
    address: U64
    street: U64
    postcode: U64
    city: U64
    area: U64
    birth_place: U64
    id: U64
    rank: U64
    source: NDArray[np.int32]
    """Evidence the row comes from."""

    def __len__(self) -> int:
        """How many rows."""
        return len(self.surname)

    def take(self, rows: NDArray[np.integer]) -> Traits:
        """The traits of some rows, in that order."""
        arrays = (getattr(self, each.name) for each in fields(self))
        # columns nobody filled take no memory
        return Traits(
            *(np.take(held, rows) if held.any() else np.zeros(len(rows), held.dtype) for held in arrays)
        )

    def digest(self) -> U64:
        """A hash of all traits: equal where nothing tells two rows apart.

        Where a row stands says nothing of whom it speaks; what follows from other traits is left out.
        """
        small = (self.woman + 1) | ((self.nir_right + 1) << 2) | (self.unordered.astype(np.int8) << 4)
        names = _side_by_side(self.surname, self.surname2), _side_by_side(self.given, self.birth)
        parts = [*names, _side_by_side(self.year, small)]
        for name in _OWN_KEYS:
            held = getattr(self, name)
            if held.any():
                parts.append(held)
        return hashing.digest(*parts)


_OWN_KEYS = ("nir", "email", "email2", "phone", "phone2", "phone3", "address", "postcode", "city", "birth_place",
             "id", "rank", "street")  # fmt: skip


def _side_by_side(high: NDArray[np.integer], low: NDArray[np.integer]) -> U64:
    """Two columns of 32 bits as one of 64."""
    both: U64 = high.astype(np.uint32).astype(np.uint64)
    both <<= np.uint64(32)
    both |= low.astype(np.uint32)
    return both


@dataclass(frozen=True, slots=True)
class Texts:
    """Columns as written, looked up only for the few rows whose letters are compared."""

    frame: pl.DataFrame
    rows: NDArray[np.int64]
    """Row of the frame that stands for each row of the traits."""

    def of(self, column: str, rows: NDArray[np.integer]) -> pl.Series:
        """What a column holds in some rows."""
        return self.frame[column].gather(self.rows[rows])


def complete(identity: pl.DataFrame) -> pl.DataFrame:
    """The same rows with every column of COLUMNS and nothing else, empty texts made null."""
    present = set(identity.columns)
    frame = identity.select(
        (pl.col(name).cast(kind) if name in present else pl.lit(None, dtype=kind)).alias(name)
        for name, kind in COLUMNS.items()
    )
    # empty texts are rare: columns without any are not copied
    empty = [
        name
        for name, kind in COLUMNS.items()
        if kind == pl.String and frame[name].null_count() < frame.height and (frame[name] == "").any()
    ]
    return frame.with_columns(pl.col(empty).replace("", None)) if empty else frame


def _fillers(date: NDArray[np.int32]) -> NDArray[np.int32]:
    """Dates (yyyymmdd) that come far more often than others of their year, and than their day in other years."""
    held, counts = np.unique(date[date >= 0], return_counts=True)
    often = np.flatnonzero(counts >= _OFTEN)
    found = []
    for at in often[counts[often] >= _TIMES * np.median(counts)] if len(often) else ():
        year, day = counts[held // 10_000 == held[at] // 10_000], counts[held % 10_000 == held[at] % 10_000]
        usual = [float(np.median(near)) for near in (year, day, counts) if len(near) >= _SEVERAL]
        if not usual:
            break
        if counts[at] >= _TIMES * max(usual):
            found.append(held[at])
    return np.array(found, dtype=np.int32)


def _birth(identity: pl.DataFrame) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
    """(yyyymmdd or -1, year or -1): the first and last day of a year stand for "some day of that year".

    The days that computers write for "no date" are none.
    """
    date = identity["birth_date"]
    year = date.dt.year().fill_null(-1).cast(pl.Int32).to_numpy()
    day = (date.dt.month().cast(pl.Int32) * 100 + date.dt.day()).fill_null(0).to_numpy().astype(np.int32)
    whole = np.where(year < 0, -1, year * 10_000 + day).astype(np.int32)
    unknown = (year < 0) | np.isin(year, _NO_DATE) | np.isin(whole, _ZEROS)
    vague = (day == _FIRST_DAY) | (day == _LAST_DAY)
    told = identity["birth_year"].fill_null(-1).to_numpy()
    only_year = np.where(unknown, told, np.where(vague, year, -1)).astype(np.int32)
    return np.where(unknown | vague, -1, year * 10_000 + day).astype(np.int32), only_year


def _nir(
    identity: pl.DataFrame, woman: NDArray[np.int8], birth: NDArray[np.int32], year: NDArray[np.int32]
) -> tuple[U64, NDArray[np.int8], NDArray[np.int8], NDArray[np.int16]]:
    """Hash of the 13 characters, coherence with the row, state of the key, year and month.

    What is no NIR is kept as an identifier.
    """
    written = identity["nir"]
    body = written.str.slice(0, _BODY)
    shaped = (
        written.str.contains(r"^[1-478]\d{5}[\dAB]\d{6}(?:\d{2})?$")
        & written.str.len_chars().is_in([_BODY, _BODY + 2])
    ).fill_null(value=False)
    shaped_rows = shaped.to_numpy()
    digits = body.str.slice(0, 5).cast(pl.Int32, strict=False).fill_null(0).to_numpy()
    sex, nir_year, month = digits // 10_000, digits // 100 % 100, digits % 100
    whole_year = np.where(birth >= 0, birth // 10_000, year)
    own_month = np.where(birth >= 0, birth // 100 % 100, -1)
    known_sex, known_year = woman >= 0, whole_year >= 0
    known_month = (own_month > 0) & (month >= 1) & (month <= _MONTHS)
    wrong_sex = known_sex & (np.isin(sex, (2, 4, 8)) != (woman == 1))
    wrong = wrong_sex | (known_year & (whole_year % 100 != nir_year)) | (known_month & (own_month != month))
    coherent = np.where(wrong, 0, np.where(known_year, 1, -1)).astype(np.int8)
    coherent[~shaped_rows] = -1
    right = identity["nir_key"].cast(pl.Int8).fill_null(-1).to_numpy().copy()
    right[~shaped_rows] = -1
    told = shaped_rows & (coherent != 0) & (right != 0) & (month >= 1) & (month <= _MONTHS)
    when = np.where(told, nir_year * 100 + month, -1).astype(np.int16)
    shaped_body = pl.select(pl.when(shaped).then(body).otherwise(written)).to_series()
    return hashing.of_text(shaped_body), coherent, right, when


def _email(written: pl.Series) -> U64:
    """Hash of an e-mail address, a `+tag` before the @ left out."""
    tagged = written.str.contains("+", literal=True)
    if tagged.any():
        written = pl.select(
            pl.when(tagged).then(written.str.replace(r"\+[^@]*@", "@")).otherwise(written)
        ).to_series()
    return hashing.of_text(written)


def _place(written: pl.Series) -> U64:
    """Hash of a folded place; work on distinct values."""
    if written.null_count() == len(written):
        return np.zeros(len(written), dtype=np.uint64)
    numbers, places = distinct(written)
    return np.append(hashing.of_text(fold(places)), np.uint64(0))[numbers]


def _postcode(written: pl.Series) -> tuple[U64, U64]:
    """Hashes of postcodes and of the areas they begin with; work on distinct values."""
    if written.null_count() == len(written):
        nowhere = np.zeros(len(written), dtype=np.uint64)
        return nowhere, nowhere
    numbers, codes = distinct(written)
    whole, area = fold(codes), codes.str.extract(r"^(\w\w)\w{3}$", 1)
    postcode, first = (
        np.append(hashing.of_text(part), np.uint64(0))[numbers] for part in (whole, fold(area))
    )
    return postcode, first


def read_traits(identity: pl.DataFrame) -> tuple[Traits, Names]:
    """The traits of every row of a completed identity frame, and the vocabulary of its names."""
    names = read_names(identity)
    sex = identity["sex"]
    woman = (sex == "F").cast(pl.Int8).set((~sex.is_in(["F", "M"])).fill_null(value=True), -1)
    sexes = woman.fill_null(-1).to_numpy()
    birth, year = _birth(identity)
    nir, coherent, right, nir_month = _nir(identity, sexes, birth, year)
    street = hashing.of_text(identity["postal_address"].str.to_uppercase())
    (postcode, area), city = _postcode(identity["postal_code"]), _place(identity["city"])
    # the same street and number exist in many towns
    town = np.where(postcode != 0, postcode, city)
    address = np.where(street == 0, 0, hashing.digest(street, town))
    internal = hashing.of_text(identity["internal_id"])
    space = hashing.digest(hashing.of_text(identity["id_space"]), hashing.of_text(identity["tenant"]))
    found = Traits(
        surname=names.surname,
        surname2=names.surname2,
        given=names.given,
        unordered=names.unordered,
        woman=sexes,
        birth=birth,
        year=year,
        filler=np.isin(birth, _fillers(birth)),
        nir=nir,
        coherent=coherent,
        nir_right=right,
        nir_month=nir_month,
        email=_email(identity["email"]),
        email2=_email(identity["email2"]),
        phone=hashing.of_text(identity["phone"]),
        phone2=hashing.of_text(identity["phone2"]),
        phone3=hashing.of_text(identity["phone3"]),
        address=address,
        street=street,
        postcode=postcode,
        city=city,
        area=area,
        birth_place=_place(identity["birth_place"]),
        id=np.where(internal == 0, 0, hashing.digest(internal, space)),
        rank=hashing.of_text(identity["insured_rank"]),
        source=(identity["record_id"] // (1 << RECORD_BITS)).cast(pl.Int32).to_numpy(),
    )
    return found, names
