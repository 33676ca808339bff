"""The detection of a 14-column patient file beside Presidio's, per row, and what each of them finds there.

Presidio is installed in an environment of its own (``.bench/presidio``), with its pattern recognisers for French and
no language model. It reads some hundred rows, ours all of them; both are given in rows a CPU second.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
import venv
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
import pyarrow as pa

from hemostat.detect import examine
from hemostat.detect.nir import key
from measure import machine, table

BAR = 2_000
ROWS, THEIRS = 400_000, 400
ENVIRONMENT = Path(__file__).parents[1] / ".bench" / "presidio"
_SURNAMES = "GARNIER PETIT ROYER MARCHAND LE_GOFF BENALI DUBOIS MOREL FAURE BLANCHARD GIRAUD NGUYEN".replace(
    "_", " "
)
_FIRST = "Sophie Paul Aïcha Jeanne Louis Émile Nadia Hugo Claire Yann Inès Marc"
_TOWNS = (
    ("56000", "VANNES"),
    ("29200", "BREST"),
    ("69003", "LYON"),
    ("13001", "MARSEILLE"),
    ("75011", "PARIS"),
)
_NOTES = ("renouvellement fait, revoir dans trois mois", "séropositif depuis 2009, suivi à l'hôpital", "RAS",
          "sort de prison, porte un bracelet", "toux depuis huit jours", "OH ++, sevrage refusé")  # fmt: skip
_PEER = """
import json, sys, time
import spacy
from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
from presidio_analyzer.nlp_engine import SpacyNlpEngine
class Blank(SpacyNlpEngine):
    def __init__(self):
        super().__init__()
        self.nlp = {"fr": spacy.blank("fr")}
    def load(self):
        pass
registry = RecognizerRegistry(supported_languages=["fr"])
registry.load_predefined_recognizers(languages=["fr"])
engine = AnalyzerEngine(registry=registry, nlp_engine=Blank(), supported_languages=["fr"])
columns = json.load(sys.stdin)
found = {}
engine.analyze("essai 01 99 00 04 12", language="fr")
began = time.process_time()
for name, cells in columns.items():
    seen = {}
    for cell in cells:
        for kind in {one.entity_type for one in engine.analyze(cell, language="fr")}:
            seen[kind] = seen.get(kind, 0) + 1
    found[name] = seen
print(json.dumps({"cpu": time.process_time() - began, "found": found}))
"""


def patients(rows: int) -> pa.Table:
    """A file of patients who do not exist, their numbers right, their contacts in ranges kept for fiction."""
    draw = np.random.default_rng(3)

    def one_of(words: list[str] | tuple[str, ...]) -> pl.Series:
        return pl.Series(np.array(words, dtype=object)[draw.integers(0, len(words), rows)], dtype=pl.String)

    def number(width: int, top: int) -> pl.Series:
        return pl.Series(draw.integers(0, top, rows)).cast(pl.String).str.zfill(width)

    sex, year, month = draw.integers(1, 3, rows), draw.integers(30, 100, rows), draw.integers(1, 13, rows)
    parts = pl.DataFrame(
        {"s": sex, "y": year, "m": month, "o": draw.integers(1, 999, rows), "d": draw.integers(1, 29, rows)}
    )
    padded = {name: parts[name].cast(pl.String).str.zfill(3 if name == "o" else 2) for name in "ymod"}
    body = parts["s"].cast(pl.String) + padded["y"] + padded["m"] + "75056" + padded["o"]
    born = padded["d"] + "/" + padded["m"] + "/19" + padded["y"]
    town = draw.integers(0, len(_TOWNS), rows)
    surname, first = one_of(_SURNAMES.split()), one_of(_FIRST.split())
    account = number(11, 10**10)
    iban = "FR" + _check("3000600001" + account + "89") + "3000600001" + account + "89"
    return pl.DataFrame(
        {
            "nom": surname, "prenom": first, "sexe": pl.Series(np.where(sex == 1, "M", "F")), "ddn": born,
            "nss": body + key(body).cast(pl.String).str.zfill(2),
            "adresse": pl.Series(draw.integers(1, 200, rows)).cast(pl.String) + " rue des Lilas",
            "cp": pl.Series([code for code, _ in _TOWNS]).gather(town),
            "ville": pl.Series([name for _, name in _TOWNS]).gather(town),
            "tel": "06 39 98 " + number(2, 100) + " " + number(2, 100),
            "mail": first.str.to_lowercase() + number(5, 10**5) + "@example.org",
            "medecin": "Dr " + one_of(_SURNAMES.split()), "rpps": _luhn("10" + number(8, 10**8)), "iban": iban,
            "remarque": one_of(_NOTES),
        }
    ).to_arrow(compat_level=pl.CompatLevel.oldest())  # fmt: skip


def _check(account: pl.Series) -> pl.Series:
    """The two digits by which an IBAN of France is divisible as it should (ISO 13616)."""
    rest = [98 - int(one + "152700") % 97 for one in account.to_list()]
    return pl.Series(rest).cast(pl.String).str.zfill(2)


def _luhn(body: pl.Series) -> pl.Series:
    digits = np.array([[int(c) for c in one] for one in body.to_list()])
    doubled = digits[:, ::-1].copy()
    doubled[:, 0::2] = np.where(doubled[:, 0::2] > 4, doubled[:, 0::2] * 2 - 9, doubled[:, 0::2] * 2)
    return body + pl.Series((10 - doubled.sum(axis=1) % 10) % 10).cast(pl.String)


def peer(rows: pa.Table) -> tuple[float, dict[str, dict[str, int]]]:
    """CPU seconds of Presidio on these rows, and what it named in each column."""
    python = ENVIRONMENT / "bin" / "python"
    if not python.exists():
        venv.create(ENVIRONMENT, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "presidio-analyzer"], check=True)
    given = json.dumps({name: rows[name].to_pylist() for name in rows.column_names})
    with tempfile.TemporaryDirectory() as scratch:
        done = subprocess.run(
            [python, "-W", "ignore", "-c", _PEER],
            input=given,
            capture_output=True,
            text=True,
            cwd=scratch,
            check=False,
        )
    if done.returncode:
        sys.exit(f"Presidio failed: {done.stderr[-800:]}")
    told = json.loads(done.stdout.splitlines()[-1])
    return told["cpu"], told["found"]


def main() -> None:
    """Prints rows a second of both, their ratio, and what each finds."""
    rows = patients(ROWS)
    batches = [pa.Table.from_batches([b]) for b in rows.to_batches(max_chunksize=100_000)]
    examine(batches[:1], table="warm.csv", today=date(2026, 11, 22))
    began = time.process_time()
    found = examine(batches, table="patients.csv", today=date(2026, 11, 22))
    ours = ROWS / (time.process_time() - began)
    cpu, theirs = peer(rows.slice(0, THEIRS))
    few = examine([rows.slice(0, THEIRS)], table="patients.csv", today=date(2026, 11, 22))
    lines = []
    for name in rows.column_names:
        mine = ", ".join(
            f"{f.category} {f.values if f.valid is None else f.valid}" for f in few if f.place == name
        )
        lines.append([name, mine, ", ".join(f"{kind} {n}" for kind, n in sorted(theirs[name].items()))])
    print(f"a 14-column patient file, detection alone ({machine()})")
    print(table(["column", f"ours, of {THEIRS}", f"Presidio, of {THEIRS}"], lines))
    ratio = ours * cpu / THEIRS
    print(f"{ours:,.0f} rows a CPU second against {THEIRS / cpu:,.0f}: {ratio:,.0f} times (bar {BAR:,})")
    print(f"{len(found)} findings over {ROWS:,} rows")


if __name__ == "__main__":
    main()
