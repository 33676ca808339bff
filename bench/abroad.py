"""Lists from other countries, with their own columns and numbers, from the CSV to the people: pairs, and what is lost.

Usage: python bench/abroad.py [rows] [seed ...]. Two kinds are made here, with errors of their own: ``english``, as in
public linkage sets (given_name, surname, street_number, address_1, suburb, postcode, state, date_of_birth as
yyyymmdd, soc_sec_id), an original and up to a few copies with slips, no families; ``spanish``, a clinic's list (two
surnames, DNI, móvil, families who share a home and a telephone). The order of the rows changes nothing: each list is
also read shuffled.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from hemostat import detect, evidence, resolve
from hemostat.case import Case, Opening
from hemostat.model import Silent
from measure import machine, table
from people import score

if TYPE_CHECKING:
    from collections.abc import Callable

_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_SYLLABLES = (
    "ba", "bren", "cal", "dor", "el", "fen", "gar", "hol", "is", "jen", "ken", "lor",
    "mar", "nel", "os", "per", "quin", "ros", "sten", "tor", "ul", "ver", "wil", "yar",
)  # fmt: skip
_ENGLISH = (
    "olivia", "jack", "emily", "joshua", "chloe", "thomas", "sophie", "lachlan", "isabella", "william",
    "jessica", "james", "mia", "benjamin", "ella", "daniel", "hannah", "ethan", "georgia", "samuel", "lucy",
    "ryan", "grace", "nathan", "amelia", "liam", "zoe", "luke", "ruby", "noah",
)  # fmt: skip
_SPANISH = (
    "maría", "josé", "carmen", "antonio", "ana", "manuel", "laura", "francisco", "cristina", "david",
    "marta", "javier", "lucía", "carlos", "elena", "miguel", "pilar", "rafael", "isabel", "pedro",
)  # fmt: skip
_ROADS = ("road", "street", "lane", "crescent", "avenue", "place", "circuit")
_CALLES = ("calle mayor", "avenida de la paz", "plaza de españa", "calle del sol", "paseo del prado")
_STATES = ("nsw", "vic", "qld", "wa", "sa")


def _made(rng: np.random.Generator, size: int, parts: int) -> list[str]:
    """Invented names."""
    return ["".join(_SYLLABLES[k] for k in rng.integers(0, len(_SYLLABLES), parts)) for _ in range(size)]


def _slip(rng: np.random.Generator, text: str) -> str:
    """One letter or digit replaced, left out or exchanged with its neighbour."""
    if len(text) < 3:
        return text
    at, kind = int(rng.integers(0, len(text) - 1)), int(rng.integers(0, 3))
    if kind == 0:
        other = str(rng.integers(0, 10)) if text[at].isdigit() else _LETTERS[int(rng.integers(0, 26))]
        return text[:at] + other + text[at + 1 :]
    if kind == 1:
        return text[:at] + text[at + 1 :]
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :]


def _born(rng: np.random.Generator) -> tuple[int, int, int]:
    return int(rng.integers(1925, 2006)), int(rng.integers(1, 13)), int(rng.integers(1, 29))


def _copies(
    rng: np.random.Generator, people: list[dict[str, str]], rows: int, most: int
) -> list[dict[str, str]]:
    """The originals, and copies of some with up to `most` slips or empty cells each."""
    found = [{**person, "_who": str(number)} for number, person in enumerate(people)]
    for _ in range(rows - len(people)):
        number = int(rng.integers(0, len(people)))
        copy = dict(people[number])
        for _ in range(int(rng.integers(1, most + 1))):
            column = list(copy)[int(rng.integers(0, len(copy)))]
            copy[column] = "" if rng.random() < 0.2 else _slip(rng, copy[column])
        found.append({**copy, "_who": str(number)})
    return [found[k] for k in rng.permutation(len(found))]


def english(seed: int, rows: int) -> pl.DataFrame:
    """A list without families, half of it copies."""
    rng = np.random.default_rng(seed)
    surnames, suburbs, streets = _made(rng, rows // 5, 3), _made(rng, 150, 3), _made(rng, rows // 5, 2)
    people = []
    for _ in range(rows // 2):
        year, month, day = _born(rng)
        suburb = int(rng.integers(0, len(suburbs)))
        people.append(
            {
                "given_name": _ENGLISH[int(rng.integers(0, len(_ENGLISH)))],
                "surname": surnames[int(rng.integers(0, len(surnames)))],
                "street_number": str(rng.integers(1, 250)),
                "address_1": f"{streets[int(rng.integers(0, len(streets)))]} {_ROADS[int(rng.integers(0, 7))]}",
                "suburb": suburbs[suburb],
                "postcode": str(2000 + suburb * 7),
                "state": _STATES[suburb % len(_STATES)],
                "date_of_birth": f"{year}{month:02}{day:02}",
                "soc_sec_id": str(rng.integers(1_000_000, 9_999_999)),
            }
        )
    return pl.DataFrame(_copies(rng, people, rows, 4))


def spanish(seed: int, rows: int) -> pl.DataFrame:
    """A clinic's list: homes of up to four who share surnames, address and telephone; a third are copies."""
    rng = np.random.default_rng(seed)
    surnames, towns = _made(rng, rows // 6, 2), _made(rng, 40, 3)
    people: list[dict[str, str]] = []
    while len(people) < rows * 2 // 3:
        first, second = (surnames[int(k)] for k in rng.integers(0, len(surnames), 2))
        town, phone = int(rng.integers(0, len(towns))), f"6{rng.integers(0, 100_000_000):08}"
        home = f"{_CALLES[int(rng.integers(0, len(_CALLES)))]} {rng.integers(1, 200)}"
        for name in rng.permutation(len(_SPANISH))[: int(rng.integers(1, 5))]:
            year, month, day = _born(rng)
            number = int(rng.integers(10_000_000, 99_999_999))
            people.append(
                {
                    "nombre": _SPANISH[int(name)],
                    "apellido1": first,
                    "apellido2": second,
                    "fecha_nacimiento": f"{day:02}/{month:02}/{year}",
                    "dni": f"{number}{'TRWAGMYFPDXBNJZSQVHLCKE'[number % 23]}",
                    "domicilio": home,
                    "codigo_postal": str(28_000 + town * 11),
                    "localidad": towns[town],
                    "movil": phone,
                }
            )
    return pl.DataFrame(_copies(rng, people, rows, 2))


KINDS: dict[str, Callable[[int, int], pl.DataFrame]] = {"english": english, "spanish": spanish}


def told(rows: pl.DataFrame, folder: Path) -> tuple[pl.DataFrame, str]:
    """Rows with the person each is given, after a whole run; and what the columns were taken for."""
    source = folder / "evidence"
    source.mkdir()
    rows.drop("_who").write_csv(source / "list.csv")
    with Case.create(folder / "case", Opening(key_file=folder / "keys" / "case.key")) as case:
        evidence.take(case, source, role="leak")
        evidence.run(case, Silent())
        with case.transaction():
            detect.run(case, Silent())
        with case.transaction():
            resolve.run(case, Silent())
        found = pl.from_arrow(
            case.query(
                "select e.name, r.line, p.person_id from record_person p join record r using (record_id) "
                "join evidence e using (evidence_id) order by e.name, r.record_id"
            )
        )
        taken = case.rows("select distinct place, category from finding order by 1, 2")
    assert isinstance(found, pl.DataFrame)
    people = found.sort("name", "line")["person_id"]
    return rows.with_columns(person_id=people), " ".join(f"{place}={category}" for place, category in taken)


def same(one: pl.DataFrame, other: pl.DataFrame) -> bool:
    """Whether two runs found the same people, whatever the order."""
    keys = [column for column in one.columns if column != "person_id"]
    pairs = [
        frame.with_columns(copy=pl.int_range(pl.len()).over(keys)).sort(*keys, "copy", nulls_last=True)
        for frame in (one, other)
    ]
    both = pl.DataFrame({"a": pairs[0]["person_id"], "b": pairs[1]["person_id"]})
    return both.n_unique() == both["a"].n_unique() == both["b"].n_unique()


def main(arguments: list[str]) -> None:
    """Prints the table."""
    rows = int(arguments[0]) if arguments else 5_000
    print(machine())
    lines = []
    for kind, make in KINDS.items():
        for seed in [int(each) for each in arguments[1:]] or [1, 2, 3]:
            made = make(seed, rows)
            with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
                found, taken = told(made, Path(one))
                shuffled, _ = told(made.sample(fraction=1.0, shuffle=True, seed=seed), Path(two))
            got = score(found.with_columns(true_person=pl.col("_who").cast(pl.Int64)))
            lines.append(
                [f"{kind} {seed}", f"{rows}", f"{made['_who'].n_unique()}", f"{got.found}", f"{got.precision:.5f}",
                 f"{got.recall:.5f}", f"{got.f1:.5f}", f"{got.mixed}", "same" if same(found, shuffled) else "DIFFERENT"]
            )  # fmt: skip
        print(f"{kind}: {taken}", flush=True)
    print(table(["list", "rows", "true", "found", "P", "R", "F1", "mixed", "shuffled"], lines))


if __name__ == "__main__":
    main(sys.argv[1:])
