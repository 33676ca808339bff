"""Free texts of a batch read once for each distinct text: categories of each row, and where its remarks stand.

Of a remark only its place is kept, never its words: it is enough to draw a sample and to review it before anybody is
told of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from hemostat.detect import entities, text
from hemostat.model import Category
from hemostat.rules import categories

if TYPE_CHECKING:
    import numpy.typing as npt

    from hemostat.detect.digits import Bools
    from hemostat.detect.entities import Entities

    Ints = npt.NDArray[np.int64]

NEGATED, HYPOTHESIS, PAST, RELATIVE = 1, 2, 4, 8
"""Flags of a remark: what is said not to be, perhaps, formerly, of somebody close."""

REMARK: dict[str, type[pl.DataType]] = {
    "record_id": pl.Int64, "place": pl.String, "category": pl.String, "start": pl.Int32, "end": pl.Int32,
    "flags": pl.Int32,
}  # fmt: skip
"""Columns of table ``remark``."""

_CHECKED = frozenset(
    {Category.EMAIL, Category.PHONE, Category.NIR, Category.IBAN, Category.PAYMENT_CARD, Category.PROFESSIONAL_ID,
     Category.IP_ADDRESS}
)  # fmt: skip
"""Identifiers that carry their own check."""
_OF_OTHERS = frozenset(
    {Category.FULL_NAME, Category.BIRTH_DATE, Category.EMAIL, Category.PHONE, Category.POSTAL_ADDRESS,
     Category.POSTAL_CODE, Category.CITY}
)  # fmt: skip
"""Data that, about somebody close, tell of a relative and not of the person."""
_SURE = 0.8
_PROFESSIONAL, _OF_RELATIVE = "professional", "relative"


@dataclass(frozen=True, slots=True)
class Met:
    """One category met in texts: the rows that hold it, how many times, how many right (None: nothing to check)."""

    category: Category
    rows: Bools
    values: int
    valid: int | None


class _Texts:
    """The rows of a column, those that hold a text, which distinct one, and how often each comes."""

    def __init__(self, rows: int, filled: Ints, codes: Ints, distinct: int) -> None:
        self.rows, self.filled, self.codes = rows, filled, codes
        self.times: Ints = np.bincount(codes, minlength=distinct)


def read(
    cells: pl.Series, place: str, first_record: int, model: Entities | None = None
) -> tuple[list[Met], pl.DataFrame]:
    """What a column of texts holds, and the places of its remarks (columns of ``REMARK``); a model may add to it.

    >>> met, kept = read(pl.Series(["tel 0199000412", None, "tel 0199000412"]), "note", 100)
    >>> [(str(m.category), m.rows.tolist(), m.values) for m in met], len(kept)
    ([('phone', [True, False, True], 2)], 0)
    """
    coded = cells.to_arrow(compat_level=pl.CompatLevel.oldest()).dictionary_encode()
    found = text.find(coded.dictionary)
    if model is not None:
        found = entities.beside(found, model.find(coded.dictionary.to_pylist()))
    if not found.num_rows:
        return [], pl.DataFrame(schema=REMARK)
    spans, exposed = pl.DataFrame(found), _of_patients(pl.DataFrame(text.shown(found)))
    codes = pl.Series(coded.indices, dtype=pl.Int64)
    filled = np.flatnonzero(codes.is_not_null().to_numpy())
    texts = _Texts(len(cells), filled, codes.gather(filled).to_numpy(), len(coded.dictionary))
    docs = pl.col("doc")
    held = (
        exposed.group_by("category")
        .agg(docs, right=docs.filter(pl.col("confidence") >= _SURE))
        .sort("category")
    )
    met = [
        _met(Category(name), texts, mine.to_numpy(), right.to_numpy())
        for name, mine, right in zip(held["category"], held["doc"], held["right"], strict=True)
    ]
    return [one for one in met if one.values], _remarks(spans, codes, place, first_record)


def _of_patients(spans: pl.DataFrame) -> pl.DataFrame:
    """Spans without the names and contacts of professionals; those of somebody close tell of a relative."""
    contact = pl.col("category").is_in(sorted(map(str, _OF_OTHERS)))
    kept = spans.filter(~contact | (pl.col("about") != _PROFESSIONAL))
    relative = contact & (pl.col("about") == _OF_RELATIVE)
    named = pl.when(relative).then(pl.lit(str(Category.RELATIVE))).otherwise(pl.col("category"))
    return kept.with_columns(category=named)


def _met(category: Category, texts: _Texts, docs: Ints, right: Ints) -> Met:
    held = np.zeros(len(texts.times), dtype=np.bool_)
    held[docs] = True
    rows = np.zeros(texts.rows, dtype=np.bool_)
    rows[texts.filled] = held[texts.codes]
    valid = int(texts.times[right].sum()) if category in _CHECKED else None
    return Met(category, rows, int(texts.times[docs].sum()), valid)


def _remarks(spans: pl.DataFrame, codes: pl.Series, place: str, first_record: int) -> pl.DataFrame:
    kept = spans.filter(pl.col("category").is_in(_remark_categories()))
    rows = pl.DataFrame({"doc": codes}).with_row_index("row").drop_nulls()
    flags = (
        pl.col("negated").cast(pl.Int32) * NEGATED
        + pl.col("hypothesis").cast(pl.Int32) * HYPOTHESIS
        + pl.col("past").cast(pl.Int32) * PAST
        + (pl.col("about") == _OF_RELATIVE).cast(pl.Int32) * RELATIVE
    )
    return (
        rows.join(kept, on="doc")
        .select(
            record_id=pl.col("row").cast(pl.Int64) + first_record,
            place=pl.lit(place),
            category="category",
            start="start",
            end="end",
            flags=flags,
        )
        .cast(REMARK)  # type: ignore[arg-type]
        .sort("record_id", "start")
    )


def _remark_categories() -> list[str]:
    return [str(rule.id) for rule in categories() if rule.group == "remarks"]


PLACE = "text"
"""The place of findings inside texts."""
