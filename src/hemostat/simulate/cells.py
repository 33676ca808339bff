"""What the cells of a file show: one function per kind of cell, from people and rows to text. Null: nothing to show."""

# ruff: noqa: PLR2004 - a fiction is made of chosen figures

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from hemostat.simulate import comments, exports
from hemostat.simulate import dirt as damage
from hemostat.simulate import nir as numbers
from hemostat.simulate.draw import patchwork, put, some, weighted
from hemostat.simulate.rows import WRONG_KEY, WRONG_SEX

if TYPE_CHECKING:
    from hemostat.simulate.draw import Rng
    from hemostat.simulate.sheet import Sheet, Shower
    from hemostat.simulate.story import Column

_DAMAGED_SHEET = 2
_SERIAL_ZERO = 25_569
"""The first of January 1970 in a spreadsheet."""
CLEAN_STYLES = (1.0, 0, 0, 0, 0, 0, 0, 0, 0)
TYPED_STYLES = (0.42, 0.27, 0.06, 0.06, 0.06, 0.02, 0.02, 0.07, 0.02)
"""How people write a telephone number; see ``dirt.phones``."""


def named(sheet: Sheet) -> None:
    """Adds shown_last, shown_birth and shown_first: names as the rows have them, damaged alike within a row."""
    rng = sheet.rng("names")
    known = sheet.people
    maiden = sheet.rows["maiden"]
    last = known.select(pl.when(maiden).then("birth_name").otherwise("used_name").alias("last"))["last"]
    birth = known["birth_name"]
    first = known["first_name"]
    last = damage.surnames(rng, last, sheet.dirt)
    birth = damage.surnames(rng, birth, sheet.dirt)
    first = damage.first_names(rng, first, known["second_name"], sheet.dirt)
    state = rng.bit_generator.state
    last, first = damage.cased(rng, last, first, sheet.dirt)
    rng.bit_generator.state = state  # the birth name is written as the used name beside it
    birth, _ = damage.cased(rng, birth, birth, sheet.dirt)
    last, first = damage.swapped(rng, last, first, sheet.dirt)
    sheet.people = known.with_columns(
        last.alias("shown_last"), birth.alias("shown_birth"), first.alias("shown_first")
    )


def _birth_date(sheet: Sheet, column: Column) -> pl.Series:
    rng = sheet.rng("birth date")
    days = damage.dates(rng, sheet.people["birth_date"], sheet.dirt)
    return written_dates(rng, days, column.form)


def written_dates(rng: Rng, days: pl.Series, form: str) -> pl.Series:
    """Dates as text. Forms: dmy, iso, short, compact, mixed (dmy, some ISO, some short), or a strftime pattern."""
    patterns = {"dmy": "%d/%m/%Y", "iso": "%Y-%m-%d", "short": "%d/%m/%y"}
    if form == "compact":  # the day, or day and month, may be unknown
        style = weighted(rng, (0.99, 0.007, 0.003), len(days))
        return patchwork(
            style, lambda way, places: days.gather(places).dt.strftime(("%Y%m%d", "%Y%m00", "%Y0000")[way])
        )
    if form != "mixed":
        return days.dt.strftime(patterns.get(form, form))
    ways = ("%d/%m/%Y", "%Y-%m-%d", "%d-%m-%Y", "%d.%m.%Y", "%d/%m/%y")
    style = weighted(rng, (0.86, 0.1, 0.02, 0.01, 0.01), len(days))
    return patchwork(style, lambda way, places: days.gather(places).dt.strftime(ways[way]))


def row_nirs(sheet: Sheet) -> pl.Series:
    """15-character numbers of the rows: a child's may be a parent's, a fabricated one wrong in its own way."""
    rng = sheet.rng("nir flaws")
    shown = sheet.people["nir"]
    flaws = sheet.rows["flaw"]
    wrong = np.flatnonzero((flaws == WRONG_KEY).fill_null(value=False).to_numpy())
    shown = put(shown, wrong, numbers.break_keys(rng, shown.gather(wrong)))
    flipped = np.flatnonzero((flaws == WRONG_SEX).fill_null(value=False).to_numpy())
    return put(shown, flipped, numbers.flip_sex(shown.gather(flipped)))


def _nir(sheet: Sheet, _: Column) -> pl.Series:
    shown = row_nirs(sheet)
    made_up = np.flatnonzero((sheet.rows["kind"] == "fabricated").to_numpy())
    damaged = damage.nirs(sheet.rng("nir"), shown, sheet.dirt)
    # A forger writes his numbers in one way; only his arithmetic fails him.
    return put(damaged, made_up, shown.gather(made_up))


def _nir_body(sheet: Sheet, _: Column) -> pl.Series:
    return row_nirs(sheet).str.slice(0, 13)


def _nir_key(sheet: Sheet, _: Column) -> pl.Series:
    """The key in a column of its own; its leading zero is lost as in any number."""
    return row_nirs(sheet).str.slice(13).str.strip_chars_start("0")


def _spreadsheet_nir(sheet: Sheet, column: Column) -> pl.Series:
    """On one sheet the numbers turned into powers of ten; those with a letter or a space stayed text."""
    shown = _nir(sheet, column)
    hit = (sheet.rows["tenant"] == _DAMAGED_SHEET) & shown.str.contains(r"^\d{15}$").fill_null(value=False)
    where = np.flatnonzero(hit.to_numpy())
    sheet.rows = sheet.rows.with_columns(
        put(sheet.rows["flaw"], where, pl.Series(["damaged_nir"]).new_from_index(0, len(where)))
    )
    return damage.changed(shown, where, lambda t: t.str.replace(r"^(.)(..).*$", "$1.${2}E+14"))


def _serial_date(sheet: Sheet, column: Column) -> pl.Series:
    """Days since the end of 1899, as a spreadsheet keeps dates; on the last sheet texts with two digits of the year."""
    days = damage.dates(sheet.rng("birth date"), sheet.people["birth_date"], sheet.dirt)
    serial = (days.cast(pl.Int32) + _SERIAL_ZERO).cast(pl.String)
    last = np.flatnonzero((sheet.rows["tenant"] == len(sheet.tenants) - 1).to_numpy())
    return put(serial, last, written_dates(sheet.rng(column.heading), days.gather(last), "short"))


def _phone(sheet: Sheet, column: Column) -> pl.Series:
    """The number people give: mostly the mobile, else the landline."""
    rng = sheet.rng(f"phone {column.heading}")
    mobile, landline = sheet.people["mobile"].to_numpy(), sheet.people["landline"].to_numpy()
    line = (mobile == 0) | ((landline > 0) & (rng.random(sheet.size) < 0.08))
    styles = CLEAN_STYLES if column.form == "clean" else TYPED_STYLES
    return damage.phones(rng, np.where(line, landline, mobile), sheet.dirt, styles)


def _other_phone(sheet: Sheet, column: Column) -> pl.Series:
    """The number that the first telephone column does not show: the landline of whoever has a mobile."""
    rng = sheet.rng(f"phone {column.heading}")
    mobile, landline = sheet.people["mobile"].to_numpy(), sheet.people["landline"].to_numpy()
    return damage.phones(rng, np.where(mobile > 0, landline, 0), sheet.dirt, TYPED_STYLES)


def _one_phone(field: str) -> Shower:
    def shown(sheet: Sheet, column: Column) -> pl.Series:
        rng = sheet.rng(f"phone {column.heading}")
        styles = CLEAN_STYLES if column.form == "clean" else TYPED_STYLES
        return damage.phones(rng, sheet.people[field].to_numpy(), sheet.dirt, styles)

    return shown


def _address(sheet: Sheet, _: Column) -> pl.Series:
    return damage.addresses(
        sheet.rng("address"), sheet.people["address"], sheet.people["complement"], sheet.dirt
    )


def _postal_code(sheet: Sheet, _: Column) -> pl.Series:
    return damage.postcodes(sheet.rng("postcode"), sheet.people["postal_code"], sheet.dirt)


def _city(sheet: Sheet, _: Column) -> pl.Series:
    return damage.towns(sheet.rng("town"), sheet.people["city"], sheet.dirt)


def _code_and_city(sheet: Sheet, column: Column) -> pl.Series:
    return _postal_code(sheet, column) + " " + _city(sheet, column)


def _title(sheet: Sheet, column: Column) -> pl.Series:
    words = {"mme": ("M.", "Mme"), "mf": ("m", "f")}.get(column.form, ("M", "F"))
    return pl.Series(words).gather(sheet.people["sex"].to_numpy() - 1)


def _person_column(name: str) -> Shower:
    def shown(sheet: Sheet, _: Column) -> pl.Series:
        return sheet.people[name]

    return shown


def _account(sheet: Sheet, _: Column) -> pl.Series:
    return sheet.rows["account"].cast(pl.String)


def _given_names(sheet: Sheet, _: Column) -> pl.Series:
    """All given names, as civil registers write them."""
    return sheet.people.select(
        pl.concat_str(["first_name", "second_name", "third_name"], separator=" ", ignore_nulls=True).alias(
            "n"
        )
    )["n"]


def _dead_on(sheet: Sheet, column: Column) -> pl.Series:
    rng = sheet.rng("death")
    back = rng.integers(5, 900, sheet.size).astype("timedelta64[D]")
    days = pl.Series(np.datetime64(sheet.story.today) - back)
    dead = sheet.people["deceased"]
    return pl.select(pl.when(dead).then(written_dates(rng, days, column.form)).otherwise(None).alias("d"))[
        "d"
    ]


def _shop_email(sheet: Sheet, _: Column) -> pl.Series:
    """Addresses as given to a shop: some with a tag, some with their dots moved, which reach the same box."""
    rng = sheet.rng("shop mail")
    known = np.ones(sheet.size, dtype=np.bool_)
    shown = damage.mails(rng, sheet.people["email"], sheet.dirt)
    shown = damage.changed(
        shown, some(rng, 0.05, known), lambda t: t.str.replace("@", "+brico@", literal=True)
    )
    return damage.changed(
        shown, some(rng, 0.04, known), lambda t: t.str.replace(r"^([^@]*?)\.([^@]*@)", "$1$2")
    )


def _guardian(sheet: Sheet, _: Column) -> pl.Series:
    """Who decides for the person: a parent's names, or a guardian's office."""
    number = pl.col("email").str.extract(r"^mandataire(\d+)@", 1)
    office = pl.coalesce(pl.format("Mandataire {}", number), pl.lit("Mandataire judiciaire"))
    return sheet.people.select(
        pl.when("protected").then(office).when("minor").then(pl.col("parent_name")).otherwise(None).alias("g")
    )["g"]


_SHOWN_PEOPLE: dict[str, Shower] = {
    "account": _account,
    "used_name": _person_column("shown_last"),
    "birth_name": _person_column("shown_birth"),
    "first_name": _person_column("shown_first"),
    "given_names": _given_names,
    "birth_date": _birth_date,
    "birth_place": _person_column("birth_place"),
    "sex": _title,
    "nir": _nir,
    "nir_body": _nir_body,
    "nir_key": _nir_key,
    "spreadsheet_nir": _spreadsheet_nir,
    "serial_date": _serial_date,
    "shop_email": _shop_email,
    "address": _address,
    "postal_code": _postal_code,
    "city": _city,
    "code_and_city": _code_and_city,
    "email": lambda sheet, _: damage.mails(sheet.rng("mail"), sheet.people["email"], sheet.dirt),
    "phone": _phone,
    "mobile": _one_phone("mobile"),
    "other_phone": _other_phone,
    "landline": _one_phone("landline"),
    "doctor": _person_column("doctor"),
    "death_date": _dead_on,
    "guardian": _guardian,
}

SHOWN = _SHOWN_PEOPLE | comments.SHOWN | exports.SHOWN
"""What a column can show, by the name a story uses."""

IMPERSONAL = {"account", "moment", *exports.IMPERSONAL, *comments.IMPERSONAL}
"""What can be shown without knowing names, numbers and addresses."""
