"""How identity data get damaged: by the receptionist, the patient on a telephone, the import, the spreadsheet.

Every function takes a column and gives it back with some cells damaged, each row on its own. Null stays null.
Written from how such damage happens, without looking at any rule that will later have to see through it.
"""

# ruff: noqa: PLR2004 - a fiction is made of chosen figures

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from hemostat.simulate.draw import Ints, Rng, patchwork, put, some, weighted

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Dirt:
    """How often each kind of damage happens in a cell that can have it. All chosen."""

    typo: float = 0.012
    """A slip of the finger in a name; half of it in towns, addresses, local parts."""
    accents: float = 0.12
    """Accents lost in a row typed or imported without them."""
    upper: float = 0.35
    """Rows whose surname is in capitals; a third of them have the first name in capitals too."""
    lower: float = 0.03
    reshaped: float = 0.1
    """Surnames with a particle, hyphen or apostrophe written another way."""
    half: float = 0.08
    """Double surnames and compound first names cut to one half."""
    cut: float = 0.004
    """First names cut short or reduced to an initial."""
    nickname: float = 0.01
    second_name: float = 0.006
    """The second given name typed instead of the first, or both."""
    swapped: float = 0.005
    """Surname and first name in each other's column."""
    day_month: float = 0.004
    wrong_date: float = 0.006
    """One digit of the date of birth wrong."""
    century: float = 0.001
    nir_digit: float = 0.006
    nir_spaces: float = 0.12
    nir_no_key: float = 0.08
    nir_short_key: float = 0.3
    """Keys below 10 that lost their leading zero."""
    postcode_zero: float = 0.02
    """Leading zeros lost, a share of all rows; only the départements 01 to 09 have one."""
    mail_case: float = 0.05
    mail_wrong: float = 0.006
    phone_digit: float = 0.004


_NEIGHBOURS = {
    "a": "zqs", "b": "vnh", "c": "xvd", "d": "sfe", "e": "zrd", "f": "dgr", "g": "fht", "h": "gjy", "i": "uok",
    "j": "hku", "k": "jli", "l": "kmo", "m": "lpù", "n": "bhj", "o": "ipl", "p": "oml", "q": "asw", "r": "etf",
    "s": "qdz", "t": "ryg", "u": "yij", "v": "cbf", "w": "xqs", "x": "wcs", "y": "tuh", "z": "aes",
}  # fmt: skip
"""Keys next to each other on a French keyboard."""


def slips(rng: Rng, texts: pl.Series, rate: float) -> pl.Series:
    """A key beside, a letter doubled, dropped, or two in the wrong order; at most one per cell."""
    hit = some(rng, rate, texts.is_not_null().to_numpy())
    if not len(hit):
        return texts
    part = texts.gather(hit)
    length = part.str.len_chars().to_numpy().astype(np.int64)
    # People rarely get the first letter wrong.
    at = np.where(length > 3, 1 + np.floor(rng.random(len(hit)) * np.maximum(length - 2, 1)), 0).astype(
        np.int64
    )
    frame = pl.DataFrame(
        {
            "t": part,
            "at": at,
            "kind": weighted(rng, (3, 2, 3, 2), len(hit)),
            "key": rng.integers(0, 3, len(hit)),
        }
    )
    head, letter = pl.col("t").str.slice(0, pl.col("at")), pl.col("t").str.slice(pl.col("at"), 1)
    rest, follow = pl.col("t").str.slice(pl.col("at") + 1), pl.col("t").str.slice(pl.col("at") + 1, 1)
    beside = (
        letter.str.to_lowercase()
        .replace(list(_NEIGHBOURS), list(_NEIGHBOURS.values()))
        .str.slice(pl.col("key"), 1)
    )
    capital = letter.str.contains(r"\p{Lu}")
    beside = (
        pl.when(beside == "").then(letter).when(capital).then(beside.str.to_uppercase()).otherwise(beside)
    )
    wrong = (
        pl.when(pl.col("kind") == 0)
        .then(head + beside + rest)
        .when(pl.col("kind") == 1)
        .then(head + letter + letter + rest)
        .when(pl.col("kind") == 2)
        .then(head + rest)
        .otherwise(head + follow + letter + pl.col("t").str.slice(pl.col("at") + 2))
    )
    short = pl.col("t").str.len_chars() < 3
    return put(texts, hit, frame.select(pl.when(short).then("t").otherwise(wrong).alias("t"))["t"])


def changed(texts: pl.Series, where: Ints, change: Callable[[pl.Expr], pl.Expr]) -> pl.Series:
    """The column with ``change`` made at the places of ``where``."""
    if not len(where):
        return texts
    part = texts.gather(where).to_frame("t").select(change(pl.col("t")).alias("t"))["t"]
    return put(texts, where, part)


def bare(text: pl.Expr) -> pl.Expr:
    """Without accents."""
    plain = text.str.normalize("NFD").str.replace_all(r"\p{M}", "")
    for letter, two in (("œ", "oe"), ("Œ", "OE"), ("ł", "l"), ("Ł", "L"), ("ı", "i")):
        plain = plain.str.replace_all(letter, two, literal=True)
    return plain


def surnames(rng: Rng, names: pl.Series, dirt: Dirt) -> pl.Series:
    """Particles glued or lost, hyphens and apostrophes gone, double names cut."""
    known = names.is_not_null().to_numpy()
    particle = (
        known
        & names.str.contains(r"^(De|Du|Le|La|Da|Dos|El|Ben|Aït|Van|Der|D'|L')[ ']")
        .fill_null(value=False)
        .to_numpy()
    )
    hyphen = known & names.str.contains("-", literal=True).fill_null(value=False).to_numpy()
    names = changed(names, some(rng, dirt.reshaped, particle), lambda t: t.str.replace_all("[ ']", ""))
    names = changed(names, some(rng, dirt.reshaped / 4, particle), lambda t: t.str.replace(r"^\S+?[ ']", ""))
    names = changed(
        names, some(rng, dirt.reshaped * 2, hyphen), lambda t: t.str.replace_all("-", " ", literal=True)
    )
    names = changed(names, some(rng, dirt.reshaped, hyphen), lambda t: t.str.replace("^Saint[ -]", "St "))
    double = (
        hyphen
        & ~names.str.contains("^(Saint|Jean|Marie|Pierre|Louis|St)[- ]").fill_null(value=False).to_numpy()
    )
    names = changed(names, some(rng, dirt.half, double), lambda t: t.str.extract(r"^([^-]+)", 1))
    return slips(rng, names, dirt.typo)


@cache
def _short_forms() -> dict[str, str]:
    source = files("hemostat.simulate").joinpath("data", "nicknames.tsv")
    table = pl.read_csv(source.read_bytes(), separator="\t")
    return dict(zip(table["name"], table["short"], strict=True))


def first_names(rng: Rng, names: pl.Series, second: pl.Series, dirt: Dirt) -> pl.Series:
    """Compounds cut or spaced, initials, short forms, the second given name instead of the first or with it."""
    known = names.is_not_null().to_numpy()
    compound = known & names.str.contains("-", literal=True).fill_null(value=False).to_numpy()
    names = changed(names, some(rng, dirt.half, compound), lambda t: t.str.extract(r"^([^-]+)", 1))
    names = changed(
        names, some(rng, dirt.half * 2, compound), lambda t: t.str.replace_all("-", " ", literal=True)
    )
    names = changed(names, some(rng, dirt.half / 4, compound), lambda t: t.str.replace(r"^(.)[^-]*-", "$1."))
    names = changed(names, some(rng, dirt.cut / 2, known), lambda t: t.str.slice(0, 1) + ".")
    names = changed(names, some(rng, dirt.cut / 2, known), lambda t: t.str.slice(0, 4))
    short = _short_forms()
    known_short = names.is_in(list(short)).fill_null(value=False).to_numpy()
    names = changed(names, some(rng, dirt.nickname, known_short), lambda t: t.replace(short))
    with_second = known & second.is_not_null().to_numpy()
    instead = some(rng, dirt.second_name / 2, with_second)
    names = put(names, instead, second.gather(instead))
    both = some(rng, dirt.second_name, with_second)
    names = put(names, both, names.gather(both) + " " + second.gather(both))
    return slips(rng, names, dirt.typo)


def cased(rng: Rng, last: pl.Series, first: pl.Series, dirt: Dirt) -> tuple[pl.Series, pl.Series]:
    """Capitals, small letters and lost accents, alike in the surname and first name of a row."""
    size = len(last)
    style = rng.random(size)
    every = np.ones(size, dtype=np.bool_)
    plain = some(rng, dirt.accents, every)
    last, first = changed(last, plain, bare), changed(first, plain, bare)
    upper, lower = np.flatnonzero(style < dirt.upper), np.flatnonzero(style > 1 - dirt.lower)
    last = changed(last, upper, lambda t: t.str.to_uppercase())
    first = changed(first, np.flatnonzero(style < dirt.upper / 3), lambda t: t.str.to_uppercase())
    last = changed(last, lower, lambda t: t.str.to_lowercase())
    return last, changed(first, lower, lambda t: t.str.to_lowercase())


def swapped(rng: Rng, last: pl.Series, first: pl.Series, dirt: Dirt) -> tuple[pl.Series, pl.Series]:
    """Surname and first name in each other's column."""
    where = some(rng, dirt.swapped, (last.is_not_null() & first.is_not_null()).to_numpy())
    return put(last, where, first.gather(where)), put(first, where, last.gather(where))


def dates(rng: Rng, days: pl.Series, dirt: Dirt) -> pl.Series:
    """Day and month exchanged, a digit or the century wrong. Takes dates, gives dates."""
    day, month, year = (
        part.cast(pl.Int64).to_numpy().copy() for part in (days.dt.day(), days.dt.month(), days.dt.year())
    )
    known = np.ones(len(days), dtype=np.bool_)
    both = some(rng, dirt.day_month, (day <= 12) & (day != month))
    day[both], month[both] = month[both], day[both]
    wrong = some(rng, dirt.wrong_date, known)
    kind = rng.integers(0, 4, len(wrong))
    step = np.where(rng.random(len(wrong)) < 0.5, 1, -1)
    year[wrong] += np.where(kind == 0, step, 0) + np.where(kind == 1, 10 * step, 0)
    day[wrong] = np.where(kind == 2, np.clip(day[wrong] + step, 1, 28), day[wrong])
    month[wrong] = np.where(kind == 3, np.clip(month[wrong] + step, 1, 12), month[wrong])
    century = some(rng, dirt.century, known)
    year[century] += np.where(year[century] < 2000, 100, -100)
    start = ((year - 1970) * 12 + month - 1).astype("datetime64[M]")
    made = start.astype("datetime64[D]") + (day - 1).astype("timedelta64[D]")
    # A day the month does not have: the clerk's program refuses it, the true one stays.
    possible = made.astype("datetime64[M]") == start
    return pl.Series("date", np.where(possible, made, days.to_numpy().astype("datetime64[D]")))


def nirs(rng: Rng, numbers: pl.Series, dirt: Dirt) -> pl.Series:
    """Spaces, no key, a key that lost its zero, a digit wrong, a small Corsican letter."""
    known = numbers.is_not_null().to_numpy()
    hit = some(rng, dirt.nir_digit, known)
    at = rng.integers(1, 15, len(hit))
    frame = pl.DataFrame({"n": numbers.gather(hit), "at": at, "digit": rng.integers(1, 10, len(hit))})
    digit = pl.col("n").str.slice(pl.col("at"), 1).cast(pl.Int64, strict=False)
    other = ((digit + pl.col("digit")) % 10).cast(pl.String)
    wrong = pl.col("n").str.slice(0, pl.col("at")) + other + pl.col("n").str.slice(pl.col("at") + 1)
    numbers = put(numbers, hit, frame.select(pl.coalesce(wrong, pl.col("n")).alias("n"))["n"])
    numbers = changed(numbers, some(rng, 0.2, known), lambda t: t.str.replace("A", "a").str.replace("B", "b"))
    fate = rng.random(len(numbers))
    bound = dirt.nir_no_key
    numbers = changed(numbers, np.flatnonzero(known & (fate < bound)), lambda t: t.str.slice(0, 13))
    spaced = known & (fate >= bound) & (fate < bound + dirt.nir_spaces)
    groups_of = r"^(.)(..)(..)(..)(...)(...)(..)$"
    compact = known & ~spaced & (fate >= bound)
    numbers = changed(
        numbers,
        np.flatnonzero(spaced & (rng.random(len(numbers)) < 0.75)),
        lambda t: t.str.replace(groups_of, "$1 $2 $3 $4 $5 $6 $7"),
    )
    still = spaced & ~numbers.str.contains(" ").fill_null(value=False).to_numpy()
    numbers = changed(numbers, np.flatnonzero(still), lambda t: t.str.slice(0, 13) + " " + t.str.slice(13))
    short = compact & numbers.str.contains(r"^.{13}0.$").fill_null(value=False).to_numpy()
    return changed(
        numbers, some(rng, dirt.nir_short_key, short), lambda t: t.str.slice(0, 13) + t.str.slice(14)
    )


def postcodes(rng: Rng, codes: pl.Series, dirt: Dirt) -> pl.Series:
    """Leading zeros lost, as a spreadsheet does. ``postcode_zero`` is a share of all rows, so most zeros may go."""
    zero = codes.str.starts_with("0").fill_null(value=False).to_numpy()
    rate = min(1.0, dirt.postcode_zero * len(codes) / max(int(zero.sum()), 1))
    return changed(codes, some(rng, rate, zero), lambda t: t.str.slice(1))


def phones(rng: Rng, numbers: Ints, dirt: Dirt, styles: tuple[float, ...]) -> pl.Series:
    """Nine-digit numbers written in the ways people and programs write them; null where 0.

    ``styles`` weighs: 0612345678, spaced by two, dotted, +33 compact, +33 spaced, 0033, hyphens, nine digits, slashes.
    """
    size = len(numbers)
    wrong = some(rng, dirt.phone_digit, numbers > 0)
    place = 10 ** rng.integers(0, 6, len(wrong))
    shift = rng.integers(1, 10, len(wrong))
    numbers = numbers.copy()
    digit = numbers[wrong] // place % 10
    numbers[wrong] += ((digit + shift) % 10 - digit) * place
    frame = pl.DataFrame({"n": numbers}).with_columns(pl.col("n").cast(pl.String).alias("t"))
    pairs = r"^(.)(..)(..)(..)(..)$"
    forms: tuple[pl.Expr, ...] = (
        "0" + pl.col("t"),
        pl.col("t").str.replace(pairs, "0$1 $2 $3 $4 $5"),
        pl.col("t").str.replace(pairs, "0$1.$2.$3.$4.$5"),
        "+33" + pl.col("t"),
        pl.col("t").str.replace(pairs, "+33 $1 $2 $3 $4 $5"),
        "0033" + pl.col("t"),
        pl.col("t").str.replace(pairs, "0$1-$2-$3-$4-$5"),
        pl.col("t"),
        pl.col("t").str.replace(pairs, "0$1/$2/$3/$4/$5"),
    )
    written = patchwork(
        weighted(rng, styles, size), lambda style, at: frame[at].select(forms[style].alias("t"))["t"]
    )
    return pl.select(pl.when(pl.Series(numbers > 0)).then(written).otherwise(None).alias("t"))["t"]


def mails(rng: Rng, addresses: pl.Series, dirt: Dirt) -> pl.Series:
    """Capitals, slips before the @, a dot lost or doubled, the ending of the domain wrong; never a real domain."""
    known = addresses.is_not_null().to_numpy()
    local = addresses.str.extract(r"^([^@]*)@", 1)
    domain = addresses.str.extract(r"(@.*)$", 1)
    hit = some(rng, dirt.mail_wrong, known)
    part = slips(rng, local.gather(hit), 0.6)
    # Another ending would be somebody's domain: an ending cut off is nobody's.
    cut = some(rng, 0.3, np.ones(len(hit), dtype=np.bool_))
    tail = changed(domain.gather(hit), cut, lambda t: t.str.replace(r"\.(com|net|org)$", ""))
    addresses = put(addresses, hit, part + tail)
    addresses = changed(addresses, some(rng, dirt.mail_case / 2, known), lambda t: t.str.to_uppercase())
    titled = some(rng, dirt.mail_case / 2, known)
    return changed(addresses, titled, lambda t: t.str.slice(0, 1).str.to_uppercase() + t.str.slice(1))


def addresses(rng: Rng, lines: pl.Series, complements: pl.Series, dirt: Dirt) -> pl.Series:
    """The street line, with its complement before or after, abbreviated, in capitals, mistyped."""
    known = lines.is_not_null().to_numpy()
    extra = complements.is_not_null().to_numpy() & known
    after, before = np.flatnonzero(extra & (rng.random(len(lines)) < 0.6)), np.flatnonzero(extra)
    before = before[rng.random(len(before)) < 0.3]
    before = np.setdiff1d(before, after)
    lines = put(lines, after, lines.gather(after) + " " + complements.gather(after))
    lines = put(lines, before, complements.gather(before) + " " + lines.gather(before))
    lines = changed(lines, some(rng, 0.14, known), _abbreviated)
    lines = changed(lines, some(rng, 0.05, known), lambda t: t.str.replace(r"^(\d+[^ ]*) ", "$1, "))
    lines = changed(lines, some(rng, dirt.upper * 0.7, known), lambda t: bare(t).str.to_uppercase())
    return slips(rng, lines, dirt.typo / 2)


def _abbreviated(text: pl.Expr) -> pl.Expr:
    for long, short in (
        (" avenue ", " av "),
        (" boulevard ", " bd "),
        (" place ", " pl "),
        (" chemin ", " ch. "),
        (" rue ", " r. "),
    ):
        text = text.str.replace(long, short, literal=True)
    return (
        text.str.replace("Général", "Gal")
        .str.replace("Docteur", "Dr")
        .str.replace("Saint-", "St ")
        .str.replace("Bâtiment", "bat")
    )


def towns(rng: Rng, names: pl.Series, dirt: Dirt) -> pl.Series:
    """Capitals without accents, ``ST`` for Saint, CEDEX, slips."""
    known = names.is_not_null().to_numpy()
    upper = known & (rng.random(len(names)) < 0.2 + dirt.upper * 0.6)
    short = some(rng, 0.4, upper & names.str.contains("^Sainte?-").fill_null(value=False).to_numpy())
    names = changed(
        names, short, lambda t: t.str.replace("^Saint", "ST").str.replace_all("-", " ", literal=True)
    )
    names = changed(names, np.flatnonzero(upper), lambda t: bare(t).str.to_uppercase())
    names = changed(names, some(rng, 0.006, known), lambda t: t + " CEDEX")
    return slips(rng, names, dirt.typo / 2)
