"""Delimited text read to columns of text, counted twice: what a core does in a second, beside pyarrow's reader.

Run: python bench/delimited.py [MEGABYTES]. Ours includes the search for further tables and the independent count of
rows; pyarrow's reader has every column as text, one thread, and fails on the dirty file, as is said.
"""

from __future__ import annotations

import io
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.csv as arrow_csv

from hemostat.evidence.base import Limits, Source
from hemostat.evidence.delimited.reader import DelimitedReader
from measure import machine, table

if TYPE_CHECKING:
    from collections.abc import Callable

MEGABYTES = int(sys.argv[1]) if len(sys.argv) > 1 else 100
HEADINGS = "id;nom;prenom;naissance;nir;email;telephone;adresse;code_postal;ville;groupe;remarque"
CLEAN_SHARE, DIRTY_BAR = 0.5, 60


def rows(count: int, seed: int, *, dirty: bool) -> list[bytes]:
    """Made-up rows of 12 fields, some of them quoted.

    Of dirty ones, 5 % are in Windows-1252 among UTF-8, 2 % hold a line end, 0.5 % stray quotes or too few fields.
    """
    pick = random.Random(seed)
    made = []
    for number in range(count):
        note = pick.choice(
            ("suivi annuel", "RAS", "", '"renouvellement ; bis"', '"certificat ""sport"" demandé"')
        )
        cells = [
            str(number), f"DURANDEAU{pick.randrange(100000)}", pick.choice(("Odette", "Marcel", "Leïla", "Gwenaëlle")),
            f"19{pick.randrange(30, 99)}-{pick.randrange(1, 13):02d}-{pick.randrange(1, 29):02d}",
            f"{pick.randrange(1, 3)}{pick.randrange(10**14):014d}", f"personne{number}@example.org",
            f"06399{pick.randrange(100000):05d}", f"{pick.randrange(1, 200)} avenue Jean Jaurès",
            f"{pick.randrange(1000, 96000):05d}", "Ville-sur-Fiction", pick.choice(("O+", "A-", "")), note,
        ]  # fmt: skip
        line = ";".join(cells) + "\n"
        if not dirty:
            made.append(line.encode())
            continue
        fate = pick.random()
        if fate < 0.02:
            line = line.replace(note or "Ville", '"toux\ndepuis 3 jours"', 1)
        elif fate < 0.022:
            line = line.replace("DURANDEAU", 'DURAND"EAU')
        elif fate < 0.023:
            line = line.replace("avenue", '"avenue')
        elif fate < 0.025:
            line = line[: pick.randrange(20, 60)] + "\n"
        made.append(line.encode("cp1252" if pick.random() < 0.05 else "utf-8"))
    return made


def write(path: Path, *, dirty: bool) -> None:
    """A file of about that size."""
    block = b"".join(rows(20_000, 1, dirty=dirty))
    with path.open("wb") as out:
        out.write(HEADINGS.encode() + b"\n")
        for _ in range(max(MEGABYTES * 1_000_000 // len(block), 1)):
            out.write(block)


def reading(path: Path) -> str:
    """Every table of the file, read, and no more."""
    tables = DelimitedReader().tables(
        Source(path.name, path.stat().st_size, lambda: path.open("rb")), Limits()
    )
    return f"{sum(batch.rows.num_rows for one in tables for batch in one.batches(None))} rows"


def ours(path: Path) -> str:
    """Every table of the file, counted and read."""
    kept = aside = other = 0
    counted = 0
    for one in DelimitedReader().tables(
        Source(path.name, path.stat().st_size, lambda: path.open("rb")), Limits()
    ):
        counted += one.count_units() or 0
        for batch in one.batches(None):
            kept += batch.rows.num_rows
            aside += sum(part.units for part in batch.quarantined)
            other += batch.blank + batch.header + batch.out_of_scope
    return f"{kept} rows, {aside} set aside, {counted - kept - aside - other} unexplained"


def arrow(path: Path) -> str:
    """Pyarrow's reader, all columns as text, one thread."""
    names = HEADINGS.split(";")
    try:
        reader = arrow_csv.open_csv(
            io.BytesIO(path.read_bytes()),
            read_options=arrow_csv.ReadOptions(use_threads=False, block_size=8 << 20),
            parse_options=arrow_csv.ParseOptions(delimiter=";", newlines_in_values=True),
            convert_options=arrow_csv.ConvertOptions(column_types=dict.fromkeys(names, pa.string())),
        )
        return f"{sum(batch.num_rows for batch in reader)} rows"
    except pa.ArrowInvalid:
        return "fails"


def measured(read: Callable[[Path], str], path: Path) -> tuple[str, float]:
    """What came of it, and megabytes a second of CPU time, the best of three."""
    best = 0.0
    said = ""
    for _ in range(3):
        began = time.process_time()
        said = read(path)
        best = max(best, path.stat().st_size / 1e6 / (time.process_time() - began))
    return said, best


def main() -> None:
    """Prints both files, each with ours and the peer."""
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        for name, dirty in (("clean", False), ("dirty", True)):
            path = Path(folder) / f"{name}.csv"
            write(path, dirty=dirty)
            said, speed = measured(ours, path)
            alone_said, alone = measured(reading, path)
            peer_said, peer = measured(arrow, path)
            bar = f">= {CLEAN_SHARE * peer:.0f}" if not dirty else f">= {DIRTY_BAR}"
            lines += [[f"{name}, hemostat without the count", f"{alone:.0f}", "", alone_said]]
            lines += [
                [f"{name}, hemostat", f"{speed:.0f}", bar, said],
                [f"{name}, pyarrow", f"{peer:.0f}", "", peer_said],
            ]
    print(machine())
    print(table(["file, reader", "MB/s per core", "wanted", "result"], lines))


if __name__ == "__main__":
    main()
