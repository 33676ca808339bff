"""In which language each person is written to, when the controller's own file says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from hemostat.detect.folded import fold
from hemostat.evidence import batch_name, columns_of
from hemostat.model import RECORD_BITS
from hemostat.rules import rows

if TYPE_CHECKING:
    from hemostat.case import Case

_SCHEMA = {"patient_record": pl.Int64, "lang": pl.String}


def languages(case: Case) -> pl.DataFrame:
    """patient_record, lang: of the rows of the patient file that name a language in which letters exist."""
    found = [pl.DataFrame(schema=_SCHEMA)]
    for (number,) in case.rows("select evidence_id from evidence where role = 'patients' order by 1"):
        column = next((name for name in columns_of(case, number) if fold(name) in _headings()), None)
        if column is not None:
            found.append(_of_table(case, number, column))
    return pl.concat(found)


def _of_table(case: Case, evidence: int, column: str) -> pl.DataFrame:
    """The rows of one table, numbered in the order in which they were read, as records are."""
    held = case.rows(
        'select seq, "rows" from batch where evidence_id = ? and "rows" > 0 order by seq', (evidence,)
    )
    texts = []
    for seq, height in held:
        name = batch_name(evidence, seq)
        there = column in case.staged_columns(name)
        texts.append(
            pl.DataFrame(case.staged(name, [column])).select(pl.col(column).cast(pl.String))
            if there
            else pl.DataFrame({column: [None] * height}, schema={column: pl.String})
        )
    if not texts:
        return pl.DataFrame(schema=_SCHEMA)
    said = pl.concat(texts)[column].str.strip_chars().str.to_lowercase()
    return pl.DataFrame(
        {
            "patient_record": pl.int_range(said.len(), eager=True, dtype=pl.Int64)
            + (evidence << RECORD_BITS),
            "lang": said.replace_strict(_values(), default=None, return_dtype=pl.String),
        }
    ).drop_nulls("lang")


def _headings() -> frozenset[str]:
    found = rows("letters", "language_heading", {"id": str, "forms": list})
    return frozenset(fold(form) for row in found for form in row["forms"])


def _values() -> dict[str, str]:
    found = rows("letters", "language", {"id": str, "forms": list})
    return {form: row["id"] for row in found for form in row["forms"]}
