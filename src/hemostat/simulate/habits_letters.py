"""How ears, fingers, readers of papers and programs change the letters of names. One function per habit.

As ``habits_names``: rows in, changed columns out; rates are in ``habits.HABITS``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from hemostat.simulate.habits_edit import (
    alike,
    at_letter,
    bare,
    called,
    chosen,
    one_rule,
    other_name,
    per,
    surnames,
    typed,
)
from hemostat.simulate.habits_names import BIRTH, GIVEN, USED

if TYPE_CHECKING:
    from hemostat.simulate.draw import Rng

    Frame = pl.DataFrame

_PHONETIC = (
    (r"(?i)ph", "f"), (r"(?i)y", "i"), (r"(?i)ck|qu", "k"), (r"(?i)eau|aud?|ot$", "o"), (r"(?i)th", "t"),
    (r"(?i)ch(r|l)", "k$1"), (r"(?i)(l)l", "$1"), (r"(?i)(n)n", "$1"), (r"(?i)(t)t", "$1"),
    (r"(?i)(r)r", "$1"), (r"(?i)(s)s", "$1"), (r"(?i)(m)m", "$1"), (r"(?i)([^s])s$", "$1"),
    (r"(?i)([aeiou])t$", "$1"), (r"(?i)([aeiou])d$", "${1}t"), (r"(?i)^h", ""), (r"(?i)ain|ein", "in"),
    (r"(?i)in$", "ain"), (r"(?i)em|am", "an"), (r"(?i)en", "an"), (r"(?i)c([aou])", "k$1"), (r"(?i)z$", "s"),
    (r"(?i)s([ei])", "c$1"), (r"(?i)c([ei])", "ss$1"), (r"(?i)ai|è|ei", "é"), (r"(?i)é|er$", "ai"), (r"(?i)ou", "oo"),
    (r"(?i)w", "v"), (r"(?i)j", "g"), (r"(?i)g([eiy])", "j$1"), (r"(?i)e$", ""), (r"(?i)([lrnt])$", "${1}e"),
)  # fmt: skip
_MISREAD = (
    ("rn", "m"), ("m", "rn"), ("l", "I"), ("I", "l"), ("O", "0"), ("cl", "d"), ("S", "5"), ("B", "8"), ("é", "e"),
    ("è", "é"), ("u", "v"), ("v", "y"), ("h", "b"), ("e", "c"), ("c", "e"), ("n", "u"), ("i", "l"), ("t", "f"),
    ("G", "6"), ("E", "F"), ("D", "O"), ("U", "LI"), ("N", "M"), ("Z", "2"), ("Q", "O"), ("VV", "W"), ("ç", "g"),
)  # fmt: skip
_NEIGHBOURS = {
    "a": "zq", "b": "vn", "c": "xv", "d": "sfe", "e": "zrd", "f": "dgr", "g": "fht", "h": "gjy", "i": "uok",
    "j": "hku", "k": "jli", "l": "kmo", "m": "lp", "n": "bh", "o": "ipl", "p": "om", "q": "sa", "r": "etf",
    "s": "qdz", "t": "ryg", "u": "yij", "v": "cb", "w": "xq", "x": "wc", "y": "tuh", "z": "aes",
    "é": "e2è", "è": "é7", "ç": "c9", "à": "a0",
}  # fmt: skip


# --- Ears, fingers, eyes


def surname_heard(rng: Rng, hit: Frame) -> Frame:
    """Lefebvre, Lefèvre, Lefeuvre: surnames that sound alike, by telephone."""
    return typed(rng, hit, lambda names: other_name(rng, names, "heard_last"))


def first_name_heard(rng: Rng, hit: Frame) -> Frame:
    """Mathieu and Matthieu, Michèle and Michelle: first names that sound alike."""
    return called(hit, lambda names: other_name(rng, names, "heard_first"))


def transliterated(rng: Rng, hit: Frame) -> Frame:
    """Mohamed, Mohammed, Mouhamed: the same name of another script, as each paper writes it."""
    made = called(hit, lambda names: other_name(rng, names, "spelt"))
    return pl.concat([made, surnames(hit, lambda names: other_name(rng, names, "spelt"))], how="horizontal")


def surname_as_heard(rng: Rng, hit: Frame) -> Frame:
    """A surname spelt as it sounds, by telephone, never checked with a paper."""
    return typed(rng, hit, lambda names: alike(names, one_rule(rng, names, _PHONETIC)))


def first_name_as_heard(rng: Rng, hit: Frame) -> Frame:
    """A first name spelt as it sounds."""
    return called(hit, lambda names: alike(names, one_rule(rng, names, _PHONETIC)))


def neighbour_key(rng: Rng, names: pl.Series) -> pl.Series:
    """Texts with one letter replaced by its neighbour on the French keyboard."""
    lot = pl.Series("lot", rng.random(len(names)))
    known = pl.DataFrame({"letter": list(_NEIGHBOURS), "near": list(_NEIGHBOURS.values())})

    def struck(head: pl.Expr, letter: pl.Expr, tail: pl.Expr) -> pl.Expr:
        near = letter.str.to_lowercase().replace_strict(known["letter"], known["near"], default=letter)
        place = (pl.lit(lot) * near.str.len_chars()).floor().cast(pl.Int64)
        return head + near.str.slice(place, 1) + tail

    return alike(names, at_letter(rng, names, struck))


def surname_key_beside(rng: Rng, hit: Frame) -> Frame:
    """The key beside, in a surname."""
    return typed(rng, hit, lambda names: neighbour_key(rng, names))


def first_name_key_beside(rng: Rng, hit: Frame) -> Frame:
    """The key beside, in a first name."""
    return called(hit, lambda names: neighbour_key(rng, names))


def letter_lost(rng: Rng, hit: Frame) -> Frame:
    """A letter left out of a surname."""
    return typed(rng, hit, lambda names: at_letter(rng, names, lambda head, _, tail: head + tail))


def letter_twice(rng: Rng, hit: Frame) -> Frame:
    """A letter of a surname struck twice."""
    return typed(rng, hit, lambda names: at_letter(rng, names, lambda head, at, tail: head + at + at + tail))


def letters_crossed(rng: Rng, hit: Frame) -> Frame:
    """Two letters of a surname in the wrong order."""
    return typed(
        rng,
        hit,
        lambda names: at_letter(
            rng, names, lambda head, at, tail: head + tail.str.slice(0, 1) + at + tail.str.slice(1)
        ),
    )


def first_name_letter_lost(rng: Rng, hit: Frame) -> Frame:
    """A letter left out of a first name."""
    return called(hit, lambda names: at_letter(rng, names, lambda head, _, tail: head + tail))


def surname_misread(rng: Rng, hit: Frame) -> Frame:
    """What a reader of scanned cards takes for another letter: rn and m, O and 0, cl and d."""
    return typed(rng, hit, lambda names: one_rule(rng, names, _MISREAD))


def first_name_misread(rng: Rng, hit: Frame) -> Frame:
    """The same in a first name."""
    return called(hit, lambda names: one_rule(rng, names, _MISREAD))


# --- Programs


def capitals(_rng: Rng, hit: Frame) -> Frame:
    """All names in capitals without accents: cards and most programs of the last century."""
    return hit.select(bare(hit[name]).str.to_uppercase() for name in (BIRTH, USED, GIVEN))


def accents_lost(_rng: Rng, hit: Frame) -> Frame:
    """Names without accents, the letter case kept."""
    return hit.select(bare(hit[name]) for name in (BIRTH, USED, GIVEN))


def surnames_cut(rng: Rng, hit: Frame) -> Frame:
    """Surnames cut at the width of an old field, one width for a whole import."""
    frame = hit.with_columns(per(rng, hit["batch"], (10, 12, 15, 15, 20)).alias("_width"))
    return frame.select(pl.col(BIRTH, USED).str.slice(0, pl.col("_width")).str.strip_chars_end(" -"))


def first_names_cut(rng: Rng, hit: Frame) -> Frame:
    """Given names cut at the width of an old field."""
    frame = hit.with_columns(per(rng, hit["batch"], (6, 8, 10, 12, 15)).alias("_width"))
    return frame.select(pl.col(GIVEN).str.slice(0, pl.col("_width")).str.strip_chars_end(" -"))


def read_as_latin1(_rng: Rng, hit: Frame) -> Frame:
    """Bytes of one encoding read in another: FranÃ§ois. Imports."""
    letters = list("éèêëçïîôöüûùâàÉÈÇ")
    broken = [letter.encode().decode("latin-1").replace("\x83", "ƒ") for letter in letters]
    return hit.select(pl.col(BIRTH, USED, GIVEN, "city").str.replace_many(letters, broken))


def accents_to_marks(rng: Rng, hit: Frame) -> Frame:
    """Letters with accents become a question mark or the sign of what cannot be read. Imports."""
    sign = per(rng, hit["batch"], (0, 1))
    return hit.select(
        chosen(
            sign == 0,
            hit[name].str.replace_all(r"[^\x00-\x7F]", "?"),
            hit[name].str.replace_all(r"[^\x00-\x7F]", "�"),
        ).alias(name)
        for name in (BIRTH, USED, GIVEN)
    )


def accents_swallowed(_rng: Rng, hit: Frame) -> Frame:
    """Letters with accents vanish: Stphane, Ren. Imports through a program of seven bits."""
    return hit.select(pl.col(BIRTH, USED, GIVEN).str.replace_all(r"[^\x00-\x7F]", ""))


def web_entities(_rng: Rng, hit: Frame) -> Frame:
    """Signs as a web page writes them: Andr&eacute;, D&#39;Angelo. Exports of portals."""
    signs = ["é", "è", "ë", "ï", "ç", "ê", "'"]
    written = ["&eacute;", "&egrave;", "&euml;", "&iuml;", "&ccedil;", "&ecirc;", "&#39;"]
    return hit.select(pl.col(BIRTH, USED, GIVEN).str.replace_many(signs, written))


def spaces_around(_rng: Rng, hit: Frame) -> Frame:
    """Blanks of a fixed width kept behind names, two blanks inside."""
    return hit.select(
        (pl.col(BIRTH) + "  ").alias(BIRTH),
        (" " + pl.col(USED)).alias(USED),
        pl.col(GIVEN).str.replace(" ", "  "),
    )


def lower_case(_rng: Rng, hit: Frame) -> Frame:
    """All in small letters, as typed on a telephone in an online form."""
    return hit.select(pl.col(BIRTH, USED, GIVEN).str.to_lowercase())
