"""Values that only their label tells: passwords, accounts, numbers of papers and of files."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from hemostat.detect.text.spans import Span, spans_of
from hemostat.errors import RuleError
from hemostat.model import Category
from hemostat.rules import rows

if TYPE_CHECKING:
    from hemostat.detect.text.context import Line
    from hemostat.detect.text.machine import Machine
    from hemostat.detect.text.page import Page
    from hemostat.detect.text.spans import Spans
    from hemostat.detect.text.tokens import Tokens

_SURE = 0.9
_REACH = 140


@cache
def patterns() -> tuple[tuple[Category, re.Pattern[str]], ...]:
    """Category and pattern of what follows each label of ``rules/text_labels.toml``.

    Raises:
        RuleError: a pattern cannot be read.
    """
    out = []
    for row in rows("text_labels", "label", {"category": str, "forms": list, "link": str, "value": str}):
        try:
            out.append((Category(row["category"]), re.compile(f"{row['link']}({row['value']})")))
        except (re.error, ValueError):
            raise RuleError(
                f"Rule file text_labels.toml, {row['category']}: the pattern or the category is wrong.",
                f"Fichier de règles text_labels.toml, {row['category']} : le motif ou la catégorie est faux.",
            ) from None
    return tuple(out)


def labelled(machine: Machine, page: Page, tokens: Tokens, found: Line) -> Spans:
    """Spans of the values behind labels, on the line of their label."""
    met = machine.run(found.classes, found.soft)
    out = []
    ends = tokens.end[met.last].tolist()
    for at, number in zip(ends, met.rule.tolist(), strict=True):
        category, pattern = patterns()[number]
        behind = re.split(r"[\n\x1e]", page.written[at : at + _REACH], maxsplit=1)[0]
        value = pattern.match(behind)
        if value is not None:
            out.append(Span(at + value.start(1), at + value.end(1), category, _SURE))
    return spans_of(out)
