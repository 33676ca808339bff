"""The stage: reads records, identities and keys of the case; writes who is who, and what of each is in the evidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from hemostat.model import RECORD_BITS, About, Category, RecordStatus
from hemostat.resolve import ids, patients
from hemostat.resolve.attach import attach
from hemostat.resolve.decisions import decided
from hemostat.resolve.declared import ties
from hemostat.resolve.groups import firsts
from hemostat.resolve.kernel import people
from hemostat.resolve.logged import logged
from hemostat.resolve.own_ids import repeated_ids
from hemostat.resolve.persons import gather
from hemostat.resolve.settings import settings
from hemostat.resolve.traits import COLUMNS
from hemostat.rules import bit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hemostat.case import Case
    from hemostat.model import Progress
    from hemostat.resolve.kernel import Resolution
    from hemostat.resolve.settings import Settings

_STEPS = 6
_TABLES = ("record_person", "person", "link_pair", "person_count", "exposure_mask")
_JUDGED = (
    "standing_usual",
    "standing_other",
    "person_standing_other",
    "record_tenant",
    "tenant_found",
    "patient_row",
)
"""Said of people who are about to be numbered anew: not known again until the stages after this one have run."""
LOGS = "logs"
"""Method of the count when logs name everybody."""
_ALWAYS = ("record_id", "internal_id", "tenant")
_NAMING = (
    Category.BIRTH_NAME, Category.USED_NAME, Category.FIRST_NAME, Category.FULL_NAME, Category.SEX, Category.BIRTH_DATE,
    Category.BIRTH_PLACE, Category.POSTAL_CODE, Category.CITY,
)  # fmt: skip
"""Categories that say who somebody is and roughly where, and nothing of what happened to them."""


@dataclass(frozen=True, slots=True)
class PeopleCount:
    """The figures on people of the last analysis. `method`: id of a row `method` in ``rules/resolve.toml``.

    `ceiling`: nobody beyond it; None when it is not known, because a piece of evidence could not be read to its end.
    """

    low: int
    best: int
    high: int
    certain_only: int
    all_possible: int
    ceiling: int | None
    without_identity: int
    orphans: int
    method: str


def run(case: Case, progress: Progress) -> None:
    """Fills record_person, person, link_pair, person_count, exposure_mask; appends to person_event.

    Safe to repeat: what an earlier analysis wrote is replaced, and people keep their ids.
    """
    rules = settings()
    progress.step("resolve", 0, _STEPS)
    same, distinct = decided(case)
    record = _records(case, distinct)
    kept = record.filter(pl.col("first") == pl.col("record_id")).select("record_id", "print_hi")
    identity = _once(_identities(case, "leak"), kept["record_id"])
    progress.step("resolve", 1, _STEPS)
    found = people(
        _with_spaces(case, identity, rules),
        rules,
        quarantined=_quarantined(case),
        repeats=_repeats(record, identity["record_id"]),
        same=_of_firsts(record, same),
        distinct=_of_firsts(record, distinct),
    )
    progress.step("resolve", 2, _STEPS)
    named = found.clusters.drop_nulls("best")
    reached = _reached(case, kept["record_id"], named, rules)
    in_file = _in_file(case, identity, named, kept, rules)
    seen = logged(case, named, in_file)
    everyone = pl.concat([named, reached, _shown(seen.clusters, kept["record_id"])])
    numbered = _numbered(case, everyone, kept)
    progress.step("resolve", 3, _STEPS)
    person = gather(everyone, numbered.ids, record)
    matched = _matched(in_file, seen.clusters, numbered.ids)
    progress.step("resolve", 4, _STEPS)
    for table in (*_TABLES, *_JUDGED):
        case.execute(f"delete from {table}")  # noqa: S608 - own table names
    case.append("record_person", person.records)
    case.append("person", person.persons.join(matched, on="person_id", how="left"))
    if numbered.events.height:
        case.append("person_event", numbered.events)
    progress.step("resolve", 5, _STEPS)
    settled = pl.DataFrame(
        [*same, *distinct], schema={"record_a": pl.Int64, "record_b": pl.Int64}, orient="row"
    )
    shown = (
        found.pairs.filter(pl.col("kind") == "possible")
        .join(settled, on=["record_a", "record_b"], how="anti", maintain_order="left")
        .select("record_a", "record_b", "grade", "reason", "kind")
    )
    case.append("link_pair", shown)
    case.append("exposure_mask", person.exposures)
    lost = person.records.filter(
        pl.col("person_id").is_null() & (pl.col("status") == RecordStatus.KEPT)
    ).height
    unread = _quarantined(case) + _unlisted(case) if _bounded(case) else None
    counts = _counts(found, person.persons.height, seen.people, lost, unread)
    case.append("person_count", counts)
    progress.step("resolve", _STEPS, _STEPS)


def identity_rows(case: Case) -> pl.DataFrame:
    """The rows that the kernel is given: those of leaks, each once, with their internal ids and what these mean."""
    record = _records(case, decided(case)[1])
    kept = record.filter(pl.col("first") == pl.col("record_id"))["record_id"]
    return _with_spaces(case, _once(_identities(case, "leak"), kept), settings())


def people_count(case: Case) -> PeopleCount | None:
    """The figures of the last analysis; None before the first."""
    held = dict(case.rows("select name, value from person_count"))
    if not held:
        return None
    method = next(name.removeprefix("method.") for name in held if name.startswith("method."))
    names = [name for name in PeopleCount.__slots__ if name != "method"]
    known: dict[str, Any] = {name: None if held[name] is None else int(held[name]) for name in names}
    return PeopleCount(**known, method=method)


def _frame(case: Case, sql: str, params: tuple[object, ...] = ()) -> pl.DataFrame:
    found = pl.from_arrow(case.query(sql, params))
    assert isinstance(found, pl.DataFrame)
    return found


def _records(case: Case, distinct: Sequence[tuple[int, int]]) -> pl.DataFrame:
    """Records that expose somebody, in order, with `first`: the smallest record of those equal to the letter.

    Of `distinct` pairs, which a human says are two people, neither is a repeat of the other.
    """
    record = _frame(
        case,
        "select record_id, evidence_id, mask_lo, mask_hi, print_lo, print_hi from record "
        "where evidence_id in (select evidence_id from evidence where role in ('leak', 'log'))",
    )
    if not record["record_id"].is_sorted():
        record = record.sort("record_id")
    first, row = firsts(record["print_lo"].to_numpy()), np.arange(len(record))
    prints = record["print_hi"].to_numpy()
    first = np.where(prints[first] == prints, first, row)
    ids = record["record_id"].to_numpy()
    for one, other in distinct:
        at = np.searchsorted(ids, (one, other)) % max(len(ids), 1)
        if len(ids) and first[at[0]] == first[at[1]]:
            first[at[1]] = at[1]
    return record.drop("print_lo").with_columns(first=record["record_id"].gather(first))


def _of_firsts(record: pl.DataFrame, pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Pairs of records, each replaced by the one that it repeats."""
    wanted = {number for pair in pairs for number in pair}
    told = record.filter(pl.col("record_id").is_in(list(wanted))).select("record_id", "first")
    first = dict(told.iter_rows())
    return [(first.get(one, one), first.get(other, other)) for one, other in pairs]


def _identities(case: Case, role: str) -> pl.DataFrame:
    """Identity rows of the evidence of one role; columns that nothing fills are left out."""
    evidence = [number for (number,) in case.rows("select evidence_id from evidence where role = ?", (role,))]
    held = case.bulk("identity", evidence)
    filled = [name for name in held.column_names if held[name].null_count < held.num_rows]
    frame = pl.from_arrow(
        held.select([name for name in COLUMNS if name in {*_ALWAYS, *filled} - {"id_space"}])
    )
    assert isinstance(frame, pl.DataFrame)
    return frame


def _once(identity: pl.DataFrame, kept: pl.Series) -> pl.DataFrame:
    """The identity rows of the records that repeat no other one to the letter."""
    records, once = identity["record_id"].to_numpy(), kept.to_numpy()
    if not len(once):
        return identity.clear()
    found = once[np.minimum(np.searchsorted(once, records), len(once) - 1)] == records
    return identity if found.all() else identity.filter(pl.Series(found))


def _id_spaces(case: Case, identity: pl.DataFrame) -> pl.Series:
    """For each row, what its internal id is unique in: tables of one shape share a space, the tenant apart."""
    shapes = _frame(
        case,
        "select evidence_id, string_agg(distinct place, chr(31) order by place) as shape "
        "from finding group by 1",
    ).with_columns(pl.col("shape").rank("dense").cast(pl.String))
    spaces = identity.select(evidence_id=(pl.col("record_id") // (1 << RECORD_BITS)).cast(pl.Int32)).join(
        shapes, on="evidence_id", how="left", maintain_order="left"
    )
    return spaces["shape"].rename("id_space")


def _repeats(record: pl.DataFrame, rows: pl.Series) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """For each of `rows`, how many more records of one evidence are equal to it and tell nothing but whose they are.

    The same list taken twice, in two pieces of evidence, repeats nobody.
    """
    naming = sum(1 << bit(category) for category in _NAMING)
    low, high = naming & (2**64 - 1), naming >> 64
    bare = record.filter(
        (pl.col("mask_lo") & pl.lit(~low & (2**64 - 1), pl.UInt64) == 0)
        & (pl.col("mask_hi") & pl.lit(~high & (2**64 - 1), pl.UInt64) == 0)
    )
    counted = (
        bare.group_by("first", "evidence_id")
        .len()
        .group_by(record_id="first")
        .agg(repeats=pl.col("len").max().cast(pl.Int64) - 1)
        .filter(pl.col("repeats") > 0)
    )
    found = rows.to_frame().join(counted, on="record_id", how="left", maintain_order="left")
    return found["repeats"].fill_null(0).to_numpy()


def _with_spaces(case: Case, identity: pl.DataFrame, rules: Settings) -> pl.DataFrame:
    """The rows with the space of their internal ids, and with the id that may be the person's."""
    return _with_ids(case, identity.with_columns(_id_spaces(case, identity)), rules)


def _with_ids(case: Case, identity: pl.DataFrame, rules: Settings) -> pl.DataFrame:
    """The same rows; where tables have several identifier columns, with the id that may be the person's."""
    keys = _frame(
        case,
        'select record_id, place, "value" from record_key where record_id >> ? in ('
        "select evidence_id from finding join evidence using (evidence_id) "
        "where category = ? and about = ? and role = 'leak' group by 1 having count(distinct place) > 1)",
        (RECORD_BITS, str(Category.INTERNAL_ID), str(About.PERSON)),
    )
    return identity.with_columns(repeated_ids(identity, keys, rules)) if keys.height else identity


def _quarantined(case: Case) -> int:
    """Units that could not be read: of dumps, and of logs once accounts were chosen in them."""
    return int(
        case.rows(
            "select coalesce(sum(units), 0) from quarantine where role = 'leak' or (role = 'log' and exists "
            "(select 1 from access_event where standing is not null))"
        )[0][0]
    )


def _bounded(case: Case) -> bool:
    """Whether every piece of evidence was read to its end, or says how many units it holds."""
    found = case.rows(
        "select count(*) from evidence e where (role = 'leak' or (role = 'log' and exists "
        "(select 1 from access_event where standing is not null))) and (state = 'quarantined' or "
        "(count_method = 'reader' and exists (select 1 from quarantine q "
        "where q.evidence_id = e.evidence_id and q.locator like 'after unit %')))"
    )
    return not found[0][0]


def _unlisted(case: Case) -> int:
    """People whom an export or a search showed and the log only counts, beyond the one that its record stands for."""
    found = case.rows(
        "select coalesce(sum(greatest(n_records, 1) - 1), 0)::bigint from access_event where standing = 'counted'"
    )
    return int(found[0][0])


def _shown(clusters: pl.DataFrame, kept: pl.Series) -> pl.DataFrame:
    """The clusters of records that repeat no other one."""
    return clusters.join(kept.to_frame(), on="record_id", how="semi").drop("patient_record")


def _in_file(
    case: Case, identity: pl.DataFrame, named: pl.DataFrame, kept: pl.DataFrame, rules: Settings
) -> pl.DataFrame:
    """best, patient_record: which row of the patient file each cluster of the dumps is.

    Clusters compete in the order of their content, so that the order of rows changes nothing.
    """
    file = _identities(case, "patients")
    if not file.height:
        return pl.DataFrame(schema={"best": pl.Int32, "patient_record": pl.Int64})
    order = (
        named.join(kept.select("record_id", "print_hi"), on="record_id")
        .group_by("best")
        .agg(pl.col("print_hi").min())
        .sort("print_hi", "best")
        .select("best", person_id=pl.int_range(pl.len(), dtype=pl.Int64))
    )
    persons = named.join(order, on="best").select("record_id", "person_id")
    found = patients.match(file, identity, persons, rules)
    return found.join(order, on="person_id").select("best", "patient_record")


def _matched(in_file: pl.DataFrame, seen: pl.DataFrame, numbers: pl.DataFrame) -> pl.DataFrame:
    """person_id, patient_record: from the file's match with the dumps, and from the identifiers in the logs."""
    clusters = pl.concat(
        [
            in_file,
            seen.drop_nulls("patient_record").select("best", "patient_record"),
        ]
    ).unique("best", keep="first", maintain_order=True)
    return clusters.join(numbers, left_on="best", right_on="cluster").select("person_id", "patient_record")


def _reached(case: Case, kept: pl.Series, named: pl.DataFrame, rules: Settings) -> pl.DataFrame:
    """Records that name nobody and reach their person through identifiers, with that person's clusters."""
    if named.height == len(kept):
        return named.clear()
    keys = _frame(
        case,
        'select k.record_id, k.place, hash(k."value") as "value", e.evidence_id, e.name from record_key k '
        "join evidence e on e.evidence_id = k.record_id >> ? where e.role = 'leak'",
        (RECORD_BITS,),
    )
    shapes = _frame(
        case,
        "select evidence_id, hash(string_agg(distinct place, chr(31) order by place)) as family "
        "from finding group by 1",
    )
    keys = (
        keys.join(kept.to_frame(), on="record_id", how="semi")
        .join(shapes, on="evidence_id")
        .with_columns(scope=pl.col("name").str.replace(r"[^/!#]*$", ""))
    )
    tied = ties(case).join(kept.to_frame(), on="record_id", how="semi")
    found = attach(keys, named.select("record_id", person=pl.col("best")), rules, tied)
    clusters = named.group_by(person="best").agg(pl.col("certain").min(), pl.col("all_possible").min())
    return found.join(clusters, on="person").select(
        "record_id", "certain", best="person", all_possible="all_possible"
    )


def _numbered(case: Case, everyone: pl.DataFrame, kept: pl.DataFrame) -> ids.Numbered:
    before = _frame(case, "select record_id, person_id from record_person where person_id is not null")
    highest = case.rows(
        "select max(n) from (select max(person_id) as n from person "
        "union all select greatest(max(old_id), max(new_id)) from person_event union all select 0)"
    )[0][0]
    at = np.searchsorted(kept["record_id"].to_numpy(), everyone["record_id"].to_numpy())
    contents = everyone.select("record_id", cluster="best", content=kept["print_hi"].gather(at))
    return ids.number(contents, before, int(highest))


def _counts(found: Resolution, best: int, named: int, lost: int, unread: int | None) -> pl.DataFrame:
    """The figures on people; `named`: those whom only logs name, whose number is exact; `unread`: None if unknown."""
    method = LOGS if named and named == best else found.method
    values = {
        "low": found.low + named,
        "best": best,
        "high": found.high + named,
        "certain_only": found.certain_only + named,
        "all_possible": found.all_possible + named,
        "ceiling": None
        if unread is None
        else max(best, found.certain_only + named, found.high + named) + lost + unread,
        "without_identity": lost,
        "orphans": lost - min(lost, found.without_identity),
        f"method.{method}": 1,
    }
    return pl.DataFrame(
        {"name": list(values), "value": list(values.values())}, schema_overrides={"value": pl.Float64}
    )
