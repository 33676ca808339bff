"""What humans decided on two records: one person, or two. A decision names records, so that it outlives an analysis.

A record is named by the SHA-256 of its evidence and its locator (``line 12``, ``row 3``). Where several tables came
from one file, the locator starts with the table: ``#Sheet1 row 3``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hemostat.case import Case

SAME, NOT_SAME = "same", "not-same"
"""Kinds of decision; the subject is the names of two records, four texts with a unit separator between them."""

_UNIT = "\x1f"
_LOCATED = """
select r.record_id, coalesce(r.locator, 'line ' || r.line) as locator, e.sha256, regexp_extract(e.name, '#.*$') as part
from record r join evidence e using (evidence_id)
"""


def subject(one: tuple[str, str], other: tuple[str, str]) -> str:
    """The subject of a decision on two records, each given by its SHA-256 and locator."""
    return _UNIT.join((*one, *other))


def name_of(case: Case, evidence: str, locator: str) -> tuple[str, str] | None:
    """SHA-256 and locator that name one record, in evidence given by its name; None where there is no such record."""
    found = case.rows(
        f"select sha256, locator, part from ({_LOCATED}) where locator = ? and record_id in (select record_id "  # noqa: S608
        "from record join evidence using (evidence_id) where name = ?)",
        (locator, evidence),
    )
    if len(found) != 1 or not found[0][0]:
        return None
    digest, plain, part = found[0]
    alone = case.rows(f"select count(*) from ({_LOCATED}) where sha256 = ? and locator = ?", (digest, plain))  # noqa: S608
    return digest, plain if alone[0][0] == 1 else f"{part} {plain}"


def decided(case: Case) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """Pairs of record ids that are one person, and that are not; the last word on a pair holds.

    A name that no record has, or that several have, decides nothing.
    """
    said = [
        (kind, subject.split(_UNIT))
        for kind, subject in case.rows(
            "select kind, subject from decision where kind in (?, ?) order by decision_id", (SAME, NOT_SAME)
        )
    ]
    said = [(kind, names) for kind, names in said if len(names) == 4]  # noqa: PLR2004 - two records, two texts each
    if not said:
        return [], []
    ids = _ids(case, {(names[at], names[at + 1]) for _, names in said for at in (0, 2)})
    told: dict[tuple[int, int], str] = {}
    for kind, (a, b, c, d) in said:
        one, other = ids.get((a, b)), ids.get((c, d))
        if one is not None and other is not None and one != other:
            told[min(one, other), max(one, other)] = kind
    same, distinct = ([pair for pair, kind in told.items() if kind == wanted] for wanted in (SAME, NOT_SAME))
    return same, distinct


def _ids(case: Case, names: set[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """Record id of each name that exactly one record has."""
    digests = sorted({digest for digest, _ in names})
    locators = sorted({locator for _, locator in names})
    found: dict[tuple[str, str], set[int]] = {}
    for record, locator, digest, part in case.rows(
        f"select * from ({_LOCATED}) where list_contains(?, sha256) "  # noqa: S608
        "and (list_contains(?, locator) or list_contains(?, part || ' ' || locator))",
        (digests, locators, locators),
    ):
        for name in ((digest, locator), (digest, f"{part} {locator}")):
            if name in names:
                found.setdefault(name, set()).add(record)
    return {name: ids.pop() for name, ids in found.items() if len(ids) == 1}
