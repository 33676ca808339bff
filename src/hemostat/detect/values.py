"""Pass B: every value of a batch named, counted, checked and, where it tells people apart, normalised.

Pure: a batch and a plan in, facts out; no clock, no disk.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import polars as pl

from hemostat.detect import (
    address,
    card,
    codes,
    composite,
    dates,
    days,
    digits,
    email,
    facts,
    iban,
    names,
    nir,
    password,
    phone,
    placeholders,
    prints,
    professional,
    remarks,
    reuse,
    text,
)  # fmt: skip
from hemostat.detect.identity import Parts, identity, numbered
from hemostat.detect.opened import Opened, opened
from hemostat.detect.samples import unfloated
from hemostat.model import About, Category
from hemostat.rules import bit

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    import numpy.typing as npt
    import pyarrow as pa

    from hemostat.detect.digits import Bools
    from hemostat.detect.entities import Entities
    from hemostat.detect.plan import ColumnPlan, TablePlan
    from hemostat.detect.view import Candidate

_NAMES = frozenset({Category.BIRTH_NAME, Category.USED_NAME, Category.FIRST_NAME, Category.FULL_NAME})
_WORD = 64
_COMPARED = 20_000
"""Rows of a batch by which postal codes and towns are compared."""
_FIELDS = {Category.EMAIL: "email", Category.PHONE: "phone", Category.POSTAL_ADDRESS: "postal_address"}
DEAD = r"(?i)^(?:o|oui|true|t|1|y|yes|x|v|vrai|dcd|d[ée]c[ée]d[ée]e?.*|d[ée]c[èe]s.*|mort.*|dead|deceased)$"
ALIVE = r"(?i)^(?:n|non|false|f|0|no|faux|vivante?|en vie|alive)$"
_MIXABLE = {Category.EMAIL: email.valid_array, Category.NIR: nir.valid_array, Category.IBAN: iban.valid_array,
            Category.PHONE: phone.valid_array}  # fmt: skip


class Count(NamedTuple):
    """How many values of one category one place showed, and how many were right; None where nothing can be checked."""

    values: int
    valid: int | None

    def __add__(self, other: object) -> Count:
        """Both counts together."""
        assert isinstance(other, Count)
        valid = None if self.valid is None or other.valid is None else self.valid + other.valid
        return Count(self.values + other.values, valid)


Place = tuple[str, Category, About]
"""A column, a category and whose datum it is: what one finding is about."""


@dataclass(frozen=True, slots=True)
class Facts:
    """What pass B says of one batch. ``identity`` is None when the table tells nobody apart.

    ``orders``: for columns of births, how many values show a first number over 12, how many a second one.
    ``right``: records with a right value of a category, whatever the column. ``noted``: facts on places. ``remarks``:
    where the remarks of texts stand, columns of ``remarks.REMARK``.
    """

    record: pl.DataFrame
    identity: pl.DataFrame | None
    keys: pl.DataFrame
    counts: dict[Place, Count]
    orders: dict[str, tuple[int, int]]
    right: dict[Category, int]
    noted: dict[Place, facts.Counts]
    reuse: dict[Place, reuse.Reuse]
    remarks: pl.DataFrame


class Checked(NamedTuple):
    """Rows that show a category, those whose value is right (None: nothing to check by), and what else is known."""

    shown: Bools
    right: Bools | None = None
    noted: facts.Counts = {}  # noqa: RUF012 - never changed


class _Found:
    """What the columns of a batch leave: counts and facts by place, rows with a right value by category."""

    def __init__(self, first_record: int, model: Entities | None) -> None:
        self.first_record = first_record
        self.model = model
        self.remarks: list[pl.DataFrame] = []
        self.counts: dict[Place, Count] = {}
        self.right: dict[Category, Bools] = {}
        self.noted: dict[Place, facts.Counts] = {}
        self.reuse: dict[Place, reuse.Reuse] = {}

    def count(self, place: Place, values: int, valid: int | None) -> None:
        more = Count(values, valid)
        self.counts[place] = self.counts[place] + more if place in self.counts else more

    def mark(self, category: Category, rows: Bools) -> None:
        before = self.right.get(category)
        self.right[category] = rows if before is None else before | rows


class _Masks:
    """The two words of the masks of a batch, filled category by category where they are wanted."""

    def __init__(self, rows: int, *, wanted: bool) -> None:
        self.words = np.zeros((2, rows if wanted else 0), dtype=np.uint64)
        self._wanted = wanted

    def set(self, category: Category, where: Bools) -> None:
        if not self._wanted:
            return
        place = bit(category)
        self.words[place // _WORD] |= where.astype(np.uint64) << np.uint64(place % _WORD)

    def set_rows(self, category: Category, rows: npt.NDArray[np.uint32]) -> None:
        if not self._wanted:
            return
        place = bit(category)
        self.words[place // _WORD, rows] |= np.uint64(1 << (place % _WORD))


def name_batch(
    batch: pa.Table | Opened, plan: TablePlan, first_record: int, secret: bytes | None, today: date
) -> Facts:
    """Names every value of a staged batch.

    Args:
        batch: ``_line``, ``_locator``, then the evidence's columns, all text.
        plan: what to do with each column.
        first_record: id of the batch's first record; ids go on by one.
        secret: 32 bytes known to the case alone, for ``print_lo``; None where nothing is kept of the rows: only what
            is counted of them is then told.
        today: no birth lies after it.
    """
    known = opened(batch)
    rows = known.batch.num_rows
    masks = _Masks(rows, wanted=secret is not None)
    low, high = np.zeros(rows, dtype=np.uint64), np.zeros(rows, dtype=np.uint64)
    told = _Found(first_record, plan.model)
    keys: list[pl.DataFrame] = [_keys("", pl.Series([], dtype=pl.String), 0)]
    parts = Parts(rows)
    for place in plan.fields.get("calling_code", ()):
        parts.calling_code = known.cells.get(place, parts.calling_code)
    for place, key in plan.keys.items():
        if key in known.cells:
            parts.keys[place] = known.cells[key]
    for column in plan.columns:
        if column.place not in known.cells:
            continue
        cells, hashed = known.cells[column.place], known.hashes[column.place]
        if cells.null_count() == rows:
            continue
        if secret is not None:
            high += prints.words(hashed, cells)
            low += prints.words(cells.hash(prints.seed(column.place, secret)), cells)
        if not column.candidates and not column.scanned and column.place not in plan.fields.get("tenant", ()):
            continue
        field = _FIELDS.get(column.candidates[0].category) if column.candidates else None
        empty = placeholders.among(hashed, prints.seed(column.place), field)
        cells = _cleaned(cells, empty, margins=digits.has_margins(known.batch[column.place]))
        if cells.null_count() == rows:
            continue
        cells = unfloated(cells) if column.floats else cells
        parts.keep_raw(plan, column.place, cells)
        _name_column(column, cells, masks, told, parts, today)
        if secret is not None and column.holds(Category.INTERNAL_ID):
            keys.append(_keys(column.place, cells, first_record))
    ids = pl.int_range(first_record, first_record + rows, dtype=pl.Int64, eager=True).alias("record_id")
    people = identity(ids, parts, plan) if plan.has_identity and secret is not None else None
    _compare(numbered(parts, plan) if people is None and plan.has_identity else people, parts, plan, told)
    right = {category: int(rows_.sum()) for category, rows_ in told.right.items()}
    no_rows = pl.DataFrame()
    return Facts(
        no_rows if secret is None else _record(known.batch, ids, masks, (low, high)),
        people,
        pl.concat(keys),
        told.counts,
        parts.orders,
        right,
        told.noted,
        told.reuse,
        pl.concat([pl.DataFrame(schema=remarks.REMARK), *told.remarks]),
    )


def _record(
    batch: pa.Table, ids: pl.Series, masks: _Masks, printed: tuple[prints.Words, prints.Words]
) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "record_id": ids,
            "line": _own(batch, "_line", pl.Int64),
            "locator": _own(batch, "_locator", pl.String),
            "mask_lo": masks.words[0],
            "mask_hi": masks.words[1],
            "print_lo": printed[0],
            "print_hi": printed[1],
        }
    )


def _compare(people: pl.DataFrame | None, parts: Parts, plan: TablePlan, told: _Found) -> None:
    """Columns of one row against one another: what agrees with another column is surer."""
    for place in plan.fields.get("nir", ())[:1]:
        if place in parts.nir and people is not None:
            facts.add(
                told.noted.setdefault((place, Category.NIR, About.PERSON), {}), facts.of_identity(people)
            )
    codes_at = [
        column.place
        for column in plan.columns
        if (found := column.holds(Category.POSTAL_CODE)) is not None
        and found.part in ("french", "cp_city")
        and (Category.POSTAL_CODE, column.place) in parts.place
    ]
    towns_at = [place for place in plan.fields.get("city", ()) if (Category.CITY, place) in parts.place]
    if codes_at and towns_at:
        code = parts.place[Category.POSTAL_CODE, codes_at[0]].head(_COMPARED)
        compared = facts.of_towns(code, parts.place[Category.CITY, towns_at[0]].head(_COMPARED))
        facts.add(told.noted.setdefault((codes_at[0], Category.POSTAL_CODE, About.PERSON), {}), compared)


def _own(batch: pa.Table, name: str, kind: type[pl.DataType]) -> pl.Series:
    """A column of ours, null where the batch has none."""
    if name in batch.column_names:
        return pl.Series(batch[name], dtype=kind)
    return digits.nothing(batch.num_rows, kind)


def _cleaned(cells: pl.Series, empty: Bools, *, margins: bool) -> pl.Series:
    """Cells trimmed where some have margins, placeholders gone."""
    if margins:
        cells = cells.str.strip_chars(digits.MARGINS)
        empty = empty | placeholders.among(cells.hash(0), 0)
    return cells.zip_with(pl.Series(~empty), cells.clear(len(cells))) if empty.any() else cells


def _keys(place: str, cells: pl.Series, first_record: int) -> pl.DataFrame:
    frame = pl.DataFrame({"value": cells}).with_row_index("row").drop_nulls("value")
    return frame.select(
        record_id=pl.col("row").cast(pl.Int64) + first_record, place=pl.lit(place), value=pl.col("value")
    )


def _name_column(
    column: ColumnPlan, cells: pl.Series, masks: _Masks, told: _Found, parts: Parts, today: date
) -> None:
    """Sets the bits of one column, counts its values, keeps what tells people apart."""
    filled = cells.is_not_null().to_numpy()
    for candidate, where, values in _routed(column, cells, filled):
        shown, valid, noted = _checked(candidate, values, where, parts, column.place, today)
        place = column.place, candidate.category, candidate.about
        told.count(place, int(shown.sum()), None if valid is None else int(valid.sum()))
        facts.add(told.noted.setdefault(place, {}), noted)
        if candidate.category in (Category.PASSWORD, Category.PASSWORD_HASH):
            told.reuse[place] = reuse.of(values)
        if candidate.part not in ("key", "country_code"):
            masks.set(_exposed(candidate), shown)
            if valid is not None:
                told.mark(candidate.category, valid)
    if column.prose:
        met, kept = remarks.read(cells, column.place, told.first_record, told.model)
        told.remarks.append(kept)
        own = {c.category for c in column.candidates}
        for one in (m for m in met if m.category not in own):
            masks.set(one.category, one.rows)
            told.count((column.place, one.category, About.TEXT), one.values, one.valid)
            if one.valid is not None:
                told.mark(one.category, one.rows)
    elif column.scanned:
        for seen in text.scan(cells):
            masks.set_rows(seen.category, seen.rows.to_numpy())
            told.count((column.place, seen.category, About.TEXT), seen.matches, seen.valid)
            held = np.zeros(len(cells), dtype=np.bool_)
            held[seen.rows.head(seen.valid).to_numpy()] = True
            told.mark(seen.category, held)


def _exposed(candidate: Candidate) -> Category:
    """What a row exposes of its person: the name of a professional is not their name, but who treats them."""
    named = candidate.about is About.PROFESSIONAL and candidate.category in _NAMES
    return Category.TREATING_DOCTOR if named else candidate.category


def _routed(column: ColumnPlan, cells: pl.Series, filled: Bools) -> list[tuple[Candidate, Bools, pl.Series]]:
    """Each category of the column with its rows and values: one, the parts of a cell, or a mixture told by value."""
    if not column.candidates:
        return []
    main, *others = column.candidates
    if main.part is not None and main.part.startswith(composite.JSON):
        return [
            (c, found.is_not_null().to_numpy(), found)
            for c in column.candidates
            for found in (composite.at(cells, (c.part or "").removeprefix(composite.JSON)),)
        ]
    if main.part == "inside":
        return [_inside(c, cells) for c in column.candidates]
    if main.part in ("name_birth", "name_birth_first"):
        apart = composite.name_and_birth(cells)
    elif main.part == "cp_city":
        apart = digits.by_distinct(cells, address.code_and_city)
    elif main.part == "whole":
        apart = address.whole(cells)
    else:
        return _mixture(main, others, cells, filled)
    out = []
    for candidate in column.candidates:
        values = apart[str(candidate.category)]
        out.append((candidate, values.is_not_null().to_numpy(), values))
    return out


def _inside(candidate: Candidate, cells: pl.Series) -> tuple[Candidate, Bools, pl.Series]:
    """The cells that hold a contact among others."""
    pattern = email.INSIDE if candidate.category is Category.EMAIL else phone.INSIDE
    held = cells.str.contains(pattern).fill_null(value=False)
    return candidate, held.to_numpy(), cells.zip_with(held, cells.clear(len(cells)))


def _mixture(
    main: Candidate, others: list[Candidate], cells: pl.Series, filled: Bools
) -> list[tuple[Candidate, Bools, pl.Series]]:
    if not others:
        return [(main, filled, cells)]
    left = filled.copy()
    out = []
    none = cells.clear(len(cells))
    for candidate in others:
        mine = (
            left & _MIXABLE[candidate.category](cells).to_numpy() if candidate.category in _MIXABLE else left
        )
        left &= ~mine
        out.append((candidate, mine, cells.zip_with(pl.Series(mine), none)))
    kept = filled if main.category is Category.LOGIN else left
    return [(main, kept, cells if kept is filled else cells.zip_with(pl.Series(kept), none)), *out]


def _checked(
    candidate: Candidate, values: pl.Series, where: Bools, parts: Parts, place: str, today: date
) -> Checked:
    """Which rows show the category, which are right, and what is worth noting."""
    mine = candidate.about is About.PERSON
    category = candidate.category
    if mine and category is Category.FULL_NAME and candidate.part is not None:
        parts.raw[place] = values
    if candidate.part in ("key", "country_code", "detail"):
        return Checked(where)
    if category is Category.NIR:
        key = parts.keys.get(place)
        parsed = nir.parse(values if key is None else nir.with_key(values, key))
        if mine:
            parts.nir[place] = (
                parsed
                if candidate.part != "unproven"
                else parsed.with_columns(shaped=pl.col("shaped") & pl.col("key").fill_null(value=False))
            )
        right = (parsed["shaped"] & parsed["key"].fill_null(value=False)).to_numpy()
        return Checked(where, right, facts.of_nir(values, parsed))
    if category is Category.EMAIL:
        normal, *more = email.each(values)
        if mine:
            parts.emails |= {place: normal, **{f"{place}\x1f{n}": m for n, m in enumerate(more)}}
        return Checked(where, normal.is_not_null().to_numpy())
    if category is Category.PHONE:
        normal, *more = phone.each(
            values, lost_zero=candidate.part == "lost_zero", country=parts.calling_code
        )
        if mine:
            parts.phones |= {place: normal, **{f"{place}\x1f{n}": m for n, m in enumerate(more)}}
        french = normal.str.starts_with("+").fill_null(value=False).to_numpy()
        return Checked(where, french, facts.of_numbers(values.filter(~french)))
    if category is Category.BIRTH_DATE:
        reading = days.read(values, candidate.style or dates.Style(), today)
        parts.orders[place] = (reading.first, reading.second)
        born, year = reading.date, reading.year
        if mine:
            parts.births[place] = (born, year)
        noted = facts.of_dates(reading)
        shown = where & ~reading.default if noted["default_date"] else where
        right = dates.birth_valid(born, year, today).to_numpy() & ~reading.impossible & shown
        return Checked(shown, right, noted)
    if category is Category.DEATH_DATE:
        return _death(candidate, values, parts, place, today)
    if category is Category.POSTAL_CODE and candidate.part in ("french", "cp_city"):
        values = address.postal_normal(values)
    if category in (Category.POSTAL_ADDRESS, Category.POSTAL_CODE, Category.CITY) and mine:
        parts.place[category, place] = values
    check = _CHECKS.get(category)
    noted = _NOTES[category](values) if category in _NOTES else {}
    return Checked(where, None if check is None else check(values).to_numpy() & where, noted)


def _death(candidate: Candidate, values: pl.Series, parts: Parts, place: str, today: date) -> Checked:
    """« non » in a column of deaths is no death."""
    dated = days.read(values, candidate.style or dates.Style(), today).year.is_not_null()
    dead = digits.flags(values, DEAD) | dated.to_numpy()
    alive = digits.flags(values, ALIVE)
    if candidate.about is About.PERSON:
        told = pl.Series(dead).zip_with(pl.Series(dead | alive), digits.nothing(len(values), pl.Boolean))
        parts.deceased[place] = told
    return Checked(values.is_not_null().to_numpy() & ~alive)


def _finess_or_rpps(values: pl.Series) -> pl.Series:
    return professional.rpps_valid(values) | professional.adeli_valid(values)


_CHECKS: dict[Category, Callable[[pl.Series], pl.Series]] = {
    Category.IBAN: iban.valid_array,
    Category.PAYMENT_CARD: card.valid_array,
    Category.PROFESSIONAL_ID: _finess_or_rpps,
    Category.POSTAL_CODE: address.postal_valid,
    Category.BLOOD_GROUP: codes.blood_valid,
    Category.PASSWORD: password.clear_valid,
    Category.PASSWORD_HASH: password.hash_valid,
    Category.INS: lambda v: v.str.contains(codes.INS).fill_null(value=False) | nir.valid_array(v),
    Category.IP_ADDRESS: codes.ip_valid,
    Category.SEX: names.sex_valid,
}
"""Categories whose values can be right or wrong, beyond those that feed the identity."""

_NOTES: dict[Category, Callable[[pl.Series], facts.Counts]] = {
    Category.PAYMENT_CARD: facts.of_cards,
    Category.PASSWORD: reuse.families,
    Category.PASSWORD_HASH: reuse.families,
    Category.INTERNAL_ID: facts.of_numbers,
    Category.PROFESSIONAL_ID: facts.of_numbers,
    Category.ID_CARD: facts.of_numbers,
    Category.TAX_NUMBER: facts.of_numbers,
}
"""Categories whose values are worth a note."""
