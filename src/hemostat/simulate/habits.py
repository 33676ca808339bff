"""What goes wrong with identities where they are taken and passed on: a table of habits, and how they come in bunches.

Written by somebody who had not seen ``simulate.dirt`` nor the rules that tell people apart, as a second opinion: from
what is known of French registration desks, telephone intake, online forms, imports between programs and readers of
scanned papers. All rates are chosen. Mistakes are not independent: every desk has its own care and its own manners,
rows written in haste have several, an import has the same damage throughout, and people keep their own ways.
"""

# ruff: noqa: PLR2004 - a fiction is made of chosen figures

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import polars as pl

from hemostat.simulate import habits_contacts as contacts
from hemostat.simulate import habits_letters as letters
from hemostat.simulate import habits_names as names
from hemostat.simulate import habits_numbers as numbers
from hemostat.simulate.contacts import fold
from hemostat.simulate.draw import Bools, Floats, Ints, Rng, Streams, put, weighted
from hemostat.simulate.habits_edit import others

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

CANONICAL = (
    "birth_name", "used_name", "first_names", "sex", "birth_date", "nir", "email", "phone", "address", "postal_code",
    "city",
)  # fmt: skip
"""Columns of identities, all texts, null where there is nothing. Sex is M or F, dates YYYY-MM-DD, first_names all of
them with spaces between, nir fifteen signs, phone ten figures."""

CHANNELS = ("desk", "phone", "form", "import", "scan")
"""How a row came in."""
_MIX = (4.5, 2.0, 1.5, 1.5, 0.5)


@dataclass(frozen=True, slots=True)
class Habit:
    """One way identities vary or get wrong."""

    change: Callable[[Rng, pl.DataFrame], pl.DataFrame]
    """Rows in, the columns of ``touches`` as they become out. Its docstring says where it is met."""
    rate: float
    """Share of its units that have it. Of rows: on the average; careless desks and rows in haste have more."""
    touches: tuple[str, ...]
    met: tuple[str, ...] = ()
    """Channels; all where empty."""
    unit: Literal["row", "person", "desk", "batch"] = "row"
    within: float = 1.0
    """Share of the rows of such a person, desk or batch that show it."""
    when: pl.Expr | None = None
    """Rows where it can be."""
    needs: tuple[str, ...] = ()
    """Columns about others (spouse, parent, child, former home) without which it is left out."""

    @property
    def name(self) -> str:
        """The name of its function."""
        return self.change.__name__


_BOTH = ("birth_name", "used_name")
_GIVEN = ("first_names",)
_NAMES = (*_BOTH, *_GIVEN)
_BORN, _SEX, _NIR, _MAIL, _PHONE = ("birth_date",), ("sex",), ("nir",), ("email",), ("phone",)
_HOME = contacts.HOME

_OTHER_NAME = pl.col("used_name").is_not_null() & (pl.col("used_name") != pl.col("birth_name"))
_AGE = pl.col("seen_on").str.slice(0, 4).cast(pl.Int64, strict=False) - numbers.YEAR.cast(
    pl.Int64, strict=False
)
_TWO = pl.col("birth_name").str.contains(names.DOUBLE) & ~pl.col("birth_name").str.contains(names.PARTED)
_PARTICLE = pl.col("birth_name").str.contains(names.PARTED)
_FOREIGN_YEAR = pl.col("nir").str.slice(5, 2) == "99"
_HAS_NIR = pl.col("nir").is_not_null()
_WHOLE_NIR = pl.col("nir").str.len_chars() == 15
_ACCENTS = pl.concat_str("first_names", pl.coalesce("used_name", "birth_name")).str.contains(r"[^\x00-\x7F]")
_EITHER = pl.col("first_names").str.extract(r"^(\S+)").map_batches(
    lambda texts: fold(texts.fill_null("")).is_in(list(others("either")[1])), return_dtype=pl.Boolean
)  # fmt: skip
_SPOKEN, _TYPED = ("phone", "desk"), ("desk", "phone", "form")

HABITS: tuple[Habit, ...] = (
    # People's own ways.
    Habit(names.nickname, 0.06, _GIVEN, _TYPED, "person", 0.5),
    Habit(names.second_given_name, 0.02, _GIVEN, unit="person", within=0.6),
    Habit(names.only_second_given_name, 0.015, _GIVEN, unit="person", within=0.5),
    Habit(names.frenchified, 0.2, _GIVEN, unit="person", within=0.4, when=_AGE > 40),
    Habit(names.back_to_birth_name, 0.14, ("used_name",), unit="person", within=0.5, when=_OTHER_NAME),
    Habit(names.both_names_joined, 0.08, ("used_name",), unit="person", within=0.5, when=_OTHER_NAME),
    Habit(names.just_married, 0.05, ("used_name",), unit="person", within=0.5,
          when=(pl.col("sex") == "F") & ~_OTHER_NAME, needs=("spouse_birth_name",)),
    Habit(letters.transliterated, 0.25, _NAMES, unit="person", within=0.45),
    Habit(numbers.first_of_january, 0.06, _BORN, unit="person", within=0.5, when=_FOREIGN_YEAR),
    Habit(contacts.mail_of_child, 0.3, _MAIL, unit="person", within=0.7, when=_AGE > 75, needs=("child_email",)),
    Habit(contacts.phone_of_child, 0.35, _PHONE, unit="person", within=0.6, when=_AGE > 75, needs=("child_phone",)),
    Habit(contacts.mail_of_family, 0.08, _MAIL, unit="person", within=0.7, needs=("spouse_email", "parent_email")),
    Habit(contacts.phone_of_family, 0.07, _PHONE, unit="person", within=0.6, needs=("spouse_phone", "parent_phone")),
    Habit(contacts.phone_of_home, 0.12, _PHONE, unit="person", within=0.6, needs=("landline",)),
    Habit(contacts.care_home, 0.25, _HOME, unit="person", within=0.7, when=_AGE > 84),
    Habit(contacts.parental_home, 0.12, _HOME, unit="person", within=0.5, when=_AGE.is_between(17, 27),
          needs=("family_address",)),
    Habit(contacts.shared_address, 0.006, ("address",), unit="person", within=0.6),
    # What was true once.
    Habit(contacts.former_address, 0.04, _HOME, needs=("old_address",)),
    Habit(contacts.phone_former, 0.03, _PHONE, needs=("old_phone",)),
    # Somebody else's.
    Habit(numbers.nir_of_parent, 0.6, _NIR, unit="person", within=0.8, when=_HAS_NIR & (_AGE < 17),
          needs=("parent_nir",)),
    Habit(numbers.nir_of_spouse, 0.012, _NIR, when=_HAS_NIR, needs=("spouse_nir",)),
    Habit(numbers.date_of_parent, 0.012, _BORN, ("phone", "form", "scan"), needs=("parent_birth_date",)),
    Habit(numbers.date_of_sibling, 0.012, _BORN, ("phone", "form"), needs=("sibling_birth_date",)),
    Habit(numbers.date_of_spouse, 0.004, _BORN, needs=("spouse_birth_date",)),
    Habit(names.spouse_for_patient, 0.004, _GIVEN, ("scan", "form", "desk"), needs=("spouse_first_names",)),
    Habit(names.parent_for_child, 0.012, _GIVEN, ("phone", "form"), needs=("parent_first_names",)),
    Habit(names.child_by_parent_name, 0.05, _BOTH, _SPOKEN, needs=("parent_used_name",)),
    Habit(names.newborn, 0.35, (*_NAMES, "nir"), when=_AGE < 1),
    Habit(contacts.left_from_previous, 0.004, ("email", "phone", *_HOME), _SPOKEN),
    Habit(contacts.mail_of_desk, 0.04, _MAIL, unit="desk", within=0.12),
    Habit(contacts.phone_of_desk, 0.05, _PHONE, unit="desk", within=0.05),
    Habit(contacts.mail_with_accents, 0.02, _MAIL, _SPOKEN, when=pl.col("email").is_not_null() & _ACCENTS),
    # Which name goes where.
    Habit(names.married_name_only, 0.14, ("birth_name",), when=_OTHER_NAME),
    Habit(names.birth_and_used_crossed, 0.02, _BOTH, when=_OTHER_NAME),
    Habit(names.name_fields_swapped, 0.006, _NAMES, ("form", "desk", "import")),
    Habit(names.all_in_one_field, 0.05, _NAMES, ("import",), "batch", 0.3),
    # Parts of names.
    Habit(names.double_name_first, 0.16, _BOTH, when=_TWO),
    Habit(names.double_name_last, 0.12, _BOTH, when=_TWO),
    Habit(names.double_name_turned, 0.05, _BOTH, when=_TWO),
    Habit(names.first_surname_as_given, 0.03, _NAMES, when=_TWO & pl.col("birth_name").str.contains(" ")),
    Habit(names.particle_glued, 0.12, _BOTH, when=_PARTICLE),
    Habit(names.particle_dropped, 0.07, _BOTH, when=_PARTICLE),
    Habit(names.particle_behind, 0.02, _BOTH, when=_PARTICLE),
    Habit(names.particle_parted, 0.03, _BOTH),
    Habit(names.apostrophe_dropped, 0.2, _BOTH, when=pl.col("birth_name").str.contains("['’]")),
    Habit(names.apostrophe_curly, 0.3, _BOTH, ("form",), when=pl.col("birth_name").str.contains("'")),
    Habit(names.saint_short, 0.3, _BOTH, when=pl.col("birth_name").str.contains("(?i)^saint")),
    Habit(names.half_of_compound, 0.1, _GIVEN, when=pl.col("first_names").str.contains(r"^[^ -]+-")),
    Habit(names.initial_only, 0.003, _GIVEN, ("desk", "import")),
    Habit(names.title_in_name, 0.006, _BOTH, _SPOKEN),
    Habit(names.note_behind_name, 0.006, _BOTH, ("desk", "phone", "import")),
    Habit(names.number_behind_name, 0.003, _BOTH, ("desk", "import")),
    # Ears, fingers, eyes.
    Habit(letters.surname_heard, 0.12, _BOTH, ("phone",)),
    Habit(letters.first_name_heard, 0.12, _GIVEN, ("phone",)),
    Habit(letters.surname_as_heard, 0.06, _BOTH, ("phone",)),
    Habit(letters.first_name_as_heard, 0.035, _GIVEN, ("phone",)),
    Habit(letters.surname_key_beside, 0.008, _BOTH, _TYPED),
    Habit(letters.first_name_key_beside, 0.006, _GIVEN, _TYPED),
    Habit(letters.letter_lost, 0.007, _BOTH, _TYPED),
    Habit(letters.letter_twice, 0.004, _BOTH, _TYPED),
    Habit(letters.letters_crossed, 0.006, _BOTH, _TYPED),
    Habit(letters.first_name_letter_lost, 0.005, _GIVEN, _TYPED),
    Habit(letters.surname_misread, 0.06, _BOTH, ("scan",)),
    Habit(letters.first_name_misread, 0.05, _GIVEN, ("scan",)),
    # Birth dates.
    Habit(numbers.day_month_crossed, 0.006, _BORN, _TYPED),
    Habit(numbers.this_year_typed, 0.003, _BORN, _TYPED),
    Habit(numbers.today_for_birth, 0.001, _BORN, ("desk", "form")),
    Habit(numbers.century_slip, 0.03, _BORN, ("import",), when=(_AGE > 75) | (_AGE < 15)),
    Habit(numbers.decade_slip, 0.008, _BORN, ("phone",)),
    Habit(numbers.first_of_month, 0.02, _BORN, ("import",)),
    Habit(numbers.default_date, 0.006, _BORN, ("desk", "import")),
    Habit(numbers.date_left_blank, 0.01, _BORN, ("phone", "form")),
    Habit(numbers.date_digit, 0.007, _BORN),
    Habit(numbers.year_digits_crossed, 0.003, _BORN, _TYPED),
    Habit(numbers.day_digits_crossed, 0.003, _BORN, _TYPED),
    Habit(numbers.date_beside, 0.004, _BORN, ("form",)),
    Habit(numbers.a_day_early, 0.05, _BORN, ("import",), "batch"),
    Habit(numbers.epoch_of_1904, 0.01, _BORN, ("import",), "batch"),
    # Sex.
    Habit(numbers.sex_left_default, 0.04, _SEX, unit="desk", within=0.25),
    Habit(numbers.sex_slip, 0.006, _SEX),
    Habit(numbers.sex_of_first_name, 0.08, _SEX, ("phone",), when=_EITHER),
    Habit(numbers.sex_unknown, 0.03, _SEX, ("phone", "import")),
    # Numbers of social security.
    Habit(numbers.nir_digit, 0.008, _NIR, _TYPED, when=_WHOLE_NIR),
    Habit(numbers.nir_digits_crossed, 0.005, _NIR, _TYPED, when=_WHOLE_NIR),
    Habit(numbers.nir_misread, 0.06, _NIR, ("scan",)),
    Habit(numbers.nir_placeholder, 0.004, _NIR, ("desk", "import")),
    Habit(numbers.nir_provisional, 0.08, _NIR, ("desk",), when=_FOREIGN_YEAR),
    Habit(numbers.nir_missing, 0.03, _NIR, ("phone",)),
    Habit(numbers.nir_without_key, 0.1, _NIR, unit="desk", within=0.9),
    Habit(numbers.nir_in_groups, 0.06, _NIR, unit="desk", within=0.8, when=_WHOLE_NIR),
    Habit(numbers.nir_key_short, 0.15, _NIR, ("import",), "batch", when=_WHOLE_NIR),
    Habit(numbers.nir_rounded, 0.02, _NIR, ("import",), "batch", when=_WHOLE_NIR),
    # E-mail.
    Habit(contacts.mail_slip, 0.02, _MAIL, _TYPED),
    Habit(contacts.mail_letter_lost, 0.012, _MAIL, _TYPED),
    Habit(contacts.mail_letters_crossed, 0.006, _MAIL, _TYPED),
    Habit(contacts.mail_placeholder, 0.01, _MAIL, ("desk", "phone")),
    Habit(contacts.mail_capitals, 0.05, _MAIL, unit="desk", within=0.9),
    # Telephone.
    Habit(contacts.phone_digit, 0.008, _PHONE, _TYPED, when=pl.col("phone").str.len_chars() == 10),
    Habit(contacts.phone_pairs_crossed, 0.004, _PHONE, ("phone",), when=pl.col("phone").str.len_chars() == 10),
    Habit(contacts.phone_placeholder, 0.008, _PHONE, ("desk", "form")),
    Habit(contacts.two_phones, 0.012, _PHONE, _SPOKEN, needs=("landline",)),
    Habit(contacts.phone_note, 0.01, _PHONE, _SPOKEN),
    Habit(contacts.phone_international, 0.06, _PHONE, ("form", "import")),
    Habit(contacts.phone_zero_lost, 0.08, _PHONE, ("import",), "batch"),
    # Address.
    Habit(contacts.ways_abbreviated, 0.2, ("address",), _TYPED),
    Habit(contacts.street_number_lost, 0.012, ("address",)),
    Habit(contacts.complement_added, 0.03, ("address",), _TYPED),
    Habit(contacts.code_digit, 0.008, ("postal_code",), _TYPED),
    Habit(contacts.code_of_departement, 0.008, ("postal_code",), ("phone", "import")),
    Habit(contacts.cedex, 0.005, ("postal_code", "city"), ("import", "scan")),
    Habit(contacts.city_short, 0.3, ("city",), unit="desk", within=0.9),
    Habit(contacts.code_in_city, 0.02, ("postal_code", "city"), ("import",), "batch", 0.4),
    Habit(contacts.address_in_one_field, 0.04, _HOME, ("import",), "batch"),
    Habit(contacts.code_zero_lost, 0.1, ("postal_code",), ("import",), "batch"),
    Habit(contacts.mail_in_phone, 0.02, ("email", "phone"), ("import",), "batch", 0.3),
    # Manners of desks and damage of imports: last, as programs come after people.
    Habit(names.only_first_given_name, 0.6, _GIVEN, unit="desk", within=0.95),
    Habit(names.used_left_blank, 0.5, ("used_name",), unit="desk", within=0.95, when=~_OTHER_NAME),
    Habit(names.birth_left_blank, 0.04, ("birth_name",), unit="desk", within=0.8,
          when=pl.col("used_name").is_not_null()),
    Habit(names.hyphen_to_space, 0.08, _NAMES, unit="desk", within=0.8),
    Habit(names.hyphen_lost, 0.03, _NAMES, ("import",), "batch"),
    Habit(names.space_to_hyphen, 0.03, _NAMES, ("import", "form"), "desk", 0.5),
    Habit(letters.read_as_latin1, 0.06, (*_NAMES, "city"), ("import",), "batch", 0.95),
    Habit(letters.accents_to_marks, 0.05, _NAMES, ("import",), "batch", 0.95),
    Habit(letters.accents_swallowed, 0.03, _NAMES, ("import",), "batch", 0.95),
    Habit(letters.web_entities, 0.02, _NAMES, ("import",), "batch", 0.95),
    Habit(letters.capitals, 0.45, _NAMES, unit="desk", within=0.96),
    Habit(letters.accents_lost, 0.12, _NAMES, unit="desk", within=0.7),
    Habit(letters.lower_case, 0.06, _NAMES, ("form",)),
    Habit(letters.surnames_cut, 0.12, _BOTH, ("import",), "batch"),
    Habit(letters.first_names_cut, 0.12, _GIVEN, ("import",), "batch"),
    Habit(letters.spaces_around, 0.05, _NAMES, ("import",), "batch"),
)  # fmt: skip
"""All habits, in the order in which they happen to a row."""


def apply(
    chance: int | Rng,
    rows: pl.DataFrame,
    habits: Sequence[Habit] = HABITS,
    *,
    load: float = 1.0,
    share: float = 1.0,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows as such desks would have written them, and which habit touched which of their cells.

    The same seed and rows give the same cells. A habit left out does not change which rows the
    others draw.

    Args:
        chance: a seed, or a generator to draw one from.
        rows: the columns of ``CANONICAL``, all texts. Used where they are there and never changed: ``desk`` and
            ``person`` (whole numbers), ``seen_on`` (text), and what habits need about others (``spouse_nir``,
            ``parent_birth_date``, ``child_phone``, ``old_address``…).
        habits: in the order in which they happen.
        load: multiplies all rates.
        share: of the rows that can be touched at all.

    Returns:
        The rows with the columns they came with, in their order; and a table row (from 0), habit, column: a line for
        each cell that a habit changed.
    """
    seed = int(chance.integers(0, 2**31)) if isinstance(chance, np.random.Generator) else chance
    streams = Streams(seed)
    placed, care = _placed(streams, rows)
    open_rows = streams.of("habits share").random(rows.height) < share
    touched = [pl.DataFrame(schema={"row": pl.Int64, "habit": pl.String, "column": pl.String})]
    for habit in habits:
        if set(habit.needs) <= set(rows.columns):
            rng = streams.of(f"habit {habit.name}")
            where = _where(rng, habit, placed, care, load) & open_rows
            placed, cells = _changed(rng, habit, placed, np.flatnonzero(where).astype(np.int64))
            touched.append(cells)
    return placed.select(rows.columns), pl.concat(touched)


def _placed(streams: Streams, rows: pl.DataFrame) -> tuple[pl.DataFrame, Floats]:
    """Rows with desk, person, day, channel, batch and the contacts of the row before; and how careless each is."""
    rng = streams.of("habits desks")
    size = rows.height
    if "desk" not in rows.columns:
        rows = rows.with_columns(pl.Series("desk", rng.integers(0, max(1, size // 800), size)))
    if "person" not in rows.columns:
        rows = rows.with_columns(pl.Series("person", np.arange(size)))
    if "seen_on" not in rows.columns:
        rows = rows.with_columns(pl.lit("2025-01-01").alias("seen_on"))
    desk = rows["desk"].to_numpy()
    desks = int(desk.max(initial=0)) + 1
    mixes = np.cumsum(rng.dirichlet(_MIX, desks), axis=1)
    drawn = (rng.random(size)[:, None] > mixes[desk]).sum(axis=1)
    channel = np.minimum(drawn, len(CHANNELS) - 1)
    care = rng.gamma(1.5, 1 / 1.5, desks)[desk] * np.array([0.4, 3.4])[weighted(rng, (0.8, 0.2), size)]
    rows = rows.with_columns(
        pl.Series("_channel", channel),
        pl.Series("batch", desk * 3 + weighted(rng, (0.6, 0.3, 0.1), size)),
        *(pl.col(name).shift(1).over("desk").alias(f"before_{name}") for name in ("email", "phone", *_HOME)),
    )
    return rows, care


def _where(rng: Rng, habit: Habit, rows: pl.DataFrame, care: Floats, load: float) -> Bools:
    """Rows that chance gives to a habit, whether it can be there or not."""
    drawn = rng.random(rows.height)
    if habit.unit == "row":
        hit = drawn < habit.rate * load * care
    else:
        unit = rows[habit.unit].to_numpy()
        have = rng.random(int(unit.max(initial=0)) + 1) < habit.rate * load
        hit = have[unit] & (drawn < habit.within)
    if habit.met:
        codes = [CHANNELS.index(name) for name in habit.met]
        hit &= np.isin(rows["_channel"].to_numpy(), codes)
    return np.asarray(hit, dtype=np.bool_)


def _changed(rng: Rng, habit: Habit, rows: pl.DataFrame, where: Ints) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows after a habit at those places, and the cells that are not what they were."""
    cells = [pl.DataFrame(schema={"row": pl.Int64, "habit": pl.String, "column": pl.String})]
    if habit.when is not None and len(where):
        where = where[rows[where].select(habit.when.fill_null(value=False)).to_series().to_numpy()]
    if not len(where):
        return rows, cells[0]
    hit = rows[where]
    made = habit.change(rng, hit)
    assert made.height == hit.height, habit.name
    for name in habit.touches:
        differs = np.flatnonzero(made[name].ne_missing(hit[name]).to_numpy())
        if len(differs):
            rows = rows.with_columns(put(rows[name], where[differs], made[name].gather(differs)))
            cells.append(
                pl.DataFrame({"row": where[differs]}).with_columns(
                    pl.lit(habit.name).alias("habit"), pl.lit(name).alias("column")
                )
            )
    return rows, pl.concat(cells)
