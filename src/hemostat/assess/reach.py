"""How each person can be reached, and by whom: by columns. Routing is pure; what it reads comes from the case."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import polars as pl

from hemostat.assess.combination import whole_mask
from hemostat.assess.contacts import MAILBOX, contacts
from hemostat.assess.said import latest
from hemostat.rules import categories, mask_of
from hemostat.rules.categories import WORD

if TYPE_CHECKING:
    from hemostat.case import Case

TOPIC = "letter"
"""The topic under which people answer what routing depends on: ``remarks_reviewed``, ``mailbox_unsafe``."""
FLAGS = ("minor", "protected", "deceased")
CALLED_FIRST = ("remark_violence", "remark_suicide")
"""Categories whose person is called by a human before anything is written."""
REASONS = ("deceased", "call_first", "minor_confidential", "remarks_not_reviewed", "no_address", "no_contact")
"""Why no letter leaves by itself, in the order in which they are looked at."""


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
    people = contacts(case, signs=True)
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
    mailbox = (
        pl.col("email").str.contains(MAILBOX)
        if people.schema["email"] == pl.String
        else pl.col("email").is_not_null()
    )
    there = {
        "by_email": mailbox.fill_null(value=False),
        "by_sms": pl.col("mobile").is_not_null(),
        "by_post": pl.col("street").is_not_null()
        & (pl.col("postal_code").is_not_null() | pl.col("city").is_not_null()),
        "shared_email": pl.col("email").is_not_null() & pl.col("email").is_duplicated()
        | (pl.col("family_email") if "family_email" in people.columns else pl.lit(value=False)),
        "shared_mobile": pl.col("mobile").is_not_null() & pl.col("mobile").is_duplicated(),
    }
    signs = [*there.values(), *(pl.col(name) for name in FLAGS)]
    marked = people.with_columns(
        pl.col("mask_lo", "mask_hi").cast(pl.UInt64),
        signs=pl.sum_horizontal(one.cast(pl.UInt16) * (1 << place) for place, one in enumerate(signs)),
    )
    profiles = marked.select("mask_lo", "mask_hi", "signs").unique()
    named = [(pl.col("signs") & (1 << place) != 0).alias(name) for place, name in enumerate((*there, *FLAGS))]
    decided = _decided(
        profiles.with_columns(named), remarks_reviewed=remarks_reviewed, mailbox_unsafe=mailbox_unsafe
    )
    routed = marked.join(
        decided.drop(*there, *FLAGS), on=["mask_lo", "mask_hi", "signs"], how="left", maintain_order="left"
    ).drop("signs")
    return routed.with_columns(together=_together(routed))


def _decided(profiles: pl.DataFrame, *, remarks_reviewed: bool, mailbox_unsafe: bool) -> pl.DataFrame:
    """Adds `ways`, `channel`, `reason`, `fallback` and `brief` to each distinct set of masks and signs."""
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
    routed = profiles.with_columns(
        reason=held, ways=ordered, brief=~own & ~remarks & (brief_email | brief_sms)
    )
    mine = pl.col("reason").is_null()
    return routed.with_columns(
        channel=pl.when(mine).then(pl.col("ways").list.get(0, null_on_oob=True)).fill_null("none"),
        fallback=pl.when(mine).then(pl.col("ways").list.get(1, null_on_oob=True)),
        brief=pl.col("brief") & mine,
    )


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
