"""Whole reports, read by a reviewer when they change: ``make golden`` writes them again."""

from __future__ import annotations

import json
import os
import re
from dataclasses import asdict
from pathlib import Path

import pytest

from hemostat.report.page import render
from hemostat.report.view import ReportView, rule_labels

HERE = Path(__file__).parent
LABELS = [asdict(one) for one in rule_labels().values()]


def normal(text: str) -> str:
    """One element a line; of drawings and style, which eyes judge, only the words."""
    text = re.sub(r"<style>.*?</style>", "<style></style>", text, flags=re.DOTALL)
    text = re.sub(r"sha256-[\w+/=]+", "sha256-", text)
    text = re.sub(r"<(/?)(g|path|line|tspan)\b[^>]*>", "", text)
    text = re.sub(r"<text [^>]*>", "<text>", text)
    text = re.sub(r"<svg ([^>]*)viewBox[^>]*?role", r"<svg \1role", text)
    text = re.sub(
        r"\s*\n\s*", "\n", re.sub(r"(<(?!/|wbr|bdi|strong|small|br|abbr|span)[^>]+>)", r"\n\1", text)
    )
    return text.strip() + "\n"


@pytest.mark.parametrize(
    ("name", "lang"), [("telemedecine", "fr"), ("telemedecine", "en"), ("annonce", "fr")]
)
def test_the_report_is_the_one_reviewed(name, lang):
    data = json.loads((HERE / name / "view.json").read_text("utf-8"))
    found = normal(render(ReportView.from_dict({**data, "labels": LABELS}), lang))
    expected = HERE / name / f"expected.{lang}.html"
    if os.environ.get("HEMOSTAT_GOLDEN") == "write":
        expected.write_text(found, "utf-8")
    assert found == expected.read_text("utf-8")
