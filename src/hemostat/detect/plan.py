"""From judged columns to what pass B does with each: which bits it sets, which identity field it feeds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hemostat.detect import dates, headings, text
from hemostat.model import About, Category

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hemostat.detect.entities import Entities
    from hemostat.detect.samples import ColumnSample
    from hemostat.detect.view import Candidate

IDENTIFYING = frozenset(
    {Category.BIRTH_NAME, Category.USED_NAME, Category.FIRST_NAME, Category.FULL_NAME, Category.BIRTH_DATE,
     Category.NIR, Category.INS, Category.EMAIL, Category.PHONE}
)  # fmt: skip
"""Categories about the person of which one is enough for a table to have identities."""

_SCANNED = frozenset(
    {Category.MEDICAL_COMMENT, Category.WRITTEN_EXCHANGE, Category.CONSULTATION_REASON, Category.MEDICAL_HISTORY,
     Category.PRESCRIPTION, Category.TEST_RESULT, Category.SECURITY_ANSWER, Category.PATHOLOGY, Category.TREATMENT,
     Category.RELATIVE, Category.TRUSTED_PERSON, Category.LEGAL_GUARDIAN}
    | {c for c in Category if c.startswith("remark_")}
)  # fmt: skip
_TYPED = frozenset(
    {Category.EMAIL, Category.PHONE, Category.NIR, Category.INS, Category.IBAN, Category.PAYMENT_CARD,
     Category.IP_ADDRESS, Category.PROFESSIONAL_ID, Category.INTERNAL_ID, Category.PASSWORD_HASH, Category.PASSWORD,
     Category.SESSION_TOKEN, Category.DEVICE_ID, Category.LOGIN, Category.ID_CARD}
)  # fmt: skip
"""Categories whose values are identifiers themselves: what looks like another one inside them is not."""
_TOWN_WORDS = frozenset(
    {"ville", "commune", "city", "town", "localite", "cpville", "municipality", "distributeur", "loc"}
)
_COARSE_WORDS = frozenset(
    {
        "region",
        "state",
        "country",
        "pays",
        "departement",
        "dept",
        "dep",
        "province",
        "county",
        "insee",
        "code",
    }
)
"""Headings of places too large to tell people apart."""
_SECOND_NAME_WORDS = frozenset(
    {
        "third",
        "troisieme",
        "3",
        "prenom3",
        "middle",
        "initial",
        "2",
        "prenom2",
        "autres",
        "deuxieme",
        "second",
    }
)
_TENANT_WORDS = (
    "tenant",
    "cabinet",
    "labo",
    "laboratoire",
    "site",
    "etablissement",
    "centre",
    "structure",
    "pharmacie",
)
_INSURER_HEADINGS = frozenset({"amc", "num amc", "code amc", "numero amc"})
_OWN = 0.1
"""An id that more than ten rows share on average is not the row's own person's."""
_OWN_ID = ("id patient", "patient id", "ipp", "num dossier", "customer id", "id client", "id")


@dataclass(frozen=True, slots=True)
class ColumnPlan:
    """One column with its categories (main one first).

    ``scanned``: its values are searched for identifiers; ``prose``: they are texts, and searched for everything.
    ``floats``: its whole numbers are written ``12.0``.
    """

    place: str
    candidates: tuple[Candidate, ...]
    scanned: bool
    distinct: float
    filled: int
    floats: bool = False
    prose: bool = False

    def holds(self, category: Category, about: About = About.PERSON) -> Candidate | None:
        """The candidate of this category, if the column has one about these people."""
        return next((c for c in self.candidates if c.category is category and c.about is about), None)


@dataclass(frozen=True, slots=True)
class TablePlan:
    """What pass B does with a table.

    ``fields``: identity field -> columns that feed it, best first. ``keys``: column of NIR -> column of their keys.
    ``model``: a named-entity model of the user's, asked beside the rules about free texts.
    """

    columns: tuple[ColumnPlan, ...]
    fields: dict[str, tuple[str, ...]] = field(default_factory=dict)
    has_identity: bool = False
    keys: dict[str, str] = field(default_factory=dict)
    model: Entities | None = None

    def column(self, place: str) -> ColumnPlan:
        """The plan of one column."""
        return next(c for c in self.columns if c.place == place)


def plan(
    samples: Sequence[ColumnSample],
    judged: Sequence[tuple[Candidate, ...]],
    tenant_column: str | None = None,
    model: Entities | None = None,
    decided: frozenset[str] = frozenset(),
) -> TablePlan:
    """The plan of a table from what ``judge_table`` said of it.

    Args:
        samples: its columns.
        judged: their categories, in the same order.
        tenant_column: the heading that a person named as the one that tells tenants apart.
        model: a named-entity model, if the user gave one.
        decided: headings of which a person said what they hold: nothing else is looked for there.
    """
    columns = tuple(
        ColumnPlan(
            place=sample.heading,
            candidates=found,
            scanned=is_scanned(found) or (sample.heading not in decided and _holds_more(sample, found)),
            distinct=sample.distinct,
            filled=sample.filled,
            floats=sample.floats,
            prose=is_scanned(found),
        )
        for sample, found in zip(samples, judged, strict=True)
    )
    person = {
        c.category
        for column in columns
        for c in column.candidates
        if c.about is About.PERSON and c.part != "key"
    }
    return TablePlan(
        columns, _fields(columns, tenant_column), bool(person & IDENTIFYING), _keys(columns), model
    )


def is_scanned(found: tuple[Candidate, ...]) -> bool:
    """Whether a column with these categories is searched for identifiers inside its texts."""
    return any(c.category in _SCANNED for c in found)


def _holds_more(sample: ColumnSample, found: tuple[Candidate, ...]) -> bool:
    """Whether identifiers stand inside the values of a column that is about something else, by its sample."""
    own = {c.category for c in found}
    if own & _TYPED:
        return False
    return any(seen.category not in own for seen in text.scan(sample.values))


def _fields(columns: tuple[ColumnPlan, ...], tenant_column: str | None) -> dict[str, tuple[str, ...]]:
    chosen: dict[str, tuple[str, ...]] = {}
    for name, category in _SINGLE.items():
        found = [c.place for c in columns if c.holds(category)]
        if found:
            chosen[name] = tuple(found)
    first = [p for p in chosen.get("first_names", ()) if not _tokens(p) & _SECOND_NAME_WORDS]
    if first:
        chosen["first_names"] = tuple(first)
    chosen |= _birth(columns)
    nir = [c.place for c in columns if (found_nir := c.holds(Category.NIR)) and found_nir.part != "key"]
    chosen["nir"] = tuple(nir or [c.place for c in columns if c.holds(Category.INS)])
    calling = [c.place for c in columns if any(k.part == "country_code" for k in c.candidates)]
    chosen["calling_code"] = tuple(calling)
    phones = [
        c.place
        for c in columns
        if (found_phone := c.holds(Category.PHONE)) and found_phone.part != "country_code"
    ]
    chosen["phone"] = tuple(phones)
    towns = [p for p in chosen.get("city", ()) if _tokens(p) & _TOWN_WORDS]
    places = [p for p in chosen.get("city", ()) if not _tokens(p) & _COARSE_WORDS]
    chosen["city"] = tuple(towns or places[:1])
    chosen["internal_id"] = _own_id(columns)
    chosen["tenant"] = _tenant(columns, tenant_column)
    return {name: places for name, places in chosen.items() if places}


_SINGLE = {
    "birth_name": Category.BIRTH_NAME,
    "used_name": Category.USED_NAME,
    "first_names": Category.FIRST_NAME,
    "full_name": Category.FULL_NAME,
    "sex": Category.SEX,
    "birth_place": Category.BIRTH_PLACE,
    "email": Category.EMAIL,
    "postal_address": Category.POSTAL_ADDRESS,
    "postal_code": Category.POSTAL_CODE,
    "city": Category.CITY,
    "insured_rank": Category.INSURED_RANK,
    "deceased": Category.DEATH_DATE,
}


def _tokens(place: str) -> set[str]:
    return set(headings.normalise(place).split())


def _keys(columns: tuple[ColumnPlan, ...]) -> dict[str, str]:
    """Each column of keys completes the column of NIR nearest before it, else the first one."""
    parts = [(c.place, {k.part for k in c.candidates if k.category is Category.NIR}) for c in columns]
    numbers = [(i, place) for i, (place, kinds) in enumerate(parts) if kinds and "key" not in kinds]
    found: dict[str, str] = {}
    for i, (place, kinds) in enumerate(parts):
        if "key" in kinds and numbers:
            before = [number for at, number in numbers if at < i]
            found.setdefault(before[-1] if before else numbers[0][1], place)
    return found


def _birth(columns: tuple[ColumnPlan, ...]) -> dict[str, tuple[str, ...]]:
    """Columns of birth dates, and of ages or years that only tell the year."""
    days: list[str] = []
    years: list[str] = []
    for column in columns:
        found = column.holds(Category.BIRTH_DATE)
        if found is None:
            continue
        vague = found.style is not None and found.style.numeric in (dates.Numeric.AGE, dates.Numeric.YEAR)
        (years if vague else days).append(column.place)
    return {"birth_date": tuple(days), "birth_year": tuple(years)}


def _own_id(columns: tuple[ColumnPlan, ...]) -> tuple[str, ...]:
    """The internal id of the row's own person: by its heading, then by how distinct it is."""

    def rank(pair: tuple[int, ColumnPlan]) -> tuple[int, float, int]:
        position, column = pair
        name = headings.normalise(column.place)
        named = _OWN_ID.index(name) if name in _OWN_ID else len(_OWN_ID)
        return (named, -round(column.distinct / max(column.filled, 1), 1), position)

    found = [
        (i, c)
        for i, c in enumerate(columns)
        if c.holds(Category.INTERNAL_ID) and c.distinct >= _OWN * c.filled
    ]
    return tuple(c.place for _, c in sorted(found, key=rank)[:1])


def _tenant(columns: tuple[ColumnPlan, ...], said: str | None) -> tuple[str, ...]:
    """The column that tells tenants apart: the one a person named, else facilities that repeat, else insurers."""
    if said is not None:
        named = [c.place for c in columns if headings.normalise(c.place) == headings.normalise(said)]
        if named:
            return tuple(named[:1])

    def rank(column: ColumnPlan) -> tuple[int, float]:
        words = _tokens(column.place)
        known = next((i for i, word in enumerate(_TENANT_WORDS) if word in words), len(_TENANT_WORDS))
        return (known, column.distinct)

    repeated = [
        c
        for c in columns
        if c.holds(Category.FACILITY, About.TENANT) and (c.distinct <= c.filled / 2 or c.distinct == 1)
    ]
    if repeated:
        return (min(repeated, key=rank).place,)
    insurers = [c.place for c in columns if headings.normalise(c.place) in _INSURER_HEADINGS]
    return tuple(insurers[:1])
