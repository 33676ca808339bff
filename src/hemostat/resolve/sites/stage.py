"""The stage: which site each record without a declared one belongs to, by what; several and unknown are answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from hemostat.detect.headings import normalise
from hemostat.errors import UsageError
from hemostat.evidence import batch_name, columns_of
from hemostat.model import RECORD_BITS, Role
from hemostat.resolve import hashing
from hemostat.resolve.names import distinct, fold
from hemostat.resolve.sites.fill import SEVERAL, fill
from hemostat.resolve.sites.ranges import numbers, prefixes
from hemostat.resolve.sites.rules import thresholds
from hemostat.resolve.sites.separate import Parted, borne_out, candidates

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from hemostat.case import Case
    from hemostat.model import Progress

DECISION = "tenant"
"""Kind of the decision by which a person names a found site, or says that it is none. Its subject is the key."""
NONE = "none"

_FIELDS = ("record_id", "internal_id", "tenant", "postal_code", "city")
_ANSWER = {"record_id": pl.Int64, "tenant": pl.String, "how": pl.String}
_PROFESSIONAL = """
select place from finding where evidence_id = ? and about = 'professional'
and category in ('professional_id', 'treating_doctor', 'full_name', 'used_name', 'birth_name')
order by category <> 'professional_id', category <> 'treating_doctor', "values" desc, place limit 1
"""
_TITLES = r"^(?:DR|DOCTEUR|PR|PROFESSEUR|MME|MLLE|M|MR|MADAME|MONSIEUR) "


@dataclass(frozen=True, slots=True)
class _Site:
    """A site that was found: its name, what names it for good, by what it was found, and the bounds of its numbers."""

    tenant: str
    key: str
    how: str
    low: str | None
    high: str | None
    decided_by: str | None


def run(case: Case, progress: Progress) -> None:
    """Fills record_tenant and tenant_found. Safe to repeat: what an earlier analysis wrote is replaced."""
    progress.step("sites", 0, 1)
    for table in ("record_tenant", "tenant_found"):
        case.execute(f"delete from {table}")  # noqa: S608 - own table names
    leaks = [
        number
        for (number,) in case.rows(
            "select evidence_id from evidence where role = ? order by 1", (str(Role.LEAK),)
        )
    ]
    held = pl.DataFrame(case.bulk("identity", leaks, _FIELDS))
    told = held.drop_nulls("tenant").select("record_id", "tenant", how=pl.lit("declared"))
    sites: list[_Site] = []
    answers: list[pl.DataFrame] = []
    reach: list[tuple[Parted, tuple[str | None, ...]]] = []
    for rows in _families(case, held):
        spoken = rows.with_columns(own_id=pl.col("internal_id"), file_site=_in_file(case, rows["record_id"]))
        declared = _declared(rows) or _said_of_files(case, rows)
        ways = [declared] if declared else candidates(spoken)
        clues = _clues(case, spoken) if ways else spoken
        parted = next((way for way in ways if way is declared or borne_out(way, clues)), None)
        if parted is None:
            continue
        before = sum(len(other.keys) for other, _ in reach)
        names = _names(case, parted, spoken["file_site"], sites, before)
        site, by = fill(parted.site, clues)
        answers.append(_answer(rows, parted, site, by, names))
        reach.append((parted, names))
    found = pl.concat([pl.DataFrame(schema=_ANSWER), *answers])
    known = pl.concat([told, found.drop_nulls("tenant")])
    if known.height:
        found = pl.concat([found, _of_children(case, leaks, held, known, reach)])
        known = pl.concat([told, found.drop_nulls("tenant")])
        found = pl.concat([found, _of_people(case, leaks, known, found)])
    case.append("record_tenant", found)
    if sites:
        counts = dict(found.group_by("tenant").len().iter_rows())
        case.append(
            "tenant_found",
            pl.DataFrame(
                [
                    (s.tenant, s.key, s.how, s.low, s.high, s.decided_by, counts.get(s.tenant, 0))
                    for s in sites
                ],
                schema=["tenant", "key", "how", "low", "high", "decided_by", "records"],
                orient="row",
            ),
        )
    progress.step("sites", 1, 1)


def named(case: Case, site: str) -> tuple[str, str]:
    """What a decision on a site is about, and the name shown: of a site that was found, or of a piece of evidence.

    Raises:
        UsageError: there is no such site and no such evidence.
    """
    found = case.rows("select key, tenant from tenant_found where tenant = ?", (site,))
    if found:
        return str(found[0][0]), str(found[0][1])
    # a site that was rejected is shown no more, and can be taken up again by what it was
    if case.rows("select 1 from decision where kind = ? and subject = ?", (DECISION, site)):
        return site, site.partition(":")[2]
    if case.rows("select 1 from evidence where role = 'leak' and name = ?", (site,)):
        return f"file:{site}", site
    raise UsageError(
        "No site of that name was found and no evidence bears it: the report lists both.",
        "Aucun site de ce nom n'a été trouvé et aucune pièce ne le porte : le rapport donne les uns et les autres.",
    )


def _families(case: Case, held: pl.DataFrame) -> list[pl.DataFrame]:
    """The identity rows of tables of one shape, with the name of their evidence; only those with an open row."""
    shapes = pl.DataFrame(
        case.query(
            "select evidence_id, name as evidence, string_agg(distinct place, chr(31) order by place) as shape "
            "from evidence join finding using (evidence_id) where role = 'leak' group by all order by 1"
        )
    )
    rows = held.with_columns(evidence_id=(pl.col("record_id") // (1 << RECORD_BITS)).cast(pl.Int32)).join(
        shapes.with_columns(pl.col("evidence_id").cast(pl.Int32)), on="evidence_id", maintain_order="left"
    )
    return [
        part.drop("shape")
        for part in rows.partition_by("shape", maintain_order=True)
        if part["tenant"].null_count()
    ]


def _declared(rows: pl.DataFrame) -> Parted | None:
    """The sites that a column names for some of the rows; None where it names none."""
    names = rows["tenant"].drop_nulls().unique().sort()
    if names.is_empty():
        return None
    numbered = pl.DataFrame({"tenant": names, "site": np.arange(len(names), dtype=np.int32)})
    site = rows.select("tenant").join(numbered, on="tenant", how="left", maintain_order="left")["site"]
    return Parted("declared", site.fill_null(-1).to_numpy(), tuple(names))


def _said_of_files(case: Case, rows: pl.DataFrame) -> Parted | None:
    """The sites of the files of which a person said whose they are; None where nobody did."""
    said = {
        subject.removeprefix("file:")
        for (subject,) in case.rows(
            "select subject from decision where kind = ? and subject like 'file:%'", (DECISION,)
        )
    }
    keys = tuple(sorted(said & set(rows["evidence"])))
    if not keys:
        return None
    number = {key: at for at, key in enumerate(keys)}
    site = rows["evidence"].replace_strict(number, default=-1, return_dtype=pl.Int32).to_numpy()
    return Parted("file", site, keys)


def _clues(case: Case, rows: pl.DataFrame) -> pl.DataFrame:
    """patient_file, professional, place: hashes of what may bear a site out, 0 where it is missing."""
    towns = rows.select(town=pl.coalesce("postal_code", "city"))["town"]
    return pl.DataFrame(
        {
            "patient_file": hashing.of_text(rows["file_site"]),
            "professional": _professionals(case, rows),
            "place": _folded(towns),
        }
    )


def _folded(texts: pl.Series, noise: str | None = None) -> NDArray[np.uint64]:
    """Hashes of texts without case, accents or signs, and without what `noise` matches; 0 where nothing is left."""
    order, words = distinct(texts)
    plain = fold(words)
    if noise is not None:
        plain = plain.str.replace(noise, "")
    return np.append(hashing.of_text(plain.replace("", None)), np.uint64(0))[order]


def _professionals(case: Case, rows: pl.DataFrame) -> NDArray[np.uint64]:
    """The professional of each row, from the first column that names one; 0 where none does."""
    found = np.zeros(rows.height, dtype=np.uint64)
    evidence = rows["evidence_id"].to_numpy()
    for number in rows["evidence_id"].unique().sort():
        places = case.rows(_PROFESSIONAL, (number,))
        if not places:
            continue
        mine = evidence == number
        at = rows["record_id"].to_numpy()[mine] & ((1 << RECORD_BITS) - 1)
        found[mine] = _folded(_cells(case, number, places[0][0]), _TITLES)[at]
    return found


def _cells(case: Case, number: int, place: str) -> pl.Series:
    """One column of a piece of evidence, whole."""
    parts = [
        pl.Series(case.staged(batch_name(number, seq), [place])[place].combine_chunks()).cast(pl.String)
        for (seq,) in case.rows(
            'select seq from batch where evidence_id = ? and "rows" > 0 order by 1', (number,)
        )
    ]
    return pl.concat(parts).rename(place) if parts else pl.Series(place, [], dtype=pl.String)


def _in_file(case: Case, records: pl.Series) -> pl.Series:
    """The site of each record's person in the patient file: as its column says, or by which of its files."""
    files = case.rows(
        "select evidence_id, name from evidence where role = ? order by 1", (str(Role.PATIENTS),)
    )
    none = pl.Series("file_site", [None], dtype=pl.String).new_from_index(0, len(records))
    if not files:
        return none
    own = pl.DataFrame(case.bulk("identity", [number for number, _ in files], ("record_id", "tenant")))
    if own.height == own["tenant"].null_count():
        if len(files) == 1:
            return none
        name = dict(files)
        own = own.with_columns(
            tenant=(pl.col("record_id") // (1 << RECORD_BITS)).replace_strict(name, return_dtype=pl.String)
        )
    whose = pl.DataFrame(
        case.query(
            "select record_id, patient_record from record_person join person using (person_id) "
            "where patient_record is not null"
        )
    )
    sites = whose.join(own.rename({"record_id": "patient_record"}), on="patient_record")
    joined = records.to_frame().join(sites, on="record_id", how="left", maintain_order="left")
    return joined["tenant"].rename("file_site")


def _names(
    case: Case, parted: Parted, file_site: pl.Series, sites: list[_Site], before: int
) -> tuple[str | None, ...]:
    """The name of each site: as a person said, as the patient file says, else its number; None where it was rejected.

    Adds to `sites` those that were found; `before` were numbered already. A name given to one renumbers no other.
    """
    if parted.how == "declared":
        return parted.keys
    said = {
        subject: (value, by)
        for subject, value, by in case.rows(
            'select subject, "value", "by" from decision where kind = ? order by decision_id', (DECISION,)
        )
    }
    usual = _usual(parted, file_site)
    names: list[str | None] = []
    for number, key in enumerate(parted.keys):
        subject = f"{parted.how}:{key}"
        value, by = said.get(subject, (None, None))
        name = value or usual.get(number) or (key if parted.how in ("prefix", "patient_file") else None)
        name = name or f"Site {before + number + 1}"
        if value == NONE:
            names.append(None)
            continue
        names.append(name)
        low, high = _bounds(parted, key)
        sites.append(_Site(name, subject, parted.how, low, high, by))
    return tuple(names)


def _bounds(parted: Parted, key: str) -> tuple[str | None, str | None]:
    """From which number on a range goes, and under which: numbers that nobody bears; else the key alone."""
    if parted.lows is None:
        return key, None
    beyond = parted.lows.lows[parted.lows.lows > int(key)]
    return key, str(beyond[0]) if len(beyond) else None


def _usual(parted: Parted, file_site: pl.Series) -> dict[int, str]:
    """The name that the patient file gives a site, where nearly all its rows that are in the file are of one name."""
    if parted.how == "patient_file":
        return {}
    held = pl.DataFrame({"site": parted.site, "name": file_site}).drop_nulls().filter(pl.col("site") >= 0)
    best = (
        held.group_by("site", "name")
        .len()
        .with_columns(share=pl.col("len") / pl.col("len").sum().over("site"))
        .filter((pl.col("share") >= thresholds()["named"]) & (pl.col("len") >= thresholds()["least"]))
    )
    once = best.filter(pl.len().over("name") == 1)
    return dict(once.select("site", "name").iter_rows())


def _answer(
    rows: pl.DataFrame, parted: Parted, site: NDArray[np.int32], by: pl.Series, names: Sequence[str | None]
) -> pl.DataFrame:
    """record_id, tenant, how: of the rows that no column gives a site."""
    named = pl.Series([*names, None], dtype=pl.String)[np.where(site >= 0, site, len(names))]
    anchored = pl.Series(parted.site >= 0)
    return (
        rows.select("record_id", declared="tenant")
        .with_columns(
            tenant=named,
            how=pl.when(anchored).then(pl.lit(parted.how)).otherwise(by),
            several=pl.Series(site == SEVERAL),
        )
        .filter(pl.col("declared").is_null() & (pl.col("tenant").is_not_null() | pl.col("several")))
        .select("record_id", "tenant", how=pl.when("several").then(pl.lit("several")).otherwise("how"))
    )


def _of_children(
    case: Case,
    leaks: Sequence[int],
    held: pl.DataFrame,
    known: pl.DataFrame,
    reach: Sequence[tuple[Parted, tuple[str | None, ...]]],
) -> pl.DataFrame:
    """record_id, tenant, how: of records that name nobody and bear the identifier of somebody whose site is known.

    Where sites are ranges or prefixes, an identifier that nobody bears any more still tells its site.
    """
    ids = held.drop_nulls("internal_id").select("record_id", value="internal_id")
    of_id = (
        ids.join(known, on="record_id")
        .group_by("value")
        .agg(pl.col("tenant").first(), several=pl.col("tenant").n_unique() > 1, how=pl.col("how").first())
    )
    headings = {
        normalise(place)
        for (place,) in case.rows(
            "select distinct place from finding where category = 'internal_id' and about = 'person'"
        )
    }
    naming = set((held["record_id"] // (1 << RECORD_BITS)).unique())
    found = [pl.DataFrame(schema=_ANSWER)]
    for number in leaks:
        if number in naming:
            continue
        for place in columns_of(case, number):
            if normalise(place) not in headings:
                continue
            cells = _cells(case, number, place)
            told = cells.is_in(ids["value"].implode())
            if told.sum() < thresholds()["refers"] * max(cells.count(), 1):
                continue
            first = number << RECORD_BITS
            rows = pl.DataFrame({"record_id": np.arange(len(cells), dtype=np.int64) + first, "value": cells})
            hits = rows.join(of_id, on="value", how="left", maintain_order="left")
            hits = hits.with_columns(
                how=pl.when("several").then(pl.lit("several")).otherwise("how"),
                tenant=pl.when(pl.col("several").not_()).then("tenant"),
            )
            found.append(_orphans(hits, reach).drop_nulls("how").select(*_ANSWER))
            break
    return pl.concat(found)


def _orphans(hits: pl.DataFrame, reach: Sequence[tuple[Parted, tuple[str | None, ...]]]) -> pl.DataFrame:
    """The rows with the site of the range or prefix that their identifier is in, where nobody bears it."""
    for parted, names in reach:
        if parted.lows is not None:
            number = numbers(hits["value"])
            low = parted.lows.of(number)
            keys = {str(one): names[at] for at, one in enumerate(parted.keys)}
            by_low = pl.Series([*(keys.get(str(one)) for one in parted.lows.lows), None], dtype=pl.String)
            name = by_low[np.where(low >= 0, low, len(parted.lows.lows))]
        elif parted.how == "prefix":
            by_key = dict(zip(parted.keys, names, strict=True))
            name = prefixes(hits["value"]).replace_strict(by_key, default=None, return_dtype=pl.String)
        else:
            continue
        lacking = pl.col("how").is_null() & pl.Series(name).is_not_null()
        hits = hits.with_columns(
            tenant=pl.when(lacking).then(name).otherwise("tenant"),
            how=pl.when(lacking).then(pl.lit(parted.how)).otherwise("how"),
        )
    return hits


def _of_people(case: Case, leaks: Sequence[int], known: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """record_id, tenant, how: of what is left, by the one site of the person's other rows; several where there are."""
    people = pl.DataFrame(
        case.query("select record_id, person_id from record_person where person_id is not null")
    )
    leaked = (pl.col("record_id") // (1 << RECORD_BITS)).is_in(list(leaks))
    left = (
        people.filter(leaked).join(known, on="record_id", how="anti").join(found, on="record_id", how="anti")
    )
    if left.is_empty():
        return pl.DataFrame(schema=_ANSWER)
    of_person = (
        people.join(known, on="record_id")
        .group_by("person_id")
        .agg(pl.col("tenant").first(), sites=pl.col("tenant").n_unique())
    )
    one = pl.col("sites") == 1
    return left.join(of_person, on="person_id").select(
        "record_id",
        tenant=pl.when(one).then("tenant"),
        how=pl.when(one).then(pl.lit("person")).otherwise(pl.lit("several")),
    )
