"""The rows of one file before they are written."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hemostat.simulate.draw import quota

if TYPE_CHECKING:
    from collections.abc import Callable

    import polars as pl

    from hemostat.simulate.dirt import Dirt
    from hemostat.simulate.draw import Bools, Ints, Rng, Streams
    from hemostat.simulate.story import Column, Story

    Shower = Callable[["Sheet", Column], pl.Series]
    """From the rows to the cells of one column; null where there is nothing to show."""


@dataclass(slots=True)
class Sheet:
    """The rows of one file before they are written.

    ``people`` has one line per row: the person's columns as the row knows them (later contacts, parent's NIR).
    ``rows`` has kind, flaw, maiden, tenant, account, remarked. Filled as columns are shown, by heading:
    ``labels``, what free texts show (categories, about), and ``present``, which cells hold a true value.
    """

    people: pl.DataFrame
    rows: pl.DataFrame
    story: Story
    dirt: Dirt
    streams: Streams
    name: str
    tenants: pl.Series
    """Names of the tenants; ``rows`` has their index."""
    labels: dict[str, pl.DataFrame] = field(default_factory=dict)
    present: dict[str, Bools] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """How many rows."""
        return self.rows.height

    def rng(self, topic: str) -> Rng:
        """A generator of this file's own."""
        return self.streams.of(f"{self.name} {topic}")


def filled(sheet: Sheet, column: Column, possible: Bools, copied: Ints | None = None) -> Bools:
    """Which cells of a column hold their value: its exact share of the rows, among those where it is possible.

    Copied cells, fabricated numbers and sensitive remarks come first.
    """
    scores = sheet.rng(f"fill {column.together or column.heading}").random(sheet.size)
    if copied is not None:
        scores[copied] = -1.0
    if column.shows == "nir":
        scores[(sheet.rows["kind"] == "fabricated").to_numpy()] = -1.0
    if column.shows == "remark":
        scores[sheet.rows["remarked"].to_numpy()] = -1.0
    return quota(scores, round(column.fill * sheet.size), possible)
