"""Who is written to, and how: one row per person, by columns. Routing is pure; what it reads comes from the case."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from hemostat.notify.wording import CALLED_FIRST, intimate_mask
from hemostat.rules import categories, mask_of
from hemostat.rules.categories import WORD

if TYPE_CHECKING:
    from hemostat.case import Case

_MOBILE = "'(\\+336|\\+337|\\+262|\\+590|\\+594|\\+596).*'"
"""Numbers that take SMS: mobiles of France, and overseas."""

_TRAITS = f"""
  arg_min(coalesce(used_name, birth_name), print_hi) as name,
  arg_min(first_names, print_hi) as first_names,
  arg_min(full_name, print_hi) as full_name,
  arg_min(coalesce(email, email2), print_hi) as email,
  coalesce(min(phone) filter (phone similar to {_MOBILE}), min(phone2) filter (phone2 similar to {_MOBILE})) as mobile,
  arg_min(postal_address, (postal_code is null, print_hi)) as street,
  arg_min(postal_code, (postal_address is null, print_hi)) as postal_code,
  arg_min(city, (postal_address is null, print_hi)) as city
"""

_ROWS = """
select p.person_id, i.*, r.print_hi
from record_person p join identity i using (record_id) join record r using (record_id)
where p.person_id is not null
"""

_PEOPLE = f"""
with one as ({_ROWS}), said as (select person_id, {_TRAITS} from one group by person_id)
select p.person_id, p.mask_lo, p.mask_hi, coalesce(f.used_name, f.birth_name, s.name) as name,
  coalesce(f.first_names, s.first_names) as first_names, s.full_name,
  coalesce(f.email, s.email) as email, s.mobile,
  coalesce(f.postal_address, s.street) as street,
  case when f.postal_address is null then s.postal_code else f.postal_code end as postal_code,
  case when f.postal_address is null then s.city else f.city end as city,
  coalesce(v.minor, false) as minor, coalesce(v.deceased, false) as deceased
from person p left join said s using (person_id) left join person_severity v using (person_id)
left join identity f on f.record_id = p.patient_record
order by p.person_id
"""  # noqa: S608 - own text

_BY_TENANT = f"""
with one as ({_ROWS}), said as (
  select coalesce(tenant, ?) as tenant, person_id, {_TRAITS} from one group by all
)
select s.*, coalesce(v.minor, false) as minor, coalesce(v.deceased, false) as deceased
from said s left join person_severity v using (person_id)
"""  # noqa: S608 - own text

KEY = ("mask_lo", "mask_hi", "channel", "minor", "fallback")
"""Letters with the same key say the same, but for the name, the code and the two words."""


def recipients(case: Case, *, remarks_reviewed: bool, mailbox_unsafe: bool) -> pl.DataFrame:
    """Every person of the case, with the channel by which they are written to and the next one, or why by a human."""
    return route(
        pl.DataFrame(case.query(_PEOPLE)), remarks_reviewed=remarks_reviewed, mailbox_unsafe=mailbox_unsafe
    )


def traits_by_tenant(case: Case, nobody: str) -> pl.DataFrame:
    """How each controller's own rows name and reach each person: what another controller knows stays with it."""
    return pl.DataFrame(case.query(_BY_TENANT, (nobody,)))


def route(people: pl.DataFrame, *, remarks_reviewed: bool, mailbox_unsafe: bool) -> pl.DataFrame:
    """Adds `channel` (email, sms, post, none), `reason` and `fallback`. Pure.

    The first that holds: nobody writes to the dead; a human calls first where danger or distress stands in the record;
    remarks go by post once reviewed; intimate data by post; a contact that several people share is not used, nor the
    mailbox whose password leaked; then e-mail, SMS, post.
    """
    masks = people.with_columns(pl.col("mask_lo", "mask_hi").cast(pl.UInt64))
    shared = {name: masks[name].is_not_null() & masks[name].is_duplicated() for name in ("email", "mobile")}
    found = masks.with_columns(
        shared_contact=shared["email"] | shared["mobile"],
        by_email=masks["email"].str.contains(r"^[^@\s]+@[^@\s]+\.[^@\s]+$").fill_null(value=False)
        & ~shared["email"],
        by_sms=masks["mobile"].is_not_null() & ~shared["mobile"],
        by_post=(
            masks["street"].is_not_null() & (masks["postal_code"].is_not_null() | masks["city"].is_not_null())
        ),
    )
    opened = _all(["password", "email"]) | pl.lit(mailbox_unsafe)
    email = pl.col("by_email") & ~opened
    remarks = _any([str(rule.id) for rule in categories() if rule.group == "remarks"])
    intimate = _any_mask(intimate_mask())
    post_first = intimate | pl.col("minor")
    held = (
        pl.when(pl.col("deceased"))
        .then(pl.lit("deceased"))
        .when(_any(CALLED_FIRST))
        .then(pl.lit("call_first"))
        .when(pl.col("minor") & intimate)
        .then(pl.lit("minor_confidential"))
        .when(remarks & pl.lit(not remarks_reviewed))
        .then(pl.lit("remarks_not_reviewed"))
        .when(remarks & ~pl.col("by_post"))
        .then(pl.lit("no_address"))
        .when(~(email | pl.col("by_sms") | pl.col("by_post")))
        .then(pl.lit("no_contact"))
    )
    ways = [
        pl.when(held.is_not_null()).then(None).when(condition).then(pl.lit(way))
        for condition, way in (
            (pl.col("by_post") & (post_first | remarks), "post"),
            (email & ~remarks, "email"),
            (pl.col("by_sms") & ~remarks, "sms"),
            (pl.col("by_post"), "post"),
        )
    ]
    ordered = pl.concat_list(ways).list.drop_nulls().list.unique(maintain_order=True)
    return (
        found.with_columns(reason=held, ways=ordered)
        .with_columns(
            channel=pl.col("ways").list.get(0, null_on_oob=True).fill_null("none"),
            fallback=pl.col("ways").list.get(1, null_on_oob=True),
        )
        .drop("ways", "by_email", "by_sms", "by_post")
    )


def _any(names: tuple[str, ...] | list[str]) -> pl.Expr:
    low, high = mask_of(names)
    return ((pl.col("mask_lo") & low) != 0) | ((pl.col("mask_hi") & high) != 0)


def _any_mask(mask: int) -> pl.Expr:
    low, high = mask & ((1 << WORD) - 1), mask >> WORD
    return ((pl.col("mask_lo") & low) != 0) | ((pl.col("mask_hi") & high) != 0)


def _all(names: list[str]) -> pl.Expr:
    low, high = mask_of(names)
    return ((pl.col("mask_lo") & low) == low) & ((pl.col("mask_hi") & high) == high)


def shown_name(name: str | None, first_names: str | None, full_name: str | None) -> str:
    """A person's name as a letter writes it: first name, then name; capitals undone.

    >>> shown_name("D'ANGELO", "marie odile", None)
    "Marie Odile D'Angelo"
    """
    parts = [first_names, name] if name else [full_name or first_names]
    whole = " ".join(" ".join(part.split()) for part in parts if part)
    return " ".join(word.title() if word.isupper() or word.islower() else word for word in whole.split(" "))
