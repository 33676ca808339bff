"""Writes the report of a case and its ledger, in clear, where the case keeps what survives it."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from hemostat.errors import StorageError, os_reason
from hemostat.report.collect import view
from hemostat.report.page import render

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from hemostat.case import Case
    from hemostat.model import Progress

FOLDER = "report"


def run(case: Case, lang: str, progress: Progress) -> Mapping[str, Any]:
    """Writes ``report/report.html`` and ``report/summary.json`` in the folder of the case. Safe to repeat.

    Each file appears whole or not at all; both say the same. Gives the ledger that it wrote.

    Raises:
        StorageError: the disk is full or a write failed.
        UsageError: the report does not speak that language.
    """
    progress.step("report", 0, 2)
    facts = view(case, lang)
    page = render(facts, lang)
    progress.step("report", 1, 2)
    ledger = json.dumps(facts.summary, ensure_ascii=False, indent=1) + "\n"
    folder = case.path / FOLDER
    try:
        folder.mkdir(exist_ok=True)
        _replace(folder / "report.html", page)
        _replace(folder / "summary.json", ledger)
    except OSError as fault:
        en, fr = os_reason(fault)
        raise StorageError(
            f"The report cannot be written in {folder} ({en}): make room, then run the same command again.",
            f"Le rapport ne peut pas être écrit dans {folder} ({fr}) : faites de la place, puis relancez "
            "la même commande.",
        ) from None
    progress.step("report", 2, 2)
    return facts.summary


def _replace(path: Path, text: str) -> None:
    part = path.with_name(path.name + ".part")
    try:
        with part.open("w", encoding="utf-8", newline="\n") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
