"""Letters in clear, on request: messages as .eml, texts as .txt, paper as tagged PDF. What leaves is recorded."""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from typing import TYPE_CHECKING, Any

from hemostat.case import actor
from hemostat.notify import paper
from hemostat.notify.files import write_all
from hemostat.notify.layout import as_html, language
from hemostat.notify.letters import TEMPLATES, kept, template
from hemostat.notify.naming import key_of, name
from hemostat.notify.paper import MissingGlyphError
from hemostat.notify.printing import Press, pdf_of, press_of

if TYPE_CHECKING:
    from pathlib import Path

    from hemostat.case import Case


def message(text: str, subject: str, to: str, sender: str, message_id: str) -> bytes:
    """A message as it goes on the wire: text and HTML, lines ended as SMTP wants them, a fixed Message-ID.

    Raises:
        ValueError: an address or the subject holds a line break.
    """
    made = EmailMessage(policy=SMTP)
    made["From"], made["To"], made["Subject"], made["Message-ID"] = sender, to, subject, message_id
    made["Date"] = datetime.now(UTC)
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(text, cte="quoted-printable")
    made.add_alternative(as_html(text, subject), subtype="html", cte="quoted-printable")
    made["Content-Language"] = language(text)  # of the whole: set sooner, it would go with the first part
    return made.as_bytes(policy=SMTP)


def leave(case: Case, folder: Path, limit: int, facts: dict[str, str], templates: Path | None = None) -> int:
    """Writes at most ``limit`` letters in clear, one file each, and records that they left; gives their number.

    Where the PDF library is not installed, letters on paper are written as text.
    """
    press = press_of(case, facts, own_page(templates))
    done = 0
    for batch in kept(case):
        for row in batch.head(limit - done).iter_rows(named=True):
            name, content = _file(row, facts, case, press)
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


def own_page(templates: Path | None) -> Path | None:
    """The controller's own page of a letter, when its folder of templates holds one."""
    return templates / "letter.typ" if templates and (templates / "letter.typ").is_file() else None


def _file(row: dict[str, Any], facts: dict[str, str], case: Case, press: Press) -> tuple[str, str | bytes]:
    stem, channel = f"{row['person_id']:09d}", row["channel"]
    if channel == "email":
        sender = next((word.strip(".,;:()<>") for word in facts["contact"].split() if "@" in word), "")
        own = name(key_of(case), row["person_id"], "email", "test")
        identity = f"<{own}@{sender.rpartition('@')[2] or 'localhost'}>"
        return f"{stem}.eml", message(row["text"], row["subject"], row["email"], sender, identity)
    if channel == "post" and paper.available():
        try:
            return f"{stem}.pdf", pdf_of(case, row, press)
        except MissingGlyphError:
            pass
    return f"{stem}.txt", row["text"]


def write_templates(folder: Path) -> list[Path]:
    """Our templates as files, to be changed by the controller's own hand."""
    return write_all(folder, {name: template(name) for name in TEMPLATES})
