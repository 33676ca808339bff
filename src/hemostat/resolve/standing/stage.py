"""The stage: what each record of the leak is, in the light of the patient file and of earlier leaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from hemostat.case import controller_key
from hemostat.errors import UsageError
from hemostat.evidence import batch_name, columns_of
from hemostat.model import Role, Standing
from hemostat.resolve.fingerprints import TRAITS
from hemostat.resolve.standing import earlier
from hemostat.resolve.standing.judge import Vouched, judge
from hemostat.resolve.standing.signs import COLUMNS, signs

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from hemostat.case import Case
    from hemostat.model import Progress

_MARK = "[0-9a-f]{32}"
"""What a fingerprint looks like. Exports are known by their content: a reader may not see their headings."""

_PEOPLE = """
select r.record_id, r.person_id, p.patient_record is not null as matched, e.role = 'leak' as leak
from record_person r join person p using (person_id) join record c on c.record_id = r.record_id
join evidence e on e.evidence_id = c.evidence_id order by r.record_id
"""

_EXPORTED = ("kind", "covers", "fingerprint")

_TESTABLE = """
select 1 from finding join evidence using (evidence_id)
where role = 'leak' and category = 'nir' and about = 'person' limit 1
"""
"""Without a NIR nothing in a row can contradict itself: how many are fabricated is not known, rather than nought."""

_RANK = (Standing.MATCHED, Standing.PLAUSIBLE, Standing.DOUBTFUL, Standing.RECYCLED, Standing.FABRICATED)
"""A person is the best of what its rows are: recycled or fabricated only where all of them are."""


def run(case: Case, progress: Progress) -> None:
    """Fills standing and person_standing. Safe to repeat: what an earlier analysis wrote is replaced.

    Raises:
        UsageError: fingerprints of an earlier leak were given and the controller is not named.
    """
    progress.step("standing", 0, 1)
    people = _people(case)
    identity = _identities(case, Role.LEAK)
    rows = people.filter("leak").join(identity.select("record_id"), on="record_id", how="semi")
    identity = identity.join(rows.select("record_id"), on="record_id", how="semi", maintain_order="left")
    rows = identity.select("record_id").join(rows, on="record_id", how="left", maintain_order="left")
    with_file = _given(case, Role.PATIENTS)
    vouched = Vouched(rows["matched"].to_numpy() if with_file else None, _reached(people, rows))
    others = _identities(case, Role.PATIENTS, COLUMNS) if with_file else None
    judged = judge(signs(identity, others), vouched, _earlier(case, identity))
    found = pl.concat([rows.select("record_id", "person_id"), judged], how="horizontal")
    persons = _persons(found, people)
    nameless = people.join(found.select("record_id"), on="record_id", how="anti").join(
        persons, on="person_id", maintain_order="left"
    )
    for table in ("standing", "person_standing"):
        case.execute(f"delete from {table}")  # noqa: S608 - own table names
    case.append("standing", found.select("record_id", "standing", "reasons"))
    case.append("standing", nameless.select("record_id", "standing", reasons=pl.lit("")))
    case.append("person_standing", persons)
    progress.step("standing", 1, 1)


def known(case: Case) -> dict[str, int | None] | None:
    """People by standing; None before the stage has run, and for a standing that nothing in the case could tell."""
    if not case.rows("select 1 from step where name = 'standing'"):
        return None
    counts = dict(case.rows("select standing, count(*) from person_standing group by 1"))
    found: dict[str, int | None] = {str(one): int(counts.get(one, 0)) for one in Standing}
    if not case.rows(_TESTABLE):
        found[Standing.FABRICATED] = None
    for role, standing in ((Role.PATIENTS, Standing.MATCHED), (Role.EARLIER_LEAK, Standing.RECYCLED)):
        if not _given(case, role):
            found[standing] = None
    return found


def _people(case: Case) -> pl.DataFrame:
    found = pl.from_arrow(case.query(_PEOPLE))
    assert isinstance(found, pl.DataFrame)
    return found


def _given(case: Case, role: Role) -> bool:
    return bool(case.rows("select 1 from evidence where role = ? limit 1", (str(role),)))


def _identities(case: Case, role: Role, columns: Sequence[str] | None = None) -> pl.DataFrame:
    evidence = [
        number for (number,) in case.rows("select evidence_id from evidence where role = ?", (str(role),))
    ]
    found = pl.from_arrow(case.bulk("identity", evidence, columns))
    assert isinstance(found, pl.DataFrame)
    return found


def _reached(people: pl.DataFrame, rows: pl.DataFrame) -> NDArray[np.bool_] | None:
    """Whether other records, which name nobody, speak of the person of each row; None where there are none."""
    nameless = people.filter("leak").join(rows.select("record_id"), on="record_id", how="anti")
    if nameless.is_empty():
        return None
    return rows["person_id"].is_in(nameless["person_id"].unique().implode()).to_numpy()


def _earlier(case: Case, identity: pl.DataFrame) -> earlier.Found | None:
    """What of the leak is in earlier ones; None where none was given."""
    if not _given(case, Role.EARLIER_LEAK):
        return None
    found = earlier.in_evidence(identity, _identities(case, Role.EARLIER_LEAK))
    prints = _fingerprints(case)
    if prints is None:
        return found
    controller = case.setting("controller")
    if controller is None:
        raise UsageError(
            "Fingerprints of an earlier leak belong to a controller: name it with --controller, then analyse again.",
            "Les empreintes d'une fuite antérieure sont propres à un responsable de traitement : nommez-le avec "
            "--controller, puis relancez l'analyse.",
        )
    return found.either(earlier.in_fingerprints(identity, prints, controller_key(controller)))


def _fingerprints(case: Case) -> pl.DataFrame | None:
    """The fingerprints exported from earlier cases; None where no evidence holds any."""
    parts = [
        _as_fingerprints(pl.DataFrame(case.staged(batch_name(number, seq))))
        for (number,) in case.rows(
            "select evidence_id from evidence where role = ?", (str(Role.EARLIER_LEAK),)
        )
        if len(columns_of(case, number)) == len(_EXPORTED)
        for (seq,) in case.rows(
            'select seq from batch where evidence_id = ? and "rows" > 0 order by seq', (number,)
        )
    ]
    found = pl.concat([part for part in parts if part is not None] or [pl.DataFrame()])
    return found if found.height else None


def _as_fingerprints(cells: pl.DataFrame) -> pl.DataFrame | None:
    """kind, covers, fingerprint: the rows of an export of fingerprints; None where it is something else."""
    texts = [cells[name].cast(pl.String) for name in cells.columns if not name.startswith("_")]
    tests = {
        "kind": {kind for kind, _, _ in TRAITS},
        "covers": {covers for _, covers, _ in TRAITS},
        "fingerprint": {_MARK},
    }
    found = {
        name: held
        for held in texts
        for name, forms in tests.items()
        # one row may be the headings
        if held.str.contains(f"^(?:{'|'.join(sorted(forms))})$").sum() >= max(held.len() - 1, 1)
    }
    if len(found) < len(tests):
        return None
    return pl.DataFrame({name: found[name] for name in _EXPORTED})


def _persons(found: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    """person_id, standing: the best of its rows; whom only other records name is matched or plausible."""
    ranks = {str(one): rank for rank, one in enumerate(_RANK)}
    named = (
        found.group_by("person_id")
        .agg(rank=pl.col("standing").replace_strict(ranks, return_dtype=pl.Int8).min())
        .sort("person_id")
    )
    only = (
        people.join(named, on="person_id", how="anti")
        .group_by("person_id")
        .agg(rank=(~pl.col("matched").any()).cast(pl.Int8))
        .sort("person_id")
    )
    return pl.concat([named, only]).select(
        "person_id",
        standing=pl.col("rank").replace_strict(dict(enumerate(map(str, _RANK))), return_dtype=pl.String),
    )
