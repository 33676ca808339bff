"""The report, the scan and its sheet as everybody must be able to read them: screen reader, keyboard, phone, paper."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))
import browsing
from hemostat.model import About, EvidenceId, Finding
from hemostat.report.charts import COLOURS, INK, PAPER
from hemostat.report.page import render
from hemostat.report.scan import Scan, ScannedTable, Unread, as_html, staff_sheet
from hemostat.rules import categories

LANGS = pytest.mark.parametrize("lang", ["fr", "en"])


@pytest.fixture(scope="module")
def browser():
    with browsing.started() as one:
        yield one


@pytest.fixture
def page(make, tmp_path):
    """Writes one of the pages; gives its path."""

    def write(name, lang):
        text = (
            {"scan": as_html, "sheet": staff_sheet}[name](scan(), lang)
            if name in SCANS
            else render(make(name), lang)
        )
        path = tmp_path / f"{name}-{lang}.html"
        path.write_text(text, "utf-8")
        return path

    return write


SCANS = ("scan", "sheet")
REPORTS = ("telemedecine", "laboratoires", "annonce")
NAMES = pytest.mark.parametrize("name", [*REPORTS, *SCANS])


def scan() -> Scan:
    """Every category in a table of a long name, a table without anything, a source that could not be read."""
    found = tuple(
        Finding(
            EvidenceId(1), f"column_{rule.id}", str(rule.id), values=n, about=About.TEXT if n % 3 else About.PERSON,
            valid=n if n % 2 else None, confidence=0.9, decided_by="rule", shape=None, note="corsica=1; spaced=1200",
        )
        for n, rule in enumerate(categories(), 1)
    )  # fmt: skip
    return Scan(
        "2026-11-22T21:02:38+00:00",
        "0.1.0",
        (
            ScannedTable("evidence/" + "long_" * 30 + ".csv", 1, ("a",), found, 1),
            ScannedTable("b.csv", 12, ("b",), ()),
        ),
        (Unread("c.bin", "unknown_format"),),
    )


@pytest.mark.browser
@browsing.needs_browser[1]
class TestInABrowser:
    @LANGS
    @NAMES
    def test_axe_finds_nothing(self, browser, page, name, lang):
        widths = browsing.WIDTHS if lang == "fr" else browsing.WIDTHS[:1]
        assert browsing.complaints(browser, page(name, lang), widths) == []

    @LANGS
    @pytest.mark.parametrize("name", SCANS)
    def test_a_scan_asks_nothing_of_anybody(self, browser, page, name, lang):
        assert browsing.misbehaviour(browser, page(name, lang)) == []

    @pytest.mark.parametrize("name", REPORTS)
    def test_every_link_is_reached_by_the_keyboard(self, browser, page, name):
        assert browsing.out_of_reach(browser, page(name, "fr")) == []

    @LANGS
    def test_the_sheet_is_one_page(self, browser, page, lang):
        assert len(browsing.printed(browser, page("sheet", lang))) == 1


def test_what_a_picture_draws_stands_out():
    """A picture's words from its ground (WCAG 1.4.3), its bars from theirs (1.4.11)."""
    assert contrast(INK, PAPER) >= 4.5
    assert [kind for kind, fill in COLOURS.items() if kind != "claimed" and contrast(fill, PAPER) < 3] == []


def contrast(one: str, other: str) -> float:
    """The contrast of two colours (WCAG 2.1)."""
    lights = sorted(light(colour) for colour in (one, other))
    return (lights[1] + 0.05) / (lights[0] + 0.05)


def light(colour: str) -> float:
    shares = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
