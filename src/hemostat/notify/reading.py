"""The authority's notice for those who read English: each answer in the form's own words, and what it says.

The form is French and takes French answers alone: this copy is for reading, the other one for copying.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hemostat.assess import controller_zone, latest, times_of
from hemostat.notify.dossier import TOPIC
from hemostat.notify.figures import figures
from hemostat.notify.files import write_all
from hemostat.notify.form import fields, form
from hemostat.notify.notice import NOT_KNOWN, Basis, fill

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from hemostat.case import Case
    from hemostat.notify.notice import Filled

NAME = "notification.en.txt"


def write(case: Case, folder: Path) -> Path:
    """Writes the reading copy of the notice as it stands."""
    sent = case.rows("select number from notice order by version")
    basis = Basis(
        figures=figures(case),
        answers=latest(case, TOPIC),
        times={name: time.at for name, time in times_of(case).items()},
        zone=controller_zone(case),
        controller=case.setting("controller"),
        now=case.now(),
        number=sent[0][0] if sent else None,
        sent=len(sent),
        lang="en",
    )
    head = (
        "NOTICE TO THE AUTHORITY: reading copy\n"
        "The notice is filed in French, section by section, from the file notification.html.\n"
        f"Case {case.case_id}, journal {case.journal_head()}\n"
    )
    return write_all(folder, {NAME: head + text(fill(basis))})[0]


def text(filled: Sequence[Filled]) -> str:
    """Every field that holds something, in English, with the form's own words in brackets. Pure."""
    lines: list[str] = []
    for section in form():
        held = [field for field in filled if field.section == section.id and (field.values or field.note)]
        if held:
            lines += ["", section.en.upper()]
        for field in held:
            asked = fields()[field.id]
            words = {**dict(zip(asked.values, asked.values_en, strict=True)), NOT_KNOWN: "Not known yet"}
            told = [f"{words[value]} [{value}]" if value in words else value for value in field.values]
            article = f" (mandatory, art. {field.article})" if field.required and field.article else ""
            lines.append(f"{asked.en}{article}: {'; '.join(told) or '-'}")
            lines += [f"    {line}" for line in field.note.splitlines()]
    return "\n".join(lines) + "\n"
