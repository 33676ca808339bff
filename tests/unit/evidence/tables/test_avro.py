import datetime as dt
import io
import uuid

import pytest

from hemostat.evidence.base import Limits, Unreadable
from hemostat.evidence.isolation import process
from hemostat.evidence.isolation.process import Bounds, bounded
from hemostat.evidence.reasons import Reason
from hemostat.evidence.tables.avro import AvroReader
from reading import only, read, source

fastavro = pytest.importorskip("fastavro", reason="fastavro is not installed: pip install 'hemostat[avro]'")

SCHEMA = {
    "type": "record",
    "name": "Patient",
    "fields": [
        {"name": "nom", "type": "string"},
        {"name": "age", "type": ["null", "int"]},
        {"name": "ne", "type": ["null", {"type": "int", "logicalType": "date"}]},
        {"name": "id", "type": {"type": "string", "logicalType": "uuid"}},
        {"name": "photo", "type": "bytes"},
        {"name": "codes", "type": {"type": "array", "items": "string"}},
        {
            "name": "adresse",
            "type": [
                "null",
                {"type": "record", "name": "A", "fields": [{"name": "ville", "type": "string"}]},
            ],
        },
    ],
}
ROWS = [
    {
        "nom": f"NOM{n}",
        "age": n or None,
        "ne": dt.date(1980, 1, 1 + n % 28),
        "id": uuid.UUID(int=n),
        "photo": b"\xff" if n % 2 else b"x",
        "codes": ["a", "é"],
        "adresse": {"ville": "Lyon"} if n % 3 else None,
    }
    for n in range(500)
]


def made(codec="deflate"):
    out = io.BytesIO()
    fastavro.writer(out, SCHEMA, ROWS, codec=codec, sync_interval=2000)
    return out.getvalue()


@pytest.mark.parametrize("codec", ["null", "deflate", "bzip2", "xz"])
def test_records_become_rows(codec):
    found = only(AvroReader(), made(codec), "a.avro", batch_rows=200)
    assert (found.kind, found.counted, len(found.batches)) == ("avro", 500, 3)
    assert found.rows[1] == {
        "nom": "NOM1", "age": "1", "ne": "1980-01-02", "id": "00000000-0000-0000-0000-000000000001", "photo": "ff",
        "codes": '["a", "é"]', "adresse.ville": "Lyon",
    }  # fmt: skip
    assert (found.rows[0].get("age"), found.rows[0].get("adresse.ville")) == (None, None)
    rest = [row for batch in found.table.batches(found.batches[0].resume) for row in batch.rows.to_pylist()]
    assert [row["nom"] for row in rest] == [f"NOM{n}" for n in range(200, 500)]
    assert found.at[-1] == "row 500"


def test_what_comes_before_a_cut_is_read(ledger, tmp_path):
    (tmp_path / "evidence").mkdir()
    path = tmp_path / "evidence" / "a.avro"
    path.write_bytes(made()[:-900])
    (line,) = ledger(path).values()
    assert (line.records > 100, line.quarantined > 0, line.unexplained) == (True, True, 0)
    assert line.aside[-1][4] == "reading_stopped"


@pytest.mark.parametrize("data", [b"Obj\x01", b"Obj\x01" + b"\xff" * 40, made()[:60]])
def test_a_header_that_is_none(data):
    with pytest.raises(Unreadable) as found:
        read(AvroReader(), data)
    assert found.value.reason == Reason.DAMAGED


def test_a_missing_library_is_a_reason(monkeypatch, tmp_path):
    plain = process._environment
    (tmp_path / "fastavro.py").write_text("raise ModuleNotFoundError(name='fastavro')")
    monkeypatch.setattr(
        process, "_environment", lambda: {**plain(), "PYTHONPATH": f"{tmp_path}:{plain()['PYTHONPATH']}"}
    )
    with bounded(Bounds()), pytest.raises(Unreadable) as found:
        list(AvroReader().tables(source(made()), Limits()))
    assert found.value.reason == Reason.NEEDS_AVRO
