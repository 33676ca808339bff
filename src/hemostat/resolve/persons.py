"""From clusters of records to people: who each record is of, and what of each person is in the evidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from hemostat.model import LinkKind, RecordStatus

if TYPE_CHECKING:
    from numpy.typing import NDArray

    I64 = NDArray[np.int64]

_NOBODY = -1
_PLACE = 32  # bits that hold the place of a record
_LEVELS = ("certain", "best", "all_possible")
_LINKS = (LinkKind.SINGLE, LinkKind.CERTAIN, LinkKind.POSSIBLE)
_STATUSES = (RecordStatus.KEPT, RecordStatus.EXACT_DUPLICATE)


@dataclass(frozen=True, slots=True)
class Persons:
    """Tables `record_person`, `person` (but for the patient record) and `exposure_mask`."""

    records: pl.DataFrame
    persons: pl.DataFrame
    exposures: pl.DataFrame


def gather(everyone: pl.DataFrame, numbers: pl.DataFrame, record: pl.DataFrame) -> Persons:
    """The people of a case.

    In: `everyone` with record_id, certain, best, all_possible (cluster numbers); `numbers` with cluster, person_id;
    `record` in the order of record_id, with record_id, first (the smallest record equal to it), evidence_id, masks.
    """
    ids = record["record_id"].to_numpy()
    of_first = np.searchsorted(ids, record["first"].to_numpy())
    at = np.searchsorted(ids, everyone["record_id"].to_numpy())
    levels = {name: _placed(at, everyone[name].to_numpy(), len(ids))[of_first] for name in _LEVELS}
    cluster = levels["best"]
    number = np.full(int(cluster.max(initial=_NOBODY)) + 2, _NOBODY, dtype=np.int64)
    number[numbers["cluster"].to_numpy()] = numbers["person_id"].to_numpy()
    person = number[cluster]
    held = np.flatnonzero(person != _NOBODY)
    # records stay in their order within each person
    order = np.sort(person[held] << _PLACE | held) & ((1 << _PLACE) - 1)
    owner = person[order]
    starts = np.flatnonzero(np.append(True, owner[1:] != owner[:-1])) if len(owner) else np.empty(0, np.int64)
    records = np.diff(np.append(starts, len(owner)))
    certain = levels["certain"][order]
    first_certain, last_certain = _least(certain, starts), -_least(-certain, starts)
    link = np.where(records == 1, 0, np.where(first_certain == last_certain, 1, 2))
    masks = {name: record[name].to_numpy()[order] for name in ("mask_lo", "mask_hi")}
    persons = pl.DataFrame(
        {
            "person_id": owner[starts],
            "first_record": ids[order][starts],
            "records": records,
            "link": pl.Series(_LINKS).gather(link),
            **{name: _any_bit(mask, starts) for name, mask in masks.items()},
            "certain_id": first_certain,
            "possible_id": _least(levels["all_possible"][order], starts),
        }
    )
    links = np.full(len(ids), len(_LINKS), dtype=np.int64)
    links[order] = np.repeat(link, records)
    repeated = (of_first != np.arange(len(ids))).astype(np.int8)
    table = pl.DataFrame(
        {
            "record_id": ids,
            "person_id": pl.Series(person).replace(_NOBODY, None),
            "status": pl.Series(_STATUSES).gather(repeated),
            "link": pl.Series([*_LINKS, None]).gather(links),
        }
    )
    shown = {"person_id": owner, "evidence_id": record["evidence_id"].to_numpy()[order], **masks}
    return Persons(table, persons, _exposures(pl.DataFrame(shown), np.repeat(records == 1, records)))


def _exposures(shown: pl.DataFrame, single: NDArray[np.bool_]) -> pl.DataFrame:
    """Rows of `shown` counted where they are equal; `single`: rows of people of one record, equal to no other."""
    several = shown.filter(~single).group_by(shown.columns).agg(records=pl.len().cast(pl.Int64))
    return pl.concat([shown.filter(single).with_columns(records=pl.lit(1, pl.Int64)), several])


def _placed(at: I64, values: NDArray[np.integer], size: int) -> I64:
    """Values put at their places; the rest is nobody."""
    found = np.full(size, _NOBODY, dtype=np.int64)
    found[at] = values
    return found


def _least(values: I64, starts: I64) -> I64:
    """The smallest value of each run."""
    found: I64 = np.minimum.reduceat(values, starts) if len(starts) else values[:0]
    return found


def _any_bit(masks: NDArray[np.uint64], starts: I64) -> NDArray[np.uint64]:
    """The bits set anywhere in each run."""
    found: NDArray[np.uint64] = np.bitwise_or.reduceat(masks, starts) if len(starts) else masks[:0]
    return found
