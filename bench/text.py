"""Free text: how much of the labels is found, how much of what is found is right, and how fast.

``python bench/text.py`` scores the open labels, which may be read while rules are written, and the speed. ``--part``
scores another set: ``practice`` (written by somebody who had read neither rules nor lexicons; read afterwards),
``holdout`` and ``sealed`` (the same, and nobody who writes rules ever reads them: totals alone). The totals of these
are kept with the version and the hash of the rules in ``bench/scores.jsonl``, and every kept one is printed.

A span counts as found when a span of its category overlaps it; identifiers must have the very same letters and digits,
while blanks, punctuation at the edges and a label word in front (« né le », « tél ») are left open, as the sets leave
them. What the sets call neither right nor wrong counts nowhere: ``optional`` spans, ages (« 34 ans » is no birth date),
tobacco and the HIV that an antiretroviral tells of, on which the sets differ (the sealed one labels both, the others
neither). A span with ``also`` may be found under another of its categories.
Remarks that the labels call denied are not wanted, and are wrong when they are shown.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import polars as pl

from hemostat import __version__
from hemostat.detect.text import find, masks, shown
from hemostat.rules import hash_of_rules

HERE = Path(__file__).parent
LABELS = HERE.parent / "tests" / "labels"
KEPT = HERE / "scores.jsonl"
IDENTIFIERS = frozenset({"nir", "phone", "email", "iban", "professional_id", "birth_date"})
ADDRESSES = frozenset({"postal_address"})
FALSE = IDENTIFIERS | {"full_name", "payment_card"}
BARS = {
    "identifiers f1": 0.98,
    "names f1": 0.88,
    "addresses f1": 0.88,
    "remarks precision": 0.92,
    "remarks recall": 0.85,
}
OWN = ("practice", "holdout", "sealed")
"""Sets written by people who knew none of the rules: their totals are kept."""

_AGE = re.compile(r"(?i)^\W*\d{1,3}\s*(?:ans?|a|mois|m|semaines?|sem|jours?|j)\b[^/]*$")
_TOBACCO = re.compile(r"(?i)\b(?:tabac|tabagi\w+|fumeu\w+|fume|cigarettes?|clopes?|paquets?|pa|nicot\w+)\b")
_MORE = re.compile(r"(?i)alcool|\boh\b|cannabis|thc|joint|shit|coca|h[ée]ro|drogue|vin\b|bi[èe]re|boit|jeu")
_LABEL = re.compile(
    r"(?i)^(?:n[ée]e?|le|en|du|au|date|de|naissance|ddn|t[ée]l(?:[ée]phone)?|portable|mail|courriel|nir|rpps|iban"
    r"|n°|[\W_])+(?=[\W_]|\d)"
)


class Row(NamedTuple):
    """A span: where it is, of which category, what is written there, and the other categories it may have."""

    start: int
    end: int
    category: str
    text: str
    also: tuple[str, ...] = ()


def documents(folder: Path) -> list[dict[str, Any]]:
    """The labelled texts of a folder."""
    return [
        json.loads(line)
        for path in sorted(folder.glob("*.jsonl"))
        for line in path.read_text("utf-8").splitlines()
        if line
    ]


def groups(category: str) -> list[str]:
    """The lines of the table that a span counts in."""
    out = [category]
    out += ["all identifiers"] * (category in IDENTIFIERS)
    out += ["all addresses"] * (category in ADDRESSES)
    out += ["all remarks"] * category.startswith("remark_")
    return out


def _row(document: dict[str, Any], span: dict[str, Any]) -> Row:
    start, end = span["start"], span["end"]
    return Row(start, end, span["category"], document["text"][start:end], tuple(span.get("also", ())))


def left_open(row: Row) -> bool:
    """Whether the sets leave a label open: an age is no date of birth, and they differ on tobacco alone."""
    smoked = row.category == "remark_addiction" and _TOBACCO.search(row.text) and not _MORE.search(row.text)
    return bool(smoked or (row.category == "birth_date" and _AGE.match(row.text)))


def wanted(document: dict[str, Any]) -> tuple[list[Row], list[Row]]:
    """The spans of a text that are to be found, and those that are neither right nor wrong."""
    rows = [
        _row(document, span)
        for span in document["spans"]
        if not (span["category"].startswith("remark_") and span["status"] == "negated")
    ]
    free = [_row(document, span) for span in document.get("optional", ())]
    return [row for row in rows if not left_open(row)], free + [row for row in rows if left_open(row)]


def core(row: Row) -> str:
    """The letters and digits of an identifier, without the label word in front of it."""
    return re.sub(r"[\W_]+", "", _LABEL.sub("", row.text)).casefold()


def overlap(one: Row, other: Row) -> bool:
    """Whether two spans have a character in common."""
    return one.start < other.end and other.start < one.end


def meets(found: Row, truth: Row) -> bool:
    """Whether a found span is the one of the labels."""
    if found.category not in (truth.category, *truth.also) or not overlap(found, truth):
        return False
    return found.category not in IDENTIFIERS or core(found) == core(truth)


def aside(found: Row, free: list[Row], mine: list[Row], part: str) -> bool:
    """Whether a found span is of no account: a part of what the labels leave open."""
    if found.category == "remark_addiction" and _TOBACCO.search(found.text):
        return True
    twin = any((o.start, o.end, o.category) == (found.start, found.end, "treatment") for o in mine)
    if twin and part != "sealed":
        return True
    return any(overlap(found, row) and found.category in (row.category, *row.also) for row in free)


def scores(labels: list[dict[str, Any]], part: str = "") -> dict[str, dict[str, float]]:
    """Precision, recall and F1 of each category and of each group."""
    found: list[list[Row]] = [[] for _ in labels]
    for row in shown(find(pl.Series([document["text"] for document in labels]))).to_pylist():
        found[row["doc"]].append(_row(labels[row["doc"]], row))
    said, right, asked, met = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    for document, mine in zip(labels, found, strict=True):
        truth, free = wanted(document)
        for span in mine:
            hit = any(meets(span, other) for other in truth)
            for group in groups(span.category) if hit or not aside(span, free, mine, part) else ():
                said[group] += 1
                right[group] += hit
        for span in truth:
            hit = any(meets(other, span) for other in mine)
            for group in groups(span.category):
                asked[group] += 1
                met[group] += hit
    return {name: _measures(said, right, asked, met, name) for name in sorted(set(asked) | set(said))}


def _measures(
    said: Counter[str], right: Counter[str], asked: Counter[str], met: Counter[str], name: str
) -> dict[str, float]:
    precision = right[name] / said[name] if said[name] else 0.0
    recall = met[name] / asked[name] if asked[name] else 0.0
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    return {
        "precision": round(precision, 4),
        "recall": round(recall, 4),
        "f1": round(f1, 4),
        "spans": asked[name],
        "found": said[name],
    }


def summary(table: dict[str, dict[str, float]]) -> dict[str, float]:
    """The figures that have a bar."""
    return {
        "identifiers f1": table["all identifiers"]["f1"],
        "names f1": table["full_name"]["f1"],
        "addresses f1": table["all addresses"]["f1"],
        "remarks precision": table["all remarks"]["precision"],
        "remarks recall": table["all remarks"]["recall"],
    }


def false_identifiers(folder: Path) -> float:
    """Identifiers found per 10 000 words of prose that holds none."""
    prose = (folder / "words.txt").read_text("utf-8")
    found = find(pl.Series([prose]))["category"].to_pylist()
    return sum(category in FALSE for category in found) / len(prose.split()) * 10_000


def samples(labels: list[dict[str, Any]], texts: int = 20_000) -> dict[str, pl.Series]:
    """Texts to measure speed on: sentences of the open labels, and lines of prose without identifiers."""
    draw = random.Random(1)
    sentences = [part for document in labels for part in document["text"].split(". ") if part]
    lines = [line for line in (LABELS / "open" / "words.txt").read_text("utf-8").splitlines() if line]
    return {
        "labels": pl.Series([". ".join(draw.choices(sentences, k=5)) for _ in range(texts)]),
        "prose": pl.Series([" ".join(draw.choices(lines, k=2)) for _ in range(texts // 2)]),
    }


def speed(labels: list[dict[str, Any]]) -> dict[str, float]:
    """MB (2**20 bytes) a second of processor time, all threads counted; the best of three."""
    out = {}
    for kind, texts in samples(labels).items():
        size = int(texts.str.len_bytes().sum()) / 2**20
        for name, run in (("find", find), ("masks", masks)):
            took = []
            for _ in range(3):
                before = time.process_time()
                run(texts)
                took.append(time.process_time() - before)
            out[f"{name}, {kind}"] = round(size / min(took), 1)
    return out


def keep(part: str, figures: dict[str, float]) -> None:
    """Adds the totals of these rules on a set to those kept."""
    row = {
        "version": __version__,
        "rules": hash_of_rules(),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "part": f"text, {part}",
        "scores": figures,
    }
    with KEPT.open("a", encoding="utf-8") as kept:
        kept.write(json.dumps(row) + "\n")


def say(line: str) -> None:
    """One line of the report."""
    sys.stdout.write(line + "\n")


def _tell(figures: dict[str, float]) -> None:
    for name, value in figures.items():
        bar = BARS.get(name)
        verdict = f"  (bar {bar}: {'met' if value >= bar else 'not met'})" if bar is not None else ""
        say(f"  {name:34} {value:.3f}{verdict}")


def _tell_kept() -> None:
    rows = [json.loads(line) for line in KEPT.read_text("utf-8").splitlines()] if KEPT.exists() else []
    for row in rows:
        kind, _, part = row.get("part", "").partition(", ")
        if kind == "text":
            say(f"{part} labels, version {row['version']}, rules {row['rules'][:12]}, {row['at']}")
            _tell(row["scores"])


def _totals(part: str) -> dict[str, float]:
    folder = LABELS / part
    figures = summary(scores(documents(folder), part))
    if (folder / "words.txt").exists():
        figures["false identifiers per 10 000 words"] = round(false_identifiers(folder), 2)
    return figures


def main() -> None:
    """Scores, then speed."""
    options = argparse.ArgumentParser(description="Scores of the detection in free text.")
    options.add_argument("--part", choices=OWN, help="score this set, keep and print totals alone")
    part = options.parse_args().part
    if part:
        keep(part, _totals(part))
        _tell_kept()
        return
    labels = documents(LABELS / "open")
    for name, line in scores(labels, "open").items():
        say(
            f"{name:22} {line['spans']:5} spans  P {line['precision']:.3f}  R {line['recall']:.3f}  "
            f"F1 {line['f1']:.3f}"
        )
    say("open labels")
    _tell(_totals("open"))
    say(f"  MB/s and core: {speed(labels)} (bar 60)")
    _tell_kept()


if __name__ == "__main__":
    main()
