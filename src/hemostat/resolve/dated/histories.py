"""Histories of a patient file, whatever their form, as runs: which value a field of a record had, and since when. Pure.

Three forms: rows with their validity, a log of changes (field, old value, new value), dated snapshots.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from hemostat.detect.headings import normalise
from hemostat.resolve import hashing
from hemostat.resolve.dated.rules import headings
from hemostat.resolve.names import distinct, fold

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

RUNS: dict[str, pl.DataType | type[pl.DataType]] = {
    "key": pl.UInt64, "field": pl.String, "value": pl.UInt64, "since": pl.Int64, "by": pl.Int64,
}  # fmt: skip
"""key, field, value (hashes; 0 empty), and when it began to hold: after `since`, by `by`; null for the first known."""
CREATED: dict[str, pl.DataType | type[pl.DataType]] = {"key": pl.UInt64, "since": pl.Int64, "by": pl.Int64}
"""When records appeared; those of the very start are left out, which the history cannot date."""

_DAY = 86_400_000_000
_DATED_NAME = re.compile(
    r"(?<!\d)((?:19|20)\d\d)[-_.]?(0[1-9]|1[0-2])[-_.]?(0[1-9]|[12]\d|3[01])(?:[T_-]?([01]\d|2[0-3])[h:_-]?([0-5]\d))?(?!\d)"
)


def plain(cells: pl.Series) -> pl.Series:
    """Cells as they are compared: without case, accents and signs, dates the year first; hashes, 0 where empty."""
    order, words = distinct(cells)
    turned = words.str.replace(r"^(\d{2})[/.-](\d{2})[/.-](\d{4})\b", "$3$2$1")
    folded = fold(turned).str.replace_all(r"[^A-Z0-9]+", "").replace("", None)
    return pl.Series(cells.name, np.append(hashing.of_text(folded), np.uint64(0))[order])


def column(headings_of: Iterable[str], kind: str) -> str | None:
    """The column whose heading says this (from, to, at, field, old, new, snapshot), the clearest; None without one.

    >>> column(["patient_id", "Ancienne valeur", "Nouvelle valeur"], "old")
    'Ancienne valeur'
    """
    named = {normalise(name): name for name in headings_of}
    return next((named[form] for form in headings()[kind] if form in named), None)


def form_of(columns: Sequence[str], name: str) -> str | None:
    """audit, intervals, snapshot (a column of dates), file (a date in the name), or None where there is no history.

    >>> form_of(["patient_id", "champ", "avant", "apres", "date"], "a.csv"), form_of(["id", "nom"], "p_20241118.csv")
    ('audit', 'file')
    """
    if column(columns, "field") and column(columns, "new") and column(columns, "at"):
        return "audit"
    if column(columns, "snapshot"):
        return "snapshot"
    if dated_name(name) is not None:
        return "file"
    return "intervals" if column(columns, "from") else None


def dated_name(name: str) -> str | None:
    """The date in the name of a file, as ISO 8601 text, with its time where it says one.

    >>> dated_name("dump/patients_20241118.csv"), dated_name("patients-2024-11-18T0300.csv"), dated_name("patients.csv")
    ('2024-11-18', '2024-11-18T03:00', None)
    """
    found = _DATED_NAME.search(re.split(r"[/\\]", name)[-1])
    if found is None:
        return None
    year, month, day, hour, minute = found.groups()
    return f"{year}-{month}-{day}" + (f"T{hour}:{minute}" if hour else "")


def steps_of(written: pl.Series, instants: pl.Series) -> pl.DataFrame:
    """since, by (microseconds): when a change dated so was made; a day without an hour lasts until the next.

    In: dates as written, and as instants of UTC.
    """
    at = instants.dt.timestamp("us")
    whole = (
        written.str.contains(":").fill_null(value=False).not_() & written.str.contains(r"\d[T ]\d\d").not_()
    )
    return pl.DataFrame({"since": at, "by": at + pl.Series(whole.cast(pl.Int64)) * _DAY})


def from_changes(table: pl.DataFrame) -> pl.DataFrame:
    """Runs of a log of changes. In: key, field, old, new (hashes), since, by."""
    ordered = (
        table.drop_nulls(["since"]).filter(pl.col("key") != 0).sort("key", "field", "by", maintain_order=True)
    )
    first = ordered.group_by("key", "field", maintain_order=True).first()
    began = first.select(
        "key", "field", value="old", since=pl.lit(None, dtype=pl.Int64), by=pl.lit(None, dtype=pl.Int64)
    )
    later = ordered.select("key", "field", value="new", since="since", by="by")
    return pl.concat([began, later]).select(*RUNS).cast(dict(RUNS))  # type: ignore[arg-type]


def from_versions(table: pl.DataFrame, fields: Mapping[str, str]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Runs and creations of rows that each hold from some time on.

    In: key, since, by, and columns of hashes; `fields`: column -> name of the field. Consecutive equal values are one
    run. Rows of the very first time were there before the history began.
    """
    ordered = table.drop_nulls(["by"]).filter(pl.col("key") != 0).sort("key", "by", maintain_order=True)
    runs = [pl.DataFrame(schema=RUNS)]
    for name, field in fields.items():
        same = pl.col(name) == pl.col(name).shift(1)
        kept = ordered.select("key", name, "since", "by").filter(
            ~(same & (pl.col("key") == pl.col("key").shift(1))).fill_null(value=False)
        )
        first = pl.col("key").is_first_distinct()
        runs.append(
            kept.select(
                "key",
                field=pl.lit(field),
                value=name,
                since=pl.when(~first).then("since"),
                by=pl.when(~first).then("by"),
            )
        )
    born = ordered.group_by("key", maintain_order=True).agg(pl.col("since").first(), pl.col("by").first())
    return pl.concat(runs), born.filter(pl.col("by") > born["by"].min())


def changes(runs: pl.DataFrame, leaked: pl.DataFrame) -> pl.DataFrame:
    """since, by, new: the changes of which the leak shows the old or the new value, one for each row and time.

    In: `leaked` with row, key, field, value (hashes). A value that came twice, or that was never there, tells nothing.
    """
    numbered = runs.with_columns(
        number=pl.int_range(pl.len()).over("key", "field"), many=pl.len().over("key", "field")
    )
    moving = numbered.filter(pl.col("many") > 1)
    once = moving.filter((pl.len().over("key", "field", "value") == 1) & (pl.col("value") != 0))
    held = leaked.filter(pl.col("value") != 0).join(
        once.select("key", "field", "value", shown="number"), on=["key", "field", "value"]
    )
    return (
        held.join(
            moving.filter(pl.col("number") > 0).select("key", "field", "number", "since", "by"),
            on=["key", "field"],
        )
        .group_by("row", "by", "since")
        .agg(new=(pl.col("shown") >= pl.col("number")).mean() > 0.5)  # noqa: PLR2004 - the majority
        .select("since", "by", "new")
    )
