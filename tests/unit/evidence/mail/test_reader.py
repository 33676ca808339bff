import io
import mailbox
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hemostat.evidence.base import Limits
from hemostat.evidence.mail.boxes import count, messages
from hemostat.evidence.mail.messages import read as read_message
from hemostat.evidence.mail.parts import transferred, words
from hemostat.evidence.mail.reader import MailReader
from reading import only, source


def message(text="Bonjour", subject="Résultats", **attached):
    """A message with these files put into it."""
    made = EmailMessage()
    made["From"] = "Dr Odette <odette@example.org>"
    made["To"] = "marcel@example.net"
    made["Date"] = "Thu, 01 Jan 2026 10:00:00 +0100"
    made["Subject"] = subject
    made.set_content(text)
    for name, content in attached.items():
        made.add_attachment(content, "application", "octet-stream", filename=name.replace("_", "."))
    return made


def box(tmp_path, *made):
    """The octets of a mailbox as the standard library writes it."""
    path = tmp_path / "evidence"
    held = mailbox.mbox(path)
    for one in made:
        held.add(one)
    held.flush()
    held.close()
    return path.read_bytes()


def held(data, name):
    found = {}
    for member in MailReader().members(source(data, name), Limits()):
        found[member.name] = member.reason or member.source.open().read()
    return found


def test_a_message_is_a_row():
    data = message("Votre patiente va mieux.\nCordialement").as_bytes()
    assert MailReader().recognises(data, "m.eml") > 90
    found = only(MailReader(), data, "m.eml")
    assert found.rows == [
        {
            "date": "2026-01-01T10:00:00+01:00", "from": "Dr Odette <odette@example.org>", "to": "marcel@example.net",
            "subject": "Résultats", "text": "Votre patiente va mieux.\nCordialement",
        }
    ]  # fmt: skip
    assert (found.kind, found.at, found.counted) == ("mail", ["message 1"], 1)


def test_a_mailbox_has_a_row_to_a_message_and_its_files_are_members(tmp_path):
    data = box(
        tmp_path,
        message("un"),
        message("From hier 10:00:00 2026\nsuite"),
        message("trois", a_csv=b"nom;age\n"),
    )
    found = only(MailReader(), data, "box.mbox")
    assert [row["text"] for row in found.rows] == ["un", ">From hier 10:00:00 2026\nsuite", "trois"]
    assert (found.kind, found.counted, found.rows[2]["attachments"]) == ("mbox", 3, "a.csv")
    assert held(data, "box.mbox") == {"box.mbox!3/a.csv": b"nom;age\n"}


def test_files_of_a_single_message_and_their_names():
    made = message("x", **{"../../a_csv": b"1", "b_csv": b"2"})
    made.add_attachment(message("dedans"), filename=None)
    made.add_attachment(b"3", "application", "octet-stream", filename="b.csv")
    found = held(made.as_bytes(), "m.eml")
    assert list(found) == ["m.eml!../../a.csv", "m.eml!b.csv", "m.eml!part-4.eml", "m.eml!b.csv (2)"]
    assert b"dedans" in found["m.eml!part-4.eml"]


def test_of_two_ways_to_say_the_same_the_plain_one_is_kept():
    made = message("Bonjour Odette, tout va bien.")
    made.add_alternative("<p>Bonjour <b>Odette</b>, tout va bien.</p>", subtype="html")
    assert read_message(made.as_bytes())["text"] == "Bonjour Odette, tout va bien."
    stand_in = message("Votre lecteur ne lit pas le HTML.")
    stand_in.add_alternative("<p>" + "Compte rendu. " * 40 + "</p>", subtype="html")
    assert read_message(stand_in.as_bytes())["text"].startswith("Compte rendu. Compte")


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1", "cp1252", "x-unknown", "utf-8-wrong"])
def test_encodings_that_are_told_and_those_that_lie(charset):
    octets = "Zoé à l'hôpital".encode("cp1252" if charset != "utf-8" else "utf-8")
    told = charset.removesuffix("-wrong")
    data = b"From: a@example.org\r\nContent-Type: text/plain; charset=" + told.encode() + b"\r\n\r\n" + octets
    assert read_message(data)["text"] == "Zoé à l'hôpital"


def test_headers_in_encoded_words():
    assert words("=?utf-8?q?R=C3=A9sultats?= =?iso-8859-1?b?6Q==?=") == "Résultatsé"
    assert words("=?utf-8?q?cass") == "=?utf-8?q?cass"


@pytest.mark.parametrize(
    ("data", "how", "plain"),
    [
        (b"Qm9uam91cg==", "base64", b"Bonjour"),
        (b"Qm9u\r\nam91cg", " Base64 ", b"Bonjour"),
        (b"Qm9uam91c", "base64", b"Bonjou"),
        (b"=C3=A9=\r\n.", "quoted-printable", "é.".encode()),
        (b"=ZZ", "quoted-printable", b"=ZZ"),
        (b"x", "8bit", b"x"),
    ],
)
def test_transfer_encodings_as_far_as_they_go(data, how, plain):
    assert transferred(data, how) == plain


def test_parts_nested_without_end_are_members_to_look_at():
    data = b"From: a@example.org\r\n"
    for depth in range(150):
        data += b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (depth, depth)
    found = held(data + b"Content-Type: text/plain\r\n\r\nau fond", "m.eml")
    assert list(found.values()) == ["too_deep"]


pieces = st.sampled_from(
    [
        b"From a@example.org Thu Jan  1 10:00:00 2026\n", b"From a@example.org Thu Jan  1 10:00:00 2026\r\n",
        b"Subject: x\n", b"Subject: x\r\n", b"\n", b"\r\n", b"texte\n", b"From hier\n", b"From x 10:00 1999\n", b": \n",
        b"a" * 70_000, b"\0", b"From ", b"10:00 2026\n",
    ]
)  # fmt: skip


@given(st.lists(pieces, max_size=12).map(b"".join))
def test_messages_are_counted_by_another_way_to_the_same_number(data):
    assert count(io.BytesIO(data)) == len(list(messages(io.BytesIO(data))))
