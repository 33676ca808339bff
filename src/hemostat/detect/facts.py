"""What is worth knowing of the values of a finding beyond how many are right: damage, keys, reuse, disagreement.

Counts of one batch add up to those of the column; none of them tells a value.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from hemostat.detect import card, digits, nir
from hemostat.rules import rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl

    from hemostat.detect.days import Reading

Counts = dict[str, int]
"""Facts by id (``finding_facts.toml``) and how many values each is true of."""
_PROVISIONAL = np.frombuffer(b"3478", dtype=np.uint8)
_MEN = np.frombuffer(b"137", dtype=np.uint8)
_MONTHS, _CENTURY = 12, 100
_DISAGREE, _AGREE, _ENOUGH = 0.5, 0.9, 20
_CHECKS = (
    ("compared_sex", "sex_disagrees"),
    ("compared_birth", "birth_disagrees"),
    ("compared_city", "city_disagrees"),
)


def of_nir(values: pl.Series, parsed: pl.DataFrame) -> Counts:
    """NIR without key, with a wrong one, spaced, damaged by a spreadsheet, provisional, of Corsica.

    >>> import polars as pl
    >>> found = pl.Series(["1 79 04 63 119 042 45", "1790463119042", "288062A04101735", "1.83058E+14"])
    >>> {fact: n for fact, n in of_nir(found, nir.parse(found)).items() if n}
    {'no_key': 1, 'corsica': 1, 'spaced': 1, 'unrecoverable': 1}
    """
    shaped, number = parsed["shaped"], parsed["number"]
    odd = values.filter(~shaped & values.is_not_null())
    packed = digits.Packed(number if shaped.all() else number.filter(shaped))
    rows_ = [packed.of_width(width)[1] for width in (nir.FULL, nir.BODY)]
    return {
        "no_key": int((shaped & parsed["key"].is_null()).sum()),
        "wrong_key": int((shaped & ~parsed["key"].fill_null(value=True)).sum()),
        "corsica": sum(int((found[:, nir.CORSICA] >= ord("A")).sum()) for found in rows_),
        "provisional": sum(int(np.isin(found[:, 0], _PROVISIONAL).sum()) for found in rows_),
        "spaced": int((shaped & (values.str.len_bytes() > number.str.len_bytes())).sum()),
        "unrecoverable": int(nir.lost(odd).sum()),
    }


def of_cards(values: pl.Series) -> Counts:
    """Card numbers destroyed by a spreadsheet, and those whose last digits it rounded.

    >>> import polars as pl
    >>> of_cards(pl.Series(["5.54563E+15", "4970100000000154", "4970100000000150"]))
    {'unrecoverable': 1, 'rounded': 1}
    """
    rounded = digits.flags(values, r"^[0-9]{15}0$") & ~card.valid_array(values).to_numpy()
    return {"unrecoverable": int(card.lost(values).sum()), "rounded": int(rounded.sum())}


def of_dates(reading: Reading) -> Counts:
    """Days that no calendar has, and days that programs write where none is known."""
    return {"impossible": int(reading.impossible.sum()), "default_date": int(reading.default.sum())}


def of_numbers(values: pl.Series) -> Counts:
    """Other numbers of which a spreadsheet left a power of ten.

    >>> import polars as pl
    >>> of_numbers(pl.Series(["6.4E+08", "0199000412"]))
    {'unrecoverable': 1}
    """
    return {"unrecoverable": int(values.str.contains(r"^[0-9][.,][0-9]{1,13}[Ee]\+[0-9]{2}$").sum() or 0)}


def of_identity(people: pl.DataFrame) -> Counts:
    """NIR with right keys against the sex and the birth of their rows."""
    right = people["nir_key"].fill_null(value=False)
    known = people.select("nir", "sex", "birth_date").filter(right)
    where, number = digits.of_width(known["nir"], nir.FULL)
    if len(where) < len(known):
        known = known[where]
    man = np.isin(number[:, 0], _MEN)
    sexed = known["sex"].is_not_null().to_numpy()
    wrong_sex = man != (known["sex"] == "M").fill_null(value=False).to_numpy() if sexed.any() else ~sexed
    month, year = digits.number(number[:, 3:5]), digits.number(number[:, 1:3])
    born = known["birth_date"]
    dated = born.is_not_null().to_numpy() & (month >= 1) & (month <= _MONTHS)
    same = born.dt.month().fill_null(0).to_numpy() == month
    same &= born.dt.year().fill_null(0).to_numpy() % _CENTURY == year
    return {
        "compared_sex": int(sexed.sum()),
        "sex_disagrees": int((sexed & wrong_sex).sum()),
        "compared_birth": int(dated.sum()),
        "birth_disagrees": int((dated & ~same).sum()),
    }


def of_towns(code: pl.Series, city: pl.Series) -> Counts:
    """Postal codes against towns: the same name is nearly always in the same département.

    >>> import polars as pl
    >>> of_towns(pl.Series(["56000", "56000", "56000", "29200"]), pl.Series(["Vannes", "VANNES", "Vannes", "vannes"]))
    {'compared_city': 4, 'city_disagrees': 1}
    """
    import polars as pl  # noqa: PLC0415 - names the columns of a frame

    rows_ = pl.DataFrame({"d": code.str.head(2), "c": city.str.to_uppercase()}).drop_nulls()
    counted = (
        rows_.group_by("c", "d").len().group_by("c").agg(total=pl.col("len").sum(), most=pl.col("len").max())
    )
    often = counted.filter(pl.col("total") > 2)  # noqa: PLR2004
    total = int(often["total"].sum())
    return {"compared_city": total, "city_disagrees": total - int(often["most"].sum())}


def add(to: Counts, more: Mapping[str, int]) -> None:
    """Adds the counts of one more batch."""
    for fact, number in more.items():
        if number:
            to[fact] = to.get(fact, 0) + number


def confidence(before: float, counts: Mapping[str, int]) -> float:
    """The confidence in a finding after other columns of its rows were asked.

    >>> confidence(0.8, {"compared_sex": 100, "sex_disagrees": 1})
    0.99
    >>> confidence(0.8, {"compared_city": 50, "city_disagrees": 40})
    0.56
    """
    now = before
    for compared, wrong in _CHECKS:
        asked = counts.get(compared, 0)
        if asked < _ENOUGH:
            continue
        share = 1 - counts.get(wrong, 0) / asked
        if share < _DISAGREE:
            now = min(now, round(before * 0.7, 3))
        elif share >= _AGREE and now >= before:
            now = max(now, 0.99)
    return now


def note(counts: Mapping[str, int]) -> str | None:
    """The facts of a finding as its ``note``: ids and numbers, which ``said`` puts into words."""
    kept = {fact: n for fact, n in counts.items() if n and fact in _words()}
    return "; ".join(f"{fact}={n}" for fact, n in sorted(kept.items())) or None


def said(noted: str | None, lang: str) -> tuple[str, ...]:
    """The sentences of a ``note`` in French (fr) or English (en), most serious first.

    >>> said("corsica=1; unrecoverable=1200", "en")
    ('1,200 values unrecoverable: a spreadsheet destroyed their digits', '1 number of Corsica')
    """
    counts = dict(part.split("=", 1) for part in (noted or "").split("; ") if "=" in part)
    gap = "\N{NARROW NO-BREAK SPACE}" if lang == "fr" else ","
    return tuple(
        words[lang if counts[fact] != "1" else f"{lang}_one"].format(
            n=f"{int(counts[fact]):,}".replace(",", gap)
        )
        for fact, words in _words().items()
        if fact in counts
    )


@cache
def _words() -> dict[str, dict[str, str]]:
    said_in = ("fr", "fr_one", "en", "en_one")
    required: dict[str, type] = dict.fromkeys(("id", *said_in), str)
    found = rows("finding_facts", "fact", required)
    return {row["id"]: {form: row[form] for form in said_in} for row in found}
