"""How birth dates, the sex and social security numbers (NIR) get wrong or are somebody else's.

One function per habit: rows in, changed columns out. Dates are texts, ``YYYY-MM-DD``, possible or not.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from hemostat.simulate.habits_edit import choice, chosen, coin, column, one_rule, per

if TYPE_CHECKING:
    from hemostat.simulate.draw import Rng

    Frame = pl.DataFrame

BORN = pl.col("birth_date")
YEAR, MONTH, DAY = BORN.str.slice(0, 4), BORN.str.slice(5, 2), BORN.str.slice(8, 2)


def _dates(hit: Frame, made: pl.Expr | pl.Series) -> Frame:
    """The made dates where they are days of the calendar, the old ones elsewhere."""
    frame = hit.with_columns((pl.lit(made) if isinstance(made, pl.Series) else made).alias("_made"))
    real = pl.col("_made").str.to_date("%Y-%m-%d", strict=False).is_not_null()
    return frame.select(pl.when(real).then("_made").otherwise("birth_date").alias("birth_date"))


def _moved(hit: Frame, days: int) -> Frame:
    moved = BORN.str.to_date("%Y-%m-%d", strict=False) + pl.duration(days=days)
    return hit.select(pl.coalesce(moved.dt.to_string("%Y-%m-%d"), "birth_date").alias("birth_date"))


def _digits(rng: Rng, texts: pl.Series, first: int, last: int) -> pl.Series:
    """Texts with the figure at one place of a range, drawn, replaced by any figure."""
    place = pl.Series("_place", rng.integers(first, last + 1, len(texts)))
    frame = pl.DataFrame(
        {"text": texts, "place": place, "figure": choice(rng, tuple("0123456789"), len(texts))}
    )
    text, at = pl.col("text"), pl.col("place")
    made = text.str.slice(0, at) + pl.col("figure") + text.str.slice(at + 1)
    return column(frame, pl.when(text.str.slice(at, 1).str.contains(r"^\d$")).then(made).otherwise(text))


def _crossed(rng: Rng, texts: pl.Series, first: int, last: int) -> pl.Series:
    """Texts with the signs at one place of a range, drawn, and behind it in the wrong order."""
    frame = pl.DataFrame({"text": texts, "place": rng.integers(first, last + 1, len(texts))})
    text, at = pl.col("text"), pl.col("place")
    made = text.str.slice(0, at) + text.str.slice(at + 1, 1) + text.str.slice(at, 1) + text.str.slice(at + 2)
    return column(frame, pl.when(text.str.len_chars() > at + 1).then(made).otherwise(text))


# --- Birth date


def day_month_crossed(_rng: Rng, hit: Frame) -> Frame:
    """Day and month the other way round: forms of other countries, imports."""
    return _dates(hit, pl.concat_str(YEAR, DAY, MONTH, separator="-"))


def this_year_typed(_rng: Rng, hit: Frame) -> Frame:
    """The year of today instead of the year of birth."""
    return _dates(hit, pl.concat_str(pl.col("seen_on").str.slice(0, 4), MONTH, DAY, separator="-"))


def today_for_birth(_rng: Rng, hit: Frame) -> Frame:
    """The day of the visit as the day of birth: the field came filled."""
    return hit.select(pl.col("seen_on").alias("birth_date"))


def century_slip(_rng: Rng, hit: Frame) -> Frame:
    """Years of two figures read in the wrong century, as an old program's pivot has it: 1928 is 2028, 2015 is 1915."""
    century = pl.when(YEAR.str.starts_with("19")).then(pl.lit("20")).otherwise(pl.lit("19"))
    return _dates(hit, century + BORN.str.slice(2))


def decade_slip(rng: Rng, hit: Frame) -> Frame:
    """Ten years too many or too few: soixante-dix and soixante, quatre-vingts and quatre-vingt-dix by telephone."""
    step = pl.Series("_step", [10 if up else -10 for up in coin(rng, hit.height)], dtype=pl.Int64)
    frame = hit.with_columns(step.alias("_step"))
    year = (YEAR.cast(pl.Int64, strict=False) + pl.col("_step")).cast(pl.String)
    made = column(frame, year + BORN.str.slice(4))
    return _dates(hit, made)


def first_of_january(_rng: Rng, hit: Frame) -> Frame:
    """Day and month unknown: the first of January. People born where there was no register, or just the age told."""
    return _dates(hit, YEAR + "-01-01")


def first_of_month(_rng: Rng, hit: Frame) -> Frame:
    """Year and month taken from the NIR, the day set to the first."""
    return _dates(hit, BORN.str.slice(0, 8) + "01")


def default_date(rng: Rng, hit: Frame) -> Frame:
    """The date of a program where the field is required."""
    words = ("1900-01-01", "1970-01-01", "1901-01-01", "0000-00-00", "1899-12-30", "2000-01-01", "1911-11-11")
    return choice(rng, words, hit.height).alias("birth_date").to_frame()


def date_left_blank(_rng: Rng, hit: Frame) -> Frame:
    """No birth date."""
    return hit.select("birth_date").clear(hit.height)


def date_of_parent(_rng: Rng, hit: Frame) -> Frame:
    """The birth date of the parent, the first on the card."""
    return hit.select(pl.coalesce("parent_birth_date", "birth_date").alias("birth_date"))


def date_of_sibling(_rng: Rng, hit: Frame) -> Frame:
    """The birth date of a brother or sister: a parent's account on a booking site, several children on one card."""
    return hit.select(pl.coalesce("sibling_birth_date", "birth_date").alias("birth_date"))


def date_of_spouse(_rng: Rng, hit: Frame) -> Frame:
    """The birth date of the insured spouse."""
    return hit.select(pl.coalesce("spouse_birth_date", "birth_date").alias("birth_date"))


def date_digit(rng: Rng, hit: Frame) -> Frame:
    """One figure of the date wrong, the date still possible."""
    return _dates(hit, _digits(rng, hit["birth_date"], 2, 9))


def year_digits_crossed(_rng: Rng, hit: Frame) -> Frame:
    """1958 and 1985: the last figures of the year in the wrong order."""
    return _dates(hit, BORN.str.replace(r"^(\d\d)(\d)(\d)", "$1$3$2"))


def day_digits_crossed(_rng: Rng, hit: Frame) -> Frame:
    """12 and 21: the figures of the day in the wrong order."""
    return _dates(hit, BORN.str.replace(r"(\d)(\d)$", "$2$1"))


def a_day_early(_rng: Rng, hit: Frame) -> Frame:
    """Midnight in Paris is the day before in UTC: a whole import is a day early."""
    return _moved(hit, -1)


def epoch_of_1904(_rng: Rng, hit: Frame) -> Frame:
    """A workbook that counts from 1904 read as one that counts from 1900: four years and a day early."""
    return _moved(hit, -1462)


def date_beside(rng: Rng, hit: Frame) -> Frame:
    """The day beside in a calendar one clicks on: a day or a week off."""
    moved = [_moved(hit, days)["birth_date"] for days in (-7, -1, 1, 7)]
    made = chosen(coin(rng, hit.height), *(chosen(coin(rng, hit.height), *moved[k : k + 2]) for k in (0, 2)))
    return made.alias("birth_date").to_frame()


# --- Sex


def sex_left_default(rng: Rng, hit: Frame) -> Frame:
    """The first entry of the list, the same for all of a desk that never looks at it."""
    first = per(rng, hit["desk"], (0, 0, 1))
    return (
        chosen(first == 0, pl.Series(["M"] * hit.height), pl.Series(["F"] * hit.height))
        .alias("sex")
        .to_frame()
    )


def sex_slip(_rng: Rng, hit: Frame) -> Frame:
    """The other box ticked."""
    return hit.select(pl.col("sex").replace({"M": "F", "F": "M"}))


def sex_of_first_name(_rng: Rng, hit: Frame) -> Frame:
    """The sex guessed from a first name that both have: Camille, Dominique, Sacha."""
    return hit.select(pl.col("sex").replace({"M": "F", "F": "M"}))


def sex_unknown(rng: Rng, hit: Frame) -> Frame:
    """Empty, or a letter of the program's own."""
    words = choice(rng, ("", "I", "U", "A"), hit.height)
    return chosen(words == "", pl.Series([None] * hit.height, dtype=pl.String), words).alias("sex").to_frame()


# --- NIR


def nir_of_parent(_rng: Rng, hit: Frame) -> Frame:
    """A child under the number of the parent whose card it is on. The rule rather than the exception."""
    return hit.select(pl.coalesce("parent_nir", "nir").alias("nir"))


def nir_of_spouse(_rng: Rng, hit: Frame) -> Frame:
    """The insured spouse's number: dependants, until 2016 and in what was imported from then."""
    return hit.select(pl.coalesce("spouse_nir", "nir").alias("nir"))


def nir_digit(rng: Rng, hit: Frame) -> Frame:
    """One figure wrong, the key as it was."""
    return _digits(rng, hit["nir"], 1, 14).alias("nir").to_frame()


def nir_digits_crossed(rng: Rng, hit: Frame) -> Frame:
    """Two neighbouring figures in the wrong order."""
    return _crossed(rng, hit["nir"], 1, 11).alias("nir").to_frame()


def nir_without_key(_rng: Rng, hit: Frame) -> Frame:
    """Thirteen signs: fields of old programs."""
    return hit.select(pl.col("nir").str.slice(0, 13))


def nir_in_groups(_rng: Rng, hit: Frame) -> Frame:
    """With spaces, as printed on the card."""
    return hit.select(pl.col("nir").str.replace(r"^(.)(..)(..)(..)(...)(...)(..)$", "$1 $2 $3 $4 $5 $6 $7"))


def nir_key_short(_rng: Rng, hit: Frame) -> Frame:
    """The zero of a key below ten lost."""
    return hit.select(pl.col("nir").str.replace(r"^(.{13})0(\d)$", "$1$2"))


def nir_rounded(_rng: Rng, hit: Frame) -> Frame:
    """A spreadsheet's number of fifteen figures: 1,85057E+14. Whole imports."""
    number = pl.col("nir").str.replace(r"^(\d)(\d{5})\d{9}$", "$1,${2}E+14")
    return hit.select(number)


def nir_placeholder(rng: Rng, hit: Frame) -> Frame:
    """Figures without meaning where the field is required."""
    woman = hit["sex"].eq_missing("F") & coin(rng, hit.height, 0.8)
    first = chosen(woman, pl.Series(["2"] * hit.height), pl.Series(["1"] * hit.height))
    fill = choice(rng, ("1" * 12, "9" * 12, "0" * 12, "99999999999", "999999999999" + "99"), hit.height)
    return (first + fill).alias("nir").to_frame()


def nir_provisional(rng: Rng, hit: Frame) -> Frame:
    """A number until the real one comes: 7 or 8 in front, then birth year and month and a serial. Newcomers."""
    serial = pl.Series("_serial", rng.integers(10_000_000, 99_999_999, hit.height)).cast(pl.String)
    frame = hit.with_columns(serial.alias("_serial"))
    front = pl.col("sex").replace_strict({"M": "7", "F": "8"}, default="7")
    made = front + YEAR.str.slice(2) + MONTH + pl.col("_serial")
    return frame.select(pl.coalesce(made, "nir").alias("nir"))


def nir_misread(rng: Rng, hit: Frame) -> Frame:
    """Letters for figures: a scanned paper."""
    rules = (("0", "O"), ("1", "I"), ("1", "l"), ("8", "B"), ("5", "S"), ("2", "Z"), ("6", "G"))
    return one_rule(rng, hit["nir"], rules).alias("nir").to_frame()


def nir_missing(_rng: Rng, hit: Frame) -> Frame:
    """Not asked: the card is not with them."""
    return hit.select("nir").clear(hit.height)
