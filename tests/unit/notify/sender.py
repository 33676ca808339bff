"""Sends the messages of an outbox and dies at random: at a claim, after it, or before the outcome is told.

Usage: sender.py OUTBOX PORT SEED. One step in sixty kills the process as a power cut would.
"""

import os
import random
import signal
import sys
from pathlib import Path

from hemostat.model import Silent
from hemostat.notify.leaving import message
from hemostat.notify.outbox import Outbox
from hemostat.notify.sending import Server, run

chance = random.Random(int(sys.argv[3]))


def perhaps_die():
    if chance.random() < 1 / 60:
        os.kill(os.getpid(), signal.SIGKILL)


class Mortal(Outbox):
    def claim(self, message, now):
        perhaps_die()
        super().claim(message, now)
        perhaps_die()

    def settle(self, message, state, now, note=""):
        perhaps_die()
        super().settle(message, state, now, note)


def write(one):
    to, number = f"p{one.person}@example.net", f"<{one.person}@example.org>"
    return "dpo@example.org", to, message("Bonjour\n.\n..fin", "Objet", to, "dpo@example.org", number)


with Mortal(Path(sys.argv[1])) as outbox:
    run(outbox, Server("127.0.0.1", int(sys.argv[2]), "none"), write, Silent())
