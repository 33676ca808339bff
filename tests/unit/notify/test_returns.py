"""Messages that came back: read as servers write them, recorded once, and the person is told by the next way."""

from __future__ import annotations

import csv
import mailbox
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

import factories

sys.path.insert(0, str(Path(__file__).parent))
from dsn import report
from letters_made import FACTS

from hemostat.case import Case, Opening
from hemostat.notify import posting
from hemostat.notify.cascade import plan
from hemostat.notify.naming import key_of, name
from hemostat.notify.outbox import Outbox
from hemostat.notify.returns import messages, read, status
from hemostat.rules import rows

HERE = Path(__file__).parent
SETS = [part for fact, value in FACTS.items() for part in ("--set", f"{fact}={value}")]


@pytest.mark.parametrize(
    "rule", rows("bounces", "status", {"id": str, "examples": list}), ids=lambda r: r["id"]
)
def test_each_status_means_what_its_rule_says(rule):
    for code in rule["examples"]:
        assert (status(code).kind, status(code).cause) == (rule["kind"], rule["cause"])
    for code in rule["counter_examples"]:
        assert not code.startswith(f"{rule['id']}.")


@pytest.mark.parametrize("whole", [True, False])
def test_a_report_names_its_message_by_the_headers_that_it_quotes(whole):
    (one,) = read(report("<abc@example.org>", whole=whole))
    assert (one.names, one.action, one.status.code) == (("abc",), "failed", "5.1.1")


def test_the_name_on_the_envelope_comes_first():
    (one,) = read(report("<other@example.org>", envelope="abc"))
    assert one.names == ("abc", "other")


def test_what_is_no_report_is_nothing():
    assert read(b"From: a@example.org\nSubject: Absent\n\nJe suis en vacances.\n") == ()
    assert read(b"") == ()
    assert read(b"\xff\xfe\x00" * 100) == ()
    deep = (
        b"Content-Type: multipart/mixed; boundary=a\n\n"
        + b"--a\nContent-Type: multipart/mixed; boundary=a\n\n" * 500
    )
    assert read(deep) == ()
    torn = (
        report("<abc@example.org>").replace(b"Status: 5.1.1", b"Status: oops").replace(b"550 5.1.1", b"550")
    )
    assert read(torn) == ()


def test_mail_is_found_in_a_message_a_folder_a_maildir_and_an_mbox(tmp_path):
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "one.eml").write_bytes(report("<a@x>"))
    (folder / "two.eml").write_bytes(report("<b@x>"))
    box = mailbox.mbox(folder / "box")
    box.add(report("<c@x>"))
    box.add(report("<d@x>", whole=True))
    box.close()
    maildir = mailbox.Maildir(folder / "maildir")
    maildir.add(report("<e@x>"))
    found = sorted(own for raw in messages(folder) for one in read(raw) for own in one.names)
    assert found == ["a", "b", "c", "d", "e"]
    assert len(list(messages(folder / "one.eml"))) == 1


def test_the_first_way_that_has_not_failed_is_taken():
    ways = pl.DataFrame({"person_id": [1, 2, 3, 4, 5], "ways": [["email", "sms"]] * 4 + [["email"]]})
    outcomes = [
        (1, "email", "returned"),
        (2, "email", "unknown"),
        (3, "email", "refused"),
        (3, "sms", "accepted"),
        (5, "email", "returned"),
    ]
    assert plan(ways, outcomes).rows() == [
        (1, "sms", None),
        (2, "email", "unknown"),
        (3, "sms", "accepted"),
        (4, "email", None),
        (5, None, None),
    ]


@pytest.fixture
def server(tmp_path):
    log = tmp_path / "taken.txt"
    process = subprocess.Popen(
        [sys.executable, HERE / "smtp_server.py", log], stdout=subprocess.PIPE, text=True
    )
    yield int(process.stdout.readline()), log
    process.kill()
    process.communicate()


HEADINGS = ("nom", "prenom", "date_naissance", "email", "telephone", "adresse", "code_postal", "ville")


def people(count):
    for number in range(count):
        last, first = (
            ("BELLORGET", "CANDILLAC", "FOURCADEL")[number % 3],
            ("Odette", "Marcel", "Inès")[number % 3],
        )
        yield (
            f"{last}{'ABCDEFGHIJ'[number]}",
            first,
            f"{1950 + number}-03-{number + 1:02d}",
            f"p{number}@example.net",
            f"06 39 98 00 {number:02d}" if number < 4 else "",
            f"{number + 1} rue de l'Exemple",
            "35000",
            "RENNES",
        )


@pytest.fixture
def sent(hemostat, tmp_path, server):
    """A case whose six e-mails were taken by the relay; gives its folder."""
    leak = tmp_path / "evidence" / "fichier.csv"
    leak.parent.mkdir()
    leak.write_text(factories.csv_text(list(people(6)), HEADINGS), "utf-8")
    case = tmp_path / "affaire"
    assert hemostat("respond", leak, "--case", case)[0] == 0
    assert hemostat("notify", case, "letters", *SETS)[0] == 0
    relay = ("--smtp", f"127.0.0.1:{server[0]}", "--smtp-tls", "none", "--from", "dpo@example.org")
    code, out, _ = hemostat("notify", case, "send", *relay, "--domain-checked", "DNS read on 8 December")
    assert (code, "e-mail, taken by the relay : 6" in out) == (0, True)
    return case


def held(case, tmp_path):
    return Case.open(case, Opening(tmp_path / "keys" / "case.key"))


def identities(case, tmp_path):
    with held(case, tmp_path) as open_case:
        key = key_of(open_case)
        return {person: f"<{name(key, person, 'email', '1')}@example.org>" for person in range(1, 7)}


def test_what_comes_back_is_told_by_sms_then_by_post_and_each_list_once(hemostat, tmp_path, sent):
    own = identities(sent, tmp_path)
    with held(sent, tmp_path) as case:
        with_phone = {p for (p,) in case.rows("select person_id from letter where ways like 'email sms%'")}
    first, second, third = min(with_phone), sorted(with_phone)[1], min(set(own) - with_phone)
    back = tmp_path / "out" / "retours"
    back.mkdir(parents=True)
    (back / "1.eml").write_bytes(report(own[first]))
    (back / "2.eml").write_bytes(report(own[second], status="4.4.7", stamp="2"))
    (back / "3.eml").write_bytes(report(own[third], status="5.7.1", stamp="3"))
    (back / "4.eml").write_bytes(report("<stranger@example.org>", stamp="4"))
    (back / "5.eml").write_bytes(b"Subject: Absence\n\nDe retour lundi.\n")
    (back / "6.eml").write_bytes(report(own[5], action="delayed", status="4.4.1", stamp="6"))
    code, out, _ = hemostat("notify", sent, "bounces", back)
    assert code == 0
    assert "Returns read: 2 for good, 1 for now, 1 delays, 0 deliveries, 0 read before." in out
    assert "not authenticated" in out
    assert "To be told by SMS now (send --channel sms): 1" in out
    assert "To be told by post now (send --channel post): 1" in out
    again = hemostat("notify", sent, "bounces", back)[1]
    assert "0 for good, 0 for now, 1 delays, 0 deliveries, 3 read before." in again

    lists = tmp_path / "out" / "listes"
    code, out, _ = hemostat("notify", sent, "send", "--channel", "sms", "--out", lists)
    assert (code, "SMS, taken by the relay : 1" in out) == (0, True)
    rows_ = list(csv.DictReader((lists / "sms-0001.csv").read_text("utf-8").splitlines()))
    assert len(rows_) == 1
    assert rows_[0]["number"].startswith("+336399800")
    assert "ont été copiées" in rows_[0]["text"]
    assert (
        "Nobody is to be reached" in hemostat("notify", sent, "send", "--channel", "sms", "--out", lists)[1]
    )

    failed = tmp_path / "out" / "rapport.csv"
    failed.write_text(f"reference;status\n{rows_[0]['reference']};failed\n", "utf-8")
    assert "1 for good" in hemostat("notify", sent, "bounces", failed)[1]
    code, out, _ = hemostat("notify", sent, "send", "--channel", "post", "--out", lists)
    assert (code, "post, taken by the relay : 2" in out) == (0, True)
    manifest = list(csv.DictReader((lists / "post-0001" / "manifest.csv").read_text("utf-8").splitlines()))
    assert len(manifest) == 2
    assert all((lists / "post-0001" / row["file"]).is_file() for row in manifest)
    with held(sent, tmp_path) as case:
        assert posting.failed_ways(case) == 0
        assert {what for (what,) in case.rows("select distinct what from export")} >= {
            "list of sms",
            "list of post",
            "returned mail",
        }


def test_a_mailbox_that_fails_twice_for_now_is_given_up(hemostat, tmp_path, sent):
    own = identities(sent, tmp_path)
    box = tmp_path / "out" / "1.eml"
    box.parent.mkdir()
    box.write_bytes(report(own[1], status="5.2.2"))
    assert "1 for now" in hemostat("notify", sent, "bounces", box)[1]
    with held(sent, tmp_path) as case, Outbox(case.path / "outbox.sqlite") as outbox:
        assert outbox.counts() == {"accepted": 5, "queued": 1}
    box.write_bytes(report(own[1], status="5.2.2", stamp="9"))
    assert "1 for now" in hemostat("notify", sent, "bounces", box)[1]
    with held(sent, tmp_path) as case, Outbox(case.path / "outbox.sqlite") as outbox:
        assert outbox.counts() == {"accepted": 5, "returned": 1}


def test_a_report_that_names_no_message_is_known_by_the_address(hemostat, tmp_path, sent):
    box = tmp_path / "out" / "1.eml"
    box.parent.mkdir()
    box.write_bytes(report(None, to="P3@example.net"))
    assert "1 for good" in hemostat("notify", sent, "bounces", box)[1]
    box.write_bytes(report(None, to="nobody@example.net"))
    assert "1 are not of this case" in hemostat("notify", sent, "bounces", box)[1]


def test_a_list_of_which_nobody_knows_whether_it_left_is_for_a_human(hemostat, tmp_path, sent):
    own = identities(sent, tmp_path)
    box = tmp_path / "out" / "1.eml"
    box.parent.mkdir()
    with held(sent, tmp_path) as case:
        someone = case.rows("select min(person_id) from letter where ways like 'email sms%'")[0][0]
    box.write_bytes(report(own[someone]))
    hemostat("notify", sent, "bounces", box)
    with held(sent, tmp_path) as case, Outbox(case.path / "outbox.sqlite") as outbox:
        # as a power cut would leave it between the claim and the outcome
        outbox.claim_lot({someone: "00"}, "sms", "1", "sms-0001", case.now())
    lists = tmp_path / "out"
    code, out, _ = hemostat("notify", sent, "send", "--channel", "sms", "--out", lists)
    assert (code, "sms-0001" in out, "Nobody" in out) == (0, True, True)
    settled = ("--settle", "sms-0001", "queued", "--why", "the vendor has no such file")
    assert hemostat("notify", sent, "send", *settled)[0] == 0
    code, out, _ = hemostat("notify", sent, "send", "--channel", "sms", "--out", lists)
    assert (code, "sms-0002" in out) == (0, True)
    assert (lists / "sms-0002.csv").is_file()


def test_a_wrong_list_or_nothing_there_is_refused(hemostat, tmp_path, sent):
    assert hemostat("notify", sent, "bounces", tmp_path / "nothing.eml")[0] == 2
    wrong = tmp_path / "out.csv"
    wrong.write_text("a,b\n1,2\n", "utf-8")
    assert hemostat("notify", sent, "bounces", wrong)[0] == 2
    assert hemostat("notify", sent, "send", "--channel", "post")[0] == 2
