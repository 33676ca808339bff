"""Names as written, made comparable: one vocabulary of folded names, and each row as numbers in it.

Work is done on distinct values; rows only carry numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from hemostat.model import RECORD_BITS
from hemostat.resolve.mend import mended
from hemostat.resolve.settings import name_forms

if TYPE_CHECKING:
    from numpy.typing import NDArray

NONE = -1
"""Number of a name that is not there."""

_LIGATURES = {"Œ": "OE", "Æ": "AE", "ẞ": "SS", "ß": "SS", "Ø": "O", "Ł": "L", "Đ": "D", "Þ": "TH", "ı": "I"}


def fold(names: pl.Series) -> pl.Series:
    """Upper case, without accents; whatever is neither letter nor digit is one space; empty becomes null.

    >>> fold(pl.Series(["Éloïse-Anne", "d'Ørsted", " - "])).to_list()
    ['ELOISE ANNE', 'D ORSTED', None]
    """
    text = names.str.to_uppercase().str.replace_many(_LIGATURES)
    plain = text.str.normalize("NFKD").str.replace_all(r"\p{M}+", "")
    spaced = plain.str.replace_all(r"[^\p{L}\p{N}]+", " ").str.strip_chars(" ")
    return spaced.set(spaced == "", None)


def distinct(values: pl.Series) -> tuple[NDArray[np.int32], pl.Series]:
    """Each value's number among the distinct values (-1 for null), and these values."""
    categories = pl.Categories.random()
    coded = values.cast(pl.Categorical(categories)).to_physical()
    numbers: NDArray[np.int32] = coded.cast(pl.Int32).fill_null(NONE).to_numpy()
    rows = np.flatnonzero(numbers != NONE)
    place = np.zeros(int(numbers.max(initial=NONE)) + 1, dtype=np.int64)
    place[numbers[rows]] = rows
    return numbers, values.gather(place)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Distinct names, in alphabetical order of their letters without spaces.

    `text`: the spaced form; `head`: number of its first word; `bare`: number of the name without particles. Every
    head and every bare name is in the vocabulary.
    """

    text: pl.Series
    head: NDArray[np.int32]
    bare: NDArray[np.int32]

    def __len__(self) -> int:
        """How many names."""
        return len(self.text)


@dataclass(frozen=True, slots=True)
class Names:
    """The names of n rows, as numbers in `words` (-1: none). A full name that cannot be split is split by habit."""

    words: Vocabulary
    surname: NDArray[np.int32]
    surname2: NDArray[np.int32]
    given: NDArray[np.int32]
    unordered: NDArray[np.bool_]
    """The row wrote its name in one column: which word is the surname is a guess."""


def _rewritten(folded: pl.Series) -> pl.Series:
    """ST becomes SAINT where a word follows."""
    for short, whole in name_forms().rewrite.items():
        folded = folded.str.replace_all(rf"\b{short} ", f"{whole} ")
    return folded


def _surnames(written: pl.Series) -> pl.DataFrame:
    """Distinct surnames as written -> `a`, `b`: the name and, where the writing announces one, the other surname."""
    forms = name_forms()
    marks = "|".join(sorted(forms.second_surname))
    civility = "|".join(sorted(forms.civility))
    folded = _rewritten(fold(mended(written))).str.replace(rf"^(?:{civility}) (.)", "$1")
    return (
        folded.to_frame("name")
        .select(
            a=pl.col("name").str.replace(rf" (?:{marks}) (?:.*)$", "").str.replace(rf"^(?:{marks}) ", ""),
            b=pl.col("name").str.extract(rf" (?:{marks}) (.+)$", 1).str.replace(rf"^(?:{marks}) ", ""),
        )
        .with_columns(
            pl.when(pl.col(name).is_in(list(forms.no_surname))).then(None).otherwise(pl.col(name)).alias(name)
            for name in ("a", "b")
        )
    )


def _given(written: pl.Series) -> pl.Series:
    """Distinct first names as written -> folded; null for what stands in for a first name."""
    forms = name_forms()
    folded = _rewritten(fold(mended(written)))
    head = folded.str.extract(r"^(\S+)", 1)
    filler = folded.is_in(list(forms.no_given)) | head.is_in(list(forms.no_given_head))
    return folded.set(filler.fill_null(value=False), None)


def _whole(written: pl.Series, source: pl.Series, givenness: dict[str, float]) -> pl.DataFrame:
    """Distinct (full name, evidence) -> `a` surname, `given`.

    Order: a comma, else capitals against lower case, else the habit of the evidence: whether first or last words are
    more often first names elsewhere. A single word is a surname.
    """
    forms = name_forms()
    civility = "|".join(sorted(forms.civility))
    has_comma = written.str.contains(",", literal=True)
    before = fold(written.str.extract(r"^([^,]*),", 1))
    after = fold(written.str.extract(r",(.*)$", 1))
    plain = written.str.replace(rf"(?i)^\s*(?:{civility})[.\s]\s*", "")
    words = plain.str.replace_all(r"[\s]+", " ").str.strip_chars(" ").str.split(" ")
    table = pl.DataFrame(
        {"source": source, "comma": has_comma, "before": before, "after": after, "words": words}
    )
    table = table.with_row_index("row")
    long = (
        table.select("row", "source", "words")
        .explode("words", empty_as_null=True, keep_nulls=True)
        .with_columns(place=pl.int_range(pl.len(), dtype=pl.Int32).over("row"), count=pl.len().over("row"))
    )
    long = long.with_columns(
        folded=fold(long["words"]),
        capital=(long["words"].str.len_chars() > 1)
        & (long["words"] == long["words"].str.to_uppercase())
        & long["words"].str.contains(r"\p{L}"),
    )
    long = long.with_columns(
        given=pl.col("folded").replace_strict(givenness, default=0.0, return_dtype=pl.Float64)
    )
    last = pl.col("place") == pl.col("count") - 1
    habit = (
        long.filter(pl.col("count") > 1)
        .group_by("source")
        .agg(lead=pl.col("given").filter(pl.col("place") == 0).mean() - pl.col("given").filter(last).mean())
    )
    long = long.join(habit, on="source", how="left", maintain_order="left").with_columns(
        given_first=pl.col("lead").fill_null(0.0) > 0,
        mixed=pl.col("capital").any().over("row") & ~pl.col("capital").all().over("row"),
    )
    # by habit: the outer word, and its neighbours while they look more like first names than like surnames
    rank = (
        pl.when(pl.col("given_first")).then(pl.col("place")).otherwise(pl.col("count") - 1 - pl.col("place"))
    )
    long = long.with_columns(rank=rank)
    run = (
        ((pl.col("rank") == 0) | (pl.col("given") > 0)).cast(pl.Int32).cum_min().over("row", order_by="rank")
        == 1
    ) & (pl.col("rank") < pl.col("count") - 1)
    is_given = (
        pl.when(pl.col("count") == 1)
        .then(pl.lit(value=False))
        .when(pl.col("mixed"))
        .then(~pl.col("capital"))
        .otherwise(run)
    )
    long = long.with_columns(is_given=is_given)
    split = long.group_by("row").agg(
        a=pl.col("folded").filter(~pl.col("is_given")).sort_by(pl.col("place").filter(~pl.col("is_given"))),
        given=pl.col("folded").filter(pl.col("is_given")).sort_by(pl.col("place").filter(pl.col("is_given"))),
    )
    joined = table.select("row", "comma", "before", "after").join(
        split.with_columns(pl.col("a", "given").list.drop_nulls().list.join(" ")), on="row", how="left"
    )
    return joined.sort("row").select(
        a=pl.when(pl.col("comma")).then("before").otherwise("a").replace("", None),
        given=pl.when(pl.col("comma")).then("after").otherwise("given").replace("", None),
    )


def _givenness(
    given: tuple[NDArray[np.int32], pl.Series], surnames: list[tuple[NDArray[np.int32], pl.Series]]
) -> dict[str, float]:
    """Word -> log of its counts as a first name against its counts as a surname, in the columns that tell."""

    def words(numbers: NDArray[np.int32], names: pl.Series) -> pl.DataFrame:
        counts = np.bincount(numbers[numbers >= 0], minlength=len(names))
        return (
            pl.DataFrame({"w": names, "n": counts})
            .with_columns(pl.col("w").str.split(" "))
            .explode("w", empty_as_null=True, keep_nulls=True)
            .drop_nulls("w")
            .group_by("w")
            .agg(pl.col("n").sum())
        )

    first = words(*given)
    last = pl.concat([words(*each) for each in surnames]).group_by("w").agg(pl.col("n").sum())
    both = first.join(last, on="w", how="full", coalesce=True, suffix="_last").fill_null(0)
    ratio = ((both["n"] + 0.5) / (both["n_last"] + 0.5)).log()
    return dict(zip(both["w"].to_list(), ratio.to_list(), strict=True))


def _vocabulary(forms: list[pl.Series], counts: list[NDArray[np.int64]]) -> tuple[Vocabulary, pl.DataFrame]:
    """All folded names and the rows that bear each -> the vocabulary, and a table `name` (spaced) -> `number`.

    Of the ways to space the same letters, the one that most rows use counts: JEAN PAUL, not JEANPAUL, nor REN E.
    """
    borne = (
        pl.concat(
            [pl.DataFrame({"name": form, "rows": rows}) for form, rows in zip(forms, counts, strict=True)]
        )
        .drop_nulls("name")
        .group_by("name")
        .agg(pl.col("rows").sum())
    )
    names = borne["name"]
    heads = names.str.extract(r"^(\S+)", 1)
    particles = "|".join(sorted(name_forms().particle))
    # each pass takes every other particle: two passes take neighbours too
    bare = names
    for _ in range(2):
        bare = (" " + bare + " ").str.replace_all(rf" (?:{particles}) ", " ").str.strip_chars(" ")
    bare = pl.select(pl.when(bare == "").then(names).otherwise(bare).alias("bare")).to_series()
    everything = pl.concat([names, heads.rename(names.name), bare.rename(names.name)]).unique()
    table = (
        pl.DataFrame({"name": everything})
        .join(borne, on="name", how="left")
        .with_columns(pl.col("rows").fill_null(0), letters=pl.col("name").str.replace_all(" ", ""))
    )
    spaced = ["letters", "rows", pl.col("name").str.len_bytes(), "name"]
    entries = (
        table.sort(spaced, descending=[False, True, True, False])
        .unique("letters", keep="first", maintain_order=True)
        .select("letters", text="name")
        .with_row_index("number")
        .with_columns(pl.col("number").cast(pl.Int32))
    )
    numbered = table.join(entries.select("letters", "number"), on="letters").select("name", "number")
    of = {"head": heads, "bare": bare}
    found = {
        part: (
            pl.DataFrame({"name": names, "part": values, "rows": borne["rows"]})
            .join(numbered, on="name")
            .join(numbered.rename({"name": "part", "number": "to"}), on="part")
            .sort(
                "number",
                "rows",
                pl.col("name").str.len_bytes(),
                "name",
                descending=[False, True, True, False],
            )
            .unique("number", keep="first", maintain_order=True)
        )
        for part, values in of.items()
    }
    arrays = {}
    for part, pairs in found.items():
        to = np.arange(len(entries), dtype=np.int32)
        to[pairs["number"].to_numpy()] = pairs["to"].to_numpy()
        arrays[part] = to
    return Vocabulary(entries["text"], arrays["head"], arrays["bare"]), numbered


def _held(numbers: NDArray[np.int32], size: int) -> NDArray[np.int64]:
    """How many rows hold each distinct value."""
    counts: NDArray[np.int64] = np.bincount(numbers[numbers >= 0], minlength=size)
    return counts


def _numbers(names: pl.Series, numbered: pl.DataFrame) -> NDArray[np.int32]:
    """Number of each folded name in the vocabulary, one more entry (-1) at the end for the missing name."""
    joined = names.to_frame("name").join(numbered, on="name", how="left", maintain_order="left")
    return np.append(joined["number"].fill_null(NONE).to_numpy().astype(np.int32), np.int32(NONE))


def read_names(identity: pl.DataFrame) -> Names:
    """The names of every row.

    In: columns `birth_name`, `used_name`, `first_names`, `full_name` (text) and `record_id`.
    """
    # birth names and used names are mostly the same words, folded once
    both, surnames = distinct(pl.concat([identity["birth_name"], identity["used_name"].alias("birth_name")]))
    birth, used = both[: len(identity)], both[len(identity) :]
    first, first_names = distinct(identity["first_names"])
    names, given = _surnames(surnames), _given(first_names)
    whole = identity.select(
        "full_name",
        source=pl.col("record_id") // (1 << RECORD_BITS),
        known=pl.col("birth_name").is_null()
        & pl.col("used_name").is_null()
        & pl.col("full_name").is_not_null(),
    )
    needed = whole["known"].to_numpy()
    if needed.any():
        keys = whole.filter("known").select("full_name", "source")
        pairs = keys.unique(maintain_order=True).with_row_index("pair")
        at = keys.join(pairs, on=["full_name", "source"], how="left", maintain_order="left")[
            "pair"
        ].to_numpy()
        likely = _givenness((first, given), [(both, names["a"])])
        split = _whole(pairs["full_name"], pairs["source"], likely)
        split = split.with_columns(given=_given(split["given"]), a=_surnames(split["a"])["a"])
        pairs_held = np.bincount(at, minlength=len(pairs))
    else:
        split = pl.DataFrame(schema={"a": pl.String, "given": pl.String})
        pairs_held = np.empty(0, dtype=np.int64)
    held, named_held = _held(both, len(surnames)), _held(first, len(first_names))
    words, numbered = _vocabulary(
        [names["a"], names["b"], given, split["a"], split["given"]],
        [held, held, named_held, pairs_held, pairs_held],
    )
    one, other = _numbers(names["a"], numbered), _numbers(names["b"], numbered)
    a, b, c, d = one[birth], other[birth], one[used], other[used]
    surname = np.where(a >= 0, a, c)
    # the second surname: the used name beside a birth name, else what the writing announces
    surname2 = np.where((a >= 0) & (c >= 0) & (c != a), c, np.where(b >= 0, b, d))
    named = _numbers(given, numbered)[first]
    if needed.any():
        surname[needed] = _numbers(split["a"], numbered)[at]
        told = _numbers(split["given"], numbered)[at]
        named[needed] = np.where(named[needed] >= 0, named[needed], told)
    surname2[surname2 == surname] = NONE
    return Names(words, surname, surname2, named, needed & (named >= 0))
