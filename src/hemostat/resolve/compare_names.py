"""How alike two names are: levels for distinct pairs of surnames and of first names."""

from __future__ import annotations

from string import ascii_uppercase
from typing import TYPE_CHECKING

import numpy as np
import polars as pl
from rapidfuzz import process
from rapidfuzz.distance import OSA, JaroWinkler

from hemostat.resolve.levels import Given, Surname
from hemostat.resolve.settings import first_names, name_forms, nicknames

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hemostat.resolve.groups import I32
    from hemostat.resolve.names import Vocabulary
    from hemostat.resolve.settings import Settings


_DOUBLED = {letter * 2: letter for letter in ascii_uppercase}
_WORD = 3  # letters from which a word, or the start of one, tells something


def similarity(left: pl.Series, right: pl.Series) -> NDArray[np.float32]:
    """Jaro-Winkler similarity, pair by pair; the same whichever side comes first."""
    swap = left > right
    first = left.zip_with(~swap, right).to_list()
    second = right.zip_with(~swap, left).to_list()
    found: NDArray[np.float32] = process.cpdist(
        first, second, scorer=JaroWinkler.similarity, dtype=np.float32
    )
    return found


def _texts(words: Vocabulary, numbers: I32) -> pl.Series:
    return words.text.gather(numbers)


def alike(left: pl.Series, right: pl.Series, least: float) -> NDArray[np.bool_]:
    """Pairs that one slip may have parted: similar, or one letter wrong in four or more."""
    near = similarity(left, right) >= least
    rest = np.flatnonzero(~near)
    near[rest] = _one_slip(left.gather(rest), right.gather(rest))
    return near


def surname_levels(
    words: Vocabulary, a: I32, b: I32, counts: NDArray[np.int64], settings: Settings
) -> NDArray[np.int8]:
    """Level of each pair of different surnames. `counts`: rows that bear each name as a surname."""
    left, right = _texts(words, a), _texts(words, b)
    close = alike(left.str.replace_all(" ", ""), right.str.replace_all(" ", ""), settings["surname_close"])
    common = _common(counts[a], counts[b], settings, int(counts.sum()))
    level = np.where(close, np.where(common, Surname.CLOSE_COMMON, Surname.CLOSE), Surname.DIFFERENT)
    level[(words.bare[a] == words.bare[b])] = Surname.CLOSE
    several = (left.str.contains(" ", literal=True) | right.str.contains(" ", literal=True)).to_numpy()
    at = np.flatnonzero(several & (level < Surname.CONTAINED))
    if len(at):
        level[at[_share_a_word(left.gather(at), right.gather(at))]] = Surname.CONTAINED
    return level.astype(np.int8)


def _share_a_word(left: pl.Series, right: pl.Series) -> NDArray[np.bool_]:
    """Whether two names have a word of three letters or more in common that is no particle."""
    particles = list(name_forms().particle)

    def words(names: pl.Series) -> pl.Series:
        return names.str.split(" ").list.eval(
            pl.element().filter((pl.element().str.len_bytes() >= _WORD) & ~pl.element().is_in(particles))
        )

    both = words(left).list.set_intersection(words(right)).list.len() > 0
    return both.to_numpy()


def _common(a: NDArray[np.int64], b: NDArray[np.int64], settings: Settings, rows: int) -> NDArray[np.bool_]:
    """Both forms are borne by so many rows that each is a name of its own."""
    enough = max(settings["common_name"], settings["common_share"] * rows)
    return np.minimum(a, b) >= enough


def given_levels(
    words: Vocabulary, a: I32, b: I32, counts: NDArray[np.int64], settings: Settings
) -> NDArray[np.int8]:
    """Level of each pair of different first names. `counts`: rows that bear each first word."""
    head_a, head_b = words.head[a], words.head[b]
    left, right = _texts(words, a), _texts(words, b)
    first, second = _texts(words, head_a), _texts(words, head_b)
    same_head = head_a == head_b
    slip, near = _one_slip(first, second), similarity(first, second) >= settings["given_close"]
    common = _common(counts[head_a], counts[head_b], settings, int(counts.sum()))
    bearers = counts[head_a], counts[head_b]
    # the slips of a name that very many bear come again and again
    common &= np.minimum(*bearers) >= settings["common_ratio"] * np.maximum(*bearers)
    own, spelt, listed = _two_names(first, second, common)
    usual = spelt | _nicknames(first, second)
    level = np.full(len(a), Given.DIFFERENT, dtype=np.int8)
    level[usual] = Given.ALIKE
    level[(near | slip) & own & ~usual] = Given.CLOSE_COMMON
    level[near & ~own & ~usual] = Given.SLIPS
    level[slip & ~own] = Given.CLOSE
    level[same_head] = Given.HEAD
    at = np.flatnonzero(level < Given.VARIANT)
    if len(at):
        level[
            at[_variant(left.gather(at), right.gather(at), first.gather(at), second.gather(at), listed[at])]
        ] = Given.VARIANT
    at = np.flatnonzero(same_head)
    if len(at):
        level[at[_rests_differ(left.gather(at), right.gather(at))]] = Given.CLOSE_COMMON
    return level


def _two_names(
    first: pl.Series, second: pl.Series, common: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], NDArray[np.bool_]]:
    """Pairs of first names each of which is a name of its own; two spellings of one name; both of them well known.

    A name is its own when it is well known, or borne by many rows (`common`). Spellings of one name sound alike
    (ERIC and ERICK), but for a mute E at most, and are not of two sexes: ELODIE and ELODY, not DANIEL and DANIELE.
    """
    known = first_names()
    one, other = (
        names.replace_strict(known, default=None, return_dtype=pl.String) for names in (first, second)
    )
    listed = (one.is_not_null() & other.is_not_null()).to_numpy()
    told = listed & ((one != "") & (other != "")).fill_null(value=False).to_numpy()
    opposed = told & (one != other).fill_null(value=False).to_numpy()
    sounds = [_sound(names).str.strip_suffix("E") for names in (first, second)]
    spelt = (sounds[0] == sounds[1]).to_numpy() & ~opposed
    return (listed | common) & ~spelt, spelt, listed & ~spelt


def _sound(names: pl.Series) -> pl.Series:
    """Names as they sound, roughly: letters that sound alike are one, doubled letters are single."""
    return names.str.replace_many(name_forms().sound).str.replace_many(_DOUBLED)


def _one_slip(left: pl.Series, right: pl.Series) -> NDArray[np.bool_]:
    """Pairs of texts of four letters or more, one wrong letter or two exchanged neighbours apart."""
    shorter = np.minimum(left.str.len_chars().to_numpy(), right.str.len_chars().to_numpy())
    slip = process.cpdist(
        left.to_list(), right.to_list(), scorer=OSA.distance, score_cutoff=1, dtype=np.int32
    )
    found: NDArray[np.bool_] = (slip <= 1) & (shorter > _WORD)
    return found


def _rests_differ(left: pl.Series, right: pl.Series) -> NDArray[np.bool_]:
    """JEAN PAUL and JEAN PIERRE: both go on after the same first word, with no word in common, nor the start of one."""
    rests = [names.str.replace(r"^\S+ ?", "") for names in (left, right)]
    at = np.flatnonzero(((rests[0] != "") & (rests[1] != "")).to_numpy())
    differ = np.zeros(len(left), dtype=bool)
    if not len(at):
        return differ
    words = [
        pl.DataFrame({"pair": np.arange(len(at)), name: rest.gather(at).str.split(" ")}).explode(name)
        for name, rest in zip("ab", rests, strict=True)
    ]
    # a word cut short, an initial among them, may stand for the whole
    shared = (
        words[0]
        .join(words[1], on="pair")
        .filter(pl.col("a").str.starts_with(pl.col("b")) | pl.col("b").str.starts_with(pl.col("a")))
    )
    differ[at] = True
    differ[at[shared["pair"].unique().to_numpy()]] = False
    return differ


def _variant(
    left: pl.Series, right: pl.Series, first: pl.Series, second: pl.Series, listed: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """A further given name, an initial, a cut form. `listed`: the first words are two well-known names."""
    frame = pl.DataFrame({"a": left, "b": right, "x": first, "y": second})
    shorter = pl.min_horizontal(pl.col("x").str.len_bytes(), pl.col("y").str.len_bytes())
    starts = pl.col("x").str.starts_with(pl.col("y")) | pl.col("y").str.starts_with(pl.col("x"))
    joined_a, joined_b = pl.col("a").str.replace_all(" ", ""), pl.col("b").str.replace_all(" ", "")
    several = pl.col("a").str.contains(" ", literal=True) | pl.col("b").str.contains(" ", literal=True)
    found = frame.select(
        cut=starts & (shorter >= _WORD),
        initial=starts & (shorter == 1),
        whole=(joined_a.str.starts_with(joined_b) | joined_b.str.starts_with(joined_a)) & (shorter >= _WORD),
        # a first word of one among the others' words: a further name that both bear, MARIE, says nothing
        listed=several
        & (
            pl.col("a").str.split(" ").list.contains(pl.col("y"))
            | pl.col("b").str.split(" ").list.contains(pl.col("x"))
        ),
    )
    cut = (found["cut"] | found["whole"]).to_numpy() & ~listed
    variant: NDArray[np.bool_] = cut | found["initial"].to_numpy() | found["listed"].to_numpy()
    return variant


def _nicknames(first: pl.Series, second: pl.Series) -> NDArray[np.bool_]:
    """Whether two first names stand in one row of the nicknames."""
    table = nicknames()
    rows = pl.DataFrame(
        {"form": list(table), "sets": [list(sets) for sets in table.values()]},
        schema={"form": pl.String, "sets": pl.List(pl.Int32)},
    )
    frame = pl.DataFrame({"x": first, "y": second})
    joined = frame.join(
        rows.rename({"form": "x", "sets": "sx"}), on="x", how="left", maintain_order="left"
    ).join(rows.rename({"form": "y", "sets": "sy"}), on="y", how="left", maintain_order="left")
    both = pl.col("sx").list.set_intersection(pl.col("sy")).list.len() > 0
    return joined.select(both.fill_null(value=False)).to_series().to_numpy()
