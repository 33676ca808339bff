"""Tagged PDF (PDF/UA-1) by typst, an optional library: without it, text and HTML are written, and this is said."""

from __future__ import annotations

import importlib.util
import json
import re
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from hemostat.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

STANDARD = "ua-1"


class MissingGlyphError(UsageError):
    """A text holds a sign that the fonts cannot draw: PDF/UA forbids to leave it out in silence."""

    def __init__(self) -> None:
        super().__init__(
            "A sign cannot be drawn with the fonts of PDF files: this letter goes as text.",
            "Un signe ne peut pas être dessiné avec les polices des fichiers PDF : cette lettre part en texte.",
        )


def available() -> bool:
    """Whether the library that makes PDF files is installed."""
    return importlib.util.find_spec("typst") is not None


def heading(text: str) -> dict[str, Any]:
    """A block: a heading of the second level."""
    return {"kind": "heading", "text": text}


def text(words: str) -> dict[str, Any]:
    """A block: a paragraph."""
    return {"kind": "text", "text": words}


def bullets(items: Sequence[str]) -> dict[str, Any]:
    """A block: a list."""
    return {"kind": "list", "items": list(items)}


def steps(items: Sequence[str]) -> dict[str, Any]:
    """A block: a numbered list, each item of which may have several lines."""
    return {"kind": "steps", "items": list(items)}


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> dict[str, Any]:
    """A block: a table of two columns, with its heading row."""
    return {"kind": "table", "head": list(head), "rows": [list(row) for row in rows]}


def document(
    title: str,
    blocks: Sequence[Mapping[str, Any]],
    *,
    author: str,
    footer: str,
    made: datetime,
    lang: str = "fr",
) -> bytes:
    """These blocks as a tagged PDF. Every text comes out to the letter, whatever signs it holds."""
    data = {"title": title, "blocks": list(blocks), "author": author, "footer": footer, "lang": lang}
    return compiled("document", data, made)


def compiled(template: str, data: Mapping[str, Any], made: datetime, own: Path | None = None) -> bytes:
    """A template filled with these data, as a tagged PDF. ``own``: a template of the controller's, in place of ours.

    Raises:
        UsageError: the library is not installed, or the controller's template does not compile.
        MissingGlyphError: a sign has no drawing in the fonts.
    """
    if not available():
        raise UsageError(
            "PDF files need the library typst: install hemostat[letters].",
            "Les fichiers PDF demandent la bibliothèque typst : installez hemostat[letters].",
        )
    import typst  # noqa: PLC0415 - optional

    try:
        return bytes(
            _compiler(str(own.parent) if own else None).compile(
                (_bound(data) + source(template, own)).encode(),
                format="pdf",
                pdf_standards=STANDARD,
                timestamp=int(made.timestamp()),
            )
        )
    except typst.TypstError as fault:
        if "could not be displayed" in str(fault.message):
            raise MissingGlyphError from None
        # what follows a quote or a colon may be a text of somebody's
        reason = re.split(r"[`\"':(]", str(fault.message), maxsplit=1)[0].strip() if own else "internal"
        raise UsageError(
            f"The template {template}.typ cannot be set ({reason}): correct it, or take ours again.",
            f"Le modèle {template}.typ ne se compose pas ({reason}) : corrigez-le, ou reprenez le nôtre.",
        ) from None


def source(template: str, own: Path | None = None) -> str:
    """The text of a template: the controller's, or ours.

    Raises:
        UsageError: the controller's cannot be read.
    """
    return _theirs(own) if own else _ours(template)


def _bound(data: Mapping[str, Any]) -> str:
    """The line that names the data for a template: as JSON in a string, so that no sign of theirs means anything.

    In the source, not in ``sys.inputs``: other inputs would make the compiler forget all that letters share.
    """
    text = json.dumps(data, ensure_ascii=False).replace("\\", "\\\\").replace('"', '\\"')
    return f'#let data = json(bytes("{text}"))\n'


@cache
def _ours(template: str) -> str:
    return (resources.files("hemostat.notify") / "templates" / f"{template}.typ").read_text("utf-8")


@cache
def _theirs(own: Path) -> str:
    try:
        return own.read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        raise UsageError(
            f"The template {own.name} cannot be read: it must be text in UTF-8.",
            f"Le modèle {own.name} est illisible : il faut du texte en UTF-8.",
        ) from None


@cache
def _compiler(root: str | None) -> Any:
    """One compiler for each folder of templates, kept: what letters have in common is set once."""
    import typst  # noqa: PLC0415 - optional

    return typst.Compiler(root=root, ignore_system_fonts=True)
