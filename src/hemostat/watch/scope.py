"""What the chosen accounts saw in the window: the standing of each access, then records and identities.

All of it is one pass of SQL over the table of accesses, so that a night's history takes minutes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from hemostat.errors import UsageError
from hemostat.model import RECORD_BITS
from hemostat.rules.categories import mask_of

if TYPE_CHECKING:
    from hemostat.case import Case
    from hemostat.watch.choice import Choice

SEEN, LISTED, COUNTED, POSSIBLE = "seen", "listed", "counted", "possible"
"""Standings that expose somebody: a record opened; a line of a search list; so many people whom the log does not
name; what may have been seen (no readable time, or a search whose results the log does not say)."""
_EXPOSING = (SEEN, LISTED, COUNTED)
_TWIN_MINUTES = 10
"""The same request and patient within this time, noted by client and server, is one access."""

_STANDING = """
update access_event set standing = case
  when account is null or not list_contains($1::text[], lower(account)) then 'other-account'
  when shown in ('failed', 'nothing') then shown
  when t is null then 'possible'
  when t < coalesce(($2::timestamp[])[list_position($1::text[], lower(account))], t)
    or t > coalesce(($3::timestamp[])[list_position($1::text[], lower(account))], t) then 'outside'
  when shown = 'unknown' then 'possible'
  when shown = 'count' then 'counted'
  when shown = 'list' then 'listed'
  else 'seen' end
"""

_TWINS = f"""
create or replace temp table twin as
with near as (
  select record_id, standing, request_id, patient, t, always_lo, always_hi, held_lo, held_hi,
    coalesce(t - lag(t) over w > interval {_TWIN_MINUTES} minute, true) as fresh
  from access_event where standing in ('seen', 'listed', 'counted') and request_id is not null
  window w as (partition by request_id, patient order by t, record_id)
), grouped as (
  select *, sum(fresh::integer) over (partition by request_id, patient order by t, record_id) as number from near
)
select record_id,
  first_value(record_id) over (partition by request_id, patient, number order by t, record_id) as first,
  bool_or(standing = 'seen') over g as opened,
  bit_or(always_lo) over g as always_lo, bit_or(always_hi) over g as always_hi,
  bit_or(held_lo) over g as held_lo, bit_or(held_hi) over g as held_hi, count(*) over g as times
from grouped
window g as (partition by request_id, patient, number)
"""  # noqa: S608 - own figures

_JOIN_TWINS = """
update access_event a set
  standing = case when w.record_id <> w.first then 'twin' when w.opened then 'seen' else a.standing end,
  always_lo = w.always_lo, always_hi = w.always_hi, held_lo = w.held_lo, held_hi = w.held_hi
from twin w where a.record_id = w.record_id and w.times > 1
"""

_KEYS = f"""
with key as (
  select internal_id as "value", tenant, record_id, 0 as rank from identity where internal_id is not null
  union all select nir, tenant, record_id, 1 from identity where nir is not null
  union all select k."value", i.tenant, k.record_id, 2 from record_key k left join identity i using (record_id)
), own as (
  select k.*, r.print_hi from key k join record r using (record_id)
  join evidence e on e.evidence_id = k.record_id >> {RECORD_BITS} where e.role = 'patients'
), best as (select * from own qualify rank = min(rank) over (partition by "value"))
select "value" as patient, tenant, min(record_id) as patient_record, count(distinct print_hi)::bigint as here,
  sum(count(distinct print_hi)) over (partition by "value")::bigint as anywhere
from best group by "value", tenant order by 1, 2
"""  # noqa: S608 - own figures

_SHOWN = """
select distinct patient, tenant from access_event where standing in ('seen', 'listed') and patient is not null
"""

_RECORDS = """
insert into record by name
select a.record_id, a.evidence_id, a.line, a.locator,
  (a.always_lo & (~?::ubigint | coalesce(p.mask_lo, ~0::ubigint))) | (a.held_lo & coalesce(p.mask_lo, ~0::ubigint))
    as mask_lo,
  (a.always_hi & (~?::ubigint | coalesce(p.mask_hi, ~0::ubigint))) | (a.held_hi & coalesce(p.mask_hi, ~0::ubigint))
    as mask_hi,
  a.print_lo, a.print_hi
from access_event a
left join log_patient f on f.patient = a.patient and f.tenant is not distinct from a.tenant
left join record p on p.record_id = f.patient_record
where a.standing in ('seen', 'listed', 'counted')
order by a.record_id
"""

_NAMED = """
select a.record_id, a.patient as internal_id, a.tenant, f.patient_record from access_event a
left join log_patient f on f.patient = a.patient and f.tenant is not distinct from a.tenant
where a.standing in ('seen', 'listed') and a.patient is not null and a.evidence_id = ?
order by a.record_id
"""

_OWN = f"""
select * from identity where record_id >> {RECORD_BITS} in (select evidence_id from evidence where role = 'patients')
"""  # noqa: S608 - own figures

_FIGURES = """
with person as (
  select f.patient_record, case when f.patient is null then a.patient end as patient,
    case when f.patient is null then a.tenant end as tenant,
    bool_or(standing = 'seen') as seen, bool_or(standing = 'listed') as listed
  from access_event a left join log_patient f on f.patient = a.patient and f.tenant is not distinct from a.tenant
  where standing in ('seen', 'listed', 'possible') and a.patient is not null group by all
)
select (select count(*) from person where seen), (select count(*) from person where listed and not seen),
  coalesce(sum(greatest(n_records, 1)) filter (standing = 'counted'), 0),
  (select count(*) from person where not seen and not listed)
    + count(*) filter (standing = 'possible' and patient is null),
  count(distinct "event") filter (standing = 'failed'), count(*) filter (standing = 'twin'),
  count(distinct "event") filter (standing = 'outside'),
  count(distinct "event") filter (standing = 'seen' and not coalesce(screen_known, false)),
  count(distinct "event") filter (standing = 'outside' and (account, "session") in
    (select (account, "session") from access_event where standing = 'seen' and "session" is not null))
from access_event
"""


def expose(case: Case, chosen: Choice | None) -> None:
    """Fills the standing of each access, and record, identity, log_patient of the logs. Safe to repeat.

    Raises:
        UsageError: an account was chosen of which no log says anything.
    """
    _forget(case)
    case.execute("update access_event set standing = null")
    if chosen is None:
        return
    _check_known(case, chosen)
    windows = chosen.windows.values()
    told = [list(chosen.windows), [one.start for one in windows], [one.end for one in windows]]
    case.execute(_STANDING, told)
    case.execute(_TWINS)
    case.execute(_JOIN_TWINS)
    case.append("log_patient", _in_patient_file(_frame(case, _SHOWN), _frame(case, _KEYS)))
    case.execute(_RECORDS, _told_by_the_patient_file(case))
    case.execute("drop table twin")
    own = _frame(case, _OWN).rename({"record_id": "patient_record"}).drop("internal_id")
    for (evidence_id,) in case.rows("select evidence_id from evidence where role = 'log' order by 1"):
        named = _frame(case, _NAMED, (evidence_id,))
        if named.height:
            traits = named.join(
                own, on="patient_record", how="left", suffix="_in_file", maintain_order="left"
            )
            tenant = pl.coalesce("tenant", "tenant_in_file")
            case.append(
                "identity", traits.with_columns(tenant=tenant).drop("tenant_in_file", "patient_record")
            )


def _in_patient_file(shown: pl.DataFrame, keys: pl.DataFrame) -> pl.DataFrame:
    """patient, tenant, patient_record: the row of the patient file that each patient shown is.

    In: `keys` patient, tenant, patient_record, here, anywhere: how many different rows have this identifier, in this
    tenant and in all. The tenant's own row first; an identifier that several patients have is nobody's.
    """
    exact = shown.join(keys.filter(pl.col("here") == 1), on=["patient", "tenant"], nulls_equal=True)
    others = shown.join(exact, on=["patient", "tenant"], how="anti", nulls_equal=True)
    alone = keys.filter(pl.col("anywhere") == 1).unique("patient", keep="first", maintain_order=True)
    found = others.join(alone.drop("tenant"), on="patient")
    columns = ("patient", "tenant", "patient_record")
    return pl.concat([exact.select(columns), found.select(columns)])


def _frame(case: Case, sql: str, params: tuple[object, ...] = ()) -> pl.DataFrame:
    found = pl.from_arrow(case.query(sql, params))
    assert isinstance(found, pl.DataFrame)
    return found


def figures(case: Case) -> dict[str, int]:
    """What the choice in force makes of the logs: entries and patients by standing, and what limits the answer.

    Keys: seen, listed, counted, possible (patients, or people counted); entries in scope and by reason out of it;
    ``gaps``, ``unread`` (quarantined), ``unknown_screens``; ``same_session``: entries of the chosen accounts outside
    the window, in a session that is also within it.
    """
    one = case.rows(_FIGURES)[0]
    names = (
        "seen",
        "listed",
        "counted",
        "possible",
        "failed",
        "twin",
        "outside",
        "unknown_screens",
        "same_session",
    )
    found = dict(zip(names, one, strict=True))
    found["gaps"] = case.rows("select count(*) from access_gap")[0][0]
    found["unread"] = case.rows("select coalesce(sum(units), 0)::bigint from quarantine where role = 'log'")[
        0
    ][0]
    return {name: int(value) for name, value in found.items()}


def _forget(case: Case) -> None:
    logs = [number for (number,) in case.rows("select evidence_id from evidence where role = 'log'")]
    case.execute("delete from record where list_contains(?, evidence_id)", (logs,))
    case.forget("identity", logs)
    case.execute("delete from log_patient")


def _check_known(case: Case, chosen: Choice) -> None:
    held = {row[0] for row in case.rows("select distinct lower(account) from access_event")}
    missing = len(chosen.windows.keys() - held)
    if missing and held:
        raise UsageError(
            f"{missing} of the accounts given are in no log of this case: check --accounts "
            "(hemostat export CASE accounts lists them).",
            f"{missing} des comptes donnés ne figurent dans aucun journal de l'affaire : vérifiez --accounts "
            "(hemostat export AFFAIRE accounts les liste).",
        )


def _told_by_the_patient_file(case: Case) -> tuple[int, int]:
    """Mask of the categories for which the patient file has a column: there it knows better than a screen's rule."""
    found = case.rows(
        "select distinct category from finding join evidence using (evidence_id) "
        "where role = 'patients' and about = 'person'"
    )
    return mask_of(name for (name,) in found)
