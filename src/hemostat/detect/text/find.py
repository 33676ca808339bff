"""From a column of texts to their spans, in the order of the texts, each cut at offsets of Unicode characters."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from hemostat.detect.text.context import Cues, line
from hemostat.detect.text.dates import dates
from hemostat.detect.text.identifiers import identifiers
from hemostat.detect.text.labelled import labelled
from hemostat.detect.text.lexicon import lexicon
from hemostat.detect.text.names import people
from hemostat.detect.text.page import page
from hemostat.detect.text.phrases import phrases
from hemostat.detect.text.places import places
from hemostat.detect.text.somebody import of_somebody
from hemostat.detect.text.spans import CATEGORIES, Flag, no_spans, revealed, settled
from hemostat.detect.text.tokens import tokens
from hemostat.rules.categories import WORD, bit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from hemostat.detect.text.page import Ints, Page
    from hemostat.detect.text.spans import Spans

    Words = npt.NDArray[np.uint64]


SPANS = pa.schema(
    [
        ("doc", pa.int64()),
        ("start", pa.int32()),
        ("end", pa.int32()),
        ("category", pa.string()),
        ("confidence", pa.float64()),
        ("negated", pa.bool_()),
        ("hypothesis", pa.bool_()),
        ("past", pa.bool_()),
        ("about", pa.string()),
    ]
)
"""``start`` and ``end`` count Unicode characters of the text; ``about``: patient, relative or professional."""

_PAGE = 1 << 19
"""Characters looked at in one go: a page that stays in the processor's cache."""


def find(texts: pl.Series | pa.Array | pa.ChunkedArray) -> pa.Table:
    """The spans of a column of texts, schema ``SPANS``; ``doc`` is the position in the column. Nulls hold nothing.

    >>> found = find(pl.Series(["NIR 2 55 08 14 168 025 38", None, "tel 0199000412"]))
    >>> found.select(["doc", "start", "end", "category"]).to_pylist()[1]
    {'doc': 2, 'start': 4, 'end': 14, 'category': 'phone'}
    """
    parts = [_table(first, starts, spans) for first, starts, spans in _pages(_list(texts))]
    return pa.concat_tables([SPANS.empty_table(), *parts])


def shown(spans: pa.Table) -> pa.Table:
    """The spans that expose somebody: remarks that are denied, or that speak of somebody's trade, are left out."""
    remark = pc.starts_with(spans["category"], "remark_")
    aside = pc.and_(remark, pc.or_(spans["negated"], pc.equal(spans["about"], "professional")))
    return spans.filter(pc.invert(aside))


def masks(texts: pl.Series | pa.Array | pa.ChunkedArray) -> tuple[Words, Words]:
    """Both words of the mask of the categories each text holds, as in the table ``record``; what is negated counts not.

    >>> [word.tolist() for word in masks(pl.Series(["tel 0199000412", None]))]
    [[32768, 0], [0, 0]]
    """
    whole = _list(texts)
    low, high = np.zeros(len(whole), dtype=np.uint64), np.zeros(len(whole), dtype=np.uint64)
    bits = np.array([bit(category) for category in CATEGORIES], dtype=np.uint64)
    for first, starts, spans in _pages(whole):
        mine = spans.only((spans.flags & Flag.NEGATED) == 0)
        doc = first + np.searchsorted(starts, mine.start, side="right") - 1
        place = bits[mine.category]
        one = np.uint64(1)
        np.bitwise_or.at(low, doc, np.where(place < WORD, one << (place % WORD), np.uint64(0)))
        np.bitwise_or.at(high, doc, np.where(place >= WORD, one << (place % WORD), np.uint64(0)))
    return low, high


def _list(texts: pl.Series | pa.Array | pa.ChunkedArray) -> list[str | None]:
    found: list[str | None] = texts.to_list() if isinstance(texts, pl.Series) else texts.to_pylist()
    return found


def _pages(texts: Sequence[str | None]) -> Iterator[tuple[int, Ints, Spans]]:
    """Number of the first text, starts of the texts and spans, page by page; a page holds whole texts."""
    first = size = 0
    for number, text in enumerate(texts):
        size += len(text or "") + 1
        if size >= _PAGE or number == len(texts) - 1:
            made = page(texts[first : number + 1])
            yield first, made.starts, _spans(made)
            first, size = number + 1, 0


def _table(first: int, starts: Ints, spans: Spans) -> pa.Table:
    within = np.searchsorted(starts, spans.start, side="right") - 1
    shift = starts[within]
    flags = spans.flags
    about = np.where(flags & Flag.PROFESSIONAL, 2, np.where(flags & Flag.RELATIVE, 1, 0))
    names = pa.array(["patient", "relative", "professional"])
    return pa.table(
        [
            pa.array(first + within),
            pa.array((spans.start - shift).astype(np.int32)),
            pa.array((spans.end - shift).astype(np.int32)),
            pa.array([str(c) for c in CATEGORIES]).take(pa.array(spans.category)),
            pa.array(spans.confidence),
            pa.array((flags & Flag.NEGATED) > 0),
            pa.array((flags & Flag.HYPOTHESIS) > 0),
            pa.array((flags & Flag.PAST) > 0),
            names.take(pa.array(about)),
        ],
        schema=SPANS,
    )


def _spans(made: Page) -> Spans:
    """Everything in a page; where spans overlap, identifiers win over names, names over remarks, remarks over care."""
    words = tokens(made)
    if not len(words):
        return no_spans()
    known = lexicon()
    found = line(words, *known.look_up(made, words))
    cues = Cues(found, known)
    names = people(made, words, found)
    numbers = identifiers(made, words)
    days = dates(made, words, found, cues, names)
    care = phrases(known.care, known.care_terms, words, found, cues)
    remarks = phrases(known.remarks, known.remark_terms, words, found, cues)
    if len(remarks):
        spoken = of_somebody(made, words, found, cues, [names, numbers, days, care])
        remarks = remarks.only(spoken[np.searchsorted(made.starts, remarks.start, side="right") - 1])
    kept = settled(
        [
            numbers,
            labelled(known.labels, made, words, found),
            places(made, words, found),
            days,
            names,
            remarks,
            care,
        ]
    )
    return revealed(kept)
