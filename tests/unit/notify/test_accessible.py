"""The notice's page and the letter's HTML as everybody must be able to read them."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2]))
import browsing

sys.path.insert(0, str(Path(__file__).parent))
from letters_made import letter

from hemostat.notify.dossier import page
from hemostat.notify.form import form
from hemostat.notify.layout import as_html

pytestmark = browsing.needs_browser


@pytest.fixture(scope="module")
def browser():
    with browsing.started() as one:
        yield one


def notice() -> dict:
    """A second version of a notice: every kind of field, a name that turns the text around, a long one."""
    sections = [
        {
            "id": section.id,
            "fr": section.fr,
            "fields": [
                {
                    "id": one.id, "label": one.fr, "values": one.values[:2] or ("Compte fermé le 28/11/2025.",),
                    "note": "Plus de 5000 personnes : 320 000 selon l'annonce", "ledger": ("persons.best",) * 6,
                    "required": one.required, "article": one.article, "provenance": one.provenance,
                }
                for one in section.fields
            ],
        }
        for section in form()
    ]  # fmt: skip
    return {
        "kind": "Notification complémentaire", "version": 2, "case_id": "cd017916252e38da", "controller": "Clinique",
        "made_at": "2026-11-22T22:11:26+01:00", "address": "https://notifications.cnil.fr/notifications/violation",
        "journal_head": "a88151f155326a11" * 4, "sections": sections,
        "differences": [{"id": "causes", "label": "Causes", "before": [], "after": ["Inconnu"], "why": "relus"}],
        "evidence": [("evidence/\u202egpj.exe_" + "x" * 90, "f" * 64, "leak")],
    }  # fmt: skip


@pytest.fixture(scope="module")
def paths(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    made = {"notice": page(notice(), "Notification complémentaire — Clinique")}
    for lang in ("fr", "en"):
        one = letter(lang=lang)
        made[f"letter-{lang}"] = as_html(one.text, one.subject)
    for name, text in made.items():
        (folder / f"{name}.html").write_text(text, "utf-8")
    return {name: folder / f"{name}.html" for name in made}


@pytest.mark.parametrize("name", ["notice", "letter-fr", "letter-en"])
def test_axe_finds_nothing(browser, paths, name):
    assert browsing.complaints(browser, paths[name]) == []


def test_the_notice_asks_nothing_of_anybody_and_every_button_is_reached(browser, paths):
    assert browsing.misbehaviour(browser, paths["notice"]) == []
    assert browsing.out_of_reach(browser, paths["notice"]) == []


def test_a_button_copies_its_answer_under_the_strict_policy(browser, paths):
    context = browser.new_context(permissions=["clipboard-read", "clipboard-write"])
    one = context.new_page()
    one.goto(paths["notice"].as_uri())
    one.locator("button").first.press("Enter")
    assert one.locator("#said").inner_text() in ("Copié.", "Sélectionné\u00a0: copiez avec Ctrl+C.")
    answer = one.locator("#" + one.locator("button").first.get_attribute("data-copy")).inner_text()
    held = one.evaluate("getSelection().toString() || navigator.clipboard.readText()")
    assert held.splitlines() == answer.splitlines()
    context.close()


def test_a_printed_notice_has_no_buttons(browser, paths):
    words = "\n".join(browsing.printed(browser, paths["notice"]))
    assert "Copier" not in words
    assert "Empreinte du journal" in words
