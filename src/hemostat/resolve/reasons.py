"""Why two rows are linked: the rule that speaks loudest for each pair, worded in ``rules/resolve.toml``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from hemostat.resolve.levels import Birth, Contact, Given, Nir, Surname

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hemostat.resolve.levels import Weighed
    from hemostat.resolve.links import Links
    from hemostat.resolve.settings import Settings

ORDER = (
    "nir_coherent", "internal_id", "two_first_names", "names_birth_date", "slip_and_contact",
    "birth_date_given_contact", "birth_date_surname_given_alike", "birth_date_surname_given_near", "names_contact",
    "nir_given", "slip", "contact_given", "names_place", "names_only", "sole_holder", "surname_birth_date",
    "birth_date_given_place", "given_birth_date", "surname_contact", "unnamed_contact", "many_traits", "other",
)  # fmt: skip
"""Reason ids, first match wins."""

_CERTAIN_GRADE = 3
_MARGIN = 0.01


def of(
    weighed: Weighed, poor: NDArray[np.bool_], rules: Settings, *, with_families: bool
) -> NDArray[np.int8]:
    """Place in ORDER of the reason of each pair. `poor`: rows that hold but a contact or a NIR."""
    surname, given, birth = weighed.surname, weighed.given, weighed.birth
    same_date = birth == Birth.EQUAL
    slip = (birth >= Birth.MONTH) & ~same_date
    same_given = given >= Given.HEAD
    like_given = given >= Given.ALIKE
    like_surname = surname >= Surname.IN_EMAIL
    contact = weighed.contact >= Contact.ADDRESS_CLOSE
    place = weighed.contact >= Contact.CITY
    two_names = (given == Given.CLOSE_COMMON) & like_surname & (same_date | contact)
    found: NDArray[np.int8] = np.select(
        [
            (weighed.nir == Nir.SAME_COHERENT),
            weighed.id,
            two_names,
            same_date & same_given & (surname == Surname.EXACT),
            slip & same_given & like_surname & (contact | (weighed.nir >= Nir.NEAR)),
            same_date & same_given & (contact | like_surname),
            same_date & ((given == Given.ALIKE) | (given == Given.SLIPS)) & like_surname,
            same_date & like_given & like_surname,
            like_given & like_surname & contact,
            (weighed.nir >= Nir.SAME_INCOHERENT) & like_given,
            slip & like_given & like_surname,
            contact & like_given,
            like_given & like_surname & place,
            like_given & like_surname,
            poor[weighed.a] != poor[weighed.b],
            same_date & like_surname,
            same_date & same_given & (weighed.contact >= Contact.AREA),
            same_date & like_given,
            like_surname & contact,
            same_date & (given == Given.MISSING) & contact,
        ],
        list(range(len(ORDER) - 2)),
        len(ORDER) - 1,
    ).astype(np.int8)
    if not with_families:
        found[~_followed(rules)[found]] = ORDER.index("many_traits")
    return found


def _followed(rules: Settings) -> NDArray[np.bool_]:
    """Whether links of each reason are followed in the best count, by place in ORDER."""
    return np.array([rules.reasons[name].followed for name in ORDER])


def capped(
    bits: NDArray[np.float32],
    weighed: Weighed,
    reason: NDArray[np.int8],
    judged: NDArray[np.bool_],
    rules: Settings,
    *,
    with_families: bool,
) -> NDArray[np.float32]:
    """Bits of each pair: a reason of grade 4 or 5 never makes a certain link, some never one of the best count.

    Two first names written nearly alike are followed where the NIR told what such pairs are in these data (`judged`).
    Without families, where all traits count by themselves, that holds of first names alone: two different ones are
    never certainly one person's.
    """
    below = (np.where(_followed(rules), rules["certain"], rules["best"]) - _MARGIN)[reason]
    known = judged & (reason == ORDER.index("two_first_names"))
    below = np.where(known, rules["certain"] - _MARGIN, below)
    # two surnames and nothing but a place in common: followed only well above the rest
    weak = (reason == ORDER.index("birth_date_given_place")) & (bits < rules["place_least"])
    below = np.where(weak, rules["best"] - _MARGIN, below)
    if with_families:
        limited = weak | (np.array([rules.reasons[name].grade for name in ORDER])[reason] > _CERTAIN_GRADE)
    else:
        two = (weighed.given > Given.MISSING) & (weighed.given < Given.SLIPS)
        limited = two & (reason != ORDER.index("nir_coherent")) & (reason != ORDER.index("internal_id"))
    return np.where(limited, np.minimum(bits, below), bits).astype(np.float32)


def table(links: Links, records: NDArray[np.int64], rules: Settings) -> pl.DataFrame:
    """Links with their reason, strongest first: record_a, record_b, grade, reason, kind, bits."""
    at = np.flatnonzero(links.at_least(rules["possible"]))
    number, bits = links.reason[at], links.bits[at]
    one, other = records[links.weighed.a[at]], records[links.weighed.b[at]]
    grades = np.array([rules.reasons[name].grade for name in ORDER])
    certain = bits >= rules["certain"]
    grade = np.where(
        certain, np.minimum(grades[number], _CERTAIN_GRADE), np.maximum(grades[number], _CERTAIN_GRADE + 1)
    )
    return pl.DataFrame(
        {
            "record_a": np.minimum(one, other),
            "record_b": np.maximum(one, other),
            "grade": grade.astype(np.int32),
            "reason": pl.Series(list(ORDER)).gather(number),
            "kind": pl.Series(["possible", "certain"]).gather(certain.astype(np.int8)),
            "bits": bits,
        }
    ).sort("bits", "record_a", "record_b", descending=[True, False, False])
