"""Killed at random while it sends: every message taken once or listed as unknown, none lost.

Usage: python bench/kills.py [messages] [kills]. The server is a process of its own; the sender is killed as by a power
cut of the process (SIGKILL) at random moments, then started again, and left alone after the last kill.
"""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from hemostat.model import Silent
from hemostat.notify.leaving import message
from hemostat.notify.outbox import Outbox, State
from hemostat.notify.sending import Server, run
from measure import machine, table

if TYPE_CHECKING:
    from hemostat.notify.outbox import Message

SERVER = Path(__file__).parents[1] / "tests" / "unit" / "notify" / "smtp_server.py"


def send(place: Path, port: int) -> None:
    """Sends what is due, as the program does."""

    def write(one: Message) -> tuple[str, str, bytes]:
        to, number = f"p{one.person}@example.net", f"<{one.person}@example.org>"
        return "dpo@example.org", to, message("Bonjour\n", "Objet", to, "dpo@example.org", number)

    with Outbox(place) as outbox:
        run(outbox, Server("127.0.0.1", port, "none"), write, Silent())


def killed(place: Path, port: int, kills: int, draw: random.Random) -> int:
    """Runs the sender until it ends by itself; gives how many times it was killed."""
    done = 0
    while True:
        child = subprocess.Popen([sys.executable, __file__, "--send", str(place), str(port)])
        try:
            code = child.wait(timeout=draw.uniform(0.4, 1.6) if done < kills else None)
        except subprocess.TimeoutExpired:
            child.send_signal(signal.SIGKILL)
            code = child.wait()
        if code == 0:
            return done
        if code != -signal.SIGKILL:
            sys.exit(f"the sender ended with code {code}")
        done += 1


def main(arguments: list[str]) -> None:
    """Prints the table; the exit code says whether all held."""
    if arguments[:1] == ["--send"]:
        send(Path(arguments[1]), int(arguments[2]))
        return
    messages, kills = (*(int(one) for one in arguments), *(20_000, 50)[len(arguments) :])
    with tempfile.TemporaryDirectory() as folder:
        log, place = Path(folder) / "taken", Path(folder) / "outbox.sqlite"
        server = subprocess.Popen([sys.executable, SERVER, log], stdout=subprocess.PIPE, text=True)
        assert server.stdout is not None
        try:
            with Outbox(place) as outbox:
                outbox.fill(((n, "email", "1") for n in range(messages)), datetime.now(UTC))
            began = time.monotonic()
            deaths = killed(place, int(server.stdout.readline()), kills, random.Random(1))
            wall = time.monotonic() - began
        finally:
            server.kill()
            server.wait()
        with Outbox(place) as outbox:
            counts, unknown = outbox.counts(), {f"<{n}@example.org>" for n in outbox.unknown()}
        got = Counter(log.read_text().split())
    lost = {f"<{n}@example.org>" for n in range(messages)} - set(got) - unknown
    twice = sum(number > 1 for number in got.values())
    row = [f"{messages:,}", str(deaths), f"{wall:.0f}", str(counts.get(State.ACCEPTED, 0)), str(len(unknown)),
           str(twice), str(len(lost))]  # fmt: skip
    print(f"killed while sending ({machine()}); twice and lost must be 0")
    print(table(["messages", "kills", "wall s", "accepted", "unknown", "twice", "lost"], [row]))
    sys.exit(bool(lost or twice))


if __name__ == "__main__":
    main(sys.argv[1:])
