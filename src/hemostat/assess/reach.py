"""How each person can be reached, and by whom: by columns. Routing is pure; what it reads comes from the case."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import polars as pl

from hemostat.assess.combination import whole_mask
from hemostat.assess.said import latest
from hemostat.rules import categories, mask_of
from hemostat.rules.categories import WORD

if TYPE_CHECKING:
    from hemostat.case import Case

TOPIC = "letter"
"""The topic under which people answer what routing depends on: ``remarks_reviewed``, ``mailbox_unsafe``."""
CALLED_FIRST = ("remark_violence", "remark_suicide")
"""Categories whose person is called by a human before anything is written."""
REASONS = ("deceased", "call_first", "minor_confidential", "remarks_not_reviewed", "no_address", "no_contact")
"""Why no letter leaves by itself, in the order in which they are looked at."""

MOBILE = r"'(\+33[67]|\+262(69|639)|\+59[046]69).*'"
"""Numbers that take SMS: mobiles of France and overseas (Arcep, numbering plan)."""

TRAITS = f"""
  arg_min(coalesce(email, email2), print_hi) as email,
  coalesce(min(phone) filter (phone similar to {MOBILE}), min(phone2) filter (phone2 similar to {MOBILE})) as mobile,
  arg_min(postal_address, (postal_code is null, print_hi)) as street,
  arg_min(postal_code, (postal_address is null, print_hi)) as postal_code,
  arg_min(city, (postal_address is null, print_hi)) as city
"""
"""Where to reach a person, chosen among their rows so that the order of rows changes nothing."""

ROWS = """
select p.person_id, i.*, r.print_hi
from record_person p join identity i using (record_id) join record r using (record_id)
where p.person_id is not null
"""

CONTACTS = f"""
  coalesce(f.email, s.email) as email,
  case when f.phone similar to {MOBILE} then f.phone when f.phone2 similar to {MOBILE} then f.phone2 else s.mobile end
    as mobile,
  coalesce(f.postal_address, s.street) as street,
  case when f.postal_address is null then s.postal_code else f.postal_code end as postal_code,
  case when f.postal_address is null then s.city else f.city end as city,
  coalesce(coalesce(f.email, s.email) in (select email from family), false) as family_email
"""  # noqa: S608 - own text
"""The controller's own file comes first: it is kept up to date."""

FAMILY = """
family as (
  select email from identity join record using (record_id) join evidence using (evidence_id)
  where role = 'patients' and email is not null
  group by email having count(distinct (first_names, birth_date)) > 1
)
"""
"""Mailboxes that the controller's own file gives to several people, whether or not the others leaked."""

_PEOPLE = f"""
with {FAMILY}, one as ({ROWS}), said as (select person_id, {TRAITS} from one group by person_id)
select p.person_id, p.mask_lo, p.mask_hi, {CONTACTS},
  coalesce(v.minor, false) as minor, coalesce(v.deceased, false) as deceased,
  coalesce(v.protected, false) as protected
from person p left join said s using (person_id) left join person_severity v using (person_id)
left join identity f on f.record_id = p.patient_record
order by p.person_id
"""  # noqa: S608 - own text


@cache
def intimate_mask() -> int:
    """The categories never named by e-mail or SMS, as one mask."""
    return whole_mask(str(rule.id) for rule in categories() if rule.intimate)


def answers(case: Case) -> dict[str, bool]:
    """What people answered that routing depends on."""
    said = latest(case, TOPIC)
    return {
        name: name in said and said[name].value == "yes" for name in ("remarks_reviewed", "mailbox_unsafe")
    }


def reach(case: Case) -> pl.DataFrame:
    """Table `person_reach`: person_id, channel, reason, and the ways left in their order, separated by spaces."""
    people = pl.DataFrame(case.query(_PEOPLE))
    return route(people, **answers(case)).select(
        "person_id", pl.col("ways").list.first().fill_null("none").alias("channel"), "reason", ways_text()
    )


def ways_text() -> pl.Expr:
    """The list of ways as it is kept."""
    return pl.col("ways").list.join(" ").alias("ways")


def route(people: pl.DataFrame, *, remarks_reviewed: bool, mailbox_unsafe: bool) -> pl.DataFrame:
    """Adds how each person is told: `ways`, `channel`, `reason`, `fallback`, `brief`, `together`. Pure.

    `ways` is a list; `channel` the first of them, or none when a human handles the person for a `reason`.
    The first that holds: nobody writes to the dead; a human calls first where danger or distress stands in the record;
    remarks go by post once reviewed; intimate data, minors and protected adults by post first; a contact that several
    people share is not used, nor the mailbox whose password leaked; then e-mail, SMS, post. Those who can be reached
    by a shared contact alone get one `brief` message that names nobody and no data: `together` is the person by whose
    message they are told.
    """
    masks = people.with_columns(
        pl.col("mask_lo", "mask_hi").cast(pl.UInt64),
        by_email=pl.col("email").str.contains(r"^[^@\s]+@[^@\s]+\.[^@\s]+$").fill_null(value=False),
        by_sms=pl.col("mobile").is_not_null(),
        by_post=pl.col("street").is_not_null()
        & (pl.col("postal_code").is_not_null() | pl.col("city").is_not_null()),
    )
    shared = {name: masks[name].is_not_null() & masks[name].is_duplicated() for name in ("email", "mobile")}
    family = masks["family_email"] if "family_email" in masks.columns else pl.lit(value=False)
    found = masks.with_columns(shared_email=shared["email"] | family, shared_mobile=shared["mobile"])
    opened = _all(["password", "email"]) | pl.lit(mailbox_unsafe)
    email = pl.col("by_email") & ~pl.col("shared_email") & ~opened
    sms = pl.col("by_sms") & ~pl.col("shared_mobile")
    remarks = _any([str(rule.id) for rule in categories() if rule.group == "remarks"])
    intimate = _any_mask(intimate_mask())
    post_first = intimate | pl.col("minor") | pl.col("protected")
    brief_email = pl.col("by_email") & pl.col("shared_email") & ~opened
    brief_sms = pl.col("by_sms") & pl.col("shared_mobile")
    own = email | sms | pl.col("by_post")
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
        .when(~(own | brief_email | brief_sms))
        .then(pl.lit("no_contact"))
    )
    ways = [
        pl.when(condition & ~pl.col("deceased")).then(pl.lit(way))
        for condition, way in (
            (pl.col("by_post") & (post_first | remarks), "post"),
            (email & ~remarks, "email"),
            (sms & ~remarks, "sms"),
            (pl.col("by_post"), "post"),
            (~own & ~remarks & brief_email, "email"),
            (~own & ~remarks & brief_sms, "sms"),
        )
    ]
    ordered = pl.concat_list(ways).list.drop_nulls().list.unique(maintain_order=True)
    routed = found.with_columns(reason=held, ways=ordered, brief=~own & ~remarks & (brief_email | brief_sms))
    mine = pl.col("reason").is_null()
    return routed.with_columns(
        channel=pl.when(mine).then(pl.col("ways").list.get(0, null_on_oob=True)).fill_null("none"),
        fallback=pl.when(mine).then(pl.col("ways").list.get(1, null_on_oob=True)),
        brief=pl.col("brief") & mine,
        together=_together(routed),
    ).drop("by_email", "by_sms", "by_post", "shared_email", "shared_mobile")


def _together(routed: pl.DataFrame) -> pl.Series:
    """By whose brief message each person is told: the first of those who share the contact; null for all others."""
    contact = (
        pl.when(pl.col("ways").list.first() == "email").then(pl.col("email")).otherwise(pl.col("mobile"))
    )
    told = pl.col("brief") & pl.col("reason").is_null()
    return routed.select(
        together=pl.when(told).then(pl.col("person_id").filter(told).min().over(pl.when(told).then(contact)))
    )["together"]


def _any(names: tuple[str, ...] | list[str]) -> pl.Expr:
    low, high = mask_of(names)
    return ((pl.col("mask_lo") & low) != 0) | ((pl.col("mask_hi") & high) != 0)


def _any_mask(mask: int) -> pl.Expr:
    low, high = mask & ((1 << WORD) - 1), mask >> WORD
    return ((pl.col("mask_lo") & low) != 0) | ((pl.col("mask_hi") & high) != 0)


def _all(names: list[str]) -> pl.Expr:
    low, high = mask_of(names)
    return ((pl.col("mask_lo") & low) == low) & ((pl.col("mask_hi") & high) == high)
