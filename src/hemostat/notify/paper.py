"""Tagged PDF (PDF/UA-1) by typst, an optional library: without it, text and HTML are written, and this is said."""

from __future__ import annotations

import importlib.util
import json
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from hemostat.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

STANDARD = "ua-1"


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
    """
    if not available():
        raise UsageError(
            "PDF files need the library typst: install hemostat[letters].",
            "Les fichiers PDF demandent la bibliothèque typst : installez hemostat[letters].",
        )
    import typst  # noqa: PLC0415 - optional

    inputs = {"data": json.dumps(data, ensure_ascii=False)}
    try:
        compiler = _compiler(template, str(own) if own else None)
        return bytes(
            compiler.compile(
                sys_inputs=inputs, format="pdf", pdf_standards=STANDARD, timestamp=int(made.timestamp())
            )
        )
    except typst.TypstError as fault:
        reason = str(fault.message).splitlines()[0][:120] if own else "internal"
        raise UsageError(
            f"The template {template}.typ cannot be set ({reason}): correct it, or take ours again.",
            f"Le modèle {template}.typ ne se compose pas ({reason}) : corrigez-le, ou reprenez le nôtre.",
        ) from None


@cache
def _compiler(template: str, own: str | None) -> Any:
    """One compiler for each template, kept: a fresh one each time costs four times more."""
    import typst  # noqa: PLC0415 - optional

    ours = resources.files("hemostat.notify") / "templates" / f"{template}.typ"
    return typst.Compiler(own or str(ours), ignore_system_fonts=True)
