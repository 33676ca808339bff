"""Small made-up evidence for tests. The planted values must never leave it: see the fixture ``silence``."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

PLANTED = (
    "QUENOUILLARD",
    "Zéphyrine-Aglaé",
    "190027511604216",
    "zephyrine.quenouillard@example.org",
    "0639980142",
    "salpingite chronique en 2019",
    "Kx9!colchique",
)
"""Values that stand for a person's data in every piece of evidence made here."""

HEADINGS = (
    "nom",
    "prenom",
    "sexe",
    "date_naissance",
    "num_secu",
    "email",
    "telephone",
    "motif",
    "mot_de_passe",
)

_SURNAMES = (
    "BELLORGET",
    "CANDILLAC",
    "DURANDEAU",
    "ESPINOUZE",
    "FOURCADEL",
    "GRANVALLET",
    "HOUDREVILLE",
    "JOUANNEAU",
)
_FIRST_NAMES = ("Odette", "Marcel", "Leïla", "Youssef", "Gwenaëlle", "Thibault", "Inès", "Moussa")
_REASONS = (
    "toux depuis trois jours",
    "renouvellement",
    "douleur au genou droit",
    "suivi annuel",
    "certificat de sport",
)


def nir(sex: int, year: int, month: int, serial: int) -> str:
    """A valid NIR of 15 characters, born in Paris 16th."""
    body = f"{sex}{year % 100:02d}{month:02d}75116{serial:03d}"
    return f"{body}{97 - int(body) % 97:02d}"


def people(count: int) -> list[tuple[str, ...]]:
    """``count`` different people, the first one planted."""
    rows = [(PLANTED[0], PLANTED[1], "F", "14/02/1990", PLANTED[2], *PLANTED[3:])]
    for n in range(1, count):
        surname, first = _SURNAMES[n % 8] + "AEIOU"[n // 8 % 5] * (n // 40 + 1), _FIRST_NAMES[n // 3 % 8]
        sex, year, month, day = (
            1 + n // 3 % 2 * 0 + (first in ("Odette", "Leïla", "Gwenaëlle", "Inès")),
            1940 + n * 7 % 65,
            1 + n % 12,
            1 + n % 28,
        )
        rows.append(
            (
                surname,
                first,
                "MF"[sex - 1],
                f"{day:02d}/{month:02d}/{year}",
                nir(sex, year, month, 100 + n % 800),
                f"{first[0].lower()}.{surname.lower()}{n}@example.net",
                f"06399{n % 100000:05d}",
                _REASONS[n % 5],
                f"Mdp-{n * 7919 % 10007}",
            )
        )
    return rows


def csv_text(rows: list[tuple[str, ...]], headings: tuple[str, ...] = HEADINGS, delimiter: str = ";") -> str:
    """These rows as delimited text with a heading line."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    writer.writerow(headings)
    writer.writerows(rows)
    return out.getvalue()


def leak(folder: Path, count: int = 40, name: str = "patients.csv") -> Path:
    """A small leak of ``count`` different people as CSV."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(csv_text(people(count)), "utf-8")
    return path


def leak_jsonl(folder: Path, count: int = 10, name: str = "patients.jsonl") -> Path:
    """The same as JSON lines."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(
        "".join(json.dumps(dict(zip(HEADINGS, row, strict=True))) + "\n" for row in people(count)), "utf-8"
    )
    return path
