"""Dumps as mysqldump writes them: comments, table structures, and rows by the megabyte on one line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from hemostat.simulate.draw import Bools, Ints
    from hemostat.simulate.story import Column

_PACKET = 1_000_000
"""Octets of rows in one INSERT, about: what mysqldump puts in one network buffer."""
_TYPES = {
    "account": "int(11) unsigned NOT NULL",
    "laboratory_comment": "text",
    "remark": "text",
    "prescription": "text",
    "hospital_comment": "text",
    "sex": "enum('m','f') DEFAULT NULL",
}
_DATES = {"birth_date", "moment", "death_date", "insurer_until"}
_ESCAPES = (("\\", "\\\\"), ("'", "\\'"), ('"', '\\"'), ("\n", "\\n"), ("\r", "\\r"))


@dataclass(slots=True)
class Dump:
    """One dump file being written, table after table."""

    path: Path
    database: str
    encoding: str
    taken: date
    line: int = 1
    """The line that is written next."""

    def __post_init__(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_bytes(b"")
        charset = "latin1" if self.encoding == "cp1252" else "utf8"
        self._add(
            "-- MySQL dump 10.13  Distrib 5.7.44, for Linux (x86_64)\n--\n"
            f"-- Host: localhost    Database: {self.database}\n"
            "-- ------------------------------------------------------\n-- Server version\t5.7.44-log\n\n"
            "/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;\n"
            "/*!40101 SET @OLD_CHARACTER_SET_RESULTS=@@CHARACTER_SET_RESULTS */;\n"
            "/*!40101 SET @OLD_COLLATION_CONNECTION=@@COLLATION_CONNECTION */;\n"
            f"/*!40101 SET NAMES {charset} */;\n"
            "/*!40103 SET @OLD_TIME_ZONE=@@TIME_ZONE */;\n/*!40103 SET TIME_ZONE='+00:00' */;\n"
            "/*!40014 SET @OLD_UNIQUE_CHECKS=@@UNIQUE_CHECKS, UNIQUE_CHECKS=0 */;\n"
            "/*!40014 SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0 */;\n"
            "/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;\n"
            "/*!40111 SET @OLD_SQL_NOTES=@@SQL_NOTES, SQL_NOTES=0 */;\n"
        )

    def table(
        self, name: str, columns: tuple[Column, ...], tuples: pl.Series, key: int | None
    ) -> tuple[Ints, Ints]:
        """Writes a table; gives the line and the number on its line of each tuple.

        Args:
            name: of the table.
            columns: what it holds.
            tuples: one text per row, in brackets.
            key: the greatest value of the first column, where it is the table's key.
        """
        charset = "latin1" if self.encoding == "cp1252" else "utf8"
        fields = [f"  `{column.heading}` {_type(column)}" for column in columns]
        count = ""
        if key is not None:
            fields[0] += " AUTO_INCREMENT"
            fields.append(f"  PRIMARY KEY (`{columns[0].heading}`)")
            count = f" AUTO_INCREMENT={key + 1}"
        self._add(
            f"\n--\n-- Table structure for table `{name}`\n--\n\nDROP TABLE IF EXISTS `{name}`;\n"
            "/*!40101 SET @saved_cs_client     = @@character_set_client */;\n"
            f"/*!40101 SET character_set_client = {charset} */;\nCREATE TABLE `{name}` (\n"
            + ",\n".join(fields)
            + f"\n) ENGINE=InnoDB{count} DEFAULT CHARSET={charset};\n"
            "/*!40101 SET character_set_client = @saved_cs_client */;\n"
            f"\n--\n-- Dumping data for table `{name}`\n--\n\nLOCK TABLES `{name}` WRITE;\n"
            f"/*!40000 ALTER TABLE `{name}` DISABLE KEYS */;\n"
        )
        sizes = tuples.str.len_bytes().to_numpy().astype(np.int64) + 1
        packet = (np.cumsum(sizes) - 1) // _PACKET
        _, packet = np.unique(packet, return_inverse=True)
        first = (
            np.flatnonzero(np.concatenate([[True], packet[1:] != packet[:-1]]))
            if len(tuples)
            else np.zeros(0, int)
        )
        lines = self.line + packet
        numbers = np.arange(len(tuples)) - first[packet] + 1 if len(tuples) else lines
        frame = pl.DataFrame({"packet": packet, "row": tuples})
        inserts = frame.group_by("packet", maintain_order=True).agg(pl.col("row").str.join(","))["row"]
        for insert in inserts:
            self._add(f"INSERT INTO `{name}` VALUES {insert};\n")  # noqa: S608 - a file is written, nothing is queried
        self._add(f"/*!40000 ALTER TABLE `{name}` ENABLE KEYS */;\nUNLOCK TABLES;\n")
        return lines.astype(np.int64), numbers.astype(np.int64)

    def close(self) -> None:
        """Writes the end, with the time of the dump."""
        self._add(
            "/*!40103 SET TIME_ZONE=@OLD_TIME_ZONE */;\n\n/*!40101 SET SQL_MODE=@OLD_SQL_MODE */;\n"
            "/*!40014 SET FOREIGN_KEY_CHECKS=@OLD_FOREIGN_KEY_CHECKS */;\n"
            "/*!40014 SET UNIQUE_CHECKS=@OLD_UNIQUE_CHECKS */;\n"
            "/*!40101 SET CHARACTER_SET_CLIENT=@OLD_CHARACTER_SET_CLIENT */;\n"
            "/*!40101 SET CHARACTER_SET_RESULTS=@OLD_CHARACTER_SET_RESULTS */;\n"
            "/*!40101 SET COLLATION_CONNECTION=@OLD_COLLATION_CONNECTION */;\n"
            "/*!40111 SET SQL_NOTES=@OLD_SQL_NOTES */;\n\n"
            f"-- Dump completed on {self.taken:%Y-%m-%d}  3:12:45\n"
        )

    def _add(self, text: str) -> None:
        with self.path.open("ab") as out:
            out.write(text.encode(self.encoding, "replace"))
        self.line += text.count("\n")


def tuples(cells: pl.DataFrame, present: dict[str, Bools], columns: tuple[Column, ...]) -> pl.Series:
    """One text per row, in brackets: numbers bare, texts quoted and escaped, NULL where nothing is."""
    values = [pl.lit("(")]
    for rank, column in enumerate(columns):
        cell = pl.col(column.heading)
        if rank:
            values.append(pl.lit(","))
        if column.shows == "account":
            values.append(cell)
            continue
        for plain, escaped in _ESCAPES:
            cell = cell.str.replace_all(plain, escaped, literal=True)
        nothing = ~pl.Series(present[column.heading]) & (cells[column.heading] == "")
        values.append(pl.when(nothing).then(pl.lit("NULL")).otherwise(pl.lit("'") + cell + pl.lit("'")))
    return cells.select(pl.concat_str([*values, pl.lit(")")]).alias("row"))["row"]


def _type(column: Column) -> str:
    if column.shows in _DATES and column.form in {"iso", "%Y-%m-%d"}:
        return "date DEFAULT NULL"
    return _TYPES.get(column.shows, "varchar(255) DEFAULT NULL")
