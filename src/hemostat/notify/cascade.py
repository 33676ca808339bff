"""Which way each person is to be told by now: the first of their ways that has not failed. By columns, pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from hemostat.notify.outbox import FAILED

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hemostat.case import Case

_WAYS = """
select person_id, ways from letter
where reason is null and ways <> '' and (together is null or together = person_id) order by person_id
"""


def ways(case: Case) -> pl.DataFrame:
    """person_id, ways (a list): of those who have a letter of their own."""
    return pl.DataFrame(case.query(_WAYS)).with_columns(pl.col("ways").str.split(" "))


def plan(ways_: pl.DataFrame, outcomes: Iterable[tuple[int, str, str]]) -> pl.DataFrame:
    """person_id, channel, state: the way by which each person is being told, or is to be.

    ``outcomes``: person, channel and state of every message. ``state`` is null when nothing was queued by that way;
    ``channel`` is null when every way has failed. A message whose outcome is unknown holds its person back: telling
    them by another way is for a human to say.
    """
    known = pl.DataFrame(
        list(outcomes), schema={"person_id": pl.Int64, "channel": pl.String, "state": pl.String}, orient="row"
    )
    left = (
        ways_.explode("ways", empty_as_null=True)
        .rename({"ways": "channel"})
        .join(known, on=["person_id", "channel"], how="left", maintain_order="left")
        .filter(~pl.col("state").is_in(list(FAILED)).fill_null(value=False))
        .group_by("person_id", maintain_order=True)
        .first()
    )
    return ways_.select("person_id").join(left, on="person_id", how="left", maintain_order="left")
