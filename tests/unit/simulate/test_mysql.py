import datetime as dt
import re

import numpy as np
import polars as pl
import pytest

from hemostat.simulate import mysql
from hemostat.simulate.story import Column

COLUMNS = (Column("id", "account"), Column("nom", "used_name"), Column("né", "birth_date", form="iso"))
CELLS = pl.DataFrame({"id": ["7", "8"], "nom": ['L\'Hôte \\ "x"\ny', ""], "né": ["", "0000-00-00"]})
PRESENT = {"id": np.array([True] * 2), "nom": np.array([True, True]), "né": np.array([False, False])}


def test_values_are_quoted_and_escaped_as_mysql_does():
    assert mysql.tuples(CELLS, PRESENT, COLUMNS).to_list() == [
        r"(7,'L\'Hôte \\ \"x\"\ny',NULL)",
        "(8,'','0000-00-00')",
    ]


def _dump(path, encoding="utf-8"):
    return mysql.Dump(path, "test", encoding, dt.date(2024, 11, 18))


def test_lines_and_numbers_of_tuples_are_where_they_stand(tmp_path):
    path = tmp_path / "out" / "d.sql"
    dump = _dump(path)
    rows = pl.Series([f"({i},'{'x' * 400}',NULL)" for i in range(6000)])
    lines, numbers = dump.table("patients", COLUMNS, rows, 6000)
    more, _ = dump.table("autres", COLUMNS, rows.head(3), None)
    dump.close()
    text = path.read_text(encoding="utf-8").split("\n")
    assert len(set(lines.tolist())) == 3
    for row in (0, 1, 2999, 5999):
        held = re.findall(r"\((\d+),'x+',NULL\)", text[lines[row] - 1])
        assert held[numbers[row] - 1] == str(row)
    assert text[more[0] - 1].startswith("INSERT INTO `autres` VALUES (0,")
    assert text[-2] == "-- Dump completed on 2024-11-18  3:12:45"
    assert "AUTO_INCREMENT=6001 DEFAULT CHARSET=utf8;" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(("encoding", "charset"), [("utf-8", "utf8"), ("cp1252", "latin1")])
def test_the_dump_says_its_charset(tmp_path, encoding, charset):
    path = tmp_path / "out" / "d.sql"
    dump = _dump(path, encoding)
    dump.table("p", COLUMNS, pl.Series(["(1,'é',NULL)"]), 1)
    dump.close()
    text = path.read_bytes().decode(encoding)
    assert f"SET NAMES {charset} " in text
    assert "(1,'é',NULL);" in text


def test_an_empty_table_has_no_insert(tmp_path):
    path = tmp_path / "out" / "d.sql"
    dump = _dump(path)
    lines, numbers = dump.table("p", COLUMNS, pl.Series([], dtype=pl.String), None)
    dump.close()
    assert len(lines) == len(numbers) == 0
    assert "INSERT" not in path.read_text(encoding="utf-8")
