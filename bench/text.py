"""Free text: how much of the labels is found, how much of what is found is right, and how fast.

``python bench/text.py`` scores the open labels, which may be read while rules are written. ``--sealed`` scores the
part that nobody who writes rules has read, prints totals alone, and keeps them with the version and the hash of the
rules in ``bench/scores.jsonl``: once per version, and never to look at single errors.

A span counts as found when a span of its category overlaps it; identifiers must have the very same bounds. Remarks
that the labels call denied are neither wanted nor counted wrong for being left out.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

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
Row = tuple[int, int, str]


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


def wanted(document: dict[str, Any]) -> list[Row]:
    """The spans of a text that are to be found."""
    return [
        (span["start"], span["end"], span["category"])
        for span in document["spans"]
        if not (span["category"].startswith("remark_") and span["status"] == "negated")
    ]


def meets(one: Row, other: Row) -> bool:
    """Whether two spans are the same find."""
    if one[2] in IDENTIFIERS:
        return one == other
    return one[2] == other[2] and one[0] < other[1] and other[0] < one[1]


def scores(labels: list[dict[str, Any]]) -> dict[str, dict[str, float]]:
    """Precision, recall and F1 of each category and of each group."""
    found: list[list[Row]] = [[] for _ in labels]
    for row in shown(find(pl.Series([document["text"] for document in labels]))).to_pylist():
        found[row["doc"]].append((row["start"], row["end"], row["category"]))
    said, right, asked, met = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    for document, mine in zip(labels, found, strict=True):
        truth = wanted(document)
        for span in mine:
            hit = any(meets(span, other) for other in truth)
            for group in groups(span[2]):
                said[group] += 1
                right[group] += hit
        for span in truth:
            hit = any(meets(other, span) for other in mine)
            for group in groups(span[2]):
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


def speed(labels: list[dict[str, Any]], texts: int = 20_000) -> dict[str, float]:
    """MB (2**20 bytes) a second of processor time, over texts drawn from the sentences of the open labels."""
    draw = random.Random(1)
    sentences = [part for document in labels for part in document["text"].split(". ") if part]
    made = pl.Series([". ".join(draw.choices(sentences, k=5)) for _ in range(texts)])
    size = int(made.str.len_bytes().sum()) / 2**20
    find(made.head(2000))
    out = {}
    for name, run in (("find", find), ("masks", masks)):
        before = time.thread_time()
        run(made)
        out[name] = round(size / (time.thread_time() - before), 1)
    return out


def keep(figures: dict[str, float]) -> None:
    """Adds the scores of this version on the sealed part to those kept."""
    row = {
        "version": __version__,
        "rules": hash_of_rules(),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "part": "text, sealed",
        "scores": figures,
    }
    with KEPT.open("a", encoding="utf-8") as kept:
        kept.write(json.dumps(row) + "\n")


def say(line: str) -> None:
    """One line of the report."""
    sys.stdout.write(line + "\n")


def _tell(figures: dict[str, float]) -> None:
    for name, value in figures.items():
        say(f"  {name:20} {value:.3f}  (bar {BARS[name]}: {'met' if value >= BARS[name] else 'not met'})")


def main() -> None:
    """Scores, then speed."""
    options = argparse.ArgumentParser(description="Scores of the detection in free text.")
    options.add_argument(
        "--sealed", action="store_true", help="score the sealed part, keep and print totals alone"
    )
    if options.parse_args().sealed:
        keep(summary(scores(documents(LABELS / "sealed"))))
    else:
        labels = documents(LABELS / "open")
        table = scores(labels)
        for name, line in table.items():
            say(
                f"{name:22} {line['spans']:5} spans  P {line['precision']:.3f}  R {line['recall']:.3f}  "
                f"F1 {line['f1']:.3f}"
            )
        say("open labels")
        _tell(summary(table))
        say(f"  false identifiers per 10 000 words: {false_identifiers(LABELS / 'open'):.2f} (bar 1)")
        say(f"  MB/s and core: {speed(labels)} (bar 60)")
    if KEPT.exists():
        for kept in KEPT.read_text("utf-8").splitlines():
            row = json.loads(kept)
            if row.get("part") == "text, sealed":
                say(f"sealed labels, version {row['version']}, rules {row['rules'][:12]}, {row['at']}")
                _tell(row["scores"])


if __name__ == "__main__":
    main()
