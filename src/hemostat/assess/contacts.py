"""Where each person can be reached, and under which name: chosen among their rows, whatever the order of the rows.

By columns, and row by row only for the few people who have several: through SQL the same choice costs six times more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hemostat.case import Case

MOBILE = r"^(?:\+33[67]|\+262(?:69|639)|\+59[046]69)"
"""Numbers that take SMS: mobiles of France and overseas (Arcep, numbering plan)."""
MAILBOX = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"
WAYS = ("email", "mobile", "street", "postal_code", "city")
NAMES = ("name", "first_names", "full_name")
_NEEDED = ("email", "email2", "phone", "phone2", "postal_address", "postal_code", "city")
_NAMING = ("used_name", "birth_name", "first_names", "full_name")

_OWNERS = """
select p.person_id, p.record_id, r.print_hi from record_person p join record r using (record_id)
where p.person_id is not null
"""
_PEOPLE = """
select p.person_id, p.mask_lo, p.mask_hi, p.patient_record, coalesce(f.minor, false) as minor,
  coalesce(f.deceased, false) as deceased, coalesce(f.protected, false) as protected
from person p left join person_flag f using (person_id) order by p.person_id
"""


def contacts(case: Case, *, names: bool = False, signs: bool = False) -> pl.DataFrame:
    """One row per person, in order: what routing reads of them, their contacts, and their names when asked for.

    The controller's own file comes first: it is kept up to date. ``family_email``: the mailbox is one that this file
    gives to several people, whether or not the others leaked. With ``signs``, e-mail and mobile are numbers that tell
    them apart, and the parts of the address say only that they are there: all that routing needs, at half the cost.
    """
    people = pl.DataFrame(case.query(_PEOPLE))
    owners = pl.DataFrame(case.query(_OWNERS))
    columns = (*_NEEDED, *(_NAMING if names else ()))
    rows = _said(_rows(case, ("leak", "log"), columns), signs=signs)
    found = people.join(_chosen(rows, owners), on="person_id", how="left")
    filed = people["patient_record"].drop_nulls()
    if filed.is_empty():
        return found.with_columns(family_email=pl.lit(value=False))
    held = _rows(case, ("patients",), tuple(dict.fromkeys((*columns, "first_names", "birth_date"))))
    who = ("first_names", "birth_date")
    family = (
        _said(held.select("record_id", *_NEEDED, *who), *who, signs=signs)
        .drop_nulls("email")
        .group_by("email")
        .agg(people=pl.struct("first_names", "birth_date").n_unique())
        .filter(pl.col("people") > 1)["email"]
    )
    own = _said(held.filter(pl.col("record_id").is_in(filed.implode())), signs=signs)
    both = found.join(own, left_on="patient_record", right_on="record_id", how="left", suffix="_filed")
    with_street = pl.col("street_filed").is_not_null()
    return both.with_columns(
        pl.when(with_street).then(pl.col(f"{name}_filed")).otherwise(pl.col(name)).alias(name)
        if name in ("postal_code", "city")
        else pl.coalesce(f"{name}_filed", name).alias(name)
        for name in (*WAYS, *NAMES[:-1])
        if name in own.columns
    ).select(*found.columns, family_email=pl.col("email").is_in(family.implode()).fill_null(value=False))


def _rows(case: Case, roles: Sequence[str], columns: Sequence[str]) -> pl.DataFrame:
    """The identities of evidence in these roles: record_id and these columns."""
    listed = ", ".join(f"'{role}'" for role in roles)
    numbers = [
        number
        for (number,) in case.rows(f"select evidence_id from evidence where role in ({listed}) order by 1")  # noqa: S608 - own words
    ]
    return pl.DataFrame(case.bulk("identity", numbers, ("record_id", *columns)))


def _said(rows: pl.DataFrame, *more: str, signs: bool) -> pl.DataFrame:
    """What each row says: contacts and, when their columns are there, names. A mailbox that is none is missing."""
    made = rows.select(
        "record_id",
        *more,
        pl.coalesce(_that("email", MAILBOX), _that("email2", MAILBOX)).alias("email"),
        pl.coalesce(_that("phone", MOBILE), _that("phone2", MOBILE)).alias("mobile"),
        pl.col("postal_address").alias("street"),
        "postal_code",
        "city",
        *(
            (pl.coalesce("used_name", "birth_name").alias("name"), "first_names", "full_name")
            if "used_name" in rows.columns
            else ()
        ),
    )
    if not signs:
        return made
    there = [pl.when(pl.col(name).is_not_null()).then(pl.lit(value=True)).alias(name) for name in WAYS[2:]]
    return made.with_columns(_number("email"), _number("mobile"), *there)


def _that(column: str, form: str) -> pl.Expr:
    return pl.when(pl.col(column).str.contains(form)).then(pl.col(column))


def _number(column: str) -> pl.Expr:
    return pl.when(pl.col(column).is_not_null()).then(pl.col(column).hash()).alias(column)


def _chosen(rows: pl.DataFrame, owners: pl.DataFrame) -> pl.DataFrame:
    """One row per person_id: of several rows, the first that says something, in the order of their prints."""
    held = rows.join(owners, on="record_id", how="inner").drop("record_id")
    alone = pl.col("person_id").is_unique()
    beside = {"street": "postal_code", "postal_code": "street", "city": "street"}
    first = [
        _first(name, beside[name]) if name in beside else pl.col(name).drop_nulls().first()
        for name in (*WAYS, *NAMES)
        if name in rows.columns
    ]
    several = held.filter(~alone).sort("person_id", "print_hi")
    chosen = several.group_by("person_id", maintain_order=True).agg(first)
    return pl.concat([held.filter(alone).select(chosen.columns), chosen])


def _first(column: str, beside: str) -> pl.Expr:
    """The first value that another stands beside, so that an address stays in one piece; else the first."""
    value = pl.col(column)
    whole = value.filter(value.is_not_null() & pl.col(beside).is_not_null()).first()
    return pl.coalesce(whole, value.drop_nulls().first()).alias(column)
