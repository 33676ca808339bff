"""Letters on paper set as tagged PDF and kept in the case, one encrypted file each, by as many processes as cores.

A file is named by its person and by a mark of all that it says: set again, only what changed is set anew. Files are
not made durable one by one, since what a power cut takes is made again by the same command.
"""

from __future__ import annotations

import hashlib
import multiprocessing
import os
import signal
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hemostat.case.sealed import SealedReader, SealedWriter
from hemostat.notify import paper
from hemostat.notify.layout import address_lines, blocks, language, written_day
from hemostat.notify.letters import SUBJECTS, kept

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from hemostat.case import Case
    from hemostat.model import Progress

FOLDER = "paper"
CHUNK = 200
"""Letters handed to a process at a time."""
FEW = 2 * CHUNK
"""Up to so many, one process is quicker than starting others."""
_SHELF = 1000
Text = tuple[int, str, list[str]]
"""Person, text of the letter, lines of the address."""


@dataclass(frozen=True, slots=True)
class Printed:
    """Letters set now, those already set with the same words, and those with a sign that no font draws."""

    made: int
    already: int
    unset: int


@dataclass(frozen=True, slots=True)
class Press:
    """What a process needs to set letters: where to, under which key, and what all letters share."""

    folder: str
    key: bytes
    facts: Mapping[str, str]
    made: datetime
    own: str | None


def print_all(
    case: Case,
    facts: Mapping[str, str],
    progress: Progress,
    own: Path | None = None,
    processes: int | None = None,
) -> Printed:
    """Sets every letter kept for the post that is not yet set with the same words. May be stopped and run again."""
    press = press_of(case, facts, own)
    (total,) = case.rows("select count(*) from letter where channel = 'post' and part is not null")[0]
    counts = {"made": 0, "already": 0, "unset": 0}
    for one in _by_chunk(case, press, total, processes or os.cpu_count() or 1):
        for name, number in one.items():
            counts[name] += number
        progress.step("paper", sum(counts.values()), total)
    os.sync()
    case.journal("letters.printed", **counts)
    return Printed(**counts)


def pdf_of(case: Case, row: Mapping[str, Any], press: Press) -> bytes:
    """The letter of one row of ``letters.kept`` as PDF: the one kept in the case when it says the same, else set now.

    Raises:
        MissingGlyphError: a sign has no drawing in the fonts.
    """
    lines = _lines(row)
    path = _place(press, row["person_id"], _mark(press, row["text"], lines))
    if _whole(path):
        with SealedReader(path, case.secret(FOLDER)) as held:
            return held.readall() or b""
    return _pdf(press, row["text"], lines)


def press_of(case: Case, facts: Mapping[str, str], own: Path | None) -> Press:
    """What letters are set with in this case."""
    return Press(
        str(case.path / FOLDER), case.secret(FOLDER), dict(facts), _day_of(case), str(own) if own else None
    )


def letter_pdf(
    text: str, address: list[str], facts: dict[str, str], made: datetime, own: Path | None = None
) -> bytes:
    """One letter on paper, as a tagged PDF."""
    lang = language(text)
    data = {
        "lang": lang,
        "title": SUBJECTS[lang],
        "author": facts["signature"].splitlines()[0],
        "sender": facts["signature"].splitlines(),
        "address": address,
        "place_date": ("Le " if lang == "fr" else "") + written_day(made, lang),
        "blocks": blocks(text),
    }
    return paper.compiled("letter", data, made, own)


def _day_of(case: Case) -> datetime:
    """The day that letters bear: that of their making, at midnight, so that the same letter is the same file."""
    found = case.rows("select max(made_at) from letter")[0][0]
    made = datetime.fromisoformat(found) if found else case.now()
    return made.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def _by_chunk(case: Case, press: Press, total: int, processes: int) -> Iterator[dict[str, int]]:
    if total <= FEW or processes == 1:
        for chunk in _chunks(case):
            yield _set(press, chunk)
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context, initializer=_quiet) as pool:
        running: set[Future[dict[str, int]]] = set()
        try:
            for chunk in _chunks(case):
                running.add(pool.submit(_set, press, chunk))
                if len(running) > 2 * processes:
                    done, running = wait(running, return_when=FIRST_COMPLETED)
                    yield from (one.result() for one in done)
            for one in running:
                yield one.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def _quiet() -> None:
    """Ctrl-C is for the main process, which stops the others."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _chunks(case: Case) -> Iterator[list[Text]]:
    """The letters on paper, some at a time; those that say the same stand together, and are set a quarter faster."""
    for batch in kept(case):
        rows = batch.filter(batch["channel"] == "post").iter_rows(named=True)
        letters = sorted(
            ((row["person_id"], row["text"], _lines(row)) for row in rows), key=lambda one: _body(one[1])
        )
        yield from (letters[start : start + CHUNK] for start in range(0, len(letters), CHUNK))


def _body(text: str) -> str:
    """A letter without its greeting."""
    return text.partition("\n")[2]


def _lines(row: Mapping[str, Any]) -> list[str]:
    return address_lines(row["name"], row["street"], row["postal_code"], row["city"])


def _set(press: Press, chunk: list[Text]) -> dict[str, int]:
    counts = {"made": 0, "already": 0, "unset": 0}
    former = _former(press, {person // _SHELF for person, _, _ in chunk})
    for person, text, lines in chunk:
        path = _place(press, person, _mark(press, text, lines))
        if _whole(path):
            counts["already"] += 1
            continue
        try:
            raw = _pdf(press, text, lines)
        except paper.MissingGlyphError:
            counts["unset"] += 1
            continue
        if person in former:
            former[person].unlink(missing_ok=True)
        with SealedWriter(path, press.key, durable=False) as out:
            out.write(raw)
        counts["made"] += 1
    return counts


def _former(press: Press, shelves: set[int]) -> dict[int, Path]:
    """The files that earlier runs left on these shelves, by person; the shelves are made."""
    found: dict[int, Path] = {}
    for shelf in shelves:
        folder = _place(press, shelf * _SHELF, "").parent
        folder.mkdir(parents=True, exist_ok=True)
        found.update((int(path.name[:9]), path) for path in folder.iterdir())
    return found


def _pdf(press: Press, text: str, lines: list[str]) -> bytes:
    return letter_pdf(text, lines, dict(press.facts), press.made, Path(press.own) if press.own else None)


def _mark(press: Press, text: str, lines: list[str]) -> str:
    held = hashlib.blake2b(key=press.key, digest_size=8)
    page = paper.source("letter", Path(press.own) if press.own else None)
    for part in (text, *lines, press.facts["signature"], f"{press.made:%d/%m/%Y}", page):
        held.update(part.encode() + b"\0")
    return held.hexdigest()


def _place(press: Press, person: int, mark: str) -> Path:
    return Path(press.folder) / f"{person // _SHELF:06d}" / f"{person:09d}-{mark}"


def _whole(path: Path) -> bool:
    """Whether a file is there; an empty one is what a power cut leaves."""
    try:
        return path.stat().st_size > 0
    except OSError:
        return False
