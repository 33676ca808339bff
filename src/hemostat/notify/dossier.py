"""The authority notice of a case: filled, refused, written, marked as sent; and the next version as a difference."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import asdict
from datetime import datetime
from importlib import resources
from typing import TYPE_CHECKING, Any

import jinja2
from markupsafe import Markup

from hemostat.assess import controller_zone, latest, say_fact, set_time, times_of
from hemostat.errors import Refused, UsageError
from hemostat.notify import paper
from hemostat.notify.figures import figures
from hemostat.notify.files import write_all
from hemostat.notify.form import SEPARATOR, address, fields, form, understood
from hemostat.notify.layout import unbroken
from hemostat.notify.notice import INITIAL, NEXT, Basis, differences, fill, missing
from hemostat.rules import hash_of_rules

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from hemostat.case import Case

TOPIC = "notice"
_ROLES = {
    "leak": "fuite",
    "patients": "fichier patients",
    "log": "journal d'accès",
    "earlier_leak": "fuite plus ancienne",
    "history": "historique du fichier patients",
}
_NEVER_DRAWN = re.compile("[^\t\n -~\u00a0-\u024f\u2010-\u203a\u20ac]")
"""What the fonts of PDF files may lack: anything beyond Latin letters and common signs."""


def answer(case: Case, pairs: Sequence[tuple[str, str]], why: str) -> None:
    """Keeps answers to fields of the form; several answers to one field add up, the next call replaces them.

    Raises:
        UsageError: a field or a choice is unknown, or an answer is empty.
    """
    held: dict[str, list[str]] = {}
    for name, value in pairs:
        held.setdefault(name, []).append(understood(name, value))
    for name, values in held.items():
        if len(values) > 1 and fields()[name].type != "multi":
            raise UsageError(
                f"Field {name} takes one answer, not {len(values)}.",
                f"Le champ {name} prend une réponse, pas {len(values)}.",
            )
        say_fact(case, TOPIC, name, SEPARATOR.join(values), why)


def content(case: Case) -> dict[str, Any]:
    """The notice of a case as it stands, as one structure: what JSON, HTML and PDF all show.

    Raises:
        Refused: a mandatory field holds nothing; the message lists them.
    """
    sent = _sent(case)
    answers = latest(case, TOPIC)
    known = figures(case)
    basis = Basis(
        figures=known,
        answers=answers,
        times={name: time.at for name, time in times_of(case).items()},
        zone=controller_zone(case),
        controller=case.setting("controller"),
        now=case.now(),
        number=sent[0]["number"] if sent else None,
        sent=len(sent),
    )
    filled = fill(basis)
    lacking = missing(filled)
    if lacking:
        raise Refused(
            "The notice lacks mandatory fields: "
            + "; ".join(f"{field.id} (art. {field.article})" for field in lacking)
            + '. Give each with --set FIELD=VALUE; "unknown" is an answer.',
            "Il manque à la notification des champs obligatoires : "
            + " ; ".join(f"{field.id} — {field.label} (art. {field.article})" for field in lacking)
            + ". Donnez chacun avec --set CHAMP=VALEUR ; « unknown » vaut « non connu à ce jour ».",
        )
    held = _basis_of(case)
    before = json.loads(sent[-1]["content"]) if sent else None
    by_section = {
        section.id: [
            {key: value for key, value in asdict(field).items() if key != "section"}
            for field in filled
            if field.section == section.id
        ]
        for section in form()
    }
    changed = (
        differences(
            [field for section in before["sections"] for field in section["fields"]],
            filled,
            answers,
            _reason(before["basis"], held),
        )
        if before
        else ()
    )
    return {
        "kind": NEXT if sent else INITIAL,
        "version": len(sent) + 1,
        "case_id": case.case_id,
        "controller": case.setting("controller"),
        "made_at": case.now().astimezone(basis.zone).isoformat(timespec="seconds"),
        "address": address(),
        "journal_head": case.journal_head(),
        "sections": [
            {"id": section.id, "fr": section.fr, "fields": by_section[section.id]} for section in form()
        ],
        "differences": [asdict(one) for one in changed],
        "evidence": [list(one) for one in known.evidence],
        "basis": held,
    }


def write(case: Case, folder: Path) -> list[Path]:
    """Writes the notice as JSON, HTML, and PDF where the library is installed; gives the files written."""
    made = content(case)
    title = f"{made['kind']} — {made['controller'] or 'affaire ' + made['case_id']}"
    files = {
        "notification.json": json.dumps(made, ensure_ascii=False, indent=1) + "\n",
        "notification.html": page(made, title),
    }
    blobs: dict[str, str | bytes] = dict(files)
    if paper.available():
        blobs["notification.pdf"] = _pdf(made, title, case.now())
    written = write_all(folder, blobs)
    digest = hashlib.sha256(files["notification.json"].encode()).hexdigest()
    case.journal("notice.written", version=made["version"], sha256=digest, files=[p.name for p in written])
    return written


def mark_sent(case: Case, at: str, number: str | None) -> int:
    """Records that the notice as it stands was filed; gives its version. The next one will say what changed.

    Raises:
        Refused: a mandatory field holds nothing.
    """
    made = content(case)
    text = json.dumps(made, ensure_ascii=False, sort_keys=True)
    with case.transaction():
        name = "initial_notice_at" if made["version"] == 1 else "next_notice_at"
        set_time(case, name, at, "filed with the authority")
        case.execute(
            "insert into notice values (?, ?, ?, ?, ?, ?, ?)",
            (
                made["version"],
                made["kind"],
                at,
                number,
                text,
                hashlib.sha256(text.encode()).hexdigest(),
                made["journal_head"],
            ),
        )
        case.journal("notice.sent", version=made["version"], at=at, number=number)
    return int(made["version"])


def _pdf(made: Mapping[str, Any], title: str, now: datetime) -> bytes:
    """The notice on paper. A sign that no font draws (a file may be called anything) is written as its number."""
    footer = f"Affaire {made['case_id']}, version {made['version']}, journal {made['journal_head'][:16]}"
    said: list[Any] = [unbroken(title), blocks(made), made["controller"] or ""]
    try:
        return paper.document(said[0], said[1], author=said[2], footer=footer, made=now)
    except paper.MissingGlyphError:
        said = json.loads(_NEVER_DRAWN.sub(_numbered, json.dumps(said, ensure_ascii=False)))
        return paper.document(said[0], said[1], author=said[2], footer=footer, made=now)


def _numbered(sign: re.Match[str]) -> str:
    return f"U+{ord(sign[0]):04X}"


def page(made: Mapping[str, Any], title: str) -> str:
    """The notice as an HTML page, one table for each screen of the form, a button beside each answer."""
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    environment.filters.update(typeset=unbroken, moment=_moment, role=lambda role: _ROLES.get(role, role))
    style, script = _source("notice.css"), _source("notice.js")
    return environment.from_string(_source("notice.html")).render(
        notice=made,
        title=title,
        style=Markup(style),  # noqa: S704 - our own file
        script=Markup(script),  # noqa: S704 - our own file
        style_hash=_digest(style),
        script_hash=_digest(script),
    )


def _source(name: str) -> str:
    return (resources.files("hemostat.notify") / "templates" / name).read_text("utf-8")


def _digest(text: str) -> str:
    """How a page's policy names the one style or script that it allows."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _moment(at: str) -> str:
    moment = datetime.fromisoformat(at)
    offset = f"{moment:%z}"
    return f"{moment:%d/%m/%Y} à {moment:%H:%M} (UTC{offset[:3]}:{offset[3:]})"


def blocks(made: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The notice as blocks of a document."""
    found = [
        paper.text(
            f"À recopier section par section sur {made['address']}. Un envoi par un autre canal est refusé. "
            f"Préparée le {_moment(made['made_at'])}. Empreinte du journal : {made['journal_head']}."
        )
    ]
    if made["differences"]:
        found += [
            paper.heading(f"Ce qui change depuis la version {made['version'] - 1}"),
            paper.table(["Champ", "Avant, maintenant, motif"], [_change(one) for one in made["differences"]]),
        ]
    for section in made["sections"]:
        rows = [[unbroken(field["label"]), _cell(field)] for field in section["fields"]]
        found += [paper.heading(unbroken(section["fr"])), paper.table(["Champ", "Réponse"], rows)]
    evidence = [[f"{name} ({_ROLES.get(role, role)})", sha] for name, sha, role in made["evidence"]] or [
        ["Aucune à ce jour", "—"]
    ]
    return [*found, paper.heading("Pièces sous garde"), paper.table(["Pièce", "SHA-256"], evidence)]


def _change(one: Mapping[str, Any]) -> list[str]:
    before, after = (" · ".join(one[key]) or "—" for key in ("before", "after"))
    return [unbroken(one["label"]), unbroken(f"Avant : {before}\nMaintenant : {after}\nMotif : {one['why']}")]


def _cell(field: Mapping[str, Any]) -> str:
    lines = ["\n".join(field["values"]) or "—", unbroken(field["note"])]
    if field["ledger"]:
        lines.append("Registre des comptes : " + ", ".join(field["ledger"][:4]))
    return "\n".join(line for line in lines if line)


def _sent(case: Case) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = case.query("select * from notice order by version").to_pylist()
    return found


def _basis_of(case: Case) -> dict[str, Any]:
    """What the figures stand on: when one of these changed, the figures may have."""
    return {
        "evidence": [
            sha for (sha,) in case.rows("select sha256 from custody where bytes > 0 order by custody_id")
        ],
        "decisions": case.rows("select coalesce(max(decision_id), 0) from decision")[0][0],
        "run": case.rows("select coalesce(max(run_id), 0) from run")[0][0],
        "rules": hash_of_rules(),
    }


def _reason(before: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """Why the figures differ between two versions, from what they stand on."""
    added = len(set(now["evidence"]) - set(before["evidence"]))
    decided = now["decisions"] - before["decisions"]
    reasons = [
        f"{added} pièce{'s' if added > 1 else ''} de plus" if added else "",
        f"décisions {before['decisions'] + 1} à {now['decisions']}" if decided else "",
        "règles mises à jour" if now["rules"] != before["rules"] else "",
        "nouvelle analyse" if now["run"] != before["run"] and not added else "",
    ]
    return ", ".join(reason for reason in reasons if reason) or "le temps écoulé"
