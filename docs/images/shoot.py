"""Takes the picture of a report that the README shows: ``python docs/images/shoot.py CASE/report/report.html``.

Needs playwright and a chromium. The picture keeps the headline and the drawings; tables and the rest stay out.
"""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

CHROMIUM = "/usr/bin/chromium"
KEPT = """
nav, .meta, .kicker, .warning, table, section > p:not(.lead):not(.standing), section.late, footer { display: none }
main > section { margin-bottom: 1.2rem }
body { padding-bottom: 1rem }
"""


def shoot(report: Path, picture: Path) -> None:
    """Writes the picture of a report."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1040, "height": 800}, bypass_csp=True)
        page.goto(report.resolve().as_uri())
        page.evaluate(
            "for (const one of document.querySelectorAll('main > section'))"
            " if (one.id && !['ledger', 'categories'].includes(one.id)) one.classList.add('late')"
        )
        page.add_style_tag(content=KEPT)
        page.screenshot(path=str(picture), full_page=True)
        browser.close()


if __name__ == "__main__":
    shoot(Path(sys.argv[1]), Path(__file__).with_name("report.png"))
