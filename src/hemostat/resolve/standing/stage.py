"""The stage: what each record of the leak is, in the light of the patient file and of earlier leaks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from hemostat.case import controller_key
from hemostat.errors import UsageError
from hemostat.evidence import batch_name, columns_of
from hemostat.model import RECORD_BITS, Role, Standing
from hemostat.resolve.fingerprints import TRAITS
from hemostat.resolve.standing import earlier
from hemostat.resolve.standing.judge import SEPARATOR, Judged, Vouched, judge
from hemostat.resolve.standing.signs import COLUMNS, signs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from hemostat.case import Case
    from hemostat.model import Progress

_MARK = "[0-9a-f]{32}"
"""What a fingerprint looks like. Exports are known by their content: a reader may not see their headings."""

_PEOPLE = "select record_id, person_id from record_person where person_id is not null"
_MATCHED = "select person_id from person where patient_record is not null"

_EXPORTED = ("kind", "covers", "fingerprint")

_TESTABLE = """
select 1 from finding join evidence using (evidence_id)
where role = 'leak' and category = 'nir' and about = 'person' limit 1
"""
"""Without a NIR nothing in a row can contradict itself: how many are fabricated is not known, rather than nought."""

_RANK = (Standing.MATCHED, Standing.PLAUSIBLE, Standing.DOUBTFUL, Standing.RECYCLED, Standing.FABRICATED)
"""A person is the best of what its rows are: recycled or fabricated only where all of them are."""


def run(case: Case, progress: Progress) -> None:
    """Fills the tables behind standing and person_standing. Safe to repeat: what an earlier analysis wrote is replaced.

    Raises:
        UsageError: fingerprints of an earlier leak were given and the controller is not named.
    """
    progress.step("standing", 0, 1)
    people = _people(case)
    # fingerprints, to compare with an earlier leak, are made of more columns than the signs need
    identity = _identities(case, Role.LEAK, None if _given(case, Role.EARLIER_LEAK) else COLUMNS)
    rows, identity = _aligned(people.filter("leak"), identity)
    with_file = _given(case, Role.PATIENTS)
    vouched = Vouched(rows["matched"].to_numpy() if with_file else None, _reached(people, rows))
    others = _identities(case, Role.PATIENTS, COLUMNS) if with_file else None
    _write(case, people, rows, judge(signs(identity, others), vouched, _earlier(case, identity)))
    progress.step("standing", 1, 1)


def _write(case: Case, people: pl.DataFrame, rows: pl.DataFrame, judged: Judged) -> None:
    """Most rows are the same: that is written once, and then each row and each person that is something else."""
    counts = np.bincount(judged.kind, minlength=1)
    most = int(counts.argmax())
    usual, why = judged.kinds.row(most) if judged.kinds.height else (str(Standing.PLAUSIBLE), "")
    persons = _persons(rows["person_id"], judged, usual, _only(people, rows))
    others = np.flatnonzero(judged.kind != most)
    kinds = judged.kinds[judged.kind[others]]
    nameless = (
        people.join(rows.select("record_id"), on="record_id", how="anti")
        .join(persons, on="person_id", how="left", maintain_order="left")
        .select("record_id", pl.col("standing").fill_null(usual), reasons=pl.lit(""))
        if people.height > rows.height
        else None
    )
    for table in ("standing_usual", "standing_other", "person_standing_other"):
        case.execute(f"delete from {table}")  # noqa: S608 - own table names
    case.append("standing_usual", pl.DataFrame({"standing": [usual], "reasons": [why]}))
    case.append("standing_other", kinds.insert_column(0, rows["record_id"][others]))
    if nameless is not None:
        same = (pl.col("standing") == usual) & (pl.col("reasons") == why)
        case.append("standing_other", nameless.filter(~same))
    case.append("person_standing_other", persons)


def known(case: Case) -> dict[str, int | None] | None:
    """People by standing; None before the stage has run, and for a standing that nothing in the case could tell."""
    if not case.rows("select 1 from standing_usual limit 1"):
        return None
    counts = dict(case.rows("select standing, count(*) from person_standing group by 1"))
    found: dict[str, int | None] = {str(one): int(counts.get(one, 0)) for one in Standing}
    if not case.rows(_TESTABLE):
        found[Standing.FABRICATED] = None
    for role, standing in ((Role.PATIENTS, Standing.MATCHED), (Role.EARLIER_LEAK, Standing.RECYCLED)):
        if not _given(case, role):
            found[standing] = None
    return found


def why(case: Case) -> dict[str, dict[str, int]]:
    """For each standing and each of its reasons, how many records show it; empty before the stage has run."""
    found: dict[str, dict[str, int]] = {}
    for standing, ids, count in case.rows(
        "select standing, reasons, count(*) from standing where reasons <> '' group by all"
    ):
        for one in ids.split(SEPARATOR):
            shown = found.setdefault(standing, {})
            shown[one] = shown.get(one, 0) + count
    return found


def _people(case: Case) -> pl.DataFrame:
    """record_id, person_id, leak, matched (in the patient file): the records of people, in order."""
    found = pl.DataFrame(case.query(_PEOPLE))
    if not found["record_id"].is_sorted():
        found = found.sort("record_id")
    leaks = [number for (number,) in case.rows("select evidence_id from evidence where role = 'leak'")]
    matched = pl.DataFrame(case.query(_MATCHED))["person_id"]
    evidence = found["record_id"].to_numpy() >> RECORD_BITS
    return found.with_columns(
        leak=pl.Series(np.isin(evidence, leaks)),
        matched=pl.col("person_id").is_in(matched.implode()) if len(matched) else pl.lit(value=False),
    )


def _aligned(people: pl.DataFrame, identity: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Of both, the records that both hold, in the order of `identity`."""
    ids = identity.select("record_id")
    if ids["record_id"].equals(people["record_id"]):
        return people, identity
    rows = ids.join(people, on="record_id", how="inner", maintain_order="left")
    return rows, identity.join(rows.select("record_id"), on="record_id", how="semi", maintain_order="left")


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
    if people["leak"].sum() == rows.height:
        return None
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


def _persons(persons: pl.Series, judged: Judged, usual: str, only: pl.DataFrame) -> pl.DataFrame:
    """person_id, standing: the best of its rows, of people who are not as usual.

    In: the person of each row that was judged; `only`: person_id, standing of those whom only other records name.
    """
    ranks = np.array([_RANK.index(Standing(one)) for one in judged.kinds["standing"]], dtype=np.int8)
    rank = pl.Series("rank", ranks[judged.kind])
    unusual = persons.filter(rank != _RANK.index(Standing(usual))).unique()
    held = persons.is_in(unusual.implode())
    best = pl.DataFrame({"person_id": persons.filter(held), "rank": rank.filter(held)})
    words = dict(enumerate(map(str, _RANK)))
    named = best.group_by("person_id").agg(
        standing=pl.col("rank").min().replace_strict(words, return_dtype=pl.String)
    )
    return pl.concat([named, only]).filter(pl.col("standing") != usual).sort("person_id")


def _only(people: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """person_id, standing of people whom no row names: matched or plausible."""
    nobody = people if people.height > rows.height else people.clear()
    matched = pl.when(pl.col("matched").any()).then(pl.lit(str(Standing.MATCHED)))
    return (
        nobody.join(rows, on="person_id", how="anti")
        .group_by("person_id")
        .agg(standing=matched.otherwise(pl.lit(str(Standing.PLAUSIBLE))))
    )
