"""Numbers of social security (NIR): coherent with sex, birth and place, order numbers distinct, key right."""

# ruff: noqa: PLR2004 - a fiction is made of chosen figures

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from hemostat.simulate.draw import put

if TYPE_CHECKING:
    from hemostat.simulate.draw import Ints, Rng


_ORDERS = 999


def keys(bodies: pl.Series) -> Ints:
    """Control keys of 13-character bodies: 97 minus the number modulo 97, with 2A read as 19 and 2B as 18."""
    plain = bodies.str.replace("2A", "19", literal=True).str.replace("2B", "18", literal=True)
    return 97 - plain.cast(pl.Int64).to_numpy() % 97


def with_keys(bodies: pl.Series) -> pl.Series:
    """15-character numbers: the bodies and their keys."""
    frame = pl.DataFrame({"body": bodies, "key": keys(bodies)})
    return frame.select((pl.col("body") + pl.col("key").cast(pl.String).str.zfill(2)).alias("nir"))["nir"]


def assign(rng: Rng, sexes: Ints, births: pl.Series, codes: pl.Series, twin_of: Ints) -> pl.Series:
    """A distinct valid NIR for each person.

    Order numbers run within a place, month and sex in the order of births, as civil registers do; twins of one sex
    follow each other. Months 20 to 42 and 50 to 99 stand for unknown months of people born abroad.

    Args:
        rng: the source of chance.
        sexes: 1 or 2.
        births: dates of birth.
        codes: five-character place codes.
        twin_of: for the younger of twins, the place of the elder; else -1.
    """
    size = len(sexes)
    abroad = codes.str.starts_with("99").to_numpy()
    months = births.dt.month().to_numpy().astype(np.int64)
    unknown = np.concatenate([np.arange(20, 43), np.arange(50, 100)])
    odd = abroad & (rng.random(size) < 0.02) & (twin_of < 0)
    months = np.where(odd, unknown[rng.integers(0, len(unknown), size)], months)
    years = births.dt.year().to_numpy().astype(np.int64)
    codes = codes.rename("code")
    orders = np.zeros(size, dtype=np.int64)
    waiting = np.arange(size, dtype=np.int64)
    while len(waiting):
        cells = _cells(sexes[waiting], years[waiting], months[waiting], codes.gather(waiting))
        elders = np.where(twin_of < 0, np.arange(size), twin_of)
        late = _number(rng, waiting, cells, births.gather(waiting).dt.day().to_numpy(), elders, orders)
        # A register that passes 999 births in a month opens a second commune code.
        shifted = codes.gather(late)
        number = shifted.str.slice(2).cast(pl.Int64)
        other = shifted.str.slice(0, 2) + ((number + 401) % 989 + 1).cast(pl.String).str.zfill(3)
        codes = put(codes, late, other)
        waiting = late
    frame = pl.DataFrame({"sex": sexes, "year": years % 100, "month": months, "code": codes, "order": orders})
    bodies = frame.select(
        (
            pl.col("sex").cast(pl.String)
            + pl.col("year").cast(pl.String).str.zfill(2)
            + pl.col("month").cast(pl.String).str.zfill(2)
            + pl.col("code")
            + pl.col("order").cast(pl.String).str.zfill(3)
        ).alias("body")
    )["body"]
    return with_keys(bodies)


def _cells(sexes: Ints, years: Ints, months: Ints, codes: pl.Series) -> Ints:
    place = codes.cast(pl.Categorical).to_physical().to_numpy().astype(np.int64)
    # Two centuries share two digits of the year: they share a cell too, or numbers would collide.
    return ((place * 3 + sexes) * 100 + years % 100) * 100 + months


def _number(rng: Rng, waiting: Ints, cells: Ints, days: Ints, elders: Ints, orders: Ints) -> Ints:
    """Writes order numbers in place; gives the people for whom no number is left."""
    position = np.empty(len(elders), dtype=np.int64)
    position[waiting] = np.arange(len(waiting))
    elder_here = elders[waiting]
    by_birth = np.lexsort((waiting, elder_here, days, cells))
    ranked = cells[by_birth]
    starts = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]])
    sizes = np.diff(np.r_[starts, len(ranked)])
    rank = np.arange(len(ranked)) - np.repeat(starts, sizes)
    room = np.maximum(_ORDERS // np.minimum(sizes, _ORDERS), 1)
    widest = np.repeat(room, sizes)
    gap = 1 + np.floor(rng.random(len(ranked)) * widest).astype(np.int64)
    follows = np.r_[
        False, (elder_here[by_birth][1:] == elder_here[by_birth][:-1]) & (ranked[1:] == ranked[:-1])
    ]
    gap = np.where(follows, 1, np.minimum(gap, widest))
    total = np.cumsum(gap)
    before = np.repeat(np.r_[0, total[starts[1:] - 1]] if len(starts) else starts, sizes)
    drawn = total - before
    fits = rank < _ORDERS
    people = waiting[by_birth]
    orders[people[fits]] = drawn[fits]
    return np.sort(people[~fits]).astype(np.int64)


def break_keys(rng: Rng, nirs: pl.Series) -> pl.Series:
    """The same numbers with a wrong key: what a forger writes who does not know the rule."""
    right = nirs.str.slice(13).cast(pl.Int64).to_numpy()
    wrong = (right - 1 + rng.integers(1, 97, len(nirs))) % 97 + 1
    frame = pl.DataFrame({"nir": nirs, "key": wrong})
    return frame.select(
        (pl.col("nir").str.slice(0, 13) + pl.col("key").cast(pl.String).str.zfill(2)).alias("n")
    )["n"]


def flip_sex(nirs: pl.Series) -> pl.Series:
    """The same numbers with the other sex digit and a right key: a forger who knows the key but not the first digit."""
    other = pl.when(nirs.str.starts_with("1")).then(pl.lit("2")).otherwise(pl.lit("1"))
    body = nirs.to_frame("nir").select((other + pl.col("nir").str.slice(1, 12)).alias("body"))["body"]
    return with_keys(body)
