"""The text of a letter laid out: as blocks, as HTML, and the lines of its address."""

from __future__ import annotations

import html
from typing import Any

from hemostat.notify import paper
from hemostat.notify.wording import LANGUAGES, all_headings, names

LINE = 38
"""Signs in one line of an address (French post)."""


def blocks(text: str) -> list[dict[str, Any]]:
    """The text of a letter as headings, lists and paragraphs, in order: the same words, nothing more."""
    headings = all_headings()
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
        elif block["kind"] == "list":
            body.append("<ul>" + "".join(f"<li>{html.escape(one)}</li>" for one in block["items"]) + "</ul>")
        else:
            body.append("<p>" + html.escape(block["text"]).replace("\n", "<br>\n") + "</p>")
    return (
        f'<!doctype html>\n<html lang="{language(text)}">'
        f'<head><meta charset="utf-8"><title>{html.escape(subject)}</title></head>\n'
        f"<body>\n<main>\n<h1>{html.escape(subject)}</h1>\n" + "\n".join(body) + "\n</main>\n</body></html>\n"
    )


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
