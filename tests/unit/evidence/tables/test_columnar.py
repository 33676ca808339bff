"""Parquet and Arrow: counts from their footers, every type as text."""

import datetime as dt
import decimal
import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hemostat.evidence import Unreadable
from hemostat.evidence.tables.astext import as_text

TABLE = pa.table(
    {
        "nir": [190027511604216.0, None, 2.5],
        "vu": pa.array([1577836800000000, 1577847845120000, None], pa.timestamp("us")),
        "ne": [dt.date(1990, 1, 1), None, None],
        "tels": [["06", "07"], [], None],
        "adr": [{"cp": "01234", "geo": {"lat": 1.5}}, None, {"cp": None, "geo": None}],
        "octets": [b"abc", b"\xff\xfe", None],
        "prix": [decimal.Decimal("1.10"), None, None],
        "actif": [True, False, None],
        "vide": ["", None, None],
    }
)
NAMES = ["nir", "vu", "ne", "tels", "adr.cp", "adr.geo.lat", "octets", "prix", "actif", "vide"]
FIRST = [
    "190027511604216",
    "2020-01-01",
    "1990-01-01",
    '["06", "07"]',
    "01234",
    "1.5",
    "abc",
    "1.10",
    "true",
    None,
]
SECOND = [None, "2020-01-01T03:04:05.12", None, "[]", None, None, "fffe", None, "false", None]


def parquet(table, **options):
    out = io.BytesIO()
    pq.write_table(table, out, **options)
    return out.getvalue()


def arrow(table, writer=pa.ipc.new_file):
    out = io.BytesIO()
    with writer(out, table.schema) as into:
        into.write_table(table)
    return out.getvalue()


@pytest.mark.parametrize("name", ["parquet", "file", "stream"])
def test_every_type_as_text(read, name):
    data = parquet(TABLE) if name == "parquet" else arrow(TABLE, getattr(pa.ipc, f"new_{name}"))
    [found] = read(data, name="t.arrow")
    assert found.names == NAMES
    assert found.rows == [FIRST, SECOND, ["2.5", *[None] * 9]]
    assert found.at == ["row 1", "row 2", "row 3"]
    assert found.counted == found.units == 3


def test_row_groups_batches_and_going_on(read):
    table = pa.table({"id": range(100), "nom": [f"N{n}" if n % 10 else None for n in range(100)]})
    [found] = read(parquet(table, row_group_size=30), batch_rows=20)
    assert [batch.units for batch in found.batches] == [20, 10, 20, 10, 20, 10, 10]
    assert found.rows[99] == ["99", "N99"]
    again = list(found.table.batches(found.batches[2].resume))
    assert [batch.rows for batch in again] == [batch.rows for batch in found.batches[3:]]


def test_rows_without_any_value_are_blank(read):
    [found] = read(parquet(pa.table({"a": ["x", None, "y"], "b": [None, "", None]})))
    assert (found.blank, found.at) == (1, ["row 1", "row 3"])


def test_columns_of_one_name(read):
    table = pa.Table.from_arrays(
        [pa.array(["x"]), pa.array(["y"]), pa.array(["z"])], names=["a", "a", "_line"]
    )
    [found] = read(arrow(table), name="t.arrow")
    assert (found.names, found.rows) == (["a", "a (2)", "_line (2)"], [["x", "y", "z"]])


@pytest.mark.parametrize("damage", [lambda d: d[:-20], lambda d: d[:4] + bytes(50) + d[54:], lambda d: d[:9]])
def test_a_damaged_file_adds_up(ledger, tmp_path, damage):
    (tmp_path / "evidence").mkdir()
    path = tmp_path / "evidence" / "t.parquet"
    path.write_bytes(damage(parquet(TABLE)))
    [line] = ledger(path).values()
    assert line.unexplained == 0
    assert line.quarantined >= 1


def test_encrypted_parquet(read):
    with pytest.raises(Unreadable, match="encrypted"):
        read(b"PARE" + bytes(100) + b"PARE")


def test_dictionaries_large_texts_and_views():
    for kind in (
        pa.dictionary(pa.int8(), pa.string()),
        pa.large_string(),
        pa.string_view(),
        pa.large_binary(),
    ):
        assert as_text(pa.array(["a", None, ""], pa.string()).cast(kind)).to_pylist() == ["a", None, None]
