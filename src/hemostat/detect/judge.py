"""Which categories a column holds: the heading proposes, the values decide.

``judge`` knows a column by its heading and a sample of its distinct values; it is pure, and needs no case.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from hemostat.detect import composite, headings, kinds, names
from hemostat.detect.apart import mixture, taken_apart
from hemostat.detect.by_heading import by_heading
from hemostat.detect.by_texts import by_texts
from hemostat.detect.by_values import DECADES, TYPED, alone, by_values
from hemostat.detect.context import in_context
from hemostat.detect.formats import formats
from hemostat.detect.samples import ColumnSample
from hemostat.detect.view import ABOUT, HALF, MOST, NEARLY, SOME, Candidate, View, spread, style, style_of
from hemostat.model import About, Category

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from hemostat.detect import dates


_NAMED = 0.7
"""Share of whole names from which a heading that they do not confirm only says what those people do."""
_NAME_BEARING = frozenset(
    {Category.BIRTH_NAME, Category.USED_NAME, Category.FIRST_NAME, Category.FULL_NAME, Category.TREATING_DOCTOR,
     Category.RELATIVE, Category.TRUSTED_PERSON, Category.LEGAL_GUARDIAN, Category.LOGIN, Category.MEDICAL_COMMENT,
     Category.WRITTEN_EXCHANGE, Category.PATHOLOGY, Category.TREATMENT, Category.PASSWORD, Category.CITY,
     Category.FACILITY, Category.POSTAL_ADDRESS, Category.SECURITY_ANSWER, Category.BIRTH_PLACE}
)  # fmt: skip


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
    named, prefix = headings.without_prefix([sample.heading for sample in samples])
    told = headings.prefix_category(prefix)
    views, start = [], 0
    for sample, name in zip(samples, named, strict=True):
        stop = start + len(sample.values)
        views.append(
            View(sample, {kind: hits[start:stop] for kind, hits in found.items()}, table, today, name, told)
        )
        start = stop
    judged = [_column(view) for view in views]
    return tuple(in_context(views, _neighbours(views, judged)))


def _column(view: View) -> tuple[Candidate, ...]:
    if not len(view.sample.values):
        return ()
    if headings.is_nothing(view.heading):
        return _typed_despite(view)
    several = _several(view)
    if several:
        return several
    chosen = _settle(view, by_heading(view), by_values(view))
    if chosen is None:
        mixed = mixture(view, None)
        spoken = None if mixed else by_texts(view)
        return mixed if spoken is None else (spoken,)
    return taken_apart(view, chosen)


def _several(view: View) -> tuple[Candidate, ...]:
    """The data of cells that hold several: JSON objects, a name with its birth date, contacts side by side."""
    if view.share("json") >= MOST:
        return _out_of_json(view)
    if view.share("name_birth") >= HALF + 0.1:
        apart = composite.name_and_birth(view.sample.values)
        born = View(ColumnSample.of("", apart["birth_date"].to_list()), {}, view.table, view.today)
        birth = Candidate(Category.BIRTH_DATE, About.PERSON, 0.8, view.share("name_birth"), "name_birth")
        leads = names.first_name_leads(apart["full_name"])
        name = replace(birth, category=Category.FULL_NAME, part="name_birth_first" if leads else "name_birth")
        return name, replace(birth, style=style_of(born.sample.values, view.today))
    both = view.share("email_inside"), view.share("phone_inside")
    prose = view.share("text") >= SOME or view.share("email", "phone") >= MOST
    if min(both) >= 0.1 and view.share("email_inside", "phone_inside") >= MOST and not prose:  # noqa: PLR2004
        about = headings.about(view.heading)
        return tuple(
            Candidate(category, about, round(0.6 + 0.3 * share, 3), share, "inside")
            for category, share in sorted(
                zip((Category.EMAIL, Category.PHONE), both, strict=True), key=lambda pair: -pair[1]
            )
        )
    return ()


def _out_of_json(view: View) -> tuple[Candidate, ...]:
    """One judgement for each path of the objects; of two paths with one category, the surer one."""
    found: dict[tuple[Category, About], Candidate] = {}
    for path in composite.paths(view.sample.values):
        inner = ColumnSample.of(path, composite.at(view.sample.values, path).to_list())
        for candidate in judge_table([inner], table=view.table, today=view.today)[0][:1]:
            key = candidate.category, candidate.about
            if candidate.part is None and (key not in found or found[key].confidence < candidate.confidence):
                found[key] = replace(candidate, part=f"{composite.JSON}{path}")
    return tuple(sorted(found.values(), key=lambda c: (-c.confidence, c.category)))


def _typed_despite(view: View) -> tuple[Candidate, ...]:
    """A heading that promises nothing is believed unless the values are plainly identifiers."""
    plain = [
        c
        for kind in ("email", "iban", "nir", "ins", "hash", "phone", "card", "rpps", "ins_status")
        for c in alone(view, (kind,))
        if c.share >= MOST
    ]
    return (plain[0],) if plain else ()


def _settle(view: View, heading: Candidate | None, value: Candidate | None) -> Candidate | None:
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
    if kind in TYPED and kind not in (*form.accepts, *form.confirms):
        return replace(value, about=heading.about if value.about is About.PERSON else value.about)
    if heading.category is Category.APPOINTMENT and value.category is Category.BIRTH_DATE:
        bare = headings.is_bare(view.heading)
        return value if bare and spread(view, style(view)) >= DECADES else heading
    named = view.share("full_name", "cased_name", "initialed", "titled")
    if named >= _NAMED and heading.share < _NAMED - HALF and heading.category not in _NAME_BEARING:
        return replace(value, category=Category.FULL_NAME, about=heading.about, share=named)
    return _names_settled(view, heading, value)


def _kind_of(view: View, value: Candidate) -> str:
    form = formats()[value.category]
    return max(form.alone, key=view.share, default="")


def _names_settled(view: View, heading: Candidate, value: Candidate) -> Candidate:
    """Surnames under a heading of first names, and the like: the lexicons must be plain to overrule."""
    first, last, full = view.share("first_name"), view.share("surname"), view.share("full_name")
    surnames = (Category.USED_NAME, Category.BIRTH_NAME)
    whole = full >= 0.8 and heading.about is About.PERSON and view.share("surnamed") >= SOME  # noqa: PLR2004
    cased = view.share("cased_name", "initialed")
    whole = whole or (cased >= 0.7 and heading.about is About.PERSON)  # noqa: PLR2004
    if heading.category in (*surnames, Category.FIRST_NAME) and whole:
        return replace(heading, category=Category.FULL_NAME, confidence=0.7, share=max(full, cased))
    if heading.category in surnames and first >= 0.75 and last < 0.35:  # noqa: PLR2004
        return replace(heading, category=Category.FIRST_NAME, confidence=0.7, share=first)
    if heading.category is Category.FIRST_NAME and last >= HALF and first <= 0.2:  # noqa: PLR2004
        return replace(heading, category=Category.USED_NAME, confidence=0.7, share=last)
    if heading.confidence < HALF and value.confidence > heading.confidence:
        return value
    return heading


def _password(view: View) -> Candidate | None:
    """A heading of hashes over values in clear: passwords."""
    proposed = {p.category for p in headings.propose(view.heading)}
    if Category.PASSWORD_HASH in proposed and view.share("clear") >= MOST and view.share("random") < HALF:
        return Candidate(Category.PASSWORD, About.PERSON, 0.6, view.share("clear"))
    return None


def _neighbours(views: Sequence[View], judged: list[tuple[Candidate, ...]]) -> list[tuple[Candidate, ...]]:
    """Columns that complete another one: the key of a NIR, the calling code of a phone."""
    have = {c.category for column in judged for c in column if c.about is About.PERSON}
    bare_nir = any(
        column and column[0].category is Category.NIR and view.share("nir_body") >= HALF
        for view, column in zip(views, judged, strict=True)
    )
    out = []
    for view, column in zip(views, judged, strict=True):
        parts = {p.part: p for p in headings.propose(view.heading) if p.part is not None}
        found = column
        if "key" in parts and bare_nir and _is_key(view.sample.values):
            found = (Candidate(Category.NIR, parts["key"].about, 0.9, 1.0, part="key"),)
        elif (
            "country_code" in parts
            and Category.PHONE in have
            and view.share("rank", "cvv", "phone_loose") >= MOST
        ):
            found = (Candidate(Category.PHONE, parts["country_code"].about, 0.9, 1.0, part="country_code"),)
        out.append(found)
    return out


def _is_key(values: pl.Series) -> bool:
    number = values.str.replace(r"[.,]0$", "").cast(pl.Int32, strict=False)
    return bool((number.is_between(1, 97).fill_null(value=False).mean() or 0) >= NEARLY)  # type: ignore[operator]


def as_decided(
    sample: ColumnSample, found: tuple[Candidate, ...], category: Category | None, by: str, today: date
) -> tuple[Candidate, ...]:
    """What a person decided about a column, in place of what the rules found; None is no category."""
    if category is None:
        return ()
    own = next((c for c in found if c.category is category), None)
    if own is None:
        view = View(sample, kinds.measure(sample.values), "", today)
        proposed = [p.about for p in headings.propose(sample.heading) if p.category is category]
        about = proposed[0] if proposed else ABOUT.get(category, About.PERSON)
        return tuple(
            replace(c, confidence=1.0, decided_by=by)
            for c in taken_apart(
                view, Candidate(category, about, 1.0, view.share(*formats()[category].confirms))
            )
        )
    together = [c for c in found if c is own or (own.part is not None and c.part == own.part)]
    return tuple(replace(c, confidence=1.0, decided_by=by) for c in together)


def with_order(found: tuple[Candidate, ...], order: dates.Order) -> tuple[Candidate, ...]:
    """The same categories, their dates read in this order."""
    return tuple(c if c.style is None else replace(c, style=replace(c.style, order=order)) for c in found)
