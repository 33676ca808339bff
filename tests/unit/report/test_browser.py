"""The page in a real browser: nothing asked of any network, nothing complained of, nothing wider than a phone."""

import re
from pathlib import Path

import pytest

from hemostat.report.page import render

CHROMIUM = Path("/usr/bin/chromium")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Debian's chromium (apt-get install chromium)"),
]


@pytest.fixture(scope="module")
def browser():
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.mark.parametrize("lang", ["fr", "en"])
@pytest.mark.parametrize("name", ["telemedecine", "laboratoires", "annonce"])
def test_the_page_behaves(browser, make, tmp_path, name, lang):
    path = tmp_path / "report.html"
    path.write_text(render(make(name), lang), "utf-8")
    page = browser.new_page()
    asked, said = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda fault: said.append(str(fault)))
    page.on("dialog", lambda dialog: said.append(dialog.message))
    for width in (360, 390, 700, 768, 1200):
        page.set_viewport_size({"width": width, "height": 800})
        page.goto(path.as_uri())
        wider = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wider == 0, width
    assert set(asked) == {path.as_uri()}
    assert said == []
    colour = page.evaluate("getComputedStyle(document.body).maxWidth")
    assert colour != "none", "the style was refused"
    page.close()


def test_a_printed_page_is_headed_and_numbered(browser, make, tmp_path):
    path = tmp_path / "report.html"
    path.write_text(render(make()), "utf-8")
    page = browser.new_page()
    page.goto(path.as_uri())
    page.pdf(path=str(tmp_path / "report.pdf"), prefer_css_page_size=True)
    page.close()
    pdf = (tmp_path / "report.pdf").read_bytes()
    assert 6 <= len(re.findall(rb"/Type\s*/Page\b", pdf)) <= 16
    assert re.search(rb"/MediaBox\s*\[0 0 59[45]\.\d+ 84[12]\.\d+\]", pdf)
