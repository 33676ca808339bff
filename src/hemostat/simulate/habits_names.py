"""How names get wrong or vary between the rows of one person. One function per habit: rows in, changed columns out.

Written from what happens at French registration desks, on the telephone, in forms and between two programs; rates
and who does it are in ``habits.HABITS``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from hemostat.simulate.habits_edit import (
    alike,
    called,
    choice,
    chosen,
    coin,
    other_name,
    surnames,
    typed,
)

if TYPE_CHECKING:
    from hemostat.simulate.draw import Rng

    Frame = pl.DataFrame

BIRTH, USED, GIVEN = "birth_name", "used_name", "first_names"
PARTICLE = (
    r"(?i)^(de la|de|du|des|d|le|la|les|el|al|ben|bel|ait|aït|van der|van den|van|von|da|dos|do|di|del|della)"
)
PARTED = PARTICLE + r" (\S.*)$"
DOUBLE = r"^(\S{3,})[ -](\S{3,})$"
"""Two surnames, with a hyphen or without."""

_NOTES = (
    " (voir fils)", " (voir fille)", " décédé", " DCD", " (DCD)", " (dcd 2019)", " *", " **", " (doublon)",
    " NE PLUS UTILISER", " (ne vient plus)", " ALD", " CMU", " - IMPAYE", " (mère)", " père", " fils", " (jumeau)",
    " (nouveau)", " ???", " (à vérifier)", " (EHPAD)", " sous tutelle", " (Mme)", " XX",
)  # fmt: skip
_TITLES = (
    "Mme ",
    "M. ",
    "MME ",
    "M ",
    "Mlle ",
    "Melle ",
    "Dr ",
    "Mr ",
    "Monsieur ",
    "Madame ",
    "Veuve ",
    "Vve ",
)


# --- What a person calls herself, the same way at most desks


def nickname(rng: Rng, hit: Frame) -> Frame:
    """The person says the name everybody uses: Babeth, Manu, Kader. Telephone, online forms, small practices."""
    return called(hit, lambda names: other_name(rng, names, "short"))


def second_given_name(_rng: Rng, hit: Frame) -> Frame:
    """The second first name is the one used in life; the register has them in order. Older people, Africa, Portugal."""
    return hit.select(pl.col(GIVEN).str.replace(r"^(\S+) (\S+)", "$2 $1"))


def only_second_given_name(_rng: Rng, hit: Frame) -> Frame:
    """Only the second first name is given."""
    return hit.select(pl.col(GIVEN).str.replace(r"^\S+ (\S+).*$", "$1"))


def frenchified(rng: Rng, hit: Frame) -> Frame:
    """The French name that people who came long ago took at work: Giuseppe, Youssef are Joseph."""
    return called(hit, lambda names: other_name(rng, names, "gallic"))


def back_to_birth_name(_rng: Rng, hit: Frame) -> Frame:
    """A divorce, or she never used it: the name of use is the birth name again."""
    return hit.select(pl.col(BIRTH).alias(USED))


def both_names_joined(rng: Rng, hit: Frame) -> Frame:
    """Both names in the field of the name of use, in one order or the other, with a hyphen or a space."""
    glue = choice(rng, ("-", " ", "-", " ép. ", " née "), hit.height)
    frame = hit.with_columns(glue.alias("_glue"), coin(rng, hit.height).alias("_first"))
    return frame.select(
        pl.when(pl.col("_first") & (pl.col("_glue") != " née "))
        .then(pl.concat_str(BIRTH, "_glue", USED))
        .otherwise(pl.concat_str(USED, pl.col("_glue").replace(" ép. ", "-"), BIRTH))
        .alias(USED)
    )


def just_married(_rng: Rng, hit: Frame) -> Frame:
    """Married since, or before the divorce: the spouse's name is the name of use."""
    return hit.select(pl.coalesce("spouse_birth_name", USED).alias(USED))


# --- Which name goes where


def married_name_only(_rng: Rng, hit: Frame) -> Frame:
    """The name of use is typed as the birth name too: the desk asked for “le nom”. The commonest of all."""
    return hit.select(pl.col(USED).alias(BIRTH))


def birth_and_used_crossed(_rng: Rng, hit: Frame) -> Frame:
    """Birth name and name of use in each other's fields."""
    return hit.select(pl.col(USED).alias(BIRTH), pl.col(BIRTH).alias(USED))


def used_left_blank(_rng: Rng, hit: Frame) -> Frame:
    """Desks that fill the name of use only where it differs."""
    return hit.select(USED).clear(hit.height)


def birth_left_blank(_rng: Rng, hit: Frame) -> Frame:
    """Desks and forms of one name field: the birth name is empty."""
    return hit.select(BIRTH).clear(hit.height)


def name_fields_swapped(_rng: Rng, hit: Frame) -> Frame:
    """First name in the field of the name and the reverse. Online forms, names that the desk cannot tell apart."""
    first = pl.col(GIVEN).str.extract(r"^(\S+)")
    return hit.select(first.alias(BIRTH), first.alias(USED), pl.coalesce(USED, BIRTH).alias(GIVEN))


def all_in_one_field(_rng: Rng, hit: Frame) -> Frame:
    """“DUPONT Marie” in the field of the name, the first name empty. Imports from a diary."""
    whole = pl.coalesce(USED, BIRTH) + " " + pl.col(GIVEN).str.extract(r"^(\S+)")
    return hit.select(whole.alias(BIRTH), whole.alias(USED), pl.lit(None, pl.String).alias(GIVEN))


def spouse_for_patient(_rng: Rng, hit: Frame) -> Frame:
    """The insured's first name instead of the patient's: a dependant on the spouse's card."""
    return hit.select(pl.coalesce("spouse_first_names", GIVEN).alias(GIVEN))


def parent_for_child(_rng: Rng, hit: Frame) -> Frame:
    """The parent who called is registered by first name, the rest is the child's."""
    return hit.select(pl.coalesce("parent_first_names", GIVEN).alias(GIVEN))


def child_by_parent_name(_rng: Rng, hit: Frame) -> Frame:
    """A child under the name of the parent who brought it."""
    named = pl.coalesce("parent_used_name", BIRTH)
    return hit.select(named.alias(BIRTH), named.alias(USED))


def newborn(rng: Rng, hit: Frame) -> Frame:
    """A newborn's provisional identity: mother's name, no first name yet, no number. Maternity wards."""
    named = choice(rng, ("BEBE", "Bébé", "NN", "SANS PRENOM", "", "", "Nouveau-né", "X"), hit.height)
    by_sex = hit["sex"].replace_strict({"M": "GARCON", "F": "FILLE"}, default="ENFANT")
    named = chosen(named == "", by_sex, named)
    mother = pl.coalesce("parent_birth_name", BIRTH)
    return hit.select(
        mother.alias(BIRTH), mother.alias(USED), named.alias(GIVEN), pl.lit(None, pl.String).alias("nir")
    )


# --- Parts of names


def double_name_first(_rng: Rng, hit: Frame) -> Frame:
    """Only the first of two surnames: Portuguese and Spanish names, children with both parents' names."""
    return surnames(hit, lambda names: names.str.replace(DOUBLE, "$1"))


def double_name_last(_rng: Rng, hit: Frame) -> Frame:
    """Only the last of two surnames: what the Portuguese call the name."""
    return surnames(hit, lambda names: names.str.replace(DOUBLE, "$2"))


def double_name_turned(_rng: Rng, hit: Frame) -> Frame:
    """The two surnames the other way round."""
    return surnames(hit, lambda names: names.str.replace(r"^(\S{3,})([ -])(\S{3,})$", "$3$2$1"))


def first_surname_as_given(_rng: Rng, hit: Frame) -> Frame:
    """The first of two surnames taken for a given name: José Garcia Lopez becomes José Garcia, LOPEZ."""
    moved = pl.col(GIVEN).str.extract(r"^(\S+)") + " " + pl.col(BIRTH).str.extract(DOUBLE)
    last = pl.col(BIRTH).str.extract(DOUBLE, 2)
    return hit.select(last.alias(BIRTH), last.alias(USED), pl.coalesce(moved, GIVEN).alias(GIVEN))


def hyphen_to_space(_rng: Rng, hit: Frame) -> Frame:
    """Hyphens become spaces, in names of all kinds. Old programs that allow letters only."""
    return hit.select(pl.col(BIRTH, USED, GIVEN).str.replace_all("-", " ", literal=True))


def hyphen_lost(_rng: Rng, hit: Frame) -> Frame:
    """Hyphens are dropped and the parts run together: JEANPIERRE."""
    return hit.select(
        pl.col(BIRTH, USED).str.replace_all("-", "", literal=True),
        pl.col(GIVEN).str.replace(r"^([^ -]+)-", "$1"),
    )


def space_to_hyphen(_rng: Rng, hit: Frame) -> Frame:
    """Spaces inside names become hyphens: all given names look like one."""
    return hit.select(pl.col(BIRTH, USED, GIVEN).str.replace_all(" ", "-", literal=True))


def particle_glued(_rng: Rng, hit: Frame) -> Frame:
    """De la Tour, Le Goff, Ben Ali, El Amrani as one word."""

    def glued(names: pl.Series) -> pl.Series:
        started = names.str.slice(0, 1).str.to_uppercase() + names.str.slice(1)
        made = alike(started, names.str.replace_all(r"[ ']", "").str.to_lowercase())
        return chosen(names.str.contains(PARTED), made, names)

    return surnames(hit, glued)


def particle_dropped(_rng: Rng, hit: Frame) -> Frame:
    """The particle is left out: Villiers, Amrani."""
    return surnames(hit, lambda names: alike(names, names.str.replace(PARTED, "$2")))


def particle_behind(_rng: Rng, hit: Frame) -> Frame:
    """The particle stands behind the name, as directories sort: VILLIERS (DE)."""
    return surnames(hit, lambda names: names.str.replace(PARTED, "$2 ($1)"))


def particle_parted(_rng: Rng, hit: Frame) -> Frame:
    """Legoff, Benali, Elamrani, Dubois written in two words."""
    rule = r"^(?i)(le|la|de|du|ben|bel|el|al|bou|ait|mac|saint)([b-df-hj-np-tv-z][aeiouyéèhlr][a-zà-ÿ]{2,})$"

    def parted(names: pl.Series) -> pl.Series:
        made = alike(names, names.str.replace(rule, "$1 $2").str.to_titlecase())
        return chosen(names.str.contains(rule), made, names)

    return surnames(hit, parted)


def apostrophe_dropped(rng: Rng, hit: Frame) -> Frame:
    """D'Angelo, N'Diaye without the apostrophe, glued or with a space."""
    glued = coin(rng, hit.height)
    return surnames(
        hit,
        lambda names: chosen(glued, names.str.replace_all(r"['’]", ""), names.str.replace_all(r"['’]", " ")),
    )


def apostrophe_curly(_rng: Rng, hit: Frame) -> Frame:
    """Apostrophes typed on a telephone or pasted from a text: ’, ´ or `."""
    return surnames(hit, lambda names: names.str.replace_all("'", "’", literal=True))


def saint_short(_rng: Rng, hit: Frame) -> Frame:
    """Saint and Sainte abbreviated in surnames."""
    return surnames(hit, lambda names: names.str.replace(r"(?i)\bsaint(e?)[ -](\S)", "ST$1 $2"))


def only_first_given_name(_rng: Rng, hit: Frame) -> Frame:
    """Desks that keep the first of the given names."""
    return hit.select(pl.col(GIVEN).str.extract(r"^(\S+)"))


def half_of_compound(rng: Rng, hit: Frame) -> Frame:
    """Jean-Pierre is Jean, or Pierre: half a compound first name."""
    first = coin(rng, hit.height, 0.65)
    parts = hit.select(pl.col(GIVEN).str.extract(r"^(\S+)").str.extract_all(r"[^-]+"))[GIVEN]
    return chosen(first, parts.list.first(), parts.list.last()).alias(GIVEN).to_frame()


def initial_only(_rng: Rng, hit: Frame) -> Frame:
    """Only the initial of the first name: labels of tubes, letters, appointment lists."""
    return hit.select(pl.col(GIVEN).str.replace(r"^(\S)[^\s-]*(?:-(\S))?\S*.*$", "$1$2"))


def title_in_name(rng: Rng, hit: Frame) -> Frame:
    """Madame, M., veuve typed before the name."""
    titled = choice(rng, _TITLES, hit.height)
    return typed(rng, hit, lambda names: titled + names)


def note_behind_name(rng: Rng, hit: Frame) -> Frame:
    """A note in the field of the name, where everybody sees it: DUPONT (voir fils), décédé, doublon."""
    noted = choice(rng, _NOTES, hit.height)
    return typed(rng, hit, lambda names: names + noted)


def number_behind_name(rng: Rng, hit: Frame) -> Frame:
    """A figure that makes a homonym, or a second file of the same person, acceptable to the program: DUPONT2."""
    figures = choice(rng, ("2", " 2", "1", "(2)", "-2", " bis", "3"), hit.height)
    return typed(rng, hit, lambda names: names + figures)
