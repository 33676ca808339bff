"""Sending by SMTP: one message at a time, its claim before, its outcome after; a doubtful outcome is said to be so."""

from __future__ import annotations

import hashlib
import re
import smtplib
import ssl
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from hemostat.errors import Refused, UsageError
from hemostat.notify.outbox import State

if TYPE_CHECKING:
    from collections.abc import Callable

    from hemostat.model import Progress
    from hemostat.notify.outbox import Message, Outbox

TLS = ("starttls", "tls", "none")
_LOCAL = ("localhost", "127.0.0.1", "::1")
_TAKEN, _LATER, _NEVER = range(200, 300), range(400, 500), range(500, 600)
_LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)
FAILURES = 5
"""Failed connections in a row after which a run stops; the same command goes on later."""


@dataclass(frozen=True, slots=True)
class Server:
    """The organisation's own mail relay."""

    host: str
    port: int
    tls: str = "starttls"
    user: str | None = None
    password: str | None = None
    seconds: float = 30

    def __post_init__(self) -> None:
        if self.tls == "none" and self.host not in _LOCAL:
            raise UsageError(
                "Letters do not travel in clear: use --smtp-tls starttls or tls.",
                "Les lettres ne voyagent pas en clair : prenez --smtp-tls starttls ou tls.",
            )


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one message: a state, or None when the server asked to come back; a note without data."""

    state: State | None
    note: str = ""


def connect(server: Server) -> smtplib.SMTP:
    """A session with the relay, encrypted and logged in as asked.

    Raises:
        OSError: the relay does not answer, or refuses the session (SMTPException is one).
    """
    context = ssl.create_default_context()
    if server.tls == "tls":
        session: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host, server.port, timeout=server.seconds, context=context
        )
    else:
        session = smtplib.SMTP(server.host, server.port, timeout=server.seconds)
    if server.tls == "starttls":
        session.starttls(context=context)
    session.ehlo_or_helo_if_needed()
    if server.user:
        session.login(server.user, server.password or "")
    return session


def deliver(session: smtplib.SMTP, sender: str, to: str, raw: bytes, name: str = "") -> Outcome:
    """Hands one message over, as smtplib does in one call: here the last step is kept apart, because it tells.

    Until the message itself is sent, a broken session harms nothing: the message waits. Once it is on its way, no
    answer means that nobody knows. Replies of the server may quote an address, so only their number is kept. Where
    the relay can (RFC 3461), returns are asked for without the letter's text and with ``name``, that of the message.
    """
    asks = session.has_extn("dsn") and name
    options = (["RET=HDRS", f"ENVID={name}"], ["NOTIFY=FAILURE,DELAY"]) if asks else ([], [])
    try:
        for command, argument, extra in (
            (session.mail, sender, options[0]),
            (session.rcpt, to, options[1]),
        ):
            reply, _ = command(argument, extra)
            if reply not in _TAKEN:
                session.rset()
                return _not_taken(reply)
        reply, _ = session.docmd("data")
        if reply != 354:  # noqa: PLR2004 - "start mail input", RFC 5321
            session.rset()
            return _not_taken(reply)
    except (smtplib.SMTPException, OSError):
        return Outcome(None, "session broken before the message")
    try:
        session.send(_LEADING_DOT.sub(b"..", _ended(raw)) + b".\r\n")
        reply, _ = session.getreply()
    except (smtplib.SMTPException, OSError):
        return Outcome(State.UNKNOWN, "no answer after the message")
    return Outcome(State.ACCEPTED) if reply in _TAKEN else _not_taken(reply)


def _ended(raw: bytes) -> bytes:
    return raw if raw.endswith(b"\r\n") else raw + b"\r\n"


def _not_taken(reply: int) -> Outcome:
    if reply in _LATER:
        return Outcome(None, f"reply {reply}")
    return Outcome(State.REFUSED if reply in _NEVER else State.UNKNOWN, f"reply {reply}")


def run(
    outbox: Outbox,
    server: Server,
    write: Callable[[Message], tuple[str, str, bytes]],
    progress: Progress,
    *,
    per_minute: int | None = None,
    name: Callable[[Message], str] = lambda _: "",
) -> dict[str, int]:
    """Sends what is due; gives the messages by state. May be stopped at any moment and run again.

    ``write`` gives sender, recipient and message; ``name`` the name by which a return is known to be of this message.
    What an earlier run left in doubt is first marked unknown.

    Raises:
        Refused: the relay does not answer.
    """
    outbox.recover(_now())
    session: smtplib.SMTP | None = None
    failures = done = 0
    total = outbox.counts().get(State.QUEUED, 0)
    try:
        for message in outbox.due(_now()):
            started = time.monotonic()
            sender, to, raw = write(message)
            while session is None:
                session = _try(server)
                failures = 0 if session else failures + 1
                if failures == FAILURES:
                    raise _silent(server)
            outbox.claim(message, _now())
            outcome = deliver(session, sender, to, raw, name(message))
            if outcome.state is None:
                outbox.put_off(message, _now(), outcome.note)
            else:
                proof = f"sha256 {hashlib.sha256(raw).hexdigest()}"
                outbox.settle(message, outcome.state, _now(), outcome.note or proof)
            if "session" in outcome.note or outcome.state is State.UNKNOWN:
                session.close()
                session = None
            done += 1
            progress.step("send", done, total)
            if per_minute:
                time.sleep(max(0.0, 60 / per_minute - (time.monotonic() - started)))
    finally:
        if session is not None:
            session.close()
    return outbox.counts()


def _try(server: Server) -> smtplib.SMTP | None:
    try:
        return connect(server)
    except smtplib.SMTPAuthenticationError:
        raise UsageError(
            "The mail relay refuses the login: check --smtp-user and the password file.",
            "Le relais refuse l'identification : vérifiez --smtp-user et le fichier du mot de passe.",
        ) from None
    except OSError:
        time.sleep(0.2)
        return None


def _silent(server: Server) -> Refused:
    return Refused(
        f"The mail relay {server.host} does not answer. Nothing is lost: the same command goes on.",
        f"Le relais {server.host} ne répond pas. Rien n'est perdu : la même commande reprend.",
    )


def _now() -> datetime:
    return datetime.now(UTC)
