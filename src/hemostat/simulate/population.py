"""Fictitious people: who they are, where they live, how they are reached. Truth, before anybody types it wrong."""

# ruff: noqa: PLR2004 - a fiction is made of chosen figures

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from hemostat.simulate import contacts, households, nir, places
from hemostat.simulate.draw import Bools, Floats, Ints, Rng, Streams, exactly, put, some, weighted
from hemostat.simulate.households import ALONE, CHILD, FIRST, GROWN, SECOND, Bonds, Crowd
from hemostat.simulate.names import ORIGINS, draw_first_names, draw_surnames

if TYPE_CHECKING:
    from datetime import date

_YEAR = 365.2425


@dataclass(frozen=True, slots=True)
class Population:
    """All people of a story, and the telephone numbers not given yet."""

    frame: pl.DataFrame
    numbers: contacts.Numbers


def people(streams: Streams, crowd: Crowd, genuine: int, strangers: int, today: date) -> Population:
    """All people of a story, one row each: the ``genuine`` first, then ``strangers`` who have nothing to do with them.

    Columns: person, genuine, household, sex, birth_date, birth_name, used_name, first_name, second_name, third_name,
    birth_place, birth_code, nir, parent, address, complement, postal_code, city, departement, landline, mobile
    (nine digits as integers, 0 for none), email, doctor, minor, protected, deceased, twin, homonym.
    """
    crowds = [
        _named(streams, topic, crowd, size, today)
        for topic, size in (("genuine", genuine), ("strangers", strangers))
    ]
    first, second = crowds
    offset, homes = first.height, int(first["household"].to_numpy().max(initial=-1)) + 1
    second = second.with_columns(
        pl.col("household") + homes,
        *(
            pl.when(pl.col(link) < 0).then(-1).otherwise(pl.col(link) + offset).alias(link)
            for link in ("parent", "partner", "twin_of")
        ),
    )
    everyone = pl.concat([first, second]).with_columns(
        pl.int_range(pl.len(), dtype=pl.Int64).alias("person"),
        (pl.int_range(pl.len()) < genuine).alias("genuine"),
    )
    return _reachable(streams, crowd, _settled(streams, crowd, everyone), genuine)


def _named(streams: Streams, topic: str, crowd: Crowd, size: int, today: date) -> pl.DataFrame:
    """Bonds and names of one crowd."""
    rng = streams.of(f"{topic} households")
    bonds = households.shuffle(rng, households.build(rng, crowd, size, today))
    rng = streams.of(f"{topic} names")
    years = pl.Series(bonds.birth).dt.year().to_numpy().astype(np.int64)
    ages = 0.0 + (np.datetime64(today) - bonds.birth).astype(np.int64) / _YEAR
    origins = _origins(rng, bonds)
    birth_name = _birth_names(rng, bonds, origins)
    first_name = _first_names(rng, bonds, origins, years, birth_name)
    used_name = _used_names(rng, bonds, origins, ages, birth_name)
    adult = ages >= 18
    second = _given(rng, origins, bonds.sex, years - 28, 0.82)
    frame = pl.DataFrame(
        {
            "household": bonds.household,
            "sex": bonds.sex,
            "birth_date": bonds.birth,
            "origin": origins,
            "birth_name": birth_name,
            "used_name": used_name,
            "first_name": first_name,
            "second_name": pl.select(pl.when(second != first_name).then(second).alias("n"))["n"],
            "third_name": _given(rng, origins, bonds.sex, years - 45, 0.45),
            "parent": np.where(adult, -1, bonds.parent),
            "partner": bonds.partner,
            "twin_of": bonds.twin_of,
            "minor": ~adult,
            "protected": exactly(rng, round(crowd.protected * size), adult & (bonds.role == ALONE)),
            "deceased": _deceased(rng, crowd, ages, adult),
        }
    )
    return _with_homonyms(rng, crowd, frame, bonds)


def _origins(rng: Rng, bonds: Bonds) -> Ints:
    weights = [share for _, share in ORIGINS]
    by_family = weighted(rng, weights, int(bonds.family.max()) + 1 if len(bonds.family) else 0)
    origins = by_family[bonds.family]
    mates = some(rng, 0.28, bonds.role == SECOND)
    origins[mates] = weighted(rng, weights, len(mates))
    return origins


def _birth_names(rng: Rng, bonds: Bonds, origins: Ints) -> pl.Series:
    """Children and twins have the surname of their family; some children two names, or the other parent's."""
    own = draw_surnames(rng, origins)
    firsts = np.full(int(bonds.family.max()) + 1 if len(bonds.family) else 0, -1, dtype=np.int64)
    leads = np.flatnonzero(
        (bonds.role == FIRST) | (bonds.role == ALONE) | ((bonds.role > GROWN) & (bonds.twin_of < 0))
    )
    firsts[bonds.family[leads]] = leads
    lead = firsts[bonds.family]
    follows = (bonds.role == CHILD) | (bonds.role == GROWN) | (bonds.twin_of >= 0)
    # The children of a mother alone mostly have the name of a father who is not there; siblings agree on it.
    absent = draw_surnames(rng, origins[np.maximum(firsts, 0)]).gather(bonds.family)
    choice = rng.random(len(firsts))[bonds.family]
    mother_alone = bonds.sex[lead] == 2
    child = follows & (bonds.role <= GROWN)
    mate = np.where(bonds.other_parent == lead, bonds.parent, bonds.other_parent)
    other = pl.select(
        pl.when(pl.Series(mate >= 0)).then(own.gather(np.maximum(mate, 0))).otherwise(absent).alias("o")
    )["o"]
    frame = pl.DataFrame({"own": own, "lead": own.gather(lead), "other": other, "choice": choice})
    frame = frame.with_columns(
        pl.Series("follows", follows),
        pl.Series("child", child),
        pl.Series("alone", mother_alone & child & (bonds.role == CHILD)),
    )
    short = (pl.col("lead").str.len_chars() < 9) & (pl.col("other").str.len_chars() < 11)
    return frame.select(
        pl.when(~pl.col("follows"))
        .then(pl.col("own"))
        .when(pl.col("child") & (pl.col("choice") < 0.1) & short)
        .then(pl.col("lead") + "-" + pl.col("other"))
        .when(pl.col("child") & (pl.col("choice") < pl.when("alone").then(0.65).otherwise(0.16)))
        .then(pl.col("other"))
        .otherwise(pl.col("lead"))
        .alias("birth_name")
    )["birth_name"]


def _first_names(rng: Rng, bonds: Bonds, origins: Ints, years: Ints, surnames: pl.Series) -> pl.Series:
    """Siblings never share a first name; a few sons and daughters have their parent's."""
    names = draw_first_names(rng, origins, bonds.sex, years)
    same = some(rng, 0.03, (bonds.role == GROWN) & (bonds.sex == bonds.sex[np.maximum(bonds.parent, 0)]))
    names = put(names, same, names.gather(bonds.parent[same]))
    fixed = np.zeros(len(names), dtype=np.bool_)
    fixed[same] = True
    for _ in range(20):
        frame = pl.DataFrame({"family": bonds.family, "surname": surnames, "name": names})
        again = np.flatnonzero(~frame.is_duplicated().to_numpy() | fixed)
        mask = np.ones(len(names), dtype=np.bool_)
        mask[again] = False
        redo = np.flatnonzero(mask & ((bonds.role == CHILD) | (bonds.role == GROWN) | (bonds.twin_of >= 0)))
        if not len(redo):
            break
        names = put(names, redo, draw_first_names(rng, origins[redo], bonds.sex[redo], years[redo]))
    return names


def _used_names(rng: Rng, bonds: Bonds, origins: Ints, ages: Floats, birth_names: pl.Series) -> pl.Series:
    """Married women mostly use their husband's name, some both; the husband may not be among the people."""
    size = len(ages)
    wife = (bonds.sex == 2) & (ages >= 19)
    here = wife & (bonds.partner >= 0) & (bonds.sex[np.maximum(bonds.partner, 0)] == 1)
    married_here = here & (rng.random(size) < np.where(ages >= 45, 0.75, 0.55))
    rate = np.select([ages >= 60, ages >= 40, ages >= 28], [0.68, 0.42, 0.24], 0.05)
    married_away = wife & (bonds.partner < 0) & (rng.random(size) < rate)
    husband = draw_surnames(rng, origins)
    husband = put(husband, np.flatnonzero(married_here), birth_names.gather(bonds.partner[married_here]))
    frame = pl.DataFrame(
        {
            "own": birth_names,
            "his": husband,
            "married": married_here | married_away,
            "choice": rng.random(size),
        }
    )
    both = (pl.col("own").str.len_chars() + pl.col("his").str.len_chars()) < 20
    return frame.select(
        pl.when(~pl.col("married") | (pl.col("choice") > 0.86))
        .then(pl.col("own"))
        .when(both & (pl.col("choice") < 0.06))
        .then(pl.col("own") + "-" + pl.col("his"))
        .when(both & (pl.col("choice") < 0.1))
        .then(pl.col("his") + "-" + pl.col("own"))
        .otherwise(pl.col("his"))
        .alias("used_name")
    )["used_name"]


def _given(rng: Rng, origins: Ints, sexes: Ints, years: Ints, rate: float) -> pl.Series:
    """Second or third given names, of grandparents' taste; null for those who have none."""
    names = draw_first_names(rng, origins, sexes, years)
    return pl.select(
        pl.when(pl.Series(rng.random(len(names)) < rate)).then(names).otherwise(None).alias("n")
    )["n"]


def _deceased(rng: Rng, crowd: Crowd, ages: Floats, adult: Bools) -> Bools:
    """Exactly the share of the crowd; the old die more often."""
    hazard = np.exp(np.minimum(ages, 105.0) / 9.0)
    keys = np.where(adult, rng.exponential(1.0, len(ages)) / hazard, np.inf)
    dead = np.zeros(len(ages), dtype=np.bool_)
    dead[np.argsort(keys, kind="stable")[: round(crowd.deceased * len(ages))]] = True
    return dead & adult


def _with_homonyms(rng: Rng, crowd: Crowd, frame: pl.DataFrame, bonds: Bonds) -> pl.DataFrame:
    """Plants pairs of people with the same names, born the same day, in different places."""
    alone = np.flatnonzero((bonds.role == ALONE) & ~frame["minor"].to_numpy())
    wanted = max(3, round(crowd.homonyms * frame.height)) if frame.height >= 100 else 0
    pairs = min(wanted, len(alone) // 2)
    drawn = rng.permutation(alone)[: 2 * pairs]
    kept, copied = drawn[:pairs], drawn[pairs:]
    for column in ("sex", "birth_date", "birth_name", "used_name", "first_name", "origin"):
        frame = frame.with_columns(put(frame[column], copied, frame[column].gather(kept)))
    return frame


def _settled(streams: Streams, crowd: Crowd, everyone: pl.DataFrame) -> pl.DataFrame:
    """Adds homes, places of birth and NIR."""
    rng = streams.of("homes")
    homes = everyone.group_by("household", maintain_order=True).agg(pl.col("origin").first())
    departement = places.draw_departements(rng, homes["origin"].to_numpy(), crowd.regions)
    known = places.gazetteer()
    place = places.draw_places(rng, departement)
    street, complement = places.draw_streets(rng, homes.height)
    homes = homes.select("household").with_columns(
        street.alias("address"),
        complement.alias("complement"),
        known.postal_code.gather(place).alias("postal_code"),
        known.name.gather(place).alias("city"),
        pl.Series("place", place),
        pl.Series("home", departement),
    )
    everyone = everyone.join(homes, on="household", how="left", maintain_order="left")
    rng = streams.of("births")
    years = everyone["birth_date"].dt.year().to_numpy().astype(np.int64)
    code, name = places.draw_birth_places(
        rng, everyone["origin"].to_numpy(), years, everyone["home"].to_numpy()
    )
    twin_of = everyone["twin_of"].to_numpy()
    younger = np.flatnonzero(twin_of >= 0)
    code = put(code, younger, code.gather(twin_of[younger]))
    name = put(name, younger, name.gather(twin_of[younger]))
    numbers = nir.assign(rng, everyone["sex"].to_numpy(), everyone["birth_date"], code, twin_of)
    twins = np.zeros(everyone.height, dtype=np.bool_)
    twins[younger] = True
    twins[twin_of[younger]] = True
    return everyone.with_columns(
        code,
        name,
        numbers.alias("nir"),
        pl.Series("twin", twins),
        pl.struct("birth_name", "first_name", "birth_date").is_duplicated().alias("homonym"),
        known.departements["code"].gather(everyone["home"]).alias("departement"),
    )


def _reachable(streams: Streams, crowd: Crowd, everyone: pl.DataFrame, size: int) -> Population:
    """Adds telephones, e-mail addresses, the treating doctor. Children have a parent's, wards their guardian's."""
    rng = streams.of("telephones")
    numbers = contacts.Numbers(rng, size)
    homes = everyone.group_by("household", maintain_order=True).agg(pl.col("departement", "home").first())
    zones = places.gazetteer().departements["phone_zone"].to_numpy()[homes["home"].to_numpy()]
    lines = homes.select("household").with_columns(
        pl.Series("landline", numbers.landlines(homes["departement"], zones), dtype=pl.Int64)
    )
    everyone = everyone.join(lines, on="household", how="left", maintain_order="left")
    parent = everyone["parent"].to_numpy()
    partner = everyone["partner"].to_numpy()
    places_of = np.arange(everyone.height)
    own = np.flatnonzero((parent < 0) & ~everyone["protected"].to_numpy())
    if numbers.fiction:
        own = rng.permutation(own)
    mobile = np.zeros(everyone.height, dtype=np.int64)
    mobile[own] = numbers.mobiles(everyone["departement"].gather(own))
    rng = streams.of("e-mail")
    years = everyone["birth_date"].dt.year().to_numpy().astype(np.int64)
    email = contacts.emails(rng, everyone["first_name"], everyone["used_name"], years)
    together = (partner >= 0) & (places_of > partner)
    one_mail = some(rng, crowd.shared_mail, together)
    source = places_of.copy()
    source[one_mail] = partner[one_mail]
    source = np.where(parent >= 0, source[np.maximum(parent, 0)], source)
    one_phone = one_mail[rng.random(len(one_mail)) < 0.5]
    holder = places_of.copy()
    holder[one_phone] = partner[one_phone]
    holder = np.where(parent >= 0, holder[np.maximum(parent, 0)], holder)
    everyone = everyone.with_columns(
        pl.Series("mobile", mobile[holder]),
        email.gather(source).alias("email"),
        _doctors(streams.of("doctors"), everyone),
    )
    return Population(_guarded(streams.of("guardians"), everyone, numbers), numbers)


def freshened(
    rng: Rng, population: Population, who: Ints, moved: float, mail: float, phone: float
) -> pl.DataFrame:
    """The same people later: some have moved (a household moves together), some have another address or number.

    Columns: address, complement, postal_code, city, landline, mobile, email; one row per entry of ``who``.
    """
    frame = population.frame[who]
    household = frame["household"].to_numpy()
    _, home = np.unique(household, return_inverse=True)
    moves = (rng.random(int(home.max()) + 1 if len(home) else 0) < moved)[home]
    first = np.unique(home, return_index=True)[1]
    here = frame["home"].to_numpy()[first]
    far = rng.random(len(here)) < 0.35
    away = places.draw_departements(rng, np.zeros(len(here), dtype=np.int64))
    departement = np.where(far, away, here)
    place = places.draw_places(rng, departement)
    street, complement = places.draw_streets(rng, len(here))
    known = places.gazetteer()
    zones = known.departements["phone_zone"].to_numpy()[departement]
    new_home = (moves[first]).nonzero()[0]
    line = np.zeros(len(here), dtype=np.int64)
    line[new_home] = population.numbers.landlines(
        known.departements["code"].gather(departement[new_home]), zones[new_home]
    )
    where = np.flatnonzero(moves)
    settled = {
        "address": street.gather(home[where]),
        "complement": complement.gather(home[where]),
        "postal_code": known.postal_code.gather(place[home[where]]),
        "city": known.name.gather(place[home[where]]),
        "landline": pl.Series(line[home[where]]),
    }
    own = (frame["parent"].to_numpy() < 0) & ~frame["protected"].to_numpy()
    new_mail = some(rng, mail, own)
    years = frame["birth_date"].dt.year().to_numpy().astype(np.int64)
    mails = contacts.emails(
        rng, frame["first_name"].gather(new_mail), frame["used_name"].gather(new_mail), years[new_mail]
    )
    taken = population.frame["email"].unique()
    while (again := np.flatnonzero(mails.is_in(taken.implode()).to_numpy())).size:
        mails = put(
            mails, again, mails.gather(again).str.replace("@", f".{rng.integers(10, 99)}@", literal=True)
        )
    new_phone = some(rng, phone, own & (frame["mobile"].to_numpy() > 0))
    mobiles = population.numbers.mobiles(frame["departement"].gather(new_phone))
    columns = ("address", "complement", "postal_code", "city", "landline", "mobile", "email")
    shown = frame.select(columns).with_columns(
        *(put(frame[name], where, values) for name, values in settled.items())
    )
    mobile = put(frame["mobile"], new_phone[mobiles > 0], mobiles[mobiles > 0])
    return shown.with_columns(mobile, put(frame["email"], new_mail, mails))


def _guarded(rng: Rng, everyone: pl.DataFrame, numbers: contacts.Numbers) -> pl.DataFrame:
    """A guardian's office answers for several protected adults: one number, one address for all of them."""
    wards = np.flatnonzero(everyone["protected"].to_numpy())
    offices = max(1, len(wards) // 6)
    office = rng.integers(0, offices, len(wards))
    phones = numbers.mobiles(pl.Series(["75"] * offices))
    reached = rng.random(len(wards)) < 0.6
    email = pl.Series([f"mandataire{number:03d}@tutelles.example.org" for number in range(offices)]).gather(
        office
    )
    mobile = put(everyone["mobile"], wards, np.where(reached, phones[office], 0))
    return everyone.with_columns(
        mobile, put(everyone["email"], wards[reached], email.filter(pl.Series(reached)))
    )


def _doctors(rng: Rng, everyone: pl.DataFrame) -> pl.Series:
    """Treating doctors, a few per place."""
    count = max(12, everyone.height // 450)
    origins = weighted(rng, [share for _, share in ORIGINS], count)
    sexes = rng.integers(1, 3, count)
    years = rng.integers(1955, 1992, count)
    names = draw_surnames(rng, origins)
    first = draw_first_names(rng, origins, sexes, years)
    shown = pl.DataFrame({"name": names, "first": first, "form": rng.integers(0, 5, count)}).select(
        pl.when(pl.col("form") == 0)
        .then(pl.format("Dr {} {}", "first", "name"))
        .when(pl.col("form") == 1)
        .then(pl.format("DR {}", pl.col("name").str.to_uppercase()))
        .when(pl.col("form") == 2)
        .then(pl.format("{} {}", pl.col("name").str.to_uppercase(), "first"))
        .when(pl.col("form") == 3)
        .then(pl.format("Docteur {}", "name"))
        .otherwise(pl.format("Dr {}.{}", pl.col("first").str.slice(0, 1), "name"))
        .alias("doctor")
    )["doctor"]
    return shown.gather((everyone["place"].to_numpy() * 7 + rng.integers(0, 3, everyone.height)) % count)
