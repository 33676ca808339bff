"""Pages as whoever sees badly, types, prints or reads on a phone meets them: axe-core in a real browser, offline.

axe-core (MPL-2.0) comes with axe-playwright-python (MIT); the browser is Debian's chromium.
"""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

CHROMIUM = Path("/usr/bin/chromium")
WIDTHS = (320, 768, 1280)
SCHEMES = ("light", "dark")

needs_browser = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium (apt-get install chromium)"),
]

_FOCUSABLE = "a[href], button:not([hidden]), input, select, textarea, [tabindex]"


@contextmanager
def started() -> Iterator[Any]:
    """A browser."""
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield browser
        browser.close()


def complaints(browser: Any, path: Path, widths: tuple[int, ...] = WIDTHS) -> list[str]:
    """What axe finds wrong or cannot judge, and what is wider than the screen, at each width, and in the dark.

    It may leave two things unjudged: text drawn in a picture, whose colours have their own test, and a heading over a
    group of rows, which has no cell of its own.
    """
    axe = pytest.importorskip("axe_playwright_python.base")
    found = []
    for scheme in SCHEMES:
        # the page's own policy would refuse the checker: it is set aside for this look only
        context = browser.new_context(color_scheme=scheme, bypass_csp=True)
        page = context.new_page()
        page.goto(path.as_uri())
        page.evaluate(axe.AXE_SCRIPT)
        for width in widths if scheme == "light" else widths[:1]:
            page.set_viewport_size({"width": width, "height": 800})
            told = page.evaluate("axe.run({resultTypes: ['violations', 'incomplete']})")
            found += [
                f"{scheme} {width}: {rule['id']} at {node['target']}: {node['failureSummary']}"
                for kind in ("violations", "incomplete")
                for rule in told[kind]
                for node in rule["nodes"]
                if kind == "violations" or not _unjudged(rule["id"], node["html"])
            ]
            wider = page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            found += [f"{scheme} {width}: {wider} pixels wider than the screen"] if wider else []
        context.close()
    return found


def _unjudged(rule: str, element: str) -> bool:
    return rule == "th-has-data-cells" or (
        rule == "color-contrast" and element.startswith(("<text", "<tspan"))
    )


def misbehaviour(browser: Any, path: Path) -> list[str]:
    """What a page asks of others, says on the console or pops up; whether its own style was refused."""
    page = browser.new_page()
    said: list[str] = []
    page.on("request", lambda one: said.append(f"asked {one.url}") if one.url != path.as_uri() else None)
    page.on("console", lambda one: said.append(one.text))
    page.on("pageerror", lambda fault: said.append(str(fault)))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    page.goto(path.as_uri())
    policy = page.locator('meta[http-equiv="Content-Security-Policy"]').get_attribute("content") or ""
    if not policy.startswith("default-src 'none'; style-src 'sha256-") or "unsafe" in policy:
        said.append(f"policy {policy}")
    if page.evaluate("getComputedStyle(document.body).maxWidth") == "none":
        said.append("the style was refused")
    page.close()
    return said


def out_of_reach(browser: Any, path: Path) -> list[str]:
    """What a mouse reaches and the Tab key does not, or not in the order of the page, or without a visible mark."""
    page = browser.new_page()
    page.goto(path.as_uri())
    wanted = page.evaluate(
        f"[...document.querySelectorAll('{_FOCUSABLE}')].map((one, at) => one.dataset.at = String(at))"
    )
    reached = []
    for _ in wanted:
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate(
                "(() => { const one = document.activeElement, box = one.getBoundingClientRect();"
                "const shown = box.width > 0 && box.right > 0 && getComputedStyle(one).outlineStyle !== 'none';"
                "return (one.dataset.at ?? one.tagName) + (shown ? '' : ' unmarked'); })()"
            )
        )
    page.close()
    return [f"{want}: {got}" for want, got in zip(wanted, reached, strict=True) if want != got]


def printed(browser: Any, path: Path) -> list[str]:
    """The words of each page when it is printed."""
    pdfium = pytest.importorskip("pypdfium2")
    page = browser.new_page()
    page.goto(path.as_uri())
    raw = page.pdf(prefer_css_page_size=True)
    page.close()
    document = pdfium.PdfDocument(raw)
    words = [one.get_textpage().get_text_range() for one in document]
    document.close()
    return words
