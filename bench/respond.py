"""The whole response on a 13-column file of people, beside DuckDB reading the same file and dropping duplicates.

Ours counts every child process, custody, encryption, the independent count, detection of every value, resolution
and the report, on a fresh case from a cold start.
"""

from __future__ import annotations

import csv
import math
import shutil
import sys
import tempfile
from pathlib import Path

from hemostat.simulate import simulate
from measure import Cost, machine, run, table

BAR = 12.0
ROWS = 1_000_000

_PEER = """
import duckdb, sys
c = duckdb.connect()
c.execute("set threads = 2")
sql = f"select count(*) from (select distinct * from read_csv('{sys.argv[1]}', all_varchar = true))"
print(c.execute(sql).fetchall())
"""


def one_file(folder: Path, rows: int) -> Path:
    """The practices of the story that left CSV, in one UTF-8 file: ``rows`` lines of 13 columns.

    The other half of the practices left SQL dumps, so the story is made about twice as large.
    """
    simulate("cegedim", round(2.1 * rows * 15 / 19), 5, folder / "fiction")
    left = rows
    out = folder / f"people-{rows}.csv"
    heading: list[str] = []
    with out.open("w", encoding="utf-8", newline="") as target:
        writer = csv.writer(target, delimiter=";")
        for path in sorted((folder / "fiction" / "evidence").rglob("*.csv")):
            content = path.read_bytes()
            try:
                text = content.decode("utf-8-sig")
            except UnicodeDecodeError:
                text = content.decode("cp1252")
            delimiter = max(";,|\t", key=text.split("\n", 1)[0].count)
            lines = csv.reader(text.splitlines(), delimiter=delimiter)
            names = next(lines)
            if not heading:
                heading = names
                writer.writerow(names)
            whole = [row for row in lines if len(row) == len(heading)][:left]
            writer.writerows(whole)
            left -= len(whole)
    if left:
        raise SystemExit(f"the story is {left} rows short")
    shutil.rmtree(folder / "fiction")
    return out


def ours(path: Path, folder: Path) -> Cost:
    """The cost of the whole response on a fresh case."""
    case = folder / "case"
    shutil.rmtree(case, ignore_errors=True)
    program = str(Path(sys.executable).with_name("hemostat"))
    return run(
        program, "--quiet", "--key-file", str(folder / "key"), "respond", str(path), "--case", str(case)
    )


def main(sizes: tuple[int, ...] = (250_000, ROWS)) -> None:
    """Prints the table."""
    rows, costs = [], []
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        for size in sizes:
            path = one_file(folder, size)
            peer = min((run(sys.executable, "-c", _PEER, str(path)) for _ in range(3)), key=lambda c: c.cpu)
            cost = min((ours(path, folder) for _ in range(3)), key=lambda c: c.cpu)
            costs.append(cost.cpu)
            rows.append(
                [
                    f"{size:,}",
                    f"{path.stat().st_size / 2**20:.0f}",
                    f"{cost.cpu:.2f}",
                    f"{cost.wall:.2f}",
                    f"{cost.peak_mb:.0f}",
                    f"{peer.cpu:.2f}",
                    f"{cost.cpu / peer.cpu:.1f} (bar {BAR:.0f})",
                ]
            )
            path.unlink()
    print(f"respond, whole process, cold start ({machine()})")
    print(table(["rows", "MB", "CPU s", "wall s", "peak MB", "DuckDB CPU s", "ratio"], rows))
    if len(sizes) > 1:
        growth = math.log(costs[-1] / costs[0]) / math.log(sizes[-1] / sizes[0])
        print(f"CPU grows as N^{growth:.2f} (bar N^1.15)")


if __name__ == "__main__":
    main(tuple(int(a) for a in sys.argv[1:]) or (250_000, ROWS))
