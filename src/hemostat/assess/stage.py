"""How bad for whom: each distinct set of categories is judged once, then joined to its people."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from hemostat.assess.reach import reach
from hemostat.assess.severity import (
    Circumstances,
    answers_allowed,
    circumstances_from,
    severity,
    severity_rules,
)
from hemostat.case import decide
from hemostat.errors import UsageError
from hemostat.rules import mask_of

if TYPE_CHECKING:
    from datetime import date

    from hemostat.case import Case
    from hemostat.model import Progress

ADULT = 18
"""Age of majority (Code civil, art. 414)."""
DECISION = "severity"


@dataclass(frozen=True, slots=True)
class Cohort:
    """The people of one cohort: how many, which scores, which level was proposed and which is in force."""

    id: str
    minor: bool
    persons: int
    lowest: float
    highest: float
    proposed: str
    level: str
    why: str | None
    by: str | None


def run(case: Case, progress: Progress) -> None:
    """Reads `person`, `identity` and decisions; fills `severity_profile`, `person_flag` and `person_reach`."""
    progress.step("assess", 0)
    flags = _flags(case, case.now().date())
    with case.transaction():
        case.execute("delete from person_flag; delete from severity_profile")
        masks = pl.DataFrame(
            case.query("select mask_lo, mask_hi, count(*) as persons from person group by all order by 1, 2")
        )
        minors = flags.filter("minor")["person_id"]
        profiles = profiles_of(masks, circumstances(case), levels_said(case), minors=not minors.is_empty())
        case.append("severity_profile", profiles)
        case.append("person_flag", flags)
        case.execute("delete from person_reach")
        case.append("person_reach", reach(case))
    progress.step("assess", masks.height, masks.height)


def profiles_of(
    masks: pl.DataFrame, around: Circumstances, said: dict[str, str], *, minors: bool
) -> pl.DataFrame:
    """Table `severity_profile`: one row per distinct mask, and one more for minors when there are any."""
    found: list[dict[str, Any]] = []
    for minor in (False, True) if minors else (False,):
        for low, high in masks.select("mask_lo", "mask_hi").iter_rows():
            one = severity(low, high, around, minor=minor)
            name = f"{one.cohort}_minor" if minor else one.cohort
            found.append(
                {
                    "profile_id": len(found) + 1,
                    "mask_lo": low,
                    "mask_hi": high,
                    "minor": minor,
                    "cohort": one.cohort,
                    "context": one.context,
                    "class": one.context_class,
                    "identification": one.identification,
                    "circumstances": one.circumstances,
                    "score": one.score,
                    "band": one.band,
                    "proposed": one.level,
                    "level": said.get(name, one.level),
                    "reasons": " ".join(one.reasons),
                    "scams": " ".join(one.scams),
                }
            )
    return pl.DataFrame(found, schema=_PROFILE)


_PROFILE = {
    "profile_id": pl.Int32,
    "mask_lo": pl.UInt64,
    "mask_hi": pl.UInt64,
    "minor": pl.Boolean,
    "cohort": pl.String,
    "context": pl.Int32,
    "class": pl.String,
    "identification": pl.Float64,
    "circumstances": pl.Float64,
    "score": pl.Float64,
    "band": pl.String,
    "proposed": pl.String,
    "level": pl.String,
    "reasons": pl.String,
    "scams": pl.String,
}


def _flags(case: Case, today: date) -> pl.DataFrame:
    """person_id, minor, deceased, protected: of those who are one of these.

    What the controller's own file says of a person's birth comes before what the leak says. An adult for whom either
    holds a legal representative is protected.
    """
    since = today.replace(year=today.year - ADULT, day=min(today.day, 28))
    found = _leaked_flags(case, since)
    own = pl.DataFrame(case.query(_OWN_FILE)).with_columns(own_minor=_young(since))
    low, high = mask_of(["legal_guardian"])
    guarded = pl.DataFrame(case.query(_GUARDED, (low, high)))
    joined = (
        pl.concat([found.select("person_id"), own.select("person_id"), guarded])
        .unique()
        .join(found, on="person_id", how="left")
        .join(own, on="person_id", how="left")
        .join(guarded.with_columns(protected=True), on="person_id", how="left")
    )
    minor = pl.coalesce("own_minor", "minor").fill_null(value=False)
    return (
        joined.select(
            "person_id",
            minor=minor,
            deceased=(
                pl.col("deceased").fill_null(value=False) | pl.col("own_deceased").fill_null(value=False)
            ),
            protected=pl.col("protected").fill_null(value=False) & ~minor,
        )
        .filter(pl.col("minor") | pl.col("deceased") | pl.col("protected"))
        .sort("person_id")
    )


_OWN_FILE = """
select p.person_id, i.birth_date, i.birth_year, i.deceased as own_deceased
from person p join identity i on i.record_id = p.patient_record
where i.birth_date is not null or i.birth_year is not null or i.deceased
"""
_GUARDED = """
select p.person_id from person p left join record r on r.record_id = p.patient_record
where ((p.mask_lo | coalesce(r.mask_lo, 0)) & ?) != 0 or ((p.mask_hi | coalesce(r.mask_hi, 0)) & ?) != 0
"""


def _young(since: date) -> pl.Expr:
    """Whether the birth date, or else the year, is that of a minor; null when neither is known."""
    by_year = pl.when(pl.col("birth_date").is_null()).then(pl.col("birth_year") > since.year)
    return pl.coalesce(pl.col("birth_date") > since, by_year)


def _leaked_flags(case: Case, since: date) -> pl.DataFrame:
    """person_id, minor, deceased: of those whom the leak says to be either; age is that of the birth date shown."""
    parts = case.rows(
        "select name from part where \"table\" = 'identity' and evidence_id in "
        "(select evidence_id from evidence where role in ('leak', 'log')) order by evidence_id, seq"
    )
    wanted = ["record_id", "birth_date", "birth_year", "deceased"]
    traits = [pl.DataFrame(case.staged(name, wanted).select(wanted)) for (name,) in parts]
    nobody = pl.DataFrame(schema={"person_id": pl.Int64, "minor": pl.Boolean, "deceased": pl.Boolean})
    if not traits:
        return nobody
    held = pl.concat(traits)
    young = _young(since)
    some = held.filter(young | pl.col("deceased"))["record_id"]
    if some.is_empty():
        return nobody
    owners = pl.DataFrame(
        case.query("select record_id, person_id from record_person where person_id is not null")
    )
    # few of many: a test of membership costs a fraction of a join
    concerned = owners.filter(_among("record_id", some))["person_id"].unique()
    theirs = owners.filter(_among("person_id", concerned))
    own = theirs["record_id"]
    prints = pl.DataFrame(case.query("select record_id, print_hi from record")).filter(
        _among("record_id", own)
    )
    held = held.filter(_among("record_id", own))
    defaulted = (pl.col("birth_date").dt.month() == 1) & (pl.col("birth_date").dt.day() == 1)
    return (
        theirs.join(prints, on="record_id")
        .join(held, on="record_id")
        .sort(pl.col("birth_date").is_null(), defaulted, "print_hi")
        .select(
            "person_id",
            minor=young.fill_null(value=False),
            deceased=pl.col("deceased").fill_null(value=False),
        )
        .group_by("person_id", maintain_order=True)
        .agg(pl.col("minor").first(), pl.col("deceased").any())
        .filter(pl.col("minor") | pl.col("deceased"))
    )


def _among(name: str, values: pl.Series) -> pl.Expr:
    return pl.col(name).is_in(values.implode())


# -- what people say about severity


def circumstances(case: Case) -> Circumstances:
    """The circumstances in force: the default, and what was decided since."""
    found = case.rows("select subject, value from decision where kind = ? order by decision_id", (DECISION,))
    return circumstances_from(found)


def levels_said(case: Case) -> dict[str, str]:
    """The levels that a person put in place of the proposed ones, by cohort."""
    found = case.rows(
        "select subject, value from decision where kind = ? and subject like 'level:%' order by decision_id",
        (DECISION,),
    )
    last = {subject.removeprefix("level:"): value for subject, value in found}
    return {cohort: level for cohort, level in last.items() if level != "proposed"}


def judge(case: Case, subject: str, value: str, why: str, progress: Progress) -> int:
    """Records what a person says about severity, and judges again. Gives the number of the decision.

    Raises:
        UsageError: the subject or the word is unknown, or the reason is missing.
    """
    allowed = answers_allowed()
    if subject not in allowed:
        names = ", ".join(name for name in allowed if ":" not in name)
        raise UsageError(
            f"Nothing about severity is called {subject}: say one of {names}, lowered:CATEGORY or level:COHORT.",
            f"Rien de la gravité ne s'appelle {subject} : dites l'un de {names}, lowered:CATÉGORIE ou level:COHORTE.",
        )
    if value not in allowed[subject]:
        words = ", ".join(allowed[subject])
        raise UsageError(
            f"{subject} takes one of: {words}.",
            f"{subject} prend l'une de ces valeurs : {words}.",
        )
    if not why.strip():
        raise UsageError(
            "Say why: a judgement without its reason does not hold.",
            "Dites pourquoi : sans motif, un jugement ne tient pas.",
        )
    with case.transaction():
        number = decide(case, DECISION, subject, value, why)
        run(case, progress)
    return number


# -- what is read from it


def severity_counts(case: Case) -> dict[str, int] | None:
    """People by level in force; None as long as nobody was judged."""
    if not case.rows("select 1 from person_severity limit 1"):
        return None
    counted = dict(case.rows("select level, count(*) from person_severity group by level"))
    return {level: counted.get(level, 0) for level in severity_rules().levels}


def cohorts(case: Case) -> tuple[Cohort, ...]:
    """The cohorts of a case: highest level first, then highest score, then number of people."""
    said = {
        subject.removeprefix("level:"): (why, by)
        for subject, why, by in case.rows(
            "select subject, why, \"by\" from decision where kind = ? and subject like 'level:%' order by decision_id",
            (DECISION,),
        )
    }
    in_force = levels_said(case)
    ranks = severity_rules().levels
    found = case.rows(
        "select cohort, q.minor, count(*), min(q.score), max(q.score), list(distinct q.proposed), "
        "list(distinct q.level) from person_severity s join severity_profile q using (profile_id) group by 1, 2"
    )
    listed = []
    for cohort, minor, persons, low, high, proposed, levels in found:
        name = f"{cohort}_minor" if minor else cohort
        why, by = said.get(name, (None, None)) if name in in_force else (None, None)
        worst = [max(those, key=ranks.__getitem__) for those in (proposed, levels)]
        listed.append(Cohort(cohort, minor, persons, low, high, worst[0], worst[1], why, by))
    return tuple(sorted(listed, key=lambda one: (-ranks[one.level], -one.highest, -one.persons, one.id)))
