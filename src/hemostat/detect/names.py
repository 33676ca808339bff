"""Names of people: telling surnames from first names, taking full names apart.

The lexicons judge columns; they never decide that one value is a name, and say nothing of where anybody comes from.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import polars as pl

from hemostat.detect import lexicon as lexicon_values
from hemostat.detect.folded import fold, fold_column
from hemostat.rules import rows

PATTERN = r"^\p{L}[\p{L}\p{M} '’.()\-]*$"
"""Letters, spaces, hyphens, apostrophes."""

TITLED = (
    r"(?i)^(?:dr|docteur|pr|professeur|prof|m|mr|mme|mlle|monsieur|madame|mademoiselle|mrs|ms|miss)\.? +\p{L}"
)
DOCTOR = r"(?i)^(?:dr|docteur|pr|professeur|prof)\.? +\p{L}"


class Lexicon(NamedTuple):
    """Folded names: first names with the sex they usually tell (M, F or None), surnames, particles, titles."""

    first: dict[str, str | None]
    surnames: frozenset[str]
    particles: frozenset[str]
    titles: frozenset[str]


@cache
def lexicon() -> Lexicon:
    """The names of ``rules/names.toml``."""
    wanted: dict[str, type] = {"id": str, "forms": str}
    first: dict[str, str | None] = {}
    for row in rows("names", "first_names", {**wanted, "sex": str}):
        for form in row["forms"].split():
            name = fold(form).split()[0]
            first[name] = row["sex"] if first.get(name, row["sex"]) == row["sex"] else None
    surnames = frozenset(
        fold(form)
        for row in rows("names", "surnames", wanted)
        for form in row["forms"].split()
        if len(form) > 1
    )
    listed: dict[str, type] = {"id": str, "forms": list}
    particles = frozenset(fold(f) for row in rows("names", "particle", listed) for f in row["forms"])
    titles = frozenset(fold(f) for row in rows("names", "title", listed) for f in row["forms"])
    return Lexicon(first, surnames, particles, titles)


@cache
def _first_names() -> pl.Series:
    return pl.Series(sorted(lexicon().first))


@cache
def _surnames() -> pl.Series:
    return pl.Series(sorted(lexicon().surnames))


def first_valid(values: pl.Series, folded: pl.Series | None = None) -> pl.Series:
    """Values whose first part is a known first name and that hold no more than three parts.

    >>> first_valid(pl.Series(["Jean-Noël", "AICHA", "Dubois", "12 rue Jean"])).to_list()
    [True, True, False, False]
    """
    text = fold_column(values) if folded is None else folded
    parts = text.str.split(" ")
    known = parts.list.first().is_in(_first_names().implode())
    return (known & (parts.list.len() <= 3)).fill_null(value=False)  # noqa: PLR2004


def surname_valid(values: pl.Series, folded: pl.Series | None = None) -> pl.Series:
    """Values of one to four parts among which a known surname stands.

    >>> surname_valid(pl.Series(["LE ROUX", "Lefèvre-Martin", "Aurélie", "épouse GARNIER"])).to_list()
    [True, True, False, True]
    """
    text = fold_column(values) if folded is None else folded
    parts = text.str.split(" ")
    known = parts.list.eval(pl.element().is_in(_surnames().implode())).list.any() | text.str.replace_all(
        " ", ""
    ).is_in(_surnames().implode())
    return (known & (parts.list.len() <= 4)).fill_null(value=False)  # noqa: PLR2004


def full_valid(values: pl.Series, folded: pl.Series | None = None) -> pl.Series:
    """Values of two to five parts, a first name at either end beside what is none, titles apart.

    >>> full_valid(pl.Series(["GARNIER Sophie", "M. Paul LE GOFF", "Paul Louis", "rue Paul Bert"])).to_list()
    [True, True, False, False]
    """
    whole = fold_column(values) if folded is None else folded
    text = whole.str.replace(_title_pattern(), "")
    parts = text.str.split(" ")
    shaped = values.str.contains(r"^[\p{L}\p{M} '’.,\-()/]+$") & parts.list.len().is_between(2, 5)
    known = parts.list.eval(pl.element().is_in(_first_names().implode()))
    edge = (known.list.first() | known.list.last()) & ~known.list.all()
    place = lexicon_values.matches("street", values, whole) | lexicon_values.matches(
        "facility", values, whole
    )
    saint = text.str.contains(r"^(?:SAINTE?|STE?) ")
    return (shaped & edge & ~place & ~saint).fill_null(value=False)


def surnamed_valid(values: pl.Series, folded: pl.Series | None = None) -> pl.Series:
    """Values with a part that is a known surname and no first name: a list of first names has none.

    >>> surnamed_valid(pl.Series(["GARNIER Sophie", "Aurélie Nadège Annick", "Paul MARTIN"])).to_list()
    [True, False, False]
    """
    text = fold_column(values) if folded is None else folded
    only = pl.Series(sorted(lexicon().surnames - lexicon().first.keys()))
    return text.str.split(" ").list.eval(pl.element().is_in(only.implode())).list.any().fill_null(value=False)


@cache
def _title_pattern() -> str:
    return f"^(?:{'|'.join(sorted(lexicon().titles, key=len, reverse=True))}) "


def sex(values: pl.Series) -> pl.Series:
    """M or F of a sex or a title; null where it says neither (Enfant, Bébé, Dr).

    1 and 2 are the digits of the NIR.

    >>> sex(pl.Series(["Mme", "M.", "1", "2.0", "Enfant", "Sœur", "female", None])).to_list()
    ['F', 'M', 'M', 'F', None, 'F', 'F', None]
    """
    distinct = values.drop_nulls().unique()
    known = lexicon_values.meanings("sex_word") | {"1": "M", "2": "F"}
    told = [known.get(fold(value.removesuffix(".0"))) for value in distinct.to_list()]
    return values.replace_strict(
        distinct, pl.Series(told, dtype=pl.String), default=None, return_dtype=pl.String
    )


def sex_valid(values: pl.Series) -> pl.Series:
    """Sexes and titles, those included that tell no sex.

    >>> sex_valid(pl.Series(["Mme", "Enfant", "1", "rouge", None])).to_list()
    [True, True, True, False, False]
    """
    distinct = values.drop_nulls().unique()
    good = distinct.filter(
        lexicon_values.matches("sex_word", distinct) | distinct.str.contains(r"^[12](?:\.0)?$")
    )
    return values.is_in(good.implode()).fill_null(value=False)


def cased_valid(values: pl.Series, folded: pl.Series | None = None) -> pl.Series:
    """Two names of which one is a known first name and the other is told by its capitals, whatever the lexicon knows.

    >>> cased_valid(pl.Series(["GALLIOU Patrice", "Patrice Galliou", "Jean-Noël", "LE GALL Yann", "MARIE"])).to_list()
    [True, False, False, True, False]
    """
    text = fold_column(values) if folded is None else folded
    parts = text.str.replace(_title_pattern(), "").str.split(" ")
    known = _first_names().implode()
    named = parts.list.first().is_in(known) | parts.list.last().is_in(known)
    capitals = r"(?:^|[ .])\p{Lu}[\p{Lu}'’\-]+(?: |$)"
    return (
        named & (parts.list.len() > 1) & values.str.contains(capitals) & values.str.contains(r"\p{Lu}\p{Ll}")
    ).fill_null(value=False)


def first_name_leads(values: pl.Series) -> bool:
    """Whether a column of full names writes the first name first, by the lexicon, over its sample.

    >>> first_name_leads(pl.Series(["Sophie Garnier", "Paul Le Goff"])), first_name_leads(pl.Series(["GARNIER Sophie"]))
    (True, False)
    """
    text = fold_column(values).str.replace(_title_pattern(), "")
    parts = text.str.split(" ")
    known, last = _first_names().implode(), _surnames().implode()
    start = parts.list.first().is_in(known).cast(pl.Int32) - parts.list.first().is_in(last).cast(pl.Int32)
    end = parts.list.last().is_in(known).cast(pl.Int32) - parts.list.last().is_in(last).cast(pl.Int32)
    return int((start - end).sum() or 0) > 0


def split_full(values: pl.Series, *, first_leads: bool) -> pl.DataFrame:
    """Full names taken apart: ``birth_name``, ``used_name``, ``first_names``, ``sex`` (of the title).

    Upper-case parts beside mixed ones are the surname; a comma ends it; particles stay with it; « née », « épouse »
    separate the birth name from the used one. Otherwise the column's own order decides.

    >>> split_full(pl.Series(["Mme GARNIER née PETIT Sophie", "M. Paul LE GOFF", "Dubois, Jean-Luc"]),
    ...            first_leads=False).rows()
    [('PETIT', 'GARNIER', 'Sophie', 'F'), (None, 'LE GOFF', 'Paul', 'M'), (None, 'Dubois', 'Jean-Luc', None)]
    >>> split_full(pl.Series(["Sophie de La Tour", "DURAND PAUL"]), first_leads=True).rows()
    [(None, 'de La Tour', 'Sophie', None), (None, 'PAUL', 'DURAND', None)]
    """
    titled = r"(?i)^(m|mr|mme|mlle|melle|monsieur|madame|mademoiselle|dr|docteur|pr|mrs|ms|miss|enfant|b[ée]b[ée])\.? +"
    text = values.str.strip_chars()
    title = text.str.extract(titled)
    body = text.str.replace(titled, "").str.replace_all(r" +", " ")
    link = r"(?:(?:de|du|des|la|le|les|van|von|der|den|el|al|ben) )*(?:[dDlL]['’])?"
    upper = rf"((?:{link}\p{{Lu}}[\p{{Lu}}'’\-]+(?: |$))+)"
    born = r"(?i:(?:^| )(?:n[ée]e?|naissance) +)"
    wed = r"(?i:(?:^| )(?:[ée]pouse|[ée]p\.?|veuve|vve|usage) +)"
    frame = pl.DataFrame({"title": title, "body": body})
    has_mixed = pl.col("body").str.contains(r"\p{Lu}\p{Ll}")
    caps = pl.col("body").str.extract_all(upper).list.eval(pl.element().str.strip_chars(" ")).list
    particle = (
        r"(?:(?:de la|de|du|des|d['’]|la|le|les|van der|van|von|der|den|el|al|ben|ait|da|dos|di|del|ould|abou"
        r"|saint|st) ?)?"
    )
    lead = pl.col("body").str.extract_groups(rf"(?i)^(.+?) ({particle}[^ ]+)$").struct
    tail_first = pl.col("body").str.extract_groups(r"^(.+) ([^ ]+)$").struct
    comma = pl.col("body").str.extract_groups(r"^([^,]+), *(.+)$").struct
    two_names = pl.col("body").str.contains(born) | pl.col("body").str.contains(wed)
    by_order_last, by_order_first = (
        (lead.field("2"), lead.field("1")) if first_leads else (tail_first.field("1"), tail_first.field("2"))
    )
    useful_caps = has_mixed & (caps.len() > 0)
    last = (
        pl.when(comma.field("1").is_not_null()).then(comma.field("1"))
        .when(useful_caps).then(caps.join(" "))
        .when(by_order_last.is_not_null()).then(by_order_last)
        .otherwise(pl.col("body"))
    )  # fmt: skip
    first = (
        pl.when(comma.field("1").is_not_null()).then(comma.field("2"))
        .when(useful_caps).then(pl.col("body").str.replace_all(upper, " ").str.replace_all(rf"{born}|{wed}", " "))
        .otherwise(by_order_first)
    )  # fmt: skip
    birth = pl.col("body").str.extract(rf"{born}{upper}", 1).str.strip_chars()
    before = (
        pl.col("body")
        .str.extract(rf"^{upper}(?i:n[ée]e?|[ée]pouse|[ée]p\.?|veuve|vve) ", 1)
        .str.strip_chars()
    )
    married = pl.col("body").str.extract(rf"{wed}{upper}", 1).str.strip_chars()
    out = frame.select(
        birth_name=pl.when(birth.is_not_null()).then(birth).when(married.is_not_null()).then(before),
        used_name=pl.when(two_names & birth.is_not_null() & before.is_not_null()).then(before)
        .when(two_names & married.is_not_null()).then(married)
        .otherwise(last.str.strip_chars(" ,.")),
        first_names=first.str.replace_all(r" +", " ").str.strip_chars(" ,.-"),
        title="title",
    )  # fmt: skip
    empty = (pl.col("first_names") == "").fill_null(value=False)
    return out.with_columns(first_names=pl.when(~empty).then("first_names"), sex=sex(out["title"])).select(
        "birth_name", "used_name", "first_names", "sex"
    )
