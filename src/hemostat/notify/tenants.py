"""Processor mode: one incident, many controllers. Each gets its own file: its people, its notice, its letters, a note.

A controller sees its own rows only: what another one leaked of the same person stays with the other. A file never
leaves in clear: it is encrypted with the controller's key, or with one made for it and written on a separate slip.
"""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
import zipfile
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

import polars as pl

from hemostat.assess import Said, controller_zone, latest, severity, times_of
from hemostat.assess.combination import joined
from hemostat.assess.instants import instant
from hemostat.assess.reach import route
from hemostat.errors import Refused, UsageError
from hemostat.model import Category
from hemostat.notify.dossier import TOPIC as NOTICE
from hemostat.notify.figures import Figures, figures
from hemostat.notify.files import write_all
from hemostat.notify.form import UNKNOWN
from hemostat.notify.letters import KEY, letters_of, wording
from hemostat.notify.lint import lint_all, plain
from hemostat.notify.notice import Basis, fill, missing
from hemostat.notify.recipients import traits_by_tenant
from hemostat.notify.sealing import ending, recipient, sealed
from hemostat.rules import bit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from hemostat.case import Case
    from hemostat.model import Progress
    from hemostat.notify.letters import Wording
    from hemostat.notify.lint import Breach, Letter

NOBODY = "(sans organisme)"
"""The name of the group of rows whose controller is not known: never dropped."""
COLUMNS = ("tenant", "siren", "contact", "told_at", "dpo", "key", "mandate")

_ROWS = """
select p.person_id, coalesce(i.tenant, t.tenant, ?) as tenant, r.mask_lo, r.mask_hi
from record_person p join record r using (record_id) left join identity i using (record_id)
left join record_tenant t using (record_id)
where p.person_id is not null and r.evidence_id in (select evidence_id from evidence where role in ('leak', 'log'))
"""


@dataclass(frozen=True, slots=True)
class Tenant:
    """What is known of a controller, from ``tenants.csv``."""

    name: str
    facts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Done:
    """Files made, files already there, and both totals of people: each counted once, and each once per controller."""

    made: int
    already: int
    distinct: int
    summed: int


def read_tenants(path: Path) -> dict[str, Tenant]:
    """The controllers of ``tenants.csv``, by name as in the column of tenants.

    Raises:
        UsageError: the file cannot be read, lacks the column ``tenant``, or gives a wrong instant or key.
    """
    try:
        rows = list(csv.DictReader(path.read_text("utf-8-sig").splitlines()))
    except (OSError, UnicodeDecodeError, csv.Error):
        rows = []
    if not rows or "tenant" not in rows[0]:
        raise UsageError(
            f"{path} must be CSV in UTF-8 with the columns {', '.join(COLUMNS)}.",
            f"{path} doit être un CSV en UTF-8 avec les colonnes {', '.join(COLUMNS)}.",
        )
    for number, row in enumerate(rows, 2):
        if row.get("told_at"):
            instant(row["told_at"])
        if row.get("key"):
            recipient(row["key"], number)
    return {row["tenant"]: Tenant(row["tenant"], {k: v for k, v in row.items() if k and v}) for row in rows}


def people_by_tenant(rows: pl.DataFrame) -> pl.DataFrame:
    """tenant, person_id, mask_lo, mask_hi: what each controller's own rows show of each person. Pure."""
    return (
        rows.group_by("tenant", "person_id")
        .agg(pl.col("mask_lo").bitwise_or(), pl.col("mask_hi").bitwise_or())
        .sort("tenant", "person_id")
    )


def make(
    case: Case, folder: Path, slips: Path | None, known: Mapping[str, Tenant], progress: Progress
) -> Done:
    """Makes the file of each controller, encrypted; run again, those already there are left as they are.

    Raises:
        Refused: nobody is known yet, a letter breaks a rule, or a key had to be made and there is no place for slips.
    """
    rows = pl.DataFrame(case.query(_ROWS, (NOBODY,)))
    if rows.is_empty():
        raise Refused(
            "Nobody is known yet: add the evidence, then hemostat analyse.",
            "Personne n'est encore connu : ajoutez les pièces, puis hemostat analyse.",
        )
    pairs = people_by_tenant(rows)
    names = sorted(pairs["tenant"].unique())
    if slips is None and any(not _facts(known, name).get("key") for name in names):
        raise Refused(
            "Some controllers have no key: give --slips, a folder apart for the keys that are made for them.",
            "Des responsables n'ont pas de clé : donnez --slips, un dossier à part pour les clés faites pour eux.",
        )
    words = wording(case)
    held = pairs.join(traits_by_tenant(case, NOBODY), on=["tenant", "person_id"], how="left").with_columns(
        pl.col("minor", "deceased", "protected").fill_null(value=False)
    )
    whole = figures(case)
    verdicts: dict[Letter, tuple[Breach, ...]] = {}
    made = 0
    for number, (name, own) in enumerate(_split(held, names), 1):
        progress.step("tenants", number, len(names))
        stem, key = f"{number:05d}-{_slug(name)}", _facts(known, name).get("key")
        if (folder / f"{stem}{ending(key)}").is_file():
            continue
        content = _file(case, Tenant(name, _facts(known, name)), own, words, whole, verdicts)
        content, slip = sealed(content, key, stem)
        if slip and slips:
            write_all(slips, {f"{stem}.txt": slip})
        write_all(folder, {f"{stem}{ending(key)}": content})
        made += 1
    case.journal("tenants.made", made=made, tenants=len(names))
    return Done(made, len(names) - made, pairs["person_id"].n_unique(), pairs.height)


def _split(pairs: pl.DataFrame, names: list[str]) -> list[tuple[str, pl.DataFrame]]:
    held = {key[0]: group for key, group in pairs.group_by("tenant", maintain_order=True)}
    return [(name, held[name].drop("tenant")) for name in names]


def _facts(known: Mapping[str, Tenant], name: str) -> Mapping[str, str]:
    found = known.get(name)
    return found.facts if found else {}


def _file(
    case: Case,
    tenant: Tenant,
    own: pl.DataFrame,
    words: Wording,
    whole: Figures,
    verdicts: dict[Letter, tuple[Breach, ...]],
) -> bytes:
    """The file of one controller, as a zip archive."""
    routed = route(
        own, remarks_reviewed=words.around.remarks_reviewed, mailbox_unsafe=words.around.mailbox_unsafe
    ).with_columns(lang=pl.lit(words.lang))
    signed = replace(words, facts={**words.facts, "signature": f"{tenant.name}\n{words.facts['signature']}"})
    letters = list(letters_of(routed.filter(pl.col("channel") != "none"), signed, case.secret(KEY)))
    broken = {
        one.rule
        for found in lint_all(_comparable(letters, tenant.name), words.around, verdicts)
        for one in found
        if one.refuse
    }
    if broken:
        listed = ", ".join(sorted(broken))
        raise Refused(
            f"The letters of one controller break {listed}: correct the facts given with letters --set.",
            f"Les lettres d'un responsable enfreignent {listed} : corrigez les faits donnés avec letters --set.",
        )
    filled, lacking = _notice(case, tenant, own, whole)
    texts = {
        "lisez-moi.txt": _note(case, tenant, own.height, len(letters), lacking),
        "personnes.csv": _people(routed),
        "notification.json": json.dumps(filled, ensure_ascii=False, indent=1) + "\n",
        "registre.json": json.dumps(_entry(case, tenant, own), ensure_ascii=False, indent=1) + "\n",
        **{f"lettres/{person:09d}-{letter.channel}.txt": letter.text for person, letter in letters},
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in texts.items():
            archive.writestr(name, text)
    return out.getvalue()


def _comparable(letters: list[tuple[int, Letter]], tenant: str) -> Iterator[Letter]:
    """The letters of one controller as those of another: its name is one more text of their own, if it is a name."""
    named = plain(tenant) and not any(sign.isdigit() for sign in tenant)
    for _, letter in letters:
        yield (
            replace(letter, values=(*letter.values, tenant)) if named and letter.channel != "sms" else letter
        )


def _notice(
    case: Case, tenant: Tenant, own: pl.DataFrame, whole: Figures
) -> tuple[list[dict[str, Any]], list[str]]:
    """The notice of one controller, filled with its own figures; and the mandatory fields that it must add."""
    facts = tenant.facts
    said = {
        name: one for name, one in latest(case, NOTICE).items() if name not in ("siren", "contact", "dpo")
    }
    for name in ("siren", "contact", "dpo"):
        if facts.get(name):
            said[name] = Said(facts[name], "", "tenants.csv", "")
    times = {name: one.at for name, one in times_of(case).items() if name in ("aware_at", "signal_at")}
    if facts.get("told_at"):
        told = instant(facts["told_at"])
        times = {"aware_at": told, "controller_told_at": told}
    said.setdefault("enregistrements", Said(UNKNOWN, "", "", ""))
    basis = Basis(
        figures=own_figures(own, whole),
        answers=said,
        times=times,
        zone=controller_zone(case),
        controller=tenant.name,
        now=case.now(),
    )
    filled = fill(basis)
    return [asdict(one) for one in filled], [f"{one.id} : {one.label}" for one in missing(filled)]


def own_figures(own: pl.DataFrame, whole: Figures) -> Figures:
    """The figures of one controller, from its own people and what its own rows show of them. Pure."""
    counts = {str(name): count for name in Category if (count := own.filter(_holds(str(name))).height)}
    levels = dict.fromkeys(whole.levels or {}, 0)
    consequences: set[str] = set()
    grouped = own.group_by("mask_lo", "mask_hi", "minor").len().iter_rows()
    for low, high, minor, people in grouped:
        one = severity(low, high, whole.around, minor=minor)
        levels[one.level] = levels.get(one.level, 0) + people
        consequences |= set(one.reasons)
    return Figures(
        best=own.height,
        low=own.height,
        high=own.height,
        ceiling=own.height,
        people_by_category=counts,
        levels=levels,
        minors=int(own["minor"].sum()),
        deceased=int(own["deceased"].sum()),
        consequences=frozenset(consequences),
        around=whole.around,
        evidence=whole.evidence,
    )


def _holds(category: str) -> pl.Expr:
    place = bit(category)
    word, rest = ("mask_lo", place) if place < 64 else ("mask_hi", place - 64)  # noqa: PLR2004 - bits in a word
    return (pl.col(word) & (1 << rest)) != 0


def _entry(case: Case, tenant: Tenant, own: pl.DataFrame) -> dict[str, Any]:
    """The register entry to start from."""
    return {
        "incident": case.case_id,
        "controller": tenant.name,
        "told_at": tenant.facts.get("told_at"),
        "mandate": tenant.facts.get("mandate"),
        "persons": own.height,
        "journal_head": case.journal_head(),
        "decision_33": None,
        "decision_34": None,
    }


def _people(routed: pl.DataFrame) -> str:
    """The people of one controller as CSV, with what its rows show of each, in words."""
    words = {
        (low, high): " | ".join(str(name) for name in Category if joined(low, high) >> bit(name) & 1)
        for low, high in routed.select("mask_lo", "mask_hi").unique().iter_rows()
    }
    kinds = [words[pair] for pair in routed.select("mask_lo", "mask_hi").iter_rows()]
    wanted = (
        "person_id",
        "name",
        "first_names",
        "full_name",
        "email",
        "mobile",
        "street",
        "postal_code",
        "city",
    )
    table = routed.select(*wanted, "minor", "deceased", "channel", "reason").with_columns(
        categories=pl.Series(kinds)
    )
    texts = [name for name, kind in table.schema.items() if kind == pl.String]
    risky = [
        pl.when(pl.col(name).str.contains(r"^(=|@|\t|\r|[+-][^0-9])"))
        .then("'" + pl.col(name))
        .otherwise(pl.col(name))
        for name in texts
    ]
    return table.with_columns([one.alias(name) for one, name in zip(risky, texts, strict=True)]).write_csv()


def _note(case: Case, tenant: Tenant, people: int, letters: int, lacking: list[str]) -> str:
    told = tenant.facts.get("told_at")
    lines = [
        f"{tenant.name}",
        "",
        "Vous êtes responsable de ces données. Notifier et écrire : la décision est la vôtre (RGPD, art. 33 et 34).",
        f"Incident {case.case_id}, journal {case.journal_head()}.",
        f"Vous avez été prévenu le {told} : votre délai de 72 heures part de là." if told else "",
        f"Personnes de vos fichiers : {people}. Lettres prêtes : {letters}.",
        "Une personne suivie chez plusieurs responsables est dans chaque dossier, avec les seules données de chacun.",
        "Ce dossier contient : personnes.csv, notification.json, registre.json, lettres/.",
        "Il vous manque encore pour notifier : " + " ; ".join(lacking)
        if lacking
        else "La notification est complète.",
    ]
    return "\n".join(line for line in lines if line or line == "") + "\n"


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40] or "sans-nom"
