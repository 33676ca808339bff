"""The organisation's own patient file: which patient each person of the leak is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from hemostat.resolve.links import find_links
from hemostat.resolve.traits import Texts, complete, read_traits

if TYPE_CHECKING:
    from hemostat.resolve.settings import Settings

_NOBODY = pl.DataFrame(schema={"person_id": pl.Int64, "patient_record": pl.Int64})


def match(
    patients: pl.DataFrame, leaked: pl.DataFrame, persons: pl.DataFrame, rules: Settings
) -> pl.DataFrame:
    """person_id, patient_record: at most one patient for each person, and one person for each patient.

    In: identity rows of the patient file and of the leak; `persons` with record_id, person_id. The same evidence and
    vetoes as between rows of the leak; strongest links first. A person any of whose rows contradicts a patient's is
    not that patient.
    """
    if not patients.height or not leaked.height:
        return _NOBODY
    frame = pl.concat([complete(leaked), complete(patients)])
    traits, names = read_traits(frame)
    size = leaked.height
    one = np.ones(len(frame), dtype=np.int64)
    links = find_links(traits, names.words, Texts(frame, np.arange(len(frame))), one, rules)
    weighed = links.weighed
    across = (weighed.a < size) != (weighed.b < size)
    records = frame["record_id"].to_numpy()
    pairs = pl.DataFrame(
        {
            "record_id": records[np.minimum(weighed.a, weighed.b)[across]],
            "patient_record": records[np.maximum(weighed.a, weighed.b)[across]],
            "bits": links.bits[across],
            "veto": weighed.veto[across],
        }
    ).join(persons.select("record_id", "person_id"), on="record_id")
    best = (
        pairs.group_by("person_id", "patient_record")
        .agg(pl.col("bits").max(), pl.col("veto").any())
        .filter(~pl.col("veto") & (pl.col("bits") >= rules["best"]))
        .sort("bits", "person_id", "patient_record", descending=[True, False, False])
    )
    return (
        best.unique("person_id", keep="first", maintain_order=True)
        .unique("patient_record", keep="first", maintain_order=True)
        .select("person_id", "patient_record")
    )
