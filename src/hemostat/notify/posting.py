"""The e-mails of a case on their way: from the letters kept, through the outbox, to the organisation's relay."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import polars as pl

from hemostat.assess import latest, say_fact
from hemostat.errors import Refused, UsageError
from hemostat.notify.files import write_all
from hemostat.notify.leaving import message
from hemostat.notify.letters import TOPIC as LETTER
from hemostat.notify.letters import kept
from hemostat.notify.outbox import Outbox, State
from hemostat.notify.sending import Server, run

if TYPE_CHECKING:
    from pathlib import Path

    from hemostat.case import Case
    from hemostat.model import Progress
    from hemostat.notify.outbox import Message

TOPIC = "send"
FILE = "outbox.sqlite"
"""In the folder of the case: numbers, hashes and times, nothing that names anybody."""


def keep_domain_check(case: Case, said: str) -> None:
    """Keeps who checked SPF, DKIM and DMARC of the sending domain, when and how."""
    say_fact(case, TOPIC, "domain_checked", said, said)


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
        Refused: no letter was made, or nobody has said that the sending domain is authenticated (rule L16).
    """
    if not latest(case, TOPIC).get("domain_checked"):
        raise Refused(
            "L16: nobody has said that SPF, DKIM and DMARC of the sending domain were checked: without them letters "
            "land among spam. Check, then say so with --domain-checked.",
            "L16 : personne n'a dit que SPF, DKIM et DMARC du domaine d'envoi ont été vérifiés : sans eux les lettres "
            "finissent en indésirables. Vérifiez, puis dites-le avec --domain-checked.",
        )
    letters = _letters(case)
    with Outbox(case.path / FILE) as outbox:
        said = latest(case, LETTER).get("version")
        version = said.value if said else "1"
        new = outbox.fill(((person, "email", version) for person in sorted(letters)), case.now())
        case.journal("send.start", new=new, relay=relay.host)

        def write(one: Message) -> tuple[str, str, bytes]:
            row = letters[one.person]
            return sender, row["email"], _raw(case, row, sender)

        counts = run(outbox, relay, write, progress, per_minute=per_minute)
    case.journal("send.end", **counts)
    return counts


def to_folder(case: Case, folder: Path, sender: str | None) -> int:
    """Writes every e-mail as it would leave, one file each; nothing is sent. Gives their number."""
    if not sender:
        raise UsageError("Give the sender with --from.", "Donnez l'expéditeur avec --from.")
    letters = _letters(case)
    for person, row in letters.items():
        write_all(folder, {f"{person:09d}.eml": _raw(case, row, sender)})
    case.execute(
        "insert into export values (?, 'messages', ?, '', ?)",
        (case.now().isoformat(timespec="seconds"), str(folder.resolve()), "send"),
    )
    case.journal("export", what="messages", path=str(folder.resolve()), count=len(letters))
    return len(letters)


def settle(case: Case, person: int, state: str, why: str) -> None:
    """A person's word on a message whose outcome is unknown: taken, or to be sent again.

    Raises:
        UsageError: nothing of this person is unknown, or the reason is missing.
    """
    if not why.strip():
        raise UsageError("Say how you know: give --why.", "Dites comment vous le savez : donnez --why.")
    with Outbox(case.path / FILE) as outbox:
        changed = outbox.decide(person, State(state), case.now(), why)
    if not changed:
        raise UsageError(
            f"No message of person {person} is unknown.",
            f"Aucun message de la personne {person} n'est inconnu.",
        )
    case.journal("send.settled", person=person, state=state, why=why)


def counts(case: Case) -> dict[str, int]:
    """Messages by state; empty when nothing was ever queued."""
    if not (case.path / FILE).is_file():
        return {}
    with Outbox(case.path / FILE) as outbox:
        return outbox.counts()


def unknown(case: Case) -> list[int]:
    """The people one of whose messages has an unknown outcome."""
    if not (case.path / FILE).is_file():
        return []
    with Outbox(case.path / FILE) as outbox:
        return outbox.unknown()


def _letters(case: Case) -> dict[int, dict[str, Any]]:
    """The e-mails kept in the case, by person.

    Raises:
        Refused: no letter was made yet.
    """
    found = [batch.filter(pl.col("channel") == "email") for batch in kept(case)]
    if not found:
        raise Refused(
            "Make the letters first: notify letters.", "Faites d'abord les lettres : notify letters."
        )
    return {row["person_id"]: row for batch in found for row in batch.iter_rows(named=True)}


def _raw(case: Case, row: dict[str, Any], sender: str) -> bytes:
    """The message of one person; its Message-ID is the same at each attempt."""
    domain = sender.rpartition("@")[2] or "localhost"
    identity = f"<{case.case_id}.{row['person_id']}@{domain}>"
    return message(row["text"], row["subject"], row["email"], sender, identity)
