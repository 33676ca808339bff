"""Why two rows are linked: the rule that speaks loudest for each pair, worded in ``rules/resolve.toml``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from hemostat.resolve.compare import Birth, Contact, Given, Nir, Surname

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hemostat.resolve.compare import Weighed
    from hemostat.resolve.settings import Settings

ORDER = (
    "nir_coherent", "internal_id", "names_birth_date", "slip_and_contact", "birth_date_given_contact",
    "birth_date_surname_given_near", "names_contact", "nir_given", "slip", "contact_given", "names_only", "other",
)  # fmt: skip
"""Reason ids, first match wins."""

_CERTAIN_GRADE = 3


def of(weighed: Weighed) -> NDArray[np.int8]:
    """Place in ORDER of the reason of each pair."""
    surname, given, birth = weighed.surname, weighed.given, weighed.birth
    same_date = birth == Birth.EQUAL
    slip = (birth == Birth.SWAPPED) | (birth == Birth.NEAR) | (birth == Birth.YEAR)
    same_given = given >= Given.HEAD
    like_given = given >= Given.VARIANT
    like_surname = surname >= Surname.CONTAINED
    contact = weighed.contact >= Contact.ADDRESS_CLOSE
    return np.select(
        [
            (weighed.nir == Nir.SAME_COHERENT),
            weighed.id,
            same_date & same_given & (surname == Surname.EXACT),
            slip & same_given & like_surname & (contact | (weighed.nir >= Nir.NEAR)),
            same_date & same_given & (contact | like_surname),
            same_date & like_given & like_surname,
            like_given & like_surname & contact,
            (weighed.nir >= Nir.SAME_INCOHERENT) & like_given,
            slip & like_given & like_surname,
            contact & like_given,
            like_given & like_surname,
        ],
        list(range(len(ORDER) - 1)),
        len(ORDER) - 1,
    ).astype(np.int8)


def capped(bits: NDArray[np.float32], reason: NDArray[np.int8], rules: Settings) -> NDArray[np.float32]:
    """Bits of each pair, where a reason of grade 4 or 5 never makes a certain link."""
    grades = np.array([rules.reasons[name].grade for name in ORDER])
    doubtful = grades[reason] > _CERTAIN_GRADE
    below = np.float32(rules["certain"] - 0.01)
    return np.where(doubtful, np.minimum(bits, below), bits).astype(np.float32)


def table(
    weighed: Weighed,
    bits: NDArray[np.float32],
    number: NDArray[np.int8],
    records: NDArray[np.int64],
    rules: Settings,
) -> pl.DataFrame:
    """Pairs with their reason, strongest first: record_a, record_b, grade, reason, kind, bits."""
    grades = np.array([rules.reasons[name].grade for name in ORDER])
    certain = bits >= rules["certain"]
    grade = np.where(certain, grades[number], np.maximum(grades[number], _CERTAIN_GRADE + 1))
    return pl.DataFrame(
        {
            "record_a": records[weighed.a],
            "record_b": records[weighed.b],
            "grade": grade.astype(np.int32),
            "reason": pl.Series(list(ORDER)).gather(number),
            "kind": pl.Series(["possible", "certain"]).gather(certain.astype(np.int8)),
            "bits": bits,
        }
    ).sort("bits", "record_a", "record_b", descending=[True, False, False])
