"""What closing a case asks first, and what it leaves behind: the register entry, and a proof under a key of its own."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyrage

from hemostat.assess import latest, say_fact, severity_counts, severity_rules, times_of
from hemostat.errors import Refused, UsageError
from hemostat.notify import posting, register
from hemostat.notify.files import write_all
from hemostat.notify.letters import kept
from hemostat.notify.outbox import Outbox

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from hemostat.case import Case

HOLD = "hold"
PROOF = "proof.csv.age"
REGISTER = "register"
_COLUMNS = ("name", "contact", "channel", "sent_at", "wording_sha256", "state")


@dataclass(frozen=True, slots=True)
class Left:
    """What a closed case keeps: the register's folder, and the proof with the key that opens it.

    ``key``: None when the proof is encrypted for somebody named, or when nothing was sent.
    """

    register: Path
    proof: Path | None
    key: Path | None


def hold(case: Case, value: str, why: str) -> None:
    """Sets a hold on the case (a prosecutor or a court wants it kept), or lifts it.

    Raises:
        UsageError: the reason is missing.
    """
    if not why.strip():
        raise UsageError("Say who asks for it: give --why.", "Dites qui le demande : donnez --why.")
    say_fact(case, HOLD, HOLD, value, why)


def check(case: Case) -> None:
    """Refuses while a duty is open.

    Raises:
        Refused: letters not sent or unknown, people not told without a decision, a notice open, a hold.
    """
    found = list(_open(case))
    if found:
        raise Refused(
            "The case has open duties: "
            + " ".join(en[0].upper() + en[1:] for en, _ in found)
            + " Do them, or close with --reason.",
            "Des obligations restent ouvertes : "
            + " ".join(fr[0].upper() + fr[1:] for _, fr in found)
            + " Faites-les, ou donnez un motif à la clôture : --reason.",
        )


def duties(case: Case) -> list[str]:
    """What is still due, in English: closing keeps it beside its reason."""
    return [en for en, _ in _open(case)]


def _open(case: Case) -> Iterator[tuple[str, str]]:
    times, said = times_of(case), latest(case, register.TOPIC)
    held = latest(case, HOLD).get(HOLD)
    if held and held.value == "yes":
        yield f"a hold is set ({held.why}).", f"la conservation est demandée ({held.why})."
    people, lots = posting.unknown(case)
    unknown = len(people) + sum(lots.values())
    if unknown:
        yield f"{unknown} messages have an unknown outcome.", f"{unknown} messages ont un sort inconnu."
    untold = posting.untold(case) - unknown
    if untold > 0:
        yield f"{untold} letters are not sent.", f"{untold} lettres ne sont pas parties."
    made = case.rows("select 1 from letter where part is not null limit 1")
    if not made and _grave(case) and "persons_told_at" not in times and "decision_34" not in said:
        yield (
            "people at high risk are not told, and no decision of the register says why.",
            "des personnes à risque élevé ne sont pas prévenues, et aucune décision au registre ne dit pourquoi.",
        )
    if "aware_at" in times and "initial_notice_at" not in times and "decision_33" not in said:
        yield "the authority is not notified.", "la notification à la CNIL n'est pas faite."
    if "initial_notice_at" in times and "next_notice_at" not in times and _unknown_to_authority(case):
        yield (
            "the notice still says “not known yet”: send the next version.",
            "la notification dit encore « non connu à ce jour » : envoyez la version suivante.",
        )


def _grave(case: Case) -> bool:
    ranks = severity_rules().levels
    return any(
        count for level, count in (severity_counts(case) or {}).items() if ranks[level] >= ranks["important"]
    )


def _unknown_to_authority(case: Case) -> bool:
    """Whether the last notice sent left a mandatory answer open."""
    sent = case.rows("select content from notice order by version desc limit 1")
    if not sent:
        return False
    fields = [field for section in json.loads(sent[0][0])["sections"] for field in section["fields"]]
    return any(field["required"] and field["status"] == "unknown" for field in fields)


def leave(case: Case, recipient: str | None = None, shown: Callable[[str], str] = str) -> Left:
    """Writes what outlives the case: its register entry, and the proof of what was sent.

    The proof names people, so it is encrypted: for ``recipient`` (age1…), else under a new key written beside that of
    the case, which closing destroys. ``shown`` gives the name of a piece of evidence as it may be kept in clear.

    Raises:
        UsageError: the recipient is not one of age.
    """
    folder = case.path / REGISTER
    register.write(case, folder, shown=shown)
    rows = list(_sent(case))
    if not rows:
        return Left(folder, None, None)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerows([_COLUMNS, *rows])
    key: Path | None = None
    if recipient:
        try:
            to = pyrage.x25519.Recipient.from_str(recipient.strip())
        except (pyrage.RecipientError, ValueError):
            raise UsageError(
                "The recipient of the proof is not one of age: it should begin with age1.",
                "Le destinataire de la preuve n'est pas un destinataire age : il doit commencer par age1.",
            ) from None
    else:
        own = pyrage.x25519.Identity.generate()
        to = own.to_public()
        key = write_all(case.key_file.parent, {f"{case.case_id}.proof.txt": f"{own}\n"})[0]
    proof = write_all(case.path, {PROOF: bytes(pyrage.encrypt(out.getvalue().encode(), [to]))})[0]
    case.journal("proof.written", messages=len(rows))
    return Left(folder, proof, key)


def _sent(case: Case) -> Iterator[tuple[str, ...]]:
    """The lines of the proof: to whom, where, by which way, when, which words, and what became of it."""
    if not (case.path / posting.FILE).is_file():
        return
    with Outbox(case.path / posting.FILE) as outbox:
        proof = outbox.proof()
    known = {row["person_id"]: row for batch in kept(case) for row in batch.iter_rows(named=True)}
    for person, channel, at, wording, state in proof:
        row = known.get(person, {})
        place = {
            "email": row.get("email"),
            "sms": row.get("mobile"),
            "post": " ".join(row.get(part) or "" for part in ("street", "postal_code", "city")),
        }[channel]
        yield _safe(row.get("name") or ""), _safe(place or ""), channel, at, wording, state


def _safe(cell: str) -> str:
    """A cell that no spreadsheet runs; a phone number keeps its sign."""
    risky = cell[:1] in ("=", "@", "\t", "\r") or (cell[:1] in "+-" and not cell[1:2].isdigit())
    return f"'{cell}" if risky and cell else cell


def sweep(folder: Path) -> list[Path]:
    """Removes what the letters left in the folder of a closed case; gives what could not be removed."""
    left = []
    for path in (*folder.glob(f"{posting.FILE}*"), *(folder / "paper").glob("*/*")):
        try:
            path.unlink()
        except OSError:
            left.append(path)
    for empty in (*(folder / "paper").glob("*"), folder / "paper"):
        if empty.is_dir() and not any(empty.iterdir()):
            empty.rmdir()
    return left
