"""What a column's heading proposes: categories, and whose datum it is. The values decide afterwards."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from functools import cache
from typing import NamedTuple

from hemostat.model import About, Category
from hemostat.rules import categories, load, rows

NOTHING = "nothing"
"""What a heading like ``date_maj`` proposes: a column about no category."""

_CAMEL = re.compile(r"(?<=[a-zà-ÿ0-9])(?=[A-ZÀ-Ý])|(?<=[A-Z])(?=[A-Z][a-z])")
_SIGNS = re.compile(r"[^a-z0-9]+")
_PLACEHOLDER_HEADING = re.compile(
    r"^(?:col(?:umn|onne)?|field|champ|f|c|v|var|unnamed)[ _]*[0-9]*$|^[0-9]*$|^unnamed ?[0-9]*"
)
_NAMES = frozenset({Category.BIRTH_NAME, Category.USED_NAME, Category.FIRST_NAME, Category.FULL_NAME})
_EXACT, _GLUED, _STRIPPED, _PART = 1.0, 0.95, 0.85, 0.6


@dataclass(frozen=True, slots=True)
class Proposal:
    """One category that a heading proposes, how clearly (0 to 1), and whether values must confirm it."""

    category: Category
    about: About
    strength: float
    hint: bool
    part: str | None = None


class Vocabulary(NamedTuple):
    """Headings in normal form and the words that qualify them."""

    forms: dict[str, tuple[tuple[Category, str | None], ...]]
    glued: dict[str, str]
    tables: dict[str, Category]
    roles: dict[str, About]
    noise: frozenset[str]
    hints: frozenset[str]
    nothing: frozenset[str]
    bare: frozenset[str]
    time: frozenset[str]


def normalise(heading: str) -> str:
    """Lower case, no accents, camelCase split, every run of other signs one space.

    >>> [normalise(h) for h in ("NOM_NAISS", "nomNaiss", "N° Sécu", "MothersMaiden", "IDPatient", " Née le ")]
    ['nom naiss', 'nom naiss', 'n secu', 'mothers maiden', 'id patient', 'nee le']
    """
    split = _CAMEL.sub(" ", _decoded(heading).replace("œ", "oe").replace("Œ", "OE"))
    plain = unicodedata.normalize("NFKD", split).lower()
    return _SIGNS.sub(" ", "".join(c for c in plain if not unicodedata.combining(c))).strip()


def _decoded(heading: str) -> str:
    """A heading in UTF-8 that was read as cp1252, put right."""
    if "Ã" not in heading and "Â" not in heading:
        return heading
    try:
        return heading.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return heading


@cache
def vocabulary() -> Vocabulary:
    """Headings of ``categories.toml`` and ``headings.toml``."""
    forms: dict[str, list[tuple[Category, str | None]]] = {}
    tables: dict[str, Category] = {}
    extra = rows("headings", "heading", {"category": str, "forms": list})
    parts = {
        (normalise(f), Category(row["category"])) for row in extra if "part" in row for f in row["forms"]
    }
    for rule in categories():
        for form in (*rule.headings, rule.id):
            if (normalise(form), rule.id) not in parts:
                forms.setdefault(normalise(form), []).append((rule.id, None))
    for row in extra:
        for form in row["forms"]:
            forms.setdefault(normalise(form), []).append((Category(row["category"]), row.get("part")))
        for table in row.get("tables", ()):
            tables[normalise(table)] = Category(row["category"])
    data = load("headings")
    return Vocabulary(
        forms={form: tuple(dict.fromkeys(found)) for form, found in forms.items()},
        glued={form.replace(" ", ""): form for form in forms},
        tables=tables,
        roles={token: About(row["about"]) for row in data["role"] for token in row["tokens"]},
        noise=frozenset(token for row in data["noise"] for token in row["tokens"]),
        hints=frozenset(normalise(form) for row in data["hint"] for form in row["forms"]),
        nothing=frozenset(normalise(form) for row in data["nothing"] for form in row["forms"]),
        bare=frozenset(normalise(form) for row in data["bare"] for form in row["forms"]),
        time=frozenset(token for row in data["time"] for token in row["tokens"]),
    )


def is_missing(heading: str) -> bool:
    """Whether a heading says nothing at all (``col_7``, ``Unnamed: 3``, a number, empty).

    >>> is_missing("col_7"), is_missing("nom")
    (True, False)
    """
    return bool(_PLACEHOLDER_HEADING.match(normalise(heading)))


def is_bare(heading: str) -> bool:
    """Whether a heading says so little that the table's name speaks for it.

    >>> is_bare("date"), is_bare("date_rdv")
    (True, False)
    """
    return normalise(heading) in vocabulary().bare


def speaks_of_time(heading: str) -> bool:
    """Whether a heading holds a word for a date or an hour.

    >>> speaks_of_time("dt_visite2"), speaks_of_time("zone_2")
    (True, False)
    """
    return bool(vocabulary().time & set(normalise(heading).split()))


def is_nothing(heading: str) -> bool:
    """Whether a heading names a column about no category.

    >>> is_nothing("date_maj"), is_nothing("date_naissance")
    (True, False)
    """
    return normalise(heading) in vocabulary().nothing


@cache
def propose(heading: str) -> tuple[Proposal, ...]:
    """The categories that a heading proposes, clearest first; empty when it says nothing.

    >>> [(str(p.category), str(p.about), p.strength) for p in propose("date_naissance")]
    [('birth_date', 'person', 1.0)]
    >>> [(str(p.category), str(p.about)) for p in propose("MAILMED") + propose("MothersMaiden") + propose("nom_labo")]
    [('email', 'professional'), ('relative', 'relative'), ('facility', 'tenant')]
    >>> [(str(p.category), str(p.about)) for p in propose("patient.nom") + propose("medecin.adresse.ville")]
    [('used_name', 'person'), ('city', 'professional')]
    """
    *path, name = heading.split(".") if re.fullmatch(r"\w+(?:\.\w+)+", heading) else [heading]
    found = _propose(name)
    owner = _about([token for step in path for token in normalise(step).split()])
    if owner is About.PERSON:
        return found
    return tuple(
        dict.fromkeys(
            replace(p, category=category, about=about, part=part)
            for p in found
            for category, about, part in (_owner(p.category, owner, p.part),)
        )
    )


def _propose(heading: str) -> tuple[Proposal, ...]:
    words = vocabulary()
    text = normalise(heading)
    if not text or is_missing(heading) or text in words.nothing:
        return ()
    tokens = text.split()
    about = _about(tokens)
    exact = words.forms.get(text) or words.forms.get(words.glued.get(text.replace(" ", ""), ""))
    if exact:
        strength = _EXACT if text in words.forms else _GLUED
        about = about if len(tokens) > 1 else _about(list(_role_at_end(text)))
        return _proposals(exact, about, strength, hint=text in words.hints)
    bare = [re.sub(r"^([a-z]{2,})[0-9]+$", r"\1", t) for t in tokens]
    unglued = [part for token in bare for part in _unglue(token)]
    about = _about(unglued)
    rest = [t for t in unglued if t not in words.roles and not t.isdigit()]
    core = [t for t in rest if t not in words.noise]
    for kept, strength in ((bare, _GLUED), (rest, _STRIPPED), (core, _STRIPPED)):
        joined = " ".join(kept)
        found = words.forms.get(joined) or words.forms.get(words.glued.get(joined.replace(" ", ""), ""))
        if found:
            return _proposals(found, about, strength, hint=joined in words.hints)
    if about is not About.PERSON and not core:
        default = {
            About.PROFESSIONAL: Category.TREATING_DOCTOR,
            About.RELATIVE: Category.RELATIVE,
            About.TENANT: Category.FACILITY,
        }[about]
        return (Proposal(default, about, _STRIPPED, hint=False),)
    inside = _inside(rest, about)
    if not inside and len(tokens) > 1 and "id" in (tokens[0], tokens[-1]):
        return (Proposal(Category.INTERNAL_ID, About.PERSON, _PART, hint=True),)
    return inside


def about(heading: str) -> About:
    """Whose datum a heading says its column is, whatever it holds.

    >>> str(about("contact_medecin")), str(about("contact"))
    ('professional', 'person')
    """
    return _about(normalise(heading).split())


def _about(tokens: list[str]) -> About:
    roles = vocabulary().roles
    found = [roles[t] for t in tokens if t in roles]
    return found[0] if found else About.PERSON


def _role_at_end(token: str) -> tuple[str, ...]:
    """The known heading and the role word of which a token is made; else the token."""
    words = vocabulary()
    for cut in range(len(token) - 2, 2, -1):
        if token[:cut] in words.forms and token[cut:] in words.roles:
            return token[:cut], token[cut:]
    return (token,)


def _unglue(token: str) -> tuple[str, ...]:
    """``mailmed`` -> mail, med; ``nommere`` -> nom, mere: a known heading and a role word written as one."""
    words = vocabulary()
    if token in words.forms or token in words.roles or token in words.noise:
        return (token,)
    for cut in range(len(token) - 2, 1, -1):
        head, tail = token[:cut], token[cut:]
        if head in words.forms and tail in words.roles:
            return (head, tail)
        if head in words.roles and tail in words.forms and len(head) > 2:  # noqa: PLR2004
            return (tail, head)
    for cut in range(len(token) - 2, 1, -1):
        head, tail = token[:cut], token[cut:]
        if len(head) > 2 and len(tail) > 2 and head in words.noise and tail in words.forms:  # noqa: PLR2004
            return (head, tail)
        if len(head) > 2 and len(tail) > 2 and head in words.forms and tail in words.noise:  # noqa: PLR2004
            return (head, tail)
    return (token,)


def _inside(tokens: list[str], about: About) -> tuple[Proposal, ...]:
    """The longest known headings found inside a longer one."""
    words = vocabulary()
    for size in range(min(len(tokens), 5), 0, -1):
        found: list[Proposal] = []
        for start in range(len(tokens) - size + 1):
            joined = " ".join(tokens[start : start + size])
            if joined in words.forms and not (size == 1 and len(joined) < 3):  # noqa: PLR2004
                found += _proposals(
                    words.forms[joined], about, _PART, hint=size == 1 and joined in words.hints
                )
        if found:
            return tuple(found)
    return ()


def _proposals(
    found: tuple[tuple[Category, str | None], ...], about: About, strength: float, *, hint: bool
) -> tuple[Proposal, ...]:
    return tuple(
        dict.fromkeys(
            Proposal(category, whose, strength, hint, part)
            for category, whose, part in (_owner(category, about, part) for category, part in found)
        )
    )


def _owner(category: Category, about: About, part: str | None) -> tuple[Category, About, str | None]:
    """A name about somebody else is that relation; other categories stay and say about whom."""
    if category is Category.TREATING_DOCTOR or category is Category.PROFESSIONAL_ID:
        return category, About.PROFESSIONAL, part
    if category is Category.FACILITY:
        return category, About.TENANT, part
    if category in (Category.RELATIVE, Category.LEGAL_GUARDIAN, Category.TRUSTED_PERSON):
        return category, About.RELATIVE, part
    if about is About.PERSON:
        return category, about, part
    if category in _NAMES:
        other = {
            About.PROFESSIONAL: Category.TREATING_DOCTOR,
            About.RELATIVE: Category.RELATIVE,
            About.TENANT: Category.FACILITY,
        }
        return other.get(about, category), about, part
    contact = {
        Category.EMAIL,
        Category.PHONE,
        Category.POSTAL_ADDRESS,
        Category.POSTAL_CODE,
        Category.CITY,
        Category.IBAN,
    }
    if about is About.TENANT and category not in contact:
        return (
            (Category.FACILITY, about, part)
            if category is Category.INTERNAL_ID
            else (category, About.PERSON, part)
        )
    personal = contact | {Category.NIR, Category.BIRTH_DATE, Category.SEX, Category.LOGIN, Category.PASSWORD}
    if category is Category.INTERNAL_ID and about is About.PROFESSIONAL:
        return Category.PROFESSIONAL_ID, about, part
    return (category, about, part) if category in personal else (category, About.PERSON, part)


def table_category(table: str) -> Category | None:
    """The category that a table's name gives to its bare ``date``, ``texte``… columns.

    >>> str(table_category("dump.sql#prescriptions")), table_category("export.csv")
    ('prescription', None)
    """
    name = re.split(r"[#!/\\]", table)[-1]
    words = vocabulary()
    for token in (normalise(name), *normalise(name).split()):
        if token in words.tables:
            return words.tables[token]
    return None
