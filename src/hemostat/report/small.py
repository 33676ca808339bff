"""Small counts: under five, the count of a sensitive category could point at somebody, so it is not shown.

A category is sensitive when GDPR art. 9 covers it, or when its group is care or remarks
(``CategoryRule.sensitive``). Such a count appears as ``<5``: in tables, charts, texts and ``summary.json``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

SMALL = 5
"""Counts under this are not shown for a sensitive category."""

HIDDEN = "<5"
"""What stands in the place of a small count. Being text, it cannot be added or subtracted by mistake."""


WITHHELD = "withheld"
"""What stands for a count whose exact value would tell a hidden one by difference."""

Shown = int | str | None
"""A count as it may be shown: exact, ``HIDDEN`` or ``WITHHELD``; None when it is not known."""


def shown(count: Shown, *, sensitive: bool) -> Shown:
    """The count as it may be shown: ``<5`` for a small count of a sensitive category. Safe to repeat.

    >>> shown(4, sensitive=True), shown(5, sensitive=True), shown(4, sensitive=False)
    ('<5', 5, 4)
    """
    if sensitive and isinstance(count, int) and count < SMALL:
        return HIDDEN
    return count


def shown_parts(counts: Sequence[tuple[int | None, ...]], *, sensitive: bool) -> list[tuple[Shown, ...]]:
    """The counts of one category over the columns that hold it, as they may be shown side by side.

    The total of the category is shown elsewhere: with one column hidden and the others exact, a subtraction
    would give the hidden one. So as soon as one is hidden, the others are withheld. Rounding would not do: at the
    edge of its interval a rounded count still gives the exact one.

    >>> shown_parts([(12, None), (3, None)], sensitive=True)
    [('withheld', None), ('<5', None)]
    """
    masked = [tuple(shown(count, sensitive=sensitive) for count in row) for row in counts]
    if not any(count == HIDDEN for row in masked for count in row):
        return [tuple(row) for row in masked]
    return [tuple(WITHHELD if isinstance(count, int) else count for count in row) for row in masked]


def masked_summary(summary: Mapping[str, Any], sensitive: Collection[str]) -> dict[str, Any]:
    """The ledger with the small counts of its sensitive categories hidden.

    Args:
        summary: the ledger of a case; left as it is.
        sensitive: ids of the sensitive categories.
    """
    categories = summary["categories"]
    if categories is None:
        return dict(summary)
    masked = {
        name: {key: shown(count, sensitive=name in sensitive) for key, count in counts.items()}
        for name, counts in categories.items()
    }
    return {**summary, "categories": masked}
