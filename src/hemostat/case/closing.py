"""The end of a case: what can be destroyed is, what cannot is listed, and what the law keeps stays."""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hemostat.case import keys
from hemostat.case.journal import actor

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from hemostat.case.store import Case

CLOSED = "closed.json"


@dataclass(frozen=True, slots=True)
class Closing:
    """What closing left behind: places the program cannot or may not destroy, each with what it is.

    Kinds: original, export, recovery, key.
    """

    remains: tuple[tuple[str, str], ...]


def close(
    case: Case, reason: str | None, shown: Callable[[str], str] = str, duties: Sequence[str] = ()
) -> Closing:
    """Destroys the key and the content of the case; writes ``closed.json``, which holds no person's data.

    The report and ``summary.json`` stay. The key file goes when it was made for this case alone; a key that
    serves elsewhere, recovery copies, originals and exports are listed instead. ``shown`` gives the name of a piece
    of evidence as it may be kept in clear: files are often named after a person. ``duties``: what was still due.
    """
    remains = [
        *(
            ("original", str(path))
            for (path,) in case.rows("select distinct coalesce(path, name) from custody where bytes > 0")
        ),
        *(("export", str(path)) for (path,) in case.rows("select distinct path from export order by path")),
        *(("recovery", p.name) for p in sorted(case.path.glob("recovery*.age"))),
    ]
    shared = not keys.belongs_to(case.key_file, case.case_id)
    if shared:
        remains.append(("key", str(case.key_file)))
    case.journal("case.close", reason=reason, duties=list(duties), remains=[list(one) for one in remains])
    entry = {
        "case_id": case.case_id,
        "opened_at": case.created_at,
        "closed_at": case.now().isoformat(timespec="seconds"),
        "closed_by": actor(),
        "reason": reason,
        "open_duties": list(duties),
        "journal_head": case.journal_head(),
        "evidence": [
            {"name": shown(name), "sha256": sha, "bytes": size, "role": role}
            for name, sha, size, role in case.rows(
                "select name, sha256, bytes, role from custody order by custody_id"
            )
        ],
        "counts": dict(case.rows("select name, value from person_count")),
        "remains": [{"kind": kind, "place": shown(place)} for kind, place in remains],
    }
    part = case.path / (CLOSED + ".part")
    part.write_text(json.dumps(entry, ensure_ascii=False, indent=1) + "\n", "utf-8")
    part.replace(case.path / CLOSED)
    case.leave()
    if not shared:
        _overwrite(case.key_file)
    for name in ("case.json", "case.duckdb", "case.duckdb.wal", "lock"):
        (case.path / name).unlink(missing_ok=True)
    for old in (*case.path.glob("case.format-*.duckdb"), *case.path.glob("recovery*.age")):
        old.unlink()
    for folder in ("sealed", "staged", "paper", "tmp"):
        shutil.rmtree(case.path / folder, ignore_errors=True)
    return Closing(tuple(remains))


def _overwrite(path: Path) -> None:
    """Overwrites a key file before it is removed. A solid-state disk may keep the old cells: SECURITY.md says so."""
    with path.open("r+b") as file:
        file.write(b"\0" * path.stat().st_size)
        file.flush()
        os.fsync(file.fileno())
    path.unlink()
