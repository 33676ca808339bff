"""The stages in order. Each is done once for a given input, and again only when what it reads has changed."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import polars as pl

from hemostat import __version__, assess, detect, evidence, report, resolve, watch
from hemostat.resolve import dated, file_rows, sites, standing
from hemostat.rules import hash_of_rules

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hemostat.case import Case
    from hemostat.model import Progress

STAGES: tuple[tuple[str, Callable[[Case, Progress], None]], ...] = (
    ("detect", detect.run),
    ("watch", watch.run),
    ("resolve", resolve.run),
    ("file", file_rows.run),
    ("sites", sites.run),
    ("dated", dated.run),
    ("standing", standing.run),
    ("assess", assess.run),
)
"""What turns evidence into people, in order. Reading comes before and commits by batch; the report comes after."""


def analyse(case: Case, progress: Progress) -> None:
    """Reads what is not read yet, then does each stage whose input has changed.

    A stage is one transaction: a kill undoes it whole, and the same call starts it again.
    """
    evidence.run(case, progress)
    fingerprint = _input(case)
    for name, stage in STAGES:
        fingerprint = hashlib.sha256(f"{fingerprint} {name}".encode()).hexdigest()
        if case.step_done(name, fingerprint):
            continue
        with case.transaction():
            stage(case, progress)
            case.mark_step(name, fingerprint)
            case.journal("stage.done", stage=name)


def write_report(case: Case, lang: str, progress: Progress) -> Mapping[str, Any]:
    """The report and ``summary.json``, in clear, in the case's ``report`` folder. Gives the ledger they hold."""
    ledger = report.run(case, lang, progress)
    case.journal("report.written", lang=lang)
    return ledger


def nothing_read(case: Case) -> bool:
    """Whether leaked evidence or logs were given, and not one unit of it could be read."""
    given = case.rows("select 1 from custody where role in ('leak', 'log') limit 1")
    read = case.rows(
        "select 1 from evidence left join batch using (evidence_id) "
        "where role in ('leak', 'log') and state = 'read' and batch.units > 0 limit 1"
    )
    return bool(given) and not read


def _input(case: Case) -> str:
    """A hash over all that the stages read: evidence, rules, decisions, settings that steer them."""
    held = {
        "evidence": case.rows(
            "select evidence_id, role, sha256, name, sum(rows), count(*) from evidence "
            "left join batch using (evidence_id) group by all order by evidence_id"
        ),
        "decisions": case.rows(
            # a judgement of severity is applied when it is recorded, and changes nothing that is read before
            "select kind, subject, value from decision where kind <> 'severity' order by decision_id"
        ),
        "settings": [
            case.setting(name) for name in ("tenant_column", "log_timezone", "log_map", "entity_model")
        ],
        # by whose key the fingerprints of earlier leaks were made
        "earlier": case.rows(
            "select distinct s.\"value\" from setting s, evidence where key = 'controller' and role = 'earlier-leak'"
        ),
        "rules": hash_of_rules(),
        "versions": [__version__, pl.__version__],  # hashes of rows change with polars
    }
    return hashlib.sha256(json.dumps(held).encode()).hexdigest()
