"""Cells of free text: reasons, messages, comments, remarks, each labelled with what it shows and of whom."""

# ruff: noqa: PLR2004 - a fiction is made of chosen figures

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from hemostat.simulate import texts
from hemostat.simulate.draw import put, shares, weighted
from hemostat.simulate.sheet import filled
from hemostat.simulate.texts import Sort

if TYPE_CHECKING:
    from hemostat.simulate.draw import Bools, Ints, Rng
    from hemostat.simulate.sheet import Sheet, Shower
    from hemostat.simulate.story import Column

_YEAR = 365.2425


def _plain(kind: str) -> Shower:
    """Ordinary texts of care, one sort drawn for each row; only women of an age for it write of a pregnancy."""

    def shown(sheet: Sheet, column: Column) -> pl.Series:
        rng = sheet.rng(f"text {column.heading}")
        grammar = texts.grammar("care_texts")
        sorts = grammar.of(kind)
        drawn = weighted(rng, [sort.weight for sort in sorts], sheet.size)
        drawn[_pregnant(sorts)[drawn] & ~_may_be_pregnant(sheet)] = 0
        _label(sheet, column.heading, sorts, drawn)
        kept = _kept(sheet, column)
        written = texts.typed(rng, texts.write_sorts(rng, grammar, sorts, drawn[kept]))
        if kind == "message":
            written = texts.on_lines(rng, written, 0.1)
        return _spread(sheet, kept, written)

    return shown


def _laboratory(sheet: Sheet, column: Column) -> pl.Series:
    """Comments of a laboratory: a third tell something of the patient's health, the others only look so."""
    rng = sheet.rng(f"text {column.heading}")
    grammar = texts.grammar("remarks")
    sorts = grammar.of("lab") + grammar.of("lab_plain")
    odds = np.array([sort.weight for sort in sorts])
    telling = np.array([sort.kind == "lab" for sort in sorts])
    odds = np.where(telling, odds / odds[telling].sum() * 0.36, odds / odds[~telling].sum() * 0.64)
    drawn = weighted(rng, odds, sheet.size)
    drawn[_pregnant(sorts)[drawn] & ~_may_be_pregnant(sheet)] = int(np.flatnonzero(~telling)[0])
    _label(sheet, column.heading, sorts, drawn)
    kept = _kept(sheet, column)
    typed = texts.typed(rng, texts.write_sorts(rng, grammar, sorts, drawn[kept]))
    return _spread(sheet, kept, texts.on_lines(rng, typed, 0.02))


def _hospital(sheet: Sheet, column: Column) -> pl.Series:
    """Comments of a hospital file; of the dead, the certificate with the name of the doctor who wrote it."""
    rng = sheet.rng(f"text {column.heading}")
    grammar = texts.grammar("care_texts")
    certificate = Sort("ward", ("",), ("death_date",), "self", 0.0)
    sorts = (*grammar.of("ward"), certificate)
    drawn = weighted(rng, [sort.weight for sort in sorts], sheet.size)
    drawn[sheet.people["deceased"].to_numpy()] = len(sorts) - 1
    _label(sheet, column.heading, sorts, drawn)
    kept = _kept(sheet, column)
    typed = texts.typed(rng, texts.write_sorts(rng, grammar, sorts, drawn[kept]))
    dead = drawn[kept] == len(sorts) - 1
    certified = pl.format(
        "Certificat de décès rédigé par {}, remis à la famille", sheet.people["doctor"].gather(kept)
    )
    return _spread(
        sheet,
        kept,
        pl.select(pl.when(pl.Series(dead)).then(certified).otherwise(typed).alias("text"))["text"],
    )


def _remark(sheet: Sheet, column: Column) -> pl.Series:
    """Remarks of a practice: sensitive ones on the rows that were chosen for it, by theme; harmless ones elsewhere."""
    rng = sheet.rng(f"text {column.heading}")
    grammar = texts.grammar("remarks")
    sensitive, harmless = grammar.of("remark"), grammar.of("harmless")
    sorts = sensitive + harmless
    drawn = len(sensitive) + weighted(rng, [sort.weight for sort in harmless], sheet.size)
    chosen = np.flatnonzero(sheet.rows["remarked"].to_numpy())
    drawn[chosen] = _by_theme(rng, sensitive, sheet.story.themes, len(chosen))
    kept = _kept(sheet, column)
    written = _spread(sheet, kept, texts.write_sorts(rng, grammar, sorts, drawn[kept]))
    # Some say two things at once: the second remark follows the first.
    double = chosen[rng.random(len(chosen)) < 0.12]
    second = _by_theme(rng, sensitive, sheet.story.themes, len(double))
    link = pl.Series((". ", ", ", " ; ", " + ", " / ")).gather(rng.integers(0, 5, len(double)))
    more = texts.write_sorts(rng, grammar, sorts, second)
    written = put(written, double, written.gather(double).str.slice(0, 120) + link + more)
    _label(sheet, column.heading, sorts, drawn, (double, second))
    typed = texts.typed(rng, written.gather(kept), texts.HURRIED)
    return _spread(sheet, kept, texts.on_lines(rng, typed, 0.03))


def _kept(sheet: Sheet, column: Column) -> Ints:
    """The rows whose text is seen: the others need not be written."""
    return np.flatnonzero(filled(sheet, column, np.ones(sheet.size, dtype=np.bool_))).astype(np.int64)


def _spread(sheet: Sheet, where: Ints, written: pl.Series) -> pl.Series:
    """Texts in their rows, nothing elsewhere."""
    return put(pl.Series("text", [None], dtype=pl.String).new_from_index(0, sheet.size), where, written)


def _by_theme(rng: Rng, sorts: tuple[Sort, ...], themes: tuple[tuple[str, float], ...], size: int) -> Ints:
    """Sorts of texts so that their first category follows the themes, exactly."""
    split = shares(size, tuple(share for _, share in themes))
    drawn = []
    for (theme, _), count in zip(themes, split, strict=True):
        weights = [sort.weight if sort.categories[0] == theme else 0.0 for sort in sorts]
        drawn.append(weighted(rng, weights, count))
    return rng.permutation(np.concatenate([np.zeros(0, dtype=np.int64), *drawn]))


def _label(
    sheet: Sheet, heading: str, sorts: tuple[Sort, ...], drawn: Ints, also: tuple[Ints, Ints] | None = None
) -> None:
    """Notes what the texts show, by row."""
    said = pl.Series([list(sort.categories) for sort in sorts], dtype=pl.List(pl.String))
    whom = pl.Series([sort.about for sort in sorts])
    categories, about = said.gather(drawn), whom.gather(drawn)
    if also is not None:
        rows, second = also
        both = categories.gather(rows).list.set_union(said.gather(second)).list.sort()
        place = np.arange(sheet.size)
        place[rows] = sheet.size + np.arange(len(rows))
        categories = pl.concat([categories, both]).gather(place)
        mixed = pl.DataFrame({"a": about.gather(rows), "b": whom.gather(second)})
        either = mixed.select(
            pl.when((pl.col("a") == "self") | (pl.col("b") == "self")).then(pl.lit("self")).otherwise("a")
        )
        about = put(about, rows, either.to_series())
    sheet.labels[heading] = pl.DataFrame({"categories": categories, "about": about})


def _pregnant(sorts: tuple[Sort, ...]) -> Bools:
    return np.array(["pregnancy" in sort.categories for sort in sorts], dtype=np.bool_)


def _may_be_pregnant(sheet: Sheet) -> Bools:
    days = np.datetime64(sheet.story.today) - sheet.people["birth_date"].to_numpy().astype("datetime64[D]")
    years = days.astype(np.int64) / _YEAR
    return np.asarray((sheet.people["sex"].to_numpy() == 2) & (years > 17) & (years < 47), dtype=np.bool_)


SHOWN: dict[str, Shower] = {
    "reason": _plain("reason"),
    "message": _plain("message"),
    "treatment": _plain("treatment"),
    "dosage": _plain("dosage"),
    "laboratory_comment": _laboratory,
    "remark": _remark,
    "hospital_comment": _hospital,
    "prescription": _plain("prescription"),
}
"""Free texts by the name a story uses."""

IMPERSONAL = {"reason", "message", "treatment", "dosage", "prescription"}
"""Those that need no names, numbers or addresses."""
