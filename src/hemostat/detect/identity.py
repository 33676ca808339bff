"""The few traits that tell people apart and reach them: one row per record, typed and normalised."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from hemostat.detect import digits, nir
from hemostat.detect.names import sex, split_full
from hemostat.model import Category

if TYPE_CHECKING:
    from hemostat.detect.plan import TablePlan

_RAW = (
    "birth_name",
    "used_name",
    "first_names",
    "full_name",
    "birth_place",
    "internal_id",
    "tenant",
    "insured_rank",
)
"""Fields kept as written, trimmed."""

SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "record_id": pl.Int64, "birth_name": pl.String, "used_name": pl.String, "first_names": pl.String,
    "full_name": pl.String, "sex": pl.String, "birth_date": pl.Date, "birth_year": pl.Int32, "birth_place": pl.String,
    "nir": pl.String, "nir_key": pl.Boolean, "email": pl.String, "email2": pl.String, "phone": pl.String,
    "phone2": pl.String, "phone3": pl.String, "postal_address": pl.String, "postal_code": pl.String, "city": pl.String,
    "internal_id": pl.String, "tenant": pl.String, "insured_rank": pl.String, "deceased": pl.Boolean,
}  # fmt: skip
"""Columns of table ``identity``."""


@dataclass(slots=True)
class Parts:
    """Columns of one batch on their way into identities, by the place they come from."""

    rows: int
    raw: dict[str, pl.Series] = field(default_factory=dict)
    nir: dict[str, pl.DataFrame] = field(default_factory=dict)
    emails: dict[str, pl.Series] = field(default_factory=dict)
    phones: dict[str, pl.Series] = field(default_factory=dict)
    births: dict[str, tuple[pl.Series, pl.Series]] = field(default_factory=dict)
    deceased: dict[str, pl.Series] = field(default_factory=dict)
    place: dict[tuple[Category, str], pl.Series] = field(default_factory=dict)
    orders: dict[str, tuple[int, int]] = field(default_factory=dict)
    keys: dict[str, pl.Series] = field(default_factory=dict)
    calling_code: pl.Series | None = None

    def keep_raw(self, plan: TablePlan, place: str, cells: pl.Series) -> None:
        """Keeps a column that some field needs as it is written."""
        if any(place in plan.fields.get(name, ()) for name in (*_RAW, "sex", "nir")):
            self.raw[place] = cells


def identity(ids: pl.Series, parts: Parts, plan: TablePlan) -> pl.DataFrame:
    """One row per record, columns of ``SCHEMA``; a field without any column is null.

    Args:
        ids: record ids.
        parts: what pass B kept of the batch.
        plan: which columns feed which field, best first.
    """
    found: dict[str, pl.Series] = {"record_id": ids}
    for name in _RAW:
        _put(found, name, _first([parts.raw.get(place) for place in plan.fields.get(name, ())]))
    _full_names(found, parts, plan)
    _sexes(found, parts, plan)
    _births(found, parts, plan)
    _nir(found, parts, plan)
    _contacts(found, parts, plan)
    _put(found, "deceased", _first([parts.deceased.get(p) for p in plan.fields.get("deceased", ())]))
    return pl.DataFrame(found).select(
        (pl.col(name) if name in found else pl.lit(None)).cast(kind).alias(name)
        for name, kind in SCHEMA.items()
    )


def numbered(parts: Parts, plan: TablePlan) -> pl.DataFrame:
    """What a NIR is compared with: ``nir``, ``nir_key``, ``sex``, ``birth_date`` of each row."""
    found: dict[str, pl.Series] = {}
    _full_names(found, parts, plan)
    _sexes(found, parts, plan)
    _births(found, parts, plan)
    _nir(found, parts, plan)
    wanted = ("nir", "nir_key", "sex", "birth_date")
    return pl.DataFrame({name: found[name] for name in wanted if name in found}).select(
        (pl.col(name) if name in found else pl.lit(None)).cast(SCHEMA[name]).alias(name) for name in wanted
    )


def _put(found: dict[str, pl.Series], name: str, values: pl.Series | None) -> None:
    if values is not None:
        found[name] = values


def _first(columns: list[pl.Series | None]) -> pl.Series | None:
    """The first value that is not null, column by column."""
    out: pl.Series | None = None
    for column in columns:
        if column is not None:
            out = column if out is None else (out.fill_null(column) if out.null_count() else out)
    return out


def _full_names(found: dict[str, pl.Series], parts: Parts, plan: TablePlan) -> None:
    """Names from a cell that holds both, for the fields that no column of its own gives."""
    for place in plan.fields.get("full_name", ()):
        candidate = plan.column(place).holds(Category.FULL_NAME)
        if place not in parts.raw or candidate is None:
            continue
        split = split_full(parts.raw[place], first_leads=candidate.part in ("first_last", "name_birth_first"))
        for name in ("birth_name", "used_name", "first_names"):
            _put(found, name, _first([found.get(name), split[name]]))
        _put(found, "_sex", _first([found.get("_sex"), split["sex"]]))


def _sexes(found: dict[str, pl.Series], parts: Parts, plan: TablePlan) -> None:
    told = [sex(parts.raw[p]) for p in plan.fields.get("sex", ()) if p in parts.raw]
    _put(found, "sex", _first([*told, found.pop("_sex", None)]))


def _births(found: dict[str, pl.Series], parts: Parts, plan: TablePlan) -> None:
    days = [parts.births[p] for p in plan.fields.get("birth_date", ()) if p in parts.births]
    years = [parts.births[p] for p in plan.fields.get("birth_year", ()) if p in parts.births]
    _put(found, "birth_date", _first([day for day, _ in days]))
    year = _first([year for _, year in (*days, *years)])
    if year is not None and "birth_date" in found:
        year = year.zip_with(found["birth_date"].is_null(), digits.nothing(len(year), pl.Int64))
    _put(found, "birth_year", year)


def _nir(found: dict[str, pl.Series], parts: Parts, plan: TablePlan) -> None:
    """The number where it is shaped like a NIR."""
    for place in plan.fields.get("nir", ()):
        parsed = parts.nir.get(place)
        if parsed is None:
            if place not in parts.raw:
                continue
            parsed = nir.parse(parts.raw[place].str.replace(r"\^.*$", ""))
        none = digits.nothing(len(parsed))
        number = parsed["number"].zip_with(parsed["shaped"], none)
        right = parsed["key"].zip_with(parsed["shaped"], digits.nothing(len(parsed), pl.Boolean))
        if "nir" in found:
            right = found["nir_key"].zip_with(found["nir"].is_not_null(), right)
            number = found["nir"].fill_null(number)
        found["nir"], found["nir_key"] = number, right


def _contacts(found: dict[str, pl.Series], parts: Parts, plan: TablePlan) -> None:
    _spread(found, ("email", "email2"), list(parts.emails.values()))
    _spread(found, ("phone", "phone2", "phone3"), list(parts.phones.values()))
    streets = [s for (category, _), s in parts.place.items() if category is Category.POSTAL_ADDRESS]
    if len(streets) == 1:
        found["postal_address"] = streets[0]
    elif streets:
        frame = pl.DataFrame({str(i): s for i, s in enumerate(streets)})
        joined = frame.select(pl.concat_str(pl.all(), separator=" ", ignore_nulls=True).alias("a"))["a"]
        found["postal_address"] = joined.zip_with(joined != "", digits.nothing(len(joined)))
    for name, category in (("postal_code", Category.POSTAL_CODE), ("city", Category.CITY)):
        own = plan.fields.get(name, ())
        order = [
            *own,
            *(p for (c, p) in parts.place if c is category and p not in own and name == "postal_code"),
        ]
        _put(found, name, _first([parts.place.get((category, place)) for place in order]))


def _spread(found: dict[str, pl.Series], names: tuple[str, ...], columns: list[pl.Series]) -> None:
    """Values of several columns into numbered fields, filled from the left, none twice."""
    left = columns
    for name in names:
        value = _first(list(left))
        if value is None:
            return
        found[name] = value
        taken = value
        left = [c.zip_with((c != taken).fill_null(value=True), c.clear(len(c))) for c in left]
        left = [c for c in left if c.null_count() < len(c)]
