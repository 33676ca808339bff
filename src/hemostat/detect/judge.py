"""Which categories a column holds: the heading proposes, the values decide.

``judge`` knows a column by its heading and a sample of its distinct values; it is pure, and needs no case.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from hemostat.detect import address, dates, days, headings, kinds, names, placeholders
from hemostat.detect.formats import Format, formats
from hemostat.model import About, Category

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from hemostat.detect.digits import Bools

RULE = "rule"
"""``decided_by`` of what no person decided."""

_TYPED = ("email", "ins", "iban", "nir", "hash", "token", "uuid", "ip", "device", "rpps", "cip13", "card", "card_lost",
          "phone", "hex", "picture")  # fmt: skip
"""Kinds that say what they are whatever the heading, surest first."""
_VALUE_ORDER = (*_TYPED, "cp_city", "blood", "cim10", "ccam", "atc_full", "titled", "address", "facility", "sex_word",
                "marital", "money", "tension", "measure", "drug", "card_brand", "full_name", "city", "first_name",
                "surname")  # fmt: skip
_LEXICAL = ("full_name", "city", "first_name", "surname")
_SURE = frozenset({"email", "ins", "iban", "nir", "hash", "rpps", "cip13", "card", "ip", "uuid"})
_MIXABLE = {"email": Category.EMAIL, "phone": Category.PHONE, "nir": Category.NIR, "iban": Category.IBAN}
_DATES = ("date", "datetime", "compact_date", "words_date")
_PROSE = frozenset(
    {Category.MEDICAL_COMMENT, Category.WRITTEN_EXCHANGE, Category.CONSULTATION_REASON, Category.MEDICAL_HISTORY,
     Category.PRESCRIPTION, Category.SECURITY_ANSWER, Category.RELATIVE, Category.TRUSTED_PERSON,
     Category.LEGAL_GUARDIAN}
)  # fmt: skip
_ABOUT = {
    Category.TREATING_DOCTOR: About.PROFESSIONAL,
    Category.PROFESSIONAL_ID: About.PROFESSIONAL,
    Category.FACILITY: About.TENANT,
    Category.RELATIVE: About.RELATIVE,
    Category.TRUSTED_PERSON: About.RELATIVE,
    Category.LEGAL_GUARDIAN: About.RELATIVE,
}
_NAMES = frozenset({Category.BIRTH_NAME, Category.USED_NAME, Category.FIRST_NAME, Category.FULL_NAME})
_SOME, _LEAST, _HALF, _MOST, _NEARLY = 0.25, 0.45, 0.5, 0.9, 0.95
_FEW = 5
_SPREAD_YEARS = 25
_DECADES = 40
_MIX = 0.01
_FLAGS = 10
_LONG = 400
_WORDY = 40
"""Mean length from which a text under an unknown heading is taken for a comment: better one too many."""


FLOAT = r"^[0-9]+[.,]0$"


def shortened(values: pl.Series) -> pl.Series:
    """Values cut after some hundred characters: a photograph in a cell need not be read to its end to be judged."""
    return values.str.head(_LONG) if (values.str.len_bytes() > _LONG).any() else values


def unfloated(values: pl.Series) -> pl.Series:
    """Whole numbers without the decimal that a spreadsheet gave them.

    >>> unfloated(pl.Series(["639980123.0", "12,5"])).to_list()
    ['639980123', '12,5']
    """
    return values.str.replace(r"^([0-9]+)[.,]0$", "$1")


@dataclass(frozen=True, slots=True)
class ColumnSample:
    """One column as pass A leaves it: heading, distinct values (placeholders gone, trimmed), exact counts.

    ``floats``: a spreadsheet wrote every whole number with a decimal (``12.0``), gone from ``values`` too.
    """

    heading: str
    values: pl.Series
    rows: int
    filled: int
    distinct: float
    floats: bool = False

    @classmethod
    def of(cls, heading: str, values: Sequence[str | None]) -> ColumnSample:
        """A sample of values at hand, for ``scan`` and tests.

        >>> ColumnSample.of("tel", ["0199000412", None, "NULL"]).filled
        1
        """
        column = pl.Series(values, dtype=pl.String)
        kept = shortened(placeholders.without(column))
        floats = bool(len(kept)) and bool(kept.str.contains(FLOAT).all())
        distinct = (unfloated(kept) if floats else kept).unique(maintain_order=True)
        return cls(heading, distinct, len(column), len(kept), float(len(distinct)), floats=floats)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One category of a column.

    ``share``: part of the sample that confirms it. ``part``: a piece of a datum that another column completes (the
    key of a NIR, a calling code), of a cell that holds several (``cp_city``), or how its values are written.
    """

    category: Category
    about: About
    confidence: float
    share: float
    part: str | None = None
    style: dates.Style | None = None
    decided_by: str = RULE


@dataclass(frozen=True, slots=True)
class _View:
    """A column under judgement: its sample and the kinds of its values."""

    sample: ColumnSample
    kinds: dict[str, Bools]
    table: str
    today: date

    def share(self, *names_: str) -> float:
        """Share of the sample that is of any of these kinds."""
        return float(self.any(*names_).mean()) if len(self.sample.values) else 0.0

    def any(self, *names_: str) -> Bools:
        """Which values are of any of these kinds."""
        found = np.zeros(len(self.sample.values), dtype=np.bool_)
        for name in names_:
            found |= self.kinds[name]
        return found


def judge(
    heading: str, values: Sequence[str | None], *, today: date, table: str = ""
) -> tuple[Candidate, ...]:
    """The categories of one column, main one first; empty when it is about none.

    >>> from datetime import date
    >>> [str(c.category) for c in judge("tel", ["a@example.org", "b@example.net"], today=date(2025, 11, 28))]
    ['email']
    """
    return judge_table([ColumnSample.of(heading, values)], table=table, today=today)[0]


def judge_table(
    samples: Sequence[ColumnSample], *, table: str, today: date
) -> tuple[tuple[Candidate, ...], ...]:
    """The categories of every column of one table, neighbours considered.

    Args:
        samples: its columns.
        table: its evidence name; a table called ``prescriptions`` says what its bare ``date`` is.
        today: no birth and no two-digit year lies after it.
    """
    if not samples:
        return ()
    together = pl.concat([s.values for s in samples])
    found = kinds.measure(together)
    views, start = [], 0
    for sample in samples:
        stop = start + len(sample.values)
        views.append(_View(sample, {name: hits[start:stop] for name, hits in found.items()}, table, today))
        start = stop
    judged = [_column(view) for view in views]
    return tuple(_neighbours(views, judged))


def _column(view: _View) -> tuple[Candidate, ...]:
    if not len(view.sample.values):
        return ()
    if headings.is_nothing(view.sample.heading):
        return _typed_despite(view)
    by_value = _by_values(view)
    by_heading = _by_heading(view)
    chosen = _settle(view, by_heading, by_value)
    if chosen is None:
        return _mixture(view, None)
    return _taken_apart(view, chosen)


def _typed_despite(view: _View) -> tuple[Candidate, ...]:
    """A heading that promises nothing is believed unless the values are plainly identifiers."""
    plain = [
        c
        for kind in ("email", "iban", "nir", "ins", "hash", "phone", "card", "rpps")
        for c in _alone(view, (kind,))
        if c.share >= _MOST
    ]
    return (plain[0],) if plain else ()


def _alone(view: _View, order: Sequence[str]) -> list[Candidate]:
    """Categories that the values name by themselves, in the order given."""
    out = []
    for kind in order:
        share = view.share(kind)
        for form in formats().values():
            least = form.alone.get(kind)
            if least is None or share < max(least, 3 * kinds.BY_NAME[kind].chance):
                continue
            about = _ABOUT.get(form.category, About.PERSON)
            sure = 0.6 + 0.38 * share if kind in _SURE else 0.75 * share
            few = 0.8 if len(view.sample.values) < _FEW else 1.0
            out.append(Candidate(form.category, about, round(sure * few, 3), share))
    return out


def _by_values(view: _View) -> Candidate | None:
    """What the values say without the heading."""
    typed = _alone(view, _VALUE_ORDER[: _VALUE_ORDER.index("full_name")])
    if typed:
        return typed[0]
    dated = view.share(*_DATES)
    if dated >= _HALF + 0.1:
        return _dated(view, dated)
    lexical = _alone(view, _LEXICAL)
    if not headings.is_missing(view.sample.heading):
        lexical = [c for c in lexical if c.confidence >= _LEAST]
    if lexical:
        full = [c for c in lexical if c.category is Category.FULL_NAME]
        first = [c for c in lexical if c.category is Category.FIRST_NAME and c.share > view.share("surname")]
        return (full or first or sorted(lexical, key=lambda c: -c.share))[0]
    return _untyped(view)


def _dated(view: _View, share: float) -> Candidate | None:
    """Birth dates spread over decades; appointments cluster in recent years, and need a heading that allows them."""
    style = _style(view)
    dateless = not headings.is_missing(view.sample.heading) and not headings.speaks_of_time(
        view.sample.heading
    )
    if view.share("datetime") < _HALF and _spread(view, style) >= (_DECADES if dateless else _SPREAD_YEARS):
        return Candidate(Category.BIRTH_DATE, About.PERSON, 0.5 if dateless else 0.7, share, style=style)
    return None if dateless else Candidate(Category.APPOINTMENT, About.PERSON, 0.45, share, style=style)


def _spread(view: _View, style: dates.Style) -> float:
    """Years between the 5th and the 95th percentile of the sample's dates; 0 if many are no age of the living."""
    years = days.read(view.sample.values, style, view.today).year.drop_nulls().to_numpy()
    ages = view.today.year - years
    if len(ages) < _FEW or ((ages < 0) | (ages > 115)).mean() > 0.05:  # noqa: PLR2004
        return 0.0
    low, high = np.quantile(ages, [0.05, 0.95])
    return float(high - low)


def _untyped(view: _View) -> Candidate | None:
    """Headless columns without a type: long varied text, unique numbers, postal codes."""
    values = view.sample.values
    if not headings.is_missing(view.sample.heading):
        wordy = view.share("text") >= _HALF and float(values.str.len_chars().mean() or 0) >= _WORDY  # type: ignore[arg-type]
        wordy = wordy and view.sample.distinct > min(_FLAGS, view.sample.filled / 5)
        return Candidate(Category.MEDICAL_COMMENT, About.PERSON, 0.35, view.share("text")) if wordy else None
    if view.share("nir_body") >= _NEARLY and len(values) >= 20:  # noqa: PLR2004
        return Candidate(Category.NIR, About.PERSON, 0.6, view.share("nir_body"))
    length = float(values.str.len_chars().mean() or 0)  # type: ignore[arg-type]
    if view.share("text") >= _HALF and length >= 20:  # noqa: PLR2004
        return Candidate(Category.MEDICAL_COMMENT, About.PERSON, 0.4, view.share("text"))
    round_codes = float(values.str.ends_with("0").mean() or 0)  # type: ignore[arg-type]
    if view.share("postal") >= _NEARLY and round_codes >= _HALF and len(values) >= 20:  # noqa: PLR2004
        return Candidate(Category.POSTAL_CODE, About.PERSON, 0.6, view.share("postal"))
    unique = view.sample.distinct >= 0.97 * view.sample.filled
    if unique and view.share("integer", "code") >= _NEARLY and len(values) >= 20:  # noqa: PLR2004
        return Candidate(Category.INTERNAL_ID, About.PERSON, 0.5, view.share("integer", "code"))
    return None


def _by_heading(view: _View) -> Candidate | None:
    """The best of what the heading proposes and the values allow."""
    ranked: list[tuple[float, Candidate]] = []
    context = headings.table_category(view.table)
    for proposal in headings.propose(view.sample.heading):
        if proposal.part is not None:
            continue
        form = formats()[proposal.category]
        confirmed, accepted = view.share(*form.confirms), view.share(*form.accepts)
        weak = proposal.strength < 0.7  # noqa: PLR2004
        plausible = view.share(*form.hinted) if proposal.hint or weak else max(confirmed, accepted)
        if plausible < _HALF or (proposal.hint and _only_dates(view, form)):
            continue
        if weak and proposal.category in _NAMES and view.share("first_name", "surname", "full_name") < _SOME:
            continue  # `nom_produit` is no name of a person unless its values are
        if (
            proposal.category is Category.INTERNAL_ID
            and view.sample.distinct <= _FLAGS < view.sample.filled / 10
        ):
            continue  # ten values over a hundred rows number nobody
        confidence = (0.5 + 0.3 * proposal.strength + 0.18 * confirmed) * (0.6 + 0.4 * plausible)
        confidence -= 0.1 * proposal.hint + 0.15 * weak
        if proposal.category is Category.NIR and confirmed >= _HALF > view.share(
            "nir", "nir_body", "nir_lost"
        ):
            confidence = 0.5  # the shape is there, the keys are not: damaged or made up
        rank = proposal.strength + 0.3 * confirmed + (0.5 if proposal.category is context else 0)
        ranked.append(
            (rank, Candidate(proposal.category, proposal.about, round(min(confidence, 0.99), 3), confirmed))
        )
    best = max(
        (r for r in ranked if r[1].confidence >= _LEAST), key=lambda pair: pair[0], default=(0.0, None)
    )[1]
    if context is None or not headings.is_bare(view.sample.heading):
        return best
    accepted = view.share(*formats()[context].accepts)
    return best if accepted < _HALF else Candidate(context, _ABOUT.get(context, About.PERSON), 0.7, accepted)


def _only_dates(view: _View, form: Format) -> bool:
    """Whether the values are dates under a mere hint of a category that dates do not confirm."""
    return view.share(*_DATES) >= 0.8 and not set(form.confirms) & set(_DATES)  # noqa: PLR2004


def _settle(view: _View, heading: Candidate | None, value: Candidate | None) -> Candidate | None:
    """One category out of what the heading and the values say."""
    if heading is None:
        return _password(view) or value
    if value is None:
        return heading
    if heading.category is value.category:
        return replace(
            heading,
            confidence=max(heading.confidence, value.confidence),
            share=max(heading.share, value.share),
        )
    form = formats()[heading.category]
    kind = _kind_of(view, value)
    if kind in _TYPED and kind not in (*form.accepts, *form.confirms):
        return replace(value, about=heading.about if value.about is About.PERSON else value.about)
    if heading.category is Category.APPOINTMENT and value.category is Category.BIRTH_DATE:
        bare = headings.is_bare(view.sample.heading)
        return value if bare and _spread(view, _style(view)) >= _DECADES else heading
    return _names_settled(view, heading, value)


def _kind_of(view: _View, value: Candidate) -> str:
    form = formats()[value.category]
    return max(form.alone, key=view.share, default="")


def _names_settled(view: _View, heading: Candidate, value: Candidate) -> Candidate:
    """Surnames under a heading of first names, and the like: the lexicons must be plain to overrule."""
    first, last, full = view.share("first_name"), view.share("surname"), view.share("full_name")
    surnames = (Category.USED_NAME, Category.BIRTH_NAME)
    whole = full >= 0.8 and heading.about is About.PERSON and view.share("surnamed") >= _SOME  # noqa: PLR2004
    if heading.category in (*surnames, Category.FIRST_NAME) and whole:
        return replace(heading, category=Category.FULL_NAME, confidence=0.7, share=full)
    if heading.category in surnames and first >= 0.75 and last < 0.35:  # noqa: PLR2004
        return replace(heading, category=Category.FIRST_NAME, confidence=0.7, share=first)
    if heading.category is Category.FIRST_NAME and last >= _HALF and first <= 0.2:  # noqa: PLR2004
        return replace(heading, category=Category.USED_NAME, confidence=0.7, share=last)
    if heading.confidence < _HALF and value.confidence > heading.confidence:
        return value
    return heading


def _password(view: _View) -> Candidate | None:
    """A heading of hashes over values in clear: passwords."""
    proposed = {p.category for p in headings.propose(view.sample.heading)}
    if Category.PASSWORD_HASH in proposed and view.share("clear") >= _MOST and view.share("random") < _HALF:
        return Candidate(Category.PASSWORD, About.PERSON, 0.6, view.share("clear"))
    return None


def _style(view: _View) -> dates.Style:
    values = view.sample.values
    first, second = dates.first_and_second(values)
    numeric = dates.Numeric.NOTHING
    if view.share("age", "year", "serial", "epoch") > 0.02:  # noqa: PLR2004
        numeric = dates.numeric(values)
    return dates.Style(dates.order(first, second), numeric, dates.elders(values, view.today))


def _taken_apart(view: _View, main: Candidate) -> tuple[Candidate, ...]:
    """The main category with its style, the others of a composite or mixed column after it."""
    if main.category in (Category.BIRTH_DATE, Category.DEATH_DATE) and main.style is None:
        style = _style(view)
        if main.category is Category.DEATH_DATE and style.numeric is dates.Numeric.AGE:
            style = replace(style, numeric=dates.Numeric.NOTHING)  # 0 and 1 say whether, not when
        main = replace(main, style=style)
    if main.category is Category.PAYMENT_CARD and view.share("card", "card_lost") < 0.2:  # noqa: PLR2004
        main = replace(main, part="detail")
    if main.category is Category.NIR and view.share("nir", "nir_shaped", "nir_body", "nir_lost") < _HALF:
        main = replace(main, part="unproven")  # a number of some country: no trait unless its key is right
    out = [main]
    if main.category in (Category.POSTAL_CODE, Category.CITY) and view.share("cp_city") >= _HALF:
        code = replace(main, category=Category.POSTAL_CODE, part="cp_city", share=view.share("cp_city"))
        return code, replace(code, category=Category.CITY)
    if main.category is Category.POSTAL_CODE and view.share("postal", "postal_short") >= _MOST:
        return (
            replace(main, part="french"),
        )  # its four-digit codes lost a zero; elsewhere they are codes of abroad
    if main.category is Category.POSTAL_ADDRESS:
        full = float(view.sample.values.str.contains(address.WHOLE).mean() or 0)  # type: ignore[arg-type]
        if full >= 0.3:  # noqa: PLR2004
            whole = replace(main, part="whole")
            return whole, *(
                replace(whole, category=c, share=full) for c in (Category.POSTAL_CODE, Category.CITY)
            )
    if main.category is Category.FULL_NAME:
        leads = names.first_name_leads(view.sample.values)
        return (replace(main, part="first_last" if leads else "last_first"), *_mixture(view, main))
    if main.category is Category.LOGIN and view.share("email") >= _MIX:
        out.append(Candidate(Category.EMAIL, main.about, 0.9, view.share("email")))
    if (
        main.category is Category.PHONE
        and view.share("phone9")
        and view.share("phone", "phone9", "email") >= _MOST
    ):
        out[0] = replace(
            main, part="lost_zero"
        )  # among French numbers, nine digits are ten without their zero
    return (*out, *(c for c in _mixture(view, main) if c.category not in {o.category for o in out}))


def _mixture(view: _View, main: Candidate | None) -> tuple[Candidate, ...]:
    """Plain identifiers among the values that the main category does not explain (`contact`: phone or e-mail)."""
    if main is not None and (main.category in _PROSE or view.share("text") >= _HALF):
        return ()
    count = len(view.sample.values)
    shares = {kind: view.share(kind) for kind in _MIXABLE}
    if main is None:
        if headings.is_nothing(view.sample.heading) or sum(shares.values()) < 0.8:  # noqa: PLR2004
            return ()
        explained = np.zeros(count, dtype=np.bool_)
    else:
        own = [k for k, c in _MIXABLE.items() if c is main.category]
        explained = view.any(*own) if own else np.zeros(count, dtype=np.bool_)
    out = []
    about = main.about if main is not None else About.PERSON
    for kind, category in _MIXABLE.items():
        if main is not None and category is main.category:
            continue
        chance = kinds.BY_NAME[kind].chance
        rest = float((view.kinds[kind] & ~explained).mean())
        if kind == "phone" and main is not None and main.category is not Category.EMAIL:
            continue  # ten digits are a phone only where nothing else explains them
        # six deviations above luck
        if rest >= max(_MIX, (2 if chance else 1) / count, min(0.4, chance + 6 * (chance / count) ** 0.5)):
            out.append(Candidate(category, about, round(0.6 + 0.3 * rest, 3), rest))
    return tuple(sorted(out, key=lambda c: -c.share))


def _neighbours(views: Sequence[_View], judged: list[tuple[Candidate, ...]]) -> list[tuple[Candidate, ...]]:
    """Columns that complete another one: the key of a NIR, the calling code of a phone."""
    have = {c.category for column in judged for c in column if c.about is About.PERSON}
    bare_nir = any(
        column and column[0].category is Category.NIR and view.share("nir_body") >= _HALF
        for view, column in zip(views, judged, strict=True)
    )
    out = []
    for view, column in zip(views, judged, strict=True):
        parts = {p.part: p for p in headings.propose(view.sample.heading) if p.part is not None}
        found = column
        if "key" in parts and bare_nir and _is_key(view.sample.values):
            found = (Candidate(Category.NIR, parts["key"].about, 0.9, 1.0, part="key"),)
        elif (
            "country_code" in parts
            and Category.PHONE in have
            and view.share("rank", "cvv", "phone_loose") >= _MOST
        ):
            found = (Candidate(Category.PHONE, parts["country_code"].about, 0.9, 1.0, part="country_code"),)
        out.append(found)
    return out


def _is_key(values: pl.Series) -> bool:
    number = values.str.replace(r"[.,]0$", "").cast(pl.Int32, strict=False)
    return bool((number.is_between(1, 97).fill_null(value=False).mean() or 0) >= _NEARLY)  # type: ignore[operator]


def as_decided(
    sample: ColumnSample, found: tuple[Candidate, ...], category: Category | None, by: str, today: date
) -> tuple[Candidate, ...]:
    """What a person decided about a column, in place of what the rules found; None is no category."""
    if category is None:
        return ()
    own = next((c for c in found if c.category is category), None)
    if own is None:
        view = _View(sample, kinds.measure(sample.values), "", today)
        proposed = [p.about for p in headings.propose(sample.heading) if p.category is category]
        about = proposed[0] if proposed else _ABOUT.get(category, About.PERSON)
        return tuple(
            replace(c, confidence=1.0, decided_by=by)
            for c in _taken_apart(
                view, Candidate(category, about, 1.0, view.share(*formats()[category].confirms))
            )
        )
    together = [c for c in found if c is own or (own.part is not None and c.part == own.part)]
    return tuple(replace(c, confidence=1.0, decided_by=by) for c in together)


def with_order(found: tuple[Candidate, ...], order: dates.Order) -> tuple[Candidate, ...]:
    """The same categories, their dates read in this order."""
    return tuple(c if c.style is None else replace(c, style=replace(c.style, order=order)) for c in found)
