"""The register of breaches (GDPR art. 33(5)): one entry each, notified or not, chained by hash; no person's data."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from typing import TYPE_CHECKING, Any

from hemostat.assess import latest, say_fact, times_of
from hemostat.errors import CaseError, UsageError
from hemostat.notify import posting
from hemostat.notify.dossier import TOPIC as NOTICE
from hemostat.notify.figures import figures
from hemostat.notify.files import write_all
from hemostat.notify.register_words import in_words
from hemostat.rules import categories

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from hemostat.assess import Said
    from hemostat.case import Case
    from hemostat.notify.figures import Figures

TOPIC = "register"
ASKED = (
    "start",
    "end",
    "origin",
    "cause",
    "systems",
    "earlier_measures",
    "decision_33",
    "decision_34",
    "other_bodies",
    "measures",
    "owner",
    "lessons",
    "closing",
)
"""What only people know; an answer left out shows as such, never as "none"."""
_FROM_NOTICE = {
    "start": "debut",
    "end": "fin",
    "origin": "origines",
    "cause": "causes",
    "systems": "supports",
}
_FROM_NOTICE |= {
    "earlier_measures": "mesures_avant",
    "measures": "mesures_apres",
    "other_bodies": "autres_organismes",
}
_SMALL = 5
NAMES = ("registre.jsonl", "registre.csv", "registre.txt")


def answer(case: Case, pairs: Sequence[tuple[str, str]], why: str = "") -> None:
    """Keeps answers to fields of the register.

    Raises:
        UsageError: there is no such field, or a decision comes without its reason.
    """
    for name, value in pairs:
        if name not in ASKED:
            listed = ", ".join(ASKED)
            raise UsageError(
                f"The register has no field {name}: give one of {listed}.",
                f"Le registre n'a pas de champ {name} : donnez l'un de {listed}.",
            )
        if name.startswith("decision_") and not why.strip():
            raise UsageError(
                "A decision goes with its reason: give it with --why.",
                "Une décision va avec son motif : donnez-le avec --why.",
            )
        say_fact(case, TOPIC, name, value, why)


def entry(case: Case, shown: Callable[[str], str] = str) -> dict[str, Any]:
    """The entry of this breach as it stands. ``shown`` gives the name of a piece of evidence as it may be kept."""
    said, notice = latest(case, TOPIC), latest(case, NOTICE)
    found = {name: said.get(name) or notice.get(_FROM_NOTICE.get(name, "")) for name in ASKED}
    counted = of_figures(figures(case))
    return {
        "id": case.case_id,
        "controller": case.setting("controller"),
        "times": {n: {"at": t.at.isoformat(), "why": t.why} for n, t in times_of(case).items()},
        **counted,
        "evidence": [[shown(name), sha, role] for name, sha, role in counted["evidence"]],
        "notices": case.query(
            "select version, kind, sent_at, number, sha256, journal_head from notice order by version"
        ).to_pylist(),
        "letters": _letters(case),
        "journal_head": case.journal_head(),
        **answers(found),
    }


def of_figures(known: Figures) -> dict[str, Any]:
    """The part of an entry that the case counts. Pure."""
    held = {str(rule.id): rule for rule in categories() if rule.id in known.people_by_category}
    return {
        "nature": _nature(known),
        "categories": {
            name: _small(count, sensitive=held[name].sensitive)
            for name, count in known.people_by_category.items()
            if name in held
        },
        "persons": {"best": known.best, "low": known.low, "high": known.high, "ceiling": known.ceiling},
        "records": {"kept": known.kept, "exact_duplicates": known.duplicates, "set_aside": known.set_aside},
        "special_categories": any(rule.article9 for rule in held.values()) if held else None,
        "nir": "nir" in held if held else None,
        "minors": _small(known.minors, sensitive=True) if known.best is not None else None,
        "severity": {
            "levels": known.levels,
            "cohorts": [
                {
                    "cohort": one.id,
                    "minors": one.minor,
                    "persons": _small(one.persons, sensitive=True),
                    "score": [one.lowest, one.highest],
                    "proposed": one.proposed,
                    "level": one.level,
                    "why": one.why,
                    "by": one.by,
                }
                for one in known.cohorts
            ],
        },
        "tenants": known.tenants,
        "claims": [list(one) for one in known.claims],
        "evidence": [list(one) for one in known.evidence],
    }


def answers(found: Mapping[str, Said | None]) -> dict[str, Any]:
    """The part of an entry that people answered; what nobody answered is null, never "none". Pure."""
    return {
        name: None if one is None else {"value": one.value, "why": one.why, "by": one.by, "at": one.at}
        for name, one in found.items()
    }


def write(case: Case, folder: Path, lang: str = "fr", shown: Callable[[str], str] = str) -> list[Path]:
    """Adds the entry to the register in a folder, chained to the one before; the same state is added once.

    Raises:
        CaseError: the register was changed by another hand.
    """
    path = folder / NAMES[0]
    lines = path.read_text("utf-8").splitlines() if path.is_file() else []
    entries = [json.loads(line) for line in lines]
    check(entries)
    new = entry(case, shown)
    last = next((one for one in reversed(entries) if one["entry"]["id"] == case.case_id), None)
    if last is None or _core(last["entry"]) != _core(new):
        previous = entries[-1]["hash"] if entries else "0" * 64
        made = {
            "seq": len(entries) + 1,
            "at": case.now().isoformat(timespec="seconds"),
            "previous": previous,
            "entry": json.loads(json.dumps(new)),
        }
        entries.append({**made, "hash": _hash(made)})
    text = "".join(json.dumps(one, ensure_ascii=False, sort_keys=True) + "\n" for one in entries)
    last_states = {one["entry"]["id"]: one["entry"] for one in entries}
    told = "\n".join(in_words(one, lang) for one in last_states.values())
    written = write_all(folder, {NAMES[0]: text, NAMES[1]: _as_csv(entries), NAMES[2]: told})
    case.journal("register.written", entries=len(entries), head=entries[-1]["hash"])
    return written


def check(entries: Sequence[dict[str, Any]]) -> None:
    """Checks the chain of a register.

    Raises:
        CaseError: an entry was changed, removed or reordered.
    """
    previous = "0" * 64
    for number, one in enumerate(entries, 1):
        made = {key: one[key] for key in ("seq", "at", "previous", "entry")}
        if one["seq"] != number or one["previous"] != previous or one["hash"] != _hash(made):
            raise CaseError(
                f"The register was altered at entry {number}: restore it from a copy.",
                f"Le registre a été modifié à l'inscription {number} : reprenez-le d'une copie.",
            )
        previous = one["hash"]


def _hash(made: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(made, ensure_ascii=False, sort_keys=True).encode()).hexdigest()


def _core(entry_: dict[str, Any]) -> str:
    """What makes two states of an entry differ; the journal grows at each look, so its head does not."""
    return json.dumps({key: value for key, value in entry_.items() if key != "journal_head"}, sort_keys=True)


def _as_csv(entries: Sequence[dict[str, Any]]) -> str:
    """One line per entry; what has parts is JSON in its cell."""
    out = io.StringIO()
    columns = ["seq", "at", *entries[0]["entry"], "previous", "hash"]
    writer = csv.DictWriter(out, columns, lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    for one in entries:
        row = {**one, **one["entry"]}
        writer.writerow({key: _cell(row.get(key)) for key in columns})
    return out.getvalue()


def _cell(value: object) -> str:
    text = "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    # a spreadsheet would run such a cell as a formula
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t") else text


def _nature(known: Figures) -> list[str]:
    found = ["confidentiality"] if known.best is not None or known.around.recipients != "none" else []
    return found + [name for name in ("integrity", "availability") if getattr(known.around, name) != "none"]


def _letters(case: Case) -> dict[str, Any]:
    counts = dict(case.rows("select channel, count(*) from letter group by channel order by channel"))
    wordings = case.rows("select count(distinct wording) from letter")[0][0]
    outcomes = [[way, state, count] for (way, state), count in posting.counts(case).items()]
    return {"by_channel": counts, "wordings": wordings, "outcomes": outcomes}


def _small(count: int, *, sensitive: bool) -> int | str:
    return f"<{_SMALL}" if sensitive and 0 < count < _SMALL else count
