"""Who is written to, under which name and where: one row per person, by columns. Routing is in ``assess``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from hemostat.assess.contacts import MOBILE, contacts
from hemostat.assess.reach import route

if TYPE_CHECKING:
    from hemostat.case import Case

_FLAGS = """
  coalesce(v.minor, false) as minor, coalesce(v.deceased, false) as deceased,
  coalesce(v.protected, false) as protected
"""

_MOBILE = MOBILE.removeprefix("^").replace("?:", "")
_ROWS = """
select p.person_id, i.*, r.print_hi
from record_person p join identity i using (record_id) join record r using (record_id)
where p.person_id is not null
"""
_NAMED = f"""
  arg_min(coalesce(used_name, birth_name), print_hi) as name,
  arg_min(first_names, print_hi) as first_names,
  arg_min(full_name, print_hi) as full_name,
  arg_min(coalesce(email, email2), print_hi) as email,
  coalesce(
    min(phone) filter (phone similar to '{_MOBILE}.*'), min(phone2) filter (phone2 similar to '{_MOBILE}.*')) as mobile,
  arg_min(postal_address, (postal_code is null, print_hi)) as street,
  arg_min(postal_code, (postal_address is null, print_hi)) as postal_code,
  arg_min(city, (postal_address is null, print_hi)) as city
"""

_BY_TENANT = f"""
with one as ({_ROWS}), said as (
  select coalesce(one.tenant, t.tenant, ?) as tenant, person_id, {_NAMED}
  from one left join record_tenant t using (record_id) group by all
)
select s.*, {_FLAGS} from said s left join person_severity v using (person_id)
"""  # noqa: S608 - own text

GROUP = ("mask_lo", "mask_hi", "channel", "minor", "protected", "brief", "lang")
"""Letters of the same group say the same, but for the name, the code and the two words."""


def recipients(case: Case, *, remarks_reviewed: bool, mailbox_unsafe: bool) -> pl.DataFrame:
    """Every person of the case, with the channel by which they are written to and the next one, or why by a human."""
    people = contacts(case, names=True)
    return route(people, remarks_reviewed=remarks_reviewed, mailbox_unsafe=mailbox_unsafe)


def traits_by_tenant(case: Case, nobody: str) -> pl.DataFrame:
    """How each controller's own rows name and reach each person: what another controller knows stays with it."""
    return pl.DataFrame(case.query(_BY_TENANT, (nobody,)))


def shown_name(name: str | None, first_names: str | None, full_name: str | None) -> str:
    """A person's name as a letter writes it: first name, then name; capitals undone.

    >>> shown_name("D'ANGELO", "marie odile", None)
    "Marie Odile D'Angelo"
    """
    parts = [first_names, name] if name else [full_name or first_names]
    whole = " ".join(" ".join(part.split()) for part in parts if part)
    return " ".join(word.title() if word.isupper() or word.islower() else word for word in whole.split(" "))
