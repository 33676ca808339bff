"""E-mails as they leave: both parts say the same, lines fit, nothing that filters take for spam or phishing.

The signs are the best known of SpamAssassin's stock rules that a message can show by itself (DNS apart), from memory:
MISSING_DATE, MISSING_MID, MISSING_SUBJECT, MISSING_HEADERS, MIME_HTML_ONLY, MPART_ALT_DIFF, SUBJ_ALL_CAPS,
HTML_IMAGE_ONLY, HTML_FONT_LOW_CONTRAST, HTML_MISSING_CTYPE, URI_*, HTML_OBFUSCATE, TVD_SPACE_RATIO, BASE64_LENGTH.
"""

from __future__ import annotations

import email
import re
import sys
from email.policy import SMTP
from html.parser import HTMLParser
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
from letters_made import letter

from hemostat.notify.leaving import message

LONG = "Nous écrivons une très longue phrase qui ne finit pas " * 40


class Words(HTMLParser):
    """The words of a page as a mail program shows them: lists numbered and dotted, the title of the page left out."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []
        self.tags: list[str] = []
        self.names: set[str] = set()
        self._number: list[int | None] = []
        self._hidden = 0
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.names |= {name for name, _ in attrs}
        self._hidden += tag in ("head", "h1")
        if tag in ("ul", "ol"):
            self._number.append(0 if tag == "ol" else None)
        elif tag == "li" and self._number[-1] is None:
            self.said.append("- ")
        elif tag == "li":
            self._number[-1] += 1
            self.said.append(f"{self._number[-1]}. ")

    def handle_endtag(self, tag):
        self._hidden -= tag in ("head", "h1")
        if tag in ("ul", "ol"):
            self._number.pop()

    def handle_data(self, data):
        if not self._hidden:
            self.said.append(data)

    @property
    def text(self) -> str:
        return " ".join("".join(self.said).split())


def parts(raw: bytes) -> tuple[email.message.EmailMessage, str, str]:
    made = email.message_from_bytes(raw, policy=SMTP)
    text, page = (made.get_body((kind,)).get_content() for kind in ("plain", "html"))
    return made, text, page


@pytest.fixture(params=["fr", "en", "brief", "minor", "long"])
def sent(request):
    kinds = {"en": {"lang": "en"}, "brief": {"brief": True}, "minor": {"minor": True}}
    one = letter(**kinds.get(request.param, {}))
    text = one.text if request.param != "long" else one.text.replace("Vos droits\n", f"Vos droits\n{LONG}\n")
    return message(text, one.subject, "odette@example.org", "dpo@example.net", "<a1@example.net>")


def test_text_and_html_say_the_same(sent):
    made, text, page = parts(sent)
    read = Words(page)
    assert read.text == " ".join(text.split())
    assert f"<h1>{made['Subject']}</h1>" in page


def test_lines_fit_the_wire(sent):
    lines = sent.split(b"\r\n")
    assert max(map(len, lines)) <= 78
    assert b"\n" not in sent.replace(b"\r\n", b"")
    assert sent.isascii()


def test_headers_are_those_of_a_letter(sent):
    made, text, page = parts(sent)
    for name in ("From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Language"):
        assert len(made.get_all(name, [])) == 1, name
    assert made.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in made.iter_parts()] == ["text/plain", "text/html"]
    assert all(part.get_content_charset() == "utf-8" for part in made.iter_parts())
    assert all(part["Content-Transfer-Encoding"] == "quoted-printable" for part in made.iter_parts())
    assert not made["Subject"].isupper()
    assert not re.search(r"[!?€$]|\bRE:|\bTR:|urgent|\d", made["Subject"], re.IGNORECASE)
    assert made["Date"].datetime.utcoffset() is not None
    assert text.strip()
    assert f'<html lang="{made["Content-Language"]}">' in page


def test_nothing_loads_links_hides_or_shouts(sent):
    _, text, page = parts(sent)
    read = Words(page)
    allowed = {"html", "head", "meta", "title", "body", "main", "h1", "h2", "p", "br", "ul", "ol", "li"}
    assert set(read.tags) <= allowed
    assert read.names <= {"lang", "charset", "name", "content", "style"}
    assert not re.search(r"https?:|www\.|url\(|display|visibility|font-size: ?[0-6]px|color|@import", page)
    assert not re.search(r"[\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff]", text + page)
    capitals = [word for word in re.findall(r"\b[^\W\d_]{6,}\b", text) if word.isupper()]
    assert capitals == []
