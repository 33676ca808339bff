"""The letters of a case on their way: through the outbox, to the organisation's relay, or into lists for others.

Each person is told by the first of their ways that works: what comes back, or is refused, goes by the next one.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from hemostat.assess import latest, say_fact
from hemostat.case import actor
from hemostat.errors import Refused, UsageError
from hemostat.notify import domain, paper, returns
from hemostat.notify.cascade import plan, ways
from hemostat.notify.files import write_all
from hemostat.notify.leaving import message, own_page
from hemostat.notify.letters import OWN, PAGE, kept, render, wording_of
from hemostat.notify.letters import TOPIC as LETTER
from hemostat.notify.naming import key_of, name
from hemostat.notify.outbox import Outbox, State
from hemostat.notify.paper import MissingGlyphError
from hemostat.notify.printing import pdf_of, press_of
from hemostat.notify.sending import Server, run

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from hemostat.case import Case
    from hemostat.model import Progress
    from hemostat.notify.outbox import Message

TOPIC = "send"
FILE = "outbox.sqlite"
"""In the folder of the case: numbers, hashes and times, nothing that names anybody."""
LISTED = ("sms", "post")
"""Ways for which a list is written, because others carry them."""


def keep_domain_check(case: Case, said: str) -> None:
    """Keeps who checked SPF, DKIM and DMARC of the sending domain, when and how: in place of the program's check."""
    say_fact(case, TOPIC, "domain_checked", said, said)


def check_domain(
    case: Case, sender: str, selectors: Sequence[str], ask: domain.Ask | None
) -> list[domain.Fault]:
    """Checks the sender's domain before messages leave (rule L16); gives what could be better.

    ``ask``: how DNS is asked; None when the library for it is not installed.

    Raises:
        Refused: the domain is not authenticated, or cannot be checked, and nobody has said why it may send.
    """
    if latest(case, TOPIC).get("domain_checked"):
        return []
    if ask is None:
        raise Refused(
            "L16: SPF, DKIM and DMARC of the sending domain cannot be checked without the library dnspython: install "
            "hemostat[letters], or say with --domain-checked who checked them.",
            "L16 : SPF, DKIM et DMARC du domaine d'envoi ne peuvent pas être vérifiés sans la bibliothèque dnspython : "
            "installez hemostat[letters], ou dites avec --domain-checked qui les a vérifiés.",
        )
    place = sender.rpartition("@")[2].rstrip(">").strip().lower()
    if "." not in place:
        raise UsageError(
            "The sender is an address of the organisation's own domain, such as dpo@example.org.",
            "L'expéditeur est une adresse du domaine de l'organisme, comme dpo@example.org.",
        )
    faults = domain.check(place, selectors, ask)
    grave = [one for one in faults if one.blocks]
    case.journal("send.domain", domain=place, faults=[one.id for one in faults])
    if grave:
        raise Refused(
            "L16: " + " ".join(one.en for one in grave) + " Or say with --domain-checked why it may send.",
            "L16 : "
            + " ".join(one.fr for one in grave)
            + " Ou dites avec --domain-checked pourquoi il peut envoyer.",
        )
    return [one for one in faults if not one.blocks]


def server(place: str, tls: str, user: str | None, password_file: Path | None) -> Server:
    """The relay, as typed.

    Raises:
        UsageError: the place is not HOST:PORT, or the password file cannot be read.
    """
    host, _, port = place.rpartition(":")
    if not host or not port.isdigit():
        raise UsageError(
            "The relay is written HOST:PORT, for example mail.example.org:587.",
            "Le relais s'écrit HÔTE:PORT, par exemple mail.example.org:587.",
        )
    try:
        password = password_file.read_text("utf-8").splitlines()[0] if password_file else None
    except (OSError, IndexError, UnicodeDecodeError):
        raise UsageError(
            "The password file of the relay cannot be read, or is empty.",
            "Le fichier du mot de passe du relais est illisible ou vide.",
        ) from None
    return Server(host.strip("[]"), int(port), tls, user, password)


def send(
    case: Case, relay: Server, sender: str, progress: Progress, per_minute: int | None = None
) -> dict[str, int]:
    """Sends every e-mail that was made and checked and has not left; gives the messages by state.

    Letters made again are not sent again, unless their version is a new one (letters --set version=2).

    Raises:
        Refused: no letter was made, or the relay does not answer.
    """
    version, key = _version(case), key_of(case)
    with Outbox(case.path / FILE) as outbox:
        due = _due(case, outbox, "email")
        new = outbox.fill(((person, "email", version) for person in due), case.now())
        waiting = [
            person
            for _, person, channel, of, state in outbox.table()
            if channel == "email" and of == version and state == State.QUEUED
        ]
        letters = {row["person_id"]: row for row in _texts(case, waiting, "email").iter_rows(named=True)}
        outbox.words("email", version, {person: wording_of(row["text"]) for person, row in letters.items()})
        case.journal("send.start", new=new, relay=relay.host)

        def write(one: Message) -> tuple[str, str, bytes]:
            row = letters[one.person]
            return sender, row["email"], _raw(row, sender, key, one.version)

        def named(one: Message) -> str:
            return name(key, one.person, one.channel, one.version)

        counts = run(outbox, relay, write, progress, per_minute=per_minute, name=named)
    case.journal("send.end", **counts)
    return counts


@dataclass(frozen=True, slots=True)
class Lot:
    """A list for others to send: its name, where it lies, how many messages."""

    name: str
    path: Path
    count: int


def hand_over(case: Case, channel: str, folder: Path, limit: int | None, progress: Progress) -> Lot | None:
    """Writes the list of what is to be sent by SMS or by post: each message in one list only. None: nothing is due.

    The claim of each is durable before the list appears, which it does whole or not at all; the outcome after. A crash
    between shows as unknown, for a human to settle.

    Raises:
        Refused: no letter was made.
    """
    version, key = _version(case), key_of(case)
    with Outbox(case.path / FILE) as outbox:
        outbox.recover(case.now())
        due = _due(case, outbox, channel)[:limit]
        if not due:
            return None
        rows = _texts(case, due, channel)
        lot = f"{channel}-{outbox.lots(channel) + 1:04d}"
        wordings = {person: wording_of(text) for person, text in rows.select("person_id", "text").iter_rows()}
        outbox.claim_lot(wordings, channel, version, lot, case.now())
        named = ((name(key, row["person_id"], channel, version), row) for row in rows.iter_rows(named=True))
        path = _sms(folder, lot, named) if channel == "sms" else _folder(case, folder, lot, named, progress)
        outbox.settle_lot(lot, State.ACCEPTED, case.now(), f"lot {lot}")
    case.execute(
        "insert into export values (?, ?, ?, '', ?)",
        (case.now().isoformat(timespec="seconds"), f"list of {channel}", str(path.resolve()), actor()),
    )
    case.journal("send.lot", lot=lot, count=rows.height)
    return Lot(lot, path, rows.height)


Named = tuple[str, dict[str, Any]]


def _sms(folder: Path, lot: str, rows: Iterator[Named]) -> Path:
    """A list as vendors of SMS take it: reference, number (E.164), text."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(["reference", "number", "text"])
    writer.writerows([reference, row["mobile"], " ".join(row["text"].split())] for reference, row in rows)
    return write_all(folder, {f"{lot}.csv": out.getvalue()})[0]


def _folder(case: Case, folder: Path, lot: str, rows: Iterator[Named], progress: Progress) -> Path:
    """A folder as printers take it: one file each, and a list of the files with their hashes."""
    page = latest(case, OWN).get(PAGE)
    facts = {fact: one.value for fact, one in latest(case, LETTER).items()}
    press = press_of(case, facts, own_page(Path(page.value)) if page else None)
    part = folder / f"{lot}.part"
    listed = ["reference,file,sha256"]
    for number, (reference, row) in enumerate(rows, 1):
        content: bytes = row["text"].encode()
        file = f"{reference}.txt"
        if paper.available():
            with suppress(MissingGlyphError):  # a sign that no font draws: the text is exact
                content, file = pdf_of(case, row, press), f"{reference}.pdf"
        write_all(part, {file: content})
        listed.append(f"{reference},{file},{hashlib.sha256(content).hexdigest()}")
        progress.step("paper", number)
    write_all(part, {"manifest.csv": "\r\n".join(listed) + "\r\n"})
    return part.rename(folder / lot)


@dataclass(slots=True)
class Returned:
    """What a reading of returns found: how many of each, why, and by which way people are to be told next."""

    hard: int = 0
    soft: int = 0
    delayed: int = 0
    delivered: int = 0
    already: int = 0
    not_ours: int = 0
    not_understood: int = 0
    causes: Counter[str] = field(default_factory=Counter)
    next: dict[str, int] = field(default_factory=dict)


def take_returns(case: Case, place: Path) -> Returned:
    """Reads what came back and records it in the outbox; each report counts once, read as often as one likes.

    Raises:
        UsageError: there is nothing there, or it cannot be read.
    """
    found = Returned()
    with Outbox(case.path / FILE) as outbox:
        key = key_of(case)
        known = {
            name(key, person, channel, version): number
            for number, person, channel, version, _ in outbox.table()
        }
        if place.suffix.lower() == ".csv":
            digest = hashlib.sha256(place.read_bytes()).hexdigest() if place.is_file() else ""
            for reference, failed in returns.from_list(place):
                if failed:
                    _came_back(case, outbox, found, known.get(reference), digest, returns.status("5.0.0"))
                else:
                    found.delivered += 1
        else:
            _read_mail(case, outbox, found, place, known)
        found.next = _next(case, outbox)
    case.execute(
        "insert into export values (?, 'returned mail', ?, '', ?)",
        (case.now().isoformat(timespec="seconds"), str(place.resolve()), actor()),
    )
    case.journal("send.returns", hard=found.hard, soft=found.soft, causes=dict(found.causes))
    return found


def _read_mail(case: Case, outbox: Outbox, found: Returned, place: Path, known: Mapping[str, int]) -> None:
    by_address: dict[str, int] | None = None
    for raw in returns.messages(place):
        reports = returns.read(raw)
        if not reports:
            found.not_understood += 1
        for one in reports:
            number = next((known[own] for own in one.names if own in known), None)
            if number is None and not one.names:
                # the report names its message in no way: the address does, being that of one person alone
                by_address = _addresses(case, outbox) if by_address is None else by_address
                number = by_address.get(one.recipient)
            if one.action == "failed":
                _came_back(case, outbox, found, number, one.digest, one.status)
            elif one.action == "delayed":
                found.delayed += 1
            else:
                found.delivered += 1


def _came_back(
    case: Case, outbox: Outbox, found: Returned, number: int | None, digest: str, status: returns.Status
) -> None:
    if number is None:
        found.not_ours += 1
        return
    hard = status.kind == "hard"
    state = outbox.came_back(number, case.now(), f"{status.code} {status.cause}", digest, for_good=hard)
    if state is None:
        found.already += 1
        return
    found.causes[status.cause] += 1
    if hard:
        found.hard += 1
    else:
        found.soft += 1


def _addresses(case: Case, outbox: Outbox) -> dict[str, int]:
    numbers = {person: number for number, person, channel, _, _ in outbox.table() if channel == "email"}
    return {
        address.lower(): numbers[person]
        for batch in kept(case)
        for person, address in batch.select("person_id", "email").iter_rows()
        if address and person in numbers
    }


def _next(case: Case, outbox: Outbox) -> dict[str, int]:
    """How many people are to be told by each way that has not begun for them; ``none``: every way failed."""
    held = plan(ways(case), _outcomes(outbox, _version(case)))
    counted = held.filter(pl.col("state").is_null()).group_by("channel").len()
    return {channel or "none": count for channel, count in counted.sort("channel").iter_rows()}


def _due(case: Case, outbox: Outbox, channel: str) -> list[int]:
    """The people to be told by this way now, of whom nothing is queued by it, or who were put back to it."""
    held = plan(ways(case), _outcomes(outbox, _version(case)))
    if held.is_empty():
        raise Refused(
            "Make the letters first: notify letters.", "Faites d'abord les lettres : notify letters."
        )
    mine = held.filter(
        (pl.col("channel") == channel) & (pl.col("state").is_null() | (pl.col("state") == str(State.QUEUED)))
    )
    return mine["person_id"].to_list()


def _outcomes(outbox: Outbox, version: str) -> list[tuple[int, str, str]]:
    return [(person, channel, state) for _, person, channel, of, state in outbox.table() if of == version]


def _version(case: Case) -> str:
    said = latest(case, LETTER).get("version")
    return said.value if said else "1"


def _texts(case: Case, persons: Sequence[int], channel: str) -> pl.DataFrame:
    """The letters of these people by this way: as they were kept, or made now for those whose first way was another."""
    wanted = pl.Series(persons, dtype=pl.Int64).implode()
    held = [
        batch.filter((pl.col("channel") == channel) & pl.col("person_id").is_in(wanted))
        for batch in kept(case)
    ]
    found = pl.concat(held) if held else None
    there = set(found["person_id"]) if found is not None else set()
    others = [person for person in persons if person not in there]
    parts = [part for part in (found, render(case, others, channel) if others else None) if part is not None]
    return pl.concat(parts).sort("person_id")


def to_folder(case: Case, folder: Path, sender: str | None) -> int:
    """Writes every e-mail as it would leave, one file each; nothing is sent. Gives their number."""
    if not sender:
        raise UsageError("Give the sender with --from.", "Donnez l'expéditeur avec --from.")
    version, key = _version(case), key_of(case)
    found = [batch.filter(pl.col("channel") == "email") for batch in kept(case)]
    if not found:
        raise Refused(
            "Make the letters first: notify letters.", "Faites d'abord les lettres : notify letters."
        )
    count = 0
    for batch in found:
        for row in batch.iter_rows(named=True):
            write_all(folder, {f"{row['person_id']:09d}.eml": _raw(row, sender, key, version)})
            count += 1
    case.execute(
        "insert into export values (?, 'messages', ?, '', ?)",
        (case.now().isoformat(timespec="seconds"), str(folder.resolve()), "send"),
    )
    case.journal("export", what="messages", path=str(folder.resolve()), count=count)
    return count


def settle(case: Case, who: str, state: str, why: str) -> None:
    """A person's word on messages whose outcome is unknown: taken, or to be sent again. ``who``: a person, or a lot.

    Raises:
        UsageError: nothing of this person or lot is unknown, or the reason is missing.
    """
    if not why.strip():
        raise UsageError("Say how you know: give --why.", "Dites comment vous le savez : donnez --why.")
    with Outbox(case.path / FILE) as outbox:
        changed = (
            outbox.decide(int(who), State(state), case.now(), why)
            if who.isdigit()
            else outbox.settle_lot(who, State(state), case.now(), why)
        )
    if not changed:
        raise UsageError(
            f"Nothing is unknown of {who}: give the number of a person, or the name of a list.",
            f"Rien n'est inconnu de {who} : donnez le numéro d'une personne, ou le nom d'une liste.",
        )
    case.journal("send.settled", who=who, state=state, why=why)


def counts(case: Case) -> dict[tuple[str, str], int]:
    """Messages by channel and state; empty when nothing was ever queued."""
    if not (case.path / FILE).is_file():
        return {}
    with Outbox(case.path / FILE) as outbox:
        return outbox.counts_by_channel()


def unknown(case: Case) -> tuple[list[int], dict[str, int]]:
    """The people one of whose messages has an unknown outcome, and the lots, with their number of messages."""
    if not (case.path / FILE).is_file():
        return [], {}
    with Outbox(case.path / FILE) as outbox:
        return outbox.unknown(), outbox.unknown_lots()


def untold(case: Case) -> int:
    """People with a letter made of whom no message was taken, or nobody knows: what closing asks about."""
    held = ways(case)
    if held.is_empty():
        return 0
    outcomes: list[tuple[int, str, str]] = []
    if (case.path / FILE).is_file():
        with Outbox(case.path / FILE) as outbox:
            outcomes = _outcomes(outbox, _version(case))
    told = {person for person, _, state in outcomes if state == State.ACCEPTED}
    return sum(person not in told for person in held["person_id"])


def failed_ways(case: Case) -> int:
    """People whose every way has failed: the public notice is for them."""
    if not (case.path / FILE).is_file():
        return 0
    with Outbox(case.path / FILE) as outbox:
        held = plan(ways(case), _outcomes(outbox, _version(case)))
    return held.filter(pl.col("channel").is_null()).height


def _raw(row: Mapping[str, Any], sender: str, key: bytes, version: str) -> bytes:
    """The message of one person; its Message-ID is the same at each attempt, and says nothing of them."""
    place = sender.rpartition("@")[2].rstrip(">") or "localhost"
    identity = f"<{name(key, row['person_id'], 'email', version)}@{place}>"
    return message(row["text"], row["subject"], row["email"], sender, identity)
