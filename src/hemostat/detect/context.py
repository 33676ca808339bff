"""What a table as a whole says of its columns: whether it is about people at all, and about which."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from hemostat.detect import headings
from hemostat.detect.unheaded import likeliest
from hemostat.detect.view import HALF, Candidate, View
from hemostat.model import About, Category

if TYPE_CHECKING:
    from collections.abc import Sequence

    Judged = list[tuple[Candidate, ...]]

_WEAK = frozenset(
    {
        Category.APPOINTMENT,
        Category.INTERNAL_ID,
        Category.FACILITY,
        Category.VACCINATION,
        Category.HEALTH_INSURANCE,
    }
)
"""Categories that a table of stocks, prices or surveys may seem to hold: a date, a number, a label."""
_CONTACTS = frozenset(
    {Category.EMAIL, Category.PHONE, Category.POSTAL_ADDRESS, Category.POSTAL_CODE, Category.CITY}
)
_NAMES = frozenset({Category.BIRTH_NAME, Category.USED_NAME, Category.FIRST_NAME, Category.FULL_NAME})
_OF_DIRECTORIES = _CONTACTS | _NAMES | {Category.SEX, Category.FACILITY, Category.PROFESSIONAL_ID,
                                        Category.TREATING_DOCTOR, Category.LOGIN, Category.INTERNAL_ID}  # fmt: skip
"""What a directory of professionals or of places holds; anything else makes it a table of patients."""
_PATIENTS = frozenset({"patient", "assure", "adherent", "beneficiaire", "usager", "resident"})
"""Words of a heading that say whose numbers these are."""
_LISTED = frozenset(
    {Category.TREATMENT, Category.PROCEDURE, Category.PATHOLOGY, Category.TEST_RESULT, Category.MEASUREMENT,
     Category.PRESCRIPTION, Category.INCOME, Category.MEDICAL_COMMENT, Category.SOCIAL_RIGHTS,
     Category.REMARK_ADDICTION}
)  # fmt: skip
"""Categories that a list of products, of acts or of diseases may seem to hold."""
_AGENDA = frozenset({Category.APPOINTMENT, Category.INTERNAL_ID, Category.FACILITY, Category.CITY,
                     Category.POSTAL_CODE, Category.TREATING_DOCTOR})  # fmt: skip
_EACH_ITS_OWN = 0.8
"""Share of distinct values from which every row has a number of its own."""
_FEWEST = 3


def in_context(views: Sequence[View], judged: Judged) -> Judged:
    """The judgement of each column in the light of the others."""
    if len(views) < _FEWEST:
        return judged
    out = _children(views, judged)
    out = _directory(views, out)
    out = _listed_doctors(out)
    return likeliest(views, _about_nobody(views, out))


def _of_person(judged: Judged) -> set[Category]:
    return {c.category for column in judged for c in column if c.about is About.PERSON}


def _children(views: Sequence[View], judged: Judged) -> Judged:
    """Children who are the patients themselves: the only names beside a birth date."""
    here = _of_person(judged)
    if Category.BIRTH_DATE not in here or here & _NAMES:
        return judged
    for at, (view, column) in enumerate(zip(views, judged, strict=True)):
        whole = view.share("full_name", "cased_name") >= _EACH_ITS_OWN
        first = not whole and view.share("first_name") >= HALF
        if (whole or first) and column and column[0].category is Category.RELATIVE:
            child = {"enfant", "child", "bebe", "nouveau", "eleve"} & set(
                headings.normalise(view.heading).split()
            )
            if child:
                category = Category.FULL_NAME if whole else Category.FIRST_NAME
                part = "first_last" if whole else None
                own = replace(column[0], category=category, about=About.PERSON, part=part)
                return [*judged[:at], (own,), *judged[at + 1 :]]
    return judged


def _directory(views: Sequence[View], judged: Judged) -> Judged:
    """Contacts of a directory are those of the professionals or the places that it lists."""
    held = {c.category for column in judged for c in column}
    if held - _OF_DIRECTORIES:
        return judged
    owner = next(
        (
            about
            for category, about in (
                (Category.PROFESSIONAL_ID, About.PROFESSIONAL),
                (Category.FACILITY, About.TENANT),
            )
            if any(
                column and column[0].category is category and _own_numbers(view)
                for view, column in zip(views, judged, strict=True)
            )
        ),
        None,
    )
    if owner is None or (owner is About.TENANT and held & _NAMES):
        return judged
    moved = _CONTACTS | (_NAMES | {Category.SEX} if owner is About.PROFESSIONAL else frozenset())
    return [
        tuple(
            replace(_named(view, c, owner), about=owner) if c.category in moved or _doctor(c, owner) else c
            for c in column
            if c.category is not Category.FACILITY
            or view.share("facility", "finess", "siret", "nine") >= HALF
        )
        for view, column in zip(views, judged, strict=True)
    ]


def _doctor(candidate: Candidate, owner: About) -> bool:
    return candidate.category is Category.TREATING_DOCTOR and owner is About.PROFESSIONAL


def _named(view: View, candidate: Candidate, owner: About) -> Candidate:
    """A doctor listed for himself is a name; who treats a patient is a fact about the patient."""
    if _doctor(candidate, owner) and view.share("name_like", "full_name") >= _EACH_ITS_OWN:
        return replace(candidate, category=Category.FULL_NAME, part="last_first")
    return candidate


def _own_numbers(view: View) -> bool:
    """Whether the column numbers each row: registered numbers, none twice."""
    numbers = view.share("rpps", "adeli", "finess", "siret") >= _EACH_ITS_OWN
    return numbers and view.sample.distinct >= _EACH_ITS_OWN * view.sample.filled


def _numbers_patients(view: View, column: tuple[Candidate, ...]) -> bool:
    """Whether a column of numbers says that they are those of patients: the table is about them, whatever it holds."""
    own = any(c.category is Category.INTERNAL_ID and c.about is About.PERSON for c in column)
    return own and bool(_PATIENTS & set(headings.normalise(view.heading).split()))


def _listed_doctors(judged: Judged) -> Judged:
    """Where no patient is, who is named treats nobody: a professional among slots, rotas and lines of an agenda."""
    if {c.category for column in judged for c in column if c.about is not About.PROFESSIONAL} - _AGENDA:
        return judged
    return [
        tuple(
            replace(c, category=Category.FULL_NAME, part="last_first")
            if c.category is Category.TREATING_DOCTOR
            else c
            for c in column
        )
        for column in judged
    ]


def _about_nobody(views: Sequence[View], judged: Judged) -> Judged:
    """Nothing at all, where dates, numbers and labels are all that a table holds; or names of products and acts."""
    found = {c.category for column in judged for c in column}
    if any(
        column and column[0].category is Category.INTERNAL_ID and headings.numbers_somebody(view.heading)
        for view, column in zip(views, judged, strict=True)
    ):
        return judged
    if not found - _WEAK:
        return [tuple(c for c in column if c.category not in _WEAK) for column in judged]
    if found - _WEAK - _LISTED or Category.INTERNAL_ID in found:
        return judged
    listed = any(
        view.share("cip13", "atc_full", "ccam", "cim10") >= _EACH_ITS_OWN
        and view.sample.distinct >= HALF * view.sample.filled
        for view in views
    )
    return [() for _ in judged] if listed else judged
