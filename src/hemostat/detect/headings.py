"""What a column's heading proposes: categories, and whose datum it is. The values decide afterwards."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from hemostat.detect import heading_words
from hemostat.model import About, Category
from hemostat.rules import categories, load, rows

if TYPE_CHECKING:
    from collections.abc import Sequence

NOTHING = "nothing"
"""What a heading like ``date_maj`` proposes: a column about no category."""

_CAMEL = re.compile(r"(?<=[a-zà-ÿ0-9])(?=[A-ZÀ-Ý])|(?<=[A-Z])(?=[A-Z][a-z])")
_SIGNS = re.compile(r"[^a-z0-9]+")
_PLACEHOLDER_HEADING = re.compile(
    r"^(?:col(?:umn|onne)?|field|champ|f|c|v|var|unnamed)[ _]*[0-9]*$|^[0-9]*$|^unnamed ?[0-9]*"
)
_WHOSE = frozenset({Category.FULL_NAME, Category.INTERNAL_ID})
"""Categories whose words may only say whose the datum is."""
_SECRET = frozenset(
    {Category.PASSWORD, Category.PASSWORD_HASH, Category.SESSION_TOKEN, Category.NIR, Category.IBAN, Category.EMAIL,
     Category.PHONE, Category.LOGIN}
)  # fmt: skip
"""Categories that stay what they are whatever they open or belong to."""
_ALIKE, _MOSTLY = 4, 0.6
"""Headings, and the part of them, that must begin with one letter."""
_LETTERS = frozenset("ZXW")
"""Letters that old programs put before every name of a field."""
_NAMES = frozenset({Category.BIRTH_NAME, Category.USED_NAME, Category.FIRST_NAME, Category.FULL_NAME})
_EXACT, _GLUED, _STRIPPED, _WRITTEN, _WORD, _PART = 1.0, 0.95, 0.85, 0.8, 0.75, 0.6
SUBJECT = 0.72
"""Strength of a heading that says no more than whose number its column may hold."""
_TOKEN = 3
"""Letters of the shortest word that is looked for inside others."""
_BRIEF = 3
"""Letters of a word that may be anything beside others."""
_OVERRULED = frozenset(
    {Category.APPOINTMENT, Category.PROCEDURE, Category.HEALTH_INSURANCE, Category.HOSPITAL_STAY, Category.FACILITY,
     Category.TREATMENT, Category.PRESCRIPTION, Category.VACCINATION, Category.INTERNAL_ID, Category.FULL_NAME,
     Category.LOGIN, Category.PAYMENT_CARD}
)  # fmt: skip
"""Categories of which a heading may speak in passing: the price of a visit, the date on which a contract was signed."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """One category that a heading proposes, how clearly (0 to 1), and whether values must confirm it."""

    category: Category
    about: About
    strength: float
    hint: bool
    part: str | None = None


class Vocabulary(NamedTuple):
    """Headings in normal form and the words that qualify them.

    ``treating``: professionals who treat the patient; the others are named for what they do.
    """

    forms: dict[str, tuple[tuple[Category, str | None], ...]]
    glued: dict[str, str]
    tables: dict[str, Category]
    roles: dict[str, About]
    noise: frozenset[str]
    hints: frozenset[str]
    nothing: frozenset[str]
    bare: frozenset[str]
    time: frozenset[str]
    treating: frozenset[str]
    known: frozenset[str]


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
    roles = {token: About(row["about"]) for row in data["role"] for token in row["tokens"]}
    noise = frozenset(token for row in data["noise"] for token in row["tokens"])
    return Vocabulary(
        forms={form: tuple(dict.fromkeys(found)) for form, found in forms.items()},
        glued={form.replace(" ", ""): form for form in forms},
        tables=tables,
        roles=roles,
        noise=noise,
        hints=frozenset(normalise(form) for row in data["hint"] for form in row["forms"]),
        nothing=frozenset(normalise(form) for row in data["nothing"] for form in row["forms"]),
        bare=frozenset(normalise(form) for row in data["bare"] for form in row["forms"]),
        time=frozenset(token for row in data["time"] for token in row["tokens"]),
        treating=frozenset(t for row in data["role"] if row.get("treating") for t in row["tokens"]),
        known=frozenset(
            {
                *roles,
                *noise,
                *heading_words.words().number,
                *heading_words.words().subject,
                *heading_words.words().thing,
                *(t for form in forms for t in form.split() if len(t) >= _TOKEN),
            }
        ),
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
    text = normalise(heading)
    if text in vocabulary().nothing:
        return True
    return bool(text) and not is_missing(heading) and not propose(heading) and _says_nothing(text)


def _says_nothing(text: str) -> bool:
    return heading_words.is_nothing(_written_out(text.split()))


def _written_out(tokens: list[str]) -> tuple[str, ...]:
    return heading_words.written_out(tokens, vocabulary().known)


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
    found = _treating(_propose(name), name)
    if path and not found:
        found = _propose(f"{path[-1]} {name}")
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


def _treating(found: tuple[Proposal, ...], heading: str) -> tuple[Proposal, ...]:
    """A professional of whom the heading does not say that he treats is a name, unless it is known as a whole."""
    words = vocabulary()
    text = normalise(heading)
    if any(c is Category.TREATING_DOCTOR for c, _ in words.forms.get(text, ())):
        return found
    tokens = [part for token in text.split() for part in _unglue(token)]
    if any(t in words.treating for t in tokens) or not any(
        words.roles.get(t) is About.PROFESSIONAL for t in tokens
    ):
        return found
    return tuple(
        replace(p, category=Category.FULL_NAME)
        if p.category is Category.TREATING_DOCTOR and p.about is About.PROFESSIONAL
        else p
        for p in found
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
        said = _proposals(exact, about, strength, hint=text in words.hints)
        if text not in words.hints:
            return said
        known = {p.category for p in said}
        return (*said, *(p for p in _worded(text, about) if p.category not in known))
    out = _written_out(tokens)
    if heading_words.is_number(out, lambda word: word in words.forms and word not in words.noise):
        return _proposals(((Category.INTERNAL_ID, None),), about, _WORD, hint=False)
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
    worded = _worded(text, about)
    if worded:
        return worded
    if about is not About.PERSON and not core:
        default = {
            About.PROFESSIONAL: Category.TREATING_DOCTOR,
            About.RELATIVE: Category.RELATIVE,
            About.TENANT: Category.FACILITY,
        }[about]
        return (Proposal(default, about, _STRIPPED, hint=False),)
    inside = _inside(rest, about)
    if _silenced(out, [p.category for p in inside]):
        return ()
    if not inside and len(tokens) > 1 and "id" in (tokens[0], tokens[-1]):
        return (Proposal(Category.INTERNAL_ID, About.PERSON, _PART, hint=True),)
    return inside


def _worded(text: str, about: About) -> tuple[Proposal, ...]:
    """What the words of a heading name once abbreviations are written out."""
    words = vocabulary()
    out = _written_out(text.split())
    rest = [t for t in out if t not in words.roles and not t.isdigit()]
    core = [t for t in rest if t not in words.noise]
    named = heading_words.found(out)
    if {one.category for one in named} - _WHOSE:
        named = tuple(one for one in named if one.category not in _WHOSE)  # « victime_age » is an age
    if _silenced(out, [one.category for one in named]):
        return ()
    numbered: tuple[Proposal, ...] = ()
    if heading_words.is_subject(out):
        numbered = _proposals(((Category.INTERNAL_ID, None),), about, SUBJECT, hint=True)
    if " ".join(out) != text:
        for kept in (list(out), rest, core):
            joined = " ".join(kept)
            met = words.forms.get(joined) or words.forms.get(words.glued.get(joined.replace(" ", ""), ""))
            if met:
                return numbered + _proposals(met, about, _WRITTEN, hint=joined in words.hints)
    return numbered + tuple(
        proposal
        for place, one in enumerate(named)
        for proposal in _proposals(
            ((one.category, None),),
            about,
            round(_WORD + 0.01 * one.words - 0.02 * min(place, 2), 3),
            hint=one.letters <= _BRIEF and len(out) > 1,
        )
    )


def is_known(heading: str) -> bool:
    """Whether any rule knows the words of a heading, be it as those of a thing.

    >>> is_known("date_signature"), is_known("ZQX7_W")
    (True, False)
    """
    if is_missing(heading):
        return False
    return bool(propose(heading)) or is_nothing(heading)


def numbers_somebody(heading: str) -> bool:
    """Whether a heading names the number of a person or of one person's file.

    >>> numbers_somebody("patient_id"), numbers_somebody("id"), numbers_somebody("no_lot")
    (True, False, False)
    """
    return heading_words.is_number(_written_out(normalise(heading).split()))


def _silenced(out: tuple[str, ...], named: list[Category]) -> bool:
    """Whether words of things or of the office overrule what the others name."""
    if heading_words.is_never(out):
        return not _SECRET & set(named)
    return heading_words.is_nothing(out) and all(category in _OVERRULED for category in named)


def without_prefix(names: Sequence[str]) -> tuple[tuple[str, ...], str]:
    """Headings without what most of a table's headings begin with, and that beginning.

    >>> without_prefix(["VAC_CODE", "VAC_LOT", "VAC_RANG", "PAT_ID"])
    (('code', 'lot', 'rang', 'PAT_ID'), 'vac')
    >>> without_prefix(["ZNOM", "ZPRE", "ZSEX", "ZCPOS", "DTNAI"])[0]
    ('NOM', 'PRE', 'SEX', 'CPOS', 'DTNAI')
    """
    split = [tuple(normalise(name).split()) for name in names]
    begun = heading_words.prefix(split)
    if begun:
        kept = (
            " ".join(tokens[len(begun) :])
            if tokens[: len(begun)] == begun and len(tokens) > len(begun)
            else name
            for name, tokens in zip(names, split, strict=True)
        )
        return tuple(kept), " ".join(begun)
    lettered = [n for n in names if n[:1] in _LETTERS and n == n.upper() and len(n) > 2]  # noqa: PLR2004
    letter = Counter(name[0] for name in lettered).most_common(1)
    if letter and letter[0][1] >= max(_ALIKE, _MOSTLY * len(names)):
        first = letter[0][0]
        return tuple(n[1:] if n.startswith(first) and len(n) > 2 else n for n in names), ""  # noqa: PLR2004
    return tuple(names), ""


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


def prefix_category(prefix: str) -> Category | None:
    """The category of the table whose headings all begin so, an abbreviation included.

    >>> str(prefix_category("t presc")), prefix_category("pat")
    ('prescription', None)
    """
    tables = vocabulary().tables
    for token in _written_out([t for t in prefix.split() if len(t) > 2]):  # noqa: PLR2004
        met = {tables[name] for name in tables if name.startswith(token) and len(token) >= 4}  # noqa: PLR2004
        if len(met) == 1:
            return met.pop()
    return None
