"""Cells that only an office's own export has: titles, passwords, codes, dates of change, columns nobody understands."""

# ruff: noqa: PLR2004 - a fiction is made of chosen figures

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from hemostat.simulate import contacts
from hemostat.simulate.draw import put, quota, weighted

if TYPE_CHECKING:
    from collections.abc import Callable

    from hemostat.simulate.draw import Rng
    from hemostat.simulate.sheet import Sheet, Shower
    from hemostat.simulate.story import Column

_YEAR = 365.2425
_BCRYPT = np.frombuffer(b"./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", dtype=np.uint8)
_BCRYPT_LENGTH = 53


def _bcrypt(sheet: Sheet, _: Column) -> pl.Series:
    rng = sheet.rng("bcrypt")
    letters = _BCRYPT[rng.integers(0, 64, (sheet.size, _BCRYPT_LENGTH), dtype=np.int8)]
    joined = letters.reshape(-1).tobytes().decode("ascii")
    digests = [joined[i : i + _BCRYPT_LENGTH] for i in range(0, len(joined), _BCRYPT_LENGTH)]
    return "$2b$10$" + pl.Series("hash", digests, dtype=pl.String)


def _moment(sheet: Sheet, column: Column) -> pl.Series:
    """When an event happened or a row changed: more often lately, at office hours. The form is a strftime pattern."""
    rng = sheet.rng(f"moment {column.heading}")
    longest = (sheet.story.today - sheet.story.since).days - 2
    back = rng.exponential(longest / 5, sheet.size) % longest
    day = np.datetime64(sheet.story.today) - (back + 1).astype("timedelta64[D]")
    minute = np.clip(rng.normal(13.5, 3.6, sheet.size) * 60, 0, 1439).astype("timedelta64[m]")
    written = pl.Series(day.astype("datetime64[us]") + minute)
    return written.dt.strftime(column.form or "%Y-%m-%dT%H:%M:%S")


def _title(sheet: Sheet, column: Column) -> pl.Series:
    """Titles in exactly the story's shares of rows; where too few people fit a title, others get it by mistake."""
    rng = sheet.rng(f"fill {column.together or column.heading}")
    scores = rng.random(sheet.size)
    counts = {word: round(share * sheet.size) for word, share in sheet.story.titles}
    titled = np.flatnonzero(quota(scores, sum(counts.values()), np.ones(sheet.size, dtype=np.bool_)))
    born = sheet.people["birth_date"].to_numpy().astype("datetime64[D]")[titled]
    age = (np.datetime64(sheet.story.today) - born).astype(np.int64) / _YEAR
    woman = sheet.people["sex"].to_numpy()[titled] == 2
    # The further from the title, the later chosen.
    misfit: dict[str, np.ndarray[tuple[int], np.dtype[np.float64]]] = {
        "Bébé": age,
        "Enfant": np.maximum(age - 14, 0),
        "Soeur": np.where(woman, 0.0, 1000.0) + np.maximum(45 - age, 0),
        "M.": np.where(woman, 1000.0, 0.0),
        "Mme": np.where(woman, 0.0, 1000.0),
    }
    title = pl.Series("title", [None], dtype=pl.String).new_from_index(0, sheet.size)
    free = np.ones(len(titled), dtype=np.bool_)
    for word, distance in misfit.items():
        odds = distance + rng.random(len(titled))
        chosen = quota(odds, counts.get(word, 0), free)
        free &= ~chosen
        where = titled[chosen]
        title = put(title, where, pl.Series([word]).new_from_index(0, len(where)))
    return title


_COMMON_PASSWORDS = [
    "123456",
    "azerty",
    "123456789",
    "000000",
    "motdepasse",
    "soleil",
    "bonjour",
    "loulou",
    "doudou",
    "marseille",
    "chouchou",
    "1234",
    "nicolas",
    "camille",
    "123123",
    "azertyuiop",
    "654321",
    "password",
    "111111",
    "chocolat",
    "vacances",
    "princesse",
    "labo",
    "labo2018",
    "sante",
    "toto",
    "titi",
    "secret",
]


def _password(sheet: Sheet, _: Column) -> pl.Series:
    """Passwords as patients choose them: the common ones, a word and a year, a first name and a département."""
    rng = sheet.rng("password")
    words = contacts.fold(sheet.people["first_name"])
    years = sheet.people["birth_date"].dt.strftime("%Y")
    common = pl.Series(_COMMON_PASSWORDS).gather(
        weighted(rng, 1 / (np.arange(len(_COMMON_PASSWORDS)) + 2), sheet.size)
    )
    number = pl.Series(rng.integers(1, 9999, sheet.size)).cast(pl.String)
    town = contacts.fold(sheet.people["city"]).str.slice(0, 8)
    frame = pl.DataFrame({"w": words, "y": years, "c": common, "n": number, "t": town})
    style = pl.Series(weighted(rng, (0.3, 0.25, 0.15, 0.15, 0.1, 0.05), sheet.size))
    titled = pl.col("w").str.slice(0, 1).str.to_uppercase() + pl.col("w").str.slice(1)
    return frame.select(
        pl.when(style == 0)
        .then("c")
        .when(style == 1)
        .then(pl.col("w") + pl.col("y").str.slice(2))
        .when(style == 2)
        .then(pl.col("w") + pl.col("n"))
        .when(style == 3)
        .then(titled + pl.col("y"))
        .when(style == 4)
        .then(pl.col("t") + pl.col("n"))
        .otherwise(titled + pl.lit("!") + pl.col("n"))
        .alias("p")
    )["p"]


def _login(sheet: Sheet, _: Column) -> pl.Series:
    head = contacts.fold(sheet.people["used_name"]).str.slice(0, 6)
    return head + sheet.people["birth_date"].dt.strftime("%d%m%y")


def _drawn(values: tuple[str, ...], weights: tuple[float, ...]) -> Shower:
    """A value that is the person's own: the same in all rows of a person."""

    def shown(sheet: Sheet, column: Column) -> pl.Series:
        rng = sheet.streams.of(f"own {column.shows}")
        person = sheet.rows["person"].to_numpy()
        own = weighted(rng, weights, int(person.max(initial=0)) + 1)
        return pl.Series(values).gather(own[person])

    return shown


_INSURERS = (
    "MGEN", "Harmonie Mutuelle", "MAAF Santé", "AXA", "Malakoff Humanis", "AG2R", "MACIF", "Swiss Life", "Groupama",
    "Mutuelle Générale", "ProBTP", "Allianz", "MNH", "Apicil", "La Mutuelle Verte", "Intériale", "Mutuelle des Alpes",
    "Mutuelle Bleue", "Solimut", "CSS", "Eovi", "Mutualia", "Pacifica", "Mutuelle du Rempart", "Aésio",
)  # fmt: skip
_TOWNS = [
    "Lorient",
    "Quimper",
    "Vannes",
    "Pontivy",
    "Auray",
    "Orléans",
    "Gien",
    "Montargis",
    "Blois",
    "Vendôme",
    "Chartres",
    "Dreux",
    "Évreux",
    "Vernon",
    "Louviers",
    "Lannion",
    "Guingamp",
    "Dinan",
    "Brest",
    "Morlaix",
    "Concarneau",
    "Hennebont",
    "Pithiviers",
    "Romorantin",
    "Châteaudun",
    "Gisors",
    "Loudéac",
    "Ploërmel",
]
LABORATORIES = tuple(f"LABO {town.upper()}" for town in _TOWNS)


def _insurer_then(sheet: Sheet, column: Column) -> pl.Series:
    """Insurers over time: another one each time, so that history is not duplication."""
    rng = sheet.rng(f"insurer {column.heading}")
    return pl.Series(_INSURERS).gather(weighted(rng, 1 / (np.arange(len(_INSURERS)) + 4), sheet.size))


def _insurer_until(sheet: Sheet, column: Column) -> pl.Series:
    """The last day of a contract, the end of a year or of a month."""
    rng = sheet.rng(f"until {column.heading}")
    year = sheet.story.today.year + 1 - np.minimum(rng.geometric(0.45, sheet.size) - 1, 9)
    month = np.where(rng.random(sheet.size) < 0.7, 12, rng.integers(1, 13, sheet.size))
    months = ((year - 1970) * 12 + month).astype("datetime64[M]")
    return pl.Series(months.astype("datetime64[D]") - np.timedelta64(1, "D")).dt.strftime(
        column.form or "%Y-%m-%d"
    )


def _cover(sheet: Sheet, column: Column) -> pl.Series:
    rng = sheet.rng(f"cover {column.heading}")
    covers = (
        "HOSPI",
        "ECO",
        "CONFORT",
        "CONFORT+",
        "PREMIUM",
        "C2S",
        "TNS",
        "SENIOR 2",
        "FAMILLE",
        "OPTIQUE/DENTAIRE",
    )
    return pl.Series(covers).gather(weighted(rng, 1 / (np.arange(len(covers)) + 2), sheet.size))


def _contract(sheet: Sheet, _: Column) -> pl.Series:
    """One number per family and insurer, counted up as pages were copied one after the other, with holes."""
    home = sheet.people["household"].to_numpy()
    return pl.Series(70_000_000 + home + home // 9 + 3_000_000 * sheet.rows["tenant"].to_numpy()).cast(
        pl.String
    )


def _rank(sheet: Sheet, _: Column) -> pl.Series:
    """The rank of birth: 2 for the younger of twins."""
    return pl.Series(np.where(sheet.people["twin_of"].to_numpy() >= 0, "2", "1"))


def _income(sheet: Sheet, column: Column) -> pl.Series:
    """Monthly resources: amounts, or bands as text."""
    rng = sheet.rng(f"income {column.heading}")
    amount = np.round(np.clip(rng.lognormal(7.2, 0.42, sheet.size), 300, 9000), 2)
    low = np.maximum(amount // 200 * 200, 0).astype(np.int64)
    frame = pl.DataFrame(
        {"a": amount, "low": low, "high": low + 200, "form": weighted(rng, (0.6, 0.28, 0.12), sheet.size)}
    )
    return frame.select(
        pl.when(pl.col("form") == 0)
        .then(pl.col("a").cast(pl.String))
        .when(pl.col("form") == 1)
        .then(pl.format("{} à {} €", "low", "high"))
        .otherwise(pl.format("moins de {} euros", "high"))
        .alias("i")
    )["i"]


def _dependence(sheet: Sheet, column: Column) -> pl.Series:
    rng = sheet.rng(f"dependence {column.heading}")
    return pl.Series(("6", "5", "GIR 4", "GIR 3", "2", "GIR 1")).gather(
        weighted(rng, (4, 3, 3, 2, 1.5, 0.5), sheet.size)
    )


def _age(sheet: Sheet, _: Column) -> pl.Series:
    """Whole years on the day of the story, instead of a date of birth."""
    born = sheet.people["birth_date"]
    today = sheet.story.today
    earlier = (born.dt.month() * 100 + born.dt.day()).cast(pl.Int64) <= today.month * 100 + today.day
    return (today.year - born.dt.year().cast(pl.Int64) - (~earlier).cast(pl.Int64)).cast(pl.String)


def _tenant(sheet: Sheet, _: Column) -> pl.Series:
    return sheet.tenants.gather(sheet.rows["tenant"].to_numpy())


def _doctor_mail(sheet: Sheet, _: Column) -> pl.Series:
    """The doctor's address, not the patient's: few different ones over the whole file."""
    rng = sheet.rng("doctor mail")
    different = max(1, round(337 / 491_840 * sheet.size))
    number = weighted(rng, 1 / (np.arange(different) + 3), sheet.size)
    number[:different] = np.arange(different)
    doctors = contacts.fold(sheet.people["doctor"].head(different).str.replace("^(Dr|DR|Docteur) ", ""))
    names = pl.Series([f"cabinet.{name}{i}@medecins.example.net" for i, name in enumerate(doctors.to_list())])
    return names.gather(number % max(len(names), 1))


def _filler(sheet: Sheet, column: Column) -> pl.Series:
    """Technical columns. Forms: flag, code, number, price, date, constant, rare."""
    rng = sheet.rng(f"filler {column.heading}")
    return _FILLERS[column.form](rng, sheet.size)


def _fill_date(rng: Rng, size: int) -> pl.Series:
    days = np.datetime64("2015-01-05") + rng.integers(0, 2100, size).astype("timedelta64[D]")
    return pl.Series(days).dt.strftime("%Y%m%d")


def _fill_code(rng: Rng, size: int) -> pl.Series:
    codes = pl.Series(["A1", "B2", "NGAP", "TP", "HN", "DEP", "EXT", "INT", "URG", "K7", "P3", "Z9"])
    return codes.gather(weighted(rng, 1 / (np.arange(12) + 1), size))


def _fill_price(rng: Rng, size: int) -> pl.Series:
    prices = pl.Series(np.round(rng.gamma(2, 14, size), 2)).cast(pl.String)
    return prices.str.replace(".", ",", literal=True)


_FILLERS: dict[str, Callable[[Rng, int], pl.Series]] = {
    "flag": lambda rng, size: pl.Series(["0", "1"]).gather(weighted(rng, (0.8, 0.2), size)),
    "letter": lambda rng, size: pl.Series(["O", "N"]).gather(weighted(rng, (0.3, 0.7), size)),
    "code": _fill_code,
    "number": lambda rng, size: pl.Series(rng.integers(0, 5000, size)).cast(pl.String),
    "price": _fill_price,
    "date": _fill_date,
    "constant": lambda _rng, size: pl.Series(["1"]).new_from_index(0, size),
}


SHOWN: dict[str, Shower] = {
    "bcrypt": _bcrypt,
    "moment": _moment,
    "title": _title,
    "password": _password,
    "login": _login,
    "blood_group": _drawn(("O+", "A+", "B+", "O-", "A-", "AB+", "B-", "AB-"), (36, 37, 9, 6, 7, 3, 1, 1)),
    "insurer": _drawn(_INSURERS, tuple(1 / (rank + 4) for rank in range(len(_INSURERS)))),
    "age": _age,
    "cover": _cover,
    "contract": _contract,
    "rank": _rank,
    "income": _income,
    "dependence": _dependence,
    "insurer_then": _insurer_then,
    "insurer_until": _insurer_until,
    "tenant": _tenant,
    "doctor_mail": _doctor_mail,
    "filler": _filler,
}
"""Columns of exports by the name a story uses."""

IMPERSONAL = {"bcrypt", "moment", "insurer_then", "insurer_until", "filler"}
"""Those that need no names, numbers or addresses."""
