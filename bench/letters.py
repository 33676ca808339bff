"""What the letters of a large leak cost, from the case to files: made and checked, set as PDF, one file a controller.

Usage: python bench/letters.py [people] [people of the tenants' case]. Every command is a whole process.
The outbox is put beside a bare SQLite loop that makes as many durable commits.
"""

from __future__ import annotations

import sqlite3
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from hemostat.notify.outbox import Outbox, State
from measure import machine, run, table

PROGRAM = (str(Path(sys.executable).with_name("hemostat")), "--quiet")
FACTS = {
    "what": "Le 26 novembre 2025, un inconnu a copié notre fichier.",
    "learnt": "Nous l'avons appris le 28 novembre 2025.",
    "measures": "Nous avons fermé cet accès le 28 novembre 2025.",
    "contact": "Anne Exemple, déléguée.\nTéléphone : 02 99 00 00 00.\nCourriel : dpo@example.org",
    "phone": "02 99 00 00 00",
    "next_date": "15 janvier 2026",
    "date": "26 novembre 2025",
    "signature": "La direction",
    "sms_name": "Les Rochers",
}
SETS = [part for name, value in FACTS.items() for part in ("--set", f"{name}={value}")]
MESSAGES = 3000


def fiction(story: str, people: int, folder: Path) -> Path:
    """The evidence of a story, made once."""
    place = folder / f"{story}-{people}-1"
    if not (place / "truth" / "story.json").exists():
        from hemostat.simulate import simulate  # noqa: PLC0415 - not needed for evidence already written

        simulate(story, people, 1, place)
    return place


def responded(story: str, people: int, folder: Path, scratch: Path) -> tuple[Path, dict[str, str]]:
    """A case on which the whole response was run; and the environment that names its key."""
    made = fiction(story, people, folder)
    case, key = scratch / story, {"HEMOSTAT_KEY_FILE": str(scratch / f"{story}.key")}
    patients = ["--patients", str(made / "patients")] if (made / "patients").is_dir() else []
    run(*PROGRAM, "respond", str(made / "evidence"), "--case", str(case), *patients, **key)
    return case, key


def letters(people: int, folder: Path, scratch: Path) -> list[list[str]]:
    """Letters made and checked; then all that can go by post, set as PDF."""
    case, key = responded("medecindirect", people, folder, scratch)
    made = run(*PROGRAM, "notify", str(case), "letters", *SETS, **key)
    paper = run(*PROGRAM, "notify", str(case), "letters", "--paper", "--set", "mailbox_unsafe=yes", **key)
    sizes = [path.stat().st_size for path in (case / "paper").rglob("0*-*")]
    wall, cpu = paper.wall - made.wall, paper.cpu - made.cpu
    whole = f"{wall / len(sizes) * 285_000:.0f} s for 285,000; {sum(sizes) / 2**20:.0f} MB"
    return [
        _line(
            f"letters of {people:,} people, made and checked",
            made.wall,
            "180 for 285,000",
            made.cpu,
            made.peak_mb,
        ),
        _line(
            f"{len(sizes):,} of them as PDF, encrypted", wall, "600 for 285,000", cpu, paper.peak_mb, whole
        ),
    ]


def tenants(people: int, folder: Path, scratch: Path) -> list[str]:
    """One encrypted file for each controller."""
    case, key = responded("cegedim", people, folder, scratch)
    run(*PROGRAM, "notify", str(case), "letters", *SETS, **key)
    out = scratch / "tenants"
    cost = run(
        *PROGRAM, "notify", str(case), "tenants", "--out", str(out), "--slips", str(scratch / "slips"), **key
    )
    what = f"files of {len(list(out.iterdir())):,} controllers, {people:,} people"
    return _line(what, cost.wall, "300 for 1,500", cost.cpu, cost.peak_mb)


def _line(what: str, wall: float, bar: str, cpu: float, peak_mb: float, note: str = "") -> list[str]:
    return [what, f"{wall:.0f}", bar, f"{cpu:.0f}", f"{peak_mb:.0f}", note]


def outbox(scratch: Path) -> list[str]:
    """Claims and outcomes beside a bare loop of as many durable commits; the best of three of each."""

    def ours(place: Path) -> float:
        now = datetime.now(UTC)
        with Outbox(place) as held:
            held.fill(((person, "email", "1") for person in range(MESSAGES)), now)
            began = time.perf_counter()
            for message in held.due(now):
                held.claim(message, now)
                held.settle(message, State.ACCEPTED, now)
            return time.perf_counter() - began

    def bare(place: Path) -> float:
        held = sqlite3.connect(place, isolation_level=None)
        held.executescript(
            "pragma journal_mode = wal; pragma synchronous = full; create table m(n integer, s text)"
        )
        began = time.perf_counter()
        for number in range(2 * MESSAGES):
            held.execute("insert into m values (?, 'x')", (number,))
        return time.perf_counter() - began

    mine = min(ours(scratch / f"ours{n}.sqlite") for n in range(3))
    theirs = min(bare(scratch / f"bare{n}.sqlite") for n in range(3))
    return [
        f"outbox, {MESSAGES:,} messages",
        f"{mine:.2f}",
        f"3 x {theirs:.2f}",
        "",
        "",
        f"{mine / theirs:.2f} x",
    ]


def main(arguments: list[str]) -> None:
    """Prints the table."""
    people, many = (*(int(one) for one in arguments), *(20_000, 100_000)[len(arguments) :])
    folder = Path(tempfile.gettempdir()) / "hemostat-bench"
    folder.mkdir(exist_ok=True)
    print(f"letters ({machine()})")
    with tempfile.TemporaryDirectory(dir=folder) as held:
        scratch = Path(held)
        rows = [outbox(scratch), *letters(people, folder, scratch), tenants(many, folder, scratch)]
    print(table(["what", "wall s", "bar", "CPU s", "peak MB", ""], rows))


if __name__ == "__main__":
    main(sys.argv[1:])
