"""The text of a letter laid out: as blocks, as HTML, and the lines of its address."""

from __future__ import annotations

import html
import re
from typing import TYPE_CHECKING, Any

from hemostat.notify import paper
from hemostat.notify.tongues import MONTHS, MONTHS_EN
from hemostat.notify.wording import LANGUAGES, all_headings, names

if TYPE_CHECKING:
    from datetime import date

LINE = 38
"""Signs in one line of an address (French post)."""
LINES = 6
"""Lines of an address (French post)."""
_TAGS = {"list": "ul", "steps": "ol"}
_STYLE = "font: 16px/1.5 Arial, Helvetica, sans-serif; max-width: 40em; margin: 0 auto; padding: 16px"
_STEP = re.compile(r"([1-9])\. ")
_SPACES = (
    (re.compile(r" (?=[;!?])"), "\N{NARROW NO-BREAK SPACE}"),
    (re.compile(r" (?=[:»%])|(?<=«) |(?<=\bart\.) (?=\d)"), "\N{NO-BREAK SPACE}"),
    (re.compile(r"(?<=\b\d\d) (?=\d\d\b)"), "\N{NO-BREAK SPACE}"),
)


def unbroken(text: str, lang: str = "fr") -> str:
    r"""The same words, no line of which ends before a sign or within a phone number, where French allows none.

    >>> unbroken("Pourquoi ? Appelez le 02 99 00 00 00.")
    'Pourquoi\u202f? Appelez le 02\xa099\xa000\xa000\xa000.'
    """
    if lang == "fr":
        for pattern, space in _SPACES:
            text = pattern.sub(space, text)
    return text


def blocks(text: str) -> list[dict[str, Any]]:
    """The text of a letter as headings, lists, steps and paragraphs, in order: the same words, nothing more."""
    headings, lang = all_headings(), language(text)
    found: list[dict[str, Any]] = []
    open_ = False
    for line in text.splitlines():
        said = unbroken(line, lang)
        last: dict[str, Any] = found[-1] if open_ else {"kind": ""}
        step = _STEP.match(line)
        if line in headings:
            found.append(paper.heading(said))
        elif line.startswith("- ") and last["kind"] == "list":
            last["items"].append(said[2:])
        elif line.startswith("- "):
            found.append(paper.bullets([said[2:]]))
        elif step and int(step[1]) == (len(last["items"]) if last["kind"] == "steps" else 0) + 1:
            if last["kind"] != "steps":
                found.append(paper.steps([]))
            found[-1]["items"].append(said[step.end() :])
        elif line and last["kind"] == "steps":
            last["items"][-1] += "\n" + said
        elif line and last["kind"] == "text":
            last["text"] += "\n" + said
        elif line:
            found.append(paper.text(said))
        open_ = bool(line)
    return found


def language(text: str) -> str:
    """The language of a letter, told by its headings."""
    lines = set(text.splitlines())
    return next((one for one in LANGUAGES if lines & set(names(one).headings.values())), LANGUAGES[0])


def as_html(text: str, subject: str) -> str:
    """The HTML form of a message: the words of its text, without link, picture or style from elsewhere."""
    body = []
    for block in blocks(text):
        if block["kind"] == "heading":
            body.append(f"<h2>{html.escape(block['text'])}</h2>")
        elif block["kind"] in _TAGS:
            tag = _TAGS[block["kind"]]
            body.append(
                "\n".join([f"<{tag}>", *(f"<li>{_lines(one)}</li>" for one in block["items"]), f"</{tag}>"])
            )
        else:
            body.append(f"<p>{_lines(block['text'])}</p>")
    return (
        f'<!doctype html>\n<html lang="{language(text)}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="format-detection" content="telephone=no, date=no, address=no, email=no">\n'
        f"<title>{html.escape(subject)}</title>\n</head>\n"
        f'<body style="{_STYLE}">\n<main>\n<h1>{html.escape(subject)}</h1>\n'
        + "\n".join(body)
        + "\n</main>\n</body>\n</html>\n"
    )


def _lines(text: str) -> str:
    return html.escape(text).replace("\n", "<br>\n")


def address_lines(name: str, street: str | None, postal_code: str | None, city: str | None) -> list[str]:
    """The address block: at most six lines of 38 signs, the last one in capitals."""
    first, last = _wrapped(name), _wrapped(" ".join(filter(None, [postal_code, city])).upper())
    middle = [line for one in (street or "").splitlines() for line in _wrapped(one)]
    # the street ends the middle: what tells a building or a long name gives way to it
    room = LINES - len(last)
    first = first[: max(1, room - len(middle))]
    return [*first, *middle[max(0, len(middle) - (room - len(first))) :], *last]


def _wrapped(text: str) -> list[str]:
    """One line of an address cut at spaces into lines of 38 signs."""
    lines, rest = [], " ".join(text.split())
    while len(rest) > LINE:
        cut = rest.rfind(" ", 0, LINE + 1)
        cut = cut if cut > 0 else LINE
        lines.append(rest[:cut])
        rest = rest[cut:].strip()
    return [*lines, rest] if rest else lines


def written_day(day: date, lang: str) -> str:
    """A day in words: ``22 novembre 2026``, ``22 November 2026``."""
    first = "1er" if lang == "fr" and day.day == 1 else str(day.day)
    month = (MONTHS if lang == "fr" else MONTHS_EN.title()).split("|")[day.month - 1]
    return f"{first} {month} {day.year}"
