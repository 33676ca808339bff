"""Made-up reports, and an eye that reads their HTML."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path

import pytest

from hemostat.report.page import render
from hemostat.report.view import ReportView, rule_labels

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "report"
VIEWS = ("telemedecine", "laboratoires", "annonce")
VOID = {"meta", "br", "wbr", "link", "img", "input", "hr", "base"}


@dataclass
class Row:
    cells: list[str] = field(default_factory=list)
    scopes: list[str | None] = field(default_factory=list)
    heads: int = 0
    span: int = 0


class Page(HTMLParser):
    """What a page holds: its elements in order with their attributes, its words, its tables."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.style = ""
        self.tables: list[dict] = []
        self.headings: list[tuple[int, str]] = []
        self.feed(text)
        self.close()
        assert not self.open, f"left open: {self.open}"

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag != "wbr":
            self.words.append(" ")
        if tag in VOID:
            return
        self.open.append(tag)
        if tag == "table":
            self.tables.append({"caption": "", "rows": []})
        elif tag == "tr":
            self.tables[-1]["rows"].append(Row())
        elif tag in ("td", "th"):
            row = self.tables[-1]["rows"][-1]
            row.cells.append("")
            row.scopes.append(dict(attrs).get("scope"))
            row.heads += tag == "th"
            row.span += int(dict(attrs).get("colspan") or 1)
        elif tag in ("h1", "h2", "h3"):
            self.headings.append((int(tag[1]), ""))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, f"badly nested: {tag}"

    def handle_data(self, data):
        if "style" in self.open:
            self.style += data
            return
        if "body" in self.open:
            self.words.append(data)
        if "caption" in self.open:
            self.tables[-1]["caption"] += data
        elif "td" in self.open or "th" in self.open:
            row = self.tables[-1]["rows"][-1]
            row.cells[-1] += data
        for level in (1, 2, 3):
            if f"h{level}" in self.open:
                self.headings[-1] = (level, self.headings[-1][1] + data)

    @property
    def text(self) -> str:
        """The words as one line; unbreakable spaces stay."""
        return re.sub(r"[ \n]+", " ", "".join(self.words)).strip()

    def attributes(self, name: str) -> list[str | None]:
        return [attrs[name] for _, attrs in self.elements if name in attrs]


def plain_view(name: str) -> dict:
    return json.loads((GOLDEN / name / "view.json").read_text("utf-8"))


@pytest.fixture
def make():
    """Makes a view from one of the samples, some of its facts replaced."""

    def make(name: str = "telemedecine", **facts) -> ReportView:
        labels = [
            {"id": one.id, "fr": one.fr, "en": one.en, "group": one.group}
            | {"article9": one.article9, "sensitive": one.sensitive}
            for one in rule_labels().values()
        ]
        return ReportView.from_dict({**plain_view(name), "labels": labels, **facts})

    return make


@pytest.fixture(scope="session")
def _pages() -> dict:
    return {}


@pytest.fixture(params=[(name, lang) for name in VIEWS for lang in ("fr", "en")], ids="-".join)
def page(request, make, _pages):
    """Each sample in each language, read."""
    name, lang = request.param
    if request.param not in _pages:
        _pages[request.param] = Page(render(make(name), lang))
    return _pages[request.param]


@pytest.fixture
def read():
    """Renders a view and reads the page."""
    return lambda view, lang="fr": Page(render(view, lang))
