"""Letters in clear, on request: messages as .eml, texts as .txt, paper as tagged PDF. What leaves is recorded."""

from __future__ import annotations

import html
from email.message import EmailMessage
from email.policy import SMTP
from typing import TYPE_CHECKING, Any

from hemostat.case import actor
from hemostat.notify import paper
from hemostat.notify.files import write_all
from hemostat.notify.letters import SUBJECT, kept, template
from hemostat.notify.wording import names

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from hemostat.case import Case

LINE = 38
"""Signs in one line of an address (French post)."""


def blocks(text: str) -> list[dict[str, Any]]:
    """The text of a letter as headings, lists and paragraphs, in order: the same words, nothing more."""
    headings = set(names().headings.values())
    found: list[dict[str, Any]] = []
    for line in text.splitlines():
        if line in headings:
            found.append(paper.heading(line))
        elif line.startswith("- ") and found and found[-1]["kind"] == "list":
            found[-1]["items"].append(line[2:])
        elif line.startswith("- "):
            found.append(paper.bullets([line[2:]]))
        elif line and found and found[-1]["kind"] == "text" and not found[-1].get("closed"):
            found[-1]["text"] += "\n" + line
        elif line:
            found.append(paper.text(line))
        elif found:
            found[-1]["closed"] = True
    return [{key: value for key, value in block.items() if key != "closed"} for block in found]


def as_html(text: str, subject: str) -> str:
    """The HTML form of a message: the words of its text, without link, picture or style from elsewhere."""
    body = []
    for block in blocks(text):
        if block["kind"] == "heading":
            body.append(f"<h2>{html.escape(block['text'])}</h2>")
        elif block["kind"] == "list":
            body.append("<ul>" + "".join(f"<li>{html.escape(one)}</li>" for one in block["items"]) + "</ul>")
        else:
            body.append("<p>" + html.escape(block["text"]).replace("\n", "<br>\n") + "</p>")
    return (
        f'<!doctype html>\n<html lang="fr"><head><meta charset="utf-8"><title>{html.escape(subject)}</title></head>\n'
        f"<body>\n<main>\n<h1>{html.escape(subject)}</h1>\n" + "\n".join(body) + "\n</main>\n</body></html>\n"
    )


def message(text: str, subject: str, to: str, sender: str, message_id: str) -> bytes:
    """A message as it goes on the wire: text and HTML, lines ended as SMTP wants them, a fixed Message-ID.

    Raises:
        ValueError: an address or the subject holds a line break.
    """
    made = EmailMessage(policy=SMTP)
    made["From"], made["To"], made["Subject"], made["Message-ID"] = sender, to, subject, message_id
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(text, cte="quoted-printable")
    made.add_alternative(as_html(text, subject), subtype="html", cte="quoted-printable")
    return made.as_bytes(policy=SMTP)


def address_lines(name: str, street: str | None, postal_code: str | None, city: str | None) -> list[str]:
    """The address block: at most six lines of 38 signs, the last one in capitals."""
    wanted = [name, *(street or "").splitlines(), " ".join(filter(None, [postal_code, city])).upper()]
    lines: list[str] = []
    for one in wanted:
        rest = " ".join(one.split())
        while len(rest) > LINE:
            cut = rest.rfind(" ", 0, LINE + 1)
            cut = cut if cut > 0 else LINE
            lines.append(rest[:cut])
            rest = rest[cut:].strip()
        if rest:
            lines.append(rest)
    return lines[:5] + lines[-1:] if len(lines) > 6 else lines  # noqa: PLR2004


def letter_pdf(
    text: str, address: list[str], facts: dict[str, str], made: datetime, own: Path | None = None
) -> bytes:
    """One letter on paper, as a tagged PDF."""
    data = {
        "title": SUBJECT,
        "author": facts["signature"].splitlines()[0],
        "sender": facts["signature"].splitlines(),
        "address": address,
        "place_date": f"Le {made:%d/%m/%Y}",
        "blocks": blocks(text),
    }
    return paper.compiled("letter", data, made, own)


def leave(case: Case, folder: Path, limit: int, facts: dict[str, str], templates: Path | None = None) -> int:
    """Writes at most ``limit`` letters in clear, one file each, and records that they left; gives their number.

    Where the PDF library is not installed, letters on paper are written as text.
    """
    own = templates / "letter.typ" if templates and (templates / "letter.typ").is_file() else None
    done = 0
    for batch in kept(case):
        for row in batch.head(limit - done).iter_rows(named=True):
            name, content = _file(row, facts, case, own)
            write_all(folder, {name: content})
            done += 1
        if done >= limit:
            break
    case.execute(
        "insert into export values (?, ?, ?, ?, ?)",
        (case.now().isoformat(timespec="seconds"), "letters", str(folder.resolve()), "", actor()),
    )
    case.journal("export", what="letters", path=str(folder.resolve()), count=done)
    return done


def _file(
    row: dict[str, Any], facts: dict[str, str], case: Case, own: Path | None
) -> tuple[str, str | bytes]:
    stem, channel = f"{row['person_id']:09d}", row["channel"]
    if channel == "email":
        sender = next((word for word in facts["contact"].split() if "@" in word), "")
        identity = f"<{case.case_id}.{row['person_id']}.1@{sender.rpartition('@')[2] or 'localhost'}>"
        return f"{stem}.eml", message(row["text"], row["subject"], row["email"], sender, identity)
    if channel == "post" and paper.available():
        lines = address_lines(row["name"], row["street"], row["postal_code"], row["city"])
        return f"{stem}.pdf", letter_pdf(row["text"], lines, facts, case.now(), own)
    return f"{stem}.txt", row["text"]


def write_templates(folder: Path) -> list[Path]:
    """Our templates as files, to be changed by the controller's own hand."""
    return write_all(folder, {name: template(name) for name in ("letter.txt", "sms.txt", "letter.typ")})
