"""SQL dumps read to columns of text: what a core does in a second, and the memory it takes however long the dump.

Beside each, the regular expression that finds the tuples or the lines of the same file and does nothing else.
"""

from __future__ import annotations

import json
import random
import re
import resource
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from hemostat.evidence.base import Limits, Source
from hemostat.evidence.sql.reader import SqlDumpReader
from measure import machine, table

if TYPE_CHECKING:
    from collections.abc import Callable

MEGABYTES = 200
BARS = {"mysqldump": 40, "mysqldump, a row a statement": 40, "pg_dump (COPY)": 100, "pg_dump --inserts": 40}
_TUPLE = re.compile(rb"\((?:[^'()\\]++|'(?:[^'\\]++|\\.|'')*+')*+\)", re.DOTALL)
_LINE = re.compile(rb"[^\n]*+\n")
_STREETS = ("rue de l'Église", "avenue Jean Jaurès", "impasse des Lilas", "boulevard de la République")
_NOTES = (
    "toux depuis trois jours ; renouvellement (bis)",
    "suivi annuel",
    "douleur au genou droit\naprès une chute",
    "RAS",
    'certificat "sport" demandé, dossier C:\\patients\\2019',
)


def people(count: int, seed: int) -> list[tuple[str | None, ...]]:
    """Made-up rows of 12 columns."""
    pick = random.Random(seed)
    return [
        (
            str(number),
            f"DURANDEAU{pick.randrange(100000)}",
            pick.choice(("Odette", "Marcel", "Leïla", "Gwenaëlle")),
            f"19{pick.randrange(30, 99)}-{pick.randrange(1, 13):02d}-{pick.randrange(1, 29):02d}",
            f"{pick.randrange(1, 3)}{pick.randrange(10**14):014d}",
            f"personne{number}@example.org",
            f"06399{pick.randrange(100000):05d}",
            f"{pick.randrange(1, 200)} {pick.choice(_STREETS)}",
            f"{pick.randrange(1000, 96000):05d}",
            "Ville-sur-Fiction",
            None if pick.random() < 0.3 else pick.choice(("O+", "A-", "AB+")),
            pick.choice(_NOTES),
        )
        for number in range(count)
    ]


def _mysql(cell: str | None) -> str:
    if cell is None:
        return "NULL"
    for octet, written in (("\\", "\\\\"), ("\n", "\\n"), ("'", "\\'"), ('"', '\\"')):
        cell = cell.replace(octet, written)
    return f"'{cell}'"


def _standard(cell: str | None) -> str:
    return "NULL" if cell is None else "'" + cell.replace("'", "''") + "'"


def _copy(cell: str | None) -> str:
    return "\\N" if cell is None else cell.replace("\\", "\\\\").replace("\n", "\\n")


def _tuple(row: tuple[str | None, ...], quote: Callable[[str | None], str], between: str = ",") -> str:
    return f"({row[0]}{between}{between.join(map(quote, row[1:]))})"


def write(path: Path, kind: str, megabytes: int) -> None:
    """A dump of about that size."""
    rows = people(5000, 1)
    if kind == "mysqldump":
        block = "INSERT INTO `patients` VALUES " + ",".join(_tuple(row, _mysql) for row in rows) + ";\n"
        head = "-- MySQL dump 10.13  Distrib 8.0\n"
    elif kind.startswith("mysqldump"):
        block = "".join(f"INSERT INTO `patients` VALUES {_tuple(row, _mysql)};\n" for row in rows)
        head = "-- MySQL dump 10.13  Distrib 8.0\n"
    elif kind.endswith("--inserts"):
        block = "".join(
            f"INSERT INTO public.patients VALUES {_tuple(row, _standard, ', ')};\n" for row in rows
        )
        head = "-- PostgreSQL database dump\nSET standard_conforming_strings = on;\n"
    else:
        block = "".join("\t".join(map(_copy, row)) + "\n" for row in rows)
        columns = ", ".join(f"c{number}" for number in range(12))
        head = "-- PostgreSQL database dump\nSET standard_conforming_strings = on;\n"
        head += f"COPY public.patients ({columns}) FROM stdin;\n"
    data = block.encode()
    with path.open("wb") as out:
        out.write(head.encode())
        for _ in range((megabytes << 20) // len(data)):
            out.write(data)
        out.write(b"\\.\n" if "COPY" in kind else b"")


def child(path: str) -> None:
    """Reads a dump whole and prints what it cost, as JSON."""
    source = Source(path, Path(path).stat().st_size, partial(open, path, "rb"))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    began = time.process_time()
    found = list(SqlDumpReader().tables(source, Limits()))
    indexed = time.process_time()
    rows = sum(batch.rows.num_rows for one in found for batch in one.batches(None))
    read = time.process_time()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert rows == sum(one.count_units() or 0 for one in found)
    counted = time.process_time()
    print(
        json.dumps(
            {"rows": rows, "index": indexed - began, "read": read - indexed, "count": counted - read,
             "peak": peak / 1024, "before": before / 1024}
        )
    )  # fmt: skip


def peer(path: Path, pattern: re.Pattern[bytes]) -> float:
    """CPU seconds of one pass of a regular expression over the file, in blocks."""
    began = time.process_time()
    with path.open("rb") as raw:
        while block := raw.read(8 << 20):
            sum(1 for _ in pattern.finditer(block))
    return time.process_time() - began


def main(megabytes: int = MEGABYTES) -> None:
    """Prints the table."""
    lines = []
    with tempfile.TemporaryDirectory() as scratch:
        for kind, bar in BARS.items():
            path = Path(scratch) / "dump.sql"
            write(path, kind, megabytes)
            size = path.stat().st_size / 1e6
            done = subprocess.run(
                [sys.executable, __file__, "--child", str(path)], capture_output=True, text=True, check=True
            )
            cost = json.loads(done.stdout)
            whole = size / (cost["index"] + cost["read"])
            other = size / peer(path, _LINE if "COPY" in kind else _TUPLE)
            memory = f"{cost['before']:.0f} → {cost['peak']:.0f}"
            rates = [f"{size / cost[step]:.0f}" for step in ("index", "read", "count")]
            lines.append(
                [
                    kind,
                    f"{size:.0f}",
                    f"{cost['rows']:,}",
                    *rates,
                    f"{whole:.0f} (bar {bar})",
                    f"{other:.0f}",
                    memory,
                ]
            )
    print(f"SQL dumps to columns of text, MB a second of CPU ({machine()})")
    print(
        table(
            ["dump", "MB", "rows", "index", "read", "count", "index + read", "regex alone", "peak MB"], lines
        )
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        child(sys.argv[2])
    else:
        main(*(int(argument) for argument in sys.argv[1:]))
