"""Sending, against a real SMTP server process: each message once, or said to be unknown, whatever dies."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import factories

sys.path.insert(0, str(Path(__file__).parent))
from dns_server import serving
from letters_made import FACTS
from test_domain import GOOD

from hemostat.case import Case, Opening
from hemostat.errors import Refused, UsageError
from hemostat.model import Silent
from hemostat.notify.leaving import message
from hemostat.notify.outbox import RETRY, Outbox, State
from hemostat.notify.sending import Server, run

HERE = Path(__file__).parent
NOW = datetime(2025, 12, 8, 9, tzinfo=UTC)


@pytest.fixture
def server(tmp_path):
    """The port of a server, and the file of what it took."""
    log = tmp_path / "taken.txt"
    process = subprocess.Popen(
        [sys.executable, HERE / "smtp_server.py", log], stdout=subprocess.PIPE, text=True
    )
    yield int(process.stdout.readline()), log
    process.kill()
    process.communicate()


def taken(log) -> Counter:
    return Counter(log.read_text("utf-8").split()) if log.exists() else Counter()


def writer(names):
    def write(one):
        to = f"{names[one.person]}@example.net"
        return (
            "dpo@example.org",
            to,
            message("Bonjour", "Objet", to, "dpo@example.org", f"<{one.person}@example.org>"),
        )

    return write


def test_each_message_is_taken_once_or_its_outcome_is_said(tmp_path, server):
    port, log = server
    names = ["plain", "later", "never", "drop", "early", "plain2"]
    relay = Server("127.0.0.1", port, "none")
    with Outbox(tmp_path / "outbox.sqlite") as outbox:
        assert outbox.fill([(n, "email", "00") for n in range(len(names))], NOW) == len(names)
        assert outbox.fill([(n, "email", "00") for n in range(len(names))], NOW) == 0
        counts = run(outbox, relay, writer(names), Silent())
        assert counts == {State.ACCEPTED: 2, State.QUEUED: 2, State.REFUSED: 1, State.UNKNOWN: 1}
        assert outbox.unknown() == [3]
        assert taken(log) == {"<0@example.org>": 1, "<3@example.org>": 1, "<5@example.org>": 1}
        assert run(outbox, relay, writer(names), Silent()) == counts, (
            "what was put off waits, the rest is done"
        )
        assert len(list(outbox.due(datetime.now(UTC) + RETRY[0] + timedelta(minutes=1)))) == 2
        assert outbox.decide(3, State.ACCEPTED, NOW, "seen in the relay's log") == 1
        assert outbox.unknown() == []


def test_a_message_put_off_for_too_long_is_given_up(tmp_path):
    with Outbox(tmp_path / "outbox.sqlite") as outbox:
        outbox.fill([(1, "email", "00")], NOW)
        now = NOW
        for _ in range(len(RETRY) + 1):
            (one,) = outbox.due(now)
            outbox.claim(one, now)
            outbox.put_off(one, now, "reply 451")
            now += timedelta(days=1)
        assert list(outbox.due(now)) == []
        assert outbox.counts() == {State.REFUSED: 1}


def test_a_silent_relay_loses_nothing_and_text_never_travels_in_clear(tmp_path):
    with Outbox(tmp_path / "outbox.sqlite") as outbox:
        outbox.fill([(1, "email", "00")], NOW)
        with pytest.raises(Refused):
            run(outbox, Server("127.0.0.1", 9, "none"), writer({1: "plain"}), Silent())
        assert outbox.counts() == {State.QUEUED: 1}
    with pytest.raises(UsageError):
        Server("mail.example.org", 25, "none")


@pytest.mark.slow
def test_killed_at_random_nothing_is_lost_and_nothing_is_sent_twice(tmp_path, server):
    port, log = server
    people = 200
    place = tmp_path / "outbox.sqlite"
    with Outbox(place) as outbox:
        outbox.fill([(n, "email", "00") for n in range(people)], NOW)
    deaths = 0
    for seed in range(200):
        command = [sys.executable, HERE / "sender.py", place, str(port), str(seed)]
        ended = subprocess.run(command, capture_output=True, check=False)
        if ended.returncode == 0:
            break
        assert ended.returncode == -9, ended.stderr
        deaths += 1
    with Outbox(place) as outbox:
        counts = outbox.counts()
        unknown = {f"<{person}@example.org>" for person in outbox.unknown()}
    got = taken(log)
    assert deaths >= 3
    assert unknown
    assert set(counts) <= {State.ACCEPTED, State.UNKNOWN}
    assert sum(counts.values()) == people
    assert counts[State.ACCEPTED] + counts.get(State.UNKNOWN, 0) == people
    assert max(got.values()) == 1
    assert {f"<{n}@example.org>" for n in range(people)} - set(got) <= unknown


def test_from_the_letters_to_the_relay_once(hemostat, tmp_path, server):
    port, log = server
    leak = tmp_path / "evidence" / "fichier.csv"
    leak.parent.mkdir()
    people = [row[:-1] for row in factories.people(20)]
    leak.write_text(factories.csv_text(people, factories.HEADINGS[:-1]), "utf-8")
    case = tmp_path / "affaire"
    assert hemostat("respond", leak, "--case", case)[0] == 0
    relay = ("--smtp", f"127.0.0.1:{port}", "--smtp-tls", "none", "--from", "dpo@example.org")
    checked = ("--domain-checked", "DNS read on 8 December")
    assert hemostat("notify", case, "send", *relay, *checked)[0] == 6
    sets = [part for name, value in FACTS.items() for part in ("--set", f"{name}={value}")]
    assert hemostat("notify", case, "letters", *sets)[0] == 0
    assert (
        hemostat("notify", case, "send", "--to-folder", tmp_path / "out", "--from", "dpo@example.org")[0] == 0
    )
    assert len(list((tmp_path / "out").glob("*.eml"))) == 20
    code, out, _ = hemostat("notify", case, "send", *relay)
    assert (code, "e-mail, taken by the relay : 20" in out) == (0, True)
    assert hemostat("notify", case, "send", *relay)[0] == 0
    assert (len(taken(log)), max(taken(log).values())) == (20, 1)
    changed = ("--set", "signature=La présidence")
    assert hemostat("notify", case, "letters", *changed)[0] == 0
    assert hemostat("notify", case, "send", *relay)[0] == 0
    assert len(taken(log)) == 20, "another wording is not another letter"
    assert hemostat("notify", case, "send", "--settle", 1, "queued", "--why", "x")[0] == 2
    assert hemostat("notify", case, "send", *relay[:1], "mail.example.org:25", *relay[2:])[0] == 2


def test_nothing_leaves_before_the_domain_was_checked(hemostat, tmp_path, server):
    case = tmp_path / "affaire"
    leak = factories.leak(tmp_path / "evidence", 8)
    assert hemostat("respond", leak, "--case", case)[0] == 0
    sets = [part for name, value in FACTS.items() for part in ("--set", f"{name}={value}")]
    assert hemostat("notify", case, "letters", *sets)[0] == 0
    relay = ("--smtp", f"127.0.0.1:{server[0]}", "--smtp-tls", "none", "--from", "dpo@example.org")
    with serving({}) as (dns, asked):
        code, _, err = hemostat("notify", case, "send", *relay, "--dns", dns, "--dkim-selector", "lettres")
        assert (code, taken(server[1])) == (6, Counter())
        assert asked
        for word in ("L16", "SPF", "DKIM", "DMARC", "takes no mail"):
            assert word in err
    records = {name: texts for name, texts in GOOD.items() if name != ("_dmarc.example.org", "TXT")}
    records["_dmarc.example.org", "TXT"] = ['"v=DMARC1; p=none"']
    with serving(records) as (dns, asked):
        code, out, _ = hemostat("notify", case, "send", *relay, "--dns", dns, "--dkim-selector", "lettres")
        assert (code, "p=none" in out) == (0, True)
        assert {name for name, _ in asked} <= {
            "example.org",
            "_dmarc.example.org",
            "lettres._domainkey.example.org",
        }


def test_a_person_may_say_why_the_domain_may_send(hemostat, tmp_path, server):
    case = tmp_path / "affaire"
    assert hemostat("open", case, "--signal", "2025-11-28T09:00+01:00")[0] == 0
    told = ("--smtp", f"127.0.0.1:{server[0]}", "--smtp-tls", "none", "--from", "dpo@example.org")
    with serving({}, silent=True) as (dns, asked):
        said = ("--domain-checked", "read by the host on 8 December")
        code, _, err = hemostat("notify", case, "send", *told, "--dns", dns, *said)
        assert (code, "letters first" in err, asked) == (6, True, [])
    with Case.open(case, Opening(tmp_path / "keys" / "case.key")) as held:
        assert held.rows("select value, \"by\" <> '' from said where topic = 'send'") == [(said[1], True)]
