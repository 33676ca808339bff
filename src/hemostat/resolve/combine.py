"""Two leaks on the same people: who is in both cases, and what each case adds to the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from hemostat.model import Role
from hemostat.resolve.fingerprints import TRAITS, marks
from hemostat.resolve.names import fold

if TYPE_CHECKING:
    from hemostat.case import Case


_TRAITS = (
    *(trait for trait in TRAITS if trait[0] == "person"),
    ("person", "name and address", ("surname", "given", "address")),
)
"""An address and a name are one person's more often than not; what is exported must be surer than that."""


def exposed(case: Case) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The identity rows of the people of a case, with person_id; and person_id, mask_lo, mask_hi of each person."""
    numbers = case.rows(
        "select evidence_id from evidence where role in (?, ?)", (str(Role.LEAK), str(Role.LOG))
    )
    identity = pl.DataFrame(case.bulk("identity", [number for (number,) in numbers]))
    whose = pl.DataFrame(
        case.query("select record_id, person_id from record_person where person_id is not null")
    )
    people = pl.DataFrame(case.query("select person_id, mask_lo, mask_hi from person order by person_id"))
    return identity.join(whose, on="record_id", maintain_order="left"), people


def shared(first: pl.DataFrame, second: pl.DataFrame, key: bytes) -> pl.DataFrame:
    """first, second: the person ids of whoever is in both cases, each once.

    In: identity rows with person_id of each case. People are compared by keyed fingerprints alone; those whose dates
    of birth differ are two, unless day and month changed places. Whoever shares the most
    kinds of fingerprints comes first.
    """
    one, other = (_marked(rows, key) for rows in (first, second))
    same = pl.col("born") == pl.col("born_second")
    swapped = pl.col("born").dt.strftime("%Y%d%m") == pl.col("born_second").dt.strftime("%Y%m%d")
    pairs = (
        one.join(other, on=["covers", "fingerprint"], suffix="_second")
        .select("covers", first="person_id", second="person_id_second")
        .unique()
        .group_by("first", "second")
        .agg(kinds=pl.len())
        .join(_born(first).rename({"person_id": "first"}), on="first", how="left")
        .join(_born(second).rename({"person_id": "second"}), on="second", how="left", suffix="_second")
        .filter((same | swapped).fill_null(value=True))
        .sort("kinds", "first", "second", descending=[True, False, False])
    )
    once = pairs.unique("first", keep="first", maintain_order=True)
    return once.unique("second", keep="first", maintain_order=True).select("first", "second")


def combined(pairs: pl.DataFrame, first: pl.DataFrame, second: pl.DataFrame) -> dict[tuple[int, int], int]:
    """How many people are in both cases, by what each case shows of them: (mask in first, mask in second).

    In: what `shared` gives; person_id, mask_lo, mask_hi of each case.
    """
    both = pairs.join(first, left_on="first", right_on="person_id").join(
        second, left_on="second", right_on="person_id", suffix="_second"
    )
    counts = both.group_by("mask_lo", "mask_hi", "mask_lo_second", "mask_hi_second").len()
    return {(lo | hi << 64, lo2 | hi2 << 64): count for lo, hi, lo2, hi2, count in counts.iter_rows()}


def _marked(rows: pl.DataFrame, key: bytes) -> pl.DataFrame:
    """person_id, covers, fingerprint; a fingerprint that two people of one case bear tells nobody apart."""
    whose = rows.select("person_id").with_row_index("row")
    # a list of first names in one case, the usual one in the other
    usual = rows.with_columns(fold(rows["first_names"]).str.extract(r"^(\S+)", 1).alias("first_names"))
    told = marks(usual, key, _TRAITS).join(whose, on="row")
    own = told.select("person_id", "covers", "fingerprint").unique()
    return own.filter(pl.len().over("covers", "fingerprint") == 1)


def _born(rows: pl.DataFrame) -> pl.DataFrame:
    """person_id, born: the date of birth of each person whose rows give one alone, and not a stand-in for one."""
    date = pl.col("birth_date")
    vague = (date.dt.day() == 1) & (date.dt.month() == 1)
    return (
        rows.drop_nulls("birth_date")
        .filter(~vague)
        .group_by("person_id")
        .agg(born=date.first(), several=date.n_unique())
        .filter(pl.col("several") == 1)
        .select("person_id", "born")
    )
