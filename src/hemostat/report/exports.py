"""What leaves the case in clear, on request: tables for other tools.

Each leaving is recorded, and listed at closing.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import polars as pl

from hemostat.case import actor, controller_key
from hemostat.errors import StorageError, UsageError, os_reason
from hemostat.report.collect import summary
from hemostat.resolve.fingerprints import fingerprints
from hemostat.resolve.review import review
from hemostat.resolve.standing import worded
from hemostat.watch import ranking

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from hemostat.case import Case

_LIST_SEPARATOR = " | "
_RISKY_START = r"^(=|@|\t|\r|[+-][^0-9])"
"""Cells that a spreadsheet would run as a formula. A phone number keeps its plus sign."""

_SHEET_ROWS = 250_000
"""Rows of a workbook: a sheet may hold four times as many, but it is made in memory, never in a temporary file."""

_RECORDS = """
select r.record_id, e.name as evidence, coalesce(r.locator, 'line ' || r.line) as locator, r.line,
       p.person_id, p.link, p.status, s.standing, s.reasons as standing_reasons,
       t.tenant, t.how as tenant_by
from record r
join evidence e using (evidence_id)
left join record_person p using (record_id)
left join standing s using (record_id)
left join record_tenant t using (record_id)
where e.role in ('leak', 'log')
order by r.record_id
"""

_PERSONS = """
with one as (
  select p.person_id, i.*, r.print_hi, coalesce(i.tenant, t.tenant) as site
  from record_person p join identity i using (record_id) join record r using (record_id)
  left join record_tenant t using (record_id)
  where p.person_id is not null
), said as (
  select person_id,
    arg_min(birth_name, print_hi) as birth_name,
    arg_min(coalesce(used_name, full_name), print_hi) as used_name,
    arg_min(first_names, print_hi) as first_names,
    arg_min(sex, print_hi) as sex,
    arg_min(birth_date, (coalesce(month(birth_date) = 1 and day(birth_date) = 1, false), print_hi)) as birth_date,
    arg_min(nir, (coalesce(not nir_key, true), print_hi)) as nir,
    list_sort(list_filter(list_distinct(flatten(list([email, email2]))), x -> x is not null)) as emails,
    list_sort(list_filter(list_distinct(flatten(list([phone, phone2, phone3]))), x -> x is not null)) as phones,
    arg_min(nullif(trim(concat_ws(' ', postal_address, postal_code, city)), ''), (postal_address is null, print_hi))
      as postal_address,
    coalesce(list_sort(list(distinct site) filter (where site is not null)), []) as tenants,
    bool_or(deceased) as deceased
  from one group by person_id
)
select p.person_id, p.records, p.link, s.birth_name, s.used_name, s.first_names, s.sex, s.birth_date, s.nir,
       coalesce(s.emails, []) as emails, coalesce(s.phones, []) as phones, s.postal_address,
       coalesce(s.tenants, []) as tenants,
       coalesce((select list(c.id order by c.bit) from category c
         where case when c.bit < 64 then (p.mask_lo >> c.bit) & 1 else (p.mask_hi >> (c.bit - 64)) & 1 end = 1), [])
         as categories,
       v.level as severity, v.score as severity_score, f.internal_id as patient_id, w.channel as reach,
       s.deceased, s.birth_date > ?::date - interval 18 year as minor
from person p
left join said s using (person_id)
left join person_severity v using (person_id)
left join person_reach w using (person_id)
left join identity f on f.record_id = p.patient_record
order by p.person_id
"""

_EXPOSURES = """
select x.person_id, x.category, e.name as evidence, x.records
from exposure x join evidence e using (evidence_id)
order by x.person_id, x.category, e.name
"""

_FINDINGS = """
select e.name as evidence, f.place, f.category, f."values", f.valid, f.confidence, f.decided_by, f.about, f.shape,
  f.note
from finding f join evidence e using (evidence_id)
order by e.evidence_id, f.place, f.category
"""

_QUARANTINE = """
select evidence, locator, line, bytes, units, reason from quarantine order by evidence_id, line, locator
"""

_PATIENTS = """
select i.internal_id as patient_id, e.name as evidence, coalesce(r.locator, 'line ' || r.line) as locator, r.line,
       p.person_id is not null as in_leak, p.person_id, p.deceased, p.updated, p.stale, p.differs
from patient_row p join record r using (record_id) join evidence e using (evidence_id)
left join identity i using (record_id)
order by r.record_id
"""

_ACCESSES = """
select a.standing as list, e.name as evidence, coalesce(a.locator, 'line ' || a.line) as locator, a.line,
       strftime(a.t, '%Y-%m-%dT%H:%M:%S.%g+00:00') as t, a.account, a.tenant, a.patient, p.person_id,
       a."action", a.object_type, a.n_records, a.ip, a.device, a."session", a.purpose, a.request_id
from access_event a join evidence e using (evidence_id) left join record_person p on p.record_id = a.record_id
where a.standing in ('seen', 'listed', 'counted', 'possible')
order by a.t, a.record_id
"""


def _records(case: Case, reveal: bool) -> pl.DataFrame:  # noqa: ARG001 - one shape for all
    """The records with their tenant, declared or found, and the reasons of their standing in words."""
    found = _frame(case, _RECORDS)
    exposing = [
        number for (number,) in case.rows("select evidence_id from evidence where role in ('leak', 'log')")
    ]
    named = pl.DataFrame(case.bulk("identity", exposing, ("record_id", "tenant"))).drop_nulls("tenant")
    told = found.join(
        named.rename({"tenant": "declared"}), on="record_id", how="left", maintain_order="left"
    ).with_columns(
        tenant=pl.coalesce("declared", "tenant"),
        tenant_by=pl.when(pl.col("declared").is_not_null()).then(pl.lit("declared")).otherwise("tenant_by"),
    )
    distinct = told["standing_reasons"].drop_nulls().unique().to_list()
    words = {f"standing_{lang}": {ids: worded(ids, lang) for ids in distinct} for lang in ("fr", "en")}
    return told.drop("declared").with_columns(
        pl.col("standing_reasons").replace_strict(table, default=None, return_dtype=pl.String).alias(name)
        for name, table in words.items()
    )


def _persons(case: Case, reveal: bool) -> pl.DataFrame:
    found = _frame(case, _PERSONS, (case.now().date().isoformat(),))
    if reveal:
        return found
    masked = pl.col("nir").str.slice(0, 1) + pl.lit(" ** ** ** *** *** **")
    return found.with_columns(pl.when(pl.col("nir").is_null()).then(None).otherwise(masked).alias("nir"))


def _fingerprints(case: Case, reveal: bool) -> pl.DataFrame:  # noqa: ARG001 - one shape for all
    controller = case.setting("controller")
    if controller is None:
        raise UsageError(
            "Fingerprints belong to a controller: name it with hemostat open CASE --controller NAME.",
            "Les empreintes sont propres à un responsable de traitement : nommez-le avec --controller.",
        )
    leaks = [number for (number,) in case.rows("select evidence_id from evidence where role = 'leak'")]
    identity = pl.from_arrow(case.bulk("identity", leaks))
    assert isinstance(identity, pl.DataFrame)
    return fingerprints(identity, controller_key(controller))


def _plain(sql: str) -> Callable[[Case, bool], pl.DataFrame]:
    return lambda case, _reveal: _frame(case, sql)


EXPORTS: dict[str, Callable[[Case, bool], pl.DataFrame]] = {
    "records": _records,
    "persons": _persons,
    "exposures": _plain(_EXPOSURES),
    "findings": _plain(_FINDINGS),
    "quarantine": _plain(_QUARANTINE),
    "review": lambda case, _reveal: review(case),
    "fingerprints": _fingerprints,
    "patients": _plain(_PATIENTS),
    "accounts": lambda case, _reveal: ranking(case),
    "accesses": _plain(_ACCESSES),
}
"""What can be exported as a table, by name. The ledger is an object, and goes as JSON alone."""


def export(case: Case, what: str, out: Path, *, reveal: bool = False) -> None:
    """Writes one table of the case (or the ledger) in clear to ``out``, and records that it left.

    ``out`` ends in .parquet, .csv, .json or .xlsx. ``reveal`` shows whole NIRs, masked otherwise.

    Raises:
        UsageError: unknown table or ending, or a file that is there already and no export of this case.
        StorageError: the file cannot be written.
    """
    ending = out.suffix.lower()
    _may_write(case, out)
    if what == "ledger":
        if ending != ".json":
            raise UsageError(
                "The ledger is exported as JSON: give a file name that ends in .json.",
                "Les comptes s'exportent en JSON : donnez un nom de fichier en .json.",
            )
        content = json.dumps(summary(case), ensure_ascii=False, indent=1).encode()
        _write(out, lambda part: part.write_bytes(content))
    elif what not in EXPORTS:
        names = ", ".join((*EXPORTS, "ledger"))
        raise UsageError(
            f"There is no export named {what}: choose among {names}.",
            f"Il n'y a pas d'export nommé {what} : choisissez parmi {names}.",
        )
    elif ending not in _WRITERS:
        raise UsageError(
            "The name of the export must end in .parquet, .csv, .json or .xlsx.",
            "Le nom de l'export doit finir par .parquet, .csv, .json ou .xlsx.",
        )
    else:
        table = EXPORTS[what](case, reveal)
        _write(out, lambda part: _WRITERS[ending](table, part))
    digest = hashlib.sha256(out.read_bytes()).hexdigest()
    place = str(out.resolve())
    with case.transaction():
        case.execute(
            "insert into export values (?, ?, ?, ?, ?)",
            (case.now().isoformat(), what, place, digest, actor()),
        )
        case.journal("export", what=what, path=place, sha256=digest, reveal=reveal)


def _may_write(case: Case, out: Path) -> None:
    """Refuses a place where an export would destroy something: the case, its evidence, a file that is no export."""
    place = out.resolve()
    if place.is_relative_to(case.path.resolve()):
        raise UsageError(
            f"{out} lies in the folder of the case, which may be passed on: choose another place.",
            f"{out} est dans le dossier de l'affaire, qui peut circuler : choisissez un autre endroit.",
        )
    known = {path for (path,) in case.rows("select path from export")}
    if str(place) not in known and place.exists() and (not place.is_file() or place.stat().st_size):
        raise UsageError(
            f"{out} exists already and is not an export of this case: choose another name.",
            f"{out} existe déjà et n'est pas un export de cette affaire : choisissez un autre nom.",
        )


def _frame(case: Case, sql: str, params: tuple[object, ...] = ()) -> pl.DataFrame:
    found = pl.from_arrow(case.query(sql, params))
    assert isinstance(found, pl.DataFrame)
    return found


def _write(out: Path, work: Callable[[Path], object]) -> None:
    """The file appears whole or not at all, readable by its owner alone."""
    part = out.with_name(out.name + ".part")
    try:
        part.touch(mode=0o600)
        work(part)
        part.replace(out)
    except OSError as fault:
        part.unlink(missing_ok=True)
        en, fr = os_reason(fault)
        raise StorageError(
            f"The export {out} cannot be written ({en}): choose another place.",
            f"L'export {out} ne peut pas être écrit ({fr}) : choisissez un autre endroit.",
        ) from None


def _flat(table: pl.DataFrame) -> pl.DataFrame:
    lists = [name for name, kind in table.schema.items() if isinstance(kind, pl.List)]
    return table.with_columns(pl.col(lists).list.join(_LIST_SEPARATOR))


def _as_csv(table: pl.DataFrame, part: Path) -> None:
    flat = _flat(table)
    texts = [name for name, kind in flat.schema.items() if kind == pl.String]
    safe = [
        pl.when(pl.col(name).str.contains(_RISKY_START))
        .then("'" + pl.col(name))
        .otherwise(pl.col(name))
        .alias(name)
        for name in texts
    ]
    flat.with_columns(safe).write_csv(part)


def _as_workbook(table: pl.DataFrame, part: Path) -> None:
    """For whoever opens tables in a spreadsheet: texts stay texts, so that no phone loses its sign and none runs."""
    if table.height > _SHEET_ROWS:
        raise UsageError(
            f"A workbook is made for {_SHEET_ROWS:,} rows at most and this export has {table.height:,}: choose .csv or "
            ".parquet.",
            f"Un classeur est fait pour {_SHEET_ROWS:_} lignes au plus et cet export en a {table.height:_} : "
            "choisissez .csv ou .parquet.".replace("_", "\N{NARROW NO-BREAK SPACE}"),
        )
    from xlsxwriter import Workbook  # noqa: PLC0415 - 0.1 s that other exports do not pay

    as_said = {f"strings_to_{what}": False for what in ("formulas", "urls", "numbers")}
    with Workbook(part, {**as_said, "in_memory": True}) as book:
        _flat(table).write_excel(book, autofilter=True, freeze_panes=(1, 0), float_precision=3)


_WRITERS: dict[str, Callable[[pl.DataFrame, Path], object]] = {
    ".parquet": lambda table, part: table.write_parquet(part),
    ".csv": _as_csv,
    ".json": lambda table, part: table.write_json(part),
    ".xlsx": _as_workbook,
}
